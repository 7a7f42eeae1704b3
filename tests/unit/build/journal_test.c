#include "acted.h"
#include "disk.h"
#include "journal.h"

struct world {
	struct disk disk;
	struct acted acted;
	struct journal *journal;
};

static void begin(struct world *w)
{
	w->disk = disk_new();
	acted_compile(&w->acted);
	assert_true(acted_identify(&w->acted));
	w->journal = journal_new(w->disk.state);
}

static void end(struct world *w)
{
	journal_free(w->journal);
	acted_clear(&w->acted);
	disk_free(&w->disk);
}

static void commit(struct world *w)
{
	assert_int_equal(state_commit(w->disk.state), 0);
	journal_free(w->journal);
	disk_reopen(&w->disk);
	w->journal = journal_new(w->disk.state);
}

/* The action ran; reads == NULL: nobody knows what it read. */
static void ran(struct world *w, const char *reads)
{
	uint32_t n = 0;
	const str *paths = reads ? made_texts(&w->acted.made, reads, &n) : NULL;

	journal_record(w->journal, &w->acted.action, &w->acted.contents, &w->acted.identity, reads != NULL, paths, n);
	commit(w);
}

static void because(struct world *w, const char *want)
{
	struct arena a = {0};
	struct buf got = {0};
	const str *reasons;
	size_t n;

	assert_true(acted_identify(&w->acted));
	journal_explain(w->journal, &w->acted.action, &w->acted.contents, &w->acted.identity, &a, &reasons, &n);
	for (size_t i = 0; i < n; i++)
		buf_fmt(&got, "%s%.*s", i ? "; " : "", STR_ARG(reasons[i]));
	assert_str_c(buf_view(&got), want);
	buf_free(&got);
	arena_clear(&a);
}

static void the_first_time(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	because(&w, "it is new in this workspace");
	ran(&w, "p/a.h");
	because(&w, "nothing changed since its last result, but that is not in the cache");
	end(&w);
}

/* After a run that read p/a.h and q/b.h, one thing is changed. */
static void after(void (*change)(struct acted *), const char *want)
{
	struct world w;

	begin(&w);
	ran(&w, "p/a.h q/b.h");
	change(&w.acted);
	because(&w, want);
	end(&w);
}

static void an_argument(struct acted *a) { a->argv[1] = S("-S"); }
static void one_more_argument(struct acted *a) { acted_arg(a, "-O2"); }
static void one_argument_twice(struct acted *a) { acted_arg(a, "-c"); }
static void one_argument_less(struct acted *a) { a->action.argc--; }
static void order_of_arguments(struct acted *a) { a->argv[1] = S("p/a.c"), a->argv[2] = S("-c"); }
static void a_variable(struct acted *a) { a->env[0] = S("LANG=D"); }
static void a_timeout(struct acted *a) { a->action.timeout_s = 9; }
static void an_output(struct acted *a) { acted_output(a, "straylight-out/p/t/b.o"); }
static void what_it_prints(struct acted *a) { a->action.out_file = S("straylight-out/p/t/a.o"); }
static void an_input(struct acted *a) { a->inputs[0] = acted_content("other"); }
static void a_bit_of_an_input(struct acted *a) { a->inputs[0].executable = true; }
static void a_link(struct acted *a) { a->inputs[0] = (struct content){.kind = TREE_SYMLINK, .target = S("x")}; }
static void one_more_input(struct acted *a) { acted_input(a, "p/z", "z"); }
static void one_input_less(struct acted *a) { a->action.ninputs--; }
static void a_header(struct acted *a) { a->headers[0] = acted_content("other"); }
static void one_header_less(struct acted *a) { a->action.nheaders--; }
static void one_more_header(struct acted *a) { acted_header(a, "p/b.h", "b"); }

static void set_tree(struct acted *a, const char *tree)
{
	tree_unref(a->sets[0]);
	a->sets[0] = acted_tree(tree);
}

static void a_set_read(struct acted *a) { set_tree(a, "q/b.h=other q/c.h=c"); }
static void a_set_unread(struct acted *a) { set_tree(a, "q/b.h=b q/c.h=other"); }
static void a_set_less(struct acted *a) { set_tree(a, "q/b.h=b"); }
static void a_set_gone(struct acted *a) { set_tree(a, "q/c.h=c"); }

static void a_toolchain(struct acted *a)
{
	toolchain_unref(a->toolchains[0]);
	a->action.ntoolchains = 0;
	acted_toolchain(a, "cxx", "usr/bin/gcc=gcc13 usr/lib/libc.so=libc");
}

static void several(struct acted *a)
{
	an_input(a);
	a_header(a);
	one_more_argument(a);
}

static void each_kind_of_change(void **state)
{
	(void)state;
	after(an_argument, "argument '-S' is new; argument '-c' is gone");
	after(one_more_argument, "argument '-O2' is new");
	after(one_argument_twice, "the order of its arguments changed");
	after(one_argument_less, "argument 'p/a.c' is gone");
	after(order_of_arguments, "the order of its arguments changed");
	after(a_variable, "environment 'LANG=D' is new; environment 'LANG=C' is gone");
	after(a_timeout, "timeout '9' is new");
	after(an_output, "output 'straylight-out/p/t/b.o' is new");
	after(what_it_prints, "standard output 'straylight-out/p/t/a.o' is new");
	after(an_input, "input 'p/a.c' changed");
	after(a_bit_of_an_input, "input 'p/a.c' changed");
	after(a_link, "input 'p/a.c' changed");
	after(one_more_input, "input 'p/z' is new");
	after(one_input_less, "input 'p/a.c' is gone");
	after(a_toolchain, "toolchain 'cxx' changed");
	after(a_header, "header 'p/a.h' changed");
	after(one_header_less, "header 'p/a.h' is gone");
	after(one_more_header, "files that it may read were added or removed");
	after(a_set_read, "header 'q/b.h' changed");
	after(a_set_unread, "nothing changed since its last result, but that is not in the cache");
	after(a_set_less, "files that it may read were added or removed");
	after(a_set_gone, "header 'q/b.h' is gone");
	after(several, "argument '-O2' is new; input 'p/a.c' changed; header 'p/a.h' changed");
}

/* Without a depfile every header counts. */
static void when_reads_are_unknown(void **state)
{
	static const struct {
		void (*change)(struct acted *);
		const char *want;
	} rows[] = {
		{a_header, "header 'p/a.h' changed"},
		{one_more_header, "header 'p/b.h' is new"},
		{one_header_less, "header 'p/a.h' is gone"},
		{a_set_unread, "what may be read of '//q:lib' changed"},
		{an_input, "input 'p/a.c' changed"},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct world w;

		begin(&w);
		ran(&w, NULL);
		rows[i].change(&w.acted);
		because(&w, rows[i].want);
		end(&w);
	}
}

static void many_reasons_are_cut(void **state)
{
	struct world w;
	struct action *act;
	const struct artifact *artifacts[40];
	struct content contents[40];
	char names[40][16];

	(void)state;
	begin(&w);
	ran(&w, "");
	act = &w.acted.action;
	for (size_t i = 0; i < 40; i++) {
		snprintf(names[i], sizeof names[i], "p/%02zu", i);
		artifacts[i] = acted_artifact(&w.acted, names[i]);
		contents[i] = acted_content("x");
	}
	act->inputs = artifacts;
	act->ninputs = 40;
	w.acted.contents.inputs = contents;
	because(&w, "input 'p/00' is new; input 'p/01' is new; input 'p/02' is new; input 'p/03' is new; "
		    "input 'p/04' is new; input 'p/05' is new; input 'p/06' is new; input 'p/07' is new; "
		    "input 'p/08' is new; input 'p/09' is new; input 'p/10' is new; input 'p/11' is new; "
		    "input 'p/12' is new; input 'p/13' is new; input 'p/14' is new; input 'p/15' is new; "
		    "and 25 more");
	end(&w);
}

/* Bytes that are no record of ours explain less, and harm nothing. */
static void odd_records(void **state)
{
	static const str odd[] = {{"", 0}, {"\x81", 1}, {"\x81\x83\x18\xff\x40\xf6", 6}, {"\x9b\xff", 2}, {"\xff", 1}};
	struct world w;

	(void)state;
	begin(&w);
	for (size_t i = 0; i < SL_COUNT(odd); i++) {
		const str *reasons;
		size_t n;

		state_put(w.disk.state, STATE_ACTION, S("//p:t compile a.c"), odd[i]);
		state_put(w.disk.state, STATE_RUN, S("//p:t compile a.c"), odd[i]);
		commit(&w);
		journal_explain(w.journal, &w.acted.action, &w.acted.contents, &w.acted.identity, &w.acted.made.arena,
				&reasons, &n);
		assert_true(n > 0);
		assert_false(journal_last(w.disk.state, S("//p:t compile a.c"), &w.acted.made.arena,
				&(struct journal_event){0}));
	}
	end(&w);
}

static void events(void **state)
{
	static const str reasons[] = {{"one", 3}, {"two", 3}};
	struct world w;
	struct journal_event e = {.served = SERVED_RUN, .start_ns = 5, .wall_ns = 7, .reasons = reasons, .nreasons = 2};
	struct journal_event got;

	(void)state;
	begin(&w);
	assert_int_equal(journal_run(w.journal), 1);
	e.action = w.acted.identity.action;
	journal_event(w.journal, &w.acted.action, &e);
	commit(&w);
	assert_int_equal(journal_run(w.journal), 2);
	assert_true(journal_last(w.disk.state, S("//p:t compile a.c"), &w.acted.made.arena, &got));
	assert_int_equal(got.run, 1);
	assert_int_equal(got.served, SERVED_RUN);
	assert_int_equal(got.start_ns, 5);
	assert_int_equal(got.wall_ns, 7);
	assert_true(digest_eq(&got.action, &e.action));
	assert_int_equal(got.nreasons, 2);
	assert_str_c(got.reasons[1], "two");
	assert_false(journal_last(w.disk.state, S("//p:t compile b.c"), &w.acted.made.arena, &got));
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_time),
		cmocka_unit_test(each_kind_of_change),
		cmocka_unit_test(when_reads_are_unknown),
		cmocka_unit_test(many_reasons_are_cut),
		cmocka_unit_test(odd_records),
		cmocka_unit_test(events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
