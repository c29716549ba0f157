/*
 * The reader of cbor.h over the one item parser. A failed reader stands at its end, so loops over counts come to rest.
 */
#include "cbor_item.h"

void lugh_cbor_reader_begin(lugh_cbor_reader *reader, const uint8_t *bytes, size_t length)
{
	*reader = (lugh_cbor_reader){ .at = bytes, .end = bytes + length };
}

static bool fail(lugh_cbor_reader *reader)
{
	reader->failed = true;
	reader->at = reader->end;
	return false;
}

static bool take(lugh_cbor_reader *reader, lugh_cbor_type type, lugh_cbor_item *item)
{
	if (lugh_cbor_take(&reader->at, reader->end, item) || item->type != type) return fail(reader);
	return true;
}

lugh_cbor_type lugh_cbor_next(const lugh_cbor_reader *reader)
{
	lugh_cbor_item item;
	const uint8_t *at = reader->at;
	return lugh_cbor_take(&at, reader->end, &item) ? LUGH_CBOR_END : item.type;
}

bool lugh_cbor_get_null(lugh_cbor_reader *reader)
{
	lugh_cbor_item item;
	return take(reader, LUGH_CBOR_NULL, &item);
}

bool lugh_cbor_get_bool(lugh_cbor_reader *reader, bool *value)
{
	lugh_cbor_item item;
	if (!take(reader, LUGH_CBOR_BOOL, &item)) return false;
	*value = item.integer != 0;
	return true;
}

bool lugh_cbor_get_int(lugh_cbor_reader *reader, int64_t *value)
{
	lugh_cbor_item item;
	if (!take(reader, LUGH_CBOR_INT, &item)) return false;
	*value = item.integer;
	return true;
}

bool lugh_cbor_get_double(lugh_cbor_reader *reader, double *value)
{
	lugh_cbor_item item;
	if (lugh_cbor_take(&reader->at, reader->end, &item)) return fail(reader);
	if (item.type == LUGH_CBOR_INT) *value = (double)item.integer;
	else if (item.type == LUGH_CBOR_DOUBLE) *value = item.number;
	else return fail(reader);
	return true;
}

bool lugh_cbor_get_text(lugh_cbor_reader *reader, const char **text, size_t *length)
{
	lugh_cbor_item item;
	if (!take(reader, LUGH_CBOR_TEXT, &item)) return false;
	*text = (const char *)item.bytes;
	*length = item.length;
	return true;
}

bool lugh_cbor_get_bytes(lugh_cbor_reader *reader, const uint8_t **bytes, size_t *length)
{
	lugh_cbor_item item;
	if (!take(reader, LUGH_CBOR_BYTES, &item)) return false;
	*bytes = item.bytes;
	*length = item.length;
	return true;
}

bool lugh_cbor_get_typed_array(lugh_cbor_reader *reader, int *tag, const uint8_t **bytes, size_t *length)
{
	lugh_cbor_item item;
	if (!take(reader, LUGH_CBOR_TYPED_ARRAY, &item)) return false;
	*tag = item.tag;
	*bytes = item.bytes;
	*length = item.length;
	return true;
}

bool lugh_cbor_get_array(lugh_cbor_reader *reader, size_t *count)
{
	lugh_cbor_item item;
	if (!take(reader, LUGH_CBOR_ARRAY, &item)) return false;
	*count = item.length;
	return true;
}

bool lugh_cbor_get_map(lugh_cbor_reader *reader, size_t *count)
{
	lugh_cbor_item item;
	if (!take(reader, LUGH_CBOR_MAP, &item)) return false;
	*count = item.length;
	return true;
}

bool lugh_cbor_skip(lugh_cbor_reader *reader)
{
	lugh_cbor_item item;
	for (uint64_t wanted = 1; wanted; wanted--) {
		if (lugh_cbor_take(&reader->at, reader->end, &item)) return fail(reader);
		if (item.type == LUGH_CBOR_ARRAY) wanted += item.length;
		if (item.type == LUGH_CBOR_MAP) wanted += 2 * (uint64_t)item.length;
	}
	return true;
}

bool lugh_cbor_text_is(const char *text, size_t length, const char *wanted)
{
	return strlen(wanted) == length && memcmp(text, wanted, length) == 0;
}

bool lugh_cbor_find(const lugh_cbor_reader *reader, const char *key, lugh_cbor_reader *value)
{
	lugh_cbor_reader cursor = *reader;
	const char *text;
	size_t count, length;
	if (lugh_cbor_next(&cursor) != LUGH_CBOR_MAP || !lugh_cbor_get_map(&cursor, &count)) return false;
	while (count--) {
		if (!lugh_cbor_get_text(&cursor, &text, &length)) return false;
		if (lugh_cbor_text_is(text, length, key)) {
			*value = cursor;
			return true;
		}
		if (!lugh_cbor_skip(&cursor)) return false;
	}
	return false;
}
