// What becomes of programs that try to take more than their machine was given. They run in C (hosts/xs/test), because
// there is nothing of a node in it: a machine, a hostile program and a neighbour.

import { runNativeBench } from "sim/bench/native";

export interface HostileFigures {
  readonly kinds: number;
  /** Each program counts once for every place it is run from and every size of machine. */
  readonly programs: number;
  readonly contained: number;
  readonly escaped: number;
  /** By kind: the most processor time that a run with `budgetSteps` took. */
  readonly worstMicros: { readonly [kind: string]: number };
  readonly budgetSteps: number;
  readonly worstNanosAStep: number;
  /** From an interrupt at any moment until control was back. */
  readonly interruptMicros: number;
  readonly kills: number;
  /** By how much the process was larger after them. */
  readonly bytesGrown: number;
}

export function benchHostile(kills: number, isBrief = false): Promise<HostileFigures> {
  return runNativeBench<HostileFigures>("hostile-bench", ["--kills", `${kills}`, ...(isBrief ? ["--brief"] : [])]);
}
