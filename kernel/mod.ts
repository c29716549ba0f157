// What the rest of the system may import from the kernel.

export type { Host } from "kernel/host";
export { kernelPort } from "kernel/host";
export type { Kernel } from "kernel/kernel";
export { createKernel } from "kernel/kernel";
export { limits } from "kernel/limits";
export type { Priority } from "kernel/message";
export { priorities } from "kernel/message";
export type { ChannelEntry, ServiceEntry, SystemTable } from "kernel/table";
export { defaultStackSlots, kernelChannel } from "kernel/table";
