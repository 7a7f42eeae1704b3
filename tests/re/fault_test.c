#include "fault.h"

#include "test.h"

struct fixture {
	struct arena arena;
	struct faults faults;
};

static const char *parse(struct fixture *f, const char *text)
{
	arena_clear(&f->arena);
	return faults_parse(&f->arena, str_c(text), &f->faults);
}

static size_t count(struct fixture *f, const char *rpc)
{
	fault_vec found = {0};
	size_t n;

	faults_of(&f->faults, str_c(rpc), &found);
	n = found.n;
	vec_free(&found);
	return n;
}

static void test_rules(void **state)
{
	struct fixture f = {0};
	const struct fault *fault;

	(void)state;
	assert_null(parse(&f, ""));
	assert_int_equal(f.faults.n, 0);
	assert_null(parse(&f, "Read#2-3:delay=50,close@; *%10 : unavailable<1000 ;Execute#4+:resource-exhausted=20"));
	assert_int_equal(f.faults.n, 3);
	assert_int_equal(f.faults.rules[0].first, 2);
	assert_int_equal(f.faults.rules[0].last, 3);
	assert_int_equal(f.faults.rules[0].n, 2);
	fault = f.faults.rules[0].faults;
	assert_int_equal(fault[0].kind, FAULT_DELAY);
	assert_int_equal(fault[0].value, 50);
	assert_int_equal(fault[0].when, FAULT_BEFORE);
	assert_int_equal(fault[1].kind, FAULT_CLOSE);
	assert_true(fault[1].middle);
	fault = f.faults.rules[2].faults;
	assert_int_equal(fault->kind, FAULT_STATUS);
	assert_int_equal(fault->status, 8);
	assert_int_equal(fault->value, 20);
	assert_int_equal(f.faults.rules[2].first, 4);
	arena_clear(&f.arena);
}

static void test_wrong(void **state)
{
	static const char *const wrong[] = {"Read", "Read:", "Read:what", "Read:stall=1", "Read:delay=", "Read:delay=1x", "Read#:stall",
			"Read#1-:stall", "Read#x+:stall", "Read%101:stall", "Read%:stall", "Read:close<", "Read:close@x",
			"Read:stall;", "Read:stall,", ":stall;;", "Read:delay=9999999999999999999"};
	struct fixture f = {0};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(wrong); i++) {
		if (!parse(&f, wrong[i]))
			fail_msg("'%s' was taken", wrong[i]);
		assert_int_equal(f.faults.n, 0);
	}
	arena_clear(&f.arena);
}

static void test_counting(void **state)
{
	struct fixture f = {0};

	(void)state;
	assert_null(parse(&f, "Read#2-3:stall;*#3:ping,settings"));
	assert_int_equal(count(&f, "Read"), 0);  /* the first of both */
	assert_int_equal(count(&f, "Write"), 0); /* the second of "*" */
	assert_int_equal(count(&f, "Read"), 3);
	assert_int_equal(count(&f, "Read"), 1);
	assert_int_equal(count(&f, "Read"), 0);
	arena_clear(&f.arena);
}

static void test_chance(void **state)
{
	struct fixture f = {0};
	size_t first = 0, again = 0;

	(void)state;
	f.faults.random = 7;
	assert_null(parse(&f, "*%20:stall"));
	for (int i = 0; i < 1000; i++)
		first += count(&f, "Read");
	assert_in_range(first, 150, 250);
	f.faults.random = 7; /* the same seed, the same faults */
	for (int i = 0; i < 1000; i++)
		again += count(&f, "Read");
	assert_int_equal(first, again);
	arena_clear(&f.arena);
}

static void test_statuses(void **state)
{
	(void)state;
	for (int code = 0; code <= 16; code++)
		assert_int_equal(status_code(str_c(status_name(code))), code);
	assert_int_equal(status_code(S("no-such")), -1);
	assert_string_equal(status_name(17), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rules), cmocka_unit_test(test_wrong), cmocka_unit_test(test_counting),
			cmocka_unit_test(test_chance), cmocka_unit_test(test_statuses)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
