/*
 * The law of the simulated flash: NOR memory that obeys services/api/flash.ts, and breaks only as it is told to.
 *
 * It knows neither engine nor time: an operation is done when its function returns. What was programmed or erased since the
 * last sync is held apart from the medium, as by a device with a write cache, so that a power cut can keep, lose or reorder
 * it. Everything comes from the seeds: the same calls give the same bytes, faults and answers on every machine.
 *
 * A durable operation is a program, an erase or a sync that was not refused. They are numbered from 1 for the life of the
 * flash, through all power cuts; faults are planned for a number. Reads are not numbered.
 */
#ifndef LUGH_SIM_FLASH_H
#define LUGH_SIM_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LUGH_FLASH_BYTES_EACH = 4096, /* services/api/flash.ts, bytesEach */
	LUGH_FLASH_PAGE_MAXIMUM = 1024, /* services/api/flash.ts, pageBytes */
	LUGH_FLASH_BYTES_MAXIMUM = 64 << 20, /* a large NOR chip; memory of the simulator bounds it, not the model */
	LUGH_FLASH_PLANS = 8, /* faults that wait at a time: a cut, another during recovery, a third, and some errors */
	LUGH_FLASH_STUCK_MAXIMUM = 64, /* stuck bits of one sector: a sector that bad fails every checksum */
};

/* The errors of services/api/flash.ts. Nothing was changed, LUGH_FLASH_FAILED apart. */
enum {
	LUGH_FLASH_TOO_LONG = -1, /* or empty */
	LUGH_FLASH_BEYOND_END = -2,
	LUGH_FLASH_MISALIGNED = -3,
	LUGH_FLASH_NOT_ERASED = -4,
	LUGH_FLASH_FAILED = -5,
	LUGH_FLASH_OFF = -6, /* there is no power, or it failed in this very operation: nobody is left to be answered */
};

/* The word that services/api/flash.ts has for an error; static. */
const char *lugh_flash_word(int error);

typedef struct lugh_flash lugh_flash;

typedef struct {
	uint32_t page_bytes;   /* a power of two, 1 to LUGH_FLASH_PAGE_MAXIMUM */
	uint32_t sector_bytes; /* a power of two, at least two pages */
	uint32_t sectors;      /* at least 4 */
	uint64_t seed;         /* of everything that no other seed decides */
	uint32_t wear_erases;  /* a sector takes so many; each one more makes another of its bits stick. 0: it lasts for ever */
	bool reports_wear;     /* erasing a sector with stuck bits answers LUGH_FLASH_FAILED; else nothing is said */
	bool sync_lies;        /* sync answers that it did, and does nothing */
} lugh_flash_options;

/* An erased flash with the power on. NULL on failure, with a sentence in error. */
lugh_flash *lugh_flash_create(const lugh_flash_options *options, char *error, size_t error_bytes);
void lugh_flash_destroy(lugh_flash *flash); /* NULL is allowed */
const lugh_flash_options *lugh_flash_options_of(const lugh_flash *flash);

/*
 * Keeps the medium in a file from now on: takes what the file holds, or makes it. Every sync ends with an fdatasync.
 * false, with a sentence in error: it cannot be opened, has another size, or another process uses it.
 */
bool lugh_flash_keep_in(lugh_flash *flash, const char *path, char *error, size_t error_bytes);

/* ---- operations: 0 or an error ---------------------------------------------------------------------------------- */

/* Sees what was programmed and erased, synced or not. length: 1 to LUGH_FLASH_BYTES_EACH. */
int lugh_flash_read(lugh_flash *flash, uint64_t address, uint8_t *bytes, size_t length);

/* Only clears bits; the bytes are borrowed for the call. */
int lugh_flash_program(lugh_flash *flash, uint64_t address, const uint8_t *bytes, size_t length);

int lugh_flash_erase(lugh_flash *flash, uint64_t sector);
int lugh_flash_sync(lugh_flash *flash);

/* ---- power ------------------------------------------------------------------------------------------------------ */

/* What becomes of whole operations that no sync has made durable. */
typedef enum {
	LUGH_FLASH_KEPT,
	LUGH_FLASH_LOST,
	LUGH_FLASH_SUBSET, /* some of them, some of these torn, in another order: all by seed */
} lugh_flash_unsynced;

/* How far an operation came. The points between first and last are a torn operation. */
typedef enum {
	LUGH_FLASH_BEFORE,       /* nothing of it happened */
	LUGH_FLASH_FIRST_HALF,   /* the first half of its bytes; of a sync: of the operations that it would make durable */
	LUGH_FLASH_ALL_BUT_LAST, /* likewise */
	LUGH_FLASH_SOME_BITS,    /* a program cleared some of its bits, an erase left anything, a sync took some, by seed */
	LUGH_FLASH_UNSTABLE,     /* as before, but what an erase left reads differently each time until it is erased */
	LUGH_FLASH_AFTER,        /* all of it happened, and nobody was told */
	LUGH_FLASH_POINTS,
} lugh_flash_point;

/* The power fails between two operations, or while it is off already. The seed decides whatever `unsynced` leaves open. */
void lugh_flash_cut(lugh_flash *flash, lugh_flash_unsynced unsynced, uint64_t seed);

/* The power comes back: the medium is all there is. No effect while it is on. */
void lugh_flash_power_on(lugh_flash *flash);
bool lugh_flash_is_on(const lugh_flash *flash);

/* ---- faults ----------------------------------------------------------------------------------------------------- */

typedef enum {
	LUGH_FLASH_CUT_POWER, /* the operation comes as far as `point`, before it `unsynced` holds; it answers LUGH_FLASH_OFF */
	LUGH_FLASH_FAIL,      /* it comes as far as `point` and answers LUGH_FLASH_FAILED; the power stays */
	LUGH_FLASH_LIE,       /* it does nothing and answers 0 */
	LUGH_FLASH_MISDIRECT, /* it happens in another sector, at the same offset, and answers 0 */
	LUGH_FLASH_HAPPENINGS,
} lugh_flash_happening;

typedef struct {
	uint64_t operation; /* number of the durable operation */
	lugh_flash_happening happening;
	lugh_flash_point point;
	lugh_flash_unsynced unsynced;
	uint64_t seed;
} lugh_flash_plan;

/* Plans a fault, once, for an operation still to come. false: LUGH_FLASH_PLANS wait, or that number has passed. */
bool lugh_flash_plan_fault(lugh_flash *flash, const lugh_flash_plan *plan);

/* The next `count` reads of any byte in the range answer LUGH_FLASH_FAILED, or come from another sector. One range at a time. */
void lugh_flash_spoil_reads(lugh_flash *flash, lugh_flash_happening happening, uint64_t address, uint64_t length, uint32_t count);

/* Turns over `bits` different bits of the medium in the range, chosen by seed; meant for a flash without power, or just synced. */
void lugh_flash_flip(lugh_flash *flash, uint64_t address, uint64_t length, uint32_t bits, uint64_t seed);

/* As if the sector had been erased so often before; its stuck bits show at once. */
void lugh_flash_age(lugh_flash *flash, uint32_t sector, uint32_t erases);

/* Gives the whole medium these contents, synced: an image kept from elsewhere. false: length is not that of the flash. */
bool lugh_flash_load(lugh_flash *flash, const uint8_t *bytes, size_t length);

/* ---- figures ---------------------------------------------------------------------------------------------------- */

/* What happened, for honest counting: a fault is counted when it came about, not when it was planned. */
typedef struct {
	uint64_t operations; /* durable ones: the number of the last */
	uint64_t programs, erases, syncs, reads;
	uint64_t refused;    /* operations that were no good */
	uint64_t programmed_bytes;
	uint64_t held;       /* operations that a cut now could lose */
	uint64_t cuts;
	uint64_t lost;       /* un-synced operations that a cut took */
	uint64_t torn;       /* operations of which a cut or a failure left a part */
	uint64_t failed, lied, misdirected, flipped_bits, spoiled_reads;
	uint64_t stuck_bits; /* that kept a bit from being what it should be */
} lugh_flash_figures;

lugh_flash_figures lugh_flash_measure(const lugh_flash *flash);

/* How often a sector was erased, and the whole medium as a read without faults would see it. */
uint32_t lugh_flash_erases(const lugh_flash *flash, uint32_t sector);
const uint8_t *lugh_flash_bytes(const lugh_flash *flash);

#endif
