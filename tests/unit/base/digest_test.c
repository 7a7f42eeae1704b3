#include <straylight/base/cbor.h>
#include <straylight/base/digest.h>

#include "test.h"

#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ABC_SHA256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define EMPTY_BLAKE3 "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
#define ABC_BLAKE3 "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"

static void known_vectors(void **state)
{
	static const struct {
		enum digest_fn fn;
		const char *content, *text;
	} rows[] = {
		{DIGEST_SHA256, "", EMPTY_SHA256 "/0"},
		{DIGEST_SHA256, "abc", ABC_SHA256 "/3"},
		{DIGEST_BLAKE3, "", EMPTY_BLAKE3 "/0"},
		{DIGEST_BLAKE3, "abc", ABC_BLAKE3 "/3"},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct digest d = digest_of(rows[i].fn, str_c(rows[i].content));
		char text[DIGEST_TEXT_MAX];

		assert_string_equal(digest_text(&d, text), rows[i].text);
	}
}

/* The published BLAKE3 vectors: the content counts 0 to 250 again and again.  The lengths reach the
 * code for one block, one chunk and many chunks at once. */
static void long_vectors(void **state)
{
	static const struct {
		size_t n;
		const char *hex;
	} rows[] = {
		{1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"},
		{1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"},
		{1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"},
		{102400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"},
	};
	static char content[102400];

	(void)state;
	for (size_t i = 0; i < sizeof content; i++)
		content[i] = (char)(i % 251);
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct digest d = digest_of(DIGEST_BLAKE3, str_of(content, rows[i].n));
		char hex[65];

		hex_of(d.b, 32, hex);
		assert_string_equal(hex, rows[i].hex);
	}
}

static void streaming_equals_whole(void **state)
{
	static const enum digest_fn fns[] = {DIGEST_SHA256, DIGEST_BLAKE3};
	char content[5000];

	(void)state;
	for (size_t i = 0; i < sizeof content; i++)
		content[i] = (char)(i * 7);
	for (size_t f = 0; f < SL_COUNT(fns); f++) {
		struct digest whole = digest_of(fns[f], str_of(content, sizeof content)), parts;
		struct hasher *h = hasher_new(fns[f]);

		for (size_t at = 0, n = 1; at < sizeof content; at += n, n = n * 2 + 1) {
			if (n > sizeof content - at)
				n = sizeof content - at;
			hasher_add(h, content + at, n);
		}
		hasher_end(h, &parts);
		assert_true(digest_eq(&whole, &parts));
		assert_int_equal(digest_cmp(&whole, &parts), 0);
	}
}

static void sha256_plain(void **state)
{
	unsigned char out[32], want[32];

	(void)state;
	sha256(S("abc"), out);
	assert_true(hex_parse(S(ABC_SHA256), want, 32));
	assert_memory_equal(out, want, 32);
	sha256((str){NULL, 0}, out);
	assert_true(hex_parse(S(EMPTY_SHA256), want, 32));
	assert_memory_equal(out, want, 32);
}

static void text_goes_around(void **state)
{
	struct digest d = {.size = INT64_MAX / 10}, again;
	char text[DIGEST_TEXT_MAX];

	(void)state;
	for (unsigned i = 0; i < 32; i++)
		d.b[i] = (unsigned char)(i * 9);
	assert_true(digest_parse(str_c(digest_text(&d, text)), &again));
	assert_true(digest_eq(&d, &again));
}

static void bad_texts(void **state)
{
	static const char *const rows[] = {
		"", "/", ABC_SHA256, ABC_SHA256 "/", ABC_SHA256 "/-1", ABC_SHA256 "/1x", ABC_SHA256 "/ 1",
		ABC_SHA256 "0/3", "b/3", "xx7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad/3",
		ABC_SHA256 "/9223372036854775808", ABC_SHA256 "/1/2",
	};
	struct digest d;

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++)
		if (digest_parse(str_c(rows[i]), &d))
			fail_msg("'%s' was taken", rows[i]);
}

static void hex_either_case(void **state)
{
	unsigned char out[2];

	(void)state;
	assert_true(hex_parse(S("aBCd"), out, 2));
	assert_int_equal(out[0], 0xab);
	assert_int_equal(out[1], 0xcd);
	assert_false(hex_parse(S("abc"), out, 2));
	assert_false(hex_parse(S("abcg"), out, 2));
}

static int value_of(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* Each character at each place of a word and of what is left after it. */
static void hex_every_character(void **state)
{
	unsigned char out[11], want[11];
	char text[23], again[23];

	(void)state;
	for (size_t at = 0; at < 22; at++)
		for (int c = 0; c < 256; c++) {
			memcpy(text, "0123456789abcdef012345", sizeof text);
			text[at] = (char)c;
			for (size_t i = 0; i < sizeof want; i++)
				want[i] = (unsigned char)(value_of((unsigned char)text[2 * i]) * 16 + value_of((unsigned char)text[2 * i + 1]));
			assert_int_equal(hex_parse(str_of(text, 22), out, 11), value_of(c) >= 0);
			if (value_of(c) < 0)
				continue;
			assert_memory_equal(out, want, sizeof want);
			hex_of(out, sizeof out, again);
			text[at] = (char)(c >= 'A' && c <= 'F' ? c | 0x20 : c);
			assert_string_equal(again, text);
		}
}

static void hex_every_byte(void **state)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char in[7] = {0};
	char out[15];

	(void)state;
	for (size_t n = 0; n <= sizeof in; n++)
		for (size_t at = 0; at < n; at++)
			for (int c = 0; c < 256; c++) {
				in[at] = (unsigned char)c;
				hex_of(in, n, out);
				assert_int_equal(strlen(out), 2 * n);
				assert_int_equal(out[2 * at], digits[c >> 4]);
				assert_int_equal(out[2 * at + 1], digits[c & 15]);
			}
}

static void order(void **state)
{
	struct digest a = {.size = 1}, b = {.size = 2}, c = {.b = {1}, .size = 0}, none = {.size = 0};

	(void)state;
	assert_true(digest_cmp(&a, &b) < 0);
	assert_true(digest_cmp(&b, &a) > 0);
	assert_true(digest_cmp(&b, &c) < 0);
	assert_false(digest_eq(&a, &b));
	assert_true(digest_is_none(&none));
	assert_false(digest_is_none(&a));
	assert_false(digest_is_none(&c));
	assert_true(digest_word(&c) != digest_word(&a));
}

/* On disk: whole, or not at all. */
static void written(void **state)
{
	struct digest d = digest_of(DIGEST_SHA256, S("x")), again;
	struct buf b = {0};
	struct cbor c;

	(void)state;
	digest_write(&b, &d);
	c = (struct cbor){.in = buf_view(&b)};
	assert_true(digest_read(&c, &again));
	assert_true(digest_eq(&d, &again));
	assert_true(c.at == b.n);
	for (size_t n = 0; n < b.n; n++) {
		c = (struct cbor){.in = str_of(b.p, n)};
		assert_false(digest_read(&c, &again));
	}
	b.n = 0;
	d.size = -1;
	digest_write(&b, &d);
	c = (struct cbor){.in = buf_view(&b)};
	assert_false(digest_read(&c, &again));
	b.n = 0;
	cbor_array(&b, 2);
	cbor_bytes(&b, S("short"));
	cbor_int(&b, 1);
	c = (struct cbor){.in = buf_view(&b)};
	assert_false(digest_read(&c, &again));
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_vectors),
		cmocka_unit_test(long_vectors),
		cmocka_unit_test(streaming_equals_whole),
		cmocka_unit_test(sha256_plain),
		cmocka_unit_test(text_goes_around),
		cmocka_unit_test(bad_texts),
		cmocka_unit_test(hex_either_case),
		cmocka_unit_test(hex_every_character),
		cmocka_unit_test(hex_every_byte),
		cmocka_unit_test(order),
		cmocka_unit_test(written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
