/*
 * What hostile programs cost those who contain them: the longest time without a look at the meter, and what stays behind.
 */
#include "hostile_bench.h"

#include <malloc.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

enum {
	LEAST_MICROS = 500, /* a shorter run is not worth interrupting */
	QUICK_MICROS = 1000, /* what counts as quick among the programs that kill */
};

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* ---- latency ---- */

static volatile double interrupted_micros;

static void on_timer(int number)
{
	(void)number;
	interrupted_micros = worked_micros();
	lugh_machine_interrupt();
}

/* A timer of this thread's processor time that rings on this thread. */
static timer_t create_timer(void)
{
	struct sigaction action = { .sa_handler = on_timer };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	timer_t timer;
	event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
	sigaction(SIGUSR1, &action, NULL);
	timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer);
	return timer;
}

static double latency_of(const program *it, timer_t timer, double after_micros)
{
	struct itimerspec when = { .it_value = { .tv_sec = (time_t)(after_micros / 1e6), .tv_nsec = (long)(after_micros * 1e3) % 1000000000 } };
	struct itimerspec never = { 0 };
	interrupted_micros = 0;
	timer_settime(timer, 0, &when, NULL);
	outcome went = attack(it, FROM_HANDLER, LARGE_BYTES);
	double end = worked_micros();
	timer_settime(timer, 0, &never, NULL);
	return interrupted_micros && went.status == LUGH_OUT_OF_BUDGET ? end - interrupted_micros : 0;
}

double measure_latency(const program_list *list, int times, const program **worst)
{
	timer_t timer = create_timer();
	double longest = 0;
	for (int i = 0; i < list->count; i++) {
		const program *it = &list->programs[i];
		for (int share = 1; share <= times && it->micros > LEAST_MICROS; share++) {
			double micros = latency_of(it, timer, it->micros * share / (times + 1));
			if (micros > longest) {
				longest = micros;
				*worst = it;
			}
		}
	}
	timer_delete(timer);
	return longest;
}

/* ---- growth ---- */

static size_t resident_bytes(void)
{
	long pages = 0;
	malloc_trim(0);
	FILE *file = fopen("/proc/self/statm", "r");
	if (!file || fscanf(file, "%*d %ld", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void kill_some(const program_list *list, const int *quick, int quick_count, int kills)
{
	for (int i = 0; i < kills; i++)
		attack(&list->programs[quick[i % quick_count]], (situation)(i / quick_count % FROM_BODY), SMALL_BYTES);
}

size_t measure_growth(const program_list *list, int kills)
{
	int quick[PROGRAM_LIMIT];
	int count = 0;
	for (int i = 0; i < list->count; i++) {
		outcome went = attack(&list->programs[i], FROM_HANDLER, SMALL_BYTES);
		if (went.status != LUGH_OK && went.micros < QUICK_MICROS)
			quick[count++] = i;
	}
	kill_some(list, quick, count, kills < count ? kills : count);
	size_t before = resident_bytes();
	kill_some(list, quick, count, kills);
	size_t after = resident_bytes();
	return after > before ? after - before : 0;
}
