#include "provide.h"

#include <pthread.h>

struct provider {
	struct store *store;
	const struct files *files;
	pthread_mutex_t lock; /* of the two below */
	struct arena arena;
	struct map provided; /* digests of trees whose sources are in the store */
};

struct provider *provider_new(struct store *store, const struct files *files)
{
	struct provider *p = mem_make(struct provider);

	p->store = store;
	p->files = files;
	pthread_mutex_init(&p->lock, NULL);
	return p;
}

void provider_free(struct provider *p)
{
	if (!p)
		return;
	pthread_mutex_destroy(&p->lock);
	map_free(&p->provided);
	arena_clear(&p->arena);
	mem_free(p);
}

static str key_of(const struct provider *p, struct tree *t)
{
	return str_of((const char *)tree_digest(t, store_fn(p->store))->b, 32);
}

static bool is_provided(struct provider *p, struct tree *t)
{
	bool there;

	pthread_mutex_lock(&p->lock);
	there = map_has(&p->provided, key_of(p, t));
	pthread_mutex_unlock(&p->lock);
	return there;
}

static void note_provided(struct provider *p, struct tree *t)
{
	bool fresh;

	pthread_mutex_lock(&p->lock);
	if (!map_has(&p->provided, key_of(p, t)))
		map_slot(&p->provided, str_dup(&p->arena, key_of(p, t)), &fresh);
	pthread_mutex_unlock(&p->lock);
}

/* Sources of a tree at `path`; what stands in the output directory was made by actions.  Trees are bounded in
 * depth by the store. */
static bool provide_tree(struct provider *p, struct tree *t, str path, struct arena *a, struct diags *diags)
{
	const struct tree_entry *e = tree_entries(t);

	if (is_provided(p, t))
		return true;
	for (size_t i = 0; i < tree_count(t); i++) {
		str at = path.n ? str_fmt(a, "%.*s/%.*s", STR_ARG(path), STR_ARG(e[i].name)) : e[i].name;

		if (str_eq(at, S(OUT_DIR)))
			continue;
		if (e[i].kind == TREE_DIR && !provide_tree(p, e[i].dir, at, a, diags))
			return false;
		if (e[i].kind == TREE_FILE && !files_need(p->files, at, &e[i].digest, diags))
			return false;
	}
	note_provided(p, t);
	return true;
}

static bool provide(struct provider *p, const struct artifact *const *artifacts, const struct content *contents,
		uint32_t n, struct diags *diags)
{
	for (uint32_t i = 0; i < n; i++)
		if (!artifacts[i]->label && contents[i].kind == TREE_FILE &&
				!files_need(p->files, artifacts[i]->path, &contents[i].digest, diags))
			return false;
	return true;
}

bool provide_inputs(struct provider *p, const struct action *a, const struct contents *c, struct arena *arena,
		struct diags *diags)
{
	if (!provide(p, a->inputs, c->inputs, a->ninputs, diags) ||
			!provide(p, a->headers, c->headers, a->nheaders, diags))
		return false;
	for (uint32_t i = 0; i < a->nheader_sets; i++)
		if (!provide_tree(p, c->header_sets[i], (str){0}, arena, diags))
			return false;
	return true;
}
