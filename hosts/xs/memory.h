/*
 * Memory of the engine, charged to whoever it is taken for.
 *
 * The engine is told that these are malloc and free. An account knows its limit and every block it holds, so a machine
 * that was abandoned in the middle of a built-in gives everything back when its account is closed, and buffers that
 * the engine takes outside its heaps (JSON, regular expressions, try blocks) count towards the limit too.
 * An account may begin with one slab: what is taken at creation lies in it side by side and is never freed singly.
 */
#ifndef LUGH_MEMORY_H
#define LUGH_MEMORY_H

#include <stddef.h>

typedef struct lugh_block lugh_block;

typedef struct {
	size_t used_bytes;
	size_t limit_bytes; /* 0: none */
	lugh_block *first;  /* blocks taken outside the slab */
	char *slab;         /* NULL when there is none */
	char *slab_next;    /* first byte not yet taken */
	char *slab_end;
} lugh_account;

/* Who pays for what the engine takes now. Never NULL: without a machine it is the account of the process. */
extern lugh_account *lugh_account_in_hand;

/* The account of the process, without a limit. */
extern lugh_account lugh_process_account;

/* Opens an account; slab may be NULL. The slab itself stays the caller's. */
void lugh_account_open(lugh_account *account, size_t limit_bytes, void *slab, size_t slab_bytes);

/* Gives back every block that is not in the slab. */
void lugh_account_close(lugh_account *account);

/*
 * True while libc's allocator runs: a fault there must not be unwound, because libc would keep its lock.
 */
extern volatile int lugh_memory_is_busy;

/* Told of each block that is taken from libc, before it is. */
extern void lugh_charge_block(size_t bytes);

/* Told when the account in hand cannot pay. Returns only when there is no machine to abandon. */
extern void lugh_memory_exhausted(void);

#endif
