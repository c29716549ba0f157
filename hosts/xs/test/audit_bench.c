/*
 * audit-bench: tries every operation on everything that machines share, and tells what came of it.
 *
 *   audit-bench [--json] [--programs N] [--list] [--plant]
 *
 * Each program runs twice: with the root read-only, as on a node, and without, where it is seen what it would have
 * changed. Programs run in children, a batch in each, so that a death is counted and not the end. --programs takes so
 * many of them, evenly spread; --list names those that the hardware had to stop; --plant harms
 * the root once, and must be noticed. Answers 1 unless nothing was visible to
 * a sibling, nothing changed without a fault, nothing that the scan lets pass faulted (on the chip there is no fault to
 * contain), and nothing died.
 */
#include "audit_bench.h"

#include <sys/mman.h>
#include <sys/wait.h>

enum { BATCH = 500, BATCH_SECONDS = 120 };

typedef struct {
	int is_json;
	int is_listing;
	int is_planting;
	int programs; /* 0: all */
} options;

/* What the children write. */
typedef struct {
	int number;
	unsigned char protected;   /* a result */
	unsigned char unprotected; /* a result */
	unsigned char visible;     /* without protection, to a sibling */
} trial;

typedef struct {
	int next;           /* index of the trial in hand */
	int sibling_harmed; /* with protection: batches after which the root or what a witness sees was not as before */
	trial trials[];
} board;

static board *shared;
static int trial_count;

/* ---- children ---- */

static void try_protected(trial *it)
{
	it->protected = DIED; /* unless it comes back */
	it->protected = (unsigned char)run_program(it->number);
}

static void try_unprotected(trial *it)
{
	int is_visible = 0;
	it->unprotected = DIED;
	result came = run_program(it->number);
	it->unprotected = (unsigned char)(was_root_changed(&is_visible) ? CHANGED : came);
	it->visible = (unsigned char)is_visible;
}

static int must_plant;

static void run_batch(int first, int end, int is_protected)
{
	if (!is_protected)
		unprotect_root();
	alarm(BATCH_SECONDS);
	for (shared->next = first; shared->next < end; shared->next++)
		(is_protected ? try_protected : try_unprotected)(&shared->trials[shared->next]);
	if (is_protected && must_plant && first == 0)
		plant_harm();
	if (is_protected && !is_witness_content()) {
		fprintf(stderr, "harmed between programs %d and %d: %s\n", shared->trials[first].number, shared->trials[end - 1].number, witnessed_harm());
		shared->sibling_harmed++;
	}
}

/* Runs a batch in a child, and in another child what is left when one died. */
static void run_in_children(int first, int end, int is_protected)
{
	while (first < end) {
		int status = 0;
		fflush(NULL);
		pid_t child = fork();
		if (child == 0) {
			run_batch(first, end, is_protected);
			_exit(0);
		}
		if (child < 0 || waitpid(child, &status, 0) != child) {
			fprintf(stderr, "Cannot run a batch: %s\n", strerror(errno));
			exit(1);
		}
		first = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? end : shared->next + 1;
	}
}

/* ---- report ---- */

typedef struct {
	int protected[RESULTS];
	int unprotected[RESULTS];
	int visible;               /* with protection */
	int visible_unprotected;
	int changed_without_fault; /* what changed the root when it could, and was not stopped when it could not */
	int faults_of_allowed;     /* faults on what the scan lets pass: on the chip each would be an exception */
} report;

static report told;

static void count_trial(const trial *it, const options *wanted)
{
	char name[NAME_BYTES];
	int is_allowed = it->protected == FAULTED && !is_of_refused_kind(it->number);
	told.protected[it->protected]++;
	told.unprotected[it->unprotected]++;
	told.visible_unprotected += it->visible;
	told.faults_of_allowed += is_allowed;
	if (it->unprotected == CHANGED && it->protected != FAULTED)
		told.changed_without_fault++;
	const char *what = it->protected == DIED ? "died" : it->protected == FAULTED ? "faulted" : "changed without a fault";
	int is_bad = it->protected == DIED || is_allowed || (it->unprotected == CHANGED && it->protected != FAULTED);
	if (!is_bad && !(wanted->is_listing && it->protected == FAULTED))
		return;
	name_program(it->number, name);
	fprintf(stderr, "%s%s: %s\n", what, is_allowed ? " on what the scan lets pass" : "", name);
}

static void print_json(void)
{
	printf("{\"programs\":%d,\"throws\":%d,\"noEffect\":%d,\"faults\":%d,\"visibleToSibling\":%d,\"changedWithoutFault\":%d,\"processDeaths\":%d,",
		trial_count, told.protected[THREW], told.protected[NO_EFFECT], told.protected[FAULTED], told.visible, told.changed_without_fault,
		told.protected[DIED]);
	printf("\"faultsOfAllowedKinds\":%d,\"withoutProtection\":{\"changed\":%d,\"visibleToSibling\":%d,\"processDeaths\":%d}}\n",
		told.faults_of_allowed, told.unprotected[CHANGED], told.visible_unprotected, told.unprotected[DIED]);
}

static void print_text(void)
{
	printf("%d programs on what machines share: %d threw, %d had no effect, %d faulted (%d of them on what the scan lets pass)\n", trial_count,
		told.protected[THREW], told.protected[NO_EFFECT], told.protected[FAULTED], told.faults_of_allowed);
	printf("%d visible to a sibling, %d changed without a fault, %d deaths of the process\n", told.visible, told.changed_without_fault,
		told.protected[DIED]);
	printf("without protection: %d changed the root, %d visibly to a sibling, %d deaths\n", told.unprotected[CHANGED],
		told.visible_unprotected, told.unprotected[DIED]);
}

/* ---- the whole ---- */

static void choose_programs(const options *wanted)
{
	int all = count_programs();
	trial_count = wanted->programs && wanted->programs < all ? wanted->programs : all;
	size_t bytes = sizeof(board) + (size_t)trial_count * sizeof(trial);
	shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		fprintf(stderr, "Cannot keep the results: %s\n", strerror(errno));
		exit(1);
	}
	for (int i = 0; i < trial_count; i++)
		shared->trials[i].number = (int)((int64_t)i * all / trial_count);
}

static int run(void *it)
{
	const options *wanted = it;
	must_plant = wanted->is_planting;
	choose_programs(wanted);
	if (!is_witness_content()) {
		fprintf(stderr, "Cannot audit: before the first program, %s\n", witnessed_harm());
		exit(1);
	}
	for (int first = 0; first < trial_count; first += BATCH) {
		int end = first + BATCH < trial_count ? first + BATCH : trial_count;
		run_in_children(first, end, 1);
		run_in_children(first, end, 0);
	}
	told.visible = shared->sibling_harmed;
	for (int i = 0; i < trial_count; i++)
		count_trial(&shared->trials[i], wanted);
	if (wanted->is_json)
		print_json();
	else
		print_text();
	return told.visible || told.changed_without_fault || told.faults_of_allowed || told.protected[DIED];
}

int main(int argc, char **argv)
{
	options wanted = { 0 };
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json"))
			wanted.is_json = 1;
		else if (!strcmp(argv[i], "--list"))
			wanted.is_listing = 1;
		else if (!strcmp(argv[i], "--plant"))
			wanted.is_planting = 1;
		else if (!strcmp(argv[i], "--programs") && i + 1 < argc)
			wanted.programs = atoi(argv[++i]);
		else {
			fprintf(stderr, "usage: audit-bench [--json] [--programs N] [--list] [--plant]\n");
			return 2;
		}
	}
	return lugh_machine_thread_main(run, &wanted);
}
