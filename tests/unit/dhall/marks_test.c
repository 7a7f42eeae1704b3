#include <straylight/dhall_marks.h>

#include "semantics.h"

static void see(void *ud, const struct dh_mark *m)
{
	static const char *const kinds[] = {"comment", "import", "name", "text"};

	buf_fmt(ud, "%s %u-%u %.*s\n", kinds[m->kind], m->at.lo, m->at.hi, STR_ARG(m->text));
}

static void marks(void **state)
{
	struct buf out = {0};
	struct diags diags = {0};

	(void)state;
	assert_true(dhall_marks(S("-- c\nlet D = ./D.dhall sha256:"
				  "0000000000000000000000000000000000000000000000000000000000000000 in D.mk \"a${D.x}b\" // D.{ y }"),
			S("t"), see, &out, &diags));
	assert_str_c(buf_view(&out), "comment 0-4 -- c\nimport 13-22 ./D.dhall\nname 100-102 mk\ntext 103-113 a\ntext 103-113 b\n"
				     "name 109-110 x\nname 118-124 y\n");
	out.n = 0;
	assert_false(dhall_marks(S("let"), S("t"), see, &out, &diags));
	assert_int_equal(out.n, 0);
	buf_free(&out);
	diags_free(&diags);
}

/* Where `out.name` and `out.value` of a.b are, as texts. */
static void assert_setting(const struct file *files, const char *text, const char *name, const char *value)
{
	struct fixture f = {0};
	struct arena mem = {0};
	struct dh_setting out;
	sym path[] = {intern_c("a"), intern_c("b")};
	const struct dh_parsed *parsed;
	const struct dh_typed *typed;

	fixture_open(&f, files);
	parsed = dhall_parse(f.s, str_c(text), S("/w/main.dhall"), S("/w"));
	assert_non_null(parsed);
	typed = dhall_check(f.s, dhall_resolve(f.s, parsed));
	assert_non_null(typed);
	assert_true(dhall_setting(typed, path, 2, &mem, &out));
	if (name) {
		assert_str_c(out.path, "/w/main.dhall");
		assert_str_c(str_of(text + out.name.lo, out.name.hi - out.name.lo), name);
	}
	assert_str_c(out.value_path, "/w/main.dhall");
	assert_str_c(str_of(text + out.value.lo, out.value.hi - out.value.lo), value);
	arena_clear(&mem);
	fixture_close(&f);
}

static void settings(void **state)
{
	static const struct file files[] = {
		{"/w/lib.dhall", "\\(x : Natural) -> { b = x, c = 1 }"},
		{NULL, NULL},
	};

	(void)state;
	assert_setting(NULL, "{ a = { b = 1 } }", "b", "1");
	assert_setting(NULL, "let v = 3 let r = { b = 1 } in { a = r // { b = v } }", "b", "3");
	assert_setting(NULL, "{ a = { b = 1 } with b = 2 }", "b", "2");
	assert_setting(files, "{ a = ./lib.dhall 7 }", NULL, "7");
	assert_setting(files, "let f = ./lib.dhall in { a = f 7 // { b = 8 } }", "b", "8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks),
		cmocka_unit_test(settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
