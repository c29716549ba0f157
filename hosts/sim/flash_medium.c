/*
 * The medium of a simulated flash: effects on bytes, what a sync has not reached yet, and cells that no longer obey.
 *
 * Reads see `bytes`, where every effect happens at once. A sector is copied aside before the first un-synced effect touches it;
 * a sync throws the copies away, a power cut goes back to them and replays of the held effects what it wants.
 */
#include "flash_state.h"

#include <stdlib.h>
#include <string.h>

/* splitmix64: any state is a good one, and a seed of small numbers does no harm. */
uint64_t flash_random(uint64_t *state)
{
	uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);
	mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ mixed >> 31;
}

static uint32_t sector_of(const lugh_flash *flash, uint32_t address)
{
	return address / flash->options.sector_bytes;
}

/* ---- cells that do not obey ---- */

uint32_t medium_stuck_bits(const lugh_flash *flash, uint32_t sector)
{
	uint32_t takes = flash->options.wear_erases, erases = flash->erases[sector];
	if (!takes || erases <= takes)
		return 0;
	return erases - takes < LUGH_FLASH_STUCK_MAXIMUM ? erases - takes : LUGH_FLASH_STUCK_MAXIMUM;
}

/* Which bits stick, and at what, is a function of seed and sector: they stay the same for ever. */
void medium_stick(lugh_flash *flash, uint32_t sector)
{
	uint64_t random = flash->options.seed ^ ((uint64_t)sector + 1) << 32;
	uint8_t *bytes = flash->bytes + (size_t)sector * flash->options.sector_bytes;
	for (uint32_t stuck = medium_stuck_bits(flash, sector); stuck; stuck--) {
		uint64_t drawn = flash_random(&random);
		uint8_t *byte = &bytes[(drawn >> 3) % flash->options.sector_bytes];
		uint8_t bit = (uint8_t)(1 << (drawn & 7));
		bool is_one = drawn >> 63;
		if (is_one != !!(*byte & bit))
			flash->figures.stuck_bits++;
		*byte = is_one ? *byte | bit : *byte & ~bit;
	}
}

static void drop_unstable(lugh_flash *flash, uint32_t sector)
{
	free(flash->unstable[sector]);
	flash->unstable[sector] = NULL;
}

/* Bits that an effect writes are stable again; those that a program leaves alone are not. */
static void calm(lugh_flash *flash, const effect *of)
{
	for (uint32_t index = 0; index < of->length; index++) {
		uint32_t at = of->address + index;
		uint8_t *unstable = flash->unstable[sector_of(flash, at)];
		if (unstable)
			unstable[at % flash->options.sector_bytes] &= of->kind == EFFECT_CLEAR ? of->bytes[index] : 0;
	}
}

/* Without memory for the mask the sector stays as it was: an erase that had no effect yet is a torn one too. */
static void shake(lugh_flash *flash, const effect *of)
{
	uint32_t size = flash->options.sector_bytes, sector = sector_of(flash, of->address);
	if (!flash->unstable[sector])
		flash->unstable[sector] = calloc(size, 1);
	for (uint32_t index = 0; flash->unstable[sector] && index < of->length; index++)
		flash->unstable[sector][of->address % size + index] = (uint8_t)~flash->bytes[of->address + index];
}

/* ---- effects ---- */

void medium_apply(lugh_flash *flash, const effect *of)
{
	uint8_t *bytes = flash->bytes + of->address;
	if (!of->length)
		return;
	switch (of->kind) {
	case EFFECT_CLEAR:
		for (uint32_t index = 0; index < of->length; index++)
			bytes[index] &= of->bytes[index];
		break;
	case EFFECT_SET:
		memset(bytes, 0xff, of->length);
		break;
	case EFFECT_PUT:
		memcpy(bytes, of->bytes, of->length);
		break;
	case EFFECT_SHAKE:
		shake(flash, of);
		return;
	}
	calm(flash, of);
	for (uint32_t sector = sector_of(flash, of->address); sector <= sector_of(flash, of->address + of->length - 1); sector++) {
		flash->changed[sector] = true;
		medium_stick(flash, sector);
	}
}

static uint8_t *copy_of(const uint8_t *bytes, size_t length)
{
	uint8_t *copy = malloc(length);
	if (copy)
		memcpy(copy, bytes, length);
	return copy;
}

static bool keep(lugh_flash *flash, uint32_t sector)
{
	size_t size = flash->options.sector_bytes;
	if (flash->durable[sector])
		return true;
	kept_sector *kept = malloc(sizeof(*kept) + size);
	if (!kept)
		return false;
	kept->unstable = flash->unstable[sector] ? copy_of(flash->unstable[sector], size) : NULL;
	memcpy(kept->bytes, flash->bytes + sector * size, size);
	flash->durable[sector] = kept;
	return true;
}

bool medium_hold(lugh_flash *flash, const effect *of)
{
	effect held = *of;
	if (!of->length)
		return true;
	if (flash->held_count == HELD_OPERATIONS)
		medium_sync(flash);
	for (uint32_t sector = sector_of(flash, of->address); sector <= sector_of(flash, of->address + of->length - 1); sector++)
		if (!keep(flash, sector))
			return false;
	if (of->bytes && !(held.bytes = copy_of(of->bytes, of->length)))
		return false;
	flash->held[flash->held_count++] = held;
	medium_apply(flash, of);
	return true;
}

/* ---- what a sync and a cut do ---- */

static void forget_held(lugh_flash *flash)
{
	while (flash->held_count)
		free((uint8_t *)flash->held[--flash->held_count].bytes);
}

void medium_sync(lugh_flash *flash)
{
	for (uint32_t sector = 0; flash->held_count && sector < flash->options.sectors; sector++) {
		if (flash->durable[sector])
			free(flash->durable[sector]->unstable);
		free(flash->durable[sector]);
		flash->durable[sector] = NULL;
	}
	forget_held(flash);
}

static void restore(lugh_flash *flash)
{
	size_t size = flash->options.sector_bytes;
	for (uint32_t sector = 0; flash->held_count && sector < flash->options.sectors; sector++) {
		kept_sector *kept = flash->durable[sector];
		if (!kept)
			continue;
		memcpy(flash->bytes + sector * size, kept->bytes, size);
		drop_unstable(flash, sector);
		flash->unstable[sector] = kept->unstable;
		free(kept);
		flash->durable[sector] = NULL;
		medium_stick(flash, sector);
	}
}

/* A program may bring its bytes to a place that a lost erase has not cleared; of what lands, one in four is torn. */
static void land_by_chance(lugh_flash *flash, effect of, uint64_t *random)
{
	uint64_t drawn = flash_random(random);
	if (of.kind == EFFECT_CLEAR && drawn & 1)
		of.kind = EFFECT_PUT;
	if ((drawn >> 1 & 3) == 0) {
		of.length = (uint32_t)((drawn >> 3) % of.length);
		flash->figures.torn++;
	}
	medium_apply(flash, &of);
}

/* How many land is drawn first, from none to all: that only the newest of many survives must not be a matter of years. */
static void land_subset(lugh_flash *flash, effect *held, size_t count, uint64_t *random)
{
	uint64_t quarters = flash_random(random) % 5;
	for (size_t left = count; left > 1; left--) {
		size_t other = flash_random(random) % left;
		effect last = held[left - 1];
		held[left - 1] = held[other];
		held[other] = last;
	}
	for (size_t index = 0; index < count; index++)
		if (flash_random(random) % 4 < quarters)
			land_by_chance(flash, held[index], random);
		else
			flash->figures.lost++;
}

void medium_fall_back(lugh_flash *flash, size_t first, lugh_flash_unsynced unsynced, uint64_t *random)
{
	size_t whole = unsynced == LUGH_FLASH_KEPT ? flash->held_count : first;
	restore(flash);
	for (size_t index = 0; index < whole; index++)
		medium_apply(flash, &flash->held[index]);
	if (unsynced == LUGH_FLASH_SUBSET)
		land_subset(flash, flash->held + whole, flash->held_count - whole, random);
	else
		flash->figures.lost += flash->held_count - whole;
	forget_held(flash);
}
