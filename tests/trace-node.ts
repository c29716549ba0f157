// A fleet of one node on the real engine, started as a person starts it.

import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type CliProcess, startCli } from "tests/cli-run";

export interface OneNode {
  readonly name: string;
  readonly broker: string;
  stop(): Promise<void>;
}

export async function startNode(): Promise<OneNode> {
  /** Apart from a fleet that may run from this clone. */
  const environment = { LUGH_RUN_FILE: join(tmpdir(), `lugh-run-${randomUUID()}.json`) };
  const args = ["sim", "--nodes", "1", "--site", "lab", "--world", "steady", "--mqtt", "0", "--insecure-commands"];
  const fleet = startCli([...args, "--json"], { environment });
  await untilUp(fleet);
  const { mqtt } = JSON.parse(fleet.output()) as { mqtt: string };
  return {
    name: "lab/node-1",
    broker: mqtt,
    async stop() {
      fleet.child.kill("SIGINT");
      await fleet.result;
    },
  };
}

async function untilUp(fleet: CliProcess): Promise<void> {
  let isOver = false;
  void fleet.result.then(() => {
    isOver = true;
  });
  for (let end = Date.now() + 20_000; fleet.output() === ""; await sleep(20))
    if (isOver || Date.now() > end) throw new Error(`the fleet did not start: ${(await fleet.result).stderr}`);
}
