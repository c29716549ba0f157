/*
 * What a message costs: encoding in one machine, decoding in another, with the collector's share of it.
 */
#include <time.h>

#include "body_test.h"

/* The best of several batches: what else runs on the machine only ever adds. */
enum { BATCHES = 20, ROUNDS = 20000, SENDER_SLOTS = 512, RECEIVER_SLOTS = 512 };

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

static body there;
static uint32_t sum; /* keeps the compiler from leaving the work out */

static void encode_batch(peer *peer)
{
	for (int round = 0; round < ROUNDS; round++) {
		encode_top(peer, &there);
		sum += (uint32_t)there.length;
	}
}

static void decode_batch(peer *peer)
{
	txSlot *stack = peer->the->stack;
	for (int round = 0; round < ROUNDS; round++) {
		sum += (uint32_t)lugh_body_decode(peer->the, &peer->state, there.bytes, there.length);
		peer->the->stack = stack;
	}
}

static void check_batch(peer *peer)
{
	(void)peer;
	for (int round = 0; round < ROUNDS; round++) sum += (uint32_t)lugh_body_check(there.bytes, there.length);
}

static double best_nanos(void (*batch)(peer *peer), peer *peer)
{
	double best = 1e9;
	for (int count = 0; count < BATCHES; count++) {
		double start = now_nanos();
		batch(peer);
		double each = (now_nanos() - start) / ROUNDS;
		if (each < best) best = each;
	}
	return best;
}

static int measure(const shape *shape)
{
	peer sender = peer_create(SENDER_SLOTS, LUGH_BODY_NAMES), receiver = peer_create(RECEIVER_SLOTS, LUGH_BODY_NAMES);
	if (body_machine_evaluate(sender.the, shape->source)) return 1;
	double encode = best_nanos(encode_batch, &sender), decode = best_nanos(decode_batch, &receiver);
	double check = best_nanos(check_batch, &sender);
	printf("%-26s %5zu B  encode %6.1f  decode %6.1f  both %6.1f  check %6.1f ns\n", shape->name, there.length, encode, decode,
		encode + decode, check);
	peer_delete(&sender);
	peer_delete(&receiver);
	return there.code != 0 || sum == 0;
}

int run_bench(void)
{
	int answer = 0;
	for (size_t index = 0; index < sizeof shapes / sizeof *shapes; index++) answer |= measure(&shapes[index]);
	return answer;
}
