/*
 * What the files of the encoder share: the walk in body_write.c, the judges of instances in body_open.c, and the
 * words for a refusal in body_refusal.c.
 */
#ifndef LUGH_BODY_WRITE_H
#define LUGH_BODY_WRITE_H

#include "body_keys.h"

/* A container whose items are being written. */
typedef struct {
	const txSlot *instance;
	txSlot **properties; /* of an object: by age when there is a shape, else in the order of their keys */
	const txSlot *items; /* of an array */
	lugh_shape *shape;   /* pinned */
	const uint8_t *key;  /* in the shape, the next one */
	uint32_t index;      /* of the next item */
	uint32_t count;
} lugh_body_frame;

typedef struct {
	txMachine *the;
	lugh_body_state *state;
	uint8_t *at;
	const uint8_t *end;
	uint32_t items;
	uint32_t cost;
	unsigned depth;       /* frames in use */
	const char *reason;   /* of a refusal, when there is more to say than its code does */
	lugh_body_frame frames[LUGH_BODY_DEPTH];
} lugh_body_writer;

/* Room for a head, and for any number. */
enum { LUGH_BODY_HEAD_BYTES = 9 };

static inline int lugh_body_has_room(const lugh_body_writer *writer, size_t bytes)
{
	return (size_t)(writer->end - writer->at) >= bytes;
}

/*
 * For what is at most LUGH_BODY_HEAD_BYTES long: where to write it, which is the buffer or, near to its end, the spare
 * one; and then to keep what was written if there is room for it.
 */
static inline uint8_t *lugh_body_begin(const lugh_body_writer *writer, uint8_t spare[LUGH_BODY_HEAD_BYTES])
{
	return lugh_body_has_room(writer, LUGH_BODY_HEAD_BYTES) ? writer->at : spare;
}

static inline int lugh_body_keep(lugh_body_writer *writer, const uint8_t *start, const uint8_t *end)
{
	size_t length = (size_t)(end - start);
	if (start != writer->at) {
		if (!lugh_body_has_room(writer, length)) return LUGH_BODY_TOO_LARGE;
		memcpy(writer->at, start, length);
	}
	writer->at += length;
	return 0;
}

static inline int lugh_body_refuse(lugh_body_writer *writer, int code, const char *reason)
{
	writer->reason = reason;
	return code;
}

/* body_open.c: judges what a reference refers to, writes its head, and opens a frame unless it is written as a whole. */
int lugh_body_open(lugh_body_writer *writer, const txSlot *reference);

/* body_refusal.c */
const char *lugh_body_slot_name(const txSlot *slot);
const char *lugh_body_instance_name(const txSlot *instance);
void lugh_body_describe(const lugh_body_writer *writer, int code, char *path, size_t path_size);

#endif
