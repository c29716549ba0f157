/*
 * What is said: message types, topics, answers and log lines.
 *
 * Texts of services reach logs, reports and frames from here, where nobody expects anything but UTF-8: the engine's
 * strings may hold lone surrogates and two-byte zeros, and a cut may fall into a character. All of them are cleaned here.
 */
#include "node_state.h"

#include <stdlib.h>
#include <string.h>

#include "body_text.h"
#include "utf8.h"

const char *const answer_texts[LUGH_ANSWER_COUNT] = {
	"sent", "full", "late", "dead", "not-capable", "too-large", "unavailable",
};

/* ---- message types: one table for all nodes of a process, because they come from the one root ---- */

static char *types[TYPES];
static uint16_t type_count;
static struct { const char *text; uint16_t type; } type_cache[256];

static int add_type(const char *text, uint16_t *quota)
{
	size_t length = strlen(text);
	if (type_count == TYPES || length >= TYPE_BYTES || (quota && *quota == TYPES_EACH))
		return -1;
	if (!lugh_is_utf8((const uint8_t *)text, length))
		return -1;
	char *copy = strdup(text);
	if (!copy)
		return -1;
	if (quota)
		*quota += 1;
	types[type_count] = copy;
	return type_count++;
}

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
	return add_type(text, quota);
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

/* ---- clean text ---- */

static const char replacement[] = "\xef\xbf\xbd";

/* Writes the next character, at most four bytes, and moves behind it. Answers how many. */
static size_t clean_character(uint8_t *bytes, const char **from)
{
	char inner[8] = "";
	const char *begin = *from;
	int32_t point = lugh_text_point(from);
	if (point > 0) {
		memcpy(inner, begin, (size_t)(*from - begin));
		return (size_t)(lugh_text_write(bytes, inner) - bytes);
	}
	if (point == LUGH_TEXT_ILL_FORMED)
		do
			*from += 1;
		while ((**from & 0xc0) == 0x80);
	memcpy(bytes, replacement, sizeof(replacement) - 1);
	return sizeof(replacement) - 1;
}

void clean_text(char *to, size_t size, const char *from)
{
	while (*from) {
		uint8_t bytes[4];
		size_t length = clean_character(bytes, &from);
		if (length >= size)
			break;
		memcpy(to, bytes, length);
		to += length;
		size -= length;
	}
	*to = 0;
}

void log_text(lugh_node *node, const char *level, const char *text)
{
	char clean[LOG_BYTES];
	clean_text(clean, sizeof(clean), text);
	node->options.log(node->options.host, level, clean);
}
