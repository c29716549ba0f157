// Ctrl-C, once: what runs until then ends in its own way. A second one ends the process as usual.

const signals = ["SIGINT", "SIGTERM"] as const;

/**
 * A terminal sends Ctrl-C to npm and to us, and npm sends it on: so soon after the first, it is no second one. We stay for
 * so long, too, since it would end us with the wrong exit code on our way out.
 */
const echoMillis = 150;

export function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    const release = (): void => {
      for (const signal of signals) process.off(signal, stop);
    };
    const stop = (): void => {
      setTimeout(release, echoMillis);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}
