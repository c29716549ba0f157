/*
 * Refuses a root that clones could write to although it is frozen.
 *
 * Freezing covers properties, not what an instance keeps inside: the table of a Map, the bytes of a buffer, the state
 * of a promise or a generator. All that would be shared by thousands of machines. So the first internal slot of every
 * instance must be of a kind that holds nothing to write to; the list below is complete, and everything else fails the
 * build with the name of the module and the variable.
 */
#include "layer.h"

enum { PATH_BYTES = 160 };

/* What a kind is called in the message; NULL when it may be shared. */
static const char *refused_kind(const txSlot *internal)
{
	switch (internal->kind) {
	case XS_ARRAY_KIND:
	case XS_BOOLEAN_KIND:
	case XS_CALLBACK_KIND:
	case XS_CODE_X_KIND:
	case XS_ERROR_KIND:
	case XS_GLOBAL_KIND:
	case XS_HOME_KIND:
	case XS_INTEGER_KIND:
	case XS_MODULE_KIND:
	case XS_NUMBER_KIND:
	case XS_PRIVATE_KIND:
	case XS_PROGRAM_KIND:
	case XS_STRING_X_KIND:
	case XS_SYMBOL_KIND:
	case XS_TYPED_ARRAY_KIND: /* the type's functions; a typed array itself has a DataView behind it */
	case XS_UNDEFINED_KIND:
	case XS_NULL_KIND:
	case XS_REFERENCE_KIND:
		return NULL;
	case XS_ARRAY_BUFFER_KIND: return "an ArrayBuffer";
	case XS_BUFFER_INFO_KIND: return "a buffer";
	case XS_DATA_VIEW_KIND: return "a DataView or typed array";
	case XS_DATE_KIND: return "a Date";
	case XS_MAP_KIND: return "a Map";
	case XS_PROMISE_KIND: return "a promise";
	case XS_PROXY_KIND: return "a Proxy";
	case XS_REGEXP_KIND: return "a RegExp";
	case XS_SET_KIND: return "a Set";
	case XS_STACK_KIND: return "a generator";
	case XS_WEAK_MAP_KIND: return "a WeakMap";
	case XS_WEAK_SET_KIND: return "a WeakSet";
	default: return "an object with hidden state";
	}
}

/*
 * The search for a name, only after a refusal: from what a module exports, through properties, items and the variables
 * that functions hold. Bounded, because the graph is full of circles.
 */
enum { DEPTH_LIMIT = 6, STEP_LIMIT = 2000000 };

typedef struct {
	txMachine *the;
	const txSlot *target;
	txID path[DEPTH_LIMIT];
	int depth;
	int steps;
} search;

static int reaches(search *it, const txSlot *instance);

static int value_reaches(search *it, const txSlot *value, txID name)
{
	if (value->kind != XS_REFERENCE_KIND || it->depth == DEPTH_LIMIT || ++it->steps > STEP_LIMIT)
		return 0;
	it->path[it->depth++] = name;
	if (reaches(it, value->value.reference))
		return 1;
	it->depth--;
	return 0;
}

static int variables_reach(search *it, const txSlot *environment)
{
	for (; environment; environment = environment->value.instance.prototype) {
		for (const txSlot *slot = environment->next; slot; slot = slot->next) {
			if (slot->kind == XS_CLOSURE_KIND && slot->value.closure && value_reaches(it, slot->value.closure, slot->ID))
				return 1;
		}
	}
	return 0;
}

static int items_reach(search *it, const txSlot *array)
{
	for (txIndex i = 0; i < array->value.array.length; i++) {
		if (value_reaches(it, array->value.array.address + i, XS_NO_ID))
			return 1;
	}
	return 0;
}

static int reaches(search *it, const txSlot *instance)
{
	if (instance == it->target)
		return 1;
	for (const txSlot *property = instance->next; property; property = property->next) {
		if (property->kind == XS_CODE_X_KIND && variables_reach(it, property->value.code.closures))
			return 1;
		if (property->kind == XS_ARRAY_KIND && items_reach(it, property))
			return 1;
		if (property->ID != mxID(_constructor) && value_reaches(it, property, property->ID))
			return 1;
	}
	return 0;
}

static int module_reaches(search *it, const txSlot *module)
{
	const txSlot *exports = mxModuleInstanceExports(module);
	const txSlot *export = exports->kind == XS_REFERENCE_KIND ? exports->value.reference->next : NULL;
	for (; export; export = export->next) {
		if (export->kind == XS_EXPORT_KIND && export->value.export.closure && value_reaches(it, export->value.export.closure, export->ID))
			return 1;
	}
	return 0;
}

static void put_path(const search *it, txID module, char *where, size_t where_bytes)
{
	char name[PATH_BYTES / 2];
	int length = snprintf(where, where_bytes, "module %s", fxGetKeyName(it->the, module));
	for (int i = 0; i < it->depth && length >= 0 && (size_t)length < where_bytes; i++) {
		fxIDToString(it->the, it->path[i], name, sizeof name);
		length += snprintf(where + length, where_bytes - (size_t)length, i ? " > %s" : ", %s", it->path[i] ? name : "[]");
	}
}

static void name_target(txMachine *the, const txSlot *target, char *where, size_t where_bytes)
{
	const txSlot *modules = mxProgram.value.reference; /* where fxShareMachine leaves them */
	search it = { .the = the, .target = target };
	snprintf(where, where_bytes, "a preloaded module, inside a closure");
	for (const txSlot *slot = modules->next; slot; slot = slot->next) {
		if (slot->kind == XS_REFERENCE_KIND && module_reaches(&it, slot->value.reference)) {
			put_path(&it, slot->ID, where, where_bytes);
			return;
		}
	}
}

static int refuse(txMachine *the, const txSlot *instance, const char *kind, char *error, size_t error_bytes)
{
	char where[PATH_BYTES * 2];
	name_target(the, instance, where, sizeof where);
	snprintf(error, error_bytes,
		"Cannot share %s: found %s at module level; every machine would share it. Export a function that makes it", where, kind);
	return -1;
}

static int scan_instance(txMachine *the, const txSlot *instance, char *error, size_t error_bytes)
{
	for (const txSlot *slot = instance->next; slot && (slot->flag & XS_INTERNAL_FLAG); slot = slot->next) {
		const char *kind = refused_kind(slot);
		if (kind)
			return refuse(the, instance, kind, error, error_bytes);
	}
	return 0;
}

int lugh_root_scan(const lugh_root *root, char *error, size_t error_bytes)
{
	txMachine *the = root->the;
	for (txSlot *heap = the->firstHeap; heap; heap = heap->next) {
		for (txSlot *slot = heap + 1; slot < heap->value.reference; slot++) {
			if (slot->kind == XS_INSTANCE_KIND && scan_instance(the, slot, error, error_bytes))
				return -1;
		}
	}
	return 0;
}
