// Every limit of the kernel, with its reason. The relations between them are asserted where a kernel is made.

export const limits = Object.freeze({
  /** Ten bits of a packed submission name its target; the last value is the kernel's own port. */
  servicesAndPorts: 1023,
  /** Twelve bits of a packed submission name its message. */
  messages: 4095,
  /** A service is a handful of concerns: more timers mean that a `cancel` is missing. */
  timersEach: 16,
  /** A call without a deadline of its own waits so long: ten readings' worth of patience is too much, a hiccup is not. */
  callDeadlineMillis: 1_000,
  /** Nobody at the other end of a call waits longer than a minute. */
  callDeadlineMaximumMillis: 60_000,
  /** Dispatches before the host gets its turn to poll clocks and sockets, whatever is ready. */
  dispatchesEachTurn: 1_000,
  /** The reincarnation server that dies more often than this in `serverWindowMicros` cannot be helped by a restart. */
  serverRestarts: 3,
  serverWindowMicros: 60_000_000,
  /** From this interval on a timer aligns to UTC: readings of a fleet then belong to the same second. */
  alignedIntervalMicros: 1_000_000,
});
