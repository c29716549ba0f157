// Benches that are programs of their own, beside the simulator's worker, and print their figures as JSON.

import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { findArtifacts } from "sim/project";

/** Answers the figures also when they are bad: the program then ends with 1, having named what is wrong on its errors. */
export async function runNativeBench<Figures>(name: string, parameters: readonly string[]): Promise<Figures> {
  const executable = join(dirname(findArtifacts().executable), name);
  const program = spawn(executable, ["--json", ...parameters], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  program.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    program.on("error", reject).on("close", (...how) => resolve(how));
  });
  if (code !== 0 && code !== 1)
    throw new Error(`Cannot measure: ${name} ended with ${signal ?? `exit code ${code}`}; run npm run build`);
  return JSON.parse(output) as Figures;
}
