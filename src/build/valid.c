#include <straylight/valid.h>

#include <pthread.h>
#include <stdlib.h>

#define RECORD "valid"
#define FORM 1 /* of the record */

struct known {
	struct valid valid;
	bool whole; /* all that it refers to is at hand */
};

struct valids {
	struct arena arena; /* under the lock, as all below */
	pthread_mutex_t lock;
	struct store *store;
	str realm;
	struct map known; /* path → struct known * */
};

struct valids *valids_new(struct store *store, str realm)
{
	struct valids *t = mem_make(struct valids);

	pthread_mutex_init(&t->lock, NULL);
	t->store = store;
	t->realm = str_dup(&t->arena, realm);
	return t;
}

void valids_free(struct valids *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->known.n; i++) {
		struct known *k = t->known.entries[i].value;

		if (k->valid.entry.kind == TREE_DIR)
			tree_unref(k->valid.entry.dir);
	}
	map_free(&t->known);
	pthread_mutex_destroy(&t->lock);
	arena_clear(&t->arena);
	mem_free(t);
}

/* ---- records ---- */

static void key_of(const struct valids *t, str path, unsigned char key[32])
{
	struct hasher *h = hasher_new(DIGEST_SHA256);
	struct digest d;

	hasher_add(h, t->realm.n ? t->realm.p : "", t->realm.n);
	hasher_add(h, "", 1);
	hasher_add(h, path.p, path.n);
	hasher_end(h, &d);
	memcpy(key, d.b, 32);
}

static void write_record(const struct valid *v, const struct digest *content, struct buf *out)
{
	cbor_array(out, 11);
	cbor_uint(out, FORM);
	cbor_uint(out, v->entry.kind);
	cbor_bool(out, v->entry.executable);
	cbor_bytes(out, str_of((const char *)content->b, sizeof content->b));
	cbor_int(out, content->size);
	cbor_bytes(out, v->entry.target);
	cbor_bytes(out, str_of((const char *)v->nar_hash.b, 32));
	cbor_uint(out, v->nar_size);
	cbor_array(out, v->nrefs);
	for (size_t i = 0; i < v->nrefs; i++)
		cbor_bytes(out, v->refs[i]);
	cbor_bytes(out, v->deriver);
	cbor_bytes(out, v->ca);
}

static bool read_hash(struct cbor *c, unsigned char out[32])
{
	str s = cbor_get_bytes(c);

	if (s.n != 32)
		return false;
	memcpy(out, s.p, 32);
	return true;
}

/* The fields of a record; a tree is not loaded yet, *content is its digest. */
static bool read_record(struct valids *t, str record, struct valid *v, struct digest *content)
{
	struct cbor c = cbor_over(record);
	uint64_t kind;
	str *refs;

	if (cbor_get_array(&c) != 11 || cbor_get_uint(&c) != FORM)
		return false;
	kind = cbor_get_uint(&c);
	v->entry.executable = cbor_get_bool(&c);
	if (kind > TREE_SYMLINK || !read_hash(&c, content->b))
		return false;
	v->entry.kind = (enum tree_kind)kind;
	content->size = cbor_get_int(&c);
	v->entry.target = str_dup(&t->arena, cbor_get_bytes(&c));
	v->nar_hash.algo = NIX_SHA256;
	if (!read_hash(&c, v->nar_hash.b))
		return false;
	v->nar_size = cbor_get_uint(&c);
	v->nrefs = cbor_get_array(&c);
	v->refs = refs = arena_array(&t->arena, str, v->nrefs);
	for (size_t i = 0; i < v->nrefs; i++)
		refs[i] = str_dup(&t->arena, cbor_get_bytes(&c));
	v->deriver = str_dup(&t->arena, cbor_get_bytes(&c));
	v->ca = str_dup(&t->arena, cbor_get_bytes(&c));
	return c.bad == CBOR_OK;
}

/* The content is in the CAS, all of it. */
static bool load_content(struct valids *t, struct valid *v, const struct digest *content)
{
	switch (v->entry.kind) {
	case TREE_FILE:
		v->entry.digest = *content;
		return store_has(t->store, content);
	case TREE_DIR:
		return store_has_tree(t->store, content) && store_get_tree(t->store, content, &v->entry.dir) == 0;
	case TREE_SYMLINK: return v->entry.target.n > 0;
	}
	return false;
}

static struct known *put(struct valids *t, const struct valid *v)
{
	struct known *k = arena_make(&t->arena, struct known);

	k->valid = *v;
	map_put(&t->known, k->valid.path, k);
	return k;
}

static struct known *find(struct valids *t, str path)
{
	struct known *k = map_get(&t->known, path);
	struct valid v = {0};
	struct digest content;
	struct blob *record;
	unsigned char key[32];
	bool ok;

	if (k)
		return k;
	key_of(t, path, key);
	if (!store_record_get(t->store, RECORD, key, &record))
		return NULL;
	ok = read_record(t, blob_str(record), &v, &content) && load_content(t, &v, &content);
	blob_unref(record);
	if (!ok)
		return NULL;
	v.path = str_dup(&t->arena, path);
	return put(t, &v);
}

/* ---- the closure ---- */

typedef VEC(struct known *) known_vec;

/* Everything that those in the list refer to follows them in it.  false when something is not at hand. */
static bool grow(struct valids *t, known_vec *list)
{
	struct map seen = {0};
	bool ok = true, fresh;

	for (size_t i = 0; i < list->n; i++)
		map_put(&seen, list->p[i]->valid.path, list->p[i]);
	for (size_t i = 0; i < list->n && ok; i++) {
		const struct valid *v = &list->p[i]->valid;

		for (size_t r = 0; r < v->nrefs && ok; r++) {
			struct known *k;

			map_slot(&seen, v->refs[r], &fresh);
			if (!fresh)
				continue;
			k = find(t, v->refs[r]);
			ok = k != NULL;
			if (ok)
				vec_push(list, k);
		}
	}
	map_free(&seen);
	return ok;
}

static const struct valid *get(struct valids *t, str path)
{
	struct known *k = find(t, path);
	known_vec list = {0};

	if (!k || k->whole)
		return k ? &k->valid : NULL;
	vec_push(&list, k);
	k->whole = grow(t, &list);
	for (size_t i = 0; i < list.n && k->whole; i++)
		list.p[i]->whole = true;
	vec_free(&list);
	return k->whole ? &k->valid : NULL;
}

const struct valid *valids_get(struct valids *t, str path)
{
	const struct valid *v;

	pthread_mutex_lock(&t->lock);
	v = get(t, path);
	pthread_mutex_unlock(&t->lock);
	return v;
}

int64_t valids_time(struct valids *t, str path)
{
	unsigned char key[32];

	key_of(t, path, key);
	return store_record_time(t->store, RECORD, key);
}

static int by_path(const void *a, const void *b)
{
	return str_cmp((*(const struct valid *const *)a)->path, (*(const struct valid *const *)b)->path);
}

const struct valid *const *valids_closure(struct valids *t, const str *paths, size_t n, struct arena *a, size_t *count)
{
	known_vec list = {0};
	const struct valid **out;
	struct map seen = {0};
	bool fresh;

	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; i < n; i++) {
		struct known *k = find(t, paths[i]);

		map_slot(&seen, paths[i], &fresh);
		if (k && fresh)
			vec_push(&list, k);
	}
	map_free(&seen);
	(void)!grow(t, &list);
	pthread_mutex_unlock(&t->lock);
	out = arena_array(a, const struct valid *, list.n);
	for (size_t i = 0; i < list.n; i++)
		out[i] = &list.p[i]->valid;
	if (list.n)
		qsort(out, list.n, sizeof *out, by_path);
	*count = list.n;
	vec_free(&list);
	return out;
}

static const struct valid *keep(struct valids *t, const struct valid *v)
{
	struct known *old = map_get(&t->known, v->path);
	struct valid copy = *v;
	struct digest content = {0};
	struct buf record = {0};
	unsigned char key[32];
	str *refs;

	if (old)
		return &old->valid;
	copy.path = str_dup(&t->arena, v->path);
	copy.entry.name = (str){0};
	copy.entry.target = str_dup(&t->arena, v->entry.target);
	copy.refs = refs = arena_array(&t->arena, str, v->nrefs);
	for (size_t i = 0; i < v->nrefs; i++)
		refs[i] = str_dup(&t->arena, v->refs[i]);
	copy.deriver = str_dup(&t->arena, v->deriver);
	copy.ca = str_dup(&t->arena, v->ca);
	if (v->entry.kind == TREE_DIR) {
		tree_ref(copy.entry.dir);
		content = *tree_digest(copy.entry.dir, store_fn(t->store));
	} else if (v->entry.kind == TREE_FILE) {
		content = v->entry.digest;
	}
	write_record(&copy, &content, &record);
	key_of(t, v->path, key);
	(void)!store_record_put(t->store, RECORD, key, buf_view(&record));
	buf_free(&record);
	return &put(t, &copy)->valid;
}

const struct valid *valids_put(struct valids *t, const struct valid *v)
{
	const struct valid *kept;

	pthread_mutex_lock(&t->lock);
	kept = keep(t, v);
	pthread_mutex_unlock(&t->lock);
	return kept;
}
