/*
 * What the tests of the machine layer share: a tally, a root over the test image, and calls into its modules.
 */
#ifndef LUGH_TEST_HARNESS_H
#define LUGH_TEST_HARNESS_H

#include "engine.h"
#include "machine.h"

/* A slot takes half as much on 32 bit, a string as much as on 64. */
enum { MEMORY_BYTES = (sizeof(void *) == 8 ? 64 : 48) * 1024, BUDGET_STEPS = 1000000 };

/* What is repeated often is repeated so many times less: 1, or 20 with --brief, under an emulator or a sanitizer. */
extern int test_divisor;

/* Counts one expectation; a failed one prints its title and what explains it. */
void expect(int holds, const char *title, const char *detail);

/* The root over the image of test/programs; ends the test program when it cannot be built. */
lugh_root *test_root(void);

/* A machine that may import this module of the image, and did. */
lugh_machine *test_machine(const char *module);

/* Runs default.method(argument) and drops its result. */
int test_call(lugh_machine *machine, const char *method, int argument);

/* As test_call, with another budget. */
int test_spend(lugh_machine *machine, const char *method, uint32_t budget_steps);

/* As test_call; answers the number that the method answered, or -999 when it did not. */
int test_ask(lugh_machine *machine, const char *method, int argument);

/* Resident bytes of the process. */
size_t test_resident_bytes(void);

/* Nanoseconds of the monotonic clock. */
double test_now(void);

void test_isolation(void);
void test_hostile(void);
void test_roots(void);
void test_lives(void);

#endif
