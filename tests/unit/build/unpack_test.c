#include "disk.h"
#include "tar.h"
#include "unpack.h"

static int file_of(struct disk *d, str bytes)
{
	const char *path = disk_path(d, "archive");

	assert_int_equal(os_replace(path, bytes, 0644, false), 0);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Unpacks and frees what is in b. */
static bool unpacked(struct disk *d, struct buf *b, struct tree_entry *out)
{
	int fd = file_of(d, buf_view(b));
	bool ok = unpack_archive(d->store, fd, S("x.tar"), out, &d->diags);

	close(fd);
	buf_free(b);
	return ok;
}

static void holds(struct disk *d, struct tree *t, const char *path, const char *text, bool executable)
{
	const struct tree_entry *e = tree_find(t, str_c(path));
	struct blob *b;

	assert_non_null(e);
	assert_int_equal(e->kind, TREE_FILE);
	assert_int_equal(e->executable, executable);
	assert_int_equal(store_get(d->store, &e->digest, &b), 0);
	assert_str_c(blob_str(b), text);
	blob_unref(b);
}

static void an_archive_becomes_a_tree(void **state)
{
	struct disk d = disk_new();
	struct buf b = {0};
	struct tree_entry e;

	(void)state;
	tar_put(&b, '5', "./top/", 0755, "");
	tar_put(&b, '0', "./top/run", 0755, "#!");
	tar_put(&b, '0', "top//text", 0644, "old");
	tar_put(&b, '0', "top/text", 0644, "new");
	tar_put(&b, '1', "top/same", 0644, "top/run");
	tar_put(&b, '2', "top/link", 0777, "../../anywhere");
	tar_put(&b, '5', "top/empty", 0700, "");
	tar_put(&b, '0', "top/d\xc3\xa9j\xc3\xa0", 0644, "x");
	tar_end(&b);
	assert_true(unpacked(&d, &b, &e));
	holds(&d, e.dir, "top/run", "#!", true);
	holds(&d, e.dir, "top/text", "new", false);
	holds(&d, e.dir, "top/same", "#!", true);
	holds(&d, e.dir, "top/d\xc3\xa9j\xc3\xa0", "x", false);
	assert_str_c(tree_find(e.dir, S("top/link"))->target, "../../anywhere");
	assert_int_equal(tree_count(tree_find(e.dir, S("top/empty"))->dir), 0);
	tree_unref(e.dir);
	disk_free(&d);
}

static void refused(struct disk *d, struct buf *b, const char *why)
{
	struct tree_entry e;

	tar_end(b);
	assert_false(unpacked(d, b, &e));
	assert_null(e.dir);
	assert_int_equal(d->diags.first->code, DIAG_ARCHIVE);
	assert_non_null(strstr(str_dup(&d->arena, d->diags.first->text).p, why));
	diags_free(&d->diags);
}

static void what_a_tree_cannot_be_is_refused(void **state)
{
	struct disk d = disk_new();
	struct buf b = {0};

	(void)state;
	tar_put(&b, '0', "../up", 0644, "x");
	refused(&d, &b, "'../up' leads out of it");
	tar_put(&b, '0', "/etc/passwd", 0644, "x");
	refused(&d, &b, "leads out of it");
	tar_put(&b, '6', "pipe", 0644, "");
	refused(&d, &b, "'pipe' is no file, directory or link");
	tar_put(&b, '1', "a", 0644, "gone");
	refused(&d, &b, "'gone' is linked to");
	tar_put(&b, '2', "a", 0644, "/etc");
	tar_put(&b, '0', "a/passwd", 0644, "x");
	refused(&d, &b, "cannot be");
	buf_lit(&b, "this is no archive at all, and never was one");
	refused(&d, &b, "cannot be unpacked");
	disk_free(&d);
}

static bool collect(void *ud, str bytes)
{
	buf_str(ud, bytes);
	return true;
}

static void compressed_files_are_expanded(void **state)
{
	static const unsigned char gzip[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0x86, 0xa6, 0x10, 0x36,
			5, 0, 0, 0};
	struct disk d = disk_new();
	struct buf got = {0};
	int fd = file_of(&d, str_of((const char *)gzip, sizeof gzip));

	(void)state;
	assert_true(unpack_file(fd, S("x.gz"), 5, collect, &got, &d.diags));
	assert_str_c(buf_view(&got), "hello");
	got.n = 0;
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_false(unpack_file(fd, S("x.gz"), 4, collect, &got, &d.diags));
	assert_int_equal(d.diags.last->code, DIAG_ARCHIVE);
	close(fd);
	fd = file_of(&d, str_of((const char *)gzip, sizeof gzip - 8));
	assert_false(unpack_file(fd, S("x.gz"), 100, collect, &got, &d.diags));
	close(fd);
	got.n = 0;
	fd = file_of(&d, S("plain"));
	assert_true(unpack_file(fd, S("x"), 100, collect, &got, &d.diags));
	assert_str_c(buf_view(&got), "plain");
	close(fd);
	got.n = 0;
	fd = file_of(&d, S(""));
	assert_true(unpack_file(fd, S("x"), 100, collect, &got, &d.diags));
	assert_int_equal(got.n, 0);
	close(fd);
	buf_free(&got);
	disk_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_archive_becomes_a_tree),
		cmocka_unit_test(what_a_tree_cannot_be_is_refused),
		cmocka_unit_test(compressed_files_are_expanded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
