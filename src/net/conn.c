#include "grpc_int.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>

#define WRITES_A_TURN 16u   /* then others have their turn */
#define PARTS_MARK 256u     /* of what is written at a time; the last frame may bring as many again */
#define PARTS_MAX (2 * PARTS_MARK + 8)
#define TCP_IDLE_S 30u

/* ---- its end ---- */

static void conn_free(struct conn *c)
{
	struct grpc_channel *ch = c->channel;

	if (c->state != CONN_CLOSED || c->has_tcp || c->is_resolving)
		return;
	nghttp2_session_del(c->session);
	tls_free(c->tls);
	if (c->addresses)
		freeaddrinfo(c->addresses);
	buf_free(&c->plain);
	out_free(&c->out);
	out_free(&c->in_flight);
	vec_free(&c->calls);
	mem_free(c);
	channel_unhold(ch);
}

static void try_address(struct conn *);

/* The socket is closed: the connection is over, or the next address is tried. */
static void on_tcp_closed(uv_handle_t *h)
{
	struct conn *c = h->data;

	c->has_tcp = false;
	if (c->state == CONN_CONNECTING)
		try_address(c);
	else
		conn_free(c);
}

/* Calls whose answer is complete are waiting only for their owners. */
static void fail_calls(struct conn *c, const char *why)
{
	while (c->calls.n) {
		struct grpc_call *call = vec_last(&c->calls);

		if (call->state == CALL_TRAILED) {
			call->conn = NULL;
			call->stream = 0;
			c->calls.n--;
		} else {
			call_fail(call, GRPC_UNAVAILABLE, GRPC_BY_CHANNEL, false, "%s%s%s", why, *c->goaway ? "; it goes away: " : "", c->goaway);
			call->status.final = c->refused;
		}
	}
}

void conn_fail(struct conn *c, const char *fmt, ...)
{
	bool was_up = c->state == CONN_READY || c->state == CONN_DRAINING;
	char why[320];
	va_list args;

	if (c->state == CONN_CLOSED)
		return;
	va_start(args, fmt);
	vsnprintf(why, sizeof why, fmt, args);
	va_end(args);
	c->state = CONN_CLOSED;
	fail_calls(c, why);
	channel_lost(c->channel, c, was_up, why);
	if (c->is_resolving)
		uv_cancel((uv_req_t *)&c->resolving);
	if (c->has_tcp && !uv_is_closing((uv_handle_t *)&c->tcp))
		uv_close((uv_handle_t *)&c->tcp, on_tcp_closed);
	else if (!c->has_tcp && !c->is_resolving)
		conn_free(c);
}

/* ---- bytes in ---- */

/* Servers that leave Nagle's algorithm on hold a small answer back until the last one is acknowledged; Linux
 * forgets this option at will, so it is set again at each read (43.8 ms for a call become 3.3). */
static void acknowledge_at_once(struct conn *c)
{
	int on = 1;
	uv_os_fd_t fd;

	if (uv_fileno((uv_handle_t *)&c->tcp, &fd) == 0)
		setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *out)
{
	struct conn *c = h->data;

	(void)suggested;
	*out = uv_buf_init(c->channel->read, sizeof c->channel->read);
}

static void tls_failed(struct conn *c)
{
	c->refused = c->state < CONN_READY;
	conn_fail(c, "TLS with '%.*s' failed: %s", STR_ARG(c->channel->to.authority), tls_error(c->tls));
}

static void tls_turn(struct conn *c)
{
	enum tls_step step = TLS_OK;
	char plain[16 << 10];
	size_t n;

	if (c->state == CONN_SHAKING) {
		step = tls_handshake(c->tls);
		if (step == TLS_OK)
			session_start(c);
	}
	while (step == TLS_OK && c->state != CONN_CLOSED) {
		step = tls_read(c->tls, plain, sizeof plain, &n);
		if (step == TLS_OK)
			session_feed(c, str_of(plain, n));
	}
	c->dirty = true; /* TLS has words of its own to send */
	channel_wake(c->channel);
	if (step == TLS_FAILED)
		tls_failed(c);
	if (step == TLS_CLOSED)
		conn_fail(c, "the server closed the connection");
}

static void on_read(uv_stream_t *h, ssize_t n, const uv_buf_t *b)
{
	struct conn *c = h->data;

	if (n == 0 || c->state == CONN_CLOSED)
		return;
	if (n < 0) {
		if (n == UV_EOF)
			conn_fail(c, "the server closed the connection");
		else
			conn_fail(c, "the connection to '%.*s' broke: %s", STR_ARG(c->channel->to.authority), uv_strerror((int)n));
		return;
	}
	acknowledge_at_once(c);
	c->heard = channel_now(c->channel);
	c->pinged = false;
	c->channel->stats.bytes_in += (uint64_t)n;
	if (c->tls) {
		tls_feed(c->tls, str_of(b->base, (size_t)n));
		tls_turn(c);
	} else {
		session_feed(c, str_of(b->base, (size_t)n));
	}
}

/* ---- bytes out ---- */

bool conn_is_full(const struct conn *c)
{
	return c->tls ? c->plain.n >= CONN_OUT_MARK : c->out.n >= CONN_OUT_MARK || c->out.parts.n >= PARTS_MARK;
}

void conn_put(struct conn *c, const void *bytes, size_t n)
{
	if (c->tls)
		buf_add(&c->plain, bytes, n);
	else
		out_add(&c->out, bytes, n);
}

void conn_put_blob(struct conn *c, struct blob *b, const char *p, size_t n)
{
	if (c->tls)
		buf_add(&c->plain, p, n);
	else
		out_blob(&c->out, b, p, n);
}

static bool fill(struct conn *c)
{
	size_t before = c->out.bytes.n;

	if (!c->tls)
		return session_fill(c);
	if (c->session && !session_fill(c))
		return false;
	if (c->plain.n && tls_write(c->tls, buf_view(&c->plain)) != TLS_OK) {
		tls_failed(c);
		return false;
	}
	c->plain.n = 0;
	tls_drain(c->tls, &c->out.bytes);
	out_added(&c->out, c->out.bytes.n - before);
	return true;
}

static void on_written(uv_write_t *w, int status)
{
	struct conn *c = w->data;

	c->is_writing = false;
	out_clear(&c->in_flight);
	if (c->state == CONN_CLOSED)
		return;
	if (status < 0) {
		conn_fail(c, "the connection to '%.*s' broke: %s", STR_ARG(c->channel->to.authority), uv_strerror(status));
		return;
	}
	c->dirty = true;
	channel_wake(c->channel);
}

/* What the socket does not take now goes with a request, and `out` gathers what comes after it. */
static bool put_out(struct conn *c)
{
	uv_buf_t bufs[PARTS_MAX];
	unsigned parts = (unsigned)out_bufs(&c->out, 0, bufs, PARTS_MAX);
	int n = uv_try_write((uv_stream_t *)&c->tcp, bufs, parts);
	struct out swap = c->in_flight;

	if (n == UV_EAGAIN)
		n = 0;
	if (n < 0) {
		conn_fail(c, "the connection to '%.*s' broke: %s", STR_ARG(c->channel->to.authority), uv_strerror(n));
		return false;
	}
	c->channel->stats.bytes_out += c->out.n;
	if ((size_t)n < c->out.n) {
		c->in_flight = c->out;
		c->out = swap;
		parts = (unsigned)out_bufs(&c->in_flight, (size_t)n, bufs, PARTS_MAX);
		c->writing.data = c;
		c->is_writing = true;
		uv_write(&c->writing, (uv_stream_t *)&c->tcp, bufs, parts, on_written);
	} else {
		out_clear(&c->out);
	}
	return true;
}

static void end_when_idle(struct conn *c)
{
	if (!c->session || c->is_writing || c->out.n)
		return;
	if (c->state == CONN_DRAINING && c->calls.n == 0 && c->streams == 0)
		conn_fail(c, "the server goes away: %s", c->goaway);
	else if (!nghttp2_session_want_read(c->session) && !nghttp2_session_want_write(c->session))
		conn_fail(c, "the server ended the session%s%s", *c->goaway ? ": " : "", c->goaway);
}

void conn_write(struct conn *c)
{
	c->dirty = false;
	if (c->state < CONN_SHAKING)
		return;
	for (unsigned i = 0; !c->is_writing; i++) {
		if (i == WRITES_A_TURN) {
			c->dirty = true;
			channel_wake(c->channel);
			return;
		}
		if (!fill(c) || c->out.n == 0 || !put_out(c))
			break;
	}
	if (c->state != CONN_CLOSED)
		end_when_idle(c);
}

/* ---- connecting ---- */

static void next_address(struct conn *c, const char *why)
{
	snprintf(c->error, sizeof c->error, "%s", why);
	c->address = c->address->ai_next;
	uv_close((uv_handle_t *)&c->tcp, on_tcp_closed);
}

static void on_connected(uv_connect_t *r, int status)
{
	struct conn *c = r->data;
	unsigned lost_ms = c->channel->config.ping_timeout_ms;
	uv_os_fd_t fd;

	if (c->state != CONN_CONNECTING || uv_is_closing((uv_handle_t *)&c->tcp))
		return;
	if (status < 0) {
		next_address(c, uv_strerror(status));
		return;
	}
	if (uv_fileno((uv_handle_t *)&c->tcp, &fd) == 0)
		setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &lost_ms, sizeof lost_ms);
	acknowledge_at_once(c);
	c->heard = channel_now(c->channel);
	uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
	if (!c->channel->to.tls) {
		session_start(c);
		return;
	}
	c->tls = tls_new(c->channel->trust, c->channel->to.host, c->channel->to.literal);
	c->state = CONN_SHAKING;
	tls_turn(c);
}

/* What is left of the time is shared by the addresses that are left. */
static uint64_t time_for_address(const struct conn *c)
{
	uint64_t now = channel_now(c->channel), left = c->connect_by > now ? c->connect_by - now : 0;
	unsigned n = 0;

	for (const struct addrinfo *a = c->address; a; a = a->ai_next)
		n++;
	return now + left / n;
}

static void try_address(struct conn *c)
{
	int r;

	if (!c->address) {
		conn_fail(c, "cannot connect to '%.*s': %s", STR_ARG(c->channel->to.authority), c->error);
		return;
	}
	c->state = CONN_CONNECTING;
	c->address_by = time_for_address(c);
	channel_due(c->channel, c->address_by);
	uv_tcp_init(c->channel->loop, &c->tcp);
	c->has_tcp = true;
	c->tcp.data = c->connecting.data = c;
	uv_unref((uv_handle_t *)&c->tcp);
	r = uv_tcp_connect(&c->connecting, &c->tcp, c->address->ai_addr, on_connected);
	if (r < 0) {
		next_address(c, uv_strerror(r));
		return;
	}
	uv_tcp_nodelay(&c->tcp, 1);
	uv_tcp_keepalive(&c->tcp, 1, TCP_IDLE_S);
}

static void on_resolved(uv_getaddrinfo_t *r, int status, struct addrinfo *found)
{
	struct conn *c = r->data;

	c->is_resolving = false;
	c->addresses = c->address = found;
	if (c->state == CONN_CLOSED)
		conn_free(c);
	else if (status < 0 || !found)
		conn_fail(c, "cannot find '%s': %s", c->channel->to.host, status < 0 ? uv_strerror(status) : "it has no address");
	else
		try_address(c);
}

static void resolve(struct conn *c)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	const struct endpoint *to = &c->channel->to;
	int r;

	if (to->literal) {
		hints.ai_flags |= AI_NUMERICHOST;
		r = getaddrinfo(to->host, to->port, &hints, &c->addresses);
		c->address = c->addresses;
		if (r == 0)
			try_address(c);
		else
			conn_fail(c, "cannot use '%s': %s", to->host, gai_strerror(r));
		return;
	}
	c->resolving.data = c;
	c->is_resolving = true;
	r = uv_getaddrinfo(c->channel->loop, &c->resolving, on_resolved, to->host, to->port, &hints);
	if (r < 0) {
		c->is_resolving = false;
		conn_fail(c, "cannot find '%s': %s", to->host, uv_strerror(r));
	}
}

void conn_new(struct grpc_channel *ch)
{
	struct conn *c = mem_make(struct conn);

	c->channel = ch;
	c->heard = channel_now(ch);
	c->connect_by = c->heard + ch->config.connect_ms;
	ch->handles++;
	vec_push(&ch->conns, c);
	channel_due(ch, c->connect_by);
	resolve(c);
}

/* ---- time and room ---- */

size_t conn_room(const struct conn *c)
{
	uint32_t granted = c->channel->granted;

	if (!conn_is_up(c) || !nghttp2_session_check_request_allowed(c->session))
		return 0;
	if (c->state == CONN_READY)
		granted = nghttp2_session_get_remote_settings(c->session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
	return granted > c->streams ? granted - c->streams : 0;
}

uint64_t conn_due(const struct conn *c)
{
	if (c->state == CONN_CLOSED)
		return UINT64_MAX;
	if (c->state < CONN_READY)
		return c->state == CONN_CONNECTING && c->address_by < c->connect_by ? c->address_by : c->connect_by;
	if (c->calls.n == 0)
		return UINT64_MAX;
	return c->pinged ? c->ping_by : c->heard + c->channel->ping_ms;
}

static void ping(struct conn *c, uint64_t now)
{
	nghttp2_submit_ping(c->session, NGHTTP2_FLAG_NONE, NULL);
	c->pinged = true;
	c->ping_by = now + c->channel->config.ping_timeout_ms;
	c->channel->stats.pings++;
	c->dirty = true;
	channel_wake(c->channel);
}

static const char *what_it_waits_for(const struct conn *c)
{
	switch (c->state) {
	case CONN_RESOLVING: return "looking up its name";
	case CONN_CONNECTING: return "connecting";
	case CONN_SHAKING: return "waiting for its TLS";
	default: return "waiting for its HTTP/2";
	}
}

void conn_tick(struct conn *c, uint64_t now)
{
	if (conn_due(c) > now)
		return;
	if (c->state == CONN_CONNECTING && now < c->connect_by) {
		if (!uv_is_closing((uv_handle_t *)&c->tcp))
			next_address(c, "it does not answer");
	} else if (c->state < CONN_READY) {
		conn_fail(c, "'%.*s' could not be reached within %u ms: %s took too long", STR_ARG(c->channel->to.authority),
				c->channel->config.connect_ms, what_it_waits_for(c));
	} else if (c->pinged) {
		conn_fail(c, "the connection to '%.*s' is silent: no answer to a PING within %u ms", STR_ARG(c->channel->to.authority),
				c->channel->config.ping_timeout_ms);
	} else {
		ping(c, now);
	}
}
