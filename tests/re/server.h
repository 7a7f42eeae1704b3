/* server.h: a Remote Execution server for tests: it does real work and fails on demand.
 *
 * One thread of its own with one loop; 127.0.0.1, plaintext.  CAS, ByteStream, ActionCache, Capabilities, Execution and
 * Operations; actions really run, in a directory below the temporary one, without a sandbox unless bwrap is asked for.
 * It is a double: no security, no limits.  docs/internals/re-test-server.md has the faults and what it imitates. */
#ifndef RE_SERVER_H
#define RE_SERVER_H

#include "hpack.h"

struct re_options {
	unsigned port;        /* 0: any */
	const char *like;     /* NULL: "straylight" (like.h) */
	const char *faults;   /* NULL: none (fault.h) */
	uint64_t seed;        /* of what is random in faults; 0 is 1 */
	const char *store;    /* a directory for blobs and action results; NULL: memory */
	const char *instance; /* NULL: "" */
	const char *token;    /* NULL, or what `authorization` must be */
	bool read_only;       /* UpdateActionResult is refused */
	bool no_execution;    /* a cache alone */
	bool bwrap;           /* actions see nothing but their input root */
	unsigned jobs;        /* actions that run at once; 0 is 2 */
	enum hpack_form hpack;
	size_t header_split;  /* bytes of a HEADERS or CONTINUATION frame; 0: whole */
	unsigned max_streams; /* SETTINGS_MAX_CONCURRENT_STREAMS; 0 is 1000 */
	unsigned window;      /* SETTINGS_INITIAL_WINDOW_SIZE; 0 is 1 MiB */
	unsigned max_age_ms;  /* connections get GOAWAY in two steps after this time; 0: never */
	bool verbose;         /* a line per call on standard error */
};

struct re_server;

/* Listening when it returns.  NULL, and *why from the heap. */
struct re_server *re_server_start(const struct re_options *, char **why) SL_MUST_USE;
/* Ends all connections and actions, waits for the thread, frees. */
void re_server_stop(struct re_server *);
unsigned re_server_port(const struct re_server *);

/* From any other thread; each waits until the server has done it. */

/* The rules from now on, their counts from 1.  NULL, or what is wrong with them, from the heap; the old ones are gone
 * then too. */
char *re_server_faults(struct re_server *, const char *rules) SL_MUST_USE;
/* Calls of the method so far ("FindMissingBlobs"); all, for "*"; connections, for "connections"; blobs that were new, for
 * "puts"; actions that were run, for "runs"; writes that went on where another had ended, for "resumed"; calls whose
 * RequestMetadata names a tool and an invocation, for "identified", and those that name an action too, for "attributed". */
uint64_t re_server_count(struct re_server *, const char *what);
bool re_server_has(struct re_server *, enum digest_fn, const struct digest *);
bool re_server_forget(struct re_server *, enum digest_fn, const struct digest *);
struct digest re_server_put(struct re_server *, enum digest_fn, str bytes);
void re_server_forget_all(struct re_server *);     /* blobs */
void re_server_forget_results(struct re_server *); /* the action cache */

/* "nghttp2", "plain", "literal", "never" (hpack.h). */
bool re_server_hpack(str name, enum hpack_form *);

#endif
