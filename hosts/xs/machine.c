/*
 * Machines: cloned from the root, run under the meter, and always left behind in one piece.
 *
 * A run is the hot path of the whole system. It takes no system call, no allocation and no signal mask: it saves the
 * engine's registers, sets one jump, and looks at two words afterwards to see whether promise jobs or unhandled
 * rejections wait. The jump is the outermost one of its machine, so that every way out of the engine (an exception, an
 * abort, a fault in the root) ends here.
 */
#include "layer.h"

enum {
	DEFAULT_STACK_SLOTS = 256,
	INITIAL_KEYS = 8,
	SLAB_SLACK_BYTES = 256 /* headers and rounding of what lies in the slab */
};

lugh_machine *volatile lugh_in_hand;

const char *lugh_status_text(int status)
{
	switch (status) {
	case LUGH_OK: return "ok";
	case LUGH_THREW: return "threw";
	case LUGH_OUT_OF_BUDGET: return "out-of-budget";
	case LUGH_OUT_OF_MEMORY: return "out-of-memory";
	case LUGH_STACK_OVERFLOW: return "stack-overflow";
	case LUGH_WROTE_ROOT: return "wrote-root";
	default: return "unknown";
	}
}

/* ---- taking a machine in hand ---- */

typedef struct {
	lugh_machine *machine;
	lugh_account *account;
} hand;

static hand take_in_hand(lugh_machine *machine)
{
	hand former = { lugh_in_hand, lugh_account_in_hand };
	lugh_in_hand = machine;
	lugh_account_in_hand = &machine->account;
	return former;
}

static void give_back(hand former)
{
	lugh_in_hand = former.machine;
	lugh_account_in_hand = former.account;
}

/* ---- creation ---- */

static txCreation creation_for(const lugh_root *root, const lugh_machine_options *options)
{
	txCreation creation = {
		.initialChunkSize = LUGH_CHUNK_BYTES,
		.incrementalChunkSize = LUGH_CHUNK_BYTES,
		.initialHeapCount = LUGH_HEAP_SLOTS,
		.incrementalHeapCount = LUGH_HEAP_SLOTS,
		.stackCount = (txSize)(options->stack_slots ? options->stack_slots : DEFAULT_STACK_SLOTS),
		.initialKeyCount = INITIAL_KEYS,
		.incrementalKeyCount = INITIAL_KEYS * 2,
		.nameModulo = root->the->nameModulo,
		.symbolModulo = root->the->symbolModulo,
		.parserBufferSize = 1024,
		.parserTableModulo = 13,
	};
	return creation;
}

/* What fxCloneMachine takes, so that it can lie in one piece behind the machine. */
static size_t slab_bytes(const lugh_root *root, const txCreation *creation)
{
	size_t slots = (size_t)(creation->stackCount + creation->initialHeapCount) * sizeof(txSlot);
	size_t tables = (size_t)(creation->nameModulo + creation->symbolModulo + creation->initialKeyCount) * sizeof(txSlot *);
	size_t aliases = (size_t)root->the->aliasCount * sizeof(txSlot *);
	size_t chunks = (size_t)creation->initialChunkSize + sizeof(txBlock);
	return (sizeof(txMachine) + slots + tables + aliases + chunks + SLAB_SLACK_BYTES + 15) & ~(size_t)15;
}

static void root_slots(lugh_machine *machine)
{
	for (int i = 0; i < LUGH_SLOT_COUNT; i++) {
		txSlot *slot = &machine->slots[i];
		slot->kind = XS_UNDEFINED_KIND;
		slot->next = machine->the->cRoot;
		machine->the->cRoot = slot;
	}
}

static void set_options(lugh_machine *machine, const lugh_root *root, const lugh_machine_options *options)
{
	machine->root = root;
	machine->name = options->name ? options->name : "";
	machine->context = options->context;
	machine->modules = options->modules;
	machine->module_count = options->module_count;
}

static int tell(int *status, int value)
{
	if (status)
		*status = value;
	return value;
}

lugh_machine *lugh_machine_create(lugh_root *root, const lugh_machine_options *options, int *status)
{
	txCreation creation = creation_for(root, options);
	size_t slab = slab_bytes(root, &creation);
	size_t fixed = (sizeof(lugh_machine) + 15) & ~(size_t)15;
	lugh_machine *machine = NULL;
	if (!options->memory_bytes || options->memory_bytes >= fixed + slab)
		machine = malloc(fixed + slab);
	if (!machine) {
		tell(status, LUGH_OUT_OF_MEMORY);
		return NULL;
	}
	memset(machine, 0, sizeof *machine);
	set_options(machine, root, options);
	size_t limit = options->memory_bytes ? options->memory_bytes - fixed : 0;
	lugh_account_open(&machine->account, limit, (char *)machine + fixed, slab);
	hand former = take_in_hand(machine);
	txMachine *the = fxCloneMachine(&creation, root->the, "", NULL);
	give_back(former);
	if (!the) {
		lugh_account_close(&machine->account);
		free(machine);
		tell(status, LUGH_OUT_OF_MEMORY);
		return NULL;
	}
	root_slots(machine);
	tell(status, LUGH_OK);
	return machine;
}

static void delete_engine(lugh_machine *machine)
{
	txJump jump = { .nextJump = NULL };
	machine->the->firstJump = &jump;
	if (c_setjmp(jump.buffer) == 0)
		fxDeleteMachine(machine->the);
}

void lugh_machine_destroy(lugh_machine *machine)
{
	if (!machine)
		return;
	hand former = take_in_hand(machine);
	delete_engine(machine);
	give_back(former);
	lugh_account_close(&machine->account);
	free(machine->reason);
	free(machine);
}

/* ---- running ---- */

static txBoolean refuse_more(txMachine *the, txU4 index)
{
	(void)the;
	(void)index;
	return 0;
}

static void arm_meter(txMachine *the, uint32_t budget_steps)
{
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
	if (machine->status == LUGH_OK)
		machine->status = LUGH_THREW;
	lugh_reason_describe(machine);
	mxException.kind = XS_UNDEFINED_KIND;
	mxRunningJobs.value.reference->next = NULL;
}

int lugh_machine_run(lugh_machine *machine, lugh_machine_body body, void *data, uint32_t budget_steps)
{
	txMachine *the = machine->the;
	txJump jump;
	if (machine->status < LUGH_THREW || machine->is_running)
		return machine->status ? machine->status : LUGH_THREW;
	hand former = take_in_hand(machine);
	machine->status = LUGH_OK;
	machine->is_running = 1;
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
	the->meterInterval = 0;
	machine->is_running = 0;
	give_back(former);
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

/* ---- looking ---- */

uint32_t lugh_machine_last_steps(const lugh_machine *machine)
{
	return machine->last_steps;
}

size_t lugh_machine_bytes(const lugh_machine *machine)
{
	return sizeof *machine + machine->account.used_bytes;
}

const char *lugh_machine_reason(const lugh_machine *machine)
{
	return machine->status && machine->reason ? machine->reason : "";
}

const char *lugh_machine_name(const lugh_machine *machine)
{
	return machine->name;
}

lugh_machine *lugh_machine_of(struct sxMachine *the)
{
	return the->lugh;
}

void *lugh_machine_context(struct sxMachine *the)
{
	return the->lugh->context;
}

struct sxMachine *lugh_machine_engine(lugh_machine *machine)
{
	return machine ? machine->the : NULL;
}

struct sxSlot *lugh_slot(struct sxMachine *the, unsigned index)
{
	return &the->lugh->slots[index];
}

void lugh_slot_keep(struct sxMachine *the, unsigned index, const struct sxSlot *value)
{
	txSlot *slot = &the->lugh->slots[index];
	slot->kind = value->kind;
	slot->value = value->value;
}
