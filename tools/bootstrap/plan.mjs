// Runs the steps that are out of date, each after those it names and otherwise side by side.
//
// A step is { name, after, key(), outputs, run() }: `key()` is the hash of everything that decides the result, taken before
// the step runs, so that a file changed in the middle makes the step stale again. The stamp is written last; an interrupted
// step has none. `isFresh()` may replace the stamp where the result itself can be asked.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { BuildError } from "./command.mjs";
import { pathOf } from "./project.mjs";

export function isFresh(step, key) {
  if (step.isFresh !== undefined) return step.isFresh();
  return step.outputs.every((output) => existsSync(pathOf(output))) && readStamp(step) === (key ?? step.key());
}

/** The named steps and all that come before them, in the order of the table. */
export function selectSteps(steps, names) {
  if (names.length === 0) return steps;
  const wanted = new Set();
  const want = (name) => {
    const step = steps.find((candidate) => candidate.name === name);
    if (step === undefined)
      throw new BuildError(`Cannot build "${name}": wanted one of ${steps.map((each) => each.name).join(", ")}`);
    wanted.add(step);
    step.after.forEach(want);
  };
  names.forEach(want);
  return steps.filter((step) => wanted.has(step));
}

/** Runs what is stale; answers the errors, one for each step that failed. A step after a failed one is left out. */
export async function runPlan(steps, progress) {
  const outcomes = new Map();
  const errors = [];
  const outcomeOf = (step) => {
    if (!outcomes.has(step)) outcomes.set(step, finish(step));
    return outcomes.get(step);
  };
  const finish = async (step) => {
    const before = steps.filter((candidate) => step.after.includes(candidate.name));
    const areDone = await Promise.all(before.map(outcomeOf));
    if (areDone.includes(false)) return false;
    try {
      await runIfStale(step, progress);
      return true;
    } catch (error) {
      errors.push({ step, error });
      return false;
    }
  };
  await Promise.all(steps.map(outcomeOf));
  return errors;
}

async function runIfStale(step, progress) {
  const key = step.key();
  if (isFresh(step, key)) return;
  const finished = progress.begin(step.name);
  await step.run();
  writeStamp(step, key);
  finished();
}

function stampOf(step) {
  return pathOf("build/stamps", step.name.replaceAll(" ", "-"));
}

function readStamp(step) {
  try {
    return readFileSync(stampOf(step), "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

function writeStamp(step, key) {
  mkdirSync(pathOf("build/stamps"), { recursive: true });
  writeFileSync(stampOf(step), key);
}
