#include "re_int.h"

/* A user's question, past what is believed: FindMissingBlobs, one call after the other. */

#define DIGESTS_MAX 40000u

struct question {
	struct re_client *client;
	struct arena mem;
	struct digest *digests;
	size_t n, asked;
	VEC(struct digest) missing;
	struct re_status status;
	re_done *done;
	void *ud;
};

static void finish(struct question *q)
{
	struct re_client *c = q->client;

	q->status.missing = q->missing.p;
	q->status.nmissing = q->missing.n;
	q->done(q->ud, &q->status);
	vec_free(&q->missing);
	arena_clear(&q->mem);
	mem_free(q);
	client_release(c);
}

static bool read_missing(struct question *q, str reply)
{
	struct wire w = wire_over(reply);
	struct wire_field f;
	struct digest d;

	while (wire_next(&w, &f)) {
		if (f.number != 2)
			continue;
		if (!wire_get_digest(&f, &d))
			return false;
		vec_push(&q->missing, d);
	}
	return !w.bad;
}

static void ask(struct question *);

static void on_answer(void *ud, const struct grpc_status *s, str reply)
{
	struct question *q = ud;

	status_keep(&q->status, &q->mem, s, "the server did not say which blobs it lacks");
	if (s->code == GRPC_OK && !read_missing(q, reply))
		status_fail(&q->status, &q->mem, GRPC_INTERNAL, GRPC_BY_CHANNEL, "the server's answer to FindMissingBlobs cannot be read");
	if (q->status.code == GRPC_OK && q->asked < q->n)
		ask(q);
	else
		finish(q);
}

static void ask(struct question *q)
{
	struct re_client *c = q->client;
	struct buf b = {0};

	wire_str(&b, 1, c->config.instance);
	for (size_t i = 0; i < DIGESTS_MAX && q->asked < q->n; i++)
		wire_digest(&b, 2, &q->digests[q->asked++]);
	caps_write_fn(c, &b, 3);
	rpc_call(c, RE_SERVICE "ContentAddressableStorage/FindMissingBlobs", NULL, c->config.rpc_ms, rpc_blob(&b), on_answer, q);
}

static void begin(void *ud, const struct re_status *refusal)
{
	struct question *q = ud;

	if (!refusal) {
		ask(q);
		return;
	}
	status_fail(&q->status, &q->mem, refusal->code, refusal->source, "%.*s", STR_ARG(refusal->text));
	finish(q);
}

void re_find(struct re_client *c, const struct digest *digests, size_t n, re_done *done, void *ud)
{
	struct question *q = mem_make(struct question);

	q->client = c;
	q->digests = arena_array(&q->mem, struct digest, n);
	for (size_t i = 0; i < n; i++) /* nobody lacks the empty blob */
		if (digests[i].size)
			q->digests[q->n++] = digests[i];
	q->done = done;
	q->ud = ud;
	client_hold(c);
	caps_need(c, begin, q);
}
