/*
 * `call` and its promise. The promise is made and settled by us, so that nobody else can settle it, and no JavaScript of
 * ours runs between a reply and who awaits it. Which call it waits for stands in a list in SLOT_PENDING, two slots each.
 */
#include "node_state.h"

#include <stdio.h>

/* ---- promises that wait ---- */

static txSlot *push_promise(txMachine *the)
{
	mxPush(mxPromisePrototype);
	txSlot *promise = fxNewPromiseInstance(the);
	mxPromiseStatus(promise)->value.integer = mxPendingStatus;
	return promise;
}

static void keep_pending(txMachine *the, uint16_t handle, txSlot *promise)
{
	txSlot *at = lugh_slot(the, SLOT_PENDING)->value.reference;
	while (at->next)
		at = at->next;
	txSlot *key = fxNewSlot(the);
	key->flag = XS_INTERNAL_FLAG;
	key->kind = XS_INTEGER_KIND;
	key->value.integer = handle;
	at->next = key;
	txSlot *value = fxNewSlot(the);
	value->flag = XS_INTERNAL_FLAG;
	value->kind = XS_REFERENCE_KIND;
	value->value.reference = promise;
	key->next = value;
}

static txSlot *take_pending(txMachine *the, uint16_t handle)
{
	txSlot *before = lugh_slot(the, SLOT_PENDING)->value.reference;
	for (txSlot *key = before->next; key; key = key->next->next) {
		if (key->value.integer == handle) {
			txSlot *promise = key->next->value.reference;
			before->next = key->next->next;
			return promise;
		}
		before = key->next;
	}
	return NULL;
}

/* ---- settling ---- */

/* Fulfils a promise that nobody else can settle with the value on the stack, and queues who waits for it. */
static void fulfil(txMachine *the, txSlot *promise)
{
	txSlot *result = mxPromiseResult(promise);
	result->kind = the->stack->kind;
	result->value = the->stack->value;
	mxPromiseStatus(promise)->value.integer = mxFulfilledStatus;
	txSlot *thens = mxPromiseThens(promise)->value.reference;
	for (txSlot *then = thens->next; then; then = then->next) {
		mxPushReference(then->value.reference);
		mxPush(mxOnResolvedPromiseFunction);
		mxCall();
		mxPushSlot(result);
		fxQueueJob(the, 1, promise);
	}
	thens->next = NULL;
}

/* Pushes what `call` rejects with: the runtime's Refusal, made in JavaScript so that it is a proper Error. */
static void push_refusal(txMachine *the, int code, const char *text)
{
	mxPushUndefined();
	mxPushSlot(lugh_slot(the, SLOT_RUNTIME));
	mxGetID(fxID(the, "refusal"));
	mxCall();
	mxPushStringX((txString)answer_texts[code]);
	mxPushStringC((txString)text);
	mxRunCount(2);
}

static void reject(txMachine *the, txSlot *promise, int code, const char *text)
{
	fxPushPromiseFunctions(the, promise); /* reject on top of resolve */
	txSlot *function = the->stack->value.reference;
	mxPushUndefined();
	mxPushReference(function);
	mxCall();
	push_refusal(the, code, text);
	mxRunCount(1);
}

bool settle_call(txMachine *the, service *of, uint16_t handle)
{
	const message *reply = &of->node->messages[handle];
	txSlot *promise = take_pending(the, handle);
	if (!promise)
		return false;
	mxPushReference(promise); /* roots it */
	int answer = reply->answer;
	if (answer == LUGH_ANSWER_NONE && push_body(the, of, reply))
		answer = LUGH_ANSWER_TOO_LARGE;
	if (answer == LUGH_ANSWER_NONE)
		fulfil(the, promise);
	else {
		char text[TYPE_BYTES + 16];
		snprintf(text, sizeof(text), "call of \"%s\"", type_text(reply->type));
		reject(the, promise, answer, text);
	}
	return true;
}

/* ---- what a service calls ---- */

static int submit_call(txMachine *the, service *of, const char *name, int type, send_options *options, uint16_t *handle)
{
	channel *to = grant_of(of, name, VERB_CALL, options);
	if (!to)
		return LUGH_ANSWER_NOT_CAPABLE;
	/* Replies need no credit, so that they always find room; this is what bounds them. */
	if (of->pending_calls >= of->mailbox)
		return LUGH_ANSWER_FULL;
	return submit_message(of, KIND_CALL, to, type, options, encode_argument(the, of, 2), handle);
}

void answer_promise(txMachine *the, service *of, uint16_t handle, int code, const char *what)
{
	txSlot *promise = push_promise(the);
	mxResult->kind = XS_REFERENCE_KIND;
	mxResult->value.reference = promise;
	if (code != LUGH_ANSWER_NONE) {
		reject(the, promise, code, what);
		return;
	}
	keep_pending(the, handle, promise);
	of->pending_calls++;
}

void native_call(txMachine *the)
{
	service *of = service_of(the);
	send_options options = options_argument(the, of, 3, true);
	int type = type_argument(the, of, 1);
	uint16_t handle = 0;
	int code = submit_call(the, of, text_argument(the, 0, "the channel"), type, &options, &handle);
	if (code == LUGH_ANSWER_FULL)
		of->refused++;
	char name[48], text[TYPE_BYTES + sizeof(name) + 24] = "";
	if (code != LUGH_ANSWER_NONE) {
		clean_text(name, sizeof(name), text_argument(the, 0, "the channel"));
		snprintf(text, sizeof(text), "call of \"%s\" to \"%s\"", type_text(type), name);
	}
	answer_promise(the, of, handle, code, text);
}
