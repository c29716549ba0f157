// Every limit of the dashboard's server, with its reason.
//
// The server stands between a browser that may stall and a broker that serves the whole fleet, so each limit
// says what a page may cost the others at most.

/** One MQTT packet larger than this is no page's business: commands are some hundred bytes. */
export const maxPacketBytes = 256 * 1024;

/** Bytes that wait for one browser before the broker's socket is paused: about ten seconds of 1,000 nodes at 1 Hz. */
export const maxWaitingBytes = 2 * 1024 * 1024;

/** The broker's socket is read again once the wait has shrunk to this. */
export const resumeBytes = maxWaitingBytes / 4;

/**
 * A page that took nothing for this long while its buffer is full is cut, and comes back by itself. Back-pressure
 * alone would be wrong here: aedes awaits the drain of a slow subscriber, so one sleeping tab could hold the fleet.
 */
export const stallMillis = 3_000;

/** Pages open at once. Each costs at most maxWaitingBytes, so the sum stays below 128 MiB. */
export const maxBridges = 64;

/** TCP connections at once, bridges included; browsers open six a page for files. */
export const maxConnections = 512;

/** A request whose headers take longer than this is no local browser's. */
export const headersMillis = 5_000;

/** Closing ends polite goodbyes after this, well inside the second that is promised. */
export const goodbyeMillis = 300;

/** Different lines told while the broker is away: pages try again every second, and the reasons are few. */
export const maxReports = 20;
