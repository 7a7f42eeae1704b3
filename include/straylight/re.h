/* re.h: a Remote Execution v2 server: its cache, its content store, its workers.
 *
 * Layer: re, above base, store and net.  One client stands for one instance on one endpoint; it asks for the
 * capabilities before anything else, by itself.
 *
 * Invariants
 * - Everything happens on the loop's thread, but for the reading of small blobs that are sent, which libuv's threads
 *   do; and no callback is called from inside a function of this header.
 *   An operation that was begun ends in exactly one callback; re_close ends all of them.
 * - The local store is the truth: what is uploaded is read from it, what is downloaded is in it, verified, when
 *   the callback comes.  Nothing unverified is ever there under a name.
 * - That a blob is at the server is a lease, never a fact: it is believed for a while within this process, and
 *   forgotten at the first sign that it is not so.  Nothing of it is written down.
 * - The empty blob and the digest of nothing never travel.
 * - Every operation has bounds: deadlines per call, tries, bytes in flight.  Only what may help is tried again
 *   (UNAVAILABLE, RESOURCE_EXHAUSTED, ABORTED, broken connections), after a pause that grows, with jitter, or
 *   that the server asked for.
 * - After several failures in a row the server is left alone for a while (re_health): operations then end at
 *   once, UNAVAILABLE.
 *
 * docs/internals/re.md has the rooms, the states and what real servers do. */
#ifndef STRAYLIGHT_RE_H
#define STRAYLIGHT_RE_H

#include <straylight/grpc.h>
#include <straylight/store.h>

struct re_client;

/* What is 0 gets the value in brackets.  Everything is copied. */
struct re_config {
	struct grpc_config channel;
	str instance;        /* may be empty */
	str version;         /* of straylight: goes into RequestMetadata with the invocation */
	str invocation;      /* [made up] */
	uint32_t rpc_ms;     /* for a call that carries little; those that carry much get more [30 s] */
	uint32_t execute_ms; /* an action, waiting in the server's queue included [1 h] */
	uint32_t retries;    /* further tries of one call [5] */
	uint32_t backoff_ms; /* the first pause; it doubles up to 100 of it [100] */
	uint32_t lease_s;    /* how long a blob is believed to be at the server [600] */
	bool no_compression; /* zstd is not used, though the server offers it */
};

/* NULL after a diagnostic (E1001, E1002).  Connects to nothing yet.  The store outlives the client. */
struct re_client *re_open(struct uv_loop_s *, const struct re_config *, struct store *, struct diags *) SL_MUST_USE;
/* Ends everything that runs, CANCELLED, after at most a second for what the server is still being told to stop; the loop
 * must turn until the callbacks came and the handles are closed, and the store must last until then. */
void re_close(struct re_client *); /* NULL is fine */
str re_endpoint(const struct re_client *);
str re_instance(const struct re_client *);

/* ---- how operations end ---- */

struct re_status {
	enum grpc_code code; /* OK: all else is empty */
	enum grpc_source source;
	str text; /* what went wrong, in words; the server's own are in it */
	/* Blobs that stop it: neither side has them (upload), or the server lost them (fetch). */
	const struct digest *missing;
	size_t nmissing;
};

/* The status is borrowed until the function returns. */
typedef void re_done(void *ud, const struct re_status *);

/* The diagnostic for a status that is not OK: E1003 not reachable, E1004 does not fit, E1005 refused or failed,
 * E1006 wrong bytes, E1007 lost blobs.  `what` is what was being done: "the look-up of '//a:b'". */
struct diag *re_diag(struct diags *, const struct re_client *, const struct re_status *, enum diag_severity, str what);

/* ---- the server ---- */

struct re_caps {
	enum digest_fn fn;
	bool exec;        /* it runs actions */
	bool ac_write;    /* it lets clients write action results */
	bool zstd;        /* of ByteStream */
	size_t batch_max; /* bytes of a batch, and of any message */
	int64_t blob_max; /* 0: not said */
	unsigned low[2], high[2]; /* API versions; 0.0 where not said */
};

/* Asks, if it is not known yet.  When the digest functions or API versions do not fit it is
 * FAILED_PRECONDITION by the channel with a text that names both sides; so then is every other operation, before
 * anything was sent.  caps is NULL unless OK; borrowed as long as the client lives. */
typedef void re_got_caps(void *ud, const struct re_status *, const struct re_caps *);
void re_capabilities(struct re_client *, re_got_caps *, void *ud);

enum re_health {
	RE_WELL,
	RE_TROUBLED, /* the last call failed; others are tried */
	RE_AWAY,     /* left alone for now: operations fail at once */
};
/* *why is the text of the last failure; borrowed until the loop turns. */
enum re_health re_health(const struct re_client *, str *why);

struct re_stats {
	uint64_t calls, retries, failures;
	uint64_t ac_hits, ac_misses, ac_puts;
	uint64_t find_calls, find_asked;     /* FindMissingBlobs: calls, digests */
	uint64_t put_blobs, put_bytes;       /* uploaded */
	uint64_t got_blobs, got_bytes;       /* downloaded */
	uint64_t executed, waited, healed;   /* Execute; WaitExecution; tries after missing inputs were sent */
};
struct re_stats re_stats(const struct re_client *);

/* ---- blobs ---- */

/* What has to be at the server. */
struct re_need {
	struct tree *tree;           /* with all files; may be NULL.  Its Directory messages need not be in the store */
	const struct digest *blobs;  /* single ones: Action, Command, outputs */
	size_t nblobs;
	bool thorough; /* ask for every blob.  Otherwise what has a lease is not asked for, and where a directory's */
		       /* message is at the server, what is below it is taken to be there */
};

/* Uploads what the server lacks, from the store.  FAILED_PRECONDITION by the channel with `missing` set: neither
 * side has those. */
void re_upload(struct re_client *, const struct re_need *, re_done *, void *ud);
/* Which of them the server lacks: OK with `missing`.  Asks for every one; nothing is uploaded. */
void re_find(struct re_client *, const struct digest *, size_t n, re_done *, void *ud);
/* Downloads what the store lacks.  NOT_FOUND with `missing` set: the server has lost those (the others are
 * there).  DATA_LOSS by the channel: the server sent other bytes, twice. */
void re_fetch(struct re_client *, const struct digest *, size_t n, re_done *, void *ud);
/* The files of a tree. */
void re_fetch_tree(struct re_client *, struct tree *, re_done *, void *ud);
/* The Directory messages of a tree, by its root's digest.  The tree is borrowed; NULL unless OK. */
typedef void re_got_tree(void *ud, const struct re_status *, struct tree *);
void re_get_tree(struct re_client *, const struct digest *root, re_got_tree *, void *ud);

/* ---- action results ---- */

struct re_result {
	/* Outputs by digest: their content is at the server until it is fetched.  Of directories all Directory
	 * messages are in the store.  stdout and stderr are in the store if they came along. */
	struct action_result result;
	struct tree *const *trees; /* one per output: of a DIR its tree, else NULL; borrowed */
	bool cached;               /* no worker ran for it */
	str message;               /* the server's, for the user */
};

/* result is NULL when there is none; borrowed. */
typedef void re_got_result(void *ud, const struct re_status *, const struct re_result *);

/* OK and no result: a miss. */
void re_ac_get(struct re_client *, const struct digest *action, re_got_result *, void *ud);
/* After everything that it names was uploaded (from the store; directories as Tree messages too). */
void re_ac_put(struct re_client *, const struct digest *action, const struct action_result *, re_done *, void *ud);

/* ---- actions, to look at ---- */

struct re_described { /* an Action message */
	struct digest command, root;
	uint32_t timeout_s; /* 0: none */
	bool do_not_cache;
	str salt;
	const str *platform; /* "NAME=VALUE" */
	size_t nplatform;
};
struct re_command { /* a Command message */
	const str *argv, *env, *outputs, *platform; /* "NAME=VALUE" the second and last; outputs from the directory */
	size_t argc, nenv, noutputs, nplatform;
	str directory; /* the working one, below the input root; may be empty */
};
/* false: the bytes are no such message.  Texts are borrowed from them, lists live in the arena. */
bool re_action_read(str bytes, struct arena *, struct re_described *out) SL_MUST_USE;
bool re_command_read(str bytes, struct arena *, struct re_command *out) SL_MUST_USE;

/* ---- execution ---- */

enum re_stage { RE_UPLOADING, RE_QUEUED, RE_RUNNING, RE_FETCHING, RE_WAITING }; /* ORDER STAGE; WAITING: for a next try */
extern const char *const re_stage_names[];

struct re_progress {
	enum re_stage stage;
	str worker;         /* may be empty */
	uint64_t since_ms;  /* in this stage */
	uint64_t silent_ms; /* since the server last said anything */
};

struct re_action {
	struct digest action, command; /* both in the store */
	struct tree *root;             /* the input root */
	bool skip_cache;               /* run it even if there is a result */
	int32_t priority;              /* lower runs sooner; 0 is the server's default */
	uint32_t timeout_ms;           /* of the whole; [execute_ms] */
	str mnemonic, target;          /* for the server's own logs; may be empty */
};

struct re_run;
/* Uploads what is missing, executes, and stays with it through broken streams (WaitExecution) and lost inputs.
 * The status is about the infrastructure: a command that fails is OK with an exit code.  DEADLINE_EXCEEDED by the
 * server is the action's own timeout; there may be a result beside it (what was printed).
 * FAILED_PRECONDITION by the channel with `missing`: inputs that neither side has. */
struct re_run *re_execute(struct re_client *, const struct re_action *, re_got_result *, void *ud);
struct re_progress re_progress(const struct re_run *); /* until the callback came */
/* Asks the server to stop (best effort); the callback comes with CANCELLED, unless it had ended before. */
void re_cancel(struct re_run *);

#endif
