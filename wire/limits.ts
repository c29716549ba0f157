// Every limit of what crosses a wire, with its reason. Both sides hold to them, so a peer is refused at the edge and
// never half-way through; tests/wire-limits.test.ts asserts the relations between them.

/** Bounds of one CBOR document, read or written. */
export interface CborLimits {
  /** Containers inside containers; `[[0]]` has depth 2. */
  readonly depth: number;
  /** Data items: containers, keys and values each count one; a tagged typed array counts one. */
  readonly items: number;
  readonly bytes: number;
  /** Keys of one map. */
  readonly keys: number;
  /** UTF-8 bytes of one key. */
  readonly keyBytes: number;
}

/**
 * Depth: nothing of ours nests deeper than 6, and each level costs a frame while reading. Items: three bytes of CBOR can
 * become an object of 600 bytes (an empty typed array in V8), so items bound what 64 KB of input can claim to 5 MB.
 * Bytes: the largest body of the machine layer (DESIGN §5). Keys: sorting them is not metered, and a table of more
 * entries is an array; a name that a machine receives stays in its table for ever. hosts/xs/body.h has the same.
 */
export const cborLimits: CborLimits = { depth: 16, items: 8192, bytes: 65_536, keys: 256, keyBytes: 128 };

/** Site and node names: enough for a utility's own codes, short enough that every topic name stays below 128 bytes. */
export const nameLengthMaximum = 32;

/** Names inside payloads: of services, metrics, models, versions, operations. */
export const wordLengthMaximum = 64;

/** Of a service that runs: what the machine layer keeps (hosts/xs/node_state.h). */
export const versionLengthMaximum = 24;

/** Sentences for people: log lines, reasons of faults, messages of refusals. In code points, so at most 4 KB of UTF-8. */
export const sentenceLengthMaximum = 1024;

/** Services of one node as a birth or state lists them: four times the largest system table planned. */
export const servicesMaximum = 64;

/** Metrics that one birth may announce. */
export const metricsMaximum = 256;

/** Records in one SenML pack. Each takes at least three items of CBOR (map, key, value); half an hour of one-second values fits. */
export const senmlRecordsMaximum = 2_048;

/**
 * Unacknowledged publications on one connection (DESIGN §11). Eight fill a mobile link's round trip at our sizes; more
 * only means more to send again. The last one is kept for HIGH.
 */
export const inFlightMaximum = 8;

/** Bounds of an MQTT session, in its options; these are what a node takes. */
export interface MqttLimits {
  /** Publications that wait while the broker is away or slow. */
  readonly queuedMessages: number;
  /** Their payloads together. */
  readonly queuedBytes: number;
  /** Body of one packet from the broker. */
  readonly incomingBytes: number;
}

/**
 * Messages: about four minutes of readings at one a second. Bytes: two of the largest payloads, or all of those readings.
 * Incoming: commands only come this way, and nobody types 16 KB.
 */
export const mqttLimits: MqttLimits = { queuedMessages: 256, queuedBytes: 131_072, incomingBytes: 16_384 };

/** Filters that one session may subscribe to; a node needs two. */
export const subscriptionsMaximum = 16;

/** Dispatches that one answer to "trace" may hold: a node remembers no more (hosts/xs/node_state.h). */
export const tracedDispatchesMaximum = 512;
