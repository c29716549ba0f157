/*
 * The root that is audited, and one machine for each program.
 *
 * This file has a scan of its own that passes everything (the linker takes it before scan.c): the audit holds instances
 * of the kinds that are refused too, because the hardware must contain them should the scan ever miss one.
 */
#include "audit_bench.h"

#include <sys/mman.h>

#include "body.h"

int lugh_root_scan(const lugh_root *root, char *error, size_t error_bytes)
{
	(void)root;
	(void)error;
	(void)error_bytes;
	return 0;
}

static void native_encode(txMachine *the)
{
	static uint8_t bytes[LUGH_BODY_BYTES];
	lugh_body_state bodies;
	size_t length = 0;
	lugh_body_state_begin(&bodies, LUGH_BODY_NAMES);
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = lugh_body_encode(the, &bodies, mxArgv(0), bytes, sizeof bytes, &length, NULL, 0);
}

static char harm[NAME_BYTES];

/* Opens the root, writes into a shared array and closes it again: nothing faults, and every sibling sees it. */
static void native_plant(txMachine *the)
{
	const lugh_root *root = audit_root();
	txSlot *array = mxArgv(0)->value.reference->next;
	mprotect(root->region, root->region_bytes, PROT_READ | PROT_WRITE);
	array->value.array.address->value.integer++;
	mprotect(root->region, root->region_bytes, PROT_READ);
}

static const lugh_native natives[] = { { "encode", native_encode, 1 }, { "plant", native_plant, 1 } };
static const char *const preloaded[] = { "audit/programs", "audit/witness" };

lugh_root *audit_root(void)
{
	static lugh_root *root;
	char error[400];
	lugh_root_options options = { .image_path = LUGH_TEST_IMAGES "/audit.xsi", .natives = natives, .native_count = 2,
		.preload = preloaded, .preload_count = 2 };
	if (!root && !(root = lugh_root_create(&options, error, sizeof error))) {
		fprintf(stderr, "%s\n", error);
		exit(1);
	}
	return root;
}

static lugh_machine *machine_with(const char *module, size_t memory_bytes)
{
	lugh_machine_options options = { .name = module, .memory_bytes = memory_bytes, .modules = preloaded, .module_count = 2 };
	lugh_machine *machine = lugh_machine_create(audit_root(), &options, NULL);
	if (!machine || lugh_machine_import(machine, module, 0) != LUGH_OK) {
		fprintf(stderr, "Cannot make a machine with %s: %s\n", module, machine ? lugh_machine_reason(machine) : "");
		exit(1);
	}
	return machine;
}

typedef struct {
	const char *method;
	int argument;
	int answer;
	char *text; /* NAME_BYTES, or NULL when a number is asked for */
} question;

static void ask(txMachine *the, void *data)
{
	question *it = data;
	mxPushSlot(lugh_slot(the, LUGH_SLOT_DEFAULT_EXPORT));
	mxDub();
	mxGetID(fxID(the, (txString)it->method));
	mxCall();
	mxPushInteger(it->argument);
	mxRunCount(1);
	if (it->text)
		snprintf(it->text, NAME_BYTES, "%s", fxToString(the, the->stack));
	else
		it->answer = the->stack->kind == XS_INTEGER_KIND ? the->stack->value.integer : 0;
	mxPop();
}

/* Asks a module in a machine without limits. */
static int ask_module(const char *module, question *it)
{
	lugh_machine *machine = machine_with(module, 0);
	int status = lugh_machine_run(machine, ask, it, 0);
	lugh_machine_destroy(machine);
	return status;
}

static int ask_number(const char *method, int argument)
{
	question it = { .method = method, .argument = argument };
	return ask_module("audit/programs", &it) == LUGH_OK ? it.answer : 0;
}

int count_programs(void)
{
	return ask_number("count", 0);
}

int is_of_refused_kind(int number)
{
	return ask_number("isRefused", number);
}

void name_program(int number, char name[NAME_BYTES])
{
	question it = { .method = "name", .argument = number, .text = name };
	name[0] = 0;
	ask_module("audit/programs", &it);
}

static void collect(txMachine *the, void *data)
{
	(void)data;
	fxCollectGarbage(the);
}

result run_program(int number)
{
	question it = { .method = "run", .argument = number };
	lugh_machine *machine = machine_with("audit/programs", MEMORY_BYTES);
	int status = lugh_machine_run(machine, ask, &it, BUDGET_STEPS);
	int later = status == LUGH_OK || status == LUGH_THREW ? lugh_machine_run(machine, collect, NULL, BUDGET_STEPS) : LUGH_OK;
	lugh_machine_destroy(machine);
	if (status == LUGH_WROTE_ROOT || later == LUGH_WROTE_ROOT)
		return FAULTED;
	return status == LUGH_OK ? NO_EFFECT : THREW;
}

void plant_harm(void)
{
	ask_number("plant", 0);
}

/* The witness lives from before the first program on, in every child; what it saw first is its own. */
int is_witness_content(void)
{
	static lugh_machine *witness;
	question remember = { .method = "remember" };
	question check = { .method = "check" };
	if (!witness) {
		witness = machine_with("audit/witness", 0);
		lugh_machine_run(witness, ask, &remember, 0);
	}
	int is_content = lugh_machine_run(witness, ask, &check, 0) == LUGH_OK;
	if (!is_content)
		snprintf(harm, sizeof harm, "%s", lugh_machine_reason(witness));
	return is_content;
}

const char *witnessed_harm(void)
{
	return harm;
}
