#include "grpc_int.h"

#include <stdio.h>

/* ---- what nghttp2 asks and tells ---- */

static struct grpc_call *call_of(nghttp2_session *s, int32_t stream)
{
	return nghttp2_session_get_stream_user_data(s, stream);
}

static int on_header(nghttp2_session *s, const nghttp2_frame *frame, const uint8_t *name, size_t nname, const uint8_t *value,
		size_t nvalue, uint8_t flags, void *ud)
{
	struct grpc_call *call = call_of(s, frame->hd.stream_id);

	(void)flags, (void)ud;
	if (call && !call_header(call, str_of((const char *)name, nname), str_of((const char *)value, nvalue)))
		call_fail(call, GRPC_RESOURCE_EXHAUSTED, GRPC_BY_CHANNEL, false, "the headers of the answer are too large");
	return 0;
}

/* What DATA takes of the connection's window is given back at once: a call that is paused slows only itself. */
static int on_data(nghttp2_session *s, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t n, void *ud)
{
	struct grpc_call *call = call_of(s, stream);

	(void)flags, (void)ud;
	nghttp2_session_consume_connection(s, n);
	if (call)
		call_data(call, str_of((const char *)bytes, n));
	return 0;
}

static bool too_many_pings(const nghttp2_goaway *g)
{
	str text = str_of((const char *)g->opaque_data, g->opaque_data_len);

	return g->error_code == NGHTTP2_ENHANCE_YOUR_CALM && str_eq(text, S("too_many_pings"));
}

#define PING_MS_MAX (2u * 3600 * 1000)

static void on_goaway(struct conn *c, const nghttp2_goaway *g)
{
	size_t n = g->opaque_data_len < 60 ? g->opaque_data_len : 60;

	snprintf(c->goaway, sizeof c->goaway, "%s%s%.*s", nghttp2_http2_strerror(g->error_code), n ? ": " : "", (int)n,
			(const char *)g->opaque_data);
	if (too_many_pings(g) && c->channel->ping_ms < PING_MS_MAX)
		c->channel->ping_ms *= 2;
	if (conn_is_up(c))
		c->state = CONN_DRAINING;
	channel_wake(c->channel);
}

static void on_settings(struct conn *c)
{
	if (c->state == CONN_OPEN) {
		c->state = CONN_READY;
		c->channel->stats.connected++;
	}
	c->channel->granted = nghttp2_session_get_remote_settings(c->session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
	channel_wake(c->channel); /* more or fewer streams */
}

static int on_frame(nghttp2_session *s, const nghttp2_frame *frame, void *ud)
{
	struct grpc_call *call;
	struct conn *c = ud;

	switch (frame->hd.type) {
	case NGHTTP2_SETTINGS:
		if (!(frame->hd.flags & NGHTTP2_FLAG_ACK))
			on_settings(c);
		break;
	case NGHTTP2_GOAWAY: on_goaway(c, &frame->goaway); break;
	case NGHTTP2_HEADERS: case NGHTTP2_DATA:
		call = call_of(s, frame->hd.stream_id);
		if (call && frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
			call_trailed(call);
		break;
	default: break;
	}
	return 0;
}

static int on_stream_close(nghttp2_session *s, int32_t stream, uint32_t error, void *ud)
{
	struct grpc_call *call = call_of(s, stream);
	struct conn *c = ud;

	c->streams--;
	channel_wake(c->channel); /* a stream to spare */
	if (call) {
		call->stream = 0;
		call_reset(call, error);
	}
	return 0;
}

/* A request that cannot be sent: the connection goes away, or there are no more stream numbers. */
static int on_not_sent(nghttp2_session *s, const nghttp2_frame *frame, int error, void *ud)
{
	struct grpc_call *call;
	struct conn *c = ud;

	if (frame->hd.type != NGHTTP2_HEADERS)
		return 0;
	call = call_of(s, frame->hd.stream_id);
	if (error == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE && conn_is_up(c))
		c->state = CONN_DRAINING;
	if (call)
		call_fail(call, GRPC_UNAVAILABLE, GRPC_BY_CHANNEL, true, "the request was not sent: %s", nghttp2_strerror(error));
	return 0;
}

/* nghttp2 ends the session itself when the server breaks the protocol: this is why. */
static int on_error(nghttp2_session *s, int error, const char *text, size_t n, void *ud)
{
	struct conn *c = ud;

	(void)s, (void)error;
	if (!*c->goaway)
		snprintf(c->goaway, sizeof c->goaway, "%.*s", n < 100 ? (int)n : 100, text);
	return 0;
}

/* ---- what goes out ---- */

static ssize_t on_send(nghttp2_session *s, const uint8_t *bytes, size_t n, int flags, void *ud)
{
	struct conn *c = ud;

	(void)s, (void)flags;
	if (conn_is_full(c))
		return NGHTTP2_ERR_WOULDBLOCK;
	conn_put(c, bytes, n);
	return (ssize_t)n;
}

/* Larger frames than the default 16 KiB where the server takes them. */
static ssize_t on_frame_length(nghttp2_session *s, uint8_t type, int32_t stream, int32_t conn_window, int32_t stream_window,
		uint32_t frame_max, void *ud)
{
	int64_t n = conn_window < stream_window ? conn_window : stream_window;

	(void)s, (void)type, (void)stream, (void)ud;
	if (n > frame_max)
		n = frame_max;
	return (ssize_t)(n < (int64_t)CONN_OUT_MARK ? n : (int64_t)CONN_OUT_MARK);
}

/* The call may be over while its stream is not: its RST_STREAM is on the way. */
static ssize_t on_read(nghttp2_session *s, int32_t stream, uint8_t *bytes, size_t length, uint32_t *flags, nghttp2_data_source *from,
		void *ud)
{
	struct grpc_call *call = call_of(s, stream);
	size_t n;

	(void)bytes, (void)from, (void)ud;
	if (!call)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	n = call->out_bytes < length ? call->out_bytes : length;
	if (n == 0 && !call->out_end) {
		call->out_idle = true;
		return NGHTTP2_ERR_DEFERRED;
	}
	if (n == call->out_bytes && call->out_end) {
		*flags |= NGHTTP2_DATA_FLAG_EOF;
		call->out_closed = true;
	}
	*flags |= NGHTTP2_DATA_FLAG_NO_COPY;
	return (ssize_t)n;
}

static int on_send_data(nghttp2_session *s, nghttp2_frame *frame, const uint8_t *head, size_t n, nghttp2_data_source *from, void *ud)
{
	struct grpc_call *call = call_of(s, frame->hd.stream_id);
	struct conn *c = ud;

	(void)from;
	if (!call)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	if (conn_is_full(c))
		return NGHTTP2_ERR_WOULDBLOCK;
	conn_put(c, head, 9);
	call_take(call, n);
	return 0;
}

/* ---- the session ---- */

static nghttp2_session_callbacks *callbacks(void)
{
	nghttp2_session_callbacks *cb;

	if (nghttp2_session_callbacks_new(&cb) != 0)
		mem_oom();
	nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame);
	nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_stream_close);
	nghttp2_session_callbacks_set_on_frame_not_send_callback(cb, on_not_sent);
	nghttp2_session_callbacks_set_error_callback2(cb, on_error);
	nghttp2_session_callbacks_set_send_callback(cb, on_send);
	nghttp2_session_callbacks_set_send_data_callback(cb, on_send_data);
	nghttp2_session_callbacks_set_data_source_read_length_callback(cb, on_frame_length);
	return cb;
}

void session_start(struct conn *c)
{
	static const nghttp2_settings_entry settings[] = {
		{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
		{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, GRPC_WINDOW},
		{NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 1 << 20},
		{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, 64 << 10},
	};
	nghttp2_session_callbacks *cb = callbacks();
	nghttp2_option *option;

	if (nghttp2_option_new(&option) != 0)
		mem_oom();
	nghttp2_option_set_no_auto_window_update(option, 1);
	if (nghttp2_session_client_new2(&c->session, cb, c, option) != 0)
		mem_oom();
	nghttp2_option_del(option);
	nghttp2_session_callbacks_del(cb);
	nghttp2_submit_settings(c->session, NGHTTP2_FLAG_NONE, settings, SL_COUNT(settings));
	nghttp2_session_set_local_window_size(c->session, NGHTTP2_FLAG_NONE, 0, GRPC_CONN_WINDOW);
	c->state = CONN_OPEN;
	c->dirty = true;
	channel_wake(c->channel);
}

void session_feed(struct conn *c, str bytes)
{
	ssize_t n = nghttp2_session_mem_recv(c->session, (const uint8_t *)bytes.p, bytes.n);

	c->dirty = true;
	channel_wake(c->channel);
	if (n == NGHTTP2_ERR_NOMEM)
		mem_oom();
	if (n < 0)
		conn_fail(c, "the server does not speak HTTP/2: %s", nghttp2_strerror((int)n));
}

bool session_fill(struct conn *c)
{
	int r;

	if (conn_is_full(c))
		return true;
	r = nghttp2_session_send(c->session);
	if (r == NGHTTP2_ERR_NOMEM)
		mem_oom();
	if (r != 0) {
		conn_fail(c, "HTTP/2 failed: %s", nghttp2_strerror(r));
		return false;
	}
	return true;
}

/* ---- requests ---- */

#define NV_MAX 64

struct fields {
	nghttp2_nv nv[NV_MAX];
	size_t n;
	struct arena *mem;
};

static void field_with(struct fields *f, str name, str value, uint8_t flags)
{
	static const char none[] = "";

	if (f->n == NV_MAX)
		return;
	f->nv[f->n++] = (nghttp2_nv){
		.name = (uint8_t *)(uintptr_t)name.p,
		.namelen = name.n,
		.value = (uint8_t *)(uintptr_t)(value.p ? value.p : none),
		.valuelen = value.n,
		.flags = flags,
	};
}

static void field(struct fields *f, str name, str value)
{
	field_with(f, name, value, NGHTTP2_NV_FLAG_NONE);
}

/* What differs from call to call is not worth a place in the table of header compression. */
static void user_field(struct fields *f, const struct net_header *h, uint8_t flags)
{
	struct buf coded = {0};
	str value = h->value;

	if (str_ends(h->name, S("-bin"))) {
		base64_write(value, &coded);
		value = buf_take(&coded, f->mem);
	}
	field_with(f, h->name, value, flags);
}

/* "20000m": at most eight digits, so long ones are written in seconds. */
static str timeout_text(struct grpc_call *call)
{
	uint64_t now = channel_now(call->channel), left = call->deadline > now ? call->deadline - now : 1;

	return left < 100000000 ? str_fmt(&call->mem, "%llum", (unsigned long long)left)
				: str_fmt(&call->mem, "%lluS", (unsigned long long)(left / 1000 < 99999999 ? left / 1000 : 99999999));
}

static void request_fields(struct grpc_call *call, struct fields *f)
{
	const struct grpc_channel *ch = call->channel;

	field(f, S(":method"), S("POST"));
	field(f, S(":scheme"), ch->to.tls ? S("https") : S("http"));
	field(f, S(":path"), call->method);
	field(f, S(":authority"), ch->to.authority);
	field(f, S("te"), S("trailers"));
	field(f, S("content-type"), S("application/grpc"));
	field(f, S("user-agent"), ch->config.user_agent);
	field(f, S("grpc-accept-encoding"), S("identity,gzip"));
	field_with(f, S("grpc-timeout"), timeout_text(call), NGHTTP2_NV_FLAG_NO_INDEX);
	for (size_t i = 0; i < ch->config.nheaders; i++)
		user_field(f, &ch->config.headers[i], NGHTTP2_NV_FLAG_NONE);
	for (size_t i = 0; i < call->nheaders; i++)
		user_field(f, &call->headers[i], NGHTTP2_NV_FLAG_NO_INDEX);
}

void session_call(struct conn *c, struct grpc_call *call)
{
	nghttp2_data_provider provider = {.read_callback = on_read};
	struct fields f = {.mem = &call->mem};
	int32_t stream;

	request_fields(call, &f);
	stream = nghttp2_submit_request(c->session, NULL, f.nv, f.n, &provider, call);
	if (stream == NGHTTP2_ERR_NOMEM)
		mem_oom();
	if (stream < 0) {
		c->state = CONN_DRAINING;
		call_fail(call, GRPC_UNAVAILABLE, GRPC_BY_CHANNEL, true, "no stream can be opened: %s", nghttp2_strerror(stream));
		return;
	}
	call->stream = stream;
	call->state = CALL_SENT;
	call->conn = c;
	call->at = c->calls.n;
	vec_push(&c->calls, call);
	c->streams++;
	c->dirty = true;
}

void session_wake(struct grpc_call *call)
{
	if (!call->conn || !call->stream)
		return;
	if (call->out_idle) {
		call->out_idle = false;
		nghttp2_session_resume_data(call->conn->session, call->stream);
	}
	call->conn->dirty = true;
	channel_wake(call->channel);
}

void session_cancel(struct grpc_call *call)
{
	struct conn *c = call->conn;

	if (!c || !call->stream || c->state == CONN_CLOSED)
		return;
	nghttp2_session_set_stream_user_data(c->session, call->stream, NULL);
	if (!(call->state == CALL_TRAILED && call->out_closed))
		nghttp2_submit_rst_stream(c->session, NGHTTP2_FLAG_NONE, call->stream, NGHTTP2_CANCEL);
	c->dirty = true;
	channel_wake(call->channel);
}

void session_used(struct grpc_call *call, size_t n)
{
	if (!call->conn || !call->stream || call->conn->state == CONN_CLOSED || n == 0)
		return;
	nghttp2_session_consume_stream(call->conn->session, call->stream, n);
	call->conn->dirty = true;
	channel_wake(call->channel);
}
