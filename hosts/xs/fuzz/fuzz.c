/*
 * See fuzz.h.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "amended.h"
#include "node.h"

enum {
	MEMORY_BYTES = 1024 * 1024,
	STACK_SLOTS = 1024,      /* documents 16 deep are printed by recursion */
	BUDGET_STEPS = 20000000, /* 4,096 bytes take a tenth of it; what takes more is slower than its length explains */
	MESSAGE_HEAD_BYTES = 3,
};

__attribute__((section("__libfuzzer_extra_counters"))) uint8_t lugh_fuzz_edges[LUGH_FUZZ_EDGES];
uint32_t lugh_fuzz_last;

void fuzz_bug(const char *what, const char *detail)
{
	fprintf(stderr, "%s: %s\n", what, detail);
	abort();
}

static lugh_root *fuzz_root(void)
{
	static lugh_root *root;
	static const char *const preloaded[] = { "tests/services/decoders" };
	char error[400];
	lugh_root_options options = { .image_path = LUGH_FUZZ_IMAGE, .preload = preloaded, .preload_count = 1 };
	options.natives = lugh_node_natives(&options.native_count);
	if (!root && !(root = lugh_root_create(&options, error, sizeof error)))
		fuzz_bug("Cannot create the root", error);
	return root;
}

lugh_machine *fuzz_machine(void)
{
	static const char *const granted[] = { "tests/services/decoders" };
	lugh_machine_options options = { .name = "fuzz", .memory_bytes = MEMORY_BYTES, .stack_slots = STACK_SLOTS, .modules = granted,
		.module_count = 1 };
	lugh_machine *machine = lugh_machine_create(fuzz_root(), &options, NULL);
	if (!machine || lugh_machine_import(machine, granted[0], BUDGET_STEPS))
		fuzz_bug("Cannot create a machine", machine ? lugh_machine_reason(machine) : "no memory");
	lugh_fuzz_last = 0;
	return machine;
}

typedef struct {
	const char *handler;
	uint8_t body[LUGH_BODY_BYTES];
	size_t length;
} delivery;

static void deliver(txMachine *the, void *data)
{
	delivery *it = data;
	lugh_body_state bodies;
	lugh_body_state_begin(&bodies, LUGH_BODY_NAMES);
	mxPushSlot(lugh_slot(the, LUGH_SLOT_DEFAULT_EXPORT));
	mxGetID(fxID(the, "receive"));
	mxDub();
	mxGetID(fxID(the, (txString)it->handler));
	mxCall();
	if (lugh_body_decode(the, &bodies, it->body, it->length))
		fuzz_bug("lugh_body_decode", "refuses a byte string");
	mxRunCount(1);
	mxPop();
}

void fuzz_handler(const char *handler, const uint8_t *bytes, size_t length)
{
	static delivery it;
	if (length > sizeof it.body - MESSAGE_HEAD_BYTES || length > UINT16_MAX)
		return;
	it.handler = handler;
	it.length = 0;
	/* The head of a byte string in its shortest form. */
	if (length > UINT8_MAX) {
		it.body[it.length++] = 0x59;
		it.body[it.length++] = (uint8_t)(length >> 8);
	}
	else if (length > 23)
		it.body[it.length++] = 0x58;
	it.body[it.length++] = (uint8_t)(length > 23 ? length : 0x40 + length);
	memcpy(it.body + it.length, bytes, length);
	it.length += length;
	lugh_machine *machine = fuzz_machine();
	if (lugh_machine_run(machine, deliver, &it, BUDGET_STEPS))
		fuzz_bug(handler, lugh_machine_reason(machine));
	lugh_machine_destroy(machine);
}
