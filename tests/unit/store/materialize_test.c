#include "store_test.h"

#include <sys/stat.h>

static struct stat stat_of(const char *dir, const char *name)
{
	char path[512];
	struct stat st;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	assert_int_equal(lstat(path, &st), 0);
	return st;
}

static void assert_link(const char *dir, const char *name, const char *want)
{
	char path[512], target[64];
	ssize_t n;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	n = readlink(path, target, sizeof target);
	assert_true(n >= 0);
	assert_str_c(str_of(target, (size_t)n), want);
}

static void import_and_export(void **state)
{
	struct fixture f = fixture_new();
	struct tree *t = tree_from(&f, "a/b/c=one a/d*=two e@=a/d g/"), *got;
	str bad;

	(void)state;
	assert_int_equal(store_export(f.store, t, path_of(&f, "out"), false), 0);
	assert_file(path_of(&f, "out/a/b/c"), S("one"), 0444);
	assert_file(path_of(&f, "out/a/d"), S("two"), 0555);
	assert_link(f.root, "out/e", "a/d");
	assert_int_equal(stat_of(f.root, "out/g").st_mode & 07777, 0755);
	assert_int_equal(store_import(f.store, path_of(&f, "out"), &got, &f.arena, &bad), 0);
	assert_true(digest_eq(tree_digest(got, DIGEST_SHA256), tree_digest(t, DIGEST_SHA256)));
	tree_unref(got);
	assert_int_equal(store_export(f.store, t, path_of(&f, "out"), false), -EEXIST);
	assert_int_equal(mkfifo(path_of(&f, "out/a/b/fifo"), 0600), 0);
	assert_int_equal(store_import(f.store, path_of(&f, "out"), &got, &f.arena, &bad), -EINVAL);
	assert_null(got);
	assert_str(bad, S("a/b/fifo"));
	assert_int_equal(store_import(f.store, path_of(&f, "absent"), &got, &f.arena, &bad), -ENOENT);
	tree_unref(t);
	fixture_free(&f);
}

static void a_failed_export_leaves_nothing(void **state)
{
	struct fixture f = fixture_new();
	struct tree *t = tree_from(&f, "a=one b/c=two");

	(void)state;
	assert_int_equal(unlink(cas_file(&f, &tree_find(t, S("b/c"))->digest, "")), 0);
	assert_int_equal(store_export(f.store, t, path_of(&f, "out"), false), -ENOENT);
	assert_int_not_equal(access(path_of(&f, "out"), F_OK), 0);
	tree_unref(t);
	fixture_free(&f);
}

static struct tree *tree_of_sizes(struct fixture *f)
{
	struct digest large = put(f, noise(&f->arena, STORE_LINK_MIN, 1)),
		      larger = put(f, noise(&f->arena, STORE_LINK_MIN + 1, 2)), small = put(f, S("small"));
	struct tree_builder *b = tree_builder_new();

	tree_put_file(b, S("bin/large"), &larger, true);
	tree_put_file(b, S("lib/large"), &large, false);
	tree_put_file(b, S("one/x.h"), &small, false);
	tree_put_file(b, S("two/x.h"), &small, false);
	tree_put_symlink(b, S("two/y.h"), S("x.h"));
	return tree_builder_end(b, NULL, NULL);
}

static void trees_are_made_once_and_read_only(void **state)
{
	struct fixture f = fixture_new();
	struct tree *t = tree_of_sizes(&f);
	struct stat one, two, top;
	str path, again;

	(void)state;
	assert_int_equal(store_materialize(f.store, t, &f.arena, &path), 0);
	assert_int_equal(stat_of(path.p, ".").st_mode & 07777, 0555);
	assert_int_equal(stat_of(path.p, "one").st_mode & 07777, 0555);
	one = stat_of(path.p, "one/x.h");
	two = stat_of(path.p, "two/x.h");
	assert_int_equal(one.st_mode & 07777, 0444);
	assert_true(one.st_ino != two.st_ino);
	assert_int_equal(one.st_mtime, STORE_MTIME);
	assert_int_equal(two.st_mtime, STORE_MTIME + 1);
	one = stat_of(path.p, "bin/large");
	assert_int_equal(one.st_nlink, 2);
	assert_int_equal(one.st_mode & 07777, 0555);
	assert_int_equal(one.st_mtime, STORE_MTIME);
	assert_int_equal(stat_of(path.p, "lib/large").st_nlink, 2);
	assert_link(path.p, "two/y.h", "x.h");
	top = stat_of(path.p, ".");
	assert_int_equal(store_materialize(f.store, t, &f.arena, &again), 0);
	assert_str(again, path);
	store_close(f.store);
	f.store = store_open(str_c(f.root), DIGEST_SHA256, &f.diags);
	assert_int_equal(store_materialize(f.store, t, &f.arena, &again), 0);
	assert_int_equal(stat_of(path.p, ".").st_ino, top.st_ino);
	tree_unref(t);
	fixture_free(&f);
}

static void a_missing_part_is_said_and_leaves_nothing(void **state)
{
	struct fixture f = fixture_new();
	struct tree *t = tree_from(&f, "a/b=one c=two");
	str path, *names;
	size_t n;

	(void)state;
	overwrite(&f, cas_file(&f, &tree_find(t, S("c"))->digest, ""), S("TWO"));
	assert_int_equal(store_materialize(f.store, t, &f.arena, &path), -ENOENT);
	assert_int_equal(os_list(&f.arena, path_of(&f, "trees/sha256"), &names, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(os_list(&f.arena, f.store->tmp_path, &names, &n), 0);
	assert_int_equal(n, 0);
	put(&f, S("two"));
	assert_int_equal(store_materialize(f.store, t, &f.arena, &path), 0);
	tree_unref(t);
	fixture_free(&f);
}

/* As if the system had gone down since: ctimes cannot be set back, so the check itself is called. */
static void a_torn_tree_is_seen(void **state)
{
	struct fixture f = fixture_new();
	struct tree *t = tree_from(&f, "a/b=one c@=a d/e=two");
	str path;

	(void)state;
	assert_int_equal(store_materialize(f.store, t, &f.arena, &path), 0);
	assert_true(materialize_intact(t, path.p));
	assert_int_equal(chmod(os_join(&f.arena, path, S("a/b")), 0600), 0);
	assert_int_equal(truncate(os_join(&f.arena, path, S("a/b")), 0), 0);
	assert_false(materialize_intact(t, path.p));
	assert_int_equal(truncate(os_join(&f.arena, path, S("a/b")), 3), 0);
	assert_true(materialize_intact(t, path.p));
	assert_int_equal(chmod(os_join(&f.arena, path, S("d")), 0700), 0);
	assert_int_equal(unlink(os_join(&f.arena, path, S("d/e"))), 0);
	assert_false(materialize_intact(t, path.p));
	tree_unref(t);
	fixture_free(&f);
}

struct job {
	struct store *store;
	struct tree **trees;
	size_t n;
	int failed;
};

static void *materialize_all(void *ud)
{
	struct job *job = ud;
	struct arena a = {0};
	str path;

	for (size_t i = 0; i < job->n; i++)
		if (store_materialize(job->store, job->trees[i], &a, &path) < 0)
			job->failed++;
	arena_clear(&a);
	return NULL;
}

static void threads_and_processes_make_it_together(void **state)
{
	struct fixture f = fixture_new();
	struct tree *trees[8];
	struct job jobs[4];
	pthread_t threads[4];
	int status;
	pid_t child;

	(void)state;
	for (size_t i = 0; i < 8; i++)
		trees[i] = tree_from(&f, str_fmt(&f.arena, "a/b=one c=%zu d/e/f=three", i).p);
	child = fork();
	if (child == 0) {
		struct job job = {store_open(str_c(f.root), DIGEST_SHA256, &f.diags), trees, 8, 0};

		materialize_all(&job);
		_exit(job.failed);
	}
	for (size_t i = 0; i < 4; i++) {
		jobs[i] = (struct job){f.store, trees, 8, 0};
		assert_int_equal(pthread_create(&threads[i], NULL, materialize_all, &jobs[i]), 0);
	}
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(jobs[i].failed, 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	for (size_t i = 0; i < 8; i++) {
		str path;

		assert_int_equal(store_materialize(f.store, trees[i], &f.arena, &path), 0);
		assert_true(materialize_intact(trees[i], path.p));
		tree_unref(trees[i]);
	}
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(import_and_export),
		cmocka_unit_test(a_failed_export_leaves_nothing),
		cmocka_unit_test(trees_are_made_once_and_read_only),
		cmocka_unit_test(a_missing_part_is_said_and_leaves_nothing),
		cmocka_unit_test(a_torn_tree_is_seen),
		cmocka_unit_test(threads_and_processes_make_it_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
