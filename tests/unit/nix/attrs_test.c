#include "attrs.h"

#include "test.h"

#define NAMES 40

/* What a set says, name by name: the model is an array. */
static void same(struct attrs *a, struct val *const model[NAMES], const sym names[NAMES])
{
	for (int i = 0; i < NAMES; i++) {
		const struct attr *found = attrs_find(a, names[i]);

		assert_ptr_equal(found ? found->v : NULL, model[i]);
	}
}

static struct attrs *some(struct arena *mem, unsigned *seed, const sym names[NAMES], struct val *values,
		struct val *model[NAMES])
{
	struct attrs *a = attrs_new(mem, NAMES);

	for (int i = NAMES - 1; i >= 0; i--) {
		*seed = *seed * 1103515245 + 12345;
		if ((*seed >> 16) % 3 == 0) {
			attrs_put(a, names[i], 0, &values[*seed % 100]);
			model[i] = &values[*seed % 100];
		}
	}
	attrs_end(a);
	return a;
}

/* a // b // c … in every depth, looked at before and after it was made flat. */
static void updates(void **state)
{
	struct arena mem = {0};
	struct val values[100] = {{0}};
	sym names[NAMES];
	unsigned seed = 7;

	(void)state;
	for (int i = 0; i < NAMES; i++)
		names[i] = intern(str_fmt(&mem, "name%d", i));
	for (int round = 0; round < 50; round++) {
		struct val *model[NAMES] = {0};
		struct attrs *a = some(&mem, &seed, names, values, model);
		uint32_t n = 0;

		for (int layer = 0; layer < round % 20; layer++)
			a = attrs_update(&mem, a, some(&mem, &seed, names, values, model));
		same(a, model, names);
		attrs_flat(&mem, a);
		assert_null(a->base);
		same(a, model, names);
		for (int i = 0; i < NAMES; i++)
			n += model[i] != NULL;
		assert_int_equal(a->n, n);
		for (uint32_t i = 1; i < a->n; i++)
			assert_true(a->e[i - 1].name < a->e[i].name);
	}
	arena_clear(&mem);
}

static void empty_sides(void **state)
{
	struct arena mem = {0};
	struct val v;
	struct attrs *a = attrs_new(&mem, 1);

	(void)state;
	attrs_put(a, intern_c("x"), 0, &v);
	assert_ptr_equal(attrs_update(&mem, a, &attrs_empty), a);
	assert_ptr_equal(attrs_update(&mem, &attrs_empty, a), a);
	assert_null(attrs_find(&attrs_empty, intern_c("x")));
	arena_clear(&mem);
}

/* Of equal names the first that was filled in stays. */
static void duplicates(void **state)
{
	struct arena mem = {0};
	struct val v[60];
	struct attrs *a = attrs_new(&mem, 60);

	(void)state;
	for (int i = 0; i < 60; i++)
		attrs_put(a, intern(str_fmt(&mem, "d%d", i % 20)), 0, &v[i]);
	attrs_end(a);
	assert_int_equal(a->n, 20);
	for (int i = 0; i < 20; i++)
		assert_ptr_equal(attrs_find(a, intern(str_fmt(&mem, "d%d", i)))->v, &v[i]);
	arena_clear(&mem);
}

static void by_name(void **state)
{
	struct arena mem = {0};
	struct val v;
	struct attrs *a = attrs_new(&mem, 3);
	const struct attr **sorted;

	(void)state;
	attrs_put(a, intern_c("zz"), 0, &v);
	attrs_put(a, intern_c("B"), 0, &v);
	attrs_put(a, intern_c("a"), 0, &v);
	attrs_end(a);
	sorted = attrs_by_name(&mem, a);
	assert_str_c(sym_str(sorted[0]->name), "B");
	assert_str_c(sym_str(sorted[1]->name), "a");
	assert_str_c(sym_str(sorted[2]->name), "zz");
	arena_clear(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(updates),
		cmocka_unit_test(empty_sides),
		cmocka_unit_test(duplicates),
		cmocka_unit_test(by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
