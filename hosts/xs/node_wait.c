/*
 * How long messages wait between their submission and their dispatch, counted by priority in classes of powers of two: an
 * exact count, a bound within a factor of two, and a few stores for each message.
 *
 * A tick is left out, as nobody submitted it: its message is as old as its timer.
 */
#include "node_state.h"

/* 0: below a microsecond; n: from 2^(n-1) to below 2^n; the last one: that and all above. */
static unsigned class_of(int64_t micros)
{
	if (micros <= 0)
		return 0;
	unsigned bits = 64 - (unsigned)__builtin_clzll((uint64_t)micros);
	return bits < WAIT_CLASSES ? bits : WAIT_CLASSES - 1;
}

static void begin_window(lugh_node *node)
{
	int64_t passed = node->now - node->high_wait_since;
	if (passed < HIGH_WAIT_MICROS)
		return;
	node->high_wait[1] = passed < 2 * HIGH_WAIT_MICROS ? node->high_wait[0] : 0;
	node->high_wait[0] = 0;
	node->high_wait_since = node->now;
}

int64_t longest_high_wait(lugh_node *node)
{
	begin_window(node);
	return node->high_wait[0] > node->high_wait[1] ? node->high_wait[0] : node->high_wait[1];
}

void count_wait(lugh_node *node, const message *in_hand)
{
	if (in_hand->kind == KIND_EVERY || in_hand->kind == KIND_AFTER)
		return;
	int64_t waited = node->now - in_hand->since_micros;
	if (in_hand->priority == LUGH_HIGH) {
		begin_window(node);
		if (waited > node->high_wait[0])
			node->high_wait[0] = waited;
	}
	node->waits[in_hand->priority][class_of(waited)]++;
}

/* Without the classes above the longest wait. */
static void put_classes(lugh_cbor_writer *writer, const uint64_t *counts)
{
	unsigned used = WAIT_CLASSES;
	while (used > 0 && !counts[used - 1])
		used--;
	lugh_cbor_put_array(writer, used);
	for (unsigned index = 0; index < used; index++)
		lugh_cbor_put_int(writer, (int64_t)counts[index]);
}

/* Keys in their deterministic order. */
void put_waits(const lugh_node *node, lugh_cbor_writer *writer)
{
	static const struct { const char *name; int priority; } levels[] = {
		{ "LOW", LUGH_LOW }, { "HIGH", LUGH_HIGH }, { "MEDIUM", LUGH_MEDIUM },
	};
	lugh_cbor_put_map(writer, 3);
	for (size_t index = 0; index < 3; index++) {
		lugh_cbor_put_text(writer, levels[index].name);
		put_classes(writer, node->waits[levels[index].priority]);
	}
}
