/* All of the standard's own tests, and its Prelude, through the public interface and the doors of the
 * program itself: files, variables, cache and network.  Ends with a table of what passed.
 *
 * To be run by remote.sh, in a folder where dhall-lang is the corpus.  With --no-hosts the cases that need
 * a remote host are left out, and counted. */
#include <straylight/base/pool.h>
#include <straylight/doors.h>
#include <straylight/net.h>

#include "corpus.h"

#include <string.h>

static struct arena mem;
static struct dhall_env env; /* of the group that runs */

/* ---- a session ---- */

struct trial {
	struct diags diags;
	struct dhall_world *world;
	struct dhall *s;
};

static void begin(struct trial *t)
{
	*t = (struct trial){0};
	t->world = dhall_world_new(&env);
	t->s = dhall_open(t->world, &t->diags);
}

static const char *end(struct trial *t, const char *problem)
{
	struct buf text = {0};
	bool needs_host = false;

	for (const struct diag *d = t->diags.first; d; d = d->next)
		needs_host |= d->code == DIAG_IMPORT_REMOTE;
	if (net_is_offline() && needs_host)
		problem = corpus_left_out;
	else if (problem && t->diags.first) {
		diags_render(&t->diags, DIAG_TEXT, false, &text);
		printf("%.*s", STR_ARG(buf_view(&text)));
	}
	buf_free(&text);
	dhall_close(t->s);
	dhall_world_free(t->world);
	diags_free(&t->diags);
	return problem;
}

static str directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return str_of(path, (size_t)(slash - path));
}

static const struct dh_parsed *parse(struct trial *t, const char *path)
{
	struct blob *text = corpus_read(path);
	const struct dh_parsed *p = text ? dhall_parse(t->s, blob_str(text), str_c(path), directory_of(path)) : NULL;

	blob_unref(text);
	return p;
}

static const struct dh_resolved *resolve(struct trial *t, const char *path)
{
	const struct dh_parsed *p = parse(t, path);

	return p ? dhall_resolve(t->s, p) : NULL;
}

static const struct dh_typed *check(struct trial *t, const char *path)
{
	const struct dh_resolved *r = resolve(t, path);

	return r ? dhall_check(t->s, r) : NULL;
}

static const struct dh_term *normal(struct trial *t, const char *path)
{
	const struct dh_typed *typed = check(t, path);

	return typed ? dhall_quote(t->s, dhall_eval(t->s, typed), false) : NULL;
}

static const struct dh_term *written(struct trial *t, const char *path)
{
	const struct dh_parsed *p = parse(t, path);

	return p ? dhall_written(p) : NULL;
}

/* The B of an A. */
static const char *other(const char *path, const char *ending)
{
	str p = str_c(path), stem = str_upto(p, p.n - (str_ends(p, S(".dhallb")) ? 8 : 7));

	return str_fmt(&mem, "%.*s%s", STR_ARG(stem), ending).p;
}

static bool encodes_as(const struct dh_term *t, str bytes)
{
	struct buf b = {0};
	bool same;

	dhall_encode(t, &b);
	same = str_eq(buf_view(&b), bytes);
	buf_free(&b);
	return same;
}

static const char *compare(const struct dh_term *got, const struct dh_term *want)
{
	struct buf b = {0};
	const char *problem = NULL;

	if (!got || !want)
		return got ? "its B is no expression" : "gives nothing";
	dhall_encode(want, &b);
	if (!encodes_as(got, buf_view(&b))) {
		problem = "gives another expression";
		b.n = 0;
		buf_str(&b, S("got  "));
		dhall_print(got, &b);
		buf_str(&b, S("\nwant "));
		dhall_print(want, &b);
		printf("%.*s\n", STR_ARG(buf_view(&b)));
	}
	buf_free(&b);
	return problem;
}

/* ---- syntax ---- */

/* A.dhall has the encoding B.dhallb; so has what is printed of it, and what is decoded from B. */
static const char *parser_success(struct arena *a, const char *path)
{
	struct blob *want = corpus_read(other(path, "B.dhallb"));
	const struct dh_term *term, *decoded;
	const struct dh_parsed *again;
	const char *problem = NULL;
	struct buf printed = {0};
	struct trial t;

	(void)a;
	begin(&t);
	term = written(&t, path);
	if (!term || !want || !encodes_as(term, blob_str(want))) {
		problem = term ? "has another encoding" : "does not parse";
	} else {
		dhall_print(term, &printed);
		again = dhall_parse(t.s, buf_view(&printed), str_c(path), S("."));
		decoded = dhall_decode(t.s, blob_str(want), str_c(path));
		if (!again || !encodes_as(dhall_written(again), blob_str(want)))
			problem = "what is printed of it is not the same";
		else if (!decoded || !encodes_as(decoded, blob_str(want)))
			problem = "its encoding does not decode to the same";
	}
	buf_free(&printed);
	blob_unref(want);
	return end(&t, problem);
}

static const char *refused(const struct trial *t, bool accepted)
{
	return accepted ? "is accepted" : t->diags.errors ? NULL : "is refused without a diagnostic";
}

static const char *parser_failure(struct arena *a, const char *path)
{
	struct trial t;

	(void)a;
	begin(&t);
	return end(&t, refused(&t, parse(&t, path) != NULL));
}

static const struct dh_term *decoded(struct trial *t, const char *path)
{
	struct blob *bytes = corpus_read(path);
	const struct dh_term *term = bytes ? dhall_decode(t->s, blob_str(bytes), str_c(path)) : NULL;

	blob_unref(bytes);
	return term;
}

static const char *decode_success(struct arena *a, const char *path)
{
	struct trial t;

	(void)a;
	begin(&t);
	return end(&t, compare(decoded(&t, path), written(&t, other(path, "B.dhall"))));
}

static const char *decode_failure(struct arena *a, const char *path)
{
	struct trial t;

	(void)a;
	begin(&t);
	return end(&t, refused(&t, decoded(&t, path) != NULL));
}

/* ---- meaning ---- */

static const char *normalizes(const char *path, bool alpha)
{
	const struct dh_resolved *r;
	struct trial t;

	begin(&t);
	r = resolve(&t, path);
	return end(&t, compare(r ? dhall_quote(t.s, dhall_eval_unchecked(t.s, r), alpha) : NULL,
				       written(&t, other(path, "B.dhall"))));
}

static const char *normalization(struct arena *a, const char *path)
{
	(void)a;
	return normalizes(path, false);
}

static const char *alpha_normalization(struct arena *a, const char *path)
{
	(void)a;
	return normalizes(path, true);
}

static const char *type_success(struct arena *a, const char *path)
{
	const struct dh_typed *typed;
	struct trial t;

	(void)a;
	begin(&t);
	typed = check(&t, path);
	return end(&t, compare(typed ? dhall_quote(t.s, dhall_type_of(t.s, typed), false) : NULL,
				       written(&t, other(path, "B.dhall"))));
}

/* The variables that "…ENV.dhall" beside a case names are set for it; on: set, else unset. */
static void variables(const char *path, bool on)
{
	dh_val list, item, key, value;
	const struct dh_typed *typed;
	struct trial t;
	str name, text;
	size_t n;

	begin(&t);
	typed = check(&t, path);
	list = typed ? dhall_eval(t.s, typed) : (dh_val){NULL};
	for (size_t i = 0; typed && dh_list(t.s, list, &n) && i < n; i++) {
		if (!dh_item(t.s, list, i, &item) || !dh_field(t.s, item, intern_c("mapKey"), &key) ||
				!dh_field(t.s, item, intern_c("mapValue"), &value) || !dh_text(t.s, key, &name) ||
				!dh_text(t.s, value, &text))
			abort();
		if (on)
			setenv(str_dup(&mem, name).p, str_dup(&mem, text).p, 1);
		else
			unsetenv(str_dup(&mem, name).p);
	}
	(void)end(&t, NULL);
}

static const char *with_variables(const char *path, str suffix, const char *(*run)(const char *path))
{
	const char *of = str_fmt(&mem, "%.*sENV.dhall", STR_ARG(str_upto(str_c(path), strlen(path) - suffix.n))).p;
	const char *problem;
	struct stamp stamp;

	if (os_stamp(of, &stamp) != 0)
		return run(path);
	variables(of, true);
	problem = run(path);
	variables(of, false);
	return problem;
}

static const char *failure_of(const char *path)
{
	struct trial t;

	if (str_ends(str_c(path), S("ENV.dhall")))
		return corpus_no_case;
	begin(&t);
	return end(&t, refused(&t, check(&t, path) != NULL));
}

static const char *failure(struct arena *a, const char *path)
{
	(void)a;
	return with_variables(path, S(".dhall"), failure_of);
}

static const char *import_of(const char *path)
{
	struct trial t;

	begin(&t);
	return end(&t, compare(normal(&t, path), normal(&t, other(path, "B.dhall"))));
}

static const char *import_success(struct arena *a, const char *path)
{
	(void)a;
	return with_variables(path, S("A.dhall"), import_of);
}

/* "sha256:" and the hash of what a file means; NULL when it means nothing. */
static const char *hash_of(struct trial *t, const char *path)
{
	const struct dh_typed *typed = check(t, path);
	unsigned char hash[32];
	char hex[65];

	if (!typed || !dhall_hash(t->s, dhall_eval(t->s, typed), hash))
		return NULL;
	hex_of(hash, 32, hex);
	return str_fmt(&mem, "sha256:%s", hex).p;
}

static const char *hash_is(struct trial *t, const char *path, str want)
{
	const char *got = hash_of(t, path);

	if (!got)
		return "has no hash";
	return str_eq(str_c(got), want) ? NULL : str_fmt(&mem, "has %s, not %.*s", got, STR_ARG(want)).p;
}

static const char *semantic_hash(struct arena *a, const char *path)
{
	struct blob *want = corpus_read(other(path, "B.hash"));
	const char *problem;
	struct trial t;

	(void)a;
	begin(&t);
	problem = want ? hash_is(&t, path, str_trim(blob_str(want))) : "there is no B.hash";
	blob_unref(want);
	return end(&t, problem);
}

/* ---- the Prelude ---- */

/* The Prelude pins its own files where it imports them: `missing sha256:HASH ? ./FILE`. */
static struct map pins; /* path → "sha256:HASH" */

static str next_word(str *text)
{
	size_t from = 0, to;

	while (from < text->n && strchr(" \n,{}()[]", text->p[from]))
		from++;
	for (to = from; to < text->n && !strchr(" \n,{}()[]", text->p[to]);)
		to++;
	*text = str_from(*text, to);
	return str_of(text->p - (to - from), to - from);
}

/* DIRECTORY/./a and DIRECTORY/../a as the paths that corpus_run gives. */
static str place_of(str directory, str relative)
{
	relative = str_from(relative, str_starts(relative, S("./")) ? 2 : 0);
	while (str_starts(relative, S("../"))) {
		directory = directory_of(str_dup(&mem, directory).p);
		relative = str_from(relative, 3);
	}
	return str_fmt(&mem, "%.*s/%.*s", STR_ARG(directory), STR_ARG(relative));
}

static const char *read_pins(struct arena *a, const char *path)
{
	struct blob *text = corpus_read(path);
	str rest = text ? blob_str(text) : S(""), word, hash = {NULL, 0};
	bool alternative = false;

	(void)a;
	while ((word = next_word(&rest)).n) {
		if (alternative && hash.n)
			map_put(&pins, place_of(directory_of(path), word), (void *)(uintptr_t)hash.p);
		alternative = hash.n && str_eq(word, S("?"));
		if (str_starts(word, S("sha256:")))
			hash = str_dup(&mem, word);
		else if (!alternative)
			hash.n = 0;
	}
	blob_unref(text);
	return NULL;
}

/* A file NAME without .dhall stands for NAME.dhall, and has its hash.  What nothing pins is a part of a
 * package that is pinned; the whole is known by the hash under which it was published. */
static const char *prelude(struct arena *a, const char *path)
{
	const char *want = map_get(&pins, str_c(path));
	struct trial t;

	(void)a;
	if (str_ends(str_c(path), S("/README.md")))
		return corpus_no_case;
	if (!want)
		want = map_get(&pins, str_fmt(&mem, "%s.dhall", path));
	if (!want && str_ends(str_c(path), S("Prelude/package.dhall")))
		want = "sha256:931cbfae9d746c4611b07633ab1e547637ab4ba138b16bf65ef1b9ad66a60b7f";
	begin(&t);
	if (!want)
		return end(&t, hash_of(&t, path) ? NULL : "has no hash");
	return end(&t, hash_is(&t, path, str_c(want)));
}

/* ---- the table ---- */

static struct group {
	const char *name, *suffix;
	corpus_case *run;
	size_t cases; /* of version 23.1.0 */
	bool cached;  /* the tests' README: types are inferred without the cache, which has other names of variables */
	size_t passed, left_out;
} groups[] = {
	{"parser/success", "A.dhall", parser_success, 300, false, 0, 0},
	{"parser/failure", ".dhall", parser_failure, 94, false, 0, 0},
	{"binary-decode/success", "A.dhallb", decode_success, 82, false, 0, 0},
	{"binary-decode/failure", ".dhallb", decode_failure, 9, false, 0, 0},
	{"normalization/success", "A.dhall", normalization, 285, true, 0, 0},
	{"alpha-normalization/success", "A.dhall", alpha_normalization, 10, true, 0, 0},
	{"type-inference/success", "A.dhall", type_success, 364, false, 0, 0},
	{"type-inference/failure", ".dhall", failure, 121, false, 0, 0},
	{"semantic-hash/success", "A.dhall", semantic_hash, 151, true, 0, 0},
	{"import/success", "A.dhall", import_success, 72, true, 0, 0},
	{"import/failure", ".dhall", failure, 24, true, 0, 0},
};

static struct group the_prelude = {"Prelude", "", prelude, 403, false, 0, 0};

static bool run_group(struct corpus *c, struct group *g, const char *folder)
{
	env = doors_env(&mem);
	env.directory = S(".");
	if (!g->cached) {
		env.cached = NULL;
		env.remember = NULL;
		env.recall = NULL;
		env.store = NULL;
	}
	c->passed = c->failed = c->left_out = 0;
	corpus_run(c, str_c(folder), str_c(g->suffix), g->run);
	g->passed = c->passed;
	g->left_out = c->left_out;
	return c->failed == 0 && g->passed + g->left_out == g->cases;
}

static void row(const char *name, size_t passed, size_t cases, size_t left_out)
{
	printf("%-30s %5zu / %zu", name, passed, cases);
	if (left_out)
		printf(", %zu left out: they need a remote host", left_out);
	printf("\n");
}

static void run_all(void *ud)
{
	bool *ok = ud;
	struct corpus c = {0};
	size_t passed = 0, cases = 0, left_out = 0;

	if (!(*ok = corpus_open(&c)))
		return;
	for (size_t i = 0; i < SL_COUNT(groups); i++) {
		*ok = run_group(&c, &groups[i], groups[i].name) && *ok;
		passed += groups[i].passed;
		cases += groups[i].cases;
		left_out += groups[i].left_out;
	}
	corpus_run(&c, S("../Prelude"), S(""), read_pins);
	*ok = run_group(&c, &the_prelude, "../Prelude") && *ok;
	for (size_t i = 0; i < SL_COUNT(groups); i++)
		row(groups[i].name, groups[i].passed, groups[i].cases, groups[i].left_out);
	row("all", passed, cases, left_out);
	row(the_prelude.name, the_prelude.passed, the_prelude.cases, the_prelude.left_out);
	arena_clear(&c.mem);
}

int main(int argc, char **argv)
{
	bool ok = false;

	if (argc > 1 && str_eq(str_c(argv[1]), S("--no-hosts")))
		net_offline();
	pool_run_deep(run_all, &ok);
	map_free(&pins);
	arena_clear(&mem);
	return ok ? 0 : 1;
}
