#include "../test.h"
#include "compat.h"
#include "wrap_int.h"

/* ---- the command of an action ---- */

static void commands(void **state)
{
	const str plain[] = {S("nix"), S("build"), S("--no-link"), S("(import ./default.nix { })")};
	const str more[] = {S("nix"), S("build"), S("--no-link"), S("-L"), S("x")};
	const str two[] = {S("nix"), S("build"), S("a"), S("b")};
	const str option[] = {S("nix"), S("build"), S("--no-link")};
	const str other[] = {S("nix-build"), S("build"), S("x")};
	const str shell[] = {S("nix"), S("shell"), S("x")};

	(void)state;
	assert_str_c(compat_expression(plain, 4), "(import ./default.nix { })");
	assert_str_c(compat_expression(more, 5), "x");
	assert_null(compat_expression(two, 4).p);
	assert_null(compat_expression(option, 3).p);
	assert_null(compat_expression(other, 3).p);
	assert_null(compat_expression(shell, 3).p);
	assert_null(compat_expression(plain, 2).p);
	assert_null(compat_expression(plain, 0).p);
}

/* ---- spelling Nix ---- */

static void spells(void (*fn)(str, struct buf *), const char *what, const char *want)
{
	struct buf out = {0};

	fn(str_c(what), &out);
	assert_str_c(buf_view(&out), want);
	buf_free(&out);
}

static void paths(void **state)
{
	(void)state;
	spells(wrap_nix_path, "default.nix", "./default.nix");
	spells(wrap_nix_path, "a/b-c_d+e.nix", "./a/b-c_d+e.nix");
	spells(wrap_nix_path, ".", "./.");
	spells(wrap_nix_path, "with blank.nix", "(./. + \"/\" + \"with blank.nix\")");
	spells(wrap_nix_path, "a${b}\"\\", "(./. + \"/\" + \"a\\${b}\\\"\\\\\")");
}

static void names(void **state)
{
	(void)state;
	spells(wrap_nix_name, "hello", "hello");
	spells(wrap_nix_name, "a-b'_9", "a-b'_9");
	spells(wrap_nix_name, "9a", "\"9a\"");
	spells(wrap_nix_name, "let", "\"let\"");
	spells(wrap_nix_name, "", "\"\"");
	spells(wrap_nix_name, "a.b", "\"a.b\"");
	spells(wrap_nix_name, "${x}", "\"\\${x}\"");
}

static void parts(void **state)
{
	str rest = S("a.\"b.c d\".0"), part;

	(void)state;
	assert_true(wrap_nix_part(&rest, &part));
	assert_str_c(part, "a");
	assert_true(wrap_nix_part(&rest, &part));
	assert_str_c(part, "b.c d");
	assert_true(wrap_nix_part(&rest, &part));
	assert_str_c(part, "0");
	assert_false(wrap_nix_part(&rest, &part));
	rest = S("\"not closed");
	assert_true(wrap_nix_part(&rest, &part));
	assert_str_c(part, "not closed");
	assert_false(wrap_nix_part(&rest, &part));
}

/* ---- what a world shows ---- */

struct seen {
	struct arena a;
	struct map files; /* path → of which door */
};

static void note(struct seen *s, const char *door, str path)
{
	map_put(&s->files, str_fmt(&s->a, "%s %.*s", door, STR_ARG(path)), s);
}

static bool shows(void *ud, str below)
{
	(void)ud;
	return !str_eq(below, S("hidden")) && !str_eq(below, S("src/hidden"));
}

static void saw(void *ud, str below, enum nix_file_type type)
{
	note(ud, type == NIX_DIRECTORY ? "list" : "saw", below);
}

static void missed(void *ud, str below)
{
	note(ud, "missed", below);
}

static void refused(void *ud, str path)
{
	note(ud, "refused", path);
}

static void beyond(void *ud, str path)
{
	note(ud, "beyond", path);
}

static void make(const char *root, const char *name)
{
	struct arena a = {0};
	const char *file = os_join(&a, str_c(root), str_c(name));

	assert_int_equal(os_mkdirs_for(file, 0755), 0);
	assert_int_equal(os_replace(file, str_c(name), 0644, false), 0);
	arena_clear(&a);
}

static bool has(const struct seen *s, const char *door, str path)
{
	struct arena a = {0};
	bool found = map_has(&s->files, str_fmt(&a, "%s %.*s", door, STR_ARG(path)));

	arena_clear(&a);
	return found;
}

static void worlds(void **state)
{
	struct seen s = {0};
	struct diags diags = {0};
	char root[] = "/tmp/world-XXXXXX";
	str real, search, outside;
	struct compat_world w;
	struct compat c;
	nix_val v;
	str text;
	bool is;

	(void)state;
	assert_non_null(mkdtemp(root));
	setenv("XDG_CACHE_HOME", str_fmt(&s.a, "%s/cache", root).p, 1);
	unsetenv("NIX_PATH");
	make(root, "real/a.nix");
	make(root, "real/hidden");
	make(root, "real/src/x");
	make(root, "real/src/hidden");
	make(root, "shown/only-there");
	make(root, "found/y");
	real = str_fmt(&s.a, "%s/real", root);
	search = str_fmt(&s.a, "found=%s/found", root);
	outside = str_fmt(&s.a, "%s/found/../secret", root);
	make(root, "secret");
	w = (struct compat_world){
		.view = {.root = str_fmt(&s.a, "%s/shown", root), .real = real, .shows = shows, .saw = saw, .missed = missed,
			.refused = refused, .beyond = beyond, .ud = &s},
		.search = &search,
		.nsearch = 1,
	};
	assert_true(compat_open(&c, &w, &diags));
	/* Paths are those of the root, what stands there is real. */
	assert_true(compat_value(&c, &w, S("builtins.readFile ./a.nix + toString ./a.nix"), &v));
	assert_true(nix_string(c.session, v, &text));
	assert_str(text, str_fmt(&s.a, "real/a.nix%s/shown/a.nix", root));
	assert_true(has(&s, "saw", S("a.nix")));
	/* What is hidden is not there, neither by name, nor in a folder, nor in a source. */
	assert_true(compat_value(&c, &w, S("builtins.pathExists ./hidden"), &v) && nix_bool(c.session, v, &is));
	assert_false(is);
	assert_true(compat_value(&c, &w, S("toString (builtins.attrNames (builtins.readDir ./src))"), &v) && nix_string(c.session, v, &text));
	assert_str_c(text, "x");
	assert_true(has(&s, "list", S("src")));
	assert_true(compat_value(&c, &w, S("\"${./src}\""), &v) && nix_string(c.session, v, &text));
	assert_true(has(&s, "saw", S("src/x")));
	assert_false(has(&s, "saw", S("src/hidden")));
	/* What only the workspace has is missed; beyond it there is the search path and nothing else. */
	assert_true(compat_value(&c, &w, S("builtins.pathExists ./only-there"), &v) && nix_bool(c.session, v, &is));
	assert_false(is);
	assert_true(has(&s, "missed", S("only-there")));
	assert_true(compat_value(&c, &w, S("builtins.readFile <found/y>"), &v) && nix_string(c.session, v, &text));
	assert_str_c(text, "found/y");
	assert_true(has(&s, "beyond", str_fmt(&s.a, "%s/found/y", root)));
	assert_false(compat_value(&c, &w, str_fmt(&s.a, "builtins.readFile %.*s", STR_ARG(outside)), &v));
	assert_true(has(&s, "refused", str_fmt(&s.a, "%s/secret", root)));
	assert_true(compat_value(&c, &w, S("builtins.getEnv \"PATH\""), &v) && nix_string(c.session, v, &text));
	assert_str_c(text, "");
	compat_close(&c);
	diags_free(&diags);
	assert_int_equal(os_remove_tree(root), 0);
	map_free(&s.files);
	arena_clear(&s.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands),
		cmocka_unit_test(paths),
		cmocka_unit_test(names),
		cmocka_unit_test(parts),
		cmocka_unit_test(worlds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
