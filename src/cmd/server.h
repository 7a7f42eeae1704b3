/* server.h: a talk with a Remote Execution server, for the commands that do not build.
 *
 *	struct server r;
 *	if (server_open(&r, call, &args->remote)) … server_fetch(&r, …) …
 *	server_close(&r);
 *
 * The server is the command line's, else the workspace's; there may be none (r.client is NULL).  The functions turn the
 * loop until the answer is there; it is r.status, whose text lives in the call's arena. */
#ifndef STRAYLIGHT_CMD_SERVER_H
#define STRAYLIGHT_CMD_SERVER_H

#include "cmd.h"

#include <straylight/build.h>
#include <straylight/re.h>
#include <uv.h>

struct server_args {
	str endpoint, instance; /* p == NULL: as straylight.dhall says */
	int digest;             /* ORDER of server_fns */
};

#define SERVER_ROWS(T, field)                                                                                          \
	TEXT(T, field.endpoint, 0, "remote", "grpc://HOST:PORT", "the server, with TLS grpcs://… (default: the workspace's); " \
								 "empty: none"),                                       \
	TEXT(T, field.instance, 0, "instance", "NAME", "the server's instance"),                                       \
	CHOICE(T, field.digest, 0, "digest", "sha256|blake3", "the function of all digests (default: sha256)")

extern const enum digest_fn server_fns[];

struct server {
	struct call *call;
	uv_loop_t loop;
	struct build_remote which;
	struct store *store;
	struct re_client *client;   /* NULL: there is no server */
	struct re_status status;    /* of the last talk */
	bool over;
	void *reply;                /* where the callback puts what came */
};

/* false after diagnostics; server_close is called all the same. */
bool server_open(struct server *, struct call *, const struct server_args *) SL_MUST_USE;
void server_close(struct server *);
/* Another client of the same server, for another store; NULL after a diagnostic. */
struct re_client *server_client(struct server *, struct store *);

/* Talks: OK or not; not OK is no diagnostic yet (server_tell). */
bool server_caps(struct server *, struct re_client *, struct re_caps *out);
bool server_upload(struct server *, struct re_client *, const struct re_need *);
bool server_find(struct server *, const struct digest *, size_t n); /* status.missing: what the server lacks */
bool server_fetch(struct server *, struct re_client *, const struct digest *, size_t n);
bool server_fetch_tree(struct server *, struct tree *);
struct tree *server_tree(struct server *, const struct digest *root); /* one reference */
/* *has: there is one; it is the call's arena's. */
bool server_lookup(struct server *, const struct digest *action, bool *has, struct action_result *);
bool server_update(struct server *, const struct digest *action, const struct action_result *);
/* *has: there is a result; also beside a status that is not OK (a timeout). */
bool server_execute(struct server *, const struct re_action *, bool *has, struct action_result *, str *message);
/* The diagnostic for the last status. */
struct diag *server_tell(struct server *, const char *what);
/* false after a diagnostic: there is no server, and the command needs one. */
bool server_needed(struct server *) SL_MUST_USE;

/* A blob, from the store or the server; NULL after a diagnostic. */
struct blob *server_blob(struct server *, const struct digest *, const char *what);
/* "HASH/SIZE"; false after a diagnostic. */
bool server_digest(struct call *, str text, struct digest *out) SL_MUST_USE;

/* STRAYLIGHT_REMOTE_HEADERS: a line each, "name: value".  They are for tokens, which belong in no file of the
 * workspace and on no command line. */
void server_headers(struct arena *, struct build_remote *);

#endif
