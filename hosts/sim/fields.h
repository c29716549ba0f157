/*
 * Fields of a map that came over the pipe or in a message, by name; what is missing or of another type is the fallback.
 */
#ifndef LUGH_SIM_FIELDS_H
#define LUGH_SIM_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cbor.h"

int64_t integer_of(const lugh_cbor_reader *map, const char *key, int64_t fallback);
double number_of(const lugh_cbor_reader *map, const char *key, double fallback);
bool flag_of(const lugh_cbor_reader *map, const char *key); /* false is the fallback */

/* Copies a text with its NUL; false when there is none, or it does not fit. */
bool text_of(const lugh_cbor_reader *map, const char *key, char *text, size_t size);

#endif
