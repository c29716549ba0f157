/*
 * The encoder: a walk over slots that allocates nothing, so that no pointer moves under it and no service code runs.
 *
 * Frames instead of recursion: they are the path of a refusal, the list to find a cycle in, and a bounded C stack.
 * Items are counted where their container opens, as validator and decoder do.
 */
#include "body_write.h"

#include "body_cost.h"
#include "body_text.h"
#include "cbor_item.h"
#include "utf8.h"

/* The slow way: not ASCII, or so near to the end of the buffer that it has to be measured first. */
static int write_measured_text(lugh_body_writer *writer, const char *text)
{
	uint8_t head[LUGH_BODY_HEAD_BYTES];
	ptrdiff_t length = lugh_text_measure(text);
	if (length < 0) return lugh_body_refuse(writer, LUGH_BODY_BAD_TEXT, "text with a lone surrogate");
	size_t head_length = (size_t)(lugh_cbor_write_head(head, 3, (uint64_t)length) - head);
	if (!lugh_body_has_room(writer, head_length + (size_t)length)) return LUGH_BODY_TOO_LARGE;
	memcpy(writer->at, head, head_length);
	writer->at = lugh_text_write(writer->at + head_length, text);
	return 0;
}

static int write_text(lugh_body_writer *writer, const char *text)
{
	size_t length = strlen(text), left = length;
	uint64_t high = 0, eight;
	if (!lugh_body_has_room(writer, LUGH_BODY_HEAD_BYTES + length)) return write_measured_text(writer, text);
	uint8_t *at = lugh_cbor_write_head(writer->at, 3, length);
	const char *from = text;
	for (; left >= 8; left -= 8, from += 8, at += 8) {
		memcpy(&eight, from, 8);
		memcpy(at, &eight, 8);
		high |= eight;
	}
	while (left--) high |= *at++ = (uint8_t)*from++;
	if (high & LUGH_UTF8_HIGH_BITS) return write_measured_text(writer, text);
	writer->at = at;
	return 0;
}

static int write_string(lugh_body_writer *writer, const char *text)
{
	const uint8_t *start = writer->at;
	int error = write_text(writer, text);
	writer->cost += lugh_cost_of_text(writer->at - start);
	return error;
}

static uint8_t *write_number(uint8_t *at, double number)
{
	int64_t integer;
	return lugh_cbor_is_integer(number, &integer) ? lugh_cbor_write_integer(at, integer) : lugh_cbor_write_float(at, number);
}

static int write_value(lugh_body_writer *writer, const txSlot *slot)
{
	uint8_t spare[LUGH_BODY_HEAD_BYTES], *at = lugh_body_begin(writer, spare);
	switch (slot->kind) {
	case XS_REFERENCE_KIND: return lugh_body_open(writer, slot);
	case XS_STRING_KIND:
	case XS_STRING_X_KIND: return write_string(writer, slot->value.string);
	case XS_INTEGER_KIND: return lugh_body_keep(writer, at, lugh_cbor_write_integer(at, slot->value.integer));
	case XS_NUMBER_KIND: return lugh_body_keep(writer, at, write_number(at, slot->value.number));
	case XS_BOOLEAN_KIND: return lugh_body_keep(writer, at, lugh_cbor_write_head(at, 7, slot->value.boolean ? 21 : 20));
	case XS_NULL_KIND: return lugh_body_keep(writer, at, lugh_cbor_write_head(at, 7, 22));
	default: return lugh_body_refuse(writer, LUGH_BODY_NOT_PLAIN, lugh_body_slot_name(slot));
	}
}

/* The next key of an object with a shape, and the property that it names. */
static const txSlot *write_known_key(lugh_body_writer *writer, lugh_body_frame *frame)
{
	size_t size = frame->shape->sizes[frame->index];
	if (size <= LUGH_SHAPE_SLACK && lugh_body_has_room(writer, LUGH_SHAPE_SLACK)) memcpy(writer->at, frame->key, LUGH_SHAPE_SLACK);
	else if (lugh_body_has_room(writer, size)) memcpy(writer->at, frame->key, size);
	else return C_NULL;
	writer->at += size;
	frame->key += size;
	return frame->properties[frame->shape->order[frame->index]];
}

/* The same for one that was just sorted. Its key was judged then, so only its room can be missing. */
static const txSlot *write_sorted_key(lugh_body_writer *writer, lugh_body_frame *frame)
{
	char digits[12];
	const txSlot *property = frame->properties[frame->index];
	return write_text(writer, lugh_key_text(writer->the, property, digits)) ? C_NULL : property;
}

static int write_next(lugh_body_writer *writer, lugh_body_frame *frame)
{
	const txSlot *slot;
	if (!frame->properties) slot = &frame->items[frame->index];
	else slot = frame->shape ? write_known_key(writer, frame) : write_sorted_key(writer, frame);
	frame->index++;
	return slot ? write_value(writer, slot) : LUGH_BODY_TOO_LARGE;
}

static void pop(lugh_body_writer *writer)
{
	lugh_body_frame *frame = &writer->frames[--writer->depth];
	if (frame->shape) frame->shape->pins--;
}

static int write_all(lugh_body_writer *writer, const txSlot *value)
{
	int error = write_value(writer, value);
	while (!error && writer->depth) {
		lugh_body_frame *frame = &writer->frames[writer->depth - 1];
		if (frame->index < frame->count) error = write_next(writer, frame);
		else pop(writer);
	}
	return error;
}

int lugh_body_encode(txMachine *the, lugh_body_state *state, const txSlot *value, uint8_t *buffer, size_t capacity,
	size_t *length, char *path, size_t path_size)
{
	lugh_body_writer writer;
	writer.the = the;
	writer.state = state;
	writer.at = buffer;
	writer.end = buffer + (capacity < LUGH_BODY_BYTES ? capacity : LUGH_BODY_BYTES);
	writer.items = 1;
	writer.cost = 0;
	writer.depth = 0;
	writer.reason = C_NULL;
	int error = write_all(&writer, value);
	if (error) {
		lugh_body_describe(&writer, error, path, path_size);
		while (writer.depth) pop(&writer);
		return error;
	}
	*length = (size_t)(writer.at - buffer);
	state->encoded_cost = writer.cost;
	return 0;
}
