#include "disk.h"
#include "files.h"

#include <pthread.h>
#include <stdatomic.h>

static struct digest digest_c(const char *text)
{
	return digest_of(DIGEST_SHA256, str_c(text));
}

/* As a build does: look, hash when it is stale, learn. */
static enum files_found look(struct files *f, const char *path, struct content *c)
{
	enum files_found found = files_look(f, str_c(path), c);
	struct stamp stamp;
	int64_t read_ns;

	if (found == FILES_STALE) {
		assert_int_equal(files_hash(f, path, c, &stamp, &read_ns), 0);
		files_learn(f, str_c(path), c, &stamp, read_ns);
	}
	return found;
}

static void assert_content(const struct content *c, const char *want)
{
	struct digest d = digest_c(want);

	assert_int_equal(c->kind, TREE_FILE);
	assert_true(digest_eq(&c->digest, &d));
}

static struct files *again(struct disk *d, struct files *f)
{
	files_save(f);
	files_free(f);
	assert_int_equal(state_commit(d->state), 0);
	disk_reopen(d);
	return files_new(d->state, d->store, str_c(d->root));
}

static void hashed_once(void **state)
{
	struct disk d = disk_new();
	struct files *f = files_new(d.state, d.store, str_c(d.root));
	struct content c;

	(void)state;
	disk_write(&d, "a/x.c", "one");
	disk_write(&d, "a/y.c", "two");
	disk_write(&d, "top", "three");
	disk_settle();
	assert_int_equal(look(f, "a/x.c", &c), FILES_STALE);
	assert_content(&c, "one");
	assert_int_equal(look(f, "a/x.c", &c), FILES_KNOWN);
	assert_content(&c, "one");
	assert_int_equal(look(f, "top", &c), FILES_STALE);
	f = again(&d, f);
	assert_int_equal(look(f, "a/x.c", &c), FILES_KNOWN);
	assert_content(&c, "one");
	assert_int_equal(look(f, "a/y.c", &c), FILES_STALE);
	assert_int_equal(look(f, "top", &c), FILES_KNOWN);
	f = again(&d, f);
	assert_int_equal(look(f, "a/y.c", &c), FILES_KNOWN);
	assert_int_equal(look(f, "a/x.c", &c), FILES_KNOWN);
	files_free(f);
	disk_free(&d);
}

static void edits_are_seen(void **state)
{
	struct disk d = disk_new();
	struct files *f = files_new(d.state, d.store, str_c(d.root));
	const char *path = disk_path(&d, "x");
	struct timespec old[2] = {{1000, 0}, {1000, 0}};
	struct content c;

	(void)state;
	disk_write(&d, "x", "one");
	assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	disk_settle();
	look(f, "x", &c);
	f = again(&d, f);
	/* The same size and the same modification time, in place: the change time tells. */
	{
		int fd = open(path, O_WRONLY);

		assert_int_equal(pwrite(fd, "two", 3, 0), 3);
		close(fd);
	}
	assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	disk_settle();
	assert_int_equal(look(f, "x", &c), FILES_STALE);
	assert_content(&c, "two");
	f = again(&d, f);
	assert_int_equal(chmod(path, 0755), 0);
	disk_settle();
	assert_int_equal(look(f, "x", &c), FILES_STALE);
	assert_true(c.executable);
	f = again(&d, f);
	assert_int_equal(look(f, "x", &c), FILES_KNOWN);
	assert_true(c.executable);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(look(f, "x", &c), FILES_ABSENT);
	files_free(f);
	disk_free(&d);
}

/* Read in the moment of writing: the stamp says nothing about the next moment. */
static void fresh_files_are_not_trusted(void **state)
{
	struct disk d = disk_new();
	struct files *f = files_new(d.state, d.store, str_c(d.root));
	struct content c;
	struct stamp stamp;

	(void)state;
	disk_write(&d, "x", "one");
	assert_int_equal(os_stamp(disk_path(&d, "x"), &stamp), 0);
	c = (struct content){.kind = TREE_FILE, .digest = digest_c("one")};
	files_learn(f, S("x"), &c, &stamp, stamp.ctime_ns);
	assert_int_equal(files_look(f, S("x"), &c), FILES_STALE);
	files_learn(f, S("x"), &c, &stamp, stamp.ctime_ns + 1000000000);
	assert_int_equal(files_look(f, S("x"), &c), FILES_KNOWN);
	files_free(f);
	disk_free(&d);
}

static void links_stand_for_files(void **state)
{
	struct disk d = disk_new();
	struct files *f = files_new(d.state, d.store, str_c(d.root));
	struct content c;

	(void)state;
	disk_write(&d, "one", "one");
	disk_write(&d, "two", "two");
	assert_int_equal(symlink("one", disk_path(&d, "link")), 0);
	disk_settle();
	look(f, "link", &c);
	assert_content(&c, "one");
	assert_int_equal(look(f, "link", &c), FILES_KNOWN);
	assert_int_equal(unlink(disk_path(&d, "link")), 0);
	assert_int_equal(symlink("two", disk_path(&d, "link")), 0);
	assert_int_equal(look(f, "link", &c), FILES_STALE);
	assert_content(&c, "two");
	assert_int_equal(unlink(disk_path(&d, "two")), 0);
	assert_int_equal(look(f, "link", &c), FILES_ABSENT);
	files_free(f);
	disk_free(&d);
}

static void odd_files(void **state)
{
	struct disk d = disk_new();
	struct files *f = files_new(d.state, d.store, str_c(d.root));
	struct content c;
	struct stamp stamp;
	int64_t read_ns;

	(void)state;
	assert_int_equal(mkdir(disk_path(&d, "dir"), 0755), 0);
	assert_int_equal(mkfifo(disk_path(&d, "fifo"), 0644), 0);
	assert_int_equal(symlink("loop", disk_path(&d, "loop")), 0);
	assert_int_equal(look(f, "dir", &c), FILES_ODD);
	assert_int_equal(look(f, "fifo", &c), FILES_ODD);
	assert_int_equal(look(f, "loop", &c), FILES_ABSENT);
	assert_int_equal(look(f, "none/of/it", &c), FILES_ABSENT);
	assert_int_equal(files_hash(f, "none", &c, &stamp, &read_ns), -ENOENT);
	assert_true(files_hash(f, "dir", &c, &stamp, &read_ns) < 0);
	files_free(f);
	disk_free(&d);
}

struct writer {
	const char *path;
	atomic_bool stop;
	int64_t longest_ns; /* that a write took */
};

/* The file is "aaaa…" or "bbbb…", never anything else but while it is being written. */
static void *write_on(void *ud)
{
	static char block[1 << 20];
	struct writer *w = ud;

	for (int i = 0; !atomic_load(&w->stop); i++) {
		int fd = open(w->path, O_WRONLY);
		int64_t from_ns;

		memset(block, "ab"[i % 2], sizeof block);
		from_ns = os_now_ns();
		if (fd < 0 || pwrite(fd, block, sizeof block, 0) < 0)
			abort();
		if (os_now_ns() - from_ns > w->longest_ns)
			w->longest_ns = os_now_ns() - from_ns;
		close(fd);
	}
	return NULL;
}

/* A digest is never that of a mixture, unless a single write stands still for longer than a stamp is doubted: its time is that of
 * its beginning. */
static void hashing_while_it_is_edited(void **state)
{
	struct disk d = disk_new();
	struct files *f = files_new(d.state, d.store, str_c(d.root));
	struct writer w = {.path = disk_path(&d, "x")};
	char *text = mem_alloc((1 << 20) + 1);
	struct digest whole[2];
	struct content c;
	struct stamp stamp;
	int64_t read_ns;
	pthread_t thread;
	unsigned trusted = 0; /* mixtures */

	(void)state;
	memset(text, 'b', 1 << 20);
	whole[1] = digest_c(text);
	memset(text, 'a', 1 << 20);
	whole[0] = digest_c(text);
	disk_write(&d, "x", text);
	assert_int_equal(pthread_create(&thread, NULL, write_on, &w), 0);
	for (int i = 0; i < 30; i++) {
		int err = files_hash(f, "x", &c, &stamp, &read_ns);

		if (err == -EAGAIN)
			continue;
		assert_int_equal(err, 0);
		if (!digest_eq(&c.digest, &whole[0]) && !digest_eq(&c.digest, &whole[1]))
			trusted += !os_stamp_racy(&stamp, read_ns);
	}
	atomic_store(&w.stop, true);
	pthread_join(thread, NULL);
	assert_true(trusted == 0 || w.longest_ns > 50 * 1000000);
	mem_free(text);
	files_free(f);
	disk_free(&d);
}

static void content_goes_into_the_store(void **state)
{
	struct disk d = disk_new();
	struct files *f = files_new(d.state, d.store, str_c(d.root));
	struct digest one = digest_c("one"), two = digest_c("two");

	(void)state;
	disk_write(&d, "x", "one");
	assert_int_equal(files_provide(f, S("x"), &one), 0);
	assert_true(store_has(d.store, &one));
	assert_int_equal(files_provide(f, S("x"), &two), -EAGAIN);
	assert_false(files_need(f, S("x"), &two, &d.diags));
	assert_int_equal(d.diags.first->code, DIAG_SOURCE_CHANGED);
	diags_free(&d.diags);
	assert_int_equal(unlink(disk_path(&d, "x")), 0);
	assert_int_equal(files_provide(f, S("x"), &one), 0); /* it is in the store */
	assert_int_equal(files_provide(f, S("x"), &two), -ENOENT);
	files_free(f);
	disk_free(&d);
}

/* A record that ends in the middle, or is of another program's making, is as good as none. */
static void odd_records(void **state)
{
	struct disk d = disk_new();
	struct files *f;
	struct content c;
	char bytes[300];

	(void)state;
	memset(bytes, 0xff, sizeof bytes);
	disk_write(&d, "x", "one");
	disk_settle();
	for (size_t n = 0; n < sizeof bytes; n += 7) {
		state_put(d.state, STATE_DIR, S(""), str_of(bytes, n));
		assert_int_equal(state_commit(d.state), 0);
		f = files_new(d.state, d.store, str_c(d.root));
		assert_int_equal(look(f, "x", &c), FILES_STALE);
		assert_content(&c, "one");
		files_free(f);
	}
	disk_free(&d);
}

static void count(void *ud, str path, const struct stamp *stamp, int64_t looked_ns)
{
	char *out = ud;

	(void)looked_ns;
	strncat(out, stamp->mode ? "+" : "-", 2);
	strncat(out, path.p, path.n);
}

static void what_was_looked_at(void **state)
{
	struct disk d = disk_new();
	struct files *f = files_new(d.state, d.store, str_c(d.root));
	struct content c;
	char seen[64] = "";

	(void)state;
	disk_write(&d, "x", "one");
	files_look(f, S("x"), &c);
	files_look(f, S("y"), &c);
	files_each(f, count, seen);
	assert_string_equal(seen, "+x-y");
	files_free(f);
	disk_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashed_once),
		cmocka_unit_test(edits_are_seen),
		cmocka_unit_test(fresh_files_are_not_trusted),
		cmocka_unit_test(links_stand_for_files),
		cmocka_unit_test(odd_files),
		cmocka_unit_test(hashing_while_it_is_edited),
		cmocka_unit_test(content_goes_into_the_store),
		cmocka_unit_test(odd_records),
		cmocka_unit_test(what_was_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
