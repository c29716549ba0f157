// Whether machines can change what they share: every operation on everything in the root, tried with the root read-only
// and again without. The programs run in C (hosts/xs/test), in processes that may die of them.

import { runNativeBench } from "sim/bench/native";

export interface AuditFigures {
  readonly programs: number;
  /** Refused by the engine, or ended by the limits of the machine. */
  readonly throws: number;
  readonly noEffect: number;
  /** Refused by the hardware. */
  readonly faults: number;
  readonly visibleToSibling: number;
  /** Changed the root when it could be written to, and did not fault when it could not. */
  readonly changedWithoutFault: number;
  readonly processDeaths: number;
  /** Faults on what a firmware may hold; on a chip each would be an exception of the processor. */
  readonly faultsOfAllowedKinds: number;
  readonly withoutProtection: {
    readonly changed: number;
    readonly visibleToSibling: number;
    readonly processDeaths: number;
  };
}

/** `programs`: so many of them, evenly spread; all of them when it is undefined. */
export function benchAudit(programs?: number): Promise<AuditFigures> {
  return runNativeBench<AuditFigures>("audit-bench", programs === undefined ? [] : ["--programs", `${programs}`]);
}
