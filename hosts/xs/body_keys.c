/*
 * Order of keys, judged once for each shape: a remembered shape needs neither sorting nor looking at its names again.
 */
#include "body_keys.h"

#include "body_text.h"
#include "cbor_item.h"
#include "utf8.h"

typedef struct {
	txSlot *property;
	const char *text; /* NULL for an index */
	uint32_t size;    /* in UTF-8 */
	uint32_t index;   /* of an array index */
	uint16_t place;   /* by age */
	bool is_ascii;
} key_entry;

static lugh_shape shapes[LUGH_SHAPES];
static key_entry entries[LUGH_BODY_KEYS];

const char *lugh_key_text(txMachine *the, const txSlot *property, char digits[12])
{
	if (property->ID == XS_NO_ID) {
		snprintf(digits, 12, "%u", *(const txIndex *)property);
		return digits;
	}
	txSlot *key = fxGetKey(the, property->ID);
	return key && (key->flag & XS_DONT_ENUM_FLAG) ? key->value.key.string : NULL;
}

lugh_shape *lugh_shape_find(const lugh_keys *keys, uint32_t owner)
{
	lugh_shape *shape = &shapes[keys->hash % LUGH_SHAPES];
	if (shape->hash != keys->hash || shape->count != keys->count || shape->owner != owner) return NULL;
	for (unsigned place = 0; place < keys->count; place++)
		if (keys->properties[place]->ID != shape->ids[place]) return NULL;
	return shape;
}

static int judge(txMachine *the, txSlot *property, unsigned place, key_entry *entry)
{
	char digits[12];
	const char *text = lugh_key_text(the, property, digits);
	if (!text) return LUGH_BODY_NOT_PLAIN;
	size_t length = strlen(text);
	bool is_ascii = lugh_is_ascii((const uint8_t *)text, length);
	ptrdiff_t size = is_ascii ? (ptrdiff_t)length : lugh_text_measure(text);
	if (size < 0) return LUGH_BODY_BAD_TEXT;
	if (size > LUGH_BODY_KEY_BYTES) return LUGH_BODY_TOO_LARGE;
	*entry = (key_entry){ .property = property, .size = (uint32_t)size, .place = (uint16_t)place, .is_ascii = is_ascii };
	if (text == digits) entry->index = *(txIndex *)property;
	else entry->text = text;
	return 0;
}

static int compare(const key_entry *left, const key_entry *right)
{
	char left_digits[12], right_digits[12];
	if (left->size != right->size) return left->size < right->size ? -1 : 1;
	if (left->text && right->text && left->is_ascii && right->is_ascii) return memcmp(left->text, right->text, left->size);
	const char *left_text = left->text ? left->text : left_digits;
	const char *right_text = right->text ? right->text : right_digits;
	if (!left->text) snprintf(left_digits, sizeof left_digits, "%u", left->index);
	if (!right->text) snprintf(right_digits, sizeof right_digits, "%u", right->index);
	return lugh_text_compare(left_text, right_text);
}

/* Lets the entry at root sink until no child below count goes before its parent. */
static void sink(unsigned root, unsigned count)
{
	key_entry sinking = entries[root];
	for (unsigned child; (child = 2 * root + 1) < count; root = child) {
		if (child + 1 < count && compare(&entries[child], &entries[child + 1]) < 0) child++;
		if (compare(&sinking, &entries[child]) >= 0) break;
		entries[root] = entries[child];
	}
	entries[root] = sinking;
}

/* A heap sort: bounded whatever a service sends, and without memory of its own (the library's qsort may take some). */
static void sort(unsigned count)
{
	for (unsigned root = count / 2; root-- > 0;) sink(root, count);
	while (count > 1) {
		key_entry last = entries[0];
		entries[0] = entries[--count];
		entries[count] = last;
		sink(0, count);
	}
}

/* Writes the sorted entries down as a shape, unless they do not fit or an encoder stands in the one to be replaced. */
static void learn(const lugh_keys *keys, uint32_t owner)
{
	lugh_shape *shape = &shapes[keys->hash % LUGH_SHAPES];
	size_t bytes = 0;
	if (shape->pins || keys->has_index || keys->count > LUGH_SHAPE_KEYS) return;
	for (unsigned k = 0; k < keys->count; k++) bytes += entries[k].size + (entries[k].size < 24 ? 1 : 2);
	if (bytes > LUGH_SHAPE_BYTES) return;
	uint8_t *at = shape->bytes;
	for (unsigned k = 0; k < keys->count; k++) {
		uint8_t *key = at;
		at = lugh_text_write(lugh_cbor_write_head(at, 3, entries[k].size), entries[k].text);
		shape->sizes[k] = (uint8_t)(at - key);
		shape->order[k] = (uint8_t)entries[k].place;
		shape->ids[entries[k].place] = entries[k].property->ID;
	}
	shape->owner = owner;
	shape->hash = keys->hash;
	shape->count = (uint8_t)keys->count;
}

int lugh_keys_sort(txMachine *the, lugh_keys *keys, uint32_t owner)
{
	for (unsigned place = 0; place < keys->count; place++) {
		int error = judge(the, keys->properties[place], place, &entries[place]);
		if (error) return error;
	}
	sort(keys->count);
	/* Two names inside the engine can be one text outside: see body_text.h. */
	for (unsigned k = 1; k < keys->count; k++)
		if (compare(&entries[k - 1], &entries[k]) == 0) return LUGH_BODY_NOT_PLAIN;
	learn(keys, owner);
	for (unsigned k = 0; k < keys->count; k++) keys->properties[k] = entries[k].property;
	return 0;
}

void lugh_shapes_forget_root(void)
{
	for (unsigned index = 0; index < LUGH_SHAPES; index++)
		if (shapes[index].owner == 0) shapes[index].count = 0;
}
