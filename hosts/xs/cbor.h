/*
 * Deterministic CBOR for host code that has no engine at hand: a writer into a fixed buffer and a reader over one.
 *
 * Both take only the data model of body.h, keep one sticky flag instead of an answer at each step, and are asked once
 * at the end: code that builds or reads a message has no error path of its own. Neither allocates.
 */
#ifndef LUGH_CBOR_H
#define LUGH_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LUGH_CBOR_MALFORMED = -16,    /* not well-formed, cut off, or followed by more bytes */
	LUGH_CBOR_NOT_SHORTEST = -17, /* well-formed, but not in its only deterministic form */
	LUGH_CBOR_FOREIGN = -18,      /* deterministic, but not of our data model */
};

/* The tags of RFC 8746 that the model has, all little endian. */
enum {
	LUGH_CBOR_UINT16_ARRAY = 69,
	LUGH_CBOR_UINT32_ARRAY = 70,
	LUGH_CBOR_INT8_ARRAY = 72,
	LUGH_CBOR_INT16_ARRAY = 77,
	LUGH_CBOR_INT32_ARRAY = 78,
	LUGH_CBOR_FLOAT32_ARRAY = 85,
	LUGH_CBOR_FLOAT64_ARRAY = 86,
};

/* Integers beyond this are no longer exact in a JavaScript number: 2^53 - 1. */
#define LUGH_CBOR_INTEGER_MAXIMUM INT64_C(9007199254740991)

/* ---- writer ---------------------------------------------------------------------------------------------------- */

/*
 * Fields are open for reading. length is what was written so far; once failed is true, nothing more is written and
 * length stays. An item that does not fit, or that the model does not have, fails the writer.
 */
typedef struct {
	uint8_t *buffer;
	size_t capacity;
	size_t length;
	bool failed;
} lugh_cbor_writer;

void lugh_cbor_writer_begin(lugh_cbor_writer *writer, uint8_t *buffer, size_t capacity);

/* Exactly count values follow, or count pairs of a text and a value. Keys must come in their order: shorter ones first,
 * then by bytes. The writer does not look: whoever writes a message has a test that runs lugh_body_check over it. */
void lugh_cbor_put_array(lugh_cbor_writer *writer, size_t count);
void lugh_cbor_put_map(lugh_cbor_writer *writer, size_t count);

/* text ends with NUL and is UTF-8; _span takes its length in bytes instead. */
void lugh_cbor_put_text(lugh_cbor_writer *writer, const char *text);
void lugh_cbor_put_text_span(lugh_cbor_writer *writer, const char *text, size_t length);

void lugh_cbor_put_bytes(lugh_cbor_writer *writer, const uint8_t *bytes, size_t length);

/* Fails beyond +-LUGH_CBOR_INTEGER_MAXIMUM. */
void lugh_cbor_put_int(lugh_cbor_writer *writer, int64_t value);

/* Any number as the model has it: an integer when it is one, else the shortest float. */
void lugh_cbor_put_double(lugh_cbor_writer *writer, double value);

void lugh_cbor_put_bool(lugh_cbor_writer *writer, bool value);
void lugh_cbor_put_null(lugh_cbor_writer *writer);

/* A key and its value, of a map that was begun. */
void lugh_cbor_put_text_field(lugh_cbor_writer *writer, const char *key, const char *text);
void lugh_cbor_put_int_field(lugh_cbor_writer *writer, const char *key, int64_t value);
void lugh_cbor_put_bool_field(lugh_cbor_writer *writer, const char *key, bool value);

/* count elements, copied; they need no alignment. */
void lugh_cbor_put_typed_array_int32(lugh_cbor_writer *writer, const int32_t *values, size_t count);

/* ---- reader ---------------------------------------------------------------------------------------------------- */

typedef enum {
	LUGH_CBOR_END, /* no item is left, or the reader failed */
	LUGH_CBOR_NULL,
	LUGH_CBOR_BOOL,
	LUGH_CBOR_INT,
	LUGH_CBOR_DOUBLE,
	LUGH_CBOR_TEXT,
	LUGH_CBOR_BYTES,
	LUGH_CBOR_TYPED_ARRAY,
	LUGH_CBOR_ARRAY,
	LUGH_CBOR_MAP,
} lugh_cbor_type;

/*
 * A cursor. Getting another type than the next item has fails the reader: it then stands at the end, every getter
 * answers false and leaves its results alone. Views point into the bytes and live as long as they do. The reader is
 * safe on any bytes; that keys are in order and texts are UTF-8 is lugh_body_check's to say, once, where bytes come in.
 */
typedef struct {
	const uint8_t *at;
	const uint8_t *end;
	bool failed;
} lugh_cbor_reader;

void lugh_cbor_reader_begin(lugh_cbor_reader *reader, const uint8_t *bytes, size_t length);

/* The type of the next item, which stays the next item. */
lugh_cbor_type lugh_cbor_next(const lugh_cbor_reader *reader);

bool lugh_cbor_get_null(lugh_cbor_reader *reader);
bool lugh_cbor_get_bool(lugh_cbor_reader *reader, bool *value);
bool lugh_cbor_get_int(lugh_cbor_reader *reader, int64_t *value);
bool lugh_cbor_get_double(lugh_cbor_reader *reader, double *value); /* of an integer too */
bool lugh_cbor_get_text(lugh_cbor_reader *reader, const char **text, size_t *length); /* no NUL at its end */
bool lugh_cbor_get_bytes(lugh_cbor_reader *reader, const uint8_t **bytes, size_t *length);
bool lugh_cbor_get_typed_array(lugh_cbor_reader *reader, int *tag, const uint8_t **bytes, size_t *length);

/* Enter a container: count values follow, or count pairs. There is no leaving: read or skip all of them. */
bool lugh_cbor_get_array(lugh_cbor_reader *reader, size_t *count);
bool lugh_cbor_get_map(lugh_cbor_reader *reader, size_t *count);

/* Passes over the next item with all that is in it. */
bool lugh_cbor_skip(lugh_cbor_reader *reader);

/* Is the text, of the given length, this one? For keys. */
bool lugh_cbor_text_is(const char *text, size_t length, const char *wanted);

/*
 * Looks a key up in the map that is the next item, and sets *value to stand at its value. The reader stays before the
 * map. Answers false when the map has no such key, and when the next item is no map; neither fails the reader.
 */
bool lugh_cbor_find(const lugh_cbor_reader *reader, const char *key, lugh_cbor_reader *value);

#endif
