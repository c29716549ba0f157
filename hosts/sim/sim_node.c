/*
 * One simulated node: the real kernel and services, on virtual devices.
 *
 * The waveform port synthesises from set points that sim/ sends ahead of time, or plays the samples that it sends. The simulator port makes faults that are
 * real: it has the next dispatch run a hostile program in the service's own machine. The probe port hands what a service
 * sends it to the test that watches.
 */
#include "worker.h"

#include <stdio.h>
#include <string.h>

int64_t sim_node_monotonic(void *host)
{
	sim_node *node = host;
	return worker_now() - node->booted_at;
}

static int64_t utc_offset(void *host, int64_t *quality)
{
	sim_node *node = host;
	*quality = node->utc_quality;
	return node->utc_offset;
}

static void log_line(void *host, const char *level, const char *text)
{
	event_log(host, level, text);
}

/* ---- ports ---- */

static void deliver_nothing(lugh_node *node, void *device, const lugh_received *message)
{
	(void)device; /* the waveform port only publishes */
	if (message->is_call)
		lugh_node_refuse(node, message->token, LUGH_ANSWER_NOT_CAPABLE);
	else
		lugh_node_release(node, message->token);
}

/* A call is answered with its own body; one of type "hold" is kept until `reply`. */
static void deliver_probe(lugh_node *lugh, void *device, const lugh_received *message)
{
	sim_node *node = device;
	event_probe(node, message);
	if (!message->is_call)
		lugh_node_release(lugh, message->token);
	else if (!strcmp(message->type, "hold") && node->kept_count < PROBE_CALLS)
		node->kept_calls[node->kept_count++] = message->token;
	else
		lugh_node_reply(lugh, message->token, message->body, message->length);
}

bool sim_node_reply(sim_node *node, const uint8_t *body, size_t length)
{
	if (node->kept_count == 0)
		return false;
	lugh_node_reply(node->node, node->kept_calls[0], body, length);
	node->kept_count--;
	memmove(node->kept_calls, node->kept_calls + 1, node->kept_count * sizeof(*node->kept_calls));
	worker_wake(node, worker_now());
	return true;
}

static const char *hostile_module(const char *kind)
{
	static const char *const kinds[][2] = {
		{ "throw", "hosts/sim/faults/throw" },
		{ "spin", "hosts/sim/faults/spin" },
		{ "memory", "hosts/sim/faults/memory" },
		{ "stack", "hosts/sim/faults/stack" },
	};
	for (size_t index = 0; index < sizeof(kinds) / sizeof(*kinds); index++)
		if (!strcmp(kinds[index][0], kind))
			return kinds[index][1];
	return NULL;
}

bool sim_node_fault(sim_node *node, const lugh_cbor_reader *order, char *error, size_t error_bytes)
{
	char service[32] = "", kind[16] = "";
	if (!text_of(order, "service", service, sizeof(service)) || lugh_node_service(node->node, service) < 0)
		snprintf(error, error_bytes, "no service \"%s\" on this node", service);
	else if (!text_of(order, "kind", kind, sizeof(kind)) || (strcmp(kind, "kill") && !hostile_module(kind)))
		snprintf(error, error_bytes, "wanted throw, spin, memory, stack or kill, found \"%s\"", kind);
	else if (!lugh_node_doom(node->node, lugh_node_service(node->node, service), hostile_module(kind)))
		snprintf(error, error_bytes, "\"%s\" is not running", service);
	else
		return true;
	return false;
}

/* power { seconds }: the power is to fail for so long, which sim/ does; answers { seconds } */
static void order_power(sim_node *node, const lugh_cbor_reader *body, const char **key, char *value, size_t size)
{
	int64_t seconds = integer_of(body, "seconds", -1);
	bool is_good = seconds >= 0 && seconds <= POWER_SECONDS;
	*key = is_good ? "seconds" : "error";
	snprintf(value, size, is_good ? "%d" : "wanted 0 to %d seconds without power", is_good ? (int)seconds : POWER_SECONDS);
	if (is_good)
		event_power(node, seconds);
}

/* fault { service, kind }: answers { error } or { service } */
static void order_fault(sim_node *node, const lugh_cbor_reader *body, const char **key, char *value, size_t size)
{
	*key = sim_node_fault(node, body, value, size) ? "service" : "error";
	if (!strcmp(*key, "service"))
		text_of(body, "service", value, size);
}

static void deliver_simulator(lugh_node *lugh, void *device, const lugh_received *message)
{
	sim_node *node = device;
	lugh_cbor_reader body;
	const char *key;
	char value[128] = "";
	lugh_cbor_reader_begin(&body, message->body, message->length);
	if (!strcmp(message->type, "power"))
		order_power(node, &body, &key, value, sizeof(value));
	else
		order_fault(node, &body, &key, value, sizeof(value));
	if (!message->is_call) {
		lugh_node_release(lugh, message->token);
		return;
	}
	uint8_t reply[256];
	lugh_cbor_writer writer;
	lugh_cbor_writer_begin(&writer, reply, sizeof(reply));
	lugh_cbor_put_map(&writer, 1);
	lugh_cbor_put_text(&writer, key);
	lugh_cbor_put_text(&writer, value);
	lugh_node_reply(lugh, message->token, reply, writer.length);
	worker_wake(node, worker_now());
}

/* ---- power ---- */

static size_t add_ports(sim_node *node, const lugh_cbor_reader *options)
{
	size_t count = 0;
	if (!flag_of(options, "isOffline"))
		node->ports[count++] = (lugh_port){ "socket", SOCKET_WRITES, socket_deliver, node };
	node->has_waveform = flag_of(options, "waveform");
	node->has_playback = flag_of(options, "playback");
	if (node->has_waveform)
		node->ports[count++] = (lugh_port){ "waveform", 4, deliver_nothing, node };
	if (node->flash)
		node->ports[count++] = (lugh_port){ "flash", FLASH_WAITING, flash_deliver, node };
	if (flag_of(options, "insecure"))
		node->ports[count++] = (lugh_port){ "simulator", 4, deliver_simulator, node };
	if (flag_of(options, "probe"))
		node->ports[count++] = (lugh_port){ "probe", 64, deliver_probe, node };
	return count;
}

bool sim_node_boot(sim_node *node, const lugh_cbor_reader *options, char *error, size_t error_bytes)
{
	lugh_cbor_reader configuration;
	if (!text_of(options, "name", node->name, sizeof(node->name)) || !lugh_cbor_find(options, "configuration", &configuration)) {
		snprintf(error, error_bytes, "Cannot boot node: wanted a name and a configuration");
		return false;
	}
	const uint8_t *begin = configuration.at;
	if (!lugh_cbor_skip(&configuration)) {
		snprintf(error, error_bytes, "Cannot boot node: its configuration is cut off");
		return false;
	}
	node->booted_at = worker_now();
	node->utc_offset = integer_of(options, "utcMicros", 0) + node->booted_at;
	node->utc_quality = integer_of(options, "utcQualityMicros", -1);
	node->samples = 0;
	node->kept_count = 0;
	socket_begin(node);
	if (!flash_begin(node, options, error, error_bytes))
		return false;
	size_t port_count = add_ports(node, options);
	if (!stand_in_begin(node, options, &port_count)) {
		snprintf(error, error_bytes, "Cannot boot node: wanted at most %d names of stand-ins, each shorter than 32 bytes", STAND_INS);
		return false;
	}
	const lugh_boot_report *found = flash_boot_report(node);
	lugh_node_options made = {
		.root = worker_root(),
		.boot = "firmware/boot",
		.configuration = begin,
		.configuration_length = (size_t)(configuration.at - begin),
		.boot_report = found ? found->told : NULL,
		.boot_report_length = found ? found->length : 0,
		.messages = (uint16_t)integer_of(options, "messages", 256),
		.pool_bytes = (size_t)integer_of(options, "poolBytes", 512 * 1024),
		.ports = node->ports,
		.port_count = port_count,
		.monotonic_micros = sim_node_monotonic,
		.utc_offset_micros = utc_offset,
		.log = log_line,
		.host = node,
	};
	stand_in_watch(options, &made);
	if (node->has_waveform) {
		lugh_waveform_traits traits = {
			.declared_volts = number_of(options, "declaredVolts", 230),
			.phase_turns = number_of(options, "phaseTurns", 0),
			.noise_ratio = number_of(options, "noiseRatio", 0),
		};
		lugh_waveform_begin(&node->waveform, (uint64_t)integer_of(options, "seed", 1));
		lugh_waveform_describe(&node->waveform, &traits);
	}
	/* Nodes sample at moments of their own, so that a thousand of them do not work at once. */
	node->next_block_at = node->booted_at + BLOCK_MICROS + (int64_t)(node->index * 1237 % BLOCK_MICROS);
	node->node = lugh_node_create(&made, error, error_bytes);
	if (!node->node) {
		stand_in_end(node);
		flash_cut(node);
		node->cause = LUGH_BOOT_ENDED_SOON; /* before it could do anything */
	}
	return node->node != NULL;
}

void sim_node_cut(sim_node *node)
{
	if (!node->node)
		return;
	lugh_node_destroy(node->node);
	node->node = NULL;
	socket_end(node);
	flash_cut(node);
	stand_in_end(node);
}

/* ---- work ---- */

/* false: nothing was measured. `time` is that of the first sample, which a playback moves to its own. */
static bool take_block(sim_node *node, int64_t *time, double *volts_per_count, int32_t *samples)
{
	const lugh_playback *playback = worker_playback();
	*volts_per_count = node->has_playback ? playback->volts_per_count : node->waveform.volts_per_count;
	return node->has_playback ? lugh_playback_block(playback, time, samples) : lugh_waveform_block(&node->waveform, *time, samples);
}

static void publish_block(sim_node *node, int64_t end)
{
	double volts_per_count;
	int32_t samples[LUGH_WAVEFORM_SAMPLES * 3];
	uint8_t body[LUGH_WAVEFORM_SAMPLES * 3 * 4 + 160];
	int64_t time = end - BLOCK_MICROS - node->booted_at + node->utc_offset;
	bool is_measured = take_block(node, &time, &volts_per_count, samples);
	int64_t sequence = node->samples;
	node->samples += LUGH_WAVEFORM_SAMPLES;
	if (!is_measured)
		return; /* a gap: its samples are counted, and were never measured */
	lugh_cbor_writer writer;
	lugh_cbor_writer_begin(&writer, body, sizeof(body));
	lugh_cbor_put_map(&writer, 6);
	lugh_cbor_put_text(&writer, "samples");
	lugh_cbor_put_typed_array_int32(&writer, samples, LUGH_WAVEFORM_SAMPLES * 3);
	lugh_cbor_put_text(&writer, "sequence");
	lugh_cbor_put_int(&writer, sequence);
	lugh_cbor_put_text(&writer, "timeMicros");
	lugh_cbor_put_int(&writer, time);
	lugh_cbor_put_text(&writer, "voltsPerCount");
	lugh_cbor_put_double(&writer, volts_per_count);
	lugh_cbor_put_text(&writer, "samplesPerSecond");
	lugh_cbor_put_int(&writer, LUGH_WAVEFORM_RATE);
	lugh_cbor_put_text(&writer, "timeQualityMicros");
	if (node->utc_quality < 0)
		lugh_cbor_put_null(&writer);
	else
		lugh_cbor_put_int(&writer, node->utc_quality);
	lugh_node_publish(node->node, "waveform", LUGH_MEDIUM, body, writer.length);
}

/* What nobody sampled because the desk slept is a gap; what is merely late is delivered late. */
static void pass_over_sleep(sim_node *node, int64_t now)
{
	if (now - node->next_block_at < SLEEP_MICROS)
		return;
	int64_t blocks = (now - node->next_block_at) / BLOCK_MICROS;
	node->next_block_at += blocks * BLOCK_MICROS;
	node->samples += blocks * LUGH_WAVEFORM_SAMPLES;
}

static lugh_boot_cause cause_of(const sim_node *node)
{
	if (lugh_node_last_wish(node->node) != LUGH_WISH_NONE)
		return LUGH_BOOT_ORDERED;
	bool is_soon = worker_now() - node->booted_at < LUGH_BOOT_SOON_SECONDS * INT64_C(1000000);
	return is_soon ? LUGH_BOOT_ENDED_SOON : LUGH_BOOT_ENDED_LATE;
}

/* One turn of the kernel. False: it gave up, and the node has lost its power. */
static bool take_turn(sim_node *node)
{
	int64_t wake = lugh_node_run(node->node);
	if (wake < 0) {
		node->cause = cause_of(node);
		event_panic(node, lugh_node_reason(node->node), lugh_node_last_wish(node->node));
		sim_node_cut(node);
		return false;
	}
	socket_settle(node);
	if (wake == 0) /* not before those that have waited since an earlier moment */
		worker_wake(node, worker_now());
	else if (wake != INT64_MAX)
		worker_wake(node, wake + node->booted_at);
	return true;
}

void sim_node_run(sim_node *node)
{
	int64_t now = worker_now();
	if (!flash_work(node))
		return;
	if (!node->has_waveform) {
		take_turn(node);
		return;
	}
	pass_over_sleep(node, now);
	/* Block by block, so that a worker that comes late does not flood the sensor's mailbox. */
	do {
		if (node->next_block_at <= now) {
			publish_block(node, node->next_block_at);
			node->next_block_at += BLOCK_MICROS;
		}
		if (!take_turn(node))
			return;
	} while (node->next_block_at <= now);
	worker_wake(node, node->next_block_at);
}
