#include <straylight/base/intern.h>

#include <pthread.h>

#include "test.h"

#define THREADS 4
#define NAMES 6000 /* the table grows twice, the pages once */

static void equal_names_equal_syms(void **state)
{
	sym a = intern(S("alpha")), b = intern(S("beta"));

	(void)state;
	assert_true(a != 0 && b != 0 && a != b);
	assert_int_equal(intern_c("alpha"), a);
	assert_str_c(sym_str(a), "alpha");
	assert_str_c(sym_str(0), "");
	assert_true(sym_cmp(a, b) < 0);
	assert_true(sym_cmp(b, a) > 0);
	assert_int_equal(sym_cmp(a, a), 0);
}

static void any_bytes(void **state)
{
	sym empty = intern((str){NULL, 0}), nul = intern(str_of("\0", 1)), two = intern(str_of("\0\0", 2));

	(void)state;
	assert_true(empty != 0 && empty != nul && nul != two);
	assert_int_equal(intern(S("")), empty);
	assert_int_equal(sym_str(two).n, 2);
}

struct visit {
	unsigned step; /* coprime to NAMES: each thread walks in an order of its own */
	sym syms[NAMES];
	bool wrong;
};

static void *intern_all(void *ud)
{
	struct visit *v = ud;

	for (unsigned i = 0; i < NAMES; i++) {
		unsigned k = i * v->step % NAMES;
		char text[32];
		size_t n = (size_t)snprintf(text, sizeof text, "name-%u", k);

		v->syms[k] = intern(str_of(text, n));
		v->wrong |= !str_eq(sym_str(v->syms[k]), str_of(text, n));
		v->wrong |= intern(str_of(text, n)) != v->syms[k];
	}
	return NULL;
}

static void threads_agree(void **state)
{
	static struct visit visits[THREADS] = {{.step = 1}, {.step = 7}, {.step = 5999}, {.step = 1}};
	pthread_t threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, intern_all, &visits[i]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_false(visits[i].wrong);
	}
	for (size_t i = 0; i < THREADS; i++)
		assert_memory_equal(visits[i].syms, visits[0].syms, sizeof visits[0].syms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_names_equal_syms),
		cmocka_unit_test(any_bytes),
		cmocka_unit_test(threads_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
