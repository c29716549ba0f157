/*
 * The worker's loop: nodes in a heap by the time of their next work, sockets and the pipe in epoll.
 *
 * `lugh-sim IMAGE [--virtual] [--ask]`. With --ask what the table does not grant is asked for (stand_in.c). In virtual time nothing moves but by `advance`, which works through the heap in the
 * order (time, node): the same commands give the same run. Sockets exist in live time only.
 */
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_EACH_TURN = 64, INPUT = 0xffffffff };

static lugh_root *root;
static lugh_playback playback;
static bool is_virtual;
static bool asks;
static bool is_paused;
static int64_t held_at = -1; /* live time since which it stands still; -1: it goes */
static int64_t virtual_now;
static int64_t started_at;
static bool is_stopping;
static int poller;

static sim_node **nodes; /* by index; NULL where there is none */
static size_t node_limit;
static sim_node **heap;
static size_t heap_count;

/* ---- time ---- */

static int64_t monotonic(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t worker_now(void)
{
	if (is_virtual)
		return virtual_now;
	return held_at >= 0 ? held_at : monotonic() - started_at;
}

bool worker_hold(bool is_held)
{
	bool was_held = held_at >= 0;
	if (is_virtual || is_held == was_held)
		return was_held;
	if (is_held)
		held_at = monotonic() - started_at;
	else {
		started_at = monotonic() - held_at;
		held_at = -1;
	}
	return was_held;
}

bool worker_is_virtual(void)
{
	return is_virtual;
}

bool worker_asks(void)
{
	return asks;
}

lugh_root *worker_root(void)
{
	return root;
}

lugh_playback *worker_playback(void)
{
	return &playback;
}

void worker_stop(void)
{
	is_stopping = true;
}

/* ---- the heap: earliest first, ties by index ---- */

static bool is_before(const sim_node *a, const sim_node *b)
{
	return a->wake_at != b->wake_at ? a->wake_at < b->wake_at : a->index < b->index;
}

static void put(size_t at, sim_node *node)
{
	heap[at] = node;
	node->heap_index = at;
}

static void sift(sim_node *node)
{
	size_t at = node->heap_index;
	while (at && is_before(node, heap[(at - 1) / 2])) {
		put(at, heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	for (;;) {
		size_t child = 2 * at + 1;
		if (child >= heap_count)
			break;
		if (child + 1 < heap_count && is_before(heap[child + 1], heap[child]))
			child++;
		if (!is_before(heap[child], node))
			break;
		put(at, heap[child]);
		at = child;
	}
	put(at, node);
}

void worker_wake(sim_node *node, int64_t at)
{
	if (at >= node->wake_at)
		return;
	node->wake_at = at;
	sift(node);
}

/* ---- nodes ---- */

sim_node *worker_node(int64_t index)
{
	return index >= 0 && (size_t)index < node_limit ? nodes[index] : NULL;
}

static bool make_room(size_t index)
{
	size_t limit = node_limit ? node_limit : 64;
	while (limit <= index)
		limit *= 2;
	if (limit == node_limit)
		return true;
	sim_node **grown = realloc(nodes, limit * sizeof(*nodes));
	if (!grown)
		return false;
	nodes = grown;
	memset(nodes + node_limit, 0, (limit - node_limit) * sizeof(*nodes));
	sim_node **more = realloc(heap, limit * sizeof(*heap));
	if (!more)
		return false;
	heap = more;
	node_limit = limit;
	return true;
}

sim_node *worker_add(int64_t index)
{
	if (index < 0 || index > 99999 || worker_node(index) || !make_room((size_t)index))
		return NULL;
	sim_node *node = calloc(1, sizeof(*node));
	if (!node)
		return NULL;
	node->index = (int)index;
	node->wake_at = INT64_MAX;
	nodes[index] = node;
	heap_count++;
	node->heap_index = heap_count - 1;
	heap[heap_count - 1] = node;
	return node;
}

void worker_remove(sim_node *node)
{
	sim_node_cut(node);
	sim_node *last = heap[--heap_count];
	if (last != node) {
		put(node->heap_index, last);
		sift(last);
	}
	nodes[node->index] = NULL;
	flash_end(node);
	free(node);
}

/* Works off every node that is due at `now`; each runs once, and again in a later round when it asks for it. */
static void run_due(int64_t now)
{
	for (size_t budget = heap_count; budget && heap_count && heap[0]->wake_at <= now; budget--) {
		sim_node *node = heap[0];
		node->wake_at = INT64_MAX;
		sift(node);
		if (node->node)
			sim_node_run(node);
	}
}

void worker_pause(void)
{
	is_paused = true;
}

int64_t worker_advance(int64_t to, bool pauses)
{
	is_paused = false;
	while (heap_count && heap[0]->wake_at <= to) {
		if (heap[0]->wake_at > virtual_now)
			virtual_now = heap[0]->wake_at;
		run_due(virtual_now);
		if (pauses && is_paused)
			return virtual_now;
	}
	if (to > virtual_now)
		virtual_now = to;
	return virtual_now;
}

/* ---- the loop ---- */

void worker_watch(sim_node *node, uint32_t events, bool is_new)
{
	struct epoll_event event = { .events = events, .data.u64 = (uint64_t)node->index };
	if (epoll_ctl(poller, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, node->socket.descriptor, &event))
		event_log(node, "error", strerror(errno));
}

static int timeout_millis(void)
{
	if (is_virtual || !heap_count || heap[0]->wake_at == INT64_MAX)
		return -1;
	int64_t left = heap[0]->wake_at - worker_now();
	if (left <= 0)
		return 0;
	if (held_at >= 0)
		return -1;
	return left > 60000000 ? 60000 : (int)((left + 999) / 1000);
}

static void take_events(void)
{
	struct epoll_event events[EVENTS_EACH_TURN];
	int count = epoll_wait(poller, events, EVENTS_EACH_TURN, timeout_millis());
	for (int index = 0; index < count; index++) {
		if (events[index].data.u64 == INPUT) {
			if (!frames_read(command_take))
				is_stopping = true;
			continue;
		}
		sim_node *node = worker_node((int64_t)events[index].data.u64);
		if (node && node->node && node->socket.descriptor != -1)
			socket_ready(node, events[index].events);
	}
}

static int work(void *unused)
{
	(void)unused;
	poller = epoll_create1(EPOLL_CLOEXEC);
	fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
	signal(SIGINT, SIG_IGN); /* Ctrl-C reaches the whole group; the end of the input ends the worker, in good order */
	struct epoll_event input = { .events = EPOLLIN, .data.u64 = INPUT };
	if (poller == -1 || epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &input)) {
		fprintf(stderr, "Cannot watch the standard input: wanted a pipe, found: %s\n", strerror(errno));
		return 1;
	}
	while (!is_stopping) {
		take_events();
		if (!is_virtual)
			run_due(worker_now());
		frames_flush();
	}
	for (size_t index = 0; index < node_limit; index++)
		if (nodes[index])
			worker_remove(nodes[index]);
	free(nodes);
	free(heap);
	return 0;
}

static int start(void *argument)
{
	char **arguments = argument;
	char error[512];
	const char *image = arguments[1];
	bool is_known = image != NULL;
	for (char **option = arguments + 2; is_known && *option; option++) {
		is_virtual |= !strcmp(*option, "--virtual");
		asks |= !strcmp(*option, "--ask");
		is_known = !strcmp(*option, "--virtual") || !strcmp(*option, "--ask");
	}
	if (!is_known) {
		fprintf(stderr, "usage: lugh-sim IMAGE [--virtual] [--ask]\n");
		return 2;
	}
	size_t native_count;
	const lugh_native *natives = lugh_node_natives(&native_count);
	lugh_root_options options = { .image_path = image, .natives = natives, .native_count = native_count };
	root = lugh_root_create(&options, error, sizeof(error));
	if (!root) {
		fprintf(stderr, "%s\n", error);
		return 1;
	}
	started_at = monotonic();
	int status = work(NULL);
	lugh_root_destroy(root);
	return status;
}

int main(int count, char **arguments)
{
	(void)count;
	return lugh_machine_thread_main(start, arguments);
}
