/*
 * The hot path of the kernel in C, on the kernel's own arrays: kernel/chain.ts is its specification, line by line. The
 * kernel's machine does not run in here, so its arrays stay where they are.
 */
#include "node_state.h"

enum { ROLE_MESSAGE = 0, ROLE_CALL = 1 }; /* kernel/state.ts */

typedef struct {
	txSlot *alive, *pending, *serving, *queued, *role, *caller, *callee, *chained;
} view;

static txSlot *elements(const txSlot *array)
{
	return array->next->value.array.address;
}

static int *at(txSlot *array, unsigned index)
{
	return &array[index].value.integer;
}

static bool can_follow(const lugh_node *node, const view *of, int32_t packed)
{
	if (packed <= 0 || (packed & (FLAG_MORE | FLAG_DUE)))
		return false;
	int kind = packed >> 24 & 15;
	if (kind == KIND_REPLY)
		return *at(of->role, packed & 0xfff) == ROLE_CALL;
	if (kind != KIND_CALL && kind != KIND_SEND)
		return false;
	unsigned target = packed >> 12 & 0x3ff;
	return target < node->service_count && *at(of->alive, target) && !*at(of->pending, target);
}

int32_t run_chain(lugh_node *node, uint16_t first, uint16_t first_handle, int most)
{
	view of = {
		elements(node->chain[CHAIN_ALIVE]), elements(node->chain[CHAIN_PENDING]), elements(node->chain[CHAIN_SERVING]),
		elements(node->chain[CHAIN_QUEUED]), elements(node->chain[CHAIN_ROLE]), elements(node->chain[CHAIN_CALLER]),
		elements(node->chain[CHAIN_CALLEE]), elements(node->chain[CHAIN_CHAINED]),
	};
	unsigned to = first, handle = first_handle;
	for (int turns = 1;; turns++) {
		int32_t packed = dispatch_message(node, &node->services[to], (uint16_t)handle);
		if (turns >= most || *at(of.queued, to) || !can_follow(node, &of, packed)) {
			*at(of.chained, 0) = (int)to;
			*at(of.chained, 1) = (int)handle;
			*at(of.chained, 2) = turns;
			return packed;
		}
		unsigned from = to;
		int kind = packed >> 24 & 15;
		handle = packed & 0xfff;
		to = packed >> 12 & 0x3ff;
		if (kind == KIND_CALL) {
			*at(of.role, handle) = ROLE_CALL;
			*at(of.caller, handle) = (int)from;
			*at(of.callee, handle) = (int)to;
			*at(of.pending, from) += 1;
			*at(of.serving, to) = (int)handle;
		} else if (kind == KIND_REPLY) {
			*at(of.role, handle) = ROLE_MESSAGE;
			*at(of.caller, handle) = *at(of.callee, handle) = -1;
			*at(of.serving, from) = 0;
			*at(of.pending, to) -= 1;
		}
	}
}
