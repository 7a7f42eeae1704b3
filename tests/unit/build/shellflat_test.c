#include "commands.h"
#include "shellflat.h"

#include "test.h"

static struct arena mem;

/* The words of all commands: blanks between, each command in brackets. */
static str read_all(const char *text)
{
	struct flat_script s;
	struct buf b = {0};

	if (!flat_read(str_c(text), &mem, &s))
		return str_fmt(&mem, "%s at %u", s.why, s.at);
	for (size_t i = 0; i < s.n; i++) {
		const struct flat_command *c = &s.commands[i];

		buf_c(&b, '[');
		for (size_t k = 0; k < c->nassignments; k++)
			buf_fmt(&b, "%.*s ", STR_ARG(c->assignments[k]));
		for (size_t k = 0; k < c->nwords; k++)
			buf_fmt(&b, "%s%.*s", k ? "|" : "", STR_ARG(c->words[k]));
		if (c->input.p)
			buf_fmt(&b, "<%s%.*s", c->document ? "<" : "", STR_ARG(c->input));
		if (c->output.p)
			buf_fmt(&b, ">%s%.*s", c->append ? ">" : "", STR_ARG(c->output));
		buf_c(&b, ']');
	}
	return buf_take(&b, &mem);
}

static void check(const char *text, const char *want)
{
	str got = read_all(text);

	if (!str_eq(got, str_c(want)))
		fail_msg("%s\n gives %.*s\n want  %s", text, STR_ARG(got), want);
}

static void words(void **state)
{
	(void)state;
	check("", "");
	check("make\tinstall", "[make|install]");
	check("a 'b c' \"d $out e\" f\\ g", "[a|b c|d $out e|f g]");
	check("a\\\nb; c && d\n# e\nf # g", "[ab][c][d][f]");
	check("x=1 y='2 3' make z=4", "[x=1 y=2 3 make|z=4]");
	check("echo ${out}put ${out}/a", "[echo|${out}put|$out/a]");
	check("a ''", "[a|]");
	check("cat > $out/a <<END\none\n two\nEND\nb >> c < d", "[cat<<one\n two\n>$out/a][b<d>>c]");
	check("cat <<-'E'\n\ta $b\n\tE", "[cat<<a $b\n]");
	check("cat <<E\n$b\nE", "a here-document that is expanded at 0");
	check("for i in 1 2; do\n a $i.x\n b\ndone; c", "[a|1.x][b][a|2.x][b][c]");
	check("for i in a b; do for j in c d; do e $i$j; done; done", "[e|ac][e|ad][e|bc][e|bd]");
}

static void refused(void **state)
{
	(void)state;
	check("a | b", "a pipe at 2");
	check("a || b", "an alternative ('||') at 2");
	check("a $(b)", "a command substitution at 2");
	check("a `b`", "a command substitution at 2");
	check("a *.c", "a pattern at 0");
	check("a ${b:-c}", "an expansion with an operator at 2");
	check("if a; then b; fi", "a condition at 0");
	check("a &", "a command in the background at 2");
	check("a 'b", "a quotation that does not end at 2");
	check("a '$b'", "a quoted dollar sign at 0");
	check("a {b,c}", "braces at 2");
	check("a 2> b", "a redirection of errors at 3");
	check("for i in $x; do a; done", "a loop over a variable at 0");
	check("f() { a; }", "a function at 1");
}

static str typed(const char *shell)
{
	const str names[] = {S("out"), S("src"), S("version")}, values[] = {{0}, S("a.tar.gz"), S("1.0")};
	const struct command_scope scope = {names, values, 3};
	command_list list = {0};
	struct buf b = {0};
	str why = {0};
	uint32_t at = 0;

	if (commands_read(str_c(shell), &scope, &mem, &list, &why, &at))
		commands_print(&list, S("D"), 0, &b);
	else
		buf_fmt(&b, "%.*s at %u", STR_ARG(why), at);
	vec_free(&list);
	return buf_take(&b, &mem);
}

static void as_command(const char *shell, const char *want)
{
	str got = typed(shell);

	if (!str_eq(got, str_c(want)))
		fail_msg("%s\n gives %.*s\n want  %s", shell, STR_ARG(got), want);
}

static void commands(void **state)
{
	(void)state;
	as_command("set -e; true; runHook preBuild", "[] : List D.Command");
	as_command("mkdir -p $out/bin\ncp -r a b $out/bin",
			"[ D.Command.Mkdir \"$out/bin\"\n, D.Command.Copy { from = \"a\", to = \"$out/bin/a\" }\n"
			", D.Command.Copy { from = \"b\", to = \"$out/bin/b\" }\n]");
	as_command("cd sub; make -j4 all; cd ..; rm -f x",
			"[ D.Command.Make [ \"-C\", \"sub\", \"all\" ]\n, D.Command.Remove \"x\"\n]");
	as_command("a=1; b=$a; a=2$a; mkdir $a $b", "[ D.Command.Mkdir \"21\"\n, D.Command.Mkdir \"1\"\n]");
	as_command("tar xzf $src --strip-components=1", "[ D.Command.Untar { archive = \"a.tar.gz\", strip = 1 }\n]");
	as_command("sed -i 's,a/b,c,g' f", "[ D.Command.Substitute { path = \"f\", from = \"a/b\", to = \"c\" }\n]");
	as_command("sed -i 's,a.b,c,' f",
			"[ D.Command.Run { program = \"sed\", arguments = [ \"-i\", \"s,a.b,c,\", \"f\" ] }\n]");
	as_command("printf 'a\\n' > $out/f", "[ D.Command.Write { path = \"$out/f\", content = \"a\\n\" }\n]");
	as_command("install -t $out/lib -m 644 liba.a",
			"[ D.Command.Install { from = \"liba.a\", to = \"$out/lib/liba.a\", mode = \"644\" }\n]");
}

static void not_typed(void **state)
{
	(void)state;
	as_command("make $x", "nothing is known of the variable 'x' at 0");
	as_command("a; bash -c 'b c'", "'bash' runs shell text at 3");
	as_command("sort a > b", "'sort' is redirected at 0");
	as_command("eval a", "eval at 0");
	as_command("cd /tmp", "'cd' leaves the sources at 0");
}

/* What multiplies is bounded: loops in loops, and variables made of variables. */
static void bounded(void **state)
{
	struct buf b = {0};
	str got;

	(void)state;
	for (int depth = 0; depth < 6; depth++)
		buf_fmt(&b, "for i%d in 0 1 2 3 4 5 6 7 8 9 a b c d e f; do ", depth);
	buf_str(&b, S("x=1"));
	for (int depth = 0; depth < 6; depth++)
		buf_str(&b, S("; done"));
	got = read_all(str_dup(&mem, buf_view(&b)).p);
	assert_string_equal(got.p, "a loop of many turns at 276");
	b.n = 0;
	buf_str(&b, S("for i in "));
	for (int i = 0; i < 3000; i++)
		buf_str(&b, S("1 "));
	buf_str(&b, S("; do echo "));
	for (int i = 0; i < 3000; i++)
		buf_str(&b, S("$i"));
	buf_str(&b, S("; done"));
	got = read_all(str_dup(&mem, buf_view(&b)).p);
	assert_string_equal(got.p, "loops that multiply at 6014");
	b.n = 0;
	buf_str(&b, S("A=x"));
	for (int i = 0; i < 64; i++)
		buf_str(&b, S("; A=$A$A"));
	got = typed(str_dup(&mem, buf_view(&b)).p);
	assert_string_equal(got.p, "its variables grow too long at 157");
	buf_free(&b);
}

static int end(void **state)
{
	(void)state;
	arena_clear(&mem);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(refused),
		cmocka_unit_test(commands),
		cmocka_unit_test(not_typed),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
