#include "capture_int.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define LINKS_MAX 400  /* links and directories on the way to one file */
#define LEVELS_MAX 64 /* below a directory that is taken whole */
#define TARGET_MAX 4096

struct found_dir {
	str path;
	bool whole;
	VEC(struct capture_name) names;
};

void found_free(struct found *f)
{
	for (size_t i = 0; i < f->dirs.n; i++) {
		struct found_dir *d = f->dirs.entries[i].value;

		vec_free(&d->names);
	}
	map_free(&f->physical);
	map_free(&f->dirs);
	map_free(&f->known);
	vec_free(&f->files);
	vec_free(&f->links);
	arena_clear(&f->arena);
}

/* ---- noting stamps ---- */

/* "/a/b/c" → "/a/b", "c". */
static void split(str path, str *dir, str *name)
{
	size_t at = path.n;

	while (at > 0 && path.p[at - 1] != '/')
		at--;
	*name = str_from(path, at);
	*dir = at > 1 ? str_upto(path, at - 1) : S("/");
}

static struct found_dir *dir_of(struct found *f, str path)
{
	struct found_dir *d = map_get(&f->dirs, path);

	if (!d) {
		d = arena_make(&f->arena, struct found_dir);
		d->path = str_dup(&f->arena, path);
		map_put(&f->dirs, d->path, d);
	}
	return d;
}

/* A stamp that may hide a later change is made one that never matches. */
static bool note(struct found *f, str path, struct stamp *stamp)
{
	bool racy = os_stamp_racy(stamp, os_wall_ns());
	struct capture_name entry;
	str dir;

	split(path, &dir, &entry.name);
	entry.stamp = *stamp;
	if (racy)
		entry.stamp.ctime_ns = 0;
	vec_push(&dir_of(f, dir)->names, entry);
	return racy;
}

/* ---- from paths to files ---- */

static str join(struct found *f, str dir, str name)
{
	if (name.n && name.p[0] == '/')
		return name;
	return str_c(os_join(&f->arena, dir, name));
}

static bool below_etc(str path)
{
	return str_starts(path, S("/etc/"));
}

static str physical(struct found *f, str path, unsigned *left);

/* A chain that leaves through /etc becomes one link to its end. */
static str follow(struct found *f, str dir, str link, unsigned *left)
{
	char text[TARGET_MAX];
	ssize_t n = readlink(link.p, text, sizeof text);
	str target, whole, end;

	if (n <= 0 || (size_t)n == sizeof text)
		return (str){NULL, 0};
	target = str_dup(&f->arena, str_of(text, (size_t)n));
	whole = join(f, dir, target);
	end = physical(f, whole, left);
	if (end.p && !below_etc(link))
		vec_push(&f->links, ((struct found_link){link, below_etc(whole) ? end : target}));
	return end;
}

static str resolve(struct found *f, str path, unsigned *left)
{
	str dir, name, full;
	struct stamp stamp;

	split(path, &dir, &name);
	dir = physical(f, dir, left);
	if (!dir.p || name.n == 0 || str_eq(name, S(".")))
		return dir;
	if (str_eq(name, S(".."))) {
		split(dir, &full, &name);
		return full;
	}
	full = join(f, dir, name);
	if (!str_eq(full, path))
		return physical(f, full, left);
	if (os_stamp(full.p, &stamp) < 0)
		return (str){NULL, 0};
	if (!S_ISLNK(stamp.mode))
		return full;
	note(f, full, &stamp);
	return follow(f, dir, full, left);
}

static str physical(struct found *f, str path, unsigned *left)
{
	str *known, got;

	if (path.n == 1)
		return S("/");
	known = map_get(&f->physical, path);
	if (known)
		return *known;
	if (*left == 0)
		return (str){NULL, 0};
	--*left;
	got = resolve(f, path, left);
	known = arena_make(&f->arena, str);
	*known = got;
	map_put(&f->physical, str_dup(&f->arena, path), known);
	return got;
}

str found_physical(struct found *f, str path)
{
	unsigned left = LINKS_MAX;

	if (path.n == 0 || path.p[0] != '/' || memchr(path.p, '\0', path.n))
		return (str){NULL, 0};
	return physical(f, path, &left);
}

static bool once(struct found *f, str path)
{
	bool fresh;

	map_slot(&f->known, path, &fresh);
	return fresh;
}

static bool add_file(struct found *f, str path, struct stamp *stamp)
{
	struct found_file file = {.path = path, .stamp = *stamp, .executable = stamp->mode & 0100};

	if (!S_ISREG(stamp->mode) || below_etc(path))
		return false;
	if (once(f, path)) {
		file.racy = note(f, path, stamp);
		vec_push(&f->files, file);
	}
	return true;
}

bool found_add(struct found *f, str path)
{
	str real = found_physical(f, path);
	struct stamp stamp;

	if (!real.p)
		return false;
	if (map_has(&f->known, real))
		return true;
	return os_stamp(real.p, &stamp) == 0 && add_file(f, real, &stamp);
}

void found_watch(struct found *f, str path)
{
	str real = found_physical(f, path);
	struct stamp stamp;

	if (real.p && os_stamp(real.p, &stamp) == 0 && once(f, real))
		note(f, real, &stamp);
}

static bool add_whole(struct found *f, str real, unsigned levels)
{
	str *names;
	size_t n;

	if (levels == 0 || !once(f, real))
		return true;
	if (os_list(&f->arena, real.p, &names, &n) < 0)
		return false;
	dir_of(f, real)->whole = true;
	for (size_t i = 0; i < n; i++) {
		str path = join(f, real, names[i]);
		struct stamp stamp;

		if (os_stamp(path.p, &stamp) < 0)
			continue;
		if (S_ISDIR(stamp.mode))
			add_whole(f, path, levels - 1);
		else if (S_ISREG(stamp.mode))
			add_file(f, path, &stamp);
		else
			found_add(f, path);
	}
	return true;
}

bool found_add_whole(struct found *f, str path)
{
	str real = found_physical(f, path);

	return real.p && add_whole(f, real, LEVELS_MAX);
}

str found_in(struct found *f, const str *dirs, size_t n, str name)
{
	for (size_t i = 0; i < n; i++) {
		str path = join(f, dirs[i], name);

		if (found_physical(f, path).p)
			return path;
	}
	return (str){NULL, 0};
}

/* ---- the stamps of it all ---- */

static int compare_dirs(const void *a, const void *b)
{
	return str_cmp(((const struct capture_dir *)a)->path, ((const struct capture_dir *)b)->path);
}

static int compare_names(const void *a, const void *b)
{
	return str_cmp(((const struct capture_name *)a)->name, ((const struct capture_name *)b)->name);
}

static void dir_stamps(struct found_dir *d, struct arena *a, struct capture_dir *out)
{
	struct capture_name *names = arena_array(a, struct capture_name, d->names.n);

	*out = (struct capture_dir){.path = str_dup(a, d->path), .whole = d->whole, .names = names, .n = d->names.n};
	if (os_stamp(d->path.p, &out->stamp) < 0 || os_stamp_racy(&out->stamp, os_wall_ns()))
		out->stamp.ctime_ns = 0;
	for (size_t i = 0; i < out->n; i++)
		names[i] = (struct capture_name){str_dup(a, d->names.p[i].name), d->names.p[i].stamp};
	if (out->n)
		qsort(names, out->n, sizeof *names, compare_names);
}

void found_stamps(struct found *f, struct arena *a, struct capture *out)
{
	struct capture_dir *dirs = arena_array(a, struct capture_dir, f->dirs.n);

	for (size_t i = 0; i < f->dirs.n; i++)
		dir_stamps(f->dirs.entries[i].value, a, &dirs[i]);
	qsort(dirs, f->dirs.n, sizeof *dirs, compare_dirs);
	out->dirs = dirs;
	out->ndirs = f->dirs.n;
}
