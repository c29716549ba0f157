// Asks the server what it says about itself.

import type { PageSettings } from "dashboard/settings";

/** What holds until the server has answered: nothing is known, and nothing is allowed. */
export const unknownSettings: PageSettings = { insecureCommands: false, startedMillis: 0, versions: {}, nodes: [] };

/** The server is our own and of the same release, so its answer is taken as it is. */
export async function loadSettings(): Promise<PageSettings> {
  const response = await fetch("settings.json", { cache: "no-store" });
  if (!response.ok) throw new Error(`Cannot load the settings: wanted 200, found ${response.status}`);
  return (await response.json()) as PageSettings;
}
