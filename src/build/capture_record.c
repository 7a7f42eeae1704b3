#include "capture_int.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* The record is a CBOR array:
 *	[1, request, tree, version, [name, path …], files, bytes, [path, stamp, whole, [name, stamp …] …]]
 *	request, tree = [32 bytes, size]     stamp = [dev, ino, size, mtime, ctime, mode] */

#define FORMAT 1
#define RECORD_MAX ((size_t)256 << 20)

/* ---- the request's name ---- */

static void put_names(struct buf *b, const str *names, size_t n)
{
	cbor_array(b, n);
	for (size_t i = 0; i < n; i++)
		cbor_bytes(b, names[i]);
}

struct digest capture_request_digest(const struct capture_request *r, enum digest_fn fn)
{
	struct buf b = {0};
	struct digest d;

	cbor_uint(&b, FORMAT);
	cbor_uint(&b, fn);
	put_names(&b, r->compilers, r->ncompilers);
	put_names(&b, r->languages, r->nlanguages);
	put_names(&b, r->packages, r->npackages);
	put_names(&b, r->programs, r->nprograms);
	d = digest_of(DIGEST_SHA256, buf_view(&b));
	buf_free(&b);
	return d;
}

/* ---- writing ---- */

static void put_stamp(struct buf *b, const struct stamp *s)
{
	cbor_array(b, 6);
	cbor_uint(b, s->dev);
	cbor_uint(b, s->ino);
	cbor_uint(b, s->size);
	cbor_int(b, s->mtime_ns);
	cbor_int(b, s->ctime_ns);
	cbor_uint(b, s->mode);
}

static void put_dir(struct buf *b, const struct capture_dir *d)
{
	cbor_bytes(b, d->path);
	put_stamp(b, &d->stamp);
	cbor_bool(b, d->whole);
	cbor_array(b, 2 * d->n);
	for (size_t i = 0; i < d->n; i++) {
		cbor_bytes(b, d->names[i].name);
		put_stamp(b, &d->names[i].stamp);
	}
}

void capture_encode(const struct capture *c, struct buf *b)
{
	cbor_array(b, 8);
	cbor_uint(b, FORMAT);
	digest_write(b, &c->request);
	digest_write(b, &c->digest);
	cbor_bytes(b, c->version);
	cbor_array(b, 2 * c->ntools);
	for (size_t i = 0; i < c->ntools; i++) {
		cbor_bytes(b, c->tools[i].name);
		cbor_bytes(b, c->tools[i].path);
	}
	cbor_uint(b, c->nfiles);
	cbor_uint(b, c->bytes);
	cbor_array(b, 4 * c->ndirs);
	for (size_t i = 0; i < c->ndirs; i++)
		put_dir(b, &c->dirs[i]);
}

int capture_write(const struct capture *c, const char *path)
{
	struct buf b = {0};
	int err = os_mkdirs_for(path, 0755);

	capture_encode(c, &b);
	if (err == 0) /* not synced: a torn one does not decode, and then it is made again */
		err = os_replace(path, buf_view(&b), 0644, false);
	buf_free(&b);
	return err;
}

/* ---- reading ---- */

/* A path or name is used in system calls: it ends with a NUL and has no other. */
static bool get_text(struct cbor *c, struct arena *a, str *out)
{
	str s = cbor_get_bytes(c);

	if (c->bad || (s.n && memchr(s.p, '\0', s.n)))
		return false;
	*out = str_dup(a, s);
	return true;
}

static bool get_stamp(struct cbor *c, struct stamp *s)
{
	uint64_t mode;

	if (!cbor_get_row(c, 6))
		return false;
	*s = (struct stamp){.dev = cbor_get_uint(c), 0};
	s->ino = cbor_get_uint(c);
	s->size = cbor_get_uint(c);
	s->mtime_ns = cbor_get_int(c);
	s->ctime_ns = cbor_get_int(c);
	mode = cbor_get_uint(c);
	s->mode = (uint32_t)mode;
	return !c->bad && mode <= UINT32_MAX;
}

/* The count of groups of `size` items. */
static bool get_groups(struct cbor *c, unsigned size, size_t *n)
{
	uint64_t items = cbor_get_array(c);

	*n = (size_t)(items / size);
	return !c->bad && items % size == 0;
}

static bool get_dir(struct cbor *c, struct arena *a, struct capture_dir *d)
{
	struct capture_name *names;

	if (!get_text(c, a, &d->path) || d->path.n == 0 || d->path.p[0] != '/' || !get_stamp(c, &d->stamp))
		return false;
	d->whole = cbor_get_bool(c);
	if (c->bad || !get_groups(c, 2, &d->n))
		return false;
	d->names = names = arena_array(a, struct capture_name, d->n);
	for (size_t i = 0; i < d->n; i++)
		if (!get_text(c, a, &names[i].name) || names[i].name.n == 0 || !get_stamp(c, &names[i].stamp))
			return false;
	return true;
}

static bool get_dirs(struct cbor *c, struct arena *a, struct capture *out)
{
	struct capture_dir *dirs;

	if (!get_groups(c, 4, &out->ndirs))
		return false;
	out->dirs = dirs = arena_array(a, struct capture_dir, out->ndirs);
	for (size_t i = 0; i < out->ndirs; i++)
		if (!get_dir(c, a, &dirs[i]))
			return false;
	return true;
}

static bool get_tools(struct cbor *c, struct arena *a, struct capture *out)
{
	struct capture_tool *tools;

	if (!get_groups(c, 2, &out->ntools))
		return false;
	out->tools = tools = arena_array(a, struct capture_tool, out->ntools);
	for (size_t i = 0; i < out->ntools; i++)
		if (!get_text(c, a, &tools[i].name) || !get_text(c, a, &tools[i].path))
			return false;
	return true;
}

bool capture_decode(str bytes, struct arena *a, struct capture *out)
{
	struct cbor c = cbor_over(bytes);

	*out = (struct capture){0};
	if (!cbor_get_row(&c, 8) || cbor_get_uint(&c) != FORMAT || c.bad)
		return false;
	if (!digest_read(&c, &out->request) || !digest_read(&c, &out->digest) || !get_text(&c, a, &out->version) ||
			!get_tools(&c, a, out))
		return false;
	out->nfiles = (size_t)cbor_get_uint(&c);
	out->bytes = cbor_get_uint(&c);
	return !c.bad && get_dirs(&c, a, out) && c.at == bytes.n;
}

bool capture_read(const char *path, const struct capture_request *request, enum digest_fn fn, struct arena *a,
		struct capture *out)
{
	struct digest want = capture_request_digest(request, fn);
	struct blob *b;
	bool ok;

	*out = (struct capture){0};
	if (os_read(path, RECORD_MAX, &b) < 0)
		return false;
	ok = capture_decode(blob_str(b), a, out) && digest_eq(&out->request, &want);
	blob_unref(b);
	if (!ok)
		*out = (struct capture){0};
	return ok;
}

/* ---- is it still so ---- */

bool capture_unmoved(const struct capture *c)
{
	struct stamp now;

	for (size_t i = 0; i < c->ndirs; i++)
		if (os_stamp(c->dirs[i].path.p, &now) < 0 || !stamp_eq(&now, &c->dirs[i].stamp))
			return false;
	return true;
}

static bool dir_fresh(const struct capture_dir *d)
{
	int fd = open(d->path.p, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct stamp now;
	struct stat st;
	bool fresh = fd >= 0 && fstat(fd, &st) == 0;

	if (fresh && d->whole) {
		os_stamp_of(&st, &now);
		fresh = stamp_eq(&now, &d->stamp);
	}
	for (size_t i = 0; i < d->n && fresh; i++) {
		fresh = fstatat(fd, d->names[i].name.p, &st, AT_SYMLINK_NOFOLLOW) == 0;
		if (fresh) {
			os_stamp_of(&st, &now);
			fresh = stamp_eq(&now, &d->names[i].stamp);
		}
	}
	if (fd >= 0)
		close(fd);
	return fresh;
}

struct checking {
	const struct capture *capture;
	atomic_size_t next;
	atomic_bool stale;
};

static void *check_dirs(void *ud)
{
	struct checking *c = ud;
	size_t i;

	while ((i = atomic_fetch_add(&c->next, 1)) < c->capture->ndirs && !atomic_load(&c->stale))
		if (!dir_fresh(&c->capture->dirs[i]))
			atomic_store(&c->stale, true);
	return NULL;
}

bool capture_fresh(const struct capture *c)
{
	struct checking checking = {.capture = c};
	pthread_t other;
	bool two = pthread_create(&other, NULL, check_dirs, &checking) == 0;

	check_dirs(&checking);
	if (two)
		pthread_join(other, NULL);
	return !atomic_load(&checking.stale);
}
