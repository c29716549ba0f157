/*
 * Runs machines under the meter and leaves them behind in one piece.
 *
 * A run is the hot path of the whole system. It takes no system call, no allocation and no signal mask: it saves the
 * engine's registers, sets one jump, and looks at two words afterwards to see whether promise jobs or unhandled
 * rejections wait. The jump is the outermost one of its machine, so that every way out of the engine (an exception, an
 * abort, a fault in the root) ends here.
 */
#include "layer.h"

lugh_machine *volatile lugh_in_hand;

static txBoolean refuse_more(txMachine *the, txU4 index)
{
	(void)the;
	(void)index;
	return 0;
}

/* Half of what the meter can count: no single charge is so large that it wraps around from there. */
enum { BUDGET_LIMIT = 1 << 30 };

static void arm_meter(txMachine *the, uint32_t budget_steps)
{
	if (budget_steps > BUDGET_LIMIT)
		budget_steps = BUDGET_LIMIT;
	the->meterCallback = refuse_more;
	the->meterIndex = 0;
	the->meterCount = budget_steps;
	the->meterInterval = budget_steps;
}

static void drain_jobs(lugh_machine *machine)
{
	while (machine->has_jobs) {
		machine->has_jobs = 0;
		fxRunPromiseJobs(machine->the);
	}
}

/* A promise that was rejected and that nobody took care of until the end of the run is an exception of the run. */
static void check_rejections(lugh_machine *machine)
{
	txMachine *the = machine->the;
	txSlot *list = mxUnhandledPromises.value.reference;
	if (!list->next)
		return;
	const txSlot *reason = list->next->next;
	mxException.kind = reason->kind;
	mxException.value = reason->value;
	list->next = NULL;
	machine->status = LUGH_THREW;
}

static void end_run(lugh_machine *machine)
{
	txMachine *the = machine->the;
	if (machine->has_jobs)
		drain_jobs(machine);
	check_rejections(machine);
	if (mxDuringJobs.kind == XS_REFERENCE_KIND)
		mxDuringJobs.value.reference->next = NULL;
}

static void settle_failure(lugh_machine *machine)
{
	txMachine *the = machine->the;
	the->meterInterval = 0;
	if (machine->status == LUGH_OK)
		machine->status = LUGH_THREW;
	lugh_reason_describe(machine);
	mxException.kind = XS_UNDEFINED_KIND;
	mxRunningJobs.value.reference->next = NULL;
	mxUnhandledPromises.value.reference->next = NULL; /* one failure is told, and it has been */
}

int lugh_machine_run(lugh_machine *machine, lugh_machine_body body, void *data, uint32_t budget_steps)
{
	txMachine *the = machine->the;
	txJump jump;
	if (machine->status < LUGH_THREW || machine->is_running)
		return machine->status ? machine->status : LUGH_THREW;
	lugh_hand former = lugh_take_in_hand(machine);
	machine->status = LUGH_OK;
	machine->is_running = 1;
	if (the->sharedMachine)
		lugh_stack_enter(machine, former.machine);
	jump.nextJump = NULL;
	jump.stack = the->stack;
	jump.scope = the->scope;
	jump.frame = the->frame;
	jump.code = the->code;
	jump.flag = 0;
	the->firstJump = &jump;
	if (c_setjmp(jump.buffer) == 0) {
		arm_meter(the, budget_steps);
		fxBeginHost(the);
		body(the, data);
		end_run(machine);
		if (machine->status)
			settle_failure(machine);
	}
	else
		settle_failure(machine);
	the->stack = jump.stack;
	the->scope = jump.scope;
	the->frame = jump.frame;
	the->code = jump.code;
	the->firstJump = NULL;
	machine->last_steps = the->meterIndex;
	machine->ran_steps += the->meterIndex;
	the->meterIndex = 0;
	the->meterInterval = 0;
	machine->is_running = 0;
	lugh_give_back(former);
	return machine->status;
}

/* The engine only reads meterCount, so nothing that it does at this moment can undo the store. */
void lugh_machine_interrupt(void)
{
	lugh_machine *machine = lugh_in_hand;
	if (machine && machine->is_running && machine->the)
		machine->the->meterCount = 0;
}

static void import_default(txMachine *the, void *data)
{
	mxPushStringC((txString)data);
	fxAwaitImport(the, XS_IMPORT_NAMESPACE);
	mxGetID(mxID(_default));
	lugh_slot_keep(the, LUGH_SLOT_DEFAULT_EXPORT, the->stack);
	mxPop();
}

int lugh_machine_import(lugh_machine *machine, const char *module, uint32_t budget_steps)
{
	return lugh_machine_run(machine, import_default, (void *)module, budget_steps);
}
