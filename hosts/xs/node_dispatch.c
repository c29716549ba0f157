/*
 * Running one message in a service's machine, from the body to the reply, and the birth of such a machine.
 *
 * A handler may be asynchronous: then its promise is kept, and each reply that the service is given may finish it. Its
 * status is read from the promise itself, so that no JavaScript of ours runs between the service and its messages.
 */
#include "node_state.h"

#include <stdio.h>
#include <string.h>

/* ---- time ---- */

/* Reads the clock, once for each dispatch, and charges what has passed to the service that ran last. */
void read_clock(lugh_node *node)
{
	int64_t now = node->options.monotonic_micros(node->options.host);
	if (node->charged)
		node->charged->run_micros += now - node->charged_at;
	node->charged = NULL;
	node->now = now;
}

static void charge(lugh_node *node, service *to)
{
	node->charged = to;
	node->charged_at = node->now;
}

/* ---- handlers and their replies ---- */

static txSlot *find_handler(txMachine *the, service *of, int type)
{
	unsigned at = (unsigned)type % HANDLERS_CACHED;
	if (of->handlers[at].function && of->handlers[at].type == type)
		return of->handlers[at].function;
	txID name = fxFindName(the, (txString)type_text(type));
	if (name == XS_NO_ID)
		return NULL;
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxGetID(fxID(the, "receive"));
	txSlot *handler = NULL;
	txSlot *receive = the->stack;
	if (mxIsReference(receive)) {
		mxPushSlot(receive);
		mxGetID(name);
		if (mxIsReference(the->stack) && mxIsCallable(the->stack->value.reference))
			handler = the->stack->value.reference;
		mxPop();
	}
	mxPop();
	/* The definition is frozen and rooted, and slots never move: the function stays where it is. */
	of->handlers[at].type = type;
	of->handlers[at].function = handler;
	return handler;
}

/* The value is what the handler came to. Owes the caller a reply, if there is one. */
static void finish(txMachine *the, service *of, const txSlot *value)
{
	lugh_node *node = of->node;
	of->is_handling = false;
	uint16_t call = of->serving;
	if (!call)
		return;
	size_t length = 0;
	char path[160];
	if (value->kind != XS_UNDEFINED_KIND) {
		int code = lugh_body_encode(the, &of->bodies, value, encode_scratch(), LUGH_BODY_BYTES, &length, path, sizeof(path));
		if (code)
			throw_not_plain(the, code, path);
	}
	message *reply = &node->messages[call];
	int answer = LUGH_ANSWER_NONE;
	pool_drop_body(node, call);
	if (length && !pool_set_body(node, call, of->index, encode_scratch(), length))
		answer = LUGH_ANSWER_FULL;
	make_reply(node, call, answer);
	pool_submit(node, call, KIND_REPLY, reply->target, reply->priority);
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
	static const char *const texts[] = { "", "full", "late", "dead", "not-capable", "too-large", "unavailable" };
	for (int code = 1; code < LUGH_ANSWER_COUNT; code++)
		if ((the->stack->kind == XS_STRING_KIND || the->stack->kind == XS_STRING_X_KIND) && !strcmp(the->stack->value.string, texts[code]))
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
	lugh_node *node = of->node;
	char text[160];
	snprintf(text, sizeof(text), "%s: \"%s\" ended: a call was answered %s", of->name, type_text(of->in_hand_type),
		(const char *[]){ "", "full", "late", "dead", "not-capable", "too-large", "unavailable" }[answer]);
	node->options.log(node->options.host, "warning", text);
	uint16_t call = of->serving;
	if (!call)
		return;
	make_reply(node, call, answer);
	pool_submit(node, call, KIND_REPLY, node->messages[call].target, node->messages[call].priority);
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

static void push_body(txMachine *the, service *of, const message *from)
{
	if (!from->body)
		mxPushUndefined();
	else {
		int code = lugh_body_decode(the, &of->bodies, from->body->bytes, from->body->length);
		if (code)
			mxRangeError("Cannot take message: %s", lugh_body_error_text(code));
	}
}

static void push_context(txMachine *the)
{
	mxPushSlot(lugh_slot(the, SLOT_RUNTIME));
	mxGetID(fxID(the, "context"));
}

typedef struct {
	service *to;
	message *in_hand;
	bool has_no_handler;
} delivery;

static void deliver_message(txMachine *the, void *data)
{
	delivery *of = data;
	txSlot *handler = find_handler(the, of->to, of->in_hand->type);
	if (!handler) {
		of->has_no_handler = true;
		return;
	}
	of->to->is_handling = true;
	mxPushUndefined();
	mxPushReference(handler);
	mxCall();
	if (of->in_hand->kind == KIND_EVERY || of->in_hand->kind == KIND_AFTER)
		push_tick(the, of->in_hand->missed);
	else
		push_body(the, of->to, of->in_hand);
	push_context(the);
	mxRunCount(2);
	if (mxIsReference(the->stack) && mxIsPromise(the->stack->value.reference)) {
		lugh_slot_keep(the, SLOT_HANDLER, the->stack);
		drain_jobs(the);
		look_after_handler(the, of->to);
	} else
		finish(the, of->to, the->stack);
}

/* ---- replies ---- */

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

static void deliver_reply(txMachine *the, void *data)
{
	delivery *of = data;
	uint16_t handle = (uint16_t)(of->in_hand - of->to->node->messages);
	txSlot *promise = take_pending(the, handle);
	if (!promise)
		return;
	mxPushReference(promise); /* roots it */
	if (of->in_hand->answer == LUGH_ANSWER_NONE) {
		push_body(the, of->to, of->in_hand);
		fulfil(the, promise);
	} else {
		char text[96];
		snprintf(text, sizeof(text), "call of \"%.40s\"", type_text(of->in_hand->type));
		reject_with_refusal(the, promise, of->in_hand->answer, text);
	}
	drain_jobs(the);
	look_after_handler(the, of->to);
}

static void deliver_doom(txMachine *the, void *data)
{
	(void)data;
	mxPushUndefined();
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxCall();
	mxRunCount(0);
}

/* ---- dispatch ---- */

const char *const doom_type = "doom";


static int32_t fault(lugh_node *node, service *of, uint32_t mark, int status, const char *reason)
{
	pool_discard(node, mark);
	snprintf(of->reason, sizeof(of->reason), "%s", reason ? reason : lugh_machine_reason(of->machine));
	return status;
}

static int32_t first_submission(lugh_node *node, uint32_t mark)
{
	uint32_t packed = 0;
	if (node->ring_head != mark)
		return 0; /* the kernel has not drained the ring: it must not happen */
	if (node->ring_head != node->ring_tail)
		packed = pool_next(node);
	if (node->ring_head != node->ring_tail)
		packed |= FLAG_MORE;
	if (node->now >= node->due)
		packed |= FLAG_DUE;
	return (int32_t)packed;
}

static int32_t after_run(lugh_node *node, service *of, uint32_t mark, int status)
{
	of->dispatches++;
	node->dispatches++;
	uint32_t steps = lugh_machine_last_steps(of->machine);
	of->steps += steps;
	of->planned_steps += steps;
	if (status)
		return fault(node, of, mark, status, NULL);
	if (of->is_handling && !of->pending_calls)
		return fault(node, of, mark, FAULT_STALLED, "its handler awaits what no message can bring");
	return first_submission(node, mark);
}

static int32_t answer_late(lugh_node *node, uint16_t handle)
{
	message *of = &node->messages[handle];
	if (of->kind != KIND_CALL) {
		pool_release(node, handle);
		return first_submission(node, node->ring_head);
	}
	make_reply(node, handle, LUGH_ANSWER_LATE);
	uint32_t mark = node->ring_head;
	pool_submit(node, handle, KIND_REPLY, of->target, of->priority);
	return first_submission(node, mark);
}

static int32_t dispatch_doom(lugh_node *node, service *to, uint16_t handle)
{
	uint32_t mark = node->ring_tail;
	int status = FAULT_KILLED;
	if (node->messages[handle].kind != KIND_CALL && node->messages[handle].kind != KIND_EVERY)
		pool_release(node, handle);
	to->is_doomed = false;
	if (!to->hostile[0])
		return fault(node, to, mark, status, "killed by command");
	status = lugh_machine_import(to->machine, to->hostile, to->budget_steps);
	if (status == LUGH_OK)
		status = lugh_machine_run(to->machine, deliver_doom, NULL, to->budget_steps);
	if (status == LUGH_OK)
		return fault(node, to, mark, FAULT_KILLED, "the hostile program came back; killed by command");
	return fault(node, to, mark, status, NULL);
}

/* A message without a handler: a call is answered, anything else is dropped; both are said. */
static void answer_without_handler(lugh_node *node, service *to, uint16_t handle)
{
	char text[160];
	snprintf(text, sizeof(text), "%s has no handler for \"%s\"", to->name, type_text(node->messages[handle].type));
	node->options.log(node->options.host, "warning", text);
	if (node->messages[handle].kind != KIND_CALL)
		return;
	make_reply(node, handle, LUGH_ANSWER_NOT_CAPABLE);
	pool_submit(node, handle, KIND_REPLY, node->messages[handle].target, node->messages[handle].priority);
}

int32_t dispatch_message(lugh_node *node, service *to, uint16_t handle)
{
	message *in_hand = &node->messages[handle];
	int kind = in_hand->kind;
	read_clock(node);
	pool_return_credit(node, handle);
	if (in_hand->latest)
		*in_hand->latest = 0;
	in_hand->latest = NULL;
	to->in_hand_type = in_hand->type;
	if (kind != KIND_REPLY && in_hand->deadline_micros && node->now >= in_hand->deadline_micros)
		return answer_late(node, handle);
	if (to->is_doomed)
		return dispatch_doom(node, to, handle);
	if (in_hand->sender == NOBODY && !strcmp(type_text(in_hand->type), doom_type)) {
		pool_release(node, handle); /* whom it was meant for has died of another message */
		return first_submission(node, node->ring_head);
	}
	charge(node, to);
	uint32_t mark = node->ring_tail;
	delivery of = { to, in_hand, false };
	int status;
	if (kind == KIND_REPLY) {
		to->pending_calls--;
		status = lugh_machine_run(to->machine, deliver_reply, &of, to->budget_steps);
	} else {
		to->current_priority = in_hand->priority;
		if (kind == KIND_CALL) {
			to->serving = handle;
			in_hand->served_by = to->index;
		}
		status = lugh_machine_run(to->machine, deliver_message, &of, to->budget_steps);
	}
	if (of.has_no_handler && status == LUGH_OK)
		answer_without_handler(node, to, handle);
	int32_t packed = after_run(node, to, mark, status);
	/* A call stays until its reply was dispatched, a periodic timer until it is cancelled. */
	if (kind != KIND_CALL && kind != KIND_EVERY)
		pool_release(node, handle);
	return packed;
}

/* ---- birth and death ---- */

static void start_service(txMachine *the, void *data)
{
	delivery *of = data;
	service *to = of->to;
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	if (!mxIsReference(the->stack))
		mxTypeError("Cannot start %s: wanted a service as default export of %s", to->name, to->module);
	mxGetID(fxID(the, "version"));
	snprintf(to->version, sizeof(to->version), "%s", fxToString(the, the->stack));
	mxPop();
	mxPush(mxObjectPrototype);
	fxNewInstance(the);
	lugh_slot_keep(the, SLOT_PENDING, the->stack);
	mxPop();
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxGetID(fxID(the, "plan"));
	if (mxIsReference(the->stack)) {
		mxPushUndefined();
		mxPushSlot(lugh_slot(the, SLOT_RUNTIME));
		mxGetID(fxID(the, "createView"));
		mxCall();
		mxPushInteger(to->node->service_count);
		mxRunCount(1);
		lugh_slot_keep(the, SLOT_VIEW, the->stack);
		mxPop();
	}
	mxPop();
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxGetID(fxID(the, "start"));
	if (!mxIsReference(the->stack))
		return;
	mxCall();
	push_context(the);
	if (of->in_hand)
		push_body(the, to, of->in_hand);
	else
		mxPushUndefined();
	mxRunCount(2);
	if (mxIsReference(the->stack) && mxIsPromise(the->stack->value.reference))
		mxTypeError("Cannot start %s: wanted a start() that returns nothing, found a promise", to->name);
}

static void keep_runtime(txMachine *the, void *data)
{
	(void)data;
	lugh_slot_keep(the, SLOT_RUNTIME, lugh_slot(the, LUGH_SLOT_DEFAULT_EXPORT));
}

static const char *const runtime_module = "host/service";

int32_t create_service(lugh_node *node, service *of, uint16_t committed)
{
	of->modules[0] = runtime_module;
	of->modules[1] = of->module;
	of->modules[2] = of->hostile;
	lugh_machine_options options = {
		.name = of->name,
		.memory_bytes = of->memory_bytes,
		.stack_slots = of->stack_slots,
		.context = &of->context,
		.modules = of->modules,
		.module_count = 3,
	};
	int status = LUGH_OK;
	read_clock(node);
	of->machine = lugh_machine_create(node->options.root, &options, &status);
	if (!of->machine)
		return fault(node, of, node->ring_tail, LUGH_OUT_OF_MEMORY, "its memory does not hold an empty machine");
	lugh_body_state_begin(&of->bodies, LUGH_BODY_NAMES);
	memset(of->handlers, 0, sizeof(of->handlers));
	of->serving = of->pending_calls = of->timers = of->types_named = 0;
	of->is_handling = of->is_doomed = false;
	of->current_priority = LUGH_MEDIUM;
	of->reason[0] = 0;
	uint32_t mark = node->ring_tail;
	delivery start = { of, committed ? &node->messages[committed] : NULL, false };
	charge(node, of);
	status = lugh_machine_import(of->machine, runtime_module, of->budget_steps);
	if (status == LUGH_OK)
		status = lugh_machine_run(of->machine, keep_runtime, NULL, of->budget_steps);
	if (status == LUGH_OK)
		status = lugh_machine_import(of->machine, of->module, of->budget_steps);
	if (status == LUGH_OK)
		status = lugh_machine_run(of->machine, start_service, &start, of->budget_steps);
	return after_run(node, of, mark, status);
}

void destroy_service(lugh_node *node, service *of)
{
	if (node->charged == of)
		read_clock(node);
	lugh_machine_destroy(of->machine);
	of->machine = NULL;
	of->serving = 0;
	for (uint16_t index = 0; index < of->channel_count; index++)
		of->channels[index].latest = 0;
}

/* ---- the scheduler's plan ---- */

typedef struct {
	lugh_node *node;
	service *scheduler;
	int count;
	int length;
} planning;

/* The elements of a plain array without holes, or NULL. */
static txSlot *elements(txSlot *array, int count)
{
	txSlot *items = array->next;
	if (items->kind != XS_ARRAY_KIND || (int)items->value.array.length < count || !items->value.array.address)
		return NULL;
	if (((txChunk *)(((txByte *)items->value.array.address) - sizeof(txChunk)))->size < (txSize)(count * sizeof(txSlot)))
		return NULL;
	return items->value.array.address;
}

static txSlot *view_array(txMachine *the, const char *name)
{
	mxPushSlot(lugh_slot(the, SLOT_VIEW));
	mxGetID(fxID(the, (txString)name));
	txSlot *array = mxIsReference(the->stack) ? the->stack->value.reference : NULL;
	mxPop();
	return array;
}

static void put_integers(txSlot *to, const int *values, int count)
{
	for (int index = 0; index < count; index++) {
		to[index].kind = XS_INTEGER_KIND;
		to[index].value.integer = values[index];
	}
}

static int integer_of(const txSlot *slot)
{
	if (slot->kind == XS_INTEGER_KIND)
		return slot->value.integer;
	if (slot->kind == XS_NUMBER_KIND && slot->value.number == (int)slot->value.number)
		return (int)slot->value.number;
	return -1;
}

static void make_plan(txMachine *the, void *data)
{
	planning *of = data;
	lugh_node *node = of->node;
	int count = node->service_count;
	int words = (count + 29) / 30;
	static const char *const names[] = { "ready", "priority", "deadlineMicros", "steps", "order" };
	int sizes[] = { words, count, count, count, count };
	txSlot *arrays[5];
	int values[KERNEL_PORT];
	for (int index = 0; index < 5; index++) {
		arrays[index] = view_array(the, names[index]);
		if (!arrays[index] || !elements(arrays[index], sizes[index]))
			mxTypeError("Cannot plan: the view's arrays were changed");
	}
	txSlot *ready = elements(node->ready, words), *priority = elements(node->priority, count);
	txSlot *heads = elements(node->heads, count * 4);
	for (int index = 0; index < words; index++)
		values[index] = ready[index].value.integer;
	put_integers(elements(arrays[0], words), values, words);
	for (int index = 0; index < count; index++)
		values[index] = priority[index].value.integer;
	put_integers(elements(arrays[1], count), values, count);
	for (int index = 0; index < count; index++) {
		int64_t left = 0x3fffffff;
		int level = priority[index].value.integer;
		uint16_t head = level < 3 ? (uint16_t)heads[index * 4 + level].value.integer : 0;
		if (head && node->messages[head].deadline_micros)
			left = node->messages[head].deadline_micros - node->now;
		values[index] = left < 0 ? 0 : left > 0x3fffffff ? 0x3fffffff : (int)left;
	}
	put_integers(elements(arrays[2], count), values, count);
	for (int index = 0; index < count; index++) {
		uint64_t steps = node->services[index].planned_steps;
		values[index] = steps > 0x3fffffff ? 0x3fffffff : (int)steps;
		node->services[index].planned_steps = 0;
	}
	put_integers(elements(arrays[3], count), values, count);
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxGetID(fxID(the, "plan"));
	mxCall();
	mxPushSlot(lugh_slot(the, SLOT_VIEW));
	mxPushInteger(of->count);
	mxRunCount(2);
	of->length = integer_of(the->stack);
	txSlot *order = elements(arrays[4], count);
	txSlot *answer = elements(node->order, count);
	for (int index = 0; order && index < of->length && index < count; index++) {
		answer[index].kind = XS_INTEGER_KIND;
		answer[index].value.integer = integer_of(&order[index]);
	}
	if (!order || of->length < 0)
		of->length = 0;
}

int32_t plan_order(lugh_node *node, service *scheduler, int count)
{
	planning of = { node, scheduler, count, 0 };
	read_clock(node);
	charge(node, scheduler);
	scheduler->is_planning = true;
	int status = lugh_machine_run(scheduler->machine, make_plan, &of, scheduler->budget_steps);
	scheduler->is_planning = false;
	if (status)
		return fault(node, scheduler, node->ring_tail, status, NULL);
	if (of.length < 1)
		snprintf(scheduler->reason, sizeof(scheduler->reason), "its plan ordered no service");
	return of.length;
}
