// Keeps numbered keys in storage, as many as it is told, and says how much memory the machine of storage took at most meanwhile.

import { type Context, defineService } from "lughos";

interface Keeping {
  readonly from: number;
  readonly count: number;
  readonly valueBytes: number;
}

interface Statistics {
  readonly services: readonly { readonly name: string; readonly bytes: number }[];
}

/** As the bench on Node puts them. */
const keysEach = 32;

let peakBytes = 0;

export default defineService({
  version: "1.0.0",
  start() {
    peakBytes = 0;
  },
  receive: {
    keep: ({ from, count, valueBytes }: Keeping, context: Context) =>
      tell(context, "kept", async () => {
        for (let first = from; first < from + count; first += keysEach) {
          const keys = Math.min(keysEach, from + count - first);
          await ask(context, "apply", { operations: entries(first, keys, valueBytes) });
        }
      }),
    read: ({ from, count }: Keeping, context: Context) =>
      tell(context, "read", async () => {
        for (let index = from; index < from + count; index++) await ask(context, "get", { key: keyOf(index) });
      }),
  },
});

/** Whoever waits for the probe must hear also that nothing came of it. */
async function tell(context: Context, done: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    context.send("probe", done, { peakBytes, bytes: await storageBytes(context) });
  } catch (error) {
    context.send("probe", "failed", (error as Error).message);
  }
}

/** As `lugh bench storage` names them on Node. */
function keyOf(index: number): string {
  return `key/${`${index}`.padStart(8, "0")}`;
}

function entries(first: number, count: number, valueBytes: number): { key: string; value: Uint8Array }[] {
  return Array.from({ length: count }, (_, index) => ({
    key: keyOf(first + index),
    value: new Uint8Array(valueBytes).fill(first + index),
  }));
}

async function ask(context: Context, type: string, body: object): Promise<void> {
  const answer = await context.call<{ error?: string; message?: string; value?: unknown }>("storage", type, body, {
    deadlineMillis: 60_000,
  });
  if (answer.error !== undefined) throw new Error(answer.message);
  if (answer.value === null) throw new Error("a key is gone");
  const bytes = await storageBytes(context);
  if (bytes > peakBytes) peakBytes = bytes;
}

async function storageBytes({ call }: Context): Promise<number> {
  const { services } = await call<Statistics>("kernel", "statistics");
  return services.find(({ name }) => name === "storage")?.bytes ?? 0;
}
