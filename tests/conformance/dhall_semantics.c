/* The standard's own tests of what an expression means: normalization, alpha-normalization,
 * type-inference, semantic-hash, import.
 *
 * $STRAYLIGHT_CORPUS, or ../shared/corpus, has the folder dhall-lang; without it the program says so
 * and ends with 77.  With -v it shows what failed.  Cases that need a remote host are skipped: build_remote.c
 * has them. */
#include "session.h"
#include "unit.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum verdict { PASSED, FAILED, SKIPPED };

struct suite {
	const char *folder, *suffix; /* of the input files */
	enum verdict (*run)(struct suite *, const char *path);
	bool uses_cache;
	size_t count[3];
};

static struct arena mem;
static str root, tests; /* dhall-lang, dhall-lang/tests */
static bool verbose, cache_on;

/* ---- doors ---- */

static str on_disk(str path)
{
	if (str_starts(path, S("./dhall-lang/")))
		return str_fmt(&mem, "%.*s%.*s", STR_ARG(root), STR_ARG(str_from(path, 12)));
	return path;
}

static enum dhall_found door_read(void *ud, str path, struct blob **out, struct diags *ds)
{
	(void)ud;
	(void)ds;
	return os_read(str_dup(&mem, on_disk(path)).p, 0, out) == 0 ? DHALL_FOUND : DHALL_ABSENT;
}

static enum dhall_found door_variable(void *ud, str name, struct blob **out)
{
	(void)ud;
	if (!str_eq(name, S("DHALL_TEST_VAR")))
		return DHALL_ABSENT;
	*out = blob_new(S("6 * 7"));
	return DHALL_FOUND;
}

static bool door_cached(void *ud, const unsigned char hash[32], struct blob **out)
{
	char hex[65];

	(void)ud;
	if (!cache_on)
		return false;
	hex_of(hash, 32, hex);
	return os_read(str_fmt(&mem, "%.*s/import/cache/dhall/1220%s", STR_ARG(tests), hex).p, 0, out) ==
	       0;
}

/* ---- one case ---- */

struct trial {
	struct diags diags;
	struct dhall_world *world;
	struct dhall *s;
};

static void begin(struct trial *t)
{
	struct dhall_env env = {.read = door_read, .variable = door_variable, .cached = door_cached};

	*t = (struct trial){0};
	env.home = str_fmt(&mem, "%.*s/import/home", STR_ARG(tests));
	t->world = dhall_world_new(&env);
	t->s = dhall_open(t->world, &t->diags);
}

static void end(struct trial *t)
{
	dhall_close(t->s);
	dhall_world_free(t->world);
	diags_free(&t->diags);
}

static bool needs_remote(const struct trial *t)
{
	for (const struct diag *d = t->diags.first; d; d = d->next)
		if (d->code == DIAG_IMPORT_REMOTE)
			return true;
	return false;
}

static enum verdict complain(const struct trial *t, const char *path, const char *what)
{
	struct buf b = {0};

	if (needs_remote(t))
		return SKIPPED;
	if (verbose) {
		diags_render(&t->diags, DIAG_TEXT, false, &b);
		printf("FAILED %s: %s\n%.*s", path, what, STR_ARG(buf_view(&b)));
		buf_free(&b);
	}
	return FAILED;
}

/* "…/tests/import/success/x.dhall" is known as "./dhall-lang/tests/import/success/x.dhall". */
static const struct dh_parsed *parse(struct trial *t, const char *path)
{
	str name = str_fmt(&mem, "./dhall-lang/tests%s", path + tests.n), directory = name;
	struct blob *text;
	const struct dh_parsed *p;

	if (os_read(path, 0, &text) != 0)
		return NULL;
	while (directory.n && directory.p[directory.n - 1] != '/')
		directory.n--;
	directory.n--;
	p = dhall_parse(t->s, blob_str(text), name, directory);
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

/* The B of an A. */
static const char *other(const char *path, const char *ending)
{
	str p = str_c(path);

	return str_fmt(&mem, "%.*sB%s", STR_ARG(str_upto(p, p.n - 7)), ending).p;
}

static bool same_encoding(const struct dh_term *a, const struct dh_term *b)
{
	struct buf x = {0}, y = {0};
	bool same;

	dhall_encode(a, &x);
	dhall_encode(b, &y);
	same = str_eq(buf_view(&x), buf_view(&y));
	buf_free(&x);
	buf_free(&y);
	return same;
}

static enum verdict compare(struct trial *t, const char *path, const struct dh_term *got,
		const struct dh_term *want)
{
	struct buf b = {0};
	enum verdict v = PASSED;

	if (!got || !want)
		return complain(t, path, "no result");
	if (!same_encoding(got, want)) {
		v = complain(t, path, "another result");
		if (verbose) {
			dhall_print(got, &b);
			printf("got  %.*s\n", STR_ARG(buf_view(&b)));
			b.n = 0;
			dhall_print(want, &b);
			printf("want %.*s\n", STR_ARG(buf_view(&b)));
			buf_free(&b);
		}
	}
	return v;
}

static const struct dh_term *written(const struct dh_parsed *p)
{
	return p ? term_public(((const struct loaded *)(const void *)p)->unit.term) : NULL;
}

static enum verdict normalization(struct suite *su, const char *path)
{
	bool alpha = strstr(su->folder, "alpha") != NULL;
	struct trial t;
	const struct dh_resolved *a;
	enum verdict v;

	begin(&t);
	a = resolve(&t, path);
	v = compare(&t, path, a ? dhall_quote(t.s, dhall_eval_unchecked(t.s, a), alpha) : NULL,
			written(parse(&t, other(path, ".dhall"))));
	end(&t);
	return v;
}

static enum verdict type_success(struct suite *su, const char *path)
{
	struct trial t;
	const struct dh_typed *a;
	enum verdict v;

	(void)su;
	begin(&t);
	a = check(&t, path);
	v = compare(&t, path, a ? dhall_quote(t.s, dhall_type_of(t.s, a), false) : NULL,
			written(parse(&t, other(path, ".dhall"))));
	end(&t);
	return v;
}

static enum verdict failure(struct suite *su, const char *path)
{
	struct trial t;
	enum verdict v = PASSED;

	(void)su;
	begin(&t);
	if (check(&t, path))
		v = complain(&t, path, "no error");
	else if (t.diags.errors == 0)
		v = complain(&t, path, "no diagnostic");
	else if (needs_remote(&t))
		v = SKIPPED;
	end(&t);
	return v;
}

static enum verdict semantic_hash(struct suite *su, const char *path)
{
	struct trial t;
	const struct dh_typed *a;
	unsigned char hash[32];
	char text[7 + 65] = "sha256:";
	struct blob *want = NULL;
	enum verdict v = PASSED;

	(void)su;
	begin(&t);
	a = check(&t, path);
	if (!a || !dhall_hash(t.s, dhall_eval(t.s, a), hash) ||
			os_read(other(path, ".hash"), 0, &want) != 0) {
		v = complain(&t, path, "no hash");
	} else {
		hex_of(hash, 32, text + 7);
		if (!str_eq(str_trim(blob_str(want)), str_c(text)))
			v = complain(&t, path, "another hash");
	}
	blob_unref(want);
	end(&t);
	return v;
}

static enum verdict import_success(struct suite *su, const char *path)
{
	struct trial t;
	const struct dh_typed *a, *b;
	enum verdict v;

	(void)su;
	begin(&t);
	a = check(&t, path);
	b = check(&t, other(path, ".dhall"));
	v = compare(&t, path, a ? dhall_quote(t.s, dhall_eval(t.s, a), false) : NULL,
			b ? dhall_quote(t.s, dhall_eval(t.s, b), false) : NULL);
	end(&t);
	return v;
}

/* ---- all cases ---- */

static struct suite suites[] = {
	{"normalization/success", "A.dhall", normalization, true, {0}},
	{"alpha-normalization/success", "A.dhall", normalization, true, {0}},
	{"type-inference/success", "A.dhall", type_success, false, {0}},
	{"type-inference/failure", ".dhall", failure, false, {0}},
	{"semantic-hash/success", "A.dhall", semantic_hash, true, {0}},
	{"import/success", "A.dhall", import_success, true, {0}},
	{"import/failure", ".dhall", failure, true, {0}},
};

static struct suite *current;

static int each(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)f;
	if (type != FTW_F || !str_ends(str_c(path), str_c(current->suffix)) ||
			str_ends(str_c(path), S("ENV.dhall")))
		return 0;
	current->count[current->run(current, path)]++;
	return 0;
}

static void run_all(void *ud)
{
	size_t *total = ud;

	for (size_t i = 0; i < SL_COUNT(suites); i++) {
		current = &suites[i];
		cache_on = current->uses_cache;
		nftw(str_fmt(&mem, "%.*s/%s", STR_ARG(tests), current->folder).p, each, 16, FTW_PHYS);
		printf("%-30s %zu passed, %zu failed, %zu skipped\n", current->folder,
				current->count[PASSED], current->count[FAILED], current->count[SKIPPED]);
		for (int v = 0; v < 3; v++)
			total[v] += current->count[v];
	}
}

int main(int argc, char **argv)
{
	const char *corpus = getenv("STRAYLIGHT_CORPUS");
	size_t total[3] = {0};

	verbose = argc > 1 && str_eq(str_c(argv[1]), S("-v"));
	root = str_fmt(&mem, "%s/dhall-lang", corpus ? corpus : "../shared/corpus");
	tests = str_fmt(&mem, "%.*s/tests", STR_ARG(root));
	if (access(tests.p, R_OK) != 0) {
		printf("skipped: there is no %s\n", tests.p);
		arena_clear(&mem);
		return 77;
	}
	pool_run_deep(run_all, total);
	printf("%zu passed, %zu failed, %zu skipped (they need a remote host)\n", total[PASSED],
			total[FAILED], total[SKIPPED]);
	arena_clear(&mem);
	return total[FAILED] != 0 || total[PASSED] == 0;
}
