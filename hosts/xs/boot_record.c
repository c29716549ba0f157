/*
 * Reads both sectors once each, judges them from memory (a torn sector may read differently every time), counts the boot of a
 * trial and the end of a kernel, and words what the firmware is told.
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

/* Bits that are cleared in a row, lowest first. */
static unsigned cleared(const uint8_t *bytes, unsigned most)
{
	unsigned count = 0;
	while (count < most && !(bytes[count / 8] >> count % 8 & 1))
		count++;
	return count;
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
	if (is_blank(of->room, counter)) /* ends of the kernel are counted beside a record that was never written, too */
		of->kind = BLANK;
	else if (is_whole(of->room, counter, number, &of->body_length))
		of->kind = little(of->room + 8, 2) == FORMAT && read_body(of) ? RECORD : FOREIGN;
	of->sequence = little(of->room + 12, 4);
	of->boots = cleared(of->room + counter, LUGH_BOOT_BOOTS);
}

/* ---- both ---- */

/* The newer record; NULL when there is none, and then *state says what that means. */
static boot_sector *choose(boot_sector *sectors, lugh_boot_state *state, const char **reason)
{
	boot_sector *a = &sectors[0], *b = &sectors[1];
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

/* ---- what is counted beside a record ---- */

static void clear(uint8_t *bytes, unsigned count)
{
	while (count--)
		bytes[count / 8] &= (uint8_t) ~(1u << count % 8);
}

static uint8_t *counter_of(const lugh_boot_flash *flash, boot_sector *of)
{
	return of->room + room_of(flash) - flash->page_bytes;
}

/* Its page as it is to be: bits that are cleared already stay so. */
static bool write_counter(const lugh_boot_flash *flash, uint32_t number, boot_sector *of)
{
	uint64_t address = (uint64_t)number * flash->sector_bytes + room_of(flash) - flash->page_bytes;
	return !flash->program(flash->device, address, counter_of(flash, of), flash->page_bytes) && !flash->sync(flash->device);
}

/*
 * Two rows of bits behind the boots: ends of the kernel, and how many of these are forgiven. Where the first row is used up,
 * each end counts as all of them: whoever writes a record anew begins with fresh rows.
 */
static unsigned count_ends(const lugh_boot_flash *flash, uint32_t number, boot_sector *of, lugh_boot_cause cause)
{
	unsigned width = flash->page_bytes > 14 ? LUGH_BOOT_ENDS / 8 : (flash->page_bytes - 1) / 2, most = width * 8;
	uint8_t *ends = counter_of(flash, of) + 1, *forgiven = ends + width;
	unsigned counted = cleared(ends, most), spared = cleared(forgiven, most);
	bool is_end = cause != LUGH_BOOT_ORDERED, is_full = is_end && counted == most;
	unsigned now = counted + (is_end && !is_full), spare = cause == LUGH_BOOT_ENDED_SOON ? spared : counted;
	if (now != counted || spare != spared) {
		clear(ends, now);
		clear(forgiven, spare);
		write_counter(flash, number, of); /* what cannot be written down is told all the same */
	}
	return is_full ? LUGH_BOOT_ENDS : now - spare;
}

/* Where ends are counted as long as there is no record; what is torn is left as it is. NULL: nowhere. */
static boot_sector *find_blank(boot_sector *sectors)
{
	for (uint32_t number = 0; number < SECTORS; number++)
		if (sectors[number].kind == BLANK)
			return &sectors[number];
	return NULL;
}

/* Before the set on trial may run. One that cannot be counted is not tried: it might be tried for ever. */
static bool count_boot(const lugh_boot_flash *flash, uint32_t number, boot_sector *of)
{
	clear(counter_of(flash, of), of->boots + 1);
	return write_counter(flash, number, of);
}

static void judge_trial(const lugh_boot_flash *flash, boot_sector *of, uint32_t number, lugh_boot_report *report, const char **reason)
{
	report->boots = of->boots;
	if (of->boots >= of->trial_boots) {
		report->state = LUGH_BOOT_REVERTED;
		*reason = "the set on trial was not confirmed within its boots";
	} else if (count_boot(flash, number, of)) {
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
	lugh_cbor_put_map(&writer, 5);
	lugh_cbor_put_text(&writer, "ends");
	lugh_cbor_put_int(&writer, report->ends);
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

void lugh_boot_read(const lugh_boot_flash *flash, lugh_boot_cause cause, lugh_boot_report *report)
{
	static boot_sector sectors[SECTORS]; /* one thread, and too large for its stack on a chip */
	const char *reason;
	for (uint32_t number = 0; number < SECTORS; number++)
		read_sector(flash, number, &sectors[number]);
	boot_sector *of = choose(sectors, &report->state, &reason);
	report->boots = 0;
	report->sequence = of ? of->sequence : 0;
	boot_sector *beside = of ? of : find_blank(sectors);
	report->ends = beside ? count_ends(flash, (uint32_t)(beside - sectors), beside, cause) : 0;
	if (of && of->trial_boots)
		judge_trial(flash, of, (uint32_t)(of - sectors), report, &reason);
	else if (of)
		report->state = LUGH_BOOT_CONFIRMED;
	tell(report, of, reason);
}
