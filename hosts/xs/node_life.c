/*
 * Birth and death of a service: its machine, the module in it, and `start` with the state of its last commit. What was
 * stored before the power failed is node_store.c's.
 */
#include "node_state.h"

#include <stdlib.h>
#include <string.h>

static void push_own(txMachine *the, const char *name)
{
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxGetID(fxID(the, (txString)name));
}

/* What the definition says of itself; a machine without one is no service. */
static void read_definition(txMachine *the, service *of)
{
	if (!mxIsReference(lugh_slot(the, SLOT_DEFINITION)))
		mxTypeError("Cannot start %s: wanted a service as default export of %s", of->name, of->imports->module);
	push_own(the, "version");
	clean_text(of->version, sizeof(of->version), fxToString(the, the->stack));
	mxPop();
	push_own(the, "stateSchema");
	of->schema = the->stack->kind == XS_INTEGER_KIND ? the->stack->value.integer : 0;
	mxPop();
	push_own(the, "storesState");
	of->stores_state = fxToBoolean(the, the->stack);
	mxPop();
}

static void keep_view(txMachine *the, service *of)
{
	push_own(the, "plan");
	bool is_scheduler = mxIsReference(the->stack);
	mxPop();
	if (!is_scheduler)
		return;
	plan_names(the, of);
	mxPushUndefined();
	mxPushSlot(lugh_slot(the, SLOT_RUNTIME));
	mxGetID(fxID(the, "createView"));
	mxCall();
	mxPushInteger(of->node->service_count);
	mxRunCount(1);
	lugh_slot_keep(the, SLOT_VIEW, the->stack);
	mxPop();
}

/* Turns the state on the stack, of another schema, into one of this version's. What comes out has to be plain data. */
static void migrate(txMachine *the, service *of, int32_t from_schema)
{
	lugh_slot_keep(the, SLOT_STATE, the->stack);
	mxPop();
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	push_own(the, "migrate");
	if (!mxIsReference(the->stack))
		mxTypeError("Cannot start %s: its state has schema %d, wanted %d or a migrate()", of->name, (int)from_schema, (int)of->schema);
	mxCall();
	mxPushSlot(lugh_slot(the, SLOT_STATE));
	mxPushInteger(from_schema);
	mxRunCount(2);
	size_t length = 0;
	char path[160];
	int code = lugh_body_encode(the, &of->bodies, the->stack, encode_scratch(), LUGH_BODY_BYTES, &length, path, sizeof(path));
	if (code)
		mxTypeError("Cannot start %s: wanted plain data of migrate(), found %s (%s)", of->name, path, lugh_body_error_text(code));
	mxPop();
	if (lugh_body_decode(the, &of->bodies, encode_scratch(), length))
		mxTypeError("Cannot start %s: its migrated state does not fit its machine", of->name);
}

void adopt_schema(txMachine *the, service *of, int32_t schema)
{
	if (schema != of->schema && schema != ANY_SCHEMA)
		migrate(the, of, schema);
}

void push_state(txMachine *the, service *of, const message *state)
{
	if (!state) {
		mxPushUndefined();
		return;
	}
	if (push_body(the, of, state))
		mxTypeError("Cannot start %s: its last commit does not fit its machine", of->name);
	adopt_schema(the, of, state->schema);
}

/* With the state on the stack. */
void run_start(txMachine *the, service *of)
{
	lugh_slot_keep(the, SLOT_STATE, the->stack);
	mxPop();
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	push_own(the, "start");
	if (!mxIsReference(the->stack))
		return;
	mxCall();
	push_context(the);
	mxPushSlot(lugh_slot(the, SLOT_STATE));
	mxRunCount(2);
	if (mxIsReference(the->stack) && mxIsPromise(the->stack->value.reference))
		mxTypeError("Cannot start %s: wanted a start() that returns nothing, found a promise", of->name);
}

static void start_service(txMachine *the, void *data)
{
	delivery *of = data;
	service *to = of->to;
	read_definition(the, to);
	mxPush(mxObjectPrototype);
	fxNewInstance(the);
	lugh_slot_keep(the, SLOT_PENDING, the->stack);
	mxPop();
	keep_view(the, to);
	if (waits_for_state(to, of->in_hand)) {
		ask_for_state(the, to, of->handle);
		return;
	}
	push_state(the, to, of->in_hand);
	run_start(the, to);
}

static void keep_runtime(txMachine *the, void *data)
{
	(void)data;
	lugh_slot_keep(the, SLOT_RUNTIME, lugh_slot(the, LUGH_SLOT_DEFAULT_EXPORT));
	mxPushSlot(lugh_slot(the, SLOT_RUNTIME));
	mxGetID(fxID(the, "context"));
	lugh_slot_keep(the, SLOT_CONTEXT, the->stack);
	mxPop();
}

static const char *const runtime_module = "host/service";

/* Names what the machine runs and may import. The strings live as long as the machine that borrows them. */
bool use_module(service *of, const char *module)
{
	imports *made = malloc(sizeof(*made));
	if (!made)
		return false;
	strcpy(made->module, module);
	made->names[0] = runtime_module;
	made->names[1] = made->module;
	made->names[2] = NULL; /* the hostile program's, when there is a machine to ruin */
	free(of->imports);
	of->imports = made;
	return true;
}

int make_machine(lugh_node *node, service *of)
{
	of->imports->names[2] = of->hostile; /* now that services no longer move */
	lugh_machine_options options = {
		.name = of->name,
		.memory_bytes = of->memory_bytes,
		.stack_slots = of->stack_slots,
		.context = &of->context,
		.modules = of->imports->names,
		.module_count = 3,
	};
	int status = LUGH_OK;
	read_clock(node);
	of->machine = lugh_machine_create(node->options.root, &options, &status);
	if (!of->machine)
		return fault(node, of, LUGH_OUT_OF_MEMORY, "its memory does not hold an empty machine");
	lugh_body_state_begin(&of->bodies, LUGH_BODY_NAMES);
	memset(of->handlers, 0, sizeof(of->handlers));
	of->timers = 0;
	of->denied[0] = 0;
	charge(node, of);
	status = lugh_machine_import(of->machine, runtime_module, of->budget_steps);
	if (status == LUGH_OK)
		status = lugh_machine_run(of->machine, keep_runtime, NULL, of->budget_steps);
	if (status == LUGH_OK)
		status = lugh_machine_import(of->machine, of->imports->module, of->budget_steps);
	return status == LUGH_OK ? status : fault(node, of, status, NULL);
}

int32_t begin_service(lugh_node *node, service *of, uint16_t state)
{
	of->serving = of->pending_calls = of->restoring = 0;
	of->is_handling = of->is_doomed = false;
	of->current_priority = LUGH_MEDIUM;
	of->reason[0] = 0;
	delivery start = { of, state ? &node->messages[state] : NULL, state, LUGH_ANSWER_NONE, NULL };
	trace_begin(node, of, NULL);
	charge(node, of);
	return settle_run(node, of, lugh_machine_run(of->machine, start_service, &start, of->budget_steps));
}

int32_t create_service(lugh_node *node, service *of, uint16_t committed)
{
	int status = make_machine(node, of);
	return status == LUGH_OK ? begin_service(node, of, committed) : status;
}

static void read_health(txMachine *the, void *data)
{
	bool *is_healthy = data;
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	push_own(the, "health");
	if (!mxIsReference(the->stack))
		return;
	mxCall();
	mxRunCount(0);
	*is_healthy = fxToBoolean(the, the->stack);
}

int32_t ask_health(lugh_node *node, service *of, bool is_trial)
{
	bool is_healthy = true;
	read_clock(node);
	charge(node, of);
	int status = lugh_machine_run(of->machine, read_health, &is_healthy, of->budget_steps);
	take_back_submissions(node); /* it was asked, and has nothing to say */
	if (status)
		return fault(node, of, status, NULL);
	if (is_trial && of->denied[0])
		return fault(node, of, 0, of->denied);
	return is_healthy ? 1 : fault(node, of, 0, "its health check says that it does not work");
}

void destroy_service(lugh_node *node, service *of)
{
	if (node->charged == of)
		read_clock(node);
	lugh_machine_destroy(of->machine);
	of->machine = NULL;
	of->serving = 0;
}
