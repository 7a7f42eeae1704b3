#include "semantics.h"

/* Each bound is crossed, is told with the binding that crossed it, and ends the session. */
struct bounded {
	struct dhall_limits limits;
	const char *text, *words;
	enum diag_code code;
};

static void cross(void *ud)
{
	const struct bounded *b = ud;
	struct fixture f = {.env.limits = b->limits};
	const struct dh_typed *t;
	enum diag_code code;
	const char *said;

	fixture_open(&f, NULL);
	t = fixture_check(&f, b->text);
	if (t)
		dhall_quote(f.s, dhall_eval(f.s, t), false);
	code = fixture_code(&f);
	assert_int_equal(f.diags.errors, 1);
	said = fixture_complaints(&f);
	if (code != b->code || !strstr(said, b->words))
		fail_msg("%s: %s", b->text, said);
	assert_null(fixture_check(&f, "1"));
	assert_int_equal(f.diags.errors, 0);
	fixture_close(&f);
}

static void limits(void **state)
{
	static struct bounded all[] = {
		{{.bytes = 4 << 20}, "let grow = List/reverse Natural (Natural/fold 20 (List Natural) (\\(l : List Natural) -> l # l) [ 1, 2 ]) in grow", "'grow'", DIAG_LIMIT_BYTES},
		{{.bytes = 4 << 20}, "{ big = Natural/fold 100 Text (\\(t : Text) -> t ++ t) \"xx\" }", "'big'", DIAG_LIMIT_BYTES},
		{{0}, "{ endless = Natural/fold 100 (List Natural) (\\(l : List Natural) -> l # l) [ 1, 2 ] }", "'endless'", DIAG_LIMIT_LENGTH},
		{{.steps = 100000}, "let slow = Natural/fold 1000000 Natural (\\(x : Natural) -> x + 1) 0 in slow", "'slow'", DIAG_LIMIT_STEPS},
		{{.depth = 100},
		 "let deep = \\(x : Natural) -> x let f = Natural/fold 900 (Natural -> Natural) "
		 "(\\(g : Natural -> Natural) -> \\(x : Natural) -> 1 + g (x + 1)) deep in f 1", "deep", DIAG_LIMIT_DEPTH},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(all); i++)
		pool_run_deep(cross, &all[i]);
}

static void two_sessions(void **state)
{
	static const struct file files[] = {{"/w/f.dhall", "\\(x : Natural) -> { y = x + 1 }"}, {NULL, NULL}};
	struct fixture f = {0};
	struct dhall *other;
	const struct dh_typed *t;

	(void)state;
	fixture_open(&f, files);
	other = dhall_open(f.world, &f.diags);
	t = dhall_load(f.s, S("/w/f.dhall"));
	assert_ptr_equal(dhall_load(other, S("/w/f.dhall")), t);
	assert_int_equal(f.reads, 1);
	assert_int_equal(dh_kind(other, dhall_eval(other, t)), DH_FUNCTION);
	assert_string_equal(fixture_print(&f, dhall_type_of(f.s, t)), "forall (x : Natural) -> { y : Natural }");
	dhall_close(other);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits),
		cmocka_unit_test(two_sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
