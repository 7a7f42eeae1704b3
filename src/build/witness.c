#include "memo.h"

#include <straylight/prelude.h>

#include <pthread.h>

struct note {
	bool found, torn; /* torn: it was read twice, with two contents */
	struct digest content;
};

struct witness {
	struct arena arena; /* under the lock */
	pthread_mutex_t lock;
	struct dhall_env inner;
	enum digest_fn fn;
	str root;
	struct map notes; /* path or "env:NAME" → struct note * */
};

struct witness *witness_new(const struct dhall_env *inner, enum digest_fn fn, str root)
{
	struct witness *w = mem_make(struct witness);

	pthread_mutex_init(&w->lock, NULL);
	w->inner = *inner;
	w->fn = fn;
	w->root = str_dup(&w->arena, root);
	return w;
}

void witness_free(struct witness *w)
{
	if (!w)
		return;
	pthread_mutex_destroy(&w->lock);
	map_free(&w->notes);
	arena_clear(&w->arena);
	mem_free(w);
}

/* ---- noting ---- */

static bool note_eq(const struct note *a, const struct note *b)
{
	return a->found == b->found && (!a->found || digest_eq(&a->content, &b->content));
}

static void note(struct witness *w, str name, const struct blob *content)
{
	struct note now = {.found = content != NULL}, *n;
	bool fresh;
	void **slot;

	if (content)
		now.content = digest_of(w->fn, blob_str(content));
	pthread_mutex_lock(&w->lock);
	n = map_get(&w->notes, name);
	if (!n) {
		slot = map_slot(&w->notes, str_dup(&w->arena, name), &fresh);
		*slot = n = arena_make(&w->arena, struct note);
		*n = now;
	}
	n->torn = n->torn || !note_eq(n, &now);
	pthread_mutex_unlock(&w->lock);
}

static enum dhall_found noted_read(void *ud, str path, struct blob **out, struct diags *diags)
{
	struct witness *w = ud;
	enum dhall_found found = w->inner.read(w->inner.ud, path, out, diags);

	if (found != DHALL_FAILED && !str_starts(path, S(PRELUDE_DIR)))
		note(w, path, found == DHALL_FOUND ? *out : NULL);
	return found;
}

static enum dhall_found noted_variable(void *ud, str name, struct blob **out)
{
	struct witness *w = ud;
	struct arena a = {0};
	enum dhall_found found = w->inner.variable(w->inner.ud, name, out);

	if (found != DHALL_FAILED)
		note(w, str_fmt(&a, "env:%.*s", STR_ARG(name)), found == DHALL_FOUND ? *out : NULL);
	arena_clear(&a);
	return found;
}

static bool inner_cached(void *ud, const unsigned char hash[32], struct blob **out)
{
	const struct witness *w = ud;

	return w->inner.cached(w->inner.ud, hash, out);
}

static void inner_remember(void *ud, const unsigned char hash[32], str bytes)
{
	const struct witness *w = ud;

	w->inner.remember(w->inner.ud, hash, bytes);
}

static enum dhall_found inner_fetch(void *ud, str url, const struct dhall_header *headers, size_t n, struct arena *a,
		struct dhall_response *out)
{
	const struct witness *w = ud;

	return w->inner.fetch(w->inner.ud, url, headers, n, a, out);
}

static bool inner_recall(void *ud, const unsigned char key[32], struct blob **out)
{
	const struct witness *w = ud;

	return w->inner.recall(w->inner.ud, key, out);
}

static void inner_store(void *ud, const unsigned char key[32], str bytes)
{
	const struct witness *w = ud;

	w->inner.store(w->inner.ud, key, bytes);
}

/* Made anew and not from a copy: a door that is forgotten here is not there, instead of meeting another's ud. */
struct dhall_env witness_env(struct witness *w)
{
	const struct dhall_env *in = &w->inner;

	return (struct dhall_env){
		.read = noted_read,
		.variable = noted_variable,
		.fetch = in->fetch ? inner_fetch : NULL,
		.cached = in->cached ? inner_cached : NULL,
		.remember = in->remember ? inner_remember : NULL,
		.recall = in->recall ? inner_recall : NULL,
		.store = in->store ? inner_store : NULL,
		.home = in->home,
		.directory = in->directory,
		.ud = w,
		.limits = in->limits,
	};
}

/* ---- asking ---- */

static bool noted(struct witness *w, str name, bool *found, struct digest *out)
{
	const struct note *n;
	bool whole;

	pthread_mutex_lock(&w->lock);
	n = map_get(&w->notes, name);
	whole = n && !n->torn;
	if (whole) {
		*found = n->found;
		*out = n->content;
	}
	pthread_mutex_unlock(&w->lock);
	return whole;
}

static void place(const struct witness *w, bool *found, struct digest *out)
{
	struct buf b = {0};

	cbor_text(&b, w->root);
	cbor_text(&b, w->inner.home);
	*found = true;
	*out = digest_of(w->fn, buf_view(&b));
	buf_free(&b);
}

bool witness_grounds(struct witness *w, const str *dependencies, size_t n, struct arena *a,
		const struct ground **out, size_t *count)
{
	struct ground *grounds = arena_array(a, struct ground, n);
	bool placed = false;

	*count = 0;
	*out = grounds;
	for (size_t i = 0; i < n; i++) {
		struct ground *g = &grounds[*count];

		if (str_starts(dependencies[i], S("url:")))
			return false;
		if (!ground_of(dependencies[i], w->root, &g->kind, &g->name))
			continue;
		if (g->kind != GROUND_PLACE && !noted(w, dependencies[i], &g->found, &g->content))
			return false;
		if (g->kind == GROUND_PLACE && placed)
			continue;
		if (g->kind == GROUND_PLACE) {
			place(w, &g->found, &g->content);
			placed = true;
		}
		++*count;
	}
	return true;
}

bool witness_content(struct witness *w, str path, struct digest *out)
{
	bool found = false;

	return noted(w, path, &found, out) && found;
}

bool witness_look(const struct witness *w, enum ground_kind kind, sym name, bool *found, struct digest *out)
{
	struct arena a = {0};
	struct blob *content = NULL;
	struct diags unheard = {0};
	enum dhall_found there;

	if (kind == GROUND_PLACE) {
		place(w, found, out);
		return true;
	}
	there = kind == GROUND_VARIABLE
			? w->inner.variable(w->inner.ud, sym_str(name), &content)
			: w->inner.read(w->inner.ud, ground_dependency(kind, name, w->root, &a), &content, &unheard);
	*found = there == DHALL_FOUND;
	if (*found)
		*out = digest_of(w->fn, blob_str(content));
	blob_unref(content);
	diags_free(&unheard);
	arena_clear(&a);
	return there != DHALL_FAILED;
}

bool witness_vouches(const struct witness *w, const struct memo_entry *e)
{
	for (uint32_t i = 0; i < e->ngrounds; i++) {
		const struct ground *g = &e->grounds[i];
		struct digest now;
		bool found;

		if (!witness_look(w, g->kind, g->name, &found, &now) || found != g->found || (found && !digest_eq(&now, &g->content)))
			return false;
	}
	return true;
}
