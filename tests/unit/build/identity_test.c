#include "acted.h"

/* ---- the bytes, written out by hand ---- */

static void field(struct buf *b, unsigned number, str bytes)
{
	buf_c(b, (char)(number << 3 | 2));
	assert_true(bytes.n < 128);
	buf_c(b, (char)bytes.n);
	buf_str(b, bytes);
}

static void digest_field(struct buf *b, unsigned number, const struct digest *d)
{
	struct buf inner = {0};
	char hex[65];

	hex_of(d->b, 32, hex);
	field(&inner, 1, str_of(hex, 64));
	if (d->size) {
		buf_c(&inner, 2 << 3);
		assert_true(d->size < 128 * 128);
		if (d->size >= 128)
			buf_c(&inner, (char)(d->size % 128 + 128));
		buf_c(&inner, (char)(d->size < 128 ? d->size : d->size / 128));
	}
	buf_c(b, (char)(number << 3 | 2));
	assert_true(inner.n < 128);
	buf_c(b, (char)inner.n);
	buf_str(b, buf_view(&inner));
	buf_free(&inner);
}

static struct digest end(struct buf *b)
{
	struct digest d = digest_of(DIGEST_SHA256, buf_view(b));

	buf_free(b);
	return d;
}

/* A Directory of one file and, if sub is not NULL, one directory that sorts after it. */
static struct digest directory(const char *file, const char *text, const char *dir, const struct digest *sub)
{
	struct buf b = {0}, node = {0};

	if (file) {
		struct digest d = digest_of(DIGEST_SHA256, str_c(text));

		field(&node, 1, str_c(file));
		digest_field(&node, 2, &d);
		field(&b, 1, buf_view(&node));
		buf_free(&node);
	}
	if (dir) {
		field(&node, 1, str_c(dir));
		digest_field(&node, 2, sub);
		field(&b, 2, buf_view(&node));
		buf_free(&node);
	}
	return end(&b);
}

/* REAPI's messages, field by field: Directory 1 files, 2 directories; Command 1 arguments, 2 variables,
 * 6 working directory, 7 output paths; Action 1 command, 2 root, 6 timeout, 9 salt. */
static void reapi(void **state)
{
	struct acted a;
	struct buf b = {0}, inner = {0};
	struct digest dir, root, command, action;

	(void)state;
	acted_init(&a, "//p:t");
	acted_arg(&a, "/bin/cp");
	acted_arg(&a, "");
	acted_env(&a, "A=1=2");
	acted_env(&a, "B=");
	acted_input(&a, "p/a.c", "source");
	acted_output(&a, "straylight-out/p/t/x");
	a.action.timeout_s = 60;
	a.action.out_file = S("straylight-out/p/t/x");
	a.action.depfile = S("straylight-out/p/t/d"); /* an output path as well, in its place among them */
	assert_true(acted_identify(&a));

	dir = directory("a.c", "source", NULL, NULL);
	dir = directory(NULL, NULL, "p", &dir);
	root = directory(NULL, NULL, "work", &dir);
	field(&b, 1, S("/bin/cp"));
	field(&b, 1, S(""));
	field(&inner, 1, S("A"));
	field(&inner, 2, S("1=2"));
	field(&b, 2, buf_view(&inner));
	inner.n = 0;
	field(&inner, 1, S("B"));
	field(&b, 2, buf_view(&inner));
	inner.n = 0;
	field(&b, 6, S("work"));
	field(&b, 7, S("straylight-out/p/t/d"));
	field(&b, 7, S("straylight-out/p/t/x"));
	command = end(&b);
	digest_field(&b, 1, &command);
	digest_field(&b, 2, &root);
	buf_c(&inner, 1 << 3);
	buf_c(&inner, 60);
	field(&b, 6, buf_view(&inner));
	field(&b, 9, S("stdout straylight-out/p/t/x"));
	action = end(&b);
	buf_free(&inner);

	assert_true(digest_eq(&a.identity.command, &command));
	assert_true(digest_eq(tree_digest(a.identity.root, DIGEST_SHA256), &root));
	assert_true(digest_eq(&a.identity.action, &action));
	command = digest_of(DIGEST_SHA256, a.identity.command_message);
	action = digest_of(DIGEST_SHA256, a.identity.action_message);
	assert_true(digest_eq(&a.identity.command, &command));
	assert_true(digest_eq(&a.identity.action, &action));
	acted_clear(&a);
}

static void order_does_not_matter(void **state)
{
	struct acted a, b;

	(void)state;
	acted_compile(&a);
	acted_input(&a, "p/z", "z");
	acted_init(&b, "//p:t");
	acted_arg(&b, "/usr/bin/gcc");
	acted_arg(&b, "-c");
	acted_arg(&b, "p/a.c");
	acted_env(&b, "LANG=C");
	acted_input(&b, "p/z", "z");
	acted_input(&b, "p/a.c", "source");
	acted_header(&b, "q/c.h", "c");
	acted_header(&b, "p/a.h", "own header");
	acted_header(&b, "q/c.h", "c");
	acted_set(&b, "//r:other", "q/b.h=b");
	acted_output(&b, "straylight-out/p/t/a.o");
	acted_toolchain(&b, "other", "usr/lib/libc.so=libc usr/bin/gcc=gcc");
	b.action.depfile = a.action.depfile;
	assert_true(acted_identify(&a) && acted_identify(&b));
	assert_true(digest_eq(&a.identity.action, &b.identity.action));
	acted_clear(&a);
	acted_clear(&b);
}

/* Everything that may change what an action does changes its digest; `narrow` stays only when nothing
 * but the content of a header does. */
static void changes(void (*change)(struct acted *), bool action, bool narrow)
{
	struct acted a;
	struct identity was;
	struct digest before;
	unsigned char key[32];

	acted_compile(&a);
	assert_true(acted_identify(&a));
	was = a.identity;
	before = was.action;
	memcpy(key, was.narrow, sizeof key);
	change(&a);
	assert_true(acted_identify(&a));
	assert_int_equal(!digest_eq(&before, &a.identity.action), action);
	assert_int_equal(memcmp(key, a.identity.narrow, sizeof key) != 0, narrow);
	acted_clear(&a);
}

static void an_argument(struct acted *a) { a->argv[1] = S("-S"); }
static void order_of_arguments(struct acted *a) { a->argv[1] = S("p/a.c"), a->argv[2] = S("-c"); }
static void a_variable(struct acted *a) { a->env[0] = S("LANG=D"); }
static void a_timeout(struct acted *a) { a->action.timeout_s = 9; }
static void an_output(struct acted *a) { acted_output(a, "straylight-out/p/t/b.o"); }
static void the_depfile(struct acted *a) { a->action.depfile = S("straylight-out/p/t/b.d"); }
static void what_it_prints(struct acted *a) { a->action.out_file = S("straylight-out/p/t/a.o"); }
static void an_input(struct acted *a) { a->inputs[0] = acted_content("other"); }
static void a_bit_of_an_input(struct acted *a) { a->inputs[0].executable = true; }
static void a_link(struct acted *a) { a->inputs[0] = (struct content){.kind = TREE_SYMLINK, .target = S("x")}; }
static void one_more_input(struct acted *a) { acted_input(a, "p/z", "z"); }
static void a_header(struct acted *a) { a->headers[0] = acted_content("other"); }
static void one_more_header(struct acted *a) { acted_header(a, "p/b.h", "b"); }
static void nothing(struct acted *a) { a->action.name = S("another name"); }

static void a_set(struct acted *a)
{
	tree_unref(a->sets[0]);
	a->sets[0] = acted_tree("q/b.h=b q/c.h=other");
}

static void a_name_in_a_set(struct acted *a)
{
	tree_unref(a->sets[0]);
	a->sets[0] = acted_tree("q/b.h=b q/d.h=c");
}

static void a_toolchain(struct acted *a)
{
	toolchain_unref(a->toolchains[0]);
	a->action.ntoolchains = 0;
	acted_toolchain(a, "cxx", "usr/bin/gcc=gcc13 usr/lib/libc.so=libc");
}

/* A header becomes an input that always counts: the root is the same, but no read may be left out. */
static void a_header_as_input(struct acted *a)
{
	a->action.nheaders = 0;
	acted_input(a, "p/a.h", "own header");
}

static void what_counts(void **state)
{
	(void)state;
	changes(nothing, false, false);
	changes(an_argument, true, true);
	changes(order_of_arguments, true, true);
	changes(a_variable, true, true);
	changes(a_timeout, true, false);
	changes(an_output, true, true);
	changes(the_depfile, true, true);
	changes(what_it_prints, true, true);
	changes(an_input, true, true);
	changes(a_bit_of_an_input, true, true);
	changes(a_link, true, true);
	changes(one_more_input, true, true);
	changes(a_header, true, false);
	changes(a_set, true, false);
	changes(one_more_header, true, true);
	changes(a_name_in_a_set, true, true);
	changes(a_toolchain, true, true);
	changes(a_header_as_input, false, true);
}

static void clashes(void (*change)(struct acted *), const char *at)
{
	struct acted a;
	struct buf text = {0};

	acted_compile(&a);
	change(&a);
	buf_fmt(&text, "'compile a.c' of '//p:t' has two different inputs at '%s'", at);
	buf_c(&text, '\0');
	assert_false(acted_identify(&a));
	made_failed(&a.made, DIAG_INPUT_CLASH, text.p);
	buf_free(&text);
	acted_clear(&a);
}

static void two_inputs(struct acted *a) { acted_input(a, "p/a.c", "other"); }
static void header_and_set(struct acted *a) { acted_header(a, "q/b.h", "other"); }
static void two_sets(struct acted *a) { acted_set(a, "//r:x", "q/c.h=other"); }
static void file_and_folder(struct acted *a) { acted_input(a, "p/a.c/b", "x"); }
static void a_folder_and_a_file(struct acted *a) { acted_input(a, "q", "x"); }
static void two_toolchains(struct acted *a) { acted_toolchain(a, "b", "usr/bin/gcc=clang"); }
static void header_and_input(struct acted *a) { acted_header(a, "p/a.c", "other"); }

static void two_things_at_one_path(void **state)
{
	(void)state;
	clashes(two_inputs, "p/a.c");
	clashes(header_and_set, "q/b.h");
	clashes(two_sets, "q/c.h");
	clashes(file_and_folder, "p/a.c");
	clashes(a_folder_and_a_file, "q");
	clashes(two_toolchains, "usr/bin/gcc");
	clashes(header_and_input, "p/a.c");
}

/* Toolchains and the workspace meet at the root. */
static void the_root(void **state)
{
	struct acted a;

	(void)state;
	acted_compile(&a);
	acted_toolchain(&a, "userland", "usr/bin/sh=sh bin/sh=sh");
	assert_true(acted_identify(&a));
	assert_non_null(tree_find(a.identity.root, S("work/p/a.c")));
	assert_non_null(tree_find(a.identity.root, S("work/q/b.h")));
	assert_non_null(tree_find(a.identity.root, S("usr/bin/gcc")));
	assert_non_null(tree_find(a.identity.root, S("usr/bin/sh")));
	assert_non_null(tree_find(a.identity.root, S("bin/sh")));
	assert_non_null(tree_find(a.identity.headers, S("q/c.h")));
	assert_non_null(tree_find(a.identity.headers, S("p/a.h")));
	assert_null(tree_find(a.identity.headers, S("p/a.c")));
	acted_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reapi),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(what_counts),
		cmocka_unit_test(two_things_at_one_path),
		cmocka_unit_test(the_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
