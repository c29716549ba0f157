// Every limit of the page, with its reason. What the page holds is bounded whatever the network sends: about 12 KB a
// node, most of it the readings, plus the events.

/** Seconds of readings kept a node: more than the four minutes that one turn of the default record lasts. */
export const historySeconds = 300;

/** Seconds that a sparkline of the table shows. */
export const sparkSeconds = 120;

/** A longer step between two readings is a gap in the line: one reading is missing. */
export const gapSeconds = 1.5;

/** Nodes held; the first ones stay. With 8 KB of readings each, about 100 MB. */
export const maxNodes = 12_000;

/** Events held over all nodes; the oldest go first. One collapse gives 10,000 nodes less than this. */
export const maxEvents = 60_000;

/** Newest events that a node's own view lists. */
export const maxNodeEvents = 20;

/** Reports of faults held a node, without their traces. */
export const maxFaults = 10;

/** Incidents held: groups of events that began together. */
export const maxIncidents = 300;

/** Events of one kind belong to one incident when they begin within this of each other: nodes of one grid see a slow rise of
 * the voltage cross their limits seconds apart. */
export const incidentMicros = 5_000_000;

/** Lines of an opened incident, and events in a node's view: more than a person reads. */
export const maxListed = 100;

/** Notices held: births, deaths, restarts. */
export const maxNotices = 200;

/** Log lines held a node, and characters of each. */
export const maxLogLines = 50;
export const maxTextCharacters = 300;

/** Kinds of problems told apart; each is one row however often it comes. */
export const maxProblemKinds = 40;

/** The screen changes at most this often: faster than a person reads, and a few per cent of the main thread. */
export const frameMillis = 200;

/** Order and filter of the table are worked out anew at most this often, so that rows do not dance. */
export const orderMillis = 1_000;

/** A command that is not answered in this time is told as unanswered. */
export const replyMillis = 5_000;

/** Commands that may wait for a reply at once. */
export const maxCommands = 16;

/** Of the declared voltage; outside it a dip or swell is under way (the limits of services/sensor). */
export const lowVoltageShare = 0.9;
export const highVoltageShare = 1.1;

/** Hertz; outside it a frequency event is under way (the limits of services/sensor). */
export const lowHertz = 49.5;
export const highHertz = 50.5;

/** Waited before the broker is tried again, up to twice this: short, because the server is on this machine. */
export const reconnectMillis = 1_000;

/** What the grid should have: Europe's. */
export const nominalHertz = 50;
