/*
 * The keys of an object that is being written: which names they are, and in which order they go.
 *
 * Deterministic CBOR wants keys by length and then by bytes, objects have them by age. Sorting costs more than all the
 * rest of a small message, so the order of an object's key IDs, a shape, is remembered together with the encoded keys
 * (0.156 against 0.041 us when it was first tried). IDs below the root's offset mean the same name in every machine,
 * others only in their own, hence the owner of a shape. XS 13.3 never reuses an ID, so a shape never becomes false; an
 * engine that collects names would have to tell.
 */
#ifndef LUGH_BODY_KEYS_H
#define LUGH_BODY_KEYS_H

#include "body.h"
#include "engine.h"

enum {
	LUGH_SHAPES = 64,       /* shapes remembered: services of one node use some 30; 27 KB */
	LUGH_SHAPE_KEYS = 24,   /* keys of the largest record that services exchange is 15; larger objects are sorted */
	LUGH_SHAPE_BYTES = 240, /* of encoded keys */
	LUGH_SHAPE_SLACK = 16,  /* readable bytes behind them, so that a key is copied in one piece */
};

typedef struct {
	uint32_t owner; /* 0 for the root, else the serial of a machine */
	uint32_t hash;
	uint16_t pins;  /* encoders' frames that stand in it: a nested object must not replace it meanwhile */
	uint8_t count;  /* 0: nothing remembered here */
	uint8_t order[LUGH_SHAPE_KEYS]; /* order[k] is the place, by age, of the key that goes k-th */
	uint8_t sizes[LUGH_SHAPE_KEYS]; /* bytes of the key that goes k-th */
	txID ids[LUGH_SHAPE_KEYS];      /* by age */
	uint8_t bytes[LUGH_SHAPE_BYTES + LUGH_SHAPE_SLACK]; /* encoded keys in their order */
} lugh_shape;

/* Properties by age, at most LUGH_BODY_KEYS, and what was learnt while they were collected. */
typedef struct {
	txSlot **properties;
	unsigned count;
	uint32_t hash;     /* of their IDs */
	bool has_own_name; /* one of the names is not the root's */
	bool has_index;    /* one of them is an array index and has no ID */
} lugh_keys;

/* The remembered shape, or NULL. */
lugh_shape *lugh_shape_find(const lugh_keys *keys, uint32_t owner);

/*
 * Judges and sorts: properties are then in the order of their keys, and the shape is remembered for the next time when
 * it fits. Keys are judged for what they are only here: a shape that is found was judged when it was learnt.
 */
int lugh_keys_sort(txMachine *the, lugh_keys *keys, uint32_t owner);

/* The name of a property, or the decimal digits of an index written into digits. NULL for a symbol. */
const char *lugh_key_text(txMachine *the, const txSlot *property, char digits[12]);

void lugh_shapes_forget_root(void);

#endif
