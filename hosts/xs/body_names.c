/*
 * Names as they are received. A guess is only learnt from a step whose order of keys was checked, so a key that was
 * guessed rightly needs no other check.
 */
#include "body_names.h"

#include "body_text.h"
#include "utf8.h"

lugh_guess lugh_guesses[LUGH_GUESSES];

void lugh_guess_learn(txMachine *the, const lugh_body_state *state, txID former, size_t pairs, txID id, const uint8_t *key,
	size_t size)
{
	lugh_guess *guess = lugh_guess_place(former, pairs);
	if (size > LUGH_GUESS_BYTES) return;
	*guess = (lugh_guess){ .former = former, .id = id, .size = (uint8_t)size };
	guess->owner = former < the->keyOffset && id < the->keyOffset ? 0 : state->serial;
	memcpy(guess->words, key, size);
	memset(guess->masks, 0xff, size);
}

bool lugh_names_index(const uint8_t *text, size_t length, txIndex *index)
{
	/* 2^32 - 1 is the greatest length of an array, and no index. */
	enum { INDEX_DIGITS = 10 };
	uint64_t value = 0;
	if (length == 0 || length > INDEX_DIGITS || (text[0] == '0' && length > 1)) return false;
	for (size_t at = 0; at < length; at++) {
		if (text[at] < '0' || text[at] > '9') return false;
		value = value * 10 + (text[at] - '0');
	}
	*index = (txIndex)value;
	return value < UINT32_MAX;
}

/* The engine's own table: chains by a sum over the text, modulo the table's size. */
static txID look_up(txMachine *the, const char *text, size_t length)
{
	txU4 sum = 0;
	for (size_t at = 0; at < length; at++) sum = (sum << 1) + (txU1)text[at];
	sum &= 0x7fffffff;
	for (txSlot *name = the->nameTable[sum % the->nameModulo]; name; name = name->next)
		if (name->value.key.sum == sum && strncmp(name->value.key.string, text, length) == 0 && !name->value.key.string[length])
			return mxGetKeySlotID(name);
	return XS_NO_ID;
}

static int take_up(txMachine *the, lugh_body_state *state, char *text, txID *id)
{
	bool has_room = the->keyIndex < the->keyCount || the->keyDelta > 0;
	if (state->names >= state->names_limit || !has_room) return LUGH_BODY_TOO_MANY_NAMES;
	state->names++;
	*id = fxNewNameC(the, text);
	return 0;
}

int lugh_names_find(txMachine *the, lugh_body_state *state, const uint8_t *text, size_t length, txID *id)
{
	char inner[2 * LUGH_BODY_KEY_BYTES + 1]; /* U+0000 doubles inside the engine; nothing grows more */
	lugh_text_inner(inner, text, length);
	*id = look_up(the, inner, strlen(inner));
	return *id ? 0 : take_up(the, state, inner, id);
}

void lugh_names_forget_root(void)
{
	for (unsigned index = 0; index < LUGH_GUESSES; index++)
		if (lugh_guesses[index].owner == 0) lugh_guesses[index].size = 0;
}
