#include <straylight/base/map.h>

#include "test.h"

static void empty_map(void **state)
{
	struct map m = {0};

	(void)state;
	assert_null(map_get(&m, S("a")));
	assert_false(map_has(&m, S("a")));
	map_free(&m);
}

static void many_keys_in_order(void **state)
{
	struct arena a = {0};
	struct map m = {0};

	(void)state;
	for (uintptr_t i = 0; i < 20000; i++) {
		bool fresh;
		void **slot = map_slot(&m, str_fmt(&a, "key %zu", (size_t)i), &fresh);

		assert_true(fresh);
		assert_null(*slot);
		*slot = (void *)(i + 1);
	}
	assert_int_equal(m.n, 20000);
	for (uintptr_t i = 0; i < 20000; i++) {
		str key = str_fmt(&a, "key %zu", (size_t)i);

		assert_str(m.entries[i].key, key);
		assert_int_equal((uintptr_t)map_get(&m, key), i + 1);
	}
	assert_null(map_get(&m, S("key 20000")));
	map_free(&m);
	assert_int_equal(m.n, 0);
	arena_clear(&a);
}

static void a_key_once(void **state)
{
	struct map m = {0};
	bool fresh = false;
	int one, two;

	(void)state;
	map_put(&m, S("k"), &one);
	map_put(&m, S("k"), &two);
	assert_int_equal(m.n, 1);
	assert_ptr_equal(map_get(&m, S("k")), &two);
	map_slot(&m, S("k"), &fresh);
	assert_false(fresh);
	map_put(&m, S("absent"), NULL);
	assert_true(map_has(&m, S("absent")));
	assert_null(map_get(&m, S("absent")));
	map_free(&m);
}

static void keys_of_any_bytes(void **state)
{
	struct map m = {0};
	int values[4];

	(void)state;
	map_put(&m, S(""), &values[0]);
	map_put(&m, str_of("\0", 1), &values[1]);
	map_put(&m, str_of("\0\0", 2), &values[2]);
	map_put(&m, str_of("\0a", 2), &values[3]);
	assert_ptr_equal(map_get(&m, (str){NULL, 0}), &values[0]);
	assert_ptr_equal(map_get(&m, str_of("\0", 1)), &values[1]);
	assert_ptr_equal(map_get(&m, str_of("\0\0", 2)), &values[2]);
	assert_ptr_equal(map_get(&m, str_of("\0a", 2)), &values[3]);
	map_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_map),
		cmocka_unit_test(many_keys_in_order),
		cmocka_unit_test(a_key_once),
		cmocka_unit_test(keys_of_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
