/*
 * Fuzzes the codec of message bodies both ways: validator and decoder must agree on any bytes, and what is decoded must be
 * encoded to the same bytes, at the cost that was foretold.
 */
#include "fuzz.h"

typedef struct {
	const uint8_t *bytes;
	size_t length;
} body;

static void expect_same(txMachine *the, lugh_body_state *bodies, const body *it)
{
	static uint8_t back[LUGH_BODY_BYTES];
	char path[80];
	size_t length = 0;
	if (lugh_body_encode(the, bodies, the->stack, back, sizeof back, &length, path, sizeof path))
		fuzz_bug("what was decoded is not encoded", path);
	if (length != it->length || memcmp(back, it->bytes, length))
		fuzz_bug("what was decoded is encoded", "to other bytes");
	if ((int32_t)bodies->encoded_cost != lugh_body_decoded_cost(it->bytes, it->length))
		fuzz_bug("encoder and validator", "foretell different costs");
}

static void there_and_back(txMachine *the, void *data)
{
	const body *it = data;
	lugh_body_state bodies;
	lugh_body_state_begin(&bodies, LUGH_BODY_NAMES);
	int checked = lugh_body_check(it->bytes, it->length);
	int decoded = lugh_body_decode(the, &bodies, it->bytes, it->length);
	if (decoded == LUGH_BODY_TOO_MANY_NAMES)
		return;
	if (checked != decoded)
		fuzz_bug(lugh_body_error_text(checked), lugh_body_error_text(decoded));
	if (decoded == LUGH_BODY_OK) {
		expect_same(the, &bodies, it);
		mxPop();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	body it = { bytes, length };
	lugh_machine *machine = fuzz_machine();
	if (lugh_machine_run(machine, there_and_back, &it, 0))
		fuzz_bug("the codec threw", lugh_machine_reason(machine));
	lugh_machine_destroy(machine);
	return 0;
}
