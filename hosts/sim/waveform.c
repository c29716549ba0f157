/*
 * Synthesises blocks of samples; waveform.h says what and why.
 *
 * A block is cut at the set points in it. Within a piece the fundamental is a pointer of length 1 that turns by a step
 * from sample to sample, and the step itself turns, since the frequency changes evenly. Angles are kept in turns, and each
 * piece begins from the exact angle, so that rounding never adds up over more than 80 samples. A tone is the same pointer
 * at a multiple of the angle; a line is the pointer turned by a third.
 */
#include "waveform.h"

enum {
	VALUES = LUGH_WAVEFORM_SAMPLES * LUGH_WAVEFORM_LINES,
	SAMPLE_MICROS = 1000000 / LUGH_WAVEFORM_RATE,
	WRAP_TURNS = 1000, /* not 1: a tone of order 2.5 makes a whole number of turns only every second one */
};

static const int64_t block_micros = LUGH_WAVEFORM_SAMPLES * SAMPLE_MICROS;
static const double largest_count = 8388607;
static const double full_scale = 2.5;
static const double sqrt_2 = 1.4142135623730951;
static const double two_pi = 6.283185307179586;

typedef struct {
	double cosine, sine;
} pointer;

static pointer turn(pointer by, pointer from)
{
	return (pointer){ from.cosine * by.cosine - from.sine * by.sine, from.sine * by.cosine + from.cosine * by.sine };
}

/* The fraction of a number of turns, in [0, 1). */
static double fraction(double turns)
{
	double rest = turns - (double)(int64_t)turns;
	return rest < 0 ? rest + 1 : rest;
}

/* The pointer at an angle: the nearest quarter turn, and a series for the eighth of a turn that is left. */
static pointer at_angle(double turns)
{
	double part = fraction(turns);
	int quarter = (int)(4 * part + 0.5);
	double x = two_pi * (part - 0.25 * quarter), x2 = x * x;
	double sine = x * (1 - x2 / 6 * (1 - x2 / 20 * (1 - x2 / 42 * (1 - x2 / 72 * (1 - x2 / 110 * (1 - x2 / 156))))));
	double cosine = 1 - x2 / 2 * (1 - x2 / 12 * (1 - x2 / 30 * (1 - x2 / 56 * (1 - x2 / 90 * (1 - x2 / 132)))));
	switch (quarter & 3) {
	case 1: return (pointer){ -sine, cosine };
	case 2: return (pointer){ -cosine, -sine };
	case 3: return (pointer){ sine, -cosine };
	default: return (pointer){ cosine, sine };
	}
}

/* ---- set points ---- */

static const lugh_setpoint *setpoint_at(const lugh_waveform *waveform, size_t index)
{
	return &waveform->setpoints[(waveform->first + index) % LUGH_WAVEFORM_SETPOINTS];
}

void lugh_waveform_begin(lugh_waveform *waveform, uint64_t seed)
{
	*waveform = (lugh_waveform){ .random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1 };
	lugh_waveform_describe(waveform, &(lugh_waveform_traits){ .declared_volts = 230 });
}

void lugh_waveform_describe(lugh_waveform *waveform, const lugh_waveform_traits *traits)
{
	waveform->traits = *traits;
	if (waveform->traits.tone_count > LUGH_WAVEFORM_TONES)
		waveform->traits.tone_count = LUGH_WAVEFORM_TONES;
	waveform->volts_per_count = full_scale * traits->declared_volts / (largest_count + 1);
	waveform->turns = fraction(traits->phase_turns);
}

size_t lugh_waveform_room(const lugh_waveform *waveform)
{
	return LUGH_WAVEFORM_SETPOINTS - waveform->count;
}

int lugh_waveform_set(lugh_waveform *waveform, const lugh_setpoint *setpoints, size_t count)
{
	if (count > lugh_waveform_room(waveform))
		return LUGH_WAVEFORM_FULL;
	int64_t last = waveform->count ? setpoint_at(waveform, waveform->count - 1)->at : INT64_MIN;
	for (size_t index = 0; index < count; last = setpoints[index++].at) {
		if (setpoints[index].at < last)
			return LUGH_WAVEFORM_DISORDER;
	}
	for (size_t index = 0; index < count; index++)
		waveform->setpoints[(waveform->first + waveform->count++) % LUGH_WAVEFORM_SETPOINTS] = setpoints[index];
	return 0;
}

const char *lugh_waveform_reason(int reason)
{
	switch (reason) {
	case 0: return "set";
	case LUGH_WAVEFORM_FULL: return "more set points wait than fit";
	case LUGH_WAVEFORM_DISORDER: return "a set point lies before the one in front of it";
	default: return "unknown reason";
	}
}

/* Forgets what lies before a moment, but for the set point from which it is reached. */
static void pass_to(lugh_waveform *waveform, int64_t time)
{
	while (waveform->count > 1 && setpoint_at(waveform, 1)->at < time) {
		waveform->first = (waveform->first + 1) % LUGH_WAVEFORM_SETPOINTS;
		waveform->count--;
	}
}

/* Is every moment from `time` to the end of its block between set points that continue? */
static bool is_known(const lugh_waveform *waveform, int64_t time)
{
	if (waveform->count == 0 || setpoint_at(waveform, 0)->at > time)
		return false;
	for (size_t index = 0; index < waveform->count; index++) {
		const lugh_setpoint *setpoint = setpoint_at(waveform, index);
		if (setpoint->at >= time + block_micros)
			return true;
		/* What ends at the begin of the block is over, unless it is a seam, which takes no time and yet must show. */
		bool is_over = setpoint->at < time && index + 1 < waveform->count && setpoint_at(waveform, index + 1)->at <= time;
		if (!setpoint->continues && !is_over)
			return false;
	}
	return false;
}

/* ---- samples ---- */

/* Values at the begin of a piece, and how they change with each microsecond. */
typedef struct {
	double volts[LUGH_WAVEFORM_LINES], volts_slope[LUGH_WAVEFORM_LINES];
	double hertz, hertz_slope;
} course;

static course course_at(const lugh_setpoint *from, const lugh_setpoint *to, int64_t time)
{
	course here;
	double length = (double)(to->at - from->at), passed = (double)(time - from->at);
	for (int line = 0; line < LUGH_WAVEFORM_LINES; line++) {
		here.volts_slope[line] = (to->volts[line] - from->volts[line]) / length;
		here.volts[line] = from->volts[line] + here.volts_slope[line] * passed;
	}
	here.hertz_slope = (to->hertz - from->hertz) / length;
	here.hertz = from->hertz + here.hertz_slope * passed;
	return here;
}

/* Turns that the angle makes in so many microseconds from the begin of the course. */
static double turns_in(const course *course, double micros)
{
	return (course->hertz + 0.5 * course->hertz_slope * micros) * micros * 1e-6;
}

/* The part of a block between two set points: samples from first to end, the first so far into the course. */
typedef struct {
	course course;
	double turns; /* at the begin of the course */
	double counts_per_volt; /* peak counts of a volt rms */
	double micros;
	int first, end;
} piece;

/* Adds the fundamental (order 1) or a tone over it. */
static void add_tone(double *values, const piece *piece, lugh_tone tone)
{
	const course *course = &piece->course;
	double hertz = course->hertz + course->hertz_slope * piece->micros;
	double bend = course->hertz_slope * SAMPLE_MICROS * SAMPLE_MICROS * 1e-6;
	pointer now = at_angle(tone.order * (piece->turns + turns_in(course, piece->micros)));
	pointer step = at_angle(tone.order * (hertz * SAMPLE_MICROS * 1e-6 + 0.5 * bend));
	pointer change = at_angle(tone.order * bend);
	pointer third = at_angle(tone.order / -3), two_thirds = at_angle(tone.order * -2 / 3);
	double peak[LUGH_WAVEFORM_LINES], growth[LUGH_WAVEFORM_LINES];
	for (int line = 0; line < LUGH_WAVEFORM_LINES; line++) {
		double scale = tone.ratio * piece->counts_per_volt;
		peak[line] = scale * (course->volts[line] + course->volts_slope[line] * piece->micros);
		growth[line] = scale * course->volts_slope[line] * SAMPLE_MICROS;
	}
	for (double *value = values + 3 * piece->first; value < values + 3 * piece->end; value += 3) {
		value[0] += peak[0] * now.sine;
		value[1] += peak[1] * (now.sine * third.cosine + now.cosine * third.sine);
		value[2] += peak[2] * (now.sine * two_thirds.cosine + now.cosine * two_thirds.sine);
		peak[0] += growth[0];
		peak[1] += growth[1];
		peak[2] += growth[2];
		now = turn(step, now);
		step = turn(change, step);
	}
}

/* The fundamental and all tones from one moment to another of the block at `time`; moves the angle on. */
static void add_piece(lugh_waveform *waveform, double *values, course course, int64_t time, int64_t begin, int64_t end)
{
	int first = (int)((begin - time + SAMPLE_MICROS - 1) / SAMPLE_MICROS);
	piece piece = {
		.course = course,
		.turns = waveform->turns,
		.counts_per_volt = sqrt_2 / waveform->volts_per_count,
		.micros = (double)(time + (int64_t)first * SAMPLE_MICROS - begin),
		.first = first,
		.end = (int)((end - time + SAMPLE_MICROS - 1) / SAMPLE_MICROS),
	};
	add_tone(values, &piece, (lugh_tone){ 1, 1 });
	for (size_t index = 0; index < waveform->traits.tone_count; index++)
		add_tone(values, &piece, waveform->traits.tones[index]);
	waveform->turns += turns_in(&course, (double)(end - begin));
	if (waveform->turns >= WRAP_TURNS)
		waveform->turns -= WRAP_TURNS;
}

/* Three sums of three numbers of 7 bits from one draw (xorshift): bell-shaped enough, at a third of the price. */
static void add_noise(lugh_waveform *waveform, double *values)
{
	const double mean = 3 * 63.5, deviation = 63.9980468452; /* of such a sum */
	double scale = waveform->traits.noise_ratio * waveform->traits.declared_volts / waveform->volts_per_count / deviation;
	uint64_t random = waveform->random;
	for (double *value = values; value < values + VALUES; value += 3) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		for (int line = 0; line < 3; line++) {
			uint64_t bits = random >> (1 + 21 * line);
			value[line] += scale * ((double)(int)((bits & 127) + (bits >> 7 & 127) + (bits >> 14 & 127)) - mean);
		}
	}
	waveform->random = random;
}

static void round_values(const double *values, int32_t *samples)
{
	for (int index = 0; index < VALUES; index++) {
		double value = values[index] < largest_count ? values[index] : largest_count;
		value = value > -largest_count ? value : -largest_count;
		samples[index] = (int32_t)(value + __builtin_copysign(0.5, value));
	}
}

bool lugh_waveform_block(lugh_waveform *waveform, int64_t time, int32_t samples[LUGH_WAVEFORM_SAMPLES * LUGH_WAVEFORM_LINES])
{
	pass_to(waveform, time);
	if (!is_known(waveform, time))
		return false;
	double values[VALUES] = { 0 };
	int64_t end = time + block_micros;
	for (size_t index = 0; index + 1 < waveform->count; index++) {
		const lugh_setpoint *from = setpoint_at(waveform, index), *to = setpoint_at(waveform, index + 1);
		int64_t begin = from->at > time ? from->at : time;
		int64_t stop = to->at < end ? to->at : end;
		if (begin < stop)
			add_piece(waveform, values, course_at(from, to, begin), time, begin, stop);
	}
	if (waveform->traits.noise_ratio > 0)
		add_noise(waveform, values);
	round_values(values, samples);
	return true;
}
