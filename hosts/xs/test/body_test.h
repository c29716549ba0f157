/*
 * What the test files of the codec share: counted expectations, and one root with machines to send between.
 */
#ifndef LUGH_BODY_TEST_H
#define LUGH_BODY_TEST_H

#include <stdbool.h>

#include "body_machine.h"

enum { BODY_BUFFER_BYTES = LUGH_BODY_BYTES };

/* A machine with its part of the codec. */
typedef struct {
	txMachine *the;
	lugh_body_state state;
} peer;

/* Bytes of a body, or why there are none. */
typedef struct {
	int code;
	size_t length;
	uint8_t bytes[BODY_BUFFER_BYTES];
	char path[160];
} body;

/* The root of all tests: its names are those of body_program. */
extern txMachine *body_root;
extern const char body_program[];

peer peer_create(int initial_slots, uint32_t names_limit);
void peer_delete(peer *peer);

/* Counts, and tells when it is not so: title says what should be, detail (may be NULL) what is. */
void expect(bool holds, const char *title, const char *detail);

/* Encodes the value on top of the stack, which is left there. */
void encode_top(peer *peer, body *body);

/* Evaluates the source and encodes its value; the stack is as before. */
void encode_source(peer *peer, const char *source, body *body);

/* The hexadecimal digits of bytes, in a static buffer, and the way back: bytes written, or -1. */
const char *to_hex(const uint8_t *bytes, size_t length);
ptrdiff_t from_hex(const char *digits, uint8_t *bytes, size_t capacity);

/* Numbers from a seed, the same on every machine. */
uint32_t next_random(uint32_t *seed);

void test_encoding(void);
void test_refusals(void);
void test_limits(void);
void test_names(void);
void test_collector(void);
void test_random(void);
void test_mutations(void);
void test_cursors(void);

/* Other uses of the program: lines from standard input to standard output, and measurements. 0, or 1 when it failed. */
int run_lines(const char *mode);
int run_bench(void);

#endif
