#include "nix_doors.h"

#include <straylight/doors.h>
#include <straylight/nixhash.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1 << 31) /* of one file that evaluation reads */
#define DEPTH_MAX 512              /* of directories in a source */

static enum nix_file_type type_of(mode_t mode)
{
	return S_ISREG(mode) ? NIX_REGULAR : S_ISDIR(mode) ? NIX_DIRECTORY : S_ISLNK(mode) ? NIX_SYMLINK : NIX_UNKNOWN;
}

/* Where a path lies: what is not in the store itself may be in the folder of what is kept. */
static const char *place_of(const struct nix_doors *d, str path, struct arena *a)
{
	struct stat st;
	str top;

	if (!d->kept || !str_starts(path, S(NIX_STORE_DIR "/")) || !storepath_top(S(NIX_STORE_DIR), path, &top) ||
			lstat(str_dup(a, top).p, &st) == 0)
		return str_dup(a, path).p;
	return nixstore_file(d->kept, path, a).p;
}

static enum nix_found nix_door_read(void *ud, str path, struct blob **out, struct diags *diags)
{
	struct arena a = {0};
	int err = os_read(place_of(ud, path, &a), FILE_MAX, out);

	arena_clear(&a);
	if (err == -ENOENT || err == -ENOTDIR)
		return NIX_ABSENT;
	if (err) {
		os_error(diags, DIAG_NIX_FILE, err, "reading", path);
		return NIX_FAILED;
	}
	return NIX_FOUND;
}

static enum nix_file_type nix_door_type(void *ud, str path)
{
	struct arena a = {0};
	struct stat s;
	int err = lstat(place_of(ud, path, &a), &s);

	arena_clear(&a);
	return err ? NIX_NOTHING : type_of(s.st_mode);
}

static enum nix_found nix_door_list(void *ud, str path, struct arena *mem, struct nix_entry **out,
		size_t *n, struct diags *diags)
{
	const char *dir = place_of(ud, path, mem);
	str *names;
	int err = os_list(mem, dir, &names, n);

	if (err == -ENOENT)
		return NIX_ABSENT;
	if (err) {
		os_error(diags, DIAG_NIX_FILE, err, "listing", path);
		return NIX_FAILED;
	}
	*out = arena_array(mem, struct nix_entry, *n);
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = (struct nix_entry){names[i], nix_door_type(ud, str_c(os_join(mem, path, names[i])))};
	return NIX_FOUND;
}

static bool read_link(const char *path, struct arena *mem, str *target)
{
	char text[4096];
	ssize_t n = readlink(path, text, sizeof text);

	if (n < 0 || (size_t)n >= sizeof text)
		return false;
	*target = str_dup(mem, str_of(text, (size_t)n));
	return true;
}

static bool nix_door_link(void *ud, str path, struct arena *mem, str *target)
{
	return read_link(place_of(ud, path, mem), mem, target);
}

static const char *nix_door_variable(void *ud, str name)
{
	struct arena a = {0};
	const char *value = getenv(str_dup(&a, name).p);

	(void)ud;
	arena_clear(&a);
	return value;
}

/* ---- sources ---- */

/* A filter that is told of paths below `shown`, for what lies somewhere else. */
struct moved {
	nix_filter *filter;
	void *ud;
	str shown;
	size_t skip; /* of a path where it lies */
};

static bool moved_filter(void *ud, str path, str type)
{
	const struct moved *m = ud;
	struct arena a = {0};
	bool keep = m->filter(m->ud, str_fmt(&a, "%.*s%.*s", STR_ARG(m->shown), STR_ARG(str_from(path, m->skip))), type);

	arena_clear(&a);
	return keep;
}

struct source {
	struct arena mem;
	struct nix_hasher *h;
	nix_filter *filter;
	void *ud;
	struct diags *diags;
	char *buffer;
};

#define BUFFER ((size_t)64 << 10)

static void word(struct source *s, str text)
{
	unsigned char length[8], zeros[8] = {0};

	for (int i = 0; i < 8; i++)
		length[i] = (unsigned char)((uint64_t)text.n >> (8 * i));
	nix_hasher_add(s->h, length, 8);
	nix_hasher_add(s->h, text.p, text.n);
	nix_hasher_add(s->h, zeros, -text.n & 7);
}

static bool failed(struct source *s, int err, const char *what, const char *path)
{
	os_error(s->diags, DIAG_NIX_FILE, err, what, str_c(path));
	return false;
}

static bool add_bytes(struct source *s, const char *path, uint64_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t left = size;
	ssize_t n = 0;

	if (fd < 0)
		return failed(s, errno, "reading", path);
	while (left && (n = read(fd, s->buffer, left < BUFFER ? left : BUFFER)) > 0) {
		nix_hasher_add(s->h, s->buffer, (size_t)n);
		left -= (uint64_t)n;
	}
	close(fd);
	return left ? failed(s, n < 0 ? errno : EIO, "reading", path) : true;
}

static bool add_node(struct source *s, const char *path, unsigned depth);

static bool add_file(struct source *s, const char *path, const struct stat *st)
{
	unsigned char length[8], zeros[8] = {0};
	uint64_t size = (uint64_t)st->st_size;

	word(s, S("regular"));
	if (st->st_mode & S_IXUSR) {
		word(s, S("executable"));
		word(s, S(""));
	}
	word(s, S("contents"));
	for (int i = 0; i < 8; i++)
		length[i] = (unsigned char)(size >> (8 * i));
	nix_hasher_add(s->h, length, 8);
	if (!add_bytes(s, path, size))
		return false;
	nix_hasher_add(s->h, zeros, -size & 7);
	return true;
}

static str type_name(mode_t mode)
{
	return S_ISREG(mode) ? S("regular") : S_ISDIR(mode) ? S("directory") : S_ISLNK(mode) ? S("symlink") : S("unknown");
}

static bool wanted(struct source *s, const char *path)
{
	struct stat st;

	if (!s->filter || lstat(path, &st))
		return true;
	return s->filter(s->ud, str_c(path), type_name(st.st_mode));
}

static bool add_directory(struct source *s, const char *path, unsigned depth)
{
	str *names;
	size_t n;
	int err = os_list(&s->mem, path, &names, &n);

	if (err)
		return failed(s, err, "listing", path);
	if (depth >= DEPTH_MAX)
		return failed(s, ELOOP, "going into", path);
	word(s, S("directory"));
	for (size_t i = 0; i < n; i++) {
		const char *inner = os_join(&s->mem, str_c(path), names[i]);

		if (!wanted(s, inner))
			continue;
		word(s, S("entry"));
		word(s, S("("));
		word(s, S("name"));
		word(s, names[i]);
		word(s, S("node"));
		if (!add_node(s, inner, depth + 1))
			return false;
		word(s, S(")"));
	}
	return true;
}

static bool add_link(struct source *s, const char *path)
{
	str target;

	if (!read_link(path, &s->mem, &target))
		return failed(s, errno, "reading", path);
	word(s, S("symlink"));
	word(s, S("target"));
	word(s, target);
	return true;
}

/* A node of a NAR (nar.h has the format), with what the filter leaves of it. */
static bool add_node(struct source *s, const char *path, unsigned depth)
{
	struct stat st;
	bool ok;

	if (lstat(path, &st))
		return failed(s, errno, "looking at", path);
	word(s, S("("));
	word(s, S("type"));
	if (S_ISREG(st.st_mode))
		ok = add_file(s, path, &st);
	else if (S_ISDIR(st.st_mode))
		ok = add_directory(s, path, depth);
	else if (S_ISLNK(st.st_mode))
		ok = add_link(s, path);
	else
		ok = failed(s, EINVAL, "copying the special file", path);
	word(s, S(")"));
	return ok;
}

static bool add_flat(struct source *s, const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return failed(s, errno, "looking at", path);
	if (!S_ISREG(st.st_mode))
		return failed(s, EISDIR, "reading", path);
	return add_bytes(s, path, (uint64_t)st.st_size);
}

static bool nix_door_hash(void *ud, str path, bool recursive, nix_filter *filter, void *filter_ud,
		unsigned char sha256[32],
		struct diags *diags)
{
	struct moved m = {filter, filter_ud, path, 0};
	struct source s = {.h = nix_hasher_new(NIX_SHA256), .filter = filter ? moved_filter : NULL, .ud = &m,
			.diags = diags, .buffer = mem_alloc(BUFFER)};
	const char *z = place_of(ud, path, &s.mem);
	struct nix_hash h;
	bool ok;

	m.skip = strlen(z);
	if (recursive) {
		word(&s, S("nix-archive-1"));
		ok = add_node(&s, z, 0);
	} else {
		ok = add_flat(&s, z);
	}
	nix_hasher_end(s.h, &h);
	memcpy(sha256, h.b, 32);
	arena_clear(&s.mem);
	mem_free(s.buffer);
	return ok;
}

/* ---- the rest ---- */

static void nix_door_say(void *ud, str line)
{
	struct buf b = {0};

	(void)ud;
	buf_str(&b, line);
	buf_c(&b, '\n');
	(void)!os_write_all(STDERR_FILENO, b.p, b.n);
	buf_free(&b);
}

static int64_t nix_door_now(void *ud)
{
	(void)ud;
	return os_wall_ns() / 1000000000;
}

static str system_name(struct arena *mem)
{
	struct utsname u;

	if (uname(&u) != 0)
		return (str){0};
	return str_fmt(mem, "%s-linux", u.machine);
}

/* The colon of a URL ends no entry. */
static void search_entries(struct arena *mem, const char *list, const str *first, size_t nfirst, struct nix_env *env)
{
	str rest = str_c(list);
	size_t n = nfirst, room = nfirst + 1;
	str *all;

	for (size_t i = 0; i < rest.n; i++)
		room += rest.p[i] == ':';
	all = arena_array(mem, str, room);
	if (nfirst)
		memcpy(all, first, nfirst * sizeof *all);
	while (rest.n) {
		size_t at = 0;

		while (at < rest.n && (rest.p[at] != ':' || str_starts(str_from(rest, at), S("://"))))
			at++;
		if (at)
			all[n++] = str_dup(mem, str_upto(rest, at));
		rest = str_from(rest, at + 1);
	}
	env->search = all;
	env->nsearch = n;
}

/* ---- what is kept ---- */

static bool nix_door_write(void *ud, str path, str bytes, struct diags *diags)
{
	struct nix_doors *d = ud;

	return nixstore_write(d->kept, path, bytes, diags);
}

static bool nix_door_keep(void *ud, str path, str stored, bool recursive, nix_filter *filter, void *filter_ud,
		struct diags *diags)
{
	struct nix_doors *d = ud;
	struct arena a = {0};
	const char *from = place_of(d, path, &a);
	struct moved m = {filter, filter_ud, path, strlen(from)};
	bool ok = nixstore_copy(d->kept, stored, from, recursive, filter ? moved_filter : NULL, &m, diags);

	arena_clear(&a);
	return ok;
}

void doors_nix_keep(struct nix_env *env, struct nixstore *ns)
{
	struct nix_doors *d = env->ud;

	d->kept = ns;
	env->write = nix_door_write;
	env->keep = nix_door_keep;
}

void doors_nix_build(struct nix_env *env)
{
	env->realise = nix_door_realise;
}

void doors_nix_end(struct nix_env *env)
{
	nix_doors_close(env->ud);
}

struct nix_env doors_nix(struct arena *mem, const str *search, size_t n)
{
	const char *home = getenv("HOME"), *path = getenv("NIX_PATH");
	char here[4096];
	struct nix_env env = {
		.read = nix_door_read,
		.list = nix_door_list,
		.type = nix_door_type,
		.link = nix_door_link,
		.variable = nix_door_variable,
		.hash = nix_door_hash,
		.fetch = nix_door_fetch,
		.now = nix_door_now,
		.say = nix_door_say,
		.system = system_name(mem),
		.ud = arena_make(mem, struct nix_doors),
	};

	if (home && home[0] == '/')
		env.home = str_dup(mem, str_c(home));
	if (getcwd(here, sizeof here))
		env.directory = str_dup(mem, str_c(here));
	search_entries(mem, path ? path : "", search, n, &env);
	return env;
}
