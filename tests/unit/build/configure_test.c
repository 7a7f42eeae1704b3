#include "made.h"

static struct configured *simple(struct made *m, const char *label, const char *output, const char *needs)
{
	struct target *t = made_target(m, label);

	made_step(m, t, "make", "cc", output);
	t->analysis.outputs = made_texts(m, output, &t->analysis.noutputs);
	return made_configure(m, t, needs);
}

static void outputs_have_paths_of_their_own(void **state)
{
	struct made m = {0};
	struct configured *a = simple(&m, "//p/q:a", "x/a.o b.o", ""), *root = simple(&m, "//:a", "x", "");

	(void)state;
	assert_str_c(a->out_dir, "straylight-out/p/q/a");
	assert_str_c(a->outputs[0].path, "straylight-out/p/q/a/x/a.o");
	assert_int_equal(a->ndefaults, 2);
	assert_ptr_equal(a->defaults[1], &a->outputs[1]);
	assert_str_c(root->outputs[0].path, "straylight-out/a/x");
	made_clear(&m);
}

static void refused(const char *output, const char *also, enum diag_code code, const char *text)
{
	struct made m = {0};
	struct target *t = made_target(&m, "//p:t");

	made_step(&m, t, "one", "cc", output);
	made_step(&m, t, "two", "cc", also);
	assert_null(made_configure(&m, t, ""));
	made_failed(&m, code, text);
	made_clear(&m);
}

static void outputs_that_collide(void **state)
{
	(void)state;
	refused("a.o", "b.o a.o", DIAG_DUPLICATE_OUTPUT, "two actions of '//p:t' write 'a.o'");
	refused("a/b", "a", DIAG_DUPLICATE_OUTPUT,
			"output 'a/b' of '//p:t' lies inside 'a', which is an output too");
	refused("a", "a/b/c", DIAG_DUPLICATE_OUTPUT,
			"output 'a/b/c' of '//p:t' lies inside 'a', which is an output too");
}

static void mentions(const char *command, const char *input, bool good)
{
	struct made m = {0};
	struct target *t = made_target(&m, "//p:t");
	struct step *s;

	made_step(&m, t, "one", "cc", "first");
	s = made_step(&m, t, "two", command, "second");
	s->inputs = made_inputs(&m, input, &s->ninputs);
	s->depfile = S("two.d");
	made_step(&m, t, "three", "cc", "third");
	assert_int_equal(made_configure(&m, t, "") != NULL, good);
	made_clear(&m);
}

static void only_earlier_outputs_are_inputs(void **state)
{
	(void)state;
	mentions("cc", ">first", true);
	mentions("cc >first >second >two.d", "", true);
	mentions("cc", ">second", false);
	mentions("cc", ">third", false);
	mentions("cc >third", "", false);
	mentions("cc >none", "", false);
	mentions("cc", ">two.d", false);
}

static void arguments_of_a_when_are_checked(void **state)
{
	struct made m = {0};
	struct target *t = made_target(&m, "//p:t");
	struct step *s = made_step(&m, t, "one", "cc x", "first");
	struct arg *args = (struct arg *)(uintptr_t)s->command, *inner = arena_make(&m.arena, struct arg);

	(void)state;
	inner->word = made_word(&m, S(">none"));
	args[1] = (struct arg){.kind = ARG_WHEN, .args = inner, .nargs = 1};
	assert_null(made_configure(&m, t, ""));
	made_failed(&m, DIAG_OUTPUT_UNKNOWN, "'//p:t' mentions output 'none', which none of its actions writes before");
	made_clear(&m);
}

static void tools_are_for_commands(void **state)
{
	struct made m = {0};
	struct target *t = made_target(&m, "//p:t");

	(void)state;
	made_provide(&m, t, "x", "!cc", "");
	assert_null(made_configure(&m, t, ""));
	made_failed(&m, DIAG_TOOL_UNKNOWN, "'//p:t' names tool 'cc' of 'cxx' outside of a command");
	made_clear(&m);
}

static bool sees(enum visibility_kind visibility, const char *visible_to, const char *from)
{
	struct made m = {0};
	struct target *t = made_target(&m, "//a/b:t");
	bool seen;

	t->visibility = visibility;
	t->visible_to = made_texts(&m, visible_to, &t->nvisible_to);
	seen = configured_visible(t, made_label(from));
	made_clear(&m);
	return seen;
}

static void visibility(void **state)
{
	(void)state;
	assert_true(sees(VISIBLE_PUBLIC, "", "//x:y"));
	assert_true(sees(VISIBLE_PRIVATE, "", "//a/b:y"));
	assert_false(sees(VISIBLE_PRIVATE, "", "//a/b/c:y"));
	assert_true(sees(VISIBLE_PACKAGE, "", "//a/b:y"));
	assert_true(sees(VISIBLE_PACKAGE, "", "//a/b/c:y"));
	assert_false(sees(VISIBLE_PACKAGE, "", "//a:y"));
	assert_false(sees(VISIBLE_PACKAGE, "", "//a/bc:y"));
	assert_true(sees(VISIBLE_TARGETS, "//x:y", "//x:y"));
	assert_true(sees(VISIBLE_TARGETS, "", "//a/b:y"));
	assert_false(sees(VISIBLE_TARGETS, "//x:y", "//x:z"));
	assert_true(sees(VISIBLE_TARGETS, "//q:r //x:*", "//x:z"));
	assert_true(sees(VISIBLE_TARGETS, "//x/...", "//x/y:z"));
	assert_false(sees(VISIBLE_TARGETS, "//x:*", "//x/y:z"));
}

static void the_unseen_is_an_error(void **state)
{
	struct made m = {0};
	struct target *secret = made_target(&m, "//a:secret"), *t = made_target(&m, "//b:t");

	(void)state;
	secret->visibility = VISIBLE_PRIVATE;
	assert_non_null(made_configure(&m, secret, ""));
	assert_null(made_configure(&m, t, "//a:secret"));
	made_failed(&m, DIAG_NOT_VISIBLE, "'//b:t' may not depend on '//a:secret'");
	made_clear(&m);
}

/* What a label stands for: own outputs, sources, other targets' outputs. */
static void defaults(void **state)
{
	struct made m = {0};
	struct configured *a, *group;
	struct target *t = made_target(&m, "//p:group");

	(void)state;
	a = simple(&m, "//p:a", "x y", "");
	t->analysis.exports = made_inputs(&m, "<f.txt <//p:a", &t->analysis.nexports);
	group = made_configure(&m, t, "//p:a");
	assert_int_equal(group->ndefaults, 3);
	assert_str_c(group->defaults[0]->path, "p/f.txt");
	assert_int_equal(group->defaults[0]->label, 0);
	assert_ptr_equal(group->defaults[1], a->defaults[0]);
	made_clear(&m);
}

static void a_word_takes_one_file(void **state)
{
	struct made m = {0};
	struct target *t = made_target(&m, "//p:t");
	struct configured *c;
	struct expanded w;
	struct word word = made_word(&m, S("<//p:two"));

	(void)state;
	simple(&m, "//p:two", "x y", "");
	c = made_configure(&m, t, "//p:two");
	assert_false(configured_word(c, &word, NULL, NULL, &m.arena, &w, &m.diags));
	made_failed(&m, DIAG_NO_SINGLE_OUTPUT, "'//p:two' stands for one file here, but has 2 outputs");
	made_clear(&m);
}

static void words(void **state)
{
	struct made m = {0};
	struct configured *c = simple(&m, "//p:t", "a.o", ""), *root = simple(&m, "//:r", "a.o", "");
	const char *texts[][3] = {
		{"text", "text", "text"},
		{"<f.c", "p/f.c", "f.c"},
		{">a.o", "straylight-out/p/t/a.o", "straylight-out/r/a.o"},
		{".", "p", "."},
		{"/", "straylight-out/p/t", "straylight-out/r"},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(texts); i++) {
		struct word word = made_word(&m, str_c(texts[i][0]));
		struct expanded w;

		assert_true(configured_word(c, &word, NULL, NULL, &m.arena, &w, &m.diags));
		assert_str_c(w.text, texts[i][1]);
		assert_int_equal(w.nuses, texts[i][0][0] == '<' || texts[i][0][0] == '>');
		assert_true(configured_word(root, &word, NULL, NULL, &m.arena, &w, &m.diags));
		assert_str_c(w.text, texts[i][2]);
	}
	made_clear(&m);
}

static void the_executable_is_forwarded(void **state)
{
	struct made m = {0};
	struct target *t = made_target(&m, "//p:tool"), *alias = made_target(&m, "//p:alias");
	struct configured *c, *a;

	(void)state;
	made_step(&m, t, "link", "cc", "tool");
	t->analysis.executable = S("tool");
	c = made_configure(&m, t, "");
	alias->analysis.forwards = made_syms(&m, "//p:tool", &alias->analysis.nforwards);
	a = made_configure(&m, alias, "//p:tool");
	assert_non_null(c->executable);
	assert_ptr_equal(a->executable, c->executable);
	made_clear(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outputs_have_paths_of_their_own),
		cmocka_unit_test(outputs_that_collide),
		cmocka_unit_test(only_earlier_outputs_are_inputs),
		cmocka_unit_test(arguments_of_a_when_are_checked),
		cmocka_unit_test(tools_are_for_commands),
		cmocka_unit_test(visibility),
		cmocka_unit_test(the_unseen_is_an_error),
		cmocka_unit_test(defaults),
		cmocka_unit_test(a_word_takes_one_file),
		cmocka_unit_test(words),
		cmocka_unit_test(the_executable_is_forwarded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
