/*
 * hostile-bench: runs every hostile program from every place and in both sizes of machine, and tells what was contained,
 * how long it took at worst, and whether anything stays behind.
 *
 *   hostile-bench [--json] [--brief] [--kills N] [--only TEXT]
 *
 * Answers 1 when anything escaped. --brief leaves out what differs least: of the programs that call a built-in, all but
 * each fiftieth; of the others, all places but the handler and one more. --only runs the programs whose kind/verdict/name contains the text, and
 * tells of each.
 */
#include "hostile_bench.h"

#include <stdlib.h>

enum { KILLS = 10000, BRIEF_STRIDE = 50, LATENCY_STRIDE = 10 };

typedef struct {
	int is_json;
	int is_brief;
	int kills;
	const char *only;
} options;

typedef struct {
	const char *name;
	double worst_micros;
} kind;

typedef struct {
	kind kinds[KIND_LIMIT];
	int kind_count;
	int contained;
	int escaped;
	double worst_nanos_a_step;
	double latency_micros;
	const program *latest; /* to answer an interrupt */
	size_t bytes_grown;
} report;

static program_list list;
static report told;

static kind *kind_of(const program *it)
{
	for (int i = 0; i < told.kind_count; i++) {
		if (!strcmp(told.kinds[i].name, it->kind))
			return &told.kinds[i];
	}
	told.kinds[told.kind_count].name = it->kind;
	return &told.kinds[told.kind_count++];
}

static void note(const program *it, situation from, size_t memory_bytes, const outcome *went, const options *wanted)
{
	enum { WORTH_DIVIDING_STEPS = 100000 };
	kind *of = kind_of(it);
	double nanos = went->steps > WORTH_DIVIDING_STEPS ? went->micros * 1000 / went->steps : 0;
	if (went->micros > of->worst_micros)
		of->worst_micros = went->micros;
	if (nanos > told.worst_nanos_a_step)
		told.worst_nanos_a_step = nanos;
	*(went->escape ? &told.escaped : &told.contained) += 1;
	if (went->escape || wanted->only)
		fprintf(stderr, "%s, %s, %zu KB: %s after %.0f us and %u steps%s%s\n", it->path, situation_names[from], memory_bytes / 1024,
			lugh_status_text(went->status), went->micros, went->steps, went->escape ? ": " : "", went->escape ? went->escape : "");
}

static void attack_from_everywhere(program *it, const options *wanted)
{
	situation last = calls_builtin(it) ? FROM_HANDLER : FROM_BODY;
	situation other = FROM_PROMISE_JOB + (situation)(it - list.programs) % FROM_BODY;
	for (situation from = FROM_HANDLER; from <= last; from++) {
		if (wanted->is_brief && from != FROM_HANDLER && from != other)
			continue;
		outcome went = attack(it, from, SMALL_BYTES);
		note(it, from, SMALL_BYTES, &went, wanted);
		went = attack(it, from, LARGE_BYTES);
		note(it, from, LARGE_BYTES, &went, wanted);
		if (from == FROM_HANDLER && went.status == LUGH_OUT_OF_BUDGET)
			it->micros = went.micros;
	}
}

/* All programs that somebody thought of, and each so-manieth of those that call a built-in. */
static program_list *thinned(int stride)
{
	static program_list some;
	some.count = 0;
	for (int i = 0; i < list.count; i++) {
		if (!calls_builtin(&list.programs[i]) || i % stride == 0)
			some.programs[some.count++] = list.programs[i];
	}
	return &some;
}

static void print_text(void)
{
	printf("%d kinds of programs, %d attacks: %d contained, %d escaped\n", told.kind_count, told.contained + told.escaped, told.contained, told.escaped);
	for (int i = 0; i < told.kind_count; i++)
		printf("  %-12s %8.0f us at worst, for a budget of %d steps\n", told.kinds[i].name, told.kinds[i].worst_micros, BUDGET_STEPS);
	printf("%.0f ns at worst for a step; %.0f us at worst after an interrupt (%s); %zu bytes grown\n", told.worst_nanos_a_step,
		told.latency_micros, told.latest ? told.latest->path : "none", told.bytes_grown);
}

static void print_json(const options *wanted)
{
	printf("{\"kinds\":%d,\"programs\":%d,\"contained\":%d,\"escaped\":%d,\"worstMicros\":{", told.kind_count, told.contained + told.escaped,
		told.contained, told.escaped);
	for (int i = 0; i < told.kind_count; i++)
		printf("%s\"%s\":%.0f", i ? "," : "", told.kinds[i].name, told.kinds[i].worst_micros);
	printf("},\"budgetSteps\":%d,\"worstNanosAStep\":%.0f,\"interruptMicros\":%.0f,\"kills\":%d,\"bytesGrown\":%zu}\n", BUDGET_STEPS,
		told.worst_nanos_a_step, told.latency_micros, wanted->kills, told.bytes_grown);
}

static int run(void *it)
{
	const options *wanted = it;
	list_programs(&list);
	if (wanted->is_brief)
		list = *thinned(BRIEF_STRIDE);
	for (int i = 0; i < list.count; i++) {
		if (!wanted->only || strstr(list.programs[i].path, wanted->only))
			attack_from_everywhere(&list.programs[i], wanted);
	}
	if (!wanted->only) {
		const program_list *some = thinned(LATENCY_STRIDE);
		told.latency_micros = measure_latency(some, wanted->is_brief ? 1 : 3, &told.latest);
		told.bytes_grown = measure_growth(some, wanted->kills);
	}
	if (wanted->is_json)
		print_json(wanted);
	else
		print_text();
	return told.escaped != 0;
}

int main(int argc, char **argv)
{
	options wanted = { .kills = KILLS };
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json"))
			wanted.is_json = 1;
		else if (!strcmp(argv[i], "--brief"))
			wanted.is_brief = 1;
		else if (!strcmp(argv[i], "--kills") && i + 1 < argc)
			wanted.kills = atoi(argv[++i]);
		else if (!strcmp(argv[i], "--only") && i + 1 < argc)
			wanted.only = argv[++i];
		else {
			fprintf(stderr, "usage: hostile-bench [--json] [--brief] [--kills N] [--only TEXT]\n");
			return 2;
		}
	}
	return lugh_machine_thread_main(run, &wanted);
}
