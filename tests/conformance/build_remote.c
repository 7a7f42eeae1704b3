/* The standard's import tests through the doors of the program itself: files, variables, cache and
 * network.  To be run by remote.sh, in a folder where dhall-lang is the corpus. */
#include <straylight/base/pool.h>
#include <straylight/doors.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

static struct arena mem;
static bool verbose, failures; /* failures: the cases must fail */
static size_t passed, failed;

struct trial {
	struct diags diags;
	struct dhall_world *world;
	struct dhall *s;
};

static void begin(struct trial *t)
{
	struct dhall_env env = doors_env(&mem);

	*t = (struct trial){0};
	env.directory = S(".");
	t->world = dhall_world_new(&env);
	t->s = dhall_open(t->world, &t->diags);
}

static void end(struct trial *t)
{
	dhall_close(t->s);
	dhall_world_free(t->world);
	diags_free(&t->diags);
}

static const struct dh_typed *check(struct trial *t, const char *path)
{
	struct blob *text;
	const struct dh_parsed *p;
	const struct dh_resolved *r;
	str directory = str_c(path);

	if (os_read(path, 0, &text) != 0)
		return NULL;
	while (directory.p[directory.n - 1] != '/')
		directory.n--;
	directory.n--;
	p = dhall_parse(t->s, blob_str(text), str_c(path), directory);
	blob_unref(text);
	r = p ? dhall_resolve(t->s, p) : NULL;
	return r ? dhall_check(t->s, r) : NULL;
}

/* The variables that "…ENV.dhall" beside a case names; on: set, else unset. */
static void variables(const char *path, bool on)
{
	struct trial t;
	dh_val list, item, key, value;
	const struct dh_typed *typed;
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
	end(&t);
}

static bool normal(struct trial *t, const char *path, struct buf *out)
{
	const struct dh_typed *typed = check(t, path);
	const struct dh_term *term = typed ? dhall_quote(t->s, dhall_eval(t->s, typed), false) : NULL;

	if (term)
		dhall_encode(term, out);
	return term != NULL;
}

static void run(const char *path, str stem)
{
	struct buf a = {0}, b = {0}, text = {0};
	struct trial t;
	bool ok;

	begin(&t);
	if (failures)
		ok = !check(&t, path) && t.diags.errors;
	else
		ok = normal(&t, path, &a) && normal(&t, str_fmt(&mem, "%.*sB.dhall", STR_ARG(stem)).p, &b) &&
				str_eq(buf_view(&a), buf_view(&b));
	if (ok)
		passed++;
	else
		failed++;
	diags_render(&t.diags, DIAG_TEXT, false, &text);
	if (!ok || verbose)
		printf("%s %s\n%.*s", ok ? "passed" : "FAILED", path, STR_ARG(buf_view(&text)));
	buf_free(&text);
	buf_free(&a);
	buf_free(&b);
	end(&t);
}

static int each(const char *path, const struct stat *st, int type, struct FTW *f)
{
	str suffix = failures ? S(".dhall") : S("A.dhall"), stem;
	const char *env;
	struct stamp stamp;

	(void)st;
	(void)f;
	if (type != FTW_F || !str_ends(str_c(path), suffix) || str_ends(str_c(path), S("ENV.dhall")))
		return 0;
	stem = str_upto(str_c(path), strlen(path) - suffix.n);
	env = str_fmt(&mem, "%.*sENV.dhall", STR_ARG(stem)).p;
	if (os_stamp(env, &stamp) == 0)
		variables(env, true);
	run(path, stem);
	if (os_stamp(env, &stamp) == 0)
		variables(env, false);
	return 0;
}

static void run_all(void *ud)
{
	(void)ud;
	nftw("./dhall-lang/tests/import/success", each, 16, FTW_PHYS);
	failures = true;
	nftw("./dhall-lang/tests/import/failure", each, 16, FTW_PHYS);
}

int main(int argc, char **argv)
{
	verbose = argc > 1 && str_eq(str_c(argv[1]), S("-v"));
	pool_run_deep(run_all, NULL);
	printf("import: %zu passed, %zu failed\n", passed, failed);
	arena_clear(&mem);
	return failed != 0 || passed == 0;
}
