/*
 * The virtual waveform port: three voltages of a grid as samples, synthesised from set points.
 *
 * Between two set points voltages and frequency change along straight lines, and the angle goes on without a jump. A
 * thousand nodes share one thread, so a sample costs a few nanoseconds: the wave is a rotating pointer, not a sine. All
 * of it is plain arithmetic without libm, hence the same bits on every machine (build with -ffp-contract=off). Nothing
 * allocates.
 */
#ifndef LUGH_SIM_WAVEFORM_H
#define LUGH_SIM_WAVEFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LUGH_WAVEFORM_RATE = 4000, /* samples of a line in a second */
	LUGH_WAVEFORM_SAMPLES = 80, /* of a line in a block of 20 ms */
	LUGH_WAVEFORM_LINES = 3,
	LUGH_WAVEFORM_SETPOINTS = 32, /* a minute of a record with one every 2 s */
	LUGH_WAVEFORM_TONES = 8,
};

enum {
	LUGH_WAVEFORM_FULL = -1,
	LUGH_WAVEFORM_DISORDER = -2, /* a set point before the one in front of it */
};

typedef struct {
	int64_t at; /* microseconds of UTC */
	double volts[LUGH_WAVEFORM_LINES]; /* phase to neutral, rms */
	double hertz;
	bool continues; /* false: nothing is known until the next set point */
} lugh_setpoint;

/* A harmonic, or an interharmonic: its order is a multiple of 0.001. The ratio is to the fundamental's amplitude. */
typedef struct {
	double order, ratio;
} lugh_tone;

/* What makes one node's wave its own. */
typedef struct {
	double declared_volts; /* phase to neutral, rms, above 0; sets the scale */
	double phase_turns;    /* angle of line 1 at the start */
	double noise_ratio;    /* standard deviation of white noise, relative to the declared voltage */
	lugh_tone tones[LUGH_WAVEFORM_TONES];
	size_t tone_count;
} lugh_waveform_traits;

/* volts_per_count is open for reading; everything else belongs to waveform.c. */
typedef struct {
	double volts_per_count;
	lugh_waveform_traits traits;
	uint64_t random;
	double turns; /* angle of line 1 where the next block begins */
	lugh_setpoint setpoints[LUGH_WAVEFORM_SETPOINTS];
	size_t first, count;
} lugh_waveform;

/* Begins without set points, for 230 V and without noise until lugh_waveform_describe says otherwise. */
void lugh_waveform_begin(lugh_waveform *waveform, uint64_t seed);

/* Before the first block. Full scale of the 24 bits is 2.5 times the declared voltage: 177 % of its peak. */
void lugh_waveform_describe(lugh_waveform *waveform, const lugh_waveform_traits *traits);

/* Adds set points behind those that wait: all of them and 0, or none and a negative reason. */
int lugh_waveform_set(lugh_waveform *waveform, const lugh_setpoint *setpoints, size_t count);
const char *lugh_waveform_reason(int reason);

/* How many more set points fit. Those that time has passed leave with the next block. */
size_t lugh_waveform_room(const lugh_waveform *waveform);

/*
 * The block whose first sample is at `time`: 80 samples of each line, interleaved L1 L2 L3, in counts of 24 bits. Blocks
 * go forward in time. false: some of it lies where nothing is known (no set points yet, none left, a gap, or the seam
 * where a world loops), and `samples` is untouched.
 */
bool lugh_waveform_block(lugh_waveform *waveform, int64_t time, int32_t samples[LUGH_WAVEFORM_SAMPLES * LUGH_WAVEFORM_LINES]);

#endif
