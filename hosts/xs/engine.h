/*
 * The one door to the engine's own header, for the glue files that touch JavaScript values.
 *
 * The engine's sources do not compile without warnings under our flags, so its header is taken as a system header. Two
 * rules for whoever includes this: fetch chunk pointers (strings, buffers) again after any call that may allocate, and
 * never give mxPushSlot an argument that reads the->stack, because it moves the stack first.
 */
#ifndef LUGH_ENGINE_H
#define LUGH_ENGINE_H

#pragma GCC system_header
#include "xsAll.h"

#endif
