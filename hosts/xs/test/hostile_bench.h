/*
 * What the parts of hostile-bench share: the programs, the machines they attack, and how one attack went.
 */
#ifndef LUGH_HOSTILE_BENCH_H
#define LUGH_HOSTILE_BENCH_H

#include "engine.h"
#include "machine.h"

enum {
	PROGRAM_LIMIT = 16384,
	KIND_LIMIT = 64,
	PATH_BYTES = 128,
	KIND_BYTES = 16,
	BUDGET_STEPS = 1000000,
	/* Full at once: the collector works at the limit. A slot takes half as much on 32 bit, a string as much as on 64. */
	SMALL_BYTES = (sizeof(void *) == 8 ? 64 : 48) * 1024,
	LARGE_BYTES = 4 * 1024 * 1024, /* grows for long, and walks and copies are long */
	/* What a run of this budget may take of the processor. A step of ordinary code takes 1 to 3 ns, one that is charged
	 * for work in C up to 0.15 us; the rest is for slower and busier machines. */
#ifdef LUGH_SANITIZED
	RUN_MICROS = 10 * BUDGET_STEPS, /* two to five times as slow */
#else
	RUN_MICROS = BUDGET_STEPS,
#endif
};

/* A program of hostile/suite: "kind/verdicts/name", where verdicts are the statuses it may come to, with spaces between. */
typedef struct {
	char path[PATH_BYTES];
	char kind[KIND_BYTES];
	double micros; /* that it took until its budget ended, from a handler in a large machine; 0: it ended otherwise */
} program;

typedef struct {
	program programs[PROGRAM_LIMIT];
	int count;
} program_list;

/* From where a program is run. */
typedef enum { FROM_HANDLER, FROM_PROMISE_JOB, FROM_TOP_LEVEL, FROM_SUSPEND, FROM_BODY, SITUATIONS } situation;

extern const char *const situation_names[SITUATIONS];

typedef struct {
	int status;
	double micros;      /* of the thread's processor time */
	uint32_t steps;
	const char *escape; /* how it got out; NULL when it was contained */
} outcome;

/* Builds the root with all programs, and lists them. Both end the process when they cannot. */
lugh_root *hostile_root(void);
void list_programs(program_list *list);

/* Is it one of those that call a built-in? They are many, and differ in nothing but what they call. */
int calls_builtin(const program *it);

/* Runs the program in a machine of its own, asks a neighbour whether it is unharmed, and judges. */
outcome attack(const program *it, situation from, size_t memory_bytes);

/* Microseconds that this thread has worked. */
double worked_micros(void);

/*
 * Interrupts each program that takes its whole budget so many times, evenly over the time it takes, and answers the most
 * microseconds that passed until control was back: how long the engine works without a look at the meter. *worst says
 * with which program.
 */
double measure_latency(const program_list *list, int times, const program **worst);

/* Kills so many machines with the programs that are quick about it; answers by how many bytes the process grew. */
size_t measure_growth(const program_list *list, int kills);

#endif
