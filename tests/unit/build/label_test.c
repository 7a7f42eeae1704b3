#include "label.h"

#include "../test.h"

static void is(const char *text, const char *package, const char *want)
{
	const char *why = NULL;
	sym label = label_parse(str_c(text), str_c(package), &why);

	if (!want && label)
		fail_msg("'%s' was taken for '%.*s'", text, STR_ARG(sym_str(label)));
	if (!want) {
		assert_non_null(why);
		return;
	}
	assert_str_c(sym_str(label), want);
}

static void spellings(void **state)
{
	(void)state;
	is("//a/b:c", "x", "//a/b:c");
	is("//a/b", "x", "//a/b:b");
	is("//a", "x", "//a:a");
	is("//:c", "x", "//:c");
	is(":c", "x/y", "//x/y:c");
	is(":c", "", "//:c");
	is("//a-b/c.d/e_f:g+h@i=j", "", "//a-b/c.d/e_f:g+h@i=j");
	is("//\xc3\xa4:\xc3\xb6", "", "//\xc3\xa4:\xc3\xb6");
	is("//.a/b..:...c", "", "//.a/b..:...c");
}

static void not_labels(void **state)
{
	static const char *const bad[] = {
		"", "c", "a/b", "a:b", "/a:b", "//", "//:", ":", "//a:", "///a:b", "//a//b:c", "//a/:b", "//a/",
		"//./a:b", "//a/../b:c", "//a:.", "//a:..", "//a:...", "//a/...", "//a:b/c", "//a:b:c", "::a",
		"//a b:c", "//a:b c", "//a:b\tc", "//a:b\n", "//a\\b:c", "//a:\"b\"", "//a:all", ":all", "//a:*",
		"//...", "...", "//a:\x7f",
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(bad); i++)
		is(bad[i], "p", NULL);
	is(":a", "", "//:a");
}

static void nul_bytes_are_refused(void **state)
{
	const char *why;

	(void)state;
	assert_int_equal(label_parse(S("//a:b\0c"), S(""), &why), 0);
	assert_int_equal(label_parse(S("//a\0b:c"), S(""), &why), 0);
}

static void parts(void **state)
{
	const char *why;
	sym label = label_parse(S("//a/b:c"), S(""), &why), root = label_parse(S(":c"), S(""), &why);

	(void)state;
	assert_str_c(label_package(label), "a/b");
	assert_str_c(label_name(label), "c");
	assert_str_c(label_package(root), "");
	assert_str_c(label_name(root), "c");
	assert_int_equal(label_make(S("a/b"), S("c")), label);
	assert_true(label_is(S("//a")) && label_is(S(":a")));
	assert_false(label_is(S("a")) || label_is(S("/a")) || label_is(S("")) || label_is(S("a:b")));
}

static bool matches(const char *pattern, const char *here, const char *label)
{
	const char *why;
	struct pattern p;

	if (!pattern_parse(str_c(pattern), str_c(here), &p, &why))
		fail_msg("'%s' is no pattern: %s", pattern, why);
	return pattern_matches(&p, label_parse(str_c(label), S(""), &why));
}

static void patterns(void **state)
{
	(void)state;
	assert_true(matches("//a:b", "", "//a:b"));
	assert_false(matches("//a:b", "", "//a:c"));
	assert_true(matches(":b", "a", "//a:b"));
	assert_true(matches("//a", "", "//a:a"));
	assert_true(matches("//a:all", "", "//a:b"));
	assert_true(matches("//a:*", "", "//a:b"));
	assert_true(matches(":all", "a", "//a:b"));
	assert_false(matches("//a:all", "", "//a/b:c"));
	assert_true(matches("//...", "x", "//:a"));
	assert_true(matches("//...", "x", "//a/b:c"));
	assert_true(matches("...", "a", "//a/b:c"));
	assert_true(matches("...", "", "//a/b:c"));
	assert_false(matches("...", "a", "//b:c"));
	assert_true(matches("//a/...", "", "//a:b"));
	assert_true(matches("//a/...", "", "//a/b/c:d"));
	assert_false(matches("//a/...", "", "//ab:c"));
	assert_false(matches("//a/b/...", "", "//a:b"));
	assert_false(matches("//a/b/...", "", "//a/bc/d:e"));
}

static void not_patterns(void **state)
{
	static const char *const bad[] = {
		"", "a", "a:b", "a/...", "//a:...", "//a/.../b", "//../...", "//a//...", "///...", "//a/./...",
		"//a b/...", "/...", ":", "//a:b:all",
	};
	struct pattern p;

	(void)state;
	for (size_t i = 0; i < SL_COUNT(bad); i++) {
		const char *why = NULL;

		if (pattern_parse(str_c(bad[i]), S("p"), &p, &why))
			fail_msg("'%s' was taken for a pattern", bad[i]);
		assert_non_null(why);
	}
}

static void folders(void **state)
{
	(void)state;
	assert_true(package_is_below(S("a/b"), S("a")));
	assert_true(package_is_below(S("a"), S("a")));
	assert_true(package_is_below(S("a"), S("")));
	assert_true(package_is_below(S(""), S("")));
	assert_false(package_is_below(S("ab"), S("a")));
	assert_false(package_is_below(S("a"), S("a/b")));
	assert_false(package_is_below(S(""), S("a")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings),
		cmocka_unit_test(not_labels),
		cmocka_unit_test(nul_bytes_are_refused),
		cmocka_unit_test(parts),
		cmocka_unit_test(patterns),
		cmocka_unit_test(not_patterns),
		cmocka_unit_test(folders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
