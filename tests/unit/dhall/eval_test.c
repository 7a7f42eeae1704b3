#include "semantics.h"

static const struct {
	const char *text, *normal;
} cases[] = {
	/* functions and let */
	{"(\\(x : Natural) -> x + 1) 2", "3"},
	{"let x = 1 let x = x + 1 in x@1 + x", "3"},
	{"\\(x : Natural) -> let y = x in \\(x : Natural) -> y + x", "\\(x : Natural) -> \\(x : Natural) -> x@1 + x"},
	{"(\\(f : Natural -> Natural) -> \\(x : Natural) -> f (f x)) (\\(y : Natural) -> y * 2)", "\\(x : Natural) -> x * 2 * 2"},
	/* Bool */
	{"\\(b : Bool) -> [ b || True, b && True, b == b, b != b, b || b, if b then True else False ]",
			"\\(b : Bool) -> [ True, b, True, False, b, b ]"},
	{"\\(b : Bool) -> if b then 1 + 1 else 2", "\\(b : Bool) -> 2"},
	/* Natural and Integer */
	{"\\(x : Natural) -> [ x + 0, 0 * x, 1 * x, x + 1 + 2, Natural/subtract x x, Natural/subtract 0 x ]",
			"\\(x : Natural) -> [ x, 0, x, x + 1 + 2, 0, x ]"},
	{"9223372036854775807 + 1", "9223372036854775808"},
	{"Natural/subtract 1 9223372036854775808", "9223372036854775807"},
	{"Natural/fold 100 Natural (\\(x : Natural) -> x * 2) 1", "1267650600228229401496703205376"},
	{"Natural/build (\\(n : Type) -> \\(s : n -> n) -> \\(z : n) -> s (s z))", "2"},
	{"{ a = Integer/clamp -3, b = Integer/negate +2, c = Integer/show +2, d = Integer/toDouble -2 }",
			"{ a = 0, b = -2, c = \"+2\", d = -2.0 }"},
	/* loops that come back to a value */
	{"Natural/fold 1000000000000 Natural (\\(x : Natural) -> 7) 0", "7"},
	{"Natural/fold 1000000000001 Bool (\\(b : Bool) -> b == False) True", "False"},
	{"Natural/fold 1000000000000 (List Natural) (\\(l : List Natural) -> [ 1 ]) ([] : List Natural)", "[ 1 ]"},
	{"List/fold Natural (Natural/fold 600 { a : Natural, l : List Natural } "
	 "(\\(r : { a : Natural, l : List Natural }) -> { a = r.a + 1, l = r.l # [ r.a ] }) { a = 1000, l = [ 0 ] }).l "
	 "Natural (\\(x : Natural) -> \\(y : Natural) -> x + y) 0",
			"779700"},
	{"List/fold Natural (List/fold Natural [ 1, 2, 3, 4, 5, 6, 7, 8 ] { a : Natural, l : List Natural } "
	 "(\\(n : Natural) -> \\(r : { a : Natural, l : List Natural }) -> { a = r.a + n, l = [ r.a ] # r.l }) "
	 "{ a = 1000, l = [ 0 ] }).l Natural (\\(x : Natural) -> \\(y : Natural) -> x + y) 0",
			"8168"},
	/* lists that grow in one buffer by turns */
	{"let R = { a : List Natural, b : List Natural, l : List Natural } let e = [] : List Natural "
	 "let r = Natural/fold 600 R (\\(r : R) -> { a = [ 1 ] # r.l, b = [ 2 ] # r.l, l = [ 3 ] # r.l }) { a = e, b = e, l = e } "
	 "let first = List/head Natural let sum = \\(l : List Natural) -> List/fold Natural l Natural "
	 "(\\(x : Natural) -> \\(y : Natural) -> x + y) 0 "
	 "in { a = first r.a, b = first r.b, l = first r.l, of_a = sum r.a, of_b = sum r.b, of_l = sum r.l }",
			"{ a = Some 1, b = Some 2, l = Some 3, of_a = 1798, of_b = 1799, of_l = 1800 }"},
	{"Natural/fold 3 Natural (\\(x : Natural) -> if Natural/isZero x then 5 else Natural/subtract 1 x) 1", "4"},
	{"(Natural/fold 5000 { a : Natural, b : Natural } (\\(r : { a : Natural, b : Natural }) -> { a = r.b, b = r.a + 1 }) "
			"{ a = 0, b = 0 }).a", "2500"},
	/* Text */
	{"\\(t : Text) -> [ \"${t}\", \"a${\"b${t}c\"}d\", \"\" ++ t, t ++ \"x\" ++ \"y\" ]",
			"\\(t : Text) -> [ t, \"ab${t}cd\", t, \"${t}xy\" ]"},
	{"Text/replace \"a\" \"bb\" \"banana\"", "\"bbbnbbnbb\""},
	{"\\(t : Text) -> Text/replace \"a\" t \"xay\"", "\\(t : Text) -> \"x${t}y\""},
	{"Text/show \"a\\\"\\$\\n\\u0001\"", "\"\\\"a\\\\\\\"\\\\u0024\\\\n\\\\u0001\\\"\""},
	/* List */
	{"[ 1 ] # [ 2 ] # ([] : List Natural) # [ 3 ]", "[ 1, 2, 3 ]"},
	{"\\(l : List Natural) -> l # ([] : List Natural)", "\\(l : List Natural) -> l"},
	{"List/build Natural (\\(l : Type) -> \\(c : Natural -> l -> l) -> \\(n : l) -> c 1 (c 2 n))", "[ 1, 2 ]"},
	{"\\(l : List Bool) -> List/build Bool (\\(t : Type) -> \\(c : Bool -> t -> t) -> \\(n : t) -> List/fold Bool l t c n)",
			"\\(l : List Bool) -> List/fold Bool l (List Bool) (\\(a : Bool) -> \\(`as` : List Bool) -> [ a ] # `as`) ([] : List Bool)"},
	{"List/fold Natural [ 1, 2, 3 ] Text (\\(n : Natural) -> \\(t : Text) -> Natural/show n ++ t) \"\"", "\"123\""},
	{"{ i = List/indexed Text [ \"a\" ], r = List/reverse Natural [ 1, 2 ], h = List/head Natural ([] : List Natural) }",
			"{ h = None Natural, i = [ { index = 0, value = \"a\" } ], r = [ 2, 1 ] }"},
	/* records */
	{"{ b = 1, a = 2 } // { b = 3, c = 4 } // { a = 5 }", "{ a = 5, b = 3, c = 4 }"},
	{"{ a.b = 1 } /\\ { a.c = 2 } /\\ { a.d = 3, e = 4 }", "{ a = { b = 1, c = 2, d = 3 }, e = 4 }"},
	{"\\(r : { a : Natural }) -> [ (r // { a = 1 }).a, (r // { b = 1 }).a, ({ b = 1 } /\\ r).a ]",
			"\\(r : { a : Natural }) -> [ 1, r.a, r.a ]"},
	{"\\(r : { a : Natural, b : Bool }) -> (r // { b = True }).{ a, b }",
			"\\(r : { a : Natural, b : Bool }) -> r.{ a } // { b = True }"},
	{"{ a = { b = 1 } } with a.c.d = 2 with e = 3", "{ a = { b = 1, c.d = 2 }, e = 3 }"},
	{"{ o = Some { x = 1 }, n = None Natural } with o.?.x = 2 with n.? = 3", "{ n = None Natural, o = Some { x = 2 } }"},
	{"toMap { b = 1, a = 2 }", "[ { mapKey = \"a\", mapValue = 2 }, { mapKey = \"b\", mapValue = 1 } ]"},
	{"{ Type = { a : Natural, b : Text }, default.b = \"x\" }::{ a = 1 }", "{ a = 1, b = \"x\" }"},
	{"{ a : Natural } //\\\\ { b : Bool }", "{ a : Natural, b : Bool }"},
	/* unions */
	{"let U = < A | B : Natural > in [ merge { A = 0, B = \\(n : Natural) -> n } (U.B 3), merge { A = 0, B = Natural/subtract 1 } U.A ]",
			"[ 3, 0 ]"},
	{"merge { None = 0, Some = \\(n : Natural) -> n } (Some 4)", "4"},
	{"showConstructor (< A | B : Natural >.B 1) ++ showConstructor (None Bool)", "\"BNone\""},
	{"\\(o : Optional Natural) -> merge { None = 0, Some = \\(n : Natural) -> n } o",
			"\\(o : Optional Natural) -> merge { None = 0, Some = \\(n : Natural) -> n } o"},
};

static void normal_forms(void **state)
{
	struct fixture f = {0};

	(void)state;
	fixture_open(&f, NULL);
	for (size_t i = 0; i < SL_COUNT(cases); i++)
		assert_string_equal(fixture_eval(&f, cases[i].text), cases[i].normal);
	fixture_close(&f);
}

static void open_terms(void **state)
{
	struct fixture f = {0};
	const struct dh_parsed *p;

	(void)state;
	fixture_open(&f, NULL);
	p = dhall_parse(f.s, S("(\\(x : Natural) -> y + x@1) 3"), S("(test)"), S("/"));
	assert_string_equal(fixture_print(&f, dhall_eval_unchecked(f.s, dhall_resolve(f.s, p))), "y + x");
	fixture_close(&f);
}

/* Long chains and deep nests, whose length must cost neither stack nor quadratic time. */
static void repeat(struct buf *b, const char *text, size_t n)
{
	while (n--)
		buf_str(b, str_c(text));
}

struct big {
	const char *before, *each, *after, *want;
	size_t n;
};

static void big_one(void *ud)
{
	const struct big *x = ud;
	struct fixture f = {0};
	struct buf b = {0};

	fixture_open(&f, NULL);
	buf_str(&b, str_c(x->before));
	repeat(&b, x->each, x->n);
	buf_str(&b, str_c(x->after));
	assert_string_equal(fixture_eval(&f, buf_z(&b)), x->want);
	buf_free(&b);
	fixture_close(&f);
}

static void long_chains(void **state)
{
	static struct big all[] = {
		{"1", " + 1", "", "20001", 20000},
		{"List/length Natural ([ 1 ]", " # [ 1 ]", ")", "20001", 20000},
		{"Text/replace \"x\" \"\" (\"x\"", " ++ \"x\"", ")", "\"\"", 20000},
		{"let x = 1 ", "let x = x + 1 ", "in x", "3001", 3000},
		{"", "if False then 1 else ", "0", "0", 3000},
		{"List/length Natural (Natural/fold 5000 (List Natural) (\\(l : List Natural) -> l # [ 1 ]) ([] : List Natural))", "", "", "5000", 0},
		{"List/length Natural (Natural/fold 5000 (List Natural) (\\(l : List Natural) -> [ 1 ] # l) ([] : List Natural))", "", "", "5000", 0},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(all); i++)
		pool_run_deep(big_one, &all[i]);
}

/* 2^40 leaves as a tree, 41 nodes as a graph. */
static void shared_values(void **state)
{
	struct fixture f = {0};
	struct buf b = {0};

	(void)state;
	fixture_open(&f, NULL);
	buf_lit(&b, "let x = { l = 1, r = 1 } ");
	repeat(&b, "let x = { l = x, r = x } ", 40);
	buf_lit(&b, "let y = { l = 1, r = 1 } ");
	repeat(&b, "let y = { l = y, r = y } ", 40);
	buf_lit(&b, "let same = assert : x === y in x");
	repeat(&b, ".l", 41);
	assert_string_equal(fixture_eval(&f, buf_z(&b)), "1");
	b.n = 0;
	buf_lit(&b, "let T = Natural ");
	repeat(&b, "let T = { l : T, r : T } ", 40);
	buf_lit(&b, "in \\(x : T) -> \\(y : T) -> x");
	repeat(&b, ".l", 40);
	assert_non_null(fixture_check(&f, buf_z(&b)));
	buf_free(&b);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normal_forms),
		cmocka_unit_test(open_terms),
		cmocka_unit_test(long_chains),
		cmocka_unit_test(shared_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
