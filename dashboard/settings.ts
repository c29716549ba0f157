// What the server tells the page about itself (GET /settings.json). Nothing here is secret.

export interface PageSettings {
  /** Nodes take commands that change them without a signature; the page says so loudly. */
  readonly insecureCommands: boolean;
  /** When the server started, in milliseconds of UTC. */
  readonly startedMillis: number;
  /** Name and version of whatever is worth knowing in a report: LughOS, commit, engine. */
  readonly versions: Readonly<Record<string, string>>;
  /** Names `<site>/<node>` that should appear; those that never did are shown as never seen. */
  readonly nodes: readonly string[];
}
