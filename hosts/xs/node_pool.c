/*
 * The pool: messages, their bodies and the submission ring. Everything is bounded, and a message is in one hand at a time.
 * A body is shared by the copies of a publication and counted. Blocks come in powers of two and are kept for reuse.
 */
#include "node_state.h"

#include <stdlib.h>
#include <string.h>


/* ---- message types: one table for all nodes, because they come from the one root ---- */

static char *types[TYPES];
static uint16_t type_count;
static struct { const char *text; uint16_t type; } type_cache[256];

int type_of(const char *text, uint16_t *quota)
{
	unsigned at = ((uintptr_t)text >> 2) & 255;
	if (type_cache[at].text == text && !strcmp(types[type_cache[at].type], text))
		return type_cache[at].type;
	for (uint16_t type = 0; type < type_count; type++)
		if (!strcmp(types[type], text)) {
			type_cache[at].text = text;
			type_cache[at].type = type;
			return type;
		}
	if (type_count == TYPES || strlen(text) >= TYPE_BYTES || (quota && *quota == TYPES_EACH))
		return -1;
	char *copy = strdup(text);
	if (!copy)
		return -1;
	if (quota)
		*quota += 1;
	types[type_count] = copy;
	return type_count++;
}

const char *type_text(int type)
{
	return type >= 0 && type < type_count ? types[type] : "";
}

int topic_of(lugh_node *node, const char *name)
{
	for (uint16_t topic = 0; topic < node->topic_count; topic++)
		if (!strcmp(node->topics[topic], name))
			return topic;
	if (node->topic_count == TOPICS || strlen(name) >= sizeof(node->topics[0]))
		return -1;
	strcpy(node->topics[node->topic_count], name);
	return node->topic_count++;
}

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
	if (owner != NOBODY && priority != LUGH_HIGH && node->services[owner].body_bytes + size > limit / 2)
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
	node->pool_used += size;
	if (owner != NOBODY)
		node->services[owner].body_bytes += size;
	if (length)
		memcpy(body->bytes, bytes, length);
	return body;
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
	return handle;
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
	if (of->latest && *of->latest == handle)
		*of->latest = 0;
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
	if (*credits == 0)
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

/* Turns a call into its reply: to whoever called, with a body or with an answer. */
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
	of->target = of->sender;
}

/* ---- the submission ring ---- */

void pool_submit(lugh_node *node, uint16_t handle, int kind, uint16_t target, int priority)
{
	node->ring[node->ring_tail++ & node->ring_mask] =
		(uint32_t)handle | (uint32_t)target << 12 | (uint32_t)priority << 22 | (uint32_t)kind << 24;
}

uint32_t pool_next(lugh_node *node)
{
	if (node->ring_head == node->ring_tail)
		return 0;
	return node->ring[node->ring_head++ & node->ring_mask];
}

/* A reply that is taken back is a call that is still owed one. */
static void reopen_call(lugh_node *node, uint16_t handle)
{
	message *of = &node->messages[handle];
	pool_drop_body(node, handle);
	of->kind = KIND_CALL;
	of->answer = LUGH_ANSWER_NONE;
}

/* Takes back what was submitted since `mark`, as if it had never been. */
void pool_discard(lugh_node *node, uint32_t mark)
{
	while (node->ring_tail != mark) {
		uint32_t packed = node->ring[--node->ring_tail & node->ring_mask];
		uint16_t handle = packed & 0xfff;
		switch (packed >> 24 & 15) {
		case KIND_CANCEL:
			node->messages[handle].is_cancelled = false;
			break;
		case KIND_REPLY:
			reopen_call(node, handle);
			break;
		default:
			pool_release(node, handle);
		}
	}
}

void pool_destroy(lugh_node *node)
{
	for (uint16_t handle = 1; handle <= node->options.messages; handle++)
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
	free(node->ring);
	free(node->port_credits);
}
