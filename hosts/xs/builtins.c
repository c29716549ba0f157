/*
 * Amends the built-ins before any module runs: what services must not have goes, and two functions learn that the root
 * is shared.
 *
 * Gone are ambient time and chance (Date, Math.random), what depends on the moment of collection (WeakRef,
 * FinalizationRegistry), shared memory, compartments and eval. They go by value and are not deleted: the engine caches
 * where built-ins are, and a look-up of a deleted one would write into that cache. Function stays, for instanceof;
 * calling it meets fxParseScript, which refuses.
 */
#include "layer.h"

static const txID withdrawn[] = {
	_Date, _eval, _SharedArrayBuffer, _Atomics, _Compartment, _ModuleSource, _WeakRef, _FinalizationRegistry, _trace,
};

static txSlot *own_property(txSlot *instance, txID id)
{
	txSlot *property = instance->next;
	while (property && (property->ID != id || (property->flag & XS_INTERNAL_FLAG)))
		property = property->next;
	return property;
}

static void withdraw(txSlot *instance, txID id)
{
	txSlot *property = own_property(instance, id);
	if (property)
		property->kind = XS_UNDEFINED_KIND;
}

/* Everything shared is frozen already; the engine would set its flags once more, and that is a write into the root. */
static int is_shared(const txMachine *the)
{
	const txSlot *argument = mxArgv(0);
	return mxArgc > 0 && argument->kind == XS_REFERENCE_KIND && (argument->value.reference->flag & XS_MARK_FLAG);
}

static void object_freeze(txMachine *the)
{
	if (is_shared(the))
		*mxResult = *mxArgv(0);
	else
		fx_Object_freeze(the);
}

static void object_seal(txMachine *the)
{
	if (is_shared(the))
		*mxResult = *mxArgv(0);
	else
		fx_Object_seal(the);
}

static void replace(txSlot *instance, txID id, txCallback callback)
{
	txSlot *function = own_property(instance, id)->value.reference;
	mxFunctionInstanceCode(function)->value.callback.address = callback;
}

void lugh_root_amend(txMachine *the)
{
	for (size_t i = 0; i < sizeof withdrawn / sizeof withdrawn[0]; i++)
		withdraw(mxGlobal.value.reference, withdrawn[i]);
	withdraw(mxMathObject.value.reference, mxID(_random));
	replace(mxObjectConstructor.value.reference, mxID(_freeze), object_freeze);
	replace(mxObjectConstructor.value.reference, mxID(_seal), object_seal);
}
