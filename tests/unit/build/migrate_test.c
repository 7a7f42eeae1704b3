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

static bool run_to(struct folder *f, enum lint_level to, bool (*ready)(void *), struct migrate_report *r, struct diags *diags)
{
	struct migrate_request q = {.dir = str_c(f->path), .paths = &f->file, .npaths = 1, .to = to, .fix = true, .ready = ready, .ud = f};

	q.cache = str_fmt(&f->mem, "%s/cache", f->path);
	return migrate_run(&q, r, diags);
}

static bool run(struct folder *f, bool (*ready)(void *), struct migrate_report *r, struct diags *diags)
{
	return run_to(f, LINT_CONSTRAINED, ready, r, diags);
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

static void make_sources(struct folder *f)
{
	str path = str_fmt(&f->mem, "%s/src/Makefile", f->path);

	assert_int_equal(os_mkdirs_for(path.p, 0777), 0);
	assert_int_equal(os_replace(path.p, S("install:\n\tmkdir -p $(PREFIX)/bin\n"), 0644, false), 0);
}

static const char make_package[] = "let S = env:STRAYLIGHT_PRELUDE\n\nlet D = S.Derivation\n\nlet src = D.Input.Src \"./src\"\n\n"
				   "in  D.mkDerivation \"a\" src // { makeFlags = [ \"PREFIX=$(out)\" ] } -- of one file\n";

/* A derivation becomes a target of a rule; what only it used is gone, its comment is not, and then there is nothing to do. */
static void ruled(void **state)
{
	struct folder *f = *state;
	struct migrate_report r;
	struct diags diags = {0};
	str after;

	make_sources(f);
	put(f, make_package);
	assert_true(run_to(f, LINT_PURE_DICE, NULL, &r, &diags));
	assert_int_equal(r.nfiles, 1);
	assert_int_equal(r.passed_after, 1);
	after = str_dup(&f->mem, r.files[0].after);
	assert_true(str_find_str(after, S("S.make")) < after.n);
	assert_true(str_find_str(after, S("-- of one file")) < after.n);
	assert_int_equal(str_find_str(after, S("Derivation")), after.n);
	migrate_end(&r);
	assert_true(run_to(f, LINT_DICE_PREFERRED, NULL, &r, &diags));
	assert_int_equal(r.nfiles, 0);
	assert_int_equal(r.nitems, 0);
	migrate_end(&r);
	diags_free(&diags);
}

/* Bytes that are named by a digest are the files that have it. */
static void ruled_after_phase1(void **state)
{
	struct folder *f = *state;
	struct migrate_report r;
	struct diags diags = {0};

	make_sources(f);
	put(f, make_package);
	assert_true(run(f, NULL, &r, &diags));
	assert_true(str_find_str(r.files[0].after, S("Input.Store")) < r.files[0].after.n);
	migrate_end(&r);
	assert_true(run_to(f, LINT_DICE_REQUIRED, NULL, &r, &diags));
	assert_true(str_find_str(r.files[0].after, S("\"src/Makefile\"")) < r.files[0].after.n);
	assert_int_equal(r.passed_after, 1);
	migrate_end(&r);
	diags_free(&diags);
}

/* What no rule builds is wrapped, which is what phase 3 has to say of it. */
static void wrapped(void **state)
{
	struct folder *f = *state;
	struct migrate_report r;
	struct diags diags = {0};

	put(f, before);
	assert_true(run_to(f, LINT_DICE_REQUIRED, NULL, &r, &diags));
	assert_true(str_find_str(r.files[0].after, S("nix-compat")) < r.files[0].after.n);
	assert_int_equal(r.passed_after, 0);
	assert_int_equal(lint_rules[r.items[r.nitems - 1].rule].code, DIAG_LINT_NIX_OUTSIDE);
	assert_false(r.items[r.nitems - 1].fixed);
	assert_true(r.items[r.nitems - 1].why.n > 0);
	migrate_end(&r);
	assert_true(run_to(f, LINT_DICE_REQUIRED, NULL, &r, &diags));
	assert_int_equal(r.nfiles, 0);
	migrate_end(&r);
	diags_free(&diags);
}

static const struct migrate_item *item_of(const struct migrate_report *r, enum diag_code code)
{
	for (size_t i = 0; i < r->nitems; i++)
		if (lint_rules[r->items[i].rule].code == code)
			return &r->items[i];
	return NULL;
}

/* What stands in the expression of an action is told as such, and keeps nothing from the level. */
static void told_as_wrapped(void **state)
{
	struct folder *f = *state;
	struct migrate_report r;
	struct diags diags = {0};
	const struct migrate_item *x;

	put(f, before);
	assert_true(run_to(f, LINT_DICE_PREFERRED, NULL, &r, &diags));
	assert_int_equal(r.passed_after, 1);
	x = item_of(&r, DIAG_LINT_REFERENCES);
	assert_non_null(x);
	assert_true(x->fixed);
	assert_true(x->wrapped);
	migrate_end(&r);
	diags_free(&diags);
}

/* A program that fetches stays where it is seen, and so does what is no program. */
static void not_typed(void **state)
{
	static const char *const builders[] = {"\"/usr/bin/curl\" [ \"https://example.org\" ]", "\" \" [ \"-c\", \"curl https://example.org\" ]",
			"\"/bin/\" [ \"a\" ]"};

	for (size_t i = 0; i < SL_COUNT(builders); i++) {
		struct folder *f = *state;
		struct migrate_report r;
		struct diags diags = {0};
		const struct migrate_item *x;

		put(f, str_fmt(&f->mem, "let S = env:STRAYLIGHT_PRELUDE\nin  S.Derivation.derivation \"page\" %s\n", builders[i]).p);
		assert_true(run(f, NULL, &r, &diags));
		x = item_of(&r, DIAG_LINT_BUILDER);
		assert_non_null(x);
		assert_false(x->fixed);
		assert_true(x->why.n > 0);
		migrate_end(&r);
		assert_true(run(f, NULL, &r, &diags));
		assert_int_equal(r.nfiles, 0);
		migrate_end(&r);
		diags_free(&diags);
	}
}

/* Targets of two rules have two types, so that a list of them is a record then, and its items find each other by name. */
static void listed(void **state)
{
	struct folder *f = *state;
	struct migrate_report r;
	struct diags diags = {0};
	str after;

	make_sources(f);
	put(f, "let S = env:STRAYLIGHT_PRELUDE\nlet D = S.Derivation\nlet src = D.Input.Src \"./src\"\n"
	       "in  [ D.mkDerivation \"a\" src -- one\n    , D.mkDerivation \"b-1\" src // { buildInputs = [ D.drv \"a\" ], "
	       "nativeBuildInputs = [ D.drv \"cmake\" ] }\n    ]\n");
	assert_true(run_to(f, LINT_DICE_REQUIRED, NULL, &r, &diags));
	assert_int_equal(r.passed_after, 2);
	after = str_dup(&f->mem, r.files[0].after);
	assert_true(str_find_str(after, S("{ a =")) < after.n);
	assert_true(str_find_str(after, S(", b-1 =")) < after.n);
	assert_true(str_find_str(after, S("[ \":a\" ]")) < after.n);
	assert_true(str_find_str(after, S("-- one")) < after.n);
	migrate_end(&r);
	assert_true(run_to(f, LINT_DICE_REQUIRED, NULL, &r, &diags));
	assert_int_equal(r.nfiles, 0);
	migrate_end(&r);
	diags_free(&diags);
}

static void package(void **state)
{
	struct folder *f = *state;
	struct migrate_report r;
	struct diags diags = {0};
	struct blob *b;

	f->file = str_fmt(&f->mem, "%s/default.nix", f->path);
	put(f, "derivation { name = \"a\"; system = \"x86_64-linux\"; builder = \"/bin/sh\"; args = [ \"-c\" \"echo > $out\" ]; }\n");
	assert_true(run_to(f, LINT_DICE_PREFERRED, NULL, &r, &diags));
	assert_int_equal(r.nfiles, 1);
	assert_true(r.files[0].written);
	assert_int_equal(os_read(str_fmt(&f->mem, "%s/BUILD.dhall", f->path).p, 0, &b), 0);
	assert_true(str_eq(blob_str(b), r.files[0].after));
	blob_unref(b);
	migrate_end(&r);
	assert_true(run_to(f, LINT_DICE_PREFERRED, NULL, &r, &diags));
	assert_int_equal(r.nfiles, 0);
	migrate_end(&r);
	diags_free(&diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(changed_meanwhile, begin, end),
		cmocka_unit_test_setup_teardown(stopped, begin, end),
		cmocka_unit_test_setup_teardown(written, begin, end),
		cmocka_unit_test_setup_teardown(ruled, begin, end),
		cmocka_unit_test_setup_teardown(ruled_after_phase1, begin, end),
		cmocka_unit_test_setup_teardown(wrapped, begin, end),
		cmocka_unit_test_setup_teardown(told_as_wrapped, begin, end),
		cmocka_unit_test_setup_teardown(not_typed, begin, end),
		cmocka_unit_test_setup_teardown(listed, begin, end),
		cmocka_unit_test_setup_teardown(package, begin, end),
		cmocka_unit_test(diffs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
