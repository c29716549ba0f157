/*
 * The trace ring: what the node did last, one entry for each dispatch. Writing one costs a few stores; words are found
 * only when somebody asks. A dispatch's time is known when the clock is read the next time, at the start of the next one.
 */
#include "node_state.h"

static traced *last_of(lugh_node *node)
{
	return &node->trace[(node->trace_count - 1) % TRACED];
}

void trace_begin(lugh_node *node, const service *of, const message *in_hand)
{
	node->trace_count++;
	traced *entry = last_of(node);
	entry->at_micros = node->now;
	entry->run_micros = 0;
	entry->service = of->index;
	entry->sender = in_hand ? in_hand->sender : NOBODY;
	entry->type = in_hand ? in_hand->type : 0;
	entry->kind = in_hand ? in_hand->kind : KIND_NONE;
	entry->priority = in_hand ? in_hand->priority : LUGH_MEDIUM;
}

void trace_end(lugh_node *node, uint32_t steps, int outcome)
{
	last_of(node)->steps = steps;
	last_of(node)->outcome = (int8_t)outcome;
}

/* A scheduler's plan is charged too, but has no entry: what ran before it keeps its own time. */
void trace_time(lugh_node *node, int64_t run_micros)
{
	traced *last = last_of(node);
	if (last->service == node->charged->index && last->at_micros == node->charged_at)
		last->run_micros = run_micros > UINT32_MAX ? UINT32_MAX : (uint32_t)run_micros;
}

/* ---- words ---- */

static const char *const kinds[] = { "start", "send", "call", "reply", "publish", "subscribe", "tick", "tick" };
static const char *const levels[] = { "HIGH", "MEDIUM", "LOW" };

static const char *outcome_text(int outcome)
{
	static const char *const beyond[] = { "stalled", "killed", "nonsense" };
	if (outcome == OUTCOME_LATE)
		return "late";
	if (outcome <= FAULT_STALLED)
		return beyond[FAULT_STALLED - outcome];
	return lugh_status_text(outcome);
}

static void put_sender(const lugh_node *node, lugh_cbor_writer *writer, uint16_t sender)
{
	lugh_cbor_put_text(writer, "sender");
	size_t port = (size_t)sender - node->service_count;
	if (sender < node->service_count)
		lugh_cbor_put_text(writer, node->services[sender].name);
	else if (sender == KERNEL_PORT)
		lugh_cbor_put_text(writer, "kernel");
	else if (sender != NOBODY && port < node->options.port_count)
		lugh_cbor_put_text(writer, node->options.ports[port].name);
	else
		lugh_cbor_put_null(writer);
}

/* Keys in their deterministic order. */
static void put_entry(const lugh_node *node, lugh_cbor_writer *writer, const traced *entry, uint32_t sequence)
{
	lugh_cbor_put_map(writer, 10);
	lugh_cbor_put_text_field(writer, "kind", kinds[entry->kind]);
	lugh_cbor_put_text_field(writer, "type", entry->kind == KIND_NONE ? "" : type_text(entry->type));
	lugh_cbor_put_int_field(writer, "steps", entry->steps);
	lugh_cbor_put_int_field(writer, "micros", entry->run_micros);
	put_sender(node, writer, entry->sender);
	lugh_cbor_put_text_field(writer, "outcome", outcome_text(entry->outcome));
	lugh_cbor_put_text_field(writer, "service", node->services[entry->service].name);
	lugh_cbor_put_text_field(writer, "priority", levels[entry->priority]);
	lugh_cbor_put_int_field(writer, "sequence", sequence);
	lugh_cbor_put_int_field(writer, "timeMicros", entry->at_micros);
}

void lugh_node_trace(lugh_node *node, size_t most, lugh_cbor_writer *writer)
{
	read_clock(node);
	uint32_t kept = node->trace_count < TRACED ? node->trace_count : TRACED;
	uint32_t count = most < kept ? (uint32_t)most : kept;
	lugh_cbor_put_array(writer, count);
	for (uint32_t at = node->trace_count - count; at != node->trace_count; at++)
		put_entry(node, writer, &node->trace[at % TRACED], at);
}
