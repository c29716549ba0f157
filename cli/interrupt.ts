// Ctrl-C, once: what runs until then ends in its own way. A second one ends the process as usual.

const signals = ["SIGINT", "SIGTERM"] as const;

export function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of signals) process.off(signal, stop);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}
