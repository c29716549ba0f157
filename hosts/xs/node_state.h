/*
 * What a node is made of, for the node_*.c rooms only: pool (messages, bodies and rings), text (what is said), trace (what
 * ran), wait (for how long), service, call and store (what services may call), handler and dispatch (running one message),
 * life (birth and death of services), view (the kernel's arrays), mailbox, order and plan (who goes next), turn (one dispatch after
 * the other), kernel (what the kernel may call), node (birth, death and the host's side).
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
	KIND_REPLACED, /* ours alone: what the `latest` message `target` was before the dispatch in progress */

	FLAG_MORE = 1 << 28,
	FLAG_DUE = 1 << 29,
	KERNEL_PORT = 1023,
	NOBODY = 0xffff,

	/* Beyond the machine layer's statuses; kernel/host.ts, "faultKinds". */
	FAULT_STALLED = -6,
	FAULT_KILLED = -7,
	FAULT_NONSENSE = -8,
	FAULT_STARVED = -9,
	OUTCOME_LATE = 1, /* not run, because its deadline had passed */

	VERB_SEND = 1,
	VERB_CALL = 2,
	VERB_PUBLISH = 4,
	VERB_SUBSCRIBE = 8,

	TIMERS_EACH = 16,       /* kernel/limits.ts, timersEach */
	TYPES = 1024,           /* message types of all services of a process together */
	TYPES_EACH = 32,        /* that one service may bring in by naming them */
	TYPE_BYTES = 64,
	TOPICS = 64,            /* topics of one node */
	PLAN_NAMES = 6,         /* of a view's arrays, and "plan" */
	HANDLERS_CACHED = 16,   /* a service has a handful of message types; more are looked up each time */
	HANDLES_FOR_HIGH = 8,
	PLACES_FOR_HIGH = 4,    /* of each mailbox, beyond its own: an alarm and what follows it pass those who flood */
	TURN_MICROS = 5000,     /* other nodes, sockets and commands wait no longer for a busy one, and a dispatch */
	TRACED = 512,           /* dispatches that are remembered; 16 KB a node */
	WAIT_CLASSES = 26,      /* of waits; the last one begins at 16 s, when nobody waits any more */
	HIGH_WAIT_MICROS = 30000000, /* a window of the longest wait: two of them are a minute, in which somebody looks */
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
	ANY_SCHEMA = -1, /* of a state that the table gives: that of whatever version starts */
	SLOT_STATE = 5,   /* the state of another schema, on its way through migrate */
	SLOT_CONTEXT = 6, /* what handlers are given, of the runtime */
	/* of a kernel machine */
	SLOT_KERNEL_RUN = 1,
};

/* The arrays of kernel/state.ts that a turn works on; their names are in node_view.c. */
enum {
	REGISTERS,
	ALIVE,
	PENDING,
	SERVING,
	PRIORITY,
	REPLY_PRIORITY,
	QUEUED,
	ORDER,
	AFTER,
	BEFORE,
	HEAD,
	TAIL,
	LINK,
	ROLE,
	CALLER,
	CALLEE,
	KERNEL_ARRAYS,
};

/* kernel/state.ts, "registers" and "roles" */
enum {
	REGISTER_SERVICE,
	REGISTER_HANDLE,
	REGISTER_HELD,
	REGISTER_TURNS,
	REGISTER_READY,
	REGISTER_URGENT,
	REGISTER_SCHEDULER,
	REGISTER_CURSOR,
	REGISTER_PLANNED,
	REGISTER_DECISIONS,
	REGISTER_OWED,
	REGISTER_WAITER,
	REGISTER_WAITED,
	REGISTER_LOOKED_AT,
	REGISTER_COUNT,
};

enum { ROLE_MESSAGE = 0, ROLE_CALL = 1, ROLE_TICK = 2 };

typedef struct block {
	struct block *next_free;
	uint32_t length;
	uint32_t cost; /* slots that it becomes in a receiver; 0: unknown, from a device port */
	uint16_t references;
	uint16_t owner;
	uint8_t size_class;
	uint8_t bytes[];
} block;

typedef struct {
	block *body;
	int64_t deadline_micros; /* 0: none */
	int64_t interval_micros;
	int64_t since_micros; /* when it was submitted */
	uint32_t missed;
	uint32_t generation; /* tells this use of the handle from the next one */
	int32_t schema;      /* of a committed state */
	uint16_t sender; /* of a reply: who answered. NOBODY: a device port that sends, or the kernel */
	uint16_t target;
	uint16_t type;
	uint16_t next_free;
	uint16_t served_by; /* service or port that has the call, or NOBODY */
	uint8_t kind;       /* KIND_NONE: free */
	uint8_t priority;
	uint8_t answer;
	bool holds_credit;
	bool is_cancelled;
	bool is_replaced; /* in the dispatch in progress, which may still fault */
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

/* Submissions that the kernel has not asked for yet, packed as in kernel/host.ts. */
typedef struct {
	uint32_t *entries;
	uint32_t head, tail;
} ring;

/* One dispatch. */
typedef struct {
	int64_t at_micros;
	uint32_t run_micros;
	uint32_t steps;
	uint16_t service;
	uint16_t sender;
	uint16_t type;
	uint8_t kind; /* KIND_NONE: a start */
	uint8_t priority;
	int8_t outcome; /* 0, a fault, or OUTCOME_LATE */
} traced;

typedef struct {
	char permission[8];
	char name[80];
} port_grant; /* kernel/host.ts, "permit" */

typedef struct {
	bool is_service; /* what natives find behind lugh_machine_context */
} native_context;

typedef struct {
	char module[96];
	const char *names[3]; /* borrowed by the machine for its life */
} imports;

/* A machine with what belongs to it alone. Two of a service live at a time while it is swapped. */
#define INCARNATION \
	lugh_machine *machine; \
	lugh_body_state bodies; \
	imports *imports; \
	char version[24]; \
	int32_t schema; /* of the state that it commits */ \
	uint16_t timers; \
	uint16_t types_named; \
	char denied[224]; /* what it last reached for and is not granted */ \
	uint16_t serving; /* handle of the call that it owes a reply, or 0 */ \
	uint16_t pending_calls; \
	uint16_t restoring; /* handle of the call of storage that its start waits for, or 0 */ \
	uint16_t initial; /* meanwhile: handle of the state that it starts with when nothing was stored, or 0 */ \
	bool stores_state; \
	bool is_handling; /* its handler awaits something */ \
	bool is_doomed; \
	txID plan_names[PLAN_NAMES]; /* of a scheduler: what node_plan.c looks for */ \
	struct { uint16_t type; txSlot *function; } handlers[HANDLERS_CACHED];

typedef struct {
	INCARNATION
} incarnation;

typedef struct {
	native_context context;
	uint16_t index;
	lugh_node *node;
	union {
		struct {
			INCARNATION
		};
		incarnation live;
	};
	incarnation *spare; /* the candidate before the exchange, the former one after it; NULL when there is no swap */
	char name[32];
	size_t memory_bytes;
	uint32_t stack_slots;
	uint32_t budget_steps;
	uint16_t mailbox;
	uint16_t credits; /* messages that its mailbox still takes */
	channel *channels;
	uint16_t channel_count;
	topic_grant *topics;
	uint16_t topic_count;
	port_grant *permits;
	uint16_t permit_count;
	block *configuration;
	uint8_t restores; /* starts from what it had stored, since the node booted (node_store.c) */
	/* The message in hand. */
	uint16_t in_hand_type;
	uint8_t current_priority;
	bool is_planning;
	char hostile[96];
	size_t body_bytes;
	/* Figures. */
	uint64_t dispatches;
	uint64_t steps;
	uint64_t planned_steps;
	int64_t run_micros;
	uint64_t refused;
	uint64_t replaced;
	uint64_t late;
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
	ring submitted; /* by the service that was dispatched last; empty before each dispatch */
	ring arrived;   /* from device ports */
	uint32_t ring_mask;
	traced *trace; /* TRACED of them */
	uint32_t trace_count; /* ever */
	char topics[TOPICS][32];
	uint16_t topic_count;
	int64_t now;       /* constant within a dispatch */
	int64_t due;       /* of the next timer */
	int64_t turn_end;  /* at the latest */
	int64_t next_deadline; /* not later than the first of all calls */
	int64_t high_wait[2];    /* longest of a HIGH message, in the window that runs and in the one before it */
	int64_t high_wait_since; /* when the one that runs began */
	uint64_t waits[3][WAIT_CLASSES]; /* messages by priority and by how long they waited */
	int64_t charged_at; /* since when run time counts for `charged` */
	service *charged;
	txSlot *arrays[KERNEL_ARRAYS]; /* of the kernel's machine */
	uint64_t dispatches;
	bool has_panicked;
	lugh_node_wish wish;
	char reason[512];
};

/* ---- node_pool.c ---- */
bool pool_create(lugh_node *node);
void pool_destroy(lugh_node *node);
uint16_t pool_take(lugh_node *node, int kind, int priority); /* 0: full */
void pool_release(lugh_node *node, uint16_t handle);
bool pool_set_body(lugh_node *node, uint16_t handle, uint16_t owner, const uint8_t *bytes, size_t length);
void pool_share_body(lugh_node *node, uint16_t to, uint16_t from);
void pool_drop_body(lugh_node *node, uint16_t handle);
block *pool_take_block(lugh_node *node, uint16_t owner, int priority, const uint8_t *bytes, size_t length);
void pool_drop_block(lugh_node *node, block *body);
bool pool_fits(const lugh_node *node, const block *body, uint16_t target); /* false: too large for its receiver */
void pool_return_credit(lugh_node *node, uint16_t handle);
void pool_end_latest(lugh_node *node, uint16_t handle); /* it is not the unread message of its channel any more */
bool pool_take_credit(lugh_node *node, uint16_t handle, uint16_t target);
/* Turns a call into its reply: to whoever called, with its body or with an answer. */
void make_reply(lugh_node *node, uint16_t handle, int answer);

/* ---- node_ring.c ---- */
bool ring_create(lugh_node *node, ring *of);
bool ring_is_empty(const ring *of);
void submit(lugh_node *node, uint16_t handle, int kind, uint16_t target, int priority); /* by a service */
void arrive(lugh_node *node, uint16_t handle, int kind, uint16_t target, int priority); /* from a device port */
uint32_t next_submission(lugh_node *node); /* 0: none */
uint32_t next_arrival(lugh_node *node);
bool submit_replaced(lugh_node *node, uint16_t handle); /* remembers how the message was; false: the pool is full */
void take_back_submissions(lugh_node *node);

/* ---- node_text.c ---- */
int type_of(const char *text, uint16_t *quota); /* -1: no UTF-8, too long, or no room for another type */
const char *type_text(int type);
int topic_of(lugh_node *node, const char *name);
/* Copies as much as fits of the engine's text as UTF-8; what has no such form becomes U+FFFD. */
void clean_text(char *to, size_t size, const char *from);
void log_text(lugh_node *node, const char *level, const char *text);
extern const char *const answer_texts[LUGH_ANSWER_COUNT]; /* kernel/host.ts, "answers"; 0: "sent" */

/* ---- node_trace.c ---- */
void trace_begin(lugh_node *node, const service *of, const message *in_hand); /* NULL: a start */
void trace_end(lugh_node *node, uint32_t steps, int outcome);
void trace_time(lugh_node *node, int64_t run_micros); /* of the last one; known when the clock is read again */

/* ---- node_wait.c ---- */
void count_wait(lugh_node *node, const message *in_hand);
int64_t longest_high_wait(lugh_node *node); /* of the last half minute at least, the last minute at most */
void put_waits(const lugh_node *node, lugh_cbor_writer *writer); /* services/api/kernel.ts, Waits */

/* ---- node_service.c ---- */
typedef struct {
	int priority; /* -1: that of the message in hand */
	int64_t deadline_micros; /* 0: none */
} send_options;

extern const lugh_native lugh_service_natives[];
extern const size_t lugh_service_native_count;
uint8_t *encode_scratch(void); /* LUGH_BODY_BYTES of it */
void throw_not_plain(txMachine *the, int code, const char *path);
service *service_of(txMachine *the);
char *text_argument(txMachine *the, int index, const char *what);
int type_argument(txMachine *the, service *of, int index);
send_options options_argument(txMachine *the, service *of, int index, bool is_call);
int encode_argument(txMachine *the, service *of, int index); /* 0: none, -1: too large */
/* Submits a state as the service's last commit. */
int submit_commit(service *of, const uint8_t *state, size_t length, int32_t schema);
int submit_message(service *of, int kind, channel *to, int type, const send_options *options, int length, uint16_t *handle);

/* ---- node_call.c ---- */
void native_call(txMachine *the);
/* The result is the promise of a reply to this call; of a refusal when there is a code. */
void answer_promise(txMachine *the, service *of, uint16_t handle, int code, const char *what);
/* Takes the promise that waits for this call, and settles it; false when there is none. */
bool settle_call(txMachine *the, service *of, uint16_t handle);

/* ---- node_store.c ---- */
void native_store(txMachine *the);
bool waits_for_state(service *of, const message *state); /* `state`: what the kernel has for it, or NULL */
void ask_for_state(txMachine *the, service *of, uint16_t initial);
void start_restored(txMachine *the, service *of, const message *reply);

/* ---- node_permission.c: NULL or false where it is not granted, and that has been said ---- */
channel *grant_of(service *of, const char *name, int verb, send_options *options);
topic_grant *grant_of_topic(service *of, const char *name, int verb, send_options *options); /* no options: to subscribe */
bool may_store(service *of);
const char *store_prefix(const service *of);
channel *grant_channel(service *of, const char *name, uint16_t target, int priority, int verbs, bool is_latest);
topic_grant *grant_topic(service *of, int topic, int priority, int verbs);
bool grant_port(service *of, const char *permission, const char *name);
void forget_grants(service *of);

/* ---- node_kernel.c ---- */
extern const lugh_native lugh_kernel_natives[];
extern const size_t lugh_kernel_native_count;

/* ---- node_handler.c ---- */
typedef struct {
	service *to;
	const message *in_hand;
	uint16_t handle;
	int answer;      /* when it could not be given: what a caller is answered */
	const char *why;
} delivery;

void deliver_message(txMachine *the, void *delivery);
void deliver_reply(txMachine *the, void *delivery);
int push_body(txMachine *the, service *of, const message *from); /* 0, or why it cannot be decoded (body.h) */
void push_context(txMachine *the);

/* ---- node_dispatch.c ---- */
extern const char *const doom_type; /* the message that has a doomed service dispatched at once */
int32_t dispatch_message(lugh_node *node, service *to, uint16_t handle);

int32_t settle_run(lugh_node *node, service *of, int status);
int32_t fault(lugh_node *node, service *of, int status, const char *reason); /* NULL: the machine's */
void charge(lugh_node *node, service *to);
void read_clock(lugh_node *node);

/* ---- node_life.c ---- */
int32_t create_service(lugh_node *node, service *of, uint16_t committed);
void destroy_service(lugh_node *node, service *of);
int make_machine(lugh_node *node, service *of); /* with runtime and module; LUGH_OK or a fault, reason set */
int32_t begin_service(lugh_node *node, service *of, uint16_t state);
void push_state(txMachine *the, service *of, const message *state); /* in the schema of its version; undefined for NULL */
void adopt_schema(txMachine *the, service *of, int32_t schema); /* of the state on the stack */
void run_start(txMachine *the, service *of);
bool use_module(service *of, const char *module);
int32_t ask_health(lugh_node *node, service *of, bool is_trial); /* 1, 0 or a fault */

/* ---- node_swap.c ---- */
int32_t swap_prepare(lugh_node *node, service *of, const char *module, bool is_scheduler);
int32_t swap_suspend(lugh_node *node, service *of, uint16_t committed, bool is_forced);
void swap_exchange(service *of);
void swap_discard(lugh_node *node, service *of);

/* ---- node_view.c: the kernel's arrays, while its machine does not run ---- */
typedef struct {
	int count; /* of services */
	txSlot *items[KERNEL_ARRAYS];
} kernel_view;

void bind_kernel(lugh_node *node, txMachine *the, txSlot *state); /* throws when an array is missing or too short */
void view_kernel(const lugh_node *node, kernel_view *view);

static inline int *at(const kernel_view *view, int array, int index)
{
	return &view->items[array][index].value.integer;
}

/* ---- node_mailbox.c ---- */
void mailbox_enqueue(const kernel_view *of, int service, int level, int handle);
void mailbox_open_call(const kernel_view *of, int from, int to, int call);
void mailbox_end_call(const kernel_view *of, int call, int level);
int mailbox_take(const kernel_view *of, int service);
void mailbox_refresh(const kernel_view *of, int service);
int mailbox_first(const kernel_view *of);

/* ---- node_order.c ---- */
int32_t choose_next(lugh_node *node, const kernel_view *of); /* a service, or a fault of the scheduler */

/* ---- node_plan.c ---- */
int32_t plan_order(lugh_node *node, service *scheduler, int count);
void plan_names(txMachine *the, service *scheduler);

/* ---- node_turn.c ---- */
int32_t run_turn(lugh_node *node, int most);

#endif
