/*
 * What a message costs: encoding in one machine, decoding in another, with the collector's share of it.
 */
#include <time.h>

#include "body_test.h"

enum { ROUNDS = 400000 };

typedef struct {
	const char *name;
	const char *source;
} shape;

static const shape shapes[] = {
	{ "{seq, value}", "({ seq: 12, value: 3.25 })" },
	{ "ten fields with strings", "({ site: 'toledo', node: 'node-1', name: 'voltage', unit: 'V', seq: 4711, timeMicros: 1745843600000000,"
		" u1: 25981.5, u2: 25979.25, u3: 25980.75, flagged: false })" },
	{ "Int32Array(240)", "new Int32Array(240).map((_, index) => index * 1000)" },
	{ "waveform block", "({ samples: new Int32Array(240), voltsPerCount: 0.01, samplesPerSecond: 4000, timeMicros: 1745843600000000,"
		" timeQualityMicros: 50, sequence: 123456 })" },
	{ "reading", "({ timeMicros: 1745843600000000, timeQualityMicros: 50, sequence: 17, u1: 25981.537, u2: 25979.251, u3: null, f: 49.987,"
		" flagged: false })" },
	{ "array of 100 numbers", "Array.from({ length: 100 }, (_, index) => index / 4)" },
};

static double now_nanos(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int measure(const shape *shape)
{
	static body there;
	uint32_t sum = 0;
	peer sender = peer_create(512, LUGH_BODY_NAMES), receiver = peer_create(512, LUGH_BODY_NAMES);
	txSlot *stack = receiver.the->stack;
	if (body_machine_evaluate(sender.the, shape->source)) return 1;
	double start = now_nanos();
	for (int round = 0; round < ROUNDS; round++) {
		encode_top(&sender, &there);
		sum += (uint32_t)there.length;
	}
	double encoded = now_nanos();
	for (int round = 0; round < ROUNDS; round++) {
		sum += (uint32_t)lugh_body_decode(receiver.the, &receiver.state, there.bytes, there.length);
		receiver.the->stack = stack;
	}
	double decoded = now_nanos();
	for (int round = 0; round < ROUNDS; round++) sum += (uint32_t)lugh_body_check(there.bytes, there.length);
	double checked = now_nanos();
	printf("%-26s %5zu B  encode %6.1f  decode %6.1f  both %6.1f  check %6.1f ns%s\n", shape->name, there.length,
		(encoded - start) / ROUNDS, (decoded - encoded) / ROUNDS, (decoded - start) / ROUNDS, (checked - decoded) / ROUNDS,
		sum == (uint32_t)(ROUNDS * there.length) ? "" : " FAILED");
	peer_delete(&sender);
	peer_delete(&receiver);
	return there.code != 0;
}

int run_bench(void)
{
	int answer = 0;
	for (size_t index = 0; index < sizeof shapes / sizeof *shapes; index++) answer |= measure(&shapes[index]);
	return answer;
}
