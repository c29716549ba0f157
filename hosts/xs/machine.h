/*
 * The law of the machine layer: one frozen root, many machines cloned from it, and the run that cannot escape.
 *
 * The root holds the engine's built-ins and every preloaded module, in memory that is read-only by hardware. A machine
 * is a clone that holds only what its service made. Nothing of the engine's types shows here but one pointer, so that a
 * host may be written without engine.h; glue that touches JavaScript values includes engine.h and calls these functions.
 *
 * One thread. The engine keeps static state, so all of this runs on one thread of a process, and not the main thread:
 * see lugh_machine_thread_main. No function here blocks, and none calls back after it returned.
 */
#ifndef LUGH_MACHINE_H
#define LUGH_MACHINE_H

#include <stddef.h>
#include <stdint.h>

struct sxMachine; /* the engine's machine, txMachine in engine.h */
struct sxSlot;    /* the engine's value, txSlot in engine.h */

typedef struct lugh_root lugh_root;
typedef struct lugh_machine lugh_machine;

/* What a run answers. All but LUGH_OK and LUGH_THREW end the machine: only lugh_machine_destroy may follow. */
enum {
	LUGH_OK = 0,
	LUGH_THREW = -1,          /* an exception or an unhandled rejection came out; the machine may run again */
	LUGH_OUT_OF_BUDGET = -2,  /* the meter passed the budget of this run */
	LUGH_OUT_OF_MEMORY = -3,  /* the machine reached its memory_bytes, or has no room for more names */
	LUGH_STACK_OVERFLOW = -4, /* JavaScript or C recursion went too deep */
	LUGH_WROTE_ROOT = -5,     /* the machine wrote into the shared root; the hardware refused it */
};

/* The name of a status ("out-of-budget"), for logs and reports. Static text, never NULL. */
const char *lugh_status_text(int status);

/* ---- the thread ------------------------------------------------------------------------------------------------ */

/*
 * Runs function(argument) on a new thread with 8 MB of stack, waits for it, and answers what it answered; -1 when the
 * thread cannot be made. Everything below must happen inside one such function: the main thread costs 27 us for each
 * machine, because its stack limit has to be read from /proc.
 */
int lugh_machine_thread_main(int (*function)(void *argument), void *argument);

/* ---- the root -------------------------------------------------------------------------------------------------- */

typedef void (*lugh_native_callback)(struct sxMachine *the);

typedef struct {
	const char *name; /* property of lughNatives; borrowed for the life of the root */
	lugh_native_callback callback;
	int length; /* number of declared arguments */
} lugh_native;

typedef struct {
	const char *image_path;       /* firmware.xsi, written by lugh-xsc for this very engine */
	const char *const *preload;   /* modules whose top level runs now, in this order; with all that they import */
	size_t preload_count;         /* 0: every module of the image */
	const lugh_native *natives;   /* visible as globalThis.lughNatives while modules preload, and only then */
	size_t native_count;
} lugh_root_options;

/*
 * Builds the root: loads the image, runs the top level of the preloaded modules once, takes away what services must not
 * have, freezes, scans against the white list and makes the memory read-only. A module keeps natives by taking them
 * from globalThis.lughNatives at its top level. Answers NULL on failure, with a sentence in error (cut to error_bytes)
 * that names the file, module or value at fault. The root outlives all its machines. One root a process.
 */
lugh_root *lugh_root_create(const lugh_root_options *options, char *error, size_t error_bytes);

/* Gives the root's memory back. NULL is allowed. No machine of it may be left. */
void lugh_root_destroy(lugh_root *root);

/*
 * Adds the modules of another image, which machines that are made from now on may import beside the root's. 0, or -1 with a
 * sentence in error. The engine does not verify byte-code: only what a trusted compiler wrote, or what was signed, may come here.
 */
int lugh_added_read(const char *path, char *error, size_t error_bytes);

/* ---- machines -------------------------------------------------------------------------------------------------- */

typedef struct {
	const char *name;           /* for reports; borrowed for the life of the machine */
	size_t memory_bytes;        /* limit on all that the engine holds for the machine; 0: none (the kernel's own) */
	uint32_t stack_slots;       /* how deep it may call, in slots of the stack that all machines share; 0: 256 */
	void *context;              /* the host's own, handed to natives by lugh_machine_context */
	const char *const *modules; /* exact names that this machine may import; borrowed for the life of the machine */
	size_t module_count;
} lugh_machine_options;

/*
 * Clones a machine. About a microsecond. Answers NULL when the limit is too small to hold an empty machine or when the
 * process is out of memory, with LUGH_OUT_OF_MEMORY in *status; otherwise *status is LUGH_OK. status may be NULL.
 */
lugh_machine *lugh_machine_create(lugh_root *root, const lugh_machine_options *options, int *status);

/* Ends a machine and gives back all its memory. NULL is allowed. Never from inside one of its own natives. */
void lugh_machine_destroy(lugh_machine *machine);

/*
 * Imports a module and keeps its default export in slot 0 (undefined when it has none). Preloaded modules cost no
 * loading; others of the image run their top level now, under the budget. A module that is not in the machine's list
 * is refused: LUGH_THREW, and the reason names it.
 */
int lugh_machine_import(lugh_machine *machine, const char *module, uint32_t budget_steps);

typedef void (*lugh_machine_body)(struct sxMachine *the, void *data);

/*
 * Enters the machine, calls body(the, data), which calls JavaScript, then runs promise jobs until none is left. What
 * body leaves on the engine's stack is dropped. budget_steps bounds the whole run in steps of the meter (about one a
 * byte-code, for work in C see charge.c), at most 2^30; 0: unmetered, for the kernel's own machine only. May be called
 * from a native of another machine, never of the same one. Jobs that a run left when it threw are run at the end of the
 * next one. Any other status than LUGH_OK abandons body in the middle by longjmp: body and natives hold no resource that
 * needs giving back across a call into the engine.
 */
int lugh_machine_run(lugh_machine *machine, lugh_machine_body body, void *data, uint32_t budget_steps);

/*
 * Spends the budget of the run in progress, which then ends as out-of-budget at its next check; without a metered run
 * it does nothing. The one function here that a signal handler may call, on the engine's own thread: a host's watchdog
 * for what steps do not measure well (objects of thousands of properties). A host that replays runs must not use it.
 */
void lugh_machine_interrupt(void);

/* Steps of the last run or import. */
uint32_t lugh_machine_last_steps(const lugh_machine *machine);

/* Bytes that the machine holds now: machine, tables, stack, slots, chunks, names, and buffers of built-ins. */
size_t lugh_machine_bytes(const lugh_machine *machine);

/*
 * Why the last run did not answer LUGH_OK: "TypeError: message" of what was thrown, followed by the functions on the
 * stack where the engine recorded them; or a sentence about the limit. Owned by the machine, valid until its next run;
 * "" when there is none.
 */
const char *lugh_machine_reason(const lugh_machine *machine);

/* ---- for natives ----------------------------------------------------------------------------------------------- */

/* The context given at creation. */
void *lugh_machine_context(struct sxMachine *the);

/*
 * Rooted slots: values that live as long as the machine, for the handler, the pending resolver and the like. Slot 0
 * receives the default export of each import. Push: mxPushSlot(lugh_slot(the, n)). Keep: lugh_slot_keep(the, n,
 * the->stack). Never assign through the pointer: the slot's link belongs to the collector.
 */
enum { LUGH_SLOT_COUNT = 8, LUGH_SLOT_DEFAULT_EXPORT = 0 };
struct sxSlot *lugh_slot(struct sxMachine *the, unsigned index);
void lugh_slot_keep(struct sxMachine *the, unsigned index, const struct sxSlot *value);

#endif
