/*
 * The simulator's worker: one process, one engine thread, many nodes with virtual devices.
 *
 * It is driven over its standard input and output by sim/ (frames of deterministic CBOR; commands.c lists them). Time is
 * either the monotonic clock (live) or moves only when told (virtual), and every node hears it through the same clock.
 */
#ifndef LUGH_SIM_WORKER_H
#define LUGH_SIM_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "boot_record.h"
#include "cbor.h"
#include "fields.h"
#include "node.h"
#include "playback.h"
#include "waveform.h"

enum {
	FRAME_BYTES = 1 << 20,   /* a frame of set points for a thousand nodes is 100 KB */
	SOCKET_WRITES = 16,      /* messages that wait for the peer to read */
	SOCKET_READ_BYTES = 4096, /* one `received`: a telemetry command has some hundred bytes */
	BLOCK_MICROS = 20000,
	SLEEP_MICROS = 10000000, /* as long as nodes know their world ahead */
	POWER_SECONDS = 3600, /* that a node may be without, by command: it comes back while somebody still looks */
	FLASH_WAITING = 8, /* services/api/flash.ts, waiting */
	PORTS = 5,
	PROBE_CALLS = 8,         /* that a test may leave unanswered at a time */
	STAND_INS = 48,          /* of one node, with those that --ask may add; each is a topic too (kernel/limits.ts) */
	STAND_INS_LATER = 16,    /* of which the person at the desk allows this many while it runs */
	STAND_IN_MAILBOX = 64,
	ANSWERS = 3,             /* descriptor on which --ask hears yes or no */
};

typedef struct sim_node sim_node;
typedef struct sim_flash sim_flash; /* flash_port.h */

/* A queue of held writes; see socket_port.c. */
typedef struct {
	int descriptor; /* -1: none */
	int service;    /* owner: who opened it */
	int64_t connection;
	bool is_connecting;
	bool owes_opened;
	bool owes_closed;
	char reason[96];
	lugh_received writes[SOCKET_WRITES];
	size_t write_offset; /* of the first */
	unsigned first_write, write_count;
	uint32_t events; /* what epoll watches */
} sim_socket;

/* A device port whose other end is sim/; see stand_in.c. */
typedef struct {
	sim_node *node;
	char name[32]; /* "": not in use yet */
} sim_stand_in;

struct sim_node {
	int index;
	char name[80];
	lugh_node *node; /* NULL: without power */
	int64_t booted_at;   /* worker time */
	lugh_boot_cause cause; /* of its next boot; outlives the power, as the reset reason of a chip does */
	int64_t utc_offset;  /* UTC minus the node's monotonic clock */
	int64_t utc_quality; /* -1: the clock is not set */
	int64_t wake_at;     /* worker time */
	size_t heap_index;
	lugh_port ports[PORTS + STAND_INS];
	sim_stand_in *stand_ins; /* NULL: none */
	size_t stand_in_count;
	size_t first_stand_in; /* in ports */
	sim_socket socket;
	sim_flash *flash; /* NULL: none was fitted; outlives the power */
	uint32_t kept_calls[PROBE_CALLS]; /* tokens, oldest first */
	unsigned kept_count;
	bool has_waveform;
	bool has_playback; /* its waveform is worker_playback(), not its own */
	lugh_waveform waveform;
	int64_t next_block_at; /* worker time of the end of the next block */
	int64_t samples;       /* since boot */
};

/* ---- worker.c ---- */
int64_t worker_now(void);
bool worker_is_virtual(void);
bool worker_asks(void);
sim_node *worker_node(int64_t index);
sim_node *worker_add(int64_t index); /* NULL: taken or no memory */
void worker_remove(sim_node *node);
void worker_wake(sim_node *node, int64_t at); /* not later than at */
int64_t worker_advance(int64_t to, bool pauses); /* answers how far it came: with pauses, until worker_pause */
void worker_pause(void);
bool worker_hold(bool is_held); /* the live clock stands still from now on, or goes on; answers whether it stood still */
void worker_watch(sim_node *node, uint32_t events, bool is_new);
lugh_root *worker_root(void);
lugh_playback *worker_playback(void);
void worker_stop(void);

/* ---- frames.c: the pipe to sim/ ---- */
bool frames_read(void (*take)(const uint8_t *bytes, size_t length)); /* false: the pipe has ended */
lugh_cbor_writer *frames_begin(void);
void frames_end(lugh_cbor_writer *writer);
void frames_flush(void);

/* ---- commands.c ---- */
void command_take(const uint8_t *bytes, size_t length);

/* ---- events.c ---- */
void event_log(sim_node *node, const char *level, const char *text);
void event_panic(sim_node *node, const char *reason, lugh_node_wish wish);
void event_power(sim_node *node, int64_t seconds); /* its power is to fail for so long */
void event_probe(sim_node *node, const lugh_received *message);
void event_message(sim_node *node, const char *port, const lugh_received *message);
void event_published(sim_node *node, const char *topic, const uint8_t *body, size_t length);
void event_handled(sim_node *node, int service, const char *type);
void event_ask(sim_node *node, const char *service, const char *permission, const char *name);

/* ---- stand_in.c ---- */
bool stand_in_begin(sim_node *node, const lugh_cbor_reader *options, size_t *port_count);
void stand_in_end(sim_node *node);
void stand_in_watch(const lugh_cbor_reader *options, lugh_node_options *made);

/* ---- sim_node.c ---- */
bool sim_node_boot(sim_node *node, const lugh_cbor_reader *options, char *error, size_t error_bytes);
void sim_node_cut(sim_node *node);
void sim_node_run(sim_node *node);
int64_t sim_node_monotonic(void *host);
bool sim_node_fault(sim_node *node, const lugh_cbor_reader *order, char *error, size_t error_bytes);
bool sim_node_reply(sim_node *node, const uint8_t *body, size_t length); /* to the oldest call that the probe keeps */

/* ---- socket_port.c ---- */
void socket_begin(sim_node *node);
void socket_deliver(lugh_node *node, void *device, const lugh_received *message);
void socket_ready(sim_node *node, uint32_t events);
void socket_settle(sim_node *node); /* after each run: what the owner could not take before */
void socket_end(sim_node *node);

/* ---- flash_port.c ---- */
bool flash_begin(sim_node *node, const lugh_cbor_reader *options, char *error, size_t error_bytes); /* at boot */
void flash_deliver(lugh_node *node, void *device, const lugh_received *message);
const lugh_boot_report *flash_boot_report(sim_node *node); /* of the flash that flash_begin fitted; NULL: none */
bool flash_work(sim_node *node); /* before each run; false: the power failed in an operation, and the node is cut */
void flash_cut(sim_node *node);
void flash_end(sim_node *node);

/* ---- flash_command.c ---- */
const char *flash_obey(sim_node *node, const lugh_cbor_reader *command); /* NULL, or what it cannot */
void flash_tell(sim_node *node, int64_t id); /* answers the command with figures */

#endif
