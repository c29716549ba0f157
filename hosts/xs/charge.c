/*
 * Charges the meter for work in C that the engine does not count, so that a budget bounds time and not only steps.
 *
 * The engine counts byte-codes and some loops. Copying a long string, walking one to find a character, or multiplying
 * large integers cost it one step whatever their length. The functions here stand in for the engine's own
 * (CMakeLists.txt renames those): they charge by length, at about the price of a byte-code's worth of time, and end the
 * run where the engine would only notice later. The charges are part of a machine's deterministic step count.
 */
#include "layer.h"

enum {
	COPIED_BYTES_A_STEP = 64,
	COUNTED_BYTES_A_STEP = 16,
	WALKED_BYTES_A_STEP = 8,
	PRODUCTS_A_STEP = 8,
	INTEGER_WORDS_LIMIT = 1024, /* 32,768 bits: room for any cryptographic integer, and a product below a millisecond */
	WORD_BITS = 32,
};

static void end_when_spent(txMachine *the)
{
	if (the->meterInterval && the->meterIndex > the->meterCount)
		fxAbort(the, XS_TOO_MUCH_COMPUTATION_EXIT);
}

/* For functions that are not told the machine. */
static void charge_in_hand(size_t steps)
{
	if (lugh_in_hand && lugh_in_hand->the)
		lugh_in_hand->the->meterIndex += (txU4)steps;
}

/* Every push of a built-in passes here, so a long loop in C ends like one in JavaScript. */
void fxOverflow(txMachine *the, txInteger count, txString path, txInteger line)
{
	(void)path;
	(void)line;
	if (the->stack + count < the->stackBottom)
		fxAbort(the, XS_STACK_OVERFLOW_EXIT);
	end_when_spent(the);
}

extern void *fxNewChunkOfEngine(txMachine *the, txSize size);

void *fxNewChunk(txMachine *the, txSize size)
{
	void *chunk = fxNewChunkOfEngine(the, size);
	the->meterIndex += (txU4)size / COPIED_BYTES_A_STEP;
	end_when_spent(the);
	return chunk;
}

extern txSize fxUnicodeLengthOfEngine(txString string);

txSize fxUnicodeLength(txString string)
{
	txSize length = fxUnicodeLengthOfEngine(string);
	charge_in_hand((size_t)length / COUNTED_BYTES_A_STEP);
	return length;
}

extern txSize fxUnicodeToUTF8OffsetOfEngine(txString string, txSize offset);

txSize fxUnicodeToUTF8Offset(txString string, txSize offset)
{
	charge_in_hand((size_t)offset / WALKED_BYTES_A_STEP);
	return fxUnicodeToUTF8OffsetOfEngine(string, offset);
}

extern txSize fxUTF8ToUnicodeOffsetOfEngine(txString string, txSize offset);

txSize fxUTF8ToUnicodeOffset(txString string, txSize offset)
{
	charge_in_hand((size_t)offset / WALKED_BYTES_A_STEP);
	return fxUTF8ToUnicodeOffsetOfEngine(string, offset);
}

static void charge_product(txMachine *the, size_t words, size_t other_words)
{
	the->meterIndex += (txU4)(words * other_words / PRODUCTS_A_STEP);
	end_when_spent(the);
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
