/*
 * The operations of the simulated flash: what is refused, and what is handed on; flash.h says the law.
 */
#define _GNU_SOURCE /* memfd_create */
#include "flash_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

const char *lugh_flash_word(int error)
{
	static const char *const words[] = { "", "too-long", "beyond-end", "misaligned", "not-erased", "failed", "off" };
	size_t index = error < 0 ? (size_t)-error : 0;
	return index < sizeof(words) / sizeof(*words) ? words[index] : "";
}

/* ---- birth and death ---- */

static bool is_power_of_two(uint32_t number)
{
	return number && !(number & (number - 1));
}

static bool is_sound(const lugh_flash_options *options)
{
	return is_power_of_two(options->page_bytes) && options->page_bytes <= LUGH_FLASH_PAGE_MAXIMUM &&
		is_power_of_two(options->sector_bytes) && options->sector_bytes / 2 >= options->page_bytes && options->sectors >= 4 &&
		(uint64_t)options->sector_bytes * options->sectors <= LUGH_FLASH_BYTES_MAXIMUM;
}

/* Erased memory of which only what is written costs anything: a fleet has gigabytes of flash and fills little of it. */
static uint8_t *map_erased(size_t length)
{
	static int file = -1;
	static size_t filled;
	static uint8_t blank[LUGH_FLASH_BYTES_EACH];
	if (file < 0)
		file = memfd_create("erased flash", MFD_CLOEXEC);
	memset(blank, 0xff, sizeof(blank));
	while (file >= 0 && filled < length && write(file, blank, sizeof(blank)) == sizeof(blank))
		filled += sizeof(blank);
	void *bytes = filled < length ? MAP_FAILED : mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	return bytes == MAP_FAILED ? NULL : bytes;
}

static bool make_room(lugh_flash *flash)
{
	size_t sectors = flash->options.sectors, size = flash->options.sector_bytes;
	size_t longest = size > LUGH_FLASH_BYTES_EACH ? size : LUGH_FLASH_BYTES_EACH;
	flash->total_bytes = (uint32_t)(sectors * size);
	flash->bytes = map_erased(flash->total_bytes);
	flash->unstable = calloc(sectors, sizeof(*flash->unstable));
	flash->durable = calloc(sectors, sizeof(*flash->durable));
	flash->erases = calloc(sectors, sizeof(*flash->erases));
	flash->changed = calloc(sectors, sizeof(*flash->changed));
	flash->scratch = malloc(longest);
	flash->before = malloc(longest);
	return flash->bytes && flash->unstable && flash->durable && flash->erases && flash->changed && flash->scratch && flash->before;
}

lugh_flash *lugh_flash_create(const lugh_flash_options *options, char *error, size_t error_bytes)
{
	if (!is_sound(options)) {
		snprintf(error, error_bytes, "Cannot make flash: wanted pages to %d bytes and larger sectors, both powers of two, "
			"and 4 sectors to %d MB; found pages of %u, %u sectors of %u", LUGH_FLASH_PAGE_MAXIMUM, LUGH_FLASH_BYTES_MAXIMUM >> 20,
			options->page_bytes, options->sectors, options->sector_bytes);
		return NULL;
	}
	lugh_flash *flash = calloc(1, sizeof(*flash));
	if (!flash) {
		snprintf(error, error_bytes, "Cannot make flash: no memory");
		return NULL;
	}
	flash->options = *options;
	flash->file = -1;
	if (!make_room(flash)) {
		snprintf(error, error_bytes, "Cannot make flash: no memory for its bytes");
		flash->options.sectors = 0; /* there is nothing in them to free */
		lugh_flash_destroy(flash);
		return NULL;
	}
	flash->random = options->seed;
	flash->is_on = true;
	return flash;
}

void lugh_flash_destroy(lugh_flash *flash)
{
	if (!flash)
		return;
	if (flash->file >= 0) {
		if (!file_keep(flash))
			fprintf(stderr, "Cannot keep flash: its file is behind what it held\n");
		close(flash->file);
	}
	for (uint32_t sector = 0; sector < flash->options.sectors; sector++) {
		free(flash->unstable[sector]);
		if (flash->durable[sector])
			free(flash->durable[sector]->unstable);
		free(flash->durable[sector]);
	}
	while (flash->held_count)
		free((uint8_t *)flash->held[--flash->held_count].bytes);
	if (flash->bytes)
		munmap(flash->bytes, flash->total_bytes);
	free(flash->unstable);
	free(flash->durable);
	free(flash->erases);
	free(flash->changed);
	free(flash->scratch);
	free(flash->before);
	free(flash);
}

const lugh_flash_options *lugh_flash_options_of(const lugh_flash *flash)
{
	return &flash->options;
}

bool lugh_flash_load(lugh_flash *flash, const uint8_t *bytes, size_t length)
{
	if (length != flash->total_bytes)
		return false;
	medium_sync(flash);
	medium_apply(flash, &(effect){ EFFECT_PUT, 0, flash->total_bytes, bytes });
	return true;
}

/* ---- operations ---- */

static int refusal_of(const lugh_flash *flash, uint64_t address, size_t length)
{
	if (!flash->is_on)
		return LUGH_FLASH_OFF;
	if (!length || length > LUGH_FLASH_BYTES_EACH)
		return LUGH_FLASH_TOO_LONG;
	return address >= flash->total_bytes || length > flash->total_bytes - address ? LUGH_FLASH_BEYOND_END : 0;
}

static int refusal_of_program(const lugh_flash *flash, uint64_t address, const uint8_t *bytes, size_t length)
{
	int refusal = refusal_of(flash, address, length);
	if (refusal)
		return refusal;
	if ((address | length) & (flash->options.page_bytes - 1))
		return LUGH_FLASH_MISALIGNED;
	for (size_t index = 0; index < length; index++)
		if (bytes[index] & ~flash->bytes[address + index])
			return LUGH_FLASH_NOT_ERASED;
	return 0;
}

int lugh_flash_read(lugh_flash *flash, uint64_t address, uint8_t *bytes, size_t length)
{
	int refusal = refusal_of(flash, address, length);
	if (refusal) {
		flash->figures.refused += flash->is_on;
		return refusal;
	}
	flash->figures.reads++;
	int fault = fault_of_read(flash, &address, length);
	if (fault)
		return fault;
	memcpy(bytes, flash->bytes + address, length);
	uint32_t size = flash->options.sector_bytes;
	for (size_t index = 0; index < length; index++) {
		const uint8_t *unstable = flash->unstable[(address + index) / size];
		if (unstable)
			bytes[index] ^= unstable[(address + index) % size] & (uint8_t)flash_random(&flash->random);
	}
	return 0;
}

int lugh_flash_program(lugh_flash *flash, uint64_t address, const uint8_t *bytes, size_t length)
{
	int refusal = refusal_of_program(flash, address, bytes, length);
	if (refusal) {
		flash->figures.refused += flash->is_on;
		return refusal;
	}
	flash->figures.programs++;
	flash->figures.programmed_bytes += length;
	return fault_perform(flash, &(effect){ EFFECT_CLEAR, (uint32_t)address, (uint32_t)length, bytes });
}

int lugh_flash_erase(lugh_flash *flash, uint64_t sector)
{
	if (!flash->is_on)
		return LUGH_FLASH_OFF;
	if (sector >= flash->options.sectors) {
		flash->figures.refused++;
		return LUGH_FLASH_BEYOND_END;
	}
	flash->figures.erases++;
	uint32_t size = flash->options.sector_bytes;
	return fault_perform(flash, &(effect){ EFFECT_SET, (uint32_t)sector * size, size, NULL });
}

int lugh_flash_sync(lugh_flash *flash)
{
	if (!flash->is_on)
		return LUGH_FLASH_OFF;
	flash->figures.syncs++;
	return fault_perform(flash, NULL);
}

/* ---- figures ---- */

lugh_flash_figures lugh_flash_measure(const lugh_flash *flash)
{
	lugh_flash_figures figures = flash->figures;
	figures.held = flash->held_count;
	return figures;
}

uint32_t lugh_flash_erases(const lugh_flash *flash, uint32_t sector)
{
	return sector < flash->options.sectors ? flash->erases[sector] : 0;
}

const uint8_t *lugh_flash_bytes(const lugh_flash *flash)
{
	return flash->bytes;
}
