/*
 * The words for a refusal: "$.samples[3].x: function". Made only when a body was refused.
 */
#include <stdarg.h>

#include "body_write.h"

/* Kinds that a property or item may have besides plain data. */
const char *lugh_body_slot_name(const txSlot *slot)
{
	switch (slot->kind) {
	case XS_UNDEFINED_KIND: return "undefined";
	case XS_SYMBOL_KIND: return "symbol";
	case XS_BIGINT_KIND:
	case XS_BIGINT_X_KIND: return "bigint";
	case XS_ACCESSOR_KIND: return "accessor";
	default: return "value of the engine's own";
	}
}

static const char *name_exotic(const txSlot *first)
{
	switch (first->ID) {
	case XS_ARGUMENTS_SLOPPY_BEHAVIOR:
	case XS_ARGUMENTS_STRICT_BEHAVIOR: return "arguments object";
	case XS_GLOBAL_BEHAVIOR: return "global object";
	case XS_MODULE_BEHAVIOR: return "module";
	case XS_PROXY_BEHAVIOR: return "proxy";
	case XS_STRING_BEHAVIOR: return "boxed primitive";
	case XS_TYPED_ARRAY_BEHAVIOR: return "typed array of a kind that bodies do not have";
	default: return "exotic object";
	}
}

/* By the first internal slot, which makes an instance what it is. */
const char *lugh_body_instance_name(const txSlot *instance)
{
	const txSlot *first = instance->next;
	if (instance->flag & XS_EXOTIC_FLAG) return name_exotic(first);
	if (!first || !(first->flag & XS_INTERNAL_FLAG)) return "class instance";
	switch (first->kind) {
	case XS_CALLBACK_KIND:
	case XS_CALLBACK_X_KIND:
	case XS_CODE_KIND:
	case XS_CODE_X_KIND: return "function";
	case XS_BOOLEAN_KIND:
	case XS_NUMBER_KIND:
	case XS_SYMBOL_KIND:
	case XS_BIGINT_KIND:
	case XS_BIGINT_X_KIND: return "boxed primitive";
	case XS_ARRAY_BUFFER_KIND: return "ArrayBuffer";
	case XS_DATA_VIEW_KIND: return "DataView";
	case XS_DATE_KIND: return "Date";
	case XS_ERROR_KIND: return "Error";
	case XS_HOST_KIND: return "host object";
	case XS_MAP_KIND: return "Map";
	case XS_PROMISE_KIND: return "Promise";
	case XS_PROXY_KIND: return "proxy";
	case XS_REGEXP_KIND: return "RegExp";
	case XS_SET_KIND: return "Set";
	case XS_STACK_KIND: return "generator";
	case XS_WEAK_MAP_KIND: return "WeakMap";
	case XS_WEAK_REF_KIND: return "WeakRef";
	case XS_WEAK_SET_KIND: return "WeakSet";
	default: return "class instance";
	}
}

typedef struct {
	char *at;
	size_t left; /* with the NUL, so never 0 */
} sink;

static void add(sink *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(sink *out, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(out->at, out->left, format, arguments);
	va_end(arguments);
	size_t written = length < 0 ? 0 : (size_t)length < out->left ? (size_t)length : out->left - 1;
	out->at += written;
	out->left -= written;
}

/* The step to the item that the frame was writing, which is the one before its index. */
static void add_step(sink *out, const lugh_body_writer *writer, const lugh_body_frame *frame)
{
	char digits[12];
	if (frame->index == 0) return;
	uint32_t index = frame->index - 1;
	if (!frame->properties) {
		add(out, "[%u]", index);
		return;
	}
	const txSlot *property = frame->properties[frame->shape ? frame->shape->order[index] : index];
	const char *key = lugh_key_text(writer->the, property, digits);
	if (key == digits) add(out, "[\"%s\"]", key);
	else add(out, ".%s", key);
}

void lugh_body_describe(const lugh_body_writer *writer, int code, char *path, size_t path_size)
{
	sink out = { path, path_size };
	if (path_size == 0) return;
	add(&out, "$");
	for (unsigned depth = 0; depth < writer->depth; depth++) add_step(&out, writer, &writer->frames[depth]);
	add(&out, ": %s", writer->reason ? writer->reason : lugh_body_error_text(code));
}
