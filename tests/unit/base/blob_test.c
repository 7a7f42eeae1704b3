#include <straylight/base/blob.h>

#include <pthread.h>

#include "test.h"

static void content(void **state)
{
	struct blob *b = blob_new(str_of("a\0b", 3)), *raw = blob_raw(5), *empty = blob_new((str){NULL, 0});

	(void)state;
	assert_int_equal(b->n, 3);
	assert_memory_equal(b->b, "a\0b", 4);
	assert_memory_equal(raw->b, "\0\0\0\0\0", 6);
	assert_int_equal(empty->n, 0);
	assert_str_c(blob_str(empty), "");
	assert_str_c(blob_str(NULL), "");
	blob_unref(b);
	blob_unref(raw);
	blob_unref(empty);
}

static void counts(void **state)
{
	struct blob *b = blob_new(S("x"));

	(void)state;
	assert_ptr_equal(blob_ref(b), b);
	blob_unref(b);
	assert_str_c(blob_str(b), "x");
	blob_unref(b);
	assert_null(blob_ref(NULL));
	blob_unref(NULL);
}

static void *ref_and_unref(void *ud)
{
	struct blob *b = ud;

	for (int i = 0; i < 20000; i++) {
		blob_ref(b);
		if (b->b[0] != 's')
			return ud;
		blob_unref(b);
	}
	blob_unref(b);
	return NULL;
}

static void shared_by_threads(void **state)
{
	struct blob *b = blob_new(S("shared"));
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < SL_COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ref_and_unref, blob_ref(b)), 0);
	for (size_t i = 0; i < SL_COUNT(threads); i++) {
		void *wrong;

		pthread_join(threads[i], &wrong);
		assert_null(wrong);
	}
	assert_int_equal(atomic_load(&b->refs), 1);
	blob_unref(b);
}

static void too_large(void *ud)
{
	(void)ud;
	blob_unref(blob_raw(SIZE_MAX - 8));
}

static void overflow_exits_3(void **state)
{
	(void)state;
	assert_int_equal(exit_of(too_large, NULL), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content),
		cmocka_unit_test(counts),
		cmocka_unit_test(shared_by_threads),
		cmocka_unit_test(overflow_exits_3),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
