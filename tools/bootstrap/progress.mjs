// One line for each step when it is done: "engine sources … 2.1 s". On a terminal the running steps stand below, so that a
// long download does not look like a hang.

const clearLine = "\r\u001b[K";

export function createProgress(stream = process.stderr) {
  const running = new Set();

  function showRunning() {
    if (stream.isTTY && running.size > 0) stream.write(`${clearLine}${[...running].join(", ")} …`);
  }

  function tell(text) {
    stream.write(`${stream.isTTY ? clearLine : ""}${text}\n`);
    showRunning();
  }

  return {
    tell,
    begin(name) {
      const startMillis = performance.now();
      running.add(name);
      showRunning();
      return () => {
        running.delete(name);
        tell(`${name} … ${((performance.now() - startMillis) / 1000).toFixed(1)} s`);
      };
    },
    end() {
      running.clear();
      if (stream.isTTY) stream.write(clearLine);
    },
  };
}
