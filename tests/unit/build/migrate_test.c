#include <straylight/base.h>
#include <straylight/migrate.h>

#include "test.h"

#include <stdlib.h>
#include <unistd.h>

static const char before[] = "let S = env:STRAYLIGHT_PRELUDE\nlet D = S.Derivation\nin  D.mkDerivation \"a\" (D.drv \"b\")\n";
static const char other[] = "let S = env:STRAYLIGHT_PRELUDE\nin  S.Derivation.mkDerivation \"other\" (S.Derivation.drv \"b\")\n";

struct folder {
	char path[64];
	struct arena mem;
	str file;
};

static void put(struct folder *f, const char *text)
{
	assert_int_equal(os_replace(f->file.p, str_c(text), 0644, false), 0);
}

static bool says(struct folder *f, str text)
{
	struct blob *b;
	bool same;

	assert_int_equal(os_read(f->file.p, 0, &b), 0);
	same = str_eq(blob_str(b), text);
	blob_unref(b);
	return same;
}

static bool edits(void *ud)
{
	put(ud, other);
	return true;
}

static bool stops(void *ud)
{
	(void)ud;
	return false;
}

static bool run(struct folder *f, bool (*ready)(void *), struct migrate_report *r, struct diags *diags)
{
	struct migrate_request q = {.dir = str_c(f->path), .paths = &f->file, .npaths = 1, .to = LINT_CONSTRAINED, .fix = true,
			.ready = ready, .ud = f};

	q.cache = str_fmt(&f->mem, "%s/cache", f->path);
	return migrate_run(&q, r, diags);
}

static int begin(void **state)
{
	struct folder *f = mem_make(struct folder);

	strcpy(f->path, "/tmp/migrate-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	setenv("XDG_CACHE_HOME", f->path, 1);
	f->file = str_fmt(&f->mem, "%s/a.dhall", f->path);
	put(f, before);
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct folder *f = *state;

	os_remove_tree(f->path);
	arena_clear(&f->mem);
	mem_free(f);
	return 0;
}

/* What another program writes meanwhile stays. */
static void changed_meanwhile(void **state)
{
	struct folder *f = *state;
	struct migrate_report r;
	struct diags diags = {0};

	assert_false(run(f, edits, &r, &diags));
	assert_int_equal(diags.errors, 1);
	assert_int_equal(diags.first->code, DIAG_MIGRATE_CHANGED);
	assert_true(says(f, str_c(other)));
	assert_int_equal(r.nfiles, 1);
	assert_false(r.files[0].written);
	migrate_end(&r);
	diags_free(&diags);
}

static void stopped(void **state)
{
	struct folder *f = *state;
	struct migrate_report r;
	struct diags diags = {0};

	assert_false(run(f, stops, &r, &diags));
	assert_true(says(f, str_c(before)));
	migrate_end(&r);
	diags_free(&diags);
}

static void written(void **state)
{
	struct folder *f = *state;
	struct migrate_report r;
	struct diags diags = {0};

	assert_true(run(f, NULL, &r, &diags));
	assert_int_equal(r.nfiles, 1);
	assert_true(r.files[0].written);
	assert_true(says(f, r.files[0].after));
	assert_int_equal(r.passed_before, 0);
	assert_int_equal(r.passed_after, 1);
	migrate_end(&r);
	assert_true(run(f, NULL, &r, &diags));
	assert_int_equal(r.nfiles, 0);
	migrate_end(&r);
	diags_free(&diags);
}

static void diffs(void **state)
{
	struct buf b = {0};

	(void)state;
	migrate_diff(S("a"), S("1\n2\n3\n4\n5\n6\n7\n8\n9\n"), S("1\n2\n3\n4\nfive\n6\n7\n8\n9"), &b);
	assert_string_equal(buf_z(&b), "--- a/a\n+++ b/a\n@@ -2,8 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n-9\n+9\n\\ No newline at end of file\n");
	b.n = 0;
	migrate_diff(S("a"), S(""), S("x\n"), &b);
	assert_string_equal(buf_z(&b), "--- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+x\n");
	b.n = 0;
	migrate_diff(S("a"), S("x\n"), S("x\n"), &b);
	assert_int_equal(b.n, 0);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(changed_meanwhile, begin, end),
		cmocka_unit_test_setup_teardown(stopped, begin, end),
		cmocka_unit_test_setup_teardown(written, begin, end),
		cmocka_unit_test(diffs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
