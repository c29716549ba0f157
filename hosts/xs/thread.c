/*
 * The engine's thread, and how deep its C stack may grow.
 *
 * The engine asks for the stack limit at every clone; on a thread of our own the answer is cheap, and it never changes,
 * so it is kept. The main thread would read /proc each time.
 */
#include "layer.h"

#include <pthread.h>

enum {
	STACK_BYTES = 8 * 1024 * 1024,
#ifdef LUGH_SANITIZED
	STACK_RESERVE_BYTES = 2 * 1024 * 1024 /* frames of the sanitizer are many times larger */
#else
	STACK_RESERVE_BYTES = 128 * 1024 /* built-ins use up to that much between two checks */
#endif
};

typedef struct {
	int (*function)(void *argument);
	void *argument;
	int answer;
} errand;

static __thread char *stack_limit;

char *lugh_stack_limit(void)
{
	pthread_attr_t attributes;
	void *lowest = NULL;
	size_t bytes = 0;
	if (stack_limit)
		return stack_limit;
	if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
		pthread_attr_getstack(&attributes, &lowest, &bytes);
		pthread_attr_destroy(&attributes);
	}
	stack_limit = (char *)lowest + STACK_RESERVE_BYTES;
	return stack_limit;
}

static void *run_errand(void *it)
{
	errand *order = it;
	order->answer = order->function(order->argument);
	return NULL;
}

int lugh_machine_thread_main(int (*function)(void *argument), void *argument)
{
	errand order = { function, argument, -1 };
	pthread_attr_t attributes;
	pthread_t thread;
	if (pthread_attr_init(&attributes))
		return -1;
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	if (pthread_create(&thread, &attributes, run_errand, &order) == 0)
		pthread_join(thread, NULL);
	pthread_attr_destroy(&attributes);
	return order.answer;
}
