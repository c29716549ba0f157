// What the reincarnation server does for a service: the policy of its entry in the system table. What an entry leaves out has
// the default of services/reincarnation/policy.

export interface RestartPolicy {
  /** `always` (default): started again after each fault. `hold`: dead until an operator starts it, for what must not act twice. */
  readonly restart?: "always" | "hold";
  /** These begin anew whenever it does: they hold what only its former life knew. Free of circles. */
  readonly dependents?: readonly string[];
  /** Restarts in ten seconds; beyond them it waits. */
  readonly restarts?: number;
  /** So often it is asked whether it works (`health`). Default: never. */
  readonly heartbeatMillis?: number;
  /** Between two heartbeats it is given a message, whatever else happens: one that is not has lost its timer. */
  readonly isBusy?: boolean;
  /** When neither the version before nor the table's state has helped: `wait` on (default), or `reboot` the node. */
  readonly lastResort?: "wait" | "reboot";
}

/** What the server finds of each service as `configuration.watched`. */
export interface Watched {
  readonly policy: RestartPolicy;
  /** Whom it calls: in an update a caller comes to rest first. */
  readonly calls: readonly string[];
  /** Replaced by a reboot only, from the boot record. */
  readonly needsReboot: boolean;
}
