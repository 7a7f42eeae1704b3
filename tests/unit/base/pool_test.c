#include <straylight/base/pool.h>

#include <straylight/base/vec.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <uv.h>

#include "test.h"

struct job {
	struct pool *pool;
	pthread_t loop_thread;
	atomic_int worked;
	int done, again;
	bool wrong_thread;
};

static void work(void *ud)
{
	struct job *j = ud;

	if (pool_worker() < 0 || pool_worker() >= 4)
		j->wrong_thread = true;
	atomic_fetch_add(&j->worked, 1);
}

static void done(void *ud)
{
	struct job *j = ud;

	if (!pthread_equal(pthread_self(), j->loop_thread) || pool_worker() != -1)
		j->wrong_thread = true;
	j->done++;
	if (j->again) {
		j->again--;
		pool_submit(j->pool, work, done, j);
	}
}

/* The loop is over when nothing is pending, and only then. */
static void loop_ends_when_idle(void **state)
{
	uv_loop_t loop;
	static struct job jobs[100];
	struct pool *pool;

	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	pool = pool_new(&loop, 4);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < SL_COUNT(jobs); i++) {
			jobs[i] = (struct job){.pool = pool, .loop_thread = pthread_self(), .again = 2};
			pool_submit(pool, work, done, &jobs[i]);
		}
		assert_true(pool_pending(pool) == SL_COUNT(jobs));
		assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
		assert_int_equal(pool_pending(pool), 0);
		for (size_t i = 0; i < SL_COUNT(jobs); i++) {
			assert_int_equal(jobs[i].done, 3);
			assert_int_equal(atomic_load(&jobs[i].worked), 3);
			assert_false(jobs[i].wrong_thread);
		}
	}
	pool_free(pool);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
}

struct gate {
	atomic_bool entered, open;
	int done;
};

static void wait_at_gate(void *ud)
{
	struct gate *g = ud;

	atomic_store(&g->entered, true);
	while (!atomic_load(&g->open))
		sched_yield();
}

static void gate_done(void *ud)
{
	((struct gate *)ud)->done++;
}

static void open_gate(void *ud)
{
	struct gate *g = ud;

	while (!atomic_load(&g->entered))
		sched_yield();
	atomic_store(&g->open, true);
}

static void *open_from_outside(void *ud)
{
	open_gate(ud);
	return NULL;
}

/* The job that runs ends and is delivered; the one that waits is dropped. */
static void free_drops_what_waits(void **state)
{
	uv_loop_t loop;
	struct gate running = {0}, waiting = {0};
	struct pool *pool;
	pthread_t opener;

	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	pool = pool_new(&loop, 1);
	pool_submit(pool, wait_at_gate, gate_done, &running);
	pool_submit(pool, wait_at_gate, gate_done, &waiting);
	while (!atomic_load(&running.entered))
		sched_yield();
	assert_int_equal(pthread_create(&opener, NULL, open_from_outside, &running), 0);
	atomic_store(&waiting.open, true);
	pool_free(pool);
	pthread_join(opener, NULL);
	assert_int_equal(running.done, 1);
	assert_true(waiting.done == (atomic_load(&waiting.entered) ? 1 : 0));
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

/* A job that ran is delivered by pool_free; what its `done` submits then is never run. */
static void free_delivers_and_takes_no_more(void **state)
{
	uv_loop_t loop;
	struct job job = {.loop_thread = pthread_self(), .again = 1};

	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	job.pool = pool_new(&loop, 0); /* one thread all the same */
	pool_submit(job.pool, work, NULL, &job);
	pool_submit(job.pool, work, done, &job);
	while (atomic_load(&job.worked) < 2)
		sched_yield();
	pool_free(job.pool);
	assert_int_equal(job.done, 1);
	assert_int_equal(atomic_load(&job.worked), 2);
	pool_free(NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

#define FRAME 1024

static size_t descend(size_t depth)
{
	volatile char frame[FRAME];

	frame[0] = (char)depth;
	frame[FRAME - 1] = (char)depth;
	return depth ? 1 + descend(depth - 1) + (size_t)(frame[0] != frame[FRAME - 1]) : 0;
}

static void go_deep(void *ud)
{
	size_t *depth = ud;

	*depth = descend(*depth);
}

static void deep_stack(void **state)
{
	size_t depth = 32 * 1024; /* 32 MiB at least: four times the usual stack */

	(void)state;
	pool_run_deep(go_deep, &depth);
	assert_int_equal(depth, 32 * 1024);
	assert_int_equal(pool_worker(), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loop_ends_when_idle),
		cmocka_unit_test(free_drops_what_waits),
		cmocka_unit_test(free_delivers_and_takes_no_more),
		cmocka_unit_test(deep_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
