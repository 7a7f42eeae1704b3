#include "nix_world.h"

#include <errno.h>

struct world {
	struct nix_env inner;
	const struct nix_view *view;
	str kept; /* the folder of what evaluation makes */
};

/* ---- where a path leads ---- */

/* Is it the folder, or below it?  *below is the rest, without a slash in front. */
static bool is_below(str folder, str path, str *below)
{
	if (!folder.n || !str_starts(path, folder) || (path.n > folder.n && path.p[folder.n] != '/' && folder.p[folder.n - 1] != '/'))
		return false;
	*below = str_from(path, path.n > folder.n ? folder.n + (folder.p[folder.n - 1] != '/') : folder.n);
	return true;
}

/* What the entry of a search path names; empty when it is fetched, or starts where the expression does. */
static str entry_path(str entry)
{
	str name, path;

	if (!str_cut(entry, '=', &name, &path))
		path = entry;
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	return path.n && path.p[0] == '/' ? path : (str){0};
}

static bool is_searched(const struct world *w, str path)
{
	str below;

	for (size_t i = 0; i < w->inner.nsearch; i++)
		if (is_below(entry_path(w->inner.search[i]), path, &below))
			return true;
	return false;
}

enum lead { LEAD_NOWHERE, LEAD_HERE, LEAD_BEYOND };

/* Where the path lies on the disk, in the arena; *below is set HERE. */
static enum lead lead(const struct world *w, str path, struct arena *a, str *real, str *below)
{
	const struct nix_view *v = w->view;

	*real = path;
	if (is_below(w->kept, path, below))
		return LEAD_BEYOND;
	if (is_below(v->root, path, below)) {
		if (v->shows && !v->shows(v->ud, *below))
			return LEAD_NOWHERE;
		if (below->n)
			*real = str_c(os_join(a, v->real, *below));
		else
			*real = v->real;
		return LEAD_HERE;
	}
	if (!is_searched(w, path))
		return LEAD_NOWHERE;
	if (v->beyond)
		v->beyond(v->ud, path);
	return LEAD_BEYOND;
}

static void tell(const struct world *w, str below, enum nix_file_type type)
{
	if (w->view->saw)
		w->view->saw(w->view->ud, below, type);
}

/* The workspace has it, and this world has not. */
static void miss(const struct world *w, str path, str below)
{
	const struct nix_view *v = w->view;

	if (v->missed && !str_eq(v->root, v->real) && w->inner.type(w->inner.ud, path) == NIX_REGULAR)
		v->missed(v->ud, below);
}

/* ---- doors ---- */

/* What is not below the root; NIX_NOTHING is answered. */
static bool refuse(const struct world *w, str path)
{
	const struct nix_view *v = w->view;
	str below;

	if (is_below(v->root, path, &below) || w->inner.type(w->inner.ud, path) == NIX_NOTHING)
		return false;
	if (v->refused)
		v->refused(v->ud, path);
	return true;
}

static enum nix_found outside(struct world *w, str path, struct diags *diags)
{
	if (!refuse(w, path))
		return NIX_ABSENT;
	diag_error(diags, DIAG_NIX_FILE, NO_SPAN, "'%.*s' lies outside of the workspace and the search path", STR_ARG(path));
	return NIX_FAILED;
}

static enum nix_found world_read(void *ud, str path, struct blob **out, struct diags *diags)
{
	struct world *w = ud;
	struct arena a = {0};
	enum nix_found found;
	str real, below;
	enum lead where = lead(w, path, &a, &real, &below);

	if (where == LEAD_NOWHERE) {
		found = outside(w, path, diags);
	} else {
		found = w->inner.read(w->inner.ud, real, out, diags);
		if (where == LEAD_HERE && found == NIX_FOUND)
			tell(w, below, NIX_REGULAR);
		else if (where == LEAD_HERE && found == NIX_ABSENT)
			miss(w, path, below);
	}
	arena_clear(&a);
	return found;
}

/* What is not shown is not among the entries. */
static size_t shown(const struct world *w, str below, struct nix_entry *entries, size_t n)
{
	const struct nix_view *v = w->view;
	struct arena a = {0};
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!v->shows || v->shows(v->ud, str_c(os_join(&a, below, entries[i].name))))
			entries[kept++] = entries[i];
	arena_clear(&a);
	return kept;
}

static enum nix_found world_list(void *ud, str path, struct arena *mem, struct nix_entry **out, size_t *n, struct diags *diags)
{
	struct world *w = ud;
	enum nix_found found;
	str real, below;
	enum lead where = lead(w, path, mem, &real, &below);

	if (where == LEAD_NOWHERE)
		return outside(w, path, diags);
	found = w->inner.list(w->inner.ud, real, mem, out, n, diags);
	if (where != LEAD_HERE || found != NIX_FOUND)
		return found;
	*n = shown(w, below, *out, *n);
	tell(w, below, NIX_DIRECTORY);
	return found;
}

static enum nix_file_type world_type(void *ud, str path)
{
	struct world *w = ud;
	struct arena a = {0};
	enum nix_file_type type = NIX_NOTHING;
	str real, below;
	enum lead where = lead(w, path, &a, &real, &below);

	if (where != LEAD_NOWHERE)
		type = w->inner.type(w->inner.ud, real);
	else
		(void)refuse(w, path);
	if (where == LEAD_HERE && type == NIX_NOTHING)
		miss(w, path, below);
	else if (where == LEAD_HERE && type != NIX_DIRECTORY)
		tell(w, below, type);
	arena_clear(&a);
	return type;
}

static bool world_link(void *ud, str path, struct arena *mem, str *target)
{
	struct world *w = ud;
	str real, below;

	return lead(w, path, mem, &real, &below) != LEAD_NOWHERE && w->inner.link(w->inner.ud, real, mem, target);
}

static const char *world_variable(void *ud, str name)
{
	(void)ud;
	(void)name;
	return NULL;
}

/* ---- sources ---- */

struct sieve { /* the filter of a source, which knows the workspace's paths */
	const struct world *w;
	str real, path; /* where the source lies, and what it is called */
	nix_filter *filter;
	void *ud;
	bool here;
};

static bool sift(void *ud, str real, str type)
{
	const struct sieve *s = ud;
	const struct nix_view *v = s->w->view;
	struct arena a = {0};
	str path = str_fmt(&a, "%.*s%.*s", STR_ARG(s->path), STR_ARG(str_from(real, s->real.n))), below = {0};
	bool keep = true;

	if (s->here)
		keep = is_below(v->root, path, &below) && (!v->shows || v->shows(v->ud, below));
	keep = keep && (!s->filter || s->filter(s->ud, path, type));
	if (s->here && keep && !str_eq(type, S("directory")))
		tell(s->w, below, str_eq(type, S("symlink")) ? NIX_SYMLINK : NIX_REGULAR);
	arena_clear(&a);
	return keep;
}

static bool begin(struct sieve *s, struct world *w, str path, nix_filter *filter, void *filter_ud, struct arena *a, struct diags *diags)
{
	str below = {0};
	enum lead where = lead(w, path, a, &s->real, &below);

	*s = (struct sieve){w, s->real, path, filter, filter_ud, where == LEAD_HERE};
	if (where == LEAD_NOWHERE && outside(w, path, diags) == NIX_ABSENT)
		os_error(diags, DIAG_NIX_FILE, ENOENT, "reading", path);
	if (where == LEAD_HERE && w->inner.type(w->inner.ud, s->real) == NIX_REGULAR)
		tell(w, below, NIX_REGULAR);
	return where != LEAD_NOWHERE;
}

static bool world_hash(void *ud, str path, bool recursive, nix_filter *filter, void *filter_ud, unsigned char sha256[32],
		struct diags *diags)
{
	struct world *w = ud;
	struct arena a = {0};
	struct sieve s;
	bool ok = begin(&s, w, path, filter, filter_ud, &a, diags) &&
			w->inner.hash(w->inner.ud, s.real, recursive, sift, &s, sha256, diags);

	arena_clear(&a);
	return ok;
}

static bool world_keep(void *ud, str path, str stored, bool recursive, nix_filter *filter, void *filter_ud, struct diags *diags)
{
	struct world *w = ud;
	struct arena a = {0};
	struct sieve s;
	bool ok = begin(&s, w, path, filter, filter_ud, &a, diags) &&
			w->inner.keep(w->inner.ud, s.real, stored, recursive, sift, &s, diags);

	arena_clear(&a);
	return ok;
}

/* ---- what has nothing to do with the workspace ---- */

static bool world_write(void *ud, str path, str bytes, struct diags *diags)
{
	struct world *w = ud;

	return w->inner.write(w->inner.ud, path, bytes, diags);
}

/* What another day may give something else does not belong into an action. */
static bool world_fetch(void *ud, const struct nix_fetch *f, struct arena *mem, struct nix_fetched *out, struct diags *diags)
{
	struct world *w = ud;
	struct diag *d;

	if (!f->sha256 && !f->rev.n) {
		d = diag_error(diags, DIAG_NIX_FETCH, NO_SPAN, "'%.*s' has no hash, and an action has no network", STR_ARG(f->url));
		diag_hint(diags, d, "give it sha256 = \"…\", so that it is the same everywhere");
		return false;
	}
	return w->inner.fetch(w->inner.ud, f, mem, out, diags);
}

static int64_t world_now(void *ud)
{
	const struct world *w = ud;

	return w->inner.now(w->inner.ud);
}

static void world_say(void *ud, str line)
{
	struct world *w = ud;

	w->inner.say(w->inner.ud, line);
}

struct nix_env nix_world(struct arena *a, const struct nix_env *inner, const struct nixstore *kept, const struct nix_view *view)
{
	struct world *w = arena_make(a, struct world);
	struct nix_env env = *inner;

	w->inner = *inner;
	w->view = view;
	w->kept = nixstore_dir(kept);
	env.read = world_read;
	env.list = world_list;
	env.type = world_type;
	env.link = world_link;
	env.variable = world_variable;
	env.hash = world_hash;
	env.keep = inner->keep ? world_keep : NULL;
	env.write = inner->write ? world_write : NULL;
	env.fetch = inner->fetch ? world_fetch : NULL;
	env.realise = NULL;
	env.now = inner->now ? world_now : NULL;
	env.say = world_say;
	env.home = S("");
	env.ud = w;
	return env;
}
