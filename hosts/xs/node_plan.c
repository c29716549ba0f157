/*
 * The scheduler's turn: what the kernel knows is copied into the arrays of the scheduler's machine, its `plan` is called,
 * and what it ordered is copied back. The scheduler may have done anything to its arrays, so each is looked at again.
 */
#include "node_state.h"

typedef struct {
	lugh_node *node;
	service *scheduler;
	int count;
	int length;
} planning;

/* The elements of a plain array without holes, or NULL. */
static txSlot *elements(txSlot *array, int count)
{
	txSlot *items = array ? array->next : NULL;
	if (!items || items->kind != XS_ARRAY_KIND || (int)items->value.array.length < count || !items->value.array.address)
		return NULL;
	if (((txChunk *)(((txByte *)items->value.array.address) - sizeof(txChunk)))->size < (txSize)(count * sizeof(txSlot)))
		return NULL;
	return items->value.array.address;
}

/* Looked up without running anything: a getter in an array's place could change those that were looked up before it. */
static txSlot *view_array(txMachine *the, const char *name)
{
	txSlot *view = lugh_slot(the, SLOT_VIEW)->value.reference;
	txSlot *property = mxBehaviorGetProperty(the, view, fxID(the, (txString)name), 0, XS_OWN);
	return property && mxIsReference(property) ? property->value.reference : NULL;
}

static void put_integers(txSlot *to, const int *values, int count)
{
	for (int index = 0; index < count; index++) {
		to[index].kind = XS_INTEGER_KIND;
		to[index].value.integer = values[index];
	}
}

static int integer_of(const txSlot *slot)
{
	if (slot->kind == XS_INTEGER_KIND)
		return slot->value.integer;
	double number = slot->kind == XS_NUMBER_KIND ? slot->value.number : -1;
	return number >= 0 && number <= KERNEL_PORT && number == (int)number ? (int)number : -1;
}

static void make_plan(txMachine *the, void *data)
{
	planning *of = data;
	lugh_node *node = of->node;
	int count = node->service_count;
	int words = (count + 29) / 30;
	static const char *const names[] = { "ready", "priority", "deadlineMicros", "steps", "order" };
	int sizes[] = { words, count, count, count, count };
	txSlot *arrays[5];
	int values[KERNEL_PORT];
	for (int index = 0; index < 5; index++) {
		arrays[index] = view_array(the, names[index]);
		if (!elements(arrays[index], sizes[index]))
			mxTypeError("Cannot plan: the view's arrays were changed");
	}
	txSlot *ready = elements(node->ready, words), *priority = elements(node->priority, count);
	txSlot *heads = elements(node->heads, count * 4);
	for (int index = 0; index < words; index++)
		values[index] = ready[index].value.integer;
	put_integers(elements(arrays[0], words), values, words);
	for (int index = 0; index < count; index++)
		values[index] = priority[index].value.integer;
	put_integers(elements(arrays[1], count), values, count);
	for (int index = 0; index < count; index++) {
		int64_t left = 0x3fffffff;
		int level = priority[index].value.integer;
		/* Who has a reply is given that, and whoever waits for its own answer waits for that long. */
		bool has_reply = heads[index * 4 + 3].value.integer != 0;
		uint16_t head = level < 3 ? (uint16_t)heads[index * 4 + level].value.integer : 0;
		if (has_reply)
			head = node->services[index].serving;
		if (head && node->messages[head].deadline_micros)
			left = node->messages[head].deadline_micros - node->now;
		values[index] = left < 0 ? 0 : left > 0x3fffffff ? 0x3fffffff : (int)left;
	}
	put_integers(elements(arrays[2], count), values, count);
	for (int index = 0; index < count; index++) {
		uint64_t steps = node->services[index].planned_steps;
		values[index] = steps > 0x3fffffff ? 0x3fffffff : (int)steps;
		node->services[index].planned_steps = 0;
	}
	put_integers(elements(arrays[3], count), values, count);
	mxPushReference(arrays[4]); /* it is read afterwards, even if it was taken out of the view */
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxGetID(fxID(the, "plan"));
	mxCall();
	mxPushSlot(lugh_slot(the, SLOT_VIEW));
	mxPushInteger(of->count);
	mxRunCount(2);
	of->length = integer_of(the->stack);
	txSlot *order = elements(arrays[4], count);
	txSlot *answer = elements(node->order, count);
	for (int index = 0; order && index < of->length && index < count; index++) {
		answer[index].kind = XS_INTEGER_KIND;
		answer[index].value.integer = integer_of(&order[index]);
	}
	if (!order || of->length < 0)
		of->length = 0;
}

int32_t plan_order(lugh_node *node, service *scheduler, int count)
{
	planning of = { node, scheduler, count, 0 };
	read_clock(node);
	charge(node, scheduler);
	scheduler->is_planning = true;
	int status = lugh_machine_run(scheduler->machine, make_plan, &of, scheduler->budget_steps);
	scheduler->is_planning = false;
	scheduler->steps += lugh_machine_last_steps(scheduler->machine);
	if (status)
		return fault(node, scheduler, status, NULL);
	return of.length;
}
