#include <straylight/base/buf.h>

#include "test.h"

static void grows(void **state)
{
	struct buf b = {0};

	(void)state;
	for (int i = 0; i < 10000; i++) {
		buf_c(&b, (char)('a' + i % 26));
		buf_lit(&b, "-");
		buf_str(&b, (str){NULL, 0});
	}
	assert_int_equal(b.n, 20000);
	for (size_t i = 0; i < 10000; i++)
		assert_true(b.p[2 * i] == (char)('a' + i % 26) && b.p[2 * i + 1] == '-');
	assert_int_equal(strlen(buf_z(&b)), 20000);
	assert_int_equal(b.n, 20000);
	buf_free(&b);
	assert_null(b.p);
	assert_string_equal(buf_z(&b), "");
	buf_free(&b);
}

static void formats(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_fmt(&b, "%s", "");
	assert_int_equal(b.n, 0);
	buf_fmt(&b, "%d %s", 7, "days");
	assert_str_c(buf_view(&b), "7 days");
	for (int width = 250; width < 260; width++) {
		b.n = 0;
		buf_fmt(&b, "%*d", width, 1);
		assert_int_equal(b.n, width);
		assert_int_equal(b.p[b.n - 1], '1');
	}
	buf_free(&b);
}

/* The limit drops whole appends, and says so until the end. */
static void limit_is_kept(void **state)
{
	struct buf b = {.limit = 5};

	(void)state;
	buf_lit(&b, "abc");
	buf_c(&b, 'd');
	assert_false(b.over);
	buf_lit(&b, "xy");
	assert_true(b.over);
	assert_str_c(buf_view(&b), "abcd");
	buf_c(&b, 'e');
	assert_str_c(buf_view(&b), "abcd");
	buf_free(&b);
	assert_false(b.over);
	assert_int_equal(b.limit, 5);
	buf_lit(&b, "12345");
	assert_false(b.over);
	buf_c(&b, '6');
	assert_true(b.over);
	assert_string_equal(buf_z(&b), "12345");
	buf_free(&b);
}

static void taken_by_an_arena(void **state)
{
	struct arena a = {0};
	struct buf b = {0};
	str s;

	(void)state;
	buf_add(&b, "a\0b", 3);
	s = buf_take(&b, &a);
	assert_int_equal(s.n, 3);
	assert_memory_equal(s.p, "a\0b", 4);
	assert_null(b.p);
	assert_int_equal(b.n, 0);
	arena_clear(&a);
}

static void reserve_too_much(void *ud)
{
	struct buf b = {0};

	(void)ud;
	buf_c(&b, 'x');
	buf_reserve(&b, SIZE_MAX);
}

static void overflow_exits_3(void **state)
{
	(void)state;
	assert_int_equal(exit_of(reserve_too_much, NULL), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows),
		cmocka_unit_test(formats),
		cmocka_unit_test(limit_is_kept),
		cmocka_unit_test(taken_by_an_arena),
		cmocka_unit_test(overflow_exits_3),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
