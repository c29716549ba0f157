// The type check. What runs on a node is checked once more without the types of Node, so that a use of Buffer, setTimeout or
// console is found here and not on the chip.

import { runNode } from "../command.mjs";

export const typeProjects = ["tsconfig.device.json", "tsconfig.json", "dashboard/page/tsconfig.json"];

export async function checkTypes() {
  for (const project of typeProjects) {
    const memory = `build/types/${project.replaceAll("/", "-")}.tsbuildinfo`;
    await runNode("typescript/bin/tsc", [
      "-p",
      project,
      "--pretty",
      "false",
      "--incremental",
      "--tsBuildInfoFile",
      memory,
    ]);
  }
}
