/*
 * Shared by the two halves of the test of the simulated flash: a check that says what it wanted, and figures for the reader.
 */
#ifndef LUGH_SIM_FLASH_CHECK_H
#define LUGH_SIM_FLASH_CHECK_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flash.h"

#define CHECK(holds, ...) \
	do { \
		if (!(holds)) { \
			printf("violation "); \
			printf(__VA_ARGS__); \
			printf("\n"); \
			exit(1); \
		} \
	} while (0)

/* Small enough to cut everywhere; a program may still cross a sector. */
enum { PAGE = 4, SECTOR = 32, SECTORS = 4, TOTAL = SECTOR * SECTORS };

static inline lugh_flash *flash_of(lugh_flash_options options)
{
	char error[256] = "";
	options.page_bytes = PAGE;
	options.sector_bytes = SECTOR;
	options.sectors = SECTORS;
	lugh_flash *flash = lugh_flash_create(&options, error, sizeof(error));
	CHECK(flash, "%s", error);
	return flash;
}

void check_cuts(void);   /* flash_test.c */
void check_faults(void); /* flash_fault_test.c */

#endif
