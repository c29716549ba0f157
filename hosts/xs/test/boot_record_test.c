/*
 * boot-record-test: the reader of hosts as a partner of other programs. Each line is a flash, "<page bytes> <sector bytes> <cause>
 * <hexadecimal bytes of both sectors>"; the answer is "<state> <sequence> <hexadecimal bytes of what the firmware is told> <hexadecimal bytes
 * of the flash afterwards>".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot_record.h"

enum { FLASH_BYTES = 2 * 65536 };

static uint8_t flash_bytes[FLASH_BYTES];

static int read_flash(void *device, uint64_t address, uint8_t *bytes, size_t length)
{
	(void)device;
	memcpy(bytes, flash_bytes + address, length);
	return 0;
}

static int program_flash(void *device, uint64_t address, const uint8_t *bytes, size_t length)
{
	(void)device;
	for (size_t index = 0; index < length; index++) {
		if (bytes[index] & ~flash_bytes[address + index])
			return -1;
		flash_bytes[address + index] &= bytes[index];
	}
	return 0;
}

static int sync_flash(void *device)
{
	(void)device;
	return 0;
}

static void print_hex(const uint8_t *bytes, size_t length)
{
	for (size_t index = 0; index < length; index++)
		printf("%02x", bytes[index]);
}

int main(void)
{
	static char line[2 * FLASH_BYTES + 64];
	static lugh_boot_report report;
	while (fgets(line, sizeof(line), stdin)) {
		lugh_boot_flash flash = { NULL, 0, 0, read_flash, program_flash, sync_flash };
		unsigned cause = 0;
		int at = 0;
		if (sscanf(line, "%u %u %u %n", &flash.page_bytes, &flash.sector_bytes, &cause, &at) != 3 || flash.sector_bytes > FLASH_BYTES / 2)
			return 1;
		for (size_t index = 0; index < 2 * flash.sector_bytes; index++) {
			const char digits[] = { line[at + 2 * index], line[at + 2 * index + 1], 0 };
			flash_bytes[index] = (uint8_t)strtoul(digits, NULL, 16);
		}
		lugh_boot_read(&flash, (lugh_boot_cause)cause, &report);
		printf("%s %u ", lugh_boot_state_text(report.state), report.sequence);
		print_hex(report.told, report.length);
		printf(" ");
		print_hex(flash_bytes, 2 * flash.sector_bytes);
		printf("\n");
	}
	return 0;
}
