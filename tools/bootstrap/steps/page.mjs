// The operator's page, bundled by Vite into build/page, from where the gateway serves it.

import { runNode } from "../command.mjs";

export async function buildPage() {
  await runNode("vite/bin/vite.js", ["build", "dashboard/page", "--logLevel", "error"]);
}
