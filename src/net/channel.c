#include "grpc_int.h"

#include <signal.h>

#define CONNECT_MS 20000u
#define PING_MS 60000u
#define PING_TIMEOUT_MS 20000u
#define MESSAGE_MAX ((size_t)16 << 20)
#define CONNECTIONS_MAX 4u
#define GROW_PAUSE_MS 10000u /* after a further connection could not be had */
#define STREAMS_UNTOLD 100u  /* before any SETTINGS: what RFC 9113 recommends as the least */
#define HEADERS_MAX 32u

uint64_t channel_now(const struct grpc_channel *ch)
{
	const struct grpc_clock *clock = ch->config.clock;

	return clock ? clock->now_ms(clock->ud) : (uint64_t)(os_now_ns() / 1000000);
}

str grpc_endpoint(const struct grpc_channel *ch)
{
	return ch->to.authority;
}

struct grpc_stats grpc_stats(const struct grpc_channel *ch)
{
	struct grpc_stats s = ch->stats;

	s.calls = ch->ncalls;
	for (size_t i = 0; i < ch->conns.n; i++)
		s.connections += ch->conns.p[i]->state == CONN_READY;
	return s;
}

/* ---- turns ---- */

static void on_again(uv_idle_t *h)
{
	(void)h; /* that it is active is all */
}

void channel_wake(struct grpc_channel *ch)
{
	if (!uv_is_closing((uv_handle_t *)&ch->again))
		uv_idle_start(&ch->again, on_again);
}

void channel_note(struct grpc_call *call)
{
	if (call->noted || call->state == CALL_OVER)
		return;
	call->noted = true;
	call->next_noted = call->channel->noted;
	call->channel->noted = call;
	channel_wake(call->channel);
}

static void end_call(struct grpc_call *call)
{
	call->events->done(call->ud, &call->status);
	call->done = true;
	if (!call->queued)
		call_free(call);
}

/* A call may be noted while it waits to be ended: so notes come first. */
static void tell(struct grpc_channel *ch)
{
	struct grpc_call *call;

	for (;;) {
		while ((call = ch->noted)) {
			ch->noted = call->next_noted;
			call->noted = false;
			call_turn(call);
		}
		if (!(call = ch->over))
			return;
		ch->over = call->next_over;
		if (!ch->over)
			ch->over_tail = &ch->over;
		end_call(call);
	}
}

static struct grpc_call *pop_waiting(struct grpc_channel *ch)
{
	struct grpc_call *call = ch->waiting;

	ch->waiting = call->next_waiting;
	if (!ch->waiting)
		ch->waiting_tail = &ch->waiting;
	call->queued = false;
	if (call->state == CALL_WAITING)
		return call;
	if (call->done)
		call_free(call);
	return NULL;
}

static struct conn *conn_with_room(struct grpc_channel *ch)
{
	for (size_t i = 0; i < ch->conns.n; i++)
		if (conn_room(ch->conns.p[i]))
			return ch->conns.p[i];
	return NULL;
}

/* Another connection: when there is none, or those that are up are full. */
static bool wants_connection(const struct grpc_channel *ch)
{
	unsigned up = 0;

	for (size_t i = 0; i < ch->conns.n; i++) {
		if (ch->conns.p[i]->state < CONN_READY)
			return false;
		up += conn_is_up(ch->conns.p[i]);
	}
	return up == 0 || (up < ch->config.connections_max && channel_now(ch) >= ch->grow_at);
}

static void assign(struct grpc_channel *ch)
{
	struct grpc_call *call;
	struct conn *c;

	while (ch->waiting && ch->waiting->state != CALL_WAITING)
		pop_waiting(ch);
	while (ch->waiting && (c = conn_with_room(ch))) {
		call = pop_waiting(ch);
		if (!call)
			continue;
		session_call(c, call);
		channel_due(ch, conn_due(c));
	}
	if (ch->waiting && !ch->closing && wants_connection(ch))
		conn_new(ch);
}

static void close_handles(struct grpc_channel *);

static void on_turn(uv_prepare_t *h)
{
	struct grpc_channel *ch = h->data;

	uv_idle_stop(&ch->again);
	tell(ch);
	assign(ch);
	for (size_t i = ch->conns.n; i-- > 0;)
		if (ch->conns.p[i]->dirty)
			conn_write(ch->conns.p[i]);
	if (ch->ncalls == 0 && !ch->over) {
		uv_unref((uv_handle_t *)&ch->turn);
		if (ch->closing)
			close_handles(ch);
	}
}

/* ---- calls enter and leave ---- */

void channel_enter(struct grpc_call *call)
{
	struct grpc_channel *ch = call->channel;

	call->next = ch->calls;
	if (ch->calls)
		ch->calls->prev = call;
	ch->calls = call;
	ch->ncalls++;
	ch->stats.started++;
	call->queued = true;
	*ch->waiting_tail = call;
	ch->waiting_tail = &call->next_waiting;
	uv_ref((uv_handle_t *)&ch->turn);
	channel_due(ch, call->deadline);
	channel_wake(ch);
	if (ch->closing)
		grpc_cancel(call);
}

void channel_over(struct grpc_call *call)
{
	struct grpc_channel *ch = call->channel;

	if (call->prev)
		call->prev->next = call->next;
	else
		ch->calls = call->next;
	if (call->next)
		call->next->prev = call->prev;
	ch->ncalls--;
	*ch->over_tail = call;
	ch->over_tail = &call->next_over;
	channel_wake(ch);
}

void channel_lost(struct grpc_channel *ch, struct conn *gone, bool was_up, const char *why)
{
	size_t kept = 0;

	for (size_t i = 0; i < ch->conns.n; i++)
		if (ch->conns.p[i] != gone)
			ch->conns.p[kept++] = ch->conns.p[i];
	ch->conns.n = kept;
	channel_wake(ch);
	if (was_up)
		return;
	ch->grow_at = channel_now(ch) + GROW_PAUSE_MS;
	for (size_t i = 0; i < ch->conns.n; i++)
		if (ch->conns.p[i]->state < CONN_DRAINING)
			return;
	while (ch->waiting) {
		struct grpc_call *call = pop_waiting(ch);

		if (!call)
			continue;
		call_fail(call, GRPC_UNAVAILABLE, GRPC_BY_CHANNEL, true, "%s", why);
		call->status.final = gone->refused;
	}
}

/* ---- time ---- */

static void on_timer(uv_timer_t *h)
{
	grpc_tick(h->data);
}

void channel_due(struct grpc_channel *ch, uint64_t when)
{
	uint64_t now;

	if (when >= ch->due)
		return;
	ch->due = when;
	if (ch->config.clock || ch->closing)
		return;
	now = channel_now(ch);
	uv_update_time(ch->loop);
	uv_timer_start(&ch->timer, on_timer, when > now ? when - now : 0, 0);
}

static void expire(struct grpc_call *call)
{
	bool waiting = call->state == CALL_WAITING;

	call_fail(call, GRPC_DEADLINE_EXCEEDED, GRPC_BY_DEADLINE, waiting, waiting ? "no connection within %u ms" : "no answer within %u ms", call->timeout);
}

void grpc_tick(struct grpc_channel *ch)
{
	uint64_t now = channel_now(ch), due = UINT64_MAX;

	for (struct grpc_call *call = ch->calls, *next; call; call = next) {
		next = call->next;
		if (call->deadline <= now)
			expire(call);
		else if (call->deadline < due)
			due = call->deadline;
	}
	for (size_t i = ch->conns.n; i-- > 0;)
		conn_tick(ch->conns.p[i], now);
	for (size_t i = 0; i < ch->conns.n; i++)
		if (conn_due(ch->conns.p[i]) < due)
			due = conn_due(ch->conns.p[i]);
	ch->due = UINT64_MAX;
	channel_due(ch, due);
}

/* ---- its life ---- */

static str copy(struct grpc_channel *ch, str s)
{
	return str_dup(&ch->mem, s);
}

static bool name_ok(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') || memchr("-_.", s.p[i], 3)))
			return false;
	return s.n > 0 && !str_starts(s, S("grpc-"));
}

static bool value_ok(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return true;
}

static bool copy_headers(struct grpc_channel *ch, const struct grpc_config *config, struct diags *diags)
{
	struct net_header *h = arena_array(&ch->mem, struct net_header, config->nheaders);

	for (size_t i = 0; i < config->nheaders; i++) {
		char *name = (char *)(uintptr_t)copy(ch, config->headers[i].name).p;

		diag_hide(config->headers[i].value);
		h[i] = (struct net_header){str_of(name, config->headers[i].name.n), copy(ch, config->headers[i].value)};
		for (size_t k = 0; k < h[i].name.n; k++)
			if (name[k] >= 'A' && name[k] <= 'Z')
				name[k] = (char)(name[k] | 0x20);
		if (i >= HEADERS_MAX || !name_ok(h[i].name) || (!str_ends(h[i].name, S("-bin")) && !value_ok(h[i].value))) {
			diag_error(diags, DIAG_REMOTE_CONFIG, NO_SPAN, "a header '%.*s' cannot be sent to a remote", STR_ARG(h[i].name));
			return false;
		}
	}
	ch->config.headers = h;
	ch->config.nheaders = config->nheaders;
	return true;
}

static bool complete(struct grpc_channel *ch, const struct grpc_config *config, struct diags *diags)
{
	struct grpc_config *c = &ch->config;
	const char *wrong;

	*c = *config;
	c->endpoint = copy(ch, config->endpoint);
	c->user_agent = copy(ch, config->user_agent.n ? config->user_agent : S("straylight"));
	c->connect_ms = c->connect_ms ? c->connect_ms : CONNECT_MS;
	c->ping_ms = c->ping_ms ? c->ping_ms : PING_MS;
	c->ping_timeout_ms = c->ping_timeout_ms ? c->ping_timeout_ms : PING_TIMEOUT_MS;
	c->message_max = c->message_max ? c->message_max : MESSAGE_MAX;
	c->connections_max = c->connections_max ? c->connections_max : CONNECTIONS_MAX;
	wrong = endpoint_parse(c->endpoint, &ch->mem, &ch->to);
	if (wrong) {
		struct diag *d = diag_error(diags, DIAG_REMOTE_CONFIG, NO_SPAN, "the address '%.*s' of a remote cannot be used: %s", STR_ARG(c->endpoint), wrong);

		diag_hint(diags, d, "write it as grpc://host:port, or grpcs://host:port for TLS");
		return false;
	}
	return copy_headers(ch, config, diags) && (!ch->to.tls || (ch->trust = tls_trust_new(config, diags)));
}

static void channel_free(struct grpc_channel *ch)
{
	vec_free(&ch->conns);
	tls_trust_free(ch->trust);
	arena_clear(&ch->mem);
	mem_free(ch);
}

static void outlived(int number)
{
	(void)number;
}

/* libuv writes to sockets without MSG_NOSIGNAL: a peer that is gone would end the process.  A handler and not
 * SIG_IGN, which programs that are started later would inherit. */
static void outlive_broken_pipes(void)
{
	struct sigaction now, own = {.sa_handler = outlived, .sa_flags = SA_RESTART};

	if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
		sigaction(SIGPIPE, &own, NULL);
}

struct grpc_channel *grpc_open(struct uv_loop_s *loop, const struct grpc_config *config, struct diags *diags)
{
	struct grpc_channel *ch = mem_make(struct grpc_channel);

	outlive_broken_pipes();
	ch->loop = loop;
	ch->waiting_tail = &ch->waiting;
	ch->over_tail = &ch->over;
	ch->due = UINT64_MAX;
	if (!complete(ch, config, diags)) {
		channel_free(ch);
		return NULL;
	}
	ch->ping_ms = ch->config.ping_ms;
	ch->granted = STREAMS_UNTOLD;
	ch->turn.data = ch->again.data = ch->timer.data = ch;
	uv_prepare_init(loop, &ch->turn);
	uv_idle_init(loop, &ch->again);
	uv_timer_init(loop, &ch->timer);
	uv_prepare_start(&ch->turn, on_turn);
	uv_unref((uv_handle_t *)&ch->turn);
	uv_unref((uv_handle_t *)&ch->timer);
	ch->handles = 3;
	return ch;
}

void channel_unhold(struct grpc_channel *ch)
{
	if (--ch->handles == 0)
		channel_free(ch);
}

static void on_closed(uv_handle_t *h)
{
	channel_unhold(h->data);
}

static void close_handles(struct grpc_channel *ch)
{
	uv_close((uv_handle_t *)&ch->turn, on_closed);
	uv_close((uv_handle_t *)&ch->again, on_closed);
	uv_close((uv_handle_t *)&ch->timer, on_closed);
}

void grpc_close(struct grpc_channel *ch)
{
	if (!ch)
		return;
	ch->closing = true;
	while (ch->calls)
		call_fail(ch->calls, GRPC_CANCELLED, GRPC_BY_CALLER, false, "the connection was closed by its user");
	while (ch->conns.n)
		conn_fail(ch->conns.p[0], "the channel was closed");
	uv_ref((uv_handle_t *)&ch->turn);
	channel_wake(ch);
}
