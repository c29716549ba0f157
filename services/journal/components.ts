// What a change of components leaves in the boot record, and how it is taken out again. Writing that record is the only commit
// point of such a change: whatever the chain says, the change is made when the record has its number.

import type { BootComponent } from "services/api/boot-record";
import { type BootFlash, findBootRecord, writeBootRecord } from "services/journal/boot-sectors";
import type { Change } from "wire/journal";

const unreadable = "the boot record cannot be read, and is not written over";

/** Which change the boot record is of; null: it cannot be read, and has none that could still be made. */
export async function writtenOperation(flash: BootFlash): Promise<number | null> {
  return (await findBootRecord(flash))?.record.operation ?? null;
}

/** These run from the next boot on, and whatever ran beside them. Answers why it is not so, or null. */
export async function writeComponents(
  flash: BootFlash,
  components: readonly BootComponent[],
  operation: number,
): Promise<string | null> {
  const found = await findBootRecord(flash);
  if (found === null) return unreadable;
  const others = found.record.active.filter(({ service }) => !components.some((each) => each.service === service));
  return writeBootRecord(flash, { ...found.record, active: [...others, ...components], trial: null, operation });
}

/** Writes what ran before the change, with the number of the one before; if the record has it, else there is nothing to take out. */
export async function takeOut(
  flash: BootFlash,
  entry: number,
  { reverse }: Change,
  before: number,
): Promise<string | null> {
  if (reverse?.operation !== "swap" || (await writtenOperation(flash)) !== entry) return null;
  return writeComponents(flash, reverse.argument.moves as unknown as BootComponent[], before);
}

/** What the record says of a service; null: nothing, so that the firmware's own runs. */
export async function writtenModule(flash: BootFlash, service: string): Promise<string | null> {
  const found = await findBootRecord(flash);
  return found?.record.active.find((each) => each.service === service)?.module ?? null;
}
