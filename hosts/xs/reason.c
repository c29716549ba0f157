/*
 * Says in words why a run failed.
 *
 * The exception is read without running a line of JavaScript: no getter, no toString, no proxy. Only properties that
 * hold plain strings count, and the walk along prototypes is bounded, because the object comes from the service.
 * Lines come from the table that lugh-xsc put beside the code: the engine records functions only, so its recorder is
 * replaced by one that adds module and line (CMakeLists.txt renames the engine's own).
 */
#include "layer.h"

enum { PROTOTYPE_LIMIT = 16, PROPERTY_LIMIT = 256, FRAME_LIMIT = 8, PLACE_BYTES = 160 };

extern void fxCaptureErrorStackOfEngine(txMachine *the, txSlot *internal, txSlot *frame);

static int is_recorded(const txSlot *frame)
{
	const txSlot *function = frame + 3;
	return function->kind == XS_REFERENCE_KIND && mxIsFunction(function->value.reference);
}

/* The call that made this frame: a frame holds where its caller goes on, which may be the next line already. */
static const signed char *call_in(const txSlot *frame)
{
	const signed char *back = frame->value.frame.code;
	return back ? back - 1 : NULL;
}

/* Adds module and line to what the engine recorded: one entry for each frame that has a function. */
void fxCaptureErrorStack(txMachine *the, txSlot *internal, txSlot *frame)
{
	const signed char *code = the->code;
	for (txSlot *inner = the->frame; inner && inner != frame; inner = inner->next)
		code = call_in(inner);
	fxCaptureErrorStackOfEngine(the, internal, frame);
	txSlot *entry = internal->value.error.info->next;
	for (; entry && frame->next; code = call_in(frame), frame = frame->next) {
		uint32_t line = 0;
		if (!is_recorded(frame))
			continue;
		const lugh_module *module = code ? lugh_machine_locate(the->lugh, code, &line) : NULL;
		entry->ID = module && line ? fxFindName(the, (txString)module->name) : XS_NO_ID;
		entry->value.key.sum = line;
		entry = entry->next;
	}
}

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

static void put_place(writer *out, txMachine *the, const txSlot *frame)
{
	char place[PLACE_BYTES];
	const char *module = frame->ID == XS_NO_ID ? NULL : fxGetKeyName(the, frame->ID);
	if (!module)
		return;
	snprintf(place, sizeof place, " (%s:%u)", module, frame->value.key.sum);
	put(out, place);
}

static void put_stack(writer *out, txMachine *the, const txSlot *instance)
{
	const txSlot *internal = instance->next;
	if (!internal || internal->kind != XS_ERROR_KIND || !internal->value.error.info)
		return;
	const txSlot *frame = internal->value.error.info->next;
	for (int count = 0; frame && count < FRAME_LIMIT; count++, frame = frame->next) {
		put(out, "\n at ");
		put(out, frame->value.key.string && frame->value.key.string[0] ? frame->value.key.string : "(anonymous)");
		put_place(out, the, frame);
	}
}

static void put_instance(writer *out, txMachine *the, const txSlot *instance)
{
	const char *name = text_property(instance, mxID(_name));
	const char *message = text_property(instance, mxID(_message));
	put(out, name ? name : "object");
	if (message && message[0]) {
		put(out, ": ");
		put(out, message);
	}
	put_stack(out, the, instance);
}

static void put_number(writer *out, double number)
{
	char text[32];
	snprintf(text, sizeof text, "%.17g", number);
	put(out, text);
}

static void put_exception(writer *out, txMachine *the, const txSlot *exception)
{
	if (exception->kind == XS_REFERENCE_KIND)
		put_instance(out, the, exception->value.reference);
	else if (text_of(exception))
		put(out, text_of(exception));
	else if (exception->kind == XS_INTEGER_KIND)
		put_number(out, exception->value.integer);
	else if (exception->kind == XS_NUMBER_KIND)
		put_number(out, exception->value.number);
	else
		put(out, exception->kind == XS_UNDEFINED_KIND ? "undefined" : "a value that is no Error");
}

/* Where a run that was ended from outside stood: the innermost function that has code, as far as the engine had saved. */
static void put_where(writer *out, txMachine *the)
{
	const signed char *code = the->code;
	const txSlot *frame = the->frame;
	const lugh_module *module = NULL;
	uint32_t line = 0;
	for (; frame; code = call_in(frame), frame = frame->next) {
		module = code && is_recorded(frame) ? lugh_machine_locate(the->lugh, code, &line) : NULL;
		if (module)
			break;
	}
	if (!module)
		return;
	const char *function = fxGetKeyName(the, mxFunctionInstanceCode((frame + 3)->value.reference)->ID);
	char place[PLACE_BYTES];
	snprintf(place, sizeof place, ", in %s (%s:%u)", function ? function : "(anonymous)", module->name, line);
	put(out, place);
}

static void put_limit(writer *out, const lugh_machine *machine)
{
	char line[128];
	switch (machine->status) {
	case LUGH_OUT_OF_BUDGET:
		if (machine->the->meterCount)
			snprintf(line, sizeof line, "ran past its budget of %u steps", machine->the->meterCount);
		else
			snprintf(line, sizeof line, "was interrupted after %u steps", machine->the->meterIndex);
		break;
	case LUGH_OUT_OF_MEMORY:
		snprintf(line, sizeof line, "needs more than its %zu bytes; it holds %zu", machine->memory_bytes, lugh_machine_bytes(machine));
		break;
	case LUGH_STACK_OVERFLOW:
		snprintf(line, sizeof line, "called too deep for its stack of %d slots", (int)(machine->the->stackEnd - machine->the->stackBottom));
		break;
	default:
		snprintf(line, sizeof line, "wrote into what all machines share");
		break;
	}
	put(out, line);
	put_where(out, machine->the);
}

void lugh_reason_describe(lugh_machine *machine)
{
	txMachine *the = machine->the;
	if (!machine->reason)
		machine->reason = malloc(LUGH_REASON_BYTES);
	if (!machine->reason)
		return;
	writer out = { machine->reason, LUGH_REASON_BYTES };
	if (machine->status == LUGH_THREW)
		put_exception(&out, the, &mxException);
	else
		put_limit(&out, machine);
}
