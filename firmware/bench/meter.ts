// A meter in eight versions, as an update of a field service would find them: takes numbered messages of the streamers, knows
// which it has not seen, and can be told to break a rule at any step of its own replacement. The fault is planted in the
// version that runs; what is to break in the next one travels with the state.

import { convert, firstKnowledge, forms, type Knowledge } from "firmware/bench/meter-states";
import { type Context, defineService, type Plain, type ServiceDefinition } from "lughos";

interface Numbered {
  readonly stream: string;
  readonly n: number;
}

let known: Knowledge;
/** What is to break in this version: the one before it said so. Not committed, for whoever is restarted is not to blame. */
let inherited: string;
/** Since this machine began. */
let takes: number;

/** How a version answers "ask": from one on it is another behaviour. */
export interface Traits {
  readonly version: string;
  readonly schema: number;
  readonly answer: (taken: number) => number;
  /** Knows the message "tally" too. */
  readonly isExtended?: boolean;
}

function breakAt(step: string, planted: string): void {
  if (planted === `throw in ${step}`) throw new Error(`planted in ${step}`);
  if (planted === `spin in ${step}`) for (;;);
  if (planted === `grow in ${step}`) for (const hoard: number[][] = []; ; ) hoard.push([hoard.length, 1, 2]);
  if (planted === `recurse in ${step}`) recurse(0);
}

function recurse(depth: number): number {
  return recurse(depth + 1) + 1;
}

function take({ stream, n }: Numbered): void {
  const next = known.next[stream] ?? 0;
  // Not one by one: a rejected version may have been given more than one dispatch could count.
  const missing = Math.max(0, n - next);
  known.missing += missing;
  known.missingSum += (missing * (next + n - 1)) / 2;
  // A number from before would be doubled or out of order: the ledger sees that.
  known.next[stream] = Math.max(next, n + 1);
  known.taken++;
  known.sum += n;
}

export function meter({ version, schema, answer, isExtended = false }: Traits): ServiceDefinition {
  const form = forms[schema];
  if (form === undefined) throw new TypeError(`Cannot make a meter: wanted a known schema, found ${schema}`);
  return defineService({
    version,
    stateSchema: schema,
    start(_context, state) {
      known = state === undefined ? firstKnowledge() : form.read(state as never);
      inherited = known.planted;
      known.planted = "";
      takes = 0;
      if (!Number.isFinite(known.sum)) throw new TypeError("the state makes no sense");
      breakAt("start", inherited);
    },
    receive: {
      take(message: Numbered, { send, commit }: Context) {
        takes++;
        breakAt(takes === 10 ? "tenth message" : "message", inherited);
        if (inherited === "reach in message") send("vault", "open");
        take(message);
        commit(form.write({ ...known, planted: "" }));
        send("ledger", "take", message, { priority: "LOW" });
      },
      echo: () => ({ version, answer: answer(known.taken) }),
      ...(isExtended ? { tally: () => ({ tallied: known.taken }) } : {}),
      plant({ where }: { readonly where: string }) {
        known.planted = where;
        inherited = "";
      },
      /** Waits for nobody, with a message in hand. */
      async ponder(_message, { call }: Context) {
        await call("probe", "hold", null, { deadlineMillis: 100 }).catch(() => undefined);
      },
      /** The last of a streamer. */
      end(message: unknown, { send }: Context) {
        send("probe", "ended", message);
      },
      report(_message, { send }: Context) {
        send("probe", "reported", { version, ...known });
      },
    },
    suspend() {
      breakAt("suspend", known.planted);
      if (known.planted === "foreign in suspend") return { when: () => 0 } as never;
      return form.write(known) as Plain;
    },
    migrate(state, from) {
      known = forms[from]?.read(state as never) ?? firstKnowledge();
      breakAt("migrate", known.planted);
      if (known.planted === "foreign in migrate") return { when: () => 0 } as never;
      if (known.planted === "strip in migrate") return {};
      return convert(state, from, schema) as Plain;
    },
    health() {
      breakAt("health", inherited);
      return inherited !== "false in health";
    },
  });
}
