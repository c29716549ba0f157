/*
 * What the worker tells sim/ unasked: maps { event, … }, without an id.
 *
 *   power      { node, seconds }           cut it, and boot it so much later
 *   log        { node, level, text, micros }
 *   panic      { node, reason, isSafe }
 *   probe      { node, type, body }
 *   message    { node, port, type, body, token, isCall, micros }
 *   published  { node, topic, body, micros }
 *   handled    { node, index, type }
 *   ask        { node, service, permission, name }   y or n is awaited on descriptor 3
 */
#include "worker.h"

static void put_integer(lugh_cbor_writer *writer, const char *key, int64_t value)
{
	lugh_cbor_put_text(writer, key);
	lugh_cbor_put_int(writer, value);
}

static void put_pair(lugh_cbor_writer *writer, const char *key, const char *text)
{
	lugh_cbor_put_text(writer, key);
	lugh_cbor_put_text(writer, text);
}

static void put_flag(lugh_cbor_writer *writer, const char *key, bool flag)
{
	lugh_cbor_put_text(writer, key);
	lugh_cbor_put_bool(writer, flag);
}

void event_log(sim_node *node, const char *level, const char *text)
{
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 5);
	put_integer(writer, "node", node->index);
	put_pair(writer, "text", text);
	put_pair(writer, "event", "log");
	put_pair(writer, "level", level);
	put_integer(writer, "micros", sim_node_monotonic(node));
	frames_end(writer);
}

void event_panic(sim_node *node, const char *reason, lugh_node_wish wish)
{
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 4);
	put_integer(writer, "node", node->index);
	put_pair(writer, "event", "panic");
	if (wish == LUGH_WISH_NONE) {
		lugh_cbor_put_text(writer, "isSafe");
		lugh_cbor_put_null(writer);
	}
	else
		put_flag(writer, "isSafe", wish == LUGH_WISH_SAFE);
	put_pair(writer, "reason", reason);
	frames_end(writer);
}

void event_power(sim_node *node, int64_t seconds)
{
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 3);
	put_integer(writer, "node", node->index);
	put_pair(writer, "event", "power");
	put_integer(writer, "seconds", seconds);
	frames_end(writer);
}

void event_probe(sim_node *node, const lugh_received *message)
{
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 5);
	lugh_cbor_put_text(writer, "body");
	lugh_cbor_put_bytes(writer, message->body, message->length);
	put_integer(writer, "node", node->index);
	put_pair(writer, "type", message->type);
	put_pair(writer, "event", "probe");
	lugh_cbor_put_text(writer, "micros");
	lugh_cbor_put_int(writer, worker_now());
	frames_end(writer);
}

/* An empty string of bytes stands for no body. */
static void put_body(lugh_cbor_writer *writer, const uint8_t *body, size_t length)
{
	lugh_cbor_put_text(writer, "body");
	lugh_cbor_put_bytes(writer, body, body ? length : 0);
}

void event_message(sim_node *node, const char *port, const lugh_received *message)
{
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 8);
	put_body(writer, message->body, message->length);
	put_integer(writer, "node", node->index);
	put_pair(writer, "port", port);
	put_pair(writer, "type", message->type);
	put_pair(writer, "event", "message");
	put_integer(writer, "token", message->token);
	put_flag(writer, "isCall", message->is_call);
	put_integer(writer, "micros", sim_node_monotonic(node));
	frames_end(writer);
}

void event_published(sim_node *node, const char *topic, const uint8_t *body, size_t length)
{
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 5);
	put_body(writer, body, length);
	put_integer(writer, "node", node->index);
	put_pair(writer, "event", "published");
	put_pair(writer, "topic", topic);
	put_integer(writer, "micros", sim_node_monotonic(node));
	frames_end(writer);
}

void event_handled(sim_node *node, int service, const char *type)
{
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 4);
	put_integer(writer, "node", node->index);
	put_pair(writer, "type", type);
	put_pair(writer, "event", "handled");
	put_integer(writer, "index", service);
	frames_end(writer);
}

void event_ask(sim_node *node, const char *service, const char *permission, const char *name)
{
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 5);
	put_pair(writer, "name", name);
	put_integer(writer, "node", node->index);
	put_pair(writer, "event", "ask");
	put_pair(writer, "service", service);
	put_pair(writer, "permission", permission);
	frames_end(writer);
}
