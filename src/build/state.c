#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#define MAP_SIZE ((size_t)4 << 30) /* address space, not memory or disk */
#define KEY_MAX 511                /* LMDB's; longer keys are replaced by their hash */
#define SEAL 8                     /* bytes of a BLAKE3 over key and value, before each value */

struct pending {
	str key, value;
};

struct state {
	struct arena arena; /* pending writes */
	MDB_env *env;
	MDB_txn *read;
	MDB_dbi dbi;
	int lock;
	bool damaged; /* to be begun anew */
	char *file;   /* LMDB's */
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

static bool is_damage(int err)
{
	switch (err) {
	case MDB_INVALID:
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_VERSION_MISMATCH:
	case MDB_INCOMPATIBLE:
	case MDB_BAD_DBI:
	case MDB_BAD_VALSIZE:
	case MDB_CURSOR_FULL:
	case MDB_PAGE_FULL:
	case MDB_PANIC:
	case MDB_MAP_FULL: return true; /* full: of records that nothing asks for any more */
	default: return false;
	}
}

/* LMDB found a page that cannot be, and would abort.  The file goes, so that the next build is right. */
static void met_damage(MDB_env *env, const char *what)
{
	const struct state *s = mdb_env_get_userctx(env);

	unlink(s->file);
	fprintf(stderr, "straylight: '%s' was damaged (%s) and has been removed; build again\n", s->file, what);
	_exit(3);
}

/* Pages that the file should have but does not would be met as SIGBUS. */
static bool is_whole(MDB_env *env)
{
	MDB_envinfo info;
	MDB_stat stat;
	struct stat st;
	int fd;

	return mdb_env_info(env, &info) == 0 && mdb_env_stat(env, &stat) == 0 && mdb_env_get_fd(env, &fd) == 0 &&
			fstat(fd, &st) == 0 && (uint64_t)st.st_size / stat.ms_psize > info.me_last_pgno;
}

static int open_env(struct state *s, const char *dir)
{
	int err = mdb_env_create(&s->env);

	if (err)
		return err;
	mdb_env_set_mapsize(s->env, MAP_SIZE);
	mdb_env_set_userctx(s->env, s);
	mdb_env_set_assert(s->env, met_damage);
	/* NOMETASYNC: after a power cut the state may be older, which only costs work.
	 * NOLOCK: the lock file above allows one process. */
	err = mdb_env_open(s->env, dir, MDB_NOMETASYNC | MDB_NOLOCK | MDB_NOTLS, 0644);
	if (!err)
		err = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &s->read);
	if (!err)
		err = mdb_dbi_open(s->read, NULL, 0, &s->dbi);
	if (!err && !is_whole(s->env))
		err = MDB_CORRUPTED;
	if (!err)
		return 0;
	if (s->read)
		mdb_txn_abort(s->read);
	mdb_env_close(s->env);
	s->env = NULL;
	s->read = NULL;
	return err;
}

struct state *state_open(str root, enum digest_fn fn, void (*waiting)(void *ud), void *ud, struct diags *diags)
{
	struct state *s = mem_make(struct state);
	const char *dir = os_join(&s->arena, root, fn == DIGEST_BLAKE3 ? S(".straylight/state-blake3") : S(".straylight/state"));
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
	s->file = str_zdup(str_c(os_join(&s->arena, str_c(dir), S("data.mdb"))));
	err = open_env(s, dir);
	if (is_damage(err)) {
		unlink(s->file);
		err = open_env(s, dir);
	}
	if (err) {
		struct diag *d = diag_error(diags, DIAG_IO, NO_SPAN, "the state in '%s' cannot be opened: %s", dir,
				mdb_strerror(err));

		diag_hint(diags, d, "make .straylight and what is in it yours to write; "
				    "it holds nothing that cannot be found out again");
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
	if (s->damaged)
		unlink(s->file);
	if (s->lock >= 0)
		close(s->lock);
	mem_free(s->file);
	vec_free(&s->pending);
	arena_clear(&s->arena);
	mem_free(s);
}

/* ---- records ---- */

static void seal_of(str key, str value, unsigned char out[SEAL])
{
	struct hasher *h = hasher_new(DIGEST_BLAKE3);
	struct digest d;

	hasher_add(h, key.p, key.n);
	hasher_add(h, value.n ? value.p : "", value.n);
	hasher_end(h, &d);
	memcpy(out, d.b, SEAL);
}

/* The value behind its seal; false when the seal is not that of its bytes. */
static bool unseal(str key, const MDB_val *v, str *value)
{
	unsigned char seal[SEAL];

	if (v->mv_size < SEAL)
		return false;
	*value = str_of((const char *)v->mv_data + SEAL, v->mv_size - SEAL);
	seal_of(key, *value, seal);
	return memcmp(seal, v->mv_data, SEAL) == 0;
}

bool state_get(struct state *s, enum state_space space, str key, str *value)
{
	struct arena_mark mark = arena_mark(&s->arena);
	str k = full_key(&s->arena, space, key);
	MDB_val mk = {k.n, (void *)(uintptr_t)k.p}, mv;
	int err = mdb_get(s->read, s->dbi, &mk, &mv);
	bool good = err == 0 && unseal(k, &mv, value);

	s->damaged = s->damaged || is_damage(err);
	arena_rewind(&s->arena, mark);
	return good;
}

void state_put(struct state *s, enum state_space space, str key, str value)
{
	struct pending p = {full_key(&s->arena, space, key), {NULL, 0}};

	if (value.p) {
		char *sealed = arena_raw(&s->arena, SEAL + value.n, 1);

		seal_of(p.key, value, (unsigned char *)sealed);
		memcpy(sealed + SEAL, value.p, value.n);
		p.value = str_of(sealed, SEAL + value.n);
	}
	vec_push(&s->pending, p);
}

/* Ends the transaction in any way. */
static int write_pending(struct state *s, MDB_txn *txn)
{
	for (size_t i = 0; i < s->pending.n; i++) {
		struct pending *p = &s->pending.p[i];
		MDB_val k = {p->key.n, (void *)(uintptr_t)p->key.p};
		MDB_val v = {p->value.n, (void *)(uintptr_t)p->value.p};
		int err = p->value.p ? mdb_put(txn, s->dbi, &k, &v, 0) : mdb_del(txn, s->dbi, &k, NULL);

		if (err && err != MDB_NOTFOUND) {
			mdb_txn_abort(txn);
			return err;
		}
	}
	return mdb_txn_commit(txn);
}

int state_commit(struct state *s)
{
	MDB_txn *txn;
	int err;

	if (s->pending.n == 0)
		return 0;
	mdb_txn_reset(s->read);
	err = mdb_txn_begin(s->env, NULL, 0, &txn);
	if (!err)
		err = write_pending(s, txn);
	mdb_txn_renew(s->read);
	s->pending.n = 0;
	arena_clear(&s->arena);
	if (is_damage(err)) {
		s->damaged = true;
		return 0;
	}
	return err > 0 ? -err : err ? -EIO : 0;
}

void state_each(struct state *s, enum state_space space, str prefix, void (*fn)(void *ud, str key, str value), void *ud)
{
	struct arena a = {0};
	str from = str_fmt(&a, "%c%.*s", (int)space, STR_ARG(prefix));
	MDB_val k = {from.n, (void *)(uintptr_t)from.p}, v;
	MDB_cursor *cursor;

	if (mdb_cursor_open(s->read, s->dbi, &cursor)) {
		arena_clear(&a);
		return;
	}
	for (int err = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE); !err;
			err = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) {
		str key = str_of(k.mv_data, k.mv_size), value;

		if (!str_starts(key, from))
			break;
		if (unseal(key, &v, &value))
			fn(ud, str_from(key, 1), value);
	}
	mdb_cursor_close(cursor);
	arena_clear(&a);
}
