/* Fields of a map, by name (fields.h). */
#include "fields.h"

#include <string.h>

int64_t integer_of(const lugh_cbor_reader *map, const char *key, int64_t fallback)
{
	lugh_cbor_reader value;
	int64_t integer = fallback;
	if (lugh_cbor_find(map, key, &value))
		lugh_cbor_get_int(&value, &integer);
	return integer;
}

double number_of(const lugh_cbor_reader *map, const char *key, double fallback)
{
	lugh_cbor_reader value;
	double number = fallback;
	if (lugh_cbor_find(map, key, &value))
		lugh_cbor_get_double(&value, &number);
	return number;
}

bool flag_of(const lugh_cbor_reader *map, const char *key)
{
	lugh_cbor_reader value;
	bool flag = false;
	return lugh_cbor_find(map, key, &value) && lugh_cbor_get_bool(&value, &flag) && flag;
}

bool text_of(const lugh_cbor_reader *map, const char *key, char *text, size_t size)
{
	lugh_cbor_reader value;
	const char *found;
	size_t length;
	if (!lugh_cbor_find(map, key, &value) || !lugh_cbor_get_text(&value, &found, &length) || length >= size)
		return false;
	memcpy(text, found, length);
	text[length] = 0;
	return true;
}
