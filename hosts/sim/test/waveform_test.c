/*
 * Puts the synthesiser at the disposal of tests/world-waveform.test.ts: set points and traits as text on standard input,
 * blocks on standard output.
 *
 *   declared VOLTS | phase TURNS | noise RATIO | seed NUMBER | tone ORDER RATIO
 *   set MICROS VOLTS VOLTS VOLTS HERTZ CONTINUES      answers nothing, or "error REASON" on standard error, exit 1
 *   blocks MICROS COUNT    writes 241 int32 for each block: whether it is measured, and its samples (else zeros)
 *   bench COUNT            writes the nanoseconds that one value takes, as a line of text, to standard error
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "waveform.h"

enum { VALUES = LUGH_WAVEFORM_SAMPLES * LUGH_WAVEFORM_LINES, BLOCK_MICROS = 20000 };

static lugh_waveform waveform;
static lugh_waveform_traits traits = { .declared_volts = 230 };

static int set(const char *line)
{
	lugh_setpoint point;
	int continues;
	if (sscanf(line, "set %" SCNd64 " %lf %lf %lf %lf %d", &point.at, &point.volts[0], &point.volts[1], &point.volts[2],
			&point.hertz, &continues) != 6)
		return 1;
	point.continues = continues != 0;
	int answer = lugh_waveform_set(&waveform, &point, 1);
	if (answer < 0)
		fprintf(stderr, "error %s\n", lugh_waveform_reason(answer));
	return answer < 0;
}

static int write_blocks(int64_t time, int count)
{
	for (int block = 0; block < count; block++, time += BLOCK_MICROS) {
		int32_t record[1 + VALUES] = { 0 };
		record[0] = lugh_waveform_block(&waveform, time, record + 1);
		if (fwrite(record, sizeof(record), 1, stdout) != 1)
			return 1;
	}
	return 0;
}

static int bench(int count)
{
	struct timespec from, to;
	int32_t samples[VALUES];
	int64_t sum = 0;
	const lugh_setpoint points[] = { { 0, { 230, 230, 230 }, 50, true }, { INT64_C(1) << 50, { 231, 230, 229 }, 51, true } };
	lugh_waveform_set(&waveform, points, 2);
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int block = 0; block < count; block++) {
		lugh_waveform_block(&waveform, (int64_t)block * BLOCK_MICROS, samples);
		sum += samples[block % VALUES];
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	double nanos = 1e9 * (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec);
	fprintf(stderr, "%.2f ns/value (sum %" PRId64 ")\n", nanos / count / VALUES, sum);
	return 0;
}

static int take(const char *line)
{
	uint64_t seed;
	int64_t time;
	int count;
	double order, ratio;
	if (sscanf(line, "declared %lf", &traits.declared_volts) == 1 || sscanf(line, "phase %lf", &traits.phase_turns) == 1 ||
		sscanf(line, "noise %lf", &traits.noise_ratio) == 1) {
		lugh_waveform_describe(&waveform, &traits);
		return 0;
	}
	if (sscanf(line, "tone %lf %lf", &order, &ratio) == 2 && traits.tone_count < LUGH_WAVEFORM_TONES) {
		traits.tones[traits.tone_count++] = (lugh_tone){ order, ratio };
		lugh_waveform_describe(&waveform, &traits);
		return 0;
	}
	if (sscanf(line, "seed %" SCNu64, &seed) == 1) {
		lugh_waveform_begin(&waveform, seed);
		lugh_waveform_describe(&waveform, &traits);
		return 0;
	}
	if (sscanf(line, "blocks %" SCNd64 " %d", &time, &count) == 2)
		return write_blocks(time, count);
	if (sscanf(line, "bench %d", &count) == 1)
		return bench(count);
	return set(line);
}

int main(void)
{
	char line[256];
	lugh_waveform_begin(&waveform, 1);
	while (fgets(line, sizeof(line), stdin)) {
		if (take(line)) {
			fprintf(stderr, "Cannot do: %s", line);
			return 1;
		}
	}
	return 0;
}
