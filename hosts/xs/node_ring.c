/*
 * Submissions on their way to the kernel, in two rings: what the service in hand submits, and what device ports do.
 *
 * They are apart because a dispatch is atomic. The kernel takes all of the first ring as the work of the service that it
 * has just dispatched, or none of it when that service faulted; a port that answers in between must not be mixed in.
 */
#include "node_state.h"

#include <stdlib.h>

bool ring_create(lugh_node *node, ring *of)
{
	of->entries = calloc((size_t)node->ring_mask + 1, sizeof(*of->entries));
	return of->entries != NULL;
}

bool ring_is_empty(const ring *of)
{
	return of->head == of->tail;
}

static void put(lugh_node *node, ring *of, uint16_t handle, int kind, uint16_t target, int priority)
{
	of->entries[of->tail++ & node->ring_mask] =
		(uint32_t)handle | (uint32_t)target << 12 | (uint32_t)priority << 22 | (uint32_t)kind << 24;
}

void submit(lugh_node *node, uint16_t handle, int kind, uint16_t target, int priority)
{
	put(node, &node->submitted, handle, kind, target, priority);
}

void arrive(lugh_node *node, uint16_t handle, int kind, uint16_t target, int priority)
{
	node->messages[handle].since_micros = node->options.monotonic_micros(node->options.host);
	put(node, &node->arrived, handle, kind, target, priority);
}

uint32_t next_arrival(lugh_node *node)
{
	return ring_is_empty(&node->arrived) ? 0 : node->arrived.entries[node->arrived.head++ & node->ring_mask];
}

/* ---- `latest` messages whose body was replaced ---- */

/* Once for each dispatch: of several values only the one before it can come back. */
bool submit_replaced(lugh_node *node, uint16_t handle)
{
	message *unread = &node->messages[handle];
	if (unread->is_replaced)
		return true;
	uint16_t former = pool_take(node, KIND_REPLACED, unread->priority);
	if (!former)
		return false;
	node->messages[former].type = unread->type;
	node->messages[former].deadline_micros = unread->deadline_micros;
	node->messages[former].target = handle;
	pool_share_body(node, former, handle);
	unread->is_replaced = true;
	submit(node, former, KIND_REPLACED, 0, unread->priority);
	return true;
}

static void restore(lugh_node *node, uint16_t former)
{
	const message *kept = &node->messages[former];
	message *unread = &node->messages[kept->target];
	pool_drop_body(node, kept->target);
	pool_share_body(node, kept->target, former);
	unread->type = kept->type;
	unread->deadline_micros = kept->deadline_micros;
}

static void end_replaced(lugh_node *node, uint16_t former)
{
	node->messages[node->messages[former].target].is_replaced = false;
	pool_release(node, former);
}

uint32_t next_submission(lugh_node *node)
{
	ring *of = &node->submitted;
	while (!ring_is_empty(of)) {
		uint32_t packed = of->entries[of->head++ & node->ring_mask];
		if ((packed >> 24 & 15) != KIND_REPLACED)
			return packed;
		end_replaced(node, packed & 0xfff);
	}
	return 0;
}

/* ---- a dispatch that faulted ---- */

/* A reply that is taken back is a call that is still owed one. */
static void reopen_call(lugh_node *node, uint16_t handle)
{
	message *of = &node->messages[handle];
	uint16_t callee = of->sender;
	pool_drop_body(node, handle);
	of->kind = KIND_CALL;
	of->answer = LUGH_ANSWER_NONE;
	of->sender = of->target;
	of->target = callee;
}

/* As if the service had never submitted it. */
void take_back_submissions(lugh_node *node)
{
	ring *of = &node->submitted;
	while (!ring_is_empty(of)) {
		uint32_t packed = of->entries[--of->tail & node->ring_mask];
		uint16_t handle = packed & 0xfff;
		switch (packed >> 24 & 15) {
		case KIND_CANCEL:
			node->messages[handle].is_cancelled = false;
			break;
		case KIND_REPLY:
			reopen_call(node, handle);
			break;
		case KIND_REPLACED:
			restore(node, handle);
			end_replaced(node, handle);
			break;
		default:
			pool_release(node, handle);
		}
	}
}
