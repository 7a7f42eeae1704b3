#include "cmd.h"

#include <straylight/dhall.h>
#include <straylight/base/pool.h>

#include <errno.h>
#include <sys/stat.h>

#define DEPTH_MAX 256 /* of folders, with --recursive */

struct args {
	bool recursive, check;
	str name;
};

struct packages {
	struct call *call;
	const struct args *args;
	str name;      /* of the files that are written */
	bool differs;  /* one of them */
};

/* The file of one folder. */
struct package {
	struct packages *all;
	str folder;     /* absolute, normal */
	VEC(str) paths; /* of what goes in, relative to the folder */
};

enum kind { KIND_ABSENT, KIND_FILE, KIND_FOLDER, KIND_OTHER };

static enum kind kind_of(const char *path, bool follow)
{
	struct stat st;

	if ((follow ? stat(path, &st) : lstat(path, &st)) != 0)
		return KIND_ABSENT;
	return S_ISREG(st.st_mode) ? KIND_FILE : S_ISDIR(st.st_mode) ? KIND_FOLDER : KIND_OTHER;
}

static bool write_folder(struct packages *, str folder, unsigned depth);

/* ---- what goes in ---- */

static void add_file(struct package *p, str path)
{
	str inside = str_from(path, p->folder.n + (p->folder.n > 1));

	if (!str_eq(inside, p->all->name))
		vec_push(&p->paths, inside);
}

static bool is_dhall(str name)
{
	str end = S(".dhall");

	return name.n > end.n && str_eq(str_from(name, name.n - end.n), end);
}

/* The Dhall files of a folder, and with --recursive the packages of its folders, which are written first. */
static bool add_folder(struct package *p, str folder, unsigned depth)
{
	struct call *c = p->all->call;
	str *names;
	size_t n;
	int err = depth > DEPTH_MAX ? -ELOOP : os_list(&c->arena, folder.p, &names, &n);

	if (err) {
		os_error(&c->diags, DIAG_USAGE, err, "reading", folder);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		const char *path = os_join(&c->arena, folder, names[i]);
		enum kind kind = names[i].p[0] == '.' ? KIND_ABSENT : kind_of(path, false);

		if (kind == KIND_FOLDER && p->all->args->recursive) {
			if (!write_folder(p->all, str_c(path), depth + 1))
				return false;
			add_file(p, str_c(os_join(&c->arena, str_c(path), p->all->name)));
		} else if (kind != KIND_FOLDER && is_dhall(names[i]) && kind_of(path, true) == KIND_FILE) {
			add_file(p, str_c(path));
		}
	}
	return true;
}

/* ---- writing ---- */

static bool write_package(struct package *p)
{
	struct call *c = p->all->call;
	const char *path = os_join(&c->arena, p->folder, p->all->name);
	struct buf out = {0};
	struct blob *old = NULL;
	bool ok = dhall_package(p->paths.p, p->paths.n, p->all->name, &out, &c->diags), same;
	int err = 0;

	if (ok) {
		same = os_read(path, 0, &old) == 0 && str_eq(blob_str(old), buf_view(&out));
		p->all->differs |= !same;
		if (!same && p->all->args->check)
			buf_fmt(&c->out, "%s\n", path);
		else if (!same)
			err = os_replace(path, buf_view(&out), 0666, false);
	}
	if (err)
		os_error(&c->diags, DIAG_IO, err, "writing", str_c(path));
	blob_unref(old);
	buf_free(&out);
	return ok && !err;
}

static bool write_folder(struct packages *all, str folder, unsigned depth)
{
	struct package p = {.all = all, .folder = folder};
	bool ok = add_folder(&p, folder, depth) && write_package(&p);

	vec_free(&p.paths);
	return ok;
}

/* ---- arguments ---- */

static bool below(str path, str folder)
{
	return str_eq(folder, S("/")) ||
			(str_starts(path, folder) && (path.n == folder.n || path.p[folder.n] == '/'));
}

static str folder_of(struct arena *a, str path)
{
	size_t n = path.n;

	while (n > 1 && path.p[n - 1] != '/')
		n--;
	return str_dup(a, str_upto(path, n > 1 ? n - 1 : 1));
}

/* The first argument says which folder the file is in: itself, or the one that it is in. */
static bool add_argument(struct package *p, str given, const char *dir)
{
	struct call *c = p->all->call;
	str path = given.n && given.p[0] == '/' ? given : str_c(os_join(&c->arena, str_c(dir), given));
	enum kind kind;

	if (!os_normalize(&c->arena, path, &path)) {
		call_usage(c, "there is no '%.*s'", STR_ARG(given));
		return false;
	}
	kind = kind_of(path.p, true);
	if (kind != KIND_FILE && kind != KIND_FOLDER) {
		call_usage(c, kind == KIND_ABSENT ? "there is no '%.*s'" : "'%.*s' is neither a file nor a folder", STR_ARG(given));
		return false;
	}
	if (!p->folder.p)
		p->folder = kind == KIND_FOLDER ? path : folder_of(&c->arena, path);
	if (!below(path, p->folder)) {
		call_usage(c, "'%.*s' is not below '%.*s', where the package will be", STR_ARG(given), STR_ARG(p->folder));
		return false;
	}
	if (kind == KIND_FOLDER)
		return add_folder(p, path, 0);
	add_file(p, path);
	return true;
}

static void package_deep(void *ud)
{
	struct packages *all = ud;
	const struct arguments *a = &all->call->arguments;
	struct package p = {.all = all};
	const char *dir = call_dir(all->call);
	bool ok = dir != NULL;

	for (size_t i = 0; i < a->nargs && ok; i++)
		ok = add_argument(&p, a->args[i], dir);
	if (ok)
		write_package(&p);
	vec_free(&p.paths);
}

static int run_package(struct call *c)
{
	const struct args *a = c->options;
	struct packages all = {.call = c, .args = a, .name = a->name.p ? a->name : S("package.dhall")};

	if (!all.name.n || str_find(all.name, '/') < all.name.n) {
		call_usage(c, "--name is the name of a file, without folders");
		return 0;
	}
	pool_run_deep(package_deep, &all);
	return a->check && all.differs ? 1 : 0;
}

static const struct option options[] = {
	FLAG(struct args, recursive, 0, "recursive", "write a package for each folder below first, and use it"),
	TEXT(struct args, name, 0, "name", "NAME", "the name of the file (default: package.dhall)"),
	FLAG(struct args, check, 0, "check", "write nothing; name the files that would change"),
};

const struct command cmd_dhall_package = {
	.name = "dhall package",
	.usage = "PATH…",
	.summary = "write a package.dhall that imports files",
	.about = "Writes a record of imports to package.dhall, in the folder that the first PATH is or is in; all others are below "
		 "it. A folder stands for the Dhall files in it. A file a/b.dhall becomes the field a.b, a/package.dhall the field a. "
		 "Names that start with a dot are left out of folders.",
	.section = SECTION_LANGUAGE,
	.min = 1,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(options, struct args),
	.run = run_package,
};
