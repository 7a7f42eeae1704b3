#include "execute.h"
#include "kept.h"
#include "narrow.h"

#include <errno.h>

#define OUTPUT_KEPT ((size_t)16 << 20)  /* of what a command prints, each stream */
#define OUTPUT_FILE ((size_t)1 << 30)   /* when an output is made of it */

struct executor {
	struct pool *pool;
	struct store *store;
	struct provider *provider;
	struct sandbox *sandbox;
	struct executor_options options;
	unsigned running, preparing;
	struct run *waiting, **last_waiting; /* RUN_NEW */
	struct run *ready, **last_ready;     /* RUN_READY */
};

struct executor *executor_new(struct uv_loop_s *loop, struct pool *pool, struct store *store,
		struct provider *provider, const struct executor_options *options)
{
	struct executor *x = mem_make(struct executor);

	x->pool = pool;
	x->store = store;
	x->provider = provider;
	x->sandbox = sandbox_new(loop);
	x->options = *options;
	x->last_waiting = &x->waiting;
	x->last_ready = &x->ready;
	return x;
}

void executor_free(struct executor *x)
{
	if (!x)
		return;
	sandbox_free(x->sandbox);
	mem_free(x);
}

static void push(struct run ***last, struct run *run)
{
	run->next = NULL;
	**last = run;
	*last = &run->next;
}

static struct run *pop(struct run **first, struct run ***last)
{
	struct run *run = *first;

	if (run) {
		*first = run->next;
		if (!*first)
			*last = first;
	}
	return run;
}

static void advance(struct executor *);

static void over(struct run *run)
{
	struct executor *x = run->executor;

	run->state = RUN_OVER;
	run->done(run->ud);
	advance(x);
}

/* ---- collecting ---- */

void executor_publish(struct executor *x, struct run *run)
{
	int err = store_result_put(x->store, &run->identity->action, &run->result);

	if (!err && run->reads.known)
		err = narrow_put(x->store, run->identity, run->reads.paths, run->reads.n);
	err = err ? err : kept_put(x->store, run->identity);
	if (err)
		os_error(&run->diags, DIAG_IO, err, "storing the result of", run->action->name);
}

static void collect_work(void *ud)
{
	struct run *run = ud;
	struct executor *x = run->executor;
	bool good = run->ran.how == SANDBOX_EXITED && run->ran.code == 0;

	if (run->interactive && (run->ran.how == SANDBOX_EXITED || run->ran.how == SANDBOX_SIGNALED))
		run->result.exit_code = run->ran.how == SANDBOX_EXITED ? run->ran.code : 128 + run->ran.code;
	else if (!good)
		mishap_tell(run);
	else if (collect_outputs(run, x->store) && run->publish)
		executor_publish(x, run);
	os_remove_tree(run->scratch.p);
}

static void collected(void *ud)
{
	over(ud);
}

static void ran(void *ud, const struct sandbox_result *r)
{
	struct run *run = ud;
	struct executor *x = run->executor;

	run->ran = *r;
	run->ran.path = str_dup(&run->arena, r->path);
	run->out = str_dup(&run->arena, blob_str(r->out));
	run->err = str_dup(&run->arena, blob_str(r->err_out));
	run->ran.out = run->ran.err_out = NULL;
	run->wall_ns = r->wall_ns;
	run->result.wall_ns = (int64_t)r->wall_ns;
	run->state = RUN_COLLECTING;
	x->running--;
	pool_submit(x->pool, collect_work, collected, run);
	advance(x);
}

/* ---- running ---- */

static void fill_request(struct run *run)
{
	const struct action *a = run->action;
	struct executor *x = run->executor;
	struct sandbox_request *q = &run->request;
	uint32_t timeout_s = a->timeout_s ? a->timeout_s : x->options.timeout_s;

	q->mode = x->options.sandbox;
	q->argv = a->argv;
	q->argc = a->argc;
	q->env = a->env;
	q->nenv = a->nenv;
	q->cwd = S("/" WORK_DIR);
	q->interactive = run->interactive;
	q->timeout_ms = run->interactive ? 0 : timeout_s * 1000;
	q->output_max = a->out_file.p ? OUTPUT_FILE : OUTPUT_KEPT;
	q->own_network = a->step->category == CATEGORY_TEST;
}

static void start(struct executor *x, struct run *run)
{
	run->state = RUN_RUNNING;
	run->result.start_ns = os_wall_ns();
	x->running++;
	fill_request(run);
	if (run->started)
		run->started(run->ud);
	run->sandbox_id = sandbox_run(x->sandbox, &run->request, ran, run);
}

/* ---- preparing ---- */

static void prepare_work(void *ud)
{
	struct run *run = ud;
	struct executor *x = run->executor;

	if (!provide_inputs(x->provider, run->action, run->contents, &run->arena, &run->diags))
		return;
	if (!plan_make(run, x->store) && run->scratch.p)
		os_remove_tree(run->scratch.p);
}

static void prepared(void *ud)
{
	struct run *run = ud;
	struct executor *x = run->executor;

	x->preparing--;
	if (run->cancelled && !run->diags.errors && run->scratch.p)
		os_remove_tree(run->scratch.p);
	if (run->cancelled || run->diags.errors) {
		over(run);
		return;
	}
	run->state = RUN_READY;
	push(&x->last_ready, run);
	advance(x);
}

/* Starts what is ready while there is room, and prepares the next ones: as many ahead as run. */
static void advance(struct executor *x)
{
	struct run *run;

	while (x->running < x->options.jobs && (run = pop(&x->ready, &x->last_ready)) != NULL)
		start(x, run);
	while (x->preparing < x->options.jobs && (run = pop(&x->waiting, &x->last_waiting)) != NULL) {
		run->state = RUN_PREPARING;
		x->preparing++;
		pool_submit(x->pool, prepare_work, prepared, run);
	}
}

void executor_run(struct executor *x, struct run *run)
{
	run->executor = x;
	run->state = RUN_NEW;
	push(&x->last_waiting, run);
	advance(x);
}

static void unlink_run(struct run **first, struct run ***last, struct run *run)
{
	struct run **at = first;

	while (*at != run)
		at = &(*at)->next;
	*at = run->next;
	if (*last == &run->next)
		*last = at;
}

void executor_cancel(struct run *run)
{
	struct executor *x = run->executor;

	run->cancelled = true;
	switch (run->state) {
	case RUN_NEW:
		unlink_run(&x->waiting, &x->last_waiting, run);
		over(run);
		break;
	case RUN_READY:
		unlink_run(&x->ready, &x->last_ready, run);
		os_remove_tree(run->scratch.p);
		over(run);
		break;
	case RUN_RUNNING: sandbox_cancel(x->sandbox, run->sandbox_id); break;
	case RUN_PREPARING:
	case RUN_COLLECTING:
	case RUN_OVER: break;
	}
}
