/*
 * What validator and decoder ask of a body beyond its single items: keys in their order, and counts within the limits.
 */
#ifndef LUGH_BODY_ITEM_H
#define LUGH_BODY_ITEM_H

#include "body.h"
#include "cbor_item.h"
#include "utf8.h"

/* Heads of shorter texts have smaller bytes, so comparing encoded keys byte by byte compares lengths first. */
static inline bool lugh_body_goes_before(const uint8_t *key, size_t size, const uint8_t *next, size_t next_size)
{
	if (key[0] != next[0]) return key[0] < next[0];
	return memcmp(key, next, size < next_size ? size : next_size) < 0;
}

/* Reads the next key of a map, behind the encoded key `former` (NULL at the first). */
static inline int lugh_body_take_key(const uint8_t **at, const uint8_t *end, const uint8_t *former, size_t former_size,
	lugh_cbor_item *item)
{
	const uint8_t *key = *at;
	int error = lugh_cbor_take(at, end, item);
	if (error) return error;
	size_t size = (size_t)(*at - key);
	if (item->type != LUGH_CBOR_TEXT) return LUGH_BODY_FOREIGN;
	if (item->length > LUGH_BODY_KEY_BYTES) return LUGH_BODY_TOO_LARGE;
	if (!lugh_is_utf8(item->bytes, item->length)) return LUGH_BODY_BAD_TEXT;
	return former && !lugh_body_goes_before(former, former_size, key, size) ? LUGH_BODY_NOT_SHORTEST : 0;
}

/* May this container be opened at this depth, after so many items? Then *items counts what is in it. */
static inline int lugh_body_admit(const lugh_cbor_item *container, unsigned depth, uint32_t *items)
{
	bool is_map = container->type == LUGH_CBOR_MAP;
	if (depth == LUGH_BODY_DEPTH) return LUGH_BODY_TOO_DEEP;
	if (container->length > (is_map ? LUGH_BODY_KEYS : LUGH_BODY_ITEMS)) return LUGH_BODY_TOO_MANY;
	uint32_t inside = (uint32_t)container->length * (is_map ? 2 : 1);
	if (inside > LUGH_BODY_ITEMS - *items) return LUGH_BODY_TOO_MANY;
	*items += inside;
	return 0;
}

#endif
