/*
 * What the kernel may call (kernel/host.ts), as natives of its own machine.
 *
 * The kernel is trusted, but a slip of it must not corrupt the host: every index it gives is checked, and a wrong one is
 * a RangeError in the kernel, which ends the node with a reason.
 */
#include "node_state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static lugh_node *node_of(txMachine *the)
{
	native_context *context = lugh_machine_context(the);
	if (!context || context->is_service)
		mxTypeError("Cannot call: only the kernel may");
	return (lugh_node *)context;
}

static int integer(txMachine *the, int index)
{
	if (mxArgc > index && mxArgv(index)->kind == XS_INTEGER_KIND)
		return mxArgv(index)->value.integer;
	double number = mxArgc > index && mxArgv(index)->kind == XS_NUMBER_KIND ? mxArgv(index)->value.number : NAN;
	if (number >= INT32_MIN && number <= INT32_MAX && number == (int)number)
		return (int)number;
	mxRangeError("wanted an integer as argument %d of a host call", index);
	return 0;
}

static service *service_at(txMachine *the, lugh_node *node, int index)
{
	int at = integer(the, index);
	if (at < 0 || at >= node->service_count)
		mxRangeError("no service %d", at);
	return &node->services[at];
}

static uint16_t handle_at(txMachine *the, lugh_node *node, int index)
{
	int at = integer(the, index);
	if (at < 1 || at > node->options.messages || node->messages[at].kind == KIND_NONE)
		mxRangeError("no message %d", at);
	return (uint16_t)at;
}

static char *text_at(txMachine *the, int index)
{
	if (mxArgc <= index)
		mxTypeError("wanted a string as argument %d of a host call", index);
	return fxToString(the, mxArgv(index));
}

static void copy_text(txMachine *the, char *to, size_t size, int index)
{
	const char *text = text_at(the, index);
	if (strlen(text) >= size)
		mxRangeError("\"%s\" is longer than %d bytes", text, (int)size - 1);
	strcpy(to, text);
}

static void answer_integer(txMachine *the, int32_t value)
{
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = value;
}

static void answer_number(txMachine *the, double value)
{
	mxResult->kind = XS_NUMBER_KIND;
	mxResult->value.number = value;
}

/* ---- table ---- */

static void kernel_declare(txMachine *the)
{
	lugh_node *node = node_of(the);
	if (integer(the, 0) != node->service_count || node->service_count == KERNEL_PORT)
		mxRangeError("wanted service %d next", node->service_count);
	service *grown = realloc(node->services, (node->service_count + 1) * sizeof(service));
	if (!grown)
		mxRangeError("no memory for another service");
	node->services = grown;
	service *of = &grown[node->service_count];
	memset(of, 0, sizeof(*of));
	of->context.is_service = true;
	of->index = node->service_count;
	of->node = node;
	copy_text(the, of->name, sizeof(of->name), 1);
	char module[sizeof(((imports *)NULL)->module)];
	copy_text(the, module, sizeof(module), 2);
	if (!use_module(of, module))
		mxRangeError("no memory for another service");
	of->memory_bytes = (size_t)integer(the, 3);
	of->stack_slots = (uint32_t)integer(the, 4);
	of->budget_steps = (uint32_t)integer(the, 5);
	of->mailbox = (uint16_t)integer(the, 6);
	of->credits = of->mailbox + PLACES_FOR_HIGH;
	node->service_count++;
}

static int encode_at(txMachine *the, lugh_node *node, int index)
{
	size_t length = 0;
	char path[160];
	int code = lugh_body_encode(the, &node->bodies, mxArgv(index), encode_scratch(), LUGH_BODY_BYTES, &length, path, sizeof(path));
	if (code)
		throw_not_plain(the, code, path);
	return (int)length;
}

static void kernel_configure(txMachine *the)
{
	lugh_node *node = node_of(the);
	service *of = service_at(the, node, 0);
	of->configuration = pool_take_block(node, NOBODY, LUGH_HIGH, encode_scratch(), encode_at(the, node, 1));
	if (!of->configuration)
		mxRangeError("no room for the configuration of %s", of->name);
}

static void kernel_grant(txMachine *the)
{
	lugh_node *node = node_of(the);
	service *of = service_at(the, node, 0);
	const char *name = text_at(the, 1);
	int target = integer(the, 2), verbs = integer(the, 4);
	if (target != KERNEL_PORT && (target < 0 || target >= KERNEL_PORT))
		mxRangeError("no target %d", target);
	if (!grant_channel(of, name, (uint16_t)target, integer(the, 3), verbs, fxToBoolean(the, mxArgv(5))))
		mxRangeError("Cannot grant channel \"%s\": its name is too long, or memory is out", name);
}

static void kernel_grant_topic(txMachine *the)
{
	lugh_node *node = node_of(the);
	service *of = service_at(the, node, 0);
	int topic = topic_of(node, text_at(the, 1));
	if (topic < 0)
		mxRangeError("no room for topic \"%s\"", text_at(the, 1));
	int verbs = (fxToBoolean(the, mxArgv(2)) ? VERB_PUBLISH : 0) | (fxToBoolean(the, mxArgv(3)) ? VERB_SUBSCRIBE : 0);
	if (!grant_topic(of, topic, integer(the, 4), verbs))
		mxRangeError("no memory for another topic");
	answer_integer(the, topic);
}

static void kernel_permit(txMachine *the)
{
	lugh_node *node = node_of(the);
	service *of = service_at(the, node, 0);
	char permission[16], name[80];
	copy_text(the, permission, sizeof(permission), 1);
	copy_text(the, name, sizeof(name), 2);
	if (!grant_port(of, permission, name))
		mxRangeError("no room for the permission \"%s\" of %s", permission, of->name);
}

static void kernel_keep(txMachine *the)
{
	lugh_node *node = node_of(the);
	int length = encode_at(the, node, 0);
	uint16_t handle = pool_take(node, KIND_COMMIT, LUGH_HIGH);
	if (!handle || !pool_set_body(node, handle, NOBODY, encode_scratch(), length))
		mxRangeError("no room for a state of %d bytes", length);
	node->messages[handle].schema = integer(the, 1);
	answer_integer(the, handle);
}

static void kernel_port(txMachine *the)
{
	lugh_node *node = node_of(the);
	const char *name = text_at(the, 0);
	for (size_t port = 0; port < node->options.port_count; port++)
		if (!strcmp(node->options.ports[port].name, name)) {
			/* Ports follow the services, all of which the kernel has declared before it asks. */
			answer_integer(the, node->service_count + (int)port);
			return;
		}
	answer_integer(the, -1);
}

static void kernel_bind(txMachine *the)
{
	if (mxArgc < 1 || !mxIsReference(mxArgv(0)))
		mxTypeError("wanted the kernel's state");
	bind_kernel(node_of(the), the, mxArgv(0));
}

/* ---- machines ---- */

static void kernel_create(txMachine *the)
{
	lugh_node *node = node_of(the);
	int committed = integer(the, 1);
	answer_integer(the, create_service(node, service_at(the, node, 0), committed ? handle_at(the, node, 1) : 0));
}

static void kernel_destroy(txMachine *the)
{
	lugh_node *node = node_of(the);
	destroy_service(node, service_at(the, node, 0));
}

static void kernel_dispatch(txMachine *the)
{
	lugh_node *node = node_of(the);
	service *to = service_at(the, node, 0);
	uint16_t handle = handle_at(the, node, 1);
	if (!to->machine)
		mxRangeError("%s has no machine", to->name);
	answer_integer(the, dispatch_message(node, to, handle));
}

static void kernel_prepare(txMachine *the)
{
	lugh_node *node = node_of(the);
	service *of = service_at(the, node, 0);
	answer_integer(the, swap_prepare(node, of, text_at(the, 1), fxToBoolean(the, mxArgv(2))));
}

static void kernel_suspend(txMachine *the)
{
	lugh_node *node = node_of(the);
	service *of = service_at(the, node, 0);
	if (!of->machine)
		mxRangeError("%s has no machine", of->name);
	answer_integer(the, swap_suspend(node, of, integer(the, 1) ? handle_at(the, node, 1) : 0, fxToBoolean(the, mxArgv(2))));
}

static void kernel_exchange(txMachine *the)
{
	lugh_node *node = node_of(the);
	service *of = service_at(the, node, 0);
	if (!of->spare)
		mxRangeError("%s has no second machine", of->name);
	swap_exchange(of);
}

static void kernel_begin(txMachine *the)
{
	lugh_node *node = node_of(the);
	service *of = service_at(the, node, 0);
	if (!of->machine)
		mxRangeError("%s has no machine", of->name);
	answer_integer(the, begin_service(node, of, integer(the, 1) ? handle_at(the, node, 1) : 0));
}

static void kernel_discard(txMachine *the)
{
	lugh_node *node = node_of(the);
	swap_discard(node, service_at(the, node, 0));
}

static void kernel_use(txMachine *the)
{
	lugh_node *node = node_of(the);
	service *of = service_at(the, node, 0);
	char module[sizeof(((imports *)NULL)->module)];
	copy_text(the, module, sizeof(module), 1);
	if (of->machine || !use_module(of, module))
		mxRangeError("%s runs, or there is no memory", of->name);
}

static void kernel_turn(txMachine *the)
{
	lugh_node *node = node_of(the);
	if (!node->arrays[0])
		mxRangeError("no arrays were bound");
	answer_integer(the, run_turn(node, integer(the, 0)));
}

static void kernel_next(txMachine *the)
{
	answer_integer(the, (int32_t)next_submission(node_of(the)));
}

static void kernel_arrived(txMachine *the)
{
	answer_integer(the, (int32_t)next_arrival(node_of(the)));
}

static void kernel_reason(txMachine *the)
{
	lugh_node *node = node_of(the);
	mxPushStringC(service_at(the, node, 0)->reason);
	mxPullSlot(mxResult);
}

static void kernel_health(txMachine *the)
{
	lugh_node *node = node_of(the);
	service *of = service_at(the, node, 0);
	if (!of->machine)
		mxRangeError("%s has no machine", of->name);
	answer_integer(the, ask_health(node, of, fxToBoolean(the, mxArgv(1))));
}

static void kernel_in_hand(txMachine *the)
{
	lugh_node *node = node_of(the);
	mxPushStringC((txString)type_text(service_at(the, node, 0)->in_hand_type));
	mxPullSlot(mxResult);
}

static void kernel_plan(txMachine *the)
{
	lugh_node *node = node_of(the);
	answer_integer(the, plan_order(node, service_at(the, node, 0), integer(the, 1)));
}

/* ---- messages ---- */

static void kernel_deliver(txMachine *the)
{
	lugh_node *node = node_of(the);
	int port = integer(the, 0) - node->service_count;
	uint16_t handle = handle_at(the, node, 1);
	if (port < 0 || (size_t)port >= node->options.port_count)
		mxRangeError("no device port %d", port);
	message *of = &node->messages[handle];
	of->served_by = (uint16_t)(node->service_count + port);
	pool_end_latest(node, handle); /* the port may keep its body */
	lugh_received received = {
		.token = of->generation << 12 | handle,
		.sender = of->sender,
		.type = type_text(of->type),
		.body = of->body ? of->body->bytes : NULL,
		.length = of->body ? of->body->length : 0,
		.is_call = of->kind == KIND_CALL,
	};
	const lugh_port *to = &node->options.ports[port];
	to->deliver(node, to->device, &received);
}

/* The kernel releases a publication when every subscriber has its copy; one that a fault took back never comes here. */
static void kernel_release(txMachine *the)
{
	lugh_node *node = node_of(the);
	uint16_t handle = handle_at(the, node, 0);
	const message *of = &node->messages[handle];
	if (of->kind == KIND_PUBLISH && of->sender != NOBODY && node->options.published)
		node->options.published(node->options.host, node->topics[of->target], of->body ? of->body->bytes : NULL,
			of->body ? of->body->length : 0);
	pool_release(node, handle);
}

static void kernel_share(txMachine *the)
{
	lugh_node *node = node_of(the);
	uint16_t publication = handle_at(the, node, 0);
	service *to = service_at(the, node, 1);
	uint16_t subscription = handle_at(the, node, 2);
	uint16_t copy = to->machine ? pool_take(node, KIND_SEND, node->messages[publication].priority) : 0;
	const message *published = &node->messages[publication];
	bool fits = pool_fits(node, published->body, to->index);
	if (copy && (!fits || !pool_take_credit(node, copy, to->index))) {
		pool_release(node, copy);
		copy = 0;
	}
	if (!copy)
		to->refused++;
	else {
		node->messages[copy].sender = published->sender;
		node->messages[copy].type = node->messages[subscription].type;
		node->messages[copy].deadline_micros = published->deadline_micros;
		node->messages[copy].since_micros = published->since_micros;
		pool_share_body(node, copy, publication);
	}
	answer_integer(the, copy);
}

static void kernel_refuse(txMachine *the)
{
	lugh_node *node = node_of(the);
	int answer = integer(the, 1);
	if (answer < 1 || answer >= LUGH_ANSWER_COUNT)
		mxRangeError("no answer %d", answer);
	uint16_t handle = handle_at(the, node, 0);
	make_reply(node, handle, answer);
	answer_integer(the, node->messages[handle].priority);
}

static void kernel_orphan(txMachine *the)
{
	lugh_node *node = node_of(the);
	uint16_t handle = handle_at(the, node, 0);
	message *of = &node->messages[handle];
	if (of->kind != KIND_CALL)
		return; /* a device port has answered it: the reply is on its way to the kernel */
	if (of->served_by != NOBODY && of->served_by < node->service_count) {
		node->services[of->served_by].serving = 0; /* its handler goes on, and what it returns goes nowhere */
		pool_release(node, handle);
		return;
	}
	of->kind = KIND_SEND;
}

/* The pool is searched only when the earliest deadline that was ever set since the last search has passed. */
static void kernel_expired(txMachine *the)
{
	lugh_node *node = node_of(the);
	answer_integer(the, 0);
	if (node->now < node->next_deadline)
		return;
	int64_t earliest = INT64_MAX;
	for (uint16_t handle = 1; handle <= node->options.messages; handle++) {
		message *of = &node->messages[handle];
		if (of->kind != KIND_CALL || !of->deadline_micros)
			continue;
		if (of->deadline_micros <= node->now) {
			answer_integer(the, handle);
			return;
		}
		if (of->deadline_micros < earliest)
			earliest = of->deadline_micros;
	}
	node->next_deadline = earliest;
}

static void kernel_interval(txMachine *the)
{
	lugh_node *node = node_of(the);
	answer_number(the, (double)node->messages[handle_at(the, node, 0)].interval_micros);
}

static void kernel_missed(txMachine *the)
{
	lugh_node *node = node_of(the);
	uint16_t handle = handle_at(the, node, 0);
	double missed = fxToNumber(the, mxArgv(1));
	node->messages[handle].missed = missed > INT32_MAX ? INT32_MAX : (uint32_t)missed;
}

/* ---- the kernel's own words ---- */

static void kernel_type(txMachine *the)
{
	lugh_node *node = node_of(the);
	mxPushStringC((txString)type_text(node->messages[handle_at(the, node, 0)].type));
	mxPullSlot(mxResult);
}

static void kernel_open(txMachine *the)
{
	lugh_node *node = node_of(the);
	block *body = node->messages[handle_at(the, node, 0)].body;
	if (!body)
		return;
	if (lugh_body_decode(the, &node->bodies, body->bytes, body->length) == LUGH_BODY_OK)
		mxPullSlot(mxResult);
}

static void kernel_answer(txMachine *the)
{
	lugh_node *node = node_of(the);
	uint16_t handle = handle_at(the, node, 0);
	int length = encode_at(the, node, 1);
	pool_drop_body(node, handle);
	bool fits = pool_set_body(node, handle, NOBODY, encode_scratch(), length);
	make_reply(node, handle, fits ? LUGH_ANSWER_NONE : LUGH_ANSWER_FULL);
	answer_integer(the, node->messages[handle].priority);
}

static void kernel_compose(txMachine *the)
{
	lugh_node *node = node_of(the);
	service *to = service_at(the, node, 0);
	int type = type_of(text_at(the, 1), NULL), priority = integer(the, 2);
	if (type < 0 || priority < LUGH_HIGH || priority > LUGH_LOW)
		mxRangeError("no such message");
	int length = encode_at(the, node, 3);
	uint16_t handle = pool_take(node, KIND_SEND, priority);
	if (handle) {
		node->messages[handle].type = (uint16_t)type;
		if (!pool_take_credit(node, handle, to->index) || !pool_set_body(node, handle, NOBODY, encode_scratch(), length)) {
			pool_release(node, handle);
			handle = 0;
		}
	}
	answer_integer(the, handle);
}

static void kernel_figures(txMachine *the)
{
	lugh_node *node = node_of(the);
	service *of = service_at(the, node, 0);
	mxPush(mxObjectPrototype);
	txSlot *slot = fxLastProperty(the, fxNewObjectInstance(the));
	const struct { const char *name; double value; } figures[] = {
		{ "dispatches", (double)of->dispatches },
		{ "steps", (double)of->steps },
		{ "runMicros", (double)of->run_micros },
		{ "bytes", of->machine ? (double)lugh_machine_bytes(of->machine) : 0 },
		{ "memoryBytes", (double)of->memory_bytes },
		{ "budgetSteps", (double)of->budget_steps },
		{ "refused", (double)of->refused },
		{ "replaced", (double)of->replaced },
		{ "late", (double)of->late },
	};
	for (size_t index = 0; index < sizeof(figures) / sizeof(*figures); index++)
		slot = fxNextNumberProperty(the, slot, figures[index].value, fxID(the, (txString)figures[index].name), XS_NO_FLAG);
	fxNextStringProperty(the, slot, of->version, fxID(the, "version"), XS_NO_FLAG);
	mxPullSlot(mxResult);
}

static void kernel_high_wait_micros(txMachine *the)
{
	answer_number(the, (double)longest_high_wait(node_of(the)));
}

/* By way of the encoding, so that there is one description of each. */
static void answer_written(txMachine *the, lugh_node *node, const lugh_cbor_writer *writer, const char *what)
{
	if (writer->failed || lugh_body_decode(the, &node->bodies, encode_scratch(), writer->length))
		mxRangeError("%s fit no body", what);
	mxPullSlot(mxResult);
}

static void kernel_waits(txMachine *the)
{
	lugh_node *node = node_of(the);
	lugh_cbor_writer writer;
	lugh_cbor_writer_begin(&writer, encode_scratch(), LUGH_BODY_BYTES);
	put_waits(node, &writer);
	answer_written(the, node, &writer, "the waits");
}

static void kernel_trace(txMachine *the)
{
	lugh_node *node = node_of(the);
	lugh_cbor_writer writer;
	lugh_cbor_writer_begin(&writer, encode_scratch(), LUGH_BODY_BYTES);
	lugh_node_trace(node, (size_t)integer(the, 0), &writer);
	answer_written(the, node, &writer, "so many dispatches");
}

static void kernel_log(txMachine *the)
{
	lugh_node *node = node_of(the);
	char level[16];
	copy_text(the, level, sizeof(level), 0);
	log_text(node, level, text_at(the, 1));
}

static void kernel_monotonic_micros(txMachine *the)
{
	lugh_node *node = node_of(the);
	read_clock(node);
	answer_number(the, (double)node->now);
}

static void kernel_utc_offset_micros(txMachine *the)
{
	lugh_node *node = node_of(the);
	int64_t quality;
	int64_t offset = node->options.utc_offset_micros(node->options.host, &quality);
	answer_number(the, quality < 0 ? NAN : (double)offset);
}

static void kernel_panic(txMachine *the)
{
	lugh_node *node = node_of(the);
	node->has_panicked = true;
	snprintf(node->reason, sizeof(node->reason), "the kernel panicked: %s", text_at(the, 0));
	mxTypeError("panic");
}

static void kernel_reboot(txMachine *the)
{
	lugh_node *node = node_of(the);
	node->has_panicked = true;
	if (mxArgc > 1 && mxArgv(1)->kind == XS_BOOLEAN_KIND)
		node->wish = fxToBoolean(the, mxArgv(1)) ? LUGH_WISH_SAFE : LUGH_WISH_NORMAL;
	snprintf(node->reason, sizeof(node->reason), "a reboot was asked for: %s", text_at(the, 0));
	mxTypeError("reboot");
}

const lugh_native lugh_kernel_natives[] = {
	{ "declare", kernel_declare, 7 },
	{ "configure", kernel_configure, 2 },
	{ "grant", kernel_grant, 6 },
	{ "grantTopic", kernel_grant_topic, 5 },
	{ "permit", kernel_permit, 3 },
	{ "keep", kernel_keep, 2 },
	{ "port", kernel_port, 1 },
	{ "bind", kernel_bind, 1 },
	{ "create", kernel_create, 2 },
	{ "destroy", kernel_destroy, 1 },
	{ "dispatch", kernel_dispatch, 2 },
	{ "prepare", kernel_prepare, 3 },
	{ "suspend", kernel_suspend, 3 },
	{ "exchange", kernel_exchange, 1 },
	{ "begin", kernel_begin, 2 },
	{ "discard", kernel_discard, 1 },
	{ "use", kernel_use, 2 },
	{ "turn", kernel_turn, 1 },
	{ "next", kernel_next, 0 },
	{ "arrived", kernel_arrived, 0 },
	{ "reason", kernel_reason, 1 },
	{ "health", kernel_health, 2 },
	{ "inHand", kernel_in_hand, 1 },
	{ "plan", kernel_plan, 2 },
	{ "deliver", kernel_deliver, 2 },
	{ "release", kernel_release, 1 },
	{ "share", kernel_share, 3 },
	{ "refuse", kernel_refuse, 2 },
	{ "orphan", kernel_orphan, 1 },
	{ "expired", kernel_expired, 0 },
	{ "interval", kernel_interval, 1 },
	{ "missed", kernel_missed, 2 },
	{ "type", kernel_type, 1 },
	{ "open", kernel_open, 1 },
	{ "answer", kernel_answer, 2 },
	{ "compose", kernel_compose, 4 },
	{ "figures", kernel_figures, 1 },
	{ "highWaitMicros", kernel_high_wait_micros, 0 },
	{ "waits", kernel_waits, 0 },
	{ "trace", kernel_trace, 1 },
	{ "kernelLog", kernel_log, 2 },
	{ "kernelMonotonicMicros", kernel_monotonic_micros, 0 },
	{ "utcOffsetMicros", kernel_utc_offset_micros, 0 },
	{ "panic", kernel_panic, 1 },
	{ "reboot", kernel_reboot, 2 },
};
const size_t lugh_kernel_native_count = sizeof(lugh_kernel_natives) / sizeof(*lugh_kernel_natives);
