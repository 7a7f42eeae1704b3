#include "configure.h"
#include "disk.h"
#include "materialize.h"

#define OUT "straylight-out/p/t/x"

static struct content file(struct disk *d, const char *text)
{
	return (struct content){.kind = TREE_FILE, .digest = disk_put(d, text)};
}

static struct content tree(struct disk *d, const char *path, const char *text)
{
	struct tree_builder *b = tree_builder_new();
	struct digest digest = disk_put(d, text);
	struct content c = {.kind = TREE_DIR};

	tree_put_file(b, str_c(path), &digest, false);
	c.tree = tree_builder_end(b, NULL, NULL);
	assert_int_equal(store_put_tree(d->store, c.tree), 0);
	return c;
}

static void put(struct disk *d, const char *path, struct content c)
{
	assert_int_equal(materialize(d->state, d->store, str_c(d->root), str_c(path), &c), 0);
	assert_int_equal(state_commit(d->state), 0);
	if (c.kind == TREE_DIR)
		tree_unref(c.tree);
}

static uint64_t inode(struct disk *d, const char *path)
{
	struct stat st;

	assert_int_equal(lstat(disk_path(d, path), &st), 0);
	return st.st_ino;
}

/* A file that has an open descriptor keeps its inode from being given to another. */
static int hold(struct disk *d, const char *path)
{
	int fd = open(disk_path(d, path), O_RDONLY);

	assert_true(fd >= 0);
	return fd;
}

static void kinds(void **state)
{
	struct disk d = disk_new();
	struct content c;
	char target[64] = "";
	struct stat st;

	(void)state;
	put(&d, OUT, file(&d, "text"));
	disk_holds(&d, OUT, "text");
	c = file(&d, "text");
	c.executable = true;
	put(&d, OUT, c);
	assert_int_equal(stat(disk_path(&d, OUT), &st), 0);
	assert_true(st.st_mode & 0100);
	put(&d, OUT, tree(&d, "a/b", "in a tree"));
	disk_holds(&d, OUT "/a/b", "in a tree");
	put(&d, OUT, (struct content){.kind = TREE_SYMLINK, .target = S("a/link")});
	assert_true(readlink(disk_path(&d, OUT), target, sizeof target) == 6);
	assert_string_equal(target, "a/link");
	put(&d, OUT, file(&d, ""));
	disk_holds(&d, OUT, "");
	disk_free(&d);
}

static void the_same_is_not_written_again(void **state)
{
	struct disk d = disk_new();
	uint64_t before;
	int fd;

	(void)state;
	put(&d, OUT, file(&d, "one"));
	put(&d, OUT "-tree", tree(&d, "a/b", "one"));
	before = inode(&d, OUT);
	put(&d, OUT, file(&d, "one"));
	disk_reopen(&d);
	put(&d, OUT, file(&d, "one"));
	assert_int_equal(inode(&d, OUT), before);
	fd = hold(&d, OUT);
	put(&d, OUT, file(&d, "two"));
	assert_int_not_equal(inode(&d, OUT), before);
	close(fd);
	before = inode(&d, OUT "-tree/a/b");
	put(&d, OUT "-tree", tree(&d, "a/b", "one"));
	assert_int_equal(inode(&d, OUT "-tree/a/b"), before);
	disk_free(&d);
}

/* Outputs are the user's to play with: never a link into the store. */
static void what_the_user_did_is_undone(void **state)
{
	struct disk d = disk_new();
	struct digest digest;
	char big[300 << 10];

	(void)state;
	memset(big, 'b', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	put(&d, OUT, file(&d, big));
	digest = disk_put(&d, big);
	assert_int_equal(chmod(disk_path(&d, OUT), 0644), 0);
	assert_int_equal(truncate(disk_path(&d, OUT), 5), 0);
	put(&d, OUT, file(&d, big));
	disk_holds(&d, OUT, big);
	assert_int_equal(store_verify(d.store, &digest), 0);
	assert_int_equal(unlink(disk_path(&d, OUT)), 0);
	put(&d, OUT, file(&d, big));
	disk_holds(&d, OUT, big);
	assert_int_equal(unlink(disk_path(&d, OUT)), 0);
	disk_write(&d, OUT, "mine");
	put(&d, OUT, file(&d, big));
	disk_holds(&d, OUT, big);
	disk_free(&d);
}

static void deep_inside_a_tree_too(void **state)
{
	struct disk d = disk_new();

	(void)state;
	put(&d, OUT, tree(&d, "a/b/c", "one"));
	assert_int_equal(unlink(disk_path(&d, OUT "/a/b/c")), 0);
	put(&d, OUT, tree(&d, "a/b/c", "one"));
	disk_holds(&d, OUT "/a/b/c", "one");
	disk_write(&d, OUT "/a/b/more", "mine");
	put(&d, OUT, tree(&d, "a/b/c", "one"));
	disk_holds(&d, OUT "/a/b/more", NULL);
	assert_int_equal(chmod(disk_path(&d, OUT "/a/b/c"), 0644), 0);
	disk_write(&d, OUT "/a/b/c", "edited");
	put(&d, OUT, tree(&d, "a/b/c", "one"));
	disk_holds(&d, OUT "/a/b/c", "one");
	disk_free(&d);
}

/* Outputs of targets that are no more may stand where folders must be. */
static void the_way_is_cleared(void **state)
{
	struct disk d = disk_new();

	(void)state;
	put(&d, "straylight-out/p", file(&d, "was a target of the root"));
	put(&d, OUT, file(&d, "one"));
	disk_holds(&d, OUT, "one");
	put(&d, OUT "/y", file(&d, "two"));
	disk_holds(&d, OUT "/y", "two");
	put(&d, OUT, file(&d, "one"));
	disk_holds(&d, OUT, "one");
	assert_int_equal(os_remove_tree(disk_path(&d, "straylight-out/p")), 0);
	assert_int_equal(symlink("/nonexistent/place", disk_path(&d, "straylight-out/p")), 0);
	put(&d, OUT, file(&d, "one"));
	disk_holds(&d, OUT, "one");
	disk_free(&d);
}

static void what_the_store_lacks(void **state)
{
	struct disk d = disk_new();
	struct content c = {.kind = TREE_FILE, .digest = digest_of(DIGEST_SHA256, S("not there"))};

	(void)state;
	assert_int_equal(materialize(d.state, d.store, str_c(d.root), S(OUT), &c), -ENOENT);
	disk_holds(&d, OUT, NULL);
	disk_free(&d);
}

/* Killed after writing and before the state was saved: the old record does not vouch for the new file. */
static void a_lost_record(void **state)
{
	struct disk d = disk_new();
	struct content one = file(&d, "one"), two = file(&d, "two");

	(void)state;
	put(&d, OUT, one);
	assert_int_equal(materialize(d.state, d.store, str_c(d.root), S(OUT), &two), 0);
	disk_reopen(&d);
	disk_holds(&d, OUT, "two");
	put(&d, OUT, one);
	disk_holds(&d, OUT, "one");
	disk_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(the_same_is_not_written_again),
		cmocka_unit_test(what_the_user_did_is_undone),
		cmocka_unit_test(deep_inside_a_tree_too),
		cmocka_unit_test(the_way_is_cleared),
		cmocka_unit_test(what_the_store_lacks),
		cmocka_unit_test(a_lost_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
