/*
 * The writer of cbor.h. Every item is measured before a byte of it is written, so what is in the buffer is whole items.
 */
#include "cbor_item.h"

enum { HEAD_BYTES = 9 };

/* Where length bytes may be written, NULL once the writer failed. */
static uint8_t *reserve(lugh_cbor_writer *writer, size_t length)
{
	if (writer->failed || writer->capacity - writer->length < length) {
		writer->failed = true;
		return NULL;
	}
	return writer->buffer + writer->length;
}

static void put_head(lugh_cbor_writer *writer, unsigned major, uint64_t argument)
{
	uint8_t head[HEAD_BYTES];
	size_t length = (size_t)(lugh_cbor_write_head(head, major, argument) - head);
	uint8_t *at = reserve(writer, length);
	if (!at) return;
	memcpy(at, head, length);
	writer->length += length;
}

static void put_span(lugh_cbor_writer *writer, unsigned major, const void *bytes, size_t length)
{
	uint8_t head[HEAD_BYTES];
	size_t head_length = (size_t)(lugh_cbor_write_head(head, major, length) - head);
	uint8_t *at = length <= writer->capacity ? reserve(writer, head_length + length) : reserve(writer, SIZE_MAX);
	if (!at) return;
	memcpy(at, head, head_length);
	if (length) memcpy(at + head_length, bytes, length);
	writer->length += head_length + length;
}

void lugh_cbor_writer_begin(lugh_cbor_writer *writer, uint8_t *buffer, size_t capacity)
{
	*writer = (lugh_cbor_writer){ .buffer = buffer, .capacity = capacity };
}

void lugh_cbor_put_array(lugh_cbor_writer *writer, size_t count)
{
	put_head(writer, 4, count);
}

void lugh_cbor_put_map(lugh_cbor_writer *writer, size_t count)
{
	put_head(writer, 5, count);
}

void lugh_cbor_put_text(lugh_cbor_writer *writer, const char *text)
{
	put_span(writer, 3, text, strlen(text));
}

void lugh_cbor_put_text_span(lugh_cbor_writer *writer, const char *text, size_t length)
{
	put_span(writer, 3, text, length);
}

void lugh_cbor_put_bytes(lugh_cbor_writer *writer, const uint8_t *bytes, size_t length)
{
	put_span(writer, 2, bytes, length);
}

void lugh_cbor_put_int(lugh_cbor_writer *writer, int64_t value)
{
	if (value > LUGH_CBOR_INTEGER_MAXIMUM || value < -LUGH_CBOR_INTEGER_MAXIMUM) writer->failed = true;
	else if (value < 0) put_head(writer, 1, (uint64_t)(-1 - value));
	else put_head(writer, 0, (uint64_t)value);
}

void lugh_cbor_put_double(lugh_cbor_writer *writer, double value)
{
	int64_t integer;
	uint8_t form[HEAD_BYTES];
	if (lugh_cbor_is_integer(value, &integer)) {
		lugh_cbor_put_int(writer, integer);
		return;
	}
	size_t length = (size_t)(lugh_cbor_write_float(form, value) - form);
	uint8_t *at = reserve(writer, length);
	if (!at) return;
	memcpy(at, form, length);
	writer->length += length;
}

void lugh_cbor_put_bool(lugh_cbor_writer *writer, bool value)
{
	put_head(writer, 7, value ? 21 : 20);
}

void lugh_cbor_put_null(lugh_cbor_writer *writer)
{
	put_head(writer, 7, 22);
}

void lugh_cbor_put_text_field(lugh_cbor_writer *writer, const char *key, const char *text)
{
	lugh_cbor_put_text(writer, key);
	lugh_cbor_put_text(writer, text);
}

void lugh_cbor_put_int_field(lugh_cbor_writer *writer, const char *key, int64_t value)
{
	lugh_cbor_put_text(writer, key);
	lugh_cbor_put_int(writer, value);
}

void lugh_cbor_put_bool_field(lugh_cbor_writer *writer, const char *key, bool value)
{
	lugh_cbor_put_text(writer, key);
	lugh_cbor_put_bool(writer, value);
}

void lugh_cbor_put_typed_array_int32(lugh_cbor_writer *writer, const int32_t *values, size_t count)
{
	if (count > writer->capacity / sizeof *values) {
		writer->failed = true;
		return;
	}
	size_t former = writer->length;
	put_head(writer, 6, LUGH_CBOR_INT32_ARRAY);
	put_span(writer, 2, values, count * sizeof *values);
	if (writer->failed) writer->length = former;
}
