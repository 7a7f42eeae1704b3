#include "disk.h"
#include "nix_memo.h"

/* ---- a world of one file and one variable ---- */

struct world {
	const char *file;     /* what /f holds; NULL: absent */
	const char *variable; /* V */
};

static enum nix_found world_read(void *ud, str path, struct blob **out, struct diags *diags)
{
	const struct world *w = ud;

	(void)diags;
	if (!str_eq(path, S("/f")) || !w->file)
		return NIX_ABSENT;
	*out = blob_new(str_c(w->file));
	return NIX_FOUND;
}

static enum nix_found world_list(void *ud, str path, struct arena *a, struct nix_entry **out, size_t *n, struct diags *diags)
{
	const struct world *w = ud;

	(void)diags;
	if (!str_eq(path, S("/")))
		return NIX_ABSENT;
	*out = arena_make(a, struct nix_entry);
	(*out)[0] = (struct nix_entry){S("f"), NIX_REGULAR};
	*n = w->file != NULL;
	return NIX_FOUND;
}

static enum nix_file_type world_type(void *ud, str path)
{
	const struct world *w = ud;

	if (str_eq(path, S("/")))
		return NIX_DIRECTORY;
	return str_eq(path, S("/f")) && w->file ? NIX_REGULAR : NIX_NOTHING;
}

static bool world_link(void *ud, str path, struct arena *a, str *target)
{
	(void)ud, (void)path, (void)a, (void)target;
	return false;
}

static const char *world_variable(void *ud, str name)
{
	return str_eq(name, S("V")) ? ((const struct world *)ud)->variable : NULL;
}

static bool world_hash(void *ud, str path, bool recursive, nix_filter *f, void *filter_ud, unsigned char out[32], struct diags *diags)
{
	const struct world *w = ud;

	(void)recursive, (void)diags;
	sha256(str_eq(path, S("/f")) ? str_c(w->file) : S("folder"), out);
	if (f && str_eq(path, S("/")) && w->file)
		(void)f(filter_ud, S("/f"), S("regular"));
	return true;
}

static bool world_fetch(void *ud, const struct nix_fetch *f, struct arena *a, struct nix_fetched *out, struct diags *diags)
{
	(void)ud, (void)f, (void)a, (void)diags;
	*out = (struct nix_fetched){.path = S("/p"), .real = S("/p")};
	return true;
}

static int64_t world_now(void *ud)
{
	(void)ud;
	return 1;
}

static struct nix_env doors_of(struct world *w)
{
	return (struct nix_env){.read = world_read, .list = world_list, .type = world_type, .link = world_link,
			.variable = world_variable, .hash = world_hash, .fetch = world_fetch, .now = world_now, .ud = w};
}

/* ---- the witness ---- */

static bool changed(const struct nix_witness *seen, const struct nix_env *doors)
{
	size_t n;
	const struct nix_ground *g = nix_witness_grounds(seen, &n);
	bool differs = false;

	for (size_t i = 0; i < n; i++) {
		unsigned char now[32];

		nix_ground_look(doors, g[i].kind, g[i].name, now);
		differs |= memcmp(now, g[i].answer, 32) != 0;
	}
	return differs;
}

static void what_was_asked(void **state)
{
	struct world w = {"one", "v"};
	struct nix_env doors = doors_of(&w), env;
	struct nix_witness *seen = nix_witness_new(&doors);
	struct diags diags = {0};
	struct arena a = {0};
	struct nix_entry *entries;
	struct blob *b;
	unsigned char hash[32];
	size_t n;

	(void)state;
	env = nix_witness_env(seen);
	assert_int_equal(env.read(env.ud, S("/f"), &b, &diags), NIX_FOUND);
	blob_unref(b);
	assert_int_equal(env.read(env.ud, S("/g"), &b, &diags), NIX_ABSENT);
	assert_int_equal(env.type(env.ud, S("/f")), NIX_REGULAR);
	assert_int_equal(env.type(env.ud, S("/f")), NIX_REGULAR);
	assert_int_equal(env.list(env.ud, S("/"), &a, &entries, &n, &diags), NIX_FOUND);
	assert_false(env.link(env.ud, S("/f"), &a, &(str){0}));
	assert_string_equal(env.variable(env.ud, S("V")), "v");
	assert_null(env.variable(env.ud, S("W")));
	assert_true(env.hash(env.ud, S("/"), true, NULL, NULL, hash, &diags));
	(void)nix_witness_grounds(seen, &n);
	assert_int_equal(n, 9); /* each once; of the folder itself, and of the file in it */
	assert_false(nix_witness_fleeting(seen));
	assert_false(changed(seen, &doors));
	w.file = "two";
	assert_true(changed(seen, &doors));
	w = (struct world){"one", "another"};
	assert_true(changed(seen, &doors));
	w = (struct world){NULL, "v"};
	assert_true(changed(seen, &doors));
	w = (struct world){"one", "v"};
	assert_false(changed(seen, &doors));
	nix_witness_free(seen);
	arena_clear(&a);
}

/* Below an excepted folder nothing is a ground, and nothing is fleeting. */
static void excepted(void **state)
{
	struct world w = {"one", NULL};
	struct nix_env doors = doors_of(&w), env;
	struct nix_witness *seen = nix_witness_new(&doors);
	struct diags diags = {0};
	unsigned char hash[32];
	struct blob *b;
	size_t n;

	(void)state;
	nix_witness_except(seen, S("/f"));
	nix_witness_except(seen, S(""));
	env = nix_witness_env(seen);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(env.read(env.ud, S("/f"), &b, &diags), NIX_FOUND);
		blob_unref(b);
		assert_int_equal(env.type(env.ud, S("/f/g")), NIX_NOTHING);
		assert_true(env.hash(env.ud, S("/f"), true, NULL, NULL, hash, &diags));
		w.file = "two";
	}
	(void)nix_witness_grounds(seen, &n);
	assert_int_equal(n, 0);
	assert_false(nix_witness_fleeting(seen));
	assert_int_equal(env.type(env.ud, S("/fg")), NIX_NOTHING);
	(void)nix_witness_grounds(seen, &n);
	assert_int_equal(n, 1);
	nix_witness_free(seen);
}

static void what_does_not_last(void **state)
{
	static const unsigned char hash[32];
	const struct nix_fetch fixed = {.sha256 = hash}, commit = {.kind = NIX_FETCH_GIT, .rev = S("r")}, loose = {.url = S("u")};
	struct world w = {"one", NULL};
	struct nix_env doors = doors_of(&w), env;
	struct nix_fetched got;
	struct diags diags = {0};
	struct blob *b;

	(void)state;
	for (int i = 0; i < 6; i++) {
		struct nix_witness *seen = nix_witness_new(&doors);

		env = nix_witness_env(seen);
		switch (i) {
		case 0: assert_true(env.fetch(env.ud, &fixed, NULL, &got, &diags)); break;
		case 1: assert_true(env.fetch(env.ud, &commit, NULL, &got, &diags)); break;
		case 2: assert_true(env.fetch(env.ud, &loose, NULL, &got, &diags)); break;
		case 3: assert_int_equal(env.now(env.ud), 1); break;
		case 4: env.say(env.ud, S("a line")); break;
		default:
			for (int k = 0; k < 2; k++) { /* a file with two contents */
				assert_int_equal(env.read(env.ud, S("/f"), &b, &diags), NIX_FOUND);
				blob_unref(b);
				w.file = "two";
			}
		}
		assert_int_equal(nix_witness_fleeting(seen), i > 1);
		nix_witness_free(seen);
	}
}

/* ---- the memo ---- */

static const unsigned char key[32] = {1};

static struct nix_memo_entry entry_of(struct arena *a, const struct nix_env *doors, str drv)
{
	struct nix_ground *g = arena_make(a, struct nix_ground);
	struct instance *i = arena_make(a, struct instance);

	*g = (struct nix_ground){.kind = NIX_GROUND_FILE, .name = S("/f")};
	nix_ground_look(doors, g->kind, g->name, g->answer);
	*i = (struct instance){S("a"), drv, S("out")};
	return (struct nix_memo_entry){g, 1, i, 1};
}

static void remembered(void **state)
{
	static const char *const contents[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
	struct disk d = disk_new();
	struct nixstore *ns = nixstore_new(str_c(os_join(&d.arena, str_c(d.root), S("store"))), S(NIX_STORE_DIR));
	struct world w = {"0", NULL};
	struct nix_env doors = doors_of(&w);
	struct nix_memo_entry e;
	str drv = S(NIX_STORE_DIR "/00000000000000000000000000000000-d.drv");

	(void)state;
	assert_false(nix_memo_get(d.store, key, &doors, ns, &d.arena, &e));
	for (size_t i = 0; i < SL_COUNT(contents); i++) {
		w.file = contents[i];
		e = entry_of(&d.arena, &doors, drv);
		nix_memo_put(d.store, key, &e);
	}
	assert_false(nix_memo_get(d.store, key, &doors, ns, &d.arena, &e)); /* the folder has no derivation */
	assert_true(nixstore_write(ns, drv, S("Derive"), &d.diags));
	for (size_t i = 0; i < SL_COUNT(contents); i++) {
		w.file = contents[i];
		assert_int_equal(nix_memo_get(d.store, key, &doors, ns, &d.arena, &e), i >= SL_COUNT(contents) - NIX_MEMO_MAX);
	}
	assert_int_equal(e.n, 1);
	assert_true(str_eq(e.all[0].drv, drv) && str_eq(e.all[0].attr, S("a")) && str_eq(e.all[0].output, S("out")));
	w.file = "another";
	assert_false(nix_memo_get(d.store, key, &doors, ns, &d.arena, &e));
	nixstore_free(ns);
	disk_free(&d);
}

/* A record that is none is refused, wherever it is cut or changed into another form. */
static void damaged(void **state)
{
	struct disk d = disk_new();
	struct world w = {"0", NULL};
	struct nix_env doors = doors_of(&w);
	struct nix_memo_entry e = entry_of(&d.arena, &doors, S("/nix/store/x")), out[NIX_MEMO_MAX];
	struct blob *b;
	size_t n;

	(void)state;
	nix_memo_put(d.store, key, &e);
	assert_true(store_record_get(d.store, "instance", key, &b));
	assert_true(nix_memo_read(blob_str(b), &d.arena, out, &n));
	assert_int_equal(n, 1);
	for (size_t i = 0; i < blob_str(b).n; i++)
		assert_false(nix_memo_read(str_upto(blob_str(b), i), &d.arena, out, &n));
	assert_false(nix_memo_read(str_fmt(&d.arena, "%.*s!", STR_ARG(blob_str(b))), &d.arena, out, &n));
	assert_false(nix_memo_read(S("\x89\x80"), &d.arena, out, &n));         /* too many entries */
	assert_false(nix_memo_read(S("\x81\x82\x83\x06\x41/\x41x\x80"), &d.arena, out, &n)); /* no such ground */
	blob_unref(b);
	disk_free(&d);
}

/* ---- names ---- */

static void names(void **state)
{
	static const struct {
		const char *text, *file, *expression, *attr; /* file and expression NULL: it is no name */
	} rows[] = {
		{"nixpkgs#hello", "", "import <nixpkgs>", "hello"},
		{"a/b#c.d", "", "import <a/b>", "c.d"},
		{"nixpkgs#", "", "import <nixpkgs>", ""},
		{"./x.nix#a#b", "/here/./x.nix", "", "a#b"},
		{".#a", "/here/.", "", "a"},
		{"/abs#a", "/abs", "", "a"},
		{"nixpkgs", NULL, NULL, NULL},
		{"#a", NULL, NULL, NULL},
	};
	struct arena a = {0};
	struct instantiate ask;

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		bool is = instantiate_named(str_c(rows[i].text), S("/here"), &a, &ask);

		assert_int_equal(is, rows[i].file != NULL);
		if (!is)
			continue;
		assert_str_c(ask.file, rows[i].file);
		assert_str_c(ask.text, rows[i].expression);
		assert_str_c(ask.attr, rows[i].attr);
	}
	arena_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_asked), cmocka_unit_test(excepted), cmocka_unit_test(what_does_not_last), cmocka_unit_test(remembered),
		cmocka_unit_test(damaged), cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
