#include "store_test.h"

#include <sys/stat.h>

#define BLOB ((size_t)64 << 10)

/* As if it had been used that long from now: a change cannot be dated back. */
static void used_later(const char *path, time_t seconds)
{
	struct timespec times[2] = {{.tv_sec = time(NULL) + seconds}, {.tv_nsec = UTIME_OMIT}};

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static struct digest blob_of(struct fixture *f, char c)
{
	static char bytes[BLOB];
	struct digest d;

	memset(bytes, c, sizeof bytes);
	assert_int_equal(store_put(f->store, str_of(bytes, sizeof bytes), &d), 0);
	return d;
}

static void closed(struct fixture *f)
{
	store_close(f->store);
	f->store = NULL;
}

static void reopened(struct fixture *f)
{
	f->store = store_open(str_c(f->root), DIGEST_SHA256, &f->diags);
	assert_non_null(f->store);
}

static void the_oldest_go_first(void **state)
{
	struct fixture f = fixture_new();
	struct digest blobs[4];
	struct store_swept swept;

	(void)state;
	for (int i = 0; i < 4; i++) {
		blobs[i] = blob_of(&f, (char)('a' + i));
		used_later(cas_file(&f, &blobs[i], ""), 1000 - 100 * i);
	}
	closed(&f);
	assert_int_equal(store_gc(str_c(f.root), 2 * BLOB, &swept), 0);
	assert_int_equal(swept.removed, 2);
	assert_int_equal(swept.removed_bytes, 2 * BLOB);
	assert_int_equal(swept.kept, 2);
	assert_int_equal(swept.kept_bytes, 2 * BLOB);
	reopened(&f);
	for (int i = 0; i < 4; i++)
		assert_int_equal(store_has(f.store, &blobs[i]), i < 2);
	fixture_free(&f);
}

/* A tree is one thing: it goes whole, and stays whole when one of its files is in use. */
static void trees_are_whole(void **state)
{
	struct fixture f = fixture_new();
	struct tree *old = tree_from(&f, "a/one=1 a/two=2"), *used = tree_from(&f, "b/three=3 b/four=4");
	struct store_swept swept;
	str old_path, used_path;

	(void)state;
	assert_int_equal(store_materialize(f.store, old, &f.arena, &old_path), 0);
	assert_int_equal(store_materialize(f.store, used, &f.arena, &used_path), 0);
	used_later(os_join(&f.arena, used_path, S("b/four")), 1000);
	closed(&f);
	assert_int_equal(store_gc(str_c(f.root), (uint64_t)2 * 4096, &swept), 0);
	assert_int_equal(swept.kept, 1);
	assert_int_equal(access(old_path.p, F_OK), -1);
	assert_int_equal(access(os_join(&f.arena, used_path, S("b/three")), F_OK), 0);
	assert_int_equal(access(os_join(&f.arena, used_path, S("b/four")), F_OK), 0);
	tree_unref(old);
	tree_unref(used);
	fixture_free(&f);
}

static void nothing_may_be_left(void **state)
{
	struct fixture f = fixture_new();
	unsigned char key[32] = {1};
	struct digest d = blob_of(&f, 'x');
	struct store_swept swept;
	struct blob *b;

	(void)state;
	assert_int_equal(store_record_put(f.store, "narrow", key, S("what it says")), 0);
	closed(&f);
	assert_int_equal(store_gc(str_c(f.root), 0, &swept), 0);
	assert_int_equal(swept.kept, 0);
	assert_int_equal(swept.removed, 2);
	reopened(&f);
	assert_false(store_has(f.store, &d));
	assert_false(store_record_get(f.store, "narrow", key, &b));
	assert_int_equal(store_put(f.store, S("again"), &d), 0);
	closed(&f);
	assert_int_equal(store_gc(str_c(f.root), UINT64_MAX, &swept), 0);
	assert_int_equal(swept.removed, 0);
	assert_int_equal(swept.kept, 1);
	fixture_free(&f);
}

static void an_open_store_is_left_alone(void **state)
{
	struct fixture f = fixture_new();
	struct digest d = blob_of(&f, 'x');
	struct store_swept swept;

	(void)state;
	assert_int_equal(store_gc(str_c(f.root), 0, &swept), -EBUSY);
	assert_true(store_has(f.store, &d));
	fixture_free(&f);
}

/* Store paths name each other. */
static void store_paths_are_left_alone(void **state)
{
	struct fixture f = fixture_new();
	const char *path = path_of(&f, "nix/store/name/file");
	struct store_swept swept;

	(void)state;
	assert_int_equal(os_mkdirs_for(path, 0755), 0);
	assert_int_equal(os_replace(path, S("text"), 0644, false), 0);
	closed(&f);
	assert_int_equal(store_gc(str_c(f.root), 0, &swept), 0);
	assert_int_equal(swept.removed + swept.kept, 0);
	assert_int_equal(access(path, F_OK), 0);
	fixture_free(&f);
}

static void no_cache_is_an_empty_one(void **state)
{
	struct fixture f = fixture_new();
	struct store_swept swept;

	(void)state;
	assert_int_equal(store_gc(str_c(path_of(&f, "none")), 0, &swept), 0);
	assert_int_equal(swept.removed + swept.kept, 0);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_go_first),
		cmocka_unit_test(trees_are_whole),
		cmocka_unit_test(nothing_may_be_left),
		cmocka_unit_test(an_open_store_is_left_alone),
		cmocka_unit_test(store_paths_are_left_alone),
		cmocka_unit_test(no_cache_is_an_empty_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
