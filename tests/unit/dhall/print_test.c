#include "syntax.h"

static void assert_prints(const char *text, const char *want)
{
	struct parsed p;
	struct buf out = {0};

	term_print(parse_ok(&p, str_c(text)), &out);
	assert_str_c(buf_view(&out), want);
	buf_free(&out);
	parse_free(&p);
}

/* Prints as it is written. */
static void one_line(void **state)
{
	static const char *const rows[] = {
		"1", "+1", "-1", "1.5", "-Infinity", "NaN", "True", "Natural/fold", "Type", "\"a\"", "0x\"00ff\"",
		"2024-02-29", "23:59:59.050", "-08:30",
		"\\(x : Natural) -> x + 1", "forall (a : Type) -> a -> List a", "A -> B -> C", "(A -> B) -> C",
		"let x = 1 let y : T = x in y", "if a then b else c", "[ 1, 2 ]", "[] : List T", "Some (f x)",
		"f x (g y) \"z\"", "a + b * c", "(a + b) * c", "a ++ (b ++ c)", "a ++ b ++ c",
		"a /\\ b // c //\\\\ d", "a == b != c || d && e # f", "a === b", "a ? b",
		"{=}", "{}", "<>", "{ a = 1, b = \"x\" }", "{ a : A, `if` : B, Natural : C }", "< A : T | B >",
		"{ a.b.c = 1, d }", "x.a.`Some`", "x.{}", "x.{ a, b }", "x.(T)", "(f x).a", "T::{ a = 1 }",
		"merge a b", "merge a b : T", "(merge a b) : T", "toMap a : T", "(toMap a) : T", "showConstructor a",
		"assert : a === b", "a : T", "x with a.? = 1 with b = 2 + 3", "(x with a = 1).b",
		"\\(x : A) -> \\(x : B) -> x@1", "\\(`if` : A) -> `if`", "\\(`List` : A) -> `List`", "_@2", "x@3",
		"./a/\"b c\" as Text", "../a", "~/a", "/a", "env:A", "env:\"a b\\\"\"", "missing", "./a as Location",
		"https://a/b?c using (./d) as Bytes",
		"f (\\(x : A) -> x) (if a then b else c) ([] : List T)",
		"f (./a) ./b", "(./a).b", "\"\\${a} $ ${b} \\\" \\\\ \\n\\u0001 é\"", "\"${\"${a}\"}\"", "(let x = 1 in x) + 2",
		"(a -> b).c", "Some (Some a)", "(Some a).b", "``", "f (a with b = c)", "(a : T) : U",
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		if (strcmp(rows[i], "f (./a) ./b") == 0)
			assert_prints(rows[i], "f ./a ./b");
		else
			assert_prints(rows[i], rows[i]);
	}
}

static void rewrites(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"∀(_ : A) → _", "A -> _"},
		{"((x))", "x"},
		{"{ a = a, b = b@1, c.d = c, e = { f = e } }", "{ a, b = b@1, c.d = c, e.f = e }"},
		{"''\n  a\n  b''", "''\na\nb''"},
		{"\"a\\n  b\\n\\n\\n\\tc\\n\"", "''\na\n  b\n\n\n\tc\n''"},
		{"\"\\n\\n\"", "\"\\n\\n\""},
		{"\"\\n${a}\"", "''\n\n${a}''"},
		{"\" a\\n b\"", "\" a\\n b\""}, /* the spaces would be taken away */
		{"\" a\\n b\\n\"", "''\n a\n b\n''"},
		{"\"a\\n'\"", "\"a\\n'\""}, /* the quote would run into the last ones */
		{"\"a\\n'\\${\"", "\"a\\n'\\${\""},
		{"\"a\\n''b'''c\\${d} ${e}\\n\"", "''\na\n'''b''''c''${d} ${e}\n''"},
		{"\"a\\r\\n\"", "\"a\\r\\n\""},
		{"{ date = 2024-02-29, time = 01:02:03, timeZone = +00:00 }", "2024-02-29T01:02:03+00:00"},
		{"{ timeZone = -01:00, time = 01:02:03 }", "01:02:03-01:00"},
		{"{ date = 2024-02-29, timeZone = +00:00 }", "{ date = 2024-02-29, timeZone = +00:00 }"},
		{"\"x${\"a\\nb\"}y\"", "\"x${\"a\\nb\"}y\""},
		{"{ a = \"b\\nc\\n\", d = 1 }", "{ a =\n    ''\n    b\n    c\n    ''\n, d = 1\n}"},
		{"f \"a\\nb\" x", "f\n  ''\n  a\n  b''\n  x"},
		{"1e-2", "1.0e-2"},
		{"0xff", "255"},
		{"https://a", "https://a/"},
		{"\\(x : A) -> { x = x@1 }", "\\(x : A) -> { x = x@1 }"},
		{"{ Natural }", "{ Natural }"},
		{"{ `Natural` = Natural }", "{ Natural = Natural }"},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++)
		assert_prints(rows[i].text, rows[i].want);
}

#define LONG "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHORT "cccccccccccccccccccccccccccccc"
#define LONGER "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* The layout of what does not fit on a line; every one is its own normal form. */
static void many_lines(void **state)
{
	static const char *const rows[] = {
		"[ " LONG "\n, " LONGER "\n]",
		"{ x = " LONG "\n, y = " LONGER "\n}",
		"{ x : " LONG "\n, yyy :\n    f " LONG " " SHORT "\n}",
		"{ x =\n  { " LONG " = 1, y = 2, z = 3, w = 4, v = 5 }\n}",
		"< A : " LONG "\n| B : " LONGER "\n| C\n>",
		"f\n  " LONG "\n  ( g\n      " LONG "\n      " LONGER "\n  )",
		"    " LONG "\n++  " LONGER "\n++  c",
		"  " LONG "\n+ " LONGER,
		"\\(x : A) ->\n\\(y : B) ->\n  f " LONG " " SHORT,
		"\\ ( x\n  : { a : " LONG "\n    , b : " LONGER "\n    }\n  ) ->\n  x",
		"forall (x : A) ->\n" LONG " ->\n  " LONGER,
		"let x = 1\n\nlet y =\n      f " LONG " " SHORT "\n\nin  x",
		"let x\n    : " LONG "\n    = " LONGER "\n\nin  x",
		"if    " LONG "\nthen  b\nelse  if " LONGER "\nthen  d\nelse  e",
		"  " LONG "\n: " LONGER,
		"  assert\n:     " LONG "\n  ===  " LONGER,
		"merge\n  " LONG "\n  " LONGER "\n  c",
		"{ x = Some\n    " LONG LONGER "\n, y = Some\n  { a = " LONG "\n  , b = " LONGER "\n  }\n, z = toMap\n    " LONG LONGER "\n}",
		"T::{\n, a = " LONG "\n, b = c::{\n  , d = " LONG "\n  , e = " LONGER "\n  }\n}",
		"{ a.b\n  = " LONG SHORT "ddddd\n, c.d\n  = f " LONG " " SHORT "\n}",
		"{ xxxx =\n    f " LONG " " SHORT "\n, y =\n  [ " LONG "\n  , " LONGER "\n  ]\n}",
		"x.{ " LONG "\n  , " LONGER "\n  }",
		"< " LONG "\n| " LONGER "\n>.a",
		"forall  ( x\n        : { a : " LONG "\n          , b : " LONGER "\n          }\n        ) ->\n  x",
		"let x = a\n\nlet y =\n      " LONG "\n      with a = " LONGER "\n\nin  y\n  with b = c",
		"merge\n  " LONG "\n  " LONGER "\n: T",
		LONG "\n  with a = " LONGER "\n  with b = c",
		"[] : f\n       " LONG "\n       " LONGER,
		"\"" LONG "${" LONGER "} x\"",
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++)
		assert_prints(rows[i], rows[i]);
}

/* Eighty columns, to the character. */
static void width(void **state)
{
	(void)state;
	assert_prints("[ " LONG ", bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb ]", "[ " LONG ", bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb ]");
	assert_prints("[ " LONG ", bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb ]", "[ " LONG "\n, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n]");
}

struct shape {
	const char *first, *more, *last, *close;
	size_t n;
};

/* What is printed means the same: the encodings are equal. */
static void same_again(void *ud)
{
	const struct shape *s = ud;
	struct buf text = {0}, printed = {0}, one = {0}, two = {0};
	struct parsed p, q;

	buf_str(&text, str_c(s->first));
	repeat(&text, s->n, s->more);
	buf_str(&text, str_c(s->last));
	repeat(&text, s->n, s->close);
	parse_ok(&p, buf_view(&text));
	term_print(p.t, &printed);
	term_encode(p.t, &one);
	parse_ok(&q, buf_view(&printed));
	term_encode(q.t, &two);
	assert_true(str_eq(buf_view(&one), buf_view(&two)));
	parse_free(&p);
	parse_free(&q);
	buf_free(&text);
	buf_free(&printed);
	buf_free(&one);
	buf_free(&two);
}

static void long_and_deep(void **state)
{
	static struct shape rows[] = {
		{"1", " + 1", "", "", 100000}, {"f", " x", "", "", 100000}, {"x", ".a", "", "", 100000},
		{"x", ".{ a }", "", "", 50000}, {"", "\\(x : A) -> ", "x", "", 100000}, {"", "a -> ", "b", "", 100000},
		{"", "let x = 1 in ", "x", "", 100000}, {"", "if a then b else ", "c", "", 100000},
		{"a", " with b = 1", "", "", 100000}, {"[ 1", ", 1", "]", "", 100000}, {"\"", "${a}", "\"", "", 100000},
		{"", "[ ", "1", " ]", 20000}, {"", "{ a = ", "1", " }", 20000}, {"", "{ a = 1, b = ", "1", " }", 20000},
		{"", "(f ", "x", ")", 20000}, {"", "< A : ", "B", " >", 20000}, {"", "\"${", "x", "}\"", 20000},
		{"", "(1 + ", "x", ")", 20000}, {"", "(a -> b) -> (", "c", ")", 20000},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++)
		pool_run_deep(same_again, &rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line),
		cmocka_unit_test(rewrites),
		cmocka_unit_test(many_lines),
		cmocka_unit_test(width),
		cmocka_unit_test(long_and_deep),
	};

	return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}
