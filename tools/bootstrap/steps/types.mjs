// The type check. What runs on a node is checked once more without the types of Node, so that a use of Buffer, setTimeout or
// console is found here and not on the chip.

import { runNode } from "../command.mjs";

export const productProjects = ["tsconfig.device.json", "tsconfig.product.json", "dashboard/page/tsconfig.json"];

/** Everything, with tests and tools: a mistake in a test must not keep a fleet from starting. */
export const wholeProjects = ["tsconfig.json"];

export function checkProductTypes() {
  return checkTypes(productProjects);
}

export function checkWholeTypes() {
  return checkTypes(wholeProjects);
}

async function checkTypes(projects) {
  for (const project of projects) {
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
