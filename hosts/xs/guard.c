/*
 * What stands between a service and the rest when the engine itself would let it through.
 *
 * First, the hardware: a write into the read-only root raises SIGSEGV; the handler sends the thread to the exit of the
 * machine in hand, as if the engine had aborted. A fault at any other address, or inside libc's allocator, keeps its
 * default action. Second, two engine functions are replaced (CMakeLists.txt renames the engine's own): private fields
 * may not be stamped on shared objects, and identifiers may not wrap around.
 */
#include "layer.h"

#include <signal.h>
#include <ucontext.h>

#if defined(__arm__)
enum { THUMB_BIT = 1 << 5 }; /* of the status register: the code is in short instructions */
#endif

static const char *guarded;
static size_t guarded_bytes;
static struct sigaction former_action;

static void leave_machine(void)
{
	lugh_machine_abandon(lugh_in_hand, LUGH_WROTE_ROOT);
}

/* Makes the thread continue in leave_machine, on its own stack, as if it had been called there. */
static void redirect(ucontext_t *context)
{
#if defined(__x86_64__)
	enum { RED_ZONE_BYTES = 128 };
	greg_t stack = context->uc_mcontext.gregs[REG_RSP] - RED_ZONE_BYTES;
	context->uc_mcontext.gregs[REG_RSP] = (stack & ~(greg_t)15) - 8;
	context->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)leave_machine;
#elif defined(__i386__)
	context->uc_mcontext.gregs[REG_ESP] = (context->uc_mcontext.gregs[REG_ESP] & ~15) - 4;
	context->uc_mcontext.gregs[REG_EIP] = (greg_t)(uintptr_t)leave_machine;
#elif defined(__aarch64__)
	context->uc_mcontext.sp &= ~(uint64_t)15;
	context->uc_mcontext.pc = (uint64_t)(uintptr_t)leave_machine;
#elif defined(__arm__)
	uintptr_t target = (uintptr_t)leave_machine;
	context->uc_mcontext.arm_sp &= ~7u;
	context->uc_mcontext.arm_pc = target & ~(uintptr_t)1;
	context->uc_mcontext.arm_cpsr = (context->uc_mcontext.arm_cpsr & ~THUMB_BIT) | (target & 1 ? THUMB_BIT : 0);
#else
#error "Write the redirection for this processor"
#endif
}

static int is_write_into_root(const void *address)
{
	const lugh_machine *machine = lugh_in_hand;
	if (lugh_memory_is_busy || !machine || !machine->the || !machine->the->firstJump)
		return 0;
	return (const char *)address >= guarded && (const char *)address < guarded + guarded_bytes;
}

static void on_fault(int number, siginfo_t *info, void *context)
{
	if (is_write_into_root(info->si_addr))
		redirect(context);
	else
		sigaction(number, &former_action, NULL);
}

void lugh_guard_install(const char *region, size_t region_bytes)
{
	struct sigaction action;
	guarded = region;
	guarded_bytes = region_bytes;
	memset(&action, 0, sizeof action);
	action.sa_sigaction = on_fault;
	action.sa_flags = SA_SIGINFO;
	sigemptyset(&action.sa_mask);
	if (former_action.sa_sigaction == NULL)
		sigaction(SIGSEGV, &action, &former_action);
}

extern txBoolean fxDefinePrivatePropertyOfEngine(txMachine *the, txSlot *instance, txSlot *check, txID id, txSlot *slot, txFlag mask);

/* XS 17 refuses to stamp private fields on shared objects; 13.3 writes them into the root. */
txBoolean fxDefinePrivateProperty(txMachine *the, txSlot *instance, txSlot *check, txID id, txSlot *slot, txFlag mask)
{
	if (instance->ID && the->aliasArray) {
		txSlot *alias = the->aliasArray[instance->ID];
		instance = alias ? alias : fxAliasInstance(the, instance);
	}
	if (instance->flag & XS_MARK_FLAG)
		return 0;
	return fxDefinePrivatePropertyOfEngine(the, instance, check, id, slot, mask);
}

extern void fxGrowKeysOfEngine(txMachine *the, txID count);

/* Identifiers are txID wide; the engine does not look whether they still fit. */
void fxGrowKeys(txMachine *the, txID count)
{
	txID growth = count > the->keyDelta ? count : the->keyDelta;
	if ((size_t)the->keyCount + growth > (txID)-1)
		fxAbort(the, XS_NO_MORE_KEYS_EXIT);
	fxGrowKeysOfEngine(the, count);
}
