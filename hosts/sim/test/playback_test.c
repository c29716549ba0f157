/*
 * Puts the playback at the disposal of tests/comtrade-playback.test.ts: commands as text on standard input, an answer in a
 * line each.
 *
 *   add MICROS VOLTS_PER_COUNT FRAMES FIRST   frames whose lines are FIRST, FIRST + 1, FIRST + 2, and so on: the reason
 *   block MICROS                              "none", or: its time, its first and its last sample
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "playback.h"

enum { VALUES = LUGH_PLAYBACK_BLOCK * LUGH_PLAYBACK_LINES };

static lugh_playback playback;

static int add(int64_t time, double scale, size_t frames, int32_t first)
{
	uint8_t *bytes = malloc(frames * 12 + 1); /* by byte, for the frames of a command are not aligned */
	uint8_t *at = bytes + 1;
	for (size_t index = 0; bytes && index < 3 * frames; index++, at += 4) {
		uint32_t value = (uint32_t)(first + (int32_t)index);
		for (int byte = 0; byte < 4; byte++)
			at[byte] = (uint8_t)(value >> 8 * byte);
	}
	int reason = bytes ? lugh_playback_add(&playback, time, scale, bytes + 1, frames) : 0;
	free(bytes);
	return reason;
}

int main(void)
{
	char line[160];
	while (fgets(line, sizeof(line), stdin)) {
		int64_t time;
		double scale;
		size_t frames;
		int32_t first, samples[VALUES];
		if (sscanf(line, "add %" SCNd64 " %lf %zu %" SCNd32, &time, &scale, &frames, &first) == 4)
			puts(lugh_playback_reason(add(time, scale, frames, first)));
		else if (sscanf(line, "block %" SCNd64, &time) != 1)
			return 1;
		else if (!lugh_playback_block(&playback, &time, samples))
			puts("none");
		else
			printf("%" PRId64 " %" PRId32 " %" PRId32 " %g\n", time, samples[0], samples[VALUES - 1], playback.volts_per_count);
	}
	return 0;
}
