/*
 * Typed arrays: which kind of the engine stands for which tag, and the built-in prototype of each.
 */
#ifndef LUGH_BODY_TYPED_H
#define LUGH_BODY_TYPED_H

#include "engine.h"

/* Stands for Uint8Array, which is a byte string and has no tag. */
enum { LUGH_TYPED_BYTES = 0, LUGH_TYPED_FOREIGN = -1 };

/* The tag of a kind of typed array; LUGH_TYPED_FOREIGN for clamped and bigint ones. */
int lugh_typed_tag(const txTypeDispatch *kind);

/* The kind of a tag of the model; its index is that of both gxTypeDispatches and gxTypeAtomics. */
unsigned lugh_typed_index(int tag);

/* The prototype that the engine built, whatever a service did to the constructor's name. Runs no code. */
txSlot *lugh_typed_prototype(txMachine *the, const txTypeDispatch *kind);

#endif
