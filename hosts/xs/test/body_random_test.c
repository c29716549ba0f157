/*
 * Random values there and back, and random damage: what validator, decoder and encoder say must agree on any bytes.
 */
#include "body_test.h"

enum { VALUES = 20000, MUTANTS = 60000, MACHINE_LIFE = 2000 };

static void push_value(txMachine *the, uint32_t seed)
{
	mxPushInteger((txInteger)seed);
	if (body_machine_call(the, "makeValue", 1)) expect(false, "makeValue runs", NULL);
}

static void expect_round_trip(peer *sender, peer *receiver, uint32_t seed)
{
	static body there, back;
	char title[48];
	txSlot *stack = sender->the->stack, *other = receiver->the->stack;
	snprintf(title, sizeof title, "value %u", seed);
	push_value(sender->the, seed);
	encode_top(sender, &there);
	expect(there.code == 0, title, there.path);
	expect(lugh_body_check(there.bytes, there.length) == 0, title, "refused by lugh_body_check");
	expect(lugh_body_decoded_cost(there.bytes, there.length) == (int32_t)sender->state.encoded_cost, title, "has two costs");
	int code = lugh_body_decode(receiver->the, &receiver->state, there.bytes, there.length);
	expect(code == 0, title, lugh_body_error_text(code));
	if (code == 0) encode_top(receiver, &back);
	expect(code || (back.length == there.length && memcmp(back.bytes, there.bytes, back.length) == 0), title, "other bytes");
	code = lugh_body_decode(sender->the, &sender->state, there.bytes, there.length);
	expect(code == 0 && body_machine_call(sender->the, "isSame", 2) == 0 && sender->the->stack->value.boolean, title, "other value");
	sender->the->stack = stack;
	receiver->the->stack = other;
}

void test_random(void)
{
	for (uint32_t seed = 1; seed <= VALUES; seed += MACHINE_LIFE) {
		peer sender = peer_create(256, LUGH_BODY_NAMES), receiver = peer_create(256, LUGH_BODY_NAMES);
		for (uint32_t step = 0; step < MACHINE_LIFE; step++) expect_round_trip(&sender, &receiver, seed + step);
		peer_delete(&sender);
		peer_delete(&receiver);
	}
}

/* A few bytes changed, cut off or added, in ways that hit heads as often as contents. */
static size_t damage(uint8_t *bytes, size_t length, uint32_t *seed)
{
	static const uint8_t telling[] = { 0x00, 0x17, 0x18, 0x19, 0x1b, 0x3b, 0x40, 0x5f, 0x60, 0x78, 0x7f, 0x80, 0x9a, 0x9f, 0xa0, 0xa1,
		0xbf, 0xc0, 0xc1, 0xd8, 0xed, 0xf0, 0xf4, 0xf6, 0xf7, 0xf9, 0xfa, 0xfb, 0xff };
	for (uint32_t count = 1 + next_random(seed) % 3; count; count--) {
		uint32_t choice = next_random(seed) % 8;
		size_t at = length ? next_random(seed) % length : 0;
		if (choice == 0 && length) length = at;
		else if (choice == 1 && length < BODY_BUFFER_BYTES) bytes[length++] = (uint8_t)next_random(seed);
		else if (choice < 5 && length) bytes[at] = telling[next_random(seed) % sizeof telling];
		else if (length) bytes[at] ^= (uint8_t)(1u << next_random(seed) % 8);
	}
	return length;
}

static void expect_agreement(peer *peer, const uint8_t *bytes, size_t length)
{
	static body back;
	txSlot *stack = peer->the->stack;
	/* A copy of exactly this size, so that the address sanitizer sees a read behind its end. */
	uint8_t *exact = malloc(length ? length : 1);
	if (!exact) return expect(false, "memory for a mutant", NULL);
	memcpy(exact, bytes, length);
	int checked = lugh_body_check(exact, length), decoded = lugh_body_decode(peer->the, &peer->state, exact, length);
	free(exact);
	/* Only the decoder knows how many names the machine has left. */
	expect(checked == decoded || decoded == LUGH_BODY_TOO_MANY_NAMES, "validator and decoder agree", to_hex(bytes, length));
	if (decoded == 0) {
		encode_top(peer, &back);
		expect(back.length == length && memcmp(back.bytes, bytes, length) == 0, "what is accepted encodes to itself", to_hex(bytes, length));
	}
	expect(decoded == 0 || peer->the->stack == stack, "a refusal pushes nothing", NULL);
	peer->the->stack = stack;
}

void test_mutations(void)
{
	static body there;
	static uint8_t bytes[BODY_BUFFER_BYTES];
	uint32_t seed = 2463534242;
	for (int count = 0; count < MUTANTS; count += MACHINE_LIFE) {
		peer peer = peer_create(256, LUGH_BODY_NAMES);
		for (int step = 0; step < MACHINE_LIFE; step++) {
			txSlot *stack = peer.the->stack;
			push_value(peer.the, next_random(&seed) >> 1);
			encode_top(&peer, &there);
			peer.the->stack = stack;
			memcpy(bytes, there.bytes, there.length);
			expect_agreement(&peer, bytes, damage(bytes, there.length, &seed));
		}
		peer_delete(&peer);
	}
}
