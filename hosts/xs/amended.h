/*
 * What the amended sources of the engine call; amend.cmake puts it at the top of each.
 *
 * mxChain counts in a local variable and charges when the function returns, by whichever way. The engine's own
 * mxMeterSome only adds up; here it ends the run as well, because some built-ins call it in loops of a quadratic length.
 */
#ifndef LUGH_AMENDED_H
#define LUGH_AMENDED_H

#include "xsAll.h"

enum { LUGH_LINKS_A_STEP = 16 };

typedef struct {
	txMachine *the; /* NULL in lugh-xsc */
	txU4 count;
} lugh_links;

extern void lugh_charge(txMachine *the, txU4 steps);
extern void lugh_charge_collection(txMachine *the, txFlag flag);
extern txSlot *lugh_stack_open(txMachine *the, txSize count);
extern void lugh_stack_close(txMachine *the);
extern void lugh_growth_judge(txMachine *the, txFlag flag);
extern int lugh_growth_is_due(txMachine *the, txSize bytes);
extern void lugh_bigint_room(txMachine *the, txU4 words);
extern txSize lugh_bigint_parsed_bytes(txMachine *the, txSize bytes, txSize digits);

static inline void lugh_links_end(const lugh_links *links)
{
	if (links->count >= LUGH_LINKS_A_STEP && links->the)
		lugh_charge(links->the, links->count / LUGH_LINKS_A_STEP);
}

#define mxChain lugh_links links __attribute__((cleanup(lugh_links_end))) = { the, 0 };
#define mxFollow(EXPRESSION) (links.count++, EXPRESSION)

/* Writes a flag only when that changes it. */
#define mxChangeFlag(FLAG, CHANGE) do { txFlag changed = FLAG; changed CHANGE; if (changed != FLAG) FLAG = changed; } while (0)

#define mxMeterReference (the ? ((txMachine *)the)->meterIndex++ : 0)
#define mxMeterStart (the ? lugh_charge(the, 1) : (void)0)

#ifdef LUGH_FUZZ
/* One counter for each pair of byte-codes that ran one after the other, as far as no two share one; libFuzzer reads them. */
enum { LUGH_FUZZ_EDGES = 1 << 16 };
extern uint8_t lugh_fuzz_edges[LUGH_FUZZ_EDGES];
extern uint32_t lugh_fuzz_last;

static inline void lugh_fuzz_follow(const void *code)
{
	uint32_t here = ((uint32_t)(uintptr_t)code * 2654435761u) >> 16;
	lugh_fuzz_edges[(here ^ lugh_fuzz_last) % LUGH_FUZZ_EDGES]++;
	lugh_fuzz_last = here >> 1;
}
#endif

#undef mxMeterSome
#define mxMeterSome(COUNT) lugh_charge(the, (txU4)(COUNT))

#endif
