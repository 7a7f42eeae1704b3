#include "nix_test.h"

static const str dir = {NIX_STORE_DIR, sizeof NIX_STORE_DIR - 1};

/* Paths that Nix 2.8 gave. */
static void text_paths(void **state)
{
	struct arena a = {0};
	struct nix_hash hash = nix_hash_of(NIX_SHA256, S("x"));
	str lib = storepath_text(&a, dir, S("lib"), &hash, (struct storepath_refs){0});
	str script = str_fmt(&a, "echo hi %.*s\n", STR_ARG(lib));

	(void)state;
	assert_str_c(lib, "/nix/store/8r32qyy8ad3gvg3xw3245l18sbfbkqng-lib");
	hash = nix_hash_of(NIX_SHA256, script);
	assert_str_c(storepath_text(&a, dir, S("script.sh"), &hash, (struct storepath_refs){&lib, 1, false}),
			"/nix/store/x9xnxna13l0kshfhjs464n8731xa0lhx-script.sh");
	arena_clear(&a);
}

static void fixed_paths(void **state)
{
	static const struct {
		const char *name, *hash;
		bool recursive;
		const char *want;
	} rows[] = {
		{"src", "md5:0123456789abcdef0123456789abcdef", false, "/nix/store/gr39yzzsbzp7q6zl7igjx9sbl92s1vbr-src"},
		{"rec", "sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73", true,
				"/nix/store/dfmhw33by565v6rqic3z19qz6c7fr57i-rec"},
		{"rec5", "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2"
			 "877eec2f63b931bd47417a81a538327af927da3e", true, "/nix/store/qh0r8c79zsbqw487n4cla61qjqdk7j8x-rec5"},
	};
	struct diags diags = {0};
	struct arena a = {0};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct nix_hash h;

		assert_true(nix_hash_parse(str_c(rows[i].hash), NIX_ALGO_NONE, &h, NO_SPAN, &diags));
		assert_str_c(storepath_fixed(&a, dir, str_c(rows[i].name), rows[i].recursive, &h, (struct storepath_refs){0}),
				rows[i].want);
	}
	diags_free(&diags);
	arena_clear(&a);
}

static void placeholders(void **state)
{
	static const str ca = {"/nix/store/y21bfgk7dhg7xxbvsbvz06wyagx6wnpa-ca.drv", 50};
	struct arena a = {0};

	(void)state;
	assert_str_c(storepath_placeholder(&a, S("out")), "/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9");
	assert_str_c(storepath_placeholder(&a, S("lib")), "/0sra2y18lr3h6j58qjm0w46yv36h1wjmilb09n8aimdpivdymscx");
	assert_str_c(storepath_downstream(&a, dir, ca, S("out")), "/1znll5bv5hgf5kfrhw652sx032bgzzigcl0pjpq9hg5l07cysbs1");
	assert_str_c(storepath_downstream(&a, dir, ca, S("lib")), "/07wb72syhv6ks5ilgzqlbjwgg30ycn0s76m0i2cwph6dhnvnhimy");
	assert_str_c(storepath_downstream(&a, dir, S("/nix/store/x"), S("lib")), "");
	arena_clear(&a);
}

static void names(void **state)
{
	char longest[STORE_NAME_MAX + 1];
	struct arena a = {0};
	str why;

	(void)state;
	memset(longest, 'x', sizeof longest);
	assert_true(storepath_name_ok(S(".a+B-9_?="), &a, &why));
	assert_true(storepath_name_ok(str_of(longest, STORE_NAME_MAX), &a, &why));
	assert_false(storepath_name_ok(str_of(longest, STORE_NAME_MAX + 1), &a, &why));
	assert_str_c(why, "is longer than 211 characters");
	assert_false(storepath_name_ok(S(""), &a, &why));
	assert_str_c(why, "is empty");
	assert_false(storepath_name_ok(S("a/b"), &a, &why));
	assert_str_c(why, "has the character '/'");
	assert_false(storepath_name_ok(str_of("a\0", 2), &a, &why));
	assert_str_c(why, "has the byte 0x00");
	arena_clear(&a);
}

static void parts(void **state)
{
	str hash, name, top;

	(void)state;
	assert_true(storepath_parse(dir, S("/nix/store/8r32qyy8ad3gvg3xw3245l18sbfbkqng-lib"), &hash, &name));
	assert_str_c(hash, "8r32qyy8ad3gvg3xw3245l18sbfbkqng");
	assert_str_c(name, "lib");
	assert_false(storepath_parse(dir, S("/nix/store/8r32qyy8ad3gvg3xw3245l18sbfbkqng-"), NULL, NULL));
	assert_false(storepath_parse(dir, S("/nix/store/8r32qyy8ad3gvg3xw3245l18sbfbkqeg-lib"), NULL, NULL));
	assert_false(storepath_parse(dir, S("/nix/store/8r32qyy8ad3gvg3xw3245l18sbfbkqng-l/b"), NULL, NULL));
	assert_false(storepath_parse(dir, S("/nix/stored8r32qyy8ad3gvg3xw3245l18sbfbkqng-lib"), NULL, NULL));
	assert_false(storepath_parse(dir, S("/nix"), NULL, NULL));
	assert_true(storepath_top(dir, S("/nix/store/8r32qyy8ad3gvg3xw3245l18sbfbkqng-lib/a/b"), &top));
	assert_str_c(top, "/nix/store/8r32qyy8ad3gvg3xw3245l18sbfbkqng-lib");
	assert_false(storepath_top(dir, S("/nix/store/x/a"), &top));
	assert_false(storepath_top(dir, S("/nix/store"), &top));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_paths),
		cmocka_unit_test(fixed_paths),
		cmocka_unit_test(placeholders),
		cmocka_unit_test(names),
		cmocka_unit_test(parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
