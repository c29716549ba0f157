/*
 * The firmware image (.xsi): modules as byte-code of one engine, written by lugh-xsc and read by the root.
 *
 * Layout, in the byte order of the machine that wrote it (a wrong order shows in `order`): an image_header, then
 * module_count image_entry records, then the bytes they point at by offset from the beginning of the file. Symbols are
 * a count of identifiers and that many strings with their final zero, number 0 being no symbol and having no string.
 * The engine never verifies byte-code: an image must come from a trusted build or carry a checked signature before it
 * gets here. What the loader checks is that nothing points outside the file.
 */
#ifndef LUGH_IMAGE_H
#define LUGH_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#define LUGH_IMAGE_MAGIC "LUGHXSI"

enum {
	LUGH_IMAGE_FORMAT = 1,
	LUGH_IMAGE_ORDER = 0x01020304,
	LUGH_IMAGE_MODULE_LIMIT = 4096,           /* far above any firmware; keeps a damaged count from costing memory */
	LUGH_IMAGE_BYTES_LIMIT = 64 * 1024 * 1024 /* as above */
};

typedef struct {
	char magic[8];
	uint32_t order;
	uint8_t format;
	uint8_t engine[3]; /* major, minor, patch: opcodes differ between versions */
	uint32_t id_bytes; /* width of an identifier in the code */
	uint32_t module_count;
	uint32_t total_bytes;
	uint32_t padding;
} image_header;

typedef struct {
	uint32_t name_offset; /* string with its final zero */
	uint32_t name_bytes;
	uint32_t symbols_offset;
	uint32_t symbols_bytes;
	uint32_t symbol_count;
	uint32_t code_offset;
	uint32_t code_bytes;
	uint32_t padding;
} image_entry;

struct sxMachine;

typedef struct {
	const char *name;
	signed char *code;
	uint32_t code_bytes;
	const char *symbols;
	uint32_t symbols_bytes;
	uint32_t symbol_count;
} lugh_module;

typedef struct {
	char *bytes;
	size_t byte_count;
	lugh_module *modules;
	uint32_t module_count;
} lugh_image;

/* Reads and checks a file into memory of the account in hand. 0, or -1 with a sentence in error. */
int lugh_image_read(lugh_image *image, const char *path, char *error, size_t error_bytes);

/*
 * Gives every symbol its identifier in this machine and rewrites the code in place to use them, strings and functions
 * staying where they are. Once an image, before any module of it runs. 0, or -1 with a sentence in error.
 */
int lugh_image_link(lugh_image *image, struct sxMachine *the, char *error, size_t error_bytes);

/* The module of that name, or NULL. */
const lugh_module *lugh_image_find(const lugh_image *image, const char *name);

#endif
