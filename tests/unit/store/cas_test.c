#include "store_test.h"

#include <sys/stat.h>

static void put_get(void **state)
{
	struct fixture f = fixture_new();
	struct digest d = put(&f, S("hello")), again;
	struct blob *b;

	(void)state;
	assert_true(store_has(f.store, &d));
	assert_int_equal(store_get(f.store, &d, &b), 0);
	assert_str(blob_str(b), S("hello"));
	blob_unref(b);
	again = put(&f, S("hello"));
	assert_true(digest_eq(&d, &again));
	assert_file(cas_file(&f, &d, ""), S("hello"), 0444);
	d.b[0] ^= 1;
	assert_false(store_has(f.store, &d));
	assert_int_equal(store_get(f.store, &d, &b), -ENOENT);
	assert_null(b);
	fixture_free(&f);
}

static void the_size_is_part_of_the_name(void **state)
{
	struct fixture f = fixture_new();
	struct digest d = put(&f, S("hello"));
	struct blob *b;

	(void)state;
	d.size = 6;
	assert_false(store_has(f.store, &d));
	d.size = -1;
	assert_false(store_has(f.store, &d));
	assert_int_equal(store_get(f.store, &d, &b), -ENOENT);
	fixture_free(&f);
}

static void the_empty_blob_is_always_there(void **state)
{
	struct fixture f = fixture_new();
	struct digest d = digest_of(DIGEST_SHA256, S("")), got;
	struct blob *b;
	str path;

	(void)state;
	assert_true(store_has(f.store, &d));
	assert_int_equal(store_get(f.store, &d, &b), 0);
	assert_int_equal(b->n, 0);
	blob_unref(b);
	assert_int_equal(store_verify(f.store, &d), 0);
	got = put(&f, S(""));
	assert_true(digest_eq(&d, &got));
	assert_int_not_equal(access(cas_file(&f, &d, ""), F_OK), 0);
	assert_int_equal(store_get_file(f.store, &d, true, false, path_of(&f, "e")), 0);
	assert_file(path_of(&f, "e"), S(""), 0555);
	assert_int_equal(store_path(f.store, &d, false, &f.arena, &path), 0);
	assert_file(path.p, S(""), 0444);
	fixture_free(&f);
}

static void a_damaged_blob_is_a_miss(void **state)
{
	struct fixture f = fixture_new();
	struct digest d = put(&f, S("hello"));
	const char *file = cas_file(&f, &d, "");
	struct blob *b;

	(void)state;
	overwrite(&f, file, S("hellO"));
	assert_int_equal(store_get(f.store, &d, &b), -ENOENT);
	assert_int_not_equal(access(file, F_OK), 0);
	assert_false(store_has(f.store, &d));
	put(&f, S("hello"));
	overwrite(&f, file, S("hell"));
	assert_false(store_has(f.store, &d));
	assert_int_equal(store_get(f.store, &d, &b), -ENOENT);
	put(&f, S("hello"));
	overwrite(&f, file, S("HELLO"));
	assert_int_equal(store_verify(f.store, &d), -ENOENT);
	assert_int_not_equal(access(file, F_OK), 0);
	put(&f, S("hello"));
	assert_int_equal(store_verify(f.store, &d), 0);
	fixture_free(&f);
}

static void write_in_place(const char *path, str bytes)
{
	int fd;

	assert_int_equal(chmod(path, 0644), 0);
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, bytes.p, bytes.n, 0), bytes.n);
	close(fd);
	assert_int_equal(chmod(path, 0444), 0);
}

/* The size is right, and nothing reads the bytes: the time of the change gives it away. */
static void a_blob_that_was_written_to_is_hashed(void **state)
{
	struct fixture f = fixture_new();
	struct digest d = put(&f, S("contents")), touched = put(&f, S("touched!"));
	struct stat st;

	(void)state;
	write_in_place(cas_file(&f, &d, ""), S("CONTENTS"));
	write_in_place(cas_file(&f, &touched, ""), S("touched!"));
	seen_clear(&f.store->seen);
	assert_false(store_has(f.store, &d));
	assert_int_equal(lstat(cas_file(&f, &d, ""), &st), -1);
	assert_true(store_has(f.store, &touched));
	assert_int_equal(lstat(cas_file(&f, &touched, ""), &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, STORE_MTIME);
	put(&f, S("contents"));
	assert_true(store_has(f.store, &d));
	assert_int_equal(store_verify(f.store, &d), 0);
	fixture_free(&f);
}

static void one_whole_variant_is_enough(void **state)
{
	struct fixture f = fixture_new();
	struct digest d = put(&f, S("hello"));
	struct blob *b;
	str path;

	(void)state;
	assert_int_equal(store_path(f.store, &d, true, &f.arena, &path), 0);
	assert_file(path.p, S("hello"), 0555);
	overwrite(&f, cas_file(&f, &d, ""), S("xxxxx"));
	assert_int_equal(store_verify(f.store, &d), 0);
	assert_int_not_equal(access(cas_file(&f, &d, ""), F_OK), 0);
	assert_int_equal(store_get(f.store, &d, &b), 0);
	blob_unref(b);
	assert_int_equal(store_path(f.store, &d, false, &f.arena, &path), 0);
	assert_file(path.p, S("hello"), 0444);
	fixture_free(&f);
}

static void a_blob_that_vanished_is_noticed(void **state)
{
	struct fixture f = fixture_new();
	struct digest d = put(&f, S("hello"));
	struct blob *b;

	(void)state;
	assert_int_equal(unlink(cas_file(&f, &d, "")), 0);
	assert_int_equal(store_get(f.store, &d, &b), -ENOENT);
	assert_false(store_has(f.store, &d));
	put(&f, S("hello"));
	assert_file(cas_file(&f, &d, ""), S("hello"), 0444);
	fixture_free(&f);
}

static void files_go_in(void **state)
{
	static const size_t sizes[] = {0, 1, 65536, 1 << 20, (1 << 20) + 1, 3 << 20};
	struct fixture f = fixture_new();

	(void)state;
	for (size_t i = 0; i < SL_COUNT(sizes); i++) {
		str bytes = noise(&f.arena, sizes[i], (unsigned)i);
		const char *path = make_file(&f, "source", bytes, i % 2 ? 0755 : 0644);
		struct digest want = digest_of(DIGEST_SHA256, bytes), d;
		struct blob *b;

		assert_int_equal(store_put_file(f.store, path, &d), 0);
		assert_true(digest_eq(&d, &want));
		assert_file(path, bytes, i % 2 ? 0755 : 0644);
		assert_int_equal(store_get(f.store, &d, &b), 0);
		assert_str(blob_str(b), bytes);
		blob_unref(b);
	}
	fixture_free(&f);
}

static void what_is_no_file_is_refused(void **state)
{
	struct fixture f = fixture_new();
	struct digest d;

	(void)state;
	assert_int_equal(store_put_file(f.store, path_of(&f, "absent"), &d), -ENOENT);
	assert_int_equal(store_put_file(f.store, f.root, &d), -EINVAL);
	assert_int_equal(mkfifo(path_of(&f, "fifo"), 0600), 0);
	assert_int_equal(store_put_file(f.store, path_of(&f, "fifo"), &d), -EINVAL);
	assert_int_equal(symlink("fifo", path_of(&f, "link")), 0);
	assert_int_equal(store_take_file(f.store, path_of(&f, "link"), &d), -EINVAL);
	fixture_free(&f);
}

static ino_t inode(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_ino;
}

static void taking_renames(void **state)
{
	struct fixture f = fixture_new();
	const char *path = make_file(&f, "out", S("program"), 0700);
	ino_t before = inode(path);
	struct digest d;

	(void)state;
	assert_int_equal(store_take_file(f.store, path, &d), 0);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(inode(cas_file(&f, &d, ".x")), before);
	assert_file(cas_file(&f, &d, ".x"), S("program"), 0555);
	path = make_file(&f, "out", S("program"), 0600);
	assert_int_equal(store_take_file(f.store, path, &d), 0);
	assert_int_not_equal(access(path, F_OK), 0);
	fixture_free(&f);
}

static void a_second_link_is_not_taken(void **state)
{
	struct fixture f = fixture_new();
	const char *path = make_file(&f, "out", S("shared"), 0600);
	struct digest d;

	(void)state;
	assert_int_equal(link(path, path_of(&f, "other")), 0);
	assert_int_equal(store_take_file(f.store, path, &d), 0);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_true(inode(path_of(&f, "other")) != inode(cas_file(&f, &d, "")));
	fixture_free(&f);
}

static void files_come_out(void **state)
{
	struct fixture f = fixture_new();
	str large = noise(&f.arena, STORE_LINK_MIN, 7);
	struct digest small = put(&f, S("small")), d = put(&f, large);

	(void)state;
	assert_int_equal(store_get_file(f.store, &small, false, false, path_of(&f, "a")), 0);
	assert_file(path_of(&f, "a"), S("small"), 0444);
	assert_true(inode(path_of(&f, "a")) != inode(cas_file(&f, &small, "")));
	assert_int_equal(store_get_file(f.store, &small, false, false, path_of(&f, "a")), -EEXIST);
	assert_file(path_of(&f, "a"), S("small"), 0444);

	assert_int_equal(store_get_file(f.store, &d, false, false, path_of(&f, "b")), 0);
	assert_true(inode(path_of(&f, "b")) == inode(cas_file(&f, &d, "")));
	assert_int_equal(store_get_file(f.store, &d, true, false, path_of(&f, "c")), 0);
	assert_true(inode(path_of(&f, "c")) == inode(cas_file(&f, &d, ".x")));
	assert_file(path_of(&f, "c"), large, 0555);
	assert_int_equal(store_get_file(f.store, &d, false, true, path_of(&f, "d")), 0);
	assert_true(inode(path_of(&f, "d")) != inode(cas_file(&f, &d, "")));
	assert_file(path_of(&f, "d"), large, 0444);

	overwrite(&f, cas_file(&f, &small, ""), S("SMALL"));
	assert_int_equal(store_get_file(f.store, &small, false, false, path_of(&f, "e")), -ENOENT);
	assert_int_not_equal(access(path_of(&f, "e"), F_OK), 0);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(put_get),
		cmocka_unit_test(the_size_is_part_of_the_name),
		cmocka_unit_test(the_empty_blob_is_always_there),
		cmocka_unit_test(a_damaged_blob_is_a_miss),
		cmocka_unit_test(a_blob_that_was_written_to_is_hashed),
		cmocka_unit_test(one_whole_variant_is_enough),
		cmocka_unit_test(a_blob_that_vanished_is_noticed),
		cmocka_unit_test(files_go_in),
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(taking_renames),
		cmocka_unit_test(a_second_link_is_not_taken),
		cmocka_unit_test(files_come_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
