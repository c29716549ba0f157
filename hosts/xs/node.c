/*
 * Birth and death of a node, its turn of work, and what device ports may do (node.h).
 */
#include "node_state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the kernel says after a turn: when its next timer is due, and whether something is ready. */
typedef struct {
	lugh_node *node;
	int64_t timer;
	bool is_ready;
} turn;

const lugh_native *lugh_node_natives(size_t *count)
{
	static lugh_native natives[96];
	*count = lugh_service_native_count + lugh_kernel_native_count;
	memcpy(natives, lugh_service_natives, lugh_service_native_count * sizeof(*natives));
	memcpy(natives + lugh_service_native_count, lugh_kernel_natives, lugh_kernel_native_count * sizeof(*natives));
	return natives;
}

/* ---- the kernel's machine ---- */

static void boot_kernel(txMachine *the, void *data)
{
	lugh_node *node = data;
	mxPushUndefined();
	mxPushSlot(lugh_slot(the, LUGH_SLOT_DEFAULT_EXPORT));
	mxCall();
	if (lugh_body_decode(the, &node->bodies, node->options.configuration, node->options.configuration_length))
		mxTypeError("the node's configuration is no plain data");
	mxPushInteger(node->options.messages);
	if (!node->options.boot_report)
		mxPushUndefined();
	else if (lugh_body_decode(the, &node->bodies, node->options.boot_report, node->options.boot_report_length))
		mxTypeError("the boot report is no plain data");
	mxRunCount(3);
	lugh_slot_keep(the, LUGH_SLOT_DEFAULT_EXPORT, the->stack);
	mxGetID(fxID(the, "run"));
	lugh_slot_keep(the, SLOT_KERNEL_RUN, the->stack);
	mxPop();
	mxPushSlot(lugh_slot(the, LUGH_SLOT_DEFAULT_EXPORT));
	mxPushSlot(lugh_slot(the, LUGH_SLOT_DEFAULT_EXPORT));
	mxGetID(fxID(the, "boot"));
	mxCall();
	mxRunCount(0);
	mxPop();
}

static void run_kernel(txMachine *the, void *data)
{
	turn *of = data;
	mxPushUndefined();
	mxPushSlot(lugh_slot(the, SLOT_KERNEL_RUN));
	mxCall();
	mxRunCount(0);
	double answer = fxToNumber(the, the->stack);
	of->is_ready = answer < 0;
	of->timer = fabs(answer) < 9e15 ? (int64_t)fabs(answer) : INT64_MAX;
	mxPop();
}

static bool make_room(lugh_node *node)
{
	uint32_t size = 1;
	while (size < (uint32_t)node->options.messages * 2 + 2)
		size *= 2; /* each message at most once, and once more for its cancel */
	node->ring_mask = size - 1;
	node->trace = calloc(TRACED, sizeof(traced));
	topic_of(node, "log");
	return node->trace && ring_create(node, &node->submitted) && ring_create(node, &node->arrived) && pool_create(node);
}

lugh_node *lugh_node_create(const lugh_node_options *options, char *error, size_t error_bytes)
{
	lugh_node *node = calloc(1, sizeof(*node));
	if (!node || options->messages < HANDLES_FOR_HIGH * 2 || options->messages > 4095) {
		snprintf(error, error_bytes, "Cannot create node: wanted %d to 4095 messages and memory for them", HANDLES_FOR_HIGH * 2);
		free(node);
		return NULL;
	}
	node->options = *options;
	node->next_deadline = INT64_MAX;
	node->due = INT64_MAX;
	const char *modules[] = { options->boot };
	lugh_machine_options machine = {
		.name = "kernel", .stack_slots = 512, .context = &node->context, .modules = modules, .module_count = 1,
	};
	int status = LUGH_OUT_OF_MEMORY;
	if (make_room(node))
		node->machine = lugh_machine_create(options->root, &machine, &status);
	lugh_body_state_begin(&node->bodies, LUGH_BODY_NAMES);
	if (node->machine)
		status = lugh_machine_import(node->machine, options->boot, 0);
	if (node->machine && status == LUGH_OK)
		status = lugh_machine_run(node->machine, boot_kernel, node, 0);
	if (status == LUGH_OK)
		return node;
	snprintf(error, error_bytes, "Cannot boot node: %s", node->has_panicked ? node->reason
		: node->machine ? lugh_machine_reason(node->machine) : lugh_status_text(status));
	lugh_node_destroy(node);
	return NULL;
}

void lugh_node_destroy(lugh_node *node)
{
	if (!node)
		return;
	for (uint16_t index = 0; index < node->service_count; index++)
	{
		swap_discard(node, &node->services[index]);
		lugh_machine_destroy(node->services[index].machine);
		free(node->services[index].imports);
	}
	lugh_machine_destroy(node->machine);
	pool_destroy(node);
	for (uint16_t index = 0; index < node->service_count; index++)
		forget_grants(&node->services[index]);
	free(node->services);
	free(node->submitted.entries);
	free(node->arrived.entries);
	free(node->trace);
	free(node);
}

int64_t lugh_node_run(lugh_node *node)
{
	turn of = { node, INT64_MAX, false };
	read_clock(node);
	node->turn_end = node->now + TURN_MICROS;
	if (lugh_machine_run(node->machine, run_kernel, &of, 0)) {
		if (!node->has_panicked)
			snprintf(node->reason, sizeof(node->reason), "the kernel faulted: %s", lugh_machine_reason(node->machine));
		return -1;
	}
	read_clock(node);
	node->due = of.timer;
	if (of.is_ready || !ring_is_empty(&node->arrived))
		return 0;
	return of.timer < node->next_deadline ? of.timer : node->next_deadline;
}

const char *lugh_node_reason(const lugh_node *node)
{
	return node->reason;
}

lugh_node_wish lugh_node_last_wish(const lugh_node *node)
{
	return node->wish;
}

/* ---- for device ports ---- */

int lugh_node_service(const lugh_node *node, const char *name)
{
	for (uint16_t index = 0; index < node->service_count; index++)
		if (!strcmp(node->services[index].name, name))
			return index;
	return -1;
}

bool lugh_node_room(const lugh_node *node, int to)
{
	return to >= 0 && to < node->service_count && node->services[to].credits > PLACES_FOR_HIGH && node->free_count > HANDLES_FOR_HIGH;
}

bool lugh_node_send(lugh_node *node, int to, const char *type, int priority, const uint8_t *body, size_t length)
{
	int named = type_of(type, NULL);
	uint16_t handle = to < 0 || to >= node->service_count || named < 0 ? 0 : pool_take(node, KIND_SEND, priority);
	if (!handle)
		return false;
	node->messages[handle].type = (uint16_t)named;
	if (!pool_take_credit(node, handle, (uint16_t)to) || (body && !pool_set_body(node, handle, NOBODY, body, length))) {
		pool_release(node, handle);
		node->services[to].refused++;
		return false;
	}
	arrive(node, handle, KIND_SEND, (uint16_t)to, priority);
	return true;
}

bool lugh_node_publish(lugh_node *node, const char *topic, int priority, const uint8_t *body, size_t length)
{
	int to = topic_of(node, topic);
	uint16_t handle = to < 0 ? 0 : pool_take(node, KIND_PUBLISH, priority);
	if (!handle)
		return false;
	node->messages[handle].target = (uint16_t)to;
	if (!pool_set_body(node, handle, NOBODY, body, length)) {
		pool_release(node, handle);
		return false;
	}
	arrive(node, handle, KIND_PUBLISH, (uint16_t)to, priority);
	return true;
}

/* The message that a port still holds under this token, or 0. */
static uint16_t held(const lugh_node *node, uint32_t token)
{
	uint16_t handle = token & 0xfff;
	if (!handle || handle > node->options.messages)
		return 0;
	const message *of = &node->messages[handle];
	bool is_held = of->kind != KIND_NONE && of->generation == token >> 12 && of->served_by != NOBODY && of->served_by >= node->service_count;
	return is_held ? handle : 0;
}

static void end_call(lugh_node *node, uint16_t handle, int answer)
{
	message *of = &node->messages[handle];
	if (of->kind != KIND_CALL) {
		pool_release(node, handle);
		return;
	}
	make_reply(node, handle, answer);
	arrive(node, handle, KIND_REPLY, of->target, of->priority);
}

void lugh_node_reply(lugh_node *node, uint32_t token, const uint8_t *body, size_t length)
{
	uint16_t handle = held(node, token);
	if (!handle)
		return;
	pool_drop_body(node, handle);
	bool fits = !body || pool_set_body(node, handle, NOBODY, body, length);
	end_call(node, handle, fits ? LUGH_ANSWER_NONE : LUGH_ANSWER_FULL);
}

void lugh_node_refuse(lugh_node *node, uint32_t token, int answer)
{
	uint16_t handle = held(node, token);
	if (handle)
		end_call(node, handle, answer);
}

void lugh_node_release(lugh_node *node, uint32_t token)
{
	uint16_t handle = held(node, token);
	if (handle)
		pool_release(node, handle);
}

bool lugh_node_doom(lugh_node *node, int of, const char *hostile)
{
	if (of < 0 || of >= node->service_count || !node->services[of].machine)
		return false;
	service *doomed = &node->services[of];
	snprintf(doomed->hostile, sizeof(doomed->hostile), "%s", hostile ? hostile : "");
	doomed->is_doomed = true;
	lugh_node_send(node, of, doom_type, LUGH_HIGH, NULL, 0); /* with a full mailbox it is dispatched soon as it is */
	return true;
}

lugh_node_figures lugh_node_measure(const lugh_node *node)
{
	lugh_node_figures figures = { .dispatches = node->dispatches, .pool_bytes = node->pool_used };
	figures.bytes = lugh_machine_bytes(node->machine);
	figures.messages = node->options.messages - node->free_count;
	for (uint16_t index = 0; index < node->service_count; index++) {
		figures.refused += node->services[index].refused;
		if (node->services[index].machine)
			figures.bytes += lugh_machine_bytes(node->services[index].machine);
	}
	return figures;
}
