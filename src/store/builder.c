#include "store_int.h"

#include <stdlib.h>

/* A level being built is a finished tree, `base`, and what was put over it: an entry of `over` hides
 * base's entry of the same name (a directory there contains base's).  So a tree put into an empty
 * place costs nothing, and a level that nothing was put over ends as the very tree it began with. */
struct level {
	struct tree *base; /* one reference; NULL is empty */
	struct map over;   /* name → struct item */
};

struct item {
	struct tree_entry entry; /* name and target in the builder's arena; dir unused */
	struct level *level;     /* DIR */
};

struct tree_builder {
	struct arena arena;
	struct level root;
	str last_dir;       /* where the last file or link went: puts come in runs */
	struct level *last;
	bool failed;
	str clash;
};

struct tree_builder *tree_builder_new(void)
{
	return mem_make(struct tree_builder);
}

/* The first failure is the one to report. */
static enum tree_put fail(struct tree_builder *b, enum tree_put how, str path)
{
	if (!b->failed)
		b->clash = str_dup(&b->arena, path);
	b->failed = true;
	return how;
}

static struct item *add_item(struct tree_builder *b, struct level *l, const struct tree_entry *e)
{
	struct item *item = arena_make(&b->arena, struct item);

	item->entry = *e;
	item->entry.name = str_dup(&b->arena, e->name);
	item->entry.target = str_dup(&b->arena, e->target);
	item->entry.dir = NULL;
	if (e->kind == TREE_DIR) {
		item->level = arena_make(&b->arena, struct level);
		item->level->base = tree_ref(e->dir);
	}
	map_put(&l->over, item->entry.name, item);
	return item;
}

/* What a name means at a level; NULL when nothing.  *item is set if it has one. */
static const struct tree_entry *look(const struct level *l, str name, struct item **item)
{
	*item = map_get(&l->over, name);
	if (*item)
		return &(*item)->entry;
	return l->base ? tree_child(l->base, name) : NULL;
}

/* The level of a directory, made when absent; NULL when something else has its name. */
static struct level *enter(struct tree_builder *b, struct level *l, str name, bool *fresh)
{
	struct item *item;
	const struct tree_entry *e = look(l, name, &item);
	struct tree_entry none = {.name = name, .kind = TREE_DIR};

	*fresh = !e;
	if (e && e->kind != TREE_DIR)
		return NULL;
	if (!item)
		item = add_item(b, l, e ? e : &none);
	return item->level;
}

/* The level of a directory.  *depth counts its components, *fresh tells whether the last was made now;
 * `whole` is the path to complain about. */
static enum tree_put descend(struct tree_builder *b, str path, str whole, struct level **out, unsigned *depth,
		bool *fresh)
{
	struct level *l = &b->root;
	str name, rest = path;
	bool more = path.n != 0;

	*fresh = false;
	for (*depth = 0; more; ++*depth) {
		more = str_cut(rest, '/', &name, &rest);
		if (!tree_name_ok(name) || *depth == TREE_DEPTH_MAX)
			return fail(b, TREE_PUT_INVALID, whole);
		l = enter(b, l, name, fresh);
		if (!l)
			return fail(b, TREE_PUT_CLASH, str_of(path.p, (size_t)(name.p + name.n - path.p)));
	}
	*out = l;
	return TREE_PUT_OK;
}

/* Splits at the last slash and finds the level of what is before it. */
static enum tree_put parent_of(struct tree_builder *b, str path, struct level **out, str *name)
{
	size_t at = path.n;
	enum tree_put how;
	unsigned depth;
	bool fresh;
	str dir;

	while (at > 0 && path.p[at - 1] != '/')
		at--;
	*name = str_from(path, at);
	dir = str_upto(path, at ? at - 1 : 0);
	if (!tree_name_ok(*name) || (at && dir.n == 0))
		return fail(b, TREE_PUT_INVALID, path);
	if (b->last && str_eq(dir, b->last_dir)) {
		*out = b->last;
		return TREE_PUT_OK;
	}
	how = descend(b, dir, path, out, &depth, &fresh);
	if (how == TREE_PUT_OK) {
		b->last = *out;
		b->last_dir = str_dup(&b->arena, dir);
	}
	return how;
}

static enum tree_put put_leaf(struct tree_builder *b, str path, struct tree_entry *e)
{
	const struct tree_entry *there;
	struct item *item;
	struct level *l;
	enum tree_put how = parent_of(b, path, &l, &e->name);

	if (how != TREE_PUT_OK)
		return how;
	there = look(l, e->name, &item);
	if (!there)
		add_item(b, l, e);
	else if (there->kind == TREE_DIR || !tree_entry_same(there, e))
		return fail(b, TREE_PUT_CLASH, path);
	return there ? TREE_PUT_SAME : TREE_PUT_OK;
}

enum tree_put tree_put_file(struct tree_builder *b, str path, const struct digest *d, bool executable)
{
	struct tree_entry e = {.kind = TREE_FILE, .executable = executable, .digest = *d};

	return put_leaf(b, path, &e);
}

enum tree_put tree_put_symlink(struct tree_builder *b, str path, str target)
{
	struct tree_entry e = {.kind = TREE_SYMLINK, .target = target};

	if (target.n == 0 || memchr(target.p, '\0', target.n))
		return fail(b, TREE_PUT_INVALID, path);
	return put_leaf(b, path, &e);
}

enum tree_put tree_put_dir(struct tree_builder *b, str path)
{
	struct level *l;
	unsigned depth;
	bool fresh;
	enum tree_put how = descend(b, path, path, &l, &depth, &fresh);

	return how == TREE_PUT_OK && !fresh ? TREE_PUT_SAME : how;
}

/* ---- merging ---- */

/* Where a merge is, for the path of a clash. */
struct where {
	const struct where *up;
	str name; /* the path of the merge itself in the outermost */
};

static void where_text(const struct where *w, struct buf *out)
{
	if (w->up)
		where_text(w->up, out);
	if (out->n)
		buf_c(out, '/');
	buf_str(out, w->name);
}

static enum tree_put clash_at(struct tree_builder *b, const struct where *up, str name)
{
	struct where w = {up, name};
	struct buf text = {0};

	where_text(&w, &text);
	fail(b, TREE_PUT_CLASH, buf_view(&text));
	buf_free(&text);
	return TREE_PUT_CLASH;
}

static enum tree_put merge_into(struct tree_builder *, struct level *, struct tree *, const struct where *);

static enum tree_put merge_dir(struct tree_builder *b, struct item *item, const struct tree_entry *e,
		const struct where *up)
{
	struct where here = {up, e->name};

	return merge_into(b, item->level, e->dir, &here);
}

static enum tree_put merge_entry(struct tree_builder *b, struct level *l, const struct tree_entry *e,
		const struct where *up)
{
	struct item *item;
	const struct tree_entry *there = look(l, e->name, &item);

	if (!there) {
		add_item(b, l, e);
		return TREE_PUT_OK;
	}
	if (!item && tree_entry_same(there, e))
		return TREE_PUT_SAME;
	if (there->kind == TREE_DIR && e->kind == TREE_DIR)
		return merge_dir(b, item ? item : add_item(b, l, there), e, up);
	return tree_entry_same(there, e) ? TREE_PUT_SAME : clash_at(b, up, e->name);
}

/* A level without a base takes the tree for it; only what was put before has to be looked at. */
static enum tree_put merge_under(struct tree_builder *b, struct level *l, struct tree *t, const struct where *up)
{
	for (size_t i = 0; i < l->over.n; i++) {
		struct item *item = l->over.entries[i].value;
		const struct tree_entry *e = tree_child(t, item->entry.name);
		enum tree_put how = TREE_PUT_SAME;

		if (e && e->kind == TREE_DIR && item->entry.kind == TREE_DIR)
			how = merge_dir(b, item, e, up);
		else if (e && !tree_entry_same(e, &item->entry))
			how = clash_at(b, up, e->name);
		if (how == TREE_PUT_CLASH)
			return how;
	}
	l->base = tree_ref(t);
	return TREE_PUT_OK;
}

static enum tree_put merge_into(struct tree_builder *b, struct level *l, struct tree *t, const struct where *up)
{
	enum tree_put all = TREE_PUT_SAME;

	if (!l->base)
		return merge_under(b, l, t, up);
	if (l->base == t)
		return TREE_PUT_SAME;
	for (size_t i = 0; i < t->n; i++) {
		enum tree_put how = merge_entry(b, l, &t->entries[i], up);

		if (how == TREE_PUT_CLASH)
			return how;
		if (how == TREE_PUT_OK)
			all = how;
	}
	return all;
}

enum tree_put tree_put_tree(struct tree_builder *b, str path, struct tree *t)
{
	struct where top = {NULL, path};
	struct level *l;
	unsigned depth;
	bool fresh;
	enum tree_put how = descend(b, path, path, &l, &depth, &fresh);

	if (how != TREE_PUT_OK)
		return how;
	if (depth + t->depth > TREE_DEPTH_MAX)
		return fail(b, TREE_PUT_INVALID, path);
	how = merge_into(b, l, t, &top);
	return fresh && how == TREE_PUT_SAME ? TREE_PUT_OK : how;
}

/* ---- the end ---- */

static int compare_items(const void *a, const void *b)
{
	const struct item *x = *(struct item *const *)a, *y = *(struct item *const *)b;

	return str_cmp(x->entry.name, y->entry.name);
}

static struct item **sorted_items(const struct level *l)
{
	struct item **items = mem_array(struct item *, l->over.n);

	for (size_t i = 0; i < l->over.n; i++)
		items[i] = l->over.entries[i].value;
	qsort(items, l->over.n, sizeof(struct item *), compare_items);
	return items;
}

static struct tree *finish(struct level *);

/* Entries of both in order, each directory with a reference; false when they are base's own. */
static bool join(const struct level *l, struct tree_entry *out, size_t *n)
{
	struct item **items = sorted_items(l);
	size_t nbase = l->base ? l->base->n : 0, at = 0;
	bool changed = false;

	*n = 0;
	for (size_t i = 0; i < l->over.n || at < nbase;) {
		const struct tree_entry *old = at < nbase ? &l->base->entries[at] : NULL;
		int order = !old ? 1 : i == l->over.n ? -1 : str_cmp(old->name, items[i]->entry.name);
		struct tree_entry *e = &out[(*n)++];

		if (order < 0) {
			*e = *old;
			tree_ref(e->dir);
		} else {
			*e = items[i]->entry;
			if (e->kind == TREE_DIR)
				e->dir = finish(items[i]->level);
			changed |= order > 0 || e->dir != old->dir;
			i++;
		}
		at += order <= 0;
	}
	mem_free(items);
	return changed;
}

/* Ends the level: its parts are freed. */
static struct tree *finish(struct level *l)
{
	struct tree_entry *entries;
	struct tree *t;
	size_t n;

	if (l->over.n == 0)
		return l->base ? l->base : tree_empty();
	entries = mem_array(struct tree_entry, l->over.n + (l->base ? l->base->n : 0));
	if (join(l, entries, &n)) {
		t = tree_node(entries, n);
		tree_unref(l->base);
	} else {
		t = l->base;
		for (size_t i = 0; i < n; i++)
			tree_unref(entries[i].dir);
	}
	mem_free(entries);
	map_free(&l->over);
	return t;
}

static void drop(struct level *l)
{
	for (size_t i = 0; i < l->over.n; i++) {
		struct item *item = l->over.entries[i].value;

		if (item->level)
			drop(item->level);
	}
	map_free(&l->over);
	tree_unref(l->base);
}

struct tree *tree_builder_end(struct tree_builder *b, struct arena *a, str *clash)
{
	struct tree *t = NULL;

	if (!b->failed) {
		t = finish(&b->root);
	} else {
		drop(&b->root);
		if (clash)
			*clash = str_dup(a, b->clash);
	}
	arena_clear(&b->arena);
	mem_free(b);
	return t;
}

/* ---- made of it ---- */

struct tree *tree_merge(struct tree *x, struct tree *y, struct arena *a, str *clash)
{
	struct tree_builder *b = tree_builder_new();
	bool swap = x->nodes < y->nodes;

	tree_put_tree(b, S(""), swap ? y : x);
	tree_put_tree(b, S(""), swap ? x : y);
	return tree_builder_end(b, a, clash);
}

struct tree *tree_below(struct tree *t, str path)
{
	struct tree_builder *b = tree_builder_new();

	tree_put_tree(b, path, t);
	return tree_builder_end(b, NULL, NULL);
}
