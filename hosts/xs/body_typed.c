/*
 * The engine names a kind of typed array by the ID of its constructor, which is the same in all of its versions, while
 * the order of its table is not.
 */
#include "body_typed.h"

#include "cbor.h"

int lugh_typed_tag(const txTypeDispatch *kind)
{
	switch (kind->constructorID) {
	case _Uint8Array: return LUGH_TYPED_BYTES;
	case _Int8Array: return LUGH_CBOR_INT8_ARRAY;
	case _Uint16Array: return LUGH_CBOR_UINT16_ARRAY;
	case _Int16Array: return LUGH_CBOR_INT16_ARRAY;
	case _Uint32Array: return LUGH_CBOR_UINT32_ARRAY;
	case _Int32Array: return LUGH_CBOR_INT32_ARRAY;
	case _Float32Array: return LUGH_CBOR_FLOAT32_ARRAY;
	case _Float64Array: return LUGH_CBOR_FLOAT64_ARRAY;
	default: return LUGH_TYPED_FOREIGN;
	}
}

unsigned lugh_typed_index(int tag)
{
	unsigned index = 0;
	while (index < mxTypeArrayCount - 1 && lugh_typed_tag(&gxTypeDispatches[index]) != tag) index++;
	return index;
}

txSlot *lugh_typed_prototype(txMachine *the, const txTypeDispatch *kind)
{
	txSlot *constructor = the->stackPrototypes[-1 - (txInteger)kind->constructorID].value.reference;
	txSlot *property = constructor->next;
	while (property && (property->ID != mxID(_prototype) || property->flag & XS_INTERNAL_FLAG)) property = property->next;
	return property ? property->value.reference : C_NULL;
}
