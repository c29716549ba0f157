/*
 * How a machine's heaps grow, and when it is time to.
 *
 * Left to itself the engine grows the heap of strings and buffers only when a collection made no room at all, so that a
 * service that is sent a block of samples fifty times a second would be collected fifty times a second. Here a heap grows
 * by a part of itself whenever its collections take too much of the machine's own work, and stays as it is otherwise: a
 * service that is hardly ever collected costs no byte more. What counts as work are steps, so a replay grows alike.
 */
#include "layer.h"

enum {
	LEAST_GROWTH = 32,    /* slots, or bytes of chunks: below that a collection costs more than it gives */
	GREATEST_GROWTH = 1024 * 1024,
	PART_OF_HEAP = 4,     /* it grows by a fourth */
	PIECES_AHEAD = 4,     /* and by so many of what just found no room */
	SMALL_BYTES = 8 * 1024,
	STEPS_WORTH_A_SLOT = 4, /* work that pays for looking at a slot, which takes 4 to 14 ns; a step takes 2 */
};

static size_t left_of(const lugh_account *account)
{
	if (!account->limit_bytes)
		return SIZE_MAX;
	return account->limit_bytes > account->used_bytes ? account->limit_bytes - account->used_bytes : 0;
}

/* Never more than half of what its limit leaves, so that the limit can be used up. */
static txSize next_growth(size_t held_bytes, size_t unit_bytes, size_t least)
{
	size_t growth = held_bytes / PART_OF_HEAP / unit_bytes;
	size_t most = left_of(lugh_account_in_hand) / 2 / unit_bytes;
	if (growth < least)
		growth = least;
	if (growth > most)
		growth = most;
	if (growth < LEAST_GROWTH)
		growth = LEAST_GROWTH;
	return growth < GREATEST_GROWTH ? (txSize)growth : GREATEST_GROWTH;
}

void *fxAllocateChunks(txMachine *the, txSize bytes)
{
	void *chunks = lugh_memory_take((size_t)bytes);
	the->minimumChunksSize = next_growth((size_t)the->maximumChunksSize, 1, LUGH_CHUNK_BYTES);
	return chunks;
}

void fxFreeChunks(txMachine *the, void *chunks)
{
	(void)the;
	lugh_memory_give(chunks);
}

txSlot *fxAllocateSlots(txMachine *the, txSize count)
{
	void *slots = lugh_memory_take((size_t)count * sizeof(txSlot));
	the->minimumHeapCount = next_growth((size_t)the->maximumHeapCount * sizeof(txSlot), sizeof(txSlot), LUGH_HEAP_SLOTS);
	return slots;
}

void fxFreeSlots(txMachine *the, void *slots)
{
	(void)the;
	lugh_memory_give(slots);
}

/*
 * Only to be collected less often, a heap does not grow beyond twice what lives in it (and a little), and a machine takes nothing of the
 * second half of its memory, which it may come to need.
 */
static int is_to_spare(size_t bytes, size_t held_bytes, size_t live_bytes)
{
	const lugh_account *account = lugh_account_in_hand;
	if (held_bytes + bytes > 2 * live_bytes + SMALL_BYTES)
		return 0;
	return !account->limit_bytes || account->used_bytes + bytes <= account->limit_bytes / 2;
}

static int has_slots_to_spare(const txMachine *the)
{
	size_t growth = (size_t)the->minimumHeapCount * sizeof(txSlot);
	return is_to_spare(growth, (size_t)the->maximumHeapCount * sizeof(txSlot), (size_t)the->currentHeapCount * sizeof(txSlot));
}

/* After a collection. The engine itself grows a heap of slots that thrashes twice. */
void lugh_growth_judge(txMachine *the, txFlag flag)
{
	lugh_machine *machine = the->lugh;
	if (!machine)
		return;
	uint64_t steps = machine->ran_steps + the->meterIndex;
	uint64_t worth = (uint64_t)the->currentHeapCount * STEPS_WORTH_A_SLOT;
	machine->is_cramped = steps - machine->collected_steps < worth;
	machine->collected_steps = steps;
	if (machine->is_cramped && !(flag & XS_COMPACT_FLAG) && has_slots_to_spare(the))
		the->collectFlag |= XS_TRASHING_FLAG;
}

/* After a collection, before a chunk is put into what it made free: shall the heap grow instead? */
int lugh_growth_is_due(txMachine *the, txSize bytes)
{
	if (!the->lugh || !the->lugh->is_cramped)
		return 0;
	size_t growth = (size_t)bytes * PIECES_AHEAD;
	if (growth < (size_t)the->minimumChunksSize)
		growth = (size_t)the->minimumChunksSize;
	if (growth > GREATEST_GROWTH || !is_to_spare(growth, (size_t)the->maximumChunksSize, (size_t)the->currentChunksSize))
		return 0;
	the->minimumChunksSize = (txSize)growth;
	return 1;
}
