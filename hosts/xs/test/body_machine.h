/*
 * Machines for the tests of the codec: straight from the engine, so that the codec is tested without the machine layer.
 *
 * Unlike a service's machine they have a compiler for source text, and like one they are clones of a shared root.
 */
#ifndef LUGH_BODY_MACHINE_H
#define LUGH_BODY_MACHINE_H

#include "body.h"
#include "engine.h"

/* A root whose names include those of the given source, which runs in it. Ends the process when it cannot be made. */
txMachine *body_root_create(const char *source);

/* A clone with a frame open, so that values may be pushed. initial_slots is the heap it begins with. */
txMachine *body_machine_create(txMachine *root, int initial_slots);

void body_machine_delete(txMachine *the);

/* Runs the source as a script and pushes its value. Answers 0, or -1 after printing what was thrown. */
int body_machine_evaluate(txMachine *the, const char *source);

/* Calls the global function with the count values on top of the stack, which are replaced by what it answers. */
int body_machine_call(txMachine *the, const char *name, int count);

#endif
