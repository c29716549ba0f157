// Promises: what waits is finished inside the run, what nobody handles is told.
let last = 0;

async function sum(upTo) {
  let total = 0;
  for (let i = 1; i <= upTo; i++) total += await Promise.resolve(i);
  return total;
}

export default {
  async wait(upTo) {
    last = await sum(upTo);
  },
  reject() {
    Promise.reject(new TypeError("nobody cares"));
  },
  rejectHandled() {
    Promise.reject(new TypeError("somebody cares")).catch(() => {
      last = -2;
    });
  },
  async importSecret() {
    try {
      await import("state");
      last = 1;
    } catch {
      last = -1;
    }
  },
  result() {
    return last;
  },
};
