/*
 * What is decoded is the collector's like any other value, also when it collects in the middle of decoding.
 */
#include "body_test.h"

static const char source[] =
	"({ list: [1, 'two', [3, { four: 'five' }]], text: 'some text that lies in a chunk', samples: new Int32Array(100).fill(7),"
	" 5: 'index', 70: { a: ['b'] }, nested: { a: { b: { c: [[], {}, 'end'] } } }, bytes: new Uint8Array(64).fill(9) })";

/* Heaps are small, so with all these bodies kept in a list the collector and growth come at every possible moment. */
static void test_growth(int initial_slots)
{
	static body there, back;
	peer sender = peer_create(512, 0), receiver = peer_create(initial_slots, LUGH_BODY_NAMES);
	txMachine *the = receiver.the;
	encode_source(&sender, source, &there);
	expect(there.code == 0, "the value encodes", there.path);
	for (int round = 0; round < 400; round++) {
		txSlot *stack = the->stack;
		int code = lugh_body_decode(the, &receiver.state, there.bytes, there.length);
		expect(code == 0, "a body decodes in a small heap", lugh_body_error_text(code));
		if (round % 7 == 0) fxCollectGarbage(the);
		encode_top(&receiver, &back);
		expect(back.length == there.length && memcmp(back.bytes, there.bytes, back.length) == 0, "a body survives the collector", NULL);
		/* Every fifth stays on the engine's stack until the end, and is looked at again there. */
		if (round % 5) the->stack = stack;
	}
	fxCollectGarbage(the);
	for (txSlot *kept = the->stack; kept < the->stack + 80; kept++) {
		mxPushSlot(kept);
		encode_top(&receiver, &back);
		mxPop();
		expect(back.length == there.length && memcmp(back.bytes, there.bytes, back.length) == 0, "bodies survive side by side", NULL);
	}
	peer_delete(&sender);
	peer_delete(&receiver);
}

/* The charge to the sender covers what the receiver really holds, and is of its size. */
static void test_cost(const char *expression)
{
	static body there;
	peer sender = peer_create(512, 0), receiver = peer_create(20000, LUGH_BODY_NAMES);
	txMachine *the = receiver.the;
	encode_source(&sender, expression, &there);
	fxCollectGarbage(the);
	txSize slots = the->currentHeapCount, chunks = the->currentChunksSize;
	txSize names = receiver.state.names;
	int code = lugh_body_decode(the, &receiver.state, there.bytes, there.length);
	expect(code == 0, expression, lugh_body_error_text(code));
	names = receiver.state.names - names;
	slots = the->currentHeapCount - slots - names;
	chunks = the->currentChunksSize - chunks - names * 24;
	int32_t real = slots + (chunks + LUGH_BODY_SLOT_BYTES - 1) / LUGH_BODY_SLOT_BYTES;
	int32_t cost = lugh_body_decoded_cost(there.bytes, there.length);
	char detail[64];
	snprintf(detail, sizeof detail, "really %d, charged %d", real, cost);
	/* On 32 bit an item of an array takes half a slot of the charge. */
	int32_t most = sizeof(void *) == 8 ? real + real / 2 : real * 2;
	expect(cost >= real && cost <= most + 2, expression, detail);
	peer_delete(&sender);
	peer_delete(&receiver);
}

void test_collector(void)
{
	for (int initial_slots = 128; initial_slots <= 192; initial_slots += 8) test_growth(initial_slots);
	test_cost(source);
	test_cost("({ seq: 1, value: 2 })");
	test_cost("new Array(4000).fill(1)");
	test_cost("new Array(2000).fill('text')");
	test_cost("new Int32Array(240)");
	test_cost("'t'.repeat(60000)");
	test_cost("new Array(1000).fill({ seq: 1, value: 2 })");
}
