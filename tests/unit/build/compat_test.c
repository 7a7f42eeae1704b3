#include "compat.h"
#include "disk.h"
#include "toolchain_nix.h"
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

/* ---- what an action gave before ---- */

/* An action whose inputs lie in "real", in a workspace that has only a name, with <found>. */
struct before {
	struct disk d;
	struct map beyond;
	const char *expression;
	struct compat_world world;
	struct compat_asked asked;
	str search, drv;
};

static void beyond_too(void *ud, str path)
{
	struct before *b = ud;

	map_put(&b->beyond, str_dup(&b->d.arena, path), b);
}

static void before_begin(struct before *b)
{
	*b = (struct before){.d = disk_new()};
	setenv("XDG_CACHE_HOME", b->d.cache, 1);
	unsetenv("NIX_PATH");
	disk_write(&b->d, "real/pkg/a.nix", "1");
	disk_write(&b->d, "found/name", "one");
	b->search = str_fmt(&b->d.arena, "found=%s/found", b->d.root);
	b->expression = "derivation { name = builtins.readFile <found/name>; system = \"x\"; builder = \"/b\"; n = import ./a.nix; src = ./.; }";
	b->asked = (struct compat_asked){digest_of(DIGEST_SHA256, S("an action")), S("//pkg:a")};
	b->world = (struct compat_world){
		.view = {.root = str_fmt(&b->d.arena, "%s/ws", b->d.root), .beyond = beyond_too, .ud = b},
		.search = &b->search,
		.nsearch = 1,
		.package = S("pkg"),
		.noted = true,
	};
}

static void before_end(struct before *b)
{
	map_free(&b->beyond);
	disk_free(&b->d);
}

/* Is it remembered?  Nothing is evaluated for that: there is no session. */
static bool recalls(struct before *b)
{
	struct instance gave;
	struct compat c;
	bool is;

	b->world.view.real = (str){0};
	assert_true(compat_open(&c, &b->world, &b->d.diags));
	is = compat_recall(&c, &b->world, b->d.store, &b->asked, &gave);
	if (is)
		b->drv = str_dup(&b->d.arena, gave.drv);
	assert_null(c.session);
	compat_close(&c);
	return is;
}

/* Evaluates and remembers. */
static str evaluates(struct before *b)
{
	struct compat c;
	nix_val v;
	str path;

	assert_true(compat_open(&c, &b->world, &b->d.diags));
	b->world.view.real = str_c(disk_path(&b->d, "real"));
	assert_true(compat_value(&c, &b->world, str_c(b->expression), &v));
	assert_true(compat_derivation(&c, v, &path, &b->d.diags));
	compat_remember(&c, &b->world, b->d.store, &b->asked, &(struct instance){.drv = path});
	path = str_dup(&b->d.arena, path);
	compat_close(&c);
	return path;
}

static void remembered(void **state)
{
	struct before b;
	str one, two;

	(void)state;
	before_begin(&b);
	assert_false(recalls(&b));
	one = evaluates(&b);
	map_free(&b.beyond);
	assert_true(recalls(&b));
	assert_str(b.drv, one);
	assert_true(map_has(&b.beyond, str_c(disk_path(&b.d, "found/name"))));
	assert_int_equal(b.beyond.n, 1);
	/* A file beyond the workspace changes, and changes back. */
	disk_write(&b.d, "found/name", "two");
	assert_false(recalls(&b));
	two = evaluates(&b);
	assert_false(str_eq(one, two));
	assert_true(recalls(&b));
	assert_str(b.drv, two);
	disk_write(&b.d, "found/name", "one");
	assert_true(recalls(&b));
	assert_str(b.drv, one);
	/* It is there no more. */
	assert_int_equal(unlink(disk_path(&b.d, "found/name")), 0);
	assert_false(recalls(&b));
	before_end(&b);
}

static void remembered_by(void **state)
{
	struct before b;
	struct digest other = digest_of(DIGEST_SHA256, S("another")), same;
	struct digest *own;
	str root, label, package;

	(void)state;
	before_begin(&b);
	(void)evaluates(&b);
	own = &b.asked.what, same = *own;
	*own = other;
	assert_false(recalls(&b));
	*own = same;
	label = b.asked.label, b.asked.label = S("//pkg:b");
	assert_false(recalls(&b));
	b.asked.label = label;
	root = b.world.view.root, b.world.view.root = S("/elsewhere");
	assert_false(recalls(&b));
	b.world.view.root = root;
	package = b.world.package, b.world.package = S("");
	assert_false(recalls(&b));
	b.world.package = package;
	setenv("NIX_PATH", "found=/elsewhere", 1);
	assert_false(recalls(&b));
	unsetenv("NIX_PATH");
	b.world.nsearch = 0;
	assert_false(recalls(&b));
	b.world.nsearch = 1;
	assert_true(recalls(&b));
	/* The derivation is there no more. */
	assert_int_equal(os_remove_tree(disk_path(&b.d, "../cache/straylight/nix")), 0);
	assert_false(recalls(&b));
	before_end(&b);
}

/* What is not there is a ground, too; what may be something else each time is not remembered. */
static void remembered_not(void **state)
{
	static const char *const fleeting[] = {
		"derivation { name = toString builtins.currentTime; system = \"x\"; builder = \"/b\"; }",
		"builtins.trace \"heard\" (derivation { name = \"n\"; system = \"x\"; builder = \"/b\"; })",
	};
	struct before b;

	(void)state;
	before_begin(&b);
	b.expression = str_fmt(&b.d.arena, "derivation { name = if builtins.pathExists %s/found/more then \"y\" else \"n\";"
			" system = \"x\"; builder = \"/b\"; }", b.d.root).p;
	(void)evaluates(&b);
	assert_true(recalls(&b));
	disk_write(&b.d, "found/more", "");
	assert_false(recalls(&b));
	for (size_t i = 0; i < SL_COUNT(fleeting); i++) {
		b.asked.what = digest_of(DIGEST_SHA256, str_c(fleeting[i]));
		b.expression = fleeting[i];
		(void)evaluates(&b);
		assert_false(recalls(&b));
	}
	before_end(&b);
}

/* A toolchain's expression: the output that counts is recalled, too. */
static void remembered_toolchain(void **state)
{
	const struct bytes bytes[] = {
		{.kind = BYTES_NIX, .where = S("found#a.dev")},
		{.kind = BYTES_NIX, .where = S("found#a.dev")},
		{.kind = BYTES_NIX, .where = S("found#a")},
	};
	const struct rendered r = {.name = S("t"), .bytes = (struct bytes *)bytes, .nbytes = SL_COUNT(bytes)};
	struct disk d = disk_new();
	str dev = {0};

	(void)state;
	setenv("XDG_CACHE_HOME", d.cache, 1);
	setenv("NIX_PATH", str_fmt(&d.arena, "found=%s/found", d.root).p, 1);
	disk_write(&d, "found/name", "one");
	disk_write(&d, "found/default.nix", "{ }: { a = derivation { name = builtins.readFile ./name; system = \"x\"; builder = \"/b\";"
			" outputs = [ \"out\" \"dev\" ]; }; }");
	for (int turn = 0; turn < 3; turn++) {
		struct toolchain_nix n = {0};

		if (turn == 2)
			disk_write(&d, "found/name", "two");
		assert_true(toolchain_nix_evaluate(&n, &r, d.store, str_fmt(&d.arena, "%s/ws", d.root), &d.diags));
		assert_int_equal(n.nparts, 2);
		for (size_t i = 0; i < n.nparts; i++)
			assert_int_equal(n.parts[i].recalled, turn == 1);
		assert_str(n.parts[0].drv, n.parts[1].drv);
		assert_true(str_ends(n.parts[0].path, S("-dev")) && !str_ends(n.parts[1].path, S("-dev")));
		assert_true(map_has(&n.beyond, str_c(disk_path(&d, "found/name"))));
		assert_int_equal(str_eq(dev, n.parts[0].path), turn == 1);
		dev = str_dup(&d.arena, n.parts[0].path);
		toolchain_nix_clear(&n);
	}
	unsetenv("NIX_PATH");
	disk_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands),
		cmocka_unit_test(paths),
		cmocka_unit_test(names),
		cmocka_unit_test(parts),
		cmocka_unit_test(worlds),
		cmocka_unit_test(remembered),
		cmocka_unit_test(remembered_by),
		cmocka_unit_test(remembered_not),
		cmocka_unit_test(remembered_toolchain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
