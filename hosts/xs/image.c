/*
 * Reads a firmware image and fits its byte-code to a machine.
 *
 * Code stays where it was read: opcodes that would copy strings and functions into the heap are exchanged for their
 * ARCHIVE twins of the same size, which use them in place. That is what keeps a service's machine small, and why the
 * image must lie in memory that outlives every machine.
 */
#include "engine.h"
#include "image.h"

#include "xsScript.h"

extern const txS1 gxCodeSizes[];

static int fail(char *error, size_t error_bytes, const char *path, const char *reason)
{
	snprintf(error, error_bytes, "Cannot load image %s: %s", path, reason);
	return -1;
}

static char *read_file(const char *path, size_t *byte_count, const char **reason)
{
	char *bytes = NULL;
	FILE *file = fopen(path, "rb");
	if (!file) {
		*reason = strerror(errno);
		return NULL;
	}
	fseek(file, 0, SEEK_END);
	long length = ftell(file);
	rewind(file);
	if (length <= 0 || length > LUGH_IMAGE_BYTES_LIMIT)
		*reason = "wanted an image, found a file of another size";
	else if (!(bytes = c_malloc((size_t)length)))
		*reason = "no memory";
	else if (fread(bytes, 1, (size_t)length, file) != (size_t)length) {
		*reason = "cannot read all of it";
		c_free(bytes);
		bytes = NULL;
	}
	*byte_count = (size_t)length;
	fclose(file);
	return bytes;
}

static const char *refusal_of_header(const image_header *header, size_t byte_count)
{
	if (byte_count < sizeof(image_header))
		return "wanted an image, found a file of another size";
	if (memcmp(header->magic, LUGH_IMAGE_MAGIC, sizeof header->magic))
		return "wanted an image of lugh-xsc, found something else";
	if (header->order != LUGH_IMAGE_ORDER || header->format != LUGH_IMAGE_FORMAT)
		return "it was written for another kind of machine; build it again";
	if (header->engine[0] != XS_MAJOR_VERSION || header->engine[1] != XS_MINOR_VERSION ||
		header->engine[2] != XS_PATCH_VERSION || header->id_bytes != sizeof(txID))
		return "it was compiled for another engine; build it again";
	if (header->total_bytes != byte_count)
		return "its length is not the one it was written with";
	if (header->module_count == 0 || header->module_count > LUGH_IMAGE_MODULE_LIMIT ||
		header->module_count > (byte_count - sizeof(image_header)) / sizeof(image_entry))
		return "its number of modules is impossible";
	return NULL;
}

static int is_inside(uint32_t offset, uint32_t bytes, size_t byte_count)
{
	return offset <= byte_count && bytes <= byte_count - offset;
}

static int take_entry(const lugh_image *image, const image_entry *entry, lugh_module *module)
{
	size_t all = image->byte_count;
	if (!entry->name_bytes || !entry->code_bytes || !entry->symbols_bytes)
		return -1;
	if (!is_inside(entry->name_offset, entry->name_bytes, all) || !is_inside(entry->code_offset, entry->code_bytes, all))
		return -1;
	if (!is_inside(entry->symbols_offset, entry->symbols_bytes, all) || entry->symbol_count == 0)
		return -1;
	if (entry->lines_offset % sizeof(uint32_t) || entry->line_count > all / sizeof(image_line) ||
		!is_inside(entry->lines_offset, entry->line_count * (uint32_t)sizeof(image_line), all))
		return -1;
	module->name = image->bytes + entry->name_offset;
	module->code = (signed char *)image->bytes + entry->code_offset;
	module->code_bytes = entry->code_bytes;
	module->symbols = image->bytes + entry->symbols_offset;
	module->symbols_bytes = entry->symbols_bytes;
	module->symbol_count = entry->symbol_count;
	module->lines = (const image_line *)(image->bytes + entry->lines_offset);
	module->line_count = entry->line_count;
	return module->name[entry->name_bytes - 1] == 0 && module->symbols[entry->symbols_bytes - 1] == 0 ? 0 : -1;
}

int lugh_image_open(lugh_image *image, const char *path, char *error, size_t error_bytes)
{
	const image_header *header = (const image_header *)image->bytes;
	const image_entry *entries = (const image_entry *)(header + 1);
	const char *reason = refusal_of_header(header, image->byte_count);
	if (reason)
		return fail(error, error_bytes, path, reason);
	image->module_count = header->module_count;
	image->modules = c_calloc(image->module_count, sizeof(lugh_module));
	if (!image->modules)
		return fail(error, error_bytes, path, "no memory");
	for (uint32_t i = 0; i < image->module_count; i++) {
		if (take_entry(image, &entries[i], &image->modules[i]))
			return fail(error, error_bytes, path, "an entry points outside of it");
	}
	return 0;
}

int lugh_image_read(lugh_image *image, const char *path, char *error, size_t error_bytes)
{
	const char *reason = NULL;
	image->bytes = read_file(path, &image->byte_count, &reason);
	if (!image->bytes)
		return fail(error, error_bytes, path, reason);
	return lugh_image_open(image, path, error, error_bytes);
}

/* The identifiers of a module's symbols in this machine; NULL when there are fewer strings than symbols. */
static txID *intern(const lugh_module *module, txMachine *the)
{
	txID *ids = c_calloc(module->symbol_count, sizeof(txID));
	const char *symbol = module->symbols;
	const char *end = module->symbols + module->symbols_bytes;
	for (uint32_t i = 1; ids && i < module->symbol_count; i++) {
		if (symbol >= end)
			return NULL;
		ids[i] = fxNewNameX(the, (txString)symbol);
		symbol += strlen(symbol) + 1;
	}
	return ids;
}

static txU1 in_place(txU1 opcode)
{
	switch (opcode) {
	case XS_CODE_CODE_1: return XS_CODE_CODE_ARCHIVE_1;
	case XS_CODE_CODE_2: return XS_CODE_CODE_ARCHIVE_2;
	case XS_CODE_CODE_4: return XS_CODE_CODE_ARCHIVE_4;
	case XS_CODE_STRING_1: return XS_CODE_STRING_ARCHIVE_1;
	case XS_CODE_STRING_2: return XS_CODE_STRING_ARCHIVE_2;
	case XS_CODE_STRING_4: return XS_CODE_STRING_ARCHIVE_4;
	default: return opcode;
	}
}

size_t lugh_code_bytes(const unsigned char *code, size_t left)
{
	txS1 size = *code < XS_CODE_COUNT ? gxCodeSizes[*code] : 0;
	size_t bytes;
	if (*code >= XS_CODE_COUNT)
		return 0;
	if (size > 0)
		bytes = (size_t)size;
	else if (size == 0)
		bytes = 1 + sizeof(txID);
	else {
		uint32_t length = 0;
		size_t width = (size_t)-size;
		if (left < 1 + width)
			return 0;
		memcpy(&length, code + 1, width);
		bytes = 1 + width + length;
	}
	return bytes <= left ? bytes : 0;
}

static int fit(const lugh_module *module, const txID *ids)
{
	txU1 *p = (txU1 *)module->code;
	txU1 *end = p + module->code_bytes;
	while (p < end) {
		size_t bytes = lugh_code_bytes(p, (size_t)(end - p));
		if (!bytes)
			return -1;
		if (gxCodeSizes[*p] == 0) {
			txID id;
			memcpy(&id, p + 1, sizeof id);
			if (id >= module->symbol_count)
				return -1;
			memcpy(p + 1, &ids[id], sizeof id);
		}
		*p = in_place(*p);
		p += bytes;
	}
	return 0;
}

int lugh_image_link_module(const lugh_module *module, struct sxMachine *the)
{
	txID *ids = intern(module, the);
	if (!ids || fit(module, ids))
		return -1;
	c_free(ids);
	return 0;
}

int lugh_image_link(lugh_image *image, struct sxMachine *the, char *error, size_t error_bytes)
{
	for (uint32_t i = 0; i < image->module_count; i++) {
		if (lugh_image_link_module(&image->modules[i], the))
			return fail(error, error_bytes, image->modules[i].name, "its byte-code is damaged");
	}
	return 0;
}

const lugh_module *lugh_image_find(const lugh_image *image, const char *name)
{
	for (uint32_t i = 0; i < image->module_count; i++) {
		if (!strcmp(image->modules[i].name, name))
			return &image->modules[i];
	}
	return NULL;
}

uint32_t lugh_image_line(const lugh_module *module, uint32_t code_offset)
{
	uint32_t low = 0;
	uint32_t high = module->line_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (module->lines[middle].code_offset <= code_offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? module->lines[low - 1].line : 0;
}

const lugh_module *lugh_image_locate(const lugh_image *image, const void *address, uint32_t *line)
{
	for (uint32_t i = 0; i < image->module_count; i++) {
		const lugh_module *module = &image->modules[i];
		const signed char *at = address;
		if (at >= module->code && at < module->code + module->code_bytes) {
			*line = lugh_image_line(module, (uint32_t)(at - module->code));
			return module;
		}
	}
	*line = 0;
	return NULL;
}
