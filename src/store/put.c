#include "store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define WHOLE ((off_t)1 << 20) /* files up to this size are read into memory, once */

int store_place_blob(struct store *s, int fd, int err, const char *temp, const struct digest *d, enum seen_what variant)
{
	unsigned long long epoch = seen_epoch(&s->seen);
	char name[CAS_NAME];

	err = store_finish(fd, err, variant == SEEN_EXEC, STORE_MTIME);
	if (err < 0) {
		unlinkat(s->tmp, temp, 0);
		return err;
	}
	cas_name(d, variant, name);
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
	return store_place_blob(s, fd, os_write_all(fd, bytes.p, bytes.n), temp, out, cas_variant(executable));
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
	int to, err = cas_copy(s->fn, fd, -1, out);

	if (err < 0 || store_has(s, out))
		return err;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	to = store_temp(s, temp);
	if (to < 0)
		return to;
	err = cas_copy(s->fn, fd, to, out);
	return store_place_blob(s, to, err, temp, out, cas_variant(executable));
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
	enum seen_what variant = cas_variant(st->st_mode & 0100);
	unsigned long long epoch = seen_epoch(&s->seen);
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = STORE_MTIME}};
	char name[CAS_NAME];
	int err;

	if (st->st_nlink != 1)
		return -EMLINK;
	if (fchmod(fd, variant == SEEN_EXEC ? 0555 : 0444) < 0 || futimens(fd, times) < 0)
		return -errno;
	cas_name(d, variant, name);
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
	err = cas_copy(s->fn, fd, -1, out);
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
