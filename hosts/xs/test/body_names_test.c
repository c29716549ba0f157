/*
 * Names that a machine did not know: they cross, they are counted, and caches keep those of two machines apart.
 */
#include "body_test.h"

static int send(peer *sender, peer *receiver, const char *source)
{
	body there;
	txSlot *stack = receiver->the->stack;
	encode_source(sender, source, &there);
	int code = there.code ? there.code : lugh_body_decode(receiver->the, &receiver->state, there.bytes, there.length);
	receiver->the->stack = stack;
	return code;
}

static void test_cap(void)
{
	peer sender = peer_create(512, 0), receiver = peer_create(512, 3);
	expect(send(&sender, &receiver, "({ seq: 1, value: 2 })") == 0, "names of the root cost nothing", NULL);
	expect(receiver.state.names == 0, "names of the root are not counted", NULL);
	expect(send(&sender, &receiver, "({ p1: 1, p2: 2 })") == 0, "names below the limit are taken up", NULL);
	expect(send(&sender, &receiver, "({ p2: 1, p1: 2 })") == 0 && receiver.state.names == 2, "known names are not counted again", NULL);
	expect(send(&sender, &receiver, "({ p3: { p4: 1 } })") == LUGH_BODY_TOO_MANY_NAMES, "names beyond the limit are refused", NULL);
	expect(receiver.state.names == 3, "what was taken up before the refusal counts", NULL);
	expect(send(&sender, &receiver, "({ p1: 1, p2: 2, p3: 3 })") == 0, "known names pass a receiver that is full", NULL);
	expect(send(&sender, &receiver, "({ p5: 1 })") == LUGH_BODY_TOO_MANY_NAMES, "a full receiver stays full", NULL);
	expect(send(&sender, &receiver, "({ 1: 1, 2: 2, 77: 3 })") == 0, "indices are no names", NULL);
	peer_delete(&sender);
	peer_delete(&receiver);
}

/* The engine's table of names is given once; a machine whose table cannot grow refuses instead of being ended by it. */
static void test_full_table(void)
{
	peer sender = peer_create(512, 0), receiver = peer_create(512, LUGH_BODY_NAMES);
	receiver.the->keyDelta = 0;
	int code = 0, count = 0;
	for (; code == 0 && count < 200; count++) {
		char source[32];
		snprintf(source, sizeof source, "({ own%d: 1 })", count);
		code = send(&sender, &receiver, source);
	}
	expect(code == LUGH_BODY_TOO_MANY_NAMES, "a full table of names is a refusal", lugh_body_error_text(code));
	peer_delete(&sender);
	peer_delete(&receiver);
}

/* Both machines give the same ID to different names: what is remembered of one must not serve the other. */
static void test_own_names(void)
{
	body one, other;
	peer left = peer_create(512, LUGH_BODY_NAMES), right = peer_create(512, LUGH_BODY_NAMES);
	for (int round = 0; round < 3; round++) {
		encode_source(&left, "({ leftOne: 1, leftTwo: 2 })", &one);
		encode_source(&right, "({ rightOne: 1, rightTwo: 2 })", &other);
		expect(one.code == 0 && strstr(to_hex(one.bytes, one.length), "6c65667454776f"), "a machine's own names are its own", NULL);
		expect(other.code == 0 && strstr(to_hex(other.bytes, other.length), "726967687454776f"), "a machine's own names are its own", NULL);
		peer *receivers[] = { &left, &right };
		for (int index = 0; index < 2; index++) {
			body back;
			txSlot *stack = receivers[index]->the->stack;
			int code = lugh_body_decode(receivers[index]->the, &receivers[index]->state, one.bytes, one.length);
			encode_top(receivers[index], &back);
			expect(code == 0 && back.length == one.length && memcmp(back.bytes, one.bytes, one.length) == 0, "own names cross", NULL);
			receivers[index]->the->stack = stack;
		}
	}
	peer_delete(&left);
	peer_delete(&right);
}

/* An object inside one of the same shape, and inside one whose place in the table it takes. */
static void test_nested_shapes(void)
{
	body there;
	peer peer = peer_create(512, LUGH_BODY_NAMES);
	const char *source = "({ seq: { seq: { seq: 1, value: 2 }, value: 3 }, value: { seq: 4, value: 5 } })";
	for (int round = 0; round < 2; round++) {
		encode_source(&peer, source, &there);
		expect(there.code == 0 && strcmp(to_hex(there.bytes, there.length),
			"a263736571a263736571a263736571016576616c7565026576616c7565036576616c7565a263736571046576616c756505") == 0, source,
			to_hex(there.bytes, there.length));
	}
	peer_delete(&peer);
}

static void send_in(txMachine *root, const char *source, const char *hex)
{
	txMachine *former = body_root;
	body there, back;
	body_root = root;
	peer peer = peer_create(512, LUGH_BODY_NAMES);
	for (int round = 0; round < 2; round++) {
		encode_source(&peer, source, &there);
		expect(there.code == 0 && strcmp(to_hex(there.bytes, there.length), hex) == 0, source, to_hex(there.bytes, there.length));
		int code = lugh_body_decode(peer.the, &peer.state, there.bytes, there.length);
		encode_top(&peer, &back);
		expect(code == 0 && strcmp(to_hex(back.bytes, back.length), hex) == 0, source, to_hex(back.bytes, back.length));
		expect(peer.state.names == 0, "names of the root are not counted", NULL);
	}
	peer_delete(&peer);
	body_root = former;
}

static void test_root(const char *program, const char *source, const char *hex)
{
	txMachine *root = body_root_create(program);
	send_in(root, source, hex);
	fxDeleteMachine(root);
	lugh_body_forget_root();
}

/* Roots give the same ID to different names, and different IDs to the same one; a process may have one after the other. */
static void test_next_root(void)
{
	test_root("({ first: 1 })", "({ first: 1 })", "a165666972737401");
	test_root("({ alpha: 1 })", "({ alpha: 1 })", "a165616c70686101");
	test_root("({ first: 1 })", "({ first: 1 })", "a165666972737401");
	test_root("({ alpha: 1, beta: 2, gamma: 3, first: 4 })", "({ first: 1 })", "a165666972737401");
}

void test_names(void)
{
	test_cap();
	test_full_table();
	test_own_names();
	test_nested_shapes();
	test_next_root();
}
