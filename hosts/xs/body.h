/*
 * The law of message bodies: plain data of one machine as deterministic CBOR, and back as a value of another.
 *
 * A body in the pool is what is sent, committed, kept in a journal, hashed and replayed, so a value has exactly one
 * byte form (RFC 8949 section 4.2.1), and wire/cbor writes the same bytes in TypeScript. Nothing here runs code of a
 * service: no getter, no proxy trap, no toJSON. Nothing here is metered by the engine, so every walk is bounded by the
 * limits below, and the machine layer charges decoding to the sender by lugh_body_decoded_cost.
 *
 * The model                        in CBOR
 *   null, true, false              f6, f5, f4
 *   a number that is an integer    integer, in the fewest bytes; also when the engine keeps it as a float
 *     within +-(2^53 - 1)
 *   any other number               the shortest of f16, f32 and f64 that holds it; -0 is f98000, NaN is f97e00
 *   string                         text in UTF-8; a lone surrogate is refused
 *   Uint8Array                     byte string
 *   other typed arrays             RFC 8746, little endian: Int8 72, Uint16 69, Int16 77, Uint32 70, Int32 78,
 *                                  Float32 85, Float64 86
 *   array                          array
 *   object with string keys        map with text keys, ordered by the bytes of the encoded key: shorter ones first
 * A prototype is Object.prototype, null (which arrives as Object.prototype) or the built-in one of arrays and typed
 * arrays. Everything else is refused, wherever it stands: undefined, holes, accessors, properties that are symbols or
 * not enumerable, functions, symbols, bigints, proxies, class instances, boxed primitives, Map, Set, Date and all other
 * built-ins, and a value that contains itself. A value that stands in two places is written twice.
 *
 * One engine thread a process: encoder and decoder share static tables.
 */
#ifndef LUGH_BODY_H
#define LUGH_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "cbor.h"

typedef struct sxMachine txMachine; /* the engine's machine, from xsAll.h */
typedef struct sxSlot txSlot;       /* the engine's value, from xsAll.h */

/* ---- limits, all of them, with their reasons ------------------------------------------------------------------- */

enum {
	/* Containers open at one place; [[0]] has depth 2. Nothing of ours nests deeper than 6, and each level costs a
	 * frame of the C stack in encoder, decoder and validator. */
	LUGH_BODY_DEPTH = 16,
	/* Bytes of one body. A waveform block has 1 KB; 64 KB is the largest part of a release that a message carries. */
	LUGH_BODY_BYTES = 65536,
	/* Containers, keys and values together, where a typed array is one. One byte of input can become a slot of 32, so
	 * this bounds what 64 KB of input can claim in the receiver to a quarter of a megabyte. */
	LUGH_BODY_ITEMS = 8192,
	/* Keys of one map: sorting them is not metered, and a table of more entries is an array. */
	LUGH_BODY_KEYS = 256,
	/* Bytes of one key in UTF-8. A name that a machine receives stays in its table for ever. */
	LUGH_BODY_KEY_BYTES = 128,
	/* Names that a machine takes up from bodies in its whole life, unless its options say less. Each costs about 72
	 * bytes that no collection gives back; what services agree on stands in the root and costs nothing. */
	LUGH_BODY_NAMES = 256,
	/* The unit of lugh_body_decoded_cost: a slot of the engine on 64 bit. */
	LUGH_BODY_SLOT_BYTES = 32,
};

/* ---- answers --------------------------------------------------------------------------------------------------- */

enum {
	LUGH_BODY_OK = 0,
	LUGH_BODY_NOT_PLAIN = -1,      /* a value that the model does not have */
	LUGH_BODY_CYCLE = -2,          /* a value that contains itself */
	LUGH_BODY_TOO_DEEP = -3,       /* more than LUGH_BODY_DEPTH containers open */
	LUGH_BODY_TOO_LARGE = -4,      /* more bytes than the buffer has, or than LUGH_BODY_BYTES or LUGH_BODY_KEY_BYTES */
	LUGH_BODY_TOO_MANY = -5,       /* more than LUGH_BODY_ITEMS or LUGH_BODY_KEYS */
	LUGH_BODY_BAD_TEXT = -6,       /* a lone surrogate, or bytes that are not UTF-8 */
	LUGH_BODY_TOO_MANY_NAMES = -7, /* the receiver has taken up as many new names as it may */
	LUGH_BODY_MALFORMED = LUGH_CBOR_MALFORMED,       /* no CBOR, or cut off, or followed by more bytes */
	LUGH_BODY_NOT_SHORTEST = LUGH_CBOR_NOT_SHORTEST, /* CBOR in another form than the one: long heads, key order */
	LUGH_BODY_FOREIGN = LUGH_CBOR_FOREIGN,           /* CBOR that the model does not have */
};

/* What an answer means, as a phrase for logs and refusals. Static text, never NULL. */
const char *lugh_body_error_text(int code);

/* ---- the machine's part ---------------------------------------------------------------------------------------- */

/*
 * What the codec remembers of one machine. The machine layer embeds it beside the engine's machine, begins it when the
 * machine is created and gives it to every call; it holds no resource and needs no end.
 */
typedef struct {
	uint32_t serial;        /* tells the machine's own names from those of all others in the shared tables */
	uint32_t names;         /* names taken up from bodies so far */
	uint32_t names_limit;   /* and how many there may be */
	uint32_t encoded_cost;  /* lugh_body_decoded_cost of the last body encoded here, for free */
} lugh_body_state;

void lugh_body_state_begin(lugh_body_state *state, uint32_t names_limit);

/* Forgets what the static tables know of the root's names. To be called whenever a root is destroyed. */
void lugh_body_forget_root(void);

/* ---- encode, check, decode ------------------------------------------------------------------------------------- */

/*
 * Writes the value into the buffer and its size into *length. Allocates nothing in the engine, so it neither collects
 * nor leaves by longjmp, and value may lie anywhere in the machine. On refusal answers a negative code, leaves *length
 * alone, and writes where and why into path ("$.samples[3].x: function"), cut to path_size; path may be NULL when
 * path_size is 0. capacity counts up to LUGH_BODY_BYTES. What is in the buffer after a refusal means nothing.
 */
int lugh_body_encode(txMachine *the, lugh_body_state *state, const txSlot *value, uint8_t *buffer, size_t capacity,
	size_t *length, char *path, size_t path_size);

/*
 * Answers LUGH_BODY_OK when the bytes are one whole body: well-formed, deterministic, within the limits and of our
 * model. Pure C, iterative, allocates nothing: for bytes that come from anywhere else than lugh_body_encode.
 */
int lugh_body_check(const uint8_t *bytes, size_t length);

/*
 * Pushes the value on the engine's stack. Refuses exactly what lugh_body_check refuses, and a body that would take the
 * receiver beyond its names_limit; then nothing is pushed, and what was built is left to the collector. The engine may
 * collect, and may leave by longjmp when the machine is out of memory, stack or names: hold no resource across this
 * call, and keep bytes outside of the engine's heap. Not metered.
 */
int lugh_body_decode(txMachine *the, lugh_body_state *state, const uint8_t *bytes, size_t length);

/*
 * What the decoded value will occupy in a receiver, in slots of LUGH_BODY_SLOT_BYTES, so that it can be charged to
 * the sender: an array of one-byte numbers becomes 32 times its size. Without names, which are bounded apart. Pure C.
 * Answers a negative code for bytes that lugh_body_check refuses.
 */
int32_t lugh_body_decoded_cost(const uint8_t *bytes, size_t length);

#endif
