#include "unpack.h"
#include "unpack_library.h"

#include <errno.h>
#include <locale.h>
#include <unistd.h>

#define PART ((size_t)128 << 10)
#define HELD_MAX ((size_t)1 << 20) /* larger files are written piece by piece */

struct reading {
	const struct unpack_table *t;
	struct archive *archive;
	locale_t locale, outer; /* names are UTF-8, or bytes that nobody interprets */
	str name;
	struct diags *diags;
	char *part;
};

static bool bad(struct reading *r, const char *why)
{
	diag_hint(r->diags, diag_error(r->diags, DIAG_ARCHIVE, NO_SPAN, "'%.*s' cannot be unpacked: %s", STR_ARG(r->name), why),
			"the archive is damaged, or not of a kind that is known: tar or zip");
	return false;
}

static bool damaged(struct reading *r)
{
	const char *why = r->t->error_string(r->archive);

	return bad(r, why && *why ? why : "its form is not known");
}

static bool begin(struct reading *r, int fd, str name, bool raw, struct diags *diags)
{
	*r = (struct reading){.t = unpack_load(), .name = name, .diags = diags};
	if (!r->t) {
		diag_hint(diags, diag_error(diags, DIAG_IO, NO_SPAN, "libarchive.so.13 cannot be loaded"),
				"install libarchive (Debian: libarchive13)");
		return false;
	}
	r->part = mem_alloc(PART);
	r->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	r->outer = uselocale(r->locale);
	r->archive = r->t->read_new();
	if (!r->archive)
		mem_oom();
	for (size_t i = 0; i < SL_COUNT(r->t->filter); i++)
		r->t->filter[i](r->archive);
	if (raw) {
		r->t->format_raw(r->archive);
		r->t->format_empty(r->archive);
	} else {
		r->t->format_tar(r->archive);
		r->t->format_zip(r->archive);
	}
	return r->t->open_fd(r->archive, fd, PART) == ARCHIVE_OK || damaged(r);
}

static void end(struct reading *r)
{
	if (!r->t)
		return;
	r->t->read_free(r->archive);
	uselocale(r->outer);
	if (r->locale)
		freelocale(r->locale);
	mem_free(r->part);
}

/* The next entry; *more is false after the last. */
static bool next(struct reading *r, struct archive_entry **e, bool *more)
{
	int how = r->t->next_header(r->archive, e);

	*more = how == ARCHIVE_OK || how == ARCHIVE_WARN;
	return *more || how == ARCHIVE_EOF || damaged(r);
}

/* The next bytes of the entry, none at its end. */
static bool read_part(struct reading *r, str *out)
{
	la_ssize_t n = r->t->read_data(r->archive, r->part, PART);

	*out = str_of(r->part, n > 0 ? (size_t)n : 0);
	return n >= 0 || damaged(r);
}

/* ---- one compressed file ---- */

static bool expand(struct reading *r, uint64_t max, nar_write *write, void *ud)
{
	struct archive_entry *e;
	uint64_t left = max;
	bool more;
	str part;

	if (!next(r, &e, &more))
		return false;
	while (more) {
		if (!read_part(r, &part))
			return false;
		if (part.n == 0)
			return true;
		if (part.n > left)
			return bad(r, "it holds more than it may");
		left -= part.n;
		if (!write(ud, part))
			return false;
	}
	return true;
}

bool unpack_file(int fd, str name, uint64_t max, nar_write *write, void *ud, struct diags *diags)
{
	struct reading r;
	bool ok = begin(&r, fd, name, true, diags) && expand(&r, max, write, ud);

	end(&r);
	return ok;
}

/* ---- archives ---- */

struct item { /* of the tree that grows; no kind: a directory that was only named */
	enum tree_kind kind;
	bool executable;
	struct digest digest;
	str target;
};

struct unpacking {
	struct reading r;
	struct store *store;
	struct arena mem;
	struct map items; /* by path */
	uint64_t bytes;
};

static bool stored(struct unpacking *u, int err, str path)
{
	if (err < 0)
		os_error(u->r.diags, DIAG_IO, err, "storing", path);
	return err >= 0;
}

/* A file that does not fit into memory; `first` came already. */
static bool import_large(struct unpacking *u, str path, str first, struct digest *out)
{
	struct hasher *h = hasher_new(store_fn(u->store));
	struct store_write *w;
	bool ok = stored(u, store_write_begin(u->store, &w), path);
	str part = first;

	while (ok && part.n) {
		hasher_add(h, part.p, part.n);
		u->bytes += part.n;
		ok = stored(u, store_write_add(w, part.p, part.n), path);
		ok = ok && (u->bytes <= UNPACK_BYTES_MAX || bad(&u->r, "it holds too much")) && read_part(&u->r, &part);
	}
	hasher_end(h, out);
	if (!ok) {
		store_write_drop(w);
		return false;
	}
	return stored(u, store_write_end(w, out), path);
}

static bool import_file(struct unpacking *u, str path, struct digest *out)
{
	struct buf held = {0};
	bool ok;
	str part;

	while ((ok = read_part(&u->r, &part)) && part.n && held.n < HELD_MAX)
		buf_str(&held, part);
	if (ok && part.n) {
		buf_str(&held, part);
		ok = import_large(u, path, buf_view(&held), out);
	} else if (ok) {
		u->bytes += held.n;
		ok = u->bytes <= UNPACK_BYTES_MAX ? stored(u, store_put(u->store, buf_view(&held), out), path) :
				bad(&u->r, "it holds too much");
	}
	buf_free(&held);
	return ok;
}

/* "./a//b/" is "a/b"; "" is the root.  false for what leads out of the archive. */
static bool inner_path(struct unpacking *u, const char *given, str *out)
{
	if (!given || *given == '/' || !os_normalize(&u->mem, str_c(given), out))
		return bad(&u->r, str_fmt(&u->mem, "the path '%s' leads out of it", given ? given : "").p);
	if (str_eq(*out, S(".")))
		*out = S("");
	return true;
}

static bool import_hard_link(struct unpacking *u, const char *to, struct item *item)
{
	const struct item *other;
	str path;

	if (!inner_path(u, to, &path))
		return false;
	other = map_get(&u->items, path);
	if (!other || other->kind == TREE_DIR)
		return bad(&u->r, str_fmt(&u->mem, "'%s' is linked to, and is no file before that", to).p);
	*item = *other;
	return true;
}

static bool import_entry(struct unpacking *u, struct archive_entry *e)
{
	const struct unpack_table *t = u->r.t;
	struct item *item = arena_make(&u->mem, struct item);
	const char *link = t->hardlink(e);
	str path;

	if (!inner_path(u, t->pathname(e), &path))
		return false;
	if (u->items.n >= UNPACK_ENTRIES_MAX)
		return bad(&u->r, "it has too many entries");
	item->executable = t->perm(e) & 0100;
	if (link) {
		if (!import_hard_link(u, link, item))
			return false;
	} else if (t->filetype(e) == AE_IFREG) {
		item->kind = TREE_FILE;
		if (!import_file(u, path, &item->digest))
			return false;
	} else if (t->filetype(e) == AE_IFLNK) {
		item->kind = TREE_SYMLINK;
		item->target = str_dup(&u->mem, str_c(t->symlink(e)));
	} else if (t->filetype(e) == AE_IFDIR) {
		item->kind = TREE_DIR;
	} else {
		return bad(&u->r, str_fmt(&u->mem, "'%.*s' is no file, directory or link", STR_ARG(path)).p);
	}
	if (path.n)
		map_put(&u->items, path, item);
	return true;
}

/* Names that a later entry took are not there any more; what is both a file and a folder clashes. */
static bool build(struct unpacking *u, struct tree **out)
{
	struct tree_builder *b = tree_builder_new();
	str clash = {0};

	for (size_t i = 0; i < u->items.n; i++) {
		str path = u->items.entries[i].key;
		const struct item *item = u->items.entries[i].value;

		if (item->kind == TREE_FILE)
			tree_put_file(b, path, &item->digest, item->executable);
		else if (item->kind == TREE_SYMLINK)
			tree_put_symlink(b, path, item->target);
		else
			tree_put_dir(b, path);
	}
	*out = tree_builder_end(b, &u->mem, &clash);
	return *out || bad(&u->r, str_fmt(&u->mem, "the path '%.*s' cannot be", STR_ARG(clash)).p);
}

bool unpack_archive(struct store *s, int fd, str name, struct tree_entry *out, struct diags *diags)
{
	struct unpacking u = {.store = s};
	struct archive_entry *e;
	struct tree *tree = NULL;
	bool more = true, ok = begin(&u.r, fd, name, false, diags);

	while (ok && (ok = next(&u.r, &e, &more)) && more)
		ok = import_entry(&u, e);
	ok = ok && build(&u, &tree) && stored(&u, store_put_tree(s, tree), name);
	if (!ok) {
		tree_unref(tree);
		tree = NULL;
	}
	*out = (struct tree_entry){.kind = TREE_DIR, .dir = tree};
	end(&u.r);
	map_free(&u.items);
	arena_clear(&u.mem);
	return ok;
}
