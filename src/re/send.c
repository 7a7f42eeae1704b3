#include "re_int.h"

#include <errno.h>

/* BatchUpdateBlobsRequest { instance = 1; Request { Digest digest = 1; bytes data = 2; } requests = 2; fn = 5; }
 * and its answer { Response { Digest digest = 1; Status status = 2; } responses = 1; }.  A blob that a batch does
 * not get across goes by ByteStream, which is the one that every server has to have. */

#define BATCHES_MAX 16u
#define BATCH_SHARE 8u                   /* of what waits, a batch takes one part in so many, */
#define BATCH_MIN ((size_t)128 << 10)    /* and at least this: the last batch is not waited for long */
#define FLIGHT_BYTES ((size_t)16 << 20) /* of batches that are put together or under way */
#define WRITES_MAX 4u

/* ---- what came out ---- */

static void by_stream(struct re_client *c, struct known *k)
{
	k->by_stream = true;
	way_add(&c->up, k, true);
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
	c->up.no_batch |= s->code == GRPC_UNIMPLEMENTED || s->code == GRPC_INVALID_ARGUMENT;
	for (size_t i = 0; i < b->n; i++) {
		if (b->blobs[i]->state != KNOWN_SENT)
			continue;
		if (failed)
			known_failed(c, b->blobs[i], &why, false);
		else
			by_stream(c, b->blobs[i]);
	}
	arena_clear(&a);
	batch_free(b);
}

/* ---- what goes ---- */

static void unreadable(struct re_client *c, struct known *k, int err)
{
	struct re_status why = {.code = GRPC_OK};
	struct arena a = {0};

	status_errno(&why, &a, err, "a blob cannot be read");
	known_failed(c, k, &why, err == -ENOENT);
	arena_clear(&a);
}

void batch_made(struct batch *b)
{
	struct re_client *c = b->client;
	size_t n = b->n;

	b->n = 0;
	for (size_t i = 0; i < n; i++) {
		if (b->errs[i])
			unreadable(c, b->blobs[i], b->errs[i]);
		else
			b->blobs[b->n++] = b->blobs[i];
	}
	if (b->n)
		rpc_call(c, RE_SERVICE "ContentAddressableStorage/BatchUpdateBlobs", NULL, c->config.rpc_ms * 2, blob_ref(b->message), on_batch, b);
	else
		batch_free(b);
}

static size_t batch_bytes(const struct re_client *c)
{
	size_t limit = c->caps.batch_max - c->config.instance.n, share = (size_t)(c->up.small.bytes / BATCH_SHARE);

	if (share < BATCH_MIN)
		share = BATCH_MIN;
	if (share > RE_BATCH)
		share = RE_BATCH;
	return limit < share ? limit : share;
}

static void send_batch(struct re_client *c)
{
	struct known **blobs;
	size_t n;

	blobs = way_take(&c->up, batch_bytes(c), &n);
	batch_make(c, blobs, n);
}

void send_init(struct re_client *c)
{
	c->up = (struct way){.client = c, .batches_max = BATCHES_MAX, .bytes_max = FLIGHT_BYTES, .streams_max = WRITES_MAX, .batch = send_batch, .stream = write_begin};
}
