/*
 * What a service may call: the functions of its context (services/api/service.ts), as natives.
 *
 * They run inside the service's dispatch and touch nothing of the kernel: they check the service's own grants, take a
 * credit of the receiver, copy the body out and put a handle on the submission ring. What a faulting dispatch had
 * submitted is taken back whole.
 */
#include "body_text.h"
#include "node_state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static uint8_t scratch[LUGH_BODY_BYTES + READ_AHEAD];

static const char *const answer_texts[LUGH_ANSWER_COUNT] = {
	"sent", "full", "late", "dead", "not-capable", "too-large", "unavailable",
};
static const char *const priority_texts[] = { "HIGH", "MEDIUM", "LOW" };

uint8_t *encode_scratch(void)
{
	return scratch;
}

static service *service_of(txMachine *the)
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

static char *text_argument(txMachine *the, int index, const char *what)
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

typedef struct {
	int priority; /* -1: that of the message in hand */
	int64_t deadline_micros;
} send_options;

static send_options options_argument(txMachine *the, service *of, int index, bool is_call)
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

/* Encodes an argument. Answers the size, 0 for none, -1 when it is too large to cross. */
static int encode_argument(txMachine *the, service *of, int index)
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
	return (int)length;
}

static void answer(txMachine *the, int code)
{
	mxResult->kind = XS_STRING_X_KIND;
	mxResult->value.string = (txString)answer_texts[code];
}

/* ---- channels ---- */

static channel *find_channel(service *of, const char *name)
{
	for (uint16_t index = 0; index < of->channel_count; index++)
		if (!strcmp(of->channels[index].name, name))
			return &of->channels[index];
	return NULL;
}

static void log_refusal(service *of, const char *verb, const char *name)
{
	char text[256];
	snprintf(text, sizeof(text), "NotCapable: \"%s\" needs channel \"%s\"; grant it with --allow-%s=%s", of->name, name, verb, name);
	of->node->options.log(of->node->options.host, "warning", text);
}

/* Whether the channel grants the verb at this priority; settles an inherited priority. */
static bool allows(service *of, const channel *to, int verb, send_options *options)
{
	if (!to || !(to->verbs & verb))
		return false;
	int granted = verb == VERB_CALL ? to->call_priority : to->send_priority;
	if (options->priority == -1)
		options->priority = of->current_priority < granted ? granted : of->current_priority;
	return options->priority >= granted;
}

static void count_deadline(lugh_node *node, int64_t deadline)
{
	if (deadline && deadline < node->next_deadline)
		node->next_deadline = deadline;
}

/* An unread message of a `latest` channel takes the new body; answers whether there was one. */
static bool replace_latest(service *of, channel *to, int type, size_t length)
{
	if (!to->is_latest || !to->latest)
		return false;
	message *unread = &of->node->messages[to->latest];
	block *body = length ? pool_take_block(of->node, of->index, unread->priority, scratch, length) : NULL;
	if (length && !body)
		return false;
	pool_drop_body(of->node, to->latest);
	unread->body = body;
	unread->type = type;
	of->replaced++;
	return true;
}

/* Puts one message with the scratch's body on the ring. Answers 0 with *handle, or why not. */
static int submit(service *of, int kind, channel *to, int type, const send_options *options, int length, uint16_t *handle)
{
	lugh_node *node = of->node;
	if (length < 0)
		return LUGH_ANSWER_TOO_LARGE;
	*handle = pool_take(node, kind, options->priority);
	if (!*handle)
		return LUGH_ANSWER_FULL;
	message *made = &node->messages[*handle];
	made->sender = of->index;
	made->type = type;
	made->deadline_micros = options->deadline_micros;
	if (!pool_take_credit(node, *handle, to->target) || (length && !pool_set_body(node, *handle, of->index, scratch, length))) {
		pool_release(node, *handle);
		return LUGH_ANSWER_FULL;
	}
	if (kind == KIND_CALL)
		count_deadline(node, options->deadline_micros);
	if (to->is_latest && kind == KIND_SEND) {
		to->latest = *handle;
		made->latest = &to->latest;
	}
	pool_submit(node, *handle, kind, to->target, options->priority);
	return LUGH_ANSWER_NONE;
}

static void native_send(txMachine *the)
{
	service *of = service_of(the);
	char *name = text_argument(the, 0, "the channel");
	int type = type_of(text_argument(the, 1, "the type"), &of->types_named);
	channel *to = find_channel(of, name);
	send_options options = options_argument(the, of, 3, false);
	if (type < 0 || !allows(of, to, VERB_SEND, &options)) {
		log_refusal(of, "send", text_argument(the, 0, "the channel"));
		answer(the, LUGH_ANSWER_NOT_CAPABLE);
		return;
	}
	int length = encode_argument(the, of, 2);
	uint16_t handle;
	int code = length >= 0 && replace_latest(of, to, type, length)
		? LUGH_ANSWER_NONE
		: submit(of, KIND_SEND, to, type, &options, length, &handle);
	if (code == LUGH_ANSWER_FULL)
		of->refused++;
	answer(the, code);
}

/* ---- call ---- */

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

static txSlot *push_promise(txMachine *the)
{
	mxPush(mxPromisePrototype);
	txSlot *promise = fxNewPromiseInstance(the);
	mxPromiseStatus(promise)->value.integer = mxPendingStatus;
	return promise;
}

/* Remembers which call a promise waits for: two slots at the end of the list in SLOT_PENDING. */
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

void reject_with_refusal(txMachine *the, txSlot *promise, int code, const char *text)
{
	fxPushPromiseFunctions(the, promise); /* reject on top of resolve */
	txSlot *reject = the->stack->value.reference;
	mxPushUndefined();
	mxPushReference(reject);
	mxCall();
	push_refusal(the, code, text);
	mxRunCount(1);
}

static void native_call(txMachine *the)
{
	service *of = service_of(the);
	char *name = text_argument(the, 0, "the channel");
	int type = type_of(text_argument(the, 1, "the type"), &of->types_named);
	channel *to = find_channel(of, name);
	send_options options = options_argument(the, of, 3, true);
	int code = LUGH_ANSWER_NOT_CAPABLE;
	uint16_t handle = 0;
	if (type < 0 || !allows(of, to, VERB_CALL, &options))
		log_refusal(of, "call", text_argument(the, 0, "the channel"));
	else {
		int length = encode_argument(the, of, 2);
		code = submit(of, KIND_CALL, to, type, &options, length, &handle);
	}
	if (code == LUGH_ANSWER_FULL)
		of->refused++;
	txSlot *promise = push_promise(the);
	mxResult->kind = XS_REFERENCE_KIND;
	mxResult->value.reference = promise;
	if (code == LUGH_ANSWER_NONE) {
		keep_pending(the, handle, promise);
		of->pending_calls++;
		return;
	}
	char text[128];
	snprintf(text, sizeof(text), "call of \"%.40s\" to \"%.40s\"", text_argument(the, 1, "the type"), text_argument(the, 0, "the channel"));
	reject_with_refusal(the, promise, code, text);
}

/* ---- publish and subscribe ---- */

static topic_grant *find_topic(service *of, const char *name, int verb)
{
	for (uint16_t index = 0; index < of->topic_count; index++) {
		topic_grant *grant = &of->topics[index];
		if ((grant->verbs & verb) && !strcmp(of->node->topics[grant->topic], name))
			return grant;
	}
	return NULL;
}

static int publish_scratch(service *of, int topic, int priority, int length)
{
	if (length < 0)
		return LUGH_ANSWER_TOO_LARGE;
	uint16_t handle = pool_take(of->node, KIND_PUBLISH, priority);
	if (!handle)
		return LUGH_ANSWER_FULL;
	of->node->messages[handle].sender = of->index;
	if (length && !pool_set_body(of->node, handle, of->index, scratch, length)) {
		pool_release(of->node, handle);
		return LUGH_ANSWER_FULL;
	}
	pool_submit(of->node, handle, KIND_PUBLISH, topic, priority);
	return LUGH_ANSWER_NONE;
}

static void native_publish(txMachine *the)
{
	service *of = service_of(the);
	topic_grant *to = find_topic(of, text_argument(the, 0, "the topic"), VERB_PUBLISH);
	send_options options = options_argument(the, of, 2, false);
	if (to && options.priority == -1)
		options.priority = of->current_priority < to->priority ? to->priority : of->current_priority;
	if (!to || options.priority < to->priority) {
		log_refusal(of, "publish", text_argument(the, 0, "the topic"));
		answer(the, LUGH_ANSWER_NOT_CAPABLE);
		return;
	}
	int code = publish_scratch(of, to->topic, options.priority, encode_argument(the, of, 1));
	if (code == LUGH_ANSWER_FULL)
		of->refused++;
	answer(the, code);
}

static void native_subscribe(txMachine *the)
{
	service *of = service_of(the);
	topic_grant *to = find_topic(of, text_argument(the, 0, "the topic"), VERB_SUBSCRIBE);
	int type = type_of(text_argument(the, 1, "the type"), &of->types_named);
	if (!to || type < 0) {
		log_refusal(of, "subscribe", text_argument(the, 0, "the topic"));
		answer(the, LUGH_ANSWER_NOT_CAPABLE);
		return;
	}
	uint16_t handle = pool_take(of->node, KIND_SUBSCRIBE, LUGH_LOW);
	if (handle) {
		of->node->messages[handle].sender = of->index;
		of->node->messages[handle].type = type;
		pool_submit(of->node, handle, KIND_SUBSCRIBE, to->topic, LUGH_LOW);
	}
	answer(the, handle ? LUGH_ANSWER_NONE : LUGH_ANSWER_FULL);
}

/* ---- timers ---- */

static void start_timer(txMachine *the, int kind)
{
	service *of = service_of(the);
	double millis = number_argument(the, 0, kind == KIND_EVERY ? "intervalMillis" : "delayMillis");
	int type = type_of(text_argument(the, 1, "the type"), &of->types_named);
	if (millis < (kind == KIND_EVERY ? 1 : 0) || millis > 1e12)
		mxRangeError("wanted a duration of at least %d ms", kind == KIND_EVERY);
	if (of->timers == TIMERS_EACH)
		mxRangeError("Cannot start timer: wanted at most %d at a time", TIMERS_EACH);
	uint16_t handle = type < 0 ? 0 : pool_take(of->node, kind, LUGH_MEDIUM);
	if (!handle)
		mxRangeError("Cannot start timer: the node's pool of messages is full");
	message *timer = &of->node->messages[handle];
	timer->sender = of->index;
	timer->target = of->index;
	timer->type = type;
	timer->interval_micros = (int64_t)(millis * 1000);
	of->timers++;
	pool_submit(of->node, handle, kind, of->index, LUGH_MEDIUM);
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = (txInteger)(timer->generation % 0x40000 << 12 | handle);
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
	uint32_t token = (uint32_t)number_argument(the, 0, "the timer");
	uint16_t handle = token & 0xfff;
	if (!handle || handle > of->node->options.messages)
		return;
	message *timer = &of->node->messages[handle];
	bool is_timer = timer->kind == KIND_EVERY || timer->kind == KIND_AFTER;
	if (!is_timer || timer->sender != of->index || timer->is_cancelled || timer->generation % 0x40000 != token >> 12)
		return; /* it has fired, or was cancelled before */
	timer->is_cancelled = true;
	pool_submit(of->node, handle, KIND_CANCEL, of->index, LUGH_MEDIUM);
}

/* ---- state, log, clocks ---- */

static void native_commit(txMachine *the)
{
	service *of = service_of(the);
	int length = encode_argument(the, of, 0);
	if (length == 0)
		mxTypeError("Cannot commit: wanted a state, found undefined");
	int code = length < 0 ? LUGH_ANSWER_TOO_LARGE : LUGH_ANSWER_FULL;
	uint16_t handle = length < 0 ? 0 : pool_take(of->node, KIND_COMMIT, LUGH_HIGH);
	if (handle) {
		of->node->messages[handle].sender = of->index;
		if (pool_set_body(of->node, handle, of->index, scratch, length)) {
			pool_submit(of->node, handle, KIND_COMMIT, of->index, LUGH_HIGH);
			code = LUGH_ANSWER_NONE;
		} else
			pool_release(of->node, handle);
	}
	answer(the, code);
}

static void native_store(txMachine *the)
{
	service_of(the);
	answer(the, LUGH_ANSWER_UNAVAILABLE); /* until the node has a storage service */
}

static void native_log(txMachine *the)
{
	service *of = service_of(the);
	lugh_node *node = of->node;
	const char *level = text_argument(the, 0, "the level");
	if (strcmp(level, "error") && strcmp(level, "warning") && strcmp(level, "info"))
		mxTypeError("wanted error, warning or info for the level");
	const char *text = text_argument(the, 1, "the text");
	ptrdiff_t length = lugh_text_measure(text);
	if (length < 0 || length > LUGH_BODY_BYTES / 2)
		mxTypeError("wanted a text of at most %d bytes without lone surrogates", LUGH_BODY_BYTES / 2);
	uint8_t *line = scratch + LUGH_BODY_BYTES / 2; /* the message is written in front of it */
	lugh_text_write(line, text);
	if (length > LOG_BYTES)
		for (length = LOG_BYTES; (line[length] & 0xc0) == 0x80; length--)
			;
	int64_t quality;
	lugh_cbor_writer writer;
	lugh_cbor_writer_begin(&writer, scratch, LUGH_BODY_BYTES);
	lugh_cbor_put_map(&writer, 4);
	lugh_cbor_put_text(&writer, "text");
	lugh_cbor_put_text_span(&writer, (const char *)line, (size_t)length);
	lugh_cbor_put_text(&writer, "level");
	lugh_cbor_put_text(&writer, level);
	lugh_cbor_put_text(&writer, "service");
	lugh_cbor_put_text(&writer, of->name);
	lugh_cbor_put_text(&writer, "timeMicros");
	lugh_cbor_put_int(&writer, node->now + node->options.utc_offset_micros(node->options.host, &quality));
	if (publish_scratch(of, topic_of(node, "log"), LUGH_LOW, writer.failed ? -1 : (int)writer.length))
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
	{ "configuration", native_configuration, 0 },
};
const size_t lugh_service_native_count = sizeof(lugh_service_natives) / sizeof(*lugh_service_natives);
