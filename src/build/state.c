#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#define MAP_SIZE ((size_t)4 << 30) /* address space, not memory or disk */
#define KEY_MAX 511                /* LMDB's; longer keys are replaced by their hash */

struct pending {
	str key, value;
};

struct state {
	struct arena arena; /* pending writes */
	MDB_env *env;
	MDB_txn *read;
	MDB_dbi dbi;
	int lock;
	VEC(struct pending) pending;
};

/* One byte of space, then the key, or its SHA-256 when it is too long. */
static str full_key(struct arena *a, enum state_space space, str key)
{
	unsigned char *p;
	size_t n = key.n + 1 <= KEY_MAX ? key.n : 32;

	p = arena_raw(a, n + 1, 1);
	p[0] = (unsigned char)space;
	if (n == key.n)
		memcpy(p + 1, key.n ? key.p : "", key.n);
	else
		sha256(key, p + 1);
	return str_of((const char *)p, n + 1);
}

/* Is the file that was locked still the one at the path?  `clean` removes it while it has the lock. */
static bool is_current(int fd, const char *path)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_dev == there.st_dev &&
			ours.st_ino == there.st_ino;
}

static int lock_file(int fd, void (*waiting)(void *ud), void *ud)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK || !waiting)
		return -errno;
	waiting(ud);
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static int take_lock(const char *path, void (*waiting)(void *ud), void *ud)
{
	for (;;) {
		int err = os_mkdirs_for(path, 0755);
		int fd = err ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

		if (fd < 0)
			return err ? err : -errno;
		err = lock_file(fd, waiting, ud);
		if (!err && is_current(fd, path))
			return fd;
		close(fd);
		if (err)
			return err;
	}
}

static int open_env(struct state *s, const char *dir)
{
	int err = mdb_env_create(&s->env);

	if (err)
		return err;
	mdb_env_set_mapsize(s->env, MAP_SIZE);
	/* NOSYNC: after a power cut the state may be older or damaged, and both only cost work.
	 * NOLOCK: the lock file above allows one process. */
	err = mdb_env_open(s->env, dir, MDB_NOSYNC | MDB_NOLOCK | MDB_NOTLS, 0644);
	if (!err)
		err = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &s->read);
	if (!err)
		err = mdb_dbi_open(s->read, NULL, 0, &s->dbi);
	if (!err)
		return 0;
	if (s->read)
		mdb_txn_abort(s->read);
	mdb_env_close(s->env);
	s->env = NULL;
	s->read = NULL;
	return err;
}

struct state *state_open(str root, void (*waiting)(void *ud), void *ud, struct diags *diags)
{
	struct state *s = mem_make(struct state);
	const char *dir = os_join(&s->arena, root, S(".straylight/state"));
	int err;

	s->lock = take_lock(os_join(&s->arena, root, S(".straylight/lock")), waiting, ud);
	if (s->lock < 0) {
		os_error(diags, DIAG_IO, s->lock, "locking", str_c(os_join(&s->arena, root, S(".straylight/lock"))));
		state_close(s);
		return NULL;
	}
	err = os_mkdirs(dir, 0755);
	if (err) {
		os_error(diags, DIAG_IO, err, "making", str_c(dir));
		state_close(s);
		return NULL;
	}
	err = open_env(s, dir);
	if (err) { /* damaged: begin anew */
		os_remove_tree(dir);
		err = os_mkdirs(dir, 0755);
		err = err ? err : open_env(s, dir);
	}
	if (err) {
		diag_error(diags, DIAG_IO, NO_SPAN, "the state in '%s' cannot be opened: %s", dir,
				err > 0 || err < -30000 ? mdb_strerror(err) : strerror(-err));
		state_close(s);
		return NULL;
	}
	return s;
}

void state_close(struct state *s)
{
	if (!s)
		return;
	if (s->read)
		mdb_txn_abort(s->read);
	if (s->env)
		mdb_env_close(s->env);
	if (s->lock >= 0)
		close(s->lock);
	vec_free(&s->pending);
	arena_clear(&s->arena);
	mem_free(s);
}

bool state_get(struct state *s, enum state_space space, str key, str *value)
{
	struct arena_mark mark = arena_mark(&s->arena);
	str k = full_key(&s->arena, space, key);
	MDB_val mk = {k.n, (void *)(uintptr_t)k.p}, mv;
	int err = mdb_get(s->read, s->dbi, &mk, &mv);

	arena_rewind(&s->arena, mark);
	if (err)
		return false;
	*value = str_of(mv.mv_data, mv.mv_size);
	return true;
}

void state_put(struct state *s, enum state_space space, str key, str value)
{
	struct pending p = {full_key(&s->arena, space, key), {NULL, 0}};

	if (value.p)
		p.value = str_dup(&s->arena, value);
	vec_push(&s->pending, p);
}

static int write_pending(struct state *s, MDB_txn *txn)
{
	for (size_t i = 0; i < s->pending.n; i++) {
		struct pending *p = &s->pending.p[i];
		MDB_val k = {p->key.n, (void *)(uintptr_t)p->key.p};
		MDB_val v = {p->value.n, (void *)(uintptr_t)p->value.p};
		int err = p->value.p ? mdb_put(txn, s->dbi, &k, &v, 0) : mdb_del(txn, s->dbi, &k, NULL);

		if (err && err != MDB_NOTFOUND)
			return err;
	}
	return mdb_txn_commit(txn);
}

static int to_errno(int err)
{
	return err == 0 ? 0 : err > 0 ? -err : err == MDB_MAP_FULL ? -ENOSPC : -EIO;
}

int state_commit(struct state *s)
{
	MDB_txn *txn;
	int err;

	if (s->pending.n == 0)
		return 0;
	mdb_txn_reset(s->read);
	err = mdb_txn_begin(s->env, NULL, 0, &txn);
	if (!err) {
		err = write_pending(s, txn);
		if (err)
			mdb_txn_abort(txn);
	}
	mdb_txn_renew(s->read);
	s->pending.n = 0;
	arena_clear(&s->arena);
	return to_errno(err);
}

void state_each(struct state *s, enum state_space space, void (*fn)(void *ud, str key, str value), void *ud)
{
	unsigned char first = (unsigned char)space;
	MDB_val k = {1, &first}, v;
	MDB_cursor *cursor;

	if (mdb_cursor_open(s->read, s->dbi, &cursor))
		return;
	for (int err = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE); !err;
			err = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) {
		if (((unsigned char *)k.mv_data)[0] != first)
			break;
		fn(ud, str_of((char *)k.mv_data + 1, k.mv_size - 1), str_of(v.mv_data, v.mv_size));
	}
	mdb_cursor_close(cursor);
}
