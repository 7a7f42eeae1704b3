#include "syntax.h"

static void assert_formats(const char *text, const char *want)
{
	struct buf out = {0};
	struct diags diags = {0};

	assert_true(dhall_format(str_c(text), S("test"), &out, &diags));
	assert_str_c(buf_view(&out), want);
	buf_free(&out);
	diags_free(&diags);
}

struct row {
	const char *text, *want;
};

static void all(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert_formats(rows[i].text, rows[i].want);
		assert_formats(rows[i].want, rows[i].want);
	}
}

static void keeps(void **state)
{
	static const struct row rows[] = {
		{"0xFF", "0xFF\n"},
		{"(1.50e1)", "1.50e1\n"},
		{"-0x10", "-0x10\n"},
		{"let x = 1 in let y = 2 in x", "let x = 1 in let y = 2 in x\n"},
		{"#!/bin/a\n#!b\n\n1", "#!/bin/a\n#!b\n1\n"},
		{"1\r\n", "1\n"},
		{"λ(a : forall (b : A) -> a /\\ b) → a // b === c //\\\\ d",
				"λ(a : ∀(b : A) → a ∧ b) → a ⫽ b ≡ c ⩓ d\n"},
		{"\\(a : A) -> a // \"→\" -- ∀\n", "\\(a : A) -> a // \"→\" -- ∀\n"},
		{"let -- a\n    x = 1 in x", "let -- a\n    x =\n      1\n\nin  x\n"},
		{"let x : T = 1 in x", "let x\n    : T\n    = 1\n\nin  x\n"},
	};

	(void)state;
	all(rows, SL_COUNT(rows));
}

static void comments(void **state)
{
	static const struct row rows[] = {
		{"-- a\n\n\n-- b\n\n1", "-- a\n\n-- b\n1\n"},
		{"{- a -} 1", "{- a -}\n1\n"},
		{"1 -- a   \n -- b", "1 -- a\n-- b\n"},
		{"f {- a -} x {- b -}", "f {- a -} x {- b -}\n"},
		{"f -- a\n x", "f -- a\n  x\n"},
		{"[ 1, -- a\n 2 -- b\n ]", "[ 1 -- a\n, 2 -- b\n]\n"},
		{"[ 1\n, -- a\n 2\n-- b\n ]", "[ 1\n, -- a\n  2\n  -- b\n]\n"},
		{"[ 1 {- a -}, {- b -} 2 ]", "[ 1 {- a -}, {- b -} 2 ]\n"},
		{"{\n  -- a\n  x = 1, -- b\n  y = 2, }", "{ -- a\n  x = 1 -- b\n, y = 2\n}\n"},
		{"{ a, -- b\n c }", "{ a -- b\n, c\n}\n"},
		{"< A -- a\n | B : T -- b\n >", "< A -- a\n| B : T -- b\n>\n"},
		{"{ {- a -} }", "{ {- a -} }\n"},
		{"(-- a\n x)", "-- a\nx\n"},
		{"((f x) {- a -}).b", "(f x {- a -}).b\n"},
		{"a\n-- b\n++ c", "    a\n-- b\n++  c\n"},
		{"if a -- b\n then c -- d\n else e", "if    a -- b\nthen  c -- d\nelse  e\n"},
		{"let {- a -} x = 1\n-- b\nin x", "let {- a -} x = 1\n\n-- b\nin  x\n"},
		{"\\(x : T) -> -- a\n x", "\\(x : T) ->\n  -- a\n  x\n"},
		{"\"${x {- a -}}\"", "\"${x {- a -}}\"\n"},
		{"1 {- a\n  b\n    c -}", "1 {- a\n  b\n    c -}\n"},
	};

	(void)state;
	all(rows, SL_COUNT(rows));
}

/* What a text in lines cannot hold as it is. */
static void texts(void **state)
{
	static const struct row rows[] = {
		{"\" a\\n b\"", "''\n${\" \"}a\n${\" \"}b''\n"},
		{"\"\\t a\\n\\n\\t  b${c}\\n \"", "''\n\t a\n\n\t  b${c}\n ''\n"},
		{"\"\\t a\\n\\n\\t  b${c}\\n\\t \"", "''\n${\"\\t \"}a\n\n${\"\\t \"} b${c}\n${\"\\t \"}''\n"},
		{"\"a\\n'\"", "''\na\n${\"'\"}''\n"},
		{"\"a\\n'\\${\"", "''\na\n${\"'\"}''${''\n"},
		{"\"a\\n''\\${''\"", "''\na\n'${\"'\"}''${'${\"'\"}''\n"},
		{"\"a\\r\\u0001\\n\"", "''\na${\"\\r\\u0001\"}\n''\n"},
		{"\"\\n\\n\"", "\"\\n\\n\"\n"},
	};

	(void)state;
	all(rows, SL_COUNT(rows));
}

/* An empty projection has no place for a line break, also where the line is full. */
static void at_the_edge(void **state)
{
#define TEN "xxxxxxxxxx"
#define LONG TEN TEN TEN TEN TEN TEN TEN TEN
	static const struct row rows[] = {
		{LONG ".{}", LONG ".{}\n"},
		{LONG ".{} -- a", LONG ".{} -- a\n"},
	};

	(void)state;
	all(rows, SL_COUNT(rows));
}

static void refuses(void **state)
{
	struct buf out = {0};
	struct diags diags = {0};

	(void)state;
	assert_false(dhall_format(S("[ 1"), S("test"), &out, &diags));
	assert_int_equal(out.n, 0);
	assert_int_equal(diags.errors, 1);
	diags_free(&diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps),
		cmocka_unit_test(comments),
		cmocka_unit_test(texts),
		cmocka_unit_test(at_the_edge),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
