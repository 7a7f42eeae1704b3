#include <straylight/base/os.h>
#include <straylight/base/vec.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#define SECOND INT64_C(1000000000)
#define READ_MAX ((size_t)1 << 40)

/* ---- time and stamps ---- */

static int64_t ns_of(struct timespec t)
{
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec t = {0};

	clock_gettime(clock, &t);
	return ns_of(t);
}

int64_t os_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

int64_t os_wall_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

unsigned os_cpus(void)
{
	return uv_available_parallelism();
}

void os_stamp_of(const struct stat *st, struct stamp *out)
{
	*out = (struct stamp){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime_ns = ns_of(st->st_mtim),
		.ctime_ns = ns_of(st->st_ctim),
		.mode = st->st_mode,
	};
}

int os_stamp(const char *path, struct stamp *out)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return -errno;
	os_stamp_of(&st, out);
	return 0;
}

/* A write is stamped when it begins, from a clock that ticks every 1 to 10 ms, and may be held up before it ends on a
 * busy machine: what was written less than 100 ms ago may still be changing.  A file system that keeps whole
 * seconds (or, FAT, every second one) shows by a ctime without a fraction. */
bool os_stamp_racy(const struct stamp *s, int64_t read_ns)
{
	int64_t grain = s->ctime_ns % SECOND == 0 ? 2 * SECOND : SECOND / 10;

	return s->ctime_ns >= read_ns - grain;
}

/* ---- reading and writing ---- */

static int open_retry(const char *path, int flags, mode_t mode)
{
	int fd;

	do
		fd = open(path, flags | O_CLOEXEC, mode);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

static ssize_t read_retry(int fd, void *p, size_t n)
{
	ssize_t got;

	do
		got = read(fd, p, n);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

static struct blob *blob_sized(struct blob *b, size_t cap)
{
	return mem_realloc(b, sizeof *b + cap + 1);
}

/* How many bytes to make room for: one more than the file has, so that its end shows at once.  *size is 0 when that is not known. */
static int first_size(int fd, size_t max, size_t *cap, size_t *size)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	*cap = 4096;
	*size = 0;
	if (S_ISREG(st.st_mode) && st.st_size > 0) {
		if ((uint64_t)st.st_size > max)
			return -EFBIG;
		*size = (size_t)st.st_size;
		*cap = *size + 1;
	}
	return 0;
}

int os_read_fd(int fd, size_t max, struct blob **out)
{
	size_t cap = 0, size = 0, n = 0;
	struct blob *b;
	ssize_t got;
	int r;

	*out = NULL;
	if (max == 0 || max > READ_MAX)
		max = READ_MAX;
	if ((r = first_size(fd, max, &cap, &size)) < 0)
		return r;
	b = blob_room(cap);
	while ((got = read_retry(fd, b->b + n, cap - n)) > 0 && (n += (size_t)got) <= max) {
		if (n == size) /* more was asked for */
			break;
		if (n == cap)
			b = blob_sized(b, cap *= 2);
	}
	if (got < 0 || n > max) {
		mem_free(b);
		return got < 0 ? (int)got : -EFBIG;
	}
	if (cap - n > 64)
		b = blob_sized(b, n);
	b->n = n;
	b->b[n] = '\0';
	*out = b;
	return 0;
}

int os_read(const char *path, size_t max, struct blob **out)
{
	int fd = open_retry(path, O_RDONLY, 0), r;

	*out = NULL;
	if (fd < 0)
		return fd;
	r = os_read_fd(fd, max, out);
	close(fd);
	return r;
}

int os_write_all(int fd, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno == EAGAIN) {
			struct pollfd ready = {.fd = fd, .events = POLLOUT};

			poll(&ready, 1, -1);
		} else if (put < 0 && errno != EINTR) {
			return -errno;
		} else if (put > 0) {
			p += put;
			n -= (size_t)put;
		}
	}
	return 0;
}

/* ---- replacing ---- */

/* The part of a path before its last name, with the slash. */
static str folder_of(str path)
{
	while (path.n && path.p[path.n - 1] != '/')
		path.n--;
	return path;
}

/* A new file beside `path`, under a name that no other process and thread takes. */
static int open_beside(const char *path, mode_t mode, struct buf *name)
{
	static atomic_uint counter;
	int fd;

	do {
		name->n = 0;
		buf_str(name, folder_of(str_c(path)));
		buf_fmt(name, ".tmp-%ld-%u", (long)getpid(), atomic_fetch_add(&counter, 1));
		fd = open_retry(buf_z(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
	} while (fd == -EEXIST);
	return fd;
}

/* Closes fd; the first error counts. */
static int finish(int fd, int r, bool sync)
{
	if (r == 0 && sync && fsync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0 && errno != EINTR)
		r = -errno;
	return r;
}

int os_replace(const char *path, str bytes, mode_t mode, bool sync)
{
	struct buf name = {0};
	int fd = open_beside(path, mode, &name), r = fd;

	if (fd >= 0) {
		r = finish(fd, os_write_all(fd, bytes.p, bytes.n), sync);
		if (r == 0 && rename(buf_z(&name), path) < 0)
			r = -errno;
		if (r < 0)
			unlink(buf_z(&name));
	}
	buf_free(&name);
	return r;
}

/* ---- copying ---- */

static int copy_bytes(int from, int to)
{
	char part[1 << 16];
	ssize_t got;
	int r = 0;

	while (r == 0 && (got = read_retry(from, part, sizeof part)) != 0)
		r = got < 0 ? (int)got : os_write_all(to, part, (size_t)got);
	return r;
}

/* copy_file_range moves both offsets, so bytes go on where it stopped: at the end, at a file system
 * that cannot, or at a file that has no size (/proc). */
static int copy_content(int from, int to)
{
	if (ioctl(to, FICLONE, from) == 0)
		return 0;
	while (copy_file_range(from, NULL, to, NULL, (size_t)1 << 30, 0) > 0)
		;
	return copy_bytes(from, to);
}

int os_copy_file(const char *from, const char *to, mode_t mode)
{
	int in = open_retry(from, O_RDONLY, 0), out, r;

	if (in < 0)
		return in;
	if (unlink(to) < 0 && errno != ENOENT) {
		r = -errno;
		close(in);
		return r;
	}
	out = open_retry(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
	if (out < 0) {
		close(in);
		return out;
	}
	r = finish(out, copy_content(in, out), false);
	if (r < 0)
		unlink(to);
	close(in);
	return r;
}

/* ---- directories ---- */

/* 0 when path is a directory now, whoever made it. */
static int make_dir(const char *path, mode_t mode)
{
	struct stat st;
	int err;

	if (mkdir(path, mode) == 0)
		return 0;
	err = errno;
	if (err == ENOENT || stat(path, &st) < 0)
		return -err;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

/* z may be written to, and comes back as it was. */
static int make_dirs(char *z, mode_t mode)
{
	int r = make_dir(z, mode);

	if (r != -ENOENT)
		return r;
	for (char *slash = strchr(z + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		r = make_dir(z, mode);
		*slash = '/';
		if (r < 0)
			return r;
	}
	return make_dir(z, mode);
}

static int make_dirs_of(str path, mode_t mode)
{
	char *z;
	int r;

	if (path.n == 0)
		return 0;
	z = str_zdup(path);
	r = make_dirs(z, mode);
	mem_free(z);
	return r;
}

int os_mkdirs(const char *path, mode_t mode)
{
	return make_dirs_of(str_c(path), mode);
}

int os_mkdirs_for(const char *path, mode_t mode)
{
	return make_dirs_of(folder_of(str_c(path)), mode);
}

static bool is_dots(const char *name)
{
	return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/* The next name but the dots; NULL at the end (*r = 0) or on error. */
static const struct dirent *next_entry(DIR *dir, int *r)
{
	const struct dirent *e;

	do {
		errno = 0;
		e = readdir(dir);
	} while (e && is_dots(e->d_name));
	*r = e ? 0 : -errno;
	return e;
}

static int compare_names(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

int os_list(struct arena *arena, const char *path, str **names, size_t *n)
{
	VEC(str) all = {0};
	DIR *dir = opendir(path);
	const struct dirent *e;
	int r;

	*names = NULL;
	*n = 0;
	if (!dir)
		return -errno;
	while ((e = next_entry(dir, &r)))
		vec_push(&all, str_dup(arena, str_c(e->d_name)));
	closedir(dir);
	if (r == 0 && all.n) {
		qsort(all.p, all.n, sizeof *all.p, compare_names);
		*names = arena_array(arena, str, all.n);
		memcpy(*names, all.p, all.n * sizeof *all.p);
		*n = all.n;
	}
	vec_free(&all);
	return r;
}

/* ---- removing ---- */

#define SWEEP_DEPTH 64 /* open directories at once; what lies deeper is moved up first */

struct sweep {
	int top;
	unsigned moved; /* directories moved to the top so far: they are still to be emptied */
	int r;          /* the first error; the rest is removed all the same */
};

static void sweep_error(struct sweep *s, int err)
{
	if (s->r == 0 && err != ENOENT)
		s->r = -err;
}

/* Directories without permission bits (read-only trees of a cache) get them. */
static int open_dir_at(int parent, const char *name)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(parent, name, flags);
	struct stat st;

	if (fd < 0 && errno == EACCES && fchmodat(parent, name, 0700, AT_SYMLINK_NOFOLLOW) == 0)
		fd = openat(parent, name, flags);
	if (fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 0700) != 0700)
		(void)!fchmod(fd, 0700); /* a failure shows at the first removal */
	return fd;
}

static void sweep_up(struct sweep *s, int parent, const char *name)
{
	char up[64];

	do
		snprintf(up, sizeof up, ".sweep-%ld-%u", (long)getpid(), s->moved++);
	while (renameat2(parent, name, s->top, up, RENAME_NOREPLACE) < 0 && errno == EEXIST);
}

static void sweep_dir(struct sweep *s, int fd, unsigned depth);

static void sweep_entry(struct sweep *s, int parent, const char *name, unsigned depth)
{
	int fd;

	if (unlinkat(parent, name, 0) == 0)
		return;
	if (errno != EISDIR) {
		sweep_error(s, errno);
		return;
	}
	if (depth == SWEEP_DEPTH) {
		sweep_up(s, parent, name);
		return;
	}
	if ((fd = open_dir_at(parent, name)) < 0) {
		sweep_error(s, errno);
		return;
	}
	sweep_dir(s, fd, depth + 1);
	if (unlinkat(parent, name, AT_REMOVEDIR) < 0)
		sweep_error(s, errno);
}

/* Empties the directory and closes fd. */
static void sweep_dir(struct sweep *s, int fd, unsigned depth)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *e;
	int r;

	if (!dir) {
		sweep_error(s, errno);
		close(fd);
		return;
	}
	while ((e = next_entry(dir, &r)))
		sweep_entry(s, fd, e->d_name, depth);
	sweep_error(s, -r);
	closedir(dir);
}

static int sweep_tree(const char *path)
{
	struct sweep s = {.top = open_dir_at(AT_FDCWD, path)};
	unsigned moved;

	if (s.top < 0)
		return errno == ENOENT ? 0 : -errno;
	do {
		int fd = openat(s.top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		moved = s.moved;
		if (fd < 0)
			sweep_error(&s, errno);
		else
			sweep_dir(&s, fd, 1);
	} while (s.moved != moved && s.r == 0);
	close(s.top);
	if (rmdir(path) < 0)
		sweep_error(&s, errno);
	return s.r;
}

int os_remove_tree(const char *path)
{
	str bare = str_c(path);
	char *z;
	int r = 0;

	while (bare.n > 1 && bare.p[bare.n - 1] == '/') /* "link/" would be followed */
		bare.n--;
	z = str_zdup(bare);
	if (unlink(z) < 0 && errno != ENOENT)
		r = errno == EISDIR ? sweep_tree(z) : -errno;
	mem_free(z);
	return r;
}

/* ---- paths ---- */

char *os_join(struct arena *a, str base, str name)
{
	bool slash = base.n && base.p[base.n - 1] != '/';
	char *z;

	while (base.n && name.n && name.p[0] == '/')
		name = str_from(name, 1);
	z = arena_raw(a, base.n + slash + name.n + 1, 1);
	if (base.n)
		memcpy(z, base.p, base.n);
	if (slash)
		z[base.n] = '/';
	if (name.n)
		memcpy(z + base.n + slash, name.p, name.n);
	z[base.n + slash + name.n] = '\0';
	return z;
}

bool os_normalize(struct arena *a, str path, str *out)
{
	char *z = arena_raw(a, path.n + 1, 1);
	size_t root = str_starts(path, S("/")), n = root;
	str part;

	if (root)
		z[0] = '/';
	while (path.n) {
		str_cut(path, '/', &part, &path);
		if (part.n == 0 || str_eq(part, S(".")))
			continue;
		if (str_eq(part, S(".."))) {
			if (n == root)
				return false;
			n = folder_of(str_of(z, n)).n;
			n -= n > root;
			continue;
		}
		if (n > root)
			z[n++] = '/';
		memcpy(z + n, part.p, part.n);
		n += part.n;
	}
	z[n] = '\0';
	*out = str_of(z, n);
	return true;
}

char *os_cache_dir(struct arena *a)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (xdg && xdg[0] == '/')
		return os_join(a, str_c(xdg), S("straylight"));
	if (home && home[0])
		return os_join(a, str_c(home), S(".cache/straylight"));
	return NULL;
}

/* ---- complaints ---- */

/* The user can put these right in the workspace; every other errno is the machine's. */
static bool is_users(int err)
{
	static const int users[] = {ENOENT, ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG, EEXIST, ENOTEMPTY, EFBIG, EINVAL};

	for (size_t i = 0; i < SL_COUNT(users); i++)
		if (users[i] == err)
			return true;
	return false;
}

static const char *hint_of(int err)
{
	switch (err) {
	case ENOSPC:
	case EDQUOT: return "free some space and run the command again";
	case EACCES:
	case EPERM: return "check the permissions of the file and of the directories above it";
	case EROFS: return "the file system is mounted read-only";
	case EMFILE: return "allow more open files with 'ulimit -n'";
	default: return NULL;
	}
}

struct diag *os_error(struct diags *ds, enum diag_code code, int err, const char *what, str path)
{
	const char *text, *hint;
	struct diag *d;

	if (err < 0)
		err = -err;
	if (err == ENOSPC || err == EDQUOT)
		code = DIAG_DISK_FULL;
	else if (!is_users(err))
		code = DIAG_IO;
	text = strerrordesc_np(err);
	if (!text)
		text = "Unknown error";
	d = diag_error(ds, code, NO_SPAN, "%s '%.*s': %c%s", what, STR_ARG(path), text[0] | 0x20, text + 1);
	hint = hint_of(err);
	return hint ? diag_hint(ds, d, "%s", hint) : d;
}
