#include "../test.h"

#include <straylight/base.h>
#include <straylight/valid.h>

struct fixture {
	struct arena arena;
	struct diags diags;
	char *root;
	struct store *store;
	struct valids *valids;
};

static struct fixture begin(void)
{
	struct fixture f = {.root = str_zdup(str_c(fresh_dir()))};

	f.store = store_open(str_c(f.root), DIGEST_SHA256, &f.diags);
	assert_non_null(f.store);
	f.valids = valids_new(f.store, S("here"));
	return f;
}

static void end(struct fixture *f)
{
	valids_free(f->valids);
	store_close(f->store);
	assert_int_equal(os_remove_tree(f->root), 0);
	mem_free(f->root);
	diags_free(&f->diags);
	arena_clear(&f->arena);
}

/* Another run of the program. */
static void again(struct fixture *f, const char *realm)
{
	valids_free(f->valids);
	store_close(f->store);
	f->store = store_open(str_c(f->root), DIGEST_SHA256, &f->diags);
	f->valids = valids_new(f->store, str_c(realm));
}

static void put(struct fixture *f, const char *path, const char *content, const str *refs, size_t n)
{
	struct valid v = {
		.path = str_c(path),
		.entry = {.kind = TREE_FILE, .executable = true},
		.nar_hash = nix_hash_of(NIX_SHA256, str_c(content)),
		.nar_size = 7,
		.refs = refs,
		.nrefs = n,
		.deriver = S("/nix/store/d.drv"),
		.ca = S("text:x"),
	};

	assert_int_equal(store_put(f->store, str_c(content), &v.entry.digest), 0);
	assert_non_null(valids_put(f->valids, &v));
}

static const str a_b[] = {{"/a", 2}, {"/b", 2}};

static void what_was_put_is_known_to_the_next_run(void **state)
{
	struct fixture f = begin();
	const struct valid *v;

	(void)state;
	put(&f, "/a", "of a", NULL, 0);
	put(&f, "/b", "of b", a_b, 2);
	again(&f, "here");
	v = valids_get(f.valids, S("/b"));
	assert_non_null(v);
	assert_str(v->path, S("/b"));
	assert_int_equal(v->nrefs, 2);
	assert_str(v->refs[1], S("/b"));
	assert_int_equal(v->nar_size, 7);
	assert_true(v->entry.executable);
	assert_str(v->deriver, S("/nix/store/d.drv"));
	assert_str(v->ca, S("text:x"));
	assert_null(valids_get(f.valids, S("/c")));
	again(&f, "elsewhere");
	assert_null(valids_get(f.valids, S("/b")));
	end(&f);
}

static void trees_and_links_come_back(void **state)
{
	struct fixture f = begin();
	struct tree_builder *b = tree_builder_new();
	struct digest d;
	struct valid v = {.path = S("/t"), .entry.kind = TREE_DIR}, link = {.path = S("/l"), .entry = {.kind = TREE_SYMLINK, .target = S("x")}};

	(void)state;
	assert_int_equal(store_put(f.store, S("x"), &d), 0);
	tree_put_file(b, S("sub/x"), &d, false);
	v.entry.dir = tree_builder_end(b, NULL, NULL);
	assert_int_equal(store_put_tree(f.store, v.entry.dir), 0);
	valids_put(f.valids, &v);
	valids_put(f.valids, &link);
	tree_unref(v.entry.dir);
	again(&f, "here");
	assert_non_null(tree_find(valids_get(f.valids, S("/t"))->entry.dir, S("sub/x")));
	assert_str(valids_get(f.valids, S("/l"))->entry.target, S("x"));
	end(&f);
}

static void a_closure_is_whole_or_nothing_is_known(void **state)
{
	struct fixture f = begin();
	const struct valid *const *closure;
	struct digest d = digest_of(DIGEST_SHA256, S("of a"));
	str path, b = S("/b");
	size_t n;

	(void)state;
	put(&f, "/a", "of a", NULL, 0);
	put(&f, "/b", "of b", a_b, 2);
	closure = valids_closure(f.valids, &b, 1, &f.arena, &n);
	assert_int_equal(n, 2);
	assert_str(closure[0]->path, S("/a"));
	assert_str(closure[1]->path, S("/b"));
	assert_int_equal(store_path(f.store, &d, true, &f.arena, &path), 0);
	again(&f, "here");
	assert_int_equal(os_remove_tree(os_join(&f.arena, str_c(f.root), S("cas"))), 0);
	again(&f, "here");
	assert_null(valids_get(f.valids, S("/b")));
	assert_null(valids_get(f.valids, S("/a")));
	put(&f, "/b", "of b", a_b, 2);
	assert_null(valids_get(f.valids, S("/b")));
	put(&f, "/a", "of a", NULL, 0);
	assert_non_null(valids_get(f.valids, S("/b")));
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_known_to_the_next_run),
		cmocka_unit_test(trees_and_links_come_back),
		cmocka_unit_test(a_closure_is_whole_or_nothing_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
