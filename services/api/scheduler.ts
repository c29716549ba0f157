// The contract of a scheduler: a service that, asked by the kernel, puts the ready services in order.
// It is asked only when two or more are ready. It may not send while it plans. The kernel checks its answer and
// puts it out at once when the answer is not an order of ready services.

/** Plain arrays of small integers, filled by the host before each `plan`, indexed by service. */
export interface SchedulerView {
  /** Ready services: bit `i % 30` of word `i / 30` is service `i`. */
  readonly ready: readonly number[];
  /** Priority of the most urgent message that waits: 0 HIGH, 1 MEDIUM, 2 LOW. Meaningful for ready services. */
  readonly priority: readonly number[];
  /** Microseconds until the earliest deadline that waits, at most 2^30 - 1, which also means none. */
  readonly deadlineMicros: readonly number[];
  /** Steps of the meter that the service has used since the last plan. */
  readonly steps: readonly number[];
  /** Written by `plan`: the services in the order in which the kernel shall dispatch one message of each. */
  readonly order: number[];
}
