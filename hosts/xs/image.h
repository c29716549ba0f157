/*
 * The firmware image (.xsi): modules as byte-code of one engine, written by lugh-xsc and read by the root.
 *
 * Layout: an image_header, then
 * module_count image_entry records, then the bytes they point at by offset from the beginning of the file. Symbols are
 * strings with their final zero, one for each identifier but number 0, which means no symbol. Images are little-endian.
 * The engine never verifies byte-code: an image must come from a trusted build or carry a checked signature before it
 * gets here. What the loader checks is that nothing points outside the file.
 */
#ifndef LUGH_IMAGE_H
#define LUGH_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#define LUGH_IMAGE_MAGIC "LUGHXSI"

enum {
	LUGH_IMAGE_FORMAT = 2,
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
	uint32_t lines_offset; /* image_line records, by rising code_offset; a multiple of four */
	uint32_t line_count;
} image_entry;

/* From code_offset on, until the next record, the code comes from this line. */
typedef struct {
	uint32_t code_offset;
	uint32_t line;
} image_line;

struct sxMachine;

typedef struct {
	const char *name;
	signed char *code;
	uint32_t code_bytes;
	const char *symbols;
	uint32_t symbols_bytes;
	uint32_t symbol_count;
	const image_line *lines;
	uint32_t line_count;
} lugh_module;

typedef struct {
	char *bytes;
	size_t byte_count;
	lugh_module *modules;
	uint32_t module_count;
} lugh_image;

/*
 * Checks the bytes that image->bytes and image->byte_count tell of, at an address divisible by 8, and finds the modules in
 * them; bytes may be anything. path is for the error. 0, or -1 with a sentence in error.
 */
int lugh_image_open(lugh_image *image, const char *path, char *error, size_t error_bytes);

/* Reads a file into memory of the account in hand and opens it. */
int lugh_image_read(lugh_image *image, const char *path, char *error, size_t error_bytes);

/*
 * Gives every symbol its identifier in this machine and rewrites the code in place to use them, strings and functions
 * staying where they are. Once an image, before any module of it runs. 0, or -1 with a sentence in error.
 */
int lugh_image_link(lugh_image *image, struct sxMachine *the, char *error, size_t error_bytes);

/* The same for one module. 0, or -1 when its byte-code is damaged. */
int lugh_image_link_module(const lugh_module *module, struct sxMachine *the);

/* The line that code at this offset of the module comes from; 0: unknown. */
uint32_t lugh_image_line(const lugh_module *module, uint32_t code_offset);

/* Bytes of the instruction at code, operand included; 0 when it does not fit into what is left. */
size_t lugh_code_bytes(const unsigned char *code, size_t left);

/* The module whose code holds this address, and the line that it comes from (0: unknown); NULL when there is none. */
const lugh_module *lugh_image_locate(const lugh_image *image, const void *address, uint32_t *line);

/* The module of that name, or NULL. */
const lugh_module *lugh_image_find(const lugh_image *image, const char *name);

#endif
