/*
 * Frames over the pipes: four bytes of length, big endian, then one item of CBOR. Writing is buffered and flushed once
 * for each turn of the loop; a reader that stops reading stops the worker, which is what a simulator wants.
 */
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint8_t in[FRAME_BYTES + 4];
static size_t in_length;
static uint8_t out[FRAME_BYTES + 4];
static size_t out_length;
static lugh_cbor_writer current;

static uint32_t length_at(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

bool frames_read(void (*take)(const uint8_t *bytes, size_t length))
{
	for (;;) {
		ssize_t got = read(STDIN_FILENO, in + in_length, sizeof(in) - in_length);
		if (got == 0)
			return false;
		if (got < 0)
			return errno == EAGAIN || errno == EINTR;
		in_length += (size_t)got;
		size_t at = 0;
		while (in_length - at >= 4 && length_at(in + at) <= in_length - at - 4) {
			uint32_t length = length_at(in + at);
			take(in + at + 4, length);
			at += 4 + length;
		}
		if (at == 0 && in_length >= 4 && length_at(in) > FRAME_BYTES)
			return false; /* nobody who speaks our frames sends this */
		memmove(in, in + at, in_length - at);
		in_length -= at;
	}
}

void frames_flush(void)
{
	size_t at = 0;
	while (at < out_length) {
		ssize_t put = write(STDOUT_FILENO, out + at, out_length - at);
		if (put > 0)
			at += (size_t)put;
		else if (put < 0 && errno == EAGAIN)
			poll(&(struct pollfd){ .fd = STDOUT_FILENO, .events = POLLOUT }, 1, -1);
		else if (put < 0 && errno != EINTR)
			break; /* nobody listens any more: the end of the input will end the worker */
	}
	out_length = 0;
}

lugh_cbor_writer *frames_begin(void)
{
	if (out_length > sizeof(out) / 2)
		frames_flush();
	lugh_cbor_writer_begin(&current, out + out_length + 4, sizeof(out) - out_length - 4);
	return &current;
}

void frames_end(lugh_cbor_writer *writer)
{
	if (writer->failed)
		return; /* no event is half a frame long: what does not fit was not plain, and is not sent */
	uint8_t *head = out + out_length;
	head[0] = (uint8_t)(writer->length >> 24);
	head[1] = (uint8_t)(writer->length >> 16);
	head[2] = (uint8_t)(writer->length >> 8);
	head[3] = (uint8_t)writer->length;
	out_length += 4 + writer->length;
}
