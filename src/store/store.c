#include "store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

const char *store_fn_name(enum digest_fn fn)
{
	return fn == DIGEST_BLAKE3 ? "blake3" : "sha256";
}

static int open_dir(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

/* Opens root/name/fn, made when absent; fn may be NULL. */
static int open_part(struct store *s, const char *name, const char *fn)
{
	struct arena a = {0};
	str path = str_fmt(&a, "%s/%s%s%s", s->root, name, fn ? "/" : "", fn ? fn : "");
	int err = os_mkdirs(path.p, 0755);

	if (err == 0)
		err = open_dir(AT_FDCWD, path.p);
	arena_clear(&a);
	return err;
}

/* ---- tmp/INSTANCE ----
 * Locked (shared) by its owner while it lives; the kernel unlocks when a process dies however it
 * dies.  Whoever can lock one exclusively has found a dead one and removes it. */

static bool same_dir(int fd, int at, const char *name)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstatat(at, name, &b, AT_SYMLINK_NOFOLLOW) == 0 && a.st_ino == b.st_ino &&
			a.st_dev == b.st_dev;
}

/* A sweeper may remove the directory before it is locked: then another one is made. */
static int make_instance(struct store *s, int tmp)
{
	char name[24];
	uint64_t random;

	for (unsigned tries = 0; tries < 100; tries++) {
		int fd;

		if (getrandom(&random, sizeof random, 0) != sizeof random)
			return -EIO;
		snprintf(name, sizeof name, "%016llx", (unsigned long long)random);
		if (mkdirat(tmp, name, 0700) < 0) {
			if (errno == EEXIST)
				continue;
			return -errno;
		}
		fd = open_dir(tmp, name);
		if (fd >= 0 && flock(fd, LOCK_SH) == 0 && same_dir(fd, tmp, name)) {
			s->tmp_name = str_zdup(str_c(name));
			return fd;
		}
		if (fd >= 0)
			close(fd);
	}
	return -EAGAIN;
}

static void sweep_one(struct store *s, int tmp, struct arena *a, const char *name)
{
	int fd = open_dir(tmp, name);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		os_remove_tree(str_fmt(a, "%s/tmp/%s", s->root, name).p);
	if (fd >= 0)
		close(fd);
}

static void sweep(struct store *s, int tmp)
{
	struct arena a = {0};
	str path = str_fmt(&a, "%s/tmp", s->root);
	str *names;
	size_t n;

	if (os_list(&a, path.p, &names, &n) == 0)
		for (size_t i = 0; i < n; i++)
			if (!str_eq(names[i], str_c(s->tmp_name)))
				sweep_one(s, tmp, &a, names[i].p);
	arena_clear(&a);
}

/* Waits for a sweep (gc.c) to end. */
static int lock_tmp(int tmp)
{
	while (flock(tmp, LOCK_SH) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static int open_tmp(struct store *s)
{
	struct arena a = {0};
	int tmp = open_part(s, "tmp", NULL), err;

	if (tmp < 0)
		return tmp;
	s->tmp_all = tmp;
	if ((err = lock_tmp(tmp)) < 0)
		return err;
	s->tmp = make_instance(s, tmp);
	if (s->tmp >= 0) {
		s->tmp_path = str_zdup(str_fmt(&a, "%s/tmp/%s", s->root, s->tmp_name));
		arena_clear(&a);
		sweep(s, tmp);
	}
	return s->tmp;
}

/* ---- open and close ---- */

static int open_parts(struct store *s)
{
	const char *fn = store_fn_name(s->fn);

	if ((s->cas = open_part(s, "cas", fn)) < 0)
		return s->cas;
	if ((s->ac = open_part(s, "ac", fn)) < 0)
		return s->ac;
	if ((s->trees = open_part(s, "trees", fn)) < 0)
		return s->trees;
	return open_tmp(s);
}

struct store *store_open(str root, enum digest_fn fn, struct diags *ds)
{
	struct store *s = mem_make(struct store);
	struct diag *d;
	int err;

	s->fn = fn;
	s->empty = digest_of(fn, S(""));
	s->root = str_zdup(root);
	s->cas = s->ac = s->trees = s->tmp_all = s->tmp = -1;
	seen_init(&s->seen);
	pthread_mutex_init(&s->flight_lock, NULL);
	pthread_cond_init(&s->landed, NULL);
	err = open_parts(s);
	if (err >= 0)
		return s;
	d = os_error(ds, DIAG_STORE_OPEN, -err, "cannot open the cache", root);
	diag_hint(ds, d, "make the directory writable, or choose another one with XDG_CACHE_HOME");
	store_close(s);
	return NULL;
}

void store_close(struct store *s)
{
	int fds[] = {s->cas, s->ac, s->trees, s->tmp, s->tmp_all};

	if (s->tmp_path)
		os_remove_tree(s->tmp_path);
	for (size_t i = 0; i < SL_COUNT(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	seen_free(&s->seen);
	pthread_mutex_destroy(&s->flight_lock);
	pthread_cond_destroy(&s->landed);
	mem_free(s->tmp_name);
	mem_free(s->tmp_path);
	mem_free(s->root);
	mem_free(s);
}

enum digest_fn store_fn(const struct store *s)
{
	return s->fn;
}

str store_root(const struct store *s)
{
	return str_c(s->root);
}

/* ---- writing ---- */

void store_temp_name(struct store *s, char name[TEMP_NAME])
{
	snprintf(name, TEMP_NAME, "%llu", (unsigned long long)atomic_fetch_add(&s->names, 1));
}

/* ENOENT would read as a miss; here it means that someone removed the cache. */
static int lost(int err)
{
	return err == ENOENT ? -ESTALE : -err;
}

int store_temp(struct store *s, char name[TEMP_NAME])
{
	int fd;

	store_temp_name(s, name);
	fd = openat(s->tmp, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd < 0 ? lost(errno) : fd;
}

static int make_parents(int dir, const char *name)
{
	char part[128];

	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t n = (size_t)(slash - name);

		if (n >= sizeof part)
			return -ENAMETOOLONG;
		memcpy(part, name, n);
		part[n] = '\0';
		if (mkdirat(dir, part, 0755) < 0 && errno != EEXIST)
			return lost(errno);
	}
	return 0;
}

int store_rename(int from_dir, const char *from, int dir, const char *name)
{
	int err;

	if (renameat(from_dir, from, dir, name) == 0)
		return 0;
	if (errno != ENOENT)
		return -errno;
	if ((err = make_parents(dir, name)) < 0)
		return err;
	return renameat(from_dir, from, dir, name) < 0 ? lost(errno) : 0;
}

int store_place(struct store *s, const char *temp, int dir, const char *name)
{
	int err = store_rename(s->tmp, temp, dir, name);

	if (err < 0)
		unlinkat(s->tmp, temp, 0);
	return err;
}

int store_finish(int fd, int err, bool executable, int64_t mtime)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = mtime}};

	if (err == 0 && fchmod(fd, executable ? 0555 : 0444) < 0)
		err = -errno;
	if (err == 0 && mtime && futimens(fd, times) < 0)
		err = -errno;
	if (close(fd) < 0 && err == 0 && errno != EINTR)
		err = -errno;
	return err;
}

int store_scratch(struct store *s, struct arena *a, str *path)
{
	char name[TEMP_NAME];

	store_temp_name(s, name);
	if (mkdirat(s->tmp, name, 0755) < 0)
		return lost(errno);
	*path = str_fmt(a, "%s/%s", s->tmp_path, name);
	return 0;
}
