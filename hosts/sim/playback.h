/*
 * The other source of the waveform port: samples of a record, played as they were recorded.
 *
 * A record is one wave, so all nodes of a worker hear the same ring of frames (a sample of each line), which sim/ fills
 * ahead of their clocks. Frames lie on a grid of 250 µs of UTC, and a block begins at the first of them that is not before its
 * time: its samples are those of the record, and its time says exactly when they were.
 */
#ifndef LUGH_SIM_PLAYBACK_H
#define LUGH_SIM_PLAYBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LUGH_PLAYBACK_RATE = 4000, /* frames in a second */
	LUGH_PLAYBACK_LINES = 3,
	LUGH_PLAYBACK_FRAMES = 1 << 16, /* 16 s: twelve ahead of the clock, and four behind for a node that is late */
	LUGH_PLAYBACK_BLOCK = 80,
};

enum {
	LUGH_PLAYBACK_OFF_GRID = -1,
	LUGH_PLAYBACK_DISORDER = -2,
	LUGH_PLAYBACK_TOO_LONG = -3,
	LUGH_PLAYBACK_NO_SCALE = -4,
};

/* All zeros is an empty one. volts_per_count is open for reading; everything else belongs to playback.c. */
typedef struct {
	double volts_per_count; /* of the frames added last */
	int64_t begin, end;     /* numbers of frames since 1970: from begin on they are in the ring, and end is the next */
	int32_t frames[LUGH_PLAYBACK_FRAMES][LUGH_PLAYBACK_LINES];
} lugh_playback;

/*
 * Adds frames behind those that are there; what lies between is a gap. `values` are 32 bits each, little endian, the
 * lines interleaved; `time` is that of the first, in microseconds of UTC. 0, or a negative reason and nothing was done.
 */
int lugh_playback_add(lugh_playback *playback, int64_t time, double volts_per_count, const uint8_t *values, size_t frames);
const char *lugh_playback_reason(int reason);

/*
 * The block at `time`, which moves on to the time of its first frame. false: some of its frames are not known (not yet or no
 * longer in the ring, or a gap), and nothing was changed.
 */
bool lugh_playback_block(const lugh_playback *playback, int64_t *time, int32_t samples[LUGH_PLAYBACK_BLOCK * LUGH_PLAYBACK_LINES]);

#endif
