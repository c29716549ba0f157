/*
 * The decoder: builds slots directly, in one iterative walk.
 *
 * Any allocation may run the collector and move chunks. So whatever is new is hung under the result, which stands on
 * the engine's stack, before the next allocation; slots keep their address, and what lies in a chunk (the items of an
 * array) is found again by its index each time. The bytes lie outside the engine and stay.
 */
#include "body_item.h"
#include "body_names.h"
#include "body_text.h"
#include "body_typed.h"

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
} frame;

typedef struct {
	txMachine *the;
	lugh_body_state *state;
	txSlot *result;
	const uint8_t *at;
	const uint8_t *end;
	uint32_t items;
	unsigned depth;
	frame frames[LUGH_BODY_DEPTH];
} reader;

/* Where the value that was read belongs. To be asked again after every allocation. */
static inline txSlot *place(const reader *reader)
{
	if (reader->depth == 0) return reader->result;
	const frame *frame = &reader->frames[reader->depth - 1];
	if (!frame->array) return frame->last;
	return frame->is_map ? fxGetIndexProperty(reader->the, frame->array, frame->at) : frame->array->value.array.address + frame->at;
}

static txSlot *new_internal(txMachine *the, txSlot *former, txKind kind)
{
	txSlot *slot = fxNewSlot(the);
	slot->flag = XS_INTERNAL_FLAG;
	slot->kind = kind;
	slot->value.reference = C_NULL;
	slot->next = former->next;
	former->next = slot;
	return slot;
}

/* A new instance that the given slot refers to from now on. */
static txSlot *new_instance(txMachine *the, txSlot *prototype)
{
	txSlot *instance = fxNewSlot(the);
	instance->kind = XS_INSTANCE_KIND;
	instance->value.instance.garbage = C_NULL;
	instance->value.instance.prototype = prototype;
	return instance;
}

static txSlot *place_instance(reader *reader, txSlot *prototype)
{
	txSlot *instance = new_instance(reader->the, prototype), *slot = place(reader);
	slot->value.reference = instance;
	slot->kind = XS_REFERENCE_KIND;
	return instance;
}

/* ---- whole values ---------------------------------------------------------------------------------------------- */

static int read_text(reader *reader, const lugh_cbor_item *item)
{
	bool is_ascii = lugh_is_ascii(item->bytes, item->length) && !memchr(item->bytes, 0, item->length);
	ptrdiff_t size = is_ascii ? (ptrdiff_t)item->length : lugh_text_inner_size(item->bytes, item->length);
	if (size < 0) return LUGH_BODY_BAD_TEXT;
	char *text = fxNewChunk(reader->the, (txSize)size + 1);
	if (is_ascii) {
		memcpy(text, item->bytes, item->length);
		text[size] = 0;
	} else lugh_text_inner(text, item->bytes, item->length);
	txSlot *slot = place(reader);
	slot->value.string = text;
	slot->kind = XS_STRING_KIND;
	return 0;
}

static int read_typed_array(reader *reader, const lugh_cbor_item *item, int tag)
{
	txMachine *the = reader->the;
	unsigned index = lugh_typed_index(tag);
	const txTypeDispatch *kind = &gxTypeDispatches[index];
	txSlot *instance = place_instance(reader, lugh_typed_prototype(the, kind));
	txSlot *dispatch = new_internal(the, instance, XS_TYPED_ARRAY_KIND);
	dispatch->ID = XS_TYPED_ARRAY_BEHAVIOR;
	dispatch->value.typedArray.dispatch = (txTypeDispatch *)kind;
	dispatch->value.typedArray.atomics = (txTypeAtomics *)&gxTypeAtomics[index];
	instance->flag |= XS_EXOTIC_FLAG;
	txSlot *view = new_internal(the, dispatch, XS_DATA_VIEW_KIND);
	view->value.dataView.offset = 0;
	view->value.dataView.size = (txInteger)item->length;
	txSlot *buffer = new_internal(the, view, XS_NULL_KIND);
	txSlot *storage = new_instance(the, mxArrayBufferPrototype.value.reference);
	buffer->value.reference = storage;
	buffer->kind = XS_REFERENCE_KIND;
	storage = new_internal(the, storage, XS_ARRAY_BUFFER_KIND);
	storage->value.arrayBuffer.address = C_NULL;
	storage->value.arrayBuffer.detachKey = C_NULL;
	txSlot *info = new_internal(the, storage, XS_BUFFER_INFO_KIND);
	info->value.bufferInfo.length = (txInteger)item->length;
	info->value.bufferInfo.maxLength = -1;
	void *bytes = fxNewChunk(the, (txSize)item->length);
	if (item->length) memcpy(bytes, item->bytes, item->length);
	storage->value.arrayBuffer.address = bytes;
	return 0;
}

static int read_number(reader *reader, const lugh_cbor_item *item)
{
	txSlot *slot = place(reader);
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

static frame *open_frame(reader *reader, txSlot *instance, const lugh_cbor_item *item)
{
	frame *frame = &reader->frames[reader->depth++];
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
static void open_array(reader *reader, const lugh_cbor_item *item)
{
	txMachine *the = reader->the;
	txSlot *instance = place_instance(reader, mxArrayPrototype.value.reference);
	txSlot *array = new_internal(the, instance, XS_ARRAY_KIND);
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

static int open_container(reader *reader, const lugh_cbor_item *item)
{
	txMachine *the = reader->the;
	int error = lugh_body_admit(item, reader->depth, &reader->items);
	if (error) return error;
	if (item->type == LUGH_CBOR_MAP) open_frame(reader, place_instance(reader, mxObjectPrototype.value.reference), item);
	else open_array(reader, item);
	return 0;
}

static int read_value(reader *reader)
{
	lugh_cbor_item item;
	txSlot *slot;
	int error = lugh_cbor_take(&reader->at, reader->end, &item);
	if (error) return error;
	switch (item.type) {
	case LUGH_CBOR_INT:
	case LUGH_CBOR_DOUBLE: return read_number(reader, &item);
	case LUGH_CBOR_TEXT: return read_text(reader, &item);
	case LUGH_CBOR_BYTES: return read_typed_array(reader, &item, LUGH_TYPED_BYTES);
	case LUGH_CBOR_TYPED_ARRAY: return read_typed_array(reader, &item, item.tag);
	case LUGH_CBOR_ARRAY:
	case LUGH_CBOR_MAP: return open_container(reader, &item);
	case LUGH_CBOR_BOOL:
		slot = place(reader);
		slot->value.boolean = (txBoolean)item.integer;
		slot->kind = XS_BOOLEAN_KIND;
		return 0;
	default:
		place(reader)->kind = XS_NULL_KIND;
		return 0;
	}
}

/* ---- keys ------------------------------------------------------------------------------------------------------ */

static void add_property(reader *reader, frame *frame, txID id)
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
static void add_index(reader *reader, frame *frame, txIndex index)
{
	txMachine *the = reader->the;
	txSlot *array = frame->instance->next;
	if (!array || !(array->flag & XS_INTERNAL_FLAG)) {
		array = new_internal(the, frame->instance, XS_ARRAY_KIND);
		array->value.array.address = C_NULL;
		array->value.array.length = 0;
		if (frame->last == frame->instance) frame->last = array;
	}
	fxSetIndexProperty(the, frame->instance, array, index);
	frame->array = array;
	frame->at = index;
	frame->former = XS_NO_ID;
}

static int read_unknown_key(reader *reader, frame *frame, bool has_step)
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

static int read_key(reader *reader, frame *frame)
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

static int read_next(reader *reader, frame *frame)
{
	if (frame->is_map) {
		int error = read_key(reader, frame);
		if (error) return error;
	} else frame->at = frame->done;
	frame->done++;
	return read_value(reader);
}

static int read_all(reader *reader)
{
	int error = read_value(reader);
	while (!error && reader->depth) {
		frame *frame = &reader->frames[reader->depth - 1];
		if (frame->done < frame->count) error = read_next(reader, frame);
		else reader->depth--;
	}
	return error ? error : reader->at == reader->end ? 0 : LUGH_BODY_MALFORMED;
}

int lugh_body_decode(txMachine *the, lugh_body_state *state, const uint8_t *bytes, size_t length)
{
	reader reader;
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
