/*
 * The pool: messages and their bodies. Everything is bounded, and a message is in one hand at a time.
 * A body is shared by the copies of a publication and counted. Blocks come in powers of two and are kept for reuse.
 */
#include "node_state.h"

#include <stdlib.h>
#include <string.h>

/* ---- bodies ---- */

static unsigned class_of(size_t length)
{
	unsigned size_class = 0;
	while (((size_t)64 << size_class) < length)
		size_class++;
	return size_class;
}

block *pool_take_block(lugh_node *node, uint16_t owner, int priority, const uint8_t *bytes, size_t length)
{
	if (length > LUGH_BODY_BYTES)
		return NULL;
	unsigned size_class = class_of(length);
	size_t size = (size_t)64 << size_class;
	size_t limit = node->options.pool_bytes;
	if (priority != LUGH_HIGH)
		limit -= limit / 8;
	if (node->pool_used + size > limit)
		return NULL;
	/* Whatever its priority, a single service cannot take it all. */
	if (owner != NOBODY && node->services[owner].body_bytes + size > limit / 2)
		return NULL;
	block *body = node->free_blocks[size_class];
	if (body)
		node->free_blocks[size_class] = body->next_free;
	else {
		body = calloc(1, sizeof(block) + size + READ_AHEAD);
		if (!body)
			return NULL;
		body->size_class = size_class;
	}
	body->next_free = NULL;
	body->length = length;
	body->references = 1;
	body->owner = owner;
	body->cost = owner == NOBODY ? 0 : node->services[owner].bodies.encoded_cost;
	node->pool_used += size;
	if (owner != NOBODY)
		node->services[owner].body_bytes += size;
	if (length)
		memcpy(body->bytes, bytes, length);
	return body;
}

/* Half of a receiver's memory for one message: more, and the sender decides when the receiver dies. */
bool pool_fits(const lugh_node *node, const block *body, uint16_t target)
{
	if (!body || target >= node->service_count)
		return true;
	return (size_t)body->cost * LUGH_BODY_SLOT_BYTES <= node->services[target].memory_bytes / 2;
}

void pool_drop_block(lugh_node *node, block *body)
{
	if (--body->references)
		return;
	size_t size = (size_t)64 << body->size_class;
	node->pool_used -= size;
	if (body->owner != NOBODY)
		node->services[body->owner].body_bytes -= size;
	body->next_free = node->free_blocks[body->size_class];
	node->free_blocks[body->size_class] = body;
}

bool pool_set_body(lugh_node *node, uint16_t handle, uint16_t owner, const uint8_t *bytes, size_t length)
{
	message *of = &node->messages[handle];
	pool_drop_body(node, handle);
	of->body = pool_take_block(node, owner, of->priority, bytes, length);
	return of->body != NULL;
}

void pool_share_body(lugh_node *node, uint16_t to, uint16_t from)
{
	block *body = node->messages[from].body;
	node->messages[to].body = body;
	if (body)
		body->references++;
}

void pool_drop_body(lugh_node *node, uint16_t handle)
{
	message *of = &node->messages[handle];
	if (of->body)
		pool_drop_block(node, of->body);
	of->body = NULL;
}

/* ---- messages ---- */

uint16_t pool_take(lugh_node *node, int kind, int priority)
{
	if (node->free_count <= (priority == LUGH_HIGH ? 0 : HANDLES_FOR_HIGH))
		return 0;
	uint16_t handle = node->first_free;
	message *taken = &node->messages[handle];
	node->first_free = taken->next_free;
	node->free_count--;
	uint32_t generation = taken->generation;
	memset(taken, 0, sizeof(*taken));
	taken->generation = (generation + 1) & 0xfffff;
	taken->kind = kind;
	taken->priority = priority;
	taken->sender = NOBODY;
	taken->served_by = NOBODY;
	taken->since_micros = node->now;
	return handle;
}

void pool_end_latest(lugh_node *node, uint16_t handle)
{
	message *of = &node->messages[handle];
	if (of->latest && *of->latest == handle)
		*of->latest = 0;
	of->latest = NULL;
}

void pool_release(lugh_node *node, uint16_t handle)
{
	message *of = &node->messages[handle];
	if (of->kind == KIND_NONE)
		return;
	pool_return_credit(node, handle);
	pool_drop_body(node, handle);
	if ((of->kind == KIND_EVERY || of->kind == KIND_AFTER) && of->sender != NOBODY && node->services[of->sender].timers)
		node->services[of->sender].timers--;
	pool_end_latest(node, handle);
	of->kind = KIND_NONE;
	of->next_free = node->first_free;
	node->first_free = handle;
	node->free_count++;
}

static uint16_t *credits_of(lugh_node *node, uint16_t target)
{
	if (target < node->service_count)
		return &node->services[target].credits;
	size_t port = (size_t)target - node->service_count;
	return port < node->options.port_count ? &node->port_credits[port] : NULL;
}

bool pool_take_credit(lugh_node *node, uint16_t handle, uint16_t target)
{
	uint16_t *credits = credits_of(node, target);
	message *of = &node->messages[handle];
	of->target = target;
	if (!credits)
		return true; /* the kernel's own port answers at once */
	if (*credits <= (of->priority == LUGH_HIGH ? 0 : PLACES_FOR_HIGH))
		return false;
	*credits -= 1;
	of->holds_credit = true;
	return true;
}

void pool_return_credit(lugh_node *node, uint16_t handle)
{
	message *of = &node->messages[handle];
	if (!of->holds_credit)
		return;
	of->holds_credit = false;
	*credits_of(node, of->target) += 1;
}

void make_reply(lugh_node *node, uint16_t handle, int answer)
{
	message *of = &node->messages[handle];
	if (of->served_by != NOBODY && of->served_by < node->service_count && node->services[of->served_by].serving == handle)
		node->services[of->served_by].serving = 0;
	pool_return_credit(node, handle);
	if (answer)
		pool_drop_body(node, handle);
	of->kind = KIND_REPLY;
	of->answer = answer;
	of->deadline_micros = 0;
	of->served_by = NOBODY;
	of->since_micros = node->now;
	uint16_t callee = of->target;
	of->target = of->sender;
	of->sender = callee;
}

/* ---- birth and death ---- */

bool pool_create(lugh_node *node)
{
	node->messages = calloc((size_t)node->options.messages + 1, sizeof(message));
	node->port_credits = calloc(node->options.port_count + 1, sizeof(uint16_t));
	if (!node->messages || !node->port_credits)
		return false;
	for (size_t port = 0; port < node->options.port_count; port++)
		node->port_credits[port] = (uint16_t)(node->options.ports[port].mailbox + PLACES_FOR_HIGH);
	for (uint16_t handle = node->options.messages; handle > 0; handle--) {
		node->messages[handle].next_free = node->first_free;
		node->first_free = handle;
	}
	node->free_count = node->options.messages;
	return true;
}

void pool_destroy(lugh_node *node)
{
	for (uint16_t handle = 1; node->messages && handle <= node->options.messages; handle++)
		pool_drop_body(node, handle);
	for (uint16_t index = 0; index < node->service_count; index++)
		if (node->services[index].configuration)
			pool_drop_block(node, node->services[index].configuration);
	for (unsigned size_class = 0; size_class < SIZE_CLASSES; size_class++)
		for (block *body = node->free_blocks[size_class]; body;) {
			block *next = body->next_free;
			free(body);
			body = next;
		}
	free(node->messages);
	free(node->port_credits);
}
