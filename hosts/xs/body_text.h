/*
 * The engine's strings and UTF-8.
 *
 * Inside the engine a string ends with NUL, U+0000 is the pair C0 80, and a character above U+FFFF is two surrogates of
 * three bytes each when the engine is built with mxCESU8, else four bytes; even then a program can put two surrogates
 * side by side. So the same text may have several forms inside and has one outside: compare and measure by code point.
 */
#ifndef LUGH_BODY_TEXT_H
#define LUGH_BODY_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* What code points order before: the end of a text, and an ill-formed place. */
enum { LUGH_TEXT_END = -1, LUGH_TEXT_ILL_FORMED = -2 };

/* The code point at *text, which moves behind it; at the end and at an ill-formed place it stays. */
int32_t lugh_text_point(const char **text);

/* Bytes in UTF-8, -1 for a lone surrogate or anything else that has no UTF-8 form. */
ptrdiff_t lugh_text_measure(const char *text);

/* Writes a text that was measured; answers what is behind it. */
uint8_t *lugh_text_write(uint8_t *at, const char *text);

/* Orders two measured texts as their UTF-8 bytes would. */
int lugh_text_compare(const char *left, const char *right);

/* Bytes that UTF-8 takes inside the engine, without the NUL; -1 when it is ill-formed. */
ptrdiff_t lugh_text_inner_size(const uint8_t *bytes, size_t length);

/* Writes well-formed UTF-8 as the engine has it, with its NUL. */
void lugh_text_inner(char *text, const uint8_t *bytes, size_t length);

#endif
