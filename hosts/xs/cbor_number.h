/*
 * Which form a number has: the integer, or the shortest of three floats, that holds it. Nothing is rounded here.
 */
#ifndef LUGH_CBOR_NUMBER_H
#define LUGH_CBOR_NUMBER_H

#include <math.h>
#include <string.h>

#include "cbor.h"

/* Is it an integer of our model? Then it has no float form. -0 is none. */
static inline bool lugh_cbor_is_integer(double number, int64_t *integer)
{
	if (!(fabs(number) <= (double)LUGH_CBOR_INTEGER_MAXIMUM)) return false;
	*integer = (int64_t)number;
	return (double)*integer == number && (*integer != 0 || !signbit(number));
}

static inline uint64_t lugh_double_bits(double number)
{
	uint64_t bits;
	memcpy(&bits, &number, sizeof bits);
	return bits;
}

/* The bits of the same number as binary32; false when it has none. NaN is the caller's. */
static inline bool lugh_narrow_to_single(double number, uint32_t *bits)
{
	if (fabs(number) > 3.4028234663852886e38 && !isinf(number)) return false;
	float single = (float)number;
	memcpy(bits, &single, sizeof single);
	return (double)single == number;
}

/* The bits of the same number as binary16; false when it has none. NaN is the caller's. */
static inline bool lugh_narrow_to_half(uint32_t single, uint16_t *bits)
{
	uint32_t sign = single >> 16 & 0x8000, fraction = single & 0x7fffff;
	int exponent = (int)(single >> 23 & 0xff) - 127;
	uint32_t half;
	if (exponent == 128) half = 0x7c00;
	else if (exponent == -127 && fraction == 0) half = 0;
	else if (exponent > 15 || exponent < -24) return false;
	else if (exponent >= -14) {
		if (fraction & 0x1fff) return false;
		half = (uint32_t)(exponent + 15) << 10 | fraction >> 13;
	} else {
		/* Below 2^-14 the leading one is part of the fraction, in units of 2^-24. */
		int shift = -1 - exponent;
		fraction |= 0x800000;
		if (fraction & ((UINT32_C(1) << shift) - 1)) return false;
		half = fraction >> shift;
	}
	*bits = (uint16_t)(sign | half);
	return true;
}

static inline double lugh_widen_half(uint16_t bits)
{
	uint64_t sign = (uint64_t)(bits & 0x8000) << 48, exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
	uint64_t wide = sign | (exponent < 31 ? exponent + 1008 : 2047) << 52 | fraction << 42;
	double number;
	if (exponent == 0) return (bits & 0x8000 ? -0x1p-24 : 0x1p-24) * (double)fraction;
	memcpy(&number, &wide, sizeof number);
	return number;
}

#endif
