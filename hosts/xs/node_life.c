/*
 * Birth and death of a service: its machine, the module in it, and `start` with the state of its last commit.
 */
#include "node_state.h"

#include <string.h>

static void start_service(txMachine *the, void *data)
{
	delivery *of = data;
	service *to = of->to;
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	if (!mxIsReference(the->stack))
		mxTypeError("Cannot start %s: wanted a service as default export of %s", to->name, to->module);
	mxGetID(fxID(the, "version"));
	clean_text(to->version, sizeof(to->version), fxToString(the, the->stack));
	mxPop();
	mxPush(mxObjectPrototype);
	fxNewInstance(the);
	lugh_slot_keep(the, SLOT_PENDING, the->stack);
	mxPop();
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxGetID(fxID(the, "plan"));
	if (mxIsReference(the->stack)) {
		mxPushUndefined();
		mxPushSlot(lugh_slot(the, SLOT_RUNTIME));
		mxGetID(fxID(the, "createView"));
		mxCall();
		mxPushInteger(to->node->service_count);
		mxRunCount(1);
		lugh_slot_keep(the, SLOT_VIEW, the->stack);
		mxPop();
	}
	mxPop();
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxGetID(fxID(the, "start"));
	if (!mxIsReference(the->stack))
		return;
	mxCall();
	push_context(the);
	if (!of->in_hand)
		mxPushUndefined();
	else if (push_body(the, to, of->in_hand))
		mxTypeError("Cannot start %s: its last commit does not fit its machine", to->name);
	mxRunCount(2);
	if (mxIsReference(the->stack) && mxIsPromise(the->stack->value.reference))
		mxTypeError("Cannot start %s: wanted a start() that returns nothing, found a promise", to->name);
}

static void keep_runtime(txMachine *the, void *data)
{
	(void)data;
	lugh_slot_keep(the, SLOT_RUNTIME, lugh_slot(the, LUGH_SLOT_DEFAULT_EXPORT));
}

static const char *const runtime_module = "host/service";

int32_t create_service(lugh_node *node, service *of, uint16_t committed)
{
	of->modules[0] = runtime_module;
	of->modules[1] = of->module;
	of->modules[2] = of->hostile;
	lugh_machine_options options = {
		.name = of->name,
		.memory_bytes = of->memory_bytes,
		.stack_slots = of->stack_slots,
		.context = &of->context,
		.modules = of->modules,
		.module_count = 3,
	};
	int status = LUGH_OK;
	read_clock(node);
	of->machine = lugh_machine_create(node->options.root, &options, &status);
	if (!of->machine)
		return fault(node, of, LUGH_OUT_OF_MEMORY, "its memory does not hold an empty machine");
	lugh_body_state_begin(&of->bodies, LUGH_BODY_NAMES);
	memset(of->handlers, 0, sizeof(of->handlers));
	of->serving = of->pending_calls = of->timers = 0;
	of->is_handling = of->is_doomed = false;
	of->current_priority = LUGH_MEDIUM;
	of->reason[0] = 0;
	delivery start = { of, committed ? &node->messages[committed] : NULL, committed, LUGH_ANSWER_NONE, NULL };
	trace_begin(node, of, NULL);
	charge(node, of);
	status = lugh_machine_import(of->machine, runtime_module, of->budget_steps);
	if (status == LUGH_OK)
		status = lugh_machine_run(of->machine, keep_runtime, NULL, of->budget_steps);
	if (status == LUGH_OK)
		status = lugh_machine_import(of->machine, of->module, of->budget_steps);
	if (status == LUGH_OK)
		status = lugh_machine_run(of->machine, start_service, &start, of->budget_steps);
	return settle_run(node, of, status);
}

void destroy_service(lugh_node *node, service *of)
{
	if (node->charged == of)
		read_clock(node);
	lugh_machine_destroy(of->machine);
	of->machine = NULL;
	of->serving = 0;
}
