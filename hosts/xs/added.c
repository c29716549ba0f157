/*
 * Modules that are added after the root was sealed: a service that was edited on a desk, or that came as an update.
 *
 * The root is read-only and knows no new names, so each machine that imports such a module links a copy of the code for
 * itself, in memory that it pays for and that goes with it. The images stay for the life of the process, because the
 * names of a machine may point into them. Byte-code is never verified: who adds an image vouches for it.
 */
#include "layer.h"

typedef struct added {
	lugh_image image;
	struct added *next;
} added;

static added *newest;

/* A module of an added image, as one machine has it: with code of its own. */
struct lugh_linked {
	lugh_module module;
	struct lugh_linked *next;
};

int lugh_added_read(const char *path, char *error, size_t error_bytes)
{
	added *made = calloc(1, sizeof *made);
	if (!made) {
		snprintf(error, error_bytes, "Cannot load image %s: no memory", path);
		return -1;
	}
	if (lugh_image_read(&made->image, path, error, error_bytes)) {
		free(made);
		return -1;
	}
	made->next = newest;
	newest = made;
	return 0;
}

const lugh_module *lugh_added_find(const char *name)
{
	for (const added *each = newest; each; each = each->next) {
		const lugh_module *found = lugh_image_find(&each->image, name);
		if (found)
			return found;
	}
	return NULL;
}

lugh_module *lugh_added_link(lugh_machine *machine, const lugh_module *module)
{
	struct lugh_linked *made = c_malloc(sizeof *made);
	signed char *code = c_malloc(module->code_bytes);
	if (!made || !code)
		return NULL;
	memcpy(code, module->code, module->code_bytes);
	made->module = *module;
	made->module.code = code;
	if (lugh_image_link_module(&made->module, machine->the))
		return NULL;
	made->next = machine->linked;
	machine->linked = made;
	return &made->module;
}

const lugh_module *lugh_machine_locate(const lugh_machine *machine, const void *address, uint32_t *line)
{
	const signed char *at = address;
	for (const struct lugh_linked *each = machine->linked; each; each = each->next) {
		const lugh_module *module = &each->module;
		if (at >= module->code && at < module->code + module->code_bytes) {
			*line = lugh_image_line(module, (uint32_t)(at - module->code));
			return module;
		}
	}
	return lugh_image_locate(&machine->root->image, address, line);
}
