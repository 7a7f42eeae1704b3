#include <straylight/base/os.h>
#include <straylight/base/source.h>

#include "test.h"

static void places(void **state)
{
	uint32_t file = source_add(S("a.dhall"), S("one\ntw\xc3\xb6 x\r\n\nlast"));
	static const struct {
		uint32_t at, line, column, line_lo;
		const char *text;
	} rows[] = {
		{0, 1, 1, 0, "one"},  {3, 1, 4, 0, "one"},     {4, 2, 1, 4, "tw\xc3\xb6 x"},
		{6, 2, 3, 4, "tw\xc3\xb6 x"}, {8, 2, 4, 4, "tw\xc3\xb6 x"}, {9, 2, 5, 4, "tw\xc3\xb6 x"},
		{12, 3, 1, 12, ""},   {13, 4, 1, 13, "last"},  {17, 4, 5, 13, "last"},
		{1000, 4, 5, 13, "last"},
	};

	(void)state;
	assert_str_c(source_name(file), "a.dhall");
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct place p = source_place(file, rows[i].at);

		assert_int_equal(p.line, rows[i].line);
		assert_int_equal(p.column, rows[i].column);
		assert_int_equal(p.line_lo, rows[i].line_lo);
		assert_str_c(p.line_text, rows[i].text);
	}
	source_drop(file);
}

static void copies_and_drops(void **state)
{
	char name[] = "n", text[] = "t";
	uint32_t file = source_add(str_c(name), str_c(text)), other;

	(void)state;
	name[0] = text[0] = '?';
	assert_str_c(source_name(file), "n");
	assert_str_c(source_text(file), "t");
	source_drop(file);
	assert_str_c(source_name(file), "");
	assert_str_c(source_text(file), "");
	assert_int_equal(source_place(file, 5).line, 1);
	other = source_add(S("o"), (str){NULL, 0});
	assert_true(other != file);
	assert_str_c(source_text(other), "");
	source_drop(other);
	source_drop(other);
}

static void files(void **state)
{
	struct arena a = {0};
	str dir = str_dup(&a, str_c(fresh_dir())), path = str_fmt(&a, "%.*s/f", STR_ARG(dir));
	uint32_t file = source_add_file(path), gone = source_add_file(path);

	(void)state;
	assert_str(source_name(file), path);
	assert_int_equal(os_replace(path.p, S("one\ntwo"), 0644, false), 0);
	assert_str_c(source_text(file), "one\ntwo"); /* what is there when it is first asked for */
	assert_int_equal(os_replace(path.p, S("other"), 0644, false), 0);
	assert_str_c(source_text(file), "one\ntwo");
	assert_str_c(source_place(file, 4).line_text, "two");
	assert_int_equal(unlink(path.p), 0);
	assert_str_c(source_text(gone), "");
	source_drop(file);
	source_drop(gone);
	os_remove_tree(dir.p);
	arena_clear(&a);
}

static void unknown_files(void **state)
{
	(void)state;
	source_drop(0);
	source_drop(UINT32_MAX);
	assert_str_c(source_name(0), "");
	assert_str_c(source_text(UINT32_MAX), "");
	assert_int_equal(source_place(0, 0).column, 1);
}

static void names_from_the_root(void **state)
{
	static const struct {
		const char *name, *called;
	} cases[] = {
		{"/ws/a/b.dhall", "a/b.dhall"},
		{"/wsx/b.dhall", "/wsx/b.dhall"},
		{"(stdin)", "(stdin)"},
		{"a.dhall", "a.dhall"},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(cases); i++) {
		source_root(i % 2 ? S("/ws/") : S("/ws"));
		assert_str_c(source_name(source_add(str_c(cases[i].name), S(""))), cases[i].called);
	}
	source_root(S(""));
	assert_str_c(source_name(source_add(S("/ws/a"), S(""))), "/ws/a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(copies_and_drops),
		cmocka_unit_test(files),
		cmocka_unit_test(unknown_files),
		cmocka_unit_test(names_from_the_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
