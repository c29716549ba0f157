/*
 * What the engine asks of its platform: memory, modules, promise jobs, and what to do when it cannot go on.
 *
 * The engine ends a process by calling fxAbort; here that ends the run of one machine.
 */
#include "layer.h"

#include "xsScript.h"

enum {
	MODULE_NAME_BYTES = 256, /* longer than any name in an image */
};

static int status_of_abort(int reason)
{
	switch (reason) {
	case XS_NOT_ENOUGH_MEMORY_EXIT:
	case XS_NO_MORE_KEYS_EXIT:
		return LUGH_OUT_OF_MEMORY;
	case XS_STACK_OVERFLOW_EXIT:
		return LUGH_STACK_OVERFLOW;
	case XS_TOO_MUCH_COMPUTATION_EXIT:
		return LUGH_OUT_OF_BUDGET;
	default:
		return LUGH_THREW;
	}
}

void lugh_machine_abandon(lugh_machine *machine, int status)
{
	machine->status = status;
	fxExitToHost(machine->the);
}

void fxAbort(txMachine *the, int reason)
{
	lugh_machine_abandon(the->lugh, status_of_abort(reason));
}

void lugh_memory_exhausted(void)
{
	lugh_machine *machine = lugh_in_hand;
	if (machine && machine->the && machine->the->firstJump)
		lugh_machine_abandon(machine, LUGH_OUT_OF_MEMORY);
}

char *fxCStackLimit()
{
	return lugh_stack_limit();
}

void fxCreateMachinePlatform(txMachine *the)
{
	the->lugh = lugh_in_hand;
	if (the->lugh)
		the->lugh->the = the;
}

/* What is charged from here on has no machine to be charged to. */
void fxDeleteMachinePlatform(txMachine *the)
{
	if (the->lugh && the->lugh->the == the)
		the->lugh->the = NULL;
}

void fxQueuePromiseJobs(txMachine *the)
{
	the->lugh->has_jobs = 1;
}

/* What an added module imports was looked at where it was compiled; the machine's list names that module alone. */
static int may_import(txMachine *the, txID importer, const char *name)
{
	const lugh_machine *machine = the->lugh;
	if (machine->may_import_all || (importer != XS_NO_ID && lugh_added_find(fxGetKeyName(the, importer))))
		return 1;
	for (size_t i = 0; i < machine->module_count; i++) {
		if (!strcmp(machine->modules[i], name))
			return 1;
	}
	return 0;
}

txID fxFindModule(txMachine *the, txSlot *realm, txID importer, txSlot *specifier)
{
	char name[MODULE_NAME_BYTES];
	const lugh_machine *machine = the->lugh;
	(void)realm;
	fxToStringBuffer(the, specifier, name, sizeof name);
	if (!may_import(the, importer, name))
		mxReferenceError("Cannot import \"%s\": machine \"%s\" was not granted it", name, machine->name);
	if (!lugh_image_find(&machine->root->image, name) && !lugh_added_find(name))
		mxReferenceError("Cannot import \"%s\": the image has no such module", name);
	return fxNewNameC(the, name);
}

void fxLoadModule(txMachine *the, txSlot *module, txID moduleID)
{
	const char *name = fxGetKeyName(the, moduleID);
	const lugh_module *found = lugh_image_find(&the->lugh->root->image, name);
	const lugh_module *added = found ? NULL : lugh_added_find(name);
	txScript script = { .version = { XS_MAJOR_VERSION, XS_MINOR_VERSION, XS_PATCH_VERSION, 0 } };
	if (added && !(found = lugh_added_link(the->lugh, added)))
		mxSyntaxError("Cannot import \"%s\": its byte-code is damaged", name);
	if (!found)
		return;
	script.path = (txString)found->name;
	script.codeBuffer = found->code;
	script.codeSize = (txSize)found->code_bytes;
	fxResolveModule(the, module, moduleID, &script, NULL, NULL);
}

/* Only byte-code runs: this is the one way from source to code, and it is closed. */
txScript *fxParseScript(txMachine *the, void *stream, txGetter getter, txUnsigned flags)
{
	(void)stream;
	(void)getter;
	(void)flags;
	mxTypeError("Cannot compile source: machines run byte-code only");
	return NULL;
}
