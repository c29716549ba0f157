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

void event_log(sim_node *node, const char *level, const char *text)
{
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 5);
	lugh_cbor_put_int_field(writer, "node", node->index);
	lugh_cbor_put_text_field(writer, "text", text);
	lugh_cbor_put_text_field(writer, "event", "log");
	lugh_cbor_put_text_field(writer, "level", level);
	lugh_cbor_put_int_field(writer, "micros", sim_node_monotonic(node));
	frames_end(writer);
}

void event_panic(sim_node *node, const char *reason, lugh_node_wish wish)
{
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 4);
	lugh_cbor_put_int_field(writer, "node", node->index);
	lugh_cbor_put_text_field(writer, "event", "panic");
	if (wish == LUGH_WISH_NONE) {
		lugh_cbor_put_text(writer, "isSafe");
		lugh_cbor_put_null(writer);
	}
	else
		lugh_cbor_put_bool_field(writer, "isSafe", wish == LUGH_WISH_SAFE);
	lugh_cbor_put_text_field(writer, "reason", reason);
	frames_end(writer);
}

void event_power(sim_node *node, int64_t seconds)
{
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 3);
	lugh_cbor_put_int_field(writer, "node", node->index);
	lugh_cbor_put_text_field(writer, "event", "power");
	lugh_cbor_put_int_field(writer, "seconds", seconds);
	frames_end(writer);
}

void event_probe(sim_node *node, const lugh_received *message)
{
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 5);
	lugh_cbor_put_text(writer, "body");
	lugh_cbor_put_bytes(writer, message->body, message->length);
	lugh_cbor_put_int_field(writer, "node", node->index);
	lugh_cbor_put_text_field(writer, "type", message->type);
	lugh_cbor_put_text_field(writer, "event", "probe");
	lugh_cbor_put_int_field(writer, "micros", worker_now());
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
	lugh_cbor_put_int_field(writer, "node", node->index);
	lugh_cbor_put_text_field(writer, "port", port);
	lugh_cbor_put_text_field(writer, "type", message->type);
	lugh_cbor_put_text_field(writer, "event", "message");
	lugh_cbor_put_int_field(writer, "token", message->token);
	lugh_cbor_put_bool_field(writer, "isCall", message->is_call);
	lugh_cbor_put_int_field(writer, "micros", sim_node_monotonic(node));
	frames_end(writer);
}

void event_published(sim_node *node, const char *topic, const uint8_t *body, size_t length)
{
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 5);
	put_body(writer, body, length);
	lugh_cbor_put_int_field(writer, "node", node->index);
	lugh_cbor_put_text_field(writer, "event", "published");
	lugh_cbor_put_text_field(writer, "topic", topic);
	lugh_cbor_put_int_field(writer, "micros", sim_node_monotonic(node));
	frames_end(writer);
}

void event_handled(sim_node *node, int service, const char *type)
{
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 4);
	lugh_cbor_put_int_field(writer, "node", node->index);
	lugh_cbor_put_text_field(writer, "type", type);
	lugh_cbor_put_text_field(writer, "event", "handled");
	lugh_cbor_put_int_field(writer, "index", service);
	frames_end(writer);
}

void event_ask(sim_node *node, const char *service, const char *permission, const char *name)
{
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 5);
	lugh_cbor_put_text_field(writer, "name", name);
	lugh_cbor_put_int_field(writer, "node", node->index);
	lugh_cbor_put_text_field(writer, "event", "ask");
	lugh_cbor_put_text_field(writer, "service", service);
	lugh_cbor_put_text_field(writer, "permission", permission);
	frames_end(writer);
}
