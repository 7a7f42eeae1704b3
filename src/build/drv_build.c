#include "drv_job.h"

#include <stdlib.h>
#include <sys/utsname.h>

#define REMOTE_JOBS 100 /* at a server at a time: it has a queue of its own */

/* ---- errors ---- */

struct diag *job_error(struct drv_job *j, enum diag_code code, const char *fmt, ...)
{
	struct diag *d;
	va_list args;

	va_start(args, fmt);
	d = diag_verror(&j->diags, code, NO_SPAN, fmt, args);
	va_end(args);
	return diag_subject(&j->diags, d, j->node->path);
}

#define LOG_LINES 25 /* of the end of a log */

static str tail(str log)
{
	size_t at = log.n, lines = 0;

	while (at > 0) {
		if (log.p[at - 1] == '\n' && at < log.n && ++lines == LOG_LINES)
			return str_from(log, at);
		at--;
	}
	return log;
}

/* What a builder that meets the sandbox's walls says. */
static const char *advice(const struct drv_job *j)
{
	static const char *const walls[] = {"Network is unreachable", "Temporary failure in name resolution", "Could not resolve host"};

	for (size_t i = 0; i < SL_COUNT(walls); i++)
		if (str_find_str(j->log, str_c(walls[i])) < j->log.n)
			return "builders have no network; only builtin:fetchurl fetches";
	if (!j->build->options.nhost && str_find_str(j->log, S("not found")) < j->log.n)
		return "nothing of this machine is there; if it needs some, show it with --host-path=/usr,/bin,/lib,/lib64";
	return NULL;
}

void job_builder_failed(struct drv_job *j, const char *how)
{
	struct diag *d = job_error(j, DIAG_DRV_FAILED, "the builder '%.*s' %s", STR_ARG(job_drv(j)->builder), how);
	const char *hint = advice(j);
	str end = tail(j->log);

	if (end.n < j->log.n)
		diag_note(&j->diags, d, NO_SPAN, "the last %d lines of what it printed", LOG_LINES);
	diag_detail(&j->diags, d, end);
	if (hint)
		diag_hint(&j->diags, d, "%s", hint);
}

/* ---- the end of a job ---- */

static void push(struct drvbuild *b, struct drv_job *j)
{
	j->state = JOB_READY;
	j->next = NULL;
	*b->last_ready = j;
	b->last_ready = &j->next;
}

static void count(struct drvbuild *b, enum drv_served how)
{
	switch (how) {
	case DRV_SERVED_RUN: b->summary.ran++; break;
	case DRV_SERVED_REMOTE: b->summary.remote++; break;
	case DRV_SERVED_CACHE: b->summary.cached++; break;
	case DRV_SERVED_FETCHED: b->summary.fetched++; break;
	case DRV_SERVED_FAILED: b->summary.failed++; break;
	}
}

/* To who submitted it. */
static void hand_back(struct drv_job *j)
{
	uv_async_send(&j->build->wake);
	j->done(j->ud, j->state == JOB_DONE, j->served, &j->diags);
	job_clear(j);
	mem_free(j);
}

static void over(struct drv_job *j, enum drv_served how)
{
	struct drvbuild *b = j->build;
	const struct drvbuild_observer *o = &b->options.observer;

	j->state = how == DRV_SERVED_FAILED ? JOB_FAILED : JOB_DONE;
	b->running--;
	count(b, how);
	if (o->finished)
		o->finished(o->ud, j->node->path, how, (uint64_t)(os_now_ns() - j->began));
	if (j->done) {
		hand_back(j);
		return;
	}
	if (how == DRV_SERVED_FAILED && !b->options.keep_going)
		b->stopping = true;
	diags_move(b->diags, &j->diags);
	job_clear(j);
	for (size_t i = 0; i < j->nusers && j->state == JOB_DONE; i++)
		if (j->users[i]->state == JOB_WAITING && --j->users[i]->pending == 0)
			push(b, j->users[i]);
}

void job_failed(struct drv_job *j)
{
	over(j, DRV_SERVED_FAILED);
}

static int by_path(const void *a, const void *b)
{
	return str_cmp(((const struct output_entry *)a)->path, ((const struct output_entry *)b)->path);
}

/* A result that is only a slower next build when it cannot be written. */
static void publish(struct drv_job *j)
{
	struct store *s = j->build->store;
	size_t n = job_drv(j)->noutputs;
	struct output_entry *outputs = arena_array(&j->arena, struct output_entry, n);
	struct action_result r = {.outputs = outputs, .noutputs = n, .start_ns = j->result.start_ns, .wall_ns = j->result.wall_ns};

	for (size_t i = 0; i < n; i++) {
		const struct tree_entry *e = &j->outputs[i].entry;

		outputs[i] = (struct output_entry){job_output(j, i), e->kind, e->executable, e->digest, e->target};
		if (e->kind == TREE_DIR)
			outputs[i].digest = *tree_digest(e->dir, store_fn(s));
	}
	qsort(outputs, n, sizeof *outputs, by_path);
	if (store_put(s, j->log, &r.out) == 0 && store_put(s, S(""), &r.err) == 0)
		(void)!store_result_put(s, &j->action, &r);
}

static void settle_work(void *ud)
{
	(void)!job_settle(ud);
}

static void settled(void *ud)
{
	struct drv_job *j = ud;

	if (j->diags.errors || !job_check(j)) {
		job_failed(j);
		return;
	}
	if (j->served == DRV_SERVED_RUN || j->served == DRV_SERVED_REMOTE)
		publish(j);
	for (size_t i = 0; i < job_drv(j)->noutputs; i++)
		valids_put(j->build->valids, &j->outputs[i]);
	over(j, j->served);
}

void job_collected(struct drv_job *j)
{
	pool_submit(j->build->pool, settle_work, settled, j);
}

static const struct output_entry *find_output(const struct action_result *r, str path)
{
	for (size_t i = 0; i < r->noutputs; i++)
		if (str_eq(r->outputs[i].path, path))
			return &r->outputs[i];
	return NULL;
}

bool job_adopt(struct drv_job *j, const struct action_result *r)
{
	struct diag *d;

	for (size_t i = 0; i < job_drv(j)->noutputs; i++) {
		const struct output_entry *o = find_output(r, job_output(j, i));
		struct tree_entry *e = &j->outputs[i].entry;
		int err = 0;

		if (!o) {
			d = job_error(j, DIAG_DRV_NO_OUTPUT, "its builder did not make the output '%.*s'", STR_ARG(job_drv(j)->outputs[i].path));
			diag_detail(&j->diags, d, tail(j->log));
			return false;
		}
		*e = (struct tree_entry){.kind = o->kind, .executable = o->executable, .digest = o->digest, .target = o->target};
		if (o->kind == TREE_DIR)
			err = store_get_tree(j->build->store, &o->digest, &e->dir);
		if (err) {
			e->kind = TREE_FILE;
			os_error(&j->diags, DIAG_IO, err, "reading", job_drv(j)->outputs[i].path);
			return false;
		}
	}
	return true;
}

/* ---- a job's way ---- */

static bool is_own_system(struct drv_job *j)
{
	str system = job_drv(j)->system;
	struct utsname u;

	if (uname(&u) < 0 || str_eq(system, S("builtin")))
		return true;
	return str_eq(system, str_fmt(&j->arena, "%s-linux", u.machine)) ||
			(str_eq(system, S("i686-linux")) && strcmp(u.machine, "x86_64") == 0);
}

static bool check_system(struct drv_job *j)
{
	struct diag *d;

	if (is_own_system(j))
		return true;
	d = job_error(j, DIAG_DRV_UNFIT, "it is for the system '%.*s', which this machine is not", STR_ARG(job_drv(j)->system));
	diag_hint(&j->diags, d, "build it on a remote worker of that system, with --remote");
	return false;
}

void job_here(struct drv_job *j)
{
	if (!check_system(j)) {
		job_failed(j);
		return;
	}
	j->served = DRV_SERVED_RUN;
	job_sandbox(j);
}

/* Everything that the builder may read: what it uses, its sources, and what those refer to. */
static bool gather(struct drv_job *j)
{
	struct drvbuild *b = j->build;
	const struct drv *d = job_drv(j);
	VEC(str) paths = {0};
	bool ok = true;

	for (size_t i = 0; i < d->ninputs; i++) {
		const struct drv *in = j->node->inputs[i]->drv;

		for (size_t o = 0; o < in->noutputs; o++)
			for (size_t k = 0; k < d->inputs[i].noutputs; k++)
				if (str_eq(in->outputs[o].name, d->inputs[i].outputs[k]))
					vec_push(&paths, in->outputs[o].path);
	}
	for (size_t i = 0; i < d->nsources && ok; i++) {
		ok = drv_source(b->sources, d->sources[i], j->node->path, &j->diags) != NULL;
		vec_push(&paths, d->sources[i]);
	}
	j->inputs = valids_closure(b->valids, paths.p, paths.n, &j->arena, &j->ninputs);
	vec_free(&paths);
	return ok;
}

/* The paths that the outputs stand at are those that the derivation implies. */
static bool is_buildable(struct drv_job *j)
{
	const struct drv *d = job_drv(j);

	if (d->kind == DRV_FLOATING || d->kind == DRV_IMPURE) {
		job_error(j, DIAG_DRV_UNFIT, "its outputs are addressed by their content, which cannot be built yet");
		return false;
	}
	for (size_t i = 0; i < d->noutputs; i++)
		if (!d->outputs[i].path.n) {
			job_error(j, DIAG_DRV_UNFIT, "the path of its output '%.*s' is not known", STR_ARG(d->outputs[i].name));
			return false;
		}
	return drv_check(d, j->node->path, closure_memo(j->build->closure), &j->diags);
}

static bool make(struct drv_job *j)
{
	struct drvbuild *b = j->build;

	j->start.host = b->options.host;
	j->start.nhost = b->options.nhost;
	return drv_start_make(&j->start, job_drv(j), b->valids, j->inputs, j->ninputs, b->options.cores, &j->arena, &j->diags) &&
			job_root(j);
}

static void tell_started(struct drv_job *j)
{
	const struct drvbuild_observer *o = &j->build->options.observer;

	if (o->started)
		o->started(o->ud, j->node->path, j->served);
}

static bool is_cached(struct drv_job *j)
{
	struct action_result r;

	return store_result_get(j->build->store, &j->action, &j->arena, &r) && r.exit_code == 0 && job_adopt(j, &r);
}

static void run(struct drv_job *j)
{
	struct drvbuild *b = j->build;

	if (!make(j)) {
		job_failed(j);
	} else if (is_cached(j)) {
		j->served = DRV_SERVED_CACHE;
		job_collected(j);
	} else if (b->client && !b->away) {
		j->served = DRV_SERVED_REMOTE;
		tell_started(j);
		job_remote(j);
	} else {
		j->served = DRV_SERVED_RUN;
		tell_started(j);
		job_here(j);
	}
}

static void begin(struct drv_job *j)
{
	struct drvbuild *b = j->build;
	const struct drv *d = job_drv(j);

	j->state = JOB_RUNNING;
	j->began = os_now_ns();
	b->running++;
	j->outputs = arena_array(&j->arena, struct valid, d->noutputs);
	for (size_t i = 0; i < d->noutputs; i++) {
		j->outputs[i].path = d->outputs[i].path;
		j->outputs[i].deriver = j->node->path;
	}
	if (!is_buildable(j) || (!b->client && !check_system(j)) || !gather(j)) {
		job_failed(j);
	} else if (str_starts(d->builder, S("builtin:"))) {
		j->served = DRV_SERVED_FETCHED;
		tell_started(j);
		job_builtin(j);
	} else {
		run(j);
	}
}

/* ---- the walk ---- */

bool drvbuild_has(struct drvbuild *b, const struct drv *d)
{
	for (size_t i = 0; i < d->noutputs; i++)
		if (!d->outputs[i].path.n || !valids_get(b->valids, d->outputs[i].path))
			return false;
	return true;
}

static void add_user(struct drvbuild *b, struct drv_job *input, struct drv_job *user)
{
	if (input->nusers == input->room) {
		size_t room = input->room ? 2 * input->room : 4;
		struct drv_job **users = arena_array(&b->arena, struct drv_job *, room);

		if (input->nusers)
			memcpy(users, input->users, input->nusers * sizeof(struct drv_job *));
		input->users = users;
		input->room = room;
	}
	input->users[input->nusers++] = user;
	user->pending++;
}

/* From those asked for down: what is valid needs nothing.  Dependants come after what they use. */
static void plan(struct drvbuild *b, const struct closure_node *const *wanted, size_t n)
{
	for (size_t i = 0; i < n; i++)
		b->jobs[wanted[i]->index].state = JOB_WAITING;
	for (size_t i = b->njobs; i-- > 0;) {
		struct drv_job *j = &b->jobs[i];

		if (j->state != JOB_WAITING)
			continue;
		if (drvbuild_has(b, job_drv(j))) {
			j->state = JOB_NONE;
			continue;
		}
		for (size_t k = 0; k < job_drv(j)->ninputs; k++)
			b->jobs[j->node->inputs[k]->index].state = JOB_WAITING;
	}
	for (size_t i = 0; i < b->njobs; i++)
		for (size_t k = 0; b->jobs[i].state == JOB_WAITING && k < job_drv(&b->jobs[i])->ninputs; k++) {
			struct drv_job *input = &b->jobs[b->jobs[i].node->inputs[k]->index];

			if (input->state != JOB_NONE)
				add_user(b, input, &b->jobs[i]);
		}
	for (size_t i = 0; i < b->njobs; i++)
		if (b->jobs[i].state == JOB_WAITING && b->jobs[i].pending == 0)
			push(b, &b->jobs[i]);
}

static void make_jobs(struct drvbuild *b)
{
	const struct closure_node *const *order = closure_order(b->closure, &b->njobs);

	b->jobs = arena_array(&b->arena, struct drv_job, b->njobs);
	for (size_t i = 0; i < b->njobs; i++) {
		b->jobs[i].build = b;
		b->jobs[i].node = order[i];
	}
}

/* It waits in the queue. */
static void drop(struct drv_job *j)
{
	j->build->running++;
	j->began = os_now_ns();
	job_failed(j);
}

static void advance(struct drvbuild *b)
{
	unsigned room = b->client && !b->away ? REMOTE_JOBS : b->options.jobs;

	while (b->ready && b->running < room && !b->stopping) {
		struct drv_job *j = b->ready;

		b->ready = j->next;
		if (!b->ready)
			b->last_ready = &b->ready;
		if (j->withdrawn)
			drop(j);
		else
			begin(j);
	}
}

void drvbuild_woken(uv_async_t *wake)
{
	advance(wake->data);
}

struct drv_job *drvbuild_submit(struct drvbuild *b, const struct closure_node *node, drvbuild_done *done, void *ud)
{
	struct drv_job *j = mem_make(struct drv_job);

	j->build = b;
	j->node = node;
	j->done = done;
	j->ud = ud;
	push(b, j);
	uv_async_send(&b->wake);
	return j;
}

static void cancel(struct drv_job *j)
{
	if (j->sandbox_id)
		sandbox_cancel(j->build->sandbox, j->sandbox_id);
	if (j->run)
		re_cancel(j->run);
}

void drvbuild_withdraw(struct drv_job *j)
{
	j->withdrawn = true;
	cancel(j);
	uv_async_send(&j->build->wake);
}

struct waiting {
	struct diags *diags;
	bool over;
};

static void substituted(void *ud, struct diags *diags)
{
	struct waiting *w = ud;

	diags_move(w->diags, diags);
	w->over = true;
}

static void substitute_all(struct drvbuild *b, const struct closure_node *const *wanted, size_t n)
{
	struct waiting w = {b->diags, b->substituter == NULL};

	if (b->substituter)
		(void)drvbuild_substitute(b, wanted, n, substituted, &w);
	while (!w.over)
		uv_run(b->loop, UV_RUN_ONCE);
}

bool drvbuild_run(struct drvbuild *b, const struct closure_node *const *wanted, size_t n, struct diags *diags)
{
	bool ok = true;

	if (!closure_load(b->closure, diags))
		return false;
	b->diags = diags;
	make_jobs(b);
	for (size_t i = 0; i < n; i++)
		b->summary.known += drvbuild_has(b, wanted[i]->drv);
	substitute_all(b, wanted, n);
	plan(b, wanted, n);
	for (advance(b); b->running; advance(b))
		uv_run(b->loop, UV_RUN_ONCE);
	for (size_t i = 0; i < n; i++)
		ok = drvbuild_has(b, wanted[i]->drv) && ok;
	return ok && !b->interrupted;
}

void drvbuild_interrupt(struct drvbuild *b)
{
	b->stopping = b->interrupted = true;
	for (size_t i = 0; i < b->njobs; i++)
		cancel(&b->jobs[i]);
}
