/*
 * Well-formed UTF-8 (RFC 3629), one sequence at a time: no overlong form, no surrogate, nothing above U+10FFFF.
 *
 * Inline for the same reason as cbor_item.h. Almost every text is ASCII, so runs of it are passed eight bytes at once.
 */
#ifndef LUGH_UTF8_H
#define LUGH_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The top bits of eight bytes: none is set in ASCII. */
#define LUGH_UTF8_HIGH_BITS UINT64_C(0x8080808080808080)

static inline uint64_t lugh_utf8_load(const uint8_t *bytes)
{
	uint64_t eight;
	memcpy(&eight, bytes, sizeof eight);
	return eight;
}

/* The last bytes of a text: those behind its whole words, with zeros above them. Fewer than eight. */
static inline uint64_t lugh_utf8_rest(const uint8_t *bytes, size_t length)
{
	uint64_t rest = 0;
	for (size_t index = 0; index < length; index++) rest |= (uint64_t)bytes[index] << 8 * index;
	return rest;
}

static inline bool lugh_is_ascii(const uint8_t *bytes, size_t length)
{
	uint64_t high = 0;
	for (; length >= 8; bytes += 8, length -= 8) high |= lugh_utf8_load(bytes);
	return ((high | lugh_utf8_rest(bytes, length)) & LUGH_UTF8_HIGH_BITS) == 0;
}

/* ASCII without U+0000, which is the same inside the engine and outside. */
static inline bool lugh_is_plain_ascii(const uint8_t *bytes, size_t length)
{
	/* Taking one from a zero byte sets its top bit; other ASCII keeps its own clear. */
	uint64_t ones = LUGH_UTF8_HIGH_BITS >> 7, high = 0;
	for (; length >= 8; bytes += 8, length -= 8) {
		uint64_t eight = lugh_utf8_load(bytes);
		high |= eight | (eight - ones);
	}
	uint64_t rest = lugh_utf8_rest(bytes, length);
	high |= rest | (rest - (ones & ((UINT64_C(1) << 8 * length) - 1)));
	return (high & LUGH_UTF8_HIGH_BITS) == 0;
}

/* Bytes of the sequence that begins at `at`, 0 when it is ill-formed. Table 3-7 of the Unicode Standard: the first byte
 * narrows what the second may be. */
static inline size_t lugh_utf8_sequence(const uint8_t *at, const uint8_t *end)
{
	uint8_t first = *at;
	if (first < 0x80) return 1;
	size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (first < 0xc2 || first > 0xf4 || (size_t)(end - at) < length) return 0;
	uint8_t lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	uint8_t highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	if (at[1] < lowest || at[1] > highest) return 0;
	for (size_t index = 2; index < length; index++)
		if ((at[index] & 0xc0) != 0x80) return 0;
	return length;
}

static inline bool lugh_is_utf8(const uint8_t *bytes, size_t length)
{
	const uint8_t *end = bytes + length;
	if (lugh_is_ascii(bytes, length)) return true;
	while (bytes < end) {
		size_t sequence = lugh_utf8_sequence(bytes, end);
		if (sequence == 0) return false;
		bytes += sequence;
	}
	return true;
}

#endif
