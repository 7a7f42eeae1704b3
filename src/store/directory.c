#include "store_int.h"
#include <straylight/wire.h>

#include <errno.h>
#include <stdlib.h>

/* REAPI's Directory, as far as we write it (no node properties):
 *	Directory     { repeated FileNode files = 1; repeated DirectoryNode directories = 2;
 *	                repeated SymlinkNode symlinks = 3; }
 *	FileNode      { string name = 1; Digest digest = 2; bool is_executable = 4; }
 *	DirectoryNode { string name = 1; Digest digest = 2; }
 *	SymlinkNode   { string name = 1; string target = 2; }
 * Each list is sorted by name; no name is in two of them. */

static const unsigned field_of[] = {[TREE_FILE] = 1, [TREE_DIR] = 2, [TREE_SYMLINK] = 3};

/* ---- writing ---- */

static void write_node(const struct tree_entry *e, enum digest_fn fn, struct buf *out)
{
	size_t mark = wire_begin(out, field_of[e->kind]);

	wire_str(out, 1, e->name);
	if (e->kind == TREE_SYMLINK)
		wire_str(out, 2, e->target);
	else
		wire_digest(out, 2, e->dir ? tree_digest(e->dir, fn) : &e->digest);
	wire_bool(out, 4, e->executable);
	wire_end(out, mark);
}

void directory_write(const struct tree_entry *entries, size_t n, enum digest_fn fn, struct buf *out)
{
	static const enum tree_kind order[] = {TREE_FILE, TREE_DIR, TREE_SYMLINK};

	for (size_t k = 0; k < SL_COUNT(order); k++)
		for (size_t i = 0; i < n; i++)
			if (entries[i].kind == order[k])
				write_node(&entries[i], fn, out);
}

void tree_message(struct tree *t, enum digest_fn fn, struct buf *out)
{
	directory_write(t->entries, t->n, fn, out);
}

/* ---- reading ---- */

static bool next_bytes(struct wire *w, unsigned number, str *out)
{
	struct wire_field f;

	if (!wire_next(w, &f) || f.number != number || f.type != WIRE_BYTES)
		return false;
	*out = f.bytes;
	return true;
}

static bool next_digest(struct wire *w, struct digest *out)
{
	struct wire_field f;

	return wire_next(w, &f) && f.number == 2 && wire_get_digest(&f, out);
}

static bool read_node(const struct wire_field *f, struct tree_entry *e)
{
	struct wire w = wire_over(f->bytes);
	struct wire_field last;

	*e = (struct tree_entry){.kind = f->number == 1 ? TREE_FILE : f->number == 2 ? TREE_DIR : TREE_SYMLINK};
	if (!next_bytes(&w, 1, &e->name) || !tree_name_ok(e->name))
		return false;
	if (e->kind == TREE_SYMLINK)
		return next_bytes(&w, 2, &e->target) && e->target.n && !memchr(e->target.p, '\0', e->target.n) &&
				w.at == w.in.n;
	if (!next_digest(&w, &e->digest))
		return false;
	if (w.at == w.in.n)
		return true;
	if (e->kind != TREE_FILE || !wire_next(&w, &last) || last.number != 4 || last.type != WIRE_VARINT ||
			last.n != 1)
		return false;
	e->executable = true;
	return w.at == w.in.n;
}

static int compare_entries(const void *a, const void *b)
{
	return str_cmp(((const struct tree_entry *)a)->name, ((const struct tree_entry *)b)->name);
}

static bool count_nodes(str bytes, size_t *n)
{
	struct wire w = wire_over(bytes);
	struct wire_field f;

	for (*n = 0; wire_next(&w, &f); ++*n)
		if (f.number > 3 || f.type != WIRE_BYTES)
			return false;
	return !w.bad;
}

/* The three lists one after the other, each strictly sorted. */
static bool read_lists(str bytes, struct tree_entry *entries)
{
	struct wire w = wire_over(bytes);
	struct wire_field f;
	unsigned last = 0;
	size_t n = 0;

	for (; wire_next(&w, &f); last = f.number, n++) {
		if (f.number < last || !read_node(&f, &entries[n]))
			return false;
		if (f.number == last && compare_entries(&entries[n - 1], &entries[n]) >= 0)
			return false;
	}
	return true;
}

bool directory_read(str bytes, struct arena *a, struct tree_entry **entries, size_t *n)
{
	if (!count_nodes(bytes, n))
		return false;
	*entries = arena_array(a, struct tree_entry, *n);
	if (!read_lists(bytes, *entries))
		return false;
	qsort(*entries, *n, sizeof **entries, compare_entries);
	for (size_t i = 1; i < *n; i++)
		if (compare_entries(&(*entries)[i - 1], &(*entries)[i]) == 0)
			return false;
	return true;
}

/* ---- into the store ---- */

/* Children before their parent, so that what is written always has its parts. */
int store_put_tree(struct store *s, struct tree *t)
{
	unsigned long long epoch = seen_epoch(&s->seen);
	const struct digest *d = tree_digest(t, s->fn);
	struct buf message = {0};
	struct digest written;
	int err = 0;

	if (seen_has(&s->seen, SEEN_DIRS, d))
		return 0;
	for (size_t i = 0; i < t->n && err == 0; i++)
		if (t->entries[i].kind == TREE_DIR)
			err = store_put_tree(s, t->entries[i].dir);
	if (err < 0)
		return err;
	tree_message(t, s->fn, &message);
	err = store_put(s, buf_view(&message), &written);
	buf_free(&message);
	if (err == 0)
		seen_add(&s->seen, epoch, SEEN_DIRS, d);
	return err;
}

/* ---- and out of it ---- */

struct load {
	struct store *store;
	struct arena arena;
	struct map loaded; /* digest bytes → struct tree *, one reference each */
};

static int load_tree(struct load *, const struct digest *, unsigned depth, struct tree **out);

static int load_children(struct load *l, struct tree_entry *entries, size_t n, unsigned depth)
{
	uint64_t nodes = n;
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		if (entries[i].kind != TREE_DIR)
			continue;
		err = load_tree(l, &entries[i].digest, depth + 1, &entries[i].dir);
		if (err == 0 && (nodes += entries[i].dir->nodes) > TREE_NODES_MAX)
			err = -E2BIG;
	}
	return err;
}

static int load_message(struct load *l, str bytes, unsigned depth, struct tree **out)
{
	struct tree_entry *entries;
	size_t n;
	int err;

	if (!directory_read(bytes, &l->arena, &entries, &n))
		return -EBADMSG;
	err = load_children(l, entries, n, depth);
	if (err == 0) {
		*out = tree_node(entries, n);
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		tree_unref(entries[i].dir);
	return err;
}

/* *out has a reference of its own. */
static int load_tree(struct load *l, const struct digest *d, unsigned depth, struct tree **out)
{
	str key = str_of((const char *)d->b, sizeof d->b);
	struct tree *t = map_get(&l->loaded, key);
	struct blob *bytes;
	int err;

	if (t && digest_eq(tree_digest(t, l->store->fn), d)) {
		*out = tree_ref(t);
		return 0;
	}
	if (depth > TREE_DEPTH_MAX)
		return -E2BIG;
	err = store_get(l->store, d, &bytes);
	if (err < 0)
		return err;
	err = load_message(l, blob_str(bytes), depth, &t);
	blob_unref(bytes);
	if (err < 0)
		return err;
	tree_known(t, l->store->fn, d);
	key = str_dup(&l->arena, key);
	map_put(&l->loaded, key, tree_ref(t));
	*out = t;
	return 0;
}

int store_get_tree(struct store *s, const struct digest *root, struct tree **out)
{
	struct load l = {.store = s};
	int err = load_tree(&l, root, 0, out);

	if (err < 0)
		*out = NULL;
	for (size_t i = 0; i < l.loaded.n; i++)
		tree_unref(l.loaded.entries[i].value);
	map_free(&l.loaded);
	arena_clear(&l.arena);
	return err;
}

/* ---- presence ---- */

static bool files_there(struct store *s, const struct tree *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct tree_entry *e = &t->entries[i];

		if (e->kind == TREE_FILE && !store_has(s, &e->digest))
			return false;
		if (e->kind == TREE_DIR && !files_there(s, e->dir))
			return false;
	}
	return true;
}

bool store_has_tree(struct store *s, const struct digest *root)
{
	unsigned long long epoch = seen_epoch(&s->seen);
	struct tree *t;
	bool whole;

	if (seen_has(&s->seen, SEEN_WHOLE, root))
		return true;
	if (store_get_tree(s, root, &t) < 0)
		return false;
	whole = files_there(s, t);
	tree_unref(t);
	if (whole)
		seen_add(&s->seen, epoch, SEEN_WHOLE, root);
	return whole;
}
