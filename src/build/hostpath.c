#include <straylight/hostpath.h>

#include <stdlib.h>

#define RECORD "host"

static bool read_one(struct cbor *in, struct arena *a, struct hostpath *h)
{
	str *folders;

	h->attr = cbor_get_bytes(in);
	h->nix = cbor_get_bool(in);
	h->n = cbor_get_array(in);
	h->folders = folders = arena_array(a, str, h->n);
	for (size_t i = 0; i < h->n; i++)
		folders[i] = cbor_get_bytes(in);
	return !in->bad;
}

static struct hostpath *read_all(struct store *s, const unsigned char key[32], struct arena *a, size_t *n)
{
	struct hostpath *all;
	struct cbor in;
	struct blob *b;

	*n = 0;
	if (!store_record_get(s, RECORD, key, &b))
		return NULL;
	in = cbor_over(str_dup(a, blob_str(b)));
	blob_unref(b);
	*n = cbor_get_array(&in) / 3;
	all = arena_array(a, struct hostpath, *n);
	for (size_t i = 0; i < *n; i++)
		if (!read_one(&in, a, &all[i]))
			*n = i;
	return all;
}

const struct hostpath *hostpath_get(struct store *s, str file, struct arena *a, size_t *n)
{
	unsigned char key[32];

	sha256(file, key);
	return read_all(s, key, a, n);
}

static int by_attr(const void *a, const void *b)
{
	return str_cmp(((const struct hostpath *)a)->attr, ((const struct hostpath *)b)->attr);
}

static void write_all(const struct hostpath *all, size_t n, struct buf *out)
{
	cbor_array(out, 3 * n);
	for (size_t i = 0; i < n; i++) {
		cbor_bytes(out, all[i].attr);
		cbor_bool(out, all[i].nix);
		cbor_array(out, all[i].n);
		for (size_t k = 0; k < all[i].n; k++)
			cbor_bytes(out, all[i].folders[k]);
	}
}

void hostpath_put(struct store *s, str file, const struct hostpath *one)
{
	struct arena a = {0};
	struct buf out = {0};
	struct hostpath *old, *all;
	unsigned char key[32];
	size_t n, kept = 0;

	sha256(file, key);
	old = read_all(s, key, &a, &n);
	all = arena_array(&a, struct hostpath, n + 1);
	for (size_t i = 0; i < n; i++)
		if (!str_eq(old[i].attr, one->attr))
			all[kept++] = old[i];
	if (one->nix || one->n)
		all[kept++] = *one;
	if (n || kept) { /* most files never have a record */
		qsort(all, kept, sizeof *all, by_attr);
		write_all(all, kept, &out);
		(void)!store_record_put(s, RECORD, key, buf_view(&out));
	}
	buf_free(&out);
	arena_clear(&a);
}
