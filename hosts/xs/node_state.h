/*
 * What a node is made of, for the node_*.c rooms only: pool (messages and bodies), service (what services may call),
 * dispatch (running one message), kernel (what the kernel may call), node (birth, death and the host's side).
 */
#ifndef LUGH_NODE_STATE_H
#define LUGH_NODE_STATE_H

#include "engine.h"

#include "body.h"
#include "node.h"

enum {
	/* kernel/host.ts, "kinds" */
	KIND_NONE = 0,
	KIND_SEND,
	KIND_CALL,
	KIND_REPLY,
	KIND_PUBLISH,
	KIND_SUBSCRIBE,
	KIND_EVERY,
	KIND_AFTER,
	KIND_CANCEL,
	KIND_COMMIT,

	FLAG_MORE = 1 << 28,
	FLAG_DUE = 1 << 29,
	KERNEL_PORT = 1023,
	NOBODY = 0xffff,

	/* Beyond the machine layer's statuses; kernel/host.ts, "faultKinds". */
	FAULT_STALLED = -6,
	FAULT_KILLED = -7,
	FAULT_NONSENSE = -8,

	VERB_SEND = 1,
	VERB_CALL = 2,
	VERB_PUBLISH = 4,
	VERB_SUBSCRIBE = 8,

	TIMERS_EACH = 16,       /* kernel/limits.ts, timersEach */
	TYPES = 1024,           /* message types of all services of a process together */
	TYPES_EACH = 32,        /* that one service may bring in by naming them */
	TYPE_BYTES = 64,
	TOPICS = 64,            /* topics of one node */
	HANDLERS_CACHED = 16,   /* a service has a handful of message types; more are looked up each time */
	HANDLES_FOR_HIGH = 8,
	SIZE_CLASSES = 11,      /* blocks of 64 bytes to 64 KB */
	LOG_BYTES = 1024,       /* of a line of the log; what is longer is cut */
	READ_AHEAD = 16,        /* readable bytes behind a body, which the decoder's wide reads may touch */
	CALL_DEADLINE_MILLIS = 1000,         /* kernel/limits.ts, callDeadlineMillis */
	CALL_DEADLINE_MAXIMUM_MILLIS = 60000,

	/* Rooted slots of a service machine (machine.h). */
	SLOT_DEFINITION = LUGH_SLOT_DEFAULT_EXPORT,
	SLOT_RUNTIME = 1,
	SLOT_PENDING = 2, /* list of pairs: handle of a call, promise of its reply */
	SLOT_HANDLER = 3, /* promise of the handler in progress */
	SLOT_VIEW = 4,    /* arrays of a scheduler */
	/* of a kernel machine */
	SLOT_KERNEL_RUN = 1,
};

typedef struct block {
	struct block *next_free;
	uint32_t length;
	uint16_t references;
	uint16_t owner;
	uint8_t size_class;
	uint8_t bytes[];
} block;

typedef struct {
	block *body;
	int64_t deadline_micros; /* 0: none */
	int64_t interval_micros;
	uint32_t missed;
	uint32_t generation; /* tells this use of the handle from the next one */
	uint16_t sender; /* service, or NOBODY for a device port or the kernel */
	uint16_t target;
	uint16_t type;
	uint16_t next_free;
	uint16_t served_by; /* service or port that has the call, or NOBODY */
	uint8_t kind;       /* KIND_NONE: free */
	uint8_t priority;
	uint8_t answer;
	bool holds_credit;
	bool has_expired;
	bool is_cancelled;
	uint16_t *latest; /* the cell of the `latest` channel that points here */
} message;

typedef struct {
	char name[32];
	uint16_t target;
	uint16_t latest; /* handle of the unread message of a `latest` channel */
	uint8_t send_priority;
	uint8_t call_priority;
	uint8_t verbs;
	bool is_latest;
} channel;

typedef struct {
	uint16_t topic;
	uint8_t priority;
	uint8_t verbs;
} topic_grant;

typedef struct {
	bool is_service; /* what natives find behind lugh_machine_context */
} native_context;

typedef struct {
	native_context context;
	uint16_t index;
	lugh_node *node;
	lugh_machine *machine;
	lugh_body_state bodies;
	char name[32];
	char module[96];
	size_t memory_bytes;
	uint32_t stack_slots;
	uint32_t budget_steps;
	uint16_t mailbox;
	uint16_t credits; /* messages that its mailbox still takes */
	channel *channels;
	uint16_t channel_count;
	topic_grant *topics;
	uint16_t topic_count;
	block *configuration;
	/* The message in hand. */
	uint16_t serving; /* handle of the call that it owes a reply, or 0 */
	uint16_t in_hand_type;
	uint8_t current_priority;
	bool is_handling; /* its handler awaits something */
	bool is_planning;
	bool is_doomed;
	char hostile[96];
	const char *modules[3]; /* what its machine may import */
	uint16_t pending_calls;
	uint16_t timers;
	uint16_t types_named;
	struct { uint16_t type; txSlot *function; } handlers[HANDLERS_CACHED];
	size_t body_bytes;
	/* Figures. */
	uint64_t dispatches;
	uint64_t steps;
	uint64_t planned_steps;
	int64_t run_micros;
	uint64_t refused;
	uint64_t replaced;
	char version[24];
	char reason[512];
} service;

struct lugh_node {
	native_context context;
	lugh_node_options options;
	lugh_machine *machine; /* the kernel's */
	lugh_body_state bodies;
	service *services;
	uint16_t service_count;
	uint16_t *port_credits;
	message *messages;
	uint16_t first_free;
	uint16_t free_count;
	block *free_blocks[SIZE_CLASSES];
	size_t pool_used;
	uint32_t *ring;
	uint32_t ring_mask, ring_head, ring_tail;
	char topics[TOPICS][32];
	uint16_t topic_count;
	int64_t now;       /* constant within a dispatch */
	int64_t due;       /* when the turn should end */
	int64_t next_deadline;
	int64_t charged_at; /* since when run time counts for `charged` */
	service *charged;
	txSlot *ready, *priority, *heads, *order; /* arrays of the kernel, for plan */
	uint64_t dispatches;
	bool has_panicked;
	char reason[512];
};

/* ---- node_pool.c ---- */
uint16_t pool_take(lugh_node *node, int kind, int priority); /* 0: full */
void pool_release(lugh_node *node, uint16_t handle);
bool pool_set_body(lugh_node *node, uint16_t handle, uint16_t owner, const uint8_t *bytes, size_t length);
void pool_share_body(lugh_node *node, uint16_t to, uint16_t from);
void pool_drop_body(lugh_node *node, uint16_t handle);
block *pool_take_block(lugh_node *node, uint16_t owner, int priority, const uint8_t *bytes, size_t length);
void pool_drop_block(lugh_node *node, block *body);
void pool_return_credit(lugh_node *node, uint16_t handle);
bool pool_take_credit(lugh_node *node, uint16_t handle, uint16_t target);
void pool_submit(lugh_node *node, uint16_t handle, int kind, uint16_t target, int priority);
uint32_t pool_next(lugh_node *node);
void pool_discard(lugh_node *node, uint32_t mark);
void pool_destroy(lugh_node *node);
void make_reply(lugh_node *node, uint16_t handle, int answer);
int type_of(const char *text, uint16_t *quota); /* -1: no room for another type */
const char *type_text(int type);
int topic_of(lugh_node *node, const char *name);

/* ---- node_service.c ---- */
extern const lugh_native lugh_service_natives[];
extern const size_t lugh_service_native_count;
uint8_t *encode_scratch(void); /* LUGH_BODY_BYTES of it */
void reject_with_refusal(txMachine *the, txSlot *promise, int answer, const char *text);
void throw_not_plain(txMachine *the, int code, const char *path);

/* ---- node_kernel.c ---- */
extern const lugh_native lugh_kernel_natives[];
extern const size_t lugh_kernel_native_count;

/* ---- node_dispatch.c ---- */
extern const char *const doom_type; /* the message that has a doomed service dispatched at once */
int32_t dispatch_message(lugh_node *node, service *to, uint16_t handle);
int32_t create_service(lugh_node *node, service *of, uint16_t committed);
void destroy_service(lugh_node *node, service *of);
int32_t plan_order(lugh_node *node, service *scheduler, int count);
void read_clock(lugh_node *node);

#endif
