#include "store_test.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <time.h>

/* ---- what must hold of a cache directory at any moment ---- */

static void check_blob(struct fixture *f, const char *path, str name)
{
	unsigned char want[32];
	struct digest got;
	struct blob *b;
	struct stat st;
	bool executable = str_ends(name, S(".x"));

	assert_true(hex_parse(str_upto(name, 64), want, 32));
	assert_int_equal(name.n, executable ? 66 : 64);
	assert_int_equal(os_read(path, 0, &b), 0);
	got = digest_of(DIGEST_SHA256, blob_str(b));
	assert_memory_equal(got.b, want, 32);
	blob_unref(b);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, executable ? 0555 : 0444);
	(void)f;
}

static void check_record(struct fixture *f, const char *path, str name)
{
	unsigned char key[32];
	struct blob *b;

	assert_true(hex_parse(name, key, 32));
	assert_true(store_record_get(f->store, strstr(path, "/result/") ? "result" : "narrow", key, &b));
	blob_unref(b);
}

static void check_tree(struct fixture *f, const char *path, str name)
{
	unsigned char want[32];
	struct tree *t;

	assert_true(hex_parse(name, want, 32));
	assert_int_equal(store_import(f->store, path, &t, NULL, NULL), 0);
	assert_memory_equal(tree_digest(t, DIGEST_SHA256)->b, want, 32);
	tree_unref(t);
}

/* Calls check for every name `depth` levels down. */
static size_t check_all(struct fixture *f, const char *dir, unsigned depth,
		void check(struct fixture *, const char *, str))
{
	str *names;
	size_t n, count = 0;

	assert_int_equal(os_list(&f->arena, dir, &names, &n), 0);
	for (size_t i = 0; i < n; i++) {
		const char *path = os_join(&f->arena, str_c(dir), names[i]);

		if (depth) {
			count += check_all(f, path, depth - 1, check);
			continue;
		}
		check(f, path, names[i]);
		count++;
	}
	return count;
}

static size_t names_in(struct fixture *f, const char *dir)
{
	str *names;
	size_t n;

	assert_int_equal(os_list(&f->arena, dir, &names, &n), 0);
	return n;
}

/* With a store just opened, so nothing is left of the dead. */
static size_t check_cache(struct fixture *f)
{
	size_t n;

	if (f->store)
		store_close(f->store);
	f->store = store_open(str_c(f->root), DIGEST_SHA256, &f->diags);
	assert_non_null(f->store);
	n = check_all(f, path_of(f, "cas/sha256"), 1, check_blob);
	n += check_all(f, path_of(f, "ac/sha256"), 2, check_record);
	n += check_all(f, path_of(f, "trees/sha256"), 0, check_tree);
	assert_int_equal(names_in(f, path_of(f, "tmp")), 1);
	return n;
}

/* ---- something of everything ---- */

static int put_action(struct store *s, unsigned seed, const struct digest *d, struct tree *t)
{
	struct output_entry outputs[] = {{S("file"), TREE_FILE, false, *d, S("")},
		{S("tree"), TREE_DIR, false, *tree_digest(t, DIGEST_SHA256), S("")}};
	struct action_result r = {outputs, 2, 0, *d, *d, S("w"), 1, 2};
	struct digest action = digest_of(DIGEST_SHA256, str_of((char *)&seed, sizeof seed));
	int err = store_put_tree(s, t);

	return err ? err : store_result_put(s, &action, &r);
}

/* 0 or the first error. */
static int exercise(struct store *s, unsigned seed)
{
	struct arena a = {0};
	struct tree_builder *b = tree_builder_new();
	struct digest d, taken = {0};
	struct tree *t;
	str path, scratch;
	const char *out;
	int err = store_put(s, noise(&a, 100 + seed % 5000, seed), &d);

	tree_put_file(b, S("a/b"), &d, seed % 2);
	tree_put_symlink(b, S("a/c"), S("b"));
	t = tree_builder_end(b, NULL, NULL);
	if (err == 0)
		err = store_scratch(s, &a, &scratch);
	if (err == 0) {
		out = os_join(&a, scratch, S("out"));
		err = os_replace(out, noise(&a, 200000, seed), 0700, false);
		if (err == 0)
			err = store_take_file(s, out, &taken);
		if (err == 0)
			err = store_get_file(s, &taken, false, false, os_join(&a, scratch, S("again")));
	}
	if (err == 0)
		err = put_action(s, seed, &d, t);
	if (err == 0)
		err = store_materialize(s, t, &a, &path);
	if (err == 0)
		err = store_record_put(s, "narrow", d.b, S("record"));
	tree_unref(t);
	arena_clear(&a);
	return err;
}

static void a_killed_writer_leaves_whole_files(void **state)
{
	struct fixture f = fixture_new();
	size_t before = 0, now;

	(void)state;
	for (unsigned round = 0; round < 25; round++) {
		struct timespec moment = {0, (long)(round * 2654435761u % 12000000u)};
		pid_t child = fork();
		int status;

		assert_true(child >= 0);
		if (child == 0) {
			struct diags ds = {0};
			struct store *s = store_open(str_c(f.root), DIGEST_SHA256, &ds);

			if (!s)
				_exit(2);
			for (unsigned i = 0;; i++)
				if (exercise(s, round * 1000 + i) < 0)
					_exit(1);
		}
		nanosleep(&moment, NULL);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		now = check_cache(&f);
		assert_true(now >= before);
		before = now;
	}
	assert_true(before > 0);
	fixture_free(&f);
}

static void run_out_of_memory(void *ud)
{
	struct fixture *f = ud;
	struct diags ds = {0};
	struct store *s = store_open(str_c(f->root), DIGEST_SHA256, &ds);

	if (!s || exercise(s, 1) < 0)
		_exit(1);
	store_close(s);
	mem_fail_at(0);
}

static void each_failed_allocation_ends_cleanly(void **state)
{
	struct fixture f = fixture_new();
	uint64_t nth = 0;
	int code;

	(void)state;
	do {
		mem_fail_at(++nth);
		code = exit_of(run_out_of_memory, &f);
		mem_fail_at(0);
		assert_true(code == 3 || code == 0);
		if (nth % 8 == 1) {
			check_cache(&f);
			store_close(f.store);
			f.store = NULL;
			assert_int_equal(os_remove_tree(f.root), 0);
		}
	} while (code == 3);
	assert_true(nth > 20);
	check_cache(&f);
	fixture_free(&f);
}

/* ---- a full disk, in a small tmpfs of a namespace of our own ---- */

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && os_write_all(fd, text, strlen(text)) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool map_id(const char *file, unsigned id)
{
	char map[64];

	snprintf(map, sizeof map, "0 %u 1", id);
	return write_file(file, map);
}

static bool mount_small(const char *dir)
{
	unsigned uid = getuid(), gid = getgid();

	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_file("/proc/self/setgroups", "deny") &&
			map_id("/proc/self/uid_map", uid) && map_id("/proc/self/gid_map", gid) &&
			mount("none", dir, "tmpfs", 0, "size=512k") == 0;
}

#define MUST(x) ((x) ? (void)0 : _exit(__LINE__ % 250 + 1))

static void fill(struct fixture *f, size_t size)
{
	struct digest d;
	int err;

	for (unsigned seed = 0; (err = store_put(f->store, noise(&f->arena, size, seed), &d)) == 0; seed++)
		MUST(store_verify(f->store, &d) == 0);
	MUST(err == -ENOSPC);
	MUST(!store_has(f->store, &d));
}

static void full_disk(void *ud)
{
	struct fixture *f = ud;
	struct digest d, action = {{1}, 1};
	struct action_result r = {0};
	struct tree_builder *b = tree_builder_new();
	struct tree *t;
	str path, *names;
	size_t n;

	if (!mount_small(f->root))
		_exit(251);
	f->store = store_open(str_c(f->root), DIGEST_SHA256, &f->diags);
	MUST(f->store);
	MUST(store_put(f->store, noise(&f->arena, 100000, 1), &d) == 0);
	for (unsigned i = 0; i < 10; i++)
		tree_put_file(b, str_fmt(&f->arena, "d%u/f", i), &d, false);
	t = tree_builder_end(b, NULL, NULL);
	fill(f, 50000);
	fill(f, 3000);
	MUST(store_materialize(f->store, t, &f->arena, &path) == -ENOSPC);
	MUST(store_export(f->store, t, path_of(f, "out"), false) == -ENOSPC);
	MUST(access(path_of(f, "out"), F_OK) != 0);
	r.worker = noise(&f->arena, 10000, 1);
	r.out = r.err = digest_of(DIGEST_SHA256, S(""));
	MUST(store_result_put(f->store, &action, &r) == -ENOSPC);
	MUST(!store_result_get(f->store, &action, &f->arena, &r));
	MUST(os_list(&f->arena, f->store->tmp_path, &names, &n) == 0 && n == 0);
	MUST(os_list(&f->arena, path_of(f, "trees/sha256"), &names, &n) == 0 && n == 0);
	check_cache(f);
	store_close(f->store);
	tree_unref(t);
}

static void a_full_disk_leaves_nothing_behind(void **state)
{
	struct fixture f = fixture_new();
	int code;

	(void)state;
	store_close(f.store);
	f.store = NULL;
	code = exit_of(full_disk, &f);
	fixture_free(&f);
	if (code == 251)
		skip();
	assert_int_equal(code, 0);
}

/* ---- several at once ---- */

static void two_processes_write_the_same(void **state)
{
	struct fixture f = fixture_new();
	pid_t children[2];

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		children[k] = fork();
		if (children[k] == 0) {
			struct diags ds = {0};
			struct store *s = store_open(str_c(f.root), DIGEST_SHA256, &ds);
			int err = s ? 0 : -1;

			for (unsigned i = 0; i < 60 && err == 0; i++)
				err = exercise(s, i);
			if (s)
				store_close(s);
			_exit(-err);
		}
	}
	for (size_t k = 0; k < 2; k++) {
		int status;

		assert_int_equal(waitpid(children[k], &status, 0), children[k]);
		assert_int_equal(status, 0);
	}
	assert_true(check_cache(&f) >= 60 * 4);
	fixture_free(&f);
}

struct worker {
	struct store *store;
	int err;
};

static void *work(void *ud)
{
	struct worker *w = ud;
	struct arena a = {0};
	struct action_result r;

	for (unsigned i = 0; i < 40 && w->err == 0; i++) {
		struct digest action = digest_of(DIGEST_SHA256, str_of((char *)&i, sizeof i));

		w->err = exercise(w->store, i);
		if (w->err == 0 && !store_result_get(w->store, &action, &a, &r))
			w->err = -ENOENT;
		if (i % 10 == 9)
			seen_clear(&w->store->seen);
	}
	arena_clear(&a);
	return NULL;
}

static void threads_share_a_store(void **state)
{
	struct fixture f = fixture_new();
	struct worker workers[4];
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		workers[i] = (struct worker){f.store, 0};
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(workers[i].err, 0);
	}
	check_cache(&f);
	fixture_free(&f);
}

/* ---- open, tmp ---- */

static void the_dead_are_swept_and_the_living_kept(void **state)
{
	struct fixture f = fixture_new();
	struct store *other;
	str scratch;

	(void)state;
	assert_int_equal(store_scratch(f.store, &f.arena, &scratch), 0);
	assert_int_equal(os_mkdirs(path_of(&f, "tmp/dead/sub"), 0700), 0);
	assert_int_equal(chmod(path_of(&f, "tmp/dead"), 0500), 0);
	other = store_open(str_c(f.root), DIGEST_SHA256, &f.diags);
	assert_int_not_equal(access(path_of(&f, "tmp/dead"), F_OK), 0);
	assert_int_equal(access(scratch.p, F_OK), 0);
	assert_int_equal(names_in(&f, path_of(&f, "tmp")), 2);
	store_close(other);
	assert_int_equal(names_in(&f, path_of(&f, "tmp")), 1);
	fixture_free(&f);
}

static void a_store_that_cannot_be_opened(void **state)
{
	struct fixture f = fixture_new();

	(void)state;
	make_file(&f, "file", S(""), 0644);
	assert_null(store_open(str_c(path_of(&f, "file")), DIGEST_SHA256, &f.diags));
	assert_int_equal(f.diags.errors, 1);
	assert_true(f.diags.first->hint.n > 0);
	fixture_free(&f);
}

static void a_removed_cache_is_not_a_miss(void **state)
{
	struct fixture f = fixture_new();
	struct digest d;
	str path;

	(void)state;
	assert_int_equal(os_remove_tree(f.root), 0);
	assert_int_equal(store_put(f.store, S("x"), &d), -ESTALE);
	assert_int_equal(store_scratch(f.store, &f.arena, &path), -ESTALE);
	fixture_free(&f);
}

static void functions_do_not_mix(void **state)
{
	struct fixture f = fixture_new();
	struct store *s = store_open(str_c(f.root), DIGEST_BLAKE3, &f.diags);
	struct digest d;
	struct blob *b;

	(void)state;
	assert_int_equal(store_fn(s), DIGEST_BLAKE3);
	assert_int_equal(store_put(s, S("x"), &d), 0);
	assert_int_equal(store_get(s, &d, &b), 0);
	blob_unref(b);
	assert_false(store_has(f.store, &d));
	store_close(s);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_writer_leaves_whole_files),
		cmocka_unit_test(each_failed_allocation_ends_cleanly),
		cmocka_unit_test(a_full_disk_leaves_nothing_behind),
		cmocka_unit_test(two_processes_write_the_same),
		cmocka_unit_test(threads_share_a_store),
		cmocka_unit_test(the_dead_are_swept_and_the_living_kept),
		cmocka_unit_test(a_store_that_cannot_be_opened),
		cmocka_unit_test(a_removed_cache_is_not_a_miss),
		cmocka_unit_test(functions_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
