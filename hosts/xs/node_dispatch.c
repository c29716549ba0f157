/*
 * One dispatch: a message is given to a service's machine, and either all that came of it is passed on, or, when the
 * service broke a rule, nothing.
 */
#include "node_state.h"

#include <stdio.h>
#include <string.h>

/* ---- time ---- */

/* Reads the clock, once for each dispatch, and charges what has passed to the service that ran last. */
void read_clock(lugh_node *node)
{
	int64_t now = node->options.monotonic_micros(node->options.host);
	if (node->charged) {
		node->charged->run_micros += now - node->charged_at;
		trace_time(node, now - node->charged_at);
	}
	node->charged = NULL;
	node->now = now;
}

void charge(lugh_node *node, service *to)
{
	node->charged = to;
	node->charged_at = node->now;
}

const char *const doom_type = "doom";

static void deliver_doom(txMachine *the, void *data)
{
	(void)data;
	mxPushUndefined();
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxCall();
	mxRunCount(0);
}

/* ---- what came of it ---- */

int32_t fault(lugh_node *node, service *of, int status, const char *reason)
{
	take_back_submissions(node);
	clean_text(of->reason, sizeof(of->reason), reason ? reason : lugh_machine_reason(of->machine));
	return status;
}

static int32_t first_submission(lugh_node *node)
{
	uint32_t packed = next_submission(node);
	if (!ring_is_empty(&node->submitted))
		packed |= FLAG_MORE;
	bool is_due = node->now >= node->due || node->now >= node->next_deadline || node->now >= node->turn_end;
	if (is_due || !ring_is_empty(&node->arrived))
		packed |= FLAG_DUE;
	return (int32_t)packed;
}

int32_t settle_run(lugh_node *node, service *of, int status)
{
	uint32_t steps = lugh_machine_last_steps(of->machine);
	bool is_stalled = status == LUGH_OK && of->is_handling && !of->pending_calls;
	if (is_stalled)
		status = FAULT_STALLED;
	of->dispatches++;
	node->dispatches++;
	of->steps += steps;
	of->planned_steps += steps;
	trace_end(node, steps, status);
	if (status)
		return fault(node, of, status, is_stalled ? "its handler awaits what no message can bring" : NULL);
	return first_submission(node);
}

/* ---- what is not run ---- */

static int32_t answer_late(lugh_node *node, service *to, uint16_t handle)
{
	const message *of = &node->messages[handle];
	to->late++;
	trace_end(node, 0, OUTCOME_LATE);
	if (of->kind != KIND_CALL)
		pool_release(node, handle);
	else {
		make_reply(node, handle, LUGH_ANSWER_LATE);
		submit(node, handle, KIND_REPLY, of->target, of->priority);
	}
	return first_submission(node);
}

static int run_hostile(service *to)
{
	int status = lugh_machine_import(to->machine, to->hostile, to->budget_steps);
	if (status == LUGH_OK)
		status = lugh_machine_run(to->machine, deliver_doom, NULL, to->budget_steps);
	return status;
}

static int32_t dispatch_doom(lugh_node *node, service *to, uint16_t handle)
{
	int kind = node->messages[handle].kind;
	int status = LUGH_OK;
	const char *reason = "killed by command";
	if (kind != KIND_CALL && kind != KIND_EVERY)
		pool_release(node, handle);
	to->is_doomed = false;
	if (to->hostile[0]) {
		status = run_hostile(to);
		reason = status == LUGH_OK ? "the hostile program came back; killed by command" : NULL;
	}
	if (status == LUGH_OK)
		status = FAULT_KILLED;
	trace_end(node, lugh_machine_last_steps(to->machine), status);
	return fault(node, to, status, reason);
}

/* Whom it was meant for has died of another message. */
static bool is_stray_doom(const message *of)
{
	return of->sender == NOBODY && of->kind == KIND_SEND && !strcmp(type_text(of->type), doom_type);
}

/* A message that its service could not be given: a call is answered, anything else is dropped; both are said. */
static void answer_unhandled(lugh_node *node, const delivery *of)
{
	char text[224];
	message *unhandled = &node->messages[of->handle];
	snprintf(text, sizeof(text), "%s cannot take \"%s\": %s", of->to->name, type_text(unhandled->type), of->why);
	log_text(node, "warning", text);
	of->to->refused++;
	if (unhandled->kind != KIND_CALL)
		return;
	make_reply(node, of->handle, of->answer);
	submit(node, of->handle, KIND_REPLY, unhandled->target, unhandled->priority);
}

/* ---- dispatch ---- */

/* The message leaves its mailbox. */
static void take_in_hand(lugh_node *node, service *to, uint16_t handle)
{
	message *in_hand = &node->messages[handle];
	count_wait(node, in_hand);
	pool_return_credit(node, handle);
	pool_end_latest(node, handle);
	to->in_hand_type = in_hand->type;
	trace_begin(node, to, in_hand);
}

static int run_message(service *to, message *in_hand, delivery *of)
{
	if (in_hand->kind == KIND_REPLY) {
		to->pending_calls--;
		return lugh_machine_run(to->machine, deliver_reply, of, to->budget_steps);
	}
	to->current_priority = in_hand->priority;
	if (in_hand->kind == KIND_CALL) {
		to->serving = of->handle;
		in_hand->served_by = to->index;
	}
	return lugh_machine_run(to->machine, deliver_message, of, to->budget_steps);
}

int32_t dispatch_message(lugh_node *node, service *to, uint16_t handle)
{
	message *in_hand = &node->messages[handle];
	int kind = in_hand->kind;
	read_clock(node);
	take_in_hand(node, to, handle);
	if (kind != KIND_REPLY && in_hand->deadline_micros && node->now >= in_hand->deadline_micros)
		return answer_late(node, to, handle);
	charge(node, to);
	if (to->is_doomed)
		return dispatch_doom(node, to, handle);
	if (is_stray_doom(in_hand)) {
		pool_release(node, handle);
		trace_end(node, 0, LUGH_OK);
		return first_submission(node);
	}
	delivery of = { to, in_hand, handle, LUGH_ANSWER_NONE, NULL };
	int status = run_message(to, in_hand, &of);
	if (of.answer != LUGH_ANSWER_NONE && status == LUGH_OK)
		answer_unhandled(node, &of);
	int32_t packed = settle_run(node, to, status);
	/* A call stays until its reply was dispatched, a periodic timer until it is cancelled. */
	if (kind != KIND_CALL && kind != KIND_EVERY)
		pool_release(node, handle);
	return packed;
}
