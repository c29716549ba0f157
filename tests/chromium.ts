// How system tests start Chromium: the one of the system (or LUGH_CHROMIUM), alone, without talking to anybody.

import type { LaunchOptions } from "playwright-core";

export const chromiumOptions: LaunchOptions = {
  executablePath: process.env.LUGH_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};
