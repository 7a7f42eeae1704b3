/* re_int.h: what the files of this layer share.
 *
 *	client.c    opening and closing, time, health
 *	rpc.c       one call: headers, tries, pauses
 *	caps.c      GetCapabilities, and what waits for it
 *	known.c     what is known of each blob at the server
 *	find.c      FindMissingBlobs
 *	missing.c   the same for a user's question
 *	upload.c    a need: which blobs, in which order
 *	way.c       the queues of blobs in either direction
 *	send.c      blobs to the server, many in a call; batch.c: those calls' messages
 *	write.c     one blob to the server by ByteStream, in the messages of chunks.c
 *	fetch.c     blobs to the store, many in a call; read.c: one by ByteStream
 *	tree.c      Directory messages from the server
 *	result.c    ActionResult both ways; ac.c: the action cache
 *	action.c    Action and Command messages, to look at
 *	execute.c   Execute and WaitExecution; operation.c: what their streams carry
 *	status.c    statuses and their diagnostics */
#ifndef STRAYLIGHT_RE_INT_H
#define STRAYLIGHT_RE_INT_H

#include <straylight/re.h>
#include <straylight/wire.h>

#include <uv.h>

#define RE_SERVICE "/build.bazel.remote.execution.v2."
#define RE_MESSAGE_MAX ((size_t)4000000) /* all servers refuse more than about 4 MiB */
#define RE_CHUNK ((size_t)1 << 20)       /* of a ByteStream message */
#define RE_BATCH ((size_t)512 << 10)     /* of a message of many blobs: more would only let the server wait for the first one */

struct known;

/* ---- the client ---- */

struct sleeper {
	uint64_t at; /* ms */
	void (*wake)(void *ud);
	void *ud;
	struct sleeper *next;
};

struct queue { /* of blobs, by known.next[way] */
	struct known *first, *last;
	size_t n;
	uint64_t bytes; /* of those blobs */
	enum { WAY_PUT, WAY_GET } way;
};

/* One direction of blobs.  Small ones go many in a call; large ones, and what a call does not get across, by a stream each. */
struct way {
	struct re_client *client;
	struct queue small, large;
	unsigned batches, streams; /* that run */
	unsigned batches_max, streams_max;
	size_t bytes, bytes_max;   /* of the messages of those batches; 0: no limit */
	bool no_batch;             /* the server refuses them */
	bool soon;                 /* a sleeper will look at the queues */
	void (*batch)(struct re_client *); /* begins one with the first of the small ones (way_take) */
	void (*stream)(struct re_client *, struct known *);
};

enum caps_state { CAPS_UNKNOWN, CAPS_ASKED, CAPS_KNOWN, CAPS_REFUSED };

struct re_client {
	uv_loop_t *loop;
	struct store *store;
	struct grpc_channel *channel;
	struct re_config config; /* complete */
	struct arena mem;
	uint64_t seed; /* of jitter and uploads' names */
	bool closing;
	unsigned stops; /* CancelOperation calls under way: re_close waits for them for a moment */
	uv_timer_t moment;
	size_t holds; /* operations, calls and sleepers that have not ended; the client stays until then */

	uv_timer_t timer;
	struct sleeper *sleepers; /* the next one first */
	uv_idle_t turn;
	struct sleeper *soon, **soon_tail; /* those of the next turn, in their order */

	enum caps_state caps_state;
	struct re_caps caps;
	str refusal; /* REFUSED: why */
	VEC(struct gate) gates;

	unsigned failures; /* in a row, those at one time counted once */
	uint64_t failed_at, away_until; /* ms */
	struct buf why;

	struct map known; /* by the bytes of the digest */
	struct arena known_mem;
	struct waiter *waiters; /* that may be used again, by next */
	uint32_t serial; /* of walks over what is known */

	struct queue find;
	size_t find_due; /* of them: those that no longer wait for others to be asked for together */
	unsigned finds;  /* FindMissingBlobs that run */
	unsigned wanting; /* uploads that are about to ask for more */
	bool find_soon;  /* a sleeper will look at the queue */
	struct way up, down;
	uv_mutex_t making;  /* for the next three */
	struct batch *to_make, *made;
	VEC(struct blob *) rooms; /* of messages that were sent, for the next ones: fresh memory is dear */
	uv_async_t was_made;
	unsigned makers, makers_max;

	struct re_stats stats;
	unsigned handles; /* that are not closed */
};

static inline void client_hold(struct re_client *c)
{
	c->holds++;
}
void client_release(struct re_client *);
/* Calls wake(ud) from the loop, after so long (0: in its next turn); at once when the client closes. */
void client_sleep(struct re_client *, uint64_t ms, void (*wake)(void *ud), void *ud);
uint64_t client_now(void); /* ms */
uint64_t client_random(struct re_client *);
/* Of CancelOperation: one more, one less. */
void client_stopping(struct re_client *);
void client_stopped(struct re_client *);
/* How a call ended, for the client's health. */
void client_report(struct re_client *, const struct grpc_status *);
/* Calls may be made: it does not close, and the server is not left alone.  Otherwise *why is filled in. */
bool client_ready(struct re_client *, struct grpc_status *why);

/* ---- statuses ---- */

/* Owned: the text and the digests live in the arena of whoever collects it. */
void status_keep(struct re_status *, struct arena *, const struct grpc_status *, const char *what); /* the first one that is not OK */
void status_fail(struct re_status *, struct arena *, enum grpc_code, enum grpc_source, const char *fmt, ...) SL_PRINTF(5, 6);
void status_errno(struct re_status *, struct arena *, int err, const char *what);
bool status_is_transient(const struct grpc_status *); /* the same call may go well later */

/* ---- calls ---- */

/* A message as it is put together; becomes a blob. */
struct blob *rpc_blob(struct buf *); /* frees the buf */

/* Tries again what is transient.  The status and the reply are borrowed. */
typedef void rpc_done(void *ud, const struct grpc_status *, str reply);
void rpc_call(struct re_client *, const char *method, const struct digest *action, uint32_t timeout_ms, struct blob *message,
		rpc_done *, void *ud);
/* One try of a stream; NULL when the client is not ready (*why). */
struct grpc_call *rpc_stream(struct re_client *, const char *method, const struct re_action *, uint32_t timeout_ms,
		const struct grpc_events *, void *ud, struct grpc_status *why);
/* After a failed try, counted from 1: whether another makes sense, and after which pause. */
bool rpc_again(struct re_client *, const struct grpc_status *, unsigned tries, uint64_t *pause_ms);

/* ---- capabilities ---- */

/* go(ud, NULL) from the loop when the capabilities are known; otherwise with the status that says why not. */
typedef void gate_fn(void *ud, const struct re_status *);
struct gate {
	struct re_client *client;
	gate_fn *go;
	void *ud;
};
void caps_need(struct re_client *, gate_fn *, void *ud);
void caps_write_fn(struct re_client *, struct buf *, unsigned field); /* digest_function */

/* ---- blobs at the server ---- */

enum known_state {
	KNOWN_NOTHING,
	KNOWN_ASKED,   /* it is in the queue of FindMissingBlobs, or in a call */
	KNOWN_MISSING, /* the server lacks it, and nobody sends it */
	KNOWN_SENT,    /* being sent, or in the queue for that */
	KNOWN_THERE,   /* until the lease ends */
};

struct upload;
struct fetch;

struct waiter {
	struct upload *upload;
	struct fetch *fetch;
	bool send; /* that it is known to be missing is not enough */
	struct waiter *next;
};

struct known {
	struct digest digest;
	enum known_state state;
	bool whole;        /* THERE, a directory: so is all below it */
	bool by_stream;    /* a batch did not do */
	bool getting;      /* being fetched, or in the queue for that */
	unsigned bad;      /* times that wrong bytes came */
	uint64_t until;    /* ms: the end of the lease */
	uint32_t mark;     /* serial of the last walk that met it */
	struct tree *dir;  /* its message is sent from here, not from the store; one reference */
	struct waiter *puts, *gets;
	struct known *next[2]; /* in its queues: a blob may go both ways */
};

/* For one to wait; what it holds is not cleared. */
struct waiter *waiter_new(struct re_client *);
void waiter_free(struct re_client *, struct waiter *);

struct known *known_of(struct re_client *, const struct digest *); /* never NULL */
/* The same of an answer about the n blobs of `list`, which most servers give in its order: *next is where the last one
 * was found.  NULL: nobody knows it. */
struct known *known_expected(struct re_client *, struct known *const *list, size_t n, size_t *next, const struct digest *);
bool known_there(struct known *);                                  /* and the lease has not ended */
void known_forget(struct known *);                                 /* nothing is known any more, unless it is under way */
void queue_push(struct queue *, struct known *);
struct known *queue_pop(struct queue *); /* NULL: empty */

/* The upload waits for the blob: asked for, and sent too if `send`.  false: there is nothing to wait for. */
bool known_want(struct re_client *, struct known *, struct upload *, bool send);
/* From find.c and send.c: what came out. */
void known_asked(struct re_client *, struct known *, bool missing);
void known_sent(struct re_client *, struct known *);
/* The way of this blob to the server failed: *why; absent: it is not in the store. */
void known_failed(struct re_client *, struct known *, const struct re_status *why, bool absent);
/* From fetch.c and read.c: it is in the store, or it failed; lost: the server does not have it. */
void known_got(struct re_client *, struct known *, const struct re_status *why, bool lost);

/* A blob goes this way, at once or when others are through. */
void way_add(struct way *, struct known *, bool by_stream);
/* There may be room for more: looks at the queues in the next turn of the loop. */
void way_pump(struct way *);
/* The first of the small ones whose entries have no more than max bytes together, but at least one.  The list is the caller's. */
struct known **way_take(struct way *, size_t max, size_t *n);
/* Of a blob in a message, at the most. */
static inline size_t way_entry(const struct known *k)
{
	return (size_t)k->digest.size + 128;
}

void find_pump(struct re_client *);
/* More is about to be asked for, in further turns of the loop: until then only full calls are made.  And then all is. */
void find_wanting(struct re_client *);
void find_wanted(struct re_client *);
void send_init(struct re_client *);  /* its way up */
void fetch_init(struct re_client *); /* and down */
void write_begin(struct re_client *, struct known *);
void read_begin(struct re_client *, struct known *);

/* ---- batches of blobs to the server (batch.c) ---- */

struct batch {
	struct re_client *client;
	struct known **blobs;
	int *errs; /* why a blob is not in the message */
	size_t n;
	struct blob *message; /* as long as it can become, until it is put together */
	size_t room;          /* so long */
	bool shares;          /* room for any other batch's */
	struct batch *next;
};

void batch_init(struct re_client *);
/* Takes over the list.  Its message is put together on another thread, then batch_made is called from the loop. */
void batch_make(struct re_client *, struct known **blobs, size_t n);
void batch_free(struct batch *);
void batch_made(struct batch *); /* from batch.c */

/* The upload hears of one blob that it waited for. */
void upload_heard(struct upload *, const struct digest *, const struct re_status *, bool absent);
void fetch_heard(struct fetch *, const struct digest *, const struct re_status *, bool lost);

/* "INSTANCE/uploads/UUID/blobs/[blake3/]HASH/SIZE" and its kin; uuid NULL: to read. */
void resource_name(struct re_client *, const struct digest *, const char *uuid, bool zstd, struct buf *out);

/* ---- what a ByteStream write carries (chunks.c) ---- */

/* The messages of one blob, in their order.  On the loop's thread, but for chunks_next, which reads and compresses: it may
 * be called from another, while nothing else of the chunks is. */
struct chunks;
/* Opens the blob; NULL with -errno. */
struct chunks *chunks_new(struct re_client *, const struct known *, int *err);
void chunks_free(struct chunks *);
/* From the start: the messages of a try, under this name (borrowed), without the first `base` bytes, which the server has. */
void chunks_begin(struct chunks *, const char *uuid, int64_t base);
void chunks_plain(struct chunks *); /* from the next try on it is not compressed */
/* The next message, one reference; NULL: the content cannot be read (chunks_error). */
struct blob *chunks_next(struct chunks *);
bool chunks_ended(const struct chunks *);   /* that was the last one */
int chunks_error(const struct chunks *);    /* 0 or -errno */
bool chunks_packed(const struct chunks *);  /* compressed: known when the first message was made */
int64_t chunks_size(const struct chunks *); /* of what was made, `base` included */

/* ---- what an execution's stream carries (operation.c) ----
 * All texts are borrowed from the bytes.  false: they are no such message. */

struct operation {
	str name, metadata, error, response; /* of the Any messages: their values */
	bool done, has_error;
};
struct operation_metadata {
	uint64_t stage; /* ExecutionStage */
	bool has_stage;
	str worker; /* cut to a length that can be shown */
};
struct operation_response {
	str result, status, message;
	bool cached, has_result, has_status;
};
bool operation_read(str bytes, struct operation *out);
bool operation_read_metadata(str bytes, struct operation_metadata *out);
bool operation_read_response(str bytes, struct operation_response *out);

/* ---- messages ---- */

/* Reads an ActionResult.  false, with *why, when it is not one that can be used (paths that climb, two outputs in
 * one place, a digest that is none).  Tree messages are not there yet: digests of those that are needed are in
 * *trees.  Everything is copied into the arena. */
struct tree_want {
	struct digest message; /* of a Tree message */
	uint32_t output;       /* which output of the result */
};
struct read_result {
	struct re_result r;
	struct tree **trees;
	struct tree_want *wants;
	size_t nwants;
	str raw_out, raw_err;    /* came along */
	bool has_out, has_err;
};
bool result_read_message(str bytes, enum digest_fn, struct arena *, struct read_result *out, str *why);
/* A Tree message as a tree (one reference): children are found by the digests of their bytes.  NULL, with *why. */
struct tree *tree_read_message(str bytes, enum digest_fn, struct arena *, str *why);
/* The Tree message of a tree. */
void tree_write_message(struct tree *, enum digest_fn, struct buf *out);

/* The ActionResult message; wants has the Tree message of each output that is a directory, in their order. */
void result_write_message(const struct action_result *, const struct tree_want *wants, struct buf *out);

/* Makes a re_result of an ActionResult's bytes: fetches its Tree messages, stores their directories and what
 * came along, then calls done.  The result is borrowed by done.  NOT_FOUND: a Tree message is lost. */
void result_take(struct re_client *, str bytes, bool cached, str message, re_got_result *, void *ud);

#endif
