/*
 * Makes a root that thousands of machines can share: everything is frozen, and what a clone's collector would move is
 * pinned.
 *
 * Frozen here is stricter than Object.freeze: internal slots are closed too, so that no instance of the root can ever
 * be copied into a clone or written to. Module-level `let` is not frozen; the engine copies it for each machine on the
 * first write, through the alias table that lugh_root_settle numbers.
 */
#include "layer.h"

static int is_environment(const txSlot *instance)
{
	const txSlot *first = instance->next;
	return (instance->flag & XS_EXOTIC_FLAG) && first && (first->flag & XS_INTERNAL_FLAG) &&
		first->ID == XS_ENVIRONMENT_BEHAVIOR;
}

static void freeze_property(txSlot *property)
{
	property->flag |= XS_DONT_DELETE_FLAG;
	if (property->kind != XS_ACCESSOR_KIND)
		property->flag |= XS_DONT_SET_FLAG;
}

static void freeze_items(txMachine *the, txSlot *array)
{
	txSlot *item = array->value.array.address;
	for (txIndex left = fxGetIndexSize(the, array); left > 0; left--)
		freeze_property(item++);
}

static void freeze_instance(txMachine *the, txSlot *instance)
{
	instance->flag |= XS_DONT_PATCH_FLAG;
	for (txSlot *property = instance->next; property; property = property->next) {
		freeze_property(property);
		if (property->kind == XS_ARRAY_KIND)
			freeze_items(the, property);
		if (property->kind == XS_PRIVATE_KIND) {
			for (txSlot *field = property->value.private.first; field; field = field->next)
				freeze_property(field);
		}
	}
}

typedef void (*visitor)(txMachine *the, txSlot *slot);

static void visit_heap(txMachine *the, visitor visit)
{
	for (txSlot *heap = the->firstHeap; heap; heap = heap->next) {
		for (txSlot *slot = heap + 1; slot < heap->value.reference; slot++)
			visit(the, slot);
	}
}

/*
 * A function or class declaration makes a variable, and each variable that could change costs every machine an alias.
 * Nobody assigns to a declared function (TypeScript refuses it), so those are made constants: nine in ten. Arrows and
 * async functions do not count, because `let handler = () => {}` is meant to change.
 */
static int is_declared_function(const txSlot *variable)
{
	const txSlot *value = variable->value.closure;
	if (!value || value->kind != XS_REFERENCE_KIND || !mxIsFunction(value->value.reference))
		return 0;
	const txSlot *function = value->value.reference;
	return (function->flag & XS_CAN_CONSTRUCT_FLAG) && mxFunctionInstanceCode(function)->ID == variable->ID;
}

static void freeze_slot(txMachine *the, txSlot *slot)
{
	if (slot->kind == XS_INSTANCE_KIND && !is_environment(slot))
		freeze_instance(the, slot);
	else if (slot->kind == XS_CLOSURE_KIND && is_declared_function(slot))
		slot->value.closure->flag |= XS_DONT_SET_FLAG;
}

void lugh_root_harden(txMachine *the)
{
	/* The engine caches where globals are; a look-up in a clone must find the cache filled. */
	for (txID id = XS_SYMBOL_ID_COUNT; id < XS_INTRINSICS_COUNT; id++)
		mxBehaviorGetProperty(the, mxGlobal.value.reference, id, 0, XS_ANY);
	visit_heap(the, freeze_slot);
}

/* The kinds whose data a collector would move have twins that it leaves alone. */
static void pin(txSlot *slot)
{
	switch (slot->kind) {
	case XS_STRING_KIND: slot->kind = XS_STRING_X_KIND; break;
	case XS_CODE_KIND: slot->kind = XS_CODE_X_KIND; break;
	case XS_KEY_KIND: slot->kind = XS_KEY_X_KIND; break;
	case XS_BIGINT_KIND: slot->kind = XS_BIGINT_X_KIND; break;
	default: break;
	}
}

static void pin_slot(txMachine *the, txSlot *slot)
{
	pin(slot);
	if (slot->kind == XS_ARRAY_KIND) {
		txSlot *item = slot->value.array.address;
		for (txIndex left = fxGetIndexSize(the, slot); left > 0; left--)
			pin(item++);
	}
}

/* Instances need no alias when all are frozen, nor do environments: their variables are what a clone may write. */
static void forget_alias(txMachine *the, txSlot *slot)
{
	(void)the;
	if (slot->kind == XS_INSTANCE_KIND)
		slot->ID = XS_NO_ID;
	else if (slot->kind == XS_CLOSURE_KIND && slot->value.closure && !(slot->value.closure->flag & XS_DONT_SET_FLAG))
		slot->value.closure->ID = XS_NO_ID;
}

static void number_alias(txMachine *the, txSlot *slot)
{
	if (slot->kind != XS_CLOSURE_KIND || !slot->value.closure)
		return;
	txSlot *variable = slot->value.closure;
	if (!(variable->flag & XS_DONT_SET_FLAG) && variable->ID == XS_NO_ID)
		variable->ID = the->aliasCount++;
}

void lugh_root_settle(txMachine *the)
{
	visit_heap(the, pin_slot);
	for (txSlot *slot = the->stackBottom; slot < the->stackTop; slot++)
		pin(slot);
	visit_heap(the, forget_alias);
	the->aliasCount = 1; /* number 0 means no alias */
	visit_heap(the, number_alias);
}
