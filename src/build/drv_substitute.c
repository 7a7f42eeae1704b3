/* What binary caches have of a closure of derivations: taken from them, instead of being built. */
#include "drv_job.h"

#include <straylight/data.h>

/* One walk, from those asked for down: a derivation whose outputs a cache has needs nothing, not even its inputs; of one that has to be
 * built the sources are asked for, too, which lie nowhere here.  Caches are asked on the pool, for one derivation at a time, and once
 * for each: a substituter belongs to one thread. */
struct drv_substitution {
	struct drvbuild *build;
	struct arena arena;
	const struct closure_node *const *order;
	bool *needed;
	size_t at; /* those from here on have been looked at */
	const struct closure_node *now;
	bool outputs; /* of it are asked for */
	VEC(str) sources; /* of it that are asked for when it has to be built */
	bool taken; /* all its outputs are there */
	VEC(str) paths; /* that were taken for it */
	struct diags diags;
	bool stopped;
	drvbuild_substituted *done;
	void *ud;
	struct drv_substitution *next; /* that waits for this one */
};

/* ---- on the pool ---- */

static bool known(void *ud, str path)
{
	const struct drv_substitution *w = ud;

	return valids_get(w->build->valids, path) != NULL;
}

static bool put(void *ud, const struct substituted *s, struct diags *diags)
{
	struct drv_substitution *w = ud;
	struct valid v = {.path = s->path, .entry = s->entry, .nar_hash = s->nar_hash, .nar_size = s->nar_size, .refs = s->refs,
			.nrefs = s->nrefs, .deriver = s->deriver, .ca = s->ca};

	(void)diags;
	valids_put(w->build->valids, &v);
	vec_push(&w->paths, s->path);
	return true;
}

/* A cache that fails makes a slower build. */
static void take_work(void *ud)
{
	struct drv_substitution *w = ud;
	struct substituter *s = w->build->substituter;
	struct substitute_into into = {known, put, w};
	const struct drv *d = w->now->drv;
	struct diags bad = {0};

	w->taken = w->outputs;
	for (size_t i = 0; i < d->noutputs && w->taken; i++)
		w->taken = substitute_closure(s, d->outputs[i].path, &into, &bad) == SUBSTITUTE_DONE;
	for (size_t i = 0; i < w->sources.n && !w->taken; i++)
		(void)!substitute_closure(s, w->sources.p[i], &into, &bad);
	diags_soften(&w->diags, &bad);
}

/* ---- on the loop ---- */

static void proceed(struct drv_substitution *);

static void need_inputs(struct drv_substitution *w, const struct closure_node *n)
{
	for (size_t i = 0; i < n->drv->ninputs; i++)
		w->needed[n->inputs[i]->index] = true;
}

static void taken(void *ud)
{
	struct drv_substitution *w = ud;
	struct drvbuild *b = w->build;
	const struct drvbuild_observer *o = &b->options.observer;

	for (size_t i = 0; i < w->paths.n; i++)
		if (o->substituted)
			o->substituted(o->ud, w->paths.p[i]);
	b->summary.substituted += w->paths.n;
	w->paths.n = 0;
	if (!w->taken)
		need_inputs(w, w->now);
	proceed(w);
}

/* As Nix reads allowSubstitutes: a variable that is "1", or a JSON value that is true; without it yes. */
static bool allows(struct drv_substitution *w, const struct drv *d)
{
	str flat = drv_variable(d, S("allowSubstitutes"));
	struct diags unheard = {0};
	const struct data *attrs, *value;

	if (flat.p)
		return str_eq(flat, S("1"));
	if (!drv_variable(d, S("__json")).p)
		return true;
	attrs = drv_attrs_read(d, &w->arena, &unheard);
	value = attrs ? drv_attr(attrs, S("allowSubstitutes")) : NULL;
	diags_free(&unheard);
	return !value || value->kind != DATA_BOOL || value->truth;
}

static bool has_paths(const struct drv *d)
{
	for (size_t i = 0; i < d->noutputs; i++)
		if (!d->outputs[i].path.n)
			return false;
	return true;
}

static void substitution_free(struct drv_substitution *w)
{
	vec_free(&w->sources);
	vec_free(&w->paths);
	diags_free(&w->diags);
	arena_clear(&w->arena);
	mem_free(w);
}

static void end(struct drv_substitution *w)
{
	struct drv_substitution *next = w->next;

	w->build->substitution = next;
	w->done(w->ud, &w->diags);
	substitution_free(w);
	if (next)
		proceed(next);
}

/* Whether a cache may have anything of it. */
static bool prepare(struct drv_substitution *w, const struct closure_node *n)
{
	struct drvbuild *b = w->build;
	const struct drv *d = n->drv;

	if (!drvbuild_may_substitute(b, n))
		return false;
	map_put(&b->asked, n->path, NULL);
	w->now = n;
	w->outputs = has_paths(d) && allows(w, d);
	w->sources.n = 0;
	for (size_t i = 0; i < d->nsources; i++)
		if (!drv_source_is_near(b->sources, d->sources[i]))
			vec_push(&w->sources, d->sources[i]);
	return w->outputs || w->sources.n;
}

/* Dependants come after what they use in the order, so it is gone through backwards. */
static void proceed(struct drv_substitution *w)
{
	struct drvbuild *b = w->build;

	while (w->at > 0 && !b->interrupted && !w->stopped) {
		const struct closure_node *n = w->order[--w->at];

		if (!w->needed[w->at] || drvbuild_has(b, n->drv))
			continue;
		if (prepare(w, n)) {
			pool_submit(b->pool, take_work, taken, w);
			return;
		}
		need_inputs(w, n);
	}
	end(w);
}

static void begin_work(void *ud)
{
	(void)ud;
}

static void begun(void *ud)
{
	proceed(ud);
}

bool drvbuild_may_substitute(const struct drvbuild *b, const struct closure_node *n)
{
	return b->substituter && !map_has(&b->asked, n->path);
}

struct drv_substitution *drvbuild_substitute(struct drvbuild *b, const struct closure_node *const *wanted, size_t n,
		drvbuild_substituted *done, void *ud)
{
	struct drv_substitution *w = mem_make(struct drv_substitution), **last = &b->substitution;
	const struct closure_node *const *order = closure_order(b->closure, &w->at);
	const struct closure_node **copy = arena_array(&w->arena, const struct closure_node *, w->at);

	if (w->at)
		memcpy(copy, order, w->at * sizeof *copy); /* the closure may grow meanwhile */
	w->build = b;
	w->order = copy;
	w->needed = arena_array(&w->arena, bool, w->at);
	w->done = done;
	w->ud = ud;
	for (size_t i = 0; i < n; i++)
		w->needed[wanted[i]->index] = true;
	while (*last)
		last = &(*last)->next;
	*last = w;
	if (b->substitution == w)
		pool_submit(b->pool, begin_work, begun, w); /* done is for later */
	return w;
}

void drvbuild_substitute_stop(struct drv_substitution *w)
{
	w->stopped = true;
}

void drvbuild_forget(struct drvbuild *b)
{
	while (b->substitution) {
		struct drv_substitution *w = b->substitution;

		b->substitution = w->next;
		substitution_free(w);
	}
}
