/*
 * Do machines share nothing but what is frozen, and does a machine get what it was granted and no more?
 */
#include "harness.h"

static int says(const lugh_machine *machine, const char *text)
{
	return strstr(lugh_machine_reason(machine), text) != NULL;
}

static void variables_are_apart(void)
{
	lugh_machine *one = test_machine("state");
	lugh_machine *other = test_machine("state");
	test_call(one, "count", 0);
	expect(test_ask(one, "count", 0) == 2, "a module variable keeps its value between runs", "");
	expect(test_ask(other, "count", 0) == 1, "a module variable belongs to one machine", "");
	test_call(one, "setGlobal", 7);
	expect(test_ask(one, "getGlobal", 0) == 7, "a global of a machine is its own", "");
	expect(test_ask(other, "getGlobal", 0) == -1, "a global of a machine is invisible to others", "");
	lugh_machine_destroy(one);
	expect(test_ask(other, "count", 0) == 2, "a machine outlives its neighbour", "");
	lugh_machine_destroy(other);
}

static void language_is_bounded(void)
{
	lugh_machine *machine = test_machine("state");
	expect(test_ask(machine, "withdrawn", 0) == 0, "Date, eval, Atomics and the like are undefined", lugh_machine_reason(machine));
	expect(test_ask(machine, "privateFields", 0) == 3, "classes with private fields work in a machine", lugh_machine_reason(machine));
	expect(test_ask(machine, "errors", 0) == 1, "an own class of errors works in a machine", lugh_machine_reason(machine));
	expect(test_ask(machine, "churn", 200) == 200, "values of the root survive the collections of a machine", lugh_machine_reason(machine));
	expect(test_ask(machine, "freezeShared", 0) == 1, "freezing what is shared and frozen changes nothing", lugh_machine_reason(machine));
	lugh_machine_destroy(machine);
}

static void imports_are_granted(void)
{
	const char *only[] = { "promises" };
	lugh_machine_options options = { .name = "meter", .memory_bytes = MEMORY_BYTES, .modules = only, .module_count = 1 };
	lugh_machine *machine = lugh_machine_create(test_root(), &options, NULL);
	expect(lugh_machine_import(machine, "state", BUDGET_STEPS) == LUGH_THREW, "a module that was not granted is refused", "");
	expect(says(machine, "\"state\"") && says(machine, "\"meter\""), "the refusal names module and machine", lugh_machine_reason(machine));
	expect(lugh_machine_import(machine, "promises", BUDGET_STEPS) == LUGH_OK, "a refused import leaves the machine usable", lugh_machine_reason(machine));
	expect(test_call(machine, "importSecret", 0) == LUGH_OK && test_ask(machine, "result", 0) == -1, "import() of a module that was not granted rejects", lugh_machine_reason(machine));
	lugh_machine_destroy(machine);
}

static void late_modules_run_in_the_machine(void)
{
	lugh_machine *machine = test_machine("late");
	expect(test_ask(machine, "total", 0) == 6, "a module that was not preloaded runs its top level in the machine", lugh_machine_reason(machine));
	lugh_machine_destroy(machine);
}

static void promises_are_drained(void)
{
	lugh_machine *machine = test_machine("promises");
	expect(test_call(machine, "wait", 5) == LUGH_OK, "a run with promise jobs succeeds", lugh_machine_reason(machine));
	expect(test_ask(machine, "result", 0) == 15, "promise jobs run inside the run that queued them", "");
	expect(test_call(machine, "reject", 0) == LUGH_THREW, "an unhandled rejection is an exception of the run", "");
	expect(says(machine, "TypeError: nobody cares"), "the reason of a rejection is told", lugh_machine_reason(machine));
	expect(test_call(machine, "rejectHandled", 0) == LUGH_OK, "a handled rejection is no exception", lugh_machine_reason(machine));
	expect(test_ask(machine, "result", 0) == -2, "its handler ran", "");
	lugh_machine_destroy(machine);
}

static lugh_machine *kernel_over(lugh_machine *service)
{
	const char *only[] = { "kernel" };
	lugh_machine_options options = { .name = "kernel", .modules = only, .module_count = 1, .context = service };
	lugh_machine *kernel = lugh_machine_create(test_root(), &options, NULL);
	lugh_machine_import(kernel, "kernel", 0);
	return kernel;
}

static void runs_nest(void)
{
	lugh_machine *service = test_machine("hostile");
	lugh_machine *kernel = kernel_over(service);
	expect(test_ask(kernel, "dispatchThrow", 0) == LUGH_THREW, "a machine runs another one from a native", lugh_machine_reason(kernel));
	expect(test_ask(kernel, "dispatchSpin", 0) == LUGH_OUT_OF_BUDGET, "a fault inside a nested run ends there", lugh_machine_reason(kernel));
	expect(test_call(service, "throwError", 0) == LUGH_OUT_OF_BUDGET, "a machine past its budget does not run again", "");
	lugh_machine_destroy(service);
	lugh_machine_destroy(kernel);
}

static void contexts_arrive(void)
{
	int number = 42;
	const char *only[] = { "state" };
	lugh_machine_options options = { .name = "state", .modules = only, .module_count = 1, .context = &number };
	lugh_machine *machine = lugh_machine_create(test_root(), &options, NULL);
	lugh_machine_import(machine, "state", BUDGET_STEPS);
	expect(test_ask(machine, "context", 0) == 42, "a native finds the context of its machine", lugh_machine_reason(machine));
	expect(lugh_machine_last_steps(machine) > 0, "a run tells its steps", "");
	lugh_machine_destroy(machine);
}

void test_isolation(void)
{
	variables_are_apart();
	language_is_bounded();
	imports_are_granted();
	late_modules_run_in_the_machine();
	promises_are_drained();
	runs_nest();
	contexts_arrive();
}
