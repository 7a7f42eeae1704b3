#include "nix_test.h"

static void print_is_the_inverse_of_parse(void **state)
{
	const str rows[] = {
		S("Derive([(\"out\",\"/nix/store/x\",\"\",\"\")],[],[],\"\",\"\",[],[])"),
		S("Derive([(\"dev\",\"/a\",\"\",\"\"),(\"out\",\"/b\",\"\",\"\")],"
		  "[(\"/nix/store/a.drv\",[\"dev\",\"out\"]),(\"/nix/store/b.drv\",[\"out\"])],[\"/nix/store/s\"],"
		  "\"x86_64-linux\",\"/bin/sh\",[\"-c\",\"a\\nb\\tc\\rd\\\"e\\\\f\"],[(\"\",\"\"),(\"A\",\"\xff\x80\x01\"),(\"out\",\"/b\")])"),
		S("Derive([(\"out\",\"/x\",\"md5\",\"00000000000000000000000000000000\")],[],[],\"s\",\"b\",[\"\",\"\"],[])"),
		S("Derive([(\"out\",\"\",\"r:sha256\",\"\")],[],[],\"s\",\"b\",[],[])"),
		S("Derive([(\"out\",\"\",\"r:sha256\",\"impure\")],[],[],\"s\",\"b\",[],[])"),
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct arena a = {0};
		struct buf b = {0};

		drv_print(parsed(&a, rows[i], "x.drv"), &b);
		assert_str(buf_view(&b), rows[i]);
		buf_free(&b);
		arena_clear(&a);
	}
}

static void fields_are_what_was_written(void **state)
{
	struct arena a = {0};
	struct drv *d = parsed(&a, S("Derive([(\"out\",\"/x\",\"r:sha1\",\"0123456789abcdef0123456789abcdef01234567\")],"
			"[(\"/i.drv\",[\"out\"])],[\"/s\"],\"sys\",\"bld\",[\"one\",\"t\\\\\\two\"],[(\"k\",\"v\\n\")])"),
			"/nix/store/029dw32wms6biildyha713z0jzqbadf6-read-line.drv");
	struct diags diags = {0};
	struct nix_hash hash;
	bool recursive;

	(void)state;
	assert_str_c(d->name, "read-line");
	assert_int_equal(d->kind, DRV_FIXED);
	assert_str_c(d->inputs[0].path, "/i.drv");
	assert_str_c(d->sources[0], "/s");
	assert_str_c(d->system, "sys");
	assert_str_c(d->builder, "bld");
	assert_int_equal(d->nargs, 2);
	assert_str_c(d->args[1], "t\\\two");
	assert_str_c(d->env[0].value, "v\n");
	assert_true(drv_fixed_hash(&d->outputs[0], &hash, &recursive, &diags));
	assert_true(recursive);
	assert_int_equal(hash.algo, NIX_SHA1);
	assert_int_equal(hash.b[1], 0x23);
	diags_free(&diags);
	arena_clear(&a);
}

static const struct {
	const char *text, *says;
} bad[] = {
	{"", "'Derive(' is missing at byte 0"},
	{"Derive[", "'Derive(' is missing at byte 0"},
	{"Derive([", "the derivation ends where ']' must stand at byte 8"},
	{"Derive([],[],[],\"\",\"\",[],[])", "the derivation has no outputs"},
	{"Derive([(\"out\",\"/x\",\"\",\"\"),],[],[],\"\",\"\",[],[])", "'(' is missing at byte 27"},
	{"Derive([(\"out\",\"x\",\"\",\"\")],[],[],\"\",\"\",[],[])", "the output path 'x' is no absolute path at byte 15"},
	{"Derive([(\"o/t\",\"/x\",\"\",\"\")],[],[],\"\",\"\",[],[])", "the name of an output has the character '/' at byte 9"},
	{"Derive([(\"out\",\"/x\",\"\",\"\"),(\"dev\",\"/x\",\"\",\"\")],[],[],\"\",\"\",[],[])", "the output 'dev' is not in the order of bytes at byte 28"},
	{"Derive([(\"out\",\"\",\"\",\"\")],[(\"/a\",[]),(\"/a\",[])],[],\"\",\"\",[],[])", "the input derivation '/a' is there twice at byte 38"},
	{"Derive([(\"out\",\"\",\"\",\"\")],[(\"a\",[])],[],\"\",\"\",[],[])", "the input derivation 'a' is no absolute path at byte 28"},
	{"Derive([(\"out\",\"\",\"\",\"\")],[],[\"/b\",\"/a\"],\"\",\"\",[],[])", "the source '/a' is not in the order of bytes at byte 35"},
	{"Derive([(\"out\",\"\",\"\",\"\")],[],[],\"\",\"\",[\"a\nb\"],[])", "a line end or tab stands unescaped at byte 41"},
	{"Derive([(\"out\",\"\",\"\",\"\")],[],[],\"\",\"\",[\"a\\0\"],[])", "an escape is none of \\\", \\\\, \\n, \\r and \\t at byte 41"},
	{"Derive([(\"out\",\"\",\"\",\"\")],[],[],\"\",\"\",[\"abc", "the text does not end that begins at byte 39"},
	{"Derive([(\"out\",\"\",\"\",\"\")],[],[],\"\",\"\",[\"a\\n\\", "the text does not end that begins at byte 39"},
	{"Derive([(\"out\",\"\",\"\",\"\")],[],[],\"\",\"\",[],[(\"a\",\"\"),(\"a\",\"\")])", "the variable 'a' is there twice at byte 52"},
	{"Derive([(\"out\",\"\",\"\",\"\")],[],[],\"\",\"\",[],[])\n", "something follows the derivation at byte 44"},
	{"Derive([(\"out\",\"\",\"\",\"\")], [],[],\"\",\"\",[],[])", "'[' is missing at byte 26"},
	{"Derive([(\"out\",\"\",\"\",\"x\")],[],[],\"\",\"\",[],[])", "the output 'out' has a hash and no algorithm"},
	{"Derive([(\"out\",\"\",\"sha9\",\"\")],[],[],\"\",\"\",[],[])", "the unknown hash algorithm 'sha9'"},
	{"Derive([(\"out\",\"\",\"md5\",\"0000000000000000000000000000000A\")],[],[],\"\",\"\",[],[])", "in base 16 and small letters"},
	{"Derive([(\"a\",\"\",\"md5\",\"00000000000000000000000000000000\")],[],[],\"\",\"\",[],[])", "its outputs are not 'out' alone"},
	{"Derive([(\"a\",\"\",\"md5\",\"\"),(\"b\",\"\",\"\",\"\")],[],[],\"\",\"\",[],[])", "the output 'b' is addressed by its inputs"},
};

static void damage_is_told_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < SL_COUNT(bad); i++) {
		struct diags diags = {0};
		struct arena a = {0};

		assert_null(drv_parse(&a, str_c(bad[i].text), S("x.drv"), &diags));
		assert_int_equal(diags.errors, 1);
		if (str_find_str(diags.first->text, str_c(bad[i].says)) == diags.first->text.n)
			fail_msg("row %zu: got '%.*s', want '%s'", i, STR_ARG(diags.first->text), bad[i].says);
		diags_free(&diags);
		arena_clear(&a);
	}
}

/* Every cut of a derivation is refused, and nothing else happens. */
static void every_cut_is_refused(void **state)
{
	str whole = S("Derive([(\"out\",\"/x\",\"\",\"\")],[(\"/a.drv\",[\"out\"])],[\"/s\"],\"s\",\"b\",[\"\\n\"],[(\"k\",\"\\\\\")])");

	(void)state;
	for (size_t n = 0; n < whole.n; n++) {
		struct diags diags = {0};
		struct arena a = {0};
		char *exact = malloc(n ? n : 1);

		memcpy(exact, whole.p, n);
		assert_null(drv_parse(&a, str_of(exact, n), S("x.drv"), &diags));
		assert_int_equal(diags.errors, 1);
		free(exact);
		diags_free(&diags);
		arena_clear(&a);
	}
}

/* 100 MB that begin like a derivation. */
static void large_ones_end_at_the_limit(void **state)
{
	size_t n = (size_t)100 << 20;
	char *bytes = malloc(n);
	struct diags diags = {0};
	struct arena a = {0};

	(void)state;
	memset(bytes, '[', n);
	memcpy(bytes, "Derive(", 7);
	assert_null(drv_parse(&a, str_of(bytes, n), S("x.drv"), &diags));
	assert_str_c(diags.first->text, "a derivation of more than 64 MiB goes on at byte 67108864");
	diags_free(&diags);
	assert_null(drv_parse(&a, str_of(bytes, n / 2), S("x.drv"), &diags));
	assert_str_c(diags.first->text, "'(' is missing at byte 8");
	diags_free(&diags);
	arena_clear(&a);
	free(bytes);
}

static void sorting_makes_the_invariant(void **state)
{
	struct drv_output outputs[] = {{S("out"), {0}, {0}, {0}}, {S("bin"), {0}, {0}, {0}}};
	str one[] = {S("out"), S("dev"), S("out")}, two[] = {S("bin")};
	struct drv_input inputs[] = {{S("/z"), two, 1}, {S("/a"), one, 3}, {S("/z"), one, 1}};
	str sources[] = {S("/s"), S("/r"), S("/s")};
	struct drv_env env[] = {{S("b"), S("1")}, {S("a"), S("2")}, {S("b"), S("3")}};
	struct drv d = {
		.outputs = outputs, .noutputs = 2, .inputs = inputs, .ninputs = 3, .sources = sources, .nsources = 3,
		.env = env, .nenv = 3,
	};
	struct arena a = {0};
	struct buf b = {0};

	(void)state;
	drv_sort(&d, &a);
	drv_print(&d, &b);
	assert_str_c(buf_view(&b), "Derive([(\"bin\",\"\",\"\",\"\"),(\"out\",\"\",\"\",\"\")],"
			"[(\"/a\",[\"dev\",\"out\"]),(\"/z\",[\"bin\",\"out\"])],[\"/r\",\"/s\"],\"\",\"\",[],[(\"a\",\"2\"),(\"b\",\"3\")])");
	buf_free(&b);
	arena_clear(&a);
}

static void json_is_as_nix_prints_it(void **state)
{
	struct arena a = {0};
	struct drv *d = parsed(&a, S("Derive([(\"out\",\"/x\",\"\",\"\")],[(\"/i.drv\",[\"dev\",\"out\"])],[],\"s\",\"b\",[\"\\\"\\n\x01\xff\"],[])"),
			"x.drv");
	struct buf b = {0};

	(void)state;
	drv_json(d, &b);
	assert_str_c(buf_view(&b),
			"{\n    \"outputs\": {\n      \"out\": {\n        \"path\": \"/x\"\n      }\n    },\n"
			"    \"inputSrcs\": [],\n    \"inputDrvs\": {\n      \"/i.drv\": [\n        \"dev\",\n        \"out\"\n"
			"      ]\n    },\n    \"system\": \"s\",\n    \"builder\": \"b\",\n    \"args\": [\n"
			"      \"\\\"\\n\\u0001\xff\"\n    ],\n    \"env\": {}\n  }");
	buf_free(&b);
	arena_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(print_is_the_inverse_of_parse),
		cmocka_unit_test(fields_are_what_was_written),
		cmocka_unit_test(damage_is_told_with_its_place),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(large_ones_end_at_the_limit),
		cmocka_unit_test(sorting_makes_the_invariant),
		cmocka_unit_test(json_is_as_nix_prints_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
