#include "re_int.h"

#define ROUND 512u /* of a message, around one blob */

static void pump(void *ud)
{
	struct way *w = ud;

	w->soon = false;
	while (w->small.n && w->no_batch)
		queue_push(&w->large, queue_pop(&w->small));
	while (w->small.n && w->batches < w->batches_max && (!w->bytes_max || w->bytes < w->bytes_max))
		w->batch(w->client);
	while (w->large.n && w->streams < w->streams_max)
		w->stream(w->client, queue_pop(&w->large));
}

void way_pump(struct way *w)
{
	if (w->soon || (!w->small.n && !w->large.n))
		return;
	w->soon = true;
	client_sleep(w->client, 0, pump, w);
}

void way_add(struct way *w, struct known *k, bool by_stream)
{
	bool large = by_stream || (size_t)k->digest.size + ROUND > w->client->caps.batch_max;

	queue_push(large ? &w->large : &w->small, k);
	way_pump(w);
}

struct known **way_take(struct way *w, size_t max, size_t *n)
{
	VEC(struct known *) out = {0};
	struct known *k;
	size_t total = 0;

	while ((k = w->small.first) && (!out.n || total + way_entry(k) <= max)) {
		total += way_entry(k);
		vec_push(&out, queue_pop(&w->small));
	}
	*n = out.n;
	return out.p;
}
