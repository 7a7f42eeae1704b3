#include "capture_int.h"
#include <straylight/sandbox.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <uv.h>

#include "test.h"

static struct {
	struct arena arena;
	struct diags diags;
	char *root;
} scene;

static int open_scene(void **state)
{
	(void)state;
	scene.root = str_zdup(str_c(fresh_dir()));
	return 0;
}

static int close_scene(void **state)
{
	(void)state;
	os_remove_tree(scene.root);
	mem_free(scene.root);
	diags_free(&scene.diags);
	arena_clear(&scene.arena);
	return 0;
}

static str at(const char *name)
{
	return str_c(os_join(&scene.arena, str_c(scene.root), str_c(name)));
}

static void write_at(const char *name, const char *text, mode_t mode)
{
	assert_int_equal(os_mkdirs_for(at(name).p, 0755), 0);
	assert_int_equal(os_replace(at(name).p, str_c(text), mode, false), 0);
}

static void link_at(const char *name, const char *target)
{
	assert_int_equal(os_mkdirs_for(at(name).p, 0755), 0);
	assert_int_equal(symlink(target, at(name).p), 0);
}

static const char *link_target(const struct found *f, str path)
{
	for (size_t i = 0; i < f->links.n; i++)
		if (str_eq(f->links.p[i].path, path))
			return f->links.p[i].target.p;
	return NULL;
}

static bool has_file(const struct found *f, str path)
{
	for (size_t i = 0; i < f->files.n; i++)
		if (str_eq(f->files.p[i].path, path))
			return true;
	return false;
}

/* ---- finding ---- */

static void every_link_of_a_chain_is_kept(void **state)
{
	struct found f = {.diags = &scene.diags};

	(void)state;
	write_at("lib/tool-12/bin/tool", "x", 0755);
	link_at("bin/tool", "tool-12");
	link_at("bin/tool-12", "../current/bin/tool");
	link_at("current", "lib/tool-12");
	assert_true(found_add(&f, at("bin/tool")));
	assert_str(found_physical(&f, at("bin/tool")), at("lib/tool-12/bin/tool"));
	assert_true(has_file(&f, at("lib/tool-12/bin/tool")));
	assert_int_equal(f.files.n, 1);
	assert_true(f.files.p[0].executable);
	assert_string_equal(link_target(&f, at("bin/tool")), "tool-12");
	assert_string_equal(link_target(&f, at("bin/tool-12")), "../current/bin/tool");
	assert_string_equal(link_target(&f, at("current")), "lib/tool-12");
	assert_int_equal(f.links.n, 3);
	assert_true(found_add(&f, at("lib/../bin/./tool")));
	assert_int_equal(f.files.n, 1);
	found_free(&f);
}

static void chains_without_an_end_are_nothing(void **state)
{
	struct found f = {.diags = &scene.diags};

	(void)state;
	link_at("a", "b");
	link_at("b", "a");
	link_at("deep", "deep/deep");
	link_at("gone", "nowhere");
	assert_false(found_add(&f, at("a")));
	assert_false(found_add(&f, at("deep/x")));
	assert_false(found_add(&f, at("gone")));
	assert_false(found_add(&f, at("absent")));
	assert_false(found_add(&f, S("relative")));
	assert_false(found_add(&f, S("")));
	assert_int_equal(f.links.n, 0);
	found_free(&f);
}

static void whole_directories(void **state)
{
	struct found f = {.diags = &scene.diags};

	(void)state;
	write_at("inc/a.h", "", 0644);
	write_at("inc/sub/b.h", "", 0644);
	link_at("inc/c.h", "sub/b.h");
	link_at("inc/up", "..");
	assert_true(found_add_whole(&f, at("inc")));
	assert_int_equal(f.files.n, 2);
	assert_string_equal(link_target(&f, at("inc/c.h")), "sub/b.h");
	assert_string_equal(link_target(&f, at("inc/up")), "..");
	assert_false(found_add_whole(&f, at("absent")));
	found_free(&f);
}

static void scripts_name_what_they_need(void **state)
{
	struct found f = {.diags = &scene.diags};
	const char *text;

	(void)state;
	write_at("lib/libm.so.6", "not ELF", 0644);
	write_at("lib/libhere.a", "!<arch>\n", 0644);
	write_at("bin/interpreter", "x", 0755);
	text = str_fmt(&scene.arena, "/* GNU ld script */\nGROUP ( %.*s  AS_NEEDED ( libhere.a -lgcc ) )\n",
			STR_ARG(at("lib/libm.so.6"))).p;
	write_at("lib/libm.so", text, 0644);
	text = str_fmt(&scene.arena, "#! %.*s -e\nexit\n", STR_ARG(at("bin/interpreter"))).p;
	write_at("bin/script", text, 0755);
	assert_true(found_add(&f, at("lib/libm.so")) && found_add(&f, at("bin/script")));
	found_close(&f);
	assert_true(has_file(&f, at("lib/libm.so.6")));
	assert_true(has_file(&f, at("lib/libhere.a")));
	assert_true(has_file(&f, at("bin/interpreter")));
	assert_int_equal(f.files.n, 5);
	found_free(&f);
}

/* The test program itself has an interpreter and libraries; cut off anywhere it has none or some. */
static void libraries_of_a_program(void **state)
{
	struct found f = {.diags = &scene.diags};
	struct blob *self;
	bool loader = false, libc = false;

	(void)state;
	assert_int_equal(os_read("/proc/self/exe", 0, &self), 0);
	assert_int_equal(os_replace(at("self").p, blob_str(self), 0755, false), 0);
	assert_true(found_add(&f, at("self")));
	found_close(&f);
	for (size_t i = 0; i < f.files.n; i++) {
		loader |= str_find_str(f.files.p[i].path, S("/ld-linux")) < f.files.p[i].path.n;
		libc |= str_ends(f.files.p[i].path, S("/libc.so.6"));
	}
	assert_true(loader && libc);
	assert_int_equal(scene.diags.warnings, 0);
	found_free(&f);
	for (size_t n = 0; n < self->n && n < 5000; n += 61) {
		struct found cut = {.diags = &scene.diags};

		assert_int_equal(os_replace(at("cut").p, str_upto(blob_str(self), n), 0755, false), 0);
		assert_true(found_add(&cut, at("cut")));
		found_close(&cut);
		found_free(&cut);
	}
	blob_unref(self);
}

/* Every byte of the headers changed: nothing to find, or something, but no crash. */
static void damaged_programs(void **state)
{
	struct blob *self;

	(void)state;
	assert_int_equal(os_read("/proc/self/exe", 0, &self), 0);
	self->n = self->n < 200000 ? self->n : 200000;
	for (size_t i = 0; i < 1000 && i < self->n; i += 3) {
		struct found f = {.diags = &scene.diags};

		self->b[i] ^= (char)0xff;
		assert_int_equal(os_replace(at("damaged").p, blob_str(self), 0755, false), 0);
		found_add(&f, at("damaged"));
		found_close(&f);
		found_free(&f);
		self->b[i] ^= (char)0xff;
	}
	blob_unref(self);
}

static void names_of_compilers(void **state)
{
	static const char *const yes[] = {"gcc", "g++-12", "clang", "clang++-14", "cc", "aarch64-linux-gnu-gcc",
		"x86_64-linux-gnu-g++-12"}, *const no[] = {"rustc", "ghc", "", "-", "12", "xgcc", "gcc-ar", "tcc"};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(yes); i++)
		assert_true(compiler_known(str_c(yes[i])));
	for (size_t i = 0; i < SL_COUNT(no); i++)
		assert_false(compiler_known(str_c(no[i])));
}

/* ---- stamps and records ---- */

/* Stamps as of long ago, so that what the test just wrote is believed. */
static struct capture capture_of(struct found *f)
{
	struct capture c = {.version = S("gcc 1"), .nfiles = f->files.n};
	struct capture_dir *dirs;

	found_stamps(f, &scene.arena, &c);
	dirs = (struct capture_dir *)c.dirs;
	for (size_t i = 0; i < c.ndirs; i++) {
		struct capture_name *names = (struct capture_name *)dirs[i].names;

		assert_int_equal(os_stamp(dirs[i].path.p, &dirs[i].stamp), 0);
		for (size_t k = 0; k < dirs[i].n; k++)
			assert_int_equal(os_stamp(os_join(&scene.arena, dirs[i].path, names[k].name),
					&names[k].stamp), 0);
	}
	return c;
}

static void pause_for_the_clock(void)
{
	usleep(150 * 1000); /* a younger stamp is not trusted */
}

static void changes_are_seen(void **state)
{
	struct found f = {.diags = &scene.diags};
	struct capture c;

	(void)state;
	write_at("inc/a.h", "one", 0644);
	write_at("bin/tool", "x", 0755);
	link_at("bin/alias", "tool");
	assert_true(found_add_whole(&f, at("inc")) && found_add(&f, at("bin/alias")));
	pause_for_the_clock();
	c = capture_of(&f);
	assert_true(capture_unmoved(&c) && capture_fresh(&c));

	write_at("bin/other", "", 0755); /* a program that nobody asked for */
	assert_false(capture_unmoved(&c));
	assert_true(capture_fresh(&c));
	write_at("inc/new.h", "", 0644); /* a header that the compiler would find */
	assert_false(capture_fresh(&c));

	c = capture_of(&f);
	assert_true(capture_unmoved(&c) && capture_fresh(&c));
	assert_int_equal(chmod(at("bin/tool").p, 0700), 0); /* in place: directories do not tell */
	assert_true(capture_unmoved(&c));
	assert_false(capture_fresh(&c));

	c = capture_of(&f);
	pause_for_the_clock();
	assert_int_equal(unlink(at("bin/alias").p), 0);
	link_at("bin/alias", "other");
	assert_false(capture_fresh(&c));
	c = capture_of(&f);
	assert_int_equal(os_remove_tree(at("inc").p), 0);
	assert_false(capture_unmoved(&c));
	assert_false(capture_fresh(&c));
	found_free(&f);
}

/* On a busy machine a moment may pass between the two: then once more. */
static void what_was_just_written_is_not_believed(void **state)
{
	bool racy = false;

	(void)state;
	for (unsigned i = 0; i < 1000 && !racy; i++) {
		struct found f = {.diags = &scene.diags};
		struct capture c = {0};

		write_at("bin/tool", "x", 0755);
		assert_true(found_add(&f, at("bin/tool")));
		found_stamps(&f, &scene.arena, &c);
		racy = f.files.p[0].racy;
		assert_true(!racy || !capture_fresh(&c));
		found_free(&f);
	}
	assert_true(racy);
}

static void records_come_back(void **state)
{
	static const str names[] = {{"gcc", 3}};
	struct capture_request r = {.compilers = names, .ncompilers = 1}, other = {.programs = names, .nprograms = 1};
	struct capture_tool tool = {S("gcc"), S("/usr/bin/gcc")};
	struct found f = {.diags = &scene.diags};
	struct capture c, got;
	struct buf b = {0};

	(void)state;
	write_at("bin/tool", "x", 0755);
	assert_true(found_add(&f, at("bin/tool")));
	c = capture_of(&f);
	c.request = capture_request_digest(&r, DIGEST_SHA256);
	c.digest = digest_of(DIGEST_SHA256, S("tree"));
	c.tools = &tool;
	c.ntools = 1;
	c.bytes = 7;
	assert_int_equal(capture_write(&c, at("records/name").p), 0);
	assert_false(capture_read(at("records/other").p, &r, DIGEST_SHA256, &scene.arena, &got));
	assert_false(capture_read(at("records/name").p, &other, DIGEST_SHA256, &scene.arena, &got));
	assert_false(capture_read(at("records/name").p, &r, DIGEST_BLAKE3, &scene.arena, &got));
	assert_true(capture_read(at("records/name").p, &r, DIGEST_SHA256, &scene.arena, &got));
	assert_true(digest_eq(&got.digest, &c.digest));
	assert_str(got.version, c.version);
	assert_str(got.tools[0].path, tool.path);
	assert_int_equal(got.ndirs, c.ndirs);
	assert_true(capture_unmoved(&got) && capture_fresh(&got));
	capture_encode(&c, &b);
	for (size_t i = 0; i < b.n; i++)
		assert_false(capture_decode(str_upto(buf_view(&b), i), &scene.arena, &got));
	buf_free(&b);
	found_free(&f);
}

/* ---- this machine's gcc ---- */

struct outcome {
	bool done;
	int code;
	char text[4096];
};

static void on_done(void *ud, const struct sandbox_result *r)
{
	struct outcome *o = ud;

	o->done = true;
	o->code = r->how == SANDBOX_EXITED ? r->code : -1 - (int)r->how;
	snprintf(o->text, sizeof o->text, "%s%s%s", r->out->b, r->err_out->b, r->how == SANDBOX_REFUSED ? r->step : "");
}

/* Runs it where nothing but the tree, /in and /out is to be seen. */
static struct outcome run_in(str tree, const struct tree *top, str *argv, size_t argc)
{
	struct sandbox_entry entries[16] = {{SANDBOX_BIND, false, at("in"), S("/in")},
		{SANDBOX_WRITABLE, false, at("out"), S("/out")}};
	str env[] = {S("PATH=/usr/bin")};
	struct sandbox_request q = {.argv = argv, .argc = argc, .env = env, .nenv = 1, .cwd = S("/"),
		.entries = entries, .nentries = 2, .scratch = at("scratch"), .timeout_ms = 60000, .output_max = 4000};
	struct outcome o = {0};
	struct sandbox *box;
	uv_loop_t loop;

	for (size_t i = 0; i < tree_count(top); i++) {
		const struct tree_entry *e = &tree_entries(top)[i];
		str target = str_fmt(&scene.arena, "/%.*s", STR_ARG(e->name));

		entries[q.nentries++] = e->kind == TREE_SYMLINK
				? (struct sandbox_entry){SANDBOX_SYMLINK, false, e->target, target}
				: (struct sandbox_entry){SANDBOX_BIND, false,
					str_c(os_join(&scene.arena, tree, e->name)), target};
	}
	assert_int_equal(uv_loop_init(&loop), 0);
	box = sandbox_new(&loop);
	sandbox_run(box, &q, on_done, &o);
	while (!o.done)
		uv_run(&loop, UV_RUN_ONCE);
	sandbox_free(box);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	return o;
}

#define RUN_IN(tree, top, ...)                                                                     \
	run_in(tree, top, (str[]){__VA_ARGS__}, sizeof((str[]){__VA_ARGS__}) / sizeof(str))

static bool sandbox_works(void)
{
	struct sandbox_probe probes[SANDBOX_PROBES_MAX];
	size_t n = sandbox_probe(probes);

	for (size_t i = 0; i < n; i++)
		if (probes[i].err)
			return false;
	return true;
}

static void compile_in(str path, const struct tree *t)
{
	struct outcome o;

	assert_int_equal(os_mkdirs(at("out").p, 0755), 0);
	assert_int_equal(os_mkdirs(at("scratch").p, 0755), 0);
	write_at("in/a.c", "#include <math.h>\n#include <stdio.h>\nint main(int n, char **v) { (void)v; "
			   "printf(\"%.0f\\n\", sqrt(n * 49)); return 0; }\n", 0644);
	write_at("in/b.cc", "#include <iostream>\nint main() { std::cout << \"hello\\n\"; }\n", 0644);
	o = RUN_IN(path, t, S("/usr/bin/gcc"), S("-O1"), S("-flto"), S("/in/a.c"), S("-o"), S("/out/a"), S("-lm"));
	assert_string_equal(o.text, "");
	assert_int_equal(o.code, 0);
	o = RUN_IN(path, t, S("/out/a"));
	assert_string_equal(o.text, "7\n");
	o = RUN_IN(path, t, S("/usr/bin/g++"), S("/in/b.cc"), S("-o"), S("/out/b"));
	assert_string_equal(o.text, "");
	assert_int_equal(o.code, 0);
	o = RUN_IN(path, t, S("/out/b"));
	assert_string_equal(o.text, "hello\n");
}

static void gcc_compiles_where_nothing_else_is(void **state)
{
	static const str compilers[] = {{"gcc", 3}, {"g++", 3}}, languages[] = {{"c", 1}, {"c++", 3}},
			programs[] = {{"ar", 2}, {"nm", 2}};
	static const char *const names[] = {"/cc1", "/cc1plus", "/crt1.o", "/libc.so.6", "/stdio.h", "/vector",
		"/linux/errno.h", "/collect2"};
	struct capture_request r = {compilers, languages, NULL, programs, 2, 2, 0, 2};
	struct store *s = store_open(at("cache"), DIGEST_SHA256, &scene.diags);
	struct capture c, again;
	struct tree *t, *same;
	str path;

	(void)state;
	if (access("/usr/bin/g++", X_OK) != 0 || access("/var/lib/dpkg/info", R_OK) != 0) {
		store_close(s);
		skip();
	}
	assert_true(capture_host(s, &r, &scene.arena, &c, &t, &scene.diags));
	assert_int_equal(scene.diags.warnings, 0);
	assert_true(str_starts(c.version, S("gcc ")));
	assert_int_equal(c.ntools, 4);
	assert_true(capture_host(s, &r, &scene.arena, &again, &same, &scene.diags));
	assert_true(digest_eq(&c.digest, &again.digest));
	assert_true(capture_unmoved(&c) && capture_fresh(&c));
	for (size_t i = 0; i < SL_COUNT(names); i++) {
		size_t seen = 0;

		for (size_t k = 0; k < c.ndirs; k++)
			for (size_t j = 0; j < c.dirs[k].n; j++)
				seen += str_ends(str_fmt(&scene.arena, "%.*s/%.*s", STR_ARG(c.dirs[k].path),
						STR_ARG(c.dirs[k].names[j].name)), str_c(names[i]));
		assert_true(seen > 0);
	}
	assert_int_equal(tree_find(t, S("usr/bin/gcc"))->kind, tree_find(same, S("usr/bin/gcc"))->kind);
	assert_int_equal(store_materialize(s, t, &scene.arena, &path), 0);
	if (sandbox_works())
		compile_in(path, t);
	tree_unref(t);
	tree_unref(same);
	store_close(s);
}

static void obtaining_uses_the_record(void **state)
{
	static const str programs[] = {{"sh", 2}};
	struct bytes b = {.kind = BYTES_HOST, .programs = programs, .nprograms = 1};
	struct store *s = store_open(at("cache"), DIGEST_SHA256, &scene.diags);
	str *names;
	struct capture c;
	struct tree *first, *second;
	size_t n;

	(void)state;
	first = capture_obtain(s, at("workspace"), &b, &scene.arena, &c, &scene.diags);
	assert_non_null(first);
	assert_non_null(tree_find(first, S("usr/bin/sh")));
	assert_int_equal(os_list(&scene.arena, at("workspace/.straylight/toolchains").p, &names, &n), 0);
	assert_int_equal(n, 1);
	second = capture_obtain(s, at("workspace"), &b, &scene.arena, &c, &scene.diags);
	assert_true(digest_eq(tree_digest(first, DIGEST_SHA256), tree_digest(second, DIGEST_SHA256)));
	tree_unref(second);
	store_close(s);
	assert_int_equal(os_remove_tree(at("cache").p), 0); /* the record is there, its tree is not */
	s = store_open(at("cache"), DIGEST_SHA256, &scene.diags);
	second = capture_obtain(s, at("workspace"), &b, &scene.arena, &c, &scene.diags);
	assert_non_null(second);
	assert_true(digest_eq(tree_digest(first, DIGEST_SHA256), tree_digest(second, DIGEST_SHA256)));
	tree_unref(first);
	tree_unref(second);
	store_close(s);
}

/* perl depends on packages whose names have its version; perl-base is essential. */
static void packages_come_with_what_they_depend_on(void **state)
{
	static const str alone[] = {{"perl-base", 9}}, all[] = {{"perl-base/depends", 17}}, gone[] = {{"no-such-package/depends", 23}};
	struct capture_request r = {.packages = alone, .npackages = 1};
	struct store *s = store_open(at("cache"), DIGEST_SHA256, &scene.diags);
	struct capture c;
	struct tree *t, *more;

	(void)state;
	if (access("/var/lib/dpkg/info/perl-base.list", R_OK) != 0) {
		store_close(s);
		skip();
	}
	assert_true(capture_host(s, &r, &scene.arena, &c, &t, &scene.diags));
	r.packages = all;
	assert_true(capture_host(s, &r, &scene.arena, &c, &more, &scene.diags));
	assert_non_null(tree_find(t, S("usr/bin/perl")));
	assert_non_null(tree_find(more, S("usr/bin/perl")));
	assert_null(tree_find(t, S("usr/bin/dpkg"))); /* perl-base depends on dpkg */
	assert_non_null(tree_find(more, S("usr/bin/dpkg")));
	tree_unref(t);
	tree_unref(more);
	r.packages = gone;
	assert_false(capture_host(s, &r, &scene.arena, &c, &t, &scene.diags));
	assert_int_equal(scene.diags.first->code, DIAG_TOOLCHAIN_PACKAGE);
	assert_non_null(strstr(str_dup(&scene.arena, scene.diags.first->text).p, "'no-such-package'"));
	store_close(s);
}

static void what_is_not_installed_is_named(void **state)
{
	static const str names[] = {{"no-such-gcc", 11}, {"no/slash", 8}};
	struct capture_request r = {names, NULL, names, names, 1, 0, 1, 2};
	struct store *s = store_open(at("cache"), DIGEST_SHA256, &scene.diags);
	struct capture c;
	struct tree *t;

	(void)state;
	assert_false(capture_host(s, &r, &scene.arena, &c, &t, &scene.diags));
	assert_null(t);
	assert_int_equal(scene.diags.errors, 4);
	for (const struct diag *d = scene.diags.first; d; d = d->next)
		assert_true(d->hint.n > 0);
	assert_int_equal(scene.diags.last->code, DIAG_TOOLCHAIN_PACKAGE);
	store_close(s);
}

#define SCENE(f) cmocka_unit_test_setup_teardown(f, open_scene, close_scene)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		SCENE(every_link_of_a_chain_is_kept),
		SCENE(chains_without_an_end_are_nothing),
		SCENE(whole_directories),
		SCENE(scripts_name_what_they_need),
		SCENE(libraries_of_a_program),
		SCENE(damaged_programs),
		SCENE(names_of_compilers),
		SCENE(changes_are_seen),
		SCENE(what_was_just_written_is_not_believed),
		SCENE(records_come_back),
		SCENE(gcc_compiles_where_nothing_else_is),
		SCENE(obtaining_uses_the_record),
		SCENE(packages_come_with_what_they_depend_on),
		SCENE(what_is_not_installed_is_named),
	};

	sandbox_zygote_hook(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
