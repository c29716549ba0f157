/*
 * Who goes next: kernel/order.ts is the specification, function by function. How the scheduler is asked is in node_plan.c.
 */
#include "node_state.h"

#include <string.h>

/* kernel/state.ts, order.ts, limits.ts */
enum { NOT_READY = 3, MOMENTS = 1 << 30, HIGH_WAIT_LIMIT_MICROS = 50000, HIGH_WAIT_EACH_MICROS = 20000 };

static int *in(const kernel_view *of, int index)
{
	return at(of, REGISTERS, index);
}

static int moment(lugh_node *node)
{
	read_clock(node);
	return (int)(node->now & (MOMENTS - 1));
}

/* Every ready service stands in the plan once, and no other. */
static bool is_order(const kernel_view *of, int length)
{
	uint32_t seen[KERNEL_PORT / 32 + 1];
	if (length != *in(of, REGISTER_READY))
		return false;
	memset(seen, 0, (size_t)of->count / 8 + sizeof(*seen));
	for (int index = 0; index < length; index++) {
		int service = *at(of, ORDER, index);
		if (service < 0 || service >= of->count || *at(of, PRIORITY, service) == NOT_READY || seen[service / 32] >> service % 32 & 1)
			return false;
		seen[service / 32] |= (uint32_t)1 << service % 32;
	}
	return true;
}

/* 0, or the fault. */
static int32_t plan(lugh_node *node, const kernel_view *of)
{
	int oldest = mailbox_first(of);
	if (*at(of, PRIORITY, oldest) != LUGH_HIGH)
		*in(of, REGISTER_WAITER) = -1;
	else if (oldest != *in(of, REGISTER_WAITER)) {
		*in(of, REGISTER_WAITER) = oldest;
		*in(of, REGISTER_WAITED) = 0;
		*in(of, REGISTER_LOOKED_AT) = moment(node);
	}
	*in(of, REGISTER_URGENT) = *in(of, REGISTER_CURSOR) = *in(of, REGISTER_PLANNED) = 0;
	int32_t length = plan_order(node, &node->services[*in(of, REGISTER_SCHEDULER)], *in(of, REGISTER_READY));
	if (!is_order(of, length))
		return length < 0 ? length : FAULT_NONSENSE;
	*in(of, REGISTER_PLANNED) = length;
	*in(of, REGISTER_DECISIONS) = (*in(of, REGISTER_DECISIONS) + 1) % MOMENTS;
	return 0;
}

static bool is_starving(lugh_node *node, const kernel_view *of, int service)
{
	int waiter = *in(of, REGISTER_WAITER);
	if (service == waiter)
		*in(of, REGISTER_WAITER) = -1;
	if (waiter == -1 || service == waiter || *at(of, PRIORITY, waiter) != LUGH_HIGH)
		return false;
	int now = moment(node), passed = (now - *in(of, REGISTER_LOOKED_AT)) & (MOMENTS - 1);
	*in(of, REGISTER_LOOKED_AT) = now;
	*in(of, REGISTER_WAITED) += passed < HIGH_WAIT_EACH_MICROS ? passed : HIGH_WAIT_EACH_MICROS;
	return *in(of, REGISTER_WAITED) > HIGH_WAIT_LIMIT_MICROS;
}

static int32_t distrust(const kernel_view *of, int32_t fault)
{
	*in(of, REGISTER_CURSOR) = *in(of, REGISTER_PLANNED) = 0;
	*in(of, REGISTER_OWED) = 1;
	return fault;
}

int32_t choose_next(lugh_node *node, const kernel_view *of)
{
	bool is_owed = *in(of, REGISTER_OWED) == 1;
	*in(of, REGISTER_OWED) = 0;
	if (*in(of, REGISTER_READY) < 2)
		*in(of, REGISTER_CURSOR) = *in(of, REGISTER_PLANNED);
	else if (*in(of, REGISTER_SCHEDULER) != -1 && !is_owed) {
		bool is_planned = *in(of, REGISTER_CURSOR) < *in(of, REGISTER_PLANNED);
		int32_t fault = *in(of, REGISTER_URGENT) == 1 || !is_planned ? plan(node, of) : 0;
		if (fault)
			return distrust(of, fault);
		while (*in(of, REGISTER_CURSOR) < *in(of, REGISTER_PLANNED)) {
			int service = *at(of, ORDER, *in(of, REGISTER_CURSOR));
			*in(of, REGISTER_CURSOR) += 1;
			if (*at(of, PRIORITY, service) != NOT_READY)
				return is_starving(node, of, service) ? distrust(of, FAULT_STARVED) : service;
		}
	}
	*in(of, REGISTER_WAITER) = -1;
	return mailbox_first(of);
}
