/* Making the cache smaller: what was used longest ago goes first.
 *
 * A unit is a file (a blob, a record, remembered types) or a whole materialised tree.  Its last use is the
 * youngest of its times of access and of change: file systems note an access at least once a day, and a hard
 * link, which is how blobs are handed out, is a change.  Any unit may go at any time between builds, since
 * whatever is absent is a miss: no order has to be kept, and a sweep that is killed leaves nothing half.  That is not
 * so of store paths, which name each other, and of clones: nix/ and git/ are left alone. */
#include "store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define TREE_LEVEL 3 /* root/trees/FN/HASH */
#define BLOCK 4096u  /* what a file takes is counted in these */

struct unit {
	int64_t used;  /* seconds */
	uint64_t size; /* on disk; names of one file share it */
	const char *path;
};

struct sweep {
	struct arena arena;
	VEC(struct unit) units;
	uint64_t total;
};

static void use(struct unit *u, const struct stat *st)
{
	int64_t used = st->st_atime > st->st_ctime ? st->st_atime : st->st_ctime;

	if (used > u->used)
		u->used = used;
	u->size += ((uint64_t)st->st_size + BLOCK - 1) / BLOCK * BLOCK / (uint64_t)st->st_nlink;
}

static void add(struct sweep *w, const struct unit *u)
{
	vec_push(&w->units, *u);
	w->total += u->size;
}

/* The first name of the path below the root. */
static bool is_in(const FTSENT *e, const char *root, const char *part)
{
	const char *below = e->fts_path + strlen(root) + 1;
	size_t n = strlen(part);

	return e->fts_level > 0 && strncmp(below, part, n) == 0 && (below[n] == '/' || below[n] == '\0');
}

/* The sweep itself reads directories: of the times of one only that of a change says something. */
static void visit_tree(struct sweep *w, const FTSENT *e, struct unit *tree)
{
	if (e->fts_level < TREE_LEVEL)
		return;
	if (e->fts_level == TREE_LEVEL && e->fts_info == FTS_D)
		*tree = (struct unit){.used = e->fts_statp->st_ctime, .path = str_dup(&w->arena, str_c(e->fts_path)).p};
	else if (e->fts_level == TREE_LEVEL && e->fts_info == FTS_DP)
		add(w, tree);
	else if (e->fts_info == FTS_F)
		use(tree, e->fts_statp);
}

static void visit(struct sweep *w, FTS *walk, FTSENT *e, const char *root, struct unit *tree)
{
	struct unit file = {0};

	if (is_in(e, root, "tmp") || is_in(e, root, "nix") || is_in(e, root, "git")) {
		fts_set(walk, e, FTS_SKIP);
	} else if (is_in(e, root, "trees")) {
		visit_tree(w, e, tree);
	} else if (e->fts_info == FTS_F) {
		file.path = str_dup(&w->arena, str_c(e->fts_path)).p;
		use(&file, e->fts_statp);
		add(w, &file);
	}
}

static int find(struct sweep *w, const char *root)
{
	char *paths[] = {(char *)(uintptr_t)root, NULL};
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	struct unit tree = {0};
	FTSENT *e;
	int err;

	if (!walk)
		return -errno;
	while ((errno = 0, e = fts_read(walk)))
		visit(w, walk, e, root, &tree);
	err = -errno;
	fts_close(walk);
	return err;
}

static int older_first(const void *a, const void *b)
{
	const struct unit *x = a, *y = b;

	if (x->used != y->used)
		return x->used < y->used ? -1 : 1;
	return strcmp(x->path, y->path);
}

/* A tree loses its name first, so that it is whole as long as it has one. */
static int take_away(struct sweep *w, const char *root, size_t number, const char *path)
{
	const char *aside = str_fmt(&w->arena, "%s/tmp/swept-%zu", root, number).p;

	if (unlink(path) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR)
		return -errno;
	if (chmod(path, 0755) < 0 || rename(path, aside) < 0)
		return -errno;
	return os_remove_tree(aside);
}

static int sweep(struct sweep *w, const char *root, uint64_t keep, struct store_swept *out)
{
	size_t i = 0;
	int err;

	if (w->units.n)
		qsort(w->units.p, w->units.n, sizeof *w->units.p, older_first);
	for (; i < w->units.n && w->total > keep; i++) {
		if ((err = take_away(w, root, i, w->units.p[i].path)) < 0)
			return err;
		w->total -= w->units.p[i].size;
		out->removed_bytes += w->units.p[i].size;
	}
	out->removed = i;
	out->kept = w->units.n - i;
	out->kept_bytes = w->total;
	return 0;
}

int store_gc(str root, uint64_t keep, struct store_swept *out)
{
	struct sweep w = {0};
	const char *dir = str_dup(&w.arena, root).p, *tmp = str_fmt(&w.arena, "%.*s/tmp", STR_ARG(root)).p;
	int err = 0, fd = open(tmp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*out = (struct store_swept){0};
	if (fd < 0)
		err = errno == ENOENT ? 0 : -errno;
	else if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		err = errno == EWOULDBLOCK ? -EBUSY : -errno;
	else if ((err = find(&w, dir)) == 0)
		err = sweep(&w, dir, keep, out);
	if (fd >= 0)
		close(fd);
	vec_free(&w.units);
	arena_clear(&w.arena);
	return err;
}
