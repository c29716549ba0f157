/*
 * What sim/ may say about the flash of a node: the boot option `flash`, and the command `flash` that plans faults and answers
 * figures. Every name here is the camelCase of its counterpart in flash.h, where it is explained.
 *
 *   boot option  flash { pageBytes, sectorBytes, sectors, seed, wearErases, reportsWear, syncLies, eraseMicros,
 *                        eraseWorstMicros, unsynced, isInstant, isNew, file? }          each has a default; {} will do;
 *                        isNew: another chip than the node had; file: the medium is kept in it (flash_file.c)
 *   command      flash { node, plan?, flip?, age?, spoil?, unsynced?, seed? }            unsynced, seed: of the next `cut`
 *                plan  { operation?, happening, point, unsynced, seed }                  operation: default the next
 *                flip  { address, length, bits, seed }     age { sector, erases }     spoil { address, length, count, happening }
 */
#include "flash_port.h"

#include <string.h>

enum {
	/* 256 KB: a boot record, 64 KB of extents, and a log of 184 KB; 16 bytes divide the pages of every serial chip. */
	PAGE_BYTES = 16,
	SECTOR_BYTES = 4096,
	SECTORS = 64,
	WEAR_ERASES = 100000, /* what data sheets of serial NOR promise for a sector */
	ERASE_MICROS = 45000, /* typical of a sector of 4 KB, and the worst */
	ERASE_WORST_MICROS = 400000,
};

static const char *const unsynced_words[] = { "kept", "lost", "subset", NULL };
static const char *const point_words[] = { "before", "first-half", "all-but-last", "some-bits", "unstable", "after", NULL };
static const char *const happening_words[] = { "cut", "fail", "lie", "misdirect", NULL };

/* The place of a word among those allowed; `fallback` when the key is missing, -1 when the word is none of them. */
static int word_of(const lugh_cbor_reader *map, const char *key, const char *const *words, int fallback)
{
	lugh_cbor_reader value;
	const char *text = "";
	size_t length = 0;
	if (!lugh_cbor_find(map, key, &value))
		return fallback;
	lugh_cbor_get_text(&value, &text, &length);
	for (int word = 0; words[word]; word++)
		if (lugh_cbor_text_is(text, length, words[word]))
			return word;
	return -1;
}

/* A number that is too large or negative becomes one that every check of a geometry refuses. */
static uint32_t count_of(const lugh_cbor_reader *map, const char *key, uint32_t fallback)
{
	int64_t integer = integer_of(map, key, fallback);
	return integer < 0 || integer > UINT32_MAX ? UINT32_MAX : (uint32_t)integer;
}

/* ---- boot ---- */

const char *flash_read_options(const lugh_cbor_reader *option, lugh_flash_options *options, sim_flash *flash)
{
	int unsynced = word_of(option, "unsynced", unsynced_words, LUGH_FLASH_SUBSET);
	flash_timing timing = {
		.erase = integer_of(option, "eraseMicros", ERASE_MICROS),
		.erase_worst = integer_of(option, "eraseWorstMicros", ERASE_WORST_MICROS),
		.is_instant = flag_of(option, "isInstant"),
	};
	if (lugh_cbor_next(option) != LUGH_CBOR_MAP)
		return "wanted a map of options";
	if (unsynced < 0)
		return "wanted kept, lost or subset for unsynced";
	if (timing.erase < 0 || timing.erase > timing.erase_worst)
		return "wanted eraseMicros from 0 to eraseWorstMicros";
	*options = (lugh_flash_options){
		.page_bytes = count_of(option, "pageBytes", PAGE_BYTES),
		.sector_bytes = count_of(option, "sectorBytes", SECTOR_BYTES),
		.sectors = count_of(option, "sectors", SECTORS),
		.seed = (uint64_t)integer_of(option, "seed", 1),
		.wear_erases = count_of(option, "wearErases", WEAR_ERASES),
		.reports_wear = flag_of(option, "reportsWear"),
		.sync_lies = flag_of(option, "syncLies"),
	};
	flash->timing = timing;
	flash->unsynced = (lugh_flash_unsynced)unsynced;
	flash->seed = options->seed;
	return NULL;
}

/* ---- faults ---- */

static const char *plan_fault(lugh_flash *model, const lugh_cbor_reader *of)
{
	int happening = word_of(of, "happening", happening_words, -1);
	int point = word_of(of, "point", point_words, LUGH_FLASH_AFTER);
	int unsynced = word_of(of, "unsynced", unsynced_words, LUGH_FLASH_SUBSET);
	if (happening < 0 || point < 0 || unsynced < 0)
		return "Cannot plan fault: wanted happening, point and unsynced of flash.h";
	lugh_flash_plan plan = {
		.operation = (uint64_t)integer_of(of, "operation", (int64_t)lugh_flash_measure(model).operations + 1),
		.happening = (lugh_flash_happening)happening,
		.point = (lugh_flash_point)point,
		.unsynced = (lugh_flash_unsynced)unsynced,
		.seed = (uint64_t)integer_of(of, "seed", 0),
	};
	return lugh_flash_plan_fault(model, &plan) ? NULL : "Cannot plan fault: too many wait, or that operation has passed";
}

static void spoil_reads(lugh_flash *model, const lugh_cbor_reader *of)
{
	int happening = word_of(of, "happening", happening_words, LUGH_FLASH_FAIL);
	lugh_flash_spoil_reads(model, happening == LUGH_FLASH_MISDIRECT ? LUGH_FLASH_MISDIRECT : LUGH_FLASH_FAIL,
		(uint64_t)integer_of(of, "address", 0), (uint64_t)integer_of(of, "length", 0), count_of(of, "count", 1));
}

const char *flash_obey(sim_node *node, const lugh_cbor_reader *command)
{
	lugh_cbor_reader of;
	sim_flash *flash = node ? node->flash : NULL;
	if (!flash)
		return "Cannot reach flash: that node has none; boot it with the option flash";
	int unsynced = word_of(command, "unsynced", unsynced_words, (int)flash->unsynced);
	if (unsynced < 0)
		return "Cannot tell flash what a cut does: wanted kept, lost or subset for unsynced";
	flash->unsynced = (lugh_flash_unsynced)unsynced;
	flash->seed = (uint64_t)integer_of(command, "seed", (int64_t)flash->seed);
	if (lugh_cbor_find(command, "flip", &of))
		lugh_flash_flip(flash->model, (uint64_t)integer_of(&of, "address", 0), (uint64_t)integer_of(&of, "length", 0),
			count_of(&of, "bits", 1), (uint64_t)integer_of(&of, "seed", 0));
	if (lugh_cbor_find(command, "age", &of))
		lugh_flash_age(flash->model, count_of(&of, "sector", 0), count_of(&of, "erases", 0));
	if (lugh_cbor_find(command, "spoil", &of))
		spoil_reads(flash->model, &of);
	return lugh_cbor_find(command, "plan", &of) ? plan_fault(flash->model, &of) : NULL;
}

/* ---- figures ---- */

void flash_tell(sim_node *node, int64_t id)
{
	lugh_flash *model = node->flash->model;
	lugh_flash_figures figures = lugh_flash_measure(model);
	uint32_t sectors = lugh_flash_options_of(model)->sectors;
	lugh_cbor_writer *writer = frames_begin();
	lugh_cbor_put_map(writer, 20);
	lugh_cbor_put_int_field(writer, "id", id);
	lugh_cbor_put_int_field(writer, "cuts", figures.cuts);
	lugh_cbor_put_int_field(writer, "held", figures.held);
	lugh_cbor_put_bool_field(writer, "isOn", lugh_flash_is_on(model));
	lugh_cbor_put_int_field(writer, "lied", figures.lied);
	lugh_cbor_put_int_field(writer, "lost", figures.lost);
	lugh_cbor_put_int_field(writer, "torn", figures.torn);
	lugh_cbor_put_int_field(writer, "reads", figures.reads);
	lugh_cbor_put_int_field(writer, "syncs", figures.syncs);
	lugh_cbor_put_int_field(writer, "erases", figures.erases);
	lugh_cbor_put_int_field(writer, "failed", figures.failed);
	lugh_cbor_put_int_field(writer, "refused", figures.refused);
	lugh_cbor_put_int_field(writer, "programs", figures.programs);
	lugh_cbor_put_int_field(writer, "stuckBits", figures.stuck_bits);
	lugh_cbor_put_int_field(writer, "operations", figures.operations);
	lugh_cbor_put_int_field(writer, "flippedBits", figures.flipped_bits);
	lugh_cbor_put_int_field(writer, "misdirected", figures.misdirected);
	lugh_cbor_put_int_field(writer, "spoiledReads", figures.spoiled_reads);
	lugh_cbor_put_text(writer, "erasesBySector");
	lugh_cbor_put_array(writer, sectors);
	for (uint32_t sector = 0; sector < sectors; sector++)
		lugh_cbor_put_int(writer, lugh_flash_erases(model, sector));
	lugh_cbor_put_int_field(writer, "programmedBytes", figures.programmed_bytes);
	frames_end(writer);
}
