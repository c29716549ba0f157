// The words of a message that kernel, services and hosts share.

/** HIGH goes before MEDIUM before LOW. */
export type Priority = "HIGH" | "MEDIUM" | "LOW";

export const priorities: readonly Priority[] = Object.freeze(["HIGH", "MEDIUM", "LOW"] as const);
