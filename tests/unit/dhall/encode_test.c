#include "syntax.h"

/* What the tests of the parser do not reach: terms that were made otherwise, and shapes of depth. */

static void flattens(void **state)
{
	(void)state;
	assert_parses("(f a) b c", "[0, [\"f\", 0], [\"a\", 0], [\"b\", 0], [\"c\", 0]]");
	assert_parses("f (a b)", "[0, [\"f\", 0], [0, [\"a\", 0], [\"b\", 0]]]");
	assert_parses("let a : T = 1 in (let b = a in let a = b in a@1)",
			"[25, \"a\", [\"T\", 0], [15, 1], \"b\", null, [\"a\", 0], \"a\", null, [\"b\", 0], [\"a\", 1]]");
}

static void sorts_fields(void **state)
{
	(void)state;
	assert_parses("{ b = 1, `a b` = 2, a = 3, B = 4 }",
			"[8, {\"B\": [15, 4], \"a\": [15, 3], \"a b\": [15, 2], \"b\": [15, 1]}]");
	assert_parses("{ b : B, a : A, b : C }", "[7, {\"a\": [\"A\", 0], \"b\": [\"B\", 0], \"b\": [\"C\", 0]}]");
}

static void shortest_doubles(void **state)
{
	(void)state;
	assert_parses("[ 0.5, 0.1, 100000.0, 1e-7, NaN, -0.0 ]",
			"[4, null, 0.5_1, 0.1_3, 100000_2, 1e-07_3, nan_1, -0_1]");
}

/* A free variable keeps its meaning wherever its term stands. */
static void free_variables_count_binders(void **state)
{
	struct parsed p;
	struct term lambda = {.kind = TERM_LAMBDA}, twice = {.kind = TERM_LAMBDA};

	(void)state;
	parse_ok(&p, S("x@1"));
	lambda.u.bind.name = twice.u.bind.name = intern(S("x"));
	lambda.u.bind.a = twice.u.bind.a = p.t;
	lambda.u.bind.b = p.t;
	twice.u.bind.b = &lambda;
	assert_encoding(&twice, "[1, \"x\", [\"x\", 1], [1, \"x\", [\"x\", 2], [\"x\", 3]]]");
	parse_free(&p);
}

static void deep(void *ud)
{
	struct parsed p;
	struct buf out = {0};

	term_encode(parse_ok(&p, *(str *)ud), &out);
	assert_true(out.n > 100000);
	buf_free(&out);
	parse_free(&p);
}

/* Depth costs heap: the tree of a deep stack is written on an ordinary one as well. */
static void depth_costs_no_stack(void **state)
{
	struct parsed p;
	struct buf text = {0}, out = {0};
	str view;

	(void)state;
	repeat(&text, 100000, "[ ");
	buf_c(&text, '1');
	repeat(&text, 100000, " ]");
	view = buf_view(&text);
	pool_run_deep(deep, &view);
	text.n = 0;
	buf_c(&text, '1');
	repeat(&text, 300000, " + 1");
	term_encode(parse_ok(&p, buf_view(&text)), &out);
	assert_true(out.n > 300000 * 5);
	parse_free(&p);
	buf_free(&text);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flattens),
		cmocka_unit_test(sorts_fields),
		cmocka_unit_test(shortest_doubles),
		cmocka_unit_test(free_variables_count_binders),
		cmocka_unit_test(depth_costs_no_stack),
	};

	return cmocka_run_group_tests_name("encode", tests, NULL, NULL);
}
