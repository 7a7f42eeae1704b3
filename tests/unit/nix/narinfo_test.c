#include "nix_test.h"
#include <straylight/narinfo.h>

/* Written and signed by Nix 2.8 (`nix copy --to file://…?secret-key=…`). */
static const char sample[] =
	"StorePath: /nix/store/x9xnxna13l0kshfhjs464n8731xa0lhx-script.sh\n"
	"URL: nar/1pdynigkv69yqwkcgipk9fkq5mx5wk3h6h9k3imq0cm9ma8s5c18.nar.xz\n"
	"Compression: xz\n"
	"FileHash: sha256:1pdynigkv69yqwkcgipk9fkq5mx5wk3h6h9k3imq0cm9ma8s5c18\n"
	"FileSize: 180\n"
	"NarHash: sha256:1c3whg9w4glvz4h5z90pwda566yqfyzx529iq3251fsfsxlvs3ap\n"
	"NarSize: 168\n"
	"References: 8r32qyy8ad3gvg3xw3245l18sbfbkqng-lib\n"
	"Sig: test-1:V1STDRrOtu6sk66Buvak3LBhNFoP3wR0CdCm68z7XBibXTWrXMf+520IcZ3VZS1JEtjv4o5xrIrOz/i7erZjDw==\n"
	"CA: text:sha256:11i48xp1v1x3p7yhwc5ydn9b78p8dcnz63cj171bmz0rgzv27ryi\n";
static const char secret[] = "test-1:nmNfl+KJiQGUfUifhh2lR7zr+gJJDf3F2v6y+0/5UNGVC0lxCz+ZYD3K++wycA2Vy9d0utcKxa5TYFP1jCav/g==\n";
static const char public[] = "test-1:lQtJcQs/mWA9yvvsMnANlcvXdLrXCsWuU2BT9Ywmr/4=";

static struct narinfo read_sample(struct arena *a)
{
	struct diags diags = {0};
	struct narinfo n;

	if (!narinfo_parse(a, str_c(sample), S(NIX_STORE_DIR), S("x.narinfo"), &n, &diags))
		fail_msg("%.*s", STR_ARG(diags.first->text));
	return n;
}

static void print_is_the_inverse_of_parse(void **state)
{
	struct arena a = {0};
	struct narinfo n = read_sample(&a);
	struct buf b = {0};

	(void)state;
	assert_int_equal(n.nar_size, 168);
	assert_int_equal(n.nreferences, 1);
	narinfo_print(&n, &b);
	assert_str_c(buf_view(&b), sample);
	buf_free(&b);
	arena_clear(&a);
}

static void defaults(void **state)
{
	static const char least[] = "StorePath: /nix/store/x9xnxna13l0kshfhjs464n8731xa0lhx-script.sh\nURL: x\nUnknown: y\n"
				    "NarHash: sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nNarSize: 1\nDeriver: unknown-deriver\n";
	struct diags diags = {0};
	struct arena a = {0};
	struct narinfo n;

	(void)state;
	assert_true(narinfo_parse(&a, str_c(least), S(NIX_STORE_DIR), S("x"), &n, &diags));
	assert_str_c(n.compression, "bzip2");
	assert_int_equal(n.file_hash.algo, NIX_ALGO_NONE);
	assert_int_equal(n.deriver.n + n.nreferences + n.nsignatures + n.ca.n + n.file_size, 0);
	arena_clear(&a);
}

static void signatures(void **state)
{
	struct arena a = {0};
	struct narinfo n = read_sample(&a);
	struct nix_secret_key sk;
	struct nix_public_key pk, half, other;
	struct diags diags = {0};
	struct buf b = {0};

	(void)state;
	assert_true(nix_secret_key_parse(str_c(secret), &sk, NO_SPAN, &diags));
	assert_true(nix_public_key_parse(str_c(public), &pk, NO_SPAN, &diags));
	nix_public_key_of(&sk, &half);
	nix_public_key_text(&half, &b);
	assert_str_c(buf_view(&b), public);
	assert_str(narinfo_sign(&n, S(NIX_STORE_DIR), &sk, &a), n.signatures[0]);
	other = pk;
	other.b[3] ^= 1;
	assert_null(narinfo_verify(&n, S(NIX_STORE_DIR), &other, 1));
	other = pk;
	other.name = S("test-2");
	assert_null(narinfo_verify(&n, S(NIX_STORE_DIR), &other, 1));
	assert_ptr_equal(narinfo_verify(&n, S(NIX_STORE_DIR), &pk, 0), NULL);
	assert_ptr_equal(narinfo_verify(&n, S(NIX_STORE_DIR), &pk, 1), &pk);
	nix_secret_key_wipe(&sk);
	assert_int_equal(sk.b[0] | sk.b[63], 0);
	buf_free(&b);
	arena_clear(&a);
}

/* Each signed thing changed: no signature any more. */
static void what_is_signed(void **state)
{
	struct diags diags = {0};
	struct nix_public_key pk;

	(void)state;
	assert_true(nix_public_key_parse(str_c(public), &pk, NO_SPAN, &diags));
	for (unsigned i = 0; i < 5; i++) {
		struct arena a = {0};
		struct narinfo n = read_sample(&a);

		switch (i) {
		case 0: n.path = S("/nix/store/8r32qyy8ad3gvg3xw3245l18sbfbkqng-lib"); break;
		case 1: n.nar_hash.b[0] ^= 1; break;
		case 2: n.nar_size++; break;
		case 3: n.nreferences = 0; break;
		default: n.url = S("elsewhere"); break;
		}
		assert_int_equal(narinfo_verify(&n, S(NIX_STORE_DIR), &pk, 1) != NULL, i == 4);
		arena_clear(&a);
	}
}

static const struct {
	const char *text, *says;
} bad[] = {
	{"", "the field StorePath is missing at byte 0"},
	{"URL: x", "the last line does not end at byte 0"},
	{"URL: x\nURL", "the last line does not end at byte 7"},
	{"URL: x\nURL\n", "a line is not 'Field: value' at byte 7"},
	{"URL:x\n", "a line is not 'Field: value' at byte 0"},
	{"URL: x\nURL: y\n", "a field is there twice at byte 7"},
	{"URL: \n", "a field has no value at byte 0"},
	{"StorePath: /nix/store/../x\n", "'/nix/store/../x' is no store path of '/nix/store' at byte 0"},
	{"References: a b\n", "'a' is not the last part of a store path at byte 0"},
	{"Deriver: ../x\n", "'../x' is not the last part of a store path at byte 0"},
	{"NarSize: 0\n", "'0' is no size at byte 0"},
	{"NarSize: 9223372036854775808\n", "'9223372036854775808' is no size at byte 0"},
	{"NarSize: 1x\n", "'1x' is no size at byte 0"},
	{"NarHash: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", "does not say its algorithm at byte 0"},
};

static void wrong_texts_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < SL_COUNT(bad); i++) {
		struct diags diags = {0};
		struct arena a = {0};
		struct narinfo n;

		assert_false(narinfo_parse(&a, str_c(bad[i].text), S(NIX_STORE_DIR), S("x"), &n, &diags));
		assert_int_equal(diags.errors, 1);
		if (!str_ends(diags.first->text, str_c(bad[i].says)))
			fail_msg("row %zu: got '%.*s', want '%s'", i, STR_ARG(diags.first->text), bad[i].says);
		diags_free(&diags);
		arena_clear(&a);
	}
}

static void wrong_keys_are_refused_without_showing_them(void **state)
{
	static const char *const texts[] = {"", "test-1", ":lQtJcQs/mWA9yvvsMnANlcvXdLrXCsWuU2BT9Ywmr/4=", "test-1:lQtJcQs="};
	struct nix_public_key pk;
	struct nix_secret_key sk;

	(void)state;
	for (size_t i = 0; i < SL_COUNT(texts); i++) {
		struct diags diags = {0};

		assert_false(nix_public_key_parse(str_c(texts[i]), &pk, NO_SPAN, &diags));
		assert_false(nix_secret_key_parse(str_c(texts[i]), &sk, NO_SPAN, &diags));
		assert_str_c(diags.first->text, "this is not a public key");
		assert_str_c(diags.last->text, "this is not a secret key");
		diags_free(&diags);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(print_is_the_inverse_of_parse),
		cmocka_unit_test(defaults),
		cmocka_unit_test(signatures),
		cmocka_unit_test(what_is_signed),
		cmocka_unit_test(wrong_texts_are_refused),
		cmocka_unit_test(wrong_keys_are_refused_without_showing_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
