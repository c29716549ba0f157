// Judges what a witness heard of a fleet whose nodes lost their power and their links. Pure: it knows what came when, and when the
// power was cut, and nothing of the nodes.
//
// Numbers tell what is missing. Between two numbers that came, others may be missing for one reason only: the power failed in
// between. Then numbers that were claimed and never used are missing too, so what was lost there is told by time: a node measures
// once a second, and every second from the last one that came up to the cut is a loss.
//
// A broker that is killed forgets what it had acknowledged. The consumer asks its nodes for that; they have it in a ring in memory, so
// it may be missing only where a node lost that ring between the crash and its answer.

/** docs/OUTBOX.md: what a power cut may cost. */
export const windowSeconds = 10;

/** A reading is of the second around its time: it is whole half a second later, and a tenth more is for its way to the outbox. */
const takenSeconds = 0.6;

/** From power to the first second that can be whole. */
const bootSeconds = 2;

/** After a crash of the broker, the witness is there again. */
const witnessSeconds = 3;

/** From when to when something was gone; UTC. */
interface Absence {
  readonly offSeconds: number;
  readonly onSeconds: number;
}

/** The power of a node. */
export type PowerCut = Absence;

/** The broker, with all that it had taken. */
export type BrokerCrash = Absence;

/** What explains that a reading which the broker acknowledged never came. */
export interface Excuses {
  readonly crashes: readonly BrokerCrash[];
  /** When the node lost its ring of what it had sent. */
  readonly ringLosses: readonly number[];
  /** When the node said that it does not have a number; undefined: it was not asked, or did not answer. */
  goneSeconds(sequence: number): number | undefined;
}

const noExcuses: Excuses = { crashes: [], ringLosses: [], goneSeconds: () => undefined };

export interface Came {
  readonly sequence: number;
  readonly timeSeconds: number;
  readonly isHistorical: boolean;
}

export interface NodeVerdict {
  /** Different readings that came. */
  readonly readings: number;
  /** Came again. */
  readonly repeated: number;
  readonly historical: number;
  /** Missing, and allowed to: taken in the last seconds before a power cut. */
  readonly lostWithinWindow: number;
  readonly lostBeyondWindow: number;
  /** Missing, and allowed to: the broker crashed with it, and its node lost its ring before it could say it again. */
  readonly lostWithBroker: number;
  /** The longest that any cut cost. */
  readonly worstSeconds: number;
  /** In words, what broke a promise. */
  readonly violations: readonly string[];
}

/** `cuts` in order. */
export function judgeNode(
  name: string,
  came: readonly Came[],
  cuts: readonly PowerCut[],
  excuses: Excuses = noExcuses,
): NodeVerdict {
  const violations: string[] = [];
  const bySequence = new Map<number, Came>();
  for (const each of came) {
    const known = bySequence.get(each.sequence);
    if (known !== undefined && known.timeSeconds !== each.timeSeconds)
      violations.push(`${name} used number ${each.sequence} twice: for ${known.timeSeconds} and ${each.timeSeconds}`);
    bySequence.set(each.sequence, known ?? each);
  }
  const distinct = [...bySequence.values()].sort((one, other) => one.sequence - other.sequence);
  const gaps = distinct
    .slice(1)
    .flatMap((after, index) => gapBetween(distinct[index] as Came, after, cuts))
    .map((gap) => excuse(gap, excuses));
  for (const { first, last, isAtCut, beyond } of gaps)
    if (!isAtCut && beyond > 0) violations.push(`${name} lost readings ${first} to ${last} although its power was on`);
  const beyond = gaps.reduce((sum, gap) => sum + gap.beyond, 0);
  for (const gap of gaps)
    if (gap.isAtCut && gap.beyond > 0)
      violations.push(`${name} lost ${gap.beyond} readings from more than ${windowSeconds} s before a power cut`);
  return {
    readings: distinct.length,
    repeated: came.length - distinct.length,
    historical: distinct.filter(({ isHistorical }) => isHistorical).length,
    lostWithinWindow: gaps.reduce((sum, gap) => sum + gap.within, 0),
    lostBeyondWindow: beyond,
    lostWithBroker: gaps.reduce((sum, gap) => sum + gap.withBroker, 0),
    worstSeconds: Math.max(0, ...gaps.map(({ worstSeconds }) => worstSeconds)),
    violations,
  };
}

interface Gap {
  readonly first: number;
  readonly last: number;
  /** Of the readings around it. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly isAtCut: boolean;
  readonly within: number;
  readonly beyond: number;
  readonly withBroker: number;
  readonly worstSeconds: number;
}

/** In memory only are readings of the last seconds: of older ones a crash costs nothing that a node would not have. */
function excuse(gap: Gap, { crashes, ringLosses, goneSeconds }: Excuses): Gap {
  if (gap.beyond === 0) return gap;
  const goneAt = goneSeconds(gap.first);
  const isExcused = crashes.some(
    ({ offSeconds, onSeconds }) =>
      offSeconds - windowSeconds < gap.toSeconds &&
      onSeconds + witnessSeconds > gap.fromSeconds &&
      ringLosses.some((lost) => lost > offSeconds - windowSeconds && lost <= (goneAt ?? -Infinity)),
  );
  return isExcused ? { ...gap, beyond: 0, withBroker: gap.beyond } : gap;
}

/** None when nothing is missing between two numbers that came one after the other. */
function gapBetween(before: Came, after: Came, cuts: readonly PowerCut[]): Gap[] {
  const first = before.sequence + 1;
  const last = after.sequence - 1;
  if (last < first) return [];
  const gap = { first, last, fromSeconds: before.timeSeconds, toSeconds: after.timeSeconds, withBroker: 0 };
  const between = cuts.filter(
    ({ offSeconds }) => offSeconds > before.timeSeconds && offSeconds < after.timeSeconds + takenSeconds,
  );
  if (between.length === 0) return [{ ...gap, isAtCut: false, within: 0, beyond: last - first + 1, worstSeconds: 0 }];
  // Whatever was measured since the last reading that came, or, before a later cut, since the power had come back.
  const losses = between.map(({ offSeconds }, index) => {
    const lastCame = index === 0 ? before.timeSeconds : (between[index - 1] as PowerCut).onSeconds + bootSeconds;
    const taken = Math.floor(offSeconds - takenSeconds);
    const lost = Math.max(0, taken - Math.floor(lastCame));
    return { lost, beyond: Math.max(0, taken - windowSeconds - Math.floor(lastCame)) };
  });
  const beyond = losses.reduce((sum, each) => sum + each.beyond, 0);
  const within = losses.reduce((sum, each) => sum + each.lost, 0) - beyond;
  return [{ ...gap, isAtCut: true, within, beyond, worstSeconds: Math.max(...losses.map(({ lost }) => lost)) }];
}
