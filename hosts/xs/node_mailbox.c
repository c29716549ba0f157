/*
 * Mailboxes and the lists of ready services, on the kernel's own arrays: kernel/mailboxes.ts is the specification, function
 * by function. The kernel's machine does not run in here, so its arrays stay where they are.
 */
#include "node_state.h"

enum { NOT_READY = 3, QUEUES_EACH = 4, REPLY_QUEUE = 3 }; /* kernel/state.ts */

static int wanted(const kernel_view *of, int service)
{
	int queue = service * QUEUES_EACH;
	if (!*at(of, ALIVE, service))
		return NOT_READY;
	if (*at(of, HEAD, queue + REPLY_QUEUE))
		return *at(of, REPLY_PRIORITY, service);
	if (*at(of, PENDING, service))
		return NOT_READY;
	for (int level = LUGH_HIGH; level <= LUGH_LOW; level++)
		if (*at(of, HEAD, queue + level))
			return level;
	return NOT_READY;
}

static void leave(const kernel_view *of, int service)
{
	int next = *at(of, AFTER, service), previous = *at(of, BEFORE, service);
	*at(of, AFTER, previous) = next;
	*at(of, BEFORE, next) = previous;
	*at(of, PRIORITY, service) = NOT_READY;
	*at(of, REGISTERS, REGISTER_READY) -= 1;
}

void mailbox_refresh(const kernel_view *of, int service)
{
	int level = wanted(of, service), former = *at(of, PRIORITY, service);
	if (level == former)
		return;
	if (former != NOT_READY)
		leave(of, service);
	if (level == NOT_READY)
		return;
	int anchor = of->count + level, last = *at(of, BEFORE, anchor);
	*at(of, AFTER, last) = service;
	*at(of, BEFORE, service) = last;
	*at(of, AFTER, service) = anchor;
	*at(of, BEFORE, anchor) = service;
	*at(of, PRIORITY, service) = level;
	*at(of, REGISTERS, REGISTER_READY) += 1;
	if (level == LUGH_HIGH)
		*at(of, REGISTERS, REGISTER_URGENT) = 1;
}

static void push(const kernel_view *of, int service, int queue, int handle)
{
	*at(of, LINK, handle) = 0;
	*(*at(of, HEAD, queue) ? at(of, LINK, *at(of, TAIL, queue)) : at(of, HEAD, queue)) = handle;
	*at(of, TAIL, queue) = handle;
	*at(of, QUEUED, service) += 1;
	mailbox_refresh(of, service);
}

void mailbox_enqueue(const kernel_view *of, int service, int level, int handle)
{
	push(of, service, service * QUEUES_EACH + level, handle);
}

void mailbox_open_call(const kernel_view *of, int from, int to, int call)
{
	*at(of, ROLE, call) = ROLE_CALL;
	*at(of, CALLER, call) = from;
	*at(of, CALLEE, call) = to;
	*at(of, PENDING, from) += 1;
}

void mailbox_end_call(const kernel_view *of, int call, int level)
{
	int service = *at(of, CALLER, call), queue = service * QUEUES_EACH + REPLY_QUEUE;
	*at(of, ROLE, call) = ROLE_MESSAGE;
	*at(of, CALLER, call) = *at(of, CALLEE, call) = -1;
	if (!*at(of, HEAD, queue) || level < *at(of, REPLY_PRIORITY, service))
		*at(of, REPLY_PRIORITY, service) = level;
	push(of, service, queue, call);
}

int mailbox_take(const kernel_view *of, int service)
{
	int queue = service * QUEUES_EACH + REPLY_QUEUE;
	if (*at(of, HEAD, queue))
		*at(of, PENDING, service) -= 1;
	else
		queue += *at(of, PRIORITY, service) - REPLY_QUEUE;
	int handle = *at(of, HEAD, queue);
	*at(of, HEAD, queue) = *at(of, LINK, handle);
	*at(of, QUEUED, service) -= 1;
	leave(of, service);
	return handle;
}

int mailbox_first(const kernel_view *of)
{
	for (int anchor = of->count; anchor < of->count + NOT_READY; anchor++)
		if (*at(of, AFTER, anchor) != anchor)
			return *at(of, AFTER, anchor);
	return -1;
}
