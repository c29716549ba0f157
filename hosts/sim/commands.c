/*
 * What sim/ may ask of the worker. Each command is a map { id, op, … } and is answered by { id, … } or { id, error }. What the
 * worker tells unasked is in events.c.
 *
 *   boot     { node, name, configuration, utcMicros, utcQualityMicros, seed, messages,
 *              poolBytes, waveform, playback, declaredVolts, phaseTurns, noiseRatio, insecure, probe, standIns, watch, isOffline,
 *              flash }
 *            utcMicros is the node's UTC when the worker's clock was 0; utcQualityMicros, when given, makes it trusted
 *   cut      { node }                      the power fails; boot brings the node back
 *   points   { node, points }              set points of the waveform: [atMicros, [u1, u2, u3], hertz, continues] each
 *   samples  { atMicros, voltsPerCount, samples }   an Int32Array, L1 L2 L3 …, 4,000 a second: what nodes with `playback` hear
 *   clock    { node, utcMicros, utcQualityMicros }
 *   send     { node, service, type, priority, body? }   a message from outside, for tests and benches
 *   fault    { node, service, kind }       throw, spin, memory, stack or kill, in the service's own machine
 *   publish  { node, topic, priority, body? }
 *   reply    { node, token?, body? }       answers that call to a stand-in, or the oldest of type "hold" that the probe keeps
 *   refuse   { node, token, answer }       the same, by the number of an answer (kernel/host.ts, "answers")
 *   advance  { to, pauses? }               virtual time only; with pauses, until a stand-in receives something: answers { micros }
 *   measure  { node }                      answers { messages, poolBytes, bytes, dispatches, refused }
 *   trace    { node }                      answers { dispatches }: what lugh_node_trace writes, the last 512
 *   flash    { node, … }                   plans faults and answers figures: flash_command.c
 *   load     { path }                      modules of another image, for this desk alone: nobody has signed them
 *   hold     { isHeld }                    live time only: the clock stands still, or goes on
 *   now      {}                            answers { micros }
 *   stop     {}
 */
#include "worker.h"

#include <stdio.h>
#include <string.h>

static void answer(int64_t id, const char *error)
{
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, error ? 2 : 1);
	lugh_cbor_put_int_field(writer, "id", id);
	if (error)
		lugh_cbor_put_text_field(writer, "error", error);
	frames_end(writer);
}

typedef const char *(*command_function)(int64_t id, const lugh_cbor_reader *command, sim_node *node);

static char error_text[600];
static const char *const answered = ""; /* the command has answered by itself */

static const char *take_boot(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	(void)id;
	int64_t index = integer_of(command, "node", -1);
	if (node && node->node)
		return "Cannot boot node: it is running";
	if (!node)
		node = worker_add(index);
	if (!node)
		return "Cannot boot node: wanted an index below 100,000, and memory";
	if (!sim_node_boot(node, command, error_text, sizeof(error_text))) {
		if (!node->flash)
			worker_remove(node); /* a flash outlives a boot that failed */
		return error_text;
	}
	worker_wake(node, worker_now());
	return NULL;
}

static const char *take_cut(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	(void)id;
	(void)command;
	sim_node_cut(node);
	return NULL;
}

static bool read_point(lugh_cbor_reader *points, lugh_setpoint *point)
{
	size_t count, lines;
	if (!lugh_cbor_get_array(points, &count) || count != 4 || !lugh_cbor_get_int(points, &point->at))
		return false;
	if (!lugh_cbor_get_array(points, &lines) || lines != LUGH_WAVEFORM_LINES)
		return false;
	for (size_t line = 0; line < lines; line++)
		if (!lugh_cbor_get_double(points, &point->volts[line]))
			return false;
	return lugh_cbor_get_double(points, &point->hertz) && lugh_cbor_get_bool(points, &point->continues);
}

static const char *take_points(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	(void)id;
	lugh_cbor_reader points;
	lugh_setpoint read[LUGH_WAVEFORM_SETPOINTS];
	size_t count = 0;
	if (!lugh_cbor_find(command, "points", &points) || !lugh_cbor_get_array(&points, &count) || count > LUGH_WAVEFORM_SETPOINTS)
		return "Cannot set points: wanted an array of them";
	for (size_t index = 0; index < count; index++)
		if (!read_point(&points, &read[index]))
			return "Cannot set points: wanted [atMicros, [u1, u2, u3], hertz, continues]";
	int reason = lugh_waveform_set(&node->waveform, read, count);
	return reason ? lugh_waveform_reason(reason) : NULL;
}

static const char *take_samples(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	(void)id;
	(void)node;
	enum { INT32_LITTLE_ENDIAN = 78, FRAME_LENGTH = 4 * LUGH_PLAYBACK_LINES }; /* RFC 8746 */
	lugh_cbor_reader values, scale;
	int tag = 0;
	const uint8_t *bytes = NULL;
	size_t length = 0;
	double volts_per_count = 0;
	if (!lugh_cbor_find(command, "samples", &values) || !lugh_cbor_get_typed_array(&values, &tag, &bytes, &length) ||
			tag != INT32_LITTLE_ENDIAN || length % FRAME_LENGTH)
		return "Cannot play samples: wanted an Int32Array of all three lines";
	if (lugh_cbor_find(command, "voltsPerCount", &scale))
		lugh_cbor_get_double(&scale, &volts_per_count);
	int64_t at = integer_of(command, "atMicros", -1);
	int reason = lugh_playback_add(worker_playback(), at, volts_per_count, bytes, length / FRAME_LENGTH);
	return reason ? lugh_playback_reason(reason) : NULL;
}

static const char *take_clock(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	(void)id;
	node->utc_offset = integer_of(command, "utcMicros", 0) + node->booted_at;
	node->utc_quality = integer_of(command, "utcQualityMicros", -1);
	return NULL;
}

/* The item under "body", as the bytes that it has in the command; NULL: none. */
static const uint8_t *body_of(const lugh_cbor_reader *command, size_t *length)
{
	lugh_cbor_reader body;
	if (!lugh_cbor_find(command, "body", &body))
		return NULL;
	const uint8_t *begin = body.at;
	lugh_cbor_skip(&body);
	*length = (size_t)(body.at - begin);
	return begin;
}

static const char *take_send(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	(void)id;
	char service[32], type[64];
	size_t length = 0;
	const uint8_t *body = body_of(command, &length);
	if (!text_of(command, "service", service, sizeof(service)) || !text_of(command, "type", type, sizeof(type)))
		return "Cannot send: wanted a service and a type";
	int to = lugh_node_service(node->node, service);
	if (to < 0)
		return "Cannot send: no such service";
	int priority = (int)integer_of(command, "priority", LUGH_MEDIUM);
	if (!lugh_node_send(node->node, to, type, priority, body, length))
		return "full";
	worker_wake(node, worker_now());
	return NULL;
}

static const char *take_publish(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	(void)id;
	char topic[32];
	size_t length = 0;
	const uint8_t *body = body_of(command, &length);
	if (!text_of(command, "topic", topic, sizeof(topic)))
		return "Cannot publish: wanted a topic";
	if (!lugh_node_publish(node->node, topic, (int)integer_of(command, "priority", LUGH_MEDIUM), body, length))
		return "full";
	worker_wake(node, worker_now());
	return NULL;
}

static const char *take_fault(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	(void)id;
	if (!sim_node_fault(node, command, error_text, sizeof(error_text)))
		return error_text;
	worker_wake(node, worker_now());
	return NULL;
}

static const char *take_reply(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	(void)id;
	size_t length = 0;
	const uint8_t *body = body_of(command, &length);
	int64_t token = integer_of(command, "token", 0);
	if (!token)
		return sim_node_reply(node, body, length) ? NULL : "Cannot reply: the probe keeps no call";
	lugh_node_reply(node->node, (uint32_t)token, body, length);
	worker_wake(node, worker_now());
	return NULL;
}

static const char *take_refuse(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	(void)id;
	int64_t answer = integer_of(command, "answer", 0);
	if (answer <= LUGH_ANSWER_NONE || answer >= LUGH_ANSWER_COUNT)
		return "Cannot refuse: wanted the number of an answer";
	lugh_node_refuse(node->node, (uint32_t)integer_of(command, "token", 0), (int)answer);
	worker_wake(node, worker_now());
	return NULL;
}

static const char *take_trace(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	(void)command;
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 2);
	lugh_cbor_put_int_field(writer, "id", id);
	lugh_cbor_put_text(writer, "dispatches");
	lugh_node_trace(node->node, SIZE_MAX, writer);
	frames_end(writer);
	return answered;
}

static const char *answered_with_micros(int64_t id, int64_t micros)
{
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 2);
	lugh_cbor_put_int_field(writer, "id", id);
	lugh_cbor_put_int_field(writer, "micros", micros);
	frames_end(writer);
	return answered;
}

static const char *take_advance(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	(void)node;
	lugh_cbor_reader value;
	bool pauses = false;
	if (!worker_is_virtual())
		return "Cannot advance: time is live; start the worker with --virtual";
	if (lugh_cbor_find(command, "pauses", &value))
		lugh_cbor_get_bool(&value, &pauses);
	return answered_with_micros(id, worker_advance(integer_of(command, "to", 0), pauses));
}

static const char *take_measure(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	(void)command;
	lugh_node_figures figures = lugh_node_measure(node->node);
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 6);
	lugh_cbor_put_int_field(writer, "id", id);
	lugh_cbor_put_int_field(writer, "bytes", (int64_t)figures.bytes);
	lugh_cbor_put_int_field(writer, "refused", (int64_t)figures.refused);
	lugh_cbor_put_int_field(writer, "messages", figures.messages);
	lugh_cbor_put_int_field(writer, "poolBytes", (int64_t)figures.pool_bytes);
	lugh_cbor_put_int_field(writer, "dispatches", (int64_t)figures.dispatches);
	frames_end(writer);
	return answered;
}

static const char *take_flash(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	const char *error = flash_obey(node, command);
	if (error)
		return error;
	flash_tell(node, id);
	return answered;
}

static const char *take_load(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	(void)id;
	(void)node;
	char path[512];
	if (!text_of(command, "path", path, sizeof(path)))
		return "Cannot load: wanted the path of an image";
	return lugh_added_read(path, error_text, sizeof(error_text)) ? error_text : NULL;
}

static const char *take_hold(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	(void)id;
	(void)node;
	lugh_cbor_reader value;
	bool is_held = false;
	if (!lugh_cbor_find(command, "isHeld", &value) || !lugh_cbor_get_bool(&value, &is_held))
		return "Cannot hold: wanted isHeld";
	worker_hold(is_held);
	return NULL;
}

static const char *take_now(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	(void)command;
	(void)node;
	return answered_with_micros(id, worker_now());
}

static const char *take_stop(int64_t id, const lugh_cbor_reader *command, sim_node *node)
{
	(void)id;
	(void)command;
	(void)node;
	worker_stop();
	return NULL;
}

static const struct {
	const char *op;
	command_function take;
	bool needs_running_node;
} commands[] = {
	{ "boot", take_boot, false },
	{ "cut", take_cut, true },
	{ "points", take_points, true },
	{ "samples", take_samples, false },
	{ "clock", take_clock, true },
	{ "send", take_send, true },
	{ "fault", take_fault, true },
	{ "publish", take_publish, true },
	{ "reply", take_reply, true },
	{ "refuse", take_refuse, true },
	{ "advance", take_advance, false },
	{ "measure", take_measure, true },
	{ "trace", take_trace, true },
	{ "flash", take_flash, false },
	{ "load", take_load, false },
	{ "hold", take_hold, false },
	{ "now", take_now, false },
	{ "stop", take_stop, false },
};

void command_take(const uint8_t *bytes, size_t length)
{
	lugh_cbor_reader command;
	char op[16] = "";
	lugh_cbor_reader_begin(&command, bytes, length);
	int64_t id = integer_of(&command, "id", -1);
	text_of(&command, "op", op, sizeof(op));
	sim_node *node = worker_node(integer_of(&command, "node", -1));
	const char *error = "Cannot take command: commands.c lists those that there are";
	for (size_t index = 0; index < sizeof(commands) / sizeof(*commands); index++)
		if (!strcmp(commands[index].op, op)) {
			bool is_running = node && node->node;
			error = commands[index].needs_running_node && !is_running
				? "Cannot take command: no such node is running"
				: commands[index].take(id, &command, node);
			break;
		}
	if (error != answered)
		answer(id, error);
}
