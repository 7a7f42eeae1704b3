#include <straylight/base/os.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>

#include "test.h"

static struct arena arena;
static char *dir;

static int enter(void **state)
{
	(void)state;
	dir = fresh_dir();
	return 0;
}

static int leave(void **state)
{
	(void)state;
	assert_int_equal(os_remove_tree(dir), 0);
	assert_int_equal(access(dir, F_OK), -1);
	arena_clear(&arena);
	return 0;
}

static const char *at(const char *name)
{
	return os_join(&arena, str_c(dir), str_c(name));
}

static void put(const char *name, const char *content)
{
	assert_int_equal(os_replace(at(name), str_c(content), 0644, false), 0);
}

static void assert_content(const char *name, const char *want)
{
	struct blob *b;

	assert_int_equal(os_read(at(name), 0, &b), 0);
	assert_str_c(blob_str(b), want);
	assert_int_equal(b->b[b->n], '\0');
	blob_unref(b);
}

/* How many names there are in a directory; none is left of a temporary file. */
static size_t count(const char *name)
{
	str *names;
	size_t n;

	assert_int_equal(os_list(&arena, at(name), &names, &n), 0);
	for (size_t i = 0; i < n; i++)
		assert_false(str_starts(names[i], S(".tmp-")));
	return n;
}

/* ---- stamps ---- */

static void stamps_tell_changes(void **state)
{
	struct stamp a, b;

	(void)state;
	put("f", "one");
	assert_int_equal(os_stamp(at("f"), &a), 0);
	assert_int_equal(os_stamp(at("f"), &b), 0);
	assert_true(stamp_eq(&a, &b));
	assert_int_equal(a.size, 3);
	assert_true(S_ISREG(a.mode));
	put("f", "two");
	assert_int_equal(os_stamp(at("f"), &b), 0);
	assert_false(stamp_eq(&a, &b)); /* another inode at least */
	assert_int_equal(symlink("f", at("l")), 0);
	assert_int_equal(os_stamp(at("l"), &b), 0);
	assert_true(S_ISLNK(b.mode));
	assert_int_equal(os_stamp(at("absent"), &b), -ENOENT);
}

static void racy_stamps(void **state)
{
	int64_t second = INT64_C(1000000000), now = os_wall_ns();
	struct stamp s = {.ctime_ns = now};

	(void)state;
	put("f", "fresh");
	assert_int_equal(os_stamp(at("f"), &s), 0);
	assert_true(os_stamp_racy(&s, now));
	assert_true(os_stamp_racy(&s, s.ctime_ns));
	/* written in the tick in which it was read, or later */
	s.ctime_ns = 1000 * second + 500000000;
	assert_true(os_stamp_racy(&s, s.ctime_ns + 1000000));
	assert_true(os_stamp_racy(&s, s.ctime_ns - second));
	assert_true(os_stamp_racy(&s, s.ctime_ns + second / 20));
	assert_false(os_stamp_racy(&s, s.ctime_ns + second / 5));
	/* a file system that keeps seconds */
	s.ctime_ns = 1000 * second;
	assert_true(os_stamp_racy(&s, s.ctime_ns + second + second / 2));
	assert_false(os_stamp_racy(&s, s.ctime_ns + 3 * second));
}

/* ---- reading and writing ---- */

static void reads_whole_files(void **state)
{
	struct blob *b;

	(void)state;
	put("f", "content");
	put("empty", "");
	assert_content("f", "content");
	assert_content("empty", "");
	assert_int_equal(os_read(at("f"), 7, &b), 0);
	blob_unref(b);
	assert_int_equal(os_read(at("f"), 6, &b), -EFBIG);
	assert_null(b);
	assert_int_equal(os_read(at("absent"), 0, &b), -ENOENT);
	assert_null(b);
	assert_int_equal(os_read(dir, 0, &b), -EISDIR);
	assert_int_equal(os_read("/proc/self/status", 0, &b), 0); /* its size is said to be 0 */
	assert_true(b->n > 100);
	blob_unref(b);
	assert_int_equal(os_read("/proc/self/status", 100, &b), -EFBIG);
}

#define PIPED ((size_t)1 << 20)

static void *write_slowly(void *ud)
{
	int fd = *(int *)ud;
	char *p = mem_alloc(PIPED);
	intptr_t r;

	memset(p, 'p', PIPED);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	r = os_write_all(fd, p, PIPED); /* fills the pipe long before its end */
	close(fd);
	mem_free(p);
	return (void *)r;
}

static void reads_and_writes_pipes(void **state)
{
	int fds[2];
	pthread_t writer;
	struct blob *b;
	void *r;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(pthread_create(&writer, NULL, write_slowly, &fds[1]), 0);
	assert_int_equal(os_read_fd(fds[0], 0, &b), 0);
	pthread_join(writer, &r);
	assert_null(r);
	assert_int_equal(b->n, PIPED);
	assert_int_equal(b->b[PIPED - 1], 'p');
	blob_unref(b);
	close(fds[0]);
}

static void write_errors(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(os_write_all(fd, "x", 1), -ENOSPC);
	assert_int_equal(os_write_all(fd, NULL, 0), 0);
	close(fd);
	assert_int_equal(os_write_all(fd, "x", 1), -EBADF);
}

static void replacing(void **state)
{
	struct stat st;

	(void)state;
	umask(022);
	put("f", "old");
	assert_int_equal(os_replace(at("f"), S("new"), 0755, true), 0);
	assert_content("f", "new");
	assert_int_equal(stat(at("f"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	assert_int_equal(os_replace(at("ro"), (str){NULL, 0}, 0444, false), 0);
	assert_int_equal(os_replace(at("ro"), S("again"), 0444, false), 0);
	assert_content("ro", "again");
	assert_int_equal(os_replace(at("no/f"), S("x"), 0644, false), -ENOENT);
	assert_int_equal(os_mkdirs(at("d"), 0755), 0);
	assert_int_equal(os_replace(at("d"), S("x"), 0644, false), -EISDIR);
	assert_int_equal(count("."), 3);
}

static void replace_relative(void **state)
{
	char here[4096];

	(void)state;
	assert_non_null(getcwd(here, sizeof here));
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(os_replace("bare", S("x"), 0644, false), 0);
	assert_int_equal(os_mkdirs_for("bare2", 0755), 0);
	assert_int_equal(chdir(here), 0);
	assert_content("bare", "x");
	assert_int_equal(count("."), 1);
}

/* The disk is "full" after 3 bytes: the old file stays, and nothing beside it. */
static void replace_without_space(void *ud)
{
	struct rlimit limit = {3, 3};

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	_exit(os_replace(ud, S("longer"), 0644, false) == -EFBIG ? 0 : 1);
}

static void failed_replace_changes_nothing(void **state)
{
	(void)state;
	put("f", "old");
	assert_int_equal(exit_of(replace_without_space, (void *)(uintptr_t)at("f")), 0);
	assert_content("f", "old");
	assert_int_equal(count("."), 1);
}

/* ---- copying ---- */

static void copies(void **state)
{
	size_t n = 300000;
	char *p = mem_alloc(n);
	struct blob *b;
	struct stat st;

	(void)state;
	memset(p, 'c', n);
	p[n - 1] = '$';
	assert_int_equal(os_replace(at("big"), str_of(p, n), 0644, false), 0);
	assert_int_equal(os_copy_file(at("big"), at("copy"), 0555), 0);
	assert_int_equal(os_read(at("copy"), 0, &b), 0);
	assert_str(blob_str(b), str_of(p, n));
	assert_int_equal(stat(at("copy"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0555);
	blob_unref(b);
	mem_free(p);
	put("empty", "");
	assert_int_equal(os_copy_file(at("empty"), at("copy"), 0644), 0);
	assert_content("copy", "");
	assert_int_equal(os_copy_file("/proc/self/status", at("status"), 0644), 0);
	assert_int_equal(stat(at("status"), &st), 0);
	assert_true(st.st_size > 100);
}

/* Neither a link nor another name of the old file is written through. */
static void copy_replaces(void **state)
{
	(void)state;
	put("from", "new");
	put("victim", "old");
	assert_int_equal(symlink("victim", at("link")), 0);
	assert_int_equal(link(at("victim"), at("second")), 0);
	assert_int_equal(os_copy_file(at("from"), at("link"), 0644), 0);
	assert_int_equal(os_copy_file(at("from"), at("second"), 0644), 0);
	assert_content("victim", "old");
	assert_content("link", "new");
	assert_content("second", "new");
	assert_int_equal(os_copy_file(at("absent"), at("victim"), 0644), -ENOENT);
	assert_content("victim", "old");
	assert_int_equal(os_copy_file(at("from"), at("no/x"), 0644), -ENOENT);
	assert_int_equal(os_copy_file(dir, at("x"), 0644), -EISDIR);
	assert_int_equal(access(at("x"), F_OK), -1);
	assert_int_equal(os_mkdirs(at("d"), 0755), 0);
	assert_int_equal(os_copy_file(at("from"), at("d"), 0644), -EISDIR);
}

/* ---- directories ---- */

static void makes_directories(void **state)
{
	(void)state;
	assert_int_equal(os_mkdirs(at("a/b/c"), 0755), 0);
	assert_int_equal(os_mkdirs(at("a/b/c"), 0755), 0);
	assert_int_equal(os_mkdirs(at("a/b//d/"), 0755), 0);
	assert_int_equal(access(at("a/b/d"), X_OK), 0);
	assert_int_equal(os_mkdirs_for(at("x/y/file"), 0755), 0);
	assert_int_equal(access(at("x/y"), X_OK), 0);
	assert_int_equal(access(at("x/y/file"), F_OK), -1);
	put("f", "");
	assert_int_equal(os_mkdirs(at("f"), 0755), -ENOTDIR);
	assert_int_equal(os_mkdirs(at("f/below"), 0755), -ENOTDIR);
	assert_int_equal(symlink("a", at("l")), 0);
	assert_int_equal(os_mkdirs(at("l/b/e"), 0755), 0);
	assert_int_equal(access(at("a/b/e"), X_OK), 0);
	assert_int_equal(os_mkdirs("/", 0755), 0);
}

static void lists_sorted(void **state)
{
	static const char *const sorted[] = {".hidden", "B", "a", "a.b", "a0", "\xff"};
	str *names;
	size_t n;

	(void)state;
	for (size_t i = SL_COUNT(sorted); i-- > 0;)
		put(sorted[i], "");
	assert_int_equal(os_list(&arena, dir, &names, &n), 0);
	assert_int_equal(n, SL_COUNT(sorted));
	for (size_t i = 0; i < n; i++)
		assert_str_c(names[i], sorted[i]);
	assert_int_equal(os_mkdirs(at("e"), 0755), 0);
	assert_int_equal(os_list(&arena, at("e"), &names, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(os_list(&arena, at("absent"), &names, &n), -ENOENT);
	assert_int_equal(os_list(&arena, at("a"), &names, &n), -ENOTDIR);
}

static void removes_trees(void **state)
{
	(void)state;
	assert_int_equal(os_mkdirs(at("outside"), 0755), 0);
	put("outside/kept", "k");
	assert_int_equal(os_mkdirs(at("t/ro/deep"), 0755), 0);
	put("t/ro/deep/f", "x");
	assert_int_equal(symlink("../outside", at("t/link")), 0);
	assert_int_equal(symlink("nowhere", at("t/dangling")), 0);
	assert_int_equal(chmod(at("t/ro/deep"), 0), 0);
	assert_int_equal(chmod(at("t/ro"), 0555), 0);
	assert_int_equal(os_remove_tree(at("t")), 0);
	assert_int_equal(os_remove_tree(at("t")), 0);
	assert_int_equal(symlink("outside", at("l")), 0);
	assert_int_equal(os_remove_tree(at("l/")), 0);
	assert_int_equal(os_remove_tree(at("outside/kept/below")), -ENOTDIR);
	assert_content("outside/kept", "k");
	assert_int_equal(count("."), 1);
	assert_int_equal(os_remove_tree(at("outside/kept")), 0);
	assert_int_equal(count("outside"), 0);
}

/* Deeper than a path may be long, with files beside on every level. */
static void removes_deep_trees(void **state)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), next, file;

	(void)state;
	for (int depth = 0; depth < 3000; depth++) {
		assert_int_equal(mkdirat(fd, "dd", 0755), 0);
		next = openat(fd, "dd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		file = openat(next, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		assert_true(next >= 0 && file >= 0);
		close(file);
		close(fd);
		fd = next;
	}
	close(fd);
	assert_int_equal(os_remove_tree(at("dd")), 0);
	assert_int_equal(count("."), 0);
}

/* As a user without root's rights: own directories without permissions go, another's file stays with
 * an error, and what lies beside it goes all the same. */
static void remove_as_nobody(void *ud)
{
	struct stat st;

	(void)ud;
	if (setgid(65534) < 0 || setuid(65534) < 0)
		_exit(10);
	if (os_mkdirs(at("t/own/deep"), 0755) < 0 || chmod(at("t/own/deep"), 0) < 0 ||
			chmod(at("t/own"), 0) < 0)
		_exit(11);
	if (os_remove_tree(at("t")) != -EACCES)
		_exit(12);
	if (stat(at("t/own"), &st) == 0 || stat(at("t/roots/file"), &st) < 0)
		_exit(13);
}

static void removes_what_it_may(void **state)
{
	(void)state;
	if (geteuid() != 0) /* needs files of two users */
		skip();
	assert_int_equal(os_mkdirs(at("t/roots"), 0755), 0);
	put("t/roots/file", "x");
	assert_int_equal(chown(dir, 65534, 65534), 0);
	assert_int_equal(chown(at("t"), 65534, 65534), 0);
	assert_int_equal(exit_of(remove_as_nobody, NULL), 0);
}

/* ---- paths ---- */

static void joining(void **state)
{
	(void)state;
	assert_string_equal(os_join(&arena, S("a"), S("b")), "a/b");
	assert_string_equal(os_join(&arena, S("a/"), S("b")), "a/b");
	assert_string_equal(os_join(&arena, S("a/"), S("/b")), "a/b");
	assert_string_equal(os_join(&arena, S("/"), S("b")), "/b");
	assert_string_equal(os_join(&arena, S(""), S("b")), "b");
	assert_string_equal(os_join(&arena, S(""), S("/b")), "/b");
	assert_string_equal(os_join(&arena, S("a"), S("")), "a/");
}

static void normalizing(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: it climbs */
	} rows[] = {
		{"a/./b/../c", "a/c"}, {"", ""}, {".", ""}, {"a/..", ""}, {"./a//b/", "a/b"}, {"..", NULL},
		{"a/../..", NULL}, {"a/../../b", NULL}, {"/", "/"}, {"/a/b/../c/.", "/a/c"}, {"/..", NULL},
		{"/a/..", "/"}, {"...", "..."}, {"a/..b/.c", "a/..b/.c"}, {"//a", "/a"}, {"abc/def/..", "abc"},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		str out = {NULL, 0};

		assert_int_equal(os_normalize(&arena, str_c(rows[i].in), &out), rows[i].out != NULL);
		if (rows[i].out) {
			assert_str_c(out, rows[i].out);
			assert_int_equal(out.p[out.n], '\0');
		}
	}
}

static void cache_dir(void **state)
{
	(void)state;
	setenv("XDG_CACHE_HOME", "/xdg", 1);
	setenv("HOME", "/home/u", 1);
	assert_string_equal(os_cache_dir(&arena), "/xdg/straylight");
	setenv("XDG_CACHE_HOME", "relative", 1);
	assert_string_equal(os_cache_dir(&arena), "/home/u/.cache/straylight");
	unsetenv("XDG_CACHE_HOME");
	assert_string_equal(os_cache_dir(&arena), "/home/u/.cache/straylight");
	setenv("HOME", "", 1);
	assert_null(os_cache_dir(&arena));
	unsetenv("HOME");
	assert_null(os_cache_dir(&arena));
}

static void clocks(void **state)
{
	int64_t a = os_now_ns(), b = os_now_ns();

	(void)state;
	assert_true(b >= a);
	assert_true(os_wall_ns() > INT64_C(1700000000000000000));
	assert_true(os_cpus() >= 1);
}

static void errors_as_diagnostics(void **state)
{
	static const struct {
		int err;
		enum diag_code code;
		const char *text;
		bool hint;
	} rows[] = {
		{-ENOENT, DIAG_USAGE, "cannot read 'a/b': no such file or directory", false},
		{EISDIR, DIAG_USAGE, "cannot read 'a/b': is a directory", false},
		{-ENOSPC, DIAG_DISK_FULL, "cannot read 'a/b': no space left on device", true},
		{-EDQUOT, DIAG_DISK_FULL, "cannot read 'a/b': disk quota exceeded", true},
		{-EACCES, DIAG_IO, "cannot read 'a/b': permission denied", true},
		{-EIO, DIAG_IO, "cannot read 'a/b': input/output error", false},
		{-EMFILE, DIAG_IO, "cannot read 'a/b': too many open files", true},
		{-99999, DIAG_IO, "cannot read 'a/b': unknown error", false},
	};
	struct diags ds = {0};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct diag *d = os_error(&ds, DIAG_USAGE, rows[i].err, "cannot read", S("a/b"));

		assert_int_equal(d->code, rows[i].code);
		assert_str_c(d->text, rows[i].text);
		assert_int_equal(d->hint.n != 0, rows[i].hint);
	}
	diags_free(&ds);
}

#define in_dir(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_dir(stamps_tell_changes),
		in_dir(racy_stamps),
		in_dir(reads_whole_files),
		cmocka_unit_test(reads_and_writes_pipes),
		cmocka_unit_test(write_errors),
		in_dir(replacing),
		in_dir(replace_relative),
		in_dir(failed_replace_changes_nothing),
		in_dir(copies),
		in_dir(copy_replaces),
		in_dir(makes_directories),
		in_dir(lists_sorted),
		in_dir(removes_trees),
		in_dir(removes_deep_trees),
		in_dir(removes_what_it_may),
		cmocka_unit_test(joining),
		cmocka_unit_test(normalizing),
		cmocka_unit_test(cache_dir),
		cmocka_unit_test(clocks),
		cmocka_unit_test(errors_as_diagnostics),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_clear(&arena);
	return failed;
}
