#include "drv_source.h"
#include "scan.h"

#include <straylight/nar.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define DEPTH_MAX 1000 /* of sources that refer to sources */

struct drv_sources {
	struct arena arena;
	struct store *store;
	struct valids *valids;
	const struct closure *closure;
	str store_dir;
	str *names; /* of every store path that lies in one of the folders, as full paths */
	size_t nnames;
	bool listed;
	unsigned depth;
};

struct drv_sources *drv_sources_new(struct store *store, struct valids *valids, const struct closure *closure, str store_dir)
{
	struct drv_sources *s = mem_make(struct drv_sources);

	s->store = store;
	s->valids = valids;
	s->closure = closure;
	s->store_dir = str_dup(&s->arena, store_dir);
	return s;
}

void drv_sources_free(struct drv_sources *s)
{
	if (!s)
		return;
	arena_clear(&s->arena);
	mem_free(s);
}

/* ---- where they lie ---- */

/* What a text could refer to: only needed when its path says that it refers to something. */
static void list_names(struct drv_sources *s)
{
	const str *folders;
	size_t nfolders, n;
	VEC(str) all = {0};
	str *names;

	if (s->listed)
		return;
	s->listed = true;
	folders = closure_folders(s->closure, &nfolders, &s->arena);
	for (size_t i = 0; i < nfolders; i++) {
		if (os_list(&s->arena, folders[i].p, &names, &n) < 0)
			continue;
		for (size_t k = 0; k < n; k++) {
			str path = str_c(os_join(&s->arena, s->store_dir, names[k]));

			if (storepath_parse(s->store_dir, path, NULL, NULL))
				vec_push(&all, path);
		}
	}
	s->names = arena_array(&s->arena, str, all.n);
	if (all.n)
		memcpy(s->names, all.p, all.n * sizeof *all.p);
	s->nnames = all.n;
	vec_free(&all);
}

static const char *find(struct drv_sources *s, str path, struct stat *st)
{
	const str *folders;
	size_t n;

	folders = closure_folders(s->closure, &n, &s->arena);
	for (size_t i = 0; i < n; i++) {
		const char *file = os_join(&s->arena, folders[i], str_from(path, s->store_dir.n + 1));

		if (lstat(file, st) == 0)
			return file;
	}
	return NULL;
}

/* ---- what they are ---- */

struct reading {
	struct nix_hasher *hasher;
	struct scan *scan;
	uint64_t size;
};

static bool read_part(void *ud, str bytes)
{
	struct reading *r = ud;

	nix_hasher_add(r->hasher, bytes.p, bytes.n);
	if (r->scan)
		scan_add(r->scan, bytes);
	r->size += bytes.n;
	return true;
}

/* How the content makes the path; false when it does not. */
static bool explain(struct drv_sources *s, str path, struct valid *v, const struct nix_hash *flat, struct storepath_refs refs)
{
	str dir = s->store_dir, name;

	if (!storepath_parse(dir, path, NULL, &name))
		return false;
	if (str_eq(storepath_fixed(&s->arena, dir, name, true, &v->nar_hash, refs), path)) {
		v->ca = str_fmt(&s->arena, "fixed:r:%.*s", STR_ARG(nix_hash_str(&s->arena, &v->nar_hash, NIX_BASE32, true)));
		return true;
	}
	if (!flat)
		return false;
	if (!refs.n && !refs.self && str_eq(storepath_fixed(&s->arena, dir, name, false, flat, refs), path)) {
		v->ca = str_fmt(&s->arena, "fixed:%.*s", STR_ARG(nix_hash_str(&s->arena, flat, NIX_BASE32, true)));
		return true;
	}
	if (!str_eq(storepath_text(&s->arena, dir, name, flat, refs), path))
		return false;
	v->ca = str_fmt(&s->arena, "text:%.*s", STR_ARG(nix_hash_str(&s->arena, flat, NIX_BASE32, true)));
	return true;
}

static bool read_nar(struct drv_sources *s, struct scan *scan, struct valid *v, struct diags *diags)
{
	struct reading r = {nix_hasher_new(NIX_SHA256), scan, 0};
	bool ok = nar_dump_entry(s->store, &v->entry, read_part, &r, diags);

	nix_hasher_end(r.hasher, &v->nar_hash);
	v->nar_size = r.size;
	return ok;
}

static bool hash_flat(struct drv_sources *s, const struct valid *v, struct nix_hash *out, struct diags *diags)
{
	struct blob *b;
	int err = store_get(s->store, &v->entry.digest, &b);

	if (err) {
		os_error(diags, DIAG_IO, err, "reading", v->path);
		return false;
	}
	*out = nix_hash_of(NIX_SHA256, blob_str(b));
	blob_unref(b);
	return true;
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

/* Its references are those that make its path come out: none, or all that stand in it. */
static bool identify(struct drv_sources *s, str path, const struct nix_hash *flat, struct valid *v, struct diags *diags)
{
	struct scan *scan;
	struct storepath_refs refs = {0};
	const str *found;
	str *others;
	size_t n;
	bool ok;

	if (!read_nar(s, NULL, v, diags))
		return false;
	if (explain(s, path, v, flat, refs))
		return true;
	list_names(s);
	scan = scan_new(s->store_dir, s->names, s->nnames);
	ok = read_nar(s, scan, v, diags);
	found = scan_found(scan, &s->arena, &n);
	scan_free(scan);
	others = arena_array(&s->arena, str, n);
	for (size_t i = 0; i < n; i++) {
		if (str_eq(found[i], path))
			refs.self = true;
		else
			others[refs.n++] = found[i];
	}
	if (refs.n)
		qsort(others, refs.n, sizeof *others, by_text);
	refs.paths = others;
	if (!ok || !explain(s, path, v, flat, refs))
		return false;
	if (n)
		qsort((str *)(uintptr_t)found, n, sizeof *found, by_text);
	v->refs = found;
	v->nrefs = n;
	return true;
}

static bool import(struct drv_sources *s, const char *file, const struct stat *st, struct valid *v, struct diags *diags)
{
	char target[PATH_MAX];
	struct tree *tree;
	str bad = {0};
	ssize_t n;
	int err = 0;

	v->entry.executable = st->st_mode & 0100;
	if (S_ISREG(st->st_mode)) {
		v->entry.kind = TREE_FILE;
		err = store_put_file(s->store, file, &v->entry.digest);
	} else if (S_ISLNK(st->st_mode)) {
		v->entry.kind = TREE_SYMLINK;
		n = readlink(file, target, sizeof target);
		err = n < 0 ? -errno : 0;
		v->entry.target = n < 0 ? S("") : str_dup(&s->arena, str_of(target, (size_t)n));
	} else {
		v->entry.kind = TREE_DIR;
		err = store_import(s->store, file, &tree, &s->arena, &bad);
		if (!err) {
			v->entry.dir = tree;
			err = store_put_tree(s->store, tree);
		}
	}
	if (err)
		os_error(diags, DIAG_IO, err, "reading", bad.p ? bad : str_c(file));
	return !err;
}

/* ---- one ---- */

static const struct valid *refuse(str path, str user, const char *file, struct diags *diags)
{
	struct diag *d;

	if (!file) {
		d = diag_error(diags, DIAG_DRV_SOURCE, NO_SPAN, "the source '%.*s' is not there", STR_ARG(path));
		diag_hint(diags, d, "put it beside the derivation, under its name, or name a binary cache that has it with --substituters=URL");
	} else {
		d = diag_error(diags, DIAG_DRV_SOURCE, NO_SPAN, "'%s' is not the source that its name says", file);
		diag_hint(diags, d, "its content has changed, or a path that it refers to is missing beside it");
	}
	diag_note(diags, d, NO_SPAN, "needed by '%.*s'", STR_ARG(user));
	return NULL;
}

/* It is read into the CAS first: what is hashed is what was read. */
static const struct valid *keep(struct drv_sources *s, struct valid *v, str user, const char *file, struct diags *diags)
{
	bool is_file = v->entry.kind == TREE_FILE;
	struct nix_hash flat;
	size_t errors = diags->errors;

	if (is_file && !hash_flat(s, v, &flat, diags))
		return NULL;
	if (!identify(s, v->path, is_file ? &flat : NULL, v, diags))
		return diags->errors > errors ? NULL : refuse(v->path, user, file, diags);
	for (size_t i = 0; i < v->nrefs; i++)
		if (!str_eq(v->refs[i], v->path) && !drv_source(s, v->refs[i], v->path, diags))
			return NULL;
	return valids_put(s->valids, v);
}

static const struct valid *take(struct drv_sources *s, str path, str user, struct diags *diags)
{
	struct valid v = {.path = path};
	struct stat st;
	const char *file = find(s, path, &st);
	const struct valid *put;

	if (!file)
		return refuse(path, user, NULL, diags);
	if (!import(s, file, &st, &v, diags))
		return NULL;
	put = keep(s, &v, user, file, diags);
	if (v.entry.kind == TREE_DIR)
		tree_unref(v.entry.dir);
	return put;
}

bool drv_source_is_near(struct drv_sources *s, str path)
{
	struct stat st;

	return valids_get(s->valids, path) || (storepath_parse(s->store_dir, path, NULL, NULL) && find(s, path, &st));
}

const struct valid *drv_source(struct drv_sources *s, str path, str user, struct diags *diags)
{
	const struct valid *known = valids_get(s->valids, path);
	const struct valid *v;

	if (known)
		return known;
	if (!storepath_parse(s->store_dir, path, NULL, NULL) || s->depth >= DEPTH_MAX)
		return refuse(path, user, NULL, diags);
	s->depth++;
	v = take(s, path, user, diags);
	s->depth--;
	return v;
}
