#include "zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A target that is more than a directory of the root: what is below it lies elsewhere. */
struct point {
	str target;
	int fd; /* the mount, detached until attach(); in mode NONE the host directory.  -1: nothing
	         * may be put below */
	bool writable, mount;
	const struct wire_entry *entry;
};

/* Targets are found from `top` down; `prefix` is what of them is above it: "" or, in mode NONE, the
 * command's directory.  Nothing is ever resolved outside of `top` or a point. */
struct root {
	const struct wire *w;
	struct zygote_reply *reply;
	bool lay; /* mode NONE: links where there would be mounts */
	int top;
	str prefix;
	VEC(struct point *) points; /* in order */
	struct map by_target;
	str parent; /* the directory that parent_fd is; -1: none yet */
	int parent_fd;
	int copies; /* made so far */
	struct arena arena;
};

int zygote_tmpfs(void)
{
	int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	int mnt = -1;

	if (fs < 0)
		return -1;
	if (fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0755", 0) == 0 &&
			fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mnt = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	close(fs);
	return mnt;
}

/* Read-only: an action of real root would be let at /proc/sys by its uid alone. */
#define PROC_ATTR (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

int zygote_proc_mount(void)
{
	int fs = fsopen("proc", FSOPEN_CLOEXEC);
	int mnt = -1;

	if (fs < 0)
		return -1;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mnt = fsmount(fs, FSMOUNT_CLOEXEC, PROC_ATTR);
	close(fs);
	return mnt;
}

/* A detached copy of the mounts at `path` with more attributes. */
static int clone_tree(int at, const char *path, uint64_t set)
{
	struct mount_attr attr = {.attr_set = set};
	int tree = open_tree(at, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (tree >= 0 && set &&
			mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) < 0) {
		int err = errno;

		close(tree);
		errno = err;
		return -1;
	}
	return tree;
}

int zygote_proc(void)
{
	int mnt = zygote_proc_mount();

	if (mnt < 0 && errno == EPERM)
		return clone_tree(AT_FDCWD, "/proc", PROC_ATTR);
	return mnt;
}

static int open_in(int base, const char *path)
{
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};

	return (int)syscall(SYS_openat2, base, *path ? path : ".", &how, sizeof how);
}

/* Component by component, so that no link leads a mkdir out of the base. */
static int make_in(int base, str path)
{
	char prefix[PATH_MAX];
	size_t from = 0;
	int at = open_in(base, "");

	for (size_t i = 0; at >= 0 && i <= path.n; i++) {
		int next;

		if (i < path.n && path.p[i] != '/')
			continue;
		memcpy(prefix, path.p, i);
		prefix[i] = '\0';
		next = open_in(base, prefix);
		if (next < 0 && errno == ENOENT && (mkdirat(at, prefix + from, 0755) == 0 || errno == EEXIST))
			next = open_in(base, prefix);
		close(at);
		at = next;
		from = i + 1;
	}
	return at;
}

/* The lowest point at or above the path. */
static const struct point *point_above(const struct root *r, str path)
{
	for (;;) {
		const struct point *p = map_get(&r->by_target, path);

		if (p || path.n == 0)
			return p;
		while (path.n > 0 && path.p[--path.n] != '/')
			;
	}
}

/* A descriptor of the directory, made with its parents if absent; the caller closes it. */
static int open_dir(const struct root *r, str path)
{
	const struct point *p = point_above(r, path);
	str rest = str_from(path, p ? p->target.n : r->prefix.n);
	char text[PATH_MAX];
	int base = p ? p->fd : r->top, fd;

	while (str_starts(rest, S("/")))
		rest = str_from(rest, 1);
	if (p && !p->writable) {
		errno = EROFS;
		return -1;
	}
	if (rest.n >= sizeof text) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(text, rest.n ? rest.p : "", rest.n);
	text[rest.n] = '\0';
	fd = open_in(base, text);
	return fd < 0 && errno == ENOENT ? make_in(base, rest) : fd;
}

/* The directory that holds the target, kept for the next entry; *name is the rest, NUL-terminated. */
static int open_parent(struct root *r, str target, const char **name)
{
	size_t n = target.n;

	while (n > 0 && target.p[n - 1] != '/')
		n--;
	*name = target.p + n;
	if (n > 0)
		n--;
	if (r->parent_fd >= 0 && str_eq(r->parent, str_upto(target, n)))
		return r->parent_fd;
	if (r->parent_fd >= 0)
		close(r->parent_fd);
	r->parent = str_upto(target, n);
	r->parent_fd = open_dir(r, r->parent);
	return r->parent_fd;
}

static void add_point(struct root *r, struct point point)
{
	struct point *p = arena_make(&r->arena, struct point);

	*p = point;
	vec_push(&r->points, p);
	map_put(&r->by_target, p->target, p);
}

static bool put_dir(struct root *r, str target)
{
	int fd = open_dir(r, target);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* Compilers take two files with one content, size and second for the same (#pragma once), so every copy
 * gets a second of its own: none that a materialised tree has (store.h: 2000-01-01 and on), and the
 * same ones in every run. */
#define COPY_TIME 978307200 /* 2001-01-01 */

static bool put_copy(struct root *r, const struct wire_entry *e, str target)
{
	const char *name;
	int parent = open_parent(r, target, &name);
	int from = parent < 0 ? -1 : open(wire_text(r->w, e->source), O_RDONLY | O_CLOEXEC);
	int to, err;
	ssize_t n = -1;

	if (from < 0)
		return false;
	to = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			e->executable ? 0555 : 0444);
	if (to >= 0)
		while ((n = sendfile(to, from, NULL, 1 << 30)) > 0)
			;
	err = errno;
	if (n == 0) {
		struct timespec times[2] = {{.tv_sec = COPY_TIME + r->copies}, {.tv_sec = COPY_TIME + r->copies}};

		r->copies++;
		n = futimens(to, times);
		err = errno;
	}
	close(from);
	if (to >= 0)
		close(to);
	errno = err;
	return n == 0;
}

/* Mode NONE: the host directory itself, through a link; the command's own directory moves there. */
static bool put_link(struct root *r, const struct wire_entry *e, str target)
{
	const char *source = wire_text(r->w, e->source), *name;
	int fd = open(source, O_PATH | O_CLOEXEC), parent;

	if (fd < 0)
		return false;
	if (str_eq(target, r->prefix)) {
		r->top = fd;
	} else {
		parent = open_parent(r, target, &name);
		if (parent < 0 || symlinkat(source, parent, name) < 0)
			return false;
	}
	add_point(r, (struct point){.target = target, .fd = fd, .writable = e->kind == SANDBOX_WRITABLE,
		.entry = e});
	return true;
}

static bool put_mount(struct root *r, const struct wire_entry *e, str target)
{
	bool writable = e->kind == SANDBOX_WRITABLE;
	uint64_t set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (writable ? 0 : MOUNT_ATTR_RDONLY);
	int tree = clone_tree(AT_FDCWD, wire_text(r->w, e->source), set);
	struct stat st;
	const char *name;

	if (tree < 0 || fstat(tree, &st) < 0)
		return false;
	if (S_ISDIR(st.st_mode)) {
		if (!put_dir(r, target))
			return false;
	} else {
		int parent = open_parent(r, target, &name);
		int file = parent < 0 ? -1 : openat(parent, name,
				O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0444);

		if (file < 0)
			return false;
		close(file);
	}
	add_point(r, (struct point){.target = target, .fd = tree, .writable = writable, .mount = true,
		.entry = e});
	return true;
}

static bool put(struct root *r, const struct wire_entry *e, str target)
{
	const char *name;
	int parent;

	switch (e->kind) {
	case SANDBOX_DIR: return put_dir(r, target);
	case SANDBOX_COPY: return put_copy(r, e, target);
	case SANDBOX_SYMLINK:
		parent = open_parent(r, target, &name);
		return parent >= 0 && symlinkat(wire_text(r->w, e->source), parent, name) == 0;
	case SANDBOX_BIND:
	case SANDBOX_WRITABLE: return r->lay ? put_link(r, e, target) : put_mount(r, e, target);
	}
	errno = EINVAL;
	return false;
}

static enum zygote_step step_of(enum sandbox_entry_kind kind)
{
	static const enum zygote_step steps[] = {
		[SANDBOX_DIR] = STEP_DIR,
		[SANDBOX_BIND] = STEP_BIND,
		[SANDBOX_COPY] = STEP_COPY,
		[SANDBOX_SYMLINK] = STEP_SYMLINK,
		[SANDBOX_WRITABLE] = STEP_WRITABLE,
	};

	return (unsigned)kind < SL_COUNT(steps) ? steps[kind] : STEP_REQUEST;
}

static str without_slashes(str path)
{
	while (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

static bool is_below(str path, str dir)
{
	return str_starts(path, dir) && (path.n == dir.n || path.p[dir.n] == '/');
}

/* Every entry in order.  What is refused is told with the path that it was about: a source where one
 * is opened, else the target. */
static bool put_all(struct root *r)
{
	const struct wire_entry *entries = wire_entries(r->w);

	r->parent_fd = -1;
	for (uint32_t i = 0; i < r->w->nentries; i++) {
		const struct wire_entry *e = &entries[i];
		str target = str_c(wire_text(r->w, e->target)); /* no slash at its end */
		bool has_source = e->kind != SANDBOX_DIR && e->kind != SANDBOX_SYMLINK;

		if (r->lay && !is_below(target, r->prefix))
			continue;
		errno = EINVAL;
		if ((target.n == 0 && e->kind != SANDBOX_DIR) || (target.n > 0 && target.p[0] != '/') ||
				!put(r, e, target))
			return zygote_refuse(r->reply, step_of(e->kind),
					wire_text(r->w, has_source && errno != EROFS ? e->source : e->target));
	}
	return true;
}

/* The empty root with its fixed places; /dev and /proc belong to nobody. */
static bool start_root(struct root *r)
{
	static const char *const fixed[] = {"/dev", "/proc"};

	r->top = zygote_tmpfs();
	if (r->top < 0 || mkdirat(r->top, "tmp", 01777) < 0)
		return zygote_refuse(r->reply, STEP_NEW_ROOT, NULL);
	for (size_t i = 0; i < SL_COUNT(fixed); i++) {
		if (mkdirat(r->top, fixed[i] + 1, 0755) < 0)
			return zygote_refuse(r->reply, STEP_NEW_ROOT, fixed[i]);
		add_point(r, (struct point){.target = str_c(fixed[i]), .fd = -1});
	}
	return true;
}

/* From the host's namespace into one that never held the host; the root covers the lean one. */
static bool enter_lean(const struct zygote *z, const struct root *r, int proc)
{
	int dev, tmp;

	if (setns(z->lean, CLONE_NEWNS) < 0 || unshare(CLONE_NEWNS) < 0)
		return false;
	dev = open_tree(AT_FDCWD, "/dev", OPEN_TREE_CLOEXEC);
	if (dev < 0 || move_mount(r->top, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
			fchdir(r->top) < 0 || chroot(".") < 0)
		return false;
	tmp = clone_tree(r->top, "tmp", 0);
	return tmp >= 0 && move_mount(dev, "", AT_FDCWD, "/dev", MOVE_MOUNT_F_EMPTY_PATH) == 0 &&
			move_mount(proc, "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH) == 0 &&
			move_mount(tmp, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

static bool attach(const struct root *r)
{
	for (size_t i = 0; i < r->points.n; i++) {
		const struct point *p = r->points.p[i];
		const char *target;

		if (!p->mount)
			continue;
		target = wire_text(r->w, p->entry->target);
		if (move_mount(p->fd, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) < 0)
			return zygote_refuse(r->reply, step_of(p->entry->kind), target);
	}
	return true;
}

bool zygote_root_enter(const struct zygote *z, const struct wire *w, struct zygote_reply *reply)
{
	struct root r = {.w = w, .reply = reply};
	struct mount_attr closed = {.attr_set = MOUNT_ATTR_RDONLY};
	int proc;

	if (!start_root(&r) || !put_all(&r))
		return false;
	proc = zygote_proc();
	if (proc < 0)
		return zygote_refuse(reply, STEP_PROC, "/proc");
	if (!enter_lean(z, &r, proc))
		return zygote_refuse(reply, STEP_ENTER, "/");
	if (!attach(&r))
		return false;
	if (mount_setattr(r.top, "", AT_EMPTY_PATH, &closed, sizeof closed) < 0)
		return zygote_refuse(reply, STEP_ENTER, "/");
	if (chdir(wire_text(w, w->cwd)) < 0)
		return zygote_refuse(reply, STEP_CHDIR, wire_text(w, w->cwd));
	return true;
}

bool zygote_root_lay(const struct wire *w, struct zygote_reply *reply)
{
	struct root r = {.w = w, .reply = reply, .lay = true};

	r.prefix = without_slashes(str_c(wire_text(w, w->cwd)));
	r.top = open(wire_text(w, w->scratch), O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (r.top < 0)
		return zygote_refuse(reply, STEP_NEW_ROOT, wire_text(w, w->scratch));
	if (!put_all(&r))
		return false;
	if (fchdir(r.top) < 0)
		return zygote_refuse(reply, STEP_CHDIR, wire_text(w, w->cwd));
	return true;
}
