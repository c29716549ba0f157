/*
 * The boot record as a host reads it, before any service runs (services/api/boot-record.ts; docs/UPDATES.md has every byte).
 *
 * It never writes a record. All that it does to the flash is to clear bits beside it: one for each boot of a set on trial,
 * before that set runs, so that a set that never comes as far as to be confirmed uses its boots up, and the former one
 * returns; and one for each end of the kernel, so that the firmware knows how many there were in a row.
 */
#ifndef LUGH_BOOT_RECORD_H
#define LUGH_BOOT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LUGH_BOOT_ROOM_BYTES = 4096, /* bootRecordLimits.roomBytes: of a sector, its first bytes, at most so many */
	LUGH_BOOT_TOLD_BYTES = LUGH_BOOT_ROOM_BYTES + 256,
	LUGH_BOOT_BOOTS = 8, /* bootRecordLimits.boots */
	LUGH_BOOT_ENDS = 56, /* of the kernel, that can be counted beside one record; a chip with small pages has room for less */
	LUGH_BOOT_SOON_SECONDS = 600, /* a kernel that ran for longer had recovered from what ended the one before it */
};

/* Why the node comes up. */
typedef enum {
	LUGH_BOOT_ORDERED,    /* power came, or somebody wanted it: former ends of the kernel are forgiven */
	LUGH_BOOT_ENDED_LATE, /* its kernel could not go on (LUGH_WISH_NONE, a watchdog), after LUGH_BOOT_SOON_SECONDS or more */
	LUGH_BOOT_ENDED_SOON, /* the same before that; also when nobody knows how long it ran */
} lugh_boot_cause;

/* The flash, as far as it is wanted here; functions answer 0, or anything else for what did not succeed. */
typedef struct {
	void *device;
	uint32_t page_bytes, sector_bytes; /* services/api/flash.ts */
	int (*read)(void *device, uint64_t address, uint8_t *bytes, size_t length);
	int (*program)(void *device, uint64_t address, const uint8_t *bytes, size_t length);
	int (*sync)(void *device);
} lugh_boot_flash;

typedef enum {
	LUGH_BOOT_BLANK,      /* nothing was ever written, or the first record was cut off */
	LUGH_BOOT_CONFIRMED,
	LUGH_BOOT_TRIAL,      /* this boot is counted */
	LUGH_BOOT_REVERTED,   /* the trial has used its boots up */
	LUGH_BOOT_UNREADABLE, /* safe mode */
} lugh_boot_state;

typedef struct {
	lugh_boot_state state;
	unsigned boots;     /* of the trial, this one included */
	unsigned ends;      /* of the kernel in a row, each soon after its boot but perhaps the first */
	uint32_t sequence;  /* of the record; 0: none */
	/* The BootReport of services/api/boot-record.ts, for the firmware (lugh_node_options.boot_report). */
	size_t length;
	uint8_t told[LUGH_BOOT_TOLD_BYTES];
} lugh_boot_report;

const char *lugh_boot_state_text(lugh_boot_state state);

void lugh_boot_read(const lugh_boot_flash *flash, lugh_boot_cause cause, lugh_boot_report *report);

#endif
