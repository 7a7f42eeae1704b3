#include <straylight/base/cbor.h>
#include <straylight/base/digest.h>

#include <float.h>
#include <math.h>

#include "test.h"

/* The bytes that hex says, in a heap block of exactly their size: ASan sees a read beyond. */
static str bytes_of(const char *hex)
{
	size_t n = strlen(hex) / 2;
	unsigned char *p = mem_alloc(n);

	assert_true(hex_parse(str_c(hex), p, n));
	return str_of((char *)p, n);
}

static void drop(str s)
{
	mem_free((void *)(uintptr_t)s.p);
}

static void assert_hex(struct buf *b, const char *want)
{
	char hex[256];

	assert_true(b->n * 2 < sizeof hex);
	hex_of((const unsigned char *)b->p, b->n, hex);
	assert_string_equal(hex, want);
	buf_free(b);
}

/* ---- RFC 8949, appendix A ---- */

static void integers(void **state)
{
	static const struct {
		uint64_t n;
		const char *hex, *negative; /* of -1 - n */
	} rows[] = {
		{0, "00", "20"}, {1, "01", "21"}, {10, "0a", "2a"}, {23, "17", "37"},
		{24, "1818", "3818"}, {25, "1819", "3819"}, {99, "1863", "3863"}, {255, "18ff", "38ff"},
		{256, "190100", "390100"}, {999, "1903e7", "3903e7"}, {65535, "19ffff", "39ffff"},
		{65536, "1a00010000", "3a00010000"}, {1000000, "1a000f4240", "3a000f4240"},
		{UINT32_MAX, "1affffffff", "3affffffff"},
		{(uint64_t)UINT32_MAX + 1, "1b0000000100000000", "3b0000000100000000"},
		{1000000000000, "1b000000e8d4a51000", "3b000000e8d4a51000"},
		{INT64_MAX, "1b7fffffffffffffff", "3b7fffffffffffffff"},
		{UINT64_MAX, "1bffffffffffffffff", "3bffffffffffffffff"},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct buf b = {0};
		str in = bytes_of(rows[i].hex), negative = bytes_of(rows[i].negative);
		struct cbor c = cbor_over(in), again = cbor_over(in), minus = cbor_over(negative);
		bool fits = rows[i].n <= INT64_MAX;

		cbor_uint(&b, rows[i].n);
		assert_hex(&b, rows[i].hex);
		assert_true(cbor_get_uint(&c) == rows[i].n && !c.bad && c.at == in.n);
		assert_true(cbor_get_int(&again) == (fits ? (int64_t)rows[i].n : 0));
		assert_int_equal(again.bad, fits ? CBOR_OK : CBOR_RANGE);
		assert_true(cbor_get_int(&minus) == (fits ? -1 - (int64_t)rows[i].n : 0));
		assert_int_equal(minus.bad, fits ? CBOR_OK : CBOR_RANGE);
		if (fits) {
			cbor_int(&b, -1 - (int64_t)rows[i].n);
			assert_hex(&b, rows[i].negative);
			cbor_int(&b, (int64_t)rows[i].n);
			assert_hex(&b, rows[i].hex);
		}
		drop(in);
		drop(negative);
	}
}

static void floats(void **state)
{
	static const struct {
		double d;
		const char *hex;
	} rows[] = {
		{0.0, "f90000"}, {-0.0, "f98000"}, {1.0, "f93c00"}, {1.1, "fb3ff199999999999a"},
		{1.5, "f93e00"}, {65504.0, "f97bff"}, {65505.0, "fa477fe100"}, {100000.0, "fa47c35000"},
		{3.4028234663852886e+38, "fa7f7fffff"}, {1.0e+300, "fb7e37e43c8800759c"},
		{5.960464477539063e-8, "f90001"}, {2.98023223876953125e-8, "fa33000000"},
		{0.00006103515625, "f90400"}, {0.00006097555160522461, "f903ff"}, {-4.0, "f9c400"},
		{-4.1, "fbc010666666666666"}, {(double)INFINITY, "f97c00"}, {-(double)INFINITY, "f9fc00"},
		{(double)FLT_TRUE_MIN, "fa00000001"}, {DBL_TRUE_MIN, "fb0000000000000001"},
		{DBL_MAX, "fb7fefffffffffffff"}, {65536.0, "fa47800000"}, {1.0009765625, "f93c01"},
		{1.00048828125, "fa3f801000"},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct buf b = {0};
		str in = bytes_of(rows[i].hex);
		struct cbor c = cbor_over(in);
		struct cbor_item item;

		cbor_double(&b, rows[i].d);
		assert_hex(&b, rows[i].hex);
		assert_true(cbor_next(&c, &item) && item.major == CBOR_SIMPLE);
		assert_true(cbor_float(&item) == rows[i].d);
		assert_int_equal(signbit(cbor_float(&item)) != 0, signbit(rows[i].d) != 0);
		drop(in);
	}
}

static void every_half_goes_around(void **state)
{
	(void)state;
	for (unsigned half = 0; half < 0x10000; half++) {
		char in[3] = {'\xf9', (char)(half >> 8), (char)half};
		struct cbor c = cbor_over(str_of(in, 3));
		struct cbor_item item;
		struct buf b = {0};

		assert_true(cbor_next(&c, &item));
		cbor_double(&b, cbor_float(&item));
		if (isnan(cbor_float(&item)))
			assert_hex(&b, "f97e00");
		else if (b.n != 3 || memcmp(b.p, in, 3) != 0)
			fail_msg("half %04x", half);
		buf_free(&b);
	}
}

static void other_widths_read_too(void **state)
{
	static const char *const infinities[] = {"f97c00", "fa7f800000", "fb7ff0000000000000"};
	static const char *const nans[] = {"f97e00", "fa7fc00000", "fb7ff8000000000000"};
	struct cbor_item item;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		str inf = bytes_of(infinities[i]), nan = bytes_of(nans[i]);
		struct cbor c = cbor_over(inf), d = cbor_over(nan);

		assert_true(cbor_next(&c, &item) && cbor_float(&item) == (double)INFINITY);
		assert_true(cbor_next(&d, &item) && isnan(cbor_float(&item)));
		drop(inf);
		drop(nan);
	}
	item = (struct cbor_item){.major = CBOR_UINT, .info = 25, .n = 1};
	assert_true(cbor_float(&item) == 0);
}

static void simple_values(void **state)
{
	struct buf b = {0};
	str in = bytes_of("f4f5f6f7f0f8ff");
	struct cbor c = cbor_over(in);
	struct cbor_item item;

	(void)state;
	cbor_bool(&b, false);
	cbor_bool(&b, true);
	cbor_null(&b);
	assert_hex(&b, "f4f5f6");
	assert_false(cbor_get_bool(&c));
	assert_true(cbor_get_bool(&c));
	assert_true(cbor_next(&c, &item) && item.n == 22);
	assert_true(cbor_next(&c, &item) && item.n == 23);
	assert_true(cbor_next(&c, &item) && item.n == 16);
	assert_true(cbor_next(&c, &item) && item.n == 255);
	assert_false(cbor_next(&c, &item));
	assert_int_equal(c.bad, CBOR_OK);
	drop(in);
}

static void strings_and_nests(void **state)
{
	struct buf b = {0};
	str text;
	struct cbor c;

	(void)state;
	cbor_bytes(&b, str_of("\1\2\3\4", 4));
	assert_hex(&b, "4401020304");
	cbor_text(&b, S("\xe6\xb0\xb4"));
	assert_hex(&b, "63e6b0b4");
	cbor_text(&b, (str){NULL, 0});
	assert_hex(&b, "60");
	cbor_tag(&b, 32);
	cbor_map(&b, 1);
	cbor_text(&b, S("a"));
	cbor_array(&b, 2);
	cbor_uint(&b, 2);
	cbor_bytes(&b, S("xy"));
	text = str_of(b.p, b.n);
	c = cbor_over(text);
	assert_true(cbor_skip(&c) && c.at == b.n);
	assert_hex(&b, "d820a1616182024278" "79");
}

static void typed_reads(void **state)
{
	str in = bytes_of("a1616182024278" "79");
	struct cbor c = cbor_over(in);
	struct cbor_item item;

	(void)state;
	assert_true(cbor_peek(&c, &item) && item.major == CBOR_MAP && c.at == 0);
	assert_int_equal(cbor_get_map(&c), 1);
	assert_str_c(cbor_get_text(&c), "a");
	assert_int_equal(cbor_get_array(&c), 2);
	assert_int_equal(cbor_get_uint(&c), 2);
	assert_str_c(cbor_get_bytes(&c), "xy");
	assert_int_equal(c.bad, CBOR_OK);
	assert_int_equal(cbor_get_uint(&c), 0);
	assert_int_equal(c.bad, CBOR_SHORT);
	drop(in);
}

/* The first error stays, and everything after it is zero. */
static void errors_stick(void **state)
{
	str in = bytes_of("0102616103");
	struct cbor c = cbor_over(in);
	struct cbor_item item;

	(void)state;
	assert_int_equal(cbor_get_uint(&c), 1);
	assert_str_c(cbor_get_text(&c), "");
	assert_int_equal(c.bad, CBOR_TYPE);
	assert_str_c(cbor_get_text(&c), "");
	assert_int_equal(cbor_get_uint(&c), 0);
	assert_int_equal(cbor_get_int(&c), 0);
	assert_int_equal(cbor_get_array(&c), 0);
	assert_int_equal(cbor_get_map(&c), 0);
	assert_false(cbor_get_bool(&c));
	assert_false(cbor_next(&c, &item) || cbor_peek(&c, &item) || cbor_skip(&c));
	assert_int_equal(c.bad, CBOR_TYPE);
	drop(in);
}

static void wrong_types(void **state)
{
	static const char *const not_int[] = {"40", "f5", "80", "ff"};
	static const char *const not_text[] = {"01", "41", "7f", "80", "ff"};
	static const char *const not_bool[] = {"f6", "00", "ff", "f90014"};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(not_int); i++) {
		str in = bytes_of(not_int[i]);
		struct cbor c = cbor_over(in);

		assert_int_equal(cbor_get_int(&c), 0);
		assert_int_equal(c.bad, CBOR_TYPE);
		drop(in);
	}
	for (size_t i = 0; i < SL_COUNT(not_text); i++) {
		str in = bytes_of(not_text[i]);
		struct cbor c = cbor_over(in);

		assert_int_equal(cbor_get_text(&c).n, 0);
		assert_true(c.bad == CBOR_TYPE || c.bad == CBOR_SHORT);
		drop(in);
	}
	for (size_t i = 0; i < SL_COUNT(not_bool); i++) {
		str in = bytes_of(not_bool[i]);
		struct cbor c = cbor_over(in);

		assert_false(cbor_get_bool(&c));
		assert_int_equal(c.bad, CBOR_TYPE);
		c = cbor_over(in);
		assert_int_equal(cbor_get_map(&c), 0);
		assert_int_equal(c.bad, CBOR_TYPE);
		drop(in);
	}
}

static void well_formed_items(void **state)
{
	static const char *const rows[] = {
		"00", "1818", "3903e7", "f97e00", "f4", "f7", "f8ff", "c074323031332d30332d32315432303a30343a30305a",
		"d74401020304", "d818456449455446", "40", "60", "6161", "80", "83010203", "8301820203820405",
		"98190102030405060708090a0b0c0d0e0f101112131415161718181819", "a0", "a201020304",
		"a26161016162820203", "826161a161626163", "5f42010243030405ff", "7f657374726561646d696e67ff",
		"9fff", "9f018202039f0405ffff", "9f01820203820405ff", "83018202039f0405ff", "83019f0203ff820405",
		"bf61610161629f0203ffff", "826161bf61626163ff", "bf6346756ef563416d7421ff", "5fff", "7fff", "bfff",
		"c1c2c3c400", "bfc1009fffff", "9fbfffff", "9f9f9fffffff",
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		str in = bytes_of(rows[i]);
		struct cbor c = cbor_over(in);

		if (!cbor_skip(&c) || c.bad || c.at != in.n)
			fail_msg("%s: bad %d at %zu", rows[i], (int)c.bad, c.at);
		for (size_t n = 0; n < in.n; n++) { /* no part of an item is an item */
			struct cbor part = cbor_over(str_upto(in, n));

			if (cbor_skip(&part) || part.bad != CBOR_SHORT)
				fail_msg("%s cut to %zu bytes: bad %d", rows[i], n, (int)part.bad);
		}
		drop(in);
	}
}

/* RFC 8949, appendix F, and a few more. */
static const struct {
	enum cbor_bad bad;
	const char *hex;
} malformed[] = {
	/* the end in a head */
	{CBOR_SHORT, "18"}, {CBOR_SHORT, "19"}, {CBOR_SHORT, "1a"}, {CBOR_SHORT, "1b"}, {CBOR_SHORT, "1901"},
	{CBOR_SHORT, "1a0102"}, {CBOR_SHORT, "1b01020304050607"}, {CBOR_SHORT, "38"}, {CBOR_SHORT, "58"},
	{CBOR_SHORT, "78"}, {CBOR_SHORT, "98"}, {CBOR_SHORT, "9a01ff00"}, {CBOR_SHORT, "b8"}, {CBOR_SHORT, "d8"},
	{CBOR_SHORT, "f8"}, {CBOR_SHORT, "f900"}, {CBOR_SHORT, "fa0000"}, {CBOR_SHORT, "fb000000"},
	/* strings with too little in them */
	{CBOR_SHORT, "41"}, {CBOR_SHORT, "61"}, {CBOR_SHORT, "5affffffff00"},
	{CBOR_SHORT, "5bffffffffffffffff010203"}, {CBOR_SHORT, "7affffffff00"},
	{CBOR_SHORT, "7b7fffffffffffffff010203"},
	/* arrays and maps with too few items */
	{CBOR_SHORT, "81"}, {CBOR_SHORT, "818181818181818181"}, {CBOR_SHORT, "8200"}, {CBOR_SHORT, "a1"},
	{CBOR_SHORT, "a20102"}, {CBOR_SHORT, "a100"}, {CBOR_SHORT, "a2000000"},
	{CBOR_SHORT, "9bffffffffffffffff00"}, {CBOR_SHORT, "bbffffffffffffffff0000"},
	{CBOR_SHORT, "bb80000000000000010000"},
	/* a tag without content; what is indefinite without its break */
	{CBOR_SHORT, "c0"}, {CBOR_SHORT, "5f4100"}, {CBOR_SHORT, "7f6100"}, {CBOR_SHORT, "9f"},
	{CBOR_SHORT, "9f0102"}, {CBOR_SHORT, "bf"}, {CBOR_SHORT, "bf01020102"}, {CBOR_SHORT, "819f"},
	{CBOR_SHORT, "9f8000"}, {CBOR_SHORT, "9f9f9f9f9fffffffff"}, {CBOR_SHORT, "9f819f819f9fffffff"},
	/* reserved heads */
	{CBOR_INVALID, "1c"}, {CBOR_INVALID, "1d"}, {CBOR_INVALID, "1e"}, {CBOR_INVALID, "3c"},
	{CBOR_INVALID, "3d"}, {CBOR_INVALID, "3e"}, {CBOR_INVALID, "5c"}, {CBOR_INVALID, "5d"},
	{CBOR_INVALID, "5e"}, {CBOR_INVALID, "7c"}, {CBOR_INVALID, "7d"}, {CBOR_INVALID, "7e"},
	{CBOR_INVALID, "9c"}, {CBOR_INVALID, "9d"}, {CBOR_INVALID, "9e"}, {CBOR_INVALID, "bc"},
	{CBOR_INVALID, "bd"}, {CBOR_INVALID, "be"}, {CBOR_INVALID, "dc"}, {CBOR_INVALID, "dd"},
	{CBOR_INVALID, "de"}, {CBOR_INVALID, "fc"}, {CBOR_INVALID, "fd"}, {CBOR_INVALID, "fe"},
	{CBOR_INVALID, "f800"}, {CBOR_INVALID, "f801"}, {CBOR_INVALID, "f818"}, {CBOR_INVALID, "f81f"},
	/* chunks of another kind */
	{CBOR_INVALID, "5f00ff"}, {CBOR_INVALID, "5f21ff"}, {CBOR_INVALID, "5f6100ff"}, {CBOR_INVALID, "5f80ff"},
	{CBOR_INVALID, "5fa0ff"}, {CBOR_INVALID, "5fc000ff"}, {CBOR_INVALID, "5fe0ff"}, {CBOR_INVALID, "7f4100ff"},
	{CBOR_INVALID, "5f5f4100ffff"}, {CBOR_INVALID, "7f7f6100ffff"},
	/* a break where none may be */
	{CBOR_INVALID, "ff"}, {CBOR_INVALID, "81ff"}, {CBOR_INVALID, "8200ff"}, {CBOR_INVALID, "a1ffff"},
	{CBOR_INVALID, "a1ff00"}, {CBOR_INVALID, "a100ff"}, {CBOR_INVALID, "a20000ffff"}, {CBOR_INVALID, "9f81ff"},
	{CBOR_INVALID, "9f829f819f9fffffffff"}, {CBOR_INVALID, "bf00ff"}, {CBOR_INVALID, "bf000000ff"},
	{CBOR_INVALID, "c1ff"}, {CBOR_INVALID, "9fc1ffff"},
	/* no open end for these */
	{CBOR_INVALID, "1f"}, {CBOR_INVALID, "3f"}, {CBOR_INVALID, "df"},
	{CBOR_SHORT, ""},
};

static void malformed_items(void **state)
{
	(void)state;
	for (size_t i = 0; i < SL_COUNT(malformed); i++) {
		str in = bytes_of(malformed[i].hex);
		struct cbor c = cbor_over(in);

		if (cbor_skip(&c) || c.bad != malformed[i].bad || c.at > in.n)
			fail_msg("%s: bad %d at %zu", malformed[i].hex, (int)c.bad, c.at);
		drop(in);
	}
}

/* Depth costs a word of memory at most, and no stack. */
static void any_depth(void **state)
{
	size_t n = 1000000;
	static const struct {
		unsigned char open, close;
		bool broken; /* each level ends with a break */
	} rows[] = {{0x81, 0x00, false}, {0xc1, 0x00, false}, {0x9f, 0xff, true}};
	unsigned char *p = mem_alloc(2 * n);

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		size_t whole = rows[i].broken ? 2 * n : n + 1;
		struct cbor c = cbor_over(str_of((char *)p, whole));
		struct cbor part = cbor_over(str_of((char *)p, whole - 1));

		memset(p, rows[i].open, n);
		memset(p + n, rows[i].close, n);
		assert_true(cbor_skip(&c));
		assert_int_equal(c.at, whole);
		assert_false(cbor_skip(&part));
		assert_int_equal(part.bad, CBOR_SHORT);
	}
	mem_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers),              cmocka_unit_test(floats),
		cmocka_unit_test(every_half_goes_around), cmocka_unit_test(other_widths_read_too),
		cmocka_unit_test(simple_values),         cmocka_unit_test(strings_and_nests),
		cmocka_unit_test(typed_reads),           cmocka_unit_test(errors_stick),
		cmocka_unit_test(wrong_types),           cmocka_unit_test(well_formed_items),
		cmocka_unit_test(malformed_items),       cmocka_unit_test(any_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
