// build/run.json: where the running `npm start` can be reached, so that the other commands need not be told.
// It is a hint and no lock: one whose process is gone is ignored, and the first fleet that runs keeps it, so that a second
// one beside it changes nothing for who works with the first.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findProject } from "cli/project";

export interface RunningInstance {
  readonly pid: number;
  readonly mqttHost: string;
  readonly mqttPort: number;
  readonly httpPort: number | null;
  /** Socket at which it takes unsigned code from this desk (cli/desk); null: it does not. */
  readonly desk: string | null;
}

/** LUGH_RUN_FILE names another, for who runs several fleets from one clone. */
function runFile(): string {
  return process.env.LUGH_RUN_FILE ?? join(findProject().root, "build", "run.json");
}

export function announceInstance(instance: RunningInstance): void {
  if (readInstance() !== undefined) return;
  mkdirSync(dirname(runFile()), { recursive: true });
  writeFileSync(runFile(), `${JSON.stringify(instance)}\n`);
}

/** Takes back our own announcement only. */
export function withdrawInstance(): void {
  if (readInstance()?.pid === process.pid) rmSync(runFile(), { force: true });
}

/** The instance that runs now, if there is one. */
export function readInstance(): RunningInstance | undefined {
  let text: string;
  try {
    text = readFileSync(runFile(), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const instance = parseInstance(text);
  return instance !== undefined && isRunning(instance.pid) ? instance : undefined;
}

/** A file cut off in mid-write says nothing. */
function parseInstance(text: string): RunningInstance | undefined {
  try {
    const { pid, mqttHost, mqttPort, httpPort, desk } = JSON.parse(text) as { [name: string]: unknown };
    if (!isPositive(pid) || typeof mqttHost !== "string" || !isPositive(mqttPort)) return undefined;
    return {
      pid,
      mqttHost,
      mqttPort,
      httpPort: isPositive(httpPort) ? httpPort : null,
      desk: typeof desk === "string" ? desk : null,
    };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isPositive(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
