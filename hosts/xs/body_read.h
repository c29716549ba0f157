/*
 * What the files of the decoder share: the walk in body_read.c, and what is built at once in body_build.c.
 *
 * Any allocation may run the collector and move chunks. So whatever is new is hung under the result, which stands on
 * the engine's stack, before the next allocation; slots keep their address, and what lies in a chunk (the items of an
 * array) is found again by its index each time. The bytes lie outside the engine and stay.
 */
#ifndef LUGH_BODY_READ_H
#define LUGH_BODY_READ_H

#include "body_item.h"
#include "engine.h"

/* A container that is being filled. */
typedef struct {
	txSlot *instance;
	txSlot *last;       /* of an object: the property added last, else its instance */
	txSlot *array;      /* where items go by index: an array's own slot, or that of an object while a key is an index */
	txIndex at;         /* the index in array */
	txID former;        /* of an object: the name added last */
	bool is_map;
	uint32_t done;      /* items or pairs that are finished or begun */
	uint32_t count;
	const uint8_t *key; /* of an object: the last one, encoded */
	size_t key_size;
} lugh_body_filling;

typedef struct {
	txMachine *the;
	lugh_body_state *state;
	txSlot *result;
	const uint8_t *at;
	const uint8_t *end;
	uint32_t items;
	unsigned depth;
	lugh_body_filling frames[LUGH_BODY_DEPTH];
} lugh_body_reader;

/* Where the value that was read belongs. To be asked again after every allocation. */
static inline txSlot *lugh_body_place(const lugh_body_reader *reader)
{
	if (reader->depth == 0) return reader->result;
	const lugh_body_filling *frame = &reader->frames[reader->depth - 1];
	if (!frame->array) return frame->last;
	return frame->is_map ? fxGetIndexProperty(reader->the, frame->array, frame->at) : frame->array->value.array.address + frame->at;
}

/* body_build.c: a new internal slot behind the former one, and a new instance that the value's place refers to. */
txSlot *lugh_body_new_internal(txMachine *the, txSlot *former, txKind kind);
txSlot *lugh_body_new_instance(const lugh_body_reader *reader, txSlot *prototype);

/* The same file: values that are read at once. tag is that of a typed array, LUGH_TYPED_BYTES for bytes. */
int lugh_body_build_text(const lugh_body_reader *reader, const lugh_cbor_item *item);
void lugh_body_build_typed_array(const lugh_body_reader *reader, const lugh_cbor_item *item, int tag);

#endif
