/*
 * The allocator behind the engine. See memory.h for what it promises.
 *
 * A block carries its neighbours, so that it leaves the account in constant time; blocks in a slab carry only their
 * size, because they never leave. Both headers are 16 bytes aligned, as malloc's memory is.
 */
#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct lugh_block {
	lugh_block *next;
	lugh_block **link; /* the pointer that points here */
	size_t bytes;
	size_t padding;
};

typedef struct {
	size_t bytes;
	size_t padding;
} slab_header;

lugh_account lugh_process_account;
lugh_account *lugh_account_in_hand = &lugh_process_account;
volatile int lugh_memory_is_busy;

extern void *lugh_memory_take(size_t bytes);
extern void *lugh_memory_take_clear(size_t count, size_t bytes);
extern void *lugh_memory_resize(void *former, size_t bytes);
extern void lugh_memory_give(void *memory);

void lugh_account_open(lugh_account *account, size_t limit_bytes, void *slab, size_t slab_bytes)
{
	account->used_bytes = 0;
	account->limit_bytes = limit_bytes;
	account->first = NULL;
	account->slab = slab;
	account->slab_next = slab;
	account->slab_end = slab ? (char *)slab + slab_bytes : NULL;
}

void lugh_account_close(lugh_account *account)
{
	lugh_block *block = account->first;
	while (block) {
		lugh_block *next = block->next;
		free(block);
		block = next;
	}
	account->first = NULL;
	account->used_bytes = 0;
}

static int is_in_slab(const lugh_account *account, const void *memory)
{
	return (const char *)memory >= account->slab && (const char *)memory < account->slab_end;
}

static size_t rounded(size_t bytes)
{
	return (bytes + 15) & ~(size_t)15;
}

static int can_pay(const lugh_account *account, size_t bytes)
{
	return !account->limit_bytes || (bytes <= account->limit_bytes && account->used_bytes <= account->limit_bytes - bytes);
}

static void *take_from_slab(lugh_account *account, size_t bytes)
{
	size_t total = rounded(bytes) + sizeof(slab_header);
	if ((size_t)(account->slab_end - account->slab_next) < total)
		return NULL;
	slab_header *header = (slab_header *)account->slab_next;
	header->bytes = bytes;
	account->slab_next += total;
	account->used_bytes += total;
	return header + 1;
}

static void *take_from_libc(lugh_account *account, size_t bytes)
{
	size_t total = rounded(bytes) + sizeof(lugh_block);
	if (total < bytes || !can_pay(account, total)) {
		lugh_memory_exhausted();
		return NULL;
	}
	lugh_charge_block(total);
	lugh_memory_is_busy = 1;
	lugh_block *block = malloc(total);
	lugh_memory_is_busy = 0;
	if (!block) {
		lugh_memory_exhausted();
		return NULL;
	}
	block->bytes = bytes;
	block->next = account->first;
	block->link = &account->first;
	if (block->next)
		block->next->link = &block->next;
	account->first = block;
	account->used_bytes += total;
	return block + 1;
}

void *lugh_memory_take(size_t bytes)
{
	lugh_account *account = lugh_account_in_hand;
	void *memory = account->slab ? take_from_slab(account, bytes) : NULL;
	return memory ? memory : take_from_libc(account, bytes);
}

void *lugh_memory_take_clear(size_t count, size_t bytes)
{
	if (bytes && count > SIZE_MAX / bytes)
		return NULL;
	void *memory = lugh_memory_take(count * bytes);
	if (memory)
		memset(memory, 0, count * bytes);
	return memory;
}

void *lugh_memory_resize(void *former, size_t bytes)
{
	if (!former)
		return lugh_memory_take(bytes);
	int in_slab = is_in_slab(lugh_account_in_hand, former);
	size_t former_bytes = in_slab ? ((slab_header *)former - 1)->bytes : ((lugh_block *)former - 1)->bytes;
	if (bytes <= former_bytes)
		return former;
	void *memory = lugh_memory_take(bytes);
	if (!memory)
		return NULL;
	memcpy(memory, former, former_bytes);
	lugh_memory_give(former);
	return memory;
}

void lugh_memory_give(void *memory)
{
	lugh_account *account = lugh_account_in_hand;
	if (!memory || is_in_slab(account, memory))
		return;
	lugh_block *block = (lugh_block *)memory - 1;
	*block->link = block->next;
	if (block->next)
		block->next->link = block->link;
	account->used_bytes -= rounded(block->bytes) + sizeof(lugh_block);
	lugh_memory_is_busy = 1;
	free(block);
	lugh_memory_is_busy = 0;
}
