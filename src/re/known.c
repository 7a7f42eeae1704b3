#include "re_int.h"

/* ---- the table ---- */

struct known *known_of(struct re_client *c, const struct digest *d)
{
	str key = str_of((const char *)d, sizeof *d);
	struct known *k = map_get(&c->known, key);

	if (k)
		return k;
	k = arena_make(&c->known_mem, struct known);
	k->digest = *d;
	map_put(&c->known, str_of((const char *)&k->digest, sizeof k->digest), k);
	return k;
}

struct known *known_expected(struct re_client *c, struct known *const *list, size_t n, size_t *next, const struct digest *d)
{
	size_t at = *next;

	if (at < n && digest_eq(&list[at]->digest, d)) {
		*next = at + 1;
		return list[at];
	}
	return map_get(&c->known, str_of((const char *)d, sizeof *d));
}

bool known_there(struct known *k)
{
	if (k->state == KNOWN_THERE && k->until <= client_now())
		known_forget(k);
	return k->state == KNOWN_THERE;
}

void known_forget(struct known *k)
{
	if (k->state == KNOWN_ASKED || k->state == KNOWN_SENT)
		return;
	k->state = KNOWN_NOTHING;
	k->whole = false;
}

void queue_push(struct queue *q, struct known *k)
{
	k->next[q->way] = NULL;
	if (q->last)
		q->last->next[q->way] = k;
	else
		q->first = k;
	q->last = k;
	q->n++;
	q->bytes += (uint64_t)k->digest.size;
}

struct known *queue_pop(struct queue *q)
{
	struct known *k = q->first;

	if (!k)
		return NULL;
	q->first = k->next[q->way];
	if (!q->first)
		q->last = NULL;
	q->n--;
	q->bytes -= (uint64_t)k->digest.size;
	return k;
}

struct waiter *waiter_new(struct re_client *c)
{
	struct waiter *w = c->waiters;

	if (!w)
		return arena_make(&c->known_mem, struct waiter);
	c->waiters = w->next;
	return w;
}

void waiter_free(struct re_client *c, struct waiter *w)
{
	w->next = c->waiters;
	c->waiters = w;
}

/* ---- uploads ---- */

static void begin_sending(struct re_client *c, struct known *k)
{
	k->state = KNOWN_SENT;
	way_add(&c->up, k, k->by_stream);
}

bool known_want(struct re_client *c, struct known *k, struct upload *u, bool send_too)
{
	struct waiter *w;

	if (known_there(k) || (k->state == KNOWN_MISSING && !send_too))
		return false;
	w = waiter_new(c);
	*w = (struct waiter){.upload = u, .send = send_too, .next = k->puts};
	k->puts = w;
	if (k->state == KNOWN_NOTHING) {
		k->state = KNOWN_ASKED;
		queue_push(&c->find, k);
		find_pump(c);
	} else if (k->state == KNOWN_MISSING) {
		begin_sending(c, k);
	}
	return true;
}

/* Takes the waiters off the blob before any of them hears, since hearing may want blobs. */
static struct waiter *take_puts(struct known *k, bool senders_too)
{
	struct waiter *out = NULL, **at = &k->puts;

	while (*at) {
		struct waiter *w = *at;

		if (w->send && !senders_too) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		w->next = out;
		out = w;
	}
	return out;
}

static void tell_puts(struct re_client *c, struct waiter *list, const struct digest *d, const struct re_status *why, bool absent)
{
	while (list) {
		struct waiter *w = list;
		struct upload *u = w->upload;

		list = w->next;
		waiter_free(c, w);
		upload_heard(u, d, why, absent);
	}
}

static void lease(struct re_client *c, struct known *k)
{
	k->state = KNOWN_THERE;
	k->until = uv_now(c->loop) + (uint64_t)c->config.lease_s * 1000; /* the time of this turn will do */
	tree_unref(k->dir);
	k->dir = NULL;
}

void known_asked(struct re_client *c, struct known *k, bool missing)
{
	struct waiter *told = take_puts(k, !missing);

	if (!missing)
		lease(c, k);
	else if (k->puts)
		begin_sending(c, k);
	else
		k->state = KNOWN_MISSING;
	tell_puts(c, told, &k->digest, NULL, false);
}

void known_sent(struct re_client *c, struct known *k)
{
	c->stats.put_blobs++;
	c->stats.put_bytes += (uint64_t)k->digest.size;
	lease(c, k);
	tell_puts(c, take_puts(k, true), &k->digest, NULL, false);
}

void known_failed(struct re_client *c, struct known *k, const struct re_status *why, bool absent)
{
	k->state = KNOWN_NOTHING;
	k->whole = false;
	tree_unref(k->dir);
	k->dir = NULL;
	tell_puts(c, take_puts(k, true), &k->digest, why, absent);
}

/* ---- downloads ---- */

void known_got(struct re_client *c, struct known *k, const struct re_status *why, bool lost)
{
	struct waiter *list = k->gets;

	k->gets = NULL;
	k->getting = false;
	k->bad = 0;
	if (why)
		known_forget(k);
	else {
		c->stats.got_blobs++;
		c->stats.got_bytes += (uint64_t)k->digest.size;
	}
	while (list) {
		struct waiter *w = list;
		struct fetch *f = w->fetch;

		list = w->next;
		waiter_free(c, w);
		fetch_heard(f, &k->digest, why, lost);
	}
}

/* ---- names ---- */

void resource_name(struct re_client *c, const struct digest *d, const char *uuid, bool zstd, struct buf *out)
{
	char hex[65];

	if (c->config.instance.n) {
		buf_str(out, c->config.instance);
		buf_c(out, '/');
	}
	if (uuid)
		buf_fmt(out, "uploads/%s/", uuid);
	buf_fmt(out, "%s", zstd ? "compressed-blobs/zstd/" : "blobs/");
	if (store_fn(c->store) == DIGEST_BLAKE3) /* the length of a hash tells SHA-256 and none other of that length */
		buf_lit(out, "blake3/");
	hex_of(d->b, 32, hex);
	buf_fmt(out, "%s/%lld", hex, (long long)d->size);
}
