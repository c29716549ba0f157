// The program `lugh`. It leaves by itself once nothing is left to do, so that output is never cut off.

import { invoke } from "cli/invoke";

// Whoever reads us may have seen enough (`lugh logs --follow | head`): that is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await invoke(process.argv.slice(2), {
  standardOutput: process.stdout,
  standardError: process.stderr,
  environment: process.env,
});
