/*
 * Fuzzes the loader of images as far as it takes bytes on trust: header, table of modules, names, symbols, lines, and the
 * walk over byte-code that links it. Running is left out: the engine does not verify byte-code, which is why an image has
 * to be signed.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "image.h"

typedef struct {
	lugh_image image;
	char error[200];
} loading;

/* Every module is found by its name, and what lies in its code is its own or a module's that claims the same bytes. */
static void look_around(const lugh_image *image)
{
	uint32_t line;
	for (uint32_t i = 0; i < image->module_count; i++) {
		const lugh_module *module = &image->modules[i];
		if (!lugh_image_find(image, module->name))
			fuzz_bug("a module is not found by its name", module->name);
		if (!lugh_image_locate(image, module->code + module->code_bytes - 1, &line))
			fuzz_bug("code is not located in its module", module->name);
	}
}

static void load(txMachine *the, void *data)
{
	loading *it = data;
	if (lugh_image_open(&it->image, "fuzz", it->error, sizeof it->error))
		return;
	look_around(&it->image);
	lugh_image_link(&it->image, the, it->error, sizeof it->error);
}

/* In a machine, which pays for the tables and may run out of memory or names. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	loading it = { .image = { .bytes = malloc(length), .byte_count = length } };
	lugh_machine *machine = fuzz_machine();
	memcpy(it.image.bytes, bytes, length);
	lugh_machine_run(machine, load, &it, 0);
	lugh_machine_destroy(machine);
	free(it.image.bytes);
	return 0;
}
