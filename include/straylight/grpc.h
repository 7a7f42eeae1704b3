/* grpc.h: calls by gRPC over HTTP/2, in plaintext or TLS, on the caller's libuv loop.
 *
 * Layer: net, above base and store.  nghttp2 speaks HTTP/2, OpenSSL speaks TLS through memory; the sockets,
 * timers and turns are the loop's.  There is no thread here (names are looked up by libuv's own).
 *
 * A channel stands for one endpoint.  It connects when a call needs it, sends all calls over one connection,
 * and opens more when the server grants no more streams.  A connection that is lost, or that the server asks
 * to leave (GOAWAY), is replaced at the next call.  Nothing is tried twice here: `unseen` tells the layer
 * above what it may repeat without a thought.
 *
 * Invariants
 * - Everything happens on the loop's thread.  No callback is called from inside a function of this header:
 *   all come from the loop.
 * - A call that was started ends in exactly one `done`, whatever happens: deadline, cancel, loss of the
 *   connection, grpc_close.  After it the call is gone and nothing of it is called any more.
 * - Each call has a deadline, which counts waiting for a connection too.
 * - What is kept for a call is bounded: incoming, GRPC_WINDOW and one message of at most message_max;
 *   outgoing, what its owner sends against the advice of grpc_send.
 * - While calls are running, silence of the server is broken by PING, and silence after it ends the
 *   connection.  Without calls nothing is sent, and nothing here keeps the loop alive.
 *
 * Where SIGPIPE would end the process, grpc_open gives it a handler that does nothing.
 *
 * docs/internals/grpc.md has the states and the limits. */
#ifndef STRAYLIGHT_GRPC_H
#define STRAYLIGHT_GRPC_H

#include <straylight/base.h>
#include <straylight/net.h>

struct uv_loop_s;
struct grpc_channel;
struct grpc_call;

#define GRPC_WINDOW ((size_t)4 << 20)       /* HTTP/2 flow control, per call */
#define GRPC_CONN_WINDOW ((size_t)16 << 20) /* and per connection */
#define GRPC_QUEUE ((size_t)1 << 20)        /* outgoing bytes of a call above which grpc_send says stop */

/* ---- how calls end ---- */

enum grpc_code { /* the numbers of the gRPC protocol; ORDER CODE: grpc_code_name */
	GRPC_OK,
	GRPC_CANCELLED,
	GRPC_UNKNOWN,
	GRPC_INVALID_ARGUMENT,
	GRPC_DEADLINE_EXCEEDED,
	GRPC_NOT_FOUND,
	GRPC_ALREADY_EXISTS,
	GRPC_PERMISSION_DENIED,
	GRPC_RESOURCE_EXHAUSTED,
	GRPC_FAILED_PRECONDITION,
	GRPC_ABORTED,
	GRPC_OUT_OF_RANGE,
	GRPC_UNIMPLEMENTED,
	GRPC_INTERNAL,
	GRPC_UNAVAILABLE,
	GRPC_DATA_LOSS,
	GRPC_UNAUTHENTICATED,
	GRPC_CODES,
};

const char *grpc_code_name(enum grpc_code); /* "NOT_FOUND"; "UNKNOWN" for what is no code */

enum grpc_source { /* who says so */
	GRPC_BY_SERVER,
	GRPC_BY_CHANNEL,  /* no connection, or it broke, or what came is not gRPC */
	GRPC_BY_DEADLINE, /* the call's own deadline passed here */
	GRPC_BY_CALLER,   /* grpc_cancel, grpc_close */
};

struct grpc_violation { /* of google.rpc.PreconditionFailure */
	str type, subject, description; /* "MISSING", "blobs/HASH/SIZE", … */
};

struct grpc_status {
	enum grpc_code code;
	enum grpc_source source;
	bool unseen;      /* the server has surely not begun with it: any call may be made again */
	bool final;       /* no further try will end otherwise: one side refuses the other's TLS */
	str text;         /* the server's words, or ours; may be empty */
	int64_t retry_ms; /* RetryInfo: wait this long before the next try; -1 = not said */
	const struct grpc_violation *violations;
	size_t nviolations;
};

/* Reads a google.rpc.Status (as in grpc-status-details-bin, and inside REAPI's answers); details of kinds
 * that we do not know are skipped.  Everything is copied into the arena.  false, with code UNKNOWN, when the
 * bytes are not such a message; a status out of range is UNKNOWN too. */
bool grpc_status_read(str bytes, struct arena *, struct grpc_status *out);

/* ---- channels ---- */

/* Time, for tests that advance it. */
struct grpc_clock {
	uint64_t (*now_ms)(void *ud); /* never goes back */
	void *ud;
};

/* What is 0 gets the value in brackets.  Everything is copied. */
struct grpc_config {
	str endpoint;                              /* "grpc://host:port", "grpcs://host:port"; an IPv6 host in [] */
	str ca_file;                               /* PEM; [SSL_CERT_FILE, SSL_CERT_DIR, the system's] */
	str cert_file, key_file;                   /* PEM: what this client shows */
	const struct net_header *headers;          /* for every call, "authorization" among them; no diagnostic shows */
	size_t nheaders;                           /* their values */
	str user_agent;                            /* ["straylight"] */
	uint32_t connect_ms;                       /* from looking up the name to the server's SETTINGS [20 s] */
	uint32_t ping_ms, ping_timeout_ms;         /* PING after this silence [60 s]; lost after that [20 s] */
	size_t message_max;                        /* incoming, unpacked [16 MiB] */
	unsigned connections_max;                  /* [4] */
	const struct grpc_clock *clock;            /* [the real one]; with it time passes only in grpc_tick */
};

/* NULL after a diagnostic: the endpoint is not one, a file of the config cannot be used.  Connects to
 * nothing yet. */
struct grpc_channel *grpc_open(struct uv_loop_s *, const struct grpc_config *, struct diags *) SL_MUST_USE;
/* Ends every call (CANCELLED by the caller); the loop must turn until their `done` were called and the
 * handles are closed.  The channel may not be used any more.  NULL is fine. */
void grpc_close(struct grpc_channel *);
/* With a clock of the config: does what is due by it. */
void grpc_tick(struct grpc_channel *);
str grpc_endpoint(const struct grpc_channel *); /* "host:port" */

struct grpc_stats {
	size_t calls;       /* running, those that wait for a connection among them */
	size_t connections; /* that are up */
	uint64_t started, connected, pings; /* since grpc_open */
	uint64_t bytes_in, bytes_out;       /* on the wire */
};
struct grpc_stats grpc_stats(const struct grpc_channel *);

/* ---- calls ---- */

struct grpc_request {
	str method;         /* "/package.Service/Method" */
	uint32_t timeout_ms; /* [60 s] */
	const struct net_header *headers; /* beside those of the channel; the value of a name ending in "-bin" is */
	size_t nheaders;                  /* bytes, all others are printable text */
};

/* Functions may be NULL, but for done. */
struct grpc_events {
	/* A message, unpacked; borrowed until the function returns. */
	void (*message)(void *ud, struct grpc_call *, str);
	/* grpc_send said stop, and there is room again. */
	void (*room)(void *ud, struct grpc_call *);
	/* The status is borrowed until the function returns. */
	void (*done)(void *ud, const struct grpc_status *);
};

/* The events live as long as the call.  Never fails: what goes wrong, `done` tells. */
struct grpc_call *grpc_start(struct grpc_channel *, const struct grpc_request *, const struct grpc_events *, void *ud);
/* Sends one message; takes over the reference.  false: the queue is full, wait for `room` before the next
 * (nothing is lost that is sent all the same).  After the call's end, messages are dropped. */
bool grpc_send(struct grpc_call *, struct blob *);
/* No more messages will be sent. */
void grpc_end(struct grpc_call *);
/* No more `message` from now on until grpc_resume; the server is slowed down when the window is full. */
void grpc_pause(struct grpc_call *);
void grpc_resume(struct grpc_call *);
/* The call ends: `done` comes with CANCELLED, unless it had ended before. */
void grpc_cancel(struct grpc_call *);

/* One message there, one back.  `reply` is borrowed; it is empty unless the status is OK.  No message, or
 * two, is INTERNAL.  Takes over the reference to the message. */
typedef void grpc_reply(void *ud, const struct grpc_status *, str reply);
struct grpc_call *grpc_unary(struct grpc_channel *, const struct grpc_request *, struct blob *message, grpc_reply *, void *ud);

#endif
