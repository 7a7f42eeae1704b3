/* pool.h: threads for heavy work, completions on the loop's thread.
 *
 * `work` runs on a worker, `done` later on the thread that runs the loop, in no promised order.
 * Workers have large stacks (POOL_STACK), so that the bounded recursion of the language layers has
 * room; untouched pages of a stack cost nothing.  */
#ifndef STRAYLIGHT_BASE_POOL_H
#define STRAYLIGHT_BASE_POOL_H

#include <straylight/base/mem.h>

#define POOL_STACK ((size_t)256 << 20)

struct uv_loop_s;
struct pool;

typedef void pool_fn(void *ud);

/* At least one thread; fewer than asked when the system has no room for more stacks.  Without any
 * thread or descriptor left it ends as out of memory. */
struct pool *pool_new(struct uv_loop_s *, unsigned threads) SL_MUST_USE;
/* Waits for the running jobs and calls their `done`, drops those not begun (their `done` is never
 * called), frees.  Not from within a `done`.  The loop must turn once more before uv_loop_close. */
void pool_free(struct pool *);
/* On the loop's thread only, also from within a `done`; `done` may be NULL.  The loop stays alive
 * until nothing is pending. */
void pool_submit(struct pool *, pool_fn *work, pool_fn *done, void *ud);
/* Jobs begun or waiting, and completions not yet delivered; on the loop's thread only. */
size_t pool_pending(const struct pool *);
/* The number of this worker, from 0; -1 on any other thread. */
int pool_worker(void);

/* Runs fn on a thread of its own with a stack of POOL_STACK and waits: for commands that evaluate
 * on the main thread's behalf. */
void pool_run_deep(pool_fn *fn, void *ud);

#endif
