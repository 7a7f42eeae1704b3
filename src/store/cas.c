#include "store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define PART ((size_t)64 << 10)
#define USED_S (12 * 3600)   /* half a day: what was used longer ago is noted to be used now */

static const enum seen_what variants[] = {SEEN_PLAIN, SEEN_EXEC};

void cas_name(const struct digest *d, enum seen_what variant, char out[CAS_NAME])
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
	char name[CAS_NAME];
	struct stat open, there;

	cas_name(d, variant, name);
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
	char name[CAS_NAME];
	int fd, err;

	cas_name(d, variant, name);
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

int cas_copy(enum digest_fn fn, int fd, int to, struct digest *out)
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
	err = cas_copy(s->fn, fd, to, &got);
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
	char name[CAS_NAME];

	if (same && was_used(st))
		return true;
	if (!same && copy_variant(s, d, variant, -1) < 0)
		return false;
	cas_name(d, variant, name);
	utimensat(s->cas, name, times, AT_SYMLINK_NOFOLLOW);
	return true;
}

static bool has_variant(struct store *s, const struct digest *d, enum seen_what variant)
{
	unsigned long long epoch = seen_epoch(&s->seen);
	char name[CAS_NAME];
	struct stat st;

	if (seen_has(&s->seen, variant, d))
		return true;
	cas_name(d, variant, name);
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
	char name[CAS_NAME];
	int err = need_variant(s, d, cas_variant(executable));

	if (err < 0)
		return err;
	cas_name(d, cas_variant(executable), name);
	*path = str_fmt(a, "%s/cas/%s/%s", s->root, store_fn_name(s->fn), name);
	return 0;
}

#define LINK_TRIES 16

/* -EXDEV when a copy would do.  A link is also refused (ENOENT) when another process replaces the blob
 * by an equal one in between: then the new one is linked. */
static int link_out(struct store *s, const struct digest *d, bool executable, int dir, const char *name)
{
	char own[CAS_NAME];
	int err = 0;

	cas_name(d, cas_variant(executable), own);
	for (unsigned i = 0; i < LINK_TRIES; i++) {
		err = need_variant(s, d, cas_variant(executable));
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
