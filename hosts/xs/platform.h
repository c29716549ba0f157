/*
 * What the engine's sources include instead of an operating system: the platform of LughOS on Linux.
 *
 * All memory that the engine takes goes through memory.c, which charges it to the machine in hand; a machine that is
 * abandoned in mid-flight therefore leaks nothing. Threads, atomics, clocks and randomness are absent on purpose:
 * services have no Date, Math.random, SharedArrayBuffer or Atomics.
 */
#ifndef LUGH_PLATFORM_H
#define LUGH_PLATFORM_H

#undef mxLinux
#define mxLinux 1

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct lugh_machine;

/* Strings hold UTF-16 units as JavaScript counts them: a character beyond the basic plane is two. */
#define mxCESU8 1

#define mxUseDefaultBuildKeys 1
#define mxUseDefaultSharedChunks 1
#define mxUseDefaultCStackLimit 0

/* The two slots: see stack.c. */
#define mxMachinePlatform struct lugh_machine *lugh; struct sxSlot *stackEnd; struct sxSlot *residents;

extern void *lugh_memory_take(size_t bytes);
extern void *lugh_memory_take_clear(size_t count, size_t bytes);
extern void *lugh_memory_resize(void *former, size_t bytes);
extern void lugh_memory_give(void *memory);

#define c_malloc lugh_memory_take
#define c_calloc lugh_memory_take_clear
#define c_realloc lugh_memory_resize
#define c_free lugh_memory_give
#define c_malloc_uint32 lugh_memory_take
#define c_free_uint32 lugh_memory_give

/*
 * Work on much memory at once is charged to the machine in hand by its length, see charge.c; what is short costs nothing,
 * and not even a comparison where the compiler knows its length. The engine passes NULL with a length of 0, which libc
 * forbids: compilers conclude that the pointer is not NULL and drop later checks of it.
 */
enum { LUGH_BULK_BYTES = 256 };

extern void lugh_charge_bulk(size_t bytes);
extern int lugh_compare_text(const char *one, const char *other);

static inline void *lugh_copy(void *to, const void *from, size_t bytes)
{
	if (bytes >= LUGH_BULK_BYTES)
		lugh_charge_bulk(bytes);
	return bytes ? memcpy(to, from, bytes) : to;
}

static inline void *lugh_move(void *to, const void *from, size_t bytes)
{
	if (bytes >= LUGH_BULK_BYTES)
		lugh_charge_bulk(bytes);
	return bytes ? memmove(to, from, bytes) : to;
}

static inline void *lugh_fill(void *to, int byte, size_t bytes)
{
	if (bytes >= LUGH_BULK_BYTES)
		lugh_charge_bulk(bytes);
	return bytes ? memset(to, byte, bytes) : to;
}

static inline size_t lugh_text_bytes(const char *text)
{
	size_t bytes = strlen(text);
	if (bytes >= LUGH_BULK_BYTES)
		lugh_charge_bulk(bytes);
	return bytes;
}

#define c_memcpy lugh_copy
#define c_memmove lugh_move
#define c_memset lugh_fill
#define c_strlen lugh_text_bytes
#define c_strcmp lugh_compare_text

/* Neither the signal mask nor anything else of the kernel is saved: a run must cost nanoseconds. */
#define c_setjmp _setjmp
#define c_longjmp longjmp

#endif
