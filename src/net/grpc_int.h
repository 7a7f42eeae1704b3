/* grpc_int.h: what the files of the gRPC transport share.
 *
 *	channel.c  an endpoint: its connections, the calls that wait, time
 *	conn.c     one connection: name, socket, TLS, bytes in and out
 *	out.c      bytes and parts of blobs on their way out
 *	session.c  HTTP/2 on it: what nghttp2 calls
 *	call.c     one call: messages in and out, and how it ends
 *
 * The turn.  Functions that callers, sockets and timers reach only note what is to be done; channel_turn, once
 * before the loop waits, does it: assigns waiting calls, writes, and calls `room` and `done`.  So no callback
 * of ours runs inside nghttp2 or inside the caller's own call, but `message`, which runs inside nghttp2 and
 * so may start, send and cancel, but nothing that it does is carried out before it returns. */
#ifndef STRAYLIGHT_NET_GRPC_INT_H
#define STRAYLIGHT_NET_GRPC_INT_H

#include "endpoint.h"
#include "frame.h"
#include "out.h"
#include "status.h"
#include "tls.h"

#include <nghttp2/nghttp2.h>
#include <uv.h>

/* ---- calls ---- */

enum call_state {
	CALL_WAITING,  /* for a connection with a stream to spare */
	CALL_SENT,     /* the request's headers were handed to HTTP/2 */
	CALL_ANSWERED, /* the response's headers were seen */
	CALL_TRAILED,  /* the server has ended the stream; messages are still held back by grpc_pause */
	CALL_OVER,     /* the status is known; `done` is to be called */
};

struct out_message {
	struct blob *bytes;
	struct out_message *next;
};

struct grpc_call {
	struct grpc_channel *channel;
	const struct grpc_events *events;
	void *ud;
	struct arena mem; /* method, headers, status */
	enum call_state state;
	uint64_t deadline; /* ms */
	uint32_t timeout;  /* ms: what it was made of */
	struct grpc_call *prev, *next; /* of the channel's calls */
	struct grpc_call *next_waiting, *next_over, *next_noted;
	bool noted; /* in the channel's list for the next turn */
	bool queued; /* in the channel's list of waiting calls, perhaps over meanwhile */
	bool done;   /* `done` was called: it is freed when it is not queued any more */

	str method;
	struct net_header *headers;
	size_t nheaders;

	struct conn *conn; /* from SENT until OVER */
	size_t at;         /* in conn->calls */
	int32_t stream;

	/* Outgoing: out_at counts the bytes of the first message, its prefix included, that are on their way. */
	struct out_message *out, **out_tail;
	size_t out_at, out_bytes;
	bool out_end;    /* grpc_end */
	bool out_closed; /* the last DATA frame was written */
	bool out_idle;   /* HTTP/2 waits for us */
	bool full;       /* grpc_send said stop */

	/* Incoming. */
	struct frames in;
	struct buf held; /* came while paused; its first held_at bytes are used up */
	size_t held_at;
	struct buf unpacked;
	bool paused;

	/* What headers and trailers said. */
	unsigned http;
	bool is_grpc, is_gzip, has_code;
	size_t header_bytes;
	enum grpc_code code;
	str text;
	struct buf details;
	struct grpc_status status; /* valid when OVER */
};

/* The call ends, unless it is over: takes it off its connection (resetting the stream if it is open) and
 * notes `done`.  The text is copied. */
void call_finish(struct grpc_call *, struct grpc_status);
void call_fail(struct grpc_call *, enum grpc_code, enum grpc_source, bool unseen, const char *fmt, ...) SL_PRINTF(5, 6);
void call_free(struct grpc_call *);
/* From session.c: a header or trailer; bytes of DATA; the end of what the server sends; the stream's end. */
bool call_header(struct grpc_call *, str name, str value);
void call_data(struct grpc_call *, str);
void call_trailed(struct grpc_call *);
void call_reset(struct grpc_call *, uint32_t error);
/* From channel_turn: held messages, and `room`. */
void call_turn(struct grpc_call *);
/* Puts n outgoing bytes, which are there, on its connection, and forgets them. */
void call_take(struct grpc_call *, size_t n);

/* ---- connections ---- */

enum conn_state {
	CONN_RESOLVING,  /* the name is looked up */
	CONN_CONNECTING, /* to one of the addresses */
	CONN_SHAKING,    /* TLS */
	CONN_OPEN,       /* our preface and SETTINGS are sent: calls may go */
	CONN_READY,      /* the server's SETTINGS were seen */
	CONN_DRAINING,   /* GOAWAY was seen: running calls go on, no new ones */
	CONN_CLOSED,     /* handles are being closed */
};

#define CONN_OUT_MARK ((size_t)256 << 10) /* bytes handed to the socket at a time */

struct conn {
	struct grpc_channel *channel;
	enum conn_state state;
	nghttp2_session *session; /* from OPEN on */
	struct tls *tls;          /* NULL: plaintext */
	uv_tcp_t tcp;
	uv_connect_t connecting;
	uv_write_t writing;
	uv_getaddrinfo_t resolving;
	bool has_tcp, is_resolving, is_writing; /* what the loop still holds of it */
	struct addrinfo *addresses, *address; /* the one being tried */
	uint64_t connect_by, address_by; /* ms */
	char error[200];                 /* why the last address failed */

	VEC(struct grpc_call *) calls;
	size_t streams; /* open in HTTP/2's eyes */
	bool dirty;     /* there may be something to write */
	struct buf plain; /* frames for TLS */
	struct out out, in_flight;

	uint64_t heard; /* ms: the last byte from the server */
	bool refused;    /* by TLS, of either side: the next one would be, too */
	bool pinged;     /* nothing came since our PING */
	uint64_t ping_by; /* ms: when that means that it is lost */
	char goaway[120]; /* the server's words */
};

void conn_new(struct grpc_channel *);
/* Every call of it fails; the handles are closed; it is freed when they are. */
void conn_fail(struct conn *, const char *fmt, ...) SL_PRINTF(2, 3);
void conn_write(struct conn *);                   /* what there is, as the socket takes it */
bool conn_is_full(const struct conn *);           /* enough is there to be written */
void conn_put(struct conn *, const void *, size_t);
void conn_put_blob(struct conn *, struct blob *, const char *p, size_t n); /* n bytes at p, of the blob */
void conn_tick(struct conn *, uint64_t now);      /* connect time-out, PING */
uint64_t conn_due(const struct conn *);           /* when conn_tick has something to do */
size_t conn_room(const struct conn *);            /* streams to spare */
static inline bool conn_is_up(const struct conn *c)
{
	return c->state == CONN_OPEN || c->state == CONN_READY;
}

/* ---- HTTP/2 ---- */

void session_start(struct conn *);
void session_feed(struct conn *, str);        /* bytes from the server */
bool session_fill(struct conn *);             /* frames to send, until conn_is_full; false after conn_fail */
void session_call(struct conn *, struct grpc_call *); /* sends its headers */
void session_wake(struct grpc_call *);        /* there is something to send again */
void session_cancel(struct grpc_call *);      /* RST_STREAM, if the stream is open */
void session_used(struct grpc_call *, size_t n); /* the server may send so much more of this call */

/* ---- channels ---- */

struct grpc_channel {
	uv_loop_t *loop;
	struct arena mem;
	struct grpc_config config; /* complete */
	struct endpoint to;
	struct tls_trust *trust;
	uv_prepare_t turn; /* keeps the loop alive while there are calls; no other handle does */
	uv_idle_t again;   /* active: a turn is wanted, the loop may not wait */
	uv_timer_t timer;
	unsigned handles; /* its own and connections that are not freed yet */
	bool closing;
	uint32_t ping_ms; /* grows when the server complains */
	uint32_t granted; /* streams that the last SETTINGS allowed: for a connection that has not seen its own */
	uint64_t due;     /* ms: when the timer fires; UINT64_MAX = it does not */
	uint64_t grow_at; /* ms: no further connection before that */
	VEC(struct conn *) conns;
	struct grpc_call *calls; /* all but those over */
	size_t ncalls;
	struct grpc_call *waiting, **waiting_tail;
	struct grpc_call *over, **over_tail;
	struct grpc_call *noted;
	struct grpc_stats stats;
	char read[256 << 10]; /* of whichever connection reads now */
};

uint64_t channel_now(const struct grpc_channel *);
void channel_wake(struct grpc_channel *);                 /* a turn is wanted */
void channel_due(struct grpc_channel *, uint64_t when_ms); /* time matters then */
void channel_enter(struct grpc_call *);                   /* a new call; it waits for a connection */
void channel_note(struct grpc_call *);                    /* call_turn is wanted */
void channel_over(struct grpc_call *);                    /* `done` is wanted */
/* The connection is gone.  If it never came up and no other is there, the calls that wait fail with `why`. */
void channel_lost(struct grpc_channel *, struct conn *, bool was_up, const char *why);
void channel_unhold(struct grpc_channel *); /* one of its handles is closed; the last one frees it */

#endif
