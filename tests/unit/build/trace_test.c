#include "trace_tool.h"

#include "../test.h"

static struct trace_process process_of(struct arena *a, str program, str words)
{
	struct trace_process p = {.program = program, .dir = S("/w")};

	tool_split(words, a, &p.words, &p.nwords);
	return p;
}

/* One letter for each kind of word, then its text, with blanks between them. */
static void describe(const struct tool_run *r, struct buf *out)
{
	static const char letters[] = "IFDSCLlPiMx"; /* ORDER of enum tool_word */

	buf_fmt(out, "%s%s%s%s%.*s", r->cxx ? "++ " : "", r->compiles ? "-c " : "", r->links ? "link " : "",
			r->shared ? "shared " : "", STR_ARG(r->output));
	for (size_t i = 0; i < r->items.n; i++)
		buf_fmt(out, " %c:%.*s", letters[r->items.p[i].word], STR_ARG(r->items.p[i].text));
}

static void reads_of(const struct trace_process *p, struct arena *a, const char *want)
{
	struct tool_run r = {0};
	struct buf got = {0};

	if (tool_read(p, a, &r))
		describe(&r, &got);
	else
		buf_lit(&got, "nothing");
	if (!str_eq(buf_view(&got), str_c(want)))
		fail_msg("'%.*s' is '%.*s', want '%s'", STR_ARG(p->words[p->nwords - 1]), STR_ARG(buf_view(&got)), want);
	buf_free(&got);
	tool_free(&r);
}

static void reads(const char *program, const char *words, const char *want)
{
	struct arena a = {0};
	struct trace_process p = process_of(&a, str_c(program), str_c(words));

	reads_of(&p, &a, want);
	arena_clear(&a);
}

static void names(void **state)
{
	static const struct {
		const char *program;
		enum tool_kind kind;
		bool cxx;
	} all[] = {
		{"/usr/bin/gcc", TOOL_DRIVER, false},
		{"/usr/bin/x86_64-linux-gnu-gcc-12", TOOL_DRIVER, false},
		{"/usr/bin/x86_64-linux-gnu-g++-12", TOOL_DRIVER, true},
		{"/usr/lib/llvm-14/bin/clang", TOOL_DRIVER, false},
		{"c++", TOOL_DRIVER, true},
		{"/usr/bin/x86_64-linux-gnu-ar", TOOL_ARCHIVE, false},
		{"llvm-ar-14", TOOL_ARCHIVE, false},
		{"gcc-ar", TOOL_ARCHIVE, false},
		{"/usr/bin/ld.gold", TOOL_LINKER, false},
		{"/bin/sh", TOOL_NONE, false},
		{"/usr/bin/tar", TOOL_NONE, false},
		{"", TOOL_NONE, false},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(all); i++) {
		bool cxx;

		if (tool_kind(str_c(all[i].program), &cxx) != all[i].kind || cxx != all[i].cxx)
			fail_msg("'%s' is taken for another tool", all[i].program);
	}
}

static void compilations(void **state)
{
	(void)state;
	reads("gcc", "gcc -c a.c", "-c  i:/w/a.c");
	reads("gcc", "gcc -c sub/../a.c -o obj/a.o", "-c /w/obj/a.o i:/w/a.c");
	reads("gcc", "gcc -c a.c -oobj/a.o", "-c /w/obj/a.o i:/w/a.c");
	reads("g++", "g++ -c a.cc -o a.o -std=c++17", "++ -c /w/a.o i:/w/a.cc S:c++17");
	reads("clang", "/usr/bin/clang++ -c a.cc -o a.o", "++ -c /w/a.o i:/w/a.cc");
	reads("gcc", "gcc -I inc -Iinc2 -isystem /sys -iquote q -c a.c", "-c  I:/w/inc I:/w/inc2 I:/sys I:/w/q i:/w/a.c");
	reads("gcc", "gcc -DA -D B=2 -UC -U D -c a.c", "-c  D:A D:B=2 C:-UC C:-U C:D i:/w/a.c");
	reads("gcc", "gcc '-DNAME=\"a b\"' -c a.c", "-c  D:NAME=\"a b\" i:/w/a.c");
	reads("gcc", "gcc -include config.h -c a.c", "-c  F:/w/config.h i:/w/a.c");
	reads("gcc", "gcc -O2 -g -Wall -Wno-x -MMD -MP -MF a.d -MT x -pipe -fPIC -c a.c",
			"-c  M:-O2 M:-g x:all x:no-x x: x: x:a.d x:x x: x: i:/w/a.c");
	reads("gcc", "gcc -fno-strict-aliasing -march=native -pthread -c a.c",
			"-c  C:-fno-strict-aliasing C:-march=native C:-pthread L:-pthread i:/w/a.c");
	reads("gcc", "gcc -E a.c", "nothing");
	reads("gcc", "gcc -MM a.c", "nothing");
	reads("gcc", "gcc --version", "nothing");
	reads("gcc", "gcc -print-search-dirs", "nothing");
	reads("gcc", "gcc", "nothing");
	reads("gcc", "gcc -c a.c -o", "-c /w i:/w/a.c");
}

static void links(void **state)
{
	(void)state;
	reads("gcc", "gcc a.o b.o -o prog", "link /w/prog i:/w/a.o i:/w/b.o");
	reads("gcc", "gcc a.c", "link /w/a.out i:/w/a.c");
	reads("gcc", "gcc -shared -o libx.so a.o -Wl,-soname,libx.so", "link shared /w/libx.so i:/w/a.o L:-Wl,-soname,libx.so");
	reads("gcc", "gcc a.o -Llib -L/usr/x -lx -l y -rdynamic -s -static -o p",
			"link /w/p i:/w/a.o P:/w/lib P:/usr/x l:x l:y L:-rdynamic L:-s L:-static");
	reads("gcc", "gcc a.o -Xlinker --gc-sections -z now -T x.ld -o p",
			"link /w/p i:/w/a.o L:-Xlinker L:--gc-sections L:-z L:now L:-T L:x.ld");
}

static void archives(void **state)
{
	(void)state;
	reads("ar", "ar rcs libx.a a.o b.o", "/w/libx.a i:/w/a.o i:/w/b.o");
	reads("ar", "ar -qc libx.a a.o", "/w/libx.a i:/w/a.o");
	reads("ar", "ar --plugin p.so cru libx.a a.o", "/w/libx.a i:/w/a.o");
	reads("ar", "ar rb old.o libx.a a.o", "/w/libx.a i:/w/a.o");
	reads("ar", "ar t libx.a", "nothing");
	reads("ar", "ar x libx.a", "nothing");
	reads("ar", "ar", "nothing");
	reads("ar", "ar rcs", "nothing");
}

static void responses(void **state)
{
	struct arena a = {0};
	struct trace_process p = process_of(&a, S("gcc"), S("gcc @one -o p @absent"));
	struct trace_response all[] = {{S("one"), S("-c 'a b.c' \"c\\\"d.c\"\n@two e\\ f.c")}, {S("two"), S("@two @one")}};

	(void)state;
	p.responses = all;
	p.nresponses = 1;
	reads_of(&p, &a, "-c /w/p i:/w/a b.c i:/w/c\"d.c i:/w/@two i:/w/e f.c i:/w/@absent");
	p.nresponses = 2; /* files that name one another end */
	all[0].content = S("-c x.c @two");
	{
		struct tool_run r = {0};

		assert_true(tool_read(&p, &a, &r));
		assert_true(r.items.n >= 1);
		tool_free(&r);
	}
	arena_clear(&a);
}

static void round_trip(void **state)
{
	struct trace t = {0}, got = {0};
	struct buf bytes = {0}, again = {0};
	struct trace_response response = {S("r"), S("-c \xff a.c")};
	struct trace_process p = process_of(&t.arena, S("/usr/bin/gcc"), S("gcc @r 'x y'"));
	struct diags d = {0};

	(void)state;
	t.dir = S("/w");
	t.began = 1700000000000000;
	p.responses = &response;
	p.nresponses = 1;
	p.start = 5;
	p.end = 70000;
	vec_push(&t.processes, p);
	p.parent = 1;
	p.status = TRACE_RUNNING;
	p.nwords = 0;
	vec_push(&t.processes, p);
	p.status = 137;
	vec_push(&t.processes, p);
	trace_write(&t, &bytes);
	assert_true(trace_read(buf_view(&bytes), S("t"), &got, &d));
	assert_int_equal(got.processes.n, 3);
	assert_int_equal(got.processes.p[1].status, TRACE_RUNNING);
	assert_int_equal(got.processes.p[2].status, 137);
	trace_write(&got, &again);
	assert_true(str_eq(buf_view(&bytes), buf_view(&again)));
	trace_free(&got);
	for (size_t n = 0; n < bytes.n; n++) { /* cut anywhere, it is refused */
		assert_false(trace_read(str_of(bytes.p, n), S("t"), &got, &d));
		trace_free(&got);
	}
	assert_int_equal(d.errors, bytes.n);
	diags_free(&d);
	buf_free(&bytes);
	buf_free(&again);
	trace_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(compilations),
		cmocka_unit_test(links),
		cmocka_unit_test(archives),
		cmocka_unit_test(responses),
		cmocka_unit_test(round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
