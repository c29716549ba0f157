/*
 * The writer and the reader for host code: what they write is a body, what they read is what was written.
 */
#include <math.h>

#include "body_test.h"

static void write_message(lugh_cbor_writer *writer)
{
	static const int32_t samples[] = { 1, -1, 1 << 30 };
	static const uint8_t bytes[] = { 0xde, 0xad };
	lugh_cbor_put_map(writer, 6);
	lugh_cbor_put_text(writer, "at");
	lugh_cbor_put_double(writer, 1745843600000000.0);
	lugh_cbor_put_text(writer, "raw");
	lugh_cbor_put_bytes(writer, bytes, sizeof bytes);
	lugh_cbor_put_text(writer, "list");
	lugh_cbor_put_array(writer, 4);
	lugh_cbor_put_null(writer);
	lugh_cbor_put_bool(writer, true);
	lugh_cbor_put_int(writer, -42);
	lugh_cbor_put_double(writer, 0.5);
	lugh_cbor_put_text(writer, "name");
	lugh_cbor_put_text_span(writer, "toledo/node-1 and more", 13);
	lugh_cbor_put_text(writer, "none");
	lugh_cbor_put_map(writer, 0);
	lugh_cbor_put_text(writer, "samples");
	lugh_cbor_put_typed_array_int32(writer, samples, 3);
}

static void test_writing(void)
{
	uint8_t buffer[128];
	lugh_cbor_writer writer;
	lugh_cbor_writer_begin(&writer, buffer, sizeof buffer);
	write_message(&writer);
	expect(!writer.failed && strcmp(to_hex(buffer, writer.length),
		"a66261741b000633d5e39c84006372617742dead646c69737484f6f53829f93800646e616d656d746f6c65646f2f6e6f64652d31646e6f6e65a0"
		"6773616d706c6573d84e4c01000000ffffffff00000040") == 0, "a message is written", to_hex(buffer, writer.length));
	expect(lugh_body_check(buffer, writer.length) == 0, "what is written with keys in their order is a body", NULL);
	size_t length = writer.length;
	for (size_t capacity = 0; capacity < length; capacity++) {
		memset(buffer, 0xaa, sizeof buffer);
		lugh_cbor_writer_begin(&writer, buffer, capacity);
		write_message(&writer);
		expect(writer.failed && writer.length <= capacity && buffer[capacity] == 0xaa, "a message in too little room fails", NULL);
	}
	lugh_cbor_writer_begin(&writer, buffer, sizeof buffer);
	lugh_cbor_put_int(&writer, LUGH_CBOR_INTEGER_MAXIMUM + 1);
	expect(writer.failed && writer.length == 0, "an integer that is not exact in JavaScript fails", NULL);
	lugh_cbor_put_null(&writer);
	expect(writer.failed && writer.length == 0, "a failed writer writes nothing more", NULL);
}

static void test_reading(void)
{
	uint8_t buffer[128];
	lugh_cbor_writer writer;
	lugh_cbor_reader reader, value;
	size_t count = 0, length = 0;
	int64_t integer = 0;
	double number = 0;
	bool boolean = false;
	int tag = 0;
	const char *text = "";
	const uint8_t *bytes = NULL;
	lugh_cbor_writer_begin(&writer, buffer, sizeof buffer);
	write_message(&writer);
	lugh_cbor_reader_begin(&reader, buffer, writer.length);
	expect(lugh_cbor_next(&reader) == LUGH_CBOR_MAP, "the next type is told", NULL);
	expect(lugh_cbor_find(&reader, "name", &value) && lugh_cbor_get_text(&value, &text, &length)
		&& lugh_cbor_text_is(text, length, "toledo/node-1"), "a key is found", NULL);
	expect(lugh_cbor_find(&reader, "samples", &value) && lugh_cbor_get_typed_array(&value, &tag, &bytes, &length)
		&& tag == LUGH_CBOR_INT32_ARRAY && length == 12, "a typed array is read", NULL);
	expect(!lugh_cbor_find(&reader, "missing", &value) && !reader.failed, "a key that is not there fails nothing", NULL);
	expect(lugh_cbor_get_map(&reader, &count) && count == 6, "a map is entered", NULL);
	expect(lugh_cbor_get_text(&reader, &text, &length) && lugh_cbor_get_double(&reader, &number) && number == 1745843600000000.0,
		"a double is read from an integer", NULL);
	expect(lugh_cbor_get_text(&reader, &text, &length) && lugh_cbor_get_bytes(&reader, &bytes, &length) && length == 2 && bytes[0] == 0xde,
		"bytes are read", NULL);
	expect(lugh_cbor_get_text(&reader, &text, &length) && lugh_cbor_get_array(&reader, &count) && count == 4, "an array is entered", NULL);
	expect(lugh_cbor_get_null(&reader) && lugh_cbor_get_bool(&reader, &boolean) && boolean, "null and a boolean are read", NULL);
	expect(lugh_cbor_get_int(&reader, &integer) && integer == -42 && lugh_cbor_get_double(&reader, &number) && number == 0.5,
		"numbers are read", NULL);
	for (int item = 0; item < 6; item++) expect(lugh_cbor_skip(&reader), "items are skipped with all that is in them", NULL);
	expect(lugh_cbor_next(&reader) == LUGH_CBOR_END && !reader.failed, "the end is told", NULL);
	expect(!lugh_cbor_get_int(&reader, &integer) && reader.failed && integer == -42, "reading behind the end fails", NULL);
}

static void test_failing(void)
{
	static const uint8_t text[] = { 0x82, 0x61, 'a', 0x01 };
	lugh_cbor_reader reader;
	size_t count = 0;
	int64_t integer = 7;
	lugh_cbor_reader_begin(&reader, text, sizeof text);
	expect(lugh_cbor_get_array(&reader, &count) && !lugh_cbor_get_int(&reader, &integer), "another type is refused", NULL);
	expect(reader.failed && integer == 7 && lugh_cbor_next(&reader) == LUGH_CBOR_END, "a failed reader stands at its end", NULL);
	lugh_cbor_reader_begin(&reader, text, 2);
	expect(!lugh_cbor_skip(&reader) && reader.failed, "a body that is cut off cannot be skipped", NULL);
}

/* Every form of a double is the one that the model has, judged by the validator. */
static void test_doubles(void)
{
	uint32_t seed = 88172645;
	uint8_t buffer[16];
	lugh_cbor_writer writer;
	lugh_cbor_reader reader;
	for (int count = 0; count < 200000; count++) {
		uint64_t bits = (uint64_t)next_random(&seed) << 32 | next_random(&seed);
		if (count % 4 == 1) bits &= UINT64_C(0xffffffffe0000000);
		if (count % 4 == 2) bits &= UINT64_C(0xfffffc0000000000);
		if (count % 4 == 3) bits = (bits & UINT64_C(0x800ffc0000000000)) | (uint64_t)(990 + bits % 64) << 52;
		double number, back = 0;
		memcpy(&number, &bits, sizeof number);
		lugh_cbor_writer_begin(&writer, buffer, sizeof buffer);
		lugh_cbor_put_double(&writer, number);
		lugh_cbor_reader_begin(&reader, buffer, writer.length);
		bool is_read = lugh_cbor_get_double(&reader, &back);
		bool is_same = isnan(number) ? isnan(back) : number == back && signbit(number) == signbit(back);
		if (!is_read || !is_same || lugh_body_check(buffer, writer.length)) expect(false, "a double has one form", to_hex(buffer, writer.length));
	}
	expect(true, "doubles have one form", NULL);
}

void test_cursors(void)
{
	test_writing();
	test_reading();
	test_failing();
	test_doubles();
}
