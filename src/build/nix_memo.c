#include "nix_memo.h"

#include <straylight/storepath.h>

#define RECORD "instance"
#define RECORD_MAX ((size_t)64 << 20) /* a larger one is not kept */

/* ---- reading ---- */

static bool read_ground(struct cbor *in, struct nix_ground *g)
{
	uint64_t kind = cbor_get_uint(in);
	str answer;

	g->name = cbor_get_bytes(in);
	answer = cbor_get_bytes(in);
	if (in->bad || kind >= NIX_GROUND_KINDS || answer.n != sizeof g->answer)
		return false;
	g->kind = (enum nix_ground_kind)kind;
	memcpy(g->answer, answer.p, sizeof g->answer);
	return true;
}

static bool read_entry(struct cbor *in, struct arena *a, struct nix_memo_entry *e)
{
	struct nix_ground *grounds;
	struct instance *all;

	if (cbor_get_array(in) != 2)
		return false;
	e->ngrounds = cbor_get_array(in) / 3;
	e->grounds = grounds = arena_array(a, struct nix_ground, e->ngrounds);
	for (size_t i = 0; i < e->ngrounds; i++)
		if (!read_ground(in, &grounds[i]))
			return false;
	e->n = cbor_get_array(in) / 3;
	e->all = all = arena_array(a, struct instance, e->n);
	for (size_t i = 0; i < e->n; i++) {
		all[i].attr = cbor_get_bytes(in);
		all[i].drv = cbor_get_bytes(in);
		all[i].output = cbor_get_bytes(in);
	}
	return !in->bad;
}

bool nix_memo_read(str record, struct arena *a, struct nix_memo_entry out[NIX_MEMO_MAX], size_t *n)
{
	struct cbor in = cbor_over(record);

	*n = cbor_get_array(&in);
	if (in.bad || *n > NIX_MEMO_MAX)
		return false;
	for (size_t i = 0; i < *n; i++)
		if (!read_entry(&in, a, &out[i]))
			return false;
	return in.at == record.n;
}

static bool holds(const struct nix_memo_entry *e, const struct nix_env *doors, const struct nixstore *ns)
{
	unsigned char now[32];

	for (size_t i = 0; i < e->n; i++)
		if (!storepath_parse(S(NIX_STORE_DIR), e->all[i].drv, NULL, NULL) || !nixstore_has(ns, e->all[i].drv))
			return false;
	for (size_t i = 0; i < e->ngrounds; i++) {
		nix_ground_look(doors, e->grounds[i].kind, e->grounds[i].name, now);
		if (memcmp(now, e->grounds[i].answer, sizeof now) != 0)
			return false;
	}
	return true;
}

bool nix_memo_get(struct store *store, const unsigned char key[32], const struct nix_env *doors, const struct nixstore *ns,
		struct arena *a, struct nix_memo_entry *out)
{
	struct nix_memo_entry entries[NIX_MEMO_MAX];
	struct blob *b;
	size_t n, i = 0;
	bool ok;

	if (!store_record_get(store, RECORD, key, &b))
		return false;
	ok = nix_memo_read(str_dup(a, blob_str(b)), a, entries, &n);
	blob_unref(b);
	while (ok && i < n && !holds(&entries[i], doors, ns))
		i++;
	ok = ok && i < n;
	if (ok)
		*out = entries[i];
	return ok;
}

/* ---- writing ---- */

static void write_entry(const struct nix_memo_entry *e, struct buf *out)
{
	cbor_array(out, 2);
	cbor_array(out, 3 * e->ngrounds);
	for (size_t i = 0; i < e->ngrounds; i++) {
		cbor_uint(out, e->grounds[i].kind);
		cbor_bytes(out, e->grounds[i].name);
		cbor_bytes(out, str_of((const char *)e->grounds[i].answer, sizeof e->grounds[i].answer));
	}
	cbor_array(out, 3 * e->n);
	for (size_t i = 0; i < e->n; i++) {
		cbor_bytes(out, e->all[i].attr);
		cbor_bytes(out, e->all[i].drv);
		cbor_bytes(out, e->all[i].output);
	}
}

void nix_memo_put(struct store *store, const unsigned char key[32], const struct nix_memo_entry *e)
{
	struct nix_memo_entry old[NIX_MEMO_MAX];
	struct arena a = {0};
	struct buf out = {0};
	struct blob *b;
	size_t n = 0;

	if (store_record_get(store, RECORD, key, &b)) {
		if (!nix_memo_read(str_dup(&a, blob_str(b)), &a, old, &n))
			n = 0;
		blob_unref(b);
	}
	if (n == NIX_MEMO_MAX)
		n--;
	cbor_array(&out, n + 1);
	write_entry(e, &out);
	for (size_t i = 0; i < n; i++)
		write_entry(&old[i], &out);
	if (out.n <= RECORD_MAX)
		(void)!store_record_put(store, RECORD, key, buf_view(&out));
	buf_free(&out);
	arena_clear(&a);
}
