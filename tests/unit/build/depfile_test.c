#include "depfile.h"

#include "../test.h"

/* The paths with '|' between them, or "bad". */
static void parses(str text, const char *want)
{
	struct arena a = {0};
	struct buf got = {0};
	const str *paths;
	size_t n;
	bool ok = depfile_parse(text, &a, &paths, &n);

	for (size_t i = 0; ok && i < n; i++) {
		if (i)
			buf_c(&got, '|');
		buf_str(&got, paths[i]);
	}
	if (!ok)
		buf_lit(&got, "bad");
	if (!str_eq(buf_view(&got), str_c(want)))
		fail_msg("'%.*s' gives '%.*s', want '%s'", STR_ARG(text), STR_ARG(buf_view(&got)), want);
	buf_free(&got);
	arena_clear(&a);
}

static void rules(void **state)
{
	(void)state;
	parses(S("a.o: a.c a.h\n"), "a.c|a.h");
	parses(S("a.o: a.c"), "a.c");
	parses(S("a.o a.d: a.c\n"), "a.c");
	parses(S("a.o : a.c\n"), "a.c");
	parses(S("a.o:\ta.c\n"), "a.c");
	parses(S("a.o:\n"), "");
	parses(S("a.o:"), "");
	parses(S("a.o: a.c\nb.o: b.c\n"), "a.c|b.c");
	parses(S("\n\n a.o: a.c\n\n"), "a.c");
}

static void continued_lines(void **state)
{
	(void)state;
	parses(S("a.o: a.c \\\n  a.h \\\n  b.h\n"), "a.c|a.h|b.h");
	parses(S("a.o: \\\n a.c\\\n b.c\n"), "a.c|b.c");
	parses(S("a.o \\\n : a.c\n"), "a.c");
	parses(S("a.o: a.c \\\n"), "a.c");
	parses(S("a.o: a.c \\"), "a.c");
	parses(S("a.o:\\\n"), "");
	parses(S("a.o:\\\n a.c\n"), "a.c");
}

/* As gcc -MP writes them, so that a header may go. */
static void empty_rules(void **state)
{
	(void)state;
	parses(S("a.o: a.c a.h b.h\na.h:\nb.h:\n"), "a.c|a.h|b.h");
	parses(S("a.o: a.c a.h\n\na.h:\n\n"), "a.c|a.h");
}

/* As rustc writes them, with the variables that the crate asked for. */
static void comments(void **state)
{
	(void)state;
	parses(S("a: a.rs b.rs\n\na.rs:\nb.rs:\n\n# env-dep:HOME=/a: b\n# env-dep:NONE\n"), "a.rs|b.rs");
	parses(S("# of a\na: a.rs\n  # more\n"), "a.rs");
	parses(S("# nothing but this\n"), "bad");
	parses(S("a: a.rs #b.rs\n"), "a.rs|#b.rs");
	parses(S("a # b: a.rs\n"), "a.rs");
	parses(S("a: a.rs\n# the end"), "a.rs");
}

static void windows_lines(void **state)
{
	(void)state;
	parses(S("a.o: a.c \\\r\n a.h\r\na.h:\r\n"), "a.c|a.h");
	parses(S("a.o: a.c\r\n"), "a.c");
	parses(S("a.o:\\\r\n a.c\r\n"), "a.c");
	parses(S("no rule\r\n"), "bad");
}

/* What gcc 12 writes for these names. */
static void names(void **state)
{
	(void)state;
	parses(S("t.o: a\\ b.h\n"), "a b.h");
	parses(S("t.o: a\\#b.h a$$b.h\n"), "a#b.h|a$b.h");
	parses(S("t.o: a\\b.h a\\\\b.h\n"), "a\\b.h|a\\\\b.h");
	parses(S("t.o: a\\\\\\ b.h c\n"), "a\\ b.h|c");
	parses(S("t.o: a\\\\ b.h\n"), "a\\|b.h");
	parses(S("t.o: a\\\tb\n"), "a\tb");
	parses(S("t.o: $x $\n"), "$x|$");
}

static void colons(void **state)
{
	(void)state;
	parses(S("t.o: a:b.h c:d:e\n"), "a:b.h|c:d:e");
	parses(S("t.o: a\\:b.h\n"), "a:b.h");
	parses(S("C:/t.o: C:/a.c\n"), "C:/a.c");
	parses(S("a:b.o: a.c\na:b.h:\n"), "a.c");
	parses(S("tail\\:\n"), "");
}

static void not_depfiles(void **state)
{
	(void)state;
	parses(S(""), "bad");
	parses(S("\n \n"), "bad");
	parses(S("a.c a.h\n"), "bad");
	parses(S("a.c a.h"), "bad");
	parses(S("a.c \n"), "bad");
	parses(S("a.o: a.c\nrest\n"), "bad");
	parses(S("rest\na.o: a.c\n"), "bad");
	parses(S(": a.c\n"), "bad");
	parses(S("a.o: b: c\n"), "bad");
	parses(S("\x7f" "ELF\0\0"), "bad");
}

static void bytes_of_any_kind(void **state)
{
	struct arena a = {0};
	const str *paths;
	size_t n;

	(void)state;
	assert_true(depfile_parse(S("a.o: \xff\0x b\n"), &a, &paths, &n));
	assert_int_equal(n, 2);
	assert_str(paths[0], S("\xff\0x"));
	arena_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules),
		cmocka_unit_test(continued_lines),
		cmocka_unit_test(empty_rules),
		cmocka_unit_test(comments),
		cmocka_unit_test(windows_lines),
		cmocka_unit_test(names),
		cmocka_unit_test(colons),
		cmocka_unit_test(not_depfiles),
		cmocka_unit_test(bytes_of_any_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
