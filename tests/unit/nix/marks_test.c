#include <straylight/nix_marks.h>

#include "test.h"

struct seen {
	struct buf out;
	const char *text;
};

static void see(void *ud, const struct nix_mark *m)
{
	static const char *const kinds[] = {"comment", "name", "search", "text", "call"};
	struct seen *s = ud;

	if (m->kind == NIX_MARK_NAME || m->kind == NIX_MARK_TEXT)
		return;
	buf_fmt(&s->out, "%s %.*s", kinds[m->kind], STR_ARG(m->text));
	for (size_t i = 0; i < m->nsettings; i++)
		buf_fmt(&s->out, " %.*s=%d:%.*s", STR_ARG(m->settings[i].name), (int)m->settings[i].shape,
				STR_ARG(str_of(s->text + m->settings[i].value.lo,
						m->settings[i].value.hi - m->settings[i].value.lo)));
	buf_c(&s->out, '\n');
}

static void assert_marks(const char *text, const char *want)
{
	struct seen s = {.text = text};
	struct diags diags = {0};

	assert_true(nix_marks(str_c(text), S("t.nix"), see, &s, &diags));
	assert_str_c(buf_view(&s.out), want);
	buf_free(&s.out);
}

static void calls(void **state)
{
	(void)state;
	assert_marks("{ stdenv }: stdenv.mkDerivation { name = \"a\"; src = ./.; }", "call mkDerivation name=1:\"a\" src=2:./.\n");
	assert_marks("{ stdenv }: let mk = stdenv.mkDerivation; in mk rec { doCheck = true; n = 1; }",
			"call mkDerivation doCheck=4:true n=3:1\n");
	assert_marks("{ f }: let base = { a = 1; b = null; }; in f (base // { b = [ \"x\" ]; })", "call f a=3:1 b=7:[ \"x\" ]\n");
	assert_marks("{ f }: f (final: { a = false; })", "call f a=5:false\n");
	assert_marks("import <nixpkgs> { }", "call import\nsearch nixpkgs\n");
}

/* Whichever name was known first, which in a process with threads is chance. */
static void in_order(void **state)
{
	(void)state;
	intern(S("second_name"));
	intern(S("first_name"));
	assert_marks("{ f, g, h }: { first_name = f { a = g { }; }; second_name = h 1; }", "call f a=9:g { }\ncall g\ncall h\n");
	assert_marks("f: g: { first_name ? f { }, second_name ? g { } }: second_name", "call f\ncall g\n");
	/* Of two bindings of a name the last one counts. */
	assert_marks("f: { second_name = let x = 1; in x; first_name = let x = null; in f { y = x; }; }", "call f y=6:x\n");
	assert_marks("f: { first_name = let x = null; in x; second_name = let x = 1; in f { y = x; }; }", "call f y=3:x\n");
}

static void comments(void **state)
{
	(void)state;
	assert_marks("# one\n1 /* two */ + 2 # three", "comment # one\ncomment /* two */\ncomment # three\n");
	assert_marks("\"# no\" + ''\n# no\n'' # yes", "comment # yes\n");
}

static void refuses(void **state)
{
	struct diags diags = {0};
	struct seen s = {0};

	(void)state;
	assert_false(nix_marks(S("{ a = "), S("t.nix"), see, &s, &diags));
	assert_int_equal(diags.errors, 1);
	assert_int_equal(s.out.n, 0);
	diags_free(&diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls),
		cmocka_unit_test(in_order),
		cmocka_unit_test(comments),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
