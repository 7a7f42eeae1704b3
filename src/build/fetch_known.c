#include "fetch_known.h"

#define HEAD ((size_t)42)

static void key_of(const char *what, const struct nix_hash *h, unsigned char key[32])
{
	struct buf b = {0};

	buf_fmt(&b, "%s ", what);
	nix_hash_text(h, NIX_BASE16, true, &b);
	sha256(buf_view(&b), key);
	buf_free(&b);
}

static bool decode(struct store *s, str bytes, struct arena *a, struct tree_entry *out)
{
	const unsigned char *p = (const unsigned char *)bytes.p;

	if (bytes.n < HEAD || p[0] > TREE_SYMLINK)
		return false;
	*out = (struct tree_entry){.kind = p[0], .executable = p[1] == 1};
	memcpy(out->digest.b, p + 2, 32);
	for (int i = 0; i < 8; i++)
		out->digest.size |= (int64_t)((uint64_t)p[34 + i] << (8 * i));
	out->target = str_dup(a, str_from(bytes, HEAD));
	if (out->kind == TREE_FILE)
		return store_has(s, &out->digest);
	if (out->kind == TREE_DIR)
		return store_has_tree(s, &out->digest) && store_get_tree(s, &out->digest, &out->dir) == 0;
	return out->target.n != 0;
}

bool fetch_known(struct store *s, const char *what, const struct nix_hash *h, struct arena *a, struct tree_entry *out)
{
	unsigned char key[32];
	struct blob *b;
	bool ok;

	if (h->algo == NIX_ALGO_NONE)
		return false;
	key_of(what, h, key);
	if (!store_record_get(s, "fetched", key, &b))
		return false;
	ok = decode(s, blob_str(b), a, out);
	blob_unref(b);
	return ok;
}

void fetch_remember(struct store *s, const char *what, const struct nix_hash *h, const struct tree_entry *e)
{
	const struct digest *d = e->kind == TREE_DIR ? tree_digest(e->dir, store_fn(s)) : &e->digest;
	unsigned char key[32];
	struct buf b = {0};

	key_of(what, h, key);
	buf_c(&b, (char)e->kind);
	buf_c(&b, e->executable);
	buf_add(&b, d->b, 32);
	for (int i = 0; i < 8; i++)
		buf_c(&b, (char)((uint64_t)d->size >> (8 * i)));
	if (e->kind == TREE_SYMLINK)
		buf_str(&b, e->target);
	(void)!store_record_put(s, "fetched", key, buf_view(&b));
	buf_free(&b);
}
