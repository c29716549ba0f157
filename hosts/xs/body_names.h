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
	LUGH_GUESSES = 256,   /* pairs of neighbouring keys that are remembered; 16 KB */
	LUGH_GUESS_WORDS = 3, /* of eight bytes, for a key with its head; longer names are looked up */
	LUGH_GUESS_BYTES = 8 * LUGH_GUESS_WORDS,
};

/* One remembered step: behind the name `former` (XS_NO_ID: first in a map) came this key. */
typedef struct {
	uint32_t owner; /* 0 for the root, else the serial of the machine whose names these are */
	txID former;
	txID id;
	uint8_t size;   /* 0: nothing remembered here */
	uint64_t words[LUGH_GUESS_WORDS]; /* the key, then zeros */
	uint64_t masks[LUGH_GUESS_WORDS]; /* ones where the key is */
} lugh_guess;

extern lugh_guess lugh_guesses[LUGH_GUESSES];

/* The number of pairs tells maps apart before anything else is known of them. */
static inline lugh_guess *lugh_guess_place(txID former, size_t pairs)
{
	return &lugh_guesses[(former * 7u + (former ? 0 : pairs)) % LUGH_GUESSES];
}

static inline uint64_t lugh_guess_difference(const lugh_guess *guess, const uint8_t *at, int index)
{
	uint64_t word;
	memcpy(&word, at + 8 * index, sizeof word);
	return (word & guess->masks[index]) ^ guess->words[index];
}

/* What is remembered of the step from this name when it is the key that stands here, else NULL. */
static inline const lugh_guess *lugh_guess_match(txID former, size_t pairs, uint32_t serial, const uint8_t *at, const uint8_t *end)
{
	const lugh_guess *guess = lugh_guess_place(former, pairs);
	size_t left = (size_t)(end - at);
	bool is_ours = guess->size && guess->former == former && (guess->owner == 0 || guess->owner == serial);
	if (!is_ours || guess->size > left) return C_NULL;
	if (left < LUGH_GUESS_BYTES) return memcmp(at, guess->words, guess->size) == 0 ? guess : C_NULL;
	uint64_t difference = lugh_guess_difference(guess, at, 0);
	difference |= lugh_guess_difference(guess, at, 1);
	difference |= lugh_guess_difference(guess, at, 2);
	return difference ? C_NULL : guess;
}

/* Remembers the step, when the key is short enough. */
void lugh_guess_learn(txMachine *the, const lugh_body_state *state, txID former, size_t pairs, txID id, const uint8_t *key,
	size_t size);

/* The ID of a name in well-formed UTF-8, taken up when the machine does not have it. */
int lugh_names_find(txMachine *the, lugh_body_state *state, const uint8_t *text, size_t length, txID *id);

/* True, and the index, for the text of an array index: engines keep such keys as numbers. */
bool lugh_names_index(const uint8_t *text, size_t length, txIndex *index);

void lugh_names_forget_root(void);

#endif
