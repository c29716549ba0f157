/*
 * body-test as a partner of other programs: a line in, a line out.
 *
 *   check     hexadecimal bytes -> "ok", or what lugh_body_check says
 *   decode    hexadecimal bytes -> the bytes that the decoded value encodes to, or "! " and why not
 *   evaluate  an expression     -> the bytes of its value, or "! " and why not
 */
#include "body_test.h"

/* A machine takes up only so many names; whoever sends many values gets a fresh one now and then. */
enum { LINE_BYTES = 4 * BODY_BUFFER_BYTES, MACHINE_LIFE = 500 };

static void answer(int code, const uint8_t *bytes, size_t length, const char *path)
{
	if (code) printf("! %s\n", path && path[0] ? path : lugh_body_error_text(code));
	else printf("%s\n", to_hex(bytes, length));
}

static void check_line(const uint8_t *bytes, size_t length)
{
	int code = lugh_body_check(bytes, length);
	printf("%s\n", code ? lugh_body_error_text(code) : "ok");
}

static void decode_line(peer *peer, const uint8_t *bytes, size_t length)
{
	static body back;
	txSlot *stack = peer->the->stack;
	back.code = lugh_body_decode(peer->the, &peer->state, bytes, length);
	back.path[0] = 0;
	if (back.code == 0) encode_top(peer, &back);
	answer(back.code, back.bytes, back.length, back.path);
	peer->the->stack = stack;
}

static void evaluate_line(peer *peer, const char *source)
{
	static body there;
	encode_source(peer, source, &there);
	if (there.code == 1) printf("! does not run\n");
	else answer(there.code, there.bytes, there.length, there.path);
}

static void take_line(peer *peer, const char *mode, const char *line)
{
	/* Longer than a body may be, so that too long a one can be offered. */
	static uint8_t bytes[2 * BODY_BUFFER_BYTES];
	if (strcmp(mode, "evaluate") == 0) return evaluate_line(peer, line);
	ptrdiff_t length = from_hex(line, bytes, sizeof bytes);
	if (length < 0) printf("no bytes\n");
	else if (strcmp(mode, "check") == 0) check_line(bytes, (size_t)length);
	else decode_line(peer, bytes, (size_t)length);
}

int run_lines(const char *mode)
{
	static char line[LINE_BYTES + 2];
	bool is_known = strcmp(mode, "check") == 0 || strcmp(mode, "decode") == 0 || strcmp(mode, "evaluate") == 0;
	if (!is_known) {
		fprintf(stderr, "Cannot run body-test: wanted check, decode, evaluate or bench, found %s\n", mode);
		return 1;
	}
	peer peer = peer_create(512, LUGH_BODY_NAMES);
	for (int count = 1; fgets(line, sizeof line, stdin); count++) {
		line[strcspn(line, "\n")] = 0;
		take_line(&peer, mode, line);
		if (count % MACHINE_LIFE == 0) {
			peer_delete(&peer);
			peer = peer_create(512, LUGH_BODY_NAMES);
		}
	}
	peer_delete(&peer);
	return 0;
}
