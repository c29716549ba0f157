/*
 * The device port "flash" of a simulated node (services/api/flash.ts), for flash_port.c and flash_command.c; what the worker
 * needs of it stands in worker.h.
 *
 * The flash belongs to the node's place in the worker, not to its power: it is made by the first boot that asks for it, and
 * every later boot finds what the cut before it left.
 */
#ifndef LUGH_SIM_FLASH_PORT_H
#define LUGH_SIM_FLASH_PORT_H

#include "flash.h"
#include "worker.h"

typedef enum {
	FLASH_GEOMETRY,
	FLASH_READ,
	FLASH_PROGRAM,
	FLASH_ERASE,
	FLASH_SYNC,
	FLASH_VERBS,
} flash_verb;

typedef struct {
	uint32_t token;
	flash_verb verb;
	bool is_malformed;
	uint64_t address; /* or the sector */
	size_t length;
	int64_t begins_at, done_at; /* worker time */
	uint8_t bytes[LUGH_FLASH_BYTES_EACH];
} flash_request;

/* Microseconds that the chip takes; a program is bound by its pages of 256 bytes, whatever unit it may be given in. */
typedef struct {
	int64_t erase, erase_worst;
	bool is_instant; /* nothing takes any time: for tests of services */
} flash_timing;

struct sim_flash {
	lugh_flash *model;
	flash_timing timing;
	lugh_flash_unsynced unsynced; /* what a cut does that was not planned for an operation */
	uint64_t seed;                /* of the next such cut */
	flash_request requests[FLASH_WAITING];
	unsigned first, count;
};

/* ---- flash_command.c ---- */

/* Reads the boot option `flash`. NULL, or a sentence about what it wanted. */
const char *flash_read_options(const lugh_cbor_reader *option, lugh_flash_options *options, sim_flash *flash);

#endif
