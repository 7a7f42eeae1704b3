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

struct pool *pool_new(struct uv_loop_s *, unsigned threads) SL_MUST_USE;
/* Waits for the running jobs, drops those not begun (their `done` is never called), frees. */
void pool_free(struct pool *);
void pool_submit(struct pool *, pool_fn *work, pool_fn *done, void *ud);
/* Jobs begun or waiting, and completions not yet delivered. */
size_t pool_pending(const struct pool *);
/* The number of this worker, from 0; -1 on any other thread. */
int pool_worker(void);

/* Runs fn on a thread of its own with a stack of POOL_STACK and waits: for commands that evaluate
 * on the main thread's behalf. */
void pool_run_deep(pool_fn *fn, void *ud);

#endif
