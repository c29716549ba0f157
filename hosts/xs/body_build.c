/*
 * What the decoder makes of slots and chunks, but for the walk that fills containers.
 */
#include "body_read.h"

#include "body_text.h"
#include "body_typed.h"

txSlot *lugh_body_new_internal(txMachine *the, txSlot *former, txKind kind)
{
	txSlot *slot = fxNewSlot(the);
	slot->flag = XS_INTERNAL_FLAG;
	slot->kind = kind;
	slot->value.reference = C_NULL;
	slot->next = former->next;
	former->next = slot;
	return slot;
}

/* Hangs nowhere yet: the caller makes something refer to it before the next allocation. */
static txSlot *new_instance(txMachine *the, txSlot *prototype)
{
	txSlot *instance = fxNewSlot(the);
	instance->kind = XS_INSTANCE_KIND;
	instance->value.instance.garbage = C_NULL;
	instance->value.instance.prototype = prototype;
	return instance;
}

txSlot *lugh_body_new_instance(const lugh_body_reader *reader, txSlot *prototype)
{
	txSlot *instance = new_instance(reader->the, prototype), *slot = lugh_body_place(reader);
	slot->value.reference = instance;
	slot->kind = XS_REFERENCE_KIND;
	return instance;
}

int lugh_body_build_text(const lugh_body_reader *reader, const lugh_cbor_item *item)
{
	bool is_plain = lugh_is_plain_ascii(item->bytes, item->length);
	ptrdiff_t size = is_plain ? (ptrdiff_t)item->length : lugh_text_inner_size(item->bytes, item->length);
	if (size < 0) return LUGH_BODY_BAD_TEXT;
	char *text = fxNewChunk(reader->the, (txSize)size + 1);
	if (is_plain) {
		memcpy(text, item->bytes, item->length);
		text[size] = 0;
	} else lugh_text_inner(text, item->bytes, item->length);
	txSlot *slot = lugh_body_place(reader);
	slot->value.string = text;
	slot->kind = XS_STRING_KIND;
	return 0;
}

void lugh_body_build_typed_array(const lugh_body_reader *reader, const lugh_cbor_item *item, int tag)
{
	txMachine *the = reader->the;
	unsigned index = lugh_typed_index(tag);
	const txTypeDispatch *kind = &gxTypeDispatches[index];
	txSlot *instance = lugh_body_new_instance(reader, lugh_typed_prototype(the, kind));
	txSlot *dispatch = lugh_body_new_internal(the, instance, XS_TYPED_ARRAY_KIND);
	dispatch->ID = XS_TYPED_ARRAY_BEHAVIOR;
	dispatch->value.typedArray.dispatch = (txTypeDispatch *)kind;
	dispatch->value.typedArray.atomics = (txTypeAtomics *)&gxTypeAtomics[index];
	instance->flag |= XS_EXOTIC_FLAG;
	txSlot *view = lugh_body_new_internal(the, dispatch, XS_DATA_VIEW_KIND);
	view->value.dataView.offset = 0;
	view->value.dataView.size = (txInteger)item->length;
	txSlot *buffer = lugh_body_new_internal(the, view, XS_NULL_KIND);
	txSlot *storage = new_instance(the, mxArrayBufferPrototype.value.reference);
	buffer->value.reference = storage;
	buffer->kind = XS_REFERENCE_KIND;
	storage = lugh_body_new_internal(the, storage, XS_ARRAY_BUFFER_KIND);
	storage->value.arrayBuffer.address = C_NULL;
	storage->value.arrayBuffer.detachKey = C_NULL;
	txSlot *info = lugh_body_new_internal(the, storage, XS_BUFFER_INFO_KIND);
	info->value.bufferInfo.length = (txInteger)item->length;
	info->value.bufferInfo.maxLength = -1;
	void *bytes = fxNewChunk(the, (txSize)item->length);
	if (item->length) memcpy(bytes, item->bytes, item->length);
	storage->value.arrayBuffer.address = bytes;
}
