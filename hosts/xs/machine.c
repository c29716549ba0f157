/*
 * Machines: cloned from the root in one piece of memory, looked at, destroyed.
 *
 * What the engine takes for a clone lies in one slab behind our own record, so that a machine costs one allocation and
 * ends with one. Running them is in run.c.
 */
#include "layer.h"

enum {
	DEFAULT_STACK_SLOTS = 256,
	CREATION_SLOTS = 64, /* on the stack of all, while the engine makes a machine */
	INITIAL_KEYS = 8,
	SLAB_SLACK_BYTES = 256 /* headers and rounding of what lies in the slab */
};

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

static txCreation creation_for(const lugh_root *root)
{
	txCreation creation = {
		.initialChunkSize = LUGH_CHUNK_BYTES,
		.incrementalChunkSize = LUGH_CHUNK_BYTES,
		.initialHeapCount = LUGH_HEAP_SLOTS,
		.incrementalHeapCount = LUGH_HEAP_SLOTS,
		.stackCount = CREATION_SLOTS,
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
	size_t slots = (size_t)creation->initialHeapCount * sizeof(txSlot);
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
	machine->memory_bytes = options->memory_bytes;
	machine->stack_slots = options->stack_slots ? options->stack_slots : DEFAULT_STACK_SLOTS;
}

static int tell(int *status, int value)
{
	if (status)
		*status = value;
	return value;
}

lugh_machine *lugh_machine_create(lugh_root *root, const lugh_machine_options *options, int *status)
{
	txCreation creation = creation_for(root);
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
	lugh_hand former = lugh_take_in_hand(machine);
	lugh_stack_lend(machine, former.machine);
	txMachine *the = fxCloneMachine(&creation, root->the, "", NULL);
	lugh_give_back(former);
	if (!the || lugh_stack_leave_residents(machine)) {
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
	lugh_hand former = lugh_take_in_hand(machine);
	delete_engine(machine);
	lugh_give_back(former);
	lugh_account_close(&machine->account);
	free(machine->reason);
	free(machine);
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

void *lugh_machine_context(struct sxMachine *the)
{
	return the->lugh->context;
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
