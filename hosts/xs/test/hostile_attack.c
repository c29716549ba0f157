/*
 * One attack: a fresh machine, a hostile program run in it from one of the places where a service's code runs, and what
 * became of it and of its neighbour.
 */
#include "hostile_bench.h"

#include <stdlib.h>
#include <time.h>

#include "body.h"

const char *const situation_names[SITUATIONS] = { "handler", "promise job", "top level", "suspend", "body" };

static lugh_root *root;
static program_list *listed;
static const program *in_hand;
static size_t memory_in_hand;
static int touches;

double worked_micros(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* ---- natives ---- */

static void native_chosen(txMachine *the)
{
	fxCopyStringC(the, mxResult, in_hand ? (txString)in_hand->path : "//");
}

static void native_memory_bytes(txMachine *the)
{
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = (txInteger)memory_in_hand;
}

static void native_touched(txMachine *the)
{
	(void)the;
	touches++;
}

static void native_found(txMachine *the)
{
	const char *path = fxToString(the, mxArgv(0));
	program *it = &listed->programs[listed->count];
	if (listed->count == PROGRAM_LIMIT || strlen(path) >= PATH_BYTES) {
		fprintf(stderr, "Cannot list %s: too many programs, or too long a name\n", path);
		exit(1);
	}
	strcpy(it->path, path);
	sscanf(path, "%15[^/]", it->kind);
	listed->count++;
}

static const lugh_native natives[] = {
	{ "chosen", native_chosen, 0 },
	{ "memoryBytes", native_memory_bytes, 0 },
	{ "touched", native_touched, 0 },
	{ "found", native_found, 1 },
};
static const char *const preloaded[] = { "hostile/suite", "hostile/neighbour" };
static const char *const granted[] = { "hostile/suite", "hostile/room", "hostile/top", "hostile/neighbour" };

lugh_root *hostile_root(void)
{
	char error[400];
	lugh_root_options options = { .image_path = LUGH_TEST_IMAGES "/hostile.xsi", .natives = natives,
		.native_count = sizeof natives / sizeof natives[0], .preload = preloaded, .preload_count = 2 };
	if (!root && !(root = lugh_root_create(&options, error, sizeof error))) {
		fprintf(stderr, "%s\n", error);
		exit(1);
	}
	return root;
}

int calls_builtin(const program *it)
{
	return !strcmp(it->kind, "builtin");
}

/* ---- runs ---- */

static lugh_machine *machine_with(const char *module, size_t memory_bytes)
{
	lugh_machine_options options = { .name = module, .memory_bytes = memory_bytes, .modules = granted,
		.module_count = sizeof granted / sizeof granted[0] };
	lugh_machine *machine = lugh_machine_create(hostile_root(), &options, NULL);
	if (!machine || lugh_machine_import(machine, module, BUDGET_STEPS) != LUGH_OK) {
		fprintf(stderr, "Cannot make a machine with %s\n", module);
		exit(1);
	}
	return machine;
}

static void call(txMachine *the, const char *method)
{
	mxPushSlot(lugh_slot(the, LUGH_SLOT_DEFAULT_EXPORT));
	mxDub();
	mxGetID(fxID(the, (txString)method));
	mxCall();
	mxRunCount(0);
}

static void call_and_drop(txMachine *the, void *method)
{
	call(the, method);
	mxPop();
}

static void encode(txMachine *the, const txSlot *value)
{
	static uint8_t bytes[LUGH_BODY_BYTES];
	lugh_body_state bodies;
	size_t length;
	lugh_body_state_begin(&bodies, LUGH_BODY_NAMES);
	lugh_body_encode(the, &bodies, value, bytes, sizeof bytes, &length, NULL, 0);
}

/* What suspend() answers is the state of the service, and encoded at once. */
static void call_and_encode(txMachine *the, void *method)
{
	call(the, method);
	encode(the, the->stack);
	mxPop();
}

static void call_and_encode_items(txMachine *the, void *method)
{
	call(the, method);
	const txSlot *items = the->stack->value.reference->next;
	for (txIndex i = 0; i < items->value.array.length; i++)
		encode(the, items->value.array.address + i);
	mxPop();
}

static int run_from(lugh_machine *machine, situation from)
{
	switch (from) {
	case FROM_HANDLER: return lugh_machine_run(machine, call_and_drop, "attack", BUDGET_STEPS);
	case FROM_PROMISE_JOB: return lugh_machine_run(machine, call_and_drop, "later", BUDGET_STEPS);
	case FROM_TOP_LEVEL: return lugh_machine_import(machine, "hostile/top", BUDGET_STEPS);
	case FROM_SUSPEND: return lugh_machine_run(machine, call_and_encode, "attack", BUDGET_STEPS);
	default: return lugh_machine_run(machine, call_and_encode_items, "baits", BUDGET_STEPS);
	}
}

void list_programs(program_list *list)
{
	lugh_machine *machine = machine_with("hostile/suite", 0);
	listed = list;
	if (lugh_machine_run(machine, call_and_drop, "list", 0) != LUGH_OK) {
		fprintf(stderr, "Cannot list programs: %s\n", lugh_machine_reason(machine));
		exit(1);
	}
	lugh_machine_destroy(machine);
}

/* ---- judging ---- */

/*
 * Does the text between the slashes of the path name this status? A program of "growth" fills its memory, unless that is
 * so large that the budget ends first.
 */
static int expects(const program *it, int status, size_t memory_bytes)
{
	const char *verdicts = strchr(it->path, '/') + 1;
	const char *found = strstr(verdicts, lugh_status_text(status));
	if (!strncmp(verdicts, "growth/", 7))
		return status == LUGH_OUT_OF_MEMORY || (status == LUGH_OUT_OF_BUDGET && memory_bytes == LARGE_BYTES);
	return found && found < strchr(verdicts, '/');
}

/* The neighbour lives through all attacks and counts them. */
static int is_neighbour_unharmed(void)
{
	static lugh_machine *neighbour;
	if (!neighbour)
		neighbour = machine_with("hostile/neighbour", SMALL_BYTES);
	return lugh_machine_run(neighbour, call_and_drop, "check", BUDGET_STEPS) == LUGH_OK;
}

static const char *escape_of(const program *it, situation from, const outcome *went, const lugh_machine *machine, size_t memory_bytes)
{
	if (from == FROM_BODY && (touches || went->status))
		return touches ? "the codec of bodies ran it" : "the codec of bodies faulted";
	if (from != FROM_BODY && !expects(it, went->status, memory_bytes))
		return "it came to another status";
	if (lugh_machine_bytes(machine) > memory_bytes)
		return "its machine holds more than its limit";
	if (went->micros > RUN_MICROS)
		return "it took too long";
	return is_neighbour_unharmed() ? NULL : "its neighbour was harmed";
}

outcome attack(const program *it, situation from, size_t memory_bytes)
{
	outcome went;
	lugh_machine *machine = machine_with("hostile/suite", memory_bytes);
	in_hand = it;
	memory_in_hand = memory_bytes;
	touches = 0;
	double start = worked_micros();
	went.status = run_from(machine, from);
	went.micros = worked_micros() - start;
	went.steps = lugh_machine_last_steps(machine);
	went.escape = escape_of(it, from, &went, machine, memory_bytes);
	lugh_machine_destroy(machine);
	return went;
}
