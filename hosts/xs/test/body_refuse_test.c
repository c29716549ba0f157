/*
 * What is no plain data, in which words it is refused, and that refusing runs no code of the service.
 */
#include "body_test.h"

typedef struct {
	const char *source;
	const char *path;
} refusal;

static const refusal refusals[] = {
	{ "undefined", "$: undefined" },
	{ "({ a: undefined })", "$.a: undefined" },
	{ "[1, undefined]", "$[1]: undefined" },
	{ "[1, , 3]", "$[1]: hole" },
	{ "const a = [1, 2]; a.length = 3; a", "$[2]: hole" },
	{ "new Array(3)", "$[0]: hole" },
	{ "({ samples: [0, 0, 0, { x: () => 1 }] })", "$.samples[3].x: function" },
	{ "({ 5: Symbol() })", "$[\"5\"]: symbol" },
	{ "10n", "$: bigint" },
	{ "Symbol.iterator", "$: symbol" },
	{ "({ [Symbol.iterator]: 1 })", "$: key that is a symbol, or two keys of the same text" },
	{ "({ [Symbol('own')]: 1 })", "$: key that is a symbol, or two keys of the same text" },
	{ "({ get a() { globalThis.ran = true; return 1; } })", "$.a: accessor" },
	{ "({ b: { set a(value) { globalThis.ran = true; } } })", "$.b.a: accessor" },
	{ "const l = [1]; Object.defineProperty(l, 0, { get() { globalThis.ran = true; } }); l", "$[0]: accessor" },
	{ "const l = [1]; l.name = 1; l", "$: array with named properties" },
	{ "Object.defineProperty({}, 'a', { value: 1 })", "$: property that is not enumerable" },
	{ "const o = {}; o.self = o; o", "$.self: value that contains itself" },
	{ "const o = [[]]; o[0][0] = o; o", "$[0][0]: value that contains itself" },
	{ "class A {} new A()", "$: class instance" },
	{ "class A { #x = 1 } new A()", "$: class instance" },
	{ "class O { constructor(o) { return o; } } class A extends O { #x = 1 } new A({ a: 1 })", "$: class instance" },
	{ "class A extends Array {} A.of(1)", "$: class instance" },
	{ "class A extends Uint8Array {} new A(1)", "$: class instance" },
	{ "Object.create({ a: 1 })", "$: class instance" },
	{ "new Map()", "$: Map" },
	{ "new Set()", "$: Set" },
	{ "new WeakMap()", "$: WeakMap" },
	{ "new Date(0)", "$: Date" },
	{ "/a/", "$: RegExp" },
	{ "new Error('no')", "$: Error" },
	{ "Promise.prototype.then", "$: function" },
	{ "class A {} A", "$: function" },
	{ "(function* () {})()", "$: generator" },
	{ "new ArrayBuffer(1)", "$: ArrayBuffer" },
	{ "new DataView(new ArrayBuffer(1))", "$: DataView" },
	{ "Object(1)", "$: boxed primitive" },
	{ "Object('a')", "$: boxed primitive" },
	{ "Object(true)", "$: boxed primitive" },
	{ "Object(Symbol())", "$: boxed primitive" },
	{ "Object(1n)", "$: boxed primitive" },
	{ "(function () { return arguments; })(1)", "$: arguments object" },
	{ "globalThis", "$: class instance" },
	{ "new Uint8ClampedArray(1)", "$: typed array of a kind that bodies do not have" },
	{ "new BigInt64Array(1)", "$: typed array of a kind that bodies do not have" },
	{ "const b = new Uint8Array(2); b.name = 1; b", "$: typed array with named properties" },
	{ "'a\\ud800'", "$: text with a lone surrogate" },
	{ "'\\udc00\\ud800'", "$: text with a lone surrogate" },
	{ "'\\ud800\\ud800'", "$: text with a lone surrogate" },
	{ "({ '\\ud800': 1 })", "$: key with a lone surrogate" },
#if !mxCESU8
	/* Such an engine has two names for one text; the other has one property here. */
	{ "({ '\\ud83d\\ude00': 1, [String.fromCharCode(0xd83d) + String.fromCharCode(0xde00)]: 2 })",
		"$: key that is a symbol, or two keys of the same text" },
#endif
	{ "({ toJSON() { globalThis.ran = true; return 1; } })", "$.toJSON: function" },
	{ "new Proxy({}, new Proxy({}, { get() { globalThis.ran = true; } }))", "$: proxy" },
	{ "[new Proxy([], new Proxy({}, { get() { globalThis.ran = true; } }))]", "$[0]: proxy" },
	{ "Object.create(new Proxy({}, new Proxy({}, { get() { globalThis.ran = true; } })))", "$: class instance" },
};

static bool ran(peer *peer)
{
	txMachine *the = peer->the;
	txSlot *stack = the->stack;
	bool answer = body_machine_evaluate(the, "globalThis.ran === true") || the->stack->value.boolean;
	the->stack = stack;
	return answer;
}

static void test_words(void)
{
	static const int codes[] = { LUGH_BODY_OK, LUGH_BODY_NOT_PLAIN, LUGH_BODY_CYCLE, LUGH_BODY_TOO_DEEP, LUGH_BODY_TOO_LARGE,
		LUGH_BODY_TOO_MANY, LUGH_BODY_BAD_TEXT, LUGH_BODY_TOO_MANY_NAMES, LUGH_BODY_MALFORMED, LUGH_BODY_NOT_SHORTEST, LUGH_BODY_FOREIGN };
	enum { COUNT = sizeof codes / sizeof *codes };
	for (int index = 0; index < COUNT; index++)
		for (int other = index + 1; other < COUNT; other++)
			expect(strcmp(lugh_body_error_text(codes[index]), lugh_body_error_text(codes[other])) != 0, "every code has words of its own", NULL);
	expect(strcmp(lugh_body_error_text(-99), "unknown error") == 0, "an unknown code is said to be one", NULL);
}

void test_refusals(void)
{
	test_words();
	body there;
	peer peer = peer_create(512, LUGH_BODY_NAMES);
	for (size_t index = 0; index < sizeof refusals / sizeof *refusals; index++) {
		encode_source(&peer, refusals[index].source, &there);
		expect(there.code < 0, refusals[index].source, "not refused");
		expect(strcmp(there.path, refusals[index].path) == 0, refusals[index].source, there.path);
	}
	expect(!ran(&peer), "refusing runs no code of the service", NULL);
	encode_source(&peer, "({ samples: [0, () => 1] })", &there);
	int code = there.code;
	char path[12];
	size_t length = 0;
	txSlot *stack = peer.the->stack;
	if (body_machine_evaluate(peer.the, "({ samples: [0, () => 1] })") == 0)
		code = lugh_body_encode(peer.the, &peer.state, peer.the->stack, there.bytes, sizeof there.bytes, &length, path, sizeof path);
	expect(code == LUGH_BODY_NOT_PLAIN && strcmp(path, "$.samples[1") == 0, "a path is cut to its room", path);
	expect(length == 0, "a refusal leaves the length alone", NULL);
	peer.the->stack = stack;
	peer_delete(&peer);
}
