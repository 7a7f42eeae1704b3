#include "../test.h"
#include "memo.h"

#include <straylight/prelude.h>

/* ---- names ---- */

static void what_a_dependency_is(void **state)
{
	static const struct {
		const char *dependency;
		enum ground_kind kind;
		const char *name;
	} rows[] = {
		{"/w/a/BUILD.dhall", GROUND_FILE, "a/BUILD.dhall"},
		{"/w/env:X", GROUND_FILE, "env:X"},
		{"/w", GROUND_OUTSIDE, "/w"},
		{"/w/", GROUND_OUTSIDE, "/w/"},
		{"/w2/a", GROUND_OUTSIDE, "/w2/a"},
		{"/etc/x", GROUND_OUTSIDE, "/etc/x"},
		{"env:X", GROUND_VARIABLE, "X"},
		{"at:/w/a", GROUND_PLACE, ""},
		{"at:~/a", GROUND_PLACE, ""},
	};
	struct arena a = {0};
	enum ground_kind kind;
	sym name;

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		assert_true(ground_of(str_c(rows[i].dependency), S("/w"), &kind, &name));
		assert_int_equal(kind, rows[i].kind);
		assert_str_c(sym_str(name), rows[i].name);
		if (kind != GROUND_PLACE)
			assert_str_c(ground_dependency(kind, name, S("/w"), &a), rows[i].dependency);
	}
	assert_str_c(ground_dependency(GROUND_PLACE, 0, S("/w"), &a), "at:/w");
	assert_false(ground_of(S(PRELUDE_DIR "package.dhall"), S("/w"), &kind, &name));
	assert_false(ground_of(S("url:https://a/x"), S("/w"), &kind, &name));
	assert_false(ground_of(S("at:" PRELUDE_DIR "package.dhall"), S("/w"), &kind, &name));
	arena_clear(&a);
}

/* ---- a world whose one file and variable can be changed ---- */

struct world {
	const char *content; /* NULL: absent */
	bool broken;
	const char *home;
};

static enum dhall_found world_read(void *ud, str path, struct blob **out, struct diags *diags)
{
	const struct world *w = ud;

	if (w->broken) {
		diag_error(diags, DIAG_IO, NO_SPAN, "reading '%.*s'", STR_ARG(path));
		return DHALL_FAILED;
	}
	if (!w->content)
		return DHALL_ABSENT;
	*out = blob_new(str_c(w->content));
	return DHALL_FOUND;
}

static enum dhall_found world_variable(void *ud, str name, struct blob **out)
{
	struct diags diags = {0};

	return world_read(ud, name, out, &diags);
}

static struct witness *watching(struct world *w)
{
	struct dhall_env env = {.read = world_read, .variable = world_variable, .home = str_c(w->home), .ud = w};

	return witness_new(&env, DIGEST_SHA256, S("/w"));
}

static enum dhall_found read_through(struct witness *w, const char *path)
{
	struct dhall_env env = witness_env(w);
	struct blob *b = NULL;
	struct diags diags = {0};
	enum dhall_found found = env.read(env.ud, str_c(path), &b, &diags);

	blob_unref(b);
	diags_free(&diags);
	return found;
}

static void what_was_read(void **state)
{
	static const str names[] = {
		{"/w/a", 4}, {"/w/none", 7}, {PRELUDE_DIR "List.dhall", sizeof PRELUDE_DIR "List.dhall" - 1}, {"env:X", 5},
		{"at:/x", 5}, {"at:~/y", 6},
	};
	struct world world = {.content = "one", .home = "/h"};
	struct witness *w = watching(&world);
	struct dhall_env env = witness_env(w);
	const struct ground *g;
	struct arena a = {0};
	struct blob *b = NULL;
	struct digest d;
	size_t n;

	(void)state;
	assert_int_equal(read_through(w, "/w/a"), DHALL_FOUND);
	assert_int_equal(env.variable(env.ud, S("X"), &b), DHALL_FOUND);
	world.content = NULL;
	assert_int_equal(read_through(w, "/w/none"), DHALL_ABSENT);
	assert_true(witness_grounds(w, names, SL_COUNT(names), &a, &g, &n));
	assert_int_equal(n, 4);
	d = digest_of(DIGEST_SHA256, S("one"));
	assert_true(g[0].kind == GROUND_FILE && g[0].found && digest_eq(&g[0].content, &d));
	assert_true(g[1].kind == GROUND_FILE && !g[1].found);
	assert_true(g[2].kind == GROUND_VARIABLE && g[2].found && digest_eq(&g[2].content, &d));
	assert_int_equal(g[3].kind, GROUND_PLACE);
	assert_true(witness_content(w, S("/w/a"), &d));
	assert_false(witness_content(w, S("/w/none"), &d));
	assert_false(witness_content(w, S("/w/b"), &d));
	blob_unref(b);
	witness_free(w);
	arena_clear(&a);
}

/* Nothing here tells that a server's answer is another by now. */
static void what_a_server_said(void **state)
{
	static const str names[] = {{"/w/a", 4}, {"url:https://a/x", 15}};
	struct world world = {.content = "one"};
	struct witness *w = watching(&world);
	const struct ground *g;
	struct arena a = {0};
	size_t n;

	(void)state;
	read_through(w, "/w/a");
	assert_true(witness_grounds(w, names, 1, &a, &g, &n));
	assert_false(witness_grounds(w, names, 2, &a, &g, &n));
	witness_free(w);
	arena_clear(&a);
}

/* What was read before and after an edit says nothing of the value. */
static void what_was_torn(void **state)
{
	static const str names[] = {{"/w/a", 4}};
	struct world world = {.content = "one"};
	struct witness *w = watching(&world);
	const struct ground *g;
	struct arena a = {0};
	struct digest d;
	size_t n;

	(void)state;
	assert_false(witness_grounds(w, names, 1, &a, &g, &n)); /* never read */
	read_through(w, "/w/a");
	read_through(w, "/w/a");
	assert_true(witness_grounds(w, names, 1, &a, &g, &n));
	world.content = "two";
	read_through(w, "/w/a");
	assert_false(witness_grounds(w, names, 1, &a, &g, &n));
	assert_false(witness_content(w, S("/w/a"), &d));
	world.content = "one";
	read_through(w, "/w/a");
	assert_false(witness_grounds(w, names, 1, &a, &g, &n));
	witness_free(w);
	arena_clear(&a);
}

static void what_is_there_now(void **state)
{
	struct world world = {.content = "one", .home = "/h"};
	struct witness *w = watching(&world), *elsewhere;
	struct digest d, e, one = digest_of(DIGEST_SHA256, S("one"));
	bool found = false;

	(void)state;
	assert_true(witness_look(w, GROUND_FILE, intern_c("a"), &found, &d) && found && digest_eq(&d, &one));
	assert_true(witness_look(w, GROUND_VARIABLE, intern_c("X"), &found, &d) && found && digest_eq(&d, &one));
	assert_true(witness_look(w, GROUND_PLACE, 0, &found, &d) && found);
	world.content = NULL;
	assert_true(witness_look(w, GROUND_OUTSIDE, intern_c("/a"), &found, &d) && !found);
	world.broken = true;
	assert_false(witness_look(w, GROUND_OUTSIDE, intern_c("/a"), &found, &d));
	world.home = "/other";
	elsewhere = watching(&world);
	assert_true(witness_look(w, GROUND_PLACE, 0, &found, &d));
	assert_true(witness_look(elsewhere, GROUND_PLACE, 0, &found, &e));
	assert_false(digest_eq(&d, &e));
	witness_free(w);
	witness_free(elsewhere);
}

/* ---- in the store ---- */

static struct store *store_at(str dir)
{
	struct diags diags = {0};
	struct store *s = store_open(dir, DIGEST_SHA256, &diags);

	assert_non_null(s);
	return s;
}

static struct ground ground(const char *name, const char *content)
{
	struct ground g = {.kind = GROUND_FILE, .name = intern_c(name), .found = content != NULL};

	if (content)
		g.content = digest_of(DIGEST_SHA256, str_c(content));
	return g;
}

static void newest_first(void **state)
{
	struct arena a = {0};
	str dir = str_dup(&a, str_c(fresh_dir()));
	struct store *s = store_at(dir);
	unsigned char key[32] = {1}, other[32] = {2};
	struct memo m;

	(void)state;
	memo_get(s, "package", key, &m);
	assert_int_equal(m.n, 0);
	for (int i = 0; i < MEMO_MAX + 3; i++) {
		struct ground g[2] = {ground("a", i % 2 ? "x" : NULL), {.kind = GROUND_PLACE, .found = true}};

		g[1].content.size = INT64_MAX;
		assert_int_equal(memo_put(s, "package", key, g, 2, str_fmt(&a, "value %d", i)), 0);
	}
	memo_get(s, "package", key, &m);
	assert_int_equal(m.n, MEMO_MAX);
	for (int i = 0; i < MEMO_MAX; i++) {
		const struct memo_entry *e = &m.entries[i];
		int made = MEMO_MAX + 2 - i;
		struct digest d = digest_of(DIGEST_SHA256, S("x"));

		assert_str(e->value, str_fmt(&a, "value %d", made));
		assert_int_equal(e->ngrounds, 2);
		assert_str_c(sym_str(e->grounds[0].name), "a");
		assert_int_equal(e->grounds[0].found, made % 2);
		assert_true(!(made % 2) || digest_eq(&e->grounds[0].content, &d));
		assert_true(e->grounds[1].content.size == INT64_MAX);
	}
	memo_clear(&m);
	memo_get(s, "package", other, &m);
	assert_int_equal(m.n, 0);
	store_close(s);
	os_remove_tree(dir.p);
	arena_clear(&a);
}

/* The store finds what a disk does to a record; what a record says is checked here. */
static void not_a_memo(void **state)
{
	struct buf good = {0};
	struct memo m = {0};

	(void)state;
	cbor_array(&good, 1);
	cbor_array(&good, 2);
	cbor_array(&good, 3);
	cbor_uint(&good, GROUND_FILE);
	cbor_text(&good, S("a"));
	cbor_bool(&good, false);
	cbor_bytes(&good, S("value"));
	assert_true(memo_read(buf_view(&good), &m));
	assert_int_equal(m.n, 1);
	assert_str_c(m.entries[0].value, "value");
	for (size_t n = 0; n < good.n; n++)
		assert_false(memo_read(str_upto(buf_view(&good), n), &m));
	good.p[3] = GROUND_KINDS;
	assert_false(memo_read(buf_view(&good), &m));
	good.p[3] = GROUND_FILE;
	good.p[2] = (char)0x82; /* two items are no ground */
	assert_false(memo_read(buf_view(&good), &m));
	good.p[2] = (char)0x83;
	buf_c(&good, 0);
	assert_false(memo_read(buf_view(&good), &m));
	memo_clear(&m);
	buf_free(&good);
}

static void keys(void **state)
{
	struct buf a = {0}, b = {0}, c = {0};
	unsigned char ka[32], kb[32], kc[32];

	(void)state;
	unsetenv("STRAYLIGHT_PRELUDE");
	memo_key_begin(&a);
	memo_key_begin(&b);
	setenv("STRAYLIGHT_PRELUDE", "", 1);
	memo_key_begin(&c);
	unsetenv("STRAYLIGHT_PRELUDE");
	memo_key_end(&a, ka);
	memo_key_end(&b, kb);
	memo_key_end(&c, kc);
	assert_memory_equal(ka, kb, 32);
	assert_memory_not_equal(ka, kc, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_dependency_is), cmocka_unit_test(what_was_read), cmocka_unit_test(what_was_torn),
		cmocka_unit_test(what_a_server_said),
		cmocka_unit_test(what_is_there_now), cmocka_unit_test(newest_first), cmocka_unit_test(not_a_memo),
		cmocka_unit_test(keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
