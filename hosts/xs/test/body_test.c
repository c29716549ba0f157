/*
 * body-test: the tests of the codec in C, which print "N passed, N failed" and answer 1 when one failed.
 *
 * With an argument it serves tests/body.test.ts instead: `check`, `decode` and `evaluate` answer line by line (see
 * body_lines.c), `bench` measures.
 */
#include "body_test.h"

txMachine *body_root;
static unsigned passed, failed;

void expect(bool holds, const char *title, const char *detail)
{
	if (holds) passed++;
	else {
		failed++;
		printf("failed: %s%s%s\n", title, detail ? ": " : "", detail ? detail : "");
	}
}

peer peer_create(int initial_slots, uint32_t names_limit)
{
	peer peer = { .the = body_machine_create(body_root, initial_slots) };
	lugh_body_state_begin(&peer.state, names_limit);
	return peer;
}

void peer_delete(peer *peer)
{
	body_machine_delete(peer->the);
}

void encode_top(peer *peer, body *body)
{
	body->path[0] = 0;
	body->length = 0;
	body->code = lugh_body_encode(peer->the, &peer->state, peer->the->stack, body->bytes, sizeof body->bytes, &body->length,
		body->path, sizeof body->path);
}

void encode_source(peer *peer, const char *source, body *body)
{
	txSlot *stack = peer->the->stack;
	body->code = 1;
	if (body_machine_evaluate(peer->the, source) == 0) encode_top(peer, body);
	peer->the->stack = stack;
}

const char *to_hex(const uint8_t *bytes, size_t length)
{
	static char digits[2 * BODY_BUFFER_BYTES + 1];
	static const char alphabet[] = "0123456789abcdef";
	for (size_t index = 0; index < length; index++) {
		digits[2 * index] = alphabet[bytes[index] >> 4];
		digits[2 * index + 1] = alphabet[bytes[index] & 15];
	}
	digits[2 * length] = 0;
	return digits;
}

ptrdiff_t from_hex(const char *digits, uint8_t *bytes, size_t capacity)
{
	size_t length = 0;
	unsigned byte;
	for (; digits[0] && digits[1]; digits += 2) {
		if (length == capacity || sscanf(digits, "%2x", &byte) != 1) return -1;
		bytes[length++] = (uint8_t)byte;
	}
	return digits[0] ? -1 : (ptrdiff_t)length;
}

uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static int run_tests(void)
{
	test_encoding();
	test_refusals();
	test_limits();
	test_names();
	test_collector();
	test_random();
	test_mutations();
	test_cursors();
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}

int main(int count, char **arguments)
{
	body_root = body_root_create(body_program);
	int answer = count < 2 ? run_tests() : strcmp(arguments[1], "bench") == 0 ? run_bench() : run_lines(arguments[1]);
	fxDeleteMachine(body_root);
	return answer;
}
