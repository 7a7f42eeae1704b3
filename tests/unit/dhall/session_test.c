#include "semantics.h"

#include <pthread.h>
#include <time.h>

/* Each bound is crossed, is told with the binding that crossed it, and ends the session. */
struct bounded {
	struct dhall_limits limits;
	const char *text, *words;
	enum diag_code code; /* 0: any of a budget */
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
	if ((b->code ? code != b->code : code < DIAG_LIMIT_BYTES || code > DIAG_LIMIT_LENGTH) || !strstr(said, b->words))
		fail_msg("%s: %s", b->text, said);
	assert_null(fixture_check(&f, "1"));
	assert_int_equal(f.diags.errors, 0);
	fixture_close(&f);
}

/* let x0 = … in xN, where each x is made of the one before: `next` with every @ standing for that one. */
static char *chain(const char *first, const char *next, int n, const char *end)
{
	struct buf b = {0};
	char *text;

	buf_fmt(&b, "let x0 = %s\n", first);
	for (int i = 1; i <= n; i++) {
		buf_fmt(&b, "let x%d = ", i);
		for (const char *s = next; *s; s++) {
			if (*s == '@')
				buf_fmt(&b, "x%d", i - 1);
			else
				buf_c(&b, *s);
		}
		buf_c(&b, '\n');
	}
	buf_fmt(&b, "in %s", end);
	text = strdup(buf_z(&b));
	buf_free(&b);
	return text;
}

/* What grows by doubling, in values and in types: a few hundred bytes that stand for 2^60 of something. */
static void doubling(void **state)
{
	static const struct {
		const char *first, *next, *end;
	} all[] = {
		{"\"abc\"", "@ ++ @", "x60"},
		{"\"abc\"", "\"${@}${@}\"", "x60"},
		{"\"\\\"\"", "Text/show (@ ++ @)", "x60"},
		{"\"a\"", "Text/replace \"a\" \"aa\" @", "x60"},
		{"3", "@ * @", "x60"},
		{"3", "@ * @", "Natural/show x60"},
		{"[ 1 ]", "[ 2 ] # @ # @", "List/reverse Natural x60"},
		{"{ a = 1 }", "{ l = @, r = @ }", "x60"},
		{"{ a = 1 }", "{ l = @ } /\\ { r = @ }", "x60"},
		{"Natural", "{ l : @, r : @ }", "x60"},
		{"Natural", "@ -> @", "\\(x : x60) -> x"},
		{"{ a : Natural }", "{ l : @ } //\\\\ { r : @ }", "x60"},
		{"\\(n : Natural) -> n * n", "\\(n : Natural) -> @ (@ n)", "x60"},
		{"\\(n : Natural) -> n", "\\(n : Natural) -> @ (@ n)", "assert : x60 === x0"},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(all); i++) {
		struct bounded b = {.limits = {.steps = 1 << 20, .bytes = 64 << 20}, .words = " while 'x"};

		b.text = chain(all[i].first, all[i].next, 60, all[i].end);
		pool_run_deep(cross, &b);
		free((char *)(uintptr_t)b.text);
	}
}

static void limits(void **state)
{
	static struct bounded all[] = {
		{{.bytes = 4 << 20}, "let grow = List/reverse Natural (Natural/fold 20 (List Natural) (\\(l : List Natural) -> l # l) [ 1, 2 ]) in grow", "'grow'", DIAG_LIMIT_BYTES},
		{{.bytes = 4 << 20}, "{ big = Natural/fold 100 Text (\\(t : Text) -> t ++ t) \"xx\" }", "'big'", DIAG_LIMIT_BYTES},
		{{0}, "{ endless = Natural/fold 100 (List Natural) (\\(l : List Natural) -> l # l) [ 1, 2 ] }", "'endless'", DIAG_LIMIT_LENGTH},
		{{.steps = 100000}, "let slow = Natural/fold 1000000 Natural (\\(x : Natural) -> x + 1) 0 in slow", "'slow'", DIAG_LIMIT_STEPS},
		{{.steps = 100000}, "let list = List/build Natural (\\(l : Type) -> \\(c : Natural -> l -> l) -> \\(n : l) -> Natural/fold 1000000 l (c 1) n) in list", "'list'", DIAG_LIMIT_STEPS},
		{{.steps = 100000}, "let number = Natural/build (\\(n : Type) -> \\(s : n -> n) -> \\(z : n) -> Natural/fold 1000000 n s z) in number", "'number'", DIAG_LIMIT_STEPS},
		{{.steps = 100000}, "let turned = Natural/fold 1000000 (List Natural) (List/reverse Natural) [ 1, 2 ] in turned", "'turned'", DIAG_LIMIT_STEPS},
		{{.steps = 100000}, "let square = Natural/fold 100 Natural (\\(x : Natural) -> x * x) 3 in square", "'square'", DIAG_LIMIT_STEPS},
		{{.steps = 100000}, "let with_ = Natural/fold 1000000 { a : Natural } (\\(r : { a : Natural }) -> r with a = r.a + 1) { a = 0 } in with_", "'with_'", DIAG_LIMIT_STEPS},
		{{.steps = 100000}, "let long = Natural/fold 15 (List Natural) (\\(l : List Natural) -> l # l) [ 1 ] in long", "'long'", DIAG_LIMIT_STEPS},
		{{.depth = 100},
		 "let deep = \\(x : Natural) -> x let f = Natural/fold 900 (Natural -> Natural) "
		 "(\\(g : Natural -> Natural) -> \\(x : Natural) -> 1 + g (x + 1)) deep in f 1", "deep", DIAG_LIMIT_DEPTH},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(all); i++)
		pool_run_deep(cross, &all[i]);
}

/* The steps are those of one call, so a session may be asked as often as one likes. */
static void ask_often(void *ud)
{
	struct fixture f = {.env.limits.steps = 10000};
	const struct dh_typed *t;

	(void)ud;
	fixture_open(&f, NULL);
	for (int i = 0; i < 20; i++) {
		t = fixture_check(&f, "Natural/fold 1000 Natural (\\(x : Natural) -> x + 1) 0");
		assert_non_null(t);
		assert_int_equal(dh_kind(f.s, dhall_eval(f.s, t)), DH_NATURAL);
	}
	assert_int_equal(f.diags.errors, 0);
	fixture_close(&f);
}

static void budget_of_a_call(void **state)
{
	(void)state;
	pool_run_deep(ask_often, NULL);
}

/* ---- a million levels ---- */

#define LEVELS 1000000

struct deep {
	const char *before, *inner, *after, *end;
};

static void go_deep(void *ud)
{
	const struct deep *d = ud;
	struct fixture f = {0};
	struct buf text = {0};
	const struct dh_typed *t;
	unsigned char hash[32];
	bool done;

	for (int i = 0; i < LEVELS; i++)
		buf_str(&text, str_c(d->before));
	buf_str(&text, str_c(d->inner));
	for (int i = 0; i < LEVELS; i++)
		buf_str(&text, str_c(d->after));
	buf_str(&text, str_c(d->end));
	fixture_open(&f, NULL);
	t = fixture_check(&f, buf_z(&text));
	done = t && dhall_hash(f.s, dhall_eval(f.s, t), hash) && dhall_quote(f.s, dhall_eval(f.s, t), false);
	if (done ? f.diags.errors != 0 : f.diags.errors != 1)
		fail_msg("%s…%s: %zu errors", d->before, d->after, f.diags.errors);
	fixture_close(&f);
	buf_free(&text);
}

/* An answer or one diagnostic, whatever nests. */
static void deep_texts(void **state)
{
	static struct deep all[] = {
		{"(", "1", ")", ""},
		{"[", "1", "]", ""},
		{"{ a = ", "1", " }", ""},
		{"{ a : ", "Natural", " }", ""},
		{"< A : ", "Natural", " >", ""},
		{"\\(x : Natural) -> ", "x", "", ""},
		{"forall (x : Type) -> ", "Natural", "", ""},
		{"Natural -> ", "Natural", "", ""},
		{"let x = ", "1", " in x", ""},
		{"let x = 1 in ", "x", "", ""},
		{"let x = { a = 1 } let y = x.a in ", "y", "", ""},
		{"if True then ", "1", " else 1", ""},
		{"if True then 1 else ", "1", "", ""},
		{"1 + ", "1", "", ""},
		{"1 + (", "1", ")", ""},
		{"\"a\" ++ ", "\"b\"", "", ""},
		{"[ 1 ] # ", "[ 2 ]", "", ""},
		{"{ a = 1 } // ", "{=}", "", ""},
		{"1 ? ", "1", "", ""},
		{"\"${", "\"\"", "}\"", ""},
		{"(Some ", "1", ")", ""},
		{"(\\(x : Natural) -> x) (", "1", ")", ""},
		{"merge { A = 1 } (", "1", ")", ""},
		{"", "{=}", ".a", ""},
		{"", "{=}", " with a = 1", ""},
		{"", "1", " : Natural", ""},
		{"", "{=} with a", ".a", " = 1"},
		{"{- ", "", " -}", "1"},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(all); i++)
		pool_run_deep(go_deep, &all[i]);
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

/* ---- stopping ---- */

static void *stop_soon(void *ud)
{
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	dhall_stop(ud);
	return NULL;
}

/* Without the stop this takes hundreds of years, or the budget, which is another diagnostic. */
static void stopped(void *ud)
{
	struct fixture f = {.env.limits.steps = UINT64_MAX};
	const struct dh_typed *t;
	struct dhall *later;
	pthread_t thread;

	(void)ud;
	fixture_open(&f, NULL);
	t = fixture_check(&f, "Natural/fold 1000000000000000000 Natural (\\(x : Natural) -> x + 1) 0");
	assert_non_null(t);
	assert_int_equal(pthread_create(&thread, NULL, stop_soon, f.world), 0);
	assert_null(dhall_quote(f.s, dhall_eval(f.s, t), false));
	pthread_join(thread, NULL);
	assert_int_equal(fixture_code(&f), DIAG_INTERRUPTED);
	assert_int_equal(f.diags.errors, 1);
	assert_true(dhall_finished(f.s));
	fixture_complaints(&f);
	later = dhall_open(f.world, &f.diags);
	assert_null(dhall_quote(later, dhall_eval(later, t), false));
	assert_int_equal(fixture_code(&f), DIAG_INTERRUPTED);
	dhall_close(later);
	fixture_close(&f);
}

static void stopped_by_another_thread(void **state)
{
	(void)state;
	pool_run_deep(stopped, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits),
		cmocka_unit_test(doubling),
		cmocka_unit_test(budget_of_a_call),
		cmocka_unit_test(deep_texts),
		cmocka_unit_test(two_sessions),
		cmocka_unit_test(stopped_by_another_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
