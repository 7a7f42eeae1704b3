#include "store_int.h"

static struct tree empty_tree = {.refs = 1};

struct tree *tree_empty(void)
{
	return tree_ref(&empty_tree);
}

struct tree *tree_ref(struct tree *t)
{
	if (t)
		atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
	return t;
}

void tree_unref(struct tree *t)
{
	if (!t || atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < t->n; i++)
		tree_unref(t->entries[i].dir);
	for (size_t i = 0; i < SL_COUNT(t->digest); i++)
		mem_free(atomic_load(&t->digest[i]));
	mem_free(atomic_load(&t->shape));
	mem_free(t);
}

/* ---- making a node ---- */

static uint64_t add_saturating(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static void account(struct tree *t, const struct tree_entry *e)
{
	t->nodes = add_saturating(t->nodes, 1);
	if (e->kind == TREE_FILE) {
		t->files = (size_t)add_saturating(t->files, 1);
		t->bytes = add_saturating(t->bytes, (uint64_t)e->digest.size);
	} else if (e->kind == TREE_DIR) {
		t->files = (size_t)add_saturating(t->files, e->dir->files);
		t->bytes = add_saturating(t->bytes, e->dir->bytes);
		t->nodes = add_saturating(t->nodes, e->dir->nodes);
		if (e->dir->depth >= t->depth)
			t->depth = e->dir->depth + 1;
	}
}

static str move_in(char **at, str s)
{
	char *p = *at;

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	*at += s.n + 1;
	return str_of(p, s.n);
}

struct tree *tree_node(const struct tree_entry *entries, size_t n)
{
	size_t size = sizeof(struct tree) + mem_size(n, sizeof *entries);
	struct tree *t;
	char *text;

	if (n == 0)
		return tree_empty();
	for (size_t i = 0; i < n; i++)
		size += entries[i].name.n + entries[i].target.n + 2;
	t = mem_alloc(size);
	atomic_init(&t->refs, 1);
	t->n = n;
	t->entries = (struct tree_entry *)(t + 1);
	text = (char *)(t->entries + n);
	for (size_t i = 0; i < n; i++) {
		struct tree_entry *e = &t->entries[i];

		*e = entries[i];
		e->name = move_in(&text, entries[i].name);
		e->target = move_in(&text, entries[i].target);
		account(t, e);
	}
	return t;
}

/* ---- looking ---- */

size_t tree_count(const struct tree *t)
{
	return t->n;
}

const struct tree_entry *tree_entries(const struct tree *t)
{
	return t->entries;
}

size_t tree_files(const struct tree *t)
{
	return t->files;
}

uint64_t tree_bytes(const struct tree *t)
{
	return t->bytes;
}

const struct tree_entry *tree_child(const struct tree *t, str name)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = str_cmp(t->entries[mid].name, name);

		if (order == 0)
			return &t->entries[mid];
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const struct tree_entry *tree_find(const struct tree *t, str path)
{
	const struct tree_entry *e = NULL;
	str name;
	bool more = true;

	while (more) {
		more = str_cut(path, '/', &name, &path);
		e = t ? tree_child(t, name) : NULL;
		if (!e)
			return NULL;
		t = e->kind == TREE_DIR ? e->dir : NULL;
	}
	return e;
}

bool tree_name_ok(str name)
{
	return name.n && !str_eq(name, S(".")) && !str_eq(name, S("..")) && !memchr(name.p, '/', name.n) &&
			!memchr(name.p, '\0', name.n);
}

static bool dirs_known_same(struct tree *a, struct tree *b)
{
	if (a == b)
		return true;
	for (size_t i = 0; i < SL_COUNT(a->digest); i++) {
		const struct digest *da = atomic_load(&a->digest[i]), *db = atomic_load(&b->digest[i]);

		if (da && db)
			return digest_eq(da, db);
	}
	return false;
}

/* For directories: known to be the same without looking inside. */
bool tree_entry_same(const struct tree_entry *a, const struct tree_entry *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case TREE_FILE: return a->executable == b->executable && digest_eq(&a->digest, &b->digest);
	case TREE_SYMLINK: return str_eq(a->target, b->target);
	case TREE_DIR: return dirs_known_same(a->dir, b->dir);
	}
	return false;
}

/* ---- names ----
 * Computed by whoever asks first; of several who ask at once, one publishes. */

static const struct digest *publish(struct tree *t, size_t slot, const struct digest *known)
{
	struct digest *d = mem_make(struct digest), *there = NULL;

	*d = *known;
	if (atomic_compare_exchange_strong(&t->digest[slot], &there, d))
		return d;
	mem_free(d);
	return there;
}

static size_t slot_of(enum digest_fn fn)
{
	return fn == DIGEST_BLAKE3;
}

void tree_known(struct tree *t, enum digest_fn fn, const struct digest *d)
{
	if (!atomic_load(&t->digest[slot_of(fn)]))
		publish(t, slot_of(fn), d);
}

const struct digest *tree_digest(struct tree *t, enum digest_fn fn)
{
	const struct digest *there = atomic_load(&t->digest[slot_of(fn)]);
	struct buf message = {0};
	struct digest d;

	if (there)
		return there;
	tree_message(t, fn, &message);
	d = digest_of(fn, buf_view(&message));
	buf_free(&message);
	return publish(t, slot_of(fn), &d);
}

/* What the shape hashes, per entry: kind ('f', 'x', 'd' or 'l'), the name and a NUL; then the shape
 * of a directory or the target of a link and a NUL. */
static void shape_entry(struct hasher *h, const struct tree_entry *e)
{
	char kind = e->kind == TREE_DIR ? 'd' : e->kind == TREE_SYMLINK ? 'l' : e->executable ? 'x' : 'f';

	hasher_add(h, &kind, 1);
	hasher_add(h, e->name.p, e->name.n + 1);
	if (e->kind == TREE_DIR)
		hasher_add(h, tree_shape(e->dir), 32);
	else if (e->kind == TREE_SYMLINK)
		hasher_add(h, e->target.p, e->target.n + 1);
}

const unsigned char *tree_shape(struct tree *t)
{
	unsigned char *shape = atomic_load(&t->shape), *there = NULL;
	struct hasher *h;
	struct digest d;

	if (shape)
		return shape;
	h = hasher_new(DIGEST_SHA256);
	for (size_t i = 0; i < t->n; i++)
		shape_entry(h, &t->entries[i]);
	hasher_end(h, &d);
	shape = mem_alloc(sizeof d.b);
	memcpy(shape, d.b, sizeof d.b);
	if (atomic_compare_exchange_strong(&t->shape, &there, shape))
		return shape;
	mem_free(shape);
	return there;
}
