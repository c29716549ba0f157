/*
 * Reads both sectors once each, judges them from memory (a torn sector may read differently every time), counts the boot of a
 * trial, and words what the firmware is told.
 */
#include "boot_record.h"

#include <string.h>

#include "body.h"

enum { HEAD_BYTES = 16, SUM_BYTES = 4, FORMAT = 1, SECTORS = 2 };

typedef enum { BLANK, TORN, FOREIGN, RECORD } sector_kind;

typedef struct {
	sector_kind kind;
	uint32_t sequence;
	unsigned boots, trial_boots; /* 0: it is on no trial */
	size_t body_length;
	uint8_t room[LUGH_BOOT_ROOM_BYTES];
} boot_sector;

const char *lugh_boot_state_text(lugh_boot_state state)
{
	static const char *const texts[] = { "blank", "confirmed", "trial", "reverted", "unreadable" };
	return texts[state];
}

/* ---- a sector ---- */

static uint32_t sum(uint32_t from, const uint8_t *bytes, size_t length)
{
	uint32_t crc = ~from;
	for (size_t index = 0; index < length; index++) {
		crc ^= bytes[index];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static uint32_t little(const uint8_t *bytes, unsigned count)
{
	uint32_t value = 0;
	while (count--)
		value = value << 8 | bytes[count];
	return value;
}

static bool is_blank(const uint8_t *bytes, size_t length)
{
	while (length && bytes[length - 1] == 0xff)
		length--;
	return !length;
}

static bool is_whole(const uint8_t *room, size_t usable, uint32_t number, size_t *body_length)
{
	const uint8_t sector[4] = { (uint8_t)number, 0, 0, 0 };
	*body_length = little(room + 10, 2);
	size_t end = HEAD_BYTES + *body_length;
	return !memcmp(room, "LUGHBOOT", 8) && end + SUM_BYTES <= usable && little(room + end, SUM_BYTES) == sum(sum(0, sector, 4), room, end);
}

/* Of the body only what decides here is looked at; the firmware looks at the rest. */
static bool read_body(boot_sector *of)
{
	lugh_cbor_reader body, trial, boots;
	int64_t count = 0;
	if (lugh_body_check(of->room + HEAD_BYTES, of->body_length))
		return false;
	lugh_cbor_reader_begin(&body, of->room + HEAD_BYTES, of->body_length);
	if (!lugh_cbor_find(&body, "trial", &trial))
		return false;
	if (lugh_cbor_next(&trial) == LUGH_CBOR_NULL)
		return true;
	if (!lugh_cbor_find(&trial, "boots", &boots) || !lugh_cbor_get_int(&boots, &count) || count < 1 || count > LUGH_BOOT_BOOTS)
		return false;
	of->trial_boots = (unsigned)count;
	return true;
}

static size_t room_of(const lugh_boot_flash *flash)
{
	return flash->sector_bytes < LUGH_BOOT_ROOM_BYTES ? flash->sector_bytes : LUGH_BOOT_ROOM_BYTES;
}

static void read_sector(const lugh_boot_flash *flash, uint32_t number, boot_sector *of)
{
	size_t room = room_of(flash), counter = room - flash->page_bytes;
	uint64_t address = (uint64_t)number * flash->sector_bytes;
	of->kind = TORN;
	of->trial_boots = of->boots = 0;
	/* A read that failed may pass the second time. */
	if (flash->read(flash->device, address, of->room, room) && flash->read(flash->device, address, of->room, room))
		return;
	if (is_blank(of->room, room))
		of->kind = BLANK;
	else if (is_whole(of->room, counter, number, &of->body_length))
		of->kind = little(of->room + 8, 2) == FORMAT && read_body(of) ? RECORD : FOREIGN;
	of->sequence = little(of->room + 12, 4);
	for (unsigned bits = of->room[counter]; !(bits & 1) && of->boots < LUGH_BOOT_BOOTS; bits >>= 1)
		of->boots++;
}

/* ---- both ---- */

/* The newer record; NULL when there is none, and then *state says what that means. */
static const boot_sector *choose(const boot_sector *sectors, lugh_boot_state *state, const char **reason)
{
	const boot_sector *a = &sectors[0], *b = &sectors[1];
	*reason = "";
	*state = LUGH_BOOT_UNREADABLE;
	if (a->kind == FOREIGN || b->kind == FOREIGN) {
		*reason = "the boot record is of another format than this firmware reads";
		return NULL;
	}
	if (a->kind == RECORD && (b->kind != RECORD || b->sequence <= a->sequence))
		return a;
	if (b->kind == RECORD)
		return b;
	if (a->kind == BLANK || b->kind == BLANK) {
		*state = LUGH_BOOT_BLANK;
		*reason = a->kind == b->kind ? "" : "the first boot record was cut off before it was whole";
		return NULL;
	}
	*reason = "neither copy of the boot record can be read";
	return NULL;
}

/* Before the set on trial may run. One that cannot be counted is not tried: it might be tried for ever. */
static bool count_boot(const lugh_boot_flash *flash, uint32_t number, unsigned boots)
{
	uint8_t page[LUGH_BOOT_ROOM_BYTES];
	uint64_t address = (uint64_t)number * flash->sector_bytes + room_of(flash) - flash->page_bytes;
	memset(page, 0xff, flash->page_bytes);
	page[0] = (uint8_t)(0xff << boots);
	return !flash->program(flash->device, address, page, flash->page_bytes) && !flash->sync(flash->device);
}

static void judge_trial(const lugh_boot_flash *flash, const boot_sector *of, uint32_t number, lugh_boot_report *report, const char **reason)
{
	report->boots = of->boots;
	if (of->boots >= of->trial_boots) {
		report->state = LUGH_BOOT_REVERTED;
		*reason = "the set on trial was not confirmed within its boots";
	} else if (count_boot(flash, number, of->boots + 1)) {
		report->state = LUGH_BOOT_TRIAL;
		report->boots++;
	} else {
		report->state = LUGH_BOOT_REVERTED;
		*reason = "the boot of the set on trial could not be counted";
	}
}

/* Keys in their order: shorter ones first. */
static void tell(lugh_boot_report *report, const boot_sector *of, const char *reason)
{
	lugh_cbor_writer writer;
	lugh_cbor_writer_begin(&writer, report->told, sizeof(report->told));
	lugh_cbor_put_map(&writer, 4);
	lugh_cbor_put_text(&writer, "boots");
	lugh_cbor_put_int(&writer, report->boots);
	lugh_cbor_put_text(&writer, "state");
	lugh_cbor_put_text(&writer, lugh_boot_state_text(report->state));
	lugh_cbor_put_text(&writer, "reason");
	lugh_cbor_put_text(&writer, reason);
	lugh_cbor_put_text(&writer, "record");
	if (!of)
		lugh_cbor_put_null(&writer);
	report->length = writer.length;
	if (of) {
		memcpy(report->told + writer.length, of->room + HEAD_BYTES, of->body_length);
		report->length += of->body_length;
	}
}

void lugh_boot_read(const lugh_boot_flash *flash, lugh_boot_report *report)
{
	static boot_sector sectors[SECTORS]; /* one thread, and too large for its stack on a chip */
	const char *reason;
	for (uint32_t number = 0; number < SECTORS; number++)
		read_sector(flash, number, &sectors[number]);
	const boot_sector *of = choose(sectors, &report->state, &reason);
	report->boots = 0;
	report->sequence = of ? of->sequence : 0;
	if (of && of->trial_boots)
		judge_trial(flash, of, (uint32_t)(of - sectors), report, &reason);
	else if (of)
		report->state = LUGH_BOOT_CONFIRMED;
	tell(report, of, reason);
}
