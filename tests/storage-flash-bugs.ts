// Bugs planted in what the store does when its flash fails or lies, beside those of tests/storage-bugs.ts; each with the campaign
// and the scenario that find it.

import { bug, type PlantedBug } from "tests/storage-bugs";

export interface PlantedFlashBug extends PlantedBug {
  readonly campaign: "errors" | "lies";
  readonly scenario: string;
}

const inErrors = (scenario: string, planted: PlantedBug): PlantedFlashBug => ({
  ...planted,
  campaign: "errors",
  scenario,
});

const inLies = (scenario: string, planted: PlantedBug): PlantedFlashBug => ({ ...planted, campaign: "lies", scenario });

export const flashBugs: readonly PlantedFlashBug[] = [
  inErrors(
    "overwrite",
    bug(
      "a failed sync counts as done",
      "log",
      "this.#isSealed = true;\n      throw error;\n    }\n    this.#durableEnd",
      "this.#isSealed = true;\n    }\n    this.#durableEnd",
    ),
  ),
  inErrors(
    "overwrite",
    bug(
      "what a failed sync lost is believed to be there",
      "log",
      "this.#offset = this.#durableEnd;\n      this.#isSealed = true;",
      "",
    ),
  ),
  inErrors(
    "overwrite",
    bug(
      "what a failed program left is written over",
      "log",
      "await this.medium.program(address, bytes);\n    } catch (error) {\n      this.#isSealed = true;",
      "await this.medium.program(address, bytes);\n    } catch (error) {",
    ),
  ),
  inErrors(
    "overwrite",
    bug(
      "what a failed sync took back is taken for damage",
      "recovery",
      "offset < end; offset += medium.pageBytes",
      "offset < medium.sectorBytes; offset += medium.pageBytes",
    ),
  ),
  inErrors(
    "queue",
    bug(
      "a checkpoint is written although its nodes were lost",
      "log",
      "if (!isFailed(error) || syncFailures !== this.#syncFailures) throw error;",
      "if (!isFailed(error)) throw error;",
    ),
  ),
  inErrors(
    "meanwhile",
    bug("a merge goes on over a failed sync", "compactor", "if (job.syncFailures === this.#log.syncFailures) {", "{"),
  ),
  inErrors(
    "idle",
    bug(
      "a merge that is given up takes its changes along",
      "compactor",
      "overlay(index.frozen, index.active.changes)",
      "index.active.changes",
    ),
  ),
  inErrors(
    "overwrite",
    bug(
      "sectors that failed are never tried again",
      "log",
      'throw sectors === 0\n      ? new StorageFailure("full"',
      'this.#freeSectors -= sectors;\n    throw sectors === 0\n      ? new StorageFailure("full"',
    ),
  ),
  inErrors(
    "idle",
    bug(
      "a sector is erased ahead although that failed",
      "log",
      "await this.medium.erase(sector);\n    await this.medium.sync();\n    this.#erasedAhead = sector;",
      "this.#erasedAhead = sector;\n    await this.medium.erase(sector);\n    await this.medium.sync();",
    ),
  ),
  inErrors(
    "overwrite",
    bug(
      "what was answered by an error is seen",
      "store",
      "    await this.#commit(encodeCommit(changes));\n    for (const change of changes) this.#index.active.set(change);",
      "    for (const change of changes) this.#index.active.set(change);\n    await this.#commit(encodeCommit(changes));",
    ),
  ),
  inLies(
    "transactions",
    bug(
      "each change of a transaction is a commit",
      "store",
      "await this.#commit(encodeCommit(changes));",
      "for (const change of changes) await this.#commit(encodeCommit([change]));",
    ),
  ),
  inLies(
    "overwrite",
    bug(
      "where a sector ended is not asked of the next one",
      "recovery",
      'if (reached < end) throw unreadable("the log", sector * medium.sectorBytes + reached);',
    ),
  ),
  inLies(
    "overwrite",
    bug(
      "what is torn is skipped",
      "recovery",
      "if (frame === undefined) break;",
      "if (frame === undefined) {\n      offset += 16;\n      continue;\n    }",
    ),
  ),
];
