/*
 * Fuzzes the resolution of module names: import() of any text must reject, since this machine was granted nothing.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	fuzz_handler("resolve", bytes, length);
	return 0;
}
