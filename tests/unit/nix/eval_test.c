/* What expressions evaluate to, printed. */
#include <straylight/base/pool.h>

#include "test.h"
#include "world.h"

static const struct {
	const char *text, *want;
} rows[] = {
	{"1 + 2 * 3 - 4 / 2", "5"},
	{"1.0 / 4", "0.25"},
	{"-7 / 2", "-3"},
	{"!true || false -> true", "true"},
	{"let a = b; b = 1; in a", "1"},
	{"rec { a = b; b = 1; }.a", "1"},
	{"let x = 1; in let y = x; x = 2; in y", "2"},
	{"let x = 1; in { inherit x; }", "{ x = 1; }"},
	{"let s = { a = 1; }; in let inherit (s) a; in a", "1"},
	{"with { a = 1; }; let a = 2; in a", "2"},
	{"with { a = 1; }; with { b = 2; }; a + b", "3"},
	{"{ a.b = 1; a.c = 2; }", "{ a = { b = 1; c = 2; }; }"},
	{"{ a = { b = 1; }; a.c = 2; }", "{ a = { b = 1; c = 2; }; }"},
	{"let k = \"x\"; in { ${k} = 1; ${null} = 2; \"y${k}\" = 3; }", "{ x = 1; yx = 3; }"},
	{"({ a, b ? a, ... }@s: [ a b (s ? c) ]) { a = 1; c = 2; }", "[ 1 1 true ]"},
	{"(a: b: a - b) 5 3", "2"},
	{"let f = { __functor = self: x: self.k + x; k = 1; }; in f 2", "3"},
	{"{ a.b = 1; }.a.b or 2", "1"},
	{"{ a = 1; }.x.y or 2", "2"},
	{"(1).x or 2", "2"},
	{"{ a.b = 1; } ? a.b.c", "false"},
	{"\"a${\"b\"}c\"", "\"abc\""},
	{"''\n  a\n    b\n  c''", "\"a\\n  b\\nc\""},
	{"''\n  a ${\"x\"}\n   ''${y} ''' ''\\t\n''", "\"a x\\n \\${y} '' \\t\\n\""},
	{"\"$${x} \\${y} $\"", "\"$\\${x} \\${y} $\""},
	{"http://a.b/c?d=e", "\"http://a.b/c?d=e\""},
	{"x:x", "\"x:x\""},
	{"./a/../b + \"/c\"", "/d/b/c"},
	{"/a/${\"b\"}/c", "/a/b/c"},
	{"[ 1 ] ++ [ 2 3 ]", "[ 1 2 3 ]"},
	{"[ 1 ] ++ [ ] ++ [ 2 ] ++ ([ 3 ] ++ [ 4 ])", "[ 1 2 3 4 ]"},
	{"{ a = 1; } // { a = 2; b = 3; }", "{ a = 2; b = 3; }"},
	{"[ 1 [ 2 ] ] < [ 1 [ 3 ] ]", "true"},
	{"let f = x: x; in [ (f == f) ([ f ] == [ f ]) ]", "[ false true ]"},
	{"let { body = x; x = 1; }", "1"},
	{"(rec { __overrides = { a = 2; }; x = a; a = 1; }).x", "2"},
	{"builtins.tryEval (throw \"x\")", "{ success = false; value = false; }"},
	{"let x = throw \"a\"; t = builtins.tryEval x; in [ t.success (builtins.tryEval x).success ]", "[ false false ]"},
	{"let xs = [ xs ]; in xs", "[ [ «repeated» ] ]"},
	{"let a = { b = a; }; in a", "{ b = «repeated»; }"},
	{"[ (x: x) builtins.add (builtins.add 1) ]", "[ <LAMBDA> <PRIMOP> <PRIMOP-APP> ]"},
	{"{ if' = 1; \"if\" = 2; \"a b\" = 3; }", "{ \"a b\" = 3; \"if\" = 2; if' = 1; }"},
	{"import <w>", "{ here = /w; x = 1; }"},
	{"import /w/default.nix == import /w", "true"},
	{"scopedImport { y = 1; } /w/f.nix 2", "3"},
	{"builtins.readFile /w/text", "\"bytes\\n\""},
	{"builtins.pathExists /w/nothing", "false"},
	{"builtins.length (builtins.attrNames (builtins.readDir /w))", "5"},
	{"import (builtins.toFile \"a.nix\" \"1 + 1\")", "2"},
	{"(builtins.unsafeGetAttrPos \"b\" { a = 1;\n  b = 2; }).line", "2"},
	{"builtins.foldl' (a: b: a + b) 0 (builtins.genList (i: i) 100000)", "4999950000"},
	{"let f = n: if n == 0 then 0 else 1 + f (n - 1); in f 20000", "20000"},
	{"builtins.sort (a: b: a.k < b.k) [ { k = 2; v = 1; } { k = 1; v = 2; } { k = 2; v = 3; } ]",
			"[ { k = 1; v = 2; } { k = 2; v = 1; } { k = 2; v = 3; } ]"},
	{"builtins.split \"(,)\" \"a,b,,c\"", "[ \"a\" [ \",\" ] \"b\" [ \",\" ] \"\" [ \",\" ] \"c\" ]"},
	{"builtins.split \"\" \"ab\"", "[ \"\" [ ] \"a\" [ ] \"b\" [ ] \"\" ]"},
	{"builtins.replaceStrings [ \"\" ] [ \"-\" ] \"ab\"", "\"-a-b-\""},
	{"map (p: builtins.compareVersions (builtins.head p) (builtins.elemAt p 1)) [ [ \"1.0\" \"1.0.1\" ] [ \"2.3pre1\" \"2.3\" ] [ \"1.10\" \"1.9\" ] ]",
			"[ -1 -1 1 ]"},
	{"builtins.fromJSON \"[1, -2.5e1, \\\"\\\\u00e9\\\", {\\\"a\\\": null, \\\"a\\\": 1}]\"", "[ 1 -25 \"é\" { a = 1; } ]"},
	{"builtins.toJSON { a = [ 1.5 null \"\\n\" ]; b.outPath = \"x\"; }", "\"{\\\"a\\\":[1.5,null,\\\"\\\\n\\\"],\\\"b\\\":\\\"x\\\"}\""},
	{"builtins.fromTOML \"a.b = 0x1f\\n[[c]]\\nd = 'x'\\n[[c]]\\ne = [1, 2,]\\n\"", "{ a = { b = 31; }; c = [ { d = \"x\"; } { e = [ 1 2 ]; } ]; }"},
	{"(derivation { name = \"d\"; system = \"x86_64-linux\"; builder = \"/bin/sh\"; }).drvPath",
			"\"/nix/store/nrb4avj6pm8s9wv5zqyxn1zf91648msi-d.drv\""},
	{"toString [ 1 true null [ ] [ 2 ] 1.5 ]", "\"1 1  2 1.500000\""},
	{"builtins.nixPath", "[ { path = \"/w\"; prefix = \"w\"; } ]"},
};

static void evaluate(void *ud)
{
	struct diags diags = {0};
	struct nix *x = world_open((struct nix_limits){0}, &diags);
	struct buf b = {0};

	(void)ud;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		nix_val v;

		b.n = 0;
		if (nix_eval_text(x, str_c(rows[i].text), S("(test)"), S("/d"), &v) && nix_print(x, v, true, &b) &&
				str_eq(buf_view(&b), str_c(rows[i].want)))
			continue;
		printf("%s\n  gives %.*s\n", rows[i].text, STR_ARG(diags.last ? diags.last->text : buf_view(&b)));
		fail();
	}
	buf_free(&b);
	nix_close(x);
	diags_free(&diags);
}

static void values(void **state)
{
	(void)state;
	pool_run_deep(evaluate, NULL);
}

/* The same through the public face. */
static void looking(void **state)
{
	struct diags diags = {0};
	struct nix *x = world_open((struct nix_limits){0}, &diags);
	nix_val v, w;
	str s;
	bool yes;
	size_t n;

	(void)state;
	assert_true(nix_eval_text(x, S("{ z = 1; a = { b = [ 1 \"t\" true ]; }; f = { n ? \"d\" }: { inherit n; }; }"), S("(test)"), S("/d"), &v));
	assert_int_equal(nix_kind(x, v), NIX_ATTRS);
	assert_int_equal(nix_attrs(x, v), 3);
	assert_true(nix_attr_at(x, v, 0, &s, &w));
	assert_str_c(s, "a");
	assert_true(nix_attr(x, v, S("a.\"b\".1"), NULL, 0, &w));
	assert_true(nix_string(x, w, &s));
	assert_str_c(s, "t");
	assert_true(nix_attr(x, v, S("a.b.2"), NULL, 0, &w) && nix_bool(x, w, &yes) && yes);
	assert_true(nix_get(x, v, S("a"), &w) && nix_get(x, w, S("b"), &w) && nix_list(x, w, &n));
	assert_int_equal(n, 3);
	assert_true(nix_attr(x, v, S("f.n"), NULL, 0, &w) && nix_string(x, w, &s));
	assert_str_c(s, "d");
	assert_false(nix_get(x, v, S("nothing"), &w));
	assert_int_equal(diags.errors, 0);
	assert_false(nix_attr(x, v, S("a.c"), NULL, 0, &w));
	assert_int_equal(diags.errors, 1);
	assert_int_equal(diags.first->code, DIAG_NIX_MISSING);
	nix_close(x);
	diags_free(&diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(looking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
