#include "num.h"

#include "test.h"

static struct arena mem;

static int begin(void **state)
{
	(void)state;
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_clear(&mem);
	return 0;
}

/* With a '-' in front when negative. */
static struct num of(const char *text)
{
	struct num n = num_parse(&mem, str_c(text + (*text == '-')), 10);

	return *text == '-' ? num_neg(&mem, n) : n;
}

static void assert_num(struct num got, const char *want)
{
	struct buf out = {0};

	num_print(got, &out);
	assert_str_c(buf_view(&out), want);
	buf_free(&out);
}

/* The invariant: big exactly when it does not fit. */
static void small_when_it_fits(void **state)
{
	(void)state;
	assert_null(of("9223372036854775807").big);
	assert_non_null(of("9223372036854775808").big);
	assert_null(of("-9223372036854775808").big);
	assert_non_null(of("-9223372036854775809").big);
	assert_null(num_sub(&mem, of("18446744073709551616"), of("18446744073709551615")).big);
	assert_null(num_add(&mem, of("9223372036854775808"), of("-1")).big);
	assert_int_equal(of("-9223372036854775808").small, INT64_MIN);
}

static void arithmetic(void **state)
{
	static const struct {
		const char *a, *b, *sum, *difference, *product;
	} rows[] = {
		{"0", "0", "0", "0", "0"},
		{"2", "-3", "-1", "5", "-6"},
		{"9223372036854775807", "1", "9223372036854775808", "9223372036854775806", "9223372036854775807"},
		{"-9223372036854775808", "-1", "-9223372036854775809", "-9223372036854775807", "9223372036854775808"},
		{"340282366920938463463374607431768211456", "340282366920938463463374607431768211456",
			"680564733841876926926749214863536422912", "0",
			"115792089237316195423570985008687907853269984665640564039457584007913129639936"},
		{"-340282366920938463463374607431768211456", "18446744073709551616",
			"-340282366920938463444927863358058659840", "-340282366920938463481821351505477763072",
			"-6277101735386680763835789423207666416102355444464034512896"},
		{"123456789012345678901234567890", "0", "123456789012345678901234567890",
			"123456789012345678901234567890", "0"},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		assert_num(num_add(&mem, of(rows[i].a), of(rows[i].b)), rows[i].sum);
		assert_num(num_sub(&mem, of(rows[i].a), of(rows[i].b)), rows[i].difference);
		assert_num(num_mul(&mem, of(rows[i].a), of(rows[i].b)), rows[i].product);
	}
}

static void order(void **state)
{
	static const char *const rows[] = {"-36893488147419103232", "-18446744073709551616", "-9223372036854775808",
		"-1", "0", "1", "9223372036854775807", "9223372036854775808", "18446744073709551616"};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++)
		for (size_t j = 0; j < SL_COUNT(rows); j++)
			assert_int_equal(num_cmp(of(rows[i]), of(rows[j])), (i > j) - (i < j));
	assert_int_equal(num_sign(of("-18446744073709551616")), -1);
	assert_int_equal(num_sign(of("0")), 0);
	assert_int_equal(num_sign(of("18446744073709551616")), 1);
	assert_true(num_even(of("0")) && num_even(of("-2")) && num_even(of("18446744073709551616")));
	assert_false(num_even(of("-1")) || num_even(of("18446744073709551617")));
}

static void bases(void **state)
{
	(void)state;
	assert_num(num_parse(&mem, S("ff"), 16), "255");
	assert_num(num_parse(&mem, S("fFfFfFfFfFfFfFfFfF"), 16), "4722366482869645213695");
	assert_num(num_parse(&mem, S("00000000000000000000000000000000001"), 10), "1");
	assert_num(num_parse(&mem, S("101"), 2), "5");
	assert_num(num_parse(&mem, S("10000000000000000000000000000000000000000000000000000000000000000"), 2),
			"18446744073709551616");
}

static void as_bytes(void **state)
{
	static const char *const rows[] = {"0", "1", "255", "256", "18446744073709551615", "18446744073709551616",
		"340282366920938463463374607431768211455", "115792089237316195423570985008687907853269984665640564039457"};
	str b;

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		b = num_bytes(&mem, of(rows[i]));
		assert_true(b.n == 0 || b.p[0] != 0);
		assert_num(num_from_bytes(&mem, b, false), rows[i]);
	}
	assert_num(num_from_bytes(&mem, S("\0\0\1\0"), true), "-256");
}

/* Exact values around a half unit of the last place. */
static void rounds_to_even(void **state)
{
	(void)state;
	assert_true(num_double(of("9007199254740993")) == 9007199254740992.0);
	assert_true(num_double(of("36893488147419107328")) == 36893488147419103232.0);
	assert_true(num_double(of("36893488147419107329")) == 36893488147419111424.0);
	assert_true(num_double(of("-36893488147419111424")) == -36893488147419111424.0);
	assert_true(num_double(num_from_bytes(&mem, str_of((char[200]){1}, 200), false)) == __builtin_inf());
}

static void doubles_print_shortest(void **state)
{
	static const struct {
		double d;
		const char *text;
	} rows[] = {
		{0.0, "0.0"}, {-0.0, "-0.0"}, {1, "1.0"}, {-1.5, "-1.5"}, {0.1, "0.1"}, {0.01, "1.0e-2"},
		{9999999, "9999999.0"}, {1e7, "1.0e7"}, {1.25e100, "1.25e100"}, {5e-324, "5.0e-324"},
		{1.7976931348623157e308, "1.7976931348623157e308"}, {0.30000000000000004, "0.30000000000000004"},
		{123.456, "123.456"}, {__builtin_inf(), "Infinity"}, {-__builtin_inf(), "-Infinity"},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct buf out = {0};

		num_print_double(rows[i].d, &out);
		assert_str_c(buf_view(&out), rows[i].text);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(small_when_it_fits, begin, end),
		cmocka_unit_test_setup_teardown(arithmetic, begin, end),
		cmocka_unit_test_setup_teardown(order, begin, end),
		cmocka_unit_test_setup_teardown(bases, begin, end),
		cmocka_unit_test_setup_teardown(as_bytes, begin, end),
		cmocka_unit_test_setup_teardown(rounds_to_even, begin, end),
		cmocka_unit_test_setup_teardown(doubles_print_shortest, begin, end),
	};

	return cmocka_run_group_tests_name("num", tests, NULL, NULL);
}
