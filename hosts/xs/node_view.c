/*
 * The kernel's arrays (kernel/state.ts), which host and kernel both work on: found by name once, when the kernel is made, and
 * looked at again whenever the host begins to work on them, as their elements move when the kernel's machine is collected.
 *
 * The kernel is trusted to put small integers into them and nothing else.
 */
#include "node_state.h"

static const char *const names[KERNEL_ARRAYS] = {
	[REGISTERS] = "registers",
	[ALIVE] = "alive",
	[PENDING] = "pending",
	[SERVING] = "serving",
	[PRIORITY] = "priority",
	[REPLY_PRIORITY] = "replyPriority",
	[QUEUED] = "queued",
	[ORDER] = "order",
	[AFTER] = "after",
	[BEFORE] = "before",
	[HEAD] = "head",
	[TAIL] = "tail",
	[LINK] = "link",
	[ROLE] = "role",
	[CALLER] = "caller",
	[CALLEE] = "callee",
};

static int least_length(const lugh_node *node, int array)
{
	switch (array) {
	case REGISTERS:
		return REGISTER_COUNT;
	case AFTER:
	case BEFORE:
		return node->service_count + 3;
	case HEAD:
	case TAIL:
		return node->service_count * 4;
	case LINK:
	case ROLE:
	case CALLER:
	case CALLEE:
		return node->options.messages + 1;
	default:
		return node->service_count;
	}
}

void bind_kernel(lugh_node *node, txMachine *the, txSlot *state)
{
	for (int array = 0; array < KERNEL_ARRAYS; array++) {
		mxPushSlot(state);
		mxGetID(fxID(the, (txString)names[array]));
		txSlot *items = mxIsReference(the->stack) ? the->stack->value.reference->next : NULL;
		if (!items || items->kind != XS_ARRAY_KIND || (int)items->value.array.length < least_length(node, array))
			mxRangeError("wanted an array \"%s\" of at least %d elements", names[array], least_length(node, array));
		node->arrays[array] = the->stack->value.reference;
		mxPop();
	}
}

void view_kernel(const lugh_node *node, kernel_view *view)
{
	view->count = node->service_count;
	for (int array = 0; array < KERNEL_ARRAYS; array++)
		view->items[array] = node->arrays[array]->next->value.array.address;
}
