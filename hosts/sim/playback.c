/*
 * Plays samples of a record; playback.h says what and why.
 *
 * A frame has its place in the ring by its number, and an unknown one is marked by a count that no sample has. So adding and
 * reading need no more than copying, and a gap costs nothing to find.
 */
#include "playback.h"

#include <string.h>

enum { FRAME_MICROS = 1000000 / LUGH_PLAYBACK_RATE };

static const int32_t unknown = INT32_MIN;

static const int32_t *frame_at(const lugh_playback *playback, int64_t number)
{
	return playback->frames[(uint64_t)number % LUGH_PLAYBACK_FRAMES];
}

static int32_t value_at(const uint8_t *bytes)
{
	return (int32_t)((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24);
}

static void put_frame(lugh_playback *playback, int64_t number, const uint8_t *values)
{
	int32_t *frame = playback->frames[(uint64_t)number % LUGH_PLAYBACK_FRAMES];
	for (int line = 0; line < LUGH_PLAYBACK_LINES; line++)
		frame[line] = values ? value_at(values + 4 * line) : unknown;
}

/* Nothing is known up to `number`. A gap longer than the ring leaves nothing in it. */
static void skip_to(lugh_playback *playback, int64_t number)
{
	if (playback->end == playback->begin || number - playback->end >= LUGH_PLAYBACK_FRAMES)
		playback->begin = playback->end = number;
	while (playback->end < number)
		put_frame(playback, playback->end++, NULL);
}

int lugh_playback_add(lugh_playback *playback, int64_t time, double volts_per_count, const uint8_t *values, size_t frames)
{
	int64_t number = time / FRAME_MICROS;
	if (time < 0 || time % FRAME_MICROS)
		return LUGH_PLAYBACK_OFF_GRID;
	if (number < playback->end)
		return LUGH_PLAYBACK_DISORDER;
	if (frames > LUGH_PLAYBACK_FRAMES)
		return LUGH_PLAYBACK_TOO_LONG;
	if (!(volts_per_count > 0))
		return LUGH_PLAYBACK_NO_SCALE;
	skip_to(playback, number);
	for (size_t index = 0; index < frames; index++)
		put_frame(playback, playback->end++, values + 4 * LUGH_PLAYBACK_LINES * index);
	if (playback->end - playback->begin > LUGH_PLAYBACK_FRAMES)
		playback->begin = playback->end - LUGH_PLAYBACK_FRAMES;
	playback->volts_per_count = volts_per_count;
	return 0;
}

const char *lugh_playback_reason(int reason)
{
	switch (reason) {
	case 0: return "added";
	case LUGH_PLAYBACK_OFF_GRID: return "samples begin at a multiple of 250 microseconds";
	case LUGH_PLAYBACK_DISORDER: return "samples lie before the end of those in front of them";
	case LUGH_PLAYBACK_TOO_LONG: return "more samples than fit";
	case LUGH_PLAYBACK_NO_SCALE: return "voltsPerCount must be above 0";
	default: return "unknown reason";
	}
}

bool lugh_playback_block(const lugh_playback *playback, int64_t *time, int32_t samples[LUGH_PLAYBACK_BLOCK * LUGH_PLAYBACK_LINES])
{
	int64_t first = (*time + FRAME_MICROS - 1) / FRAME_MICROS;
	if (*time < 0 || first < playback->begin || first + LUGH_PLAYBACK_BLOCK > playback->end)
		return false;
	for (int64_t number = first; number < first + LUGH_PLAYBACK_BLOCK; number++)
		if (frame_at(playback, number)[0] == unknown)
			return false;
	for (int index = 0; index < LUGH_PLAYBACK_BLOCK; index++)
		memcpy(samples + LUGH_PLAYBACK_LINES * index, frame_at(playback, first + index), sizeof(playback->frames[0]));
	*time = first * FRAME_MICROS;
	return true;
}
