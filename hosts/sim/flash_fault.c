/*
 * What goes wrong with a simulated flash: planned faults, power cuts, reads that fail, bits that flip, sectors that age.
 *
 * A fault is looked up by the number of the operation. How much of an operation arrives at each point is one function, `part_of`;
 * a power cut, an error and a sync differ only in what else they do.
 */
#include "flash_state.h"

#include <string.h>

/* ---- plans ---- */

bool lugh_flash_plan_fault(lugh_flash *flash, const lugh_flash_plan *plan)
{
	if (flash->plan_count == LUGH_FLASH_PLANS || plan->operation <= flash->figures.operations)
		return false;
	flash->plans[flash->plan_count++] = *plan;
	return true;
}

static bool take_plan(lugh_flash *flash, lugh_flash_plan *taken)
{
	for (size_t index = 0; index < flash->plan_count; index++)
		if (flash->plans[index].operation == flash->figures.operations) {
			*taken = flash->plans[index];
			flash->plans[index] = flash->plans[--flash->plan_count];
			return true;
		}
	return false;
}

/* The same offset in another sector; what would then reach beyond the end ends there. */
static uint64_t elsewhere(lugh_flash *flash, uint64_t address, size_t length)
{
	uint32_t sectors = 1 + (uint32_t)(flash_random(&flash->random) % (flash->options.sectors - 1));
	uint64_t moved = (address + (uint64_t)sectors * flash->options.sector_bytes) % flash->total_bytes;
	return moved + length > flash->total_bytes ? flash->total_bytes - length : moved;
}

/* ---- a part of an operation ---- */

static effect some_bits_of(lugh_flash *flash, const effect *of, uint64_t *random)
{
	effect part = *of;
	part.kind = of->kind == EFFECT_CLEAR ? EFFECT_CLEAR : EFFECT_PUT;
	part.bytes = flash->scratch;
	for (uint32_t index = 0; index < of->length; index++) {
		uint64_t drawn = flash_random(random);
		uint8_t byte = flash->bytes[of->address + index];
		if (of->kind == EFFECT_CLEAR)
			flash->scratch[index] = (uint8_t)(of->bytes[index] | drawn);
		else /* chips clear a sector before they set it: a torn erase may leave more zeros than it found */
			flash->scratch[index] = drawn & 0x100 ? (uint8_t)drawn : byte | (uint8_t)drawn;
	}
	return part;
}

static effect part_of(lugh_flash *flash, const effect *of, lugh_flash_point point, uint64_t *random)
{
	effect part = *of;
	switch (point) {
	case LUGH_FLASH_BEFORE:
		part.length = 0;
		break;
	case LUGH_FLASH_FIRST_HALF:
		part.length /= 2;
		break;
	case LUGH_FLASH_ALL_BUT_LAST:
		part.length -= 1;
		break;
	case LUGH_FLASH_UNSTABLE:
		if (of->kind == EFFECT_SET) {
			part.kind = EFFECT_SHAKE;
			break;
		}
		return some_bits_of(flash, of, random);
	case LUGH_FLASH_SOME_BITS:
		return some_bits_of(flash, of, random);
	default:
		break;
	}
	return part;
}

/* Did what arrived leave neither the bytes from before nor those that the whole would have left? */
static bool is_torn(const lugh_flash *flash, const effect *of, const effect *part)
{
	const uint8_t *now = flash->bytes + of->address;
	bool is_nothing = part->kind != EFFECT_SHAKE, is_whole = true;
	for (uint32_t index = 0; index < of->length; index++) {
		uint8_t whole = of->kind == EFFECT_SET ? 0xff : flash->before[index] & of->bytes[index];
		is_nothing = is_nothing && now[index] == flash->before[index];
		is_whole = is_whole && now[index] == whole;
	}
	return !is_nothing && !is_whole;
}

/* ---- power ---- */

/* Of a sync, `first` of the held operations are reached; their order is that in which they were made. */
static size_t reached(const lugh_flash *flash, lugh_flash_point point)
{
	size_t held = flash->options.sync_lies ? 0 : flash->held_count;
	switch (point) {
	case LUGH_FLASH_FIRST_HALF:
		return held / 2;
	case LUGH_FLASH_ALL_BUT_LAST:
		return held ? held - 1 : 0;
	case LUGH_FLASH_AFTER:
		return held;
	default:
		return 0;
	}
}

static bool is_by_chance(lugh_flash_point point)
{
	return point == LUGH_FLASH_SOME_BITS || point == LUGH_FLASH_UNSTABLE;
}

static void go_off(lugh_flash *flash)
{
	flash->is_on = false;
	flash->figures.cuts++;
}

/* The operation in hand lands by itself, whatever became of those before it. */
static int land_in_cut(lugh_flash *flash, const effect *of, const lugh_flash_plan *plan)
{
	uint64_t random = plan->seed;
	go_off(flash);
	if (!of) {
		medium_fall_back(flash, reached(flash, plan->point),
			is_by_chance(plan->point) ? LUGH_FLASH_SUBSET : plan->unsynced, &random);
		return LUGH_FLASH_OFF;
	}
	medium_fall_back(flash, 0, plan->unsynced, &random);
	effect part = part_of(flash, of, plan->point, &random);
	bool lacks_others = plan->unsynced != LUGH_FLASH_KEPT && !is_by_chance(plan->point);
	if (lacks_others && part.kind == EFFECT_CLEAR && plan->seed & 1)
		part.kind = EFFECT_PUT; /* its place may lack an erase: services/api/flash.ts, "Durability" */
	memcpy(flash->before, flash->bytes + of->address, of->length);
	medium_apply(flash, &part);
	flash->figures.torn += is_torn(flash, of, &part);
	return LUGH_FLASH_OFF;
}

/* What a file cannot take of it is what a cut may lose, too. */
static int cut_in(lugh_flash *flash, const effect *of, const lugh_flash_plan *plan)
{
	int result = land_in_cut(flash, of, plan);
	file_keep(flash);
	return result;
}

void lugh_flash_cut(lugh_flash *flash, lugh_flash_unsynced unsynced, uint64_t seed)
{
	if (!flash->is_on)
		return;
	go_off(flash);
	medium_fall_back(flash, 0, unsynced, &seed);
	file_keep(flash);
}

void lugh_flash_power_on(lugh_flash *flash)
{
	flash->is_on = true;
}

bool lugh_flash_is_on(const lugh_flash *flash)
{
	return flash->is_on;
}

/* ---- operations ---- */

static void wear(lugh_flash *flash, const effect *of)
{
	if (of && of->kind == EFFECT_SET)
		flash->erases[of->address / flash->options.sector_bytes]++;
}

static int carry_out(lugh_flash *flash, const effect *of)
{
	if (!of) {
		if (flash->options.sync_lies) {
			flash->figures.lied++;
			return 0;
		}
		medium_sync(flash);
		return file_keep(flash) ? 0 : LUGH_FLASH_FAILED;
	}
	wear(flash, of);
	if (!medium_hold(flash, of))
		return LUGH_FLASH_FAILED;
	bool is_worn = of->kind == EFFECT_SET && medium_stuck_bits(flash, of->address / flash->options.sector_bytes);
	return is_worn && flash->options.reports_wear ? LUGH_FLASH_FAILED : 0;
}

/* A sync has no address: it cannot go astray. */
static int misdirect(lugh_flash *flash, const effect *of)
{
	if (!of)
		return carry_out(flash, of);
	effect moved = *of;
	moved.address = (uint32_t)elsewhere(flash, of->address, of->length);
	flash->figures.misdirected++;
	return carry_out(flash, &moved);
}

/* A failed sync has reached all or nothing: a part of it is what the next cut makes of it anyway. */
static int fail_in(lugh_flash *flash, const effect *of, const lugh_flash_plan *plan)
{
	uint64_t random = plan->seed;
	flash->figures.failed++;
	if (!of) {
		if (plan->point == LUGH_FLASH_AFTER)
			medium_sync(flash);
		return LUGH_FLASH_FAILED;
	}
	effect part = part_of(flash, of, plan->point, &random);
	memcpy(flash->before, flash->bytes + of->address, of->length);
	if (medium_hold(flash, &part))
		flash->figures.torn += is_torn(flash, of, &part);
	return LUGH_FLASH_FAILED;
}

int fault_perform(lugh_flash *flash, const effect *of)
{
	lugh_flash_plan plan;
	flash->figures.operations++;
	if (!take_plan(flash, &plan))
		return carry_out(flash, of);
	if (plan.happening == LUGH_FLASH_LIE) {
		flash->figures.lied++;
		return 0;
	}
	if (plan.happening == LUGH_FLASH_MISDIRECT)
		return misdirect(flash, of);
	if (plan.point != LUGH_FLASH_BEFORE)
		wear(flash, of);
	return plan.happening == LUGH_FLASH_FAIL ? fail_in(flash, of, &plan) : cut_in(flash, of, &plan);
}

/* ---- reads and rest ---- */

void lugh_flash_spoil_reads(lugh_flash *flash, lugh_flash_happening happening, uint64_t address, uint64_t length, uint32_t count)
{
	flash->spoiled.happening = happening;
	flash->spoiled.address = address;
	flash->spoiled.length = length;
	flash->spoiled.count = count;
}

int fault_of_read(lugh_flash *flash, uint64_t *address, size_t length)
{
	bool touches = *address < flash->spoiled.address + flash->spoiled.length && flash->spoiled.address < *address + length;
	if (!flash->spoiled.count || !touches)
		return 0;
	flash->spoiled.count--;
	flash->figures.spoiled_reads++;
	if (flash->spoiled.happening != LUGH_FLASH_MISDIRECT)
		return LUGH_FLASH_FAILED;
	*address = elsewhere(flash, *address, length);
	return 0;
}

static void flip(lugh_flash *flash, uint64_t bit)
{
	uint32_t size = flash->options.sector_bytes;
	uint64_t address = bit / 8;
	kept_sector *kept = flash->durable[address / size];
	flash->bytes[address] ^= (uint8_t)(1 << bit % 8);
	if (kept)
		kept->bytes[address % size] ^= (uint8_t)(1 << bit % 8);
	flash->changed[address / size] = true;
	flash->figures.flipped_bits++;
}

/* Evenly spread over the range from a random first one, so that no bit is turned back. */
void lugh_flash_flip(lugh_flash *flash, uint64_t address, uint64_t length, uint32_t bits, uint64_t seed)
{
	if (address >= flash->total_bytes || length > flash->total_bytes - address)
		return;
	uint64_t range = length * 8, first = range ? flash_random(&seed) % range : 0;
	for (uint64_t index = 0; index < bits && index < range; index++) {
		uint64_t width = range / bits ? range / bits : 1;
		uint64_t within = flash_random(&seed) % width;
		flip(flash, address * 8 + (first + index * width + within) % range);
	}
}

void lugh_flash_age(lugh_flash *flash, uint32_t sector, uint32_t erases)
{
	if (sector >= flash->options.sectors)
		return;
	flash->erases[sector] = erases;
	medium_stick(flash, sector);
}
