#include "nar_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

struct item {
	str name; /* followed by a NUL byte */
	unsigned char type; /* DT_… */
};

/* A directory that is being written. */
struct level {
	DIR *dir;
	struct item *items; /* sorted */
	size_t n, next;
	size_t path;        /* length of its path */
	struct arena_mark mark;
};

struct dump {
	struct nar_out out;
	struct arena arena;
	struct buf path; /* of what is being written */
	VEC(struct level) levels;
	struct diags *diags;
};

static bool fail(struct dump *d, int err, const char *what)
{
	os_error(d->diags, DIAG_NAR_FILE, err, what, buf_view(&d->path));
	return false;
}

/* ---- files and links ---- */

static bool copy(struct dump *d, int fd, uint64_t size)
{
	struct nar_out *o = &d->out;

	for (uint64_t left = size; left && !o->quit;) {
		size_t room = (size_t)(o->end - o->at);
		ssize_t n = read(fd, o->at, room < left ? room : (size_t)left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(d, errno, "reading");
		if (n == 0) {
			diag_error(d->diags, DIAG_NAR_FILE, NO_SPAN, "'%.*s' became shorter while it was read",
					STR_ARG(buf_view(&d->path)));
			return false;
		}
		o->at += n;
		left -= (uint64_t)n;
		if (o->at == o->end)
			nar_out_flush(o);
	}
	return true;
}

static bool not_a_file(struct dump *d)
{
	diag_hint(d->diags, diag_error(d->diags, DIAG_NAR_FILE, NO_SPAN, "'%.*s' is no file, directory or link",
			STR_ARG(buf_view(&d->path))), "an archive holds nothing else: remove it");
	return false;
}

static bool push(struct dump *d, int fd);

/* Opened first and looked at then: what is read is what was looked at.  Closes fd. */
static bool opened(struct dump *d, int fd, bool *entered)
{
	struct stat st;
	bool ok;

	*entered = false;
	if (fstat(fd, &st) < 0) {
		ok = fail(d, errno, "looking at");
	} else if (S_ISDIR(st.st_mode)) {
		*entered = true;
		return push(d, fd);
	} else if (S_ISREG(st.st_mode)) {
		nar_out_file(&d->out, st.st_mode & S_IXUSR, (uint64_t)st.st_size);
		ok = copy(d, fd, (uint64_t)st.st_size);
		nar_out_pad(&d->out, (uint64_t)st.st_size);
		nar_out_close(&d->out);
	} else {
		ok = not_a_file(d);
	}
	close(fd);
	return ok;
}

static bool link_at(struct dump *d, int dir, const char *name)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof target);

	if (n < 0 || n > NAR_TARGET_MAX)
		return fail(d, n < 0 ? errno : ENAMETOOLONG, "reading the link");
	nar_out_link(&d->out, str_of(target, (size_t)n));
	return true;
}

/* The node of a name in a directory; a directory is *entered: it is on top now. */
static bool node(struct dump *d, int dir, const char *name, unsigned char type, bool *entered)
{
	int fd;

	*entered = false;
	if (type == DT_LNK)
		return link_at(d, dir, name);
	if (type != DT_REG && type != DT_DIR && type != DT_UNKNOWN)
		return not_a_file(d);
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0)
		return opened(d, fd, entered);
	if (errno == ELOOP)
		return link_at(d, dir, name);
	return errno == ENXIO ? not_a_file(d) : fail(d, errno, "opening");
}

/* ---- directories ---- */

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct item *)a)->name, ((const struct item *)b)->name);
}

static bool list(struct dump *d, struct level *l)
{
	VEC(struct item) items = {0};
	const struct dirent *e;
	int err;

	while (errno = 0, (e = readdir(l->dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			vec_push(&items, ((struct item){str_dup(&d->arena, str_c(e->d_name)), e->d_type}));
	err = errno;
	l->n = items.n;
	l->items = arena_array(&d->arena, struct item, items.n);
	if (items.n) {
		memcpy(l->items, items.p, items.n * sizeof *items.p);
		qsort(l->items, l->n, sizeof *l->items, by_name);
	}
	vec_free(&items);
	return err == 0 || fail(d, err, "listing");
}

/* Begins a directory.  Takes over fd. */
static bool push(struct dump *d, int fd)
{
	struct level l = {.path = d->path.n, .mark = arena_mark(&d->arena)};

	if (d->levels.n == NAR_DEPTH_MAX) {
		close(fd);
		diag_error(d->diags, DIAG_NAR_FILE, NO_SPAN, "'%.*s' is nested deeper than %d directories",
				STR_ARG(buf_view(&d->path)), NAR_DEPTH_MAX);
		return false;
	}
	l.dir = fdopendir(fd);
	if (!l.dir) {
		close(fd);
		return fail(d, errno, "listing");
	}
	nar_out_dir(&d->out);
	if (!list(d, &l)) {
		closedir(l.dir);
		return false;
	}
	vec_push(&d->levels, l);
	return true;
}

static void pop(struct dump *d)
{
	struct level l = vec_pop(&d->levels);

	closedir(l.dir);
	arena_rewind(&d->arena, l.mark);
	d->path.n = l.path;
	nar_out_close(&d->out);
	if (d->levels.n)
		nar_out_close(&d->out); /* the entry that it was */
}

/* The next name of the topmost directory, or its end. */
static bool step(struct dump *d)
{
	struct level *l = &vec_last(&d->levels);
	const struct item *item;
	bool entered, ok;

	d->path.n = l->path;
	if (l->next == l->n) {
		pop(d);
		return true;
	}
	item = &l->items[l->next++];
	buf_c(&d->path, '/');
	buf_str(&d->path, item->name);
	nar_out_entry(&d->out, item->name);
	ok = node(d, dirfd(l->dir), item->name.p, item->type, &entered);
	if (!entered)
		nar_out_close(&d->out);
	return ok;
}

bool nar_dump(const char *path, nar_write *write, void *ud, struct diags *diags)
{
	struct dump d = {.diags = diags};
	bool ok, entered;

	nar_out_begin(&d.out, write, ud);
	nar_out_magic(&d.out);
	buf_str(&d.path, str_c(path));
	ok = node(&d, AT_FDCWD, path, DT_UNKNOWN, &entered);
	while (ok && d.levels.n && !d.out.quit)
		ok = step(&d);
	while (d.levels.n)
		closedir(vec_pop(&d.levels).dir);
	if (!nar_out_end(&d.out))
		ok = false;
	vec_free(&d.levels);
	buf_free(&d.path);
	arena_clear(&d.arena);
	return ok;
}

/* ---- its hash ---- */

static bool add(void *ud, str bytes)
{
	hasher_add(ud, bytes.p, bytes.n);
	return true;
}

bool nar_hash(const char *path, struct digest *out, struct diags *diags)
{
	struct hasher *h = hasher_new(DIGEST_SHA256);
	bool ok = nar_dump(path, add, h, diags);

	hasher_end(h, out);
	return ok;
}
