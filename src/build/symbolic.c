#include "symbolic_int.h"

#include <straylight/doors.h>
#include <straylight/nixstore.h>
#include <straylight/storepath.h>

#include <stdio.h>

#define ROUNDS_MAX 8      /* of evaluation: each may read files that mention more packages */
#define FILES_MAX 200000 /* that a filter keeps */

/* ---- doors ---- */

/* A file below what stands for nixpkgs that was fetched is one of it. */
static str through(struct symbolic *y, str path)
{
	str rest;

	for (size_t i = 0; i < y->fetched.n; i++) {
		str top = str_fmt(&y->arena, SYMBOLIC_DIR "/fetched/%zu", i);

		if (!str_starts(path, top) || (path.n > top.n && path.p[top.n] != '/'))
			continue;
		rest = str_from(path, top.n);
		if (str_find_str(y->fetched.p[i].url, S("nixpkgs")) < y->fetched.p[i].url.n)
			return str_fmt(&y->arena, SYMBOLIC_DIR "/nixpkgs%.*s", STR_ARG(rest));
	}
	return path;
}

static enum nix_found door_read(void *ud, str path, struct blob **out, struct diags *diags)
{
	struct symbolic *y = ud;
	enum nix_found found;
	str text;

	path = through(y, path);
	if (!symbolic_is_below(path)) {
		if (y->request->text.p && str_eq(path, y->request->file)) {
			*out = blob_new(y->request->text);
			found = NIX_FOUND;
		} else {
			found = y->doors.read(y->doors.ud, path, out, diags);
		}
		if (found == NIX_FOUND && y->request->follow && (str_ends(path, S(".nix")) || str_eq(path, y->request->file)))
			symbolic_note_file(y, path, blob_str(*out));
		return found;
	}
	text = symbolic_text_of(y, path);
	if (text.p) {
		*out = blob_new(text);
		return NIX_FOUND;
	}
	diag_hint(diags, diag_error(diags, str_starts(path, S(SYMBOLIC_DIR "/fetched/")) ? DIAG_NIX_FETCH : DIAG_NIX_IMPORT_DERIVATION,
			NO_SPAN, "'%.*s' is read during evaluation, and there is only a symbol for it", STR_ARG(path)),
			"convert the file that it would read");
	return NIX_FAILED;
}

static enum nix_file_type door_type(void *ud, str path)
{
	struct symbolic *y = ud;

	path = through(y, path);
	if (!symbolic_is_below(path))
		return y->doors.type(y->doors.ud, path);
	if (symbolic_text_of(y, path).p)
		return NIX_REGULAR;
	if (str_eq(path, S(SYMBOLIC_DIR)) || str_eq(path, S(SYMBOLIC_DIR "/nixpkgs")) || str_eq(path, S(SYMBOLIC_DIR "/nixpkgs/lib")))
		return NIX_DIRECTORY;
	return str_ends(path, S(".nix")) ? NIX_REGULAR : NIX_DIRECTORY;
}

static enum nix_found door_list(void *ud, str path, struct arena *a, struct nix_entry **out, size_t *n, struct diags *diags)
{
	struct symbolic *y = ud;

	if (!symbolic_is_below(path))
		return y->doors.list(y->doors.ud, path, a, out, n, diags);
	diag_error(diags, DIAG_NIX_IMPORT_DERIVATION, NO_SPAN, "'%.*s' is listed during evaluation, and there is only a symbol for it",
			STR_ARG(path));
	return NIX_FAILED;
}

static bool door_link(void *ud, str path, struct arena *a, str *target)
{
	struct symbolic *y = ud;

	return !symbolic_is_below(path) && y->doors.link(y->doors.ud, path, a, target);
}

static const char *door_variable(void *ud, str name)
{
	(void)ud;
	(void)name;
	return NULL;
}

static str type_text(enum nix_file_type type)
{
	return type == NIX_REGULAR ? S("regular") : type == NIX_DIRECTORY ? S("directory") : type == NIX_SYMLINK ? S("symlink") :
			S("unknown");
}

/* The files below a directory that a filter keeps: put into the map. */
static bool choose(struct symbolic *y, str top, nix_filter *filter, void *filter_ud, struct map *kept, struct diags *diags)
{
	VEC(str) todo = {0};
	bool ok = true;

	vec_push(&todo, top);
	while (todo.n && ok) {
		str dir = vec_pop(&todo);
		struct nix_entry *entries;
		size_t n = 0;

		ok = y->doors.list(y->doors.ud, dir, &y->arena, &entries, &n, diags) == NIX_FOUND;
		for (size_t i = 0; ok && i < n; i++) {
			str one = str_fmt(&y->arena, "%.*s/%.*s", STR_ARG(dir), STR_ARG(entries[i].name));

			if (!filter(filter_ud, one, type_text(entries[i].type)))
				continue;
			if (entries[i].type == NIX_DIRECTORY)
				vec_push(&todo, one);
			else if (kept->n < FILES_MAX)
				map_put(kept, one, y);
		}
	}
	vec_free(&todo);
	return ok && kept->n < FILES_MAX;
}

/* A name for it: nothing is copied, and of what a filter keeps the names count. */
static bool door_hash(void *ud, str path, bool recursive, nix_filter *filter, void *filter_ud, unsigned char sha256[32],
		struct diags *diags)
{
	struct symbolic *y = ud;
	struct buf b = {0};

	(void)recursive;
	y->chosen = NULL;
	if (symbolic_is_below(path) || y->doors.type(y->doors.ud, path) != NIX_NOTHING) {
		buf_str(&b, path);
		if (filter && y->doors.type(y->doors.ud, path) == NIX_DIRECTORY) {
			y->chosen = arena_make(&y->arena, struct map);
			vec_push(&y->maps, y->chosen);
			if (!choose(y, str_dup(&y->arena, path), filter, filter_ud, y->chosen, diags)) {
				buf_free(&b);
				return false;
			}
			for (size_t i = 0; i < y->chosen->n; i++)
				buf_fmt(&b, "\n%.*s", STR_ARG(y->chosen->entries[i].key));
		}
		memcpy(sha256, digest_of(DIGEST_SHA256, buf_view(&b)).b, 32);
		buf_free(&b);
		return true;
	}
	diag_error(diags, DIAG_NIX_FILE, NO_SPAN, "'%.*s' is not there", STR_ARG(path));
	return false;
}

static bool door_keep(void *ud, str path, str store_path, bool recursive, nix_filter *filter, void *filter_ud,
		struct diags *diags)
{
	struct symbolic *y = ud;
	struct copied *c = arena_make(&y->arena, struct copied);

	(void)recursive;
	(void)filter;
	(void)filter_ud;
	(void)diags;
	c->from = str_dup(&y->arena, path);
	c->kept = y->chosen; /* it was hashed just now */
	map_put(&y->copied, str_dup(&y->arena, store_path), c);
	return true;
}

static bool door_fetch(void *ud, const struct nix_fetch *f, struct arena *a, struct nix_fetched *out, struct diags *diags)
{
	struct symbolic *y = ud;
	struct nix_fetch kept = *f;
	unsigned char *sha256 = arena_array(&y->arena, unsigned char, 32);

	(void)diags;
	kept.url = str_dup(&y->arena, f->url);
	kept.name = str_dup(&y->arena, f->name);
	kept.rev = str_dup(&y->arena, f->rev);
	kept.ref = str_dup(&y->arena, f->ref);
	if (f->sha256) {
		memcpy(sha256, f->sha256, 32);
		kept.sha256 = sha256;
	}
	*out = (struct nix_fetched){
		.path = str_fmt(a, NIX_STORE_DIR "/%032zu-%.*s", y->fetched.n, STR_ARG(f->name)),
		.real = str_fmt(a, SYMBOLIC_DIR "/fetched/%zu", y->fetched.n),
	};
	vec_push(&y->fetched, kept);
	return true;
}

static void unheard(void *ud, str line)
{
	(void)ud;
	(void)line;
}

/* ---- evaluation ---- */

static str program(struct symbolic *y)
{
	const struct symbolic_request *q = y->request;
	struct buf b = {0};

	if (y->nixpkgs.n) {
		buf_lit(&b, "(import " SYMBOLIC_DIR "/evaluated.nix { nixpkgs = /. + \"");
		symbolic_escape(&b, y->nixpkgs);
		buf_lit(&b, "\"; })");
	} else {
		buf_fmt(&b, "(%.*s)", STR_ARG(symbolic_config(y, q->follow)));
	}
	if (!q->arguments) {
		buf_lit(&b, ".derivations [");
		for (size_t i = 0; i < q->npath; i++) {
			buf_lit(&b, " \"");
			symbolic_escape(&b, q->path[i]);
			buf_lit(&b, "\"");
		}
		buf_lit(&b, " ]");
	} else {
		buf_lit(&b, ".arguments");
	}
	buf_lit(&b, " (import \"");
	symbolic_escape(&b, q->file);
	buf_lit(&b, "\")");
	return buf_take(&b, &y->arena);
}

static struct nix_env doors_of(struct symbolic *y)
{
	static const str search[] = {{"nixpkgs=" SYMBOLIC_DIR "/nixpkgs", sizeof "nixpkgs=" SYMBOLIC_DIR "/nixpkgs" - 1}};
	struct nix_env env = y->doors;

	env.read = door_read;
	env.list = door_list;
	env.type = door_type;
	env.link = door_link;
	env.variable = door_variable;
	env.hash = door_hash;
	env.keep = door_keep;
	env.write = NULL;
	env.fetch = y->request->follow ? door_fetch : NULL;
	env.say = unheard;
	if (!y->nixpkgs.n) {
		env.search = search;
		env.nsearch = y->request->follow;
	}
	env.restricted = !y->request->follow;
	env.system = S("x86_64-linux");
	env.limits = y->request->limits;
	env.ud = y;
	return env;
}

/* Places in symbolic.nix say nothing to people. */
static void without_symbolic(struct diag *d)
{
	struct diag_note **at = &d->notes;

	d->last_note = NULL;
	while (*at) {
		str name = source_name((*at)->at.file);

		if (symbolic_is_below(name) || str_eq(name, S("(symbolic)"))) {
			*at = (*at)->next;
		} else {
			d->last_note = *at;
			at = &(*at)->next;
		}
	}
}

static bool evaluate(struct symbolic *y, nix_val *out)
{
	struct nix_env env = doors_of(y);

	y->fetched.n = 0;
	map_free(&y->copied);
	y->names_text = symbolic_names(y);
	nix_close(y->nix);
	diags_free(&y->diags);
	y->nix = nix_open(&env, &y->diags);
	return y->nix && nix_eval_text(y->nix, program(y), S("(symbolic)"), S("/"), out) && nix_kind(y->nix, *out) != NIX_NONE;
}

/* Again while there are new names: a name of a package must be there before it is asked for. */
static bool evaluate_all(struct symbolic *y, nix_val *out)
{
	size_t names, rounds = 0;
	bool ok;

	do {
		names = y->names.n;
		ok = evaluate(y, out);
	} while (!y->nixpkgs.n && y->names.n > names && ++rounds < ROUNDS_MAX);
	return ok;
}

/* The folder of <nixpkgs> that the search path has; empty when there is none. */
static str real_nixpkgs(struct symbolic *y)
{
	for (size_t i = 0; i < y->doors.nsearch; i++) {
		str entry = y->doors.search[i], path = entry, name = {0}, file;
		struct stat st;

		if (str_cut(entry, '=', &name, &path) && !str_eq(name, S("nixpkgs")))
			continue;
		if (!name.n)
			path = str_c(os_join(&y->arena, entry, S("nixpkgs")));
		if (path.n && path.p[0] != '/')
			path = str_c(os_join(&y->arena, y->doors.directory, path));
		file = str_c(os_join(&y->arena, path, S("default.nix")));
		if (stat(file.p, &st) == 0 && os_normalize(&y->arena, path, &path))
			return path;
	}
	return (str){0};
}

struct symbolic *symbolic_open(const struct symbolic_request *q, nix_val *out, struct diags *diags)
{
	struct symbolic *y = mem_make(struct symbolic);

	y->request = q;
	y->heard = diags;
	y->doors = doors_nix(&y->arena, q->search, q->nsearch);
	if (q->follow && !q->arguments)
		y->nixpkgs = real_nixpkgs(y);
	if (evaluate_all(y, out))
		return y;
	symbolic_close(y);
	return NULL;
}

void symbolic_close(struct symbolic *y)
{
	if (!y)
		return;
	nix_close(y->nix);
	doors_nix_end(&y->doors);
	for (struct diag *d = y->diags.first; d; d = d->next)
		without_symbolic(d);
	diags_move(y->heard, &y->diags);
	diags_free(&y->diags);
	map_free(&y->names);
	map_free(&y->seen);
	map_free(&y->copied);
	for (size_t i = 0; i < y->maps.n; i++)
		map_free(y->maps.p[i]);
	vec_free(&y->maps);
	vec_free(&y->files);
	vec_free(&y->fetched);
	arena_clear(&y->arena);
	mem_free(y);
}

struct nix *symbolic_session(struct symbolic *y)
{
	return y->nix;
}

bool symbolic_is_evaluated(const struct symbolic *y)
{
	return y->nixpkgs.n != 0;
}

bool symbolic_failed(const struct symbolic *y)
{
	return y->diags.errors != 0;
}

const struct nix_fetch *symbolic_fetched(const struct symbolic *y, str path)
{
	for (size_t i = 0; i < y->fetched.n; i++) {
		char digits[64];
		int n = snprintf(digits, sizeof digits, NIX_STORE_DIR "/%032zu", i);

		if (str_starts(path, str_of(digits, (size_t)n)) && (path.n == (size_t)n || path.p[n] == '-'))
			return &y->fetched.p[i];
	}
	return NULL;
}

str symbolic_source(const struct symbolic *y, str path, const struct map **kept)
{
	const struct copied *c = map_get(&y->copied, path);

	*kept = c ? c->kept : NULL;
	return c ? c->from : (str){0};
}

void symbolic_files(const struct symbolic *y, const str **files, size_t *n)
{
	*files = y->files.p;
	*n = y->files.n;
}
