#include <straylight/base/vec.h>

#include "test.h"

static void push_and_pop(void **state)
{
	VEC(uint32_t) v = {0};

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		vec_push(&v, i);
		assert_int_equal(vec_last(&v), i);
	}
	assert_int_equal(v.n, 10000);
	assert_true(v.cap >= v.n);
	for (uint32_t i = 10000; i-- > 0;)
		assert_int_equal(vec_pop(&v), i);
	assert_int_equal(v.n, 0);
	vec_free(&v);
	assert_null(v.p);
	assert_int_equal(v.cap, 0);
}

static void reserve_at_once(void **state)
{
	VEC(struct { char b[24]; }) v = {0};
	void *before;

	(void)state;
	vec_reserve(&v, 1000);
	assert_true(v.cap >= 1000);
	before = v.p;
	vec_reserve(&v, 10);
	assert_ptr_equal(v.p, before);
	vec_free(&v);
}

static void reserve_too_much(void *ud)
{
	VEC(uint64_t) v = {0};

	(void)ud;
	vec_reserve(&v, SIZE_MAX / 4);
	vec_free(&v);
}

static void overflow_exits_3(void **state)
{
	(void)state;
	assert_int_equal(exit_of(reserve_too_much, NULL), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(push_and_pop),
		cmocka_unit_test(reserve_at_once),
		cmocka_unit_test(overflow_exits_3),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
