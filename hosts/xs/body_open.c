/*
 * Instances: which of them are plain data, and how their items are found.
 *
 * Everything is read from slots. Where the engine would follow an alias (a machine's own copy of a root instance) this
 * does too; what the engine would compute by running code (a proxy, an accessor, a module's export) is refused.
 */
#include "body_cost.h"
#include "body_typed.h"
#include "body_write.h"
#include "cbor_item.h"

/* FNV-1a over key IDs. */
static const uint32_t hash_start = 0x811c9dc5, hash_factor = 0x01000193;

/* The properties of the objects that are open, by depth. */
static txSlot *open_properties[LUGH_BODY_DEPTH][LUGH_BODY_KEYS];

static int not_plain(lugh_body_writer *writer, const char *reason)
{
	writer->reason = reason;
	return LUGH_BODY_NOT_PLAIN;
}

static const txSlot *follow_alias(txMachine *the, const txSlot *instance)
{
	const txSlot *alias = instance->ID ? the->aliasArray[instance->ID] : C_NULL;
	return alias ? alias : instance;
}

static bool has_prototype(txMachine *the, const txSlot *instance, const txSlot *wanted)
{
	const txSlot *prototype = instance->value.instance.prototype;
	return prototype == wanted || (prototype && prototype == follow_alias(the, wanted));
}

/* Passes what the engine keeps in an instance that is a key of a WeakMap or WeakSet. */
static const txSlot *skip_weak_entries(const txSlot *property)
{
	while (property && property->kind == XS_WEAK_ENTRY_KIND && property->flag & XS_INTERNAL_FLAG) property = property->next;
	return property;
}

/* May this instance become the next frame? */
static int admit(const lugh_body_writer *writer, const txSlot *instance)
{
	for (unsigned depth = 0; depth < writer->depth; depth++)
		if (writer->frames[depth].instance == instance) return LUGH_BODY_CYCLE;
	return writer->depth < LUGH_BODY_DEPTH ? 0 : LUGH_BODY_TOO_DEEP;
}

/* Writes the head of a container that holds so many items in all, and makes its frame; NULL with the code in *error. */
static lugh_body_frame *push(lugh_body_writer *writer, const txSlot *instance, unsigned major, uint32_t count, int *error)
{
	uint32_t items = major == 5 ? 2 * count : count;
	*error = LUGH_BODY_TOO_MANY;
	if (count > LUGH_BODY_ITEMS || items > LUGH_BODY_ITEMS - writer->items) return C_NULL;
	uint8_t spare[LUGH_BODY_HEAD_BYTES], *at = lugh_body_begin(writer, spare);
	*error = lugh_body_keep(writer, at, lugh_cbor_write_head(at, major, count));
	if (*error) return C_NULL;
	writer->items += items;
	lugh_body_frame *frame = &writer->frames[writer->depth++];
	*frame = (lugh_body_frame){ .instance = instance, .count = count };
	return frame;
}

/* ---- arrays ---------------------------------------------------------------------------------------------------- */

static int open_array(lugh_body_writer *writer, const txSlot *instance)
{
	txMachine *the = writer->the;
	txSlot *array = instance->next;
	uint32_t length = array->value.array.length, present = fxGetIndexSize(the, array);
	int error = admit(writer, instance);
	if (error) return error;
	if (!has_prototype(the, instance, mxArrayPrototype.value.reference)) return not_plain(writer, "class instance");
	if (skip_weak_entries(array->next)) return not_plain(writer, "array with named properties");
	lugh_body_frame *frame = push(writer, instance, 4, length, &error);
	if (!frame) return error;
	frame->items = array->value.array.address;
	writer->cost += lugh_cost_of_array(length);
	if (present == length) return 0;
	/* Items know their index: the first one that is not at its place stands behind the hole. */
	while (frame->index < present && *(const txIndex *)&frame->items[frame->index] == frame->index) frame->index++;
	frame->index++;
	return not_plain(writer, "hole");
}

/* ---- typed arrays ---------------------------------------------------------------------------------------------- */

static int write_typed_array(lugh_body_writer *writer, const txSlot *instance)
{
	txMachine *the = writer->the;
	txSlot *dispatch = instance->next, *view = dispatch->next, *buffer = view->next;
	const txTypeDispatch *kind = dispatch->value.typedArray.dispatch;
	int tag = lugh_typed_tag(kind);
	if (tag == LUGH_TYPED_FOREIGN) return not_plain(writer, lugh_body_instance_name(instance));
	if (!has_prototype(the, instance, lugh_typed_prototype(the, kind))) return not_plain(writer, "class instance");
	if (skip_weak_entries(buffer->next)) return not_plain(writer, "typed array with named properties");
	txSlot *storage = buffer->value.reference->next;
	if (storage->kind != XS_ARRAY_BUFFER_KIND) return not_plain(writer, "typed array over memory of the host");
	/* A detached or shrunk buffer has no bytes to show, as for the service itself. */
	size_t length = (size_t)fxGetDataViewSize(the, view, buffer) >> kind->shift << kind->shift;
	uint8_t head[2 * LUGH_BODY_HEAD_BYTES], *end = head;
	if (tag) end = lugh_cbor_write_head(end, 6, (uint64_t)tag);
	end = lugh_cbor_write_head(end, 2, length);
	size_t head_length = (size_t)(end - head);
	if (!lugh_body_has_room(writer, head_length + length)) return LUGH_BODY_TOO_LARGE;
	memcpy(writer->at, head, head_length);
	if (length) memcpy(writer->at + head_length, storage->value.arrayBuffer.address + view->value.dataView.offset, length);
	writer->at += head_length + length;
	writer->cost += lugh_cost_of_typed_array(length);
	return 0;
}

/* ---- objects --------------------------------------------------------------------------------------------------- */

static int collect(lugh_body_writer *writer, lugh_keys *keys, txSlot *property)
{
	if (keys->count == LUGH_BODY_KEYS) return LUGH_BODY_TOO_MANY;
	if (property->flag & XS_DONT_ENUM_FLAG) return not_plain(writer, "property that is not enumerable");
	keys->properties[keys->count++] = property;
	keys->hash = (keys->hash ^ property->ID) * hash_factor;
	keys->has_own_name |= property->ID >= writer->the->keyOffset;
	return 0;
}

/* Array indices of a plain object lie in an internal slot of their own. */
static int collect_indices(lugh_body_writer *writer, lugh_keys *keys, txSlot *array)
{
	int error = 0;
	uint32_t count = fxGetIndexSize(writer->the, array);
	keys->has_index |= count != 0;
	for (uint32_t index = 0; index < count && !error; index++)
		error = collect(writer, keys, array->value.array.address + index);
	return error;
}

static int collect_all(lugh_body_writer *writer, lugh_keys *keys, const txSlot *instance)
{
	int error = 0;
	txSlot *property = instance->next;
	for (; property && property->flag & XS_INTERNAL_FLAG && !error; property = property->next) {
		if (property->kind == XS_ARRAY_KIND) error = collect_indices(writer, keys, property);
		else if (property->kind != XS_WEAK_ENTRY_KIND) error = not_plain(writer, lugh_body_instance_name(instance));
	}
	for (; property && !error; property = property->next) error = collect(writer, keys, property);
	return error;
}

static const char *name_key_error(int code)
{
	return code == LUGH_BODY_NOT_PLAIN ? "key that is a symbol, or two keys of the same text"
		: code == LUGH_BODY_BAD_TEXT ? "key with a lone surrogate" : "key that is too long";
}

static int open_object(lugh_body_writer *writer, const txSlot *instance)
{
	txMachine *the = writer->the;
	int error = admit(writer, instance);
	if (error) return error;
	if (instance->value.instance.prototype && !has_prototype(the, instance, mxObjectPrototype.value.reference))
		return not_plain(writer, lugh_body_instance_name(instance));
	lugh_keys keys = { .properties = open_properties[writer->depth], .hash = hash_start };
	if ((error = collect_all(writer, &keys, instance))) return error;
	uint32_t owner = keys.has_own_name ? writer->state->serial : 0;
	lugh_shape *shape = lugh_shape_find(&keys, owner);
	if (!shape && (error = lugh_keys_sort(the, &keys, owner))) return lugh_body_refuse(writer, error, name_key_error(error));
	lugh_body_frame *frame = push(writer, instance, 5, keys.count, &error);
	if (!frame) return error;
	frame->properties = keys.properties;
	frame->shape = shape;
	if (shape) {
		frame->key = shape->bytes;
		shape->pins++;
	}
	writer->cost += lugh_cost_of_map(keys.count);
	return 0;
}

int lugh_body_open(lugh_body_writer *writer, const txSlot *reference)
{
	const txSlot *instance = follow_alias(writer->the, reference->value.reference), *first = instance->next;
	if (!(instance->flag & XS_EXOTIC_FLAG)) return open_object(writer, instance);
	if (first->ID == XS_ARRAY_BEHAVIOR && first->kind == XS_ARRAY_KIND) return open_array(writer, instance);
	if (first->ID == XS_TYPED_ARRAY_BEHAVIOR && first->kind == XS_TYPED_ARRAY_KIND) return write_typed_array(writer, instance);
	return not_plain(writer, lugh_body_instance_name(instance));
}
