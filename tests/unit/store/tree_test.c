#include "store_test.h"

#define A "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb" /* SHA-256 of "a" */

static struct fixture fix;

static int open_fixture(void **state)
{
	(void)state;
	fix = fixture_new();
	return 0;
}

static int close_fixture(void **state)
{
	(void)state;
	fixture_free(&fix);
	return 0;
}

static struct digest digest_a(void)
{
	return digest_of(DIGEST_SHA256, S("a"));
}

static void the_message_is_canonical(void **state)
{
	/* A FileNode is name (2 + 1), digest (2 + 66 + 2) and is_executable (2). */
	static const char want[] = "\x0a\x49\x0a\x01"
				   "b\x12\x44\x0a\x40" A "\x10\x01"
				   "\x0a\x4b\x0a\x01"
				   "z\x12\x44\x0a\x40" A "\x10\x01\x20\x01"
				   "\x12\x47\x0a\x01"
				   "d\x12\x42\x0a\x40"
				   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
				   "\x1a\x09\x0a\x01"
				   "a\x12\x04"
				   "../x";
	struct tree *t = tree_from(&fix, "z*=a d/ a@=../x b=a");
	struct digest d = digest_of(DIGEST_SHA256, str_of(want, sizeof want - 1));
	struct buf b = {0};

	(void)state;
	tree_message(t, DIGEST_SHA256, &b);
	assert_str(buf_view(&b), str_of(want, sizeof want - 1));
	assert_true(digest_eq(tree_digest(t, DIGEST_SHA256), &d));
	assert_false(digest_eq(tree_digest(t, DIGEST_BLAKE3), &d));
	buf_free(&b);
	tree_unref(t);
}

static void the_empty_tree_is_the_empty_blob(void **state)
{
	struct tree *t = tree_from(&fix, ""), *same = tree_empty();
	struct digest d = digest_of(DIGEST_SHA256, S(""));

	(void)state;
	assert_ptr_equal(t, same);
	assert_int_equal(tree_count(t), 0);
	assert_true(digest_eq(tree_digest(t, DIGEST_SHA256), &d));
	assert_null(tree_find(t, S("")));
	tree_unref(t);
	tree_unref(same);
}

static void entries_are_found(void **state)
{
	struct tree *t = tree_from(&fix, "a/b/c=1 a/b.c=22 a/bc@=c a/d/ x*=333");
	const struct tree_entry *e;

	(void)state;
	assert_int_equal(tree_files(t), 3);
	assert_int_equal(tree_bytes(t), 6);
	e = tree_find(t, S("a"));
	assert_int_equal(e->kind, TREE_DIR);
	assert_int_equal(tree_count(e->dir), 4);
	assert_str(tree_entries(e->dir)[0].name, S("b"));
	assert_str(tree_entries(e->dir)[1].name, S("b.c"));
	assert_str(tree_entries(e->dir)[2].name, S("bc"));
	assert_int_equal(tree_find(t, S("a/b/c"))->digest.size, 1);
	assert_str(tree_find(t, S("a/bc"))->target, S("c"));
	assert_int_equal(tree_count(tree_find(t, S("a/d"))->dir), 0);
	assert_true(tree_find(t, S("x"))->executable);
	assert_null(tree_find(t, S("")));
	assert_null(tree_find(t, S("a/")));
	assert_null(tree_find(t, S("/a")));
	assert_null(tree_find(t, S("a//b")));
	assert_null(tree_find(t, S("x/y")));
	assert_null(tree_find(t, S("a/b/cc")));
	tree_unref(t);
}

static void puts_tell_what_was_there(void **state)
{
	struct tree_builder *b = tree_builder_new();
	struct digest one = digest_a(), two = digest_of(DIGEST_SHA256, S("b"));
	str clash = S("");

	(void)state;
	assert_int_equal(tree_put_file(b, S("a/f"), &one, false), TREE_PUT_OK);
	assert_int_equal(tree_put_file(b, S("a/f"), &one, false), TREE_PUT_SAME);
	assert_int_equal(tree_put_symlink(b, S("a/l"), S("f")), TREE_PUT_OK);
	assert_int_equal(tree_put_symlink(b, S("a/l"), S("f")), TREE_PUT_SAME);
	assert_int_equal(tree_put_dir(b, S("a")), TREE_PUT_SAME);
	assert_int_equal(tree_put_dir(b, S("a/d/e")), TREE_PUT_OK);
	assert_int_equal(tree_put_file(b, S("a/f"), &two, false), TREE_PUT_CLASH);
	assert_int_equal(tree_put_file(b, S("a/f"), &one, true), TREE_PUT_CLASH);
	assert_int_equal(tree_put_symlink(b, S("a/f"), S("f")), TREE_PUT_CLASH);
	assert_int_equal(tree_put_dir(b, S("a/f/g")), TREE_PUT_CLASH);
	assert_int_equal(tree_put_file(b, S("a/d"), &one, false), TREE_PUT_CLASH);
	assert_null(tree_builder_end(b, &fix.arena, &clash));
	assert_str(clash, S("a/f"));
}

static void bad_paths_are_refused(void **state)
{
	static const str paths[] = {{"", 0}, {"/", 1}, {"/a", 2}, {"a/", 2}, {"a//b", 4}, {".", 1}, {"a/..", 4},
		{"../a", 4}, {"./a", 3}, {"a\0b", 3}, {"a/./b", 5}};
	struct digest d = digest_a();

	(void)state;
	for (size_t i = 0; i < SL_COUNT(paths); i++) {
		struct tree_builder *b = tree_builder_new();
		str clash;

		assert_int_equal(tree_put_file(b, paths[i], &d, false), TREE_PUT_INVALID);
		assert_null(tree_builder_end(b, &fix.arena, &clash));
		assert_str(clash, paths[i]);
	}
}

static void depth_is_bounded(void **state)
{
	struct tree_builder *b = tree_builder_new();
	struct digest d = digest_a();
	struct buf path = {0};
	struct tree *t, *got;

	(void)state;
	for (unsigned i = 0; i < TREE_DEPTH_MAX; i++)
		buf_lit(&path, "d/");
	buf_c(&path, 'f');
	assert_int_equal(tree_put_file(b, buf_view(&path), &d, false), TREE_PUT_OK);
	t = tree_builder_end(b, NULL, NULL);
	assert_int_equal(t->depth, TREE_DEPTH_MAX);
	assert_int_equal(store_put_tree(fix.store, t), 0);
	assert_int_equal(store_get_tree(fix.store, tree_digest(t, DIGEST_SHA256), &got), 0);
	assert_true(digest_eq(tree_digest(t, DIGEST_SHA256), tree_digest(got, DIGEST_SHA256)));
	tree_unref(got);
	assert_null(tree_below(t, S("more")));
	b = tree_builder_new();
	buf_lit(&path, "/g");
	assert_int_equal(tree_put_file(b, buf_view(&path), &d, false), TREE_PUT_INVALID);
	assert_null(tree_builder_end(b, NULL, NULL));
	buf_free(&path);
	tree_unref(t);
}

static void subtrees_are_shared(void **state)
{
	struct tree *inc = tree_from(&fix, "x.h=1 sub/y.h=2"), *big, *merged, *small;

	(void)state;
	big = tree_below(inc, S("usr/include"));
	assert_ptr_equal(tree_find(big, S("usr/include"))->dir, inc);
	small = tree_from(&fix, "usr/bin/cc*=3");
	merged = tree_merge(small, big, NULL, NULL);
	assert_ptr_equal(tree_find(merged, S("usr/include"))->dir, inc);
	assert_non_null(tree_find(merged, S("usr/bin/cc")));
	tree_unref(small);
	small = tree_merge(merged, big, NULL, NULL);
	assert_ptr_equal(small, merged);
	tree_unref(small);
	small = tree_merge(inc, merged, NULL, NULL);
	assert_ptr_equal(tree_find(small, S("usr"))->dir, tree_find(merged, S("usr"))->dir);
	assert_ptr_equal(tree_find(small, S("sub"))->dir, tree_find(inc, S("sub"))->dir);
	tree_unref(small);
	tree_unref(inc);
	tree_unref(big);
	tree_unref(merged);
}

/* Whatever the order of puts, files and trees, the digest is that of the flat list. */
static void order_does_not_matter(void **state)
{
	struct tree *whole = tree_from(&fix, "a/x=1 a/y=2 a/s/z=3 b=4"), *x = tree_from(&fix, "x=1 s/z=3"),
		    *y = tree_from(&fix, "y=2 s/z=3"), *got;
	struct digest one = digest_of(DIGEST_SHA256, S("1")), four = digest_of(DIGEST_SHA256, S("4"));

	(void)state;
	for (unsigned order = 0; order < 24; order++) {
		struct tree_builder *b = tree_builder_new();
		unsigned left[] = {0, 1, 2, 3}, n = 4, seed = order;

		for (; n; n--) {
			unsigned at = seed % n, what = left[at];

			seed /= n;
			left[at] = left[n - 1];
			switch (what) {
			case 0: tree_put_tree(b, S("a"), x); break;
			case 1: tree_put_tree(b, S("a"), y); break;
			case 2: tree_put_file(b, S("a/x"), &one, false); break;
			case 3: tree_put_file(b, S("b"), &four, false); break;
			}
		}
		got = tree_builder_end(b, NULL, NULL);
		assert_non_null(got);
		assert_true(digest_eq(tree_digest(got, DIGEST_SHA256), tree_digest(whole, DIGEST_SHA256)));
		assert_int_equal(got->nodes, whole->nodes);
		assert_int_equal(got->depth, whole->depth);
		tree_unref(got);
	}
	tree_unref(whole);
	tree_unref(x);
	tree_unref(y);
}

static void merges_clash_with_the_path(void **state)
{
	static const char *const pairs[][3] = {
		{"a/b=1", "a/b=2", "a/b"},
		{"a/b=1", "a/b*=1", "a/b"},
		{"a/b@=1", "a/b@=2", "a/b"},
		{"a/b/c=1", "a/b=1", "a/b"},
		{"z=1 a/b/c/d=1 a/b/q=3", "a/b/c/d=2 a/b/p=1 y=4", "a/b/c/d"},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(pairs); i++)
		for (unsigned k = 0; k < 2; k++) {
			struct tree *x = tree_from(&fix, pairs[i][k]), *y = tree_from(&fix, pairs[i][1 - k]);
			str clash = S("");

			assert_null(tree_merge(x, y, &fix.arena, &clash));
			assert_str_c(clash, pairs[i][2]);
			tree_unref(x);
			tree_unref(y);
		}
}

static void shapes_ignore_contents_only(void **state)
{
	static const char *const texts[] = {"a/f=1 g@=x", "a/f*=1 g@=x", "a/e=1 g@=x", "a/f=1 g@=y", "a/f=1 g=x",
		"a/f=1 g@=x d/"};
	struct tree *base = tree_from(&fix, texts[0]), *same = tree_from(&fix, "a/f=2 g@=x");

	(void)state;
	assert_memory_equal(tree_shape(base), tree_shape(same), 32);
	for (size_t i = 1; i < SL_COUNT(texts); i++) {
		struct tree *other = tree_from(&fix, texts[i]);

		assert_memory_not_equal(tree_shape(base), tree_shape(other), 32);
		tree_unref(other);
	}
	tree_unref(base);
	tree_unref(same);
}

static void wide_trees(void **state)
{
	struct tree_builder *b = tree_builder_new();
	struct digest d = digest_a();
	struct tree *t, *extra = tree_from(&fix, "dir7/new=1"), *merged;
	char path[64];

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		snprintf(path, sizeof path, "dir%u/file%u", i % 10, i * 7919 % 100000);
		assert_int_equal(tree_put_file(b, str_c(path), &d, false), TREE_PUT_OK);
	}
	t = tree_builder_end(b, NULL, NULL);
	assert_int_equal(tree_files(t), 100000);
	merged = tree_merge(t, extra, NULL, NULL);
	assert_int_equal(tree_files(merged), 100001);
	assert_ptr_equal(tree_find(merged, S("dir6"))->dir, tree_find(t, S("dir6"))->dir);
	tree_unref(t);
	tree_unref(extra);
	tree_unref(merged);
}

/* ---- the reader and the store ---- */

static void trees_come_back(void **state)
{
	struct tree *t = tree_from(&fix, "a/x=1 b/x=1 c/d/e*=2 l@=a/x e/ f=3"), *got;
	const struct digest *d = tree_digest(t, DIGEST_SHA256);

	(void)state;
	assert_int_equal(store_get_tree(fix.store, d, &got), -ENOENT);
	assert_null(got);
	assert_int_equal(store_put_tree(fix.store, t), 0);
	assert_int_equal(store_get_tree(fix.store, d, &got), 0);
	assert_true(digest_eq(tree_digest(got, DIGEST_SHA256), d));
	assert_memory_equal(tree_shape(got), tree_shape(t), 32);
	assert_ptr_equal(tree_find(got, S("a"))->dir, tree_find(got, S("b"))->dir);
	assert_true(store_has_tree(fix.store, d));
	tree_unref(got);
	overwrite(&fix, cas_file(&fix, tree_digest(tree_find(t, S("c/d"))->dir, DIGEST_SHA256), ""), S("bad"));
	assert_int_equal(store_get_tree(fix.store, d, &got), -ENOENT);
	assert_false(store_has_tree(fix.store, d));
	assert_int_equal(store_put_tree(fix.store, t), 0);
	assert_true(store_has_tree(fix.store, d));
	assert_int_equal(unlink(cas_file(&fix, &tree_find(t, S("f"))->digest, "")), 0);
	seen_clear(&fix.store->seen);
	assert_false(store_has_tree(fix.store, d));
	tree_unref(t);
}

static void message_add(struct buf *b, unsigned field, const char *name, bool executable)
{
	struct digest d = digest_a();
	struct tree_entry e = {.name = str_c(name), .kind = field == 1 ? TREE_FILE : field == 2 ? TREE_DIR : TREE_SYMLINK,
		.executable = executable, .digest = d, .target = S("t")};

	directory_write(&e, 1, DIGEST_SHA256, b);
}

static bool reads(struct buf *b)
{
	struct tree_entry *entries;
	size_t n;
	bool ok = directory_read(buf_view(b), &fix.arena, &entries, &n);

	b->n = 0;
	return ok;
}

static void the_reader_is_strict(void **state)
{
	static const char *const bad_names[] = {"", ".", "..", "a/b", "/"};
	struct buf b = {0};

	(void)state;
	message_add(&b, 1, "a", true), message_add(&b, 1, "b", false), message_add(&b, 2, "A", false);
	assert_true(reads(&b));
	message_add(&b, 1, "b", false), message_add(&b, 1, "a", false);
	assert_false(reads(&b));
	message_add(&b, 1, "a", false), message_add(&b, 1, "a", false);
	assert_false(reads(&b));
	message_add(&b, 1, "a", false), message_add(&b, 3, "a", false);
	assert_false(reads(&b));
	message_add(&b, 3, "a", false), message_add(&b, 2, "b", false);
	assert_false(reads(&b));
	for (size_t i = 0; i < SL_COUNT(bad_names); i++) {
		message_add(&b, 1 + i % 3, bad_names[i], false);
		assert_false(reads(&b));
	}
	message_add(&b, 1, "a", false);
	buf_add(&b, "\x2a\x00", 2); /* node properties */
	assert_false(reads(&b));
	buf_free(&b);
}

/* Each level names the one below twice: few blobs, and more nodes than anyone can visit. */
static void a_bomb_is_refused(void **state)
{
	struct digest d = put(&fix, S(""));
	struct buf b = {0};
	struct tree *t;

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		struct tree_entry e[2] = {{.name = S("a"), .kind = TREE_DIR, .digest = d},
			{.name = S("b"), .kind = TREE_DIR, .digest = d}};

		b.n = 0;
		directory_write(e, 2, DIGEST_SHA256, &b);
		d = put(&fix, buf_view(&b));
	}
	assert_int_equal(store_get_tree(fix.store, &d, &t), -E2BIG);
	buf_free(&b);
}

static void a_tree_that_is_no_directory(void **state)
{
	struct digest d = put(&fix, S("not a message"));
	struct tree *t;

	(void)state;
	assert_int_equal(store_get_tree(fix.store, &d, &t), -EBADMSG);
}

static void *digest_in_thread(void *t)
{
	return (void *)tree_digest(t, DIGEST_SHA256);
}

static void threads_agree_on_a_digest(void **state)
{
	struct tree *t = tree_from(&fix, "a/b/c=1 d=2 e/f=3");
	pthread_t threads[8];
	void *got[8];

	(void)state;
	for (size_t i = 0; i < SL_COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, digest_in_thread, t), 0);
	for (size_t i = 0; i < SL_COUNT(threads); i++)
		pthread_join(threads[i], &got[i]);
	for (size_t i = 0; i < SL_COUNT(threads); i++)
		assert_ptr_equal(got[i], tree_digest(t, DIGEST_SHA256));
	tree_unref(t);
}

#define TREE_TEST(f) cmocka_unit_test_setup_teardown(f, open_fixture, close_fixture)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(the_message_is_canonical),
		TREE_TEST(the_empty_tree_is_the_empty_blob),
		TREE_TEST(entries_are_found),
		TREE_TEST(puts_tell_what_was_there),
		TREE_TEST(bad_paths_are_refused),
		TREE_TEST(depth_is_bounded),
		TREE_TEST(subtrees_are_shared),
		TREE_TEST(order_does_not_matter),
		TREE_TEST(merges_clash_with_the_path),
		TREE_TEST(shapes_ignore_contents_only),
		TREE_TEST(wide_trees),
		TREE_TEST(trees_come_back),
		TREE_TEST(the_reader_is_strict),
		TREE_TEST(a_bomb_is_refused),
		TREE_TEST(a_tree_that_is_no_directory),
		TREE_TEST(threads_agree_on_a_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
