/*
 * One stack of slots for all machines.
 *
 * One machine runs at a time, or one inside a run of another: so a run lays its slots below those of the run that it is inside
 * of, as functions do on the stack of C. What a machine keeps on its stack between two runs, its residents (the roots of the
 * engine), lies in the machine itself. Most of what a machine would hold is saved, and all run in the same few lines of cache.
 *
 * `stackTop` is the end of the residents, from which the engine counts its roots; `stackEnd` is where the slots of the run begin
 * and grow down from. While a machine is made, and in the root, the two are one: the engine pushes the residents first.
 */
#include "layer.h"

enum {
	STACK_SLOTS = (1 << 16) + 2048, /* the deepest service that a table may declare, inside of the kernel; what is not touched is not there */
};

static txSlot stack[STACK_SLOTS];

static txSlot *end_inside(const lugh_machine *outer)
{
	return outer && outer->is_running && outer->the->sharedMachine ? outer->the->stack : stack + STACK_SLOTS;
}

void lugh_stack_enter(lugh_machine *machine, const lugh_machine *outer)
{
	txMachine *the = machine->the;
	txSlot *end = end_inside(outer);
	ptrdiff_t room = end - stack;
	the->stack = end;
	the->stackEnd = end;
	the->stackBottom = room < machine->stack_slots ? stack : end - machine->stack_slots;
}

void lugh_stack_lend(lugh_machine *machine, const lugh_machine *outer)
{
	machine->stack_end = end_inside(outer);
}

/* In place of the engine's allocation; answers the bottom. The root was lent nothing: its stack lies in its region. */
txSlot *lugh_stack_open(txMachine *the, txSize count)
{
	txSlot *end = the->lugh ? the->lugh->stack_end : NULL;
	if (!end)
		return fxAllocateSlots(the, count);
	if (end - stack < count)
		fxAbort(the, XS_STACK_OVERFLOW_EXIT);
	return end - count;
}

void lugh_stack_close(txMachine *the)
{
	if (the->stackBottom < stack || the->stackBottom >= stack + STACK_SLOTS)
		fxFreeSlots(the, the->stackBottom);
}

int lugh_stack_leave_residents(lugh_machine *machine)
{
	txMachine *the = machine->the;
	ptrdiff_t count = the->stackTop - the->stack;
	if (count > LUGH_RESIDENTS)
		return -1;
	memcpy(machine->residents, the->stack, (size_t)count * sizeof(txSlot));
	the->residents = machine->residents;
	the->stackTop = machine->residents + count;
	return 0;
}
