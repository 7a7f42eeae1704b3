#include <straylight/base/str.h>

#include "test.h"

static const str nothing = {NULL, 0};

static void order_is_of_bytes(void **state)
{
	static const char *const sorted[] = {"", "a", "a\1", "aa", "ab", "b", "\x7f", "\x80", "\xff"};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(sorted); i++)
		for (size_t j = 0; j < SL_COUNT(sorted); j++) {
			int order = str_cmp(str_c(sorted[i]), str_c(sorted[j]));

			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
			assert_int_equal(str_eq(str_c(sorted[i]), str_c(sorted[j])), i == j);
		}
	assert_true(str_eq(nothing, S("")));
	assert_int_equal(str_cmp(nothing, S("")), 0);
	assert_true(str_cmp(str_of("a\0a", 3), str_of("a\0b", 3)) < 0);
}

static void prefix_and_suffix(void **state)
{
	(void)state;
	assert_true(str_starts(S("straylight"), S("stray")));
	assert_true(str_ends(S("straylight"), S("light")));
	assert_true(str_starts(S("a"), nothing));
	assert_true(str_ends(nothing, nothing));
	assert_false(str_starts(S("stray"), S("straylight")));
	assert_false(str_ends(S("light"), S("straylight")));
	assert_false(str_starts(S("abc"), S("b")));
}

static void parts(void **state)
{
	(void)state;
	assert_str_c(str_from(S("abc"), 1), "bc");
	assert_str_c(str_from(S("abc"), 3), "");
	assert_str_c(str_from(S("abc"), SIZE_MAX), "");
	assert_str_c(str_upto(S("abc"), 2), "ab");
	assert_str_c(str_upto(S("abc"), SIZE_MAX), "abc");
	assert_str_c(str_from(nothing, 1), "");
}

static void finding(void **state)
{
	(void)state;
	assert_int_equal(str_find(S("abcb"), 'b'), 1);
	assert_int_equal(str_find(S("abcb"), 'x'), 4);
	assert_int_equal(str_find(nothing, 'x'), 0);
	assert_int_equal(str_find_str(S("ababc"), S("abc")), 2);
	assert_int_equal(str_find_str(S("abab"), S("abc")), 4);
	assert_int_equal(str_find_str(S("abab"), nothing), 0);
	assert_int_equal(str_find_str(nothing, S("a")), 0);
}

static void cutting(void **state)
{
	static const struct {
		const char *in, *head, *rest;
		bool found;
	} rows[] = {
		{"a=b=c", "a", "b=c", true}, {"=", "", "", true},   {"a=", "a", "", true},
		{"=b", "", "b", true},       {"ab", "ab", "", false}, {"", "", "", false},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		str head, rest;

		assert_int_equal(str_cut(str_c(rows[i].in), '=', &head, &rest), rows[i].found);
		assert_str_c(head, rows[i].head);
		assert_str_c(rest, rows[i].rest);
	}
}

static void trimming(void **state)
{
	(void)state;
	assert_str_c(str_trim(S(" \t a b\r\n")), "a b");
	assert_str_c(str_trim(S(" \n ")), "");
	assert_str_c(str_trim(nothing), "");
}

/* Of all two-byte strings and their one-byte prefixes no two have one hash. */
static void hash_spreads(void **state)
{
	static uint64_t seen[65536 + 256];
	size_t n = 0, same = 0;

	(void)state;
	for (unsigned a = 0; a < 256; a++) {
		char one[2] = {(char)a, 0};

		seen[n++] = str_hash(str_of(one, 1));
		for (unsigned b = 0; b < 256; b++) {
			one[1] = (char)b;
			seen[n++] = str_hash(str_of(one, 2));
		}
	}
	for (size_t i = 1; i < n; i++)
		same += seen[i] == seen[i - 1];
	assert_int_equal(same, 0);
	assert_true(str_hash(S("12345678")) != str_hash(S("12345678\0")));
	assert_true(str_hash(S("same")) == str_hash(str_of("same", 4)));
}

static void copies(void **state)
{
	struct arena a = {0};
	str s = str_dup(&a, str_of("a\0b", 3));
	char *z;

	(void)state;
	assert_memory_equal(s.p, "a\0b", 4);
	assert_int_equal(s.n, 3);
	assert_str_c(str_dup(&a, nothing), "");
	s = str_fmt(&a, "%d-%s-%.*s", 42, "x", STR_ARG(S("yz")));
	assert_str_c(s, "42-x-yz");
	assert_int_equal(s.p[s.n], 0);
	assert_str_c(str_fmt(&a, "%.*s", STR_ARG(nothing)), "");
	s = str_fmt(&a, "%10000d", 1);
	assert_int_equal(s.n, 10000);
	z = str_zdup(S("heap"));
	assert_string_equal(z, "heap");
	mem_free(z);
	arena_clear(&a);
}

static void distances(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned max, want;
	} rows[] = {
		{"", "", 3, 0},        {"abc", "abc", 3, 0},       {"abc", "abd", 3, 1},
		{"kitten", "sitting", 3, 3}, {"kitten", "sitting", 2, 3}, {"", "abc", 5, 3},
		{"library", "libary", 2, 1}, {"abcdef", "uvwxyz", 2, 3},
	};
	char longer[100];

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		assert_int_equal(str_distance(str_c(rows[i].a), str_c(rows[i].b), rows[i].max), rows[i].want);
		assert_int_equal(str_distance(str_c(rows[i].b), str_c(rows[i].a), rows[i].max), rows[i].want);
	}
	memset(longer, 'x', sizeof longer);
	assert_int_equal(str_distance(str_of(longer, 100), S("x"), 2), 3);
	assert_int_equal(str_distance(str_of(longer, 64), str_of(longer, 63), 2), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_of_bytes), cmocka_unit_test(prefix_and_suffix),
		cmocka_unit_test(parts),             cmocka_unit_test(finding),
		cmocka_unit_test(cutting),           cmocka_unit_test(trimming),
		cmocka_unit_test(hash_spreads),      cmocka_unit_test(copies),
		cmocka_unit_test(distances),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
