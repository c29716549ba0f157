/*
 * The slow way of body_text.h, for texts that are not plain ASCII; encoder and decoder pass ASCII by without it.
 */
#include "body_text.h"

#include "engine.h"
#include "utf8.h"

static int32_t join(const uint8_t *at, size_t length)
{
	int32_t point = length == 1 ? at[0] : at[0] & (0x7f >> length);
	for (size_t index = 1; index < length; index++) point = point << 6 | (at[index] & 0x3f);
	return point;
}

/* A surrogate in its three bytes, 0 for anything else. The NUL at the end of the text ends every comparison. */
static int32_t surrogate(const uint8_t *at)
{
	if (at[0] != 0xed || (at[1] & 0xe0) != 0xa0 || (at[2] & 0xc0) != 0x80) return 0;
	return join(at, 3);
}

int32_t lugh_text_point(const char **text)
{
	const uint8_t *at = (const uint8_t *)*text;
	if (at[0] == 0) return LUGH_TEXT_END;
	if (at[0] == 0xc0 && at[1] == 0x80) {
		*text += 2;
		return 0;
	}
	int32_t high = surrogate(at);
	if (high) {
		int32_t low = high < 0xdc00 ? surrogate(at + 3) : 0;
		if (low < 0xdc00) return LUGH_TEXT_ILL_FORMED;
		*text += 6;
		return 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
	}
	size_t available = strnlen(*text, 4), length = lugh_utf8_sequence(at, at + available);
	if (length == 0) return LUGH_TEXT_ILL_FORMED;
	*text += length;
	return join(at, length);
}

static ptrdiff_t point_bytes(int32_t point)
{
	return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

ptrdiff_t lugh_text_measure(const char *text)
{
	ptrdiff_t length = 0;
	int32_t point;
	while ((point = lugh_text_point(&text)) >= 0) length += point_bytes(point);
	return point == LUGH_TEXT_END ? length : -1;
}

static uint8_t *write_point(uint8_t *at, int32_t point)
{
	if (point < 0x80) {
		*at++ = (uint8_t)point;
		return at;
	}
	if (point < 0x800) *at++ = (uint8_t)(0xc0 | point >> 6);
	else {
		if (point < 0x10000) *at++ = (uint8_t)(0xe0 | point >> 12);
		else {
			*at++ = (uint8_t)(0xf0 | point >> 18);
			*at++ = (uint8_t)(0x80 | (point >> 12 & 0x3f));
		}
		*at++ = (uint8_t)(0x80 | (point >> 6 & 0x3f));
	}
	*at++ = (uint8_t)(0x80 | (point & 0x3f));
	return at;
}

uint8_t *lugh_text_write(uint8_t *at, const char *text)
{
	int32_t point;
	while ((point = lugh_text_point(&text)) >= 0) at = write_point(at, point);
	return at;
}

int lugh_text_compare(const char *left, const char *right)
{
	int32_t one, other;
	do {
		one = lugh_text_point(&left);
		other = lugh_text_point(&right);
	} while (one == other && one >= 0);
	return one < other ? -1 : one > other;
}

ptrdiff_t lugh_text_inner_size(const uint8_t *bytes, size_t length)
{
	ptrdiff_t size = 0;
	for (const uint8_t *at = bytes, *end = bytes + length; at < end;) {
		size_t sequence = lugh_utf8_sequence(at, end);
		if (sequence == 0) return -1;
		size += *at == 0 ? 2 : sequence == 4 ? mxStringByteLength(0x10000) : (ptrdiff_t)sequence;
		at += sequence;
	}
	return size;
}

void lugh_text_inner(char *text, const uint8_t *bytes, size_t length)
{
	for (const uint8_t *at = bytes, *end = bytes + length; at < end;) {
		size_t sequence = lugh_utf8_sequence(at, end);
		text = mxStringByteEncode(text, join(at, sequence));
		at += sequence;
	}
	*text = 0;
}
