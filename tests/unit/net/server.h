/* server.h: an HTTP/2 server on the test's own loop, whose behaviour the last part of the path chooses. */
#ifndef STRAYLIGHT_TEST_SERVER_H
#define STRAYLIGHT_TEST_SERVER_H

#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>
#include <straylight/base.h>
#include <uv.h>

struct server {
	uv_loop_t *loop;
	uv_tcp_t tcp;
	unsigned port;
	SSL_CTX *ssl;         /* NULL: plaintext */
	uint32_t max_streams; /* 0: not said */
	bool mute;            /* takes connections and says nothing */
	bool silent_pings;    /* drops what comes once a stream is open */
	unsigned accepted, pings, streams, streams_most;
	size_t received;      /* bytes of DATA */
	struct arena mem;
	struct map headers;   /* of the last request */
	struct server_conn *conns;
	unsigned gate, ngated; /* "/gate" answers when so many calls are waiting */
	struct server_stream *gated[1000];
	bool compressed; /* the last request's headers came in less than half their size */
};

struct server_stream {
	struct server_conn *conn;
	int32_t id;
	str path;
	struct buf in, out;
	size_t out_at;
	size_t repeat; /* further copies of out to send */
	bool ended, page, waiting;
	const char *code;
};

struct server_conn {
	struct server *server;
	uv_tcp_t tcp;
	nghttp2_session *session;
	SSL *ssl;
	BIO *rbio, *wbio;
	bool closing, deaf;
	struct server_conn *next;
	char read[65536];
};

static void server_flush(struct server_conn *);

static bool path_is(const struct server_stream *st, const char *end)
{
	return str_ends(st->path, str_c(end));
}

#define NV(n, v) {(uint8_t *)(uintptr_t)(n), (uint8_t *)(uintptr_t)(v), strlen(n), strlen(v), NGHTTP2_NV_FLAG_NONE}

static ssize_t server_read(nghttp2_session *s, int32_t id, uint8_t *to, size_t n, uint32_t *flags, nghttp2_data_source *from, void *ud)
{
	struct server_stream *st = from->ptr;
	size_t have;

	(void)ud;
	if (st->out_at == st->out.n && st->repeat) {
		st->repeat--;
		st->out_at = 0;
	}
	have = st->out.n - st->out_at;
	if (have == 0 && !st->ended) {
		st->waiting = true;
		return NGHTTP2_ERR_DEFERRED;
	}
	if (n > have)
		n = have;
	if (n)
		memcpy(to, st->out.p + st->out_at, n);
	st->out_at += n;
	if (st->ended && st->out_at == st->out.n && !st->repeat) {
		nghttp2_nv trailers[] = {NV("grpc-status", st->code), NV("grpc-message", "")};

		*flags |= NGHTTP2_DATA_FLAG_EOF;
		if (!st->page) {
			*flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
			nghttp2_submit_trailer(s, id, trailers, 2);
		}
	}
	return (ssize_t)n;
}

static void server_answer(struct server_stream *st, const char *encoding)
{
	nghttp2_nv nv[] = {NV(":status", "200"), NV("content-type", "application/grpc+proto"), NV("grpc-encoding", encoding)};
	nghttp2_data_provider p = {.source.ptr = st, .read_callback = server_read};

	nghttp2_submit_response(st->conn->session, st->id, nv, 3, &p);
}

static void server_message(struct server_stream *st, str bytes, bool packed)
{
	unsigned char prefix[5] = {packed, (unsigned char)(bytes.n >> 24), (unsigned char)(bytes.n >> 16), (unsigned char)(bytes.n >> 8), (unsigned char)bytes.n};

	buf_add(&st->out, prefix, 5);
	buf_str(&st->out, bytes);
}

static void server_trailers_only(struct server_stream *st)
{
	/* Status { 9, "x", details: PreconditionFailure { MISSING, blobs/ab/3 } } */
	nghttp2_nv nv[] = {
		NV(":status", "200"), NV("content-type", "application/grpc"), NV("grpc-status", "9"), NV("grpc-message", "n%C3%A4 %25"),
		NV("grpc-status-details-bin",
				"CAkSAXgaTQoydHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlByZWNvbmRpdGlvbkZhaWx1cmUSFwoVCgdNSVNTSU5HEgpibG9icy9hYi8z"),
	};

	nghttp2_submit_headers(st->conn->session, NGHTTP2_FLAG_END_STREAM, st->id, NULL, nv, 5, NULL);
}

static void server_page(struct server_stream *st)
{
	nghttp2_nv nv[] = {NV(":status", "503"), NV("content-type", "text/html")};
	nghttp2_data_provider p = {.source.ptr = st, .read_callback = server_read};

	buf_lit(&st->out, "<h1>no</h1>");
	st->ended = true;
	st->page = true;
	nghttp2_submit_response(st->conn->session, st->id, nv, 2, &p);
}

/* When the headers are there. */
static void server_begin(struct server_stream *st)
{
	nghttp2_session *s = st->conn->session;

	if (path_is(st, "/fail")) {
		server_trailers_only(st);
	} else if (path_is(st, "/http")) {
		server_page(st);
	} else if (path_is(st, "/reset")) {
		nghttp2_submit_rst_stream(s, NGHTTP2_FLAG_NONE, st->id, NGHTTP2_INTERNAL_ERROR);
	} else if (path_is(st, "/refuse")) {
		nghttp2_submit_rst_stream(s, NGHTTP2_FLAG_NONE, st->id, NGHTTP2_REFUSED_STREAM);
	} else if (path_is(st, "/goaway")) {
		nghttp2_submit_goaway(s, NGHTTP2_FLAG_NONE, st->id - 2, NGHTTP2_NO_ERROR, (const uint8_t *)"max_age", 7);
	} else if (path_is(st, "/calm")) {
		nghttp2_submit_goaway(s, NGHTTP2_FLAG_NONE, st->id, NGHTTP2_ENHANCE_YOUR_CALM, (const uint8_t *)"too_many_pings", 14);
	} else if (path_is(st, "/drop")) {
		st->conn->closing = true;
	} else if (path_is(st, "/early")) { /* an answer to a write whose rest it does not want */
		server_message(st, S("early"), false);
		st->ended = true;
		server_answer(st, "identity");
	} else if (path_is(st, "/echo")) {
		server_answer(st, "identity");
	} else if (path_is(st, "/flood")) { /* 256 messages of 64 KiB */
		struct buf b = {0};

		buf_reserve(&b, 65536);
		memset(b.p, 'f', b.n = 65536);
		server_message(st, buf_view(&b), false);
		buf_free(&b);
		st->repeat = 255;
		st->ended = true;
		server_answer(st, "identity");
	}
}

/* When the client has ended its side. */
static void server_finish(struct server_stream *st)
{
	static const char gz[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03KLLL\x04\0E\xe5\x98\xad\x04\0\0\0";

	st->ended = true;
	if (path_is(st, "/gzip")) {
		server_message(st, str_of(gz, sizeof gz - 1), true);
		server_answer(st, "gzip");
	} else if (path_is(st, "/unary")) {
		buf_str(&st->out, buf_view(&st->in));
		server_answer(st, "identity");
	} else if (path_is(st, "/gate")) {
		struct server *srv = st->conn->server;

		srv->gated[srv->ngated++] = st;
		for (unsigned i = 0; srv->ngated == srv->gate && i < srv->gate; i++) {
			server_message(srv->gated[i], S("open"), false);
			server_answer(srv->gated[i], "identity");
		}
	} else if (path_is(st, "/none")) {
		server_answer(st, "identity");
	} else if (path_is(st, "/twice")) {
		server_message(st, S("a"), false);
		server_message(st, S("b"), false);
		server_answer(st, "identity");
	} else if (path_is(st, "/torn")) {
		buf_add(&st->out, "\0\0\0\0\5hel", 8);
		server_answer(st, "identity");
	} else if (path_is(st, "/huge")) {
		buf_add(&st->out, "\0\x7f\xff\xff\xff", 5);
		server_answer(st, "identity");
	} else if (path_is(st, "/echo")) {
		nghttp2_session_resume_data(st->conn->session, st->id);
	}
}

static int server_on_begin(nghttp2_session *s, const nghttp2_frame *f, void *ud)
{
	struct server_conn *c = ud;
	struct server_stream *st;

	if (f->hd.type != NGHTTP2_HEADERS || f->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	st = mem_make(struct server_stream);
	st->conn = c;
	st->id = f->hd.stream_id;
	st->code = "0";
	c->server->streams++;
	if (c->server->streams > c->server->streams_most)
		c->server->streams_most = c->server->streams;
	c->server->headers.n = 0;
	map_free(&c->server->headers);
	nghttp2_session_set_stream_user_data(s, st->id, st);
	return 0;
}

static int server_on_header(nghttp2_session *s, const nghttp2_frame *f, const uint8_t *n, size_t nn, const uint8_t *v, size_t vn, uint8_t fl, void *ud)
{
	struct server_stream *st = nghttp2_session_get_stream_user_data(s, f->hd.stream_id);
	struct server *srv = ((struct server_conn *)ud)->server;
	str name = str_dup(&srv->mem, str_of((const char *)n, nn)), value = str_dup(&srv->mem, str_of((const char *)v, vn));

	(void)fl;
	map_put(&srv->headers, name, (void *)(uintptr_t)value.p);
	if (st && str_eq(name, S(":path")))
		st->path = value;
	return 0;
}

static int server_on_data(nghttp2_session *s, uint8_t fl, int32_t id, const uint8_t *b, size_t n, void *ud)
{
	struct server_stream *st = nghttp2_session_get_stream_user_data(s, id);

	(void)fl;
	((struct server_conn *)ud)->server->received += n;
	if (!st)
		return 0;
	if (path_is(st, "/echo")) {
		if (st->out_at == st->out.n)
			st->out.n = st->out_at = 0;
		buf_add(&st->out, b, n);
		if (st->waiting) {
			st->waiting = false;
			nghttp2_session_resume_data(s, id);
		}
	} else if (path_is(st, "/unary")) {
		buf_add(&st->in, b, n);
	}
	return 0;
}

static int server_on_frame(nghttp2_session *s, const nghttp2_frame *f, void *ud)
{
	struct server_stream *st = nghttp2_session_get_stream_user_data(s, f->hd.stream_id);
	struct server_conn *c = ud;
	size_t plain = 0;

	if (f->hd.type == NGHTTP2_PING && !(f->hd.flags & NGHTTP2_FLAG_ACK))
		c->server->pings++;
	if (st && f->hd.type == NGHTTP2_HEADERS) {
		for (size_t i = 0; i < c->server->headers.n; i++)
			plain += c->server->headers.entries[i].key.n + strlen(c->server->headers.entries[i].value) + 2;
		c->server->compressed = f->hd.length * 2 < plain;
		server_begin(st);
		c->deaf = c->server->silent_pings;
	}
	if (st && f->hd.flags & NGHTTP2_FLAG_END_STREAM)
		server_finish(st);
	return 0;
}

static int server_on_stream_close(nghttp2_session *s, int32_t id, uint32_t error, void *ud)
{
	struct server_stream *st = nghttp2_session_get_stream_user_data(s, id);

	(void)error;
	if (!st)
		return 0;
	((struct server_conn *)ud)->server->streams--;
	buf_free(&st->in);
	buf_free(&st->out);
	mem_free(st);
	return 0;
}

/* gRPC servers say so: the rest of an early-answered write is not wanted. */
static int server_on_sent(nghttp2_session *s, const nghttp2_frame *f, void *ud)
{
	(void)ud;
	if (f->hd.type == NGHTTP2_HEADERS && f->hd.flags & NGHTTP2_FLAG_END_STREAM)
		nghttp2_submit_rst_stream(s, NGHTTP2_FLAG_NONE, f->hd.stream_id, NGHTTP2_NO_ERROR);
	return 0;
}

static void server_session(struct server_conn *c)
{
	nghttp2_settings_entry e[] = {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20}, {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, c->server->max_streams}};
	nghttp2_session_callbacks *cb;

	nghttp2_session_callbacks_new(&cb);
	nghttp2_session_callbacks_set_on_begin_headers_callback(cb, server_on_begin);
	nghttp2_session_callbacks_set_on_header_callback(cb, server_on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, server_on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(cb, server_on_frame);
	nghttp2_session_callbacks_set_on_frame_send_callback(cb, server_on_sent);
	nghttp2_session_callbacks_set_on_stream_close_callback(cb, server_on_stream_close);
	nghttp2_session_server_new(&c->session, cb, c);
	nghttp2_session_callbacks_del(cb);
	nghttp2_submit_settings(c->session, NGHTTP2_FLAG_NONE, e, c->server->max_streams ? 2 : 1);
}

struct server_write {
	uv_write_t w;
	uv_buf_t b;
};

static void server_written(uv_write_t *w, int status)
{
	(void)status;
	mem_free(((struct server_write *)w)->b.base);
	mem_free(w);
}

static void server_conn_closed(uv_handle_t *h)
{
	struct server_conn *c = h->data;

	if (c->session)
		nghttp2_session_del(c->session);
	SSL_free(c->ssl);
	mem_free(c);
}

static void server_conn_close(struct server_conn *c)
{
	struct server_conn **at = &c->server->conns;

	if (uv_is_closing((uv_handle_t *)&c->tcp))
		return;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	for (int32_t id = 1; c->session && id < 20000; id += 2) {
		struct server_stream *st = nghttp2_session_get_stream_user_data(c->session, id);

		if (st)
			server_on_stream_close(c->session, id, 0, c);
	}
	uv_close((uv_handle_t *)&c->tcp, server_conn_closed);
}

static void server_put(struct server_conn *c, const void *bytes, size_t n)
{
	struct server_write *w = mem_make(struct server_write);

	w->b = uv_buf_init(memcpy(mem_alloc(n), bytes, n), (unsigned)n);
	uv_write(&w->w, (uv_stream_t *)&c->tcp, &w->b, 1, server_written);
}

static void server_flush(struct server_conn *c)
{
	const uint8_t *bytes;
	char cipher[16384];
	ssize_t n;
	int r;

	if (c->server->mute)
		return;
	while ((!c->ssl || SSL_is_init_finished(c->ssl)) && (n = nghttp2_session_mem_send(c->session, &bytes)) > 0) {
		if (c->ssl)
			SSL_write(c->ssl, bytes, (int)n);
		else
			server_put(c, bytes, (size_t)n);
	}
	while (c->ssl && (r = BIO_read(c->wbio, cipher, sizeof cipher)) > 0)
		server_put(c, cipher, (size_t)r);
	if (c->closing)
		server_conn_close(c);
}

static void server_on_read(uv_stream_t *h, ssize_t n, const uv_buf_t *b)
{
	struct server_conn *c = h->data;
	char plain[16384];
	int r;

	if (n < 0) {
		server_conn_close(c);
		return;
	}
	if (c->server->mute || c->deaf || n == 0)
		return;
	if (!c->ssl) {
		nghttp2_session_mem_recv(c->session, (const uint8_t *)b->base, (size_t)n);
	} else {
		BIO_write(c->rbio, b->base, (int)n);
		while ((r = SSL_read(c->ssl, plain, sizeof plain)) > 0)
			nghttp2_session_mem_recv(c->session, (const uint8_t *)plain, (size_t)r);
	}
	server_flush(c);
}

static void server_alloc(uv_handle_t *h, size_t n, uv_buf_t *b)
{
	struct server_conn *c = h->data;

	(void)n;
	*b = uv_buf_init(c->read, sizeof c->read);
}

static void server_on_connection(uv_stream_t *h, int status)
{
	struct server_conn *c = mem_make(struct server_conn);

	assert_int_equal(status, 0);
	c->server = h->data;
	c->next = c->server->conns;
	c->server->conns = c;
	c->server->accepted++;
	uv_tcp_init(c->server->loop, &c->tcp);
	c->tcp.data = c;
	uv_unref((uv_handle_t *)&c->tcp);
	assert_int_equal(uv_accept(h, (uv_stream_t *)&c->tcp), 0);
	if (c->server->ssl) {
		c->ssl = SSL_new(c->server->ssl);
		c->rbio = BIO_new(BIO_s_mem());
		c->wbio = BIO_new(BIO_s_mem());
		SSL_set_bio(c->ssl, c->rbio, c->wbio);
		SSL_set_accept_state(c->ssl);
	}
	server_session(c);
	uv_read_start((uv_stream_t *)&c->tcp, server_alloc, server_on_read);
	if (!c->ssl)
		server_flush(c);
}

static void server_start(struct server *s, uv_loop_t *loop)
{
	struct sockaddr_in at;
	int size = sizeof at;

	s->loop = loop;
	uv_tcp_init(loop, &s->tcp);
	s->tcp.data = s;
	uv_ip4_addr("127.0.0.1", 0, &at);
	assert_int_equal(uv_tcp_bind(&s->tcp, (struct sockaddr *)&at, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&s->tcp, 16, server_on_connection), 0);
	uv_tcp_getsockname(&s->tcp, (struct sockaddr *)&at, &size);
	s->port = ntohs(at.sin_port);
	uv_unref((uv_handle_t *)&s->tcp);
}

static void server_stop(struct server *s)
{
	while (s->conns)
		server_conn_close(s->conns);
	uv_close((uv_handle_t *)&s->tcp, NULL);
	map_free(&s->headers);
	arena_clear(&s->mem);
	SSL_CTX_free(s->ssl);
}

#endif
