/*
 * The other half of the test of the simulated flash: that every subset really occurs, errors, lies, strays, wear, rot, and the
 * bounds of the cache.
 */
#include "flash_check.h"

static const uint8_t zeros[LUGH_FLASH_BYTES_EACH];
static uint8_t ones[TOTAL];

static uint32_t zero_bits(const uint8_t *bytes, size_t length)
{
	uint32_t count = 0;
	for (size_t index = 0; index < length * 8; index++)
		count += !(bytes[index / 8] >> index % 8 & 1);
	return count;
}

static bool reads(lugh_flash *flash, uint32_t address, const uint8_t *wanted, size_t length)
{
	uint8_t read[TOTAL];
	return lugh_flash_read(flash, address, read, length) == 0 && !memcmp(read, wanted, length);
}

/* Four held programs: of the 16 subsets of whole ones, each must come within the seeds, and both ways over a lost erase. */
static void check_subsets(void)
{
	bool has_seen[16] = { false };
	int seen = 0, torn = 0;
	for (uint64_t seed = 0; seed < 400; seed++) {
		lugh_flash *flash = flash_of((lugh_flash_options){ 0 });
		for (uint32_t page = 0; page < 4; page++)
			lugh_flash_program(flash, page * SECTOR, zeros, PAGE);
		lugh_flash_cut(flash, LUGH_FLASH_SUBSET, seed);
		int landed = 0;
		for (uint32_t page = 0; page < 4; page++)
			landed |= !memcmp(lugh_flash_bytes(flash) + page * SECTOR, zeros, PAGE) << page;
		seen += !has_seen[landed];
		has_seen[landed] = true;
		torn += lugh_flash_measure(flash).torn > 0;
		lugh_flash_destroy(flash);
	}
	CHECK(seen == 16, "of 16 subsets, 400 seeds left %d", seen);
	CHECK(torn > 0, "no seed tore a held program");
	printf("subsets %d\n", seen);
}

/* An old sector, erased and programmed anew without a sync between. Only its first byte tells that no part of it was erased. */
static void check_lost_erase(void)
{
	const uint8_t old[2 * PAGE] = { 0xf0, 0xf0, 0xf0, 0xf0, 0xf0, 0xf0, 0xf0, 0xf0 }, new[PAGE] = { 0x3c, 0x3c, 0x3c, 0x3c };
	int both = 0, erased = 0, replaced = 0, cleared = 0;
	for (uint64_t seed = 0; seed < 400; seed++) {
		lugh_flash *flash = flash_of((lugh_flash_options){ 0 });
		lugh_flash_program(flash, 0, old, 2 * PAGE);
		lugh_flash_sync(flash);
		lugh_flash_erase(flash, 0);
		lugh_flash_program(flash, PAGE, new, PAGE);
		lugh_flash_cut(flash, LUGH_FLASH_SUBSET, seed);
		const uint8_t *bytes = lugh_flash_bytes(flash);
		bool has_old = bytes[0] == 0xf0;
		both += !has_old && bytes[PAGE] == 0x3c;
		erased += !has_old && bytes[PAGE] == 0xff;
		replaced += has_old && bytes[PAGE] == 0x3c;
		cleared += has_old && bytes[PAGE] == 0x30;
		lugh_flash_destroy(flash);
	}
	CHECK(both && erased && replaced && cleared, "found both %d, erased %d, replaced %d, cleared %d", both, erased, replaced, cleared);
}

/* A program, and then the erase of its sector: only in the other order does its page stand alone in an erased sector. */
static void check_reordering(void)
{
	int reordered = 0;
	for (uint64_t seed = 0; seed < 400; seed++) {
		lugh_flash *flash = flash_of((lugh_flash_options){ 0 });
		lugh_flash_program(flash, PAGE, zeros, SECTOR - PAGE);
		lugh_flash_sync(flash);
		lugh_flash_program(flash, 0, zeros, PAGE);
		lugh_flash_erase(flash, 0);
		lugh_flash_cut(flash, LUGH_FLASH_SUBSET, seed);
		const uint8_t *bytes = lugh_flash_bytes(flash);
		reordered += !memcmp(bytes, zeros, PAGE) && !memcmp(bytes + PAGE, ones, SECTOR - PAGE);
		lugh_flash_destroy(flash);
	}
	CHECK(reordered > 0, "no seed brought a program after a later erase");
}

static void check_errors(void)
{
	lugh_flash *flash = flash_of((lugh_flash_options){ .seed = 3 });
	for (uint64_t number = 1; number <= 3; number++)
		CHECK(lugh_flash_plan_fault(flash, &(lugh_flash_plan){ number, LUGH_FLASH_FAIL, LUGH_FLASH_FIRST_HALF, LUGH_FLASH_KEPT, 0 }),
			"the plan was refused");
	CHECK(lugh_flash_program(flash, 0, zeros, 2 * PAGE) == LUGH_FLASH_FAILED, "operation 1 did not fail");
	CHECK(reads(flash, 0, zeros, PAGE) && reads(flash, PAGE, ones, PAGE), "half a failed program reads otherwise");
	CHECK(lugh_flash_erase(flash, 0) == LUGH_FLASH_FAILED, "operation 2 did not fail");
	CHECK(lugh_flash_sync(flash) == LUGH_FLASH_FAILED, "operation 3 did not fail");
	CHECK(lugh_flash_measure(flash).held > 0, "a failed sync made something durable");
	CHECK(lugh_flash_program(flash, 0, zeros, 2 * PAGE) == 0 && lugh_flash_sync(flash) == 0, "an error came twice");
	CHECK(!lugh_flash_plan_fault(flash, &(lugh_flash_plan){ 5, LUGH_FLASH_FAIL, LUGH_FLASH_AFTER, LUGH_FLASH_KEPT, 0 }),
		"a plan for an operation of the past was taken");
	CHECK(lugh_flash_measure(flash).failed == 3, "found %" PRIu64 " failures", lugh_flash_measure(flash).failed);
	lugh_flash_destroy(flash);
}

static void check_lies(void)
{
	lugh_flash *flash = flash_of((lugh_flash_options){ .sync_lies = true });
	CHECK(lugh_flash_program(flash, 0, zeros, PAGE) == 0 && lugh_flash_sync(flash) == 0, "a lying sync said so");
	CHECK(reads(flash, 0, zeros, PAGE), "what a lying sync left behind is not read");
	lugh_flash_cut(flash, LUGH_FLASH_LOST, 1);
	CHECK(!memcmp(lugh_flash_bytes(flash), ones, TOTAL), "a lying sync made something durable");
	lugh_flash_power_on(flash);
	lugh_flash_plan_fault(flash, &(lugh_flash_plan){ 3, LUGH_FLASH_LIE, LUGH_FLASH_AFTER, LUGH_FLASH_KEPT, 0 });
	CHECK(lugh_flash_program(flash, 0, zeros, PAGE) == 0 && reads(flash, 0, ones, PAGE), "a phantom program happened");
	CHECK(lugh_flash_measure(flash).lied == 2, "found %" PRIu64 " lies", lugh_flash_measure(flash).lied);
	lugh_flash_destroy(flash);
}

static void check_strays(void)
{
	lugh_flash *flash = flash_of((lugh_flash_options){ .seed = 5 });
	lugh_flash_plan_fault(flash, &(lugh_flash_plan){ 1, LUGH_FLASH_MISDIRECT, LUGH_FLASH_AFTER, LUGH_FLASH_KEPT, 0 });
	CHECK(lugh_flash_program(flash, PAGE, zeros, PAGE) == 0 && reads(flash, 0, ones, SECTOR), "a stray program came home");
	int strayed = 0;
	for (uint32_t sector = 1; sector < SECTORS; sector++)
		strayed += reads(flash, sector * SECTOR + PAGE, zeros, PAGE);
	CHECK(strayed == 1 && zero_bits(lugh_flash_bytes(flash), TOTAL) == PAGE * 8, "a stray program landed in %d sectors", strayed);
	lugh_flash_plan_fault(flash, &(lugh_flash_plan){ 2, LUGH_FLASH_MISDIRECT, LUGH_FLASH_AFTER, LUGH_FLASH_KEPT, 0 });
	CHECK(lugh_flash_program(flash, TOTAL - 2 * PAGE, zeros, 2 * PAGE) == 0, "a stray program at the end was refused");
	lugh_flash_spoil_reads(flash, LUGH_FLASH_FAIL, SECTOR, SECTOR, 2);
	uint8_t byte;
	CHECK(lugh_flash_read(flash, SECTOR - 1, &byte, 1) == 0, "a read beside the spoiled range failed");
	CHECK(lugh_flash_read(flash, SECTOR, &byte, 1) == LUGH_FLASH_FAILED, "a spoiled read did not fail");
	CHECK(!reads(flash, 0, ones, 2 * SECTOR) && lugh_flash_read(flash, SECTOR, &byte, 1) == 0, "reads were spoiled too often");
	lugh_flash_destroy(flash);
}

/* A whole sector reads as another one; that is what an address in the checksum is for. */
static void check_stray_reads(void)
{
	lugh_flash *flash = flash_of((lugh_flash_options){ .seed = 5 });
	lugh_flash_program(flash, 0, zeros, SECTOR);
	lugh_flash_spoil_reads(flash, LUGH_FLASH_MISDIRECT, 0, SECTOR, 1);
	CHECK(reads(flash, 0, ones, SECTOR) && reads(flash, 0, zeros, SECTOR), "a stray read came from where it should");
	lugh_flash_destroy(flash);
}

static void check_wear(void)
{
	for (int reports = 0; reports <= 1; reports++) {
		lugh_flash *flash = flash_of((lugh_flash_options){ .seed = 9, .wear_erases = 10, .reports_wear = reports });
		for (uint32_t erase = 1; erase <= 10; erase++)
			CHECK(lugh_flash_erase(flash, 2) == 0 && reads(flash, 2 * SECTOR, ones, SECTOR), "erase %u wore the sector out", erase);
		uint32_t stuck = 0;
		for (uint32_t erase = 11; erase <= 40; erase++) {
			int status = lugh_flash_erase(flash, 2);
			uint32_t now = zero_bits(lugh_flash_bytes(flash) + 2 * SECTOR, SECTOR);
			CHECK(status == (reports ? LUGH_FLASH_FAILED : 0), "erase %u of a worn sector answered %d", erase, status);
			CHECK(now >= stuck, "a stuck bit came loose");
			stuck = now;
		}
		CHECK(stuck >= 5 && stuck <= 30 && lugh_flash_erases(flash, 2) == 40, "found %u bits stuck at 0", stuck);
		CHECK(lugh_flash_program(flash, 2 * SECTOR, ones, SECTOR) == LUGH_FLASH_NOT_ERASED, "a stuck zero was not seen");
		uint8_t low[SECTOR];
		CHECK(lugh_flash_program(flash, 2 * SECTOR, zeros, SECTOR) == 0 && lugh_flash_read(flash, 2 * SECTOR, low, SECTOR) == 0 &&
			zero_bits(low, SECTOR) < SECTOR * 8, "no bit is stuck at 1");
		lugh_flash_age(flash, 0, 1000);
		CHECK(!reads(flash, 0, ones, SECTOR) && reads(flash, SECTOR, ones, SECTOR), "ageing reached the wrong sector");
		lugh_flash_destroy(flash);
	}
}

static void check_flips(void)
{
	for (uint32_t bits = 1; bits <= 8; bits++)
		for (uint64_t seed = 0; seed < 50; seed++) {
			lugh_flash *flash = flash_of((lugh_flash_options){ 0 });
			lugh_flash_flip(flash, SECTOR, SECTOR, bits, seed);
			CHECK(zero_bits(lugh_flash_bytes(flash) + SECTOR, SECTOR) == bits && zero_bits(lugh_flash_bytes(flash), TOTAL) == bits,
				"wanted %u bits turned over in one sector", bits);
			lugh_flash_program(flash, SECTOR, zeros, PAGE);
			lugh_flash_flip(flash, SECTOR + PAGE, 2 * PAGE, 1, seed);
			bool is_odd = zero_bits(lugh_flash_bytes(flash) + SECTOR + PAGE, SECTOR - PAGE) % 2;
			lugh_flash_cut(flash, LUGH_FLASH_LOST, 0);
			CHECK(zero_bits(lugh_flash_bytes(flash) + SECTOR + PAGE, SECTOR - PAGE) % 2 == is_odd, "a cut turned bits back");
			lugh_flash_destroy(flash);
		}
	lugh_flash *flash = flash_of((lugh_flash_options){ 0 });
	lugh_flash_flip(flash, TOTAL - 1, 1, 8, 0);
	lugh_flash_flip(flash, TOTAL, 1, 8, 0);
	CHECK(lugh_flash_measure(flash).flipped_bits == 8 && reads(flash, TOTAL - 1, zeros, 1), "a whole byte did not turn over");
	lugh_flash_destroy(flash);
}

/* 300 held operations: the cache has written the first 256 back by itself. */
static void check_full_cache(void)
{
	lugh_flash *flash = flash_of((lugh_flash_options){ 0 });
	for (uint8_t at = 0; at < 100; at++) {
		const uint8_t bytes[PAGE] = { at, at, at, at };
		lugh_flash_erase(flash, 0);
		lugh_flash_program(flash, 0, bytes, PAGE);
		lugh_flash_erase(flash, 1);
	}
	lugh_flash_cut(flash, LUGH_FLASH_LOST, 0);
	CHECK(lugh_flash_bytes(flash)[0] == 0xff && lugh_flash_measure(flash).lost == 44, "found %u, %" PRIu64 " lost",
		lugh_flash_bytes(flash)[0], lugh_flash_measure(flash).lost);
	lugh_flash_destroy(flash);
}

static void check_refusals(void)
{
	lugh_flash *flash = flash_of((lugh_flash_options){ 0 });
	uint8_t byte[2];
	CHECK(lugh_flash_read(flash, 0, byte, 0) == LUGH_FLASH_TOO_LONG, "an empty read was taken");
	CHECK(lugh_flash_read(flash, TOTAL - 1, byte, 2) == LUGH_FLASH_BEYOND_END, "a read that ends beyond the end was taken");
	CHECK(lugh_flash_read(flash, UINT64_MAX - 1, byte, 2) == LUGH_FLASH_BEYOND_END, "an address that wraps was taken");
	CHECK(lugh_flash_program(flash, 0, zeros, LUGH_FLASH_BYTES_EACH + PAGE) == LUGH_FLASH_TOO_LONG, "a long program was taken");
	CHECK(lugh_flash_program(flash, TOTAL, zeros, PAGE) == LUGH_FLASH_BEYOND_END, "a program beyond the end was taken");
	CHECK(lugh_flash_program(flash, 1, zeros, PAGE) == LUGH_FLASH_MISALIGNED, "a misaligned program was taken");
	CHECK(lugh_flash_erase(flash, SECTORS) == LUGH_FLASH_BEYOND_END, "an erase beyond the end was taken");
	CHECK(lugh_flash_measure(flash).refused == 7 && lugh_flash_measure(flash).operations == 0, "refusals were numbered");
	char error[256];
	const lugh_flash_options wrong[] = {
		{ .page_bytes = 3, .sector_bytes = 32, .sectors = 4 }, { .page_bytes = 2048, .sector_bytes = 4096, .sectors = 4 },
		{ .page_bytes = 4, .sector_bytes = 4, .sectors = 4 }, { .page_bytes = 4, .sector_bytes = 48, .sectors = 4 },
		{ .page_bytes = 4, .sector_bytes = 32, .sectors = 3 }, { .page_bytes = 4, .sector_bytes = 1 << 20, .sectors = 65 },
	};
	for (size_t index = 0; index < sizeof(wrong) / sizeof(*wrong); index++)
		CHECK(!lugh_flash_create(&wrong[index], error, sizeof(error)), "geometry %zu was taken", index);
	uint8_t image[TOTAL];
	memset(image, 0x5a, sizeof(image));
	CHECK(lugh_flash_load(flash, image, TOTAL) && !lugh_flash_load(flash, image, TOTAL - 1), "an image of another size was taken");
	lugh_flash_cut(flash, LUGH_FLASH_LOST, 0);
	CHECK(!memcmp(lugh_flash_bytes(flash), image, TOTAL), "a loaded image is not durable");
	lugh_flash_destroy(flash);
}

void check_faults(void)
{
	memset(ones, 0xff, sizeof(ones));
	check_refusals();
	check_subsets();
	check_lost_erase();
	check_reordering();
	check_errors();
	check_lies();
	check_strays();
	check_stray_reads();
	check_wear();
	check_flips();
	check_full_cache();
	printf("faults ok\n");
}
