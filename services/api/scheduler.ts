// The contract of a scheduler: a service that, asked by the kernel, puts the ready services in order.
// It is asked only when two or more are ready, with their number as `count`. It may use nothing of its context while it
// plans. The kernel checks its answer and puts it out at once when that does not name every ready service once, and no other.
// docs/SCHEDULERS.md teaches writing one.

/** Plain arrays of small integers, the same ones in each `plan`, filled by the host before it; indexed by service. */
export interface SchedulerView {
  /** Ready services: bit `i % 30` of word `i / 30` is service `i`. */
  readonly ready: readonly number[];
  /** Priority of the most urgent message that waits: 0 HIGH, 1 MEDIUM, 2 LOW; 3: the service is not ready. */
  readonly priority: readonly number[];
  /**
   * Microseconds until the deadline of the message that the service would be given, at most 2^30 - 1, which also means
   * none. Of a reply: until that of the call which the service has in hand.
   */
  readonly deadlineMicros: readonly number[];
  /** Steps of the meter that the service has used since the last plan. */
  readonly steps: readonly number[];
  /**
   * Written by `plan`: the services in the order in which the kernel shall dispatch one message of each. What was written
   * stays until it is written again.
   */
  readonly order: number[];
}
