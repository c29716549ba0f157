/*
 * What the fuzzers share: a machine for each input, and one way to say that something is wrong.
 *
 * The machine is fresh, so that an input does the same whichever came before it, and is deleted, so that the sanitizer
 * sees what it leaves behind.
 */
#ifndef LUGH_FUZZ_H
#define LUGH_FUZZ_H

#include "body.h"
#include "engine.h"
#include "machine.h"

/* Called by libFuzzer for each input; answers 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* A machine with tests/services/decoders in it, and nothing granted. */
lugh_machine *fuzz_machine(void);

/* Calls a handler with the bytes as its message, in a machine of their own; anything but LUGH_OK is a bug. */
void fuzz_handler(const char *handler, const uint8_t *bytes, size_t length);

/* Ends the process, so that libFuzzer keeps the input. */
void fuzz_bug(const char *what, const char *detail) __attribute__((noreturn));

#endif
