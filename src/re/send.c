#include "re_int.h"

#include <errno.h>

/* BatchUpdateBlobsRequest { instance = 1; Request { Digest digest = 1; bytes data = 2; } requests = 2; fn = 5; }
 * and its answer { Response { Digest digest = 1; Status status = 2; } responses = 1; }.  A blob that a batch does
 * not get across goes by ByteStream, which is the one that every server has to have. */

#define BATCHES_MAX 16u
#define BATCH_BYTES ((size_t)512 << 10)  /* more would only let the server wait for the first one */
#define FLIGHT_BYTES ((size_t)16 << 20) /* of batches that are put together or under way */
#define WRITES_MAX 4u
#define ENTRY_OVERHEAD 128u

struct batch {
	struct re_client *client;
	struct known **blobs;
	int *errs; /* why a blob is not in the message */
	size_t n;
	struct blob *message; /* as long as it can become, until it is put together */
	size_t bytes;         /* of it, at the most */
	uv_work_t work;
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

/* Those that the server has taken.  Most answer in the order of the request. */
static void read_responses(struct batch *b, str reply, struct arena *a)
{
	struct wire w = wire_over(reply);
	struct wire_field f;
	struct grpc_status s;
	struct digest d;
	size_t next = 0;

	while (wire_next(&w, &f)) {
		struct known *k;

		if (f.number != 1 || f.type != WIRE_BYTES || !read_response(f.bytes, &d, &s, a))
			continue;
		k = known_expected(b->client, b->blobs, b->n, &next, &d);
		if (k && k->state == KNOWN_SENT && s.code == GRPC_OK)
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

static void free_batch(struct batch *b)
{
	struct re_client *c = b->client;
	size_t bytes = b->bytes;

	blob_unref(b->message);
	mem_free(b->blobs);
	mem_free(b->errs);
	mem_free(b);
	c->batches--;
	c->batch_bytes -= bytes;
	send_pump(c);
	client_release(c);
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
	free_batch(b);
}

/* ---- what goes ---- */

/* A directory's message, which is made now. */
static int add_directory(struct buf *b, enum digest_fn fn, const struct known *k)
{
	struct buf message = {0};

	tree_message(k->dir, fn, &message);
	wire_str(b, 2, buf_view(&message));
	buf_free(&message);
	return 0;
}

/* From the store right into the message, verified; 0 or -errno. */
static int add_file(struct buf *b, struct store *store, const struct known *k)
{
	size_t n = (size_t)k->digest.size;

	wire_varint(b, 2 << 3 | WIRE_BYTES);
	wire_varint(b, n);
	if (n > b->cap - b->n)
		return -EFBIG;
	b->n += n;
	return store_read(store, &k->digest, b->p + b->n - n);
}

/* What cannot be read leaves nothing behind. */
static int add_entry(struct buf *b, struct store *store, const struct known *k)
{
	size_t before = b->n, mark = wire_begin(b, 2);
	int err;

	wire_digest(b, 1, &k->digest);
	err = k->dir ? add_directory(b, store_fn(store), k) : add_file(b, store, k);
	if (err)
		b->n = before;
	else
		wire_end(b, mark);
	return err;
}

/* On another thread: reading and hashing are most of the work of many small blobs.  Nothing of a blob that is being
 * sent changes meanwhile. */
static void put_together(uv_work_t *work)
{
	struct batch *b = work->data;
	struct re_client *c = b->client;
	struct buf message;

	b->message = blob_room(b->bytes);
	message = buf_over(b->message->b, b->bytes);
	wire_str(&message, 1, c->config.instance);
	for (size_t i = 0; i < b->n; i++)
		b->errs[i] = add_entry(&message, c->store, b->blobs[i]);
	caps_write_fn(c, &message, 5);
	b->message->n = message.n;
}

static void unreadable(struct re_client *c, struct known *k, int err)
{
	struct re_status why = {.code = GRPC_OK};
	struct arena a = {0};

	status_errno(&why, &a, err, "a blob cannot be read");
	known_failed(c, k, &why, err == -ENOENT);
	arena_clear(&a);
}

static void on_together(uv_work_t *work, int status)
{
	struct batch *b = work->data;
	struct re_client *c = b->client;
	size_t n = b->n;

	(void)status; /* it is never cancelled */
	b->n = 0;
	for (size_t i = 0; i < n; i++) {
		if (b->errs[i])
			unreadable(c, b->blobs[i], b->errs[i]);
		else
			b->blobs[b->n++] = b->blobs[i];
	}
	if (!b->n) {
		free_batch(b);
		return;
	}
	rpc_call(c, RE_SERVICE "ContentAddressableStorage/BatchUpdateBlobs", NULL, c->config.rpc_ms * 2, b->message, on_batch, b);
	b->message = NULL;
}

static void send_batch(struct re_client *c)
{
	size_t limit = c->caps.batch_max - c->config.instance.n, max = limit < BATCH_BYTES ? limit : BATCH_BYTES, total = 0;
	struct batch *b = mem_make(struct batch);
	VEC(struct known *) blobs = {0};
	struct known *k;

	while ((k = c->send_small.first) && (!blobs.n || total + (size_t)k->digest.size + ENTRY_OVERHEAD <= max)) {
		total += (size_t)k->digest.size + ENTRY_OVERHEAD;
		vec_push(&blobs, queue_pop(&c->send_small));
	}
	*b = (struct batch){.client = c, .blobs = blobs.p, .errs = mem_array(int, blobs.n), .n = blobs.n};
	b->bytes = total + c->config.instance.n + ENTRY_OVERHEAD;
	b->work.data = b;
	c->batches++;
	c->batch_bytes += b->bytes;
	client_hold(c);
	uv_queue_work(c->loop, &b->work, put_together, on_together);
}

static void pump(void *ud)
{
	struct re_client *c = ud;

	c->send_soon = false;
	while (c->send_small.n && c->no_batch_update)
		by_stream(c, queue_pop(&c->send_small));
	while (c->send_small.n && c->batches < BATCHES_MAX && c->batch_bytes < FLIGHT_BYTES)
		send_batch(c);
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
