#include "substitute_int.h"

#include <straylight/net.h>

/* ---- making ---- */

static bool take_cache(struct substituter *s, str url, struct diags *diags)
{
	while (url.n && url.p[url.n - 1] == '/')
		url = str_upto(url, url.n - 1);
	if (!net_origin(url).n && !str_starts(url, S("file:///"))) {
		diag_hint(diags, diag_error(diags, DIAG_CACHE_UNFIT, NO_SPAN, "'%.*s' is no address of a binary cache",
				STR_ARG(net_shown(&s->mem, url))), "write file:///PATH, http://HOST or https://HOST");
		return false;
	}
	net_hide(url);
	s->caches[s->ncaches++] = (struct cache){.url = str_dup(&s->mem, url), .shown = net_shown(&s->mem, url)};
	return true;
}

struct substituter *substituter_new(struct store *store, const struct substitute_config *config, struct diags *diags)
{
	struct substituter *s = mem_make(struct substituter);
	bool ok = true;

	s->store = store;
	s->store_dir = str_dup(&s->mem, config->store_dir);
	s->caches = arena_array(&s->mem, struct cache, config->ncaches);
	s->keys = arena_array(&s->mem, struct nix_public_key, config->nkeys);
	for (size_t i = 0; i < config->ncaches && ok; i++)
		ok = take_cache(s, config->caches[i], diags);
	for (size_t i = 0; i < config->nkeys && ok; i++)
		ok = nix_public_key_parse(str_dup(&s->mem, config->keys[i]), &s->keys[s->nkeys++], NO_SPAN, diags);
	if (ok)
		return s;
	substituter_free(s);
	return NULL;
}

void substituter_free(struct substituter *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->offers.n; i++)
		tree_unref(((struct offer *)s->offers.entries[i].value)->result.entry.dir);
	map_free(&s->offers);
	arena_clear(&s->mem);
	mem_free(s);
}

/* ---- one path ---- */

static enum substitute_result ended(bool found, struct diags *bad, struct diags *diags)
{
	bool failed = !found && bad->errors;

	if (found)
		diags_soften(diags, bad); /* another cache gave what one could not */
	else
		diags_move(diags, bad);
	return found ? SUBSTITUTE_DONE : failed ? SUBSTITUTE_FAILED : SUBSTITUTE_ABSENT;
}

/* Keeps the tree that an offer of a later cache replaces. */
static struct offer *remember(struct substituter *s, struct offer *o)
{
	map_put(&s->offers, o->result.path, o);
	return o;
}

/* The offer of a path, without its content. */
static enum substitute_result look(struct substituter *s, str path, struct offer **out, struct diags *diags)
{
	struct diags bad = {0};

	*out = map_get(&s->offers, path);
	if (*out)
		return SUBSTITUTE_DONE;
	*out = substitute_offer(s, path, 0, &bad);
	if (*out)
		remember(s, *out);
	return ended(*out, &bad, diags);
}

/* Its content, from the next cache when one cannot give it. */
static enum substitute_result fill(struct substituter *s, struct offer *o, struct diags *diags)
{
	struct diags bad = {0};

	while (o && !o->whole) {
		o->whole = substitute_nar(s, o, &bad);
		if (!o->whole)
			o = substitute_offer(s, o->result.path, o->cache + 1, &bad);
		if (o)
			remember(s, o);
	}
	return ended(o, &bad, diags);
}

enum substitute_result substitute(struct substituter *s, str path, const struct substituted **out, struct diags *diags)
{
	struct offer *o;
	enum substitute_result how = look(s, path, &o, diags);

	*out = NULL;
	if (how == SUBSTITUTE_DONE)
		how = fill(s, o, diags);
	if (how == SUBSTITUTE_DONE)
		*out = &((struct offer *)map_get(&s->offers, path))->result;
	return how;
}

/* ---- closures ---- */

struct step {
	struct offer *o;
	size_t next; /* reference to look at */
};

struct walk {
	struct substituter *s;
	const struct substitute_into *into;
	struct diags *diags;
	struct map seen; /* paths: `open` while they are on the stack, `closed` then */
	VEC(struct step) stack;
	VEC(str) order;
};

static char open, closed;

static enum substitute_result enter(struct walk *w, str path, const struct offer *of)
{
	struct offer *o;
	enum substitute_result how = look(w->s, path, &o, w->diags);

	if (how == SUBSTITUTE_DONE) {
		map_put(&w->seen, o->result.path, &open);
		vec_push(&w->stack, ((struct step){o, 0}));
	} else if (how == SUBSTITUTE_ABSENT && of) {
		struct diag *d = diag_error(w->diags, DIAG_CACHE_MISSING, NO_SPAN, "no binary cache has '%.*s'", STR_ARG(path));

		diag_note(w->diags, d, NO_SPAN, "'%.*s' refers to it", STR_ARG(of->result.path));
		diag_hint(w->diags, d, "name a cache that has it with --substituters=URL, or build it");
		how = SUBSTITUTE_FAILED;
	}
	return how;
}

/* The next reference of the topmost path, or its end. */
static enum substitute_result step(struct walk *w)
{
	struct step *top = &vec_last(&w->stack);
	struct offer *o = top->o;
	str ref;
	void *state;

	if (top->next == o->result.nrefs) {
		map_put(&w->seen, o->result.path, &closed);
		vec_push(&w->order, o->result.path);
		w->stack.n--;
		return SUBSTITUTE_DONE;
	}
	ref = o->result.refs[top->next++];
	state = map_get(&w->seen, ref);
	if (str_eq(ref, o->result.path) || state == &closed)
		return SUBSTITUTE_DONE;
	if (state == &open) {
		diag_error(w->diags, DIAG_CACHE_DAMAGED, NO_SPAN, "'%.*s' refers to itself, through '%.*s'", STR_ARG(ref), STR_ARG(o->result.path));
		return SUBSTITUTE_FAILED;
	}
	if (w->into->known(w->into->ud, ref)) {
		map_put(&w->seen, ref, &closed);
		return SUBSTITUTE_DONE;
	}
	return enter(w, ref, o);
}

/* References first. */
static enum substitute_result deliver(struct walk *w)
{
	enum substitute_result how = SUBSTITUTE_DONE;

	for (size_t i = 0; i < w->order.n && how == SUBSTITUTE_DONE; i++) {
		struct offer *o = map_get(&w->s->offers, w->order.p[i]);

		how = fill(w->s, o, w->diags);
		o = map_get(&w->s->offers, w->order.p[i]);
		if (how == SUBSTITUTE_DONE && !w->into->put(w->into->ud, &o->result, w->diags))
			how = SUBSTITUTE_FAILED;
	}
	return how;
}

enum substitute_result substitute_closure(struct substituter *s, str path, const struct substitute_into *into, struct diags *diags)
{
	struct walk w = {.s = s, .into = into, .diags = diags};
	enum substitute_result how;

	if (into->known(into->ud, path))
		return SUBSTITUTE_DONE;
	how = enter(&w, path, NULL);
	while (how == SUBSTITUTE_DONE && w.stack.n)
		how = step(&w);
	if (how == SUBSTITUTE_DONE)
		how = deliver(&w);
	map_free(&w.seen);
	vec_free(&w.stack);
	vec_free(&w.order);
	return how;
}
