/*
 * What a node at a desk has in place of the rest of its node: device ports whose other end is sim/, and an eye on what
 * services publish. `lugh run` and `lugh test` give a service its surroundings with it.
 *
 * Each message to a stand-in is an event, and stops a virtual clock that was told to pause: a call is then answered at the
 * moment at which it was made. With --ask the worker also stands still while somebody is asked for a permission.
 */
#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void deliver(lugh_node *node, void *device, const lugh_received *message)
{
	sim_stand_in *of = device;
	event_message(of->node, of->name, message);
	if (!message->is_call)
		lugh_node_release(node, message->token);
	worker_pause();
}

static bool add(sim_node *node, const char *name, size_t length)
{
	sim_stand_in *of = &node->stand_ins[node->stand_in_count];
	if (node->stand_in_count == STAND_INS || length >= sizeof(of->name))
		return false;
	of->node = node;
	memcpy(of->name, name, length);
	node->ports[node->first_stand_in + node->stand_in_count++] = (lugh_port){ of->name, STAND_IN_MAILBOX, deliver, of };
	return true;
}

/* Boot's standIns: an array of names. */
bool stand_in_begin(sim_node *node, const lugh_cbor_reader *options, size_t *port_count)
{
	lugh_cbor_reader names;
	size_t count = 0, length;
	const char *name;
	if (lugh_cbor_find(options, "standIns", &names) && !lugh_cbor_get_array(&names, &count))
		return false;
	if (count + (worker_asks() ? STAND_INS_LATER : 0) > STAND_INS)
		return false;
	stand_in_end(node);
	node->first_stand_in = *port_count;
	if (count || worker_asks())
		node->stand_ins = calloc(STAND_INS, sizeof(sim_stand_in));
	if ((count || worker_asks()) && !node->stand_ins)
		return false;
	for (size_t index = 0; index < count; index++)
		if (!lugh_cbor_get_text(&names, &name, &length) || !add(node, name, length))
			return false;
	for (size_t index = 0; worker_asks() && index < STAND_INS_LATER; index++)
		add(node, "", 0);
	*port_count += node->stand_in_count;
	return true;
}

void stand_in_end(sim_node *node)
{
	free(node->stand_ins);
	node->stand_ins = NULL;
	node->stand_in_count = 0;
}

/* ---- who watches ---- */

static void published(void *host, const char *topic, const uint8_t *body, size_t length)
{
	event_published(host, topic, body, length);
}

static void handled(void *host, int service, const char *type)
{
	event_handled(host, service, type);
}

/* A channel that is allowed needs somebody at its other end: a stand-in that was kept for it. */
static bool has_end(const lugh_node *lugh, sim_node *node, const char *name)
{
	for (size_t port = 0; port < node->first_stand_in + node->stand_in_count; port++)
		if (!strcmp(node->ports[port].name, name))
			return true;
	if (lugh_node_service(lugh, name) >= 0 || !strcmp(name, "kernel"))
		return true;
	for (size_t index = 0; index < node->stand_in_count; index++) {
		sim_stand_in *of = &node->stand_ins[index];
		if (of->name[0] || strlen(name) >= sizeof(of->name))
			continue;
		strcpy(of->name, name);
		return true;
	}
	return false;
}

static bool permit(lugh_node *lugh, void *host, const char *service, const char *permission, const char *name)
{
	sim_node *node = host;
	char answer = 'n';
	event_ask(node, service, permission, name);
	frames_flush();
	bool was_held = worker_hold(true); /* a deadline does not pass while a person makes up their mind */
	while (read(ANSWERS, &answer, 1) < 0 && errno == EINTR)
		;
	worker_hold(was_held);
	bool is_channel = !strcmp(permission, "call") || !strcmp(permission, "send") || !strcmp(permission, "device");
	return answer == 'y' && (!is_channel || has_end(lugh, node, name));
}

void stand_in_watch(const lugh_cbor_reader *options, lugh_node_options *made)
{
	lugh_cbor_reader value;
	bool watches = false;
	if (worker_asks())
		made->permit = permit;
	if (!lugh_cbor_find(options, "watch", &value) || !lugh_cbor_get_bool(&value, &watches) || !watches)
		return;
	made->published = published;
	made->handled = handled;
}
