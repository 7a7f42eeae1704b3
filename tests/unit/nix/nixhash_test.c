#include "nix_test.h"

/* Of the empty text, by `nix-hash --type … --flat` and `nix hash to-*`. */
static const struct {
	enum nix_algo algo;
	const char *base16, *base32, *base64;
} empty[] = {
	{NIX_MD5, "d41d8cd98f00b204e9800998ecf8427e", "3y8bwfr609h3lh9ch0izcqq7fl", "1B2M2Y8AsgTpgAmY7PhCfg=="},
	{NIX_SHA1, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "143xibwh31h9bvxzalr0sjvbbvpa6ffs", "2jmj7l5rSw0yVb/vlWAYkK/YBwk="},
	{NIX_SHA256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
			"0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
	{NIX_SHA512, "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
			"0zdl9zrg8r3i9c1g90lgg9ip5ijzv3yhz91i0zzn3r8ap9ws784gkp9dk9j3aglhgf1amqb0pj21mh7h1nxcl18akqvvf7ggqsy30yg",
			"z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="},
};

static void texts_of_known_hashes(void **state)
{
	struct arena a = {0};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(empty); i++) {
		struct nix_hash h = nix_hash_of(empty[i].algo, S(""));
		const char *name = nix_algo_name(empty[i].algo);

		assert_str_c(nix_hash_str(&a, &h, NIX_BASE16, false), empty[i].base16);
		assert_str_c(nix_hash_str(&a, &h, NIX_BASE32, false), empty[i].base32);
		assert_str_c(nix_hash_str(&a, &h, NIX_BASE64, false), empty[i].base64);
		assert_str(nix_hash_str(&a, &h, NIX_BASE32, true), str_fmt(&a, "%s:%s", name, empty[i].base32));
		assert_str(nix_hash_str(&a, &h, NIX_SRI, false), str_fmt(&a, "%s-%s", name, empty[i].base64));
	}
	arena_clear(&a);
}

static void every_spelling_reads_back(void **state)
{
	struct diags diags = {0};
	struct arena a = {0};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(empty); i++) {
		struct nix_hash h = nix_hash_of(empty[i].algo, S("some text")), got;

		for (enum nix_base base = NIX_BASE16; base <= NIX_SRI; base++) {
			str with = nix_hash_str(&a, &h, base, true), bare = nix_hash_str(&a, &h, base, false);

			assert_true(nix_hash_parse(with, NIX_ALGO_NONE, &got, NO_SPAN, &diags));
			assert_true(nix_hash_eq(&got, &h));
			assert_true(nix_hash_parse(bare, h.algo, &got, NO_SPAN, &diags));
			assert_true(nix_hash_eq(&got, &h));
		}
	}
	diags_free(&diags);
	arena_clear(&a);
}

static void streaming_is_the_same(void **state)
{
	(void)state;
	for (enum nix_algo algo = NIX_MD5; algo <= NIX_SHA512; algo++) {
		struct nix_hasher *s = nix_hasher_new(algo);
		struct nix_hash one = nix_hash_of(algo, S("abcdef")), got;

		nix_hasher_add(s, "ab", 2);
		nix_hasher_add(s, "", 0);
		nix_hasher_add(s, "cdef", 4);
		nix_hasher_end(s, &got);
		assert_true(nix_hash_eq(&one, &got));
	}
}

static const struct {
	const char *text;
	enum nix_algo algo;
	const char *says;
} bad[] = {
	{"", NIX_SHA256, "has a length"},
	{"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", NIX_ALGO_NONE, "does not say its algorithm"},
	{"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85g", NIX_SHA256, "has a character"},
	{"sha1:2jmj7l5rSw0yVb/vlWAYkK/YBwk=", NIX_SHA256, "is of another algorithm"},
	{"sha3:00", NIX_ALGO_NONE, "there is no hash algorithm 'sha3'"},
	{"sha256-e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", NIX_ALGO_NONE, "is not base 64"},
	{"sha256:2mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73", NIX_ALGO_NONE, "is not base 32"}, /* a 257th bit */
	{"sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9e73", NIX_ALGO_NONE, "is not base 32"},
	{"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF*=", NIX_ALGO_NONE, "is not base 64"},
};

static void wrong_texts_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < SL_COUNT(bad); i++) {
		struct diags diags = {0};
		struct nix_hash h;

		if (nix_hash_parse(str_c(bad[i].text), bad[i].algo, &h, NO_SPAN, &diags))
			fail_msg("row %zu was read", i);
		assert_int_equal(diags.errors, 1);
		if (str_find_str(diags.first->text, str_c(bad[i].says)) == diags.first->text.n)
			fail_msg("row %zu: got '%.*s', want '%s'", i, STR_ARG(diags.first->text), bad[i].says);
		diags_free(&diags);
	}
}

static void folding(void **state)
{
	static const unsigned char in[] = {1, 2, 3, 4, 5, 6, 7};
	static const unsigned char want[] = {0x1 ^ 0x4 ^ 0x7, 0x2 ^ 0x5, 0x3 ^ 0x6};
	unsigned char out[3];

	(void)state;
	nix_compress(in, sizeof in, out, sizeof out);
	assert_memory_equal(out, want, sizeof want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_of_known_hashes),
		cmocka_unit_test(every_spelling_reads_back),
		cmocka_unit_test(streaming_is_the_same),
		cmocka_unit_test(wrong_texts_are_refused),
		cmocka_unit_test(folding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
