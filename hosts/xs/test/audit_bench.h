/*
 * What the parts of audit-bench share: the root that is audited, the programs by number, and what became of each.
 */
#ifndef LUGH_AUDIT_BENCH_H
#define LUGH_AUDIT_BENCH_H

#include "layer.h"

enum {
	BUDGET_STEPS = 300000,
	MEMORY_BYTES = 256 * 1024,
	NAME_BYTES = 200,
};

/* What became of one program. */
typedef enum {
	UNTRIED = 0,
	NO_EFFECT, /* it ended, and the root is as it was */
	THREW,     /* it was refused: an exception, or the end of its budget, memory or stack */
	FAULTED,   /* the hardware refused a write into the root */
	CHANGED,   /* only without protection: the root is not as it was */
	DIED,      /* and the process with it */
	RESULTS,
} result;

/* The root over test/audit, with all that the scan would refuse. Ends the process when it cannot be built. */
lugh_root *audit_root(void);

/* How many programs there are; the name of one; whether the scan would refuse what it is tried on. */
int count_programs(void);
void name_program(int number, char name[NAME_BYTES]);
int is_of_refused_kind(int number);

/* Runs a program in a machine of its own and collects its garbage; answers NO_EFFECT, THREW or FAULTED. */
result run_program(int number);

/*
 * Does a machine that has lived since the first call find everything shared as it was then? And what did it last find
 * that was not?
 */
int is_witness_content(void);
const char *witnessed_harm(void);

/* Changes what is shared, although it is protected: so that a test can see whether the audit would notice. */
void plant_harm(void);

/* From now on writes into the root succeed, and are noticed. For a process that forks off and ends. */
void unprotect_root(void);

/* Was the root written to, with other bytes than it had, since the last call? Mends it either way. */
int was_root_changed(int *is_visible);

#endif
