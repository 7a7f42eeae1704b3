#include "syntax.h"

struct row {
	const char *text, *want;
};

static void check(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_parses(rows[i].text, rows[i].want);
}

static void precedence(void **state)
{
	static const struct row rows[] = {
		{"a + b * c", "[3, 4, [\"a\", 0], [3, 5, [\"b\", 0], [\"c\", 0]]]"},
		{"a * b + c", "[3, 4, [3, 5, [\"a\", 0], [\"b\", 0]], [\"c\", 0]]"},
		{"a ++ b ++ c", "[3, 6, [3, 6, [\"a\", 0], [\"b\", 0]], [\"c\", 0]]"},
		{"a != b == c", "[3, 2, [3, 3, [\"a\", 0], [\"b\", 0]], [\"c\", 0]]"},
		{"a === b ? c", "[3, 12, [\"a\", 0], [3, 11, [\"b\", 0], [\"c\", 0]]]"},
		{"a || b && c # d", "[3, 0, [\"a\", 0], [3, 7, [3, 1, [\"b\", 0], [\"c\", 0]], [\"d\", 0]]]"},
		{"a /\\ b // c //\\\\ d", "[3, 8, [\"a\", 0], [3, 9, [\"b\", 0], [3, 10, [\"c\", 0], [\"d\", 0]]]]"},
		{"a ∧ b ⫽ c ⩓ d ≡ e",
			"[3, 12, [3, 8, [\"a\", 0], [3, 9, [\"b\", 0], [3, 10, [\"c\", 0], [\"d\", 0]]]], [\"e\", 0]]"},
		{"f x.y::z w", "[0, [\"f\", 0], [3, 13, [9, [\"x\", 0], \"y\"], [\"z\", 0]], [\"w\", 0]]"},
		{"f -1 +2", "[0, [\"f\", 0], [16, -1], [16, 2]]"},
		{"A -> B -> C", "[2, [\"A\", 0], [2, [\"B\", 0], [\"C\", 0]]]"},
		{"a : B : C", "[26, [\"a\", 0], [26, [\"B\", 0], [\"C\", 0]]]"},
		{"merge a b : T", "[6, [\"a\", 0], [\"b\", 0], [\"T\", 0]]"},
		{"(merge a b) : T", "[26, [6, [\"a\", 0], [\"b\", 0]], [\"T\", 0]]"},
		{"merge a b c : T", "[26, [0, [6, [\"a\", 0], [\"b\", 0]], [\"c\", 0]], [\"T\", 0]]"},
		{"toMap a : T", "[27, [\"a\", 0], [\"T\", 0]]"},
		{"[] : List T", "[4, [\"T\", 0]]"},
		{"[] : T", "[28, [\"T\", 0]]"},
		{"a with b.? = c with d = e", "[29, [29, [\"a\", 0], [\"b\", 0], [\"c\", 0]], [\"d\"], [\"e\", 0]]"},
	};

	(void)state;
	check(rows, SL_COUNT(rows));
}

static void binders_become_indices(void **state)
{
	static const struct row rows[] = {
		{"\\(x : A) -> \\(y : B) -> x y x@1", "[1, \"x\", [\"A\", 0], [1, \"y\", [\"B\", 0], [0, [\"x\", 0], [\"y\", 0], [\"x\", 1]]]]"},
		{"\\(x : A) -> \\(x : x) -> x@1 x@2 x", "[1, \"x\", [\"A\", 0], [1, \"x\", [\"x\", 0], [0, [\"x\", 1], [\"x\", 2], [\"x\", 0]]]]"},
		{"let x = x let x = x in x@1", "[25, \"x\", null, [\"x\", 0], \"x\", null, [\"x\", 0], [\"x\", 1]]"},
		{"A -> _", "[2, [\"A\", 0], 0]"},
		{"_@3", "3"},
		{"forall (_ : A) -> _@1 _", "[2, [\"A\", 0], [0, 1, 0]]"},
	};
	struct parsed p;
	const struct term *t;

	(void)state;
	check(rows, SL_COUNT(rows));
	t = parse_ok(&p, S("\\(x : A) -> \\(y : B) -> x x@2"))->u.bind.b->u.bind.b;
	assert_int_equal(t->u.two.a->u.var.index, 1);
	assert_int_equal(t->u.two.b->u.var.index, VAR_FREE);
	assert_int_equal(t->u.two.b->u.var.at, 1);
	parse_free(&p);
}

static void records_desugar(void **state)
{
	static const struct row rows[] = {
		{"{=}", "[8, {}]"},
		{"{}", "[7, {}]"},
		{"{,}", "[7, {}]"},
		{"{ , = , }", "[8, {}]"},
		{"{ b = 1, a = 2, }", "[8, {\"a\": [15, 2], \"b\": [15, 1]}]"},
		{"{ x.y = 1, x.z = 2 }", "[8, {\"x\": [3, 8, [8, {\"y\": [15, 1]}], [8, {\"z\": [15, 2]}]]}]"},
		{"{ x, x, Natural }", "[8, {\"Natural\": [\"Natural\", 0], \"x\": [3, 8, [\"x\", 0], [\"x\", 0]]}]"},
		{"{ Some : A, `if` : B }", "[7, {\"Some\": [\"A\", 0], \"if\": [\"B\", 0]}]"},
		{"<>", "[11, {}]"},
		{"< | B : T | A | >", "[11, {\"A\": null, \"B\": [\"T\", 0]}]"},
		{"x.{ b, a }.(T)", "[10, [10, [\"x\", 0], \"b\", \"a\"], [[\"T\", 0]]]"},
		{"x.{}", "[10, [\"x\", 0]]"},
	};

	(void)state;
	check(rows, SL_COUNT(rows));
}

/* More fields than are compared pairwise. */
static void many_duplicates(void **state)
{
	struct buf text = {0};
	struct parsed p;

	(void)state;
	buf_lit(&text, "{ a00 = 0");
	for (int round = 0; round < 2; round++)
		for (int i = 1; i < 50; i++)
			buf_fmt(&text, ", a%02d = %d", i, i);
	buf_lit(&text, "}");
	parse_ok(&p, buf_view(&text));
	assert_int_equal(p.t->n, 50);
	assert_int_equal(p.t->u.fields.fields[0].value->kind, TERM_NATURAL);
	assert_int_equal(p.t->u.fields.fields[49].value->kind, TERM_OP);
	parse_free(&p);
	parse_ok(&p, S("{ a : A, a : B }"));
	assert_int_equal(p.t->flags & TERM_FLAG_TWICE, TERM_FLAG_TWICE);
	parse_free(&p);
	buf_free(&text);
}

static void literals(void **state)
{
	static const struct row rows[] = {
		{"0xff", "[15, 255]"},
		{"0b101", "[15, 5]"},
		{"+0x10", "[16, 16]"},
		{"-0", "[16, 0]"},
		{"18446744073709551616", "[15, 2(h'010000000000000000')]"},
		{"18446744073709551615", "[15, 18446744073709551615]"},
		{"-18446744073709551617", "[16, 3(h'010000000000000000')]"},
		{"1.5", "1.5_1"},
		{"-1e3", "-1000_1"},
		{"00.1", "0.1_3"},
		{"-Infinity", "-inf_1"},
		{"1.a", "[9, [15, 1], \"a\"]"},
		{"if b then 1else 2", "[14, [\"b\", 0], [15, 1], [15, 2]]"},
		{"0x\"00fF\"", "[33, h'00ff']"},
		{"2024-02-29", "[30, 2024, 2, 29]"},
		{"23:59:59.125", "[31, 23, 59, 4([-3, 59125])]"},
		{"00:00:00.123456789012345678901", "[31, 0, 0, 4([-17, 12345678901234567])]"},
		{"-08:30", "[32, false, 8, 30]"},
		{"2020-01-01t12:00:00Z",
			"[8, {\"date\": [30, 2020, 1, 1], \"time\": [31, 12, 0, 4([0, 0])], \"timeZone\": [32, true, 0, 0]}]"},
		{"12:00:00+01:00", "[8, {\"time\": [31, 12, 0, 4([0, 0])], \"timeZone\": [32, true, 1, 0]}]"},
		{"x 10 +10:00", "[0, [\"x\", 0], [15, 10], [32, true, 10, 0]]"},
	};

	(void)state;
	check(rows, SL_COUNT(rows));
}

static void texts(void **state)
{
	static const struct row rows[] = {
		{"\"\"", "[18, \"\"]"},
		{"\"a\\n\\u0041\\u{1F600}\\$\\/\"", "[18, \"a\nA😀$/\"]"},
		{"\"$$ ${a}b${\"c${d}\"}$\"", "[18, \"$$ \", [\"a\", 0], \"b\", [18, \"c\", [\"d\", 0], \"\"], \"$\"]"},
		{"\"${{ a = \"}\" }.a}\"", "[18, \"\", [9, [8, {\"a\": [18, \"}\"]}], \"a\"], \"\"]"},
		{"''\n''", "[18, \"\"]"},
		{"''\n  a\n    b\n\n  c\n  ''", "[18, \"a\n  b\n\nc\n\"]"},
		{"''\n  a\n ''", "[18, \" a\n\"]"},
		{"''\r\n  a\r\n  b''", "[18, \"a\nb\"]"},
		{"''\n\ta\n b''", "[18, \"\ta\n b\"]"},
		{"''\n  \n    a''", "[18, \"\n  a\"]"},
		{"''\n  '''a''${b} $ ' \\n''", "[18, \"''a${b} $ ' \\n\"]"},
		{"''\n  ${a}\n    b\n  ${c}''", "[18, \"\", [\"a\", 0], \"\n  b\n\", [\"c\", 0], \"\"]"},
		{"''\n    a ${b}\n  ''", "[18, \"  a \", [\"b\", 0], \"\n\"]"},
		{"''\n  a${b}\n\n${c}''", "[18, \"  a\", [\"b\", 0], \"\n\n\", [\"c\", 0], \"\"]"},
	};

	(void)state;
	check(rows, SL_COUNT(rows));
}

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcDEF"

static void imports(void **state)
{
	static const struct row rows[] = {
		{"./a/\"b c\"/d.dhall", "[24, null, 0, 3, \"a\", \"b c\", \"d.dhall\"]"},
		{"../a", "[24, null, 0, 4, \"a\"]"},
		{"~/a as Text", "[24, null, 1, 5, \"a\"]"},
		{"/a as Location", "[24, null, 2, 2, \"a\"]"},
		{"./a//b", "[3, 9, [24, null, 0, 3, \"a\"], [\"b\", 0]]"},
		{"env:A_1 as Bytes", "[24, null, 3, 6, \"A_1\"]"},
		{"env:\"a\\\"b c\"", "[24, null, 0, 6, \"a\"b c\"]"},
		{"missing ? missing", "[3, 11, [24, null, 0, 7], [24, null, 0, 7]]"},
		{"missingfoo", "[\"missingfoo\", 0]"},
		{"./a sha256:" HASH, "[24, h'12200123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', 0, 3, \"a\"]"},
		{"https://a.b", "[24, null, 0, 1, null, \"a.b\", \"\", null]"},
		{"http://u:p@[::1]:80/a%20b//c?x=/y?&z", "[24, null, 0, 0, null, \"u:p@[::1]:80\", \"a%20b\", \"\", \"c\", \"x=/y?&z\"]"},
		{"https://1.2.3.4/?", "[24, null, 0, 1, null, \"1.2.3.4\", \"\", \"\"]"},
		{"https://[2001:db8::1.2.3.4]/a", "[24, null, 0, 1, null, \"[2001:db8::1.2.3.4]\", \"a\", null]"},
		{"https://a/b using ./c as Text", "[24, null, 0, 1, [24, null, 1, 3, \"c\"], \"a\", \"b\", null]"},
		{"[ ./a, ./b ]", "[4, null, [24, null, 0, 3, \"a\"], [24, null, 0, 3, \"b\"]]"},
		{"List ./a", "[0, \"List\", [24, null, 0, 3, \"a\"]]"},
	};
	struct parsed p;

	(void)state;
	check(rows, SL_COUNT(rows));
	parse_ok(&p, S("https://a using ./b ? env:C"));
	assert_int_equal(p.unit.nimports, 3);
	assert_int_equal(p.unit.imports[0]->kind, IMPORT_REMOTE);
	assert_int_equal(p.unit.imports[1]->kind, IMPORT_LOCAL);
	assert_int_equal(p.unit.imports[2]->kind, IMPORT_ENV);
	parse_free(&p);
}

static void comments_and_spans(void **state)
{
	static const char text[] = "#!/bin/x\n-- one\n{- {- two -} -} (x {- 3 -} + y.z) --end";
	static const char *const comments[] = {"#!/bin/x", "-- one", "{- {- two -} -}", "{- 3 -}", "--end"};
	struct parsed p;
	const struct term *t;

	(void)state;
	t = parse_ok(&p, str_c(text));
	assert_int_equal(p.unit.ncomments, SL_COUNT(comments));
	for (size_t i = 0; i < SL_COUNT(comments); i++) {
		struct span s = p.unit.comments[i];

		assert_str_c(str_of(text + s.lo, s.hi - s.lo), comments[i]);
	}
	assert_str_c(str_of(text + t->lo, t->hi - t->lo), "(x {- 3 -} + y.z)");
	assert_true(t->flags & TERM_FLAG_PAREN);
	t = t->u.two.b;
	assert_str_c(str_of(text + t->lo, t->hi - t->lo), "y.z");
	parse_free(&p);
	t = parse_ok(&p, S("let f = 1 in { aa.bb = f }"))->u.let.body;
	assert_int_equal(t->u.fields.fields[0].lo, 15);
	assert_int_equal(t->u.fields.fields[0].hi, 17);
	parse_free(&p);
}

/* Where, which code, and what the message says. */
static void errors(void **state)
{
	static const struct {
		const char *text;
		enum diag_code code;
		uint32_t lo, hi;
		const char *message, *hint;
	} rows[] = {
		{"", DIAG_SYNTAX_UNEXPECTED, 0, 0, "found the end of the text, expected an expression", ""},
		{"1 2 )", DIAG_SYNTAX_UNEXPECTED, 4, 5, "found ')', expected an operator or the end of the text", ""},
		{"f(x)", DIAG_SYNTAX_UNEXPECTED, 1, 2, "found '(', expected an operator or the end of the text", "space"},
		{"let x = 1", DIAG_SYNTAX_UNEXPECTED, 9, 9, "found the end of the text, expected 'in'", "'in'"},
		{"let x = 1 x + 1 )", DIAG_SYNTAX_UNEXPECTED, 16, 17, "found ')', expected 'in'", ""},
		{"x = 1", DIAG_SYNTAX_UNEXPECTED, 2, 3, "found '='", "let x ="},
		{"if a then b", DIAG_SYNTAX_UNEXPECTED, 11, 11, "expected 'else'", "else"},
		{"{ a = 1", DIAG_SYNTAX_UNCLOSED, 0, 1, "'{' is never closed", ""},
		{"[ 1 }", DIAG_SYNTAX_UNEXPECTED, 4, 5, "found '}', expected ',' or ']'", ""},
		{"\"abc", DIAG_SYNTAX_UNCLOSED, 0, 1, "the text that begins here does not end", ""},
		{"\"a\nb\"", DIAG_SYNTAX_UNCLOSED, 0, 1, "the text that begins here does not end", "several lines"},
		{"''\n a", DIAG_SYNTAX_UNCLOSED, 0, 2, "the text that begins here does not end", ""},
		{"\"${a\"", DIAG_SYNTAX_UNEXPECTED, 4, 5, "found a text, expected '}'", ""},
		{"\"${a", DIAG_SYNTAX_UNCLOSED, 1, 3, "'${' is never closed", ""},
		{"\"\\q\"", DIAG_SYNTAX_TEXT, 1, 3, "there is no such escape", "\\n"},
		{"\"\\u{110000}\"", DIAG_SYNTAX_TEXT, 1, 11, "the escape names no character", ""},
		{"{- {- -}", DIAG_SYNTAX_UNCLOSED, 0, 2, "the comment that begins here does not end", "nest"},
		{"007", DIAG_SYNTAX_NUMBER, 0, 3, "a number must not begin with 0", "octal"},
		{"1e999", DIAG_SYNTAX_NUMBER, 0, 5, "too large for a Double", ""},
		{"2023-02-29", DIAG_SYNTAX_NUMBER, 8, 10, "the month has no such day", ""},
		{"\\(if : T) -> if", DIAG_SYNTAX_RESERVED, 2, 4, "'if' is reserved", "`if`"},
		{"let List = 1 in 2", DIAG_SYNTAX_RESERVED, 4, 8, "'List' is reserved", "`List`"},
		{"x :T", DIAG_SYNTAX_SPACE, 3, 4, "a space is missing after ':'", ""},
		{"x +y", DIAG_SYNTAX_SPACE, 3, 4, "a space is missing after '+'", ""},
		{"./a sha256:12", DIAG_SYNTAX_IMPORT, 4, 13, "64 hexadecimal digits", ""},
		{"https://", DIAG_SYNTAX_IMPORT, 0, 8, "the URL names no host", ""},
		{"\"\xff\"", DIAG_SYNTAX_BYTE, 1, 2, "0xff is not valid UTF-8", ""},
		{"-- \xef\xbf\xbe\n1", DIAG_SYNTAX_BYTE, 3, 6, "U+FFFE is not a character", ""},
		{"1 \r 2", DIAG_SYNTAX_BYTE, 2, 3, "carriage return", ""},
		{"a - b", DIAG_SYNTAX_UNEXPECTED, 2, 3, "found '-'", "Natural/subtract"},
		{"'abc'", DIAG_SYNTAX_UNEXPECTED, 0, 1, "found '''", "double quotes"},
		{"f Some x", DIAG_SYNTAX_UNEXPECTED, 2, 6, "found 'Some'", "parentheses"},
		{"f x with a = 1", DIAG_SYNTAX_UNEXPECTED, 4, 8, "found 'with'", "parentheses"},
		{"f []", DIAG_SYNTAX_UNEXPECTED, 2, 4, "an empty list needs the type", "List T"},
		{"a::b::c", DIAG_SYNTAX_UNEXPECTED, 4, 6, "found '::'", "chain"},
		{"x@99999999999", DIAG_SYNTAX_NUMBER, 2, 13, "the index is too large", ""},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct parsed p;
		const struct diag *d;

		parse_try(&p, str_c(rows[i].text));
		d = p.diags.first;
		if (p.t || !d || p.diags.errors != 1)
			fail_msg("'%s': %zu diagnostics", rows[i].text, p.diags.errors);
		if (d->code != rows[i].code || d->at.lo != rows[i].lo || d->at.hi != rows[i].hi
				|| str_find_str(d->text, str_c(rows[i].message)) == d->text.n
				|| (*rows[i].hint && str_find_str(d->hint, str_c(rows[i].hint)) == d->hint.n))
			fail_msg("'%s': %s %u-%u '%.*s' hint '%.*s'", rows[i].text, diag_number(d->code), d->at.lo, d->at.hi,
					STR_ARG(d->text), STR_ARG(d->hint));
		parse_free(&p);
	}
}

static void notes_show_what_is_open(void **state)
{
	struct parsed p;

	(void)state;
	parse_try(&p, S("(\n[ 1 }\n)"));
	assert_null(p.t);
	assert_str_c(p.diags.first->notes->text, "opened here");
	assert_int_equal(p.diags.first->notes->at.lo, 2);
	parse_free(&p);
}

/* ---- depth and length ---- */

struct deep {
	str text;
	bool parses;
};

static void parse_deep(void *ud)
{
	struct deep *d = ud;
	struct parsed p;

	parse_try(&p, d->text);
	if ((p.t != NULL) != d->parses)
		fail_msg("%.20s…: %s", d->text.p, p.t ? "parses" : "does not parse");
	if (!p.t) {
		assert_int_equal(p.diags.errors, 1);
		assert_int_equal(p.diags.first->code, DIAG_SYNTAX_DEPTH);
	}
	parse_free(&p);
}

static void nesting_is_bounded(void **state)
{
	static const struct {
		const char *open, *core, *close;
	} rows[] = {
		{"(", "1", ")"}, {"[", "1", "]"}, {"{ a = ", "1", " }"}, {"{ a : ", "A", " }"}, {"< a : ", "A", " >"},
		{"\"${", "1", "}\""}, {"(\\(x : A) -> ", "x", ")"}, {"x.(", "A", ")"}, {"if ", "a", " then b else c"},
		{"let x = ", "1", " in x"}, {"\\(x : ", "A", ") -> x"}, {"https://a using ", "b", ""},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++)
		for (size_t n = 100000; n <= 1000000; n *= 10) {
			struct buf text = {0};
			struct deep d = {.parses = n == 100000};

			repeat(&text, n, rows[i].open);
			buf_str(&text, str_c(rows[i].core));
			repeat(&text, n, rows[i].close);
			d.text = buf_view(&text);
			pool_run_deep(parse_deep, &d);
			buf_free(&text);
		}
}

/* On an ordinary stack there is a diagnostic too. */
static void small_stacks_do_not_overflow(void **state)
{
	struct buf text = {0};
	struct deep d = {.parses = false};

	(void)state;
	repeat(&text, 1000000, "(");
	d.text = buf_view(&text);
	parse_deep(&d);
	buf_free(&text);
}

/* Chains are loops: they need no stack at all. */
static void chains_are_long(void **state)
{
	static const struct {
		const char *first, *more, *last;
	} rows[] = {
		{"1", " + 1", ""}, {"f", " x", ""}, {"x", ".a", ""}, {"a", " -> b", ""}, {"", "\\(x : A) -> ", "x"},
		{"", "let x = 1 ", "in x"}, {"", "let x = 1 in ", "x"}, {"", "if a then b else ", "c"}, {"[ 1", ", 1", "]"},
		{"a", " with b = 1", ""}, {"a", " : b", ""}, {"", "assert : ", "a"}, {"1 * 1", " + 1 * 1", ""},
		{"{ a = 1", ", a = 1", "}"}, {"-- a", "\n--", "\n1"}, {"{-", "{- -}", "-} 1"}, {"\"", "${a}", "\""},
		{"./a", " ? ./a", ""},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct buf text = {0};
		struct parsed p;

		buf_str(&text, str_c(rows[i].first));
		repeat(&text, 100000, rows[i].more);
		buf_str(&text, str_c(rows[i].last));
		parse_ok(&p, buf_view(&text));
		parse_free(&p);
		buf_free(&text);
	}
}

struct limited {
	jmp_buf leave;
};

static void over(void *ud)
{
	longjmp(((struct limited *)ud)->leave, 1);
}

/* A limit of the unit's arena leaves through the owner's handler, and nothing leaks. */
static void memory_is_bounded(void **state)
{
	struct buf text = {0};
	struct parsed *p = mem_make(struct parsed);
	struct limited l;

	(void)state;
	buf_lit(&text, "[ 1");
	repeat(&text, 100000, ", [ x.y, \"a\\nb\" ]");
	buf_lit(&text, " ]");
	if (setjmp(l.leave) == 0) {
		arena_limit(&p->unit.arena, 1 << 20, over, &l);
		p->t = term_parse(&p->unit, buf_view(&text), &p->diags);
		fail_msg("the limit is not noticed");
	}
	assert_int_equal(p->diags.errors, 0);
	arena_clear(&p->unit.arena);
	diags_free(&p->diags);
	mem_free(p);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(precedence),
		cmocka_unit_test(binders_become_indices),
		cmocka_unit_test(records_desugar),
		cmocka_unit_test(many_duplicates),
		cmocka_unit_test(literals),
		cmocka_unit_test(texts),
		cmocka_unit_test(imports),
		cmocka_unit_test(comments_and_spans),
		cmocka_unit_test(errors),
		cmocka_unit_test(notes_show_what_is_open),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(small_stacks_do_not_overflow),
		cmocka_unit_test(chains_are_long),
		cmocka_unit_test(memory_is_bounded),
	};

	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
