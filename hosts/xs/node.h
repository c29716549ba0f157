/*
 * The law of a node: one kernel machine and its service machines, the pool of messages between them, and the device
 * ports through which a host takes part. hosts/sim and hosts/rpi stand on this; kernel/host.ts is its other side.
 *
 * One thread (machine.h). The host calls lugh_node_run when the time it last answered has come, or when it has submitted
 * something. No function blocks. Times are microseconds; bodies are deterministic CBOR (body.h).
 */
#ifndef LUGH_NODE_H
#define LUGH_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cbor.h"
#include "machine.h"

typedef struct lugh_node lugh_node;

enum {
	LUGH_HIGH = 0,
	LUGH_MEDIUM = 1,
	LUGH_LOW = 2,
};

/* The answers of kernel/host.ts; 0 is none. */
enum {
	LUGH_ANSWER_NONE = 0,
	LUGH_ANSWER_FULL,
	LUGH_ANSWER_LATE,
	LUGH_ANSWER_DEAD,
	LUGH_ANSWER_NOT_CAPABLE,
	LUGH_ANSWER_TOO_LARGE,
	LUGH_ANSWER_UNAVAILABLE,
	LUGH_ANSWER_COUNT,
};

/*
 * A message as a device port sees it. Pointers are valid until deliver returns, and longer while the port keeps the
 * message; a call may be taken from it when its deadline passes, after which its token names nothing.
 */
typedef struct {
	uint32_t token;
	uint16_t sender; /* index of the service */
	const char *type;
	const uint8_t *body; /* NULL: none */
	size_t length;
	bool is_call; /* owes lugh_node_reply or lugh_node_refuse; anything else owes lugh_node_release */
} lugh_received;

/* A device port. deliver must not call lugh_node_run; it may answer at once, or keep the token and answer later. */
typedef struct {
	const char *name;
	uint16_t mailbox; /* messages that may be unanswered at a time */
	void (*deliver)(lugh_node *node, void *device, const lugh_received *message);
	void *device;
} lugh_port;

typedef struct {
	lugh_root *root;
	const char *boot; /* module whose default export is (configuration, messages, bootReport) => kernel */
	const uint8_t *configuration;
	size_t configuration_length;
	const uint8_t *boot_report; /* what boot_record.h tells the firmware, as the third argument of boot; NULL: no flash */
	size_t boot_report_length;
	uint16_t messages;  /* handles, at most 4095 */
	size_t pool_bytes;  /* for bodies; the last eighth, and eight handles, are kept for HIGH */
	const lugh_port *ports; /* borrowed for the life of the node */
	size_t port_count;
	/* Since the node started. Asked once for each dispatch. */
	int64_t (*monotonic_micros)(void *host);
	/* UTC minus monotonic, and the bound of its error in *quality; *quality is -1 while the clock is not trusted. */
	int64_t (*utc_offset_micros)(void *host, int64_t *quality);
	/* What nobody on the node may have lived to tell. */
	void (*log)(void *host, const char *level, const char *text);
	/*
	 * What a service reaches for and the table does not grant; true grants it from now on. It may take as long as a person
	 * takes to answer: the node stands still meanwhile. NULL, as on every node in the field: the table is all there is.
	 */
	bool (*permit)(lugh_node *node, void *host, const char *service, const char *permission, const char *name);
	/* For who watches a node at a desk; NULL: nobody does. A publication of a service that went out. */
	void (*published)(void *host, const char *topic, const uint8_t *body, size_t length);
	/* A machine handles its first message of this type; now and then told again. */
	void (*handled)(void *host, int service, const char *type);
	void *host;
} lugh_node_options;

/* The natives that the root of nodes is made with (lugh_root_options). Static. */
const lugh_native *lugh_node_natives(size_t *count);

/* Boots a node. NULL on failure, with a sentence in error. */
lugh_node *lugh_node_create(const lugh_node_options *options, char *error, size_t error_bytes);

/* Power off: nothing is written, nobody is told. NULL is allowed. */
void lugh_node_destroy(lugh_node *node);

/*
 * Works until nothing is ready or a turn is over. Answers the monotonic time of the next work: 0 for at once, INT64_MAX
 * when only a submission can bring some. Negative: the kernel panicked or faulted; only lugh_node_destroy may follow.
 */
int64_t lugh_node_run(lugh_node *node);

/* Why lugh_node_run answered negative. */
const char *lugh_node_reason(const lugh_node *node);

/* How it wants to come back then. LUGH_WISH_NONE: it could not go on; who counts such ends decides. */
typedef enum { LUGH_WISH_NONE, LUGH_WISH_NORMAL, LUGH_WISH_SAFE } lugh_node_wish;
lugh_node_wish lugh_node_last_wish(const lugh_node *node);

/* ---- for device ports ------------------------------------------------------------------------------------------ */

/* Index of a service, or -1. */
int lugh_node_service(const lugh_node *node, const char *name);

/* Sends to a service. False when its mailbox or the pool is full; room tells beforehand. body may be NULL. */
bool lugh_node_send(lugh_node *node, int service, const char *type, int priority, const uint8_t *body, size_t length);
bool lugh_node_room(const lugh_node *node, int service);

/* Publishes to whoever subscribed. False when the pool is full. */
bool lugh_node_publish(lugh_node *node, const char *topic, int priority, const uint8_t *body, size_t length);

/*
 * Whether a service may have a port do this: "net" with "host:port", "store" with a prefix of keys. A refusal is said here,
 * naming the flag of `lugh run` that grants it; the port only answers.
 */
bool lugh_node_permits(lugh_node *node, int service, const char *permission, const char *name);

/* Ends a message that a port received, by one of three. A token that names nothing any more is no error. */
void lugh_node_reply(lugh_node *node, uint32_t token, const uint8_t *body, size_t length);
void lugh_node_refuse(lugh_node *node, uint32_t token, int answer);
void lugh_node_release(lugh_node *node, uint32_t token);

/*
 * Makes the next dispatch of a service run `hostile`, the default export of a module of the image, in place of its
 * handler; NULL kills the machine outright. The simulator's way to make faults that are real.
 */
bool lugh_node_doom(lugh_node *node, int service, const char *hostile);

/* ---- figures --------------------------------------------------------------------------------------------------- */

typedef struct {
	uint64_t dispatches;
	uint64_t refused;  /* sends answered full, and copies of publications that found no room */
	size_t bytes;      /* of all machines */
	size_t pool_bytes; /* of bodies now */
	uint16_t messages; /* handles in use now */
} lugh_node_figures;

lugh_node_figures lugh_node_measure(const lugh_node *node);

/*
 * Writes the last dispatches, at most `most` of the 512 that are kept, oldest first: an array of the maps that
 * services/api/kernel.ts calls Dispatch.
 */
void lugh_node_trace(lugh_node *node, size_t most, lugh_cbor_writer *writer);

#endif
