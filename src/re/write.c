#include "re_int.h"

#include <errno.h>
#include <stdio.h>

/* ByteStream.Write of one blob.  Its messages are made ahead of the stream on libuv's threads (chunks.c), one at a time.
 *	WriteResponse { committed_size = 1; }
 * When the stream breaks, QueryWriteStatus tells where to go on, and a server that cannot tell gets it all again. */

#define AHEAD 2u /* messages that wait for room in the stream */

struct write {
	struct re_client *client;
	struct known *known;
	struct chunks *chunks;
	char uuid[37];
	unsigned tries;
	bool restarted;    /* once without compression, or with another name */
	int64_t base;      /* what the server had at the start of this try */
	struct blob *ready[AHEAD];
	unsigned nready;
	bool making;       /* a thread has the chunks */
	bool room;         /* in the stream */
	bool ended;        /* the last message is in the stream */
	int64_t committed; /* that the server answered; -2: nothing yet */
	struct grpc_call *call;
	struct blob *made; /* by the thread */
	uv_work_t work;
	struct grpc_status over; /* how the stream ended, if a thread still had the chunks then */
	struct arena mem;        /* its text */
};

static void try_write(void *ud);

static void finish(struct write *w, const struct grpc_status *s)
{
	struct re_status why = {.code = GRPC_OK};
	struct re_client *c = w->client;
	struct arena a = {0};

	if (chunks_error(w->chunks) < 0)
		status_errno(&why, &a, chunks_error(w->chunks), "a blob cannot be read");
	status_keep(&why, &a, s, "a blob was not uploaded");
	if (why.code == GRPC_OK)
		known_sent(c, w->known);
	else
		known_failed(c, w->known, &why, false);
	arena_clear(&a);
	chunks_free(w->chunks);
	arena_clear(&w->mem);
	mem_free(w);
	c->up.streams--;
	way_pump(&c->up);
	client_release(c);
}

static void new_name(struct write *w)
{
	uint64_t a = client_random(w->client), b = client_random(w->client);

	/* RFC 9562, version 4 */
	snprintf(w->uuid, sizeof w->uuid, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32), (unsigned)(a >> 16) & 0xffff, (unsigned)a & 0xfff,
			0x8000 | ((unsigned)(b >> 48) & 0x3fff), (unsigned long long)b & 0xffffffffffff);
	w->base = 0;
}

/* ---- the stream ---- */

static void stream_over(struct write *, const struct grpc_status *);
static void on_made(uv_work_t *, int status);

static void make(uv_work_t *work)
{
	struct write *w = work->data;

	w->made = chunks_next(w->chunks);
}

static void make_more(struct write *w)
{
	if (w->making || !w->call || w->nready == AHEAD || chunks_ended(w->chunks) || chunks_error(w->chunks))
		return;
	w->making = true;
	uv_queue_work(w->client->loop, &w->work, make, on_made);
}

static struct blob *take_ready(struct write *w)
{
	struct blob *first = w->ready[0];

	w->nready--;
	memmove(w->ready, w->ready + 1, w->nready * sizeof *w->ready);
	return first;
}

static void pump(struct write *w)
{
	while (w->call && w->room && w->nready) {
		w->room = grpc_send(w->call, take_ready(w));
		w->ended = !w->nready && !w->making && chunks_ended(w->chunks);
		if (w->ended)
			grpc_end(w->call);
	}
	make_more(w);
}

static void on_made(uv_work_t *work, int status)
{
	struct write *w = work->data;

	(void)status; /* it is never cancelled */
	w->making = false;
	if (w->made)
		w->ready[w->nready++] = w->made;
	if (!w->call)
		stream_over(w, &w->over);
	else if (chunks_error(w->chunks))
		grpc_cancel(w->call);
	else
		pump(w);
}

static void on_room(void *ud, struct grpc_call *call)
{
	struct write *w = ud;

	(void)call;
	w->room = true;
	pump(w);
}

static void on_message(void *ud, struct grpc_call *call, str m)
{
	struct wire in = wire_over(m);
	struct write *w = ud;
	struct wire_field f;

	(void)call;
	w->committed = 0;
	while (wire_next(&in, &f))
		if (f.number == 1 && f.type == WIRE_VARINT)
			w->committed = (int64_t)f.n;
}

static bool is_complete(const struct write *w)
{
	if (w->committed == w->known->digest.size)
		return true;
	return chunks_packed(w->chunks) && (w->committed == -1 || (w->ended && w->committed == chunks_size(w->chunks)));
}

static void on_status(void *ud, const struct grpc_status *s, str reply)
{
	struct wire in = wire_over(reply);
	struct write *w = ud;
	bool complete = false;
	int64_t at = 0;
	struct wire_field f;

	while (s->code == GRPC_OK && wire_next(&in, &f)) {
		if (f.number == 1 && f.type == WIRE_VARINT)
			at = (int64_t)f.n;
		if (f.number == 2 && f.type == WIRE_VARINT)
			complete = f.n != 0;
	}
	if (complete) {
		finish(w, s);
		return;
	}
	if (s->code == GRPC_OK && at > 0 && (chunks_packed(w->chunks) || at < w->known->digest.size))
		w->base = at;
	else
		new_name(w);
	try_write(w);
}

static void ask_where(void *ud)
{
	struct write *w = ud;
	struct buf name = {0}, b = {0};

	resource_name(w->client, &w->known->digest, w->uuid, chunks_packed(w->chunks), &name);
	wire_str(&b, 1, buf_view(&name));
	buf_free(&name);
	rpc_call(w->client, "/google.bytestream.ByteStream/QueryWriteStatus", NULL, w->client->config.rpc_ms, rpc_blob(&b), on_status, w);
}

/* What the server refuses compressed, it may take plain; what was damaged here is found out. */
static bool start_anew(struct write *w, const struct grpc_status *s)
{
	if (w->restarted || s->source != GRPC_BY_SERVER || w->client->closing)
		return false;
	w->restarted = true;
	if (s->code == GRPC_INVALID_ARGUMENT && !w->known->dir && store_verify(w->client->store, &w->known->digest) < 0)
		return false;
	chunks_plain(w->chunks);
	new_name(w);
	client_sleep(w->client, 0, try_write, w);
	return true;
}

/* Nobody else has the chunks now. */
static void stream_over(struct write *w, const struct grpc_status *s)
{
	struct grpc_status wrong = {.code = GRPC_INTERNAL, .source = GRPC_BY_SERVER, .retry_ms = -1};
	uint64_t pause;

	while (w->nready)
		blob_unref(take_ready(w));
	if (s->code == GRPC_OK && !is_complete(w)) {
		wrong.text = S("the server has kept another number of bytes");
		s = &wrong;
	}
	if (s->code == GRPC_OK || s->code == GRPC_ALREADY_EXISTS) {
		wrong.code = GRPC_OK;
		finish(w, &wrong);
	} else if (rpc_again(w->client, s, w->tries, &pause)) {
		w->client->stats.retries++;
		client_sleep(w->client, pause, ask_where, w);
	} else if (!start_anew(w, s)) {
		finish(w, s);
	}
}

static void on_done(void *ud, const struct grpc_status *s)
{
	struct write *w = ud;

	w->call = NULL;
	w->client->stats.calls++;
	client_report(w->client, s);
	if (!w->making) {
		stream_over(w, s);
		return;
	}
	arena_clear(&w->mem);
	w->over = *s;
	w->over.text = str_dup(&w->mem, s->text);
	w->over.violations = NULL;
	w->over.nviolations = 0;
}

static uint32_t time_for(struct re_client *c, int64_t bytes)
{
	int64_t ms = (int64_t)c->config.rpc_ms + bytes / 100; /* 100 KB/s at the least */

	return ms < (int64_t)24 * 3600 * 1000 ? (uint32_t)ms : 24u * 3600 * 1000;
}

static void try_write(void *ud)
{
	static const struct grpc_events events = {on_message, on_room, on_done};
	struct grpc_status why;
	struct write *w = ud;

	w->tries++;
	w->ended = false;
	w->room = true;
	w->committed = -2;
	chunks_begin(w->chunks, w->uuid, w->base);
	w->call = rpc_stream(w->client, "/google.bytestream.ByteStream/Write", NULL, time_for(w->client, w->known->digest.size), &events, w, &why);
	if (w->call)
		make_more(w);
	else
		finish(w, &why);
}

void write_begin(struct re_client *c, struct known *k)
{
	struct re_status why = {.code = GRPC_OK};
	struct arena a = {0};
	struct chunks *chunks;
	struct write *w;
	int err;

	chunks = chunks_new(c, k, &err);
	if (!chunks) {
		status_errno(&why, &a, err, "a blob cannot be read");
		known_failed(c, k, &why, err == -ENOENT);
		arena_clear(&a);
		return;
	}
	w = mem_make(struct write);
	*w = (struct write){.client = c, .known = k, .chunks = chunks};
	w->work.data = w;
	new_name(w);
	c->up.streams++;
	client_hold(c);
	try_write(w);
}
