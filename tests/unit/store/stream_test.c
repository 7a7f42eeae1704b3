#include "store_test.h"

static void written_in_pieces(void **state)
{
	struct fixture f = fixture_new();
	str all = noise(&f.arena, 300000, 7);
	struct digest d = digest_of(DIGEST_SHA256, all);
	struct store_write *w;
	struct blob *b;
	int fd;

	(void)state;
	assert_int_equal(store_write_begin(f.store, &w), 0);
	for (size_t at = 0; at < all.n; at += 7001)
		assert_int_equal(store_write_add(w, all.p + at, str_upto(str_from(all, at), 7001).n), 0);
	assert_int_equal(store_write_size(w), 300000);
	assert_false(store_has(f.store, &d));
	assert_int_equal(store_write_end(w, &d), 0);
	assert_true(store_has(f.store, &d));
	assert_file(cas_file(&f, &d, ""), all, 0444);
	fd = store_open_blob(f.store, &d);
	assert_true(fd >= 0);
	assert_int_equal(os_read_fd(fd, 0, &b), 0);
	assert_str(blob_str(b), all);
	blob_unref(b);
	close(fd);
	fixture_free(&f);
}

static void other_bytes_leave_nothing(void **state)
{
	struct fixture f = fixture_new();
	struct digest d = digest_of(DIGEST_SHA256, S("hello")), got = digest_of(DIGEST_SHA256, S("help"));
	struct store_write *w;

	(void)state;
	assert_int_equal(store_write_begin(f.store, &w), 0);
	assert_int_equal(store_write_add(w, "help", 4), 0);
	assert_int_equal(store_write_end(w, &d), -EBADMSG);
	assert_false(store_has(f.store, &d));
	assert_false(store_has(f.store, &got));
	assert_int_equal(store_open_blob(f.store, &d), -ENOENT);
	assert_int_equal(store_write_begin(f.store, &w), 0);
	assert_int_equal(store_write_add(w, "hello", 5), 0);
	store_write_drop(w);
	assert_false(store_has(f.store, &d));
	store_write_drop(NULL);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(written_in_pieces), cmocka_unit_test(other_bytes_leave_nothing)};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
