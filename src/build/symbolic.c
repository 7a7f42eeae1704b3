#include "symbolic.h"

#include <straylight/doors.h>
#include <straylight/nixstore.h>
#include <straylight/storepath.h>

#include <stdio.h>

extern const char symbolic_text[], symbolic_text_end[], evaluated_text[], evaluated_text_end[];

#define ROUNDS_MAX 8      /* of evaluation: each may read files that mention more packages */
#define NAMES_MAX 100000
#define FILES_MAX 200000 /* that a filter keeps */

struct copied {
	str from;
	struct map *kept; /* FILTERED: the files that the filter keeps, by absolute path; NULL: all */
};

struct symbolic {
	struct arena arena;
	const struct symbolic_request *request; /* while it is opened */
	struct nix_env doors; /* of the machine */
	struct nix *nix;
	struct diags diags, *heard; /* of the session; where they go in the end */
	struct map names;     /* identifiers of the files that were read */
	struct map seen;      /* these files */
	VEC(str) files;
	VEC(struct nix_fetch) fetched;
	struct map copied;    /* store path → struct copied */
	struct map *chosen;   /* by the filter of the last door_hash */
	VEC(struct map *) maps; /* all of these */
	str names_text;       /* of this round */
	str nixpkgs;          /* the folder of a real one; empty: symbols stand for it */
};

/* ---- files that are not there ---- */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80);
}

/* In quotes a name may begin with a digit. */
static bool is_name(str s, bool quoted)
{
	static const char *const words[] = {"if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or"};

	for (size_t i = 0; i < SL_COUNT(words); i++)
		if (str_eq(s, str_c(words[i])))
			return false;
	return s.n && (is_letter(s.p[0]) || (quoted && s.p[0] >= '0' && s.p[0] <= '9'));
}

static bool is_word_byte(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || char_in(c, "-'");
}

/* Every word, wherever it stands: a name that is no package does no harm. */
static void note_names(struct symbolic *y, str text)
{
	for (size_t at = 0, n; at < text.n; at += n ? n : 1) {
		str word;

		for (n = 0; at + n < text.n && is_word_byte(text.p[at + n]); n++)
			continue;
		word = str_of(text.p + at, n);
		if (is_name(word, at && text.p[at - 1] == '"') && !map_has(&y->names, word) && y->names.n < NAMES_MAX)
			map_put(&y->names, str_dup(&y->arena, word), y);
	}
}

static void note_file(struct symbolic *y, str path, str text)
{
	if (map_has(&y->seen, path))
		return;
	path = str_dup(&y->arena, path);
	map_put(&y->seen, path, y);
	vec_push(&y->files, path);
	note_names(y, text);
}

static str names_text(struct symbolic *y)
{
	const struct symbolic_request *q = y->request;
	struct buf b = {0};

	buf_lit(&b, "{ names = [");
	for (size_t i = 0; i < y->names.n; i++)
		buf_fmt(&b, " \"%.*s\"", STR_ARG(y->names.entries[i].key));
	buf_lit(&b, " ]; packages = [");
	for (size_t i = 0; i < q->npackages; i++)
		buf_fmt(&b, " \"%.*s\"", STR_ARG(q->packages[i]));
	buf_lit(&b, " ]; }\n");
	return buf_take(&b, &y->arena);
}

static void escape(struct buf *out, str path)
{
	for (size_t i = 0; i < path.n; i++) {
		if (char_in(path.p[i], "\"\\$"))
			buf_c(out, '\\');
		buf_c(out, path.p[i]);
	}
}

static str config_text(struct symbolic *y, bool follow)
{
	struct buf b = {0};
	str file = y->request->file;
	size_t n = file.n;

	while (n && file.p[n - 1] != '/')
		n--;
	buf_fmt(&b, "import " SYMBOLIC_DIR "/default.nix { inherit (%s) names packages; follow = %s; here = /. + \"",
			follow ? "import " SYMBOLIC_DIR "/names.nix" : "{ names = [ ]; packages = [ ]; }", follow ? "true" : "false");
	escape(&b, str_upto(file, n > 1 ? n - 1 : n));
	buf_lit(&b, "\"; }");
	return buf_take(&b, &y->arena);
}

/* The text of a file below SYMBOLIC_DIR; p == NULL when there is none. */
static str text_of(struct symbolic *y, str path)
{
	str below = str_from(path, sizeof SYMBOLIC_DIR - 1);

	if (str_eq(below, S("/default.nix")))
		return str_of(symbolic_text, (size_t)(symbolic_text_end - symbolic_text));
	if (str_eq(below, S("/evaluated.nix")))
		return str_of(evaluated_text, (size_t)(evaluated_text_end - evaluated_text));
	if (str_eq(below, S("/names.nix")))
		return y->names_text;
	if (str_eq(below, S("/config.nix")))
		return config_text(y, true);
	if (str_eq(below, S("/nixpkgs/default.nix")))
		return S("(import " SYMBOLIC_DIR "/config.nix).nixpkgs");
	if (str_eq(below, S("/nixpkgs/lib/default.nix")))
		return S("(import " SYMBOLIC_DIR "/config.nix).lib");
	return (str){0};
}

static bool is_symbolic(str path)
{
	return str_starts(path, S(SYMBOLIC_DIR)) && (path.n == sizeof SYMBOLIC_DIR - 1 || path.p[sizeof SYMBOLIC_DIR - 1] == '/');
}

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
	if (!is_symbolic(path)) {
		if (y->request->text.p && str_eq(path, y->request->file)) {
			*out = blob_new(y->request->text);
			found = NIX_FOUND;
		} else {
			found = y->doors.read(y->doors.ud, path, out, diags);
		}
		if (found == NIX_FOUND && y->request->follow && (str_ends(path, S(".nix")) || str_eq(path, y->request->file)))
			note_file(y, path, blob_str(*out));
		return found;
	}
	text = text_of(y, path);
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
	if (!is_symbolic(path))
		return y->doors.type(y->doors.ud, path);
	if (text_of(y, path).p)
		return NIX_REGULAR;
	if (str_eq(path, S(SYMBOLIC_DIR)) || str_eq(path, S(SYMBOLIC_DIR "/nixpkgs")) || str_eq(path, S(SYMBOLIC_DIR "/nixpkgs/lib")))
		return NIX_DIRECTORY;
	return str_ends(path, S(".nix")) ? NIX_REGULAR : NIX_DIRECTORY;
}

static enum nix_found door_list(void *ud, str path, struct arena *a, struct nix_entry **out, size_t *n, struct diags *diags)
{
	struct symbolic *y = ud;

	if (!is_symbolic(path))
		return y->doors.list(y->doors.ud, path, a, out, n, diags);
	diag_error(diags, DIAG_NIX_IMPORT_DERIVATION, NO_SPAN, "'%.*s' is listed during evaluation, and there is only a symbol for it",
			STR_ARG(path));
	return NIX_FAILED;
}

static bool door_link(void *ud, str path, struct arena *a, str *target)
{
	struct symbolic *y = ud;

	return !is_symbolic(path) && y->doors.link(y->doors.ud, path, a, target);
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
	if (is_symbolic(path) || y->doors.type(y->doors.ud, path) != NIX_NOTHING) {
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
		escape(&b, y->nixpkgs);
		buf_lit(&b, "\"; })");
	} else {
		buf_fmt(&b, "(%.*s)", STR_ARG(config_text(y, q->follow)));
	}
	if (!q->arguments) {
		buf_lit(&b, ".derivations [");
		for (size_t i = 0; i < q->npath; i++) {
			buf_lit(&b, " \"");
			escape(&b, q->path[i]);
			buf_lit(&b, "\"");
		}
		buf_lit(&b, " ]");
	} else {
		buf_lit(&b, ".arguments");
	}
	buf_lit(&b, " (import \"");
	escape(&b, q->file);
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

		if (is_symbolic(name) || str_eq(name, S("(symbolic)"))) {
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
	y->names_text = names_text(y);
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
