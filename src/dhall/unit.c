#include "unit.h"
#include "types.h"

/* ---- units ---- */

struct loaded *unit_new(struct dhall_world *w, str name, str directory)
{
	struct loaded *l = mem_make(struct loaded);

	l->unit.name = str_dup(&l->unit.arena, name);
	l->unit.directory = str_dup(&l->unit.arena, directory);
	pthread_mutex_lock(&w->lock);
	l->next = w->all;
	w->all = l;
	pthread_mutex_unlock(&w->lock);
	return l;
}

void unit_free(struct loaded *l)
{
	map_free(&l->deps);
	diags_free(&l->diags);
	arena_clear(&l->unit.arena);
	mem_free(l);
}

void unit_drop(struct dhall_world *w, struct loaded *l)
{
	struct loaded **at = &w->all;

	pthread_mutex_lock(&w->lock);
	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	pthread_mutex_unlock(&w->lock);
	source_drop(l->unit.file);
	unit_free(l);
}

void unit_depends(struct loaded *l, str name)
{
	if (!map_has(&l->deps, name)) {
		name = str_dup(&l->unit.arena, name);
		map_put(&l->deps, name, l);
	}
}

void unit_depends_all(struct loaded *l, const struct unit *on, bool pinned)
{
	for (size_t i = 0; i < on->ndeps; i++)
		if (!pinned || !str_starts(on->deps[i], S("url:")))
			unit_depends(l, on->deps[i]);
}

#define DEP_RANKS 4

static unsigned dep_rank(str name)
{
	return str_starts(name, S("env:")) ? 1 : str_starts(name, S("at:")) ? 2 : str_starts(name, S("url:")) ? 3 : 0;
}

/* Files first, then variables, places and URLs; each in the order in which they were met. */
void unit_publish_deps(struct loaded *l)
{
	str *deps = arena_array(&l->unit.arena, str, l->deps.n);
	size_t n = 0;

	for (unsigned rank = 0; rank < DEP_RANKS; rank++)
		for (size_t i = 0; i < l->deps.n; i++)
			if (dep_rank(l->deps.entries[i].key) == rank)
				deps[n++] = l->deps.entries[i].key;
	l->unit.deps = deps;
	l->unit.ndeps = n;
	map_free(&l->deps);
}

void diags_copy(struct diags *to, const struct diags *from)
{
	for (const struct diag *d = from->first; d; d = d->next) {
		struct diag *copy = diag_error(to, d->code, d->at, "%.*s", STR_ARG(d->text));

		for (const struct diag_note *n = d->notes; n; n = n->next)
			diag_note(to, copy, n->at, "%.*s", STR_ARG(n->text));
		if (d->hint.n)
			diag_hint(to, copy, "%.*s", STR_ARG(d->hint));
		diag_subject(to, copy, d->subject);
		diag_detail(to, copy, d->detail);
	}
}

/* ---- checking ---- */

struct unit_values {
	struct val *value, *type;
};

static struct unit_values *values_of(struct dhall *s, const struct unit *u)
{
	struct unit_values *uv = ptr_map_get(&s->imports, u, NULL);

	if (!uv) {
		uv = arena_make(&s->tables, struct unit_values);
		uv->value = eval_later(s, u->term, &env_empty);
		ptr_map_put(s, &s->imports, u, NULL, uv);
	}
	return uv;
}

struct checking {
	struct dhall *s;
	struct loaded *l;
	bool publish;
};

/* What is not published, the session keeps as it was found: it shares all that it has in common with the types of its
 * imports. */
static void check_protected(void *ud)
{
	struct checking *c = ud;
	struct unit *u = &c->l->unit;
	struct val *type = check_unit(c->s, u);

	if (c->publish)
		u->type = quote(c->s, &u->arena, type, 0, QUOTE_PUBLISH);
	else
		values_of(c->s, u)->type = type;
}

enum unit_state unit_check(struct dhall *s, struct loaded *l, bool publish)
{
	struct checking c = {s, l, publish};
	struct diags *outer = s->diags;
	bool ok;

	s->diags = &l->diags;
	ok = session_protect(s, check_protected, &c);
	s->diags = outer;
	return ok ? UNIT_DONE : UNIT_FAILED;
}

/* What is not loaded on behalf of another unit is seldom asked for its type by another session, which then checks it
 * again: writing a type out for others, and for the next process, takes longer than finding it. */
enum unit_state unit_finish(struct dhall *s, struct loaded *l)
{
	enum unit_state state = unit_resolve(s, l);

	if (l->walked)
		l->unit.keyed = 0;
	if (state == UNIT_DONE && !types_recall(s, &l->unit)) {
		state = unit_check(s, l, l->outer != NULL);
		if (state == UNIT_DONE && l->unit.type)
			types_learn(s, &l->unit);
	}
	unit_publish_deps(l);
	return state;
}

/* ---- bytes ---- */

static enum dhall_found door(struct dhall *s, const struct location *at, struct raw *out, struct diags *ds)
{
	const struct dhall_env *env = &s->world->env;

	switch (at->kind) {
	case IMPORT_LOCAL: return env->read ? env->read(env->ud, at->path, &out->blob, ds) : DHALL_ABSENT;
	case IMPORT_ENV: return env->variable ? env->variable(env->ud, at->name, &out->blob) : DHALL_ABSENT;
	case IMPORT_REMOTE:
		if (!env->fetch)
			return DHALL_ABSENT;
		out->found = env->fetch(env->ud, at->path, at->headers ? at->headers->p : NULL, at->headers ? at->headers->n : 0,
				&out->arena, &out->response);
		out->blob = out->found == DHALL_FOUND ? out->response.body : NULL;
		return out->found;
	case IMPORT_MISSING: break;
	}
	return DHALL_ABSENT;
}

str unit_place(struct arena *a, const struct location *at)
{
	if (at->kind == IMPORT_REMOTE)
		return at->shown;
	return at->kind == IMPORT_ENV ? str_fmt(a, "env:%.*s", STR_ARG(at->name)) : at->path;
}

static str unit_key(struct arena *a, const struct location *at)
{
	return at->key.n ? at->key : unit_place(a, at);
}

void raw_free(struct raw *r)
{
	blob_unref(r->blob);
	arena_clear(&r->arena);
	mem_free(r);
}

const struct raw *unit_raw(struct dhall *s, const struct location *at, struct diags *ds)
{
	struct dhall_world *w = s->world;
	struct raw *r, *fresh;
	str key = unit_key(&s->arena, at);

	pthread_mutex_lock(&w->lock);
	r = map_get(&w->raw, key);
	pthread_mutex_unlock(&w->lock);
	if (r)
		return r;
	fresh = mem_make(struct raw);
	fresh->found = door(s, at, fresh, ds);
	if (fresh->found == DHALL_FAILED) {
		raw_free(fresh);
		return NULL;
	}
	pthread_mutex_lock(&w->lock);
	r = map_get(&w->raw, key);
	if (!r)
		map_put(&w->raw, str_dup(&w->names, key), fresh);
	pthread_mutex_unlock(&w->lock);
	if (!r)
		return fresh;
	raw_free(fresh);
	return r;
}

/* ---- loading ---- */

static enum unit_state load_text(struct dhall *s, struct loaded *l, const struct location *at)
{
	const struct raw *raw;
	unsigned char digest[32];

	if (at->kind != IMPORT_REMOTE)
		unit_depends(l, unit_place(&s->arena, at));
	raw = unit_raw(s, at, &l->diags);
	if (!raw || raw->found != DHALL_FOUND) {
		unit_publish_deps(l);
		return raw ? UNIT_ABSENT : UNIT_FAILED;
	}
	l->headers = at->headers;
	if (s->pack) {
		sha256(blob_str(raw->blob), digest);
		types_origin(&l->unit, 't', digest);
	}
	l->unit.file = source_add(l->unit.name, blob_str(raw->blob));
	if (!term_parse(&l->unit, blob_str(raw->blob), &l->diags)) {
		unit_publish_deps(l);
		return UNIT_FAILED;
	}
	return unit_finish(s, l);
}

/* Who would wait for whom, until it comes back to s: then nobody would ever go on. */
static bool would_wait_for_ever(const struct dhall *s, const struct loaded *l)
{
	while (l && l->state == UNIT_LOADING) {
		if (l->loader == s)
			return true;
		l = l->loader->waits_for;
	}
	return false;
}

static struct loaded *cycle(struct dhall *s, struct loaded *l, struct span from)
{
	struct loaded *c = mem_make(struct loaded);
	struct diag *d;

	pthread_mutex_lock(&s->world->lock);
	c->next = s->world->all;
	s->world->all = c;
	pthread_mutex_unlock(&s->world->lock);
	c->state = UNIT_FAILED;
	d = diag_error(&c->diags, DIAG_IMPORT_CYCLE, from, "'%.*s' imports itself%s",
			STR_ARG(l->unit.name), s->loading == l ? "" : ", through other files");
	if (l->loader != s)
		diag_note(&c->diags, d, NO_SPAN, "the circle was met by two threads at once");
	diag_hint(&c->diags, d, "move what both need into a file of its own");
	return c;
}

/* The unit of that key: loaded by another, or to be loaded by the caller (*mine). */
static struct loaded *claim(struct dhall *s, str key, const struct location *at,
		struct span from, bool *mine)
{
	struct dhall_world *w = s->world;
	struct loaded *l, *fresh = NULL;

	*mine = false;
	pthread_mutex_lock(&w->lock);
	l = map_get(&w->units, key);
	if (!l) {
		pthread_mutex_unlock(&w->lock);
		fresh = unit_new(w, at->kind == IMPORT_REMOTE ? at->shown : at->name, at->directory);
		pthread_mutex_lock(&w->lock);
		l = map_get(&w->units, key);
	}
	if (!l) {
		l = fresh;
		l->loader = s;
		map_put(&w->units, str_dup(&w->names, key), l);
		*mine = true;
	}
	while (!*mine && l->state == UNIT_LOADING) {
		if (would_wait_for_ever(s, l)) {
			pthread_mutex_unlock(&w->lock);
			return cycle(s, l, from);
		}
		s->waits_for = l;
		pthread_cond_wait(&w->changed, &w->lock);
		s->waits_for = NULL;
	}
	pthread_mutex_unlock(&w->lock);
	return l;
}

static void settle(struct dhall *s, struct loaded *l, enum unit_state state)
{
	pthread_mutex_lock(&s->world->lock);
	l->state = state;
	l->loader = NULL;
	pthread_cond_broadcast(&s->world->changed);
	pthread_mutex_unlock(&s->world->lock);
}

struct loaded *unit_load(struct dhall *s, const struct location *at, struct span from)
{
	str key = unit_key(&s->arena, at);
	struct loaded *l;
	struct pack pack;
	bool mine, packed;

	l = claim(s, key, at, from, &mine);
	if (!mine)
		return l;
	l->outer = s->loading;
	s->loading = l;
	if (stack_low(s->stack_lo)) {
		diag_error(&l->diags, DIAG_LIMIT_DEPTH, from, "imports are nested too deep");
		settle(s, l, UNIT_FAILED);
	} else {
		packed = types_open(s, &pack, unit_place(&s->arena, at));
		settle(s, l, load_text(s, l, at));
		if (packed)
			types_close(s);
	}
	s->loading = l->outer;
	return l;
}

/* ---- the integrity cache ---- */

static void warn_damaged(struct dhall *s, const unsigned char hash[32], struct span from)
{
	char hex[65];
	struct diag *d;

	hex_of(hash, 32, hex);
	d = diag_warning(s->diags, DIAG_IMPORT_CACHE, from, "the cached bytes of this import do not have its hash");
	diag_note(s->diags, d, NO_SPAN, "the entry is '1220%s'", hex);
	diag_hint(s->diags, d, "nothing was taken from it; it is written anew when the import can be read");
}

static bool cached_bytes(struct dhall *s, const unsigned char hash[32], struct span from, struct blob **out)
{
	const struct dhall_env *env = &s->world->env;
	unsigned char found[32];

	*out = NULL;
	if (!env->cached || !env->cached(env->ud, hash, out))
		return false;
	sha256(blob_str(*out), found);
	if (memcmp(found, hash, 32) == 0)
		return true;
	warn_damaged(s, hash, from);
	blob_unref(*out);
	return false;
}

static enum unit_state load_cached(struct dhall *s, struct loaded *l, struct blob *blob,
		const unsigned char hash[32])
{
	const char *why;

	types_origin(&l->unit, 'p', hash);
	l->unit.term = term_decode(&l->unit.arena, blob_str(blob), &why);
	return l->unit.term ? unit_finish(s, l) : UNIT_FAILED;
}

struct loaded *unit_cached(struct dhall *s, const unsigned char hash[32], struct span from)
{
	char hex[65];
	struct location at = {.kind = IMPORT_MISSING};
	struct loaded *l;
	struct blob *blob;
	struct pack pack;
	bool mine, packed;

	hex_of(hash, 32, hex);
	at.name = str_fmt(&s->arena, "sha256:%s", hex);
	pthread_mutex_lock(&s->world->lock);
	l = map_get(&s->world->units, at.name);
	pthread_mutex_unlock(&s->world->lock);
	if (!l && !cached_bytes(s, hash, from, &blob))
		return NULL;
	if (l)
		blob = NULL;
	l = claim(s, at.name, &at, NO_SPAN, &mine);
	if (mine) {
		l->outer = s->loading;
		s->loading = l;
		packed = types_open(s, &pack, at.name);
		settle(s, l, load_cached(s, l, blob, hash));
		if (packed)
			types_close(s);
		s->loading = l->outer;
	}
	blob_unref(blob);
	return l->state == UNIT_DONE ? l : NULL;
}

/* ---- in a session ---- */

struct val *unit_value(struct dhall *s, const struct unit *u)
{
	return values_of(s, u)->value;
}

struct val *unit_type(struct dhall *s, const struct unit *u)
{
	struct unit_values *uv = values_of(s, u);
	const struct term *t = u->type;
	const char *why;

	if (!uv->type) {
		if (!t && u->encoded_type.n)
			t = term_decode(&s->tables, u->encoded_type, &why);
		uv->type = t ? eval_later(s, t, &env_empty) : check_unit(s, u);
	}
	return uv->type;
}
