/*
 * Received keys: from encoded text to the ID that the receiving machine knows the name by.
 *
 * Messages repeat, so the key that followed a given name the last time is tried first, by comparing bytes; only on a
 * miss is the name looked up in the machine's table. A name that is not there is taken up for ever: the engine never
 * forgets one, its tables lie outside of the limit of the heap, and so each machine has a number of them that it may.
 */
#ifndef LUGH_BODY_NAMES_H
#define LUGH_BODY_NAMES_H

#include "body.h"
#include "engine.h"

enum {
	LUGH_GUESSES = 256,     /* pairs of neighbouring keys that are remembered; 12 KB */
	LUGH_GUESS_BYTES = 24,  /* of a key with its head; longer names are looked up */
};

/* One remembered step: behind the name `former` (XS_NO_ID: first in a map of so many pairs) came this key. */
typedef struct {
	uint32_t owner; /* 0 for the root, else the serial of the machine whose names these are */
	txID former;
	txID id;
	uint8_t pairs;  /* of the map, when former is XS_NO_ID */
	uint8_t size;   /* 0: nothing remembered here */
	uint8_t bytes[LUGH_GUESS_BYTES];
} lugh_guess;

/* What is remembered of the step from this name, or NULL. */
const lugh_guess *lugh_guess_at(txID former, size_t pairs, uint32_t serial);

/* Remembers the step, when the key is short enough. */
void lugh_guess_learn(txMachine *the, const lugh_body_state *state, txID former, size_t pairs, txID id, const uint8_t *key,
	size_t size);

/* The ID of a name in well-formed UTF-8, taken up when the machine does not have it. */
int lugh_names_find(txMachine *the, lugh_body_state *state, const uint8_t *text, size_t length, txID *id);

/* True, and the index, for the text of an array index: engines keep such keys as numbers. */
bool lugh_names_index(const uint8_t *text, size_t length, txIndex *index);

void lugh_names_forget_root(void);

#endif
