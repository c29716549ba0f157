/*
 * Two machines of one service, while it is swapped: the candidate is made and looked at beside the one that runs, takes
 * its place with its state, and the former one stays whole until the trial is over. What happens when, and what becomes
 * of messages and timers, is the kernel's (kernel/swap.ts).
 */
#include "node_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What each has in hand goes with it. */
void swap_exchange(service *of)
{
	incarnation former = of->live;
	of->live = *of->spare;
	*of->spare = former;
}

void swap_discard(lugh_node *node, service *of)
{
	if (!of->spare)
		return;
	if (node->charged == of)
		read_clock(node);
	lugh_machine_destroy(of->spare->machine);
	free(of->spare->imports);
	free(of->spare);
	of->spare = NULL;
}

typedef struct {
	service *of;
	bool is_scheduler;
} examination;

static void examine(txMachine *the, void *data)
{
	const examination *wanted = data;
	const char *module = wanted->of->imports->module;
	if (!mxIsReference(lugh_slot(the, SLOT_DEFINITION)))
		mxTypeError("wanted a service as default export of %s", module);
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxGetID(fxID(the, "receive"));
	if (!mxIsReference(the->stack))
		mxTypeError("%s has no receive", module);
	mxPop();
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxGetID(fxID(the, "plan"));
	if (wanted->is_scheduler && !(mxIsReference(the->stack) && mxIsCallable(the->stack->value.reference)))
		mxTypeError("%s has no function plan", module);
	mxPop();
}

/* Makes the candidate, and leaves it as the spare. A fault is the candidate's; the service runs on as if nothing was. */
int32_t swap_prepare(lugh_node *node, service *of, const char *module, bool is_scheduler)
{
	char refusal[160] = "";
	if (!of->machine)
		snprintf(refusal, sizeof(refusal), "%s is not running", of->name);
	else if (of->spare)
		snprintf(refusal, sizeof(refusal), "%s is being swapped already", of->name);
	else if (!module[0] || strlen(module) >= sizeof(of->imports->module))
		snprintf(refusal, sizeof(refusal), "wanted the name of a module, found \"%.96s\"", module);
	else if (!strcmp(of->imports->module, module))
		snprintf(refusal, sizeof(refusal), "%s runs %s already", of->name, module);
	if (refusal[0])
		return fault(node, of, FAULT_NONSENSE, refusal);
	of->spare = calloc(1, sizeof(*of->spare));
	if (!of->spare)
		return fault(node, of, LUGH_OUT_OF_MEMORY, "no memory for a second machine");
	swap_exchange(of);
	int status = use_module(of, module) ? make_machine(node, of) : fault(node, of, LUGH_OUT_OF_MEMORY, "no memory for its name");
	if (status == LUGH_OK) {
		examination wanted = { of, is_scheduler };
		status = lugh_machine_run(of->machine, examine, &wanted, of->budget_steps);
		if (status)
			fault(node, of, status, NULL);
	}
	swap_exchange(of);
	if (status)
		swap_discard(node, of);
	return status;
}

typedef struct {
	service *of;
	size_t length;
	bool has_state;
} suspension;

static void suspend(txMachine *the, void *data)
{
	suspension *of = data;
	char path[160];
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxGetID(fxID(the, "suspend"));
	if (!mxIsReference(the->stack))
		return;
	mxCall();
	mxRunCount(0);
	int code = lugh_body_encode(the, &of->of->bodies, the->stack, encode_scratch(), LUGH_BODY_BYTES, &of->length, path, sizeof(path));
	if (code)
		mxTypeError("wanted plain data of suspend(), found %s (%s)", path, lugh_body_error_text(code));
	of->has_state = true;
}

static void tell_forced(lugh_node *node, service *of, int status)
{
	char text[LOG_BYTES];
	fault(node, of, status, NULL);
	snprintf(text, sizeof(text), "%s is replaced without the state of its suspend(): %s: %s", of->name, lugh_status_text(status), of->reason);
	log_text(node, "warning", text);
}

/* The state for a successor: what suspend() gives, else the last commit. Answers its message, 0 for none, or a fault. */
int32_t swap_suspend(lugh_node *node, service *of, uint16_t committed, bool is_forced)
{
	suspension state = { of, 0, false };
	read_clock(node);
	charge(node, of);
	int status = lugh_machine_run(of->machine, suspend, &state, of->budget_steps);
	if (status && !is_forced)
		return fault(node, of, status, NULL);
	if (status)
		tell_forced(node, of, status);
	if (!state.has_state && !committed)
		return 0;
	uint16_t handle = pool_take(node, KIND_COMMIT, LUGH_HIGH);
	if (!handle)
		return fault(node, of, LUGH_OUT_OF_MEMORY, "the pool of messages has no room for its state");
	node->messages[handle].sender = of->index;
	node->messages[handle].schema = state.has_state ? of->schema : node->messages[committed].schema;
	if (!state.has_state)
		pool_share_body(node, handle, committed);
	else if (!pool_set_body(node, handle, NOBODY, encode_scratch(), state.length)) {
		pool_release(node, handle);
		return fault(node, of, LUGH_OUT_OF_MEMORY, "the pool of bodies has no room for its state");
	}
	return handle;
}
