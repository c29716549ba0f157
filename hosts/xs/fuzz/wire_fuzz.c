/*
 * Fuzzes every decoder of wire/, on the engine: the first byte chooses one (tests/services/decoders.ts).
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	fuzz_handler("decode", bytes, length);
	return 0;
}
