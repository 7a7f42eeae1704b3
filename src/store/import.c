#include "store_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

struct import {
	struct store *store;
	struct arena arena; /* names and targets until their node is made */
	struct buf path;    /* of what is being read, from the root of the import */
	struct buf bad;
};

typedef VEC(struct tree_entry) entry_vec;

static int import_dir(struct import *, int fd, unsigned depth, struct tree **out);

static int import_link(struct import *im, int dir, struct tree_entry *e)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, e->name.p, target, sizeof target);

	if (n < 0 || (size_t)n == sizeof target)
		return n < 0 ? -errno : -ENAMETOOLONG;
	e->kind = TREE_SYMLINK;
	e->target = str_dup(&im->arena, str_of(target, (size_t)n));
	return 0;
}

static int import_file(struct import *im, int fd, const struct stat *st, struct tree_entry *e)
{
	e->kind = TREE_FILE;
	e->executable = st->st_mode & 0100;
	return store_put_fd(im->store, fd, &e->digest);
}

/* Opened first and looked at then: what is read is what was looked at. */
static int import_entry(struct import *im, int dir, unsigned depth, struct tree_entry *e)
{
	int fd = openat(dir, e->name.p, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), err;
	struct stat st;

	if (fd < 0)
		return errno == ELOOP ? import_link(im, dir, e) : errno == ENXIO ? -EINVAL : -errno;
	if (fstat(fd, &st) < 0) {
		err = -errno;
	} else if (S_ISDIR(st.st_mode)) {
		e->kind = TREE_DIR;
		return import_dir(im, fd, depth + 1, &e->dir);
	} else {
		err = S_ISREG(st.st_mode) ? import_file(im, fd, &st, e) : -EINVAL;
	}
	close(fd);
	return err;
}

static int compare_names(const void *a, const void *b)
{
	return str_cmp(((const struct tree_entry *)a)->name, ((const struct tree_entry *)b)->name);
}

static int list_names(struct import *im, DIR *dir, entry_vec *entries)
{
	const struct dirent *d;

	while (errno = 0, (d = readdir(dir)))
		if (tree_name_ok(str_c(d->d_name)))
			vec_push(entries, ((struct tree_entry){.name = str_dup(&im->arena, str_c(d->d_name))}));
	if (errno)
		return -errno;
	if (entries->n)
		qsort(entries->p, entries->n, sizeof *entries->p, compare_names);
	return 0;
}

static int import_entries(struct import *im, DIR *dir, unsigned depth, entry_vec *entries)
{
	int err = list_names(im, dir, entries);

	for (size_t i = 0; i < entries->n && err == 0; i++) {
		size_t n = im->path.n;

		if (n)
			buf_c(&im->path, '/');
		buf_str(&im->path, entries->p[i].name);
		err = import_entry(im, dirfd(dir), depth, &entries->p[i]);
		if (err < 0 && im->bad.n == 0)
			buf_str(&im->bad, buf_view(&im->path));
		im->path.n = n;
	}
	return err;
}

/* Closes fd. */
static int import_dir(struct import *im, int fd, unsigned depth, struct tree **out)
{
	struct arena_mark mark = arena_mark(&im->arena);
	entry_vec entries = {0};
	DIR *dir = depth > TREE_DEPTH_MAX ? NULL : fdopendir(fd);
	int err;

	*out = NULL;
	if (!dir) {
		err = depth > TREE_DEPTH_MAX ? -ENAMETOOLONG : -errno;
		close(fd);
		return err;
	}
	err = import_entries(im, dir, depth, &entries);
	closedir(dir);
	if (err == 0)
		*out = tree_node(entries.p, entries.n);
	else
		for (size_t i = 0; i < entries.n; i++)
			tree_unref(entries.p[i].dir);
	vec_free(&entries);
	arena_rewind(&im->arena, mark);
	return err;
}

int store_import(struct store *s, const char *path, struct tree **out, struct arena *a, str *bad)
{
	struct import im = {.store = s};
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	*out = NULL;
	if (bad)
		*bad = S("");
	if (fd < 0)
		return -errno;
	err = import_dir(&im, fd, 0, out);
	if (err < 0 && bad)
		*bad = str_dup(a, buf_view(&im.bad));
	buf_free(&im.bad);
	buf_free(&im.path);
	arena_clear(&im.arena);
	return err;
}
