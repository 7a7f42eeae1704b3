#include "action.h"
#include "made.h"

static const struct named_text tools[] = {{{"cc", 2}, {"/usr/bin/gcc", 12}}};
static const str debug_flags[] = {{"-g", 2}, {"-O0", 3}};
static const struct flag_list flags[] = {{{"compile", 7}, debug_flags, 2}};
static const struct named_text env[] = {{{"PATH", 4}, {"/usr/bin", 8}}, {{"LANG", 4}, {"C", 1}}};

static struct toolchain cxx = {
	.refs = 1,
	.rendered = {.name = {"gcc", 3}, .tools = tools, .ntools = 1, .flags = flags, .nflags = 1, .env = env, .nenv = 2},
};

static struct action *make(struct made *m, const struct configured *c, uint32_t act)
{
	struct toolchain **toolchains = arena_array(&m->arena, struct toolchain *, 8);
	const struct step *step = &c->target->analysis.acts[act].step;
	uint32_t n;
	const sym *words = action_toolchains(step, &m->arena, &n);

	for (uint32_t i = 0; i < n; i++) {
		assert_str_c(sym_str(words[i]), "cxx");
		toolchains[i] = &cxx;
	}
	return action_make(c, step, act, words, toolchains, n, &m->arena, &m->diags);
}

static void texts(const str *p, uint32_t n, const char *want)
{
	struct buf got = {0};

	for (uint32_t i = 0; i < n; i++)
		buf_fmt(&got, "%s%.*s", i ? " " : "", STR_ARG(p[i]));
	assert_str_c(buf_view(&got), want);
	buf_free(&got);
}

static void paths(const struct artifact *const *p, uint32_t n, const char *want)
{
	struct buf got = {0};

	for (uint32_t i = 0; i < n; i++)
		buf_fmt(&got, "%s%.*s", i ? " " : "", STR_ARG(p[i]->path));
	assert_str_c(buf_view(&got), want);
	buf_free(&got);
}

static void a_command(void **state)
{
	struct made m = {0};
	struct target *t = made_target(&m, "//p:t");
	struct step *s = made_step(&m, t, "src/a.c", "!cc -c <src/a.c -o >a.o . /", "a.o");
	struct configured *c;
	struct action *a;

	(void)state;
	s->depfile = S("a.d");
	s->inputs = made_inputs(&m, "<src/a.c <data", &s->ninputs);
	s->headers = made_inputs(&m, "<a.h", &s->nheaders);
	c = made_configure(&m, t, "");
	a = make(&m, c, 0);
	assert_str_c(a->name, "compile src/a.c");
	texts(a->argv, a->argc, "/usr/bin/gcc -c p/src/a.c -o straylight-out/p/t/a.o p straylight-out/p/t");
	texts(a->env, a->nenv, "LANG=C PATH=/usr/bin");
	paths(a->inputs, a->ninputs, "p/src/a.c p/data");
	paths(a->headers, a->nheaders, "p/a.h");
	paths(a->outputs, a->noutputs, "straylight-out/p/t/a.o");
	assert_str_c(a->depfile, "straylight-out/p/t/a.d");
	assert_null(a->out_file.p);
	made_clear(&m);
}

static void outputs_of_each_act(void **state)
{
	struct made m = {0};
	struct target *t = made_target(&m, "//p:t");
	struct configured *c;

	(void)state;
	made_step(&m, t, "one", "x", "b a");
	made_act(&m, t, ACT_WRITE)->output = S("written");
	made_step(&m, t, "two", "x >a", "d c");
	made_step(&m, t, "three", "x", "");
	made_step(&m, t, "four", "x", "e");
	c = made_configure(&m, t, "");
	for (uint32_t i = 0; i < 5; i++) {
		static const char *const want[] = {
			"straylight-out/p/t/a straylight-out/p/t/b", NULL,
			"straylight-out/p/t/c straylight-out/p/t/d", "", "straylight-out/p/t/e",
		};
		struct action *a = want[i] ? make(&m, c, i) : NULL;

		if (a)
			paths(a->outputs, a->noutputs, want[i]);
		if (i == 2)
			paths(a->inputs, a->ninputs, "straylight-out/p/t/a");
	}
	made_clear(&m);
}

/* REAPI sorts by name: '=' is not a part of it. */
static void variables(void **state)
{
	struct made m = {0};
	struct target *t = made_target(&m, "//p:t");
	struct step *s = made_step(&m, t, "one", "!cc", "x");
	struct env_word vars[] = {
		{S("PATH2"), made_word(&m, S("two"))}, {S("PATH-X"), made_word(&m, S("dash"))},
		{S("LANG"), made_word(&m, S("mine"))}, {S("A"), made_word(&m, S("<f"))},
		{S("A"), made_word(&m, S("last"))},
	};
	struct action *a;

	(void)state;
	s->env = vars;
	s->nenv = SL_COUNT(vars);
	a = make(&m, made_configure(&m, t, ""), 0);
	texts(a->env, a->nenv, "A=last LANG=mine PATH=/usr/bin PATH-X=dash PATH2=two");
	paths(a->inputs, a->ninputs, "p/f");
	made_clear(&m);
}

static void flags_and_when(void **state)
{
	struct made m = {0};
	struct target *t = made_target(&m, "//p:t");
	struct step *s = made_step(&m, t, "one", "!cc x y", "x");
	struct arg *args = (struct arg *)(uintptr_t)s->command;
	struct arg inner[] = {
		{.kind = ARG_FLAGS, .toolchain = intern_c("cxx"), .category = S("compile")},
		{.kind = ARG_FLAGS, .toolchain = intern_c("cxx"), .category = S("unknown")},
		{.kind = ARG_WORD, .word = made_word(&m, S("-std=c17"))},
	};
	str suffixes[] = {S(".c"), S(".i")};
	struct action *a;

	(void)state;
	args[1] = (struct arg){.kind = ARG_WHEN, .args = inner, .nargs = 3, .suffixes = suffixes, .nsuffixes = 2};
	args[1].file = (struct piece){.kind = PIECE_SOURCE, .text = S("a.i")};
	args[2] = args[1];
	args[2].file.text = S("a.cc");
	a = make(&m, made_configure(&m, t, ""), 0);
	texts(a->argv, a->argc, "/usr/bin/gcc -g -O0 -std=c17");
	assert_int_equal(a->ninputs, 0);
	made_clear(&m);
}

static void provided_words(void **state)
{
	struct made m = {0};
	struct target *lib = made_target(&m, "//l:l"), *t = made_target(&m, "//p:t");
	struct step *s;
	struct arg *args;
	struct input *headers = arena_array(&m.arena, struct input, 2);
	struct action *a;

	(void)state;
	made_provide(&m, lib, "archives", "<l.a <l.a", "");
	made_provide(&m, lib, "headers", "<l.h", "");
	made_configure(&m, lib, "");
	s = made_step(&m, t, "one", "!cc x y", "x");
	args = (struct arg *)(uintptr_t)s->command;
	args[1] = (struct arg){.kind = ARG_PROVIDED, .provided = made_provided(&m, "archives", "//l:l", true)};
	args[1].prefix = S("-l:");
	args[2] = args[1];
	args[2].flag = S("-Xlinker");
	args[2].prefix = S("");
	headers[0] = (struct input){.kind = INPUT_PROVIDED, .provided = made_provided(&m, "headers", "//l:l", true)};
	headers[1] = (struct input){.kind = INPUT_PROVIDED, .provided = made_provided(&m, "headers", "//l:l", false)};
	s->headers = headers;
	s->nheaders = 2;
	a = make(&m, made_configure(&m, t, "//l:l"), 0);
	texts(a->argv, a->argc, "/usr/bin/gcc -l:l/l.a -Xlinker l/l.a");
	paths(a->inputs, a->ninputs, "l/l.a");
	assert_int_equal(a->nheader_sets, 1);
	assert_str_c(sym_str(a->header_sets[0]->owner), "//l:l");
	paths(a->headers, a->nheaders, "l/l.h");
	made_clear(&m);
}

static void fails(const char *command, enum diag_code code, const char *text)
{
	struct made m = {0};
	struct target *t = made_target(&m, "//p:t");

	made_step(&m, t, "one", command, "x");
	assert_null(make(&m, made_configure(&m, t, ""), 0));
	made_failed(&m, code, text);
	made_clear(&m);
}

static void mistakes(void **state)
{
	(void)state;
	fails("", DIAG_EMPTY_COMMAND, "'compile one' of '//p:t' has no command");
	fails("!ld", DIAG_TOOL_UNKNOWN, "toolchain 'cxx' of '//p:t' has no tool 'ld'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command),
		cmocka_unit_test(outputs_of_each_act),
		cmocka_unit_test(variables),
		cmocka_unit_test(flags_and_when),
		cmocka_unit_test(provided_words),
		cmocka_unit_test(mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
