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

#define mxMachinePlatform struct lugh_machine *lugh;

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

/* Neither the signal mask nor anything else of the kernel is saved: a run must cost nanoseconds. */
#define c_setjmp _setjmp
#define c_longjmp longjmp

#endif
