#include "semantics.h"

struct names {
	struct dhall_binding p[4];
	size_t n;
};

static const struct dh_typed *check_with(struct fixture *f, const struct names *names, const char *text)
{
	const struct dh_parsed *p = dhall_parse_with(f->s, str_c(text), S("test"), S("/"), names->p, names->n);
	const struct dh_resolved *r = p ? dhall_resolve(f->s, p) : NULL;

	return r ? dhall_check(f->s, r) : NULL;
}

static void bind_to(struct fixture *f, struct names *names, const char *name, const char *text)
{
	const struct dh_typed *t = check_with(f, names, text);

	assert_non_null(t);
	names->p[names->n++] = (struct dhall_binding){str_c(name), t};
}

static void assert_value(struct fixture *f, const struct names *names, const char *text, const char *want)
{
	const struct dh_typed *t = check_with(f, names, text);

	assert_non_null(t);
	f->out.n = 0;
	dhall_print(dhall_quote(f->s, dhall_eval(f->s, t), false), &f->out);
	assert_str_c(buf_view(&f->out), want);
}

/* The last binding of a name is x, the one before x@1; what the text binds itself comes before both. */
static void shadows(void **state)
{
	struct fixture f = {0};
	struct names names = {0};

	(void)state;
	fixture_open(&f, NULL);
	bind_to(&f, &names, "x", "1");
	bind_to(&f, &names, "y", "[ x, x ]");
	bind_to(&f, &names, "x", "\"${Natural/show x}!\"");
	assert_value(&f, &names, "{ x, old = x@1, y }", "{ old = 1, x = \"1!\", y = [ 1, 1 ] }");
	assert_value(&f, &names, "let x = True in { a = x, b = x@1, c = x@2 }", "{ a = True, b = \"1!\", c = 1 }");
	assert_value(&f, &names, "\\(x : Natural) -> [ x, x@2 ]", "\\(x : Natural) -> [ x, 1 ]");
	assert_null(check_with(&f, &names, "x@2"));
	assert_int_equal(fixture_code(&f), DIAG_UNBOUND_VARIABLE);
	diags_free(&f.diags);
	assert_null(check_with(&f, &names, "x + 1"));
	assert_int_equal(fixture_code(&f), DIAG_WRONG_OPERAND);
	fixture_close(&f);
}

/* What was bound is the world's: it outlives the session that checked it. */
static void outlives(void **state)
{
	struct fixture f = {0};
	struct names names = {0};

	(void)state;
	f.env.limits.steps = 100000;
	fixture_open(&f, NULL);
	bind_to(&f, &names, "x", "41");
	assert_false(dhall_finished(f.s));
	bind_to(&f, &names, "slow", "\\(n : Natural) -> Natural/fold n Natural (\\(i : Natural) -> i + x) 0");
	dhall_quote(f.s, dhall_eval(f.s, check_with(&f, &names, "slow 10000000")), false);
	assert_true(dhall_finished(f.s));
	diags_free(&f.diags);
	dhall_close(f.s);
	f.s = dhall_open(f.world, &f.diags);
	assert_value(&f, &names, "slow 2", "82");
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shadows),
		cmocka_unit_test(outlives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
