// Cuts the power in the midst of an operator's changes, at operations of the flash one after the other, and judges after each boot: the
// journal goes on from what it was, knows each change that was answered, has none half made, and the node is as it says.

import type { BenchNode } from "sim/bench/node";
import { UpdateNode, type Variant } from "tests/update-node";
import { type Point, points } from "tests/update-power";
import type { Reply } from "wire/command";
import { findJournalFlaw, hashJournalRecord, type JournalRecord, readJournalRecord } from "wire/journal";
import type { PlainRecord } from "wire/plain";
import { Fields } from "wire/shape";

const ways = ["kept", "lost", "subset"] as const;
const modules = ["tests/services/counter", "tests/services/counter-next"] as const;

/** Operations of the flash that the cut may wait for: a swap has a dozen, a compaction in front of it some more. */
const operationsMost = 16;

interface Order {
  readonly operation: string;
  readonly argument?: PlainRecord;
  /** A configuration is answered when it is written; a swap is tried for half a second. */
  readonly millis: number;
}

/** What the node says of itself. */
interface Seen {
  readonly records: readonly JournalRecord[];
  readonly settings: PlainRecord;
  readonly module: string;
}

interface Answered {
  readonly order: Order;
  /** undefined: the power failed before. */
  readonly reply: Reply | undefined;
}

export interface JournalCampaign {
  readonly cuts: number;
  readonly doubleCuts: number;
  readonly points: number;
  /** Changes that stood open, and what became of them. */
  readonly committed: number;
  readonly undone: number;
  readonly violations: readonly string[];
}

export async function runJournalCuts(
  bench: BenchNode,
  index: number,
  cuts: number,
  variant: Variant = {},
): Promise<JournalCampaign> {
  const node = await UpdateNode.boot(bench, index, variant);
  const violations: string[] = [];
  const reached = new Set<string>();
  const ends = { committed: 0, undone: 0 };
  let doubleCuts = 0;
  let isPlanned = false;
  let before = await look(node);
  for (let cut = 0; cut < cuts && violations.length === 0; cut++) {
    const point = points[cut % points.length] as Point;
    const unsynced = ways[Math.floor(cut / points.length) % ways.length];
    if (!isPlanned) await plan(node, cut % operationsMost, { point, unsynced, seed: cut });
    const answered = await orderUntilDark(node, cut);
    reached.add(`${point} ${unsynced}`);
    // A cut that the boot does not come to is for the orders behind it.
    const isAgain = cut % 3 === 2;
    if (isAgain) await plan(node, Math.floor(cut / 3) % 4, { point, unsynced: "subset", seed: cut });
    await node.boot();
    isPlanned = isAgain && !(await node.isDark());
    if (isAgain && !isPlanned) {
      doubleCuts++;
      await node.boot();
    }
    const after = await look(node);
    violations.push(...judge(before, after, answered).map((what) => `cut ${cut} (${point}, ${unsynced}): ${what}`));
    for (const kind of ["committed", "undone"] as const) if (after.records.at(-1)?.kind === kind) ends[kind]++;
    before = after;
  }
  await node.cutPower();
  return { cuts, doubleCuts, points: reached.size, ...ends, violations };
}

/** The power will fail after so many more operations of the flash. */
async function plan(node: UpdateNode, more: number, how: object): Promise<void> {
  const operation = Number((await node.flash()).operations) + 1 + more;
  await node.flash({ plan: { operation, happening: "cut", ...how } });
}

async function orderUntilDark(node: UpdateNode, cut: number): Promise<Answered[]> {
  const answered: Answered[] = [];
  for (let count = 0; count < 40; count++) {
    const order = orderOf(cut * 7 + count);
    await node.order(order.operation, order.argument);
    await node.advance(order.millis);
    answered.push({ order, reply: node.takeReply() });
    if (await node.isDark()) return answered;
  }
  throw new Error("the power did not fail");
}

function orderOf(count: number): Order {
  const settle = 400;
  if (count % 5 === 1)
    return { operation: "configure", argument: { declaredVolts: 200 + (count % 50) }, millis: settle };
  if (count % 5 === 3) return { operation: "undo", millis: 1_500 };
  const module = modules[Math.floor(count / 5) % 2] as string;
  if (count % 5 === 4) return { operation: "swap", argument: { moves: [{ service: "one", module }] }, millis: 1_500 };
  return { operation: "configure", argument: { reportSeconds: 1 + (count % 4) }, millis: settle };
}

async function look(node: UpdateNode): Promise<Seen> {
  const records: JournalRecord[] = [];
  for (let isComplete = false; !isComplete; ) {
    const fields = new Fields(await node.ask("journal", { after: records.at(-1)?.number ?? 0 }), "result");
    records.push(...fields.list("records", 64, (value) => readJournalRecord(value)));
    isComplete = fields.boolean("isComplete");
    const flaw = isComplete ? findJournalFlaw(records, fields.text("head", 64)) : null;
    if (flaw !== null) throw new Error(`the chain does not hold: ${flaw}`);
  }
  const { settings } = await node.ask("settings");
  return { records, settings: settings as PlainRecord, module: (await node.modules()).one ?? "" };
}

function judge(before: Seen, after: Seen, answered: readonly Answered[]): string[] {
  const last = before.records.at(-1)?.number ?? 0;
  const more = after.records.filter(({ number }) => number > last);
  return [
    ...judgePast(before.records, after.records),
    ...judgeAnswers(more, answered),
    ...judgeState(before, more, after),
  ];
}

/** What both have is the same, and only the oldest are gone. */
function judgePast(before: readonly JournalRecord[], after: readonly JournalRecord[]): string[] {
  const first = after[0]?.number ?? 0;
  const kept = before.filter(({ number }) => number >= first);
  return kept.flatMap((record) => {
    const now = after.find(({ number }) => number === record.number);
    const isSame = now !== undefined && `${hashJournalRecord(now)}` === `${hashJournalRecord(record)}`;
    return isSame ? [] : [`record ${record.number} was altered`];
  });
}

function judgeAnswers(more: readonly JournalRecord[], answered: readonly Answered[]): string[] {
  const violations: string[] = [];
  const changes = more.filter(({ kind }) => kind === "begun");
  const endOf = (entry: number): string =>
    more.filter((record) => record.entry === entry && record.kind !== "begun").at(-1)?.kind ?? "open";
  for (const { number } of changes) if (endOf(number) === "open") violations.push(`change ${number} stands open`);
  const made = answered.filter(({ reply }) => reply?.ok === true);
  for (const { order, reply } of made) {
    const entry = entryOf(reply);
    const change = changes.find(({ number }) => number === entry);
    if (change === undefined) violations.push(`${order.operation} was answered with entry ${entry}, which is gone`);
    else if (endOf(change.number) !== "committed")
      violations.push(`change ${entry} was answered and is ${endOf(change.number)}`);
  }
  const known = made.map(({ reply }) => entryOf(reply));
  const strangers = changes.filter(({ number }) => !known.includes(number));
  const refused = answered.filter(({ reply }) => reply?.ok === false).length;
  // One was under way, and what was refused may have been begun.
  if (strangers.length > 1 + refused) violations.push(`${strangers.length} changes were never answered`);
  return violations;
}

function entryOf(reply: Reply | undefined): number {
  return reply?.ok === true ? Number((reply.result as PlainRecord).entry) : 0;
}

/** The node is what its committed changes, one after the other, make of what it was. */
function judgeState(before: Seen, more: readonly JournalRecord[], after: Seen): string[] {
  let settings: PlainRecord = before.settings;
  let module = before.module;
  for (const { number, change } of more) {
    const ends = more.filter(({ entry, kind }) => entry === number && kind !== "begun");
    if (change === null || ends.at(-1)?.kind !== "committed") continue;
    const { operation, argument } = change.order;
    if (operation === "configure") settings = { ...settings, ...argument };
    else module = (argument.moves as unknown as { module: string }[])[0]?.module ?? "";
  }
  const text = (each: PlainRecord): string =>
    JSON.stringify(
      Object.entries(each)
        .filter(([, value]) => value !== null)
        .sort(),
    );
  return [
    ...(text(settings) === text(after.settings)
      ? []
      : [`its settings are ${text(after.settings)}, and not ${text(settings)}`]),
    ...(module === after.module ? [] : [`it runs ${after.module}, and not ${module}`]),
  ];
}
