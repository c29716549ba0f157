/*
 * The engine's own functions to create, share and clone, and its compiler, which machines of services do not have.
 * Of the machine layer only the platform is used.
 */
#include "body_machine.h"

#include "layer.h"
#include "xsScript.h"

/* What the platform's hooks find where a machine of the layer would be: nothing is loaded, nothing is limited. */
static lugh_root no_root;
static lugh_machine stand_in = { .root = &no_root, .name = "body-test" };

static txCreation root_creation = {
	.initialChunkSize = 1024 * 1024,
	.incrementalChunkSize = 256 * 1024,
	.initialHeapCount = 32 * 1024,
	.incrementalHeapCount = 8 * 1024,
	.stackCount = 1024,
	.initialKeyCount = 4 * 1024,
	.incrementalKeyCount = 256,
	.nameModulo = 127,
	.symbolModulo = 13,
	.parserBufferSize = 64 * 1024,
	.parserTableModulo = 127,
};

static txScript *compile(txMachine *the, const char *source)
{
	txParser parser;
	txParserJump jump;
	txScript *volatile script = C_NULL;
	txStringCStream stream = { (txString)source, 0, (txSize)strlen(source) };
	fxInitializeParser(&parser, the, 64 * 1024, 127);
	parser.firstJump = &jump;
	if (c_setjmp(jump.jmp_buf) == 0) {
		fxParserTree(&parser, &stream, fxStringCGetter, mxProgramFlag | mxEvalFlag, C_NULL);
		fxParserHoist(&parser);
		fxParserBind(&parser);
		script = fxParserCode(&parser);
	}
	fxTerminateParser(&parser);
	return script;
}

int body_machine_evaluate(txMachine *the, const char *source)
{
	volatile int answer = 0;
	mxTry(the) {
		txScript *script = compile(the, source);
		txSlot *program = mxProgram.value.reference;
		txSlot *realm = mxModuleInstanceInternal(program)->value.module.realm;
		fxRunScript(the, script, mxRealmGlobal(realm), C_NULL, mxRealmClosures(realm)->value.reference, C_NULL, program);
	}
	mxCatch(the) {
		printf("thrown: %s\n", fxToString(the, &mxException));
		answer = -1;
	}
	return answer;
}

int body_machine_call(txMachine *the, const char *name, int count)
{
	volatile int answer = 0;
	txSlot *arguments = the->stack + count;
	mxTry(the) {
		mxPushUndefined();
		mxPush(mxGlobal);
		mxGetID(fxNewNameC(the, (txString)name));
		mxCall();
		for (int index = 1; index <= count; index++) {
			txSlot *argument = arguments - index;
			mxPushSlot(argument);
		}
		mxRunCount(count);
		*(arguments - 1) = *the->stack;
		the->stack = arguments - 1;
	}
	mxCatch(the) {
		printf("thrown by %s: %s\n", name, fxToString(the, &mxException));
		answer = -1;
	}
	return answer;
}

/* What the collector of a clone would move or mark must not be the root's: see ENGINE.md, section 3, trap 1. */
static void pin_root(txMachine *the)
{
	for (txSlot *heap = the->firstHeap; heap; heap = heap->next) {
		for (txSlot *slot = heap + 1; slot < heap->value.reference; slot++) {
			if (slot->kind == XS_STRING_KIND) slot->kind = XS_STRING_X_KIND;
			else if (slot->kind == XS_CODE_KIND) slot->kind = XS_CODE_X_KIND;
			else if (slot->kind == XS_KEY_KIND) slot->kind = XS_KEY_X_KIND;
			else if (slot->kind == XS_BIGINT_KIND) slot->kind = XS_BIGINT_X_KIND;
		}
	}
}

static void fail(const char *message)
{
	fprintf(stderr, "body-test: %s\n", message);
	exit(2);
}

txMachine *body_root_create(const char *source)
{
	lugh_in_hand = &stand_in;
	txMachine *the = fxCreateMachine(&root_creation, "root", C_NULL, XS_NO_ID);
	if (!the) fail("Cannot create the root");
	the = fxBeginHost(the);
	if (body_machine_evaluate(the, source)) fail("Cannot run the program in the root");
	mxPop();
	fxEndHost(the);
	fxShareMachine(the);
	pin_root(the);
	return the;
}

txMachine *body_machine_create(txMachine *root, int initial_slots)
{
	txCreation creation = {
		.initialChunkSize = 4 * 1024,
		.incrementalChunkSize = 4 * 1024,
		.initialHeapCount = initial_slots,
		.incrementalHeapCount = 64,
		.stackCount = 1024,
		.initialKeyCount = 64,
		.incrementalKeyCount = 64,
		.nameModulo = 127,
		.symbolModulo = 13,
	};
	txMachine *the = fxCloneMachine(&creation, root, "body", C_NULL);
	if (!the) fail("Cannot clone a machine");
	return fxBeginHost(the);
}

void body_machine_delete(txMachine *the)
{
	fxEndHost(the);
	fxDeleteMachine(the);
}
