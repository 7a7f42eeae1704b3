#include "store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

struct writing {
	struct store *store;
	bool exclusive;
	bool frozen; /* directories end read-only, and files have the times that actions see */
	struct map copies; /* frozen: content → how many copies of it there are */
};

/* ---- a tree as files ---- */

/* Compilers take two files of equal size, time and content for one file (#pragma once).  So copies of
 * one content differ in time by a second each; everything else has the same time, and nothing looks
 * newer than anything (make). */
static int64_t time_of_copy(struct writing *w, const struct digest *d)
{
	uintptr_t n;
	void **slot;

	if (!w->frozen)
		return 0;
	slot = map_slot(&w->copies, str_of((const char *)d->b, sizeof d->b), NULL);
	n = (uintptr_t)*slot;
	*slot = (void *)(n + 1);
	return STORE_MTIME + (int64_t)n;
}

static int write_level(struct writing *, const struct tree *, int fd);

static int write_dir(struct writing *w, const struct tree *t, int parent, const char *name)
{
	int fd, err;

	if (mkdirat(parent, name, 0755) < 0)
		return -errno;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	err = write_level(w, t, fd);
	if (err == 0 && w->frozen && fchmod(fd, 0555) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int write_level(struct writing *w, const struct tree *t, int fd)
{
	int err = 0;

	for (size_t i = 0; i < t->n && err == 0; i++) {
		const struct tree_entry *e = &t->entries[i];

		if (e->kind == TREE_DIR)
			err = write_dir(w, e->dir, fd, e->name.p);
		else if (e->kind == TREE_SYMLINK)
			err = symlinkat(e->target.p, fd, e->name.p) < 0 ? -errno : 0;
		else
			err = store_get_at(w->store, &e->digest, e->executable, w->exclusive,
					time_of_copy(w, &e->digest), fd, e->name.p);
	}
	return err;
}

int store_export(struct store *s, struct tree *t, const char *path, bool exclusive)
{
	struct writing w = {.store = s, .exclusive = exclusive};
	int fd, err;

	if (mkdir(path, 0755) < 0)
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	err = fd < 0 ? -errno : write_level(&w, t, fd);
	if (fd >= 0)
		close(fd);
	if (err < 0)
		os_remove_tree(path);
	return err;
}

/* ---- the cache of trees ----
 * A tree is made in tmp and renamed whole.  To be renamed its top must be writable: it gets its mode
 * after, and whoever finds it otherwise mends it. */

#define TREE_NAME 65

static bool intact_level(const struct tree *, int fd);

static bool intact_entry(const struct tree_entry *e, int dir)
{
	struct stat st;
	bool intact;
	int fd;

	if (fstatat(dir, e->name.p, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (e->kind == TREE_FILE)
		return S_ISREG(st.st_mode) && st.st_size == e->digest.size;
	if (e->kind == TREE_SYMLINK)
		return S_ISLNK(st.st_mode) && (size_t)st.st_size == e->target.n;
	fd = openat(dir, e->name.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	intact = fd >= 0 && intact_level(e->dir, fd);
	if (fd >= 0)
		close(fd);
	return intact;
}

static bool intact_level(const struct tree *t, int fd)
{
	for (size_t i = 0; i < t->n; i++)
		if (!intact_entry(&t->entries[i], fd))
			return false;
	return true;
}

bool materialize_intact(const struct tree *t, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	bool intact = fd >= 0 && intact_level(t, fd);

	if (fd >= 0)
		close(fd);
	return intact;
}

/* When this system started, by the wall clock. */
static int64_t boot_time(void)
{
	struct timespec up = {0}, now = {0};

	clock_gettime(CLOCK_BOOTTIME, &up);
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec - up.tv_sec;
}

/* A tree from before the last start of the system may have lost what had not reached the disk: its
 * names and sizes are looked at once, and the chmod marks it as seen by changing its ctime. */
static bool usable(const struct tree *t, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	if (st.st_ctime <= boot_time() + 1 && !intact_level(t, fd))
		return false;
	if (st.st_ctime <= boot_time() + 1 || (st.st_mode & 07777) != 0555)
		return fchmod(fd, 0555) == 0;
	return true;
}

static void discard(struct store *s, int dir, const char *name)
{
	struct arena a = {0};
	char temp[TEMP_NAME];

	if (dir == s->tmp) {
		os_remove_tree(str_fmt(&a, "%s/%s", s->tmp_path, name).p);
	} else {
		store_temp_name(s, temp);
		fchmodat(dir, name, 0755, 0);
		if (renameat(dir, name, s->tmp, temp) == 0)
			discard(s, s->tmp, temp);
	}
	arena_clear(&a);
}

static bool is_there(struct store *s, const struct tree *t, const char *name)
{
	int fd = openat(s->trees, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	bool there;

	if (fd < 0)
		return false;
	there = usable(t, fd);
	close(fd);
	if (!there)
		discard(s, s->trees, name);
	return there;
}

static int make_tree(struct store *s, const struct tree *t, const char *name)
{
	struct writing w = {.store = s, .frozen = true};
	char temp[TEMP_NAME];
	int err;

	store_temp_name(s, temp);
	err = write_dir(&w, t, s->tmp, temp);
	map_free(&w.copies);
	if (err == 0 && fchmodat(s->tmp, temp, 0755, 0) < 0)
		err = -errno;
	if (err == 0 && renameat(s->tmp, temp, s->trees, name) == 0) {
		fchmodat(s->trees, name, 0555, 0);
		return 0;
	}
	if (err == 0)
		err = errno == EEXIST || errno == ENOTEMPTY ? 0 : -errno; /* another process was first */
	discard(s, s->tmp, temp);
	return err;
}

/* Waits while another thread makes the same tree. */
static void take_off(struct store *s, struct flight *own)
{
	pthread_mutex_lock(&s->flight_lock);
	for (struct flight *f = s->flights; f;) {
		if (digest_eq(&f->tree, &own->tree)) {
			pthread_cond_wait(&s->landed, &s->flight_lock);
			f = s->flights;
		} else {
			f = f->next;
		}
	}
	own->next = s->flights;
	s->flights = own;
	pthread_mutex_unlock(&s->flight_lock);
}

static void land(struct store *s, struct flight *own)
{
	pthread_mutex_lock(&s->flight_lock);
	for (struct flight **f = &s->flights; *f; f = &(*f)->next)
		if (*f == own) {
			*f = own->next;
			break;
		}
	pthread_cond_broadcast(&s->landed);
	pthread_mutex_unlock(&s->flight_lock);
}

static int need_tree(struct store *s, struct tree *t, const struct digest *d, const char *name)
{
	unsigned long long epoch = seen_epoch(&s->seen);
	struct flight flight = {.tree = *d};
	int err = 0;

	take_off(s, &flight);
	if (!seen_has(&s->seen, SEEN_MADE, d)) {
		if (!is_there(s, t, name))
			err = make_tree(s, t, name);
		if (err == 0)
			seen_add(&s->seen, epoch, SEEN_MADE, d);
	}
	land(s, &flight);
	return err;
}

int store_materialize(struct store *s, struct tree *t, struct arena *a, str *path)
{
	const struct digest *d = tree_digest(t, s->fn);
	char name[TREE_NAME];
	int err = 0;

	hex_of(d->b, sizeof d->b, name);
	if (!seen_has(&s->seen, SEEN_MADE, d))
		err = need_tree(s, t, d, name);
	if (err == 0)
		*path = str_fmt(a, "%s/trees/%s/%s", s->root, store_fn_name(s->fn), name);
	return err;
}
