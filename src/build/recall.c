#include "build_int.h"

/* Keys, after the beginning that all have (memo.h):
 *
 *	"workspace"   the content of straylight.dhall
 *	"package"     the context (struct settings), the package's path, the content of its BUILD.dhall
 *
 * Neither says where the workspace is, so workspaces share what they have in common. */
#define WORKSPACE "workspace"
#define PACKAGE "package"

static void key_content(struct buf *key, const struct digest *content)
{
	cbor_bytes(key, str_of((const char *)content->b, sizeof content->b));
	cbor_int(key, content->size);
}

static void workspace_key(const struct digest *content, unsigned char out[32])
{
	struct buf key = {0};

	memo_key_begin(&key);
	key_content(&key, content);
	memo_key_end(&key, out);
}

static void package_key(const unsigned char context[32], str path, const struct digest *content,
		unsigned char out[32])
{
	struct buf key = {0};

	memo_key_begin(&key);
	cbor_bytes(&key, str_of((const char *)context, 32));
	cbor_text(&key, path);
	key_content(&key, content);
	memo_key_end(&key, out);
}

/* What the value of an entry depends on, as dhall_dependencies says it. */
static const str *dependencies(const struct workspace *w, const struct memo_entry *e, struct arena *a)
{
	str *out = arena_array(a, str, e->ngrounds);

	for (uint32_t i = 0; i < e->ngrounds; i++)
		out[i] = str_dup(a, ground_dependency(e->grounds[i].kind, e->grounds[i].name, w->root, a));
	return out;
}

/* ---- the workspace ---- */

static bool take_settings(struct workspace *w, const struct memo_entry *e)
{
	if (!witness_vouches(w->witness, e) || !record_read_settings(e->value, &w->arena, &w->settings))
		return false;
	w->deps = dependencies(w, e, &w->arena);
	w->ndeps = e->ngrounds;
	return true;
}

bool workspace_recall(struct workspace *w)
{
	unsigned char key[32];
	struct digest content;
	struct memo memo;
	bool hit = false, found;

	if (!witness_look(w->witness, GROUND_FILE, intern_c("straylight.dhall"), &found, &content) || !found)
		return false;
	workspace_key(&content, key);
	memo_get(w->store, WORKSPACE, key, &memo);
	for (uint32_t i = 0; i < memo.n && !hit; i++)
		hit = take_settings(w, &memo.entries[i]);
	memo_clear(&memo);
	if (!hit)
		w->settings = (struct settings){0};
	return hit;
}

/* The file's dependencies, and the prelude's that rendered it. */
static str *all_dependencies(const struct session *s, struct arena *a, size_t *n)
{
	const str *own, *prelude;
	size_t nown, nprelude;
	struct map seen = {0};
	str *all;

	dhall_dependencies(s->file, &own, &nown);
	dhall_dependencies(s->prelude, &prelude, &nprelude);
	for (size_t i = 0; i < nown; i++)
		map_put(&seen, own[i], NULL);
	for (size_t i = 0; i < nprelude; i++)
		map_put(&seen, prelude[i], NULL);
	all = arena_array(a, str, seen.n + 1);
	for (*n = 0; *n < seen.n; ++*n)
		all[*n] = seen.entries[*n].key;
	map_free(&seen);
	all[(*n)++] = S("env:STRAYLIGHT_PRELUDE"); /* what the prelude's text is read from */
	return all;
}

void workspace_remember(struct workspace *w, const struct session *s)
{
	struct arena a = {0};
	struct buf value = {0};
	unsigned char key[32];
	const struct ground *grounds;
	struct digest content;
	size_t n;
	const str *deps = all_dependencies(s, &a, &n);

	if (witness_content(w->witness, w->file, &content) &&
			witness_grounds(w->witness, deps, n, &a, &grounds, &n)) {
		workspace_key(&content, key);
		record_settings(&w->settings, &value);
		(void)memo_put(w->store, WORKSPACE, key, grounds, n, buf_view(&value)); /* only a memo */
	}
	buf_free(&value);
	arena_clear(&a);
}

/* ---- packages ---- */

void package_recall(const struct workspace *w, str path, const struct digest *content, struct memo *out)
{
	bool debug = w->mode == BUILD_MODE_WORKSPACE ? w->settings.debug : w->mode == BUILD_MODE_DEBUG;
	unsigned char key[32];

	package_key(w->settings.contexts[debug], path, content, key);
	memo_get(w->store, PACKAGE, key, out);
}

struct package *package_recalled(const struct workspace *w, str path, const struct memo_entry *e)
{
	struct arena a = {0};
	str file = path.n ? str_fmt(&a, "%.*s/%.*s/BUILD.dhall", STR_ARG(w->root), STR_ARG(path))
			  : str_fmt(&a, "%.*s/BUILD.dhall", STR_ARG(w->root));
	struct package *p = record_read_package(e->value, path, source_add_file(file));

	arena_clear(&a);
	if (p) {
		p->deps = dependencies(w, e, &p->arena);
		p->ndeps = e->ngrounds;
	}
	return p;
}

void package_remember(const struct workspace *w, const struct session *s, const struct package *p, str file)
{
	struct arena a = {0};
	struct buf value = {0};
	unsigned char key[32];
	const struct ground *grounds;
	struct digest content;
	size_t n;

	if (witness_content(w->witness, file, &content) &&
			witness_grounds(w->witness, p->deps, p->ndeps, &a, &grounds, &n)) {
		package_key(s->contexts[s->debug], p->path, &content, key);
		record_package(p, &value);
		(void)memo_put(w->store, PACKAGE, key, grounds, n, buf_view(&value));
	}
	buf_free(&value);
	arena_clear(&a);
}
