#include <straylight/base/utf8.h>

#include "test.h"

static void every_scalar_goes_around(void **state)
{
	struct buf b = {0};

	(void)state;
	for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
		uint32_t got = 0;

		if (cp == 0xd800)
			cp = 0xe000;
		b.n = 0;
		utf8_put(&b, cp);
		if (utf8_get(buf_view(&b), 0, &got) != b.n || got != cp)
			fail_msg("U+%04X", cp);
		if (b.n > 1 && utf8_get(str_upto(buf_view(&b), b.n - 1), 0, &got) != 0)
			fail_msg("U+%04X is taken when cut", cp);
	}
	buf_free(&b);
}

static void not_utf8(void **state)
{
	static const char *const rows[] = {
		"\x80", "\xbf", "\xc0\x80", "\xc1\xbf",             /* continuation first, overlong */
		"\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", /* overlong */
		"\xed\xa0\x80", "\xed\xbf\xbf",                     /* surrogates */
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff",
		"\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3(", "\xe2\x82(", "\xf0\x9f\x98(",
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		uint32_t cp = 1234;

		assert_int_equal(utf8_get(str_c(rows[i]), 0, &cp), 0);
		assert_int_equal(utf8_check(str_c(rows[i])), 0);
	}
}

static void check_tells_where(void **state)
{
	uint32_t cp;

	(void)state;
	assert_int_equal(utf8_check(S("a\xc3\xb6\xf0\x9f\x98\x80z")), 8);
	assert_int_equal(utf8_check(S("a\xc3\xb6\xff z")), 3);
	assert_int_equal(utf8_check((str){NULL, 0}), 0);
	assert_int_equal(utf8_check(str_of("a\0b", 3)), 3);
	assert_int_equal(utf8_get(S("a"), 1, &cp), 0);
	assert_int_equal(utf8_get(S("a"), SIZE_MAX, &cp), 0);
}

static void counting(void **state)
{
	(void)state;
	assert_int_equal(utf8_count(S("a\xc3\xb6\xf0\x9f\x98\x80z")), 4);
	assert_int_equal(utf8_count(S("\xff\xfe" "a")), 3);
	assert_int_equal(utf8_count(S("\xe2\x82")), 2);
	assert_int_equal(utf8_count((str){NULL, 0}), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scalar_goes_around),
		cmocka_unit_test(not_utf8),
		cmocka_unit_test(check_tells_where),
		cmocka_unit_test(counting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
