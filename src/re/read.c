#include "re_int.h"

#include <errno.h>
#include <zstd.h>

/* ByteStream.Read of one blob into the store.
 *	ReadRequest { resource_name = 1; read_offset = 2; }    ReadResponse { data = 10; }
 * The offset counts bytes of the content, of a compressed blob too.  When the stream breaks it goes on where it
 * was; a server that cannot do that begins anew.  Bytes are hashed as they come, and what is not the digest's
 * never gets a name: then it is tried once more, uncompressed. */

struct read {
	struct re_client *client;
	struct known *known;
	struct store_write *to;
	bool zstd;
	ZSTD_DCtx *z;
	unsigned tries;
	int64_t base; /* where this try began */
	int err;      /* of the disk */
	bool wrong;   /* too many bytes, or not zstd */
};

static void try_read(void *ud);

static void end(struct read *r)
{
	struct re_client *c = r->client;

	store_write_drop(r->to);
	ZSTD_freeDCtx(r->z);
	mem_free(r);
	c->down.streams--;
	way_pump(&c->down);
	client_release(c);
}

static void fail(struct read *r, const struct grpc_status *s)
{
	struct re_status why = {.code = GRPC_OK};
	struct arena a = {0};

	if (r->err < 0)
		status_errno(&why, &a, r->err, "a blob cannot be stored");
	status_keep(&why, &a, s, s->code == GRPC_NOT_FOUND ? "the server has lost a blob" : "a blob was not downloaded");
	known_got(r->client, r->known, &why, s->code == GRPC_NOT_FOUND && s->source == GRPC_BY_SERVER);
	arena_clear(&a);
	end(r);
}

static void start_anew(struct read *r)
{
	store_write_drop(r->to);
	r->to = NULL;
	r->zstd = false;
	r->wrong = false;
	client_sleep(r->client, 0, try_read, r);
}

/* ---- bytes ---- */

static void add(struct read *r, const void *bytes, size_t n)
{
	if (store_write_size(r->to) + (int64_t)n > r->known->digest.size)
		r->wrong = true;
	else if (r->err == 0)
		r->err = store_write_add(r->to, bytes, n);
}

static void unpack(struct read *r, str data)
{
	static const size_t size = 128 << 10;
	ZSTD_inBuffer in = {data.p, data.n, 0};
	char *out = mem_alloc(size);
	ZSTD_outBuffer o;

	do {
		size_t left;

		o = (ZSTD_outBuffer){out, size, 0};
		left = ZSTD_decompressStream(r->z, &o, &in);
		if (ZSTD_isError(left))
			r->wrong = true;
		else
			add(r, out, o.pos);
	} while (!r->wrong && r->err == 0 && (in.pos < in.size || o.pos == size));
	mem_free(out);
}

static void on_message(void *ud, struct grpc_call *call, str m)
{
	struct wire w = wire_over(m);
	struct read *r = ud;
	struct wire_field f;

	while (wire_next(&w, &f)) {
		if (f.number != 10 || f.type != WIRE_BYTES)
			continue;
		if (r->zstd)
			unpack(r, f.bytes);
		else
			add(r, f.bytes.p, f.bytes.n);
	}
	if (w.bad || r->wrong || r->err < 0)
		grpc_cancel(call);
	r->wrong |= w.bad;
}

/* ---- how it ends ---- */

static void damaged(struct read *r)
{
	struct grpc_status s = {.code = GRPC_DATA_LOSS, .source = GRPC_BY_CHANNEL, .text = S("the server sent other bytes than the digest's"), .retry_ms = -1};

	if (++r->known->bad < 2 && !r->client->closing)
		start_anew(r);
	else
		fail(r, &s);
}

static void complete(struct read *r)
{
	struct store_write *to = r->to;

	r->to = NULL;
	r->err = store_write_end(to, &r->known->digest);
	if (r->err == -EBADMSG) {
		r->err = 0;
		damaged(r);
	} else if (r->err < 0) {
		fail(r, &(struct grpc_status){.code = GRPC_INTERNAL, .source = GRPC_BY_CALLER, .retry_ms = -1});
	} else {
		known_got(r->client, r->known, NULL, false);
		end(r);
	}
}

static void on_done(void *ud, const struct grpc_status *s)
{
	struct grpc_status cut = {.code = GRPC_UNAVAILABLE, .source = GRPC_BY_SERVER, .text = S("the stream ended early"), .retry_ms = -1};
	struct read *r = ud;
	uint64_t pause;

	r->client->stats.calls++;
	if (r->err == 0 && !r->wrong)
		client_report(r->client, s);
	if (r->wrong && r->err == 0 && !r->client->closing) {
		damaged(r);
		return;
	}
	if (s->code == GRPC_OK && store_write_size(r->to) == r->known->digest.size) {
		complete(r);
		return;
	}
	if (s->code == GRPC_OK)
		s = &cut;
	if (store_write_size(r->to) > r->base)
		r->tries = 1; /* it gets on */
	if (r->err == 0 && rpc_again(r->client, s, r->tries, &pause)) {
		r->client->stats.retries++;
		client_sleep(r->client, pause, try_read, r);
	} else if (r->err == 0 && (r->base > 0 || r->zstd) && s->source == GRPC_BY_SERVER && s->code != GRPC_NOT_FOUND) {
		start_anew(r); /* it cannot go on in the middle, or not compressed */
	} else {
		fail(r, s);
	}
}

static void begin_unpacking(struct read *r)
{
	if (!r->z)
		r->z = ZSTD_createDCtx();
	if (!r->z)
		mem_oom();
	ZSTD_DCtx_reset(r->z, ZSTD_reset_session_only);
}

static void try_read(void *ud)
{
	static const struct grpc_events events = {.message = on_message, .done = on_done};
	struct buf name = {0}, b = {0};
	struct grpc_status why;
	struct grpc_call *call;
	struct read *r = ud;
	int64_t left;

	if (!r->to && (r->err = store_write_begin(r->client->store, &r->to)) < 0) {
		fail(r, &(struct grpc_status){.code = GRPC_INTERNAL, .source = GRPC_BY_CALLER, .retry_ms = -1});
		return;
	}
	r->tries++;
	r->base = store_write_size(r->to);
	left = r->known->digest.size - r->base;
	if (r->zstd)
		begin_unpacking(r);
	call = rpc_stream(r->client, "/google.bytestream.ByteStream/Read", NULL,
			r->client->config.rpc_ms + (uint32_t)(left / 100 < 24 * 3600 * 1000 ? left / 100 : 24 * 3600 * 1000), &events, r, &why);
	if (!call) {
		fail(r, &why);
		return;
	}
	resource_name(r->client, &r->known->digest, NULL, r->zstd, &name);
	wire_str(&b, 1, buf_view(&name));
	wire_int(&b, 2, r->base);
	buf_free(&name);
	grpc_send(call, rpc_blob(&b));
	grpc_end(call);
}

void read_begin(struct re_client *c, struct known *k)
{
	struct read *r = mem_make(struct read);

	*r = (struct read){.client = c, .known = k, .zstd = c->caps.zstd && k->digest.size >= 1024};
	c->down.streams++;
	client_hold(c);
	try_read(r);
}
