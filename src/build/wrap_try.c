#include "wrap_int.h"

#include <straylight/base/utf8.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* What an expression reads becomes the inputs of its action, file by file.  Not among them is what is no source: what straylight and
 * version control keep, and the BUILD.dhall that is being written. */

struct trial {
	struct wrapping *of;
	struct map files;   /* below the root: what was seen; no values */
	struct map folders; /* … the folders that are asked for their entries, or lead to files; no values */
	str link;           /* one of a source; p == NULL: there is none */
	bool only_files;    /* the second time: nothing else is there */
};

/* ---- what is there ---- */

static bool is_kept_by_tools(str name)
{
	static const char *const names[] = {".git", ".hg", ".svn", ".jj", ".straylight"};

	for (size_t i = 0; i < SL_COUNT(names); i++)
		if (str_eq(name, str_c(names[i])))
			return true;
	return false;
}

static str last_name(str path)
{
	size_t at = path.n;

	while (at && path.p[at - 1] != '/')
		at--;
	return str_from(path, at);
}

static str in_package(const struct wrapping *w, str name, struct arena *a)
{
	return w->package.n ? str_c(os_join(a, w->package, name)) : name;
}

static bool is_source(const struct wrapping *w, str below)
{
	struct arena a = {0};
	bool ok = !is_kept_by_tools(last_name(below)) && !str_eq(below, S("straylight.dhall")) && !str_eq(below, S("straylight-out")) &&
			!str_eq(below, in_package(w, S("BUILD.dhall"), &a));

	arena_clear(&a);
	return ok;
}

static bool shows(void *ud, str below)
{
	const struct trial *t = ud;

	if (!is_source(t->of, below))
		return false;
	return !t->only_files || below.n == 0 || map_has(&t->files, below) || map_has(&t->folders, below);
}

/* ---- what is seen ---- */

static void add(struct map *m, str below, struct arena *a)
{
	if (!map_has(m, below))
		map_put(m, str_dup(a, below), NULL);
}

static void add_file(struct trial *t, str below)
{
	struct arena *a = &t->of->arena;

	add(&t->files, below, a);
	for (size_t n = below.n; n-- > 0;)
		if (below.p[n] == '/')
			add(&t->folders, str_upto(below, n), a);
}

/* Names are seen: so they are to be there. */
static void add_entries(struct trial *t, str below)
{
	struct arena a = {0};
	const char *dir = os_join(&a, t->of->root, below);
	str *names;
	size_t n;

	if (os_list(&a, dir, &names, &n) == 0)
		for (size_t i = 0; i < n; i++) {
			str path = str_c(os_join(&a, below, names[i]));
			struct stat st;

			if (is_source(t->of, path) && stat(os_join(&a, t->of->root, path), &st) == 0 && S_ISREG(st.st_mode))
				add_file(t, path);
		}
	arena_clear(&a);
}

static void saw(void *ud, str below, enum nix_file_type type)
{
	struct trial *t = ud;

	if (t->only_files)
		return;
	if (type == NIX_SYMLINK && !t->link.p)
		t->link = str_dup(&t->of->arena, below);
	if (type == NIX_DIRECTORY)
		add_entries(t, below);
	else if (below.n)
		add_file(t, below);
}

static void note_refused(struct wrapping *w, str path)
{
	if (!w->refused.p)
		w->refused = str_dup(&w->arena, path);
}

static void world_refused(void *w, str path)
{
	note_refused(w, path);
}

static void trial_refused(void *t, str path)
{
	note_refused(((struct trial *)t)->of, path);
}

void wrap_world(struct wrapping *w, struct compat_world *out)
{
	*out = (struct compat_world){
		.view = {.root = w->root, .real = w->root, .refused = world_refused, .ud = w},
		.search = w->request->search,
		.nsearch = w->request->nsearch,
		.package = w->package,
	};
}

/* ---- inputs ---- */

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

static bool unfit(struct wrapping *w, str path, const char *why, const char *hint)
{
	struct diag *d = diag_error(w->diags, DIAG_WRAP_UNFIT, NO_SPAN, "'%.*s' cannot be wrapped: '%.*s' %s", STR_ARG(w->file),
			STR_ARG(path), why);

	diag_hint(w->diags, d, "%s", hint);
	return false;
}

/* A file of an action's package, below it. */
static bool input(struct wrapping *w, str below, str *out)
{
	struct arena a = {0};
	str folder = w->package.n ? str_fmt(&a, "%.*s/", STR_ARG(w->package)) : S("");
	bool inside = str_starts(below, folder);
	struct stat st;
	int err = stat(os_join(&a, w->root, below), &st);

	*out = str_from(below, folder.n);
	arena_clear(&a);
	if (!inside)
		return unfit(w, below, "is read, and lies outside of the package", "run it in a folder that has all that is read");
	if (utf8_check(*out) < out->n)
		return unfit(w, *out, "is no UTF-8", "rename the file");
	if (err || S_ISREG(st.st_mode))
		return true;
	return unfit(w, *out, S_ISDIR(st.st_mode) ? "is a link to a folder" : "is no regular file",
			"actions have files as inputs; leave it out of what the expression takes, or put files in its place");
}

static bool inputs(struct trial *t, struct wrapped *out)
{
	struct wrapping *w = t->of;
	str *list = arena_array(&w->arena, str, t->files.n + 1);
	size_t n = 1;

	list[0] = w->file;
	for (size_t i = 0; i < t->files.n; i++) {
		if (!input(w, t->files.entries[i].key, &list[n]))
			return false;
		n += !str_eq(list[n], w->file);
	}
	if (n > 2)
		qsort(list + 1, n - 1, sizeof *list, by_text);
	out->inputs = list;
	out->ninputs = n;
	return true;
}

/* ---- one evaluation ---- */

static bool evaluate(struct trial *t, str expression, str *path)
{
	struct wrapping *w = t->of;
	struct compat_world world;
	struct compat c;
	nix_val v;
	bool ok;

	wrap_world(w, &world);
	world.view.shows = shows;
	world.view.saw = saw;
	world.view.refused = trial_refused;
	world.view.ud = t;
	ok = compat_open(&c, &world, w->diags) && compat_value(&c, &world, expression, &v) && compat_derivation(&c, v, path, w->diags);
	if (ok)
		*path = str_dup(&w->arena, *path);
	compat_close(&c);
	return ok;
}

static void differs(struct wrapping *w, const char *what, const char *why)
{
	struct diag *d = diag_warning(w->diags, DIAG_WRAP_UNFIT, NO_SPAN, "the action of '%.*s' does not build quite what Nix builds: %s",
			STR_ARG(w->file), what);

	diag_hint(w->diags, d, "%s", why);
}

/* Once more with the inputs alone.  Empty folders and links are not the same there. */
static bool prove(struct trial *t, str expression, str made)
{
	struct wrapping *w = t->of;
	str path;

	t->only_files = true;
	if (!evaluate(t, expression, &path))
		return false;
	if (t->link.p)
		differs(w, str_fmt(&w->arena, "'%.*s' is a link", STR_ARG(t->link)).p, "inputs of actions are files: it gets what the link leads to");
	if (!str_eq(path, made))
		differs(w, "a source has a folder without files", "inputs of actions are files, so the folder is not there");
	return true;
}

static void take_outputs(struct wrapping *w, const struct drv *d, struct wrapped *out)
{
	str *names = arena_array(&w->arena, str, d->noutputs);
	size_t n = 0;

	for (size_t i = 0; i < d->noutputs; i++)
		if (str_eq(d->outputs[i].name, S("out")))
			names[n++] = S("out");
	for (size_t i = 0; i < d->noutputs; i++)
		if (!str_eq(d->outputs[i].name, S("out")))
			names[n++] = str_dup(&w->arena, d->outputs[i].name);
	out->outputs = names;
	out->noutputs = n;
	out->drv_name = str_dup(&w->arena, d->name);
}

static bool read_drv(struct wrapping *w, str path, struct wrapped *out)
{
	struct closure *c = closure_new(S(NIX_STORE_DIR));
	const struct closure_node *n;

	closure_look(c, nixstore_default(&w->arena));
	n = closure_add(c, str_dup(&w->arena, path).p, w->diags);
	if (n)
		take_outputs(w, n->drv, out);
	closure_free(c);
	return n != NULL;
}

bool wrap_try(struct wrapping *w, struct wrapped *out)
{
	struct trial t = {.of = w};
	str path;
	bool ok = evaluate(&t, out->expression, &path) && inputs(&t, out) && read_drv(w, path, out) && prove(&t, out->expression, path);

	map_free(&t.files);
	map_free(&t.folders);
	return ok;
}
