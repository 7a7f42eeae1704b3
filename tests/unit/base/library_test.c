#include "../test.h"

#include <straylight/base/library.h>

struct table {
	double (*cosine)(double);
	int (*other)(void);
};

static void finds_by_name(void **state)
{
	static const struct library_row rows[] = {{"cos", offsetof(struct table, cosine)}};
	struct table t = {0};

	(void)state;
	assert_true(library_load("libm.so.6", rows, SL_COUNT(rows), &t));
	assert_true(t.cosine(0.0) == 1.0);
	assert_null(t.other);
}

static void says_what_is_not_there(void **state)
{
	static const struct library_row rows[] = {{"cos", offsetof(struct table, cosine)}, {"no_such_name", offsetof(struct table, other)}};
	struct table t = {0};

	(void)state;
	assert_false(library_load("libm.so.6", rows, SL_COUNT(rows), &t));
	assert_false(library_load("libno-such-library.so.1", rows, 1, &t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_by_name),
		cmocka_unit_test(says_what_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
