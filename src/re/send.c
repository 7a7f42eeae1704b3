#include "re_int.h"

#include <errno.h>

/* BatchUpdateBlobsRequest { instance = 1; Request { Digest digest = 1; bytes data = 2; } requests = 2; fn = 5; }
 * and its answer { Response { Digest digest = 1; Status status = 2; } responses = 1; }.  A blob that a batch does
 * not get across goes by ByteStream, which is the one that every server has to have. */

#define BATCHES_MAX 4u
#define WRITES_MAX 4u
#define ENTRY_OVERHEAD 128u

struct batch {
	struct re_client *client;
	struct known **blobs;
	size_t n;
};

/* ---- what came out ---- */

static void by_stream(struct re_client *c, struct known *k)
{
	k->by_stream = true;
	queue_push(&c->send_large, k);
}

static bool read_response(str bytes, struct digest *d, struct grpc_status *s, struct arena *a)
{
	struct wire w = wire_over(bytes);
	bool has_digest = false;
	struct wire_field f;

	*s = (struct grpc_status){.code = GRPC_OK};
	while (wire_next(&w, &f)) {
		if (f.number == 1)
			has_digest = wire_get_digest(&f, d);
		if (f.number == 2 && f.type == WIRE_BYTES && !grpc_status_read(f.bytes, a, s))
			return false;
	}
	return !w.bad && has_digest;
}

/* Those that the server has taken. */
static void read_responses(struct batch *b, str reply, struct arena *a)
{
	struct wire w = wire_over(reply);
	struct wire_field f;
	struct grpc_status s;
	struct digest d;

	while (wire_next(&w, &f)) {
		struct known *k;

		if (f.number != 1 || f.type != WIRE_BYTES || !read_response(f.bytes, &d, &s, a) || s.code != GRPC_OK)
			continue;
		k = map_get(&b->client->known, str_of((const char *)&d, sizeof d));
		if (k && k->state == KNOWN_SENT)
			known_sent(b->client, k);
	}
}

/* Another way may do. */
static bool is_refusal(const struct grpc_status *s)
{
	switch (s->code) {
	case GRPC_INVALID_ARGUMENT: case GRPC_UNIMPLEMENTED: case GRPC_OUT_OF_RANGE: case GRPC_RESOURCE_EXHAUSTED: case GRPC_INTERNAL:
	case GRPC_NOT_FOUND: case GRPC_UNKNOWN:
		return s->source == GRPC_BY_SERVER;
	default: return false;
	}
}

static void on_batch(void *ud, const struct grpc_status *s, str reply)
{
	struct re_status why = {.code = GRPC_OK};
	struct batch *b = ud;
	struct re_client *c = b->client;
	struct arena a = {0};
	bool failed;

	if (s->code == GRPC_OK)
		read_responses(b, reply, &a);
	status_keep(&why, &a, s, "the server took no blobs");
	failed = s->code != GRPC_OK && !is_refusal(s);
	c->no_batch_update |= s->code == GRPC_UNIMPLEMENTED || s->code == GRPC_INVALID_ARGUMENT;
	for (size_t i = 0; i < b->n; i++) {
		if (b->blobs[i]->state != KNOWN_SENT)
			continue;
		if (failed)
			known_failed(c, b->blobs[i], &why, false);
		else
			by_stream(c, b->blobs[i]);
	}
	arena_clear(&a);
	mem_free(b->blobs);
	mem_free(b);
	c->batches--;
	send_pump(c);
	client_release(c);
}

/* ---- what goes ---- */

/* The content, verified; false after the blob has failed. */
static bool content(struct re_client *c, struct known *k, struct blob **out)
{
	struct re_status why = {.code = GRPC_OK};
	struct buf message = {0};
	struct arena a = {0};
	int err;

	if (k->dir) {
		tree_message(k->dir, store_fn(c->store), &message);
		*out = rpc_blob(&message);
		return true;
	}
	err = store_get(c->store, &k->digest, out);
	if (err == 0)
		return true;
	status_errno(&why, &a, err, "a blob cannot be read");
	known_failed(c, k, &why, err == -ENOENT);
	arena_clear(&a);
	return false;
}

static void add_entry(struct buf *b, const struct digest *d, str data)
{
	size_t mark = wire_begin(b, 2);

	wire_digest(b, 1, d);
	wire_str(b, 2, data);
	wire_end(b, mark);
}

static void send_batch(struct re_client *c)
{
	size_t max = c->caps.batch_max - c->config.instance.n;
	struct batch *batch = mem_make(struct batch);
	VEC(struct known *) blobs = {0};
	struct buf b = {0};
	struct known *k;

	wire_str(&b, 1, c->config.instance);
	while ((k = c->send_small.first) && (!blobs.n || b.n + (size_t)k->digest.size + ENTRY_OVERHEAD <= max)) {
		struct blob *bytes;

		queue_pop(&c->send_small);
		if (!content(c, k, &bytes))
			continue;
		add_entry(&b, &k->digest, blob_str(bytes));
		blob_unref(bytes);
		vec_push(&blobs, k);
	}
	caps_write_fn(c, &b, 5);
	if (!blobs.n) {
		buf_free(&b);
		mem_free(batch);
		return;
	}
	*batch = (struct batch){c, blobs.p, blobs.n};
	c->batches++;
	client_hold(c);
	rpc_call(c, RE_SERVICE "ContentAddressableStorage/BatchUpdateBlobs", NULL, c->config.rpc_ms * 2, rpc_blob(&b), on_batch, batch);
}

static void pump(void *ud)
{
	struct re_client *c = ud;

	c->send_soon = false;
	while (c->send_small.n && (c->no_batch_update || c->batches < BATCHES_MAX)) {
		if (c->no_batch_update)
			by_stream(c, queue_pop(&c->send_small));
		else
			send_batch(c);
	}
	while (c->send_large.n && c->writes < WRITES_MAX)
		write_begin(c, queue_pop(&c->send_large));
}

void send_pump(struct re_client *c)
{
	if (c->send_soon || (!c->send_small.n && !c->send_large.n))
		return;
	c->send_soon = true;
	client_sleep(c, 0, pump, c);
}
