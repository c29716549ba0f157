/*
 * Where in the source a byte of code comes from, at no cost to the code that runs.
 *
 * The parser can write line numbers between the instructions, and then every statement pays for them. lugh-xsc takes
 * them out again and puts them into a table beside the code; only an exception looks there.
 */
#ifndef LUGH_LINES_H
#define LUGH_LINES_H

#include "image.h"

typedef struct {
	image_line *lines;
	uint32_t count;
	uint32_t room;
} line_table;

/*
 * Takes line numbers and profile marks out of code, which shrinks in place to *code_bytes, and collects them into the
 * table (whose lines the caller frees). 0, or -1 when the code is damaged or memory is out.
 */
int lugh_lines_take_out(unsigned char *code, uint32_t *code_bytes, line_table *table);

#endif
