/*
 * A turn of the kernel in C, on the kernel's own arrays: kernel/turn.ts is its specification, function by function.
 */
#include "node_state.h"

enum { SUBMISSION_FLAGS = FLAG_MORE | FLAG_DUE };

static bool file(const kernel_view *of, int from, int32_t packed)
{
	int handle = packed & 0xfff, target = packed >> 12 & 0x3ff, level = packed >> 22 & 3, kind = packed >> 24 & 15;
	if (kind == KIND_REPLY) {
		if (*at(of, ROLE, handle) != ROLE_CALL)
			return false;
		*at(of, SERVING, from) = 0;
		mailbox_end_call(of, handle, level);
		return true;
	}
	if (target >= of->count || (kind != KIND_SEND && kind != KIND_CALL))
		return false;
	if (kind == KIND_CALL) {
		if (!*at(of, ALIVE, target))
			return false;
		mailbox_open_call(of, from, target, handle);
	}
	mailbox_enqueue(of, target, level, handle);
	return true;
}

static int32_t file_all(lugh_node *node, const kernel_view *of, int from, int32_t first)
{
	int32_t flags = first & SUBMISSION_FLAGS;
	for (int32_t packed = first - flags; packed; packed = flags & FLAG_MORE ? (int32_t)next_submission(node) : 0)
		if (!file(of, from, packed))
			return packed | flags;
	return flags & FLAG_DUE;
}

static bool hold(const kernel_view *of, int service)
{
	int handle = mailbox_take(of, service);
	*at(of, REGISTERS, REGISTER_SERVICE) = service;
	*at(of, REGISTERS, REGISTER_HANDLE) = handle;
	if (*at(of, ROLE, handle) != ROLE_TICK)
		return true;
	*at(of, REGISTERS, REGISTER_HELD) = handle;
	return false;
}

/* Answers as run_turn: 0 when a message is in hand. */
static bool choose(lugh_node *node, const kernel_view *of, int most, int32_t *end)
{
	*end = 0;
	if (!*at(of, REGISTERS, REGISTER_READY) || *at(of, REGISTERS, REGISTER_TURNS) >= most)
		return false;
	int32_t chosen = choose_next(node, of);
	if (chosen >= 0)
		return hold(of, chosen);
	*at(of, REGISTERS, REGISTER_SERVICE) = *at(of, REGISTERS, REGISTER_SCHEDULER);
	*at(of, REGISTERS, REGISTER_HANDLE) = 0;
	*end = chosen;
	return false;
}

int32_t run_turn(lugh_node *node, int most)
{
	kernel_view view, *of = &view;
	int32_t end;
	view_kernel(node, of);
	for (;;) {
		if (*at(of, REGISTERS, REGISTER_HELD))
			*at(of, REGISTERS, REGISTER_HELD) = 0;
		else if (!choose(node, of, most, &end))
			return end;
		int service = *at(of, REGISTERS, REGISTER_SERVICE), handle = *at(of, REGISTERS, REGISTER_HANDLE);
		*at(of, REGISTERS, REGISTER_TURNS) += 1;
		if (*at(of, ROLE, handle) == ROLE_CALL)
			*at(of, SERVING, service) = handle;
		int32_t packed = dispatch_message(node, &node->services[service], (uint16_t)handle);
		if (packed < 0)
			return packed;
		int32_t rest = file_all(node, of, service, packed);
		if (!(rest & ~FLAG_DUE))
			mailbox_refresh(of, service);
		if (rest)
			return rest;
	}
}
