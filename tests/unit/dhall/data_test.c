#include "semantics.h"

#include <straylight/data.h>

static void check_json(const char *text, const char *want)
{
	struct arena mem = {0};
	struct diags diags = {0};
	struct buf out = {0};
	const struct data *d = data_read_json(&mem, 0, str_c(text), &diags);

	if (want) {
		assert_non_null(d);
		data_json(d, 0, &out);
		assert_str_c(buf_view(&out), want);
	} else {
		assert_null(d);
		assert_int_equal(diags.first->code, DIAG_DATA_SYNTAX);
	}
	assert_int_equal(diags.errors, !want);
	buf_free(&out);
	diags_free(&diags);
	arena_clear(&mem);
}

static void json(void **state)
{
	static const char *const bad[] = {"", " ", "[", "[1", "[1,]", "{", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "01", "1.", ".1",
			"1e", "-", "+1", "nul", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"",
			"1 1", "\xff", "[1 2]"};

	(void)state;
	check_json(" [ 1 , -0.50 , 1E+5, true, null, \"a\\u00e9\\ud83d\\ude00\\n\" ] ", "[1,-0.50,1E+5,true,null,\"aé😀\\n\"]");
	check_json("{\"b\":{},\"a\":[],\"b\":2}", "{\"b\":2,\"a\":[]}");
	check_json("123456789012345678901234567890", "123456789012345678901234567890");
	for (size_t i = 0; i < SL_COUNT(bad); i++)
		check_json(bad[i], NULL);
}

static void json_depth(void **state)
{
	char text[2 * DATA_DEPTH_MAX + 3] = {0};

	(void)state;
	memset(text, '[', DATA_DEPTH_MAX);
	memset(text + DATA_DEPTH_MAX, ']', DATA_DEPTH_MAX);
	check_json(text, text);
	memset(text, '[', DATA_DEPTH_MAX + 1);
	memset(text + DATA_DEPTH_MAX + 1, ']', DATA_DEPTH_MAX + 1);
	check_json(text, NULL);
}

/* What YAML says, as JSON; NULL for what is refused. */
static void check_yaml(const char *text, const char *want)
{
	struct arena mem = {0};
	struct diags diags = {0};
	struct buf out = {0};
	const struct data *d = data_read_yaml(&mem, 0, str_c(text), &diags);

	assert_int_equal(d != NULL, want != NULL);
	assert_int_equal(diags.errors, !want);
	if (d) {
		data_json(d, 0, &out);
		assert_str_c(buf_view(&out), want);
	}
	buf_free(&out);
	diags_free(&diags);
	arena_clear(&mem);
}

static void yaml(void **state)
{
	(void)state;
	check_yaml("a: no\nb: [1, +2, 007, .5, 1., 1e3, -0]\n", "{\"a\":\"no\",\"b\":[1,2,7,0.5,1.0,1e3,-0]}");
	check_yaml("[~, null, '~', True, FALSE, yes, 2020-01-01, 1:30, 0x1f, 1e, '']",
			"[null,null,\"~\",true,false,\"yes\",\"2020-01-01\",\"1:30\",\"0x1f\",\"1e\",\"\"]");
	check_yaml("- &a {x: 1}\n- *a\n- true: !!str 1\n", "[{\"x\":1},{\"x\":1},{\"true\":\"1\"}]");
	check_yaml("[.nan, -.inf, .INF]", "[NaN,-Infinity,Infinity]");
	check_yaml("|\n  a\n\n  b\n", "\"a\\n\\nb\\n\"");
	check_yaml("a: 1\na: 2\n", NULL);
	check_yaml("--- 1\n--- 2\n", NULL);
	check_yaml("*a", NULL);
	check_yaml("&a [*a]", NULL);
	check_yaml("? {}\n: 1\n", NULL);
	check_yaml("!!int '1'", NULL);
	check_yaml("", NULL);
	check_yaml("[", NULL);
	check_yaml("\xff", NULL);
}

/* A value as YAML is read back as the same data. */
static void check_value(const char *text, const char *want)
{
	struct fixture f = {0};
	struct data_rules rules = {.preserve_null = true, .special = DATA_SPECIAL_KEEP};
	struct buf out = {0};
	const struct dh_typed *t;
	const struct data *d;
	struct arena mem = {0};

	fixture_open(&f, NULL);
	t = fixture_check(&f, text);
	assert_non_null(t);
	d = data_of(f.s, dhall_eval(f.s, t), &rules);
	assert_int_equal(d != NULL, want != NULL);
	if (d) {
		data_json(d, 0, &out);
		assert_str_c(buf_view(&out), want);
		for (int quoted = 0; quoted < 2; quoted++) {
			out.n = 0;
			data_yaml(d, quoted == 1, &out);
			d = data_read_yaml(&mem, 0, buf_view(&out), &f.diags);
			assert_non_null(d);
			out.n = 0;
			data_json(d, 0, &out);
			assert_str_c(buf_view(&out), want);
		}
	} else {
		assert_int_equal(f.diags.first->code, DIAG_DATA_FORM);
	}
	buf_free(&out);
	arena_clear(&mem);
	fixture_close(&f);
}

static void values(void **state)
{
	(void)state;
	check_value("{ a = Some 1, b = None Bool, c = -3, d = 1.5, e = True }", "{\"a\":1,\"b\":null,\"c\":-3,\"d\":1.5,\"e\":true}");
	check_value("[ { mapKey = \"x\", mapValue = 1 }, { mapKey = \"y\", mapValue = 2 }, { mapKey = \"x\", mapValue = 3 } ]",
			"{\"x\":3,\"y\":2}");
	check_value("[] : List { mapKey : Text, mapValue : Bool }", "{}");
	check_value("[ { mapKey = 1, mapValue = 2 } ]", "[{\"mapKey\":1,\"mapValue\":2}]");
	check_value("[ < A | B : Bool >.A, < A | B : Bool >.B True ]", "[\"A\",true]");
	check_value("[ NaN, Infinity, -Infinity, 1e-30 ]", "[NaN,Infinity,-Infinity,1.0e-30]");
	check_value("[ \"no\", \"a\\n b\\n\", \"a\\n\\n\", \" a\\nb\", \"a \\nb\", \"\\t\", \"\\u{85}\\u{2028}\", \"a: b\", \"#\", \"-\", \"\", \"\\n\" ]",
			"[\"no\",\"a\\n b\\n\",\"a\\n\\n\",\" a\\nb\",\"a \\nb\",\"\\t\",\"\xc2\x85\xe2\x80\xa8\",\"a: b\",\"#\",\"-\",\"\",\"\\n\"]");
	check_value("[ [ [ \"a\\nb\" ] ], [] : List (List Text) ]", "[[[\"a\\nb\"]],[]]");
	check_value("\\(x : Bool) -> x", NULL);
	check_value("\\(JSON : Type) -> \\(x : JSON) -> x", NULL);
	check_value("Natural", NULL);
	check_value("< A : Bool >.A", NULL);
}

/* YAML takes no more than 1024 characters before a ':'. */
static void long_keys(void **state)
{
	struct buf text = {0}, want = {0};
	char key[2001] = {0};

	(void)state;
	for (size_t n = 900; n <= 2000; n += 100) {
		memset(key, 'k', n);
		text.n = want.n = 0;
		buf_fmt(&text, "[ { mapKey = \"%s\", mapValue = [ { mapKey = \"\\\"%s\", mapValue = [ 1, 2 ] } ] } ]", key, key);
		buf_fmt(&want, "{\"%s\":{\"\\\"%s\":[1,2]}}", key, key);
		check_value(buf_z(&text), buf_z(&want));
	}
	buf_free(&text);
	buf_free(&want);
}

/* JSON by a schema, and the value of the expression as JSON again. */
static void check_schema(const char *schema, const char *text, bool fits)
{
	struct fixture f = {0};
	struct data_rules out_rules = {.preserve_null = true};
	struct data_schema_rules rules = {0};
	const struct dh_typed *type, *back;
	const struct dh_term *t;
	struct buf out = {0};
	dh_val v;

	fixture_open(&f, NULL);
	type = fixture_check(&f, schema);
	assert_non_null(type);
	v = dhall_eval(f.s, type);
	t = data_term(f.s, data_read_json(&f.diags.arena, 0, str_c(text), &f.diags), v, &rules, 0);
	assert_int_equal(t != NULL, fits);
	if (t) {
		dhall_print(t, &out);
		buf_fmt(&out, " : %s", schema);
		back = fixture_check(&f, buf_z(&out));
		assert_non_null(back);
		out.n = 0;
		data_json(data_of(f.s, dhall_eval(f.s, back), &out_rules), 0, &out);
		assert_str_c(buf_view(&out), text);
	} else {
		assert_int_equal(f.diags.first->code, DIAG_DATA_SCHEMA);
	}
	buf_free(&out);
	fixture_close(&f);
}

static void schemas(void **state)
{
	(void)state;
	check_schema("{ a : Natural, b : Optional Text, c : List Integer }", "{\"a\":1,\"b\":null,\"c\":[-1,2]}", true);
	check_schema("List { mapKey : Text, mapValue : Double }", "{\"a\":1.5,\"b\":2.0}", true);
	check_schema("List < A | B : Natural | C : { x : Bool } >", "[\"A\",7,{\"x\":true}]", true);
	check_schema("Natural", "123456789012345678901234567890", true);
	check_schema("List (List Bool)", "[[],[true]]", true);
	check_schema("Natural", "-1", false);
	check_schema("Natural", "1.5", false);
	check_schema("Text", "1", false);
	check_schema("< A | B : Natural >", "\"C\"", false);
	check_schema("{ a : Bool }", "{}", false);
	check_schema("{ a : Bool }", "{\"a\":true,\"b\":1}", false);
	check_schema("Bool -> Bool", "true", false);
	check_schema("Date", "\"2020-01-01\"", false);
}

static void check_cbor(const char *text)
{
	struct fixture f = {0};
	struct buf cbor = {0}, again = {0};
	const struct dh_parsed *p;
	const struct data *d;

	fixture_open(&f, NULL);
	p = dhall_parse(f.s, str_c(text), S("t"), S("/"));
	assert_non_null(p);
	dhall_encode(dhall_written(p), &cbor);
	d = data_of_cbor(&f.diags.arena, buf_view(&cbor), &f.diags);
	assert_non_null(d);
	assert_true(data_cbor(d, &f.diags, &again));
	assert_int_equal(cbor.n, again.n);
	assert_memory_equal(cbor.p, again.p, cbor.n);
	buf_free(&cbor);
	buf_free(&again);
	fixture_close(&f);
}

static void cbor(void **state)
{
	(void)state;
	check_cbor("{ a = 0x\"00ff10\", b = 18446744073709551616, c = -18446744073709551617, d = -18446744073709551616, e = +0 }");
	check_cbor("12:30:01.25");
	check_cbor("[ -0.0, 1.5, 1e100, 65504.0, 2.0 ]");
	check_cbor("https://example.com/x?y using x sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff as Text");
	check_cbor("\\(x : List Bool) -> if True then x@0 else ([] : List Bool) with a.? = 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json),
		cmocka_unit_test(json_depth),
		cmocka_unit_test(yaml),
		cmocka_unit_test(values),
		cmocka_unit_test(long_keys),
		cmocka_unit_test(schemas),
		cmocka_unit_test(cbor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
