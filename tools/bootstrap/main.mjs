// The build as a whole: look whether anything is stale, and only then take the lock, check the tools and run the plan.

import { BuildError, stopRunning } from "./command.mjs";
import { takeLock } from "./lock.mjs";
import { isFresh, runPlan, selectSteps } from "./plan.mjs";
import { missingPrograms } from "./prerequisites.mjs";
import { createProgress } from "./progress.mjs";
import { steps } from "./steps.mjs";

/** What a shell adds to the number of the signal that ended a program. */
const signalExitCode = 128;

/** Builds the named steps (all without names) and what they need; answers the exit code. */
export async function bootstrap(names = []) {
  const progress = createProgress();
  try {
    const selected = selectSteps(steps, names);
    if (selected.every((step) => isFresh(step))) return 0;
    return await build(selected, progress);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    progress.tell(error.message);
    return 1;
  }
}

async function build(selected, progress) {
  const missing = missingPrograms();
  for (const line of missing) progress.tell(line);
  if (missing.length > 0) return 1;

  const giveBack = await takeLock(progress.tell);
  // The lock is kept until every program is gone: one that outlived it would write into the next build.
  let interruptedBy = 0;
  const interrupt = (_signal, number) => {
    interruptedBy = number;
    stopRunning();
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    const errors = await runPlan(selected, progress);
    progress.end();
    if (interruptedBy !== 0) return signalExitCode + interruptedBy;
    for (const { step, error } of errors) progress.tell(describe(step, error));
    return errors.length === 0 ? 0 : 1;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    giveBack();
  }
}

/** A mistake of the build itself keeps its stack; what a tool said about the sources stands alone. */
function describe(step, error) {
  const text = error instanceof BuildError ? error.message : error.stack;
  return `Cannot finish "${step.name}":\n${text}`;
}
