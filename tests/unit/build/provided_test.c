#include "made.h"
#include "action.h"

/* A target that provides `words` under "x" and passes on what `from` provide. */
static struct configured *lib(struct made *m, const char *label, const char *words, const char *from)
{
	struct target *t = made_target(m, label);

	made_provide(m, t, "x", words, from);
	return made_configure(m, t, from);
}

static void expands(struct made *m, const char *deps, bool transitive, const char *want)
{
	struct provided p = made_provided(m, "x", deps, transitive);
	struct configured *c = made_configure(m, made_target(m, "//:reader"), deps);
	struct expansion e = provided_expand(c, &p, &m->arena);
	struct buf got = {0};

	for (uint32_t i = 0; i < e.n; i++) {
		if (i)
			buf_c(&got, ' ');
		buf_str(&got, e.words[i]->text);
	}
	assert_str_c(buf_view(&got), want);
	buf_free(&got);
}

static void a_diamond(void **state)
{
	struct made m = {0};

	(void)state;
	lib(&m, "//:d", "d1 d2", "");
	lib(&m, "//:b", "b", "//:d");
	lib(&m, "//:c", "c", "//:d");
	lib(&m, "//:a", "a", "//:b //:c");
	expands(&m, "//:a", true, "a b c d1 d2");
	expands(&m, "//:b //:c", true, "b c d1 d2");
	expands(&m, "//:d //:b", true, "b d1 d2");
	made_clear(&m);
}

/* A dependent stands before what it depends on, even when the dependency is named first. */
static void dependents_come_first(void **state)
{
	struct made m = {0};

	(void)state;
	lib(&m, "//:low", "low", "");
	lib(&m, "//:mid", "mid", "//:low");
	lib(&m, "//:top", "top", "//:low //:mid");
	expands(&m, "//:top", true, "top mid low");
	expands(&m, "//:low //:mid //:top", true, "top mid low");
	made_clear(&m);
}

static void the_written_order_is_kept(void **state)
{
	struct made m = {0};

	(void)state;
	lib(&m, "//:z", "z", "");
	lib(&m, "//:y", "y", "");
	lib(&m, "//:x", "x", "");
	expands(&m, "//:y //:z //:x", true, "y z x");
	expands(&m, "//:z //:x //:y", false, "z x y");
	made_clear(&m);
}

static void each_text_once(void **state)
{
	struct made m = {0};

	(void)state;
	lib(&m, "//:b", "-lm -lpthread", "");
	lib(&m, "//:a", "-lm a -lm", "//:b");
	expands(&m, "//:a", true, "-lm a -lpthread");
	expands(&m, "//:a //:b", false, "-lm a -lpthread");
	made_clear(&m);
}

static void only_direct_ones(void **state)
{
	struct made m = {0};

	(void)state;
	lib(&m, "//:b", "b", "");
	lib(&m, "//:a", "a", "//:b");
	expands(&m, "//:a", false, "a");
	made_clear(&m);
}

static void without_the_name(void **state)
{
	struct made m = {0};
	struct target *t = made_target(&m, "//:other");

	(void)state;
	made_provide(&m, t, "y", "no", "");
	made_configure(&m, t, "");
	made_configure(&m, made_target(&m, "//:nothing"), "");
	lib(&m, "//:a", "a", "//:other //:nothing");
	expands(&m, "//:nothing //:a //:other", true, "a");
	made_clear(&m);
}

/* An alias has no words of its own: what it stands for is direct, through any number of aliases. */
static void aliases(void **state)
{
	struct made m = {0};
	struct target *one = made_target(&m, "//:one"), *two = made_target(&m, "//:two");

	(void)state;
	lib(&m, "//:b", "b", "");
	lib(&m, "//:a", "a", "//:b");
	one->analysis.forwards = made_syms(&m, "//:a", &one->analysis.nforwards);
	made_configure(&m, one, "//:a");
	two->analysis.forwards = made_syms(&m, "//:one", &two->analysis.nforwards);
	made_configure(&m, two, "//:one");
	expands(&m, "//:two", false, "a");
	expands(&m, "//:two", true, "a b");
	expands(&m, "//:two //:a //:one", true, "a b");
	expands(&m, "//:two //:a", false, "a");
	made_clear(&m);
}

static void provides_of_one_name_are_one_set(void **state)
{
	struct made m = {0};
	struct target *t = made_target(&m, "//:t");

	(void)state;
	lib(&m, "//:a", "a", "");
	lib(&m, "//:b", "b", "");
	made_provide(&m, t, "x", "t1", "//:a");
	made_provide(&m, t, "x", "t2", "//:b");
	made_configure(&m, t, "//:a //:b");
	expands(&m, "//:t", true, "t1 t2 a b");
	made_clear(&m);
}

#define CHAIN 100000

/* Each of a hundred thousand knows its neighbour only; neither expanding nor letting go recurses. */
static void a_long_chain(void **state)
{
	struct made m = {0};
	struct provided p;
	struct expansion e;
	char label[32], below[32] = "";

	(void)state;
	for (int i = 0; i < CHAIN; i++) {
		snprintf(label, sizeof label, "//:l%d", i);
		lib(&m, label, label + 3, below);
		memcpy(below, label, sizeof below);
	}
	p = made_provided(&m, "x", below, true);
	e = provided_expand(made_configure(&m, made_target(&m, "//:top"), below), &p, &m.arena);
	assert_int_equal(e.n, CHAIN);
	assert_str_c(e.words[0]->text, "l99999");
	assert_str_c(e.words[CHAIN - 1]->text, "l0");
	for (size_t i = 0; i + 1 < m.n; i++) /* the last one, by letting go, frees them all */
		configured_unref(m.all[i]);
	configured_unref(m.all[m.n - 1]);
	m.n = 0;
	made_clear(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_diamond),
		cmocka_unit_test(dependents_come_first),
		cmocka_unit_test(the_written_order_is_kept),
		cmocka_unit_test(each_text_once),
		cmocka_unit_test(only_direct_ones),
		cmocka_unit_test(without_the_name),
		cmocka_unit_test(aliases),
		cmocka_unit_test(provides_of_one_name_are_one_set),
		cmocka_unit_test(a_long_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
