/*
 * Cuts the power of the simulated flash everywhere: before, in and after each operation of some scenarios, with everything
 * that may become of what was not synced, and compares each byte of the medium with what services/api/flash.ts allows.
 *
 * What is allowed is worked out here, from the list of operations and without the model: exactly where nothing is left to
 * chance, else as the set of values that a byte may have. Figures go to standard output, the first violation ends the run.
 */
#include "flash_check.h"

enum { STEPS = 28, SCENARIOS = 12, SEEDS = 8, TRIES = 2 };

typedef enum { PROGRAM, ERASE, SYNC } step_kind;

typedef struct {
	step_kind kind;
	uint32_t address, length;
	uint8_t bytes[3 * PAGE];
} step;

typedef struct {
	step steps[STEPS];
} scenario;

static uint32_t random_of(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void do_step(uint8_t *bytes, const step *of, uint32_t length)
{
	for (uint32_t index = 0; index < length && of->kind != SYNC; index++)
		bytes[of->address + index] = of->kind == ERASE ? 0xff : bytes[of->address + index] & of->bytes[index];
}

/* Programs that are not refused, erases and syncs; every program clears something. */
static scenario make_scenario(uint32_t seed)
{
	scenario made;
	uint8_t bytes[TOTAL];
	uint32_t state = seed * 2654435761u + 1;
	memset(bytes, 0xff, sizeof(bytes));
	for (int at = 0; at < STEPS; at++) {
		step *next = &made.steps[at];
		uint32_t drawn = random_of(&state) % 10;
		*next = (step){ .kind = drawn < 6 ? PROGRAM : drawn < 8 ? ERASE : SYNC };
		next->length = next->kind == ERASE ? SECTOR : PAGE * (1 + random_of(&state) % 3);
		next->address = next->kind == ERASE ? SECTOR * (random_of(&state) % SECTORS)
			: PAGE * (random_of(&state) % ((TOTAL - next->length) / PAGE + 1));
		for (uint32_t index = 0; next->kind == PROGRAM && index < next->length; index++)
			next->bytes[index] = bytes[next->address + index] & (uint8_t)random_of(&state);
		do_step(bytes, next, next->length);
	}
	return made;
}

static int perform(lugh_flash *flash, const step *of)
{
	switch (of->kind) {
	case PROGRAM:
		return lugh_flash_program(flash, of->address, of->bytes, of->length);
	case ERASE:
		return lugh_flash_erase(flash, of->address / SECTOR);
	default:
		return lugh_flash_sync(flash);
	}
}

/* Without faults every step is seen at once. */
static void check_plain(const scenario *of)
{
	lugh_flash *flash = flash_of((lugh_flash_options){ .seed = 1 });
	uint8_t wanted[TOTAL], read[TOTAL];
	memset(wanted, 0xff, sizeof(wanted));
	for (int at = 0; at < STEPS; at++) {
		CHECK(perform(flash, &of->steps[at]) == 0, "step %d was refused", at);
		do_step(wanted, &of->steps[at], of->steps[at].length);
		CHECK(lugh_flash_read(flash, 0, read, TOTAL) == 0 && !memcmp(read, wanted, TOTAL), "step %d reads otherwise", at);
	}
	lugh_flash_destroy(flash);
}

/* ---- what a cut may leave ---- */

/* The values that each byte may have, as a set of 256. */
typedef struct {
	bool may[TOTAL][256];
} allowance;

static int last_sync(const scenario *of, int before)
{
	while (before > 0 && of->steps[before - 1].kind != SYNC)
		before--;
	return before;
}

static bool add_value(allowance *set, uint32_t at, uint8_t value)
{
	bool is_new = !set->may[at][value];
	set->may[at][value] = true;
	return is_new;
}

/* What this step, whole, makes of any value that the byte may have: the contract leaves the way of a program open. */
static bool add_whole(allowance *set, const step *of, uint32_t index)
{
	uint32_t at = of->address + index;
	bool has_grown = add_value(set, at, of->kind == ERASE ? 0xff : of->bytes[index]);
	for (int value = 0; value < 256 && of->kind == PROGRAM; value++)
		if (set->may[at][value])
			has_grown |= add_value(set, at, (uint8_t)value & of->bytes[index]);
	return has_grown;
}

/* Any of the steps, in any order: until nothing new comes of another one. */
static void add_any(allowance *set, const scenario *of, int from, int to)
{
	for (bool has_grown = true; has_grown;) {
		has_grown = false;
		for (int at = from; at < to; at++)
			for (uint32_t index = 0; of->steps[at].kind != SYNC && index < of->steps[at].length; index++)
				has_grown |= add_whole(set, &of->steps[at], index);
	}
}

/* A torn erase leaves anything; a torn program each of its bits cleared or not. */
static void add_torn(allowance *set, const step *of)
{
	for (uint32_t index = 0; of->kind != SYNC && index < of->length; index++) {
		uint32_t at = of->address + index;
		for (int old = 0; old < 256; old++)
			for (int value = 0; set->may[at][old] && value < 256; value++)
				if (of->kind == ERASE || ((value & ~old) == 0 && (old & of->bytes[index] & ~value) == 0))
					add_value(set, at, (uint8_t)value);
	}
}

static uint32_t arriving_length(const step *of, lugh_flash_point point)
{
	switch (point) {
	case LUGH_FLASH_BEFORE:
		return 0;
	case LUGH_FLASH_FIRST_HALF:
		return of->length / 2;
	case LUGH_FLASH_ALL_BUT_LAST:
		return of->length - 1;
	default:
		return of->length;
	}
}

/* How many of the held steps a sync that came to `point` has reached. */
static int reached(int held, lugh_flash_point point)
{
	return point == LUGH_FLASH_AFTER ? held : point == LUGH_FLASH_FIRST_HALF ? held / 2
		: point == LUGH_FLASH_ALL_BUT_LAST && held ? held - 1 : 0;
}

/* One value a byte, where nothing is left to chance; of a program whose erase was lost, both ways. */
static void allow_exactly(allowance *set, const scenario *of, int cut, const lugh_flash_plan *plan)
{
	const step *torn = &of->steps[cut];
	uint8_t bytes[TOTAL];
	int durable = last_sync(of, cut), kept = plan->unsynced == LUGH_FLASH_KEPT ? cut : durable;
	memset(bytes, 0xff, sizeof(bytes));
	if (torn->kind == SYNC && plan->unsynced == LUGH_FLASH_LOST)
		kept = durable + reached(cut - durable, plan->point);
	for (int at = 0; at < kept; at++)
		do_step(bytes, &of->steps[at], of->steps[at].length);
	uint32_t length = torn->kind == SYNC ? 0 : arriving_length(torn, plan->point);
	bool replaces = torn->kind == PROGRAM && plan->unsynced == LUGH_FLASH_LOST && plan->seed & 1;
	if (replaces)
		memcpy(bytes + torn->address, torn->bytes, length);
	else
		do_step(bytes, torn, length);
	for (uint32_t at = 0; at < TOTAL; at++)
		add_value(set, at, bytes[at]);
}

static bool is_by_chance(const lugh_flash_plan *plan)
{
	return plan->unsynced == LUGH_FLASH_SUBSET || plan->point == LUGH_FLASH_SOME_BITS || plan->point == LUGH_FLASH_UNSTABLE;
}

static void allow_by_chance(allowance *set, const scenario *of, int cut, const lugh_flash_plan *plan)
{
	const step *torn = &of->steps[cut];
	int durable = last_sync(of, cut), kept = plan->unsynced == LUGH_FLASH_KEPT && torn->kind != SYNC ? cut : durable;
	uint8_t bytes[TOTAL];
	memset(bytes, 0xff, sizeof(bytes));
	for (int at = 0; at < kept; at++)
		do_step(bytes, &of->steps[at], of->steps[at].length);
	for (uint32_t at = 0; at < TOTAL; at++)
		add_value(set, at, bytes[at]);
	if (plan->unsynced != LUGH_FLASH_LOST || torn->kind == SYNC)
		add_any(set, of, kept, cut);
	if (plan->point == LUGH_FLASH_SOME_BITS || plan->point == LUGH_FLASH_UNSTABLE)
		add_torn(set, torn);
	else if (torn->kind != SYNC)
		for (uint32_t index = 0; index < arriving_length(torn, plan->point); index++)
			add_whole(set, torn, index);
}

/* ---- every cut ---- */

typedef struct {
	uint64_t cuts, double_cuts, torn, lost;
} tally;

static lugh_flash *run_to_cut(const scenario *of, int cut, const lugh_flash_plan *plan)
{
	lugh_flash *flash = flash_of((lugh_flash_options){ .seed = 7 });
	CHECK(lugh_flash_plan_fault(flash, plan), "the plan was refused");
	for (int at = 0; at < cut; at++)
		CHECK(perform(flash, &of->steps[at]) == 0, "step %d before the cut failed", at);
	CHECK(perform(flash, &of->steps[cut]) == LUGH_FLASH_OFF && !lugh_flash_is_on(flash), "step %d was not cut", cut);
	uint8_t byte;
	CHECK(lugh_flash_read(flash, 0, &byte, 1) == LUGH_FLASH_OFF && lugh_flash_sync(flash) == LUGH_FLASH_OFF &&
		lugh_flash_erase(flash, 0) == LUGH_FLASH_OFF && lugh_flash_program(flash, 0, &byte, 1) == LUGH_FLASH_OFF,
		"a flash without power answered");
	return flash;
}

static void check_medium(const scenario *of, int cut, const lugh_flash_plan *plan, const uint8_t *medium)
{
	static allowance set;
	memset(&set, 0, sizeof(set));
	if (is_by_chance(plan))
		allow_by_chance(&set, of, cut, plan);
	else
		allow_exactly(&set, of, cut, plan);
	for (uint32_t at = 0; at < TOTAL; at++)
		CHECK(set.may[at][medium[at]], "step %d, point %d, unsynced %d, seed %" PRIu64 ": byte %u may not be %u", cut, plan->point,
			plan->unsynced, plan->seed, at, medium[at]);
}

/* After the power came back: what is read is durable, and stays, but for a sector that reads as either. */
static void check_afterwards(lugh_flash *flash, const step *torn, lugh_flash_point point)
{
	uint8_t medium[TOTAL], read[TOTAL];
	memcpy(medium, lugh_flash_bytes(flash), TOTAL);
	lugh_flash_power_on(flash);
	for (int again = 0; again < 2; again++) {
		CHECK(lugh_flash_read(flash, 0, read, TOTAL) == 0, "a read failed after the cut");
		for (uint32_t at = 0; at < TOTAL; at++) {
			bool may_shake = point == LUGH_FLASH_UNSTABLE && torn->kind == ERASE && at / SECTOR == torn->address / SECTOR;
			CHECK(read[at] == medium[at] || may_shake, "byte %u reads %u after the cut, not %u", at, read[at], medium[at]);
		}
		lugh_flash_cut(flash, LUGH_FLASH_LOST, 1);
		lugh_flash_power_on(flash);
	}
}

/* The same scenario goes on from where it was cut, and is cut again: the second cut must find a whole flash too. */
static void check_second_cut(const scenario *of, int cut, const lugh_flash_plan *first, tally *counts)
{
	for (int second = 1; second <= 3; second++) {
		lugh_flash *flash = run_to_cut(of, cut, first);
		lugh_flash_power_on(flash);
		lugh_flash_plan plan = { (uint64_t)cut + 1 + (uint64_t)second, LUGH_FLASH_CUT_POWER, LUGH_FLASH_FIRST_HALF, LUGH_FLASH_LOST, 0 };
		CHECK(lugh_flash_plan_fault(flash, &plan), "the second plan was refused");
		uint8_t before[TOTAL], wanted[TOTAL];
		memcpy(before, lugh_flash_bytes(flash), TOTAL);
		memcpy(wanted, before, TOTAL);
		int status = 0;
		for (uint32_t sector = 0; !status; sector++)
			status = lugh_flash_erase(flash, sector % SECTORS);
		memset(wanted + (second - 1) * SECTOR, 0xff, SECTOR / 2);
		CHECK(!memcmp(lugh_flash_bytes(flash), wanted, TOTAL), "the second cut left something else");
		counts->double_cuts++;
		lugh_flash_destroy(flash);
	}
}

static void cut_once(const scenario *of, int cut, const lugh_flash_plan *plan, tally *counts)
{
	uint8_t media[TRIES][TOTAL];
	for (int again = 0; again < TRIES; again++) {
		lugh_flash *flash = run_to_cut(of, cut, plan);
		memcpy(media[again], lugh_flash_bytes(flash), TOTAL);
		check_medium(of, cut, plan, media[again]);
		check_afterwards(flash, &of->steps[cut], plan->point);
		lugh_flash_figures figures = lugh_flash_measure(flash);
		counts->torn += again ? 0 : figures.torn;
		counts->lost += again ? 0 : figures.lost;
		lugh_flash_destroy(flash);
	}
	CHECK(!memcmp(media[0], media[1], TOTAL), "the same cut left two different media");
	counts->cuts++;
}

void check_cuts(void)
{
	tally counts = { 0 };
	for (uint32_t seed = 1; seed <= SCENARIOS; seed++) {
		scenario of = make_scenario(seed);
		check_plain(&of);
		for (int cut = 0; cut < STEPS; cut++)
			for (int point = 0; point < LUGH_FLASH_POINTS; point++)
				for (int unsynced = LUGH_FLASH_KEPT; unsynced <= LUGH_FLASH_SUBSET; unsynced++)
					for (uint64_t chance = 0; chance < SEEDS; chance++) {
						lugh_flash_plan plan = { (uint64_t)cut + 1, LUGH_FLASH_CUT_POWER, (lugh_flash_point)point,
							(lugh_flash_unsynced)unsynced, chance };
						cut_once(&of, cut, &plan, &counts);
						if (!chance)
							check_second_cut(&of, cut, &plan, &counts);
					}
	}
	printf("cuts %" PRIu64 "\ndoubleCuts %" PRIu64 "\ntorn %" PRIu64 "\nlost %" PRIu64 "\n", counts.cuts, counts.double_cuts,
		counts.torn, counts.lost);
}

int main(void)
{
	check_faults();
	check_cuts();
	return 0;
}
