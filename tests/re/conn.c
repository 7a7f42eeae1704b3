#include "call.h"

#define WRITE_MAX (256 << 10) /* bytes that are pulled from nghttp2 at once */

enum ending { ENDING_NOT, ENDING_CLOSE, ENDING_ABORT, ENDING_HALF };

struct conn {
	struct server *server;
	struct conn *next, *prev;
	uv_tcp_t tcp;
	uv_timer_t timer;
	bool timer_closed;
	nghttp2_session *h2;
	struct hpack *hpack;
	struct call *calls;
	struct buf out;    /* is being written */
	uv_write_t write;
	uv_shutdown_t shut;
	bool writing, dirty, half_closed, closed;
	enum ending ending;
	int drained; /* steps of conn_drain that are done */
	char in[64 << 10];
};

nghttp2_session *conn_session(struct conn *conn)
{
	return conn->h2;
}

void conn_flush(struct conn *conn)
{
	conn->dirty = true;
}

/* ---- the end ---- */

static void unlink_call(struct conn *conn, struct call *c)
{
	if (c->prev)
		c->prev->next = c->next;
	else
		conn->calls = c->next;
	if (c->next)
		c->next->prev = c->prev;
}

static void free_calls(struct conn *conn)
{
	struct call *c;

	while ((c = conn->calls)) {
		unlink_call(conn, c);
		call_free(c);
	}
}

static void free_conn(uv_handle_t *h)
{
	struct conn *conn = h->data;

	if (!conn->timer_closed) { /* the first of two handles */
		conn->timer_closed = true;
		return;
	}
	if (conn->prev)
		conn->prev->next = conn->next;
	else
		conn->server->conns = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	nghttp2_session_del(conn->h2);
	hpack_free(conn->hpack);
	buf_free(&conn->out);
	mem_free(conn);
}

static void close_now(struct conn *conn)
{
	if (conn->closed)
		return;
	conn->closed = true;
	free_calls(conn);
	uv_close((uv_handle_t *)&conn->timer, free_conn);
	if (conn->ending == ENDING_ABORT && uv_tcp_close_reset(&conn->tcp, free_conn) == 0)
		return;
	uv_close((uv_handle_t *)&conn->tcp, free_conn);
}

void conn_close(struct conn *conn, bool abort)
{
	conn->ending = abort ? ENDING_ABORT : ENDING_CLOSE;
	conn_flush(conn);
}

void conn_half_close(struct conn *conn)
{
	conn->ending = ENDING_HALF;
	conn_flush(conn);
}

/* GOAWAY in two steps (RFC 9113 6.8): first one that refuses nothing, then the real last id. */
static void drain_step(uv_timer_t *t)
{
	struct conn *conn = t->data;

	if (conn->drained++ == 0)
		nghttp2_submit_shutdown_notice(conn->h2);
	else
		nghttp2_submit_goaway(conn->h2, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(conn->h2),
				NGHTTP2_NO_ERROR, NULL, 0);
	if (conn->drained == 1 && !uv_is_active((uv_handle_t *)t))
		uv_timer_start(t, drain_step, 100, 0);
	conn_flush(conn);
}

void conn_drain(struct conn *conn, uint64_t ms)
{
	conn->drained = 1;
	nghttp2_submit_shutdown_notice(conn->h2);
	uv_timer_start(&conn->timer, drain_step, ms, 0);
	conn_flush(conn);
}

/* ---- out ---- */

static void written(uv_write_t *w, int status)
{
	struct conn *conn = w->data;

	conn->writing = false;
	conn->out.n = 0;
	if (status < 0)
		conn->ending = ENDING_CLOSE;
	conn_flush(conn);
}

static void pull(struct conn *conn)
{
	while (conn->out.n < WRITE_MAX) {
		const uint8_t *p;
		ssize_t n = nghttp2_session_mem_send(conn->h2, &p);

		if (n < 0)
			conn->ending = ENDING_CLOSE;
		if (n <= 0)
			break;
		hpack_pass(conn->hpack, str_of((const char *)p, (size_t)n), &conn->out);
	}
}

static bool write_out(struct conn *conn)
{
	uv_buf_t b = uv_buf_init(conn->out.p, (unsigned)conn->out.n);

	conn->writing = conn->out.n != 0;
	conn->write.data = conn;
	return !conn->writing || uv_write(&conn->write, (uv_stream_t *)&conn->tcp, &b, 1, written) == 0;
}

static void shut(uv_shutdown_t *s, int status)
{
	(void)s, (void)status;
}

static void pump(struct conn *conn)
{
	conn->dirty = false;
	if (conn->closed || conn->writing)
		return;
	if (!conn->half_closed)
		pull(conn);
	if (conn->out.n) {
		if (!write_out(conn))
			close_now(conn);
		return;
	}
	if (conn->ending == ENDING_HALF && !conn->half_closed) {
		conn->half_closed = true;
		uv_shutdown(&conn->shut, (uv_stream_t *)&conn->tcp, shut);
	} else if (conn->ending == ENDING_CLOSE || conn->ending == ENDING_ABORT ||
			(!nghttp2_session_want_read(conn->h2) && !nghttp2_session_want_write(conn->h2)))
		close_now(conn);
}

void conn_pump_all(struct server *s)
{
	for (struct conn *conn = s->conns, *next; conn; conn = next) {
		next = conn->next;
		if (conn->dirty)
			pump(conn);
	}
}

void conn_end_all(struct server *s)
{
	for (struct conn *conn = s->conns; conn; conn = conn->next)
		close_now(conn);
}

/* ---- in ---- */

static int on_begin_headers(nghttp2_session *h2, const nghttp2_frame *frame, void *ud)
{
	struct conn *conn = ud;
	struct call *c;

	if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	c = call_new(conn, frame->hd.stream_id);
	c->server = conn->server;
	c->next = conn->calls;
	if (c->next)
		c->next->prev = c;
	conn->calls = c;
	nghttp2_session_set_stream_user_data(h2, frame->hd.stream_id, c);
	return 0;
}

static int on_header(nghttp2_session *h2, const nghttp2_frame *frame, const uint8_t *name, size_t namelen,
		const uint8_t *value, size_t valuelen, uint8_t flags, void *ud)
{
	struct call *c = nghttp2_session_get_stream_user_data(h2, frame->hd.stream_id);
	str n = str_of((const char *)name, namelen), v = str_of((const char *)value, valuelen);

	(void)flags, (void)ud;
	if (c && str_eq(n, S(":path")))
		c->path = str_dup(&c->arena, v);
	else if (c && str_eq(n, S("authorization")))
		c->authorization = str_dup(&c->arena, v);
	else if (c && str_eq(n, S("build.bazel.remote.execution.v2.requestmetadata-bin")))
		c->metadata = str_dup(&c->arena, v);
	else if (c && str_eq(n, S("grpc-encoding")))
		c->encoding = str_dup(&c->arena, v);
	else if (c && str_eq(n, S("grpc-accept-encoding")))
		c->takes_gzip = str_find_str(v, S("gzip")) < v.n;
	return 0;
}

static int on_frame(nghttp2_session *h2, const nghttp2_frame *frame, void *ud)
{
	struct call *c = nghttp2_session_get_stream_user_data(h2, frame->hd.stream_id);
	struct conn *conn = ud;

	if (frame->hd.type == NGHTTP2_SETTINGS && !(frame->hd.flags & NGHTTP2_FLAG_ACK))
		for (size_t i = 0; i < frame->settings.niv; i++)
			if (frame->settings.iv[i].settings_id == NGHTTP2_SETTINGS_HEADER_TABLE_SIZE)
				hpack_limit(conn->hpack, frame->settings.iv[i].value);
	if (!c)
		return 0;
	if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
		call_headers_done(c);
	if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) && frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
		call_request_end(c);
	return 0;
}

static int on_data(nghttp2_session *h2, uint8_t flags, int32_t stream, const uint8_t *p, size_t n, void *ud)
{
	struct call *c = nghttp2_session_get_stream_user_data(h2, stream);

	(void)flags, (void)ud;
	if (c)
		call_data(c, str_of((const char *)p, n));
	return 0;
}

/* Answered before the request was whole: what still comes is not wanted (RFC 9113 8.1). */
static int on_sent(nghttp2_session *h2, const nghttp2_frame *frame, void *ud)
{
	struct call *c = nghttp2_session_get_stream_user_data(h2, frame->hd.stream_id);

	(void)ud;
	if (c && frame->hd.flags & NGHTTP2_FLAG_END_STREAM && !c->in_end &&
			(frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA))
		nghttp2_submit_rst_stream(h2, NGHTTP2_FLAG_NONE, c->stream, NGHTTP2_NO_ERROR);
	return 0;
}

static int on_close(nghttp2_session *h2, int32_t stream, uint32_t code, void *ud)
{
	struct call *c = nghttp2_session_get_stream_user_data(h2, stream);

	(void)code;
	if (c) {
		nghttp2_session_set_stream_user_data(h2, stream, NULL);
		unlink_call(ud, c);
		call_free(c);
	}
	return 0;
}

static void give_room(uv_handle_t *h, size_t n, uv_buf_t *out)
{
	struct conn *conn = h->data;

	(void)n;
	*out = uv_buf_init(conn->in, sizeof conn->in);
}

static void received(uv_stream_t *stream, ssize_t n, const uv_buf_t *b)
{
	struct conn *conn = stream->data;

	if (conn->closed)
		return;
	if (n < 0 || (n > 0 && nghttp2_session_mem_recv(conn->h2, (const uint8_t *)b->base, (size_t)n) < 0))
		close_now(conn);
	else
		conn_flush(conn);
}

/* ---- the beginning ---- */

static void make_session(struct conn *conn)
{
	const struct re_options *o = &conn->server->options;
	const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, o->max_streams},
			{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, o->window}};
	nghttp2_session_callbacks *callbacks;

	if (nghttp2_session_callbacks_new(&callbacks) != 0)
		mem_oom();
	nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_sent);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
	if (nghttp2_session_server_new(&conn->h2, callbacks, conn) != 0)
		mem_oom();
	nghttp2_session_callbacks_del(callbacks);
	nghttp2_submit_settings(conn->h2, NGHTTP2_FLAG_NONE, settings, SL_COUNT(settings));
	nghttp2_session_set_local_window_size(conn->h2, NGHTTP2_FLAG_NONE, 0, 16 << 20);
}

void conn_accept(struct server *s)
{
	struct conn *conn = mem_make(struct conn);

	conn->server = s;
	conn->next = s->conns;
	if (conn->next)
		conn->next->prev = conn;
	s->conns = conn;
	s->connections++;
	uv_tcp_init(&s->loop, &conn->tcp);
	uv_timer_init(&s->loop, &conn->timer);
	conn->tcp.data = conn->timer.data = conn;
	conn->hpack = hpack_new(s->options.hpack, s->options.header_split);
	make_session(conn);
	conn_flush(conn);
	if (uv_accept((uv_stream_t *)&s->listener, (uv_stream_t *)&conn->tcp) < 0) {
		close_now(conn);
		return;
	}
	uv_tcp_nodelay(&conn->tcp, 1);
	uv_read_start((uv_stream_t *)&conn->tcp, give_room, received);
	if (s->options.max_age_ms)
		uv_timer_start(&conn->timer, drain_step, s->options.max_age_ms, 0);
}
