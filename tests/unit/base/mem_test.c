#include <straylight/base/mem.h>

#include "test.h"

static void heap_is_zeroed(void **state)
{
	static const unsigned char zero[1000];
	unsigned char *p = mem_alloc(sizeof zero);

	(void)state;
	assert_memory_equal(p, zero, sizeof zero);
	p[999] = 7;
	p = mem_realloc(p, 100000);
	assert_int_equal(p[999], 7);
	mem_free(p);
	mem_free(NULL);
	p = mem_alloc(0);
	assert_non_null(p);
	mem_free(mem_realloc(p, 0));
}

static void arena_aligns_and_zeroes(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t align = 1; align <= 64; align *= 2)
		for (size_t n = 0; n < 300; n += 7) {
			unsigned char *p = arena_alloc(a, n, align);

			assert_int_equal((uintptr_t)p % align, 0);
			for (size_t i = 0; i < n; i++)
				assert_int_equal(p[i], 0);
			memset(p, 0xff, n);
		}
	arena_free(a);
	arena_free(NULL);
}

static void arena_takes_any_size(void **state)
{
	struct arena a = {0};
	static const size_t sizes[] = {1, 4096, 4097, 1 << 20, 5 << 20, 3};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(sizes); i++) {
		char *p = arena_alloc(&a, sizes[i], 16);

		memset(p, 'x', sizes[i]);
	}
	assert_true(a.held > (size_t)6 << 20);
	arena_clear(&a);
	assert_int_equal(a.held, 0);
	assert_null(a.chunks);
	assert_non_null(arena_make(&a, int));
	arena_clear(&a);
}

static void return_from_handler(void *ud)
{
	(void)ud;
}

/* Tiny ones stay so; then a huge page at once, if the limit has room for one. */
static void arena_large_takes_huge_pages(void **state)
{
	struct arena a = {0};

	(void)state;
	arena_large(&a);
	memset(arena_alloc(&a, 1000, 8), 'x', 1000);
	assert_true(a.held <= 4096);
	for (int i = 0; i < 300; i++)
		memset(arena_raw(&a, 1000, 8), 'x', 1000);
	assert_true(a.held >= (size_t)2 << 20 && a.held < (size_t)3 << 20);
	for (int i = 0; i < 3000; i++)
		memset(arena_raw(&a, 1000, 8), 'x', 1000);
	assert_true(a.held < (size_t)5 << 20);
	arena_clear(&a);
	arena_limit(&a, 1 << 20, return_from_handler, NULL);
	for (int i = 0; i < 1000; i++)
		memset(arena_raw(&a, 1000, 8), 'x', 1000);
	assert_true(a.held <= 1 << 20);
	arena_clear(&a);
}

static void rewind_keeps_what_was_before(void **state)
{
	struct arena a = {0};
	struct arena_mark empty = arena_mark(&a), mark;
	char *kept, *next;
	size_t held;

	(void)state;
	kept = arena_raw(&a, 100, 1);
	memset(kept, 'k', 100);
	mark = arena_mark(&a);
	held = a.held;
	next = arena_raw(&a, 10, 1);
	for (int i = 0; i < 1000; i++)
		memset(arena_raw(&a, 5000, 8), 'd', 5000);
	arena_rewind(&a, mark);
	assert_int_equal(a.held, held);
	for (int i = 0; i < 100; i++)
		assert_int_equal(kept[i], 'k');
	assert_ptr_equal(arena_raw(&a, 10, 1), next);
	arena_rewind(&a, empty);
	assert_int_equal(a.held, 0);
}

struct jump {
	jmp_buf to;
	int calls;
};

static void leave(void *ud)
{
	struct jump *j = ud;

	j->calls++;
	longjmp(j->to, 1);
}

static void limit_calls_its_handler(void **state)
{
	struct arena a = {0};
	struct jump j = {.calls = 0};

	(void)state;
	arena_limit(&a, 100000, leave, &j);
	if (setjmp(j.to) == 0)
		for (;;)
			memset(arena_raw(&a, 100, 1), 1, 100);
	assert_int_equal(j.calls, 1);
	assert_true(a.held <= 100000);
	if (setjmp(j.to) == 0)
		arena_raw(&a, 1 << 20, 1);
	assert_int_equal(j.calls, 2);
	arena_clear(&a);
	assert_non_null(arena_raw(&a, 100, 1));
	arena_clear(&a);
}

static void limit_with_bad_handler(void *ud)
{
	struct arena a = {0};

	(void)ud;
	arena_limit(&a, 1, return_from_handler, NULL);
	arena_raw(&a, 100, 1);
}

static void product_too_large(void *ud)
{
	(void)ud;
	mem_free(mem_array(uint64_t, SIZE_MAX / 4));
}

static void arena_size_too_large(void *ud)
{
	struct arena a = {0};

	(void)ud;
	arena_raw(&a, SIZE_MAX - 4, 1);
}

/* *ud: what to do with the nth allocation made to fail. */
static void third_fails(void *ud)
{
	struct arena a = {0};
	void *p;

	mem_fail_at(3);
	p = mem_alloc(10);
	p = mem_realloc(p, 20);
	if (*(int *)ud == 0)
		p = mem_realloc(p, 30);
	else if (*(int *)ud == 1)
		mem_free(mem_alloc(1));
	else
		arena_raw(&a, 1, 1);
	mem_free(p);
}

static void third_is_not_reached(void *ud)
{
	(void)ud;
	mem_fail_at(3);
	mem_free(mem_alloc(10));
	mem_free(mem_alloc(10));
	mem_fail_at(0);
	for (int i = 0; i < 10; i++)
		mem_free(mem_alloc(10));
}

static void no_memory_exits_3(void **state)
{
	(void)state;
	assert_int_equal(exit_of(product_too_large, NULL), 3);
	assert_int_equal(exit_of(arena_size_too_large, NULL), 3);
	assert_int_equal(exit_of(limit_with_bad_handler, NULL), 3);
	for (int how = 0; how < 3; how++)
		assert_int_equal(exit_of(third_fails, &how), 3);
	assert_int_equal(exit_of(third_is_not_reached, NULL), 0);
}

/* This program again, as "mem_test alloc": two allocations.  *ud: which one fails. */
static void run_again(void *ud)
{
	char nth[16];

	snprintf(nth, sizeof nth, "%d", *(int *)ud);
	setenv("STRAYLIGHT_FAIL_ALLOC", nth, 1);
	execl("/proc/self/exe", "mem_test", "alloc", (char *)NULL);
	_exit(98);
}

static void environment_injects_too(void **state)
{
	(void)state;
	for (int nth = 0; nth < 4; nth++)
		assert_int_equal(exit_of(run_again, &nth), nth == 1 || nth == 2 ? 3 : 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heap_is_zeroed),
		cmocka_unit_test(arena_aligns_and_zeroes),
		cmocka_unit_test(arena_takes_any_size),
		cmocka_unit_test(arena_large_takes_huge_pages), cmocka_unit_test(rewind_keeps_what_was_before),
		cmocka_unit_test(limit_calls_its_handler),
		cmocka_unit_test(no_memory_exits_3),
		cmocka_unit_test(environment_injects_too),
	};

	if (argc > 1 && strcmp(argv[1], "alloc") == 0) {
		mem_free(mem_alloc(1));
		mem_free(mem_alloc(1));
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
