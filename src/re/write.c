#include "re_int.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include <zstd.h>

/* ByteStream.Write of one blob.
 *	WriteRequest { resource_name = 1; write_offset = 2; finish_write = 3; data = 10; }
 *	WriteResponse { committed_size = 1; }
 * When the stream breaks, QueryWriteStatus tells where to go on, and a server that cannot tell gets it all again.
 * Offsets count what is sent: of a compressed blob the compressed bytes, which are the same each time. */

#define ZSTD_LEVEL 1
#define ZSTD_MIN 1024 /* smaller ones are not compressed */

struct write {
	struct re_client *client;
	struct known *known;
	struct blob *bytes; /* of a directory; else the file is read */
	int fd;
	bool zstd;
	ZSTD_CCtx *z;
	char uuid[37];
	unsigned tries;
	bool restarted;    /* once without compression, or with another name */
	int64_t base;      /* what the server had at the start of this try */
	int64_t read, sent; /* of the content; of what goes into the stream, `base` included */
	bool ended;
	bool first;        /* message of this try */
	int err;           /* the file cannot be read */
	int64_t committed; /* that the server answered; -2: nothing yet */
	struct grpc_call *call;
};

static void try_write(void *ud);

static void finish(struct write *w, const struct grpc_status *s)
{
	struct re_status why = {.code = GRPC_OK};
	struct re_client *c = w->client;
	struct arena a = {0};

	if (w->err < 0)
		status_errno(&why, &a, w->err, "a blob cannot be read");
	status_keep(&why, &a, s, "a blob was not uploaded");
	if (why.code == GRPC_OK)
		known_sent(c, w->known);
	else
		known_failed(c, w->known, &why, false);
	arena_clear(&a);
	if (w->fd >= 0)
		close(w->fd);
	blob_unref(w->bytes);
	ZSTD_freeCCtx(w->z);
	mem_free(w);
	c->writes--;
	send_pump(c);
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

/* ---- the content ---- */

/* Up to RE_CHUNK bytes of it; -errno when it cannot be read. */
static ssize_t read_chunk(struct write *w, char *out)
{
	int64_t left = w->known->digest.size - w->read;
	size_t n = left < (int64_t)RE_CHUNK ? (size_t)left : RE_CHUNK;
	ssize_t got;

	if (w->bytes) {
		memcpy(out, w->bytes->b + w->read, n);
		w->read += (int64_t)n;
		return (ssize_t)n;
	}
	got = pread(w->fd, out, n, w->read);
	if (got < 0)
		return -errno;
	if (got == 0 && n)
		return -EIO;
	w->read += got;
	return got;
}

/* The next bytes for the stream into `out`; false at the end or on error. */
static bool next_plain(struct write *w, struct buf *out)
{
	ssize_t n;

	buf_reserve(out, RE_CHUNK);
	n = read_chunk(w, out->p + out->n);
	if (n < 0) {
		w->err = (int)n;
		return false;
	}
	out->n += (size_t)n;
	return w->read < w->known->digest.size;
}

static bool next_packed(struct write *w, struct buf *out)
{
	char *chunk = mem_alloc(RE_CHUNK);
	ssize_t n = read_chunk(w, chunk);
	bool last = w->read == w->known->digest.size;
	ZSTD_inBuffer in = {chunk, n < 0 ? 0 : (size_t)n, 0};
	size_t left = 1;

	w->err = n < 0 ? (int)n : 0;
	while (w->err == 0 && (last ? left != 0 : in.pos < in.size)) {
		ZSTD_outBuffer o;

		buf_reserve(out, ZSTD_CStreamOutSize());
		o = (ZSTD_outBuffer){out->p + out->n, ZSTD_CStreamOutSize(), 0};
		left = ZSTD_compressStream2(w->z, &o, &in, last ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left))
			w->err = -EIO;
		else
			out->n += o.pos;
	}
	mem_free(chunk);
	return w->err == 0 && !last;
}

/* ---- the stream ---- */

static bool send_message(struct write *w, str data, int64_t offset, bool last)
{
	struct buf name = {0}, b = {0};

	if (w->first) {
		resource_name(w->client, &w->known->digest, w->uuid, w->zstd, &name);
		wire_str(&b, 1, buf_view(&name));
		buf_free(&name);
	}
	w->first = false;
	wire_int(&b, 2, offset);
	wire_bool(&b, 3, last);
	wire_str(&b, 10, data);
	return grpc_send(w->call, rpc_blob(&b));
}

/* One chunk, without what the server has already.  Compressed, it may come to nothing.  true: there is more,
 * and room for it. */
static bool send_chunk(struct write *w)
{
	struct buf b = {0};
	str data;
	bool room = true, more = w->zstd ? next_packed(w, &b) : next_plain(w, &b);

	if (w->err < 0) {
		buf_free(&b);
		grpc_cancel(w->call);
		return false;
	}
	data = buf_view(&b);
	if (w->sent < w->base)
		data = str_from(data, (size_t)(w->base - w->sent));
	w->ended = !more;
	if (data.n || w->ended)
		room = send_message(w, data, w->sent + (int64_t)(b.n - data.n), w->ended);
	w->sent += (int64_t)b.n;
	buf_free(&b);
	if (w->ended)
		grpc_end(w->call);
	return more && room;
}

static void on_room(void *ud, struct grpc_call *call)
{
	struct write *w = ud;

	(void)call;
	while (!w->ended && w->err == 0 && send_chunk(w))
		;
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
	return w->zstd && (w->committed == -1 || (w->ended && w->committed == w->sent));
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
	if (s->code == GRPC_OK && at > 0 && (w->zstd || at < w->known->digest.size))
		w->base = at;
	else
		new_name(w);
	try_write(w);
}

static void ask_where(void *ud)
{
	struct write *w = ud;
	struct buf name = {0}, b = {0};

	resource_name(w->client, &w->known->digest, w->uuid, w->zstd, &name);
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
	if (s->code == GRPC_INVALID_ARGUMENT && !w->bytes && store_verify(w->client->store, &w->known->digest) < 0)
		return false;
	w->zstd = false;
	new_name(w);
	client_sleep(w->client, 0, try_write, w);
	return true;
}

static void on_done(void *ud, const struct grpc_status *s)
{
	struct grpc_status wrong = {.code = GRPC_INTERNAL, .source = GRPC_BY_SERVER, .retry_ms = -1};
	struct write *w = ud;
	uint64_t pause;

	w->call = NULL;
	w->client->stats.calls++;
	client_report(w->client, s);
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
	w->first = true;
	w->ended = false;
	w->committed = -2;
	w->read = w->sent = w->zstd ? 0 : w->base;
	if (w->zstd) {
		if (!w->z)
			w->z = ZSTD_createCCtx();
		if (!w->z)
			mem_oom();
		ZSTD_CCtx_reset(w->z, ZSTD_reset_session_and_parameters);
		ZSTD_CCtx_setParameter(w->z, ZSTD_c_compressionLevel, ZSTD_LEVEL);
	}
	w->call = rpc_stream(w->client, "/google.bytestream.ByteStream/Write", NULL, time_for(w->client, w->known->digest.size), &events, w, &why);
	if (w->call)
		on_room(w, w->call);
	else
		finish(w, &why);
}

void write_begin(struct re_client *c, struct known *k)
{
	struct re_status why = {.code = GRPC_OK};
	struct write *w = mem_make(struct write);
	struct buf message = {0};
	struct arena a = {0};

	*w = (struct write){.client = c, .known = k, .fd = -1, .zstd = c->caps.zstd && k->digest.size >= ZSTD_MIN};
	if (k->dir) {
		tree_message(k->dir, store_fn(c->store), &message);
		w->bytes = rpc_blob(&message);
	} else {
		w->fd = store_open_blob(c->store, &k->digest);
	}
	if (!w->bytes && w->fd < 0) {
		status_errno(&why, &a, w->fd, "a blob cannot be read");
		known_failed(c, k, &why, w->fd == -ENOENT);
		arena_clear(&a);
		mem_free(w);
		return;
	}
	new_name(w);
	c->writes++;
	client_hold(c);
	try_write(w);
}
