/*
 * Every limit holds in encoder, validator and decoder, and the value next to it passes.
 */
#include "body_test.h"

typedef struct {
	const char *title;
	const char *source; /* its value is a function of n */
	int allowed;        /* the greatest n */
	int code;           /* for n + 1 */
} limit;

static const limit limits[] = {
	{ "depth of arrays", "(n) => { let v = 0; while (n--) v = [v]; return v; }", LUGH_BODY_DEPTH, LUGH_BODY_TOO_DEEP },
	{ "depth of objects", "(n) => { let v = 0; while (n--) v = { a: v }; return v; }", LUGH_BODY_DEPTH, LUGH_BODY_TOO_DEEP },
	{ "items of one array", "(n) => new Array(n).fill(0)", LUGH_BODY_ITEMS - 1, LUGH_BODY_TOO_MANY },
	{ "items of all arrays", "(n) => [new Array(4096).fill(0), new Array(n - 4096 - 2).fill(0)]", LUGH_BODY_ITEMS - 1, LUGH_BODY_TOO_MANY },
	{ "keys", "(n) => { const o = {}; while (n) o['key' + n--] = n; return o; }", LUGH_BODY_KEYS, LUGH_BODY_TOO_MANY },
	{ "keys that are indices", "(n) => { const o = {}; while (n--) o[n * 3] = n; return o; }", LUGH_BODY_KEYS, LUGH_BODY_TOO_MANY },
	{ "bytes of a key", "(n) => ({ ['k'.repeat(n)]: 1 })", LUGH_BODY_KEY_BYTES, LUGH_BODY_TOO_LARGE },
	{ "bytes of a key that is not ASCII", "(n) => ({ ['k'.repeat(n - 2) + '\\u00e4']: 1 })", LUGH_BODY_KEY_BYTES, LUGH_BODY_TOO_LARGE },
	{ "bytes of a text", "(n) => 'k'.repeat(n - 3)", LUGH_BODY_BYTES, LUGH_BODY_TOO_LARGE },
	{ "bytes of a text that is not ASCII", "(n) => 'k'.repeat(n - 5) + '\\u00e4'", LUGH_BODY_BYTES, LUGH_BODY_TOO_LARGE },
	{ "bytes of bytes", "(n) => new Uint8Array(n - 3)", LUGH_BODY_BYTES, LUGH_BODY_TOO_LARGE },
	{ "bytes of all values", "(n) => ['k'.repeat(32768), 'k'.repeat(n - 32768 - 7)]", LUGH_BODY_BYTES, LUGH_BODY_TOO_LARGE },
};

static void encode_limit(peer *peer, const limit *limit, int n, body *there)
{
	char source[256];
	snprintf(source, sizeof source, "(%s)(%d)", limit->source, n);
	encode_source(peer, source, there);
}

static void test_one_limit(peer *peer, const limit *limit)
{
	body there;
	encode_limit(peer, limit, limit->allowed, &there);
	expect(there.code == 0, limit->title, there.path);
	expect(lugh_body_check(there.bytes, there.length) == 0, limit->title, "refused by lugh_body_check");
	txSlot *stack = peer->the->stack;
	int code = lugh_body_decode(peer->the, &peer->state, there.bytes, there.length);
	expect(code == 0, limit->title, lugh_body_error_text(code));
	peer->the->stack = stack;
	encode_limit(peer, limit, limit->allowed + 1, &there);
	expect(there.code == limit->code, limit->title, there.path);
}

/* Validator and decoder must refuse by themselves what no encoder of ours writes. */
static void expect_refused(peer *peer, const char *title, const uint8_t *bytes, size_t length, int code)
{
	txSlot *stack = peer->the->stack;
	expect(lugh_body_check(bytes, length) == code, title, "lugh_body_check answers otherwise");
	expect(lugh_body_decoded_cost(bytes, length) == code, title, "lugh_body_decoded_cost answers otherwise");
	expect(lugh_body_decode(peer->the, &peer->state, bytes, length) == code, title, "lugh_body_decode answers otherwise");
	expect(peer->the->stack == stack, title, "something was pushed");
}

static void test_bytes_beyond(peer *peer)
{
	static uint8_t bytes[LUGH_BODY_BYTES + 1], content[LUGH_BODY_BYTES - 2];
	lugh_cbor_writer writer;
	memset(bytes, 0x81, LUGH_BODY_DEPTH + 1);
	bytes[LUGH_BODY_DEPTH + 1] = 0;
	expect_refused(peer, "a body nested too deep", bytes, LUGH_BODY_DEPTH + 2, LUGH_BODY_TOO_DEEP);
	memset(bytes, 0, sizeof bytes);
	lugh_cbor_writer_begin(&writer, bytes, sizeof bytes);
	lugh_cbor_put_array(&writer, LUGH_BODY_ITEMS);
	expect_refused(peer, "a body of too many items", bytes, writer.length + LUGH_BODY_ITEMS, LUGH_BODY_TOO_MANY);
	lugh_cbor_writer_begin(&writer, bytes, sizeof bytes);
	lugh_cbor_put_map(&writer, LUGH_BODY_KEYS + 1);
	expect_refused(peer, "a body of too many keys", bytes, writer.length + 2 * LUGH_BODY_KEYS + 2, LUGH_BODY_TOO_MANY);
	memset(bytes, 'k', sizeof bytes);
	lugh_cbor_writer_begin(&writer, bytes, sizeof bytes);
	lugh_cbor_put_map(&writer, 1);
	bytes[writer.length++] = 0x78;
	bytes[writer.length++] = LUGH_BODY_KEY_BYTES + 1;
	bytes[writer.length + LUGH_BODY_KEY_BYTES + 1] = 0;
	expect_refused(peer, "a body with too long a key", bytes, writer.length + LUGH_BODY_KEY_BYTES + 2, LUGH_BODY_TOO_LARGE);
	memset(bytes, 0, sizeof bytes);
	lugh_cbor_writer_begin(&writer, bytes, sizeof bytes);
	lugh_cbor_put_bytes(&writer, content, sizeof content);
	expect_refused(peer, "a body of too many bytes", bytes, LUGH_BODY_BYTES + 1, LUGH_BODY_TOO_LARGE);
}

/* A body fits in the room that it needs; with less it is refused, and nothing behind the room is touched. */
static void test_room(peer *peer, const char *source)
{
	static uint8_t buffer[1024];
	body there;
	size_t length = 0;
	encode_source(peer, source, &there);
	txSlot *stack = peer->the->stack;
	if (body_machine_evaluate(peer->the, source)) return expect(false, source, "does not run");
	for (size_t capacity = 0; capacity <= there.length; capacity++) {
		memset(buffer, 0xaa, sizeof buffer);
		int code = lugh_body_encode(peer->the, &peer->state, peer->the->stack, buffer, capacity, &length, NULL, 0);
		bool is_clean = true;
		for (size_t index = capacity; index < sizeof buffer; index++) is_clean &= buffer[index] == 0xaa;
		expect(code == (capacity < there.length ? LUGH_BODY_TOO_LARGE : 0), source, lugh_body_error_text(code));
		expect(is_clean, source, "wrote behind the buffer");
	}
	peer->the->stack = stack;
}

void test_limits(void)
{
	peer peer = peer_create(512, 2 * LUGH_BODY_NAMES);
	for (size_t index = 0; index < sizeof limits / sizeof *limits; index++) test_one_limit(&peer, &limits[index]);
	test_bytes_beyond(&peer);
	test_room(&peer, "({ seq: 1, value: 'text', list: [1.5, 1e300, 65536, true], bytes: new Uint8Array(30), 5: 'ÄÖ', d: new Float64Array(2) })");
	test_room(&peer, "({ 'a key that is longer than sixteen bytes': 'and its value, which is no shorter', z: '\\u00e4' })");
	static const char *const others[] = { "[]", "[1, [{}]]", "[null]", "[-1.5]", "[1e300]", "({ a: 70000 })", "['\\u00e4']", "new Int8Array(1)" };
	for (size_t index = 0; index < sizeof others / sizeof *others; index++) test_room(&peer, others[index]);
	peer_delete(&peer);
}
