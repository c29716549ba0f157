/*
 * Does control come back whatever a service does, and are its neighbours unharmed?
 */
#include "harness.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

enum {
	ATTACKS = 1000,
	NEIGHBOURS = 8,
	RUN_MILLIS = 1000 /* what a budget of a million steps may take at most: 1 us a step, on a busy machine */
};

typedef struct {
	const char *method;
	int status;
} verdict;

/* Each is told apart from its look-alikes by the one status it must come to. */
static const verdict verdicts[] = {
	{ "spin", LUGH_OUT_OF_BUDGET },
	{ "spinInCatch", LUGH_OUT_OF_BUDGET },
	{ "spinInFinally", LUGH_OUT_OF_BUDGET },
	{ "spinInPromises", LUGH_OUT_OF_BUDGET },
	{ "spinInGenerator", LUGH_OUT_OF_BUDGET },
	{ "catastrophicRegExp", LUGH_OUT_OF_BUDGET },
	{ "searchLong", LUGH_OUT_OF_BUDGET },
	{ "multiplyLong", LUGH_OUT_OF_BUDGET },
	{ "scanLong", LUGH_OUT_OF_BUDGET },
	{ "copyStrings", LUGH_OUT_OF_BUDGET },
	{ "throwError", LUGH_THREW },
	{ "throwNumber", LUGH_THREW },
	{ "rejectUnhandled", LUGH_THREW },
	{ "bigintPower", LUGH_THREW },
	{ "compile", LUGH_THREW },
	{ "compileThroughConstructor", LUGH_THREW },
	{ "writeFrozen", LUGH_THREW },
	{ "writePrototype", LUGH_THREW },
	{ "defineOnGlobal", LUGH_THREW },
	{ "stampPrivateField", LUGH_THREW },
	{ "weakKey", LUGH_THREW },
	{ "growArray", LUGH_OUT_OF_MEMORY },
	{ "growString", LUGH_OUT_OF_MEMORY },
	{ "growBuffer", LUGH_OUT_OF_MEMORY },
	{ "hugeBuffer", LUGH_OUT_OF_MEMORY },
	{ "hugeArray", LUGH_OUT_OF_MEMORY },
	{ "growNames", LUGH_OUT_OF_MEMORY },
	{ "growSymbols", LUGH_OUT_OF_MEMORY },
	{ "growClosures", LUGH_OUT_OF_MEMORY },
	{ "growMap", LUGH_OUT_OF_MEMORY },
	{ "growJson", LUGH_OUT_OF_MEMORY },
	{ "sortLong", LUGH_OUT_OF_MEMORY },
	{ "joinLong", LUGH_OUT_OF_MEMORY },
	{ "reverseLong", LUGH_OUT_OF_MEMORY },
	{ "copyLong", LUGH_OUT_OF_MEMORY },
	{ "padLong", LUGH_OUT_OF_MEMORY },
	{ "recurse", LUGH_STACK_OVERFLOW },
	{ "recurseInSort", LUGH_STACK_OVERFLOW },
	{ "recurseInToString", LUGH_STACK_OVERFLOW },
	{ "recurseInProxy", LUGH_STACK_OVERFLOW },
	{ "deepJson", LUGH_STACK_OVERFLOW },
	{ "fillShared", LUGH_THREW },
	{ "writeRoot", LUGH_WROTE_ROOT },
	{ "writeRootFarther", LUGH_WROTE_ROOT },
};

static int says(const lugh_machine *machine, const char *text)
{
	return strstr(lugh_machine_reason(machine), text) != NULL;
}

static void judge(const verdict *it, lugh_machine *neighbour, int count)
{
	char detail[700];
	lugh_machine *machine = test_machine("hostile");
	double start = test_now();
	int status = test_call(machine, it->method, 0);
	double millis = (test_now() - start) / 1e6;
	snprintf(detail, sizeof detail, "wanted %s, found %s: %s", lugh_status_text(it->status), lugh_status_text(status), lugh_machine_reason(machine));
	expect(status == it->status, it->method, detail);
	snprintf(detail, sizeof detail, "%s took %.0f ms", it->method, millis);
	expect(millis < RUN_MILLIS, "a budget bounds time", detail);
	expect(lugh_machine_bytes(machine) <= MEMORY_BYTES, "a machine stays below its limit", it->method);
	expect(test_ask(neighbour, "count", 0) == count, "a neighbour goes on counting", it->method);
	lugh_machine_destroy(machine);
}

static void every_program_comes_back(void)
{
	lugh_machine *neighbour = test_machine("state");
	for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++)
		judge(&verdicts[i], neighbour, (int)i + 1);
	lugh_machine_destroy(neighbour);
}

static void reasons_are_told(void)
{
	lugh_machine *machine = test_machine("hostile");
	test_call(machine, "throwError", 0);
	expect(says(machine, "RangeError: too far\n at throwError (hostile:47)"), "the reason has name, message, function, module and line", lugh_machine_reason(machine));
	test_call(machine, "throwNumber", 0);
	expect(!strcmp(lugh_machine_reason(machine), "7"), "a machine that threw may run again", lugh_machine_reason(machine));
	test_call(machine, "throwThroughCallback", 0);
	expect(says(machine, "\n at throwThroughCallback (hostile:57)"), "a line behind a callback is its own", lugh_machine_reason(machine));
	test_call(machine, "spin", 0);
	expect(says(machine, "budget of 1000000 steps, in spin (hostile:1"), "a machine that was stopped tells where", lugh_machine_reason(machine));
	lugh_machine_destroy(machine);
}

static int write_root_once(void)
{
	lugh_machine *machine = test_machine("hostile");
	int status = test_call(machine, "writeRoot", 0);
	lugh_machine_destroy(machine);
	return status == LUGH_WROTE_ROOT;
}

static void writes_into_the_root_are_contained(void)
{
	lugh_machine *neighbours[NEIGHBOURS];
	int contained = 0;
	int unharmed = 0;
	for (int i = 0; i < NEIGHBOURS; i++)
		neighbours[i] = test_machine("state");
	for (int i = 0; i < ATTACKS; i++) {
		contained += write_root_once();
		unharmed += test_ask(neighbours[i % NEIGHBOURS], "count", 0) == i / NEIGHBOURS + 1;
	}
	expect(contained == ATTACKS, "a write into the root is the fault of one machine, each of 1,000 times", "");
	expect(unharmed == ATTACKS, "neighbours of a machine that wrote into the root are unharmed", "");
	lugh_machine *fresh = test_machine("hostile");
	expect(test_ask(fresh, "firstNumber", 0) == 1, "the root holds what it held", lugh_machine_reason(fresh));
	lugh_machine_destroy(fresh);
	for (int i = 0; i < NEIGHBOURS; i++)
		lugh_machine_destroy(neighbours[i]);
}

static void on_alarm(int number)
{
	(void)number;
	lugh_machine_interrupt();
}

static void *ring(void *thread)
{
	struct timespec wait = { .tv_nsec = 20 * 1000 * 1000 };
	nanosleep(&wait, NULL);
	pthread_kill(*(pthread_t *)thread, SIGUSR1);
	return NULL;
}

static void a_watchdog_interrupts(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	pthread_t self = pthread_self();
	pthread_t watchdog;
	lugh_machine *machine = test_machine("hostile");
	sigaction(SIGUSR1, &action, NULL);
	lugh_machine_interrupt();
	pthread_create(&watchdog, NULL, ring, &self);
	expect(test_spend(machine, "spin", UINT32_MAX) == LUGH_OUT_OF_BUDGET, "an interrupt ends a run that has budget left", lugh_machine_reason(machine));
	expect(says(machine, "was interrupted after"), "the reason tells an interrupt from a spent budget", lugh_machine_reason(machine));
	pthread_join(watchdog, NULL);
	lugh_machine_destroy(machine);
}

void test_hostile(void)
{
	every_program_comes_back();
	reasons_are_told();
	writes_into_the_root_are_contained();
	a_watchdog_interrupts();
}
