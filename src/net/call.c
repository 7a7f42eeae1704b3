#include "grpc_int.h"

#include <stdarg.h>

#define TIMEOUT_MS 60000u
#define HEADER_BYTES_MAX ((size_t)128 << 10)

/* ---- its end ---- */

static void leave_connection(struct grpc_call *call)
{
	struct conn *c = call->conn;

	if (!c)
		return;
	session_cancel(call);
	c->calls.p[call->at] = vec_last(&c->calls);
	c->calls.p[call->at]->at = call->at;
	c->calls.n--;
	call->conn = NULL;
	call->stream = 0;
}

void call_finish(struct grpc_call *call, struct grpc_status status)
{
	if (call->state == CALL_OVER)
		return;
	leave_connection(call);
	call->state = CALL_OVER;
	status.text = str_dup(&call->mem, status.text);
	call->status = status;
	channel_over(call);
}

void call_fail(struct grpc_call *call, enum grpc_code code, enum grpc_source source, bool unseen, const char *fmt, ...)
{
	struct grpc_status status = {.code = code, .source = source, .unseen = unseen, .retry_ms = -1};
	va_list args;

	va_start(args, fmt);
	status.text = str_vfmt(&call->mem, fmt, args);
	va_end(args);
	call_finish(call, status);
}

static void drop_out(struct grpc_call *call)
{
	struct out_message *m = call->out;

	call->out = m->next;
	if (!call->out)
		call->out_tail = &call->out;
	blob_unref(m->bytes);
	mem_free(m);
}

void call_free(struct grpc_call *call)
{
	while (call->out)
		drop_out(call);
	frames_free(&call->in);
	buf_free(&call->held);
	buf_free(&call->unpacked);
	buf_free(&call->details);
	arena_clear(&call->mem);
	mem_free(call);
}

/* What the headers and trailers say, after the last message. */
static void conclude(struct grpc_call *call)
{
	struct grpc_status s = {.code = call->code, .retry_ms = -1, .text = call->text};
	struct grpc_status details;

	if (!call->has_code && (call->http != 200 || !call->is_grpc)) {
		call_fail(call, status_of_http(call->http), GRPC_BY_CHANNEL, false, "the server answers with HTTP status %u, not with gRPC", call->http);
		return;
	}
	if (!call->has_code) {
		call_fail(call, GRPC_UNKNOWN, GRPC_BY_CHANNEL, false, "the answer ends without a status");
		return;
	}
	if (s.code == GRPC_OK && !frame_at_end(&call->in)) {
		call_fail(call, GRPC_INTERNAL, GRPC_BY_CHANNEL, false, "the answer ends inside a message");
		return;
	}
	if (call->details.n && grpc_status_read(buf_view(&call->details), &call->mem, &details)) {
		s.retry_ms = details.retry_ms;
		s.violations = details.violations;
		s.nviolations = details.nviolations;
		if (!s.text.n)
			s.text = details.text;
	}
	call_finish(call, s);
}

/* ---- what comes ---- */

static void status_details(struct grpc_call *call, str value)
{
	call->details.n = 0;
	if (!base64_read(value, &call->details))
		call->details.n = 0;
}

static void read_status_line(struct grpc_call *call, str value)
{
	call->http = 0;
	for (size_t i = 0; i < value.n && i < 3; i++)
		call->http = call->http * 10 + (unsigned)(unsigned char)(value.p[i] - '0');
	if (call->state == CALL_SENT)
		call->state = CALL_ANSWERED;
}

bool call_header(struct grpc_call *call, str name, str value)
{
	call->header_bytes += name.n + value.n + 32;
	if (call->header_bytes > HEADER_BYTES_MAX)
		return false;
	if (str_eq(name, S(":status"))) {
		read_status_line(call, value);
	} else if (str_eq(name, S("content-type"))) {
		call->is_grpc = str_starts(value, S("application/grpc"));
	} else if (str_eq(name, S("grpc-encoding"))) {
		call->is_gzip = str_eq(value, S("gzip"));
	} else if (str_eq(name, S("grpc-status"))) {
		call->has_code = true;
		call->code = status_of_text(value);
	} else if (str_eq(name, S("grpc-message"))) {
		call->text = status_unescape(value, &call->mem);
	} else if (str_eq(name, S("grpc-status-details-bin"))) {
		status_details(call, value);
	}
	return true;
}

/* One message; false when it cannot be unpacked. */
static bool deliver(struct grpc_call *call, str message, bool packed)
{
	if (packed) {
		if (!call->is_gzip || !frame_unpack(message, call->in.max, &call->unpacked)) {
			call_fail(call, call->unpacked.over ? GRPC_RESOURCE_EXHAUSTED : GRPC_INTERNAL, GRPC_BY_CHANNEL, false,
					call->unpacked.over ? "a message is larger than %zu bytes" : "a message cannot be unpacked", call->in.max);
			return false;
		}
		message = buf_view(&call->unpacked);
	}
	if (call->events->message)
		call->events->message(call->ud, call, message);
	return call->state != CALL_OVER;
}

/* Messages from bytes, until they are used up or the call is paused or over.  Returns what is left. */
static str feed(struct grpc_call *call, str in)
{
	bool packed = false;
	str message;

	while (!call->paused) {
		switch (frame_next(&call->in, &in, &message, &packed)) {
		case FRAME_MORE: return in;
		case FRAME_MESSAGE:
			if (!deliver(call, message, packed))
				return (str){NULL, 0};
			break;
		case FRAME_BAD:
			call_fail(call, GRPC_INTERNAL, GRPC_BY_CHANNEL, false, "the answer is not a sequence of gRPC messages");
			return (str){NULL, 0};
		case FRAME_TOO_LARGE:
			call_fail(call, GRPC_RESOURCE_EXHAUSTED, GRPC_BY_CHANNEL, false, "a message is larger than %zu bytes", call->in.max);
			return (str){NULL, 0};
		}
	}
	return in;
}

void call_data(struct grpc_call *call, str bytes)
{
	str left = bytes;

	if (call->state == CALL_OVER)
		return;
	if (!call->is_grpc)
		left.n = 0; /* a page that explains an HTTP status */
	else if (!call->paused && call->held.n == 0)
		left = feed(call, bytes);
	if (call->state == CALL_OVER)
		return;
	buf_str(&call->held, left);
	session_used(call, bytes.n - left.n);
}

/* DATA that was held back while the call was paused. */
static void feed_held(struct grpc_call *call)
{
	str all = str_from(buf_view(&call->held), call->held_at), left;

	if (call->paused || all.n == 0)
		return;
	left = feed(call, all);
	if (call->state == CALL_OVER)
		return;
	call->held_at += all.n - left.n;
	session_used(call, all.n - left.n);
	if (call->held_at == call->held.n)
		call->held.n = call->held_at = 0;
}

void call_trailed(struct grpc_call *call)
{
	if (call->state == CALL_OVER)
		return;
	call->state = CALL_TRAILED;
	if (call->held.n == 0)
		conclude(call);
}

void call_reset(struct grpc_call *call, uint32_t error)
{
	const char *goaway = call->conn ? call->conn->goaway : "";
	bool refused = error == NGHTTP2_REFUSED_STREAM;

	if (call->state == CALL_TRAILED || call->state == CALL_OVER)
		return;
	call_fail(call, status_of_reset(error), GRPC_BY_CHANNEL, refused && call->state == CALL_SENT, "the server ended the stream: %s%s%s",
			nghttp2_http2_strerror(error), *goaway ? "; it goes away: " : "", goaway);
}

/* ---- what goes ---- */

static size_t message_size(const struct out_message *m)
{
	return FRAME_PREFIX + m->bytes->n;
}

/* A piece of the first message: of its prefix, or of its bytes. */
static size_t take_piece(struct grpc_call *call, size_t n)
{
	struct blob *b = call->out->bytes;
	unsigned char prefix[FRAME_PREFIX];
	size_t at = call->out_at, piece;

	if (at < FRAME_PREFIX) {
		frame_prefix(b->n, prefix);
		piece = FRAME_PREFIX - at < n ? FRAME_PREFIX - at : n;
		conn_put(call->conn, prefix + at, piece);
	} else {
		piece = message_size(call->out) - at < n ? message_size(call->out) - at : n;
		conn_put_blob(call->conn, b, b->b + (at - FRAME_PREFIX), piece);
	}
	return piece;
}

void call_take(struct grpc_call *call, size_t n)
{
	call->out_bytes -= n;
	while (n) {
		size_t piece = take_piece(call, n);

		n -= piece;
		call->out_at += piece;
		if (call->out_at == message_size(call->out)) {
			drop_out(call);
			call->out_at = 0;
		}
	}
	if (call->full && call->out_bytes < GRPC_QUEUE / 2)
		channel_note(call);
}

bool grpc_send(struct grpc_call *call, struct blob *message)
{
	struct out_message *m;

	if (call->state == CALL_OVER || call->out_end) {
		blob_unref(message);
		return false;
	}
	if (message->n > UINT32_MAX) {
		blob_unref(message);
		call_fail(call, GRPC_RESOURCE_EXHAUSTED, GRPC_BY_CALLER, false, "a message is larger than 4 GiB");
		return false;
	}
	m = mem_make(struct out_message);
	m->bytes = message;
	*call->out_tail = m;
	call->out_tail = &m->next;
	call->out_bytes += message_size(m);
	session_wake(call);
	call->full = call->out_bytes >= GRPC_QUEUE;
	return !call->full;
}

void grpc_end(struct grpc_call *call)
{
	if (call->state == CALL_OVER || call->out_end)
		return;
	call->out_end = true;
	session_wake(call);
}

void grpc_pause(struct grpc_call *call)
{
	call->paused = true;
}

void grpc_resume(struct grpc_call *call)
{
	call->paused = false;
	channel_note(call);
}

void call_turn(struct grpc_call *call)
{
	if (call->state == CALL_OVER)
		return;
	feed_held(call);
	if (call->state == CALL_TRAILED && call->held.n == 0)
		conclude(call);
	if (call->state == CALL_OVER || !call->full || call->out_bytes >= GRPC_QUEUE / 2)
		return;
	call->full = false;
	if (call->events->room)
		call->events->room(call->ud, call);
}

void grpc_cancel(struct grpc_call *call)
{
	call_fail(call, GRPC_CANCELLED, GRPC_BY_CALLER, call->state == CALL_WAITING, "the call was cancelled");
}

/* ---- its beginning ---- */

static void copy_headers(struct grpc_call *call, const struct grpc_request *r)
{
	call->headers = arena_array(&call->mem, struct net_header, r->nheaders);
	call->nheaders = r->nheaders;
	for (size_t i = 0; i < r->nheaders; i++)
		call->headers[i] = (struct net_header){str_dup(&call->mem, r->headers[i].name), str_dup(&call->mem, r->headers[i].value)};
}

struct grpc_call *grpc_start(struct grpc_channel *ch, const struct grpc_request *r, const struct grpc_events *events, void *ud)
{
	struct grpc_call *call = mem_make(struct grpc_call);

	call->channel = ch;
	call->events = events;
	call->ud = ud;
	call->method = str_dup(&call->mem, r->method);
	copy_headers(call, r);
	call->timeout = r->timeout_ms ? r->timeout_ms : TIMEOUT_MS;
	call->deadline = channel_now(ch) + call->timeout;
	call->out_tail = &call->out;
	call->in.max = ch->config.message_max;
	channel_enter(call);
	return call;
}

/* ---- one message each way ---- */

struct unary {
	grpc_reply *done;
	void *ud;
	struct blob *reply;
	bool again;
};

static void unary_message(void *ud, struct grpc_call *call, str bytes)
{
	struct unary *u = ud;

	(void)call;
	u->again = u->reply != NULL;
	if (!u->reply)
		u->reply = blob_new(bytes);
}

static void unary_done(void *ud, const struct grpc_status *s)
{
	struct grpc_status wrong = {.code = GRPC_INTERNAL, .source = GRPC_BY_CHANNEL, .retry_ms = -1};
	struct unary *u = ud;

	wrong.text = u->again ? S("the server sent two answers to one call") : S("the server sent no answer");
	if (s->code == GRPC_OK && (u->again || !u->reply))
		s = &wrong;
	u->done(u->ud, s, s->code == GRPC_OK ? blob_str(u->reply) : (str){NULL, 0});
	blob_unref(u->reply);
	mem_free(u);
}

struct grpc_call *grpc_unary(struct grpc_channel *ch, const struct grpc_request *r, struct blob *message, grpc_reply *done, void *ud)
{
	static const struct grpc_events events = {.message = unary_message, .done = unary_done};
	struct unary *u = mem_make(struct unary);
	struct grpc_call *call;

	u->done = done;
	u->ud = ud;
	call = grpc_start(ch, r, &events, u);
	grpc_send(call, message);
	grpc_end(call);
	return call;
}
