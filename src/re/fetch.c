#include "re_int.h"

#include <errno.h>

/* BatchReadBlobsRequest { instance = 1; Digest digests = 2; fn = 4; } and its answer
 * { Response { Digest digest = 1; bytes data = 2; Status status = 3; compressor = 4; } responses = 1; }. */

#define GETS_MAX 4u
#define READS_MAX 4u

struct fetch {
	struct re_client *client;
	struct arena mem;
	struct digest *digests;
	size_t n, waiting; /* one more while it begins */
	re_done *done;
	void *ud;
	VEC(struct digest) lost;
	struct re_status status;
};

/* ---- one fetch ---- */

static void finish(struct fetch *f)
{
	struct re_client *c = f->client;

	f->status.missing = f->lost.p;
	f->status.nmissing = f->lost.n;
	f->done(f->ud, &f->status);
	vec_free(&f->lost);
	arena_clear(&f->mem);
	mem_free(f);
	client_release(c);
}

void fetch_heard(struct fetch *f, const struct digest *d, const struct re_status *why, bool lost)
{
	if (lost)
		vec_push(&f->lost, *d);
	if (why)
		status_fail(&f->status, &f->mem, why->code, why->source, "%.*s", STR_ARG(why->text));
	if (--f->waiting == 0)
		finish(f);
}

static void want(struct fetch *f, const struct digest *d)
{
	struct re_client *c = f->client;
	struct known *k;
	struct waiter *w;

	if (d->size == 0 || store_has(c->store, d))
		return;
	k = known_of(c, d);
	w = waiter_new(c);
	*w = (struct waiter){.fetch = f, .next = k->gets};
	k->gets = w;
	f->waiting++;
	if (k->getting)
		return;
	k->getting = true;
	way_add(&c->down, k, false);
}

static void begin(void *ud, const struct re_status *refusal)
{
	struct fetch *f = ud;

	f->waiting = 1;
	for (size_t i = 0; !refusal && i < f->n; i++)
		want(f, &f->digests[i]);
	fetch_heard(f, NULL, refusal, false);
}

static void start(struct re_client *c, struct fetch *f, re_done *done, void *ud)
{
	f->client = c;
	f->done = done;
	f->ud = ud;
	client_hold(c);
	caps_need(c, begin, f);
}

void re_fetch(struct re_client *c, const struct digest *digests, size_t n, re_done *done, void *ud)
{
	struct fetch *f = mem_make(struct fetch);

	f->n = n;
	f->digests = arena_array(&f->mem, struct digest, n);
	for (size_t i = 0; i < n; i++)
		f->digests[i] = digests[i];
	start(c, f, done, ud);
}

static void collect(struct fetch *f, struct tree *t)
{
	const struct tree_entry *e = tree_entries(t);

	for (size_t i = 0; i < tree_count(t); i++) {
		if (e[i].kind == TREE_DIR)
			collect(f, e[i].dir);
		else if (e[i].kind == TREE_FILE)
			f->digests[f->n++] = e[i].digest;
	}
}

void re_fetch_tree(struct re_client *c, struct tree *t, re_done *done, void *ud)
{
	struct fetch *f = mem_make(struct fetch);

	f->digests = arena_array(&f->mem, struct digest, tree_files(t));
	collect(f, t);
	start(c, f, done, ud);
}

/* ---- many in a call ---- */

struct reading {
	struct re_client *client;
	struct known **blobs;
	size_t n;
};

static void by_stream(struct re_client *c, struct known *k)
{
	way_add(&c->down, k, true);
}

static void lost(struct re_client *c, struct known *k, const struct grpc_status *s)
{
	struct re_status why = {.code = GRPC_OK};
	struct arena a = {0};

	status_keep(&why, &a, s, "the server has lost a blob");
	known_got(c, k, &why, true);
	arena_clear(&a);
}

static void take(struct re_client *c, struct known *k, str data)
{
	struct digest got = digest_of(store_fn(c->store), data);
	struct re_status why = {.code = GRPC_OK};
	struct arena a = {0};
	int err;

	if (!digest_eq(&got, &k->digest)) {
		k->bad++;
		by_stream(c, k);
		return;
	}
	err = store_put(c->store, data, &got);
	if (err < 0)
		status_errno(&why, &a, err, "a blob cannot be stored");
	known_got(c, k, err < 0 ? &why : NULL, false);
	arena_clear(&a);
}

struct answer {
	struct digest digest;
	str data;
	struct grpc_status status;
	bool packed;
};

static bool read_answer(str bytes, struct answer *out, struct arena *a)
{
	struct wire w = wire_over(bytes);
	bool has_digest = false;
	struct wire_field f;

	*out = (struct answer){.status = {.code = GRPC_OK}};
	while (wire_next(&w, &f)) {
		switch (f.number) {
		case 1: has_digest = wire_get_digest(&f, &out->digest); break;
		case 2: out->data = f.bytes; break;
		case 3:
			if (f.type != WIRE_BYTES || !grpc_status_read(f.bytes, a, &out->status))
				return false;
			break;
		case 4: out->packed = f.n != 0; break;
		default: break;
		}
	}
	return !w.bad && has_digest;
}

/* Where the batch has the blob, or n.  Most servers answer in the order of the request: the search begins at `from`. */
static size_t find_asked(const struct reading *b, size_t from, const struct digest *d)
{
	for (size_t i = 0; i < b->n; i++) {
		size_t at = (from + i) % b->n;

		if (b->blobs[at] && digest_eq(&b->blobs[at]->digest, d))
			return at;
	}
	return b->n;
}

/* Each blob of the batch is answered once: it leaves the batch's list. */
static void read_answers(struct reading *b, str reply, struct arena *a)
{
	struct wire w = wire_over(reply);
	struct wire_field f;
	struct answer got;
	size_t i = 0;

	while (wire_next(&w, &f)) {
		if (f.number != 1 || f.type != WIRE_BYTES || !read_answer(f.bytes, &got, a))
			continue;
		i = find_asked(b, i, &got.digest);
		if (i == b->n || (got.status.code != GRPC_OK && got.status.code != GRPC_NOT_FOUND) || got.packed)
			continue;
		if (got.status.code == GRPC_NOT_FOUND)
			lost(b->client, b->blobs[i], &got.status);
		else
			take(b->client, b->blobs[i], got.data);
		b->blobs[i] = NULL;
	}
}

static void on_batch(void *ud, const struct grpc_status *s, str reply)
{
	struct re_status why = {.code = GRPC_OK};
	struct reading *b = ud;
	struct re_client *c = b->client;
	struct arena a = {0};
	bool failed;

	if (s->code == GRPC_OK)
		read_answers(b, reply, &a);
	status_keep(&why, &a, s, "the server gave no blobs");
	failed = s->code != GRPC_OK && s->source != GRPC_BY_SERVER;
	failed |= status_is_transient(s) && s->code != GRPC_RESOURCE_EXHAUSTED;
	c->down.no_batch |= s->code == GRPC_UNIMPLEMENTED || s->code == GRPC_INVALID_ARGUMENT;
	for (size_t i = 0; i < b->n; i++) {
		if (b->blobs[i] && failed)
			known_got(c, b->blobs[i], &why, false);
		else if (b->blobs[i])
			by_stream(c, b->blobs[i]);
	}
	arena_clear(&a);
	mem_free(b->blobs);
	mem_free(b);
	c->down.batches--;
	way_pump(&c->down);
	client_release(c);
}

static void get_batch(struct re_client *c)
{
	struct reading *batch = mem_make(struct reading);
	struct buf b = {0};

	batch->client = c;
	batch->blobs = way_take(&c->down, c->caps.batch_max, &batch->n);
	wire_str(&b, 1, c->config.instance);
	for (size_t i = 0; i < batch->n; i++)
		wire_digest(&b, 2, &batch->blobs[i]->digest);
	caps_write_fn(c, &b, 4);
	c->down.batches++;
	client_hold(c);
	rpc_call(c, RE_SERVICE "ContentAddressableStorage/BatchReadBlobs", NULL, c->config.rpc_ms * 2, rpc_blob(&b), on_batch, batch);
}

void fetch_init(struct re_client *c)
{
	c->down = (struct way){.client = c, .batches_max = GETS_MAX, .streams_max = READS_MAX, .batch = get_batch, .stream = read_begin};
	c->down.small.way = c->down.large.way = WAY_GET;
}
