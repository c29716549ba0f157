/*
 * What a service may call: the functions of its context (services/api/service.ts), as natives.
 *
 * They run inside the service's dispatch and touch nothing of the kernel: they check the service's own grants, take a
 * credit of the receiver, copy the body out and put a handle on the submission ring. What a faulting dispatch had
 * submitted is taken back whole.
 */
#include "node_state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static uint8_t scratch[LUGH_BODY_BYTES + READ_AHEAD];

static const char *const priority_texts[] = { "HIGH", "MEDIUM", "LOW" };

uint8_t *encode_scratch(void)
{
	return scratch;
}

service *service_of(txMachine *the)
{
	native_context *context = lugh_machine_context(the);
	if (!context || !context->is_service)
		mxTypeError("Cannot call: only a service has a context");
	service *of = (service *)context;
	if (of->is_planning)
		mxTypeError("Cannot call: a scheduler may not while it plans");
	return of;
}

/* ---- arguments ---- */

char *text_argument(txMachine *the, int index, const char *what)
{
	if (mxArgc <= index || (mxArgv(index)->kind != XS_STRING_KIND && mxArgv(index)->kind != XS_STRING_X_KIND))
		mxTypeError("wanted a string for %s", what);
	return mxArgv(index)->value.string;
}

static double number_argument(txMachine *the, int index, const char *what)
{
	double value = NAN;
	if (mxArgc > index && mxArgv(index)->kind == XS_INTEGER_KIND)
		value = mxArgv(index)->value.integer;
	else if (mxArgc > index && mxArgv(index)->kind == XS_NUMBER_KIND)
		value = mxArgv(index)->value.number;
	if (!isfinite(value))
		mxTypeError("wanted a finite number for %s", what);
	return value;
}

/* A name is kept for ever, for all nodes of the process: a service may bring in a handful. */
int type_argument(txMachine *the, service *of, int index)
{
	int type = type_of(text_argument(the, index, "the type"), &of->types_named);
	if (type < 0)
		mxRangeError("wanted a type of well-formed text below %d bytes, and at most %d new ones", TYPE_BYTES, TYPES_EACH);
	return type;
}

send_options options_argument(txMachine *the, service *of, int index, bool is_call)
{
	send_options options = { -1, is_call ? of->node->now + CALL_DEADLINE_MILLIS * 1000LL : 0 };
	if (mxArgc <= index || mxArgv(index)->kind == XS_UNDEFINED_KIND)
		return options;
	if (!mxIsReference(mxArgv(index)))
		mxTypeError("wanted an object of options");
	mxPushSlot(mxArgv(index));
	mxGetID(fxID(the, "priority"));
	if (the->stack->kind == XS_STRING_KIND || the->stack->kind == XS_STRING_X_KIND) {
		for (int level = 0; level < 3; level++)
			if (!strcmp(the->stack->value.string, priority_texts[level]))
				options.priority = level;
	}
	if (options.priority == -1 && the->stack->kind != XS_UNDEFINED_KIND)
		mxTypeError("wanted HIGH, MEDIUM or LOW for priority");
	mxPop();
	mxPushSlot(mxArgv(index));
	mxGetID(fxID(the, "deadlineMillis"));
	if (the->stack->kind != XS_UNDEFINED_KIND) {
		double millis = fxToNumber(the, the->stack);
		if (!(millis > 0 && millis <= CALL_DEADLINE_MAXIMUM_MILLIS))
			mxRangeError("wanted deadlineMillis above 0, at most %d", CALL_DEADLINE_MAXIMUM_MILLIS);
		options.deadline_micros = of->node->now + (int64_t)(millis * 1000);
	}
	mxPop();
	return options;
}

void throw_not_plain(txMachine *the, int code, const char *path)
{
	mxTypeError("Cannot send: wanted plain data, found %s (%s)", path, lugh_body_error_text(code));
}

int encode_argument(txMachine *the, service *of, int index)
{
	if (mxArgc <= index || mxArgv(index)->kind == XS_UNDEFINED_KIND)
		return 0;
	size_t length = 0;
	char path[160];
	int code = lugh_body_encode(the, &of->bodies, mxArgv(index), scratch, LUGH_BODY_BYTES, &length, path, sizeof(path));
	if (code == LUGH_BODY_TOO_LARGE)
		return -1;
	if (code)
		throw_not_plain(the, code, path);
	/* Copying out and in is C, which nobody else meters: the sender pays for both. */
	the->meterIndex += of->bodies.encoded_cost;
	return (int)length;
}

static void answer(txMachine *the, int code)
{
	mxResult->kind = XS_STRING_X_KIND;
	mxResult->value.string = (txString)answer_texts[code];
}

/* ---- channels ---- */

static void count_deadline(lugh_node *node, int64_t deadline)
{
	if (deadline && deadline < node->next_deadline)
		node->next_deadline = deadline;
}

/* An unread message of a `latest` channel takes the new body. Answers as submit_message. */
static int replace_latest(service *of, channel *to, int type, const send_options *options, int length)
{
	lugh_node *node = of->node;
	message *unread = &node->messages[to->latest];
	if (length < 0)
		return LUGH_ANSWER_TOO_LARGE;
	block *body = length ? pool_take_block(node, of->index, unread->priority, scratch, length) : NULL;
	if (length && !body)
		return LUGH_ANSWER_FULL;
	int answer = !pool_fits(node, body, to->target) ? LUGH_ANSWER_TOO_LARGE
		: submit_replaced(node, to->latest) ? LUGH_ANSWER_NONE : LUGH_ANSWER_FULL;
	if (answer != LUGH_ANSWER_NONE) {
		if (body)
			pool_drop_block(node, body);
		return answer;
	}
	pool_drop_body(node, to->latest);
	unread->body = body;
	unread->type = (uint16_t)type;
	unread->deadline_micros = options->deadline_micros;
	of->replaced++;
	return LUGH_ANSWER_NONE;
}

/* Puts one message with the scratch's body on the ring. Answers LUGH_ANSWER_NONE with *handle, or why not. */
int submit_message(service *of, int kind, channel *to, int type, const send_options *options, int length, uint16_t *handle)
{
	lugh_node *node = of->node;
	if (length < 0)
		return LUGH_ANSWER_TOO_LARGE;
	*handle = pool_take(node, kind, options->priority);
	if (!*handle)
		return LUGH_ANSWER_FULL;
	message *made = &node->messages[*handle];
	made->sender = of->index;
	made->type = (uint16_t)type;
	made->deadline_micros = options->deadline_micros;
	if (!pool_take_credit(node, *handle, to->target) || (length && !pool_set_body(node, *handle, of->index, scratch, length))) {
		pool_release(node, *handle);
		return LUGH_ANSWER_FULL;
	}
	if (!pool_fits(node, made->body, to->target)) {
		pool_release(node, *handle);
		return LUGH_ANSWER_TOO_LARGE;
	}
	if (kind == KIND_CALL)
		count_deadline(node, options->deadline_micros);
	if (to->is_latest && kind == KIND_SEND) {
		to->latest = *handle;
		made->latest = &to->latest;
	}
	submit(node, *handle, kind, to->target, options->priority);
	return LUGH_ANSWER_NONE;
}

static void native_send(txMachine *the)
{
	service *of = service_of(the);
	send_options options = options_argument(the, of, 3, false);
	int type = type_argument(the, of, 1);
	channel *to = grant_of(of, text_argument(the, 0, "the channel"), VERB_SEND, &options);
	if (!to) {
		answer(the, LUGH_ANSWER_NOT_CAPABLE);
		return;
	}
	int length = encode_argument(the, of, 2);
	uint16_t handle;
	int code = to->is_latest && to->latest
		? replace_latest(of, to, type, &options, length)
		: submit_message(of, KIND_SEND, to, type, &options, length, &handle);
	if (code == LUGH_ANSWER_FULL)
		of->refused++;
	answer(the, code);
}

/* ---- publish and subscribe ---- */

static int publish_scratch(service *of, int topic, const send_options *options, int length)
{
	if (length < 0)
		return LUGH_ANSWER_TOO_LARGE;
	uint16_t handle = pool_take(of->node, KIND_PUBLISH, options->priority);
	if (!handle)
		return LUGH_ANSWER_FULL;
	of->node->messages[handle].sender = of->index;
	of->node->messages[handle].target = (uint16_t)topic;
	of->node->messages[handle].deadline_micros = options->deadline_micros;
	if (length && !pool_set_body(of->node, handle, of->index, scratch, length)) {
		pool_release(of->node, handle);
		return LUGH_ANSWER_FULL;
	}
	submit(of->node, handle, KIND_PUBLISH, (uint16_t)topic, options->priority);
	return LUGH_ANSWER_NONE;
}

static void native_publish(txMachine *the)
{
	service *of = service_of(the);
	send_options options = options_argument(the, of, 2, false);
	const topic_grant *to = grant_of_topic(of, text_argument(the, 0, "the topic"), VERB_PUBLISH, &options);
	if (!to) {
		answer(the, LUGH_ANSWER_NOT_CAPABLE);
		return;
	}
	int code = publish_scratch(of, to->topic, &options, encode_argument(the, of, 1));
	if (code == LUGH_ANSWER_FULL)
		of->refused++;
	answer(the, code);
}

static void native_subscribe(txMachine *the)
{
	service *of = service_of(the);
	int type = type_argument(the, of, 1);
	const topic_grant *to = grant_of_topic(of, text_argument(the, 0, "the topic"), VERB_SUBSCRIBE, NULL);
	if (!to) {
		answer(the, LUGH_ANSWER_NOT_CAPABLE);
		return;
	}
	uint16_t handle = pool_take(of->node, KIND_SUBSCRIBE, LUGH_LOW);
	if (handle) {
		of->node->messages[handle].sender = of->index;
		of->node->messages[handle].type = (uint16_t)type;
		submit(of->node, handle, KIND_SUBSCRIBE, to->topic, LUGH_LOW);
	}
	answer(the, handle ? LUGH_ANSWER_NONE : LUGH_ANSWER_FULL);
}

/* ---- timers: what stands for one outside is its handle and which use of the handle it is, in 30 bits ---- */

enum { TIMER_GENERATIONS = 1 << 18, TIMER_TOKENS = (1 << 30) - 1 };

/* A start, and what is done for HIGH, may take of what is kept for HIGH, but not the last of it: faults must be told. */
static uint16_t take_timer(service *of, int kind)
{
	bool is_urgent = !of->is_handling || of->current_priority == LUGH_HIGH;
	bool is_room = of->node->free_count > HANDLES_FOR_HIGH / 2;
	return pool_take(of->node, kind, is_urgent && is_room ? LUGH_HIGH : LUGH_MEDIUM);
}

static void start_timer(txMachine *the, int kind)
{
	service *of = service_of(the);
	double millis = number_argument(the, 0, kind == KIND_EVERY ? "intervalMillis" : "delayMillis");
	int type = type_argument(the, of, 1);
	if (millis < (kind == KIND_EVERY ? 1 : 0) || millis > 1e12)
		mxRangeError("wanted a duration of at least %d ms", kind == KIND_EVERY);
	if (of->timers == TIMERS_EACH)
		mxRangeError("Cannot start timer: wanted at most %d at a time", TIMERS_EACH);
	uint16_t handle = take_timer(of, kind);
	if (!handle)
		mxRangeError("Cannot start timer: the node's pool of messages is full");
	message *timer = &of->node->messages[handle];
	timer->priority = LUGH_MEDIUM;
	timer->sender = of->index;
	timer->target = of->index;
	timer->type = (uint16_t)type;
	timer->interval_micros = (int64_t)(millis * 1000);
	of->timers++;
	if (of->node->now + timer->interval_micros < of->node->due)
		of->node->due = of->node->now + timer->interval_micros;
	submit(of->node, handle, kind, of->index, LUGH_MEDIUM);
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = (txInteger)(timer->generation % TIMER_GENERATIONS << 12 | handle);
}

static void native_every(txMachine *the)
{
	start_timer(the, KIND_EVERY);
}

static void native_after(txMachine *the)
{
	start_timer(the, KIND_AFTER);
}

static void native_cancel(txMachine *the)
{
	service *of = service_of(the);
	double number = number_argument(the, 0, "the timer");
	uint32_t token = number >= 1 && number <= TIMER_TOKENS ? (uint32_t)number : 0;
	uint16_t handle = token & 0xfff;
	if (!handle || handle > of->node->options.messages)
		return;
	message *timer = &of->node->messages[handle];
	bool is_timer = timer->kind == KIND_EVERY || timer->kind == KIND_AFTER;
	if (!is_timer || timer->sender != of->index || timer->is_cancelled || timer->generation % TIMER_GENERATIONS != token >> 12)
		return; /* it has fired, or was cancelled before */
	timer->is_cancelled = true;
	submit(of->node, handle, KIND_CANCEL, of->index, LUGH_MEDIUM);
}

/* ---- state, log, clocks ---- */

int submit_commit(service *of, const uint8_t *state, size_t length, int32_t schema)
{
	lugh_node *node = of->node;
	uint16_t handle = pool_take(node, KIND_COMMIT, LUGH_HIGH);
	if (!handle)
		return LUGH_ANSWER_FULL;
	node->messages[handle].schema = schema;
	node->messages[handle].sender = of->index;
	bool has_room = pool_set_body(node, handle, of->index, state, length);
	if (has_room && pool_fits(node, node->messages[handle].body, of->index)) {
		submit(node, handle, KIND_COMMIT, of->index, LUGH_HIGH);
		return LUGH_ANSWER_NONE;
	}
	pool_release(node, handle);
	return has_room ? LUGH_ANSWER_TOO_LARGE : LUGH_ANSWER_FULL;
}

static void native_commit(txMachine *the)
{
	service *of = service_of(the);
	int length = encode_argument(the, of, 0);
	if (length == 0)
		mxTypeError("Cannot commit: wanted a state, found undefined");
	answer(the, length < 0 ? LUGH_ANSWER_TOO_LARGE : submit_commit(of, scratch, (size_t)length, of->schema));
}

static void native_log(txMachine *the)
{
	service *of = service_of(the);
	lugh_node *node = of->node;
	const char *level = text_argument(the, 0, "the level");
	if (strcmp(level, "error") && strcmp(level, "warning") && strcmp(level, "info"))
		mxTypeError("wanted error, warning or info for the level");
	char text[LOG_BYTES];
	clean_text(text, sizeof(text), text_argument(the, 1, "the text"));
	int64_t quality;
	lugh_cbor_writer writer;
	lugh_cbor_writer_begin(&writer, scratch, LUGH_BODY_BYTES);
	lugh_cbor_put_map(&writer, 4);
	lugh_cbor_put_text(&writer, "text");
	lugh_cbor_put_text(&writer, text);
	lugh_cbor_put_text(&writer, "level");
	lugh_cbor_put_text(&writer, level);
	lugh_cbor_put_text(&writer, "service");
	lugh_cbor_put_text(&writer, of->name);
	lugh_cbor_put_text(&writer, "timeMicros");
	lugh_cbor_put_int(&writer, node->now + node->options.utc_offset_micros(node->options.host, &quality));
	of->bodies.encoded_cost = (uint32_t)lugh_body_decoded_cost(scratch, writer.length);
	the->meterIndex += of->bodies.encoded_cost;
	const send_options options = { LUGH_LOW, 0 };
	if (publish_scratch(of, topic_of(node, "log"), &options, writer.failed ? -1 : (int)writer.length))
		of->refused++;
}

static void native_monotonic_micros(txMachine *the)
{
	mxResult->kind = XS_NUMBER_KIND;
	mxResult->value.number = (double)service_of(the)->node->now;
}

static void native_wall_clock(txMachine *the)
{
	lugh_node *node = service_of(the)->node;
	int64_t quality;
	int64_t offset = node->options.utc_offset_micros(node->options.host, &quality);
	mxPush(mxObjectPrototype);
	txSlot *slot = fxLastProperty(the, fxNewObjectInstance(the));
	slot = fxNextNumberProperty(the, slot, (double)(node->now + offset), fxID(the, "micros"), XS_NO_FLAG);
	if (quality < 0)
		fxNextNullProperty(the, slot, fxID(the, "qualityMicros"), XS_NO_FLAG);
	else
		fxNextNumberProperty(the, slot, (double)quality, fxID(the, "qualityMicros"), XS_NO_FLAG);
	mxPullSlot(mxResult);
}

/* A call whose caller died is nobody's any more: then this is null. */
static void native_caller(txMachine *the)
{
	service *of = service_of(the);
	uint16_t caller = of->serving ? of->node->messages[of->serving].sender : NOBODY;
	mxResult->kind = XS_NULL_KIND;
	if (caller < of->node->service_count)
		fxString(the, mxResult, of->node->services[caller].name);
}

static void native_configuration(txMachine *the)
{
	service *of = service_of(the);
	if (lugh_body_decode(the, &of->bodies, of->configuration->bytes, of->configuration->length))
		mxTypeError("Cannot read configuration: it is no plain data");
	mxPullSlot(mxResult);
}

const lugh_native lugh_service_natives[] = {
	{ "send", native_send, 4 },
	{ "call", native_call, 4 },
	{ "publish", native_publish, 3 },
	{ "subscribe", native_subscribe, 2 },
	{ "every", native_every, 2 },
	{ "after", native_after, 2 },
	{ "cancel", native_cancel, 1 },
	{ "commit", native_commit, 1 },
	{ "store", native_store, 1 },
	{ "log", native_log, 2 },
	{ "monotonicMicros", native_monotonic_micros, 0 },
	{ "wallClock", native_wall_clock, 0 },
	{ "caller", native_caller, 0 },
	{ "configuration", native_configuration, 0 },
};
const size_t lugh_service_native_count = sizeof(lugh_service_natives) / sizeof(*lugh_service_natives);
