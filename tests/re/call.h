/* call.h: one RPC on the server's side: messages in, messages out, a status; and the faults that befall it.
 *
 * Everything belongs to the loop's thread.  What a handler makes for its answer lives in the call's arena; messages are
 * unpacked into it too and are never freed singly. */
#ifndef RE_CALL_H
#define RE_CALL_H

#include "blobs.h"
#include "fault.h"
#include "like.h"
#include "server.h"

#include <google/longrunning/operations.pb-c.h>
#include <google/protobuf/empty.pb-c.h>
#include <google/rpc/error_details.pb-c.h>
#include <nghttp2/nghttp2.h>
#include <remote_execution.pb-c.h>
#include <uv.h>

enum { /* gRPC's status codes */
	OK = 0, CANCELLED = 1, UNKNOWN = 2, INVALID_ARGUMENT = 3, DEADLINE_EXCEEDED = 4, NOT_FOUND = 5, PERMISSION_DENIED = 7,
	RESOURCE_EXHAUSTED = 8, FAILED_PRECONDITION = 9, OUT_OF_RANGE = 11, UNIMPLEMENTED = 12, INTERNAL = 13,
	UNAVAILABLE = 14, DATA_LOSS = 15, UNAUTHENTICATED = 16,
};

struct call;
struct conn;
struct operation;

struct method {
	const char *service, *name;
	bool streams; /* the request is a stream: `message` for each, `end` at its end */
	void (*message)(struct call *, str bytes);
	void (*end)(struct call *);
};

struct server {
	struct re_options options;
	const struct like *like;
	uv_loop_t loop;
	uv_tcp_t listener;
	uv_async_t wake;
	uv_prepare_t prepare; /* both send what was submitted: never within a callback of nghttp2 or a handler */
	uv_check_t check;
	uv_thread_t thread;
	unsigned port;
	struct arena arena; /* options, names */
	struct arena fault_arena;
	struct faults faults;
	struct blobs blobs;
	struct map results; /* digest function and action → struct blob of an ActionResult, or NULL */
	struct map uploads; /* resource name → struct upload */
	struct map operations; /* name → struct operation */
	VEC(struct operation *) queue;
	unsigned running, next_operation;
	uint64_t runs, connections, resumed, identified, attributed;
	uint64_t counts[32]; /* by method */
	struct conn *conns;
	const char *scratch; /* below it actions run; NULL until the first */
	/* What another thread wants done: one at a time. */
	uv_mutex_t lock;
	uv_cond_t done;
	void (*job)(struct server *, void *);
	void *job_ud;
	bool stopping;
};

struct call {
	struct conn *conn;
	struct server *server;
	struct call *next, *prev; /* of the connection */
	int32_t stream;
	const struct method *method; /* NULL: no such */
	struct arena arena;
	str path, authorization, encoding, metadata; /* headers */
	bool takes_gzip;
	struct buf in;
	bool in_end;           /* the request is whole */
	uint64_t received;     /* bytes of its body */
	struct buf out;        /* frames of the answer that are not sent */
	size_t out_at;
	uint64_t sent;
	bool open;             /* the response has begun */
	bool begun;            /* the faults from before are through */
	bool handled;          /* a unary request was given to its handler */
	bool finished, closed; /* a status is there; it was sent or reset */
	bool stalled, paused;  /* by faults: for ever; until the timer */
	bool cut;              /* ends without trailers */
	bool deferred;         /* nghttp2 waits for nghttp2_session_resume_data */
	int status;
	str why;
	struct buf details;    /* a packed google.rpc.Status, or empty */
	fault_vec faults;
	size_t next_before;    /* faults from here on are still to befall it, of those from before */
	uv_timer_t *timer;
	/* Of the handler. */
	void *state;
	void (*more)(struct call *); /* called when little is left to send, until it finishes the call */
	void (*dropped)(struct call *); /* the call is going away; frees the state */
};

extern const struct method methods[];
extern const size_t nmethods;

/* ---- for handlers ---- */

/* The message in the call's arena; NULL after the call was finished with INVALID_ARGUMENT. */
void *call_unpack(struct call *, const ProtobufCMessageDescriptor *, str bytes);
void call_send(struct call *, const ProtobufCMessage *);
/* Ends the call, once: later ones do nothing. */
void call_finish(struct call *, int status, const char *fmt, ...) SL_PRINTF(3, 4);
/* Before call_finish: a message for the details of its status. */
void call_detail(struct call *, const ProtobufCMessage *, const char *type);
void call_answer(struct call *, const ProtobufCMessage *); /* sends and finishes with OK */
const struct fault *call_fault(const struct call *, enum fault_kind); /* NULL: does not befall it */
static inline bool call_has(const struct call *c, enum fault_kind kind)
{
	return call_fault(c, kind) != NULL;
}
/* The request's instance is ours; else the call is finished. */
bool call_instance(struct call *, const char *instance);
/* The message's digest and function are whole and offered; else the call is finished. */
bool call_fn(struct call *, Re__DigestFunction__Value, enum digest_fn *);
bool call_digest(struct call *, const Re__Digest *, struct digest *);
bool digest_of_message(const Re__Digest *, struct digest *);
Re__Digest *digest_message(struct arena *, const struct digest *);
ProtobufCAllocator arena_allocator(struct arena *);
/* Of the header's value, in base64; NULL: it is no such message. */
Re__RequestMetadata *request_metadata_of(struct arena *, str value);
str pack(struct arena *, const ProtobufCMessage *);
Google__Protobuf__Any *any_of(struct arena *, const ProtobufCMessage *, const char *type);
/* A message of defaults in the arena. */
static inline void *message_new(struct arena *a, const ProtobufCMessageDescriptor *type)
{
	void *message = arena_alloc(a, type->sizeof_message, _Alignof(max_align_t));

	protobuf_c_message_init(type, message);
	return message;
}

/* ---- between the files of a call: answer.c, befall.c, call.c ---- */

#define FRAME_HEAD 5 /* gRPC: a flag and the length, before each message */

void call_resume(struct call *); /* there is more to send */
nghttp2_nv call_header(const char *name, str value);
void call_begin_answer(struct call *); /* the response's headers, once */
size_t call_trailers(struct call *, nghttp2_nv *out, bool first); /* at most 8; `first`: they are the only headers */
ssize_t call_read_data(nghttp2_session *, int32_t, uint8_t *, size_t, uint32_t *, nghttp2_data_source *, void *);
void call_begin(struct call *);    /* the faults from before the handler */
void call_dispatch(struct call *); /* gives the handler what has come */
struct fault *call_next_fault(struct call *, enum fault_when); /* of those that wait for bytes; NULL: none */
void call_befall(struct call *, struct fault *);

/* ---- for the connection ---- */

struct call *call_new(struct conn *, int32_t stream);
void call_headers_done(struct call *);
void call_data(struct call *, str bytes);
void call_request_end(struct call *);
void call_free(struct call *);
ssize_t call_read(struct call *, uint8_t *, size_t, uint32_t *flags);

/* One TCP connection (conn.c): an nghttp2 session and its calls. */
void conn_flush(struct conn *); /* soon: in this turn of the loop */
nghttp2_session *conn_session(struct conn *);
void conn_close(struct conn *, bool abort); /* when what was submitted is out */
void conn_half_close(struct conn *);
void conn_drain(struct conn *, uint64_t ms);
void conn_accept(struct server *);
void conn_pump_all(struct server *);
void conn_end_all(struct server *);
size_t method_index(const struct method *);

#endif
