#include "../test.h"
#include "state.h"

#include <straylight/base/os.h>

#include <fcntl.h>

struct fixture {
	struct arena arena;
	struct diags diags;
	char *root;
	const char *data; /* LMDB's file */
};

static struct fixture begin(void)
{
	struct fixture f = {.root = str_zdup(str_c(fresh_dir()))};

	f.data = os_join(&f.arena, str_c(f.root), S(".straylight/state/data.mdb"));
	return f;
}

static void end(struct fixture *f)
{
	assert_int_equal(os_remove_tree(f->root), 0);
	mem_free(f->root);
	diags_free(&f->diags);
	arena_clear(&f->arena);
}

static struct state *reopen(struct fixture *f)
{
	struct state *s = state_open(str_c(f->root), DIGEST_SHA256, NULL, NULL, &f->diags);

	assert_non_null(s);
	return s;
}

/* Without a process of its own: opens, writes one record and commits. */
static void write_one(struct fixture *f, str key, str value)
{
	struct state *s = reopen(f);

	state_put(s, STATE_OUTPUT, key, value);
	assert_int_equal(state_commit(s), 0);
	state_close(s);
}

static void holds(struct fixture *f, enum state_space space, str key, str want)
{
	struct state *s = reopen(f);
	str value = {0};

	if (!want.p) {
		assert_false(state_get(s, space, key, &value));
	} else {
		assert_true(state_get(s, space, key, &value));
		assert_str(value, want);
	}
	state_close(s);
}

static void records_come_back(void **state)
{
	struct fixture f = begin();
	struct state *s = reopen(&f);
	str value;

	(void)state;
	assert_false(state_get(s, STATE_DIR, S("a"), &value));
	state_put(s, STATE_DIR, S("a"), S("one"));
	state_put(s, STATE_DIR, S(""), S("root"));
	state_put(s, STATE_OUTPUT, S("a"), S("other\0space"));
	state_put(s, STATE_DIR, S("b"), S(""));
	assert_false(state_get(s, STATE_DIR, S("a"), &value));
	assert_int_equal(state_commit(s), 0);
	assert_true(state_get(s, STATE_DIR, S("a"), &value));
	assert_int_equal(state_commit(s), 0);
	state_close(s);
	holds(&f, STATE_DIR, S("a"), S("one"));
	holds(&f, STATE_DIR, S(""), S("root"));
	holds(&f, STATE_DIR, S("b"), S(""));
	holds(&f, STATE_OUTPUT, S("a"), S("other\0space"));
	holds(&f, STATE_OUTPUT, S("b"), (str){NULL, 0});
	end(&f);
}

static void the_last_write_stays(void **state)
{
	struct fixture f = begin();
	struct state *s = reopen(&f);

	(void)state;
	state_put(s, STATE_DIR, S("a"), S("one"));
	state_put(s, STATE_DIR, S("a"), S("two"));
	state_put(s, STATE_DIR, S("b"), S("one"));
	state_put(s, STATE_DIR, S("b"), (str){NULL, 0});
	state_put(s, STATE_DIR, S("never"), (str){NULL, 0});
	assert_int_equal(state_commit(s), 0);
	state_close(s);
	holds(&f, STATE_DIR, S("a"), S("two"));
	holds(&f, STATE_DIR, S("b"), (str){NULL, 0});
	end(&f);
}

static void without_commit_nothing_lands(void **state)
{
	struct fixture f = begin();
	struct state *s = reopen(&f);

	(void)state;
	state_put(s, STATE_DIR, S("a"), S("one"));
	state_close(s);
	holds(&f, STATE_DIR, S("a"), (str){NULL, 0});
	end(&f);
}

static void long_keys_are_told_apart(void **state)
{
	struct fixture f = begin();
	char key[2000];

	(void)state;
	memset(key, 'k', sizeof key);
	for (size_t n = 508; n < 515; n++)
		write_one(&f, str_of(key, n), str_of(key, n - 500));
	write_one(&f, str_of(key, 2000), S("long"));
	for (size_t n = 508; n < 515; n++)
		holds(&f, STATE_OUTPUT, str_of(key, n), str_of(key, n - 500));
	key[1999] = 'x';
	holds(&f, STATE_OUTPUT, str_of(key, 2000), (str){NULL, 0});
	end(&f);
}

static void list(void *ud, str key, str value)
{
	buf_fmt(ud, "%.*s=%.*s ", STR_ARG(key), STR_ARG(value));
}

static void a_space_in_order(void **state)
{
	struct fixture f = begin();
	struct state *s = reopen(&f);
	struct buf b = {0};

	(void)state;
	state_put(s, STATE_RUN, S("b"), S("2"));
	state_put(s, STATE_RUN, S("a"), S("1"));
	state_put(s, STATE_LAST, S("z"), S("no"));
	state_put(s, STATE_OUTPUT, S("z"), S("no"));
	assert_int_equal(state_commit(s), 0);
	state_each(s, STATE_RUN, (str){0}, list, &b);
	assert_str_c(buf_view(&b), "a=1 b=2 ");
	state_close(s);
	buf_free(&b);
	end(&f);
}

/* ---- processes ---- */

/* A child that does fn and is killed without warning. */
static void killed(struct fixture *f, void (*fn)(struct fixture *))
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		fn(f);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void put_and_commit(struct fixture *f)
{
	struct state *s = reopen(f);

	state_put(s, STATE_OUTPUT, S("a"), S("new"));
	state_commit(s);
	state_put(s, STATE_OUTPUT, S("a"), S("newer"));
}

static void put_only(struct fixture *f)
{
	state_put(reopen(f), STATE_OUTPUT, S("a"), S("new"));
}

static void kill_9(void **state)
{
	struct fixture f = begin();

	(void)state;
	write_one(&f, S("a"), S("old"));
	killed(&f, put_only);
	holds(&f, STATE_OUTPUT, S("a"), S("old"));
	killed(&f, put_and_commit);
	holds(&f, STATE_OUTPUT, S("a"), S("new"));
	end(&f);
}

struct pipes {
	int to_parent[2], to_child[2];
};

/* Holds the lock until it is told to go on; ends without closing anything. */
static void hold_lock(struct fixture *f, const struct pipes *p)
{
	struct state *s = reopen(f);
	char c = 'r';

	if (write(p->to_parent[1], &c, 1) != 1 || read(p->to_child[0], &c, 1) != 1)
		_exit(1);
	state_put(s, STATE_DIR, S("a"), S("first"));
	_exit(state_commit(s) ? 1 : 0);
}

static void go_on(void *ud)
{
	const struct pipes *p = ud;

	assert_int_equal(write(p->to_child[1], "g", 1), 1);
}

/* The second waits until the first is over, however it ends, and sees what it left. */
static void one_at_a_time(void **state)
{
	struct fixture f = begin();
	struct pipes p;
	struct state *s;
	str value;
	int status;
	pid_t child;
	char c;

	(void)state;
	assert_int_equal(pipe(p.to_parent) | pipe(p.to_child), 0);
	child = fork();
	if (child == 0)
		hold_lock(&f, &p);
	assert_int_equal(read(p.to_parent[0], &c, 1), 1);
	assert_null(state_open(str_c(f.root), DIGEST_SHA256, NULL, NULL, &f.diags));
	assert_int_equal(diags_exit(&f.diags), BLAME_INFRA);
	s = state_open(str_c(f.root), DIGEST_SHA256, go_on, &p, &f.diags);
	assert_non_null(s);
	assert_true(state_get(s, STATE_DIR, S("a"), &value));
	assert_str_c(value, "first");
	state_close(s);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	for (int i = 0; i < 2; i++) {
		close(p.to_parent[i]);
		close(p.to_child[i]);
	}
	end(&f);
}

/* ---- damage ---- */

static size_t file_size(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (size_t)st.st_size;
}

static void overwrite(const char *path, size_t at, const char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, (off_t)at), n);
	close(fd);
}

static void works_again(struct fixture *f)
{
	write_one(f, S("after"), S("damage"));
	write_one(f, S("after"), S("more"));
	holds(f, STATE_OUTPUT, S("after"), S("more"));
}

static void a_file_of_something_else(void **state)
{
	struct fixture f = begin();

	(void)state;
	write_one(&f, S("a"), S("one"));
	assert_int_equal(os_replace(f.data, S("this is no database at all"), 0644, false), 0);
	holds(&f, STATE_OUTPUT, S("a"), (str){NULL, 0});
	works_again(&f);
	end(&f);
}

static void a_file_cut_short(void **state)
{
	struct fixture f = begin();
	size_t whole;
	char big[30000];

	(void)state;
	memset(big, 'b', sizeof big);
	write_one(&f, S("a"), str_of(big, sizeof big));
	whole = file_size(f.data);
	for (size_t n = 0; n < whole; n += 4096) {
		write_one(&f, S("a"), str_of(big, sizeof big));
		assert_int_equal(truncate(f.data, (off_t)n), 0);
		works_again(&f);
	}
	end(&f);
}

static void zeroed_pages(void **state)
{
	static const char zero[4096];
	struct fixture f = begin();

	(void)state;
	for (size_t page = 0; page < 6; page++) {
		write_one(&f, S("a"), S("one"));
		if (page * 4096 < file_size(f.data))
			overwrite(f.data, page * 4096, zero, sizeof zero);
		works_again(&f);
	}
	end(&f);
}

/* A byte of a value: the record is not there; a new one may be written. */
static void a_changed_byte(void **state)
{
	struct fixture f = begin();
	struct blob *b;
	size_t at;

	(void)state;
	write_one(&f, S("key"), S("a value to find"));
	assert_int_equal(os_read(f.data, 0, &b), 0);
	while ((at = str_find_str(blob_str(b), S("a value to find"))) < b->n) {
		b->b[at] = 'A';
		overwrite(f.data, at, "A", 1);
	}
	blob_unref(b);
	holds(&f, STATE_OUTPUT, S("key"), (str){NULL, 0});
	write_one(&f, S("key"), S("again"));
	holds(&f, STATE_OUTPUT, S("key"), S("again"));
	end(&f);
}

static void not_ours_to_write(void **state)
{
	struct fixture f = begin();
	const char *dir = os_join(&f.arena, str_c(f.root), S(".straylight"));

	(void)state;
	assert_int_equal(os_replace(dir, S("a file"), 0644, false), 0);
	assert_null(state_open(str_c(f.root), DIGEST_SHA256, NULL, NULL, &f.diags));
	assert_int_equal(diags_exit(&f.diags), BLAME_INFRA);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_back),
		cmocka_unit_test(the_last_write_stays),
		cmocka_unit_test(without_commit_nothing_lands),
		cmocka_unit_test(long_keys_are_told_apart),
		cmocka_unit_test(a_space_in_order),
		cmocka_unit_test(kill_9),
		cmocka_unit_test(one_at_a_time),
		cmocka_unit_test(a_file_of_something_else),
		cmocka_unit_test(a_file_cut_short),
		cmocka_unit_test(zeroed_pages),
		cmocka_unit_test(a_changed_byte),
		cmocka_unit_test(not_ours_to_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
