/*
 * The decoder: builds slots directly, in one iterative walk. body_read.h says what keeps them from the collector.
 */
#include "body_read.h"

#include "body_names.h"
#include "body_typed.h"

static int read_number(lugh_body_reader *reader, const lugh_cbor_item *item)
{
	txSlot *slot = lugh_body_place(reader);
	if (item->type == LUGH_CBOR_INT && item->integer >= INT32_MIN && item->integer <= INT32_MAX) {
		slot->value.integer = (txInteger)item->integer;
		slot->kind = XS_INTEGER_KIND;
	} else {
		slot->value.number = item->type == LUGH_CBOR_INT ? (double)item->integer : item->number;
		slot->kind = XS_NUMBER_KIND;
	}
	return 0;
}

/* ---- containers ------------------------------------------------------------------------------------------------ */

static lugh_body_filling *open_frame(lugh_body_reader *reader, txSlot *instance, const lugh_cbor_item *item)
{
	lugh_body_filling *frame = &reader->frames[reader->depth++];
	frame->instance = instance;
	frame->last = instance;
	frame->array = C_NULL;
	frame->former = XS_NO_ID;
	frame->is_map = item->type == LUGH_CBOR_MAP;
	frame->done = 0;
	frame->count = (uint32_t)item->length;
	frame->key = C_NULL;
	return frame;
}

/* Room for all items at once: their number is bounded by LUGH_BODY_ITEMS over the whole body. */
static void open_array(lugh_body_reader *reader, const lugh_cbor_item *item)
{
	txMachine *the = reader->the;
	txSlot *instance = lugh_body_new_instance(reader, mxArrayPrototype.value.reference);
	txSlot *array = lugh_body_new_internal(the, instance, XS_ARRAY_KIND);
	array->flag |= XS_DONT_DELETE_FLAG | XS_DONT_ENUM_FLAG;
	array->ID = XS_ARRAY_BEHAVIOR;
	array->value.array.address = C_NULL;
	array->value.array.length = 0;
	instance->flag |= XS_EXOTIC_FLAG;
	open_frame(reader, instance, item)->array = array;
	if (item->length == 0) return;
	txSlot *items = fxNewChunk(the, (txSize)(item->length * sizeof(txSlot)));
	memset(items, 0, item->length * sizeof(txSlot));
	for (txIndex index = 0; index < item->length; index++) *(txIndex *)&items[index] = index;
	array->value.array.address = items;
	array->value.array.length = (txIndex)item->length;
}

static int open_container(lugh_body_reader *reader, const lugh_cbor_item *item)
{
	txMachine *the = reader->the;
	int error = lugh_body_admit(item, reader->depth, &reader->items);
	if (error) return error;
	if (item->type == LUGH_CBOR_MAP) open_frame(reader, lugh_body_new_instance(reader, mxObjectPrototype.value.reference), item);
	else open_array(reader, item);
	return 0;
}

static int read_value(lugh_body_reader *reader)
{
	lugh_cbor_item item;
	txSlot *slot;
	int error = lugh_cbor_take(&reader->at, reader->end, &item);
	if (error) return error;
	switch (item.type) {
	case LUGH_CBOR_INT:
	case LUGH_CBOR_DOUBLE: return read_number(reader, &item);
	case LUGH_CBOR_TEXT: return lugh_body_build_text(reader, &item);
	case LUGH_CBOR_BYTES:
		lugh_body_build_typed_array(reader, &item, LUGH_TYPED_BYTES);
		return 0;
	case LUGH_CBOR_TYPED_ARRAY:
		lugh_body_build_typed_array(reader, &item, item.tag);
		return 0;
	case LUGH_CBOR_ARRAY:
	case LUGH_CBOR_MAP: return open_container(reader, &item);
	case LUGH_CBOR_BOOL:
		slot = lugh_body_place(reader);
		slot->value.boolean = (txBoolean)item.integer;
		slot->kind = XS_BOOLEAN_KIND;
		return 0;
	default:
		lugh_body_place(reader)->kind = XS_NULL_KIND;
		return 0;
	}
}

/* ---- keys ------------------------------------------------------------------------------------------------------ */

static void add_property(lugh_body_reader *reader, lugh_body_filling *frame, txID id)
{
	txSlot *property = fxNewSlot(reader->the);
	property->ID = id;
	property->kind = XS_UNDEFINED_KIND;
	frame->last->next = property;
	frame->last = property;
	frame->array = C_NULL;
	frame->former = id;
}

/* A key that is an array index has no name: the engine keeps it in an internal slot before all properties. */
static void add_index(lugh_body_reader *reader, lugh_body_filling *frame, txIndex index)
{
	txMachine *the = reader->the;
	txSlot *array = frame->instance->next;
	if (!array || !(array->flag & XS_INTERNAL_FLAG)) {
		array = lugh_body_new_internal(the, frame->instance, XS_ARRAY_KIND);
		array->value.array.address = C_NULL;
		array->value.array.length = 0;
		if (frame->last == frame->instance) frame->last = array;
	}
	fxSetIndexProperty(the, frame->instance, array, index);
	frame->array = array;
	frame->at = index;
	frame->former = XS_NO_ID;
}

static int read_unknown_key(lugh_body_reader *reader, lugh_body_filling *frame, bool has_step)
{
	lugh_cbor_item item;
	txIndex index;
	txID id, former = frame->former;
	const uint8_t *key = reader->at;
	int error = lugh_body_take_key(&reader->at, reader->end, frame->key, frame->key_size, &item);
	if (error) return error;
	frame->key = key;
	frame->key_size = (size_t)(reader->at - key);
	if (lugh_names_index(item.bytes, item.length, &index)) {
		add_index(reader, frame, index);
		return 0;
	}
	if ((error = lugh_names_find(reader->the, reader->state, item.bytes, item.length, &id))) return error;
	if (has_step) lugh_guess_learn(reader->the, reader->state, former, frame->count, id, key, frame->key_size);
	add_property(reader, frame, id);
	return 0;
}

static int read_key(lugh_body_reader *reader, lugh_body_filling *frame)
{
	/* Behind an index there is no former name to guess from. */
	bool has_step = frame->former != XS_NO_ID || frame->done == 0;
	const lugh_guess *guess = C_NULL;
	if (has_step) guess = lugh_guess_match(frame->former, frame->count, reader->state->serial, reader->at, reader->end);
	if (!guess) return read_unknown_key(reader, frame, has_step);
	frame->key = reader->at;
	frame->key_size = guess->size;
	reader->at += guess->size;
	add_property(reader, frame, guess->id);
	return 0;
}

/* ---- the walk -------------------------------------------------------------------------------------------------- */

static int read_next(lugh_body_reader *reader, lugh_body_filling *frame)
{
	if (frame->is_map) {
		int error = read_key(reader, frame);
		if (error) return error;
	} else frame->at = frame->done;
	frame->done++;
	return read_value(reader);
}

static int read_all(lugh_body_reader *reader)
{
	int error = read_value(reader);
	while (!error && reader->depth) {
		lugh_body_filling *frame = &reader->frames[reader->depth - 1];
		if (frame->done < frame->count) error = read_next(reader, frame);
		else reader->depth--;
	}
	return error ? error : reader->at == reader->end ? 0 : LUGH_BODY_MALFORMED;
}

int lugh_body_decode(txMachine *the, lugh_body_state *state, const uint8_t *bytes, size_t length)
{
	lugh_body_reader reader;
	if (length > LUGH_BODY_BYTES) return LUGH_BODY_TOO_LARGE;
	mxPushUndefined();
	reader.the = the;
	reader.state = state;
	reader.result = the->stack;
	reader.at = bytes;
	reader.end = bytes + length;
	reader.items = 1;
	reader.depth = 0;
	int error = read_all(&reader);
	if (error) the->stack++;
	return error;
}
