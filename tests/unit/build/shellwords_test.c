#include "test.h"

#include "shellwords.h"

static struct arena a;

static bool parsed(const char *text, const struct shell_command **out, size_t *n, const char **why)
{
	struct shell_bad bad;
	bool ok = shell_read(str_c(text), &a, out, n, &bad);

	*why = bad.why;
	return ok;
}

static const char *word(const struct shell_command *c, size_t i)
{
	str s;

	assert_true(i < c->nwords);
	assert_true(shell_plain(&c->words[i], &a, &s));
	return str_dup(&a, s).p;
}

static void words_and_quotes(void **state)
{
	const struct shell_command *c;
	const char *why;
	size_t n;

	(void)state;
	assert_true(parsed("mkdir -p 'a b' \"c d\"e\\ f # said\ncp x y && rm z; ls\n", &c, &n, &why));
	assert_int_equal(n, 4);
	assert_int_equal(c[0].nwords, 4);
	assert_string_equal(word(&c[0], 2), "a b");
	assert_string_equal(word(&c[0], 3), "c de f");
	assert_string_equal(word(&c[2], 0), "rm");
	assert_string_equal(word(&c[3], 0), "ls");
	arena_clear(&a);
}

static void variables_and_globs(void **state)
{
	const struct shell_command *c;
	const char *why;
	size_t n;
	str s;

	(void)state;
	assert_true(parsed("X=1 \"Y=2\" $out/bin \"${a}b\" *.h '*'", &c, &n, &why));
	assert_int_equal(c[0].nassignments, 1);
	assert_int_equal(c[0].nwords, 5);
	assert_int_equal(c[0].words[1].pieces[0].kind, SHELL_VARIABLE);
	assert_false(c[0].words[1].pieces[0].quoted);
	assert_int_equal(c[0].words[3].pieces[0].kind, SHELL_GLOB);
	assert_false(shell_plain(&c[0].words[3], &a, &s));
	assert_string_equal(word(&c[0], 4), "*");
	arena_clear(&a);
}

static void redirections(void **state)
{
	const struct shell_command *c;
	const char *why;
	size_t n;
	str s;

	(void)state;
	assert_true(parsed("cat > f <<EOF\none $x\ntwo\nEOF\necho a >> f\npatch -p1 < p\n", &c, &n, &why));
	assert_int_equal(n, 3);
	assert_int_equal(c[0].output, SHELL_WRITE);
	assert_int_equal(c[0].input, SHELL_HERE);
	assert_int_equal(c[0].from.n, 3);
	assert_string_equal(str_dup(&a, c[0].from.pieces[2].text).p, "\ntwo\n");
	assert_int_equal(c[1].output, SHELL_APPEND);
	assert_true(shell_plain(&c[2].from, &a, &s));
	assert_true(str_eq(s, S("p")));
	arena_clear(&a);
}

static void loops(void **state)
{
	const struct shell_command *c;
	const char *why;
	size_t n;

	(void)state;
	assert_true(parsed("for f in a b; do\n  cp $f x\n  for g in c; do rm $g; done\ndone\nls", &c, &n, &why));
	assert_int_equal(n, 2);
	assert_true(str_eq(c[0].variable, S("f")));
	assert_int_equal(c[0].nwords, 2);
	assert_int_equal(c[0].nbody, 2);
	assert_int_equal(c[0].body[1].nbody, 1);
	arena_clear(&a);
}

static void not_understood(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"a | b", "a pipe"}, {"a || b", "an alternative ('||')"}, {"if true; then a; fi", "a condition"}, {"x=$(ls)", "a command substitution"},
		{"echo `ls`", "a command substitution"}, {"f() { a; }", "a function"}, {"(cd a; b)", "a subshell"}, {"a &", "a command in the background"},
		{"echo 'a", "a quotation that does not end"}, {"echo ${x%y}", "an expansion with an operator"}, {"cat <<E\nx", "a here-document that does not end"},
		{"for f in a; do b", "a loop or here-document that does not end"}, {"ls ~", "a home directory"}, {"case x in", "a choice"},
		{"a 2> b", "a redirection of errors"}, {"echo $1", "a special parameter"},
	};
	const struct shell_command *c;
	const char *why;
	size_t n;

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		assert_false(parsed(rows[i].text, &c, &n, &why));
		assert_string_equal(why, rows[i].why);
	}
	arena_clear(&a);
}

/* A reader that stops at '\0' and expects more would stay there. */
static void null_bytes(void **state)
{
	const str rows[] = {S("cat <<E\na\0b\nE\n"), S("echo \"a\0\""), S("\0"), S("a\0 b")};
	const struct shell_command *c;
	struct shell_bad bad;
	size_t n;

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		assert_false(shell_read(rows[i], &a, &c, &n, &bad));
		assert_string_equal(bad.why, "a null byte");
	}
	arena_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_quotes), cmocka_unit_test(variables_and_globs), cmocka_unit_test(redirections),
		cmocka_unit_test(loops), cmocka_unit_test(not_understood), cmocka_unit_test(null_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
