#include "../test.h"
#include "build_int.h"
#include "label.h"

#include <straylight/prelude.h>

#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/socket.h>

/* ---- a workspace in a folder, opened anew for every look, as every process does ---- */

struct fixture {
	struct arena arena;
	str top, root, cache;
	struct map loaded; /* packages that the last look evaluated */
	size_t ntargets;
	struct diags diags;
	enum build_mode mode;
};

static void put(struct fixture *f, const char *path, const char *text)
{
	const char *full = os_join(&f->arena, f->root, str_c(path));

	assert_int_equal(os_mkdirs_for(full, 0777), 0);
	assert_int_equal(os_replace(full, str_c(text), 0666, false), 0);
}

static void drop(struct fixture *f, const char *path)
{
	assert_int_equal(unlink(os_join(&f->arena, f->root, str_c(path))), 0);
}

#define PRELUDE "let S = env:STRAYLIGHT_PRELUDE "
#define GROUP(name, files) "S.filegroup \"" name "\" " files

static void fixture_open(struct fixture *f)
{
	*f = (struct fixture){0};
	f->top = str_dup(&f->arena, str_c(fresh_dir()));
	f->root = str_fmt(&f->arena, "%.*s/w", STR_ARG(f->top));
	f->cache = str_fmt(&f->arena, "%.*s/cache", STR_ARG(f->top));
	setenv("HOME", f->top.p, 1);
	put(f, "straylight.dhall", PRELUDE "in S.Workspace::{=}");
}

static void fixture_close(struct fixture *f)
{
	os_remove_tree(f->top.p);
	map_free(&f->loaded);
	diags_free(&f->diags);
	arena_clear(&f->arena);
}

static void on_loading(void *ud, str package)
{
	struct fixture *f = ud;

	map_put(&f->loaded, str_dup(&f->arena, package), f);
}

static struct build *opened(struct fixture *f)
{
	struct build_options options = {
		.cache = f->cache, .mode = f->mode, .observer = {.ud = f, .loading = on_loading}};
	struct build *b = build_open(f->root, &options, &f->diags);

	assert_non_null(b);
	return b;
}

static bool matched(struct fixture *f, struct build *b)
{
	str pattern = S("//...");
	sym *labels;

	diags_free(&f->diags);
	map_free(&f->loaded);
	return build_match(b, &pattern, 1, &labels, &f->ntargets, &f->diags);
}

/* How many packages a new process evaluates. */
static size_t look(struct fixture *f)
{
	struct build *b = opened(f);
	struct build_summary summary;

	if (!matched(f, b))
		fail_msg("%.*s", STR_ARG(f->diags.first->text));
	assert_int_equal(build_run(b, NULL, 0, GOAL_BUILD, &summary, &f->diags), 0);
	build_close(b);
	return f->loaded.n;
}

static bool was_loaded(const struct fixture *f, const char *package)
{
	return map_has(&f->loaded, str_c(package));
}

/* The sources of //PACKAGE:x, one line. */
static str sources(struct fixture *f, const char *package)
{
	struct build *b = opened(f);
	struct build_target t;
	struct buf line = {0};
	str out;

	assert_true(matched(f, b));
	assert_true(build_target(b, label_make(str_c(package), S("x")), &t));
	for (size_t i = 0; i < t.nsources; i++)
		buf_fmt(&line, "%s%.*s", i ? " " : "", STR_ARG(t.sources[i]));
	out = buf_take(&line, &f->arena);
	build_close(b);
	return out;
}

/* ---- tests ---- */

static void only_what_changed(void **state)
{
	struct fixture f;
	struct build *b;

	(void)state;
	fixture_open(&f);
	for (int i = 0; i < 20; i++)
		put(&f, str_fmt(&f.arena, "p%d/BUILD.dhall", i).p, PRELUDE "in { x = " GROUP("x", "[ \"a\" ]") " }");
	assert_int_equal(look(&f), 20);
	assert_int_equal(f.ntargets, 20);
	assert_int_equal(look(&f), 0);
	assert_int_equal(f.ntargets, 20);
	put(&f, "p7/BUILD.dhall", PRELUDE "in { x = " GROUP("x", "[ \"b\" ]") ", y = " GROUP("y", "[ \"c\" ]") " }");
	assert_int_equal(look(&f), 1);
	assert_true(was_loaded(&f, "p7"));
	assert_int_equal(f.ntargets, 21);
	assert_str_c(sources(&f, "p7"), "p7/b");
	assert_str_c(sources(&f, "p8"), "p8/a");

	b = opened(&f); /* and nothing of Dhall is begun */
	assert_true(matched(&f, b));
	for (unsigned i = 0; i < b->workspace.nsessions; i++)
		assert_null(b->workspace.sessions[i].dhall);
	build_close(b);
	fixture_close(&f);
}

static void one_of(struct fixture *f, const char *imported)
{
	put(f, "a/BUILD.dhall", str_fmt(&f->arena, PRELUDE "in { x = S.filegroup \"x\" (%s) }", imported).p);
	put(f, "b/BUILD.dhall", PRELUDE "in { x = " GROUP("x", "[ \"b\" ]") " }");
}

static void import_changed(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	one_of(&f, "../lists/one.dhall");
	put(&f, "lists/one.dhall", "./two.dhall # [ \"one\" ]");
	put(&f, "lists/two.dhall", "[ \"two\" ]");
	assert_int_equal(look(&f), 2);
	put(&f, "lists/two.dhall", "[ \"other\" ]");
	assert_int_equal(look(&f), 1);
	assert_true(was_loaded(&f, "a"));
	assert_str_c(sources(&f, "a"), "a/one a/other");
	put(&f, "lists/two.dhall", "[ \"two\" ]"); /* back again: both are remembered */
	assert_int_equal(look(&f), 0);
	assert_str_c(sources(&f, "a"), "a/one a/two");
	fixture_close(&f);
}

static void import_appeared(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	one_of(&f, "./extra.dhall ? [ \"none\" ]");
	assert_int_equal(look(&f), 2);
	assert_int_equal(look(&f), 0);
	assert_str_c(sources(&f, "a"), "a/none");
	put(&f, "a/extra.dhall", "[ \"extra\" ]");
	assert_int_equal(look(&f), 1);
	assert_str_c(sources(&f, "a"), "a/extra");
	drop(&f, "a/extra.dhall");
	assert_int_equal(look(&f), 0);
	assert_str_c(sources(&f, "a"), "a/none");
	fixture_close(&f);
}

static void variable_changed(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	unsetenv("RECALL_TEST");
	one_of(&f, "[ env:RECALL_TEST as Text ? \"unset\" ]");
	assert_int_equal(look(&f), 2);
	setenv("RECALL_TEST", "one", 1);
	assert_int_equal(look(&f), 1);
	assert_str_c(sources(&f, "a"), "a/one");
	setenv("RECALL_TEST", "two", 1);
	assert_int_equal(look(&f), 1);
	assert_str_c(sources(&f, "a"), "a/two");
	unsetenv("RECALL_TEST");
	assert_int_equal(look(&f), 0);
	assert_str_c(sources(&f, "a"), "a/unset");
	fixture_close(&f);
}

static void file_outside_changed(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	one_of(&f, str_fmt(&f.arena, "%.*s-outside.dhall", STR_ARG(f.root)).p);
	put(&f, "../w-outside.dhall", "[ \"one\" ]");
	assert_int_equal(look(&f), 2);
	assert_int_equal(look(&f), 0);
	put(&f, "../w-outside.dhall", "[ \"two\" ]");
	assert_int_equal(look(&f), 1);
	assert_str_c(sources(&f, "a"), "a/two");
	fixture_close(&f);
}

#define PIN_OF_ONE "b712b48549139ee87391dc0fa919675c98382faed5aec953081d51846170c225" /* [ "one" ] */

/* ---- a server whose answer changes ---- */

struct server {
	int fd;
	unsigned port;
	pthread_t thread;
	const char *_Atomic body; /* NULL: 404; changed only between looks */
	atomic_uint requests;
};

static void *serve(void *ud)
{
	struct server *s = ud;
	char in[4096], out[512];
	const char *body;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		size_t n = 0;
		ssize_t got;

		while ((got = read(fd, in + n, sizeof in - 1 - n)) > 0) {
			n += (size_t)got;
			in[n] = '\0';
			if (strstr(in, "\r\n\r\n"))
				break;
		}
		body = s->body;
		snprintf(out, sizeof out, "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
				body ? "200 OK" : "404 Not Found", body ? strlen(body) : 0, body ? body : "");
		(void)!write(fd, out, strlen(out));
		close(fd);
		s->requests++;
	}
	return NULL;
}

static void server_start(struct server *s)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&at, size), 0);
	assert_int_equal(listen(s->fd, 8), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &size), 0);
	s->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_stop(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
}

/* Builds everything, as the command does; whether it was known to be done already. */
static bool done_before(struct fixture *f)
{
	struct build *b = opened(f);
	struct build_summary summary;
	str pattern = S("//...");
	const str *paths;
	sym *labels;
	size_t n;
	bool done = build_is_done(b, &pattern, 1, GOAL_BUILD, &paths, &n);

	diags_free(&f->diags);
	assert_true(build_match(b, &pattern, 1, &labels, &n, &f->diags));
	assert_int_equal(build_run(b, labels, n, GOAL_BUILD, &summary, &f->diags), 0);
	build_remember(b, &pattern, 1, GOAL_BUILD, labels, n);
	build_close(b);
	return done;
}

/* What came from a URL is asked for again, unless it is pinned. */
static void server_changed(void **state)
{
	struct server s = {.body = "[ \"one\" ]"};
	struct fixture f;
	str url;

	(void)state;
	fixture_open(&f);
	server_start(&s);
	url = str_fmt(&f.arena, "http://127.0.0.1:%u/list", s.port);
	one_of(&f, str_fmt(&f.arena, "%.*s ? [ \"none\" ]", STR_ARG(url)).p);
	assert_int_equal(look(&f), 2);
	assert_int_equal(look(&f), 1);
	assert_true(was_loaded(&f, "a"));
	assert_str_c(sources(&f, "a"), "a/one");
	s.body = "[ \"two\" ]";
	assert_str_c(sources(&f, "a"), "a/two");
	s.body = NULL;
	assert_str_c(sources(&f, "a"), "a/none");
	s.body = "[ \"one\" ]";
	assert_str_c(sources(&f, "a"), "a/one");
	one_of(&f, str_fmt(&f.arena, "%.*s sha256:%s", STR_ARG(url), PIN_OF_ONE).p);
	assert_int_equal(look(&f), 1);
	s.requests = 0;
	s.body = "[ \"two\" ]";
	assert_int_equal(look(&f), 0);
	assert_str_c(sources(&f, "a"), "a/one");
	assert_int_equal(s.requests, 0);
	server_stop(&s);
	fixture_close(&f);
}

/* The first builds may come too soon after an edit to be sure of it. */
static bool becomes_known(struct fixture *f)
{
	for (int i = 0; i < 10; i++)
		if (done_before(f))
			return true;
	return false;
}

/* A build that asked a server is not known to be done. */
static void never_done(void **state)
{
	struct server s = {.body = "[ \"one\" ]"};
	struct fixture f;

	(void)state;
	fixture_open(&f);
	server_start(&s);
	put(&f, "a/one", "");
	put(&f, "b/b", "");
	one_of(&f, "[ \"one\" ]");
	assert_true(becomes_known(&f));
	one_of(&f, str_fmt(&f.arena, "http://127.0.0.1:%u/list", s.port).p);
	assert_false(becomes_known(&f));
	server_stop(&s);
	fixture_close(&f);
}

static void home_moved(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	one_of(&f, "~/list.dhall");
	put(&f, "../list.dhall", "[ \"one\" ]");
	put(&f, "../other/list.dhall", "[ \"two\" ]");
	assert_int_equal(look(&f), 2);
	assert_int_equal(look(&f), 0);
	setenv("HOME", str_fmt(&f.arena, "%.*s/other", STR_ARG(f.top)).p, 1);
	assert_int_equal(look(&f), 1);
	assert_str_c(sources(&f, "a"), "a/two");
	fixture_close(&f);
}

static void mode_changed(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	one_of(&f, "[ \"a\" ]");
	assert_int_equal(look(&f), 2);
	f.mode = BUILD_MODE_DEBUG; /* which it is anyway */
	assert_int_equal(look(&f), 0);
	f.mode = BUILD_MODE_RELEASE;
	assert_int_equal(look(&f), 2);
	assert_int_equal(look(&f), 0);
	f.mode = BUILD_MODE_WORKSPACE;
	assert_int_equal(look(&f), 0);
	put(&f, "straylight.dhall", PRELUDE "in S.Workspace::{ mode = S.Mode.Release }");
	assert_int_equal(look(&f), 0);
	fixture_close(&f);
}

static void workspace_changed(void **state)
{
	struct fixture f;
	struct build *b;

	(void)state;
	fixture_open(&f);
	one_of(&f, "[ \"a\" ]");
	assert_int_equal(look(&f), 2);
	put(&f, "straylight.dhall", PRELUDE "in S.Workspace::{ jobs = Some 3, timeout = None Natural, "
				       "ignore = [ \"b\" ] }");
	assert_int_equal(look(&f), 0); /* packages do not see that */
	assert_int_equal(f.ntargets, 1);
	b = opened(&f);
	assert_true(matched(&f, b));
	assert_int_equal(b->workspace.settings.jobs, 3);
	assert_int_equal(b->workspace.settings.timeout_s, 0);
	assert_int_equal(b->workspace.settings.ntoolchains, 2);
	assert_int_equal(f.ntargets, 1);
	build_close(b);
	put(&f, "straylight.dhall", PRELUDE "in S.Workspace::{ target = S.Triple.aarch64_linux_gnu }");
	assert_int_equal(look(&f), 2);
	fixture_close(&f);
}

/* straylight.dhall rests on other files too. */
static void workspace_import_changed(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	one_of(&f, "[ \"a\" ]");
	put(&f, "straylight.dhall", PRELUDE "in S.Workspace::{ ignore = ./ignore.dhall }");
	put(&f, "ignore.dhall", "[] : List Text");
	look(&f);
	assert_int_equal(f.ntargets, 2);
	put(&f, "ignore.dhall", "[ \"a\" ]");
	look(&f);
	assert_int_equal(f.ntargets, 1);
	fixture_close(&f);
}

static void prelude_set(void **state)
{
	struct fixture f;
	str path, text;

	(void)state;
	fixture_open(&f);
	one_of(&f, "[ \"a\" ]");
	assert_int_equal(look(&f), 2);
	for (size_t i = 0; i < prelude_count(); i++) {
		prelude_at(i, &path, &text);
		put(&f, str_fmt(&f.arena, "../prelude/%.*s", STR_ARG(path)).p, str_dup(&f.arena, text).p);
	}
	setenv("STRAYLIGHT_PRELUDE", str_fmt(&f.arena, "%.*s/prelude/package.dhall", STR_ARG(f.top)).p, 1);
	assert_int_equal(look(&f), 2);
	assert_int_equal(look(&f), 0);
	text = prelude_file(S("List.dhall"));
	put(&f, "../prelude/List.dhall", str_fmt(&f.arena, "{- changed -} %.*s", STR_ARG(text)).p);
	assert_int_equal(look(&f), 2);
	unsetenv("STRAYLIGHT_PRELUDE");
	assert_int_equal(look(&f), 0);
	fixture_close(&f);
}

static void each_file(struct fixture *f, const char *dir, void (*fn)(const char *path))
{
	str *names;
	size_t n;

	if (os_list(&f->arena, dir, &names, &n) != 0) {
		fn(dir);
		return;
	}
	for (size_t i = 0; i < n; i++)
		each_file(f, os_join(&f->arena, str_c(dir), names[i]), fn);
}

static void damage(const char *path)
{
	struct blob *b = NULL;

	assert_int_equal(os_read(path, 0, &b), 0);
	b->b[b->n / 2] ^= 1;
	assert_int_equal(os_replace(path, blob_str(b), 0644, false), 0);
	blob_unref(b);
}

static void damaged(void **state)
{
	static const char *const kinds[] = {"package", "workspace"};
	struct fixture f;

	(void)state;
	fixture_open(&f);
	one_of(&f, "[ \"a\" ]");
	assert_int_equal(look(&f), 2);
	for (size_t i = 0; i < SL_COUNT(kinds); i++)
		each_file(&f, str_fmt(&f.arena, "%.*s/ac/sha256/%s", STR_ARG(f.cache), kinds[i]).p, damage);
	assert_int_equal(look(&f), 2);
	assert_int_equal(look(&f), 0);
	assert_str_c(sources(&f, "a"), "a/a");
	fixture_close(&f);
}

/* A record that is whole and says something else, as after a mistake in its writer. */
static void not_a_package(void **state)
{
	struct fixture f;
	struct build *b;
	unsigned char key[32];
	struct buf k = {0};
	struct digest content;
	str text = S(PRELUDE "in { x = " GROUP("x", "[ \"b\" ]") " }");

	(void)state;
	fixture_open(&f);
	one_of(&f, "[ \"a\" ]");
	assert_int_equal(look(&f), 2);
	b = opened(&f);
	assert_true(matched(&f, b));
	content = digest_of(DIGEST_SHA256, text);
	memo_key_begin(&k);
	cbor_bytes(&k, str_of((const char *)b->workspace.settings.contexts[1], 32));
	cbor_text(&k, S("b"));
	cbor_bytes(&k, str_of((const char *)content.b, 32));
	cbor_int(&k, content.size);
	memo_key_end(&k, key);
	assert_int_equal(memo_put(b->store, "package", key, NULL, 0, S("\x01")), 0);
	build_close(b);
	assert_int_equal(look(&f), 0); /* the next entry stands */
	assert_str_c(sources(&f, "b"), "b/b");
	fixture_close(&f);
}

static void move(struct fixture *f, const char *to)
{
	str root = str_fmt(&f->arena, "%.*s/%s", STR_ARG(f->top), to);

	assert_int_equal(rename(f->root.p, root.p), 0);
	f->root = root;
}

static void elsewhere(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	one_of(&f, "../list.dhall");
	put(&f, "list.dhall", "[ \"a\" ]");
	put(&f, "c/BUILD.dhall", PRELUDE "let Place = < Environment : Text | Local : Text | Missing | "
				 "Remote : Text > "
				 "in { x = S.filegroup \"x\" [ \"c\" ] // { srcs = merge { Environment = \\(t : Text) -> [ t ], "
				 "Local = \\(t : Text) -> [ \"c\" ], Missing = [ \"m\" ], Remote = \\(t : Text) -> [ t ] } "
				 "(./list.dhall as Location) } }");
	assert_int_equal(look(&f), 3);
	assert_int_equal(look(&f), 0);
	move(&f, "v");
	assert_int_equal(look(&f), 1);
	assert_true(was_loaded(&f, "c")); /* it asked where it is */
	fixture_close(&f);
}

static struct place place_of(struct fixture *f, struct build *b, const char *package, str *name)
{
	struct build_target t;

	assert_true(matched(f, b));
	assert_true(build_target(b, label_make(str_c(package), S("x")), &t));
	*name = source_name(t.span.file);
	return source_place(t.span.file, t.span.lo);
}

static void places(void **state)
{
	struct fixture f;
	struct build *first, *second;
	struct place a, b;
	str name, again;

	(void)state;
	fixture_open(&f);
	put(&f, "a/BUILD.dhall", PRELUDE "\n\nin { x =\n  " GROUP("x", "[ \"a\" ]") " }");
	first = opened(&f);
	a = place_of(&f, first, "a", &name);
	name = str_dup(&f.arena, name);
	build_close(first);
	assert_int_equal(f.loaded.n, 1);
	second = opened(&f);
	b = place_of(&f, second, "a", &again);
	assert_int_equal(f.loaded.n, 0);
	assert_str(again, name);
	assert_str_c(again, "a/BUILD.dhall");
	assert_int_equal(b.line, a.line);
	assert_int_equal(b.column, a.column);
	assert_str(b.line_text, a.line_text);
	build_close(second);
	fixture_close(&f);
}

static void mistakes_are_not_remembered(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	one_of(&f, "[ 1 ]");
	for (int i = 0; i < 2; i++) {
		struct build *b = opened(&f);

		assert_false(matched(&f, b));
		assert_true(was_loaded(&f, "a"));
		assert_true(f.diags.errors > 0);
		build_close(b);
	}
	fixture_close(&f);
}

/* In one process, too, a package depends on what it imports, evaluated or recalled. */
static void within_one_process(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	one_of(&f, "../list.dhall");
	put(&f, "list.dhall", "[ \"a\" ]");
	for (int recalled = 0; recalled < 2; recalled++) {
		struct build *b = opened(&f);
		sym file = intern_c("list.dhall");
		struct dice_txn *txn;

		assert_true(matched(&f, b));
		assert_int_equal(f.loaded.n, recalled ? 0 : 2);
		put(&f, "list.dhall", recalled ? "[ \"c\" ]" : "[ \"b\" ]");
		txn = dice_begin(b->dice);
		dice_touch(txn, dice_key(b->dice, &kind_file, &file));
		assert_true(dice_commit(txn) > 1);
		assert_true(matched(&f, b));
		assert_int_equal(f.loaded.n, 1);
		assert_true(was_loaded(&f, "a"));
		build_close(b);
		put(&f, "list.dhall", "[ \"a\" ]");
	}
	assert_int_equal(look(&f), 0);
	assert_str_c(sources(&f, "a"), "a/a"); /* what was read before the edit was not taken for what came after */
	put(&f, "list.dhall", "[ \"b\" ]");
	assert_str_c(sources(&f, "a"), "a/b");
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_changed), cmocka_unit_test(import_changed),
		cmocka_unit_test(import_appeared), cmocka_unit_test(variable_changed),
		cmocka_unit_test(file_outside_changed), cmocka_unit_test(home_moved),
		cmocka_unit_test(server_changed), cmocka_unit_test(never_done),
		cmocka_unit_test(mode_changed), cmocka_unit_test(workspace_changed),
		cmocka_unit_test(workspace_import_changed), cmocka_unit_test(prelude_set),
		cmocka_unit_test(damaged), cmocka_unit_test(not_a_package),
		cmocka_unit_test(elsewhere), cmocka_unit_test(places),
		cmocka_unit_test(mistakes_are_not_remembered), cmocka_unit_test(within_one_process),
	};

	unsetenv("STRAYLIGHT_PRELUDE");
	unsetenv("XDG_CACHE_HOME");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
