#include "syntax.h"

static void assert_lints(const char *text, const char *want)
{
	struct buf out = {0}, said = {0};
	struct diags diags = {0};

	assert_true(dhall_lint(str_c(text), S("test"), &out, &said, &diags));
	assert_str_c(buf_view(&out), want);
	assert_int_equal(said.n == 0, strcmp(text, want) == 0);
	buf_free(&out);
	buf_free(&said);
	diags_free(&diags);
}

struct row {
	const char *text, *want;
};

static void all(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert_lints(rows[i].text, rows[i].want);
		assert_lints(rows[i].want, rows[i].want);
	}
}

static void bindings(void **state)
{
	static const struct row rows[] = {
		{"let x = 1 in 2", "2"},
		{"let x = 1 in x", "let x = 1 in x"},
		{"let x = 1 let y = 2 in x", "let x = 1 in x"},
		{"let x = 1 let y = 2 in y", "let y = 2 in y"},
		{"let x = 1 let y = x in 2", "2"},
		{"let x = 1\n\nlet y = 2 -- gone\n\n-- stays\nlet z = 3\n\nin  x   + z", "let x = 1\n\n-- stays\nlet z = 3\n\nin  x   + z"},
		{"let x = 1\n\nin  2\n", "2\n"},
		{"let a = assert : 1 === 1 in 2", "let a = assert : 1 === 1 in 2"},
		{"let a = { b = assert : x === 1 } let c = 1 in 2", "let a = { b = assert : x === 1 } in 2"},
		{"let x = 1 in \\(x : T) -> x", "\\(x : T) -> x"},
		{"\\(x : T) -> let x = 1 in x@1", "\\(x : T) -> x"},
		{"\\(x : T) -> \\(x : T) -> let x = 1 let y = x@2 in x@1 + x@2 + y", "\\(x : T) -> \\(x : T) -> let y = x@1 in x + x@1 + y"},
		{"let x = 1 in x@1", "x"},
		{"let `a@b` = 1 in `a@b` @ {- c -} 0x1", "`a@b` "},
		{"f (let x = 1 in y) (  let x = 1 in (x))", "f (y) (  let x = 1 in (x))"},
		{"https://a using (let h = 1 in [ h ])", "https://a using (let h = 1 in [ h ])"},
		{"let h = ./h.dhall in https://a using h", "let h = ./h.dhall in https://a using h"},
		{"let x = 1 in let y = 2 in x + y", "let x = 1 let y = 2 in x + y"},
		{"let x = 1\nin\nlet y = 2\nin x + y", "let x = 1\nlet y = 2\nin x + y"},
		{"let x = 1 in let y = 2 in 3", "3"},
		{"let x = 1 in\n2", "\n2"},
		{"let x = 1 in (let y = 2 in x + y)", "let x = 1 in (let y = 2 in x + y)"},
	};

	(void)state;
	all(rows, SL_COUNT(rows));
}

static void outdated(void **state)
{
	static const struct row rows[] = {
		{"let a = 1 === 1 in 2", "let a = assert : 1 === 1 in 2"},
		{"let a = 1 in a === 1", "let a = 1 in assert : a === 1"},
		{"./../a", "../a"},
		{"[ (./../../a), ../b, ./c/../d ]", "[ (../../a), ../b, ./c/../d ]"},
		{"https://prelude.dhall-lang.org/v1/Bool/not sha256:"
		 "0000000000000000000000000000000000000000000000000000000000000000",
			"https://prelude.dhall-lang.org/v1/Bool/not.dhall sha256:"
			"0000000000000000000000000000000000000000000000000000000000000000"},
		{"(https://prelude.dhall-lang.org/package)", "(https://prelude.dhall-lang.org/package.dhall)"},
		{"https://example.org/a", "https://example.org/a"},
	};

	(void)state;
	all(rows, SL_COUNT(rows));
}

static void says(void **state)
{
	struct buf out = {0}, said = {0};
	struct diags diags = {0};

	(void)state;
	assert_true(dhall_lint(S("let x = ./../a\nin\n  let y = x\n  in  x"), S("f"), &out, &said, &diags));
	assert_str_c(buf_view(&said), "f:2:1: nested 'let' is written as one block\nf:1:9: './../' is written '../'\n"
				      "f:3:3: 'y' is not used\n");
	said.n = out.n = 0;
	assert_false(dhall_lint(S("let"), S("f"), &out, &said, &diags));
	assert_int_equal(diags.errors, 1);
	buf_free(&out);
	buf_free(&said);
	diags_free(&diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bindings),
		cmocka_unit_test(outdated),
		cmocka_unit_test(says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
