/*
 * What runs inside a service's machine when it is given a message: its handler is found and called, and what comes of it
 * becomes the reply.
 *
 * A handler may be asynchronous: then its promise is kept, and each reply that the service is given may finish it. Its
 * status is read from the promise itself, so that no JavaScript of ours runs between the service and its messages.
 */
#include "node_state.h"

#include <stdio.h>
#include <string.h>

/* ---- handlers and their replies ---- */

/* The own property of an instance, or NULL. What a prototype or a proxy has is nobody's handler: message types come
 * from other services, and "hasOwnProperty" is one too. */
static txSlot *own_property(txMachine *the, txSlot *of, txID id)
{
	if (!mxIsReference(of) || (of->value.reference->flag & XS_EXOTIC_FLAG) || id == XS_NO_ID)
		return NULL;
	return mxBehaviorGetProperty(the, of->value.reference, id, 0, XS_OWN);
}

static bool is_frozen(const txSlot *property)
{
	return (property->flag & XS_DONT_SET_FLAG) && (property->flag & XS_DONT_DELETE_FLAG);
}

static txSlot *find_handler(txMachine *the, service *of, int type)
{
	unsigned at = (unsigned)type % HANDLERS_CACHED;
	if (of->handlers[at].function && of->handlers[at].type == type)
		return of->handlers[at].function;
	txSlot *receive = own_property(the, lugh_slot(the, SLOT_DEFINITION), fxID(the, "receive"));
	txSlot *handler = receive ? own_property(the, receive, fxFindName(the, (txString)type_text(type))) : NULL;
	if (!handler || !mxIsReference(handler) || !mxIsCallable(handler->value.reference))
		return NULL;
	/* Frozen properties below a rooted slot: the function lives as long as the machine, and slots never move. */
	if (is_frozen(receive) && is_frozen(handler)) {
		of->handlers[at].type = (uint16_t)type;
		of->handlers[at].function = handler->value.reference;
	}
	if (of->node->options.handled)
		of->node->options.handled(of->node->options.host, of->index, type_text(type));
	return handler->value.reference;
}

/* Owes the caller a reply, if there is one, with a body that is set already or with an answer. */
static void reply(service *of, int answer)
{
	lugh_node *node = of->node;
	uint16_t call = of->serving;
	make_reply(node, call, answer);
	submit(node, call, KIND_REPLY, node->messages[call].target, node->messages[call].priority);
}

/* The value is what the handler came to. */
static void finish(txMachine *the, service *of, const txSlot *value)
{
	of->is_handling = false;
	if (!of->serving)
		return;
	size_t length = 0;
	char path[160];
	if (value->kind != XS_UNDEFINED_KIND) {
		int code = lugh_body_encode(the, &of->bodies, value, encode_scratch(), LUGH_BODY_BYTES, &length, path, sizeof(path));
		if (code)
			throw_not_plain(the, code, path);
	}
	pool_drop_body(of->node, of->serving);
	bool has_room = !length || pool_set_body(of->node, of->serving, of->index, encode_scratch(), length);
	const message *call = &of->node->messages[of->serving];
	bool fits = pool_fits(of->node, call->body, call->sender);
	reply(of, !has_room ? LUGH_ANSWER_FULL : fits ? LUGH_ANSWER_NONE : LUGH_ANSWER_TOO_LARGE);
}

/* A promise that nobody hears is a fault of its service, but not when we have read it ourselves. */
static void mark_heard(txMachine *the, txSlot *promise)
{
	txSlot **address = &mxUnhandledPromises.value.reference->next;
	for (txSlot *slot = *address; slot; slot = *address) {
		if (slot->value.weakRef.target == promise) {
			*address = slot->next->next;
			return;
		}
		address = &slot->next->next;
	}
}

/* Whether what was thrown is the Refusal of one of the service's own calls; answers which. */
static int refusal_of(txMachine *the, const txSlot *thrown)
{
	int answer = LUGH_ANSWER_NONE;
	if (!mxIsReference(thrown))
		return answer;
	mxPushSlot(lugh_slot(the, SLOT_RUNTIME));
	mxGetID(fxID(the, "Refusal"));
	mxGetID(mxID(_prototype));
	bool is_refusal = mxIsReference(the->stack)
		&& thrown->value.reference->value.instance.prototype == the->stack->value.reference;
	mxPop();
	if (!is_refusal)
		return answer;
	mxPushReference(thrown->value.reference);
	mxGetID(fxID(the, "answer"));
	for (int code = 1; code < LUGH_ANSWER_COUNT; code++)
		if (mxIsStringPrimitive(the->stack) && !strcmp(the->stack->value.string, answer_texts[code]))
			answer = code;
	mxPop();
	return answer;
}

/* A refusal that the handler let pass goes on to its own caller; anything else is a fault. */
static void fail(txMachine *the, service *of, txSlot *promise)
{
	mark_heard(the, promise);
	mxPushSlot(mxPromiseResult(promise));
	int answer = refusal_of(the, the->stack);
	if (!answer) {
		mxException.kind = the->stack->kind;
		mxException.value = the->stack->value;
		mxPop();
		fxJump(the);
	}
	mxPop();
	of->is_handling = false;
	char text[160];
	snprintf(text, sizeof(text), "%s: \"%s\" ended: a call was answered %s", of->name, type_text(of->in_hand_type), answer_texts[answer]);
	log_text(of->node, "warning", text);
	if (of->serving)
		reply(of, answer);
}

static void drain_jobs(txMachine *the)
{
	while (mxPendingJobs.value.reference->next)
		fxRunPromiseJobs(the);
}

/* Looks whether the handler in progress has come to an end. */
static void look_after_handler(txMachine *the, service *of)
{
	txSlot *kept = lugh_slot(the, SLOT_HANDLER);
	if (!of->is_handling || !mxIsReference(kept))
		return;
	txSlot *promise = kept->value.reference;
	int status = mxPromiseStatus(promise)->value.integer;
	if (status == mxFulfilledStatus)
		finish(the, of, mxPromiseResult(promise));
	else if (status == mxRejectedStatus)
		fail(the, of, promise);
}

static void push_tick(txMachine *the, uint32_t missed)
{
	mxPush(mxObjectPrototype);
	txSlot *slot = fxLastProperty(the, fxNewObjectInstance(the));
	fxNextIntegerProperty(the, slot, (txInteger)missed, fxID(the, "missed"), XS_NO_FLAG);
}

int push_body(txMachine *the, service *of, const message *from)
{
	if (from->body)
		return lugh_body_decode(the, &of->bodies, from->body->bytes, from->body->length);
	mxPushUndefined();
	return LUGH_BODY_OK;
}

void push_context(txMachine *the)
{
	mxPushSlot(lugh_slot(the, SLOT_CONTEXT));
}

/* Pushes what the handler is called with. False: the body does not fit the receiver, which is not the receiver's fault. */
static bool push_argument(txMachine *the, delivery *of)
{
	if (of->in_hand->kind == KIND_EVERY || of->in_hand->kind == KIND_AFTER) {
		push_tick(the, of->in_hand->missed);
		return true;
	}
	int code = push_body(the, of->to, of->in_hand);
	if (!code)
		return true;
	of->answer = LUGH_ANSWER_TOO_LARGE;
	of->why = lugh_body_error_text(code);
	return false;
}

void deliver_message(txMachine *the, void *data)
{
	delivery *of = data;
	txSlot *handler = find_handler(the, of->to, of->in_hand->type);
	if (!handler) {
		of->answer = LUGH_ANSWER_NOT_CAPABLE;
		of->why = "it has no such handler";
		return;
	}
	mxPushUndefined();
	mxPushReference(handler);
	mxCall();
	if (!push_argument(the, of))
		return;
	of->to->is_handling = true;
	push_context(the);
	mxRunCount(2);
	if (mxIsReference(the->stack) && mxIsPromise(the->stack->value.reference)) {
		lugh_slot_keep(the, SLOT_HANDLER, the->stack);
		drain_jobs(the);
		look_after_handler(the, of->to);
	} else
		finish(the, of->to, the->stack);
}

void deliver_reply(txMachine *the, void *data)
{
	delivery *of = data;
	if (of->handle == of->to->restoring)
		start_restored(the, of->to, of->in_hand);
	else if (!settle_call(the, of->to, of->handle))
		return;
	drain_jobs(the);
	look_after_handler(the, of->to);
}
