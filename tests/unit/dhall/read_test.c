#include "semantics.h"

static dh_val value_of(struct fixture *f, const char *text)
{
	const struct dh_typed *t = fixture_check(f, text);

	assert_non_null(t);
	return dhall_eval(f->s, t);
}

static void values(void **state)
{
	struct fixture f = {0};
	dh_val v, x;
	sym name;
	size_t n;
	uint64_t num;
	bool yes;
	str text;

	(void)state;
	fixture_open(&f, NULL);
	v = value_of(&f, "let U = < A | B : Natural > in { t = \"a\" ++ \"b\", n = 18446744073709551615, b = True, u = U.B 3, a = U.A, "
			 "l = [ 1, 2 ] # [ 3 ], some = Some 1, none = None Bool, f = \\(x : Natural) -> x + 1, T = Natural }");
	assert_int_equal(dh_kind(f.s, v), DH_RECORD);
	assert_int_equal(dh_fields(f.s, v), 10);
	assert_true(dh_field_at(f.s, v, 0, &name, &x));
	assert_str_c(sym_str(name), "T");
	assert_int_equal(dh_kind(f.s, x), DH_TYPE);
	assert_false(dh_field_at(f.s, v, 10, &name, &x));
	assert_true(dh_field(f.s, v, intern_c("t"), &x));
	assert_true(dh_text(f.s, x, &text));
	assert_str_c(text, "ab");
	assert_false(dh_bool(f.s, x, &yes));
	assert_true(dh_field(f.s, v, intern_c("n"), &x));
	assert_true(dh_natural(f.s, x, &num));
	assert_true(num == UINT64_MAX);
	assert_true(dh_field(f.s, v, intern_c("b"), &x) && dh_bool(f.s, x, &yes) && yes);
	assert_true(dh_field(f.s, v, intern_c("u"), &x) && dh_case(f.s, x, &name, &x));
	assert_str_c(sym_str(name), "B");
	assert_true(dh_natural(f.s, x, &num) && num == 3);
	assert_true(dh_field(f.s, v, intern_c("a"), &x) && dh_case(f.s, x, &name, &x));
	assert_null(x.v);
	assert_true(dh_field(f.s, v, intern_c("l"), &x) && dh_list(f.s, x, &n) && n == 3);
	assert_false(dh_item(f.s, x, 3, &x));
	assert_true(dh_item(f.s, x, 2, &x) && dh_natural(f.s, x, &num) && num == 3);
	assert_true(dh_field(f.s, v, intern_c("some"), &x) && dh_optional(f.s, x, &yes, &x) && yes);
	assert_true(dh_field(f.s, v, intern_c("none"), &x) && dh_optional(f.s, x, &yes, &x) && !yes);
	assert_true(dh_field(f.s, v, intern_c("f"), &x));
	assert_int_equal(dh_kind(f.s, x), DH_FUNCTION);
	assert_true(dh_natural(f.s, dhall_apply(f.s, x, value_of(&f, "41")), &num) && num == 42);
	assert_false(dh_field(f.s, v, intern_c("absent"), &x));
	assert_int_equal(dh_kind(f.s, (dh_val){NULL}), DH_NONE);
	assert_false(dh_natural(f.s, value_of(&f, "18446744073709551616"), &num));
	fixture_close(&f);
}

static void types(void **state)
{
	struct fixture f = {0};
	dh_val t, p, r;
	sym name;

	(void)state;
	fixture_open(&f, NULL);
	t = dhall_type_of(f.s, fixture_check(&f, "\\(x : { a : Text, b : Bool }) -> [ x.a ]"));
	assert_true(dh_type_function(f.s, t, &p, &r));
	assert_int_equal(dh_type_fields(f.s, p), 2);
	assert_true(dh_type_field_at(f.s, p, 1, &name, &t));
	assert_str_c(sym_str(name), "b");
	assert_true(dh_type_field(f.s, p, intern_c("a"), &t));
	assert_true(dhall_equal(f.s, t, value_of(&f, "Text")));
	assert_false(dhall_equal(f.s, t, r));
	assert_true(dhall_equal(f.s, r, value_of(&f, "List Text")));
	t = dhall_type_of(f.s, fixture_check(&f, "\\(a : Type) -> \\(x : a) -> x"));
	assert_false(dh_type_function(f.s, t, &p, &r));
	assert_int_equal(dh_kind(f.s, p), DH_TYPE);
	fixture_close(&f);
}

static void places(void **state)
{
	struct fixture f = {0};
	const struct dh_typed *t;
	struct span at;

	(void)state;
	fixture_open(&f, NULL);
	t = fixture_check(&f, "let x = 1 in { lib = x, bin = 2 }");
	at = dhall_field_span(t, intern_c("bin"));
	assert_str(str_upto(str_from(source_text(at.file), at.lo), at.hi - at.lo), S("bin"));
	assert_int_equal(dhall_field_span(t, intern_c("x")).file, 0);
	assert_int_equal(dhall_span(t).file, at.file);
	fixture_close(&f);
}

static const struct {
	const char *text, *hash;
} hashes[] = {
	{"1", "d60d8415e36e86dae7f42933d3b0c4fe3ca238f057fba206c7e9fbf5d784fe15"},
	{"0 + 1", "d60d8415e36e86dae7f42933d3b0c4fe3ca238f057fba206c7e9fbf5d784fe15"},
};

static void hash(void **state)
{
	struct fixture f = {0};
	unsigned char a[32], b[32];
	char hex[65];
	struct buf big = {0};

	(void)state;
	fixture_open(&f, NULL);
	for (size_t i = 0; i < SL_COUNT(hashes); i++) {
		assert_true(dhall_hash(f.s, value_of(&f, hashes[i].text), a));
		hex_of(a, 32, hex);
		assert_string_equal(hex, hashes[i].hash);
	}
	/* Streamed from the value, and of the encoded alpha-normal term: the same. */
	static const char *const both[] = {
		"\\(x : Natural) -> \\(y : Natural) -> let r = { a = x, b = [ y, x ] } let q = { r1 = r, r2 = r, r3 = r } in { q, p = q, f = \\(z : Bool) -> q }",
		"let g = \\(x : Natural) -> { l = [ x, x + 1 ], m = { n = x, o = \"t\" } } in { a = g, b = \\(y : Text) -> g, c = \\(y : Text) -> \\(z : Text) -> g }",
		"\\(t : Text) -> \\(f : Natural -> { _ : Natural }) -> \\(_ : Natural) -> { a = \"${t}x${t}\", b = (f _)._ , c = \\(o : Optional Natural) -> merge { None = _, Some = \\(n : Natural) -> n } o }",
	};
	for (size_t i = 0; i < SL_COUNT(both); i++) {
		dh_val v = value_of(&f, both[i]);

		big.n = 0;
		dhall_encode(dhall_quote(f.s, v, true), &big);
		sha256(buf_view(&big), b);
		assert_true(dhall_hash(f.s, v, a));
		assert_memory_equal(a, b, 32);
	}
	buf_free(&big);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(types),
		cmocka_unit_test(places),
		cmocka_unit_test(hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
