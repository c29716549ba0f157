/*
 * What a simulated flash is made of, for flash*.c only: medium (bytes, and what a sync has not reached), file (what outlives the
 * process), fault (what goes wrong) and flash (the operations).
 *
 * Every operation becomes an effect on bytes; a torn one is a smaller effect. That way one list of effects replayed over
 * the medium is all there is to say about a write cache.
 */
#ifndef LUGH_SIM_FLASH_STATE_H
#define LUGH_SIM_FLASH_STATE_H

#include "flash.h"

enum {
	HELD_OPERATIONS = 256, /* a cache that is full writes itself back: then all of it is durable */
};

typedef enum {
	EFFECT_CLEAR, /* a program: bits that are 0 in bytes become 0 */
	EFFECT_SET,   /* an erase: everything becomes 0xff */
	EFFECT_PUT,   /* becomes bytes */
	EFFECT_SHAKE, /* an erase that has freed no bit for good: each 0 reads as either from now on */
} effect_kind;

typedef struct {
	effect_kind kind;
	uint32_t address, length;
	const uint8_t *bytes; /* of CLEAR and PUT */
} effect;

/* A sector of the medium that differs from what reads see. */
typedef struct {
	uint8_t *unstable;
	uint8_t bytes[];
} kept_sector;

struct lugh_flash {
	lugh_flash_options options;
	lugh_flash_figures figures;
	bool is_on;
	uint32_t total_bytes;
	uint8_t *bytes;        /* as reads see them */
	uint8_t **unstable;    /* by sector: bits that read as either; NULL: none */
	kept_sector **durable; /* by sector: what a cut falls back to; NULL: what reads see */
	uint32_t *erases;      /* by sector */
	int file;              /* that the medium is kept in; -1: none */
	bool *changed;         /* by sector: the file is behind */
	effect held[HELD_OPERATIONS]; /* since the last sync; each owns its bytes */
	size_t held_count;
	uint8_t *scratch, *before; /* of the longest effect */
	lugh_flash_plan plans[LUGH_FLASH_PLANS];
	size_t plan_count;
	struct {
		lugh_flash_happening happening;
		uint64_t address, length;
		uint32_t count;
	} spoiled;
	uint64_t random;
};

/* ---- flash_medium.c ---- */
uint64_t flash_random(uint64_t *state);
bool medium_hold(lugh_flash *flash, const effect *of); /* false: no memory, and nothing was done */
void medium_apply(lugh_flash *flash, const effect *of);
void medium_sync(lugh_flash *flash);
/* Leaves what a cut leaves: the first so many of what is held as they are, the rest as `unsynced` says. */
void medium_fall_back(lugh_flash *flash, size_t first, lugh_flash_unsynced unsynced, uint64_t *random);
uint32_t medium_stuck_bits(const lugh_flash *flash, uint32_t sector);
void medium_stick(lugh_flash *flash, uint32_t sector);

/* ---- flash_file.c ---- */
bool file_keep(lugh_flash *flash); /* what reads see is durable in the file, if there is one; false: it failed */

/* ---- flash_fault.c ---- */
int fault_perform(lugh_flash *flash, const effect *of); /* NULL: a sync */
int fault_of_read(lugh_flash *flash, uint64_t *address, size_t length);

#endif
