#include <straylight/nar.h>
#include <straylight/nixstore.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#define DEPTH_MAX NAR_DEPTH_MAX

struct nixstore {
	struct arena arena;
	str dir, store_dir;
	bool made; /* DIR and DIR/.new are there */
};

struct nixstore *nixstore_new(str dir, str store_dir)
{
	struct nixstore *ns = mem_make(struct nixstore);

	ns->dir = str_dup(&ns->arena, dir);
	ns->store_dir = str_dup(&ns->arena, store_dir);
	return ns;
}

void nixstore_free(struct nixstore *ns)
{
	if (!ns)
		return;
	arena_clear(&ns->arena);
	mem_free(ns);
}

str nixstore_default(struct arena *a)
{
	const char *cache = os_cache_dir(a);

	return cache ? str_c(os_join(a, str_c(cache), S("nix/store"))) : S("");
}

str nixstore_dir(const struct nixstore *ns)
{
	return ns->dir;
}

str nixstore_file(const struct nixstore *ns, str path, struct arena *a)
{
	return str_c(os_join(a, ns->dir, str_from(path, ns->store_dir.n + 1)));
}

bool nixstore_has(const struct nixstore *ns, str path)
{
	struct arena a = {0};
	struct stat st;
	bool there = lstat(nixstore_file(ns, path, &a).p, &st) == 0;

	arena_clear(&a);
	return there;
}

/* ---- making ---- */

/* By all threads: each entry that is being made has a name of its own. */
static atomic_uint made_here;

/* An entry that is being made. */
struct making {
	struct nixstore *ns;
	struct arena mem;
	const char *at;   /* below .new */
	const char *file; /* where it goes */
	nix_filter *filter;
	void *ud;
	struct diags *diags;
};

static bool failed(struct making *m, int err, const char *what, const char *path)
{
	os_error(m->diags, DIAG_NIX_FILE, err, what, str_c(path));
	return false;
}

static bool begin(struct making *m, struct nixstore *ns, str path, struct diags *diags)
{
	const char *fresh;
	int err;

	*m = (struct making){.ns = ns, .diags = diags};
	m->file = nixstore_file(ns, path, &m->mem).p;
	fresh = os_join(&m->mem, ns->dir, S(".new"));
	err = ns->made ? 0 : os_mkdirs(fresh, 0777);
	if (err)
		return failed(m, err, "making", fresh);
	ns->made = true;
	m->at = str_fmt(&m->mem, "%s/%ld-%u", fresh, (long)getpid(), atomic_fetch_add(&made_here, 1u)).p;
	return true;
}

/* What was not renamed is removed. */
static bool end(struct making *m, bool ok)
{
	if (m->at)
		os_remove_tree(m->at);
	arena_clear(&m->mem);
	return ok;
}

/* ---- the form of a store ---- */

static int settle(const char *path, mode_t mode)
{
	static const struct timespec times[2] = {{1, 0}, {1, 0}};

	if (!S_ISLNK(mode) && chmod(path, S_ISDIR(mode) || (mode & S_IXUSR) ? 0555 : 0444) < 0)
		return -errno;
	return utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static bool settle_tree(struct making *m, const char *path, unsigned depth);

static bool settle_below(struct making *m, const char *path, unsigned depth)
{
	str *names;
	size_t n;
	int err = depth < DEPTH_MAX ? os_list(&m->mem, path, &names, &n) : -ELOOP;

	if (err)
		return failed(m, err, "listing", path);
	for (size_t i = 0; i < n; i++)
		if (!settle_tree(m, os_join(&m->mem, str_c(path), names[i]), depth + 1))
			return false;
	return true;
}

static bool settle_tree(struct making *m, const char *path, unsigned depth)
{
	struct stat st;
	int err;

	if (lstat(path, &st) < 0)
		return failed(m, errno, "looking at", path);
	if (S_ISDIR(st.st_mode) && !settle_below(m, path, depth))
		return false;
	err = settle(path, st.st_mode);
	return err == 0 || failed(m, err, "making", path);
}

/* The name goes to whoever comes first; all have the same.  A directory that cannot be written to does not move:
 * the topmost gets its mode where it stays. */
static bool publish(struct making *m)
{
	struct stat st;
	int err;

	if (lstat(m->at, &st) < 0)
		return failed(m, errno, "looking at", m->at);
	if (S_ISDIR(st.st_mode) && !settle_below(m, m->at, 0))
		return false;
	if (rename(m->at, m->file) < 0) {
		err = errno;
		return lstat(m->file, &st) == 0 || failed(m, err, "making", m->file);
	}
	err = settle(m->file, st.st_mode);
	return err == 0 || failed(m, err, "making", m->file);
}

/* ---- texts ---- */

bool nixstore_write(struct nixstore *ns, str path, str bytes, struct diags *diags)
{
	struct making m;
	bool ok;
	int err;

	if (nixstore_has(ns, path))
		return true;
	ok = begin(&m, ns, path, diags);
	if (ok) {
		err = os_replace(m.at, bytes, 0444, false);
		ok = err ? failed(&m, err, "writing", m.file) : publish(&m);
	}
	return end(&m, ok);
}

/* ---- copies ---- */

static bool copy_node(struct making *m, const char *from, const char *to, unsigned depth);

static str type_name(mode_t mode)
{
	return S_ISREG(mode) ? S("regular") : S_ISDIR(mode) ? S("directory") : S_ISLNK(mode) ? S("symlink") : S("unknown");
}

static bool wanted(struct making *m, const char *path)
{
	struct stat st;

	if (!m->filter || lstat(path, &st))
		return true;
	return m->filter(m->ud, str_c(path), type_name(st.st_mode));
}

static bool copy_directory(struct making *m, const char *from, const char *to, unsigned depth)
{
	str *names;
	size_t n;
	int err = depth < DEPTH_MAX ? os_list(&m->mem, from, &names, &n) : -ELOOP;

	if (err)
		return failed(m, err, "listing", from);
	if (mkdir(to, 0777) < 0)
		return failed(m, errno, "making", to);
	for (size_t i = 0; i < n; i++) {
		const char *inner = os_join(&m->mem, str_c(from), names[i]);

		if (wanted(m, inner) && !copy_node(m, inner, os_join(&m->mem, str_c(to), names[i]), depth + 1))
			return false;
	}
	return true;
}

static bool copy_link(struct making *m, const char *from, const char *to)
{
	char target[PATH_MAX];
	ssize_t n = readlink(from, target, sizeof target - 1);

	if (n < 0)
		return failed(m, errno, "reading", from);
	target[n] = '\0';
	return symlink(target, to) == 0 || failed(m, errno, "making", to);
}

static bool copy_file(struct making *m, const char *from, const char *to, mode_t mode)
{
	int err = os_copy_file(from, to, mode & S_IXUSR ? 0755 : 0644);

	return err == 0 || failed(m, err, "copying", from);
}

static bool copy_node(struct making *m, const char *from, const char *to, unsigned depth)
{
	struct stat st;

	if (lstat(from, &st) < 0)
		return failed(m, errno, "looking at", from);
	if (S_ISDIR(st.st_mode))
		return copy_directory(m, from, to, depth);
	if (S_ISLNK(st.st_mode))
		return copy_link(m, from, to);
	if (S_ISREG(st.st_mode))
		return copy_file(m, from, to, st.st_mode);
	return failed(m, EINVAL, "copying the special file", from);
}

static bool copy_flat(struct making *m, const char *from)
{
	struct stat st;

	if (stat(from, &st) < 0)
		return failed(m, errno, "looking at", from);
	return copy_file(m, from, m->at, 0);
}

static bool hash_flat(struct making *m, struct nix_hash *out)
{
	struct nix_hasher *h = nix_hasher_new(NIX_SHA256);
	char part[64 << 10];
	int fd = open(m->at, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, part, sizeof part)) > 0)
		nix_hasher_add(h, part, (size_t)n);
	nix_hasher_end(h, out);
	if (n < 0)
		failed(m, errno, "reading", m->at);
	if (fd >= 0)
		close(fd);
	return n == 0;
}

/* The copy is what the path was computed from. */
static bool fits(struct making *m, str path, const char *from, bool recursive)
{
	struct nix_hash h = {.algo = NIX_SHA256};
	struct digest nar;
	str name;

	if (recursive ? !nar_hash(m->at, &nar, m->diags) : !hash_flat(m, &h))
		return false;
	if (recursive)
		memcpy(h.b, nar.b, sizeof nar.b);
	if (!storepath_parse(m->ns->store_dir, path, NULL, &name))
		return false;
	if (str_eq(storepath_fixed(&m->mem, m->ns->store_dir, name, recursive, &h, (struct storepath_refs){0}), path))
		return true;
	diag_hint(m->diags, diag_error(m->diags, DIAG_NIX_FILE, NO_SPAN, "'%s' changed while it was copied", from),
			"evaluate again, when nothing writes to it");
	return false;
}

bool nixstore_copy(struct nixstore *ns, str path, const char *from, bool recursive, nix_filter *filter, void *filter_ud,
		struct diags *diags)
{
	struct making m;
	bool ok;

	if (nixstore_has(ns, path))
		return true;
	ok = begin(&m, ns, path, diags);
	m.filter = filter;
	m.ud = filter_ud;
	ok = ok && (recursive ? copy_node(&m, from, m.at, 0) : copy_flat(&m, from));
	ok = ok && fits(&m, path, from, recursive) && publish(&m);
	return end(&m, ok);
}

bool nixstore_export(struct nixstore *ns, str path, struct store *s, const struct tree_entry *e, struct diags *diags)
{
	struct making m;
	bool ok;
	int err = 0;

	if (nixstore_has(ns, path))
		return true;
	ok = begin(&m, ns, path, diags);
	if (ok) {
		if (e->kind == TREE_DIR)
			err = store_export(s, e->dir, m.at, true);
		else if (e->kind == TREE_FILE)
			err = store_get_file(s, &e->digest, e->executable, true, m.at);
		else if (symlink(str_dup(&m.mem, e->target).p, m.at) < 0)
			err = -errno;
		ok = err ? failed(&m, err, "making", m.file) : publish(&m);
	}
	return end(&m, ok);
}
