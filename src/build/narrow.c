#include "narrow.h"

#define KIND "narrow"
#define READS_MAX ((uint64_t)1 << 20)

struct reader {
	struct cbor in;
	const struct identity *id;
	struct arena *arena;
};

/* One run: [action hash, action size, [path, hash, path, hash, …]].  true when all reads are as they are now;
 * the cursor is past the run either way. */
static bool read_run(struct reader *r, struct digest *action, const str **reads, size_t *nreads)
{
	str hash, *paths;
	uint64_t n;
	bool same = true;

	if (cbor_get_array(&r->in) != 3)
		return false;
	hash = cbor_get_bytes(&r->in);
	action->size = cbor_get_int(&r->in);
	n = cbor_get_array(&r->in);
	if (r->in.bad || hash.n != 32 || n % 2 || n > READS_MAX)
		return false;
	memcpy(action->b, hash.p, 32);
	paths = arena_array(r->arena, str, n / 2);
	for (uint64_t i = 0; i < n / 2 && !r->in.bad; i++) {
		const struct tree_entry *e;
		str digest;

		paths[i] = str_dup(r->arena, cbor_get_text(&r->in));
		digest = cbor_get_bytes(&r->in);
		e = tree_find(r->id->headers, paths[i]);
		same = same && e && e->kind == TREE_FILE && digest.n == 32 && memcmp(e->digest.b, digest.p, 32) == 0;
	}
	*reads = paths;
	*nreads = (size_t)n / 2;
	return same && !r->in.bad;
}

bool narrow_get(struct store *store, const struct identity *id, struct arena *arena, struct digest *action,
		const str **reads, size_t *nreads)
{
	struct blob *manifest;
	struct reader r = {.id = id, .arena = arena};
	bool found = false;
	uint64_t n;

	if (!store_record_get(store, KIND, id->narrow, &manifest))
		return false;
	r.in = cbor_over(blob_str(manifest));
	n = cbor_get_array(&r.in);
	for (uint64_t i = 0; i < n && !found && !r.in.bad; i++)
		found = read_run(&r, action, reads, nreads);
	blob_unref(manifest);
	return found;
}

static void write_run(struct buf *out, const struct identity *id, const str *reads, size_t n)
{
	cbor_array(out, 3);
	cbor_bytes(out, str_of((const char *)id->action.b, 32));
	cbor_int(out, id->action.size);
	cbor_array(out, n * 2);
	for (size_t i = 0; i < n; i++) {
		const struct tree_entry *e = tree_find(id->headers, reads[i]);

		cbor_text(out, reads[i]);
		cbor_bytes(out, e && e->kind == TREE_FILE ? str_of((const char *)e->digest.b, 32) : (str){0});
	}
}

int narrow_put(struct store *store, const struct identity *id, const str *reads, size_t n)
{
	struct blob *old = NULL;
	struct buf runs = {0}, out = {0};
	uint64_t kept = 1, had = 0;
	int err;

	write_run(&runs, id, reads, n);
	if (store_record_get(store, KIND, id->narrow, &old)) {
		struct cbor in = cbor_over(blob_str(old));

		had = cbor_get_array(&in);
		for (uint64_t i = 0; i < had && kept < NARROW_MAX && !in.bad; i++) {
			size_t from = in.at;

			if (!cbor_skip(&in))
				break;
			buf_add(&runs, in.in.p + from, in.at - from);
			kept++;
		}
	}
	cbor_array(&out, kept);
	buf_str(&out, buf_view(&runs));
	err = store_record_put(store, KIND, id->narrow, buf_view(&out));
	blob_unref(old);
	buf_free(&runs);
	buf_free(&out);
	return err;
}
