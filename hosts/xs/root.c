/*
 * Builds the root that all machines share, in one region of memory, and seals it.
 *
 * The steps must come in this order: built-ins are withdrawn before modules run, so that a module that wants one fails
 * the build; the look-up cache is filled and everything frozen before the engine marks the root as shared; kinds are
 * pinned and aliases numbered after that, because sharing numbers them its own way; the scan sees the final state; and
 * the region becomes read-only last.
 */
#include "layer.h"

#include <sys/mman.h>

enum {
	REGION_BYTES = 256 * 1024 * 1024, /* address space only; what is not used is given back */
	ROOT_STACK_SLOTS = 4096,
	SHARING_SLOTS = 4096, /* one for each module, and a few dozen */
	ROOT_STEPS = 0, /* the build trusts its modules: unmetered */
};

/* Small tables: every machine copies the two modulos. 127 keeps chains of names near 20 for 2,500 names. */
static txCreation creation = {
	.initialChunkSize = 128 * 1024,
	.incrementalChunkSize = 64 * 1024,
	.initialHeapCount = 12 * 1024,
	.incrementalHeapCount = 4 * 1024,
	.stackCount = ROOT_STACK_SLOTS,
	.initialKeyCount = 4 * 1024,
	.incrementalKeyCount = 1024,
	.nameModulo = 127,
	.symbolModulo = 13,
	.parserBufferSize = 1024,
	.parserTableModulo = 13,
};

typedef struct {
	lugh_root *root;
	const lugh_root_options *options;
	char *error;
	size_t error_bytes;
	int failed;
} construction;

static int reserve_region(lugh_root *root)
{
	void *region = mmap(NULL, REGION_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (region == MAP_FAILED)
		return -1;
	root->region = region;
	root->region_bytes = REGION_BYTES;
	return 0;
}

static void give_natives(txMachine *the, const lugh_root_options *options)
{
	mxPush(mxObjectPrototype);
	fxNewObjectInstance(the);
	txSlot *natives = the->stack;
	for (size_t i = 0; i < options->native_count; i++) {
		const lugh_native *native = &options->natives[i];
		txID id = fxNewNameC(the, (txString)native->name);
		fxNewHostFunction(the, native->callback, native->length, id, XS_NO_ID);
		mxPushSlot(natives);
		mxSetID(id);
		mxPop();
	}
	mxPush(mxGlobal);
	mxSetID(fxNewNameC(the, "lughNatives"));
	mxPop();
	mxPop();
}

static void take_natives(txMachine *the)
{
	mxPush(mxGlobal);
	mxDeleteID(fxNewNameC(the, "lughNatives"));
	mxPop();
}

static void preload(txMachine *the, const char *name)
{
	mxPushStringC((txString)name);
	fxAwaitImport(the, XS_IMPORT_NAMESPACE);
	mxPop();
}

static void preload_all(txMachine *the, const construction *it)
{
	const lugh_image *image = &it->root->image;
	for (size_t i = 0; i < it->options->preload_count; i++)
		preload(the, it->options->preload[i]);
	for (uint32_t i = 0; !it->options->preload_count && i < image->module_count; i++)
		preload(the, image->modules[i].name);
}

static void run_modules(txMachine *the, void *data)
{
	construction *it = data;
	for (uint32_t i = 0; i < it->root->image.module_count; i++)
		fxNewNameX(the, (txString)it->root->image.modules[i].name);
	it->failed = lugh_image_link(&it->root->image, the, it->error, it->error_bytes);
	if (it->failed)
		return;
	lugh_root_amend(the);
	give_natives(the, it->options);
	preload_all(the, it);
	take_natives(the);
	lugh_root_harden(the);
}

static int tell_run_failure(const construction *it, const lugh_machine *builder)
{
	snprintf(it->error, it->error_bytes, "Cannot preload modules of %s: %s", it->options->image_path, lugh_machine_reason(builder));
	return -1;
}

static int seal(lugh_root *root, const char *end)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t used = ((size_t)(end - root->region) + page - 1) / page * page;
	munmap(root->region + used, root->region_bytes - used);
	root->region_bytes = used;
	return mprotect(root->region, used, PROT_READ);
}

extern void fxGrowSlots(txMachine *the, txSize count);

/* While the engine shares, it links modules by hand, and a collection in the midst of that frees them: none may become due. */
static void make_room_for_sharing(txMachine *the)
{
	int free_slots = 0;
	fxCollectGarbage(the);
	for (txSlot *slot = the->freeHeap; slot; slot = slot->next)
		free_slots++;
	if (free_slots < SHARING_SLOTS)
		fxGrowSlots(the, SHARING_SLOTS);
}

/* The builder stands in for a machine while the root runs its modules, and pays from the region for all of it. */
static int construct(construction *it, lugh_machine *builder)
{
	lugh_root *root = it->root;
	if (lugh_image_read(&root->image, it->options->image_path, it->error, it->error_bytes))
		return -1;
	root->the = fxCreateMachine(&creation, "root", NULL, XS_NO_ID);
	if (!root->the) {
		snprintf(it->error, it->error_bytes, "Cannot create the root: out of memory");
		return -1;
	}
	if (lugh_machine_run(builder, run_modules, it, ROOT_STEPS))
		return tell_run_failure(it, builder);
	if (it->failed)
		return -1;
	make_room_for_sharing(root->the);
	fxShareMachine(root->the);
	lugh_root_settle(root->the);
	root->the->lugh = NULL;
	if (builder->account.first) {
		snprintf(it->error, it->error_bytes, "Cannot create the root: it needs more than %d bytes", REGION_BYTES);
		return -1;
	}
	return lugh_root_scan(root, it->error, it->error_bytes);
}

static int build(construction *it)
{
	lugh_machine builder;
	memset(&builder, 0, sizeof builder);
	builder.root = it->root;
	builder.name = "root";
	builder.may_import_all = 1;
	lugh_account_open(&builder.account, 0, it->root->region, REGION_BYTES);
	lugh_hand former = lugh_take_in_hand(&builder);
	int failed = construct(it, &builder);
	lugh_give_back(former);
	lugh_account_close(&builder.account);
	free(builder.reason);
	if (!failed && (failed = seal(it->root, builder.account.slab_next)))
		snprintf(it->error, it->error_bytes, "Cannot make the root read-only: %s", strerror(errno));
	return failed;
}

lugh_root *lugh_root_create(const lugh_root_options *options, char *error, size_t error_bytes)
{
	lugh_root *root = calloc(1, sizeof *root);
	construction it = { root, options, error, error_bytes, 0 };
	if (!root || reserve_region(root)) {
		snprintf(error, error_bytes, "Cannot reserve memory for the root: %s", strerror(errno));
		free(root);
		return NULL;
	}
	if (build(&it)) {
		lugh_root_destroy(root);
		return NULL;
	}
	lugh_guard_install(root->region, root->region_bytes);
	return root;
}

void lugh_root_destroy(lugh_root *root)
{
	if (!root)
		return;
	munmap(root->region, root->region_bytes);
	free(root);
}
