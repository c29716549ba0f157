// What a change of components leaves in the boot record, and how it is taken out again. Writing that record is the only commit
// point of such a change: whatever the chain says, the change is made when the record has its number.

import type { BootComponent, BootRecord } from "services/api/boot-record";
import { type BootFlash, findBootRecord, writeBootRecord } from "services/journal/boot-sectors";
import type { Change } from "wire/journal";

const unreadable = "the boot record cannot be read, and is not written over";

/** Boots that a set on trial is given. One more than it needs, for a power cut; with a third its kernel's ends would be three. */
const trialBoots = 2;

/** What the boot record says now. */
export interface Written {
  /** The change that it is of. */
  readonly operation: number;
  readonly isOnTrial: boolean;
}

/** null: it cannot be read, and has no change that could still be made. */
export async function readWritten(flash: BootFlash): Promise<Written | null> {
  const found = await findBootRecord(flash);
  return found === null ? null : { operation: found.record.operation, isOnTrial: found.record.trial !== null };
}

/** These run from the next boot on, and whatever ran beside them. Answers why it is not so, or null. */
export function writeComponents(
  flash: BootFlash,
  components: readonly BootComponent[],
  operation: number,
): Promise<string | null> {
  return rewrite(flash, (record) =>
    record.trial !== null ? onTrial : { ...record, active: merge(record.active, components), operation },
  );
}

/** The next boots try them; what is not confirmed by then runs no longer. */
export function tryComponents(
  flash: BootFlash,
  components: readonly BootComponent[],
  operation: number,
  deadlineMillis: number,
): Promise<string | null> {
  return rewrite(flash, (record) => {
    if (record.trial !== null) return onTrial;
    const trial = { former: record.active, boots: trialBoots, deadlineMillis };
    return { ...record, active: merge(record.active, components), trial, operation };
  });
}

/** What is on trial stays. */
export function confirmTrial(flash: BootFlash): Promise<string | null> {
  return rewrite(flash, (record) => (record.trial === null ? null : { ...record, trial: null }));
}

/** What was on trial goes. `before`: number of the change that counts again. */
export function revertTrial(flash: BootFlash, before: number): Promise<string | null> {
  return rewrite(flash, (record) =>
    record.trial === null ? null : { ...record, active: record.trial.former, trial: null, operation: before },
  );
}

/** Writes what ran before the change, with the number of the one before; if the record has it, else there is nothing to take out. */
export function takeOut(flash: BootFlash, entry: number, { reverse }: Change, before: number): Promise<string | null> {
  return rewrite(flash, (record) => {
    if (reverse?.operation !== "swap" || record.operation !== entry) return null;
    if (record.trial !== null) return { ...record, active: record.trial.former, trial: null, operation: before };
    const active = merge(record.active, reverse.argument.moves as unknown as BootComponent[]);
    return { ...record, active, operation: before };
  });
}

/** What the record says of a service; null: nothing, so that the firmware's own runs. */
export async function writtenModule(flash: BootFlash, service: string): Promise<string | null> {
  const found = await findBootRecord(flash);
  return found?.record.active.find((each) => each.service === service)?.module ?? null;
}

const onTrial = "a set of components is on trial";

/** `change` answers the record as it is to be, null where it is so already, or why it cannot be. */
async function rewrite(
  flash: BootFlash,
  change: (record: BootRecord) => BootRecord | string | null,
): Promise<string | null> {
  const found = await findBootRecord(flash);
  if (found === null) return unreadable;
  const wanted = change(found.record);
  return wanted === null || typeof wanted === "string" ? wanted : writeBootRecord(flash, wanted);
}

function merge(active: readonly BootComponent[], components: readonly BootComponent[]): readonly BootComponent[] {
  return [...active.filter(({ service }) => !components.some((each) => each.service === service)), ...components];
}
