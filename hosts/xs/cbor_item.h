/*
 * One CBOR item, read and judged: the only place that knows heads, under reader, validator and decoder.
 *
 * Inline, because a message of two fields is five items and each costs a few nanoseconds. Whatever this accepts is
 * within the bytes, in its only form and of our model; that a container's items follow, that keys are in order and
 * that text is UTF-8 is left to the caller.
 */
#ifndef LUGH_CBOR_ITEM_H
#define LUGH_CBOR_ITEM_H

#include "cbor_number.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error Typed arrays cross as the bytes that lie in memory: this codec is for little-endian processors.
#endif

typedef struct {
	lugh_cbor_type type;
	int tag;              /* of a typed array */
	int64_t integer;      /* of a bool and an integer */
	double number;        /* of a float */
	const uint8_t *bytes; /* of text, bytes and typed array */
	size_t length;        /* of those in bytes; of a container in items or pairs */
} lugh_cbor_item;

/* ---- heads ----------------------------------------------------------------------------------------------------- */

/* An initial byte, and behind it the argument in network order. */
static inline uint8_t *lugh_cbor_write_1(uint8_t *at, unsigned initial, uint64_t argument)
{
	at[0] = (uint8_t)initial;
	at[1] = (uint8_t)argument;
	return at + 2;
}

static inline uint8_t *lugh_cbor_write_2(uint8_t *at, unsigned initial, uint64_t argument)
{
	uint16_t swapped = __builtin_bswap16((uint16_t)argument);
	at[0] = (uint8_t)initial;
	memcpy(at + 1, &swapped, sizeof swapped);
	return at + 3;
}

static inline uint8_t *lugh_cbor_write_4(uint8_t *at, unsigned initial, uint64_t argument)
{
	uint32_t swapped = __builtin_bswap32((uint32_t)argument);
	at[0] = (uint8_t)initial;
	memcpy(at + 1, &swapped, sizeof swapped);
	return at + 5;
}

static inline uint8_t *lugh_cbor_write_8(uint8_t *at, unsigned initial, uint64_t argument)
{
	uint64_t swapped = __builtin_bswap64(argument);
	at[0] = (uint8_t)initial;
	memcpy(at + 1, &swapped, sizeof swapped);
	return at + 9;
}

/* Writes a head in its shortest form and answers what is behind it. There are nine bytes of room. */
static inline uint8_t *lugh_cbor_write_head(uint8_t *at, unsigned major, uint64_t argument)
{
	unsigned initial = major << 5;
	if (argument < 24) {
		*at = (uint8_t)(initial | argument);
		return at + 1;
	}
	if (argument < 0x100) return lugh_cbor_write_1(at, initial | 24, argument);
	if (argument < 0x10000) return lugh_cbor_write_2(at, initial | 25, argument);
	if (argument < UINT64_C(0x100000000)) return lugh_cbor_write_4(at, initial | 26, argument);
	return lugh_cbor_write_8(at, initial | 27, argument);
}

static inline uint8_t *lugh_cbor_write_integer(uint8_t *at, int64_t value)
{
	return value < 0 ? lugh_cbor_write_head(at, 1, (uint64_t)(-1 - value)) : lugh_cbor_write_head(at, 0, (uint64_t)value);
}

/* Writes a number that is no integer of our model as the shortest float that holds it. Nine bytes of room. */
static inline uint8_t *lugh_cbor_write_float(uint8_t *at, double number)
{
	uint32_t single;
	uint16_t half;
	if (isnan(number)) return lugh_cbor_write_2(at, 0xf9, 0x7e00);
	if (!lugh_narrow_to_single(number, &single)) return lugh_cbor_write_8(at, 0xfb, lugh_double_bits(number));
	if (!lugh_narrow_to_half(single, &half)) return lugh_cbor_write_4(at, 0xfa, single);
	return lugh_cbor_write_2(at, 0xf9, half);
}

static inline uint64_t lugh_cbor_load(const uint8_t *at, unsigned information)
{
	uint16_t two;
	uint32_t four;
	uint64_t eight;
	switch (information) {
	case 24: return *at;
	case 25: memcpy(&two, at, sizeof two); return __builtin_bswap16(two);
	case 26: memcpy(&four, at, sizeof four); return __builtin_bswap32(four);
	default: memcpy(&eight, at, sizeof eight); return __builtin_bswap64(eight);
	}
}

/* Reads the argument behind an initial byte whose low five bits are information. */
static inline int lugh_cbor_read_argument(const uint8_t **at, const uint8_t *end, unsigned information, uint64_t *argument)
{
	if (information < 24) {
		*argument = information;
		return 0;
	}
	if (information > 27) return information == 31 ? LUGH_CBOR_NOT_SHORTEST : LUGH_CBOR_MALFORMED;
	int bytes = 1 << (information - 24);
	if (end - *at < bytes) return LUGH_CBOR_MALFORMED;
	*argument = lugh_cbor_load(*at, information);
	*at += bytes;
	return 0;
}

/* What a head of so many argument bytes could not say with fewer. */
static inline bool lugh_cbor_is_shortest(unsigned information, uint64_t argument)
{
	switch (information) {
	case 24: return argument >= 24;
	case 25: return argument > 0xff;
	case 26: return argument > 0xffff;
	case 27: return argument > UINT64_C(0xffffffff);
	default: return true;
	}
}

/* ---- items ----------------------------------------------------------------------------------------------------- */

static inline int lugh_cbor_judge_float(unsigned information, uint64_t argument, lugh_cbor_item *item)
{
	uint32_t single;
	uint16_t half;
	int64_t integer;
	if (information == 25) item->number = lugh_widen_half((uint16_t)argument);
	else if (information == 26) {
		float number;
		single = (uint32_t)argument;
		memcpy(&number, &single, sizeof number);
		item->number = (double)number;
	} else memcpy(&item->number, &argument, sizeof item->number);
	item->type = LUGH_CBOR_DOUBLE;
	if (isnan(item->number)) return information == 25 && argument == 0x7e00 ? 0 : LUGH_CBOR_NOT_SHORTEST;
	if (lugh_cbor_is_integer(item->number, &integer)) return LUGH_CBOR_NOT_SHORTEST;
	if (information == 27 && lugh_narrow_to_single(item->number, &single)) return LUGH_CBOR_NOT_SHORTEST;
	if (information == 26 && lugh_narrow_to_half((uint32_t)argument, &half)) return LUGH_CBOR_NOT_SHORTEST;
	return 0;
}

static inline int lugh_cbor_judge_simple(unsigned information, uint64_t argument, lugh_cbor_item *item)
{
	if (information >= 25 && information <= 27) return lugh_cbor_judge_float(information, argument, item);
	if (information == 24) return argument < 32 ? LUGH_CBOR_MALFORMED : LUGH_CBOR_FOREIGN;
	item->integer = argument == 21;
	item->type = argument == 22 ? LUGH_CBOR_NULL : LUGH_CBOR_BOOL;
	return argument >= 20 && argument <= 22 ? 0 : LUGH_CBOR_FOREIGN;
}

/* Bytes per element of a typed array, 0 for a tag that the model does not have. */
static inline unsigned lugh_cbor_element_bytes(uint64_t tag)
{
	switch (tag) {
	case LUGH_CBOR_INT8_ARRAY: return 1;
	case LUGH_CBOR_UINT16_ARRAY:
	case LUGH_CBOR_INT16_ARRAY: return 2;
	case LUGH_CBOR_UINT32_ARRAY:
	case LUGH_CBOR_INT32_ARRAY:
	case LUGH_CBOR_FLOAT32_ARRAY: return 4;
	case LUGH_CBOR_FLOAT64_ARRAY: return 8;
	default: return 0;
	}
}

static inline int lugh_cbor_take_span(const uint8_t **at, const uint8_t *end, uint64_t length, lugh_cbor_item *item)
{
	if (length > (uint64_t)(end - *at)) return LUGH_CBOR_MALFORMED;
	item->bytes = *at;
	item->length = (size_t)length;
	*at += length;
	return 0;
}

/* The byte string under a tag: a typed array, or nothing of ours. */
static inline int lugh_cbor_take_tagged(const uint8_t **at, const uint8_t *end, uint64_t tag, lugh_cbor_item *item)
{
	unsigned element_bytes = lugh_cbor_element_bytes(tag);
	uint64_t length;
	if (*at == end) return LUGH_CBOR_MALFORMED;
	unsigned initial = *(*at)++;
	int error = lugh_cbor_read_argument(at, end, initial & 31, &length);
	if (error) return error;
	if (element_bytes == 0 || initial >> 5 != 2 || length % element_bytes != 0) return LUGH_CBOR_FOREIGN;
	if (!lugh_cbor_is_shortest(initial & 31, length)) return LUGH_CBOR_NOT_SHORTEST;
	item->type = LUGH_CBOR_TYPED_ARRAY;
	item->tag = (int)tag;
	return lugh_cbor_take_span(at, end, length, item);
}

/* Reads the head of the next item, and the whole item unless it is a container. Answers 0 or a negative code. */
static inline int lugh_cbor_take(const uint8_t **at, const uint8_t *end, lugh_cbor_item *item)
{
	uint64_t argument;
	if (*at == end) return LUGH_CBOR_MALFORMED;
	unsigned initial = *(*at)++, information = initial & 31, major = initial >> 5;
	int error = lugh_cbor_read_argument(at, end, information, &argument);
	if (error) return error;
	if (major == 7) return lugh_cbor_judge_simple(information, argument, item);
	if (!lugh_cbor_is_shortest(information, argument)) return LUGH_CBOR_NOT_SHORTEST;
	switch (major) {
	case 0:
	case 1:
		if (argument > (uint64_t)LUGH_CBOR_INTEGER_MAXIMUM - major) return LUGH_CBOR_FOREIGN;
		item->type = LUGH_CBOR_INT;
		item->integer = major ? -1 - (int64_t)argument : (int64_t)argument;
		return 0;
	case 2:
	case 3:
		item->type = major == 2 ? LUGH_CBOR_BYTES : LUGH_CBOR_TEXT;
		return lugh_cbor_take_span(at, end, argument, item);
	case 4:
	case 5:
		/* Each item that a container claims takes a byte at least, each pair two. */
		if (argument > (uint64_t)(end - *at) >> (major - 4)) return LUGH_CBOR_MALFORMED;
		item->type = major == 4 ? LUGH_CBOR_ARRAY : LUGH_CBOR_MAP;
		item->length = (size_t)argument;
		return 0;
	default:
		return lugh_cbor_take_tagged(at, end, argument, item);
	}
}

#endif
