/*
 * Says in words why a run failed.
 *
 * The exception is read without running a line of JavaScript: no getter, no toString, no proxy. Only properties that
 * hold plain strings count, and the walk along prototypes is bounded, because the object comes from the service.
 */
#include "layer.h"

enum { PROTOTYPE_LIMIT = 16, PROPERTY_LIMIT = 256, FRAME_LIMIT = 8 };

typedef struct {
	char *next;
	size_t left;
} writer;

static void put(writer *out, const char *text)
{
	size_t length = strlen(text);
	if (length >= out->left)
		length = out->left - 1;
	memcpy(out->next, text, length);
	out->next += length;
	out->left -= length;
	*out->next = 0;
}

static const char *text_of(const txSlot *slot)
{
	return slot && mxIsStringPrimitive(slot) ? slot->value.string : NULL;
}

static const char *text_property(const txSlot *instance, txID id)
{
	for (int depth = 0; instance && depth < PROTOTYPE_LIMIT; depth++) {
		const txSlot *property = instance->next;
		for (int count = 0; property && count < PROPERTY_LIMIT; count++, property = property->next) {
			if (property->ID == id && !(property->flag & XS_INTERNAL_FLAG))
				return text_of(property);
		}
		instance = instance->value.instance.prototype;
	}
	return NULL;
}

static void put_stack(writer *out, const txSlot *instance)
{
	const txSlot *internal = instance->next;
	if (!internal || internal->kind != XS_ERROR_KIND || !internal->value.error.info)
		return;
	const txSlot *frame = internal->value.error.info->next;
	for (int count = 0; frame && count < FRAME_LIMIT; count++, frame = frame->next) {
		put(out, "\n at ");
		put(out, frame->value.key.string && frame->value.key.string[0] ? frame->value.key.string : "(anonymous)");
	}
}

static void put_instance(writer *out, const txSlot *instance)
{
	const char *name = text_property(instance, mxID(_name));
	const char *message = text_property(instance, mxID(_message));
	put(out, name ? name : "object");
	if (message && message[0]) {
		put(out, ": ");
		put(out, message);
	}
	put_stack(out, instance);
}

static void put_number(writer *out, double number)
{
	char text[32];
	snprintf(text, sizeof text, "%.17g", number);
	put(out, text);
}

static void put_exception(writer *out, const txSlot *exception)
{
	if (exception->kind == XS_REFERENCE_KIND)
		put_instance(out, exception->value.reference);
	else if (text_of(exception))
		put(out, text_of(exception));
	else if (exception->kind == XS_INTEGER_KIND)
		put_number(out, exception->value.integer);
	else if (exception->kind == XS_NUMBER_KIND)
		put_number(out, exception->value.number);
	else
		put(out, exception->kind == XS_UNDEFINED_KIND ? "undefined" : "a value that is no Error");
}

void lugh_reason_describe(lugh_machine *machine)
{
	txMachine *the = machine->the;
	char line[128];
	if (!machine->reason)
		machine->reason = malloc(LUGH_REASON_BYTES);
	if (!machine->reason)
		return;
	writer out = { machine->reason, LUGH_REASON_BYTES };
	switch (machine->status) {
	case LUGH_THREW:
		put_exception(&out, &mxException);
		break;
	case LUGH_OUT_OF_BUDGET:
		snprintf(line, sizeof line, "ran past its budget of %u steps", the->meterCount);
		put(&out, line);
		break;
	case LUGH_OUT_OF_MEMORY:
		snprintf(line, sizeof line, "needs more than its %zu bytes; it holds %zu", machine->account.limit_bytes, machine->account.used_bytes);
		put(&out, line);
		break;
	default:
		put(&out, lugh_status_text(machine->status));
		break;
	}
}
