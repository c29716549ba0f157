/*
 * machine-test [--brief]: runs every test of the machine layer on the engine's thread and says "N passed, N failed".
 */
#include "harness.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { NO_ANSWER = -999 };

int test_divisor = 1;

static int passed;
static int failed;
static lugh_root *root;

void expect(int holds, const char *title, const char *detail)
{
	if (holds)
		passed++;
	else {
		failed++;
		printf("FAILED %s: %s\n", title, detail);
	}
}

double test_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

size_t test_resident_bytes(void)
{
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	if (!file || fscanf(file, "%*d %ld", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void native_context(txMachine *the)
{
	const int *context = lugh_machine_context(the);
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = context ? *context : 0;
}

/* Runs the machine that is the context of this one, as a kernel does from inside its own machine. */
static void native_dispatch(txMachine *the)
{
	lugh_machine *other = lugh_machine_context(the);
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = test_call(other, fxToString(the, mxArgv(0)), 0);
}

/* What a hole in the engine would do: writes into an object, whoever owns it. */
static void native_write_to(txMachine *the)
{
	mxArgv(0)->value.reference->flag ^= XS_DONT_PATCH_FLAG;
}

static const lugh_native natives[] = { { "context", native_context, 0 }, { "dispatch", native_dispatch, 1 }, { "writeTo", native_write_to, 1 } };
static const char *const preloaded[] = { "hostile", "state", "promises", "kernel" };

lugh_root *test_root(void)
{
	char error[400];
	lugh_root_options options = { .image_path = LUGH_TEST_IMAGES "/programs.xsi", .natives = natives, .native_count = 3,
		.preload = preloaded, .preload_count = 4 };
	if (!root && !(root = lugh_root_create(&options, error, sizeof error))) {
		printf("FAILED root: %s\n", error);
		exit(1);
	}
	return root;
}

static const char *const granted[] = { "hostile", "state", "promises", "kernel", "late" };

lugh_machine *test_machine(const char *module)
{
	lugh_machine_options options = { .name = module, .memory_bytes = MEMORY_BYTES, .modules = granted, .module_count = 5 };
	lugh_machine *machine = lugh_machine_create(test_root(), &options, NULL);
	int status = machine ? lugh_machine_import(machine, module, BUDGET_STEPS) : LUGH_OUT_OF_MEMORY;
	if (status != LUGH_OK) {
		printf("FAILED machine for %s: %s\n", module, machine ? lugh_machine_reason(machine) : "");
		exit(1);
	}
	return machine;
}

typedef struct {
	const char *method;
	int argument;
	int answer;
} question;

static void call_method(txMachine *the, void *data)
{
	question *it = data;
	mxPushSlot(lugh_slot(the, LUGH_SLOT_DEFAULT_EXPORT));
	mxDub();
	mxGetID(fxID(the, (txString)it->method));
	mxCall();
	mxPushInteger(it->argument);
	mxRunCount(1);
	it->answer = the->stack->kind == XS_INTEGER_KIND ? the->stack->value.integer : NO_ANSWER;
	mxPop();
}

int test_call(lugh_machine *machine, const char *method, int argument)
{
	question it = { method, argument, NO_ANSWER };
	return lugh_machine_run(machine, call_method, &it, BUDGET_STEPS);
}

int test_spend(lugh_machine *machine, const char *method, uint32_t budget_steps)
{
	question it = { method, 0, NO_ANSWER };
	return lugh_machine_run(machine, call_method, &it, budget_steps);
}

int test_ask(lugh_machine *machine, const char *method, int argument)
{
	question it = { method, argument, NO_ANSWER };
	return lugh_machine_run(machine, call_method, &it, BUDGET_STEPS) == LUGH_OK ? it.answer : NO_ANSWER;
}

static int run_all(void *argument)
{
	(void)argument;
	test_roots();
	test_isolation();
	test_hostile();
	test_lives();
	lugh_root_destroy(root);
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--brief"))
		test_divisor = 20;
	setvbuf(stdout, NULL, _IOLBF, 0);
	return lugh_machine_thread_main(run_all, NULL);
}
