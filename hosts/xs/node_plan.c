/*
 * The scheduler's plan: what the kernel knows is copied into the arrays of the scheduler's machine, its `plan` is called,
 * and what it ordered is copied back. The scheduler may have done anything to its arrays, so each is looked at again.
 */
#include "node_state.h"

typedef struct {
	lugh_node *node;
	service *scheduler;
	int count;
	int length;
	kernel_view view;
} planning;

/* services/api/scheduler.ts, SchedulerView; and the function itself */
enum { VIEW_READY, VIEW_PRIORITY, VIEW_DEADLINE, VIEW_STEPS, VIEW_ORDER, VIEW_ARRAYS, NAME_PLAN = VIEW_ARRAYS };

static const char *const names[PLAN_NAMES] = { "ready", "priority", "deadlineMicros", "steps", "order", "plan" };

/* Looking for a name costs as much as planning for a service: once for each machine. */
void plan_names(txMachine *the, service *scheduler)
{
	for (int name = 0; name < PLAN_NAMES; name++)
		scheduler->plan_names[name] = fxID(the, (txString)names[name]);
}

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
static txSlot *view_array(txMachine *the, const service *scheduler, int array)
{
	txSlot *view = lugh_slot(the, SLOT_VIEW)->value.reference;
	txSlot *property = mxBehaviorGetProperty(the, view, scheduler->plan_names[array], 0, XS_OWN);
	return property && mxIsReference(property) ? property->value.reference : NULL;
}

static int integer_of(const txSlot *slot)
{
	if (slot->kind == XS_INTEGER_KIND)
		return slot->value.integer;
	double number = slot->kind == XS_NUMBER_KIND ? slot->value.number : -1;
	return number >= 0 && number <= KERNEL_PORT && number == (int)number ? (int)number : -1;
}

/* Until the deadline of the message that a service would be given: who has a reply is given that, and whoever waits for its
 * own answer waits for that long. */
static int deadline_of(const lugh_node *node, const kernel_view *view, int index)
{
	enum { NONE = 0x3fffffff };
	int level = *at(view, PRIORITY, index);
	uint16_t head = level <= LUGH_LOW ? (uint16_t)*at(view, HEAD, index * 4 + level) : 0;
	if (*at(view, HEAD, index * 4 + 3))
		head = node->services[index].serving;
	if (!head || !node->messages[head].deadline_micros)
		return NONE;
	int64_t left = node->messages[head].deadline_micros - node->now;
	return left < 0 ? 0 : left > NONE ? NONE : (int)left;
}

static int take_steps(service *of)
{
	uint64_t steps = of->planned_steps;
	of->planned_steps = 0;
	return steps > 0x3fffffff ? 0x3fffffff : (int)steps;
}

static void put(txSlot *to, int value)
{
	to->kind = XS_INTEGER_KIND;
	to->value.integer = value;
}

static void fill_view(const planning *of, txSlot *const arrays[VIEW_ARRAYS])
{
	const kernel_view *view = &of->view;
	for (int word = 0; word < (view->count + 29) / 30; word++)
		put(&arrays[VIEW_READY][word], 0);
	for (int index = 0; index < view->count; index++) {
		int level = *at(view, PRIORITY, index);
		if (level <= LUGH_LOW)
			arrays[VIEW_READY][index / 30].value.integer |= 1 << index % 30;
		put(&arrays[VIEW_PRIORITY][index], level);
		put(&arrays[VIEW_DEADLINE][index], deadline_of(of->node, view, index));
		put(&arrays[VIEW_STEPS][index], take_steps(&of->node->services[index]));
	}
}

static void make_plan(txMachine *the, void *data)
{
	planning *of = data;
	int count = of->view.count;
	txSlot *order = NULL, *arrays[VIEW_ARRAYS];
	for (int index = 0; index < VIEW_ARRAYS; index++) {
		order = view_array(the, of->scheduler, index);
		arrays[index] = elements(order, index == VIEW_READY ? (count + 29) / 30 : count);
		if (!arrays[index])
			mxTypeError("Cannot plan: the view's arrays were changed");
	}
	fill_view(of, arrays);
	mxPushReference(order); /* it is read afterwards, even if it was taken out of the view */
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxPushSlot(lugh_slot(the, SLOT_DEFINITION));
	mxGetID(of->scheduler->plan_names[NAME_PLAN]);
	mxCall();
	mxPushSlot(lugh_slot(the, SLOT_VIEW));
	mxPushInteger(of->count);
	mxRunCount(2);
	of->length = integer_of(the->stack);
	txSlot *planned = elements(order, count);
	for (int index = 0; planned && index < of->length && index < count; index++)
		*at(&of->view, ORDER, index) = integer_of(&planned[index]);
	if (!planned || of->length < 0)
		of->length = 0;
}

int32_t plan_order(lugh_node *node, service *scheduler, int count)
{
	planning of = { .node = node, .scheduler = scheduler, .count = count };
	view_kernel(node, &of.view);
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
