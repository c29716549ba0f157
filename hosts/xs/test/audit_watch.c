/*
 * The root without its protection: every write goes through, and the page it went to is kept in mind.
 *
 * The pages stay read-only until they are written to; then the handler opens the page and lets the thread go on.
 */
#include "audit_bench.h"

#include <signal.h>
#include <sys/mman.h>

enum { PAGE_BYTES = 4096, PAGE_LIMIT = 16384 };

static char *pristine; /* the root as it was built */
static size_t written[PAGE_LIMIT];
static size_t written_count;

static void on_write(int number, siginfo_t *info, void *context)
{
	const lugh_root *root = audit_root();
	size_t offset = (size_t)((char *)info->si_addr - root->region);
	(void)context;
	if ((char *)info->si_addr < root->region || offset >= root->region_bytes || written_count == PAGE_LIMIT) {
		signal(number, SIG_DFL);
		return;
	}
	written[written_count++] = offset / PAGE_BYTES * PAGE_BYTES;
	mprotect(root->region + offset / PAGE_BYTES * PAGE_BYTES, PAGE_BYTES, PROT_READ | PROT_WRITE);
}

void unprotect_root(void)
{
	const lugh_root *root = audit_root();
	struct sigaction action = { .sa_sigaction = on_write, .sa_flags = SA_SIGINFO | SA_NODEFER };
	pristine = malloc(root->region_bytes);
	if (!pristine)
		exit(1);
	memcpy(pristine, root->region, root->region_bytes);
	sigaction(SIGSEGV, &action, NULL);
}

int was_root_changed(int *is_visible)
{
	const lugh_root *root = audit_root();
	int is_changed = 0;
	for (size_t i = 0; i < written_count; i++)
		is_changed |= memcmp(root->region + written[i], pristine + written[i], PAGE_BYTES) != 0;
	*is_visible = is_changed && !is_witness_content();
	for (size_t i = 0; i < written_count; i++) {
		memcpy(root->region + written[i], pristine + written[i], PAGE_BYTES);
		mprotect(root->region + written[i], PAGE_BYTES, PROT_READ);
	}
	written_count = 0;
	return is_changed;
}
