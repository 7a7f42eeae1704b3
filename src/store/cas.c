#include "store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define NAME_SIZE 72         /* "ab/HASH.x" */
#define PART ((size_t)64 << 10)
#define USED_S (12 * 3600)   /* half a day: what was used longer ago is noted to be used now */
#define WHOLE ((off_t)1 << 20) /* files up to this size are read into memory, once */

static const enum seen_what variants[] = {SEEN_PLAIN, SEEN_EXEC};

static enum seen_what variant_of(bool executable)
{
	return executable ? SEEN_EXEC : SEEN_PLAIN;
}

static void blob_name(const struct digest *d, enum seen_what variant, char out[NAME_SIZE])
{
	char hex[2 * sizeof d->b + 1];

	hex_of(d->b, sizeof d->b, hex);
	memcpy(out, hex, 2);
	out[2] = '/';
	memcpy(out + 3, hex, sizeof hex);
	if (variant == SEEN_EXEC)
		memcpy(out + 3 + sizeof hex - 1, ".x", 3);
}

static bool is_empty(const struct store *s, const struct digest *d)
{
	return digest_eq(d, &s->empty);
}

/* ---- presence and damage ---- */

/* Another process may have put a good file there since: that one stays. */
static void remove_damaged(struct store *s, const struct digest *d, enum seen_what variant, int fd)
{
	char name[NAME_SIZE];
	struct stat open, there;

	blob_name(d, variant, name);
	if (fstat(fd, &open) == 0 && fstatat(s->cas, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
			open.st_ino == there.st_ino && open.st_dev == there.st_dev)
		unlinkat(s->cas, name, 0);
	seen_clear(&s->seen);
}

/* Without a new access time, which would cost a write of the inode: only the owner may. */
static int open_quietly(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOATIME);

	return fd < 0 && errno == EPERM ? openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : fd;
}

/* store_gc goes by the day of the last use, and a new blob is one that was used. */
static bool was_used(const struct stat *st)
{
	int64_t used = st->st_atime > st->st_ctime ? st->st_atime : st->st_ctime;

	return os_wall_ns() / 1000000000 - used <= USED_S;
}

static void note_use(int fd, const struct stat *st)
{
	if (!was_used(st))
		fcntl(fd, F_SETFL, 0); /* the next read is noted */
}

/* A file, or -errno. */
static int open_any(struct store *s, const struct digest *d, enum seen_what variant)
{
	char name[NAME_SIZE];
	int fd, err;

	blob_name(d, variant, name);
	fd = open_quietly(s->cas, name);
	if (fd >= 0)
		return fd;
	err = errno;
	if (err == ENOENT && seen_has(&s->seen, variant, d))
		seen_clear(&s->seen);
	return -err;
}

/* A file of the right size, or -errno. */
static int open_variant(struct store *s, const struct digest *d, enum seen_what variant)
{
	int fd = open_any(s, d, variant);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == d->size) {
		note_use(fd, &st);
		return fd;
	}
	remove_damaged(s, d, variant, fd);
	close(fd);
	return -ENOENT;
}

/* ---- reading ---- */

/* From fd's position to its end; `to` < 0: only hashed. */
static int copy_hashing(enum digest_fn fn, int fd, int to, struct digest *out)
{
	struct hasher *h = hasher_new(fn);
	char part[PART];
	ssize_t n;
	int err = 0;

	while (err == 0 && (n = read(fd, part, sizeof part)) != 0) {
		if (n < 0) {
			err = errno == EINTR ? 0 : -errno;
			continue;
		}
		hasher_add(h, part, (size_t)n);
		if (to >= 0)
			err = os_write_all(to, part, (size_t)n);
	}
	hasher_end(h, out);
	return err;
}

/* 0 when the variant's bytes are the digest's; they are appended to `to` if that is not negative. */
static int copy_variant(struct store *s, const struct digest *d, enum seen_what variant, int to)
{
	int fd = open_variant(s, d, variant), err;
	struct digest got;

	if (fd < 0)
		return fd;
	err = copy_hashing(s->fn, fd, to, &got);
	if (err == 0 && !digest_eq(&got, d)) {
		remove_damaged(s, d, variant, fd);
		err = -ENOENT;
	}
	close(fd);
	return err;
}

/* Every blob has one modification time, so a file with another was written to since. */
static bool is_unchanged(struct store *s, const struct digest *d, enum seen_what variant, const struct stat *st)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = STORE_MTIME}};
	bool same = st->st_mtim.tv_sec == STORE_MTIME && st->st_mtim.tv_nsec == 0;
	char name[NAME_SIZE];

	if (same && was_used(st))
		return true;
	if (!same && copy_variant(s, d, variant, -1) < 0)
		return false;
	blob_name(d, variant, name);
	utimensat(s->cas, name, times, AT_SYMLINK_NOFOLLOW);
	return true;
}

static bool has_variant(struct store *s, const struct digest *d, enum seen_what variant)
{
	unsigned long long epoch = seen_epoch(&s->seen);
	char name[NAME_SIZE];
	struct stat st;

	if (seen_has(&s->seen, variant, d))
		return true;
	blob_name(d, variant, name);
	if (fstatat(s->cas, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) || st.st_size != d->size ||
			!is_unchanged(s, d, variant, &st))
		return false;
	seen_add(&s->seen, epoch, variant, d);
	return true;
}

bool store_has(struct store *s, const struct digest *d)
{
	return is_empty(s, d) || has_variant(s, d, SEEN_PLAIN) || has_variant(s, d, SEEN_EXEC);
}

/* Writes the blob, verified, to an empty file. */
static int copy_out(struct store *s, const struct digest *d, int to)
{
	int err = is_empty(s, d) ? 0 : -ENOENT;

	for (size_t i = 0; i < SL_COUNT(variants) && err == -ENOENT; i++) {
		if (ftruncate(to, 0) < 0 || lseek(to, 0, SEEK_SET) < 0)
			return -errno;
		err = copy_variant(s, d, variants[i], to);
	}
	return err;
}

/* The first n bytes of an open file, which has so many. */
static int read_whole(int fd, size_t n, char *to)
{
	for (size_t got = 0; got < n;) {
		ssize_t r = read(fd, to + got, n - got);

		if (r > 0)
			got += (size_t)r;
		else if (r == 0)
			return -ENOENT; /* it became shorter */
		else if (errno != EINTR)
			return -errno;
	}
	return 0;
}

/* Verified bytes of an open file of the right size. */
static int get_open(struct store *s, const struct digest *d, enum seen_what variant, int fd, char *to)
{
	int err = read_whole(fd, (size_t)d->size, to);
	struct digest got;

	if (err == 0) {
		got = digest_of(s->fn, str_of(to, (size_t)d->size));
		err = digest_eq(&got, d) ? 0 : -ENOENT;
	}
	if (err == -ENOENT)
		remove_damaged(s, d, variant, fd);
	return err;
}

/* Into `to`, or where it is NULL into a new blob: no memory is taken before there is a file of that size. */
static int get(struct store *s, const struct digest *d, char *to, struct blob **out)
{
	struct blob *b = NULL;
	int err = -ENOENT;

	for (size_t i = 0; i < SL_COUNT(variants) && err == -ENOENT; i++) {
		/* What was seen had the right size then, and its use was noted; the hash tells whether it has it still. */
		int fd = seen_has(&s->seen, variants[i], d) ? open_any(s, d, variants[i]) : open_variant(s, d, variants[i]);

		if (fd < 0) {
			err = fd;
			continue;
		}
		if (!to)
			to = (b = blob_room((size_t)d->size))->b;
		err = get_open(s, d, variants[i], fd, to);
		close(fd);
	}
	if (err < 0) {
		blob_unref(b);
		b = NULL;
	}
	if (out)
		*out = b;
	return err;
}

int store_get(struct store *s, const struct digest *d, struct blob **out)
{
	if (!is_empty(s, d))
		return get(s, d, NULL, out);
	*out = blob_new(S(""));
	return 0;
}

int store_read(struct store *s, const struct digest *d, char *to)
{
	return is_empty(s, d) ? 0 : get(s, d, to, NULL);
}

int store_verify(struct store *s, const struct digest *d)
{
	int best = is_empty(s, d) ? 0 : -ENOENT;

	for (size_t i = 0; i < SL_COUNT(variants); i++) {
		int err = copy_variant(s, d, variants[i], -1);

		if (err == 0 || best == -ENOENT)
			best = err;
	}
	return best;
}

int store_open_blob(struct store *s, const struct digest *d)
{
	int fd = open_variant(s, d, SEEN_PLAIN);

	return fd == -ENOENT ? open_variant(s, d, SEEN_EXEC) : fd;
}

/* ---- writing ---- */

int store_place_blob(struct store *s, int fd, int err, const char *temp, const struct digest *d, enum seen_what variant)
{
	unsigned long long epoch = seen_epoch(&s->seen);
	char name[NAME_SIZE];

	err = store_finish(fd, err, variant == SEEN_EXEC, STORE_MTIME);
	if (err < 0) {
		unlinkat(s->tmp, temp, 0);
		return err;
	}
	blob_name(d, variant, name);
	err = store_place(s, temp, s->cas, name);
	if (err == 0)
		seen_add(&s->seen, epoch, variant, d);
	return err;
}

static int put_bytes(struct store *s, str bytes, bool executable, struct digest *out)
{
	char temp[TEMP_NAME];
	int fd;

	*out = digest_of(s->fn, bytes);
	if (store_has(s, out))
		return 0;
	fd = store_temp(s, temp);
	if (fd < 0)
		return fd;
	return store_place_blob(s, fd, os_write_all(fd, bytes.p, bytes.n), temp, out, variant_of(executable));
}

int store_put(struct store *s, str bytes, struct digest *out)
{
	return put_bytes(s, bytes, false, out);
}

/* A file too large for memory is hashed, and if the store lacks it read again: the digest is that of
 * the bytes which were copied, whatever happened to the file in between. */
static int put_large(struct store *s, int fd, bool executable, struct digest *out)
{
	char temp[TEMP_NAME];
	int to, err = copy_hashing(s->fn, fd, -1, out);

	if (err < 0 || store_has(s, out))
		return err;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	to = store_temp(s, temp);
	if (to < 0)
		return to;
	err = copy_hashing(s->fn, fd, to, out);
	return store_place_blob(s, to, err, temp, out, variant_of(executable));
}

int store_put_fd(struct store *s, int fd, struct digest *out)
{
	struct blob *bytes;
	struct stat st;
	int err;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > WHOLE)
		return put_large(s, fd, st.st_mode & 0100, out);
	err = os_read_fd(fd, 0, &bytes);
	if (err < 0)
		return err;
	err = put_bytes(s, blob_str(bytes), st.st_mode & 0100, out);
	blob_unref(bytes);
	return err;
}

static int open_source(const char *path, int flags)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags);

	if (fd < 0)
		return errno == ELOOP ? -EINVAL : -errno;
	return fd;
}

int store_put_file(struct store *s, const char *path, struct digest *out)
{
	int fd = open_source(path, 0), err;

	if (fd < 0)
		return fd;
	err = store_put_fd(s, fd, out);
	close(fd);
	return err;
}

/* Makes the open file `path` the blob itself.  A second hard link to it could change it later. */
static int take_by_rename(struct store *s, int fd, const struct stat *st, const char *path,
		const struct digest *d)
{
	enum seen_what variant = variant_of(st->st_mode & 0100);
	unsigned long long epoch = seen_epoch(&s->seen);
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = STORE_MTIME}};
	char name[NAME_SIZE];
	int err;

	if (st->st_nlink != 1)
		return -EMLINK;
	if (fchmod(fd, variant == SEEN_EXEC ? 0555 : 0444) < 0 || futimens(fd, times) < 0)
		return -errno;
	blob_name(d, variant, name);
	err = store_rename(AT_FDCWD, path, s->cas, name);
	if (err == 0)
		seen_add(&s->seen, epoch, variant, d);
	return err;
}

static int take_fd(struct store *s, int fd, const char *path, struct digest *out)
{
	struct stat st;
	int err;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	err = copy_hashing(s->fn, fd, -1, out);
	if (err < 0)
		return err;
	if (!store_has(s, out)) {
		err = take_by_rename(s, fd, &st, path, out);
		if (err == 0)
			return 0;
		if (err != -EXDEV && err != -EMLINK && err != -EPERM)
			return err;
		if (lseek(fd, 0, SEEK_SET) < 0)
			return -errno;
		if ((err = store_put_fd(s, fd, out)) < 0)
			return err;
	}
	return unlink(path) < 0 ? -errno : 0;
}

int store_take_file(struct store *s, const char *path, struct digest *out)
{
	int fd = open_source(path, O_NOFOLLOW), err;

	if (fd < 0)
		return fd;
	err = take_fd(s, fd, path, out);
	close(fd);
	return err;
}

/* ---- files out of the store ---- */

static int need_variant(struct store *s, const struct digest *d, enum seen_what variant)
{
	char temp[TEMP_NAME];
	int fd;

	if (has_variant(s, d, variant))
		return 0;
	fd = store_temp(s, temp);
	if (fd < 0)
		return fd;
	return store_place_blob(s, fd, copy_out(s, d, fd), temp, d, variant);
}

int store_path(struct store *s, const struct digest *d, bool executable, struct arena *a, str *path)
{
	char name[NAME_SIZE];
	int err = need_variant(s, d, variant_of(executable));

	if (err < 0)
		return err;
	blob_name(d, variant_of(executable), name);
	*path = str_fmt(a, "%s/cas/%s/%s", s->root, store_fn_name(s->fn), name);
	return 0;
}

#define LINK_TRIES 16

/* -EXDEV when a copy would do.  A link is also refused (ENOENT) when another process replaces the blob
 * by an equal one in between: then the new one is linked. */
static int link_out(struct store *s, const struct digest *d, bool executable, int dir, const char *name)
{
	char own[NAME_SIZE];
	int err = 0;

	blob_name(d, variant_of(executable), own);
	for (unsigned i = 0; i < LINK_TRIES; i++) {
		err = need_variant(s, d, variant_of(executable));
		if (err < 0 || linkat(s->cas, own, dir, name, 0) == 0)
			return err;
		err = -errno;
		if (err != -ENOENT)
			break;
		seen_clear(&s->seen);
	}
	return err == -EMLINK || err == -EPERM ? -EXDEV : err;
}

int store_get_at(struct store *s, const struct digest *d, bool executable, bool exclusive, int64_t mtime,
		int dir, const char *name)
{
	int fd, err;

	if (!exclusive && d->size >= STORE_LINK_MIN) {
		err = link_out(s, d, executable, dir, name);
		if (err != -EXDEV)
			return err;
	}
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	err = store_finish(fd, copy_out(s, d, fd), executable, mtime);
	if (err < 0)
		unlinkat(dir, name, 0);
	return err;
}

int store_get_file(struct store *s, const struct digest *d, bool executable, bool exclusive, const char *path)
{
	return store_get_at(s, d, executable, exclusive, 0, AT_FDCWD, path);
}
