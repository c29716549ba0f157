/*
 * Charges the meter for work in C that the engine does not count, so that a budget bounds time and not only steps.
 *
 * The engine counts byte-codes and some loops, but neither what it copies, compares and walks, nor the chains it follows,
 * nor its collections. Here stands the price of each, at about the time of a byte-code or a few; a run ends where the
 * engine would only notice later. Functions of the engine of the same name are renamed by CMakeLists.txt, and the calls of
 * lugh_charge_... stand in its amended sources (amended.h) and in platform.h. The charges are part of a machine's step
 * count, which is the same in each replay.
 */
#include "layer.h"

enum {
	COPIED_BYTES_A_STEP = 64,
	BULK_BYTES_A_STEP = 256,
	COUNTED_BYTES_A_STEP = 16,
	WALKED_BYTES_A_STEP = 8,
	COLLECTED_SLOTS_A_STEP = 8,
	STEPS_A_BLOCK = 8, /* to take a block from libc and give it back */
	COMPARED_BYTES = 1024, /* at once, before they are charged */
};

static void end_when_spent(txMachine *the)
{
	if (the->meterInterval && the->meterIndex > the->meterCount)
		fxAbort(the, XS_TOO_MUCH_COMPUTATION_EXIT);
}

void lugh_charge(txMachine *the, txU4 steps)
{
	the->meterIndex += steps;
	end_when_spent(the);
}

/* For functions that are not told the machine. The collector, which is one of them, must come to its end. */
static void charge_in_hand(size_t steps)
{
	txMachine *the = lugh_in_hand ? lugh_in_hand->the : NULL;
	if (!the)
		return;
	the->meterIndex += (txU4)steps;
	if (!(the->collectFlag & XS_ORGANIC_FLAG))
		end_when_spent(the);
}

/* ---- memory ---- */

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
	lugh_charge(the, (txU4)size / COPIED_BYTES_A_STEP);
	return chunk;
}

/* Before the collector begins. */
void lugh_charge_collection(txMachine *the, txFlag flag)
{
	txU4 bytes = flag & XS_COMPACT_FLAG ? (txU4)the->currentChunksSize : 0;
	lugh_charge(the, (txU4)the->currentHeapCount / COLLECTED_SLOTS_A_STEP + bytes / COPIED_BYTES_A_STEP);
}

void lugh_charge_block(size_t bytes)
{
	charge_in_hand(STEPS_A_BLOCK + bytes / BULK_BYTES_A_STEP);
}

void lugh_charge_bulk(size_t bytes)
{
	charge_in_hand(bytes / BULK_BYTES_A_STEP);
}

/* ---- text ---- */

int lugh_compare_text(const char *one, const char *other)
{
	for (;;) {
		int order = strncmp(one, other, COMPARED_BYTES);
		if (order || strnlen(one, COMPARED_BYTES) < COMPARED_BYTES)
			return order;
		charge_in_hand(COMPARED_BYTES / COPIED_BYTES_A_STEP);
		one += COMPARED_BYTES;
		other += COMPARED_BYTES;
	}
}

extern int fxUTF8CompareOfEngine(txString one, txString other);

/* Only what differs is of interest to the engine's own, which goes byte by byte. */
int fxUTF8Compare(txString one, txString other)
{
	while (!strncmp(one, other, COMPARED_BYTES) && strnlen(one, COMPARED_BYTES) == COMPARED_BYTES) {
		charge_in_hand(COMPARED_BYTES / COPIED_BYTES_A_STEP);
		one += COMPARED_BYTES;
		other += COMPARED_BYTES;
	}
	return fxUTF8CompareOfEngine(one, other);
}

extern txString fxSkipSpacesOfEngine(txString text);

txString fxSkipSpaces(txString text)
{
	txString next = fxSkipSpacesOfEngine(text);
	charge_in_hand((size_t)(next - text) / WALKED_BYTES_A_STEP);
	return next;
}

extern txNumber fxStringToNumberOfEngine(void *the, txString text, txFlag whole);

txNumber fxStringToNumber(void *the, txString text, txFlag whole)
{
	charge_in_hand(strlen(text) / WALKED_BYTES_A_STEP);
	return fxStringToNumberOfEngine(the, text, whole);
}

/* How many of eight bytes continue a character that began before them: their highest bits are 10. */
static size_t continuing_of(const char *bytes)
{
	const uint64_t lowest = 0x0101010101010101;
	uint64_t word;
	memcpy(&word, bytes, sizeof word);
	return (size_t)((((word >> 7) & (~word >> 6) & lowest) * lowest) >> 56);
}

/* Not the engine's, which reads whole words beyond the end of the text. */
txSize fxUnicodeLength(txString string)
{
	size_t bytes = strlen(string);
	size_t length = bytes;
	size_t at = 0;
	for (; at + sizeof(uint64_t) <= bytes; at += sizeof(uint64_t))
		length -= continuing_of(string + at);
	for (; at < bytes; at++)
		length -= (string[at] & 0xC0) == 0x80;
	charge_in_hand(length / COUNTED_BYTES_A_STEP);
	return (txSize)length;
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
