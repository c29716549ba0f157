/*
 * What a decoded value occupies in its receiver, in slots of LUGH_BODY_SLOT_BYTES: one account for encoder and validator.
 * Texts, array items and buffers lie in chunks, which have a header of 16 bytes.
 */
#ifndef LUGH_BODY_COST_H
#define LUGH_BODY_COST_H

#include "body.h"

enum { LUGH_BODY_CHUNK_HEAD_BYTES = 16 };

static inline uint32_t lugh_cost_of_chunk(size_t bytes)
{
	return (uint32_t)((LUGH_BODY_CHUNK_HEAD_BYTES + bytes + LUGH_BODY_SLOT_BYTES - 1) / LUGH_BODY_SLOT_BYTES);
}

/* By its encoded size: the head makes up for the NUL. */
static inline uint32_t lugh_cost_of_text(ptrdiff_t encoded_size)
{
	return lugh_cost_of_chunk((size_t)encoded_size);
}

/* The instance, and a slot for each property. */
static inline uint32_t lugh_cost_of_map(size_t pairs)
{
	return 1 + (uint32_t)pairs;
}

/* The instance, its array slot, and the items' chunk unless there is none. */
static inline uint32_t lugh_cost_of_array(size_t items)
{
	return 2 + (items ? lugh_cost_of_chunk(items * LUGH_BODY_SLOT_BYTES) : 0);
}

/* Two instances, five internal slots, and the buffer. */
static inline uint32_t lugh_cost_of_typed_array(size_t length)
{
	return 7 + lugh_cost_of_chunk(length);
}

#endif
