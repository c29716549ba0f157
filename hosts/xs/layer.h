/*
 * What the files of the machine layer share and nobody else sees.
 *
 * `lugh_in_hand` is the machine whose code runs now. The engine's hooks, the allocator and the fault handler find the
 * machine through it, because several of them are told nothing. Whoever sets it gives the former value back.
 */
#ifndef LUGH_LAYER_H
#define LUGH_LAYER_H

#include "engine.h"
#include "image.h"
#include "machine.h"
#include "memory.h"

enum {
	LUGH_REASON_BYTES = 512, /* a message, and the innermost functions of its stack */
	LUGH_HEAP_SLOTS = 96,    /* first heap of a machine, and the least it grows by while its limit allows */
	LUGH_CHUNK_BYTES = 1024, /* the same for strings and buffers */
	LUGH_RESIDENTS = 16,     /* slots that a machine keeps on its stack between runs: XS 13 has 13 */
};

struct lugh_root {
	txMachine *the;
	lugh_image image;
	char *region; /* mapped; read-only once the root is sealed */
	size_t region_bytes;
};

struct lugh_machine {
	txMachine *the;
	const lugh_root *root;
	const char *name;
	void *context;
	const char *const *modules;
	size_t module_count;
	size_t memory_bytes; /* the limit that its options gave */
	lugh_account account;
	int status;     /* what the run in progress came to; what ended the machine */
	int may_import_all; /* the root itself, while it preloads */
	int has_jobs;   /* promise jobs wait */
	int is_running;
	uint32_t last_steps;
	uint64_t ran_steps;       /* of all runs that are over */
	uint64_t collected_steps; /* when it was last collected; see growth.c */
	int is_cramped;           /* it is collected too often */
	struct lugh_linked *linked; /* added.c: modules that it linked for itself */
	char *reason;   /* LUGH_REASON_BYTES, made at the first failure: most machines never need it */
	ptrdiff_t stack_slots; /* the depth of its calls */
	txSlot *stack_end;     /* what it was made on: see stack.c */
	txSlot residents[LUGH_RESIDENTS];
	txSlot slots[LUGH_SLOT_COUNT];
};

extern lugh_machine *volatile lugh_in_hand;

typedef struct {
	lugh_machine *machine;
	lugh_account *account;
} lugh_hand;

/* Takes a machine and its account in hand; answers what was in hand before, for lugh_give_back. */
static inline lugh_hand lugh_take_in_hand(lugh_machine *machine)
{
	lugh_hand former = { lugh_in_hand, lugh_account_in_hand };
	lugh_in_hand = machine;
	lugh_account_in_hand = &machine->account;
	return former;
}

static inline void lugh_give_back(lugh_hand former)
{
	lugh_in_hand = former.machine;
	lugh_account_in_hand = former.account;
}

/* Where the C stack of this thread may grow to; read once for each thread. */
extern char *lugh_stack_limit(void);

/* stack.c. `outer` was in hand before; a machine is made on what was lent to it, and leaves its residents when it is made. */
void lugh_stack_lend(lugh_machine *machine, const lugh_machine *outer);
int lugh_stack_leave_residents(lugh_machine *machine); /* -1: they are too many */
void lugh_stack_enter(lugh_machine *machine, const lugh_machine *outer);

/* Leaves the machine in hand with this status. Does not return. */
void lugh_machine_abandon(lugh_machine *machine, int status) __attribute__((noreturn));

/* builtins.c: takes away and replaces built-ins, before modules run. */
void lugh_root_amend(txMachine *the);

/* prepare.c: freezes before the engine shares the root; pins and numbers after it. */
void lugh_root_harden(txMachine *the);
void lugh_root_settle(txMachine *the);

/* added.c: modules beyond the root's. */
const lugh_module *lugh_added_find(const char *name);
lugh_module *lugh_added_link(lugh_machine *machine, const lugh_module *module); /* in the machine in hand; NULL: it is damaged */
const lugh_module *lugh_machine_locate(const lugh_machine *machine, const void *address, uint32_t *line);

/* scan.c: refuses what clones could write to. 0, or -1 with a sentence in error. */
int lugh_root_scan(const lugh_root *root, char *error, size_t error_bytes);

/* guard.c: from now on a write into the region is the fault of the machine in hand. */
void lugh_guard_install(const char *region, size_t region_bytes);

/* reason.c: writes why the machine's run failed. */
void lugh_reason_describe(lugh_machine *machine);

#endif
