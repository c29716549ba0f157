// The device port "flash" as the medium of the log: the log's partition of it, answers turned into exceptions, and a read that
// failed tried once more.

import type { FlashBytes, FlashDone, FlashGeometry, FlashRefusal } from "services/api/flash";
import { layOutFlash } from "services/api/flash-layout";
import type { Context, Refusal } from "services/api/service";
import { type Medium, StorageFailure } from "services/storage/medium";

type Call = Context["call"];

/** Eight erases at their worst, with room: a flash that takes longer has died. */
const deadlineMillis = 10_000;

/** Throws "no-flash" on a node that has none, and "failed" when it did not answer this time. */
export async function openPort(call: Call): Promise<Medium> {
  const geometry = await call<FlashGeometry>("flash", "geometry", {}, { deadlineMillis }).catch((error: Refusal) => {
    const isThere = error.answer === "full" || error.answer === "late" || error.answer === "dead";
    throw new StorageFailure(isThere ? "failed" : "no-flash", `Cannot reach the flash: ${error.message}`);
  });
  const { pageBytes, sectorBytes } = geometry;
  const { firstSector, sectors } = layOutFlash(geometry).log;
  const origin = firstSector * sectorBytes;
  const ask = async <Done extends FlashBytes | FlashDone>(operation: string, argument: object): Promise<Done> => {
    const answer = await call<Done | FlashRefusal>("flash", operation, argument, { deadlineMillis }).catch(
      (error: Error) => fail(operation, error.message),
    );
    return answer.error === undefined ? (answer as Done) : fail(operation, answer.error);
  };
  const read = async (address: number, length: number): Promise<Uint8Array> =>
    (await ask<FlashBytes>("read", { address: origin + address, length })).bytes;
  return {
    pageBytes,
    sectorBytes,
    sectors,
    read: (address, length) => read(address, length).catch(() => read(address, length)),
    async program(address, bytes) {
      await ask("program", { address: origin + address, bytes });
    },
    async erase(sector) {
      await ask("erase", { sector: firstSector + sector });
    },
    async sync() {
      await ask("sync", {});
    },
  };
}

function fail(operation: string, what: string): never {
  throw new StorageFailure("failed", `Cannot ${operation} the flash: ${what}`);
}
