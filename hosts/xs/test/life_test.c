/*
 * What does a machine cost, and does anything stay behind when it ends?
 */
#include "harness.h"

#include <stdlib.h>

enum {
	LIVES = 5000,
	CROWD = 10000,
	RUNS = 1000000,
	CREATIONS = 100000,
#ifdef LUGH_SANITIZED
	LEAK_BYTES = 1 << 30, /* the sanitizer keeps what was freed; it finds leaks in its own way */
#else
	LEAK_BYTES = 256 * 1024, /* a leak of 52 bytes a life shows; libc keeps fewer pages than that */
#endif
	EMPTY_CLONE_BYTES = 16 * 1024, /* with the default stack of 8 KB */
};

static const char *const deaths[] = { "throwError", "growMap", "growJson", "spin", "catastrophicRegExp", "writeRoot", "recurse", "spinInCatch" };

static void live_once(int life)
{
	lugh_machine *machine = test_machine("hostile");
	test_call(machine, deaths[life % 8], 0);
	lugh_machine_destroy(machine);
}

static void deaths_leave_nothing_behind(void)
{
	char detail[100];
	int lives = LIVES / test_divisor;
	for (int life = 0; life < lives / 10; life++)
		live_once(life);
	size_t before = test_resident_bytes();
	for (int life = 0; life < lives; life++)
		live_once(life);
	size_t after = test_resident_bytes();
	snprintf(detail, sizeof detail, "resident %zu bytes before, %zu after", before, after);
	expect(after <= before + LEAK_BYTES, "machines killed in eight ways leave nothing behind", detail);
}

static void measure_crowd(lugh_machine **crowd, int count)
{
	size_t before = test_resident_bytes();
	double start = test_now();
	for (int i = 0; i < count; i++)
		crowd[i] = test_machine("state");
	printf("machine of %d: %.0f ns to create and import, %.1f KB resident\n", count, (test_now() - start) / count,
		(double)(test_resident_bytes() - before) / count / 1024);
}

static void a_crowd_lives_together(void)
{
	int count = CROWD / test_divisor;
	lugh_machine **crowd = calloc((size_t)count, sizeof *crowd);
	int right = 0;
	measure_crowd(crowd, count);
	for (int round = 1; round <= 3; round++) {
		for (int i = 0; i < count; i++)
			right += test_ask(crowd[i], "count", 0) == round;
	}
	expect(right == 3 * count, "a crowd of machines keeps its own state", "");
	for (int i = 0; i < count; i++)
		lugh_machine_destroy(crowd[i]);
	free(crowd);
}

static void limits_are_known_beforehand(void)
{
	int status = LUGH_OK;
	lugh_machine_options options = { .name = "tiny", .memory_bytes = 1000 };
	expect(!lugh_machine_create(test_root(), &options, &status), "a limit below an empty machine is refused", "");
	expect(status == LUGH_OUT_OF_MEMORY, "with the status out-of-memory", lugh_status_text(status));
	lugh_machine_destroy(NULL);
}

static void nothing(txMachine *the, void *data)
{
	(void)the;
	(void)data;
}

static void measure_runs(void)
{
	int runs = RUNS / test_divisor;
	lugh_machine *machine = test_machine("state");
	size_t bytes = lugh_machine_bytes(machine);
	double start = test_now();
	for (int i = 0; i < runs; i++)
		lugh_machine_run(machine, nothing, NULL, BUDGET_STEPS);
	printf("empty run: %.1f ns\n", (test_now() - start) / runs);
	start = test_now();
	for (int i = 0; i < runs; i++)
		test_call(machine, "count", 0);
	printf("run that calls a method by name: %.1f ns\n", (test_now() - start) / runs);
	printf("clone after import: %zu bytes on %d bit\n", bytes, (int)sizeof(void *) * 8);
	expect(bytes < EMPTY_CLONE_BYTES, "a clone is small", "");
	expect(lugh_machine_bytes(machine) < EMPTY_CLONE_BYTES, "many runs do not grow a machine", "");
	lugh_machine_destroy(machine);
}

static void measure_creations(void)
{
	lugh_machine_options options = { .name = "empty", .memory_bytes = MEMORY_BYTES };
	double start = test_now();
	int creations = CREATIONS / test_divisor;
	for (int i = 0; i < creations; i++)
		lugh_machine_destroy(lugh_machine_create(test_root(), &options, NULL));
	printf("create and destroy: %.0f ns\n", (test_now() - start) / creations);
}

void test_lives(void)
{
	limits_are_known_beforehand();
	deaths_leave_nothing_behind();
	a_crowd_lives_together();
	measure_runs();
	measure_creations();
}
