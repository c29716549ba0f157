// What the rest of the system may import from the kernel.

export type { Priority } from "kernel/message";
export { priorities } from "kernel/message";
