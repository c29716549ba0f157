/*
 * The validator and the account of what a body will cost: one iterative walk over the bytes, without an engine.
 */
#include "body_cost.h"
#include "body_item.h"

typedef struct {
	size_t left;        /* items, or keys and values together */
	bool is_map;
	const uint8_t *key; /* the last one, encoded; NULL before the first */
	size_t key_size;
} frame;

typedef struct {
	const uint8_t *at;
	const uint8_t *end;
	uint32_t items;
	uint32_t cost;
	unsigned depth;
	frame frames[LUGH_BODY_DEPTH];
} walk;

static int open_container(walk *walk, const lugh_cbor_item *item)
{
	bool is_map = item->type == LUGH_CBOR_MAP;
	int error = lugh_body_admit(item, walk->depth, &walk->items);
	if (error) return error;
	walk->cost += is_map ? lugh_cost_of_map(item->length) : lugh_cost_of_array(item->length);
	walk->frames[walk->depth++] = (frame){ .left = is_map ? 2 * item->length : item->length, .is_map = is_map };
	return 0;
}

static int take_value(walk *walk)
{
	lugh_cbor_item item;
	const uint8_t *start = walk->at;
	int error = lugh_cbor_take(&walk->at, walk->end, &item);
	if (error) return error;
	switch (item.type) {
	case LUGH_CBOR_TEXT:
		walk->cost += lugh_cost_of_text(walk->at - start);
		return lugh_is_utf8(item.bytes, item.length) ? 0 : LUGH_BODY_BAD_TEXT;
	case LUGH_CBOR_BYTES:
	case LUGH_CBOR_TYPED_ARRAY:
		walk->cost += lugh_cost_of_typed_array(item.length);
		return 0;
	case LUGH_CBOR_ARRAY:
	case LUGH_CBOR_MAP:
		return open_container(walk, &item);
	default:
		return 0;
	}
}

static int take_key(walk *walk, frame *frame)
{
	lugh_cbor_item item;
	const uint8_t *key = walk->at;
	int error = lugh_body_take_key(&walk->at, walk->end, frame->key, frame->key_size, &item);
	frame->key = key;
	frame->key_size = (size_t)(walk->at - key);
	return error;
}

static int take_next(walk *walk, frame *frame)
{
	bool is_key = frame->is_map && frame->left % 2 == 0;
	frame->left--;
	return is_key ? take_key(walk, frame) : take_value(walk);
}

static int take_all(walk *walk, const uint8_t *bytes, size_t length)
{
	if (length > LUGH_BODY_BYTES) return LUGH_BODY_TOO_LARGE;
	walk->at = bytes;
	walk->end = bytes + length;
	walk->items = 1;
	walk->cost = 0;
	walk->depth = 0;
	int error = take_value(walk);
	while (!error && walk->depth) {
		frame *frame = &walk->frames[walk->depth - 1];
		if (frame->left) error = take_next(walk, frame);
		else walk->depth--;
	}
	return error ? error : walk->at == walk->end ? 0 : LUGH_BODY_MALFORMED;
}

int lugh_body_check(const uint8_t *bytes, size_t length)
{
	walk walk;
	return take_all(&walk, bytes, length);
}

int32_t lugh_body_decoded_cost(const uint8_t *bytes, size_t length)
{
	walk walk;
	int error = take_all(&walk, bytes, length);
	return error ? error : (int32_t)walk.cost;
}
