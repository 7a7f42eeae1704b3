#include "options.h"
#include "test.h"

struct args {
	bool keep, dry;
	str out;
	unsigned jobs;
	int mode;
};

struct more {
	bool quiet;
};

static const struct option rows[] = {
	FLAG(struct args, keep, 'k', "keep-going", "go on after a failure with all that does not need it"),
	FLAG(struct args, dry, 0, "dry-run", "only say what would run"),
	TEXT(struct args, out, 'o', "out", "DIR", "where outputs go"),
	NUMBER(struct args, jobs, 'j', "jobs", "N", "at most N at a time"),
	CHOICE(struct args, mode, 0, "mode", "on|none", "how"),
};

static const struct option more_rows[] = {
	FLAG(struct more, quiet, 'q', "quiet", "say less"),
};

struct read {
	struct args args;
	struct more more;
	struct arguments got;
	struct arena arena;
	struct diags diags;
	bool ok;
};

#define READ(r, until, ...)                                                                        \
	do {                                                                                       \
		const char *argv_[] = {__VA_ARGS__};                                                     \
		read_into(r, until, argv_, SL_COUNT(argv_));                                       \
	} while (0)

static void read_into(struct read *r, enum options_until until, const char *const *argv, size_t argc)
{
	struct options tables[] = {
		{rows, SL_COUNT(rows), &r->args},
		{more_rows, SL_COUNT(more_rows), &r->more},
	};

	arena_clear(&r->arena);
	diags_free(&r->diags);
	*r = (struct read){0};
	r->ok = options_read(tables, SL_COUNT(tables), argv, argc, until, &r->arena, &r->got, &r->diags);
	assert_int_equal(r->ok, r->diags.errors == 0);
}

static void finish(struct read *r)
{
	arena_clear(&r->arena);
	diags_free(&r->diags);
}

static void assert_wrong(const struct read *r, const char *text, const char *hint)
{
	assert_false(r->ok);
	assert_int_equal(r->diags.errors, 1);
	assert_int_equal(r->diags.first->code, DIAG_USAGE);
	assert_str_c(r->diags.first->text, text);
	assert_str_c(r->diags.first->hint, hint);
}

static void test_spellings(void **state)
{
	struct read r = {0};

	(void)state;
	READ(&r, OPTIONS_ALL, "-k", "--dry-run", "--out=a=b", "-j", "4", "--mode", "none", "x");
	assert_true(r.ok && r.args.keep && r.args.dry && !r.more.quiet);
	assert_str_c(r.args.out, "a=b");
	assert_int_equal(r.args.jobs, 4);
	assert_int_equal(r.args.mode, 1);
	assert_int_equal(r.got.nargs, 1);

	READ(&r, OPTIONS_ALL, "-kqj12", "-oDIR", "x", "-", "--mode=on", "y");
	assert_true(r.ok && r.args.keep && r.more.quiet && !r.args.dry);
	assert_int_equal(r.args.jobs, 12);
	assert_str_c(r.args.out, "DIR");
	assert_int_equal(r.got.nargs, 3);
	assert_str_c(r.got.args[1], "-");
	assert_str_c(r.got.args[2], "y");

	READ(&r, OPTIONS_ALL, "--out", "--", "--out=", "-o", "-k");
	assert_true(r.ok && !r.args.keep);
	assert_str_c(r.args.out, "-k");
	finish(&r);
}

static void test_not_given(void **state)
{
	struct read r = {0};

	(void)state;
	read_into(&r, OPTIONS_ALL, NULL, 0);
	assert_true(r.ok);
	assert_null(r.args.out.p);
	assert_int_equal(r.got.nargs + r.got.nrest + r.got.read, 0);
	READ(&r, OPTIONS_ALL, "--out=");
	assert_non_null(r.args.out.p);
	assert_int_equal(r.args.out.n, 0);
	finish(&r);
}

static void test_dashes(void **state)
{
	struct read r = {0};

	(void)state;
	READ(&r, OPTIONS_ALL, "a", "--", "-k", "--", "b");
	assert_true(r.ok && !r.args.keep);
	assert_int_equal(r.got.nargs, 4);
	assert_str_c(r.got.args[1], "-k");
	assert_str_c(r.got.args[2], "--");

	READ(&r, OPTIONS_SPLIT, "a", "--", "-k", "b");
	assert_int_equal(r.got.nargs, 1);
	assert_int_equal(r.got.nrest, 2);
	assert_str_c(r.got.rest[0], "-k");

	READ(&r, OPTIONS_WORD, "-k", "build", "-q");
	assert_true(r.ok && r.args.keep && !r.more.quiet);
	assert_int_equal(r.got.read, 1);
	READ(&r, OPTIONS_WORD, "-k", "--", "build");
	assert_int_equal(r.got.read, 1);
	finish(&r);
}

static void test_wrong(void **state)
{
	struct read r = {0};

	(void)state;
	READ(&r, OPTIONS_ALL, "--dryrun");
	assert_wrong(&r, "there is no option '--dryrun'", "did you mean '--dry-run'?");
	READ(&r, OPTIONS_ALL, "--quite=1");
	assert_wrong(&r, "there is no option '--quite'", "did you mean '--quiet'?");
	READ(&r, OPTIONS_ALL, "-quiet");
	assert_wrong(&r, "there is no option '-quiet'", "did you mean '--quiet'?");
	READ(&r, OPTIONS_ALL, "-z");
	assert_wrong(&r, "there is no option '-z'", "");
	READ(&r, OPTIONS_ALL, "--jobs");
	assert_wrong(&r, "'--jobs' needs a value: N", "");
	READ(&r, OPTIONS_ALL, "-j");
	assert_wrong(&r, "'-j' needs a value: N", "");
	READ(&r, OPTIONS_ALL, "--jobs=4x");
	assert_wrong(&r, "'--jobs' needs a number, not '4x'", "");
	READ(&r, OPTIONS_ALL, "--jobs=");
	assert_wrong(&r, "'--jobs' needs a number, not ''", "");
	READ(&r, OPTIONS_ALL, "-j", "-1");
	assert_wrong(&r, "'-j' needs a number, not '-1'", "");
	READ(&r, OPTIONS_ALL, "-j99999999999999999999999999");
	assert_wrong(&r, "'-j' needs a number, not '99999999999999999999999999'", "");
	READ(&r, OPTIONS_ALL, "--mode=off");
	assert_wrong(&r, "'--mode' cannot be 'off'", "it is one of on|none");
	READ(&r, OPTIONS_ALL, "--keep-going=yes");
	assert_wrong(&r, "'--keep-going' takes no value", "");
	finish(&r);
}

static void test_near(void **state)
{
	static const char *const names[] = {"build", "run", "test", "query deps"};

	(void)state;
	assert_string_equal(options_near(S("biuld"), names, 4), "build");
	assert_string_equal(options_near(S("query dep"), names, 4), "query deps");
	assert_string_equal(options_near(S("rn"), names, 4), "run");
	assert_null(options_near(S("lint"), names, 4));
	assert_null(options_near(S(""), names, 4));
}

static void test_help(void **state)
{
	struct buf out = {0};

	(void)state;
	options_help(rows, SL_COUNT(rows), 61, &out);
	assert_str_c(buf_view(&out), "  -k, --keep-going        go on after a failure with all that\n"
				     "                          does not need it\n"
				     "      --dry-run           only say what would run\n"
				     "  -o, --out=DIR           where outputs go\n"
				     "  -j, --jobs=N            at most N at a time\n"
				     "      --mode=on|none      how\n");
	buf_free(&out);
}

static void test_wrap(void **state)
{
	struct buf out = {0};

	(void)state;
	options_wrap(S("one two three\nfour\n\nfive"), 0, 2, 8, &out);
	assert_str_c(buf_view(&out), "one two\n  three\n  four\n\n  five");
	out.n = 0;
	options_wrap(S("unbreakable"), 4, 2, 6, &out);
	assert_str_c(buf_view(&out), "unbreakable");
	out.n = 0;
	options_wrap(S("größer größer"), 0, 0, 13, &out);
	assert_str_c(buf_view(&out), "größer größer");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_not_given),
		cmocka_unit_test(test_dashes),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
