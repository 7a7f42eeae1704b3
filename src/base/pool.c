#include <straylight/base/pool.h>

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <uv.h>

struct job {
	pool_fn *work, *done;
	void *ud;
	struct job *next;
};

struct queue {
	struct job *first, *last;
};

struct worker {
	struct pool *pool;
	int number;
	pthread_t thread;
};

/* The handle is kept alive by its loop, so it outlives the pool by a turn. */
struct pool {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct queue waiting, finished; /* under the lock */
	bool stop;                      /* under the lock */
	uv_async_t *async;
	size_t pending; /* only the loop's thread looks at it */
	bool delivering;
	unsigned n;
	struct worker workers[];
};

static _Thread_local int own_number = -1;

static void push(struct queue *q, struct job *j)
{
	j->next = NULL;
	if (q->last)
		q->last->next = j;
	else
		q->first = j;
	q->last = j;
}

static struct job *pop(struct queue *q)
{
	struct job *j = q->first;

	if (j) {
		q->first = j->next;
		if (!q->first)
			q->last = NULL;
	}
	return j;
}

/* A thread with a deep stack that leaves signals to the other threads, but for those that its own
 * faults raise. */
static int start(pthread_t *thread, void *(*run)(void *), void *ud)
{
	static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
	pthread_attr_t attr;
	sigset_t all, old;
	int r;

	sigfillset(&all);
	for (size_t i = 0; i < SL_COUNT(own); i++)
		sigdelset(&all, own[i]);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, POOL_STACK);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(thread, &attr, run, ud);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return r;
}

static void *run_worker(void *ud)
{
	struct worker *w = ud;
	struct pool *p = w->pool;
	struct job *j;

	own_number = w->number;
	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->stop && !p->waiting.first)
			pthread_cond_wait(&p->wake, &p->lock);
		if (p->stop)
			break;
		j = pop(&p->waiting);
		pthread_mutex_unlock(&p->lock);
		j->work(j->ud);
		pthread_mutex_lock(&p->lock);
		push(&p->finished, j);
		uv_async_send(p->async);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void deliver(struct pool *p)
{
	struct queue ready;
	struct job *j;

	pthread_mutex_lock(&p->lock);
	ready = p->finished;
	p->finished = (struct queue){NULL, NULL};
	pthread_mutex_unlock(&p->lock);
	p->delivering = true;
	while ((j = pop(&ready))) {
		p->pending--;
		if (j->done)
			j->done(j->ud);
		mem_free(j);
	}
	p->delivering = false;
	if (p->pending == 0)
		uv_unref((uv_handle_t *)p->async);
}

static void on_async(uv_async_t *async)
{
	deliver(async->data);
}

static void on_close(uv_handle_t *handle)
{
	mem_free(handle);
}

struct pool *pool_new(uv_loop_t *loop, unsigned threads)
{
	unsigned wanted = threads ? threads : 1;
	struct pool *p = mem_alloc(sizeof *p + mem_size(wanted, sizeof p->workers[0]));

	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->wake, NULL);
	p->async = mem_make(uv_async_t);
	if (uv_async_init(loop, p->async, on_async) != 0)
		mem_oom();
	p->async->data = p;
	uv_unref((uv_handle_t *)p->async);
	for (; p->n < wanted; p->n++) {
		struct worker *w = &p->workers[p->n];

		*w = (struct worker){.pool = p, .number = (int)p->n};
		if (start(&w->thread, run_worker, w) != 0)
			break;
	}
	if (p->n == 0)
		mem_oom();
	return p;
}

void pool_free(struct pool *p)
{
	struct job *j;

	if (!p)
		return;
	assert(!p->delivering);
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	while ((j = pop(&p->waiting))) {
		p->pending--;
		mem_free(j);
	}
	pthread_cond_broadcast(&p->wake);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->n; i++)
		pthread_join(p->workers[i].thread, NULL);
	deliver(p);
	uv_close((uv_handle_t *)p->async, on_close);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	mem_free(p);
}

void pool_submit(struct pool *p, pool_fn *work, pool_fn *done, void *ud)
{
	struct job *j;

	if (p->stop) /* written on this thread only */
		return;
	j = mem_make(struct job);
	*j = (struct job){work, done, ud, NULL};
	if (p->pending++ == 0)
		uv_ref((uv_handle_t *)p->async);
	pthread_mutex_lock(&p->lock);
	push(&p->waiting, j);
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
}

size_t pool_pending(const struct pool *p)
{
	return p->pending;
}

int pool_worker(void)
{
	return own_number;
}

struct deep {
	pool_fn *fn;
	void *ud;
};

static void *run_deep(void *ud)
{
	struct deep *d = ud;

	d->fn(d->ud);
	return NULL;
}

void pool_run_deep(pool_fn *fn, void *ud)
{
	struct deep d = {fn, ud};
	pthread_t thread;

	if (start(&thread, run_deep, &d) != 0)
		mem_oom();
	pthread_join(thread, NULL);
}
