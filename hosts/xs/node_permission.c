/*
 * What a service may reach: channels, topics, and what device ports have to ask about.
 *
 * The table decides. What it does not grant is refused and said, with the flag of `lugh run` that grants it, so that who
 * reads the line of a node in the field knows what its entry lacks. A desk's host may grant more while the node runs
 * (node.h, "permit"); it then holds as if the table had it.
 */
#include "node_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is granted ---- */

static channel *find_channel(service *of, const char *name)
{
	for (uint16_t index = 0; index < of->channel_count; index++)
		if (!strcmp(of->channels[index].name, name))
			return &of->channels[index];
	return NULL;
}

/* Unread messages of `latest` channels point into the array: they move with it. */
static bool grow_channels(service *of)
{
	lugh_node *node = of->node;
	channel *grown = malloc((of->channel_count + 1) * sizeof(channel));
	if (!grown)
		return false;
	if (of->channel_count)
		memcpy(grown, of->channels, of->channel_count * sizeof(channel));
	for (uint16_t handle = 1; handle <= node->options.messages; handle++) {
		message *unread = &node->messages[handle];
		if (unread->latest && unread->sender == of->index)
			unread->latest = (uint16_t *)((char *)grown + ((char *)unread->latest - (char *)of->channels));
	}
	free(of->channels);
	of->channels = grown;
	return true;
}

channel *grant_channel(service *of, const char *name, uint16_t target, int priority, int verbs, bool is_latest)
{
	channel *to = find_channel(of, name);
	if (!to) {
		if (strlen(name) >= sizeof(to->name) || !grow_channels(of))
			return NULL;
		to = &of->channels[of->channel_count++];
		memset(to, 0, sizeof(*to));
		strcpy(to->name, name);
		to->target = target;
	}
	to->verbs |= verbs;
	if (verbs & VERB_SEND)
		to->send_priority = (uint8_t)priority;
	if (verbs & VERB_CALL)
		to->call_priority = (uint8_t)priority;
	if (verbs & VERB_SEND)
		to->is_latest = is_latest;
	return to;
}

topic_grant *grant_topic(service *of, int topic, int priority, int verbs)
{
	topic_grant *grown = realloc(of->topics, (of->topic_count + 1) * sizeof(topic_grant));
	if (!grown)
		return NULL;
	of->topics = grown;
	topic_grant *grant = &grown[of->topic_count++];
	grant->topic = (uint16_t)topic;
	grant->priority = (uint8_t)priority;
	grant->verbs = (uint8_t)verbs;
	return grant;
}

bool grant_port(service *of, const char *permission, const char *name)
{
	port_grant *grown = realloc(of->permits, (of->permit_count + 1) * sizeof(port_grant));
	if (!grown)
		return false;
	of->permits = grown;
	port_grant *grant = &grown[of->permit_count];
	if (strlen(permission) >= sizeof(grant->permission) || strlen(name) >= sizeof(grant->name))
		return false;
	strcpy(grant->permission, permission);
	strcpy(grant->name, name);
	of->permit_count++;
	return true;
}

void forget_grants(service *of)
{
	free(of->channels);
	free(of->topics);
	free(of->permits);
}

/* ---- what is not ---- */

typedef struct {
	const char *permission; /* of the flag --allow-… */
	const char *value;      /* what the flag would be given */
	const char *what;       /* what it is, in the sentence */
} wish;

/* Devices are granted by their kind: "adc0" is one of "adc". */
static const char *device_kind(const char *name)
{
	static const char *const kinds[] = { "adc", "i2c", "spi", "gpio", "serial" };
	for (size_t index = 0; index < sizeof(kinds) / sizeof(*kinds); index++) {
		size_t length = strlen(kinds[index]);
		if (!strncmp(name, kinds[index], length) && name[length] && strspn(name + length, "0123456789") == strlen(name + length))
			return kinds[index];
	}
	return NULL;
}

static wish wish_for_channel(const char *name, int verb)
{
	const char *kind = device_kind(name);
	if (kind)
		return (wish){ "device", kind, "device" };
	return (wish){ verb == VERB_CALL ? "call" : "send", name, "channel" };
}

/* Said, and kept for whoever judges a new version of the service. */
static void deny(service *of, const char *text)
{
	snprintf(of->denied, sizeof(of->denied), "%.223s", text);
	log_text(of->node, "warning", text);
}

/* Answers whether the host grants it after all; else it is said. A name that is no text is nobody's. */
static bool ask(service *of, const wish *it, const char *name)
{
	lugh_node *node = of->node;
	char clean[64], text[256];
	clean_text(clean, sizeof(clean), name);
	if (node->options.permit && !strcmp(clean, name) && node->options.permit(node, node->options.host, of->name, it->permission, name))
		return true;
	snprintf(text, sizeof(text), "NotCapable: \"%s\" needs %s \"%s\"; grant it with --allow-%s=%s", of->name, it->what, clean,
		it->permission, it->value == name ? clean : it->value);
	deny(of, text);
	return false;
}

static int target_of(const lugh_node *node, const char *name)
{
	int service = lugh_node_service(node, name);
	if (service >= 0)
		return service;
	if (!strcmp(name, "kernel"))
		return KERNEL_PORT;
	for (size_t port = 0; port < node->options.port_count; port++)
		if (!strcmp(node->options.ports[port].name, name))
			return node->service_count + (int)port;
	return -1;
}

/* Whether a grant allows what the options ask; a priority that they leave open is that of the message in hand. */
static bool allows(service *of, const char *name, int granted, send_options *options)
{
	static const char *const levels[] = { "HIGH", "MEDIUM", "LOW" };
	if (options->priority == -1)
		options->priority = of->current_priority < granted ? granted : of->current_priority;
	if (options->priority >= granted)
		return true;
	char text[192];
	snprintf(text, sizeof(text), "NotCapable: \"%s\" needs \"%.64s\" at %s; its entry grants %s", of->name, name, levels[options->priority], levels[granted]);
	deny(of, text);
	return false;
}

channel *grant_of(service *of, const char *name, int verb, send_options *options)
{
	channel *to = find_channel(of, name);
	if (!to || !(to->verbs & verb)) {
		wish it = wish_for_channel(name, verb);
		int target = ask(of, &it, name) ? target_of(of->node, name) : -1;
		to = target < 0 ? NULL : grant_channel(of, name, (uint16_t)target, LUGH_HIGH, verb, false);
	}
	return to && allows(of, to->name, verb == VERB_CALL ? to->call_priority : to->send_priority, options) ? to : NULL;
}

static topic_grant *find_topic(service *of, const char *name, int verb)
{
	for (uint16_t index = 0; index < of->topic_count; index++) {
		topic_grant *grant = &of->topics[index];
		if ((grant->verbs & verb) && !strcmp(of->node->topics[grant->topic], name))
			return grant;
	}
	return NULL;
}

topic_grant *grant_of_topic(service *of, const char *name, int verb, send_options *options)
{
	topic_grant *to = find_topic(of, name, verb);
	if (!to) {
		wish it = { verb == VERB_PUBLISH ? "publish" : "subscribe", name, "topic" };
		int topic = ask(of, &it, name) ? topic_of(of->node, name) : -1;
		to = topic < 0 ? NULL : grant_topic(of, topic, LUGH_HIGH, verb);
	}
	return to && (!options || allows(of, of->node->topics[to->topic], to->priority, options)) ? to : NULL;
}

/* Any name will do when none is wanted. */
static const port_grant *find_permit(const service *of, const char *permission, const char *name)
{
	for (uint16_t index = 0; index < of->permit_count; index++)
		if (!strcmp(of->permits[index].permission, permission) && (!name || !strcmp(of->permits[index].name, name)))
			return &of->permits[index];
	return NULL;
}

const char *store_prefix(const service *of)
{
	const port_grant *permit = find_permit(of, "store", NULL);
	return permit ? permit->name : "";
}

/* Under which prefix is for storage to look at; a service that has none is suggested its own name. */
bool may_store(service *of)
{
	wish it = { "store", of->name, "storage" };
	if (find_permit(of, "store", NULL))
		return true;
	return ask(of, &it, of->name) && grant_port(of, "store", of->name);
}

bool lugh_node_permits(lugh_node *node, int index, const char *permission, const char *name)
{
	if (index < 0 || index >= node->service_count)
		return false;
	service *of = &node->services[index];
	wish it = { permission, name, !strcmp(permission, "net") ? "connection" : "storage" };
	if (find_permit(of, permission, name))
		return true;
	return ask(of, &it, name) && grant_port(of, permission, name);
}
