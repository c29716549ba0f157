// Every limit of the kernel, with its reason. The relations between them are asserted where a kernel is made.

export const limits = Object.freeze({
  /** Ten bits of a packed submission name its target; the last value is the kernel's own port. */
  servicesAndPorts: 1023,
  /** Twelve bits of a packed submission name its message. */
  messages: 4095,
  /** Of services, channels and topics: a name stands in every log line and topic that is about it. */
  nameLength: 31,
  /** Of a module's name, a path in the firmware. */
  moduleLength: 95,
  /** Of a node: one for each kind of news. */
  topics: 64,
  /** Less does not hold an empty machine. */
  memoryBytesLeast: 4_096,
  /** More than any node gives one service; a heap is collected in one go, and everybody waits. */
  memoryBytesMost: 64 << 20,
  /** Some seconds of a desk's processor: a dispatch is not preempted, so all else on the node waits for it. */
  budgetStepsMost: 100_000_000,
  /** Less does not hold the frames of an empty handler. */
  stackSlotsLeast: 64,
  /** Two megabytes of the stack that all share (hosts/xs/stack.c); what needs more recurses without end. */
  stackSlotsMost: 65_536,
  /** Whoever lets so many wait cannot keep up, and should hear `full`. */
  mailboxMost: 1_024,
  /** A service is a handful of concerns: more timers mean that a `cancel` is missing. */
  timersEach: 16,
  /** A call without a deadline of its own waits so long: ten readings' worth of patience is too much, a hiccup is not. */
  callDeadlineMillis: 1_000,
  /** Nobody at the other end of a call waits longer than a minute. */
  callDeadlineMaximumMillis: 60_000,
  /** Dispatches before the host gets its turn to poll clocks and sockets, whatever is ready. */
  dispatchesEachTurn: 1_000,
  /** Dispatches between two looks at a swap: nobody else waits for it meanwhile. */
  dispatchesEachLook: 16,
  /** The reincarnation server that dies more often than this in `serverWindowMicros` cannot be helped by a restart. */
  serverRestarts: 3,
  serverWindowMicros: 60_000_000,
  /** A candidate that takes longer to take the state over is none: nothing else on the node runs meanwhile. */
  moveMicros: 100_000,
  /** How long a swap that passed its trial waits for its asker to write it down: flash may erase a block meanwhile. */
  wordMicros: 5_000_000,
  /** How long a swap waits for the message in hand: as long as a call by default. */
  quiesceMicros: 1_000_000,
  /** A candidate has proved itself after so long, or after so much work, whichever comes first. */
  trialMicros: 500_000,
  trialWork: 1_000,
  /** But not before that: twice `highWaitMicros`, so that a HIGH message that comes in the first half is late in the second. */
  trialLeastMicros: 100_000,
  /** A ready HIGH message waits no longer for the scheduler's sake. */
  highWaitMicros: 50_000,
  /** So much of one dispatch counts as that: more is the service's doing, or that of a desk which does other work. */
  highWaitEachMicros: 20_000,
  /** No trial ends while HIGH has waited for longer: what a scheduler may be doing to it shows in one dispatch or a few. */
  highWaitDoubtMicros: 5_000,
  /** From this interval on a timer aligns to UTC: readings of a fleet then belong to the same second. */
  alignedIntervalMicros: 1_000_000,
});
