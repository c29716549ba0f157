/*
 * Bounds and charges the arithmetic of large integers, whose time grows with the square of their length.
 *
 * The table of operations (xsDefaults.c) names the functions here instead of the engine's.
 */
#include "layer.h"
#include "amended.h"

enum {
	PRODUCTS_A_STEP = 8,
	INTEGER_WORDS_LIMIT = 1024, /* 32,768 bits: room for any cryptographic integer, and a product below a millisecond */
	SCRATCH_WORDS_LIMIT = 4 * INTEGER_WORDS_LIMIT, /* what the engine's own arithmetic takes on the way, and sums */
	WORD_BITS = 32,
};

static void charge_product(txMachine *the, size_t words, size_t other_words)
{
	lugh_charge(the, (txU4)(words * other_words / PRODUCTS_A_STEP));
}

static void limit_words(txMachine *the, double words)
{
	if (words > INTEGER_WORDS_LIMIT)
		mxRangeError("BigInt of more than %d bits", INTEGER_WORDS_LIMIT * WORD_BITS);
}

static double bits_of(const txBigInt *integer)
{
	txU4 highest = integer->data[integer->size - 1];
	return (double)(integer->size - 1) * WORD_BITS + (highest ? WORD_BITS - __builtin_clz(highest) : 0);
}

/* A second operand that counts: an exponent, or a distance to shift. Beyond one word it is beyond any limit. */
static double count_of(const txBigInt *integer)
{
	return integer->size > 1 ? INFINITY : (double)integer->data[0];
}

/* Before the engine takes memory for an integer, whatever for. */
void lugh_bigint_room(txMachine *the, txU4 words)
{
	if (words > SCRATCH_WORDS_LIMIT)
		limit_words(the, words);
}

/* Before the engine takes memory for digits and reads them, one by one, into an integer that gets longer and longer. */
txSize lugh_bigint_parsed_bytes(txMachine *the, txSize bytes, txSize digits)
{
	txSize words = bytes / (txSize)sizeof(txU4);
	limit_words(the, words - 1); /* the engine asks for one or two more than it needs */
	charge_product(the, (size_t)words, (size_t)digits);
	return bytes;
}

txBigInt *lugh_bigint_mul(txMachine *the, txBigInt *r, txBigInt *a, txBigInt *b)
{
	limit_words(the, (double)a->size + b->size);
	charge_product(the, a->size, b->size);
	return fxBigInt_mul(the, r, a, b);
}

txBigInt *lugh_bigint_div(txMachine *the, txBigInt *r, txBigInt *a, txBigInt *b)
{
	charge_product(the, a->size, b->size);
	return fxBigInt_div(the, r, a, b);
}

txBigInt *lugh_bigint_rem(txMachine *the, txBigInt *r, txBigInt *a, txBigInt *b)
{
	charge_product(the, a->size, b->size);
	return fxBigInt_rem(the, r, a, b);
}

txBigInt *lugh_bigint_exp(txMachine *the, txBigInt *r, txBigInt *a, txBigInt *b)
{
	if (!b->sign && bits_of(a) > 1) {
		double words = bits_of(a) * count_of(b) / WORD_BITS;
		limit_words(the, words);
		charge_product(the, (size_t)words, (size_t)words);
	}
	return fxBigInt_exp(the, r, a, b);
}

txBigInt *lugh_bigint_lsl(txMachine *the, txBigInt *r, txBigInt *a, txBigInt *b)
{
	if (!b->sign && bits_of(a) > 0)
		limit_words(the, a->size + count_of(b) / WORD_BITS);
	return fxBigInt_lsl(the, r, a, b);
}

txBigInt *lugh_bigint_lsr(txMachine *the, txBigInt *r, txBigInt *a, txBigInt *b)
{
	if (b->sign && bits_of(a) > 0)
		limit_words(the, a->size + count_of(b) / WORD_BITS);
	return fxBigInt_lsr(the, r, a, b);
}
