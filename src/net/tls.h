/* tls.h: TLS through memory: what the socket gives goes in, what it shall send comes out.
 *
 * The peer's name and chain are verified; ALPN offers "h2" and nothing else. */
#ifndef STRAYLIGHT_NET_TLS_H
#define STRAYLIGHT_NET_TLS_H

#include <straylight/grpc.h>

struct tls_trust; /* who is trusted and what this client shows: one per channel */
struct tls;       /* one connection */

/* NULL after a diagnostic: a file cannot be read, or is not what it should be. */
struct tls_trust *tls_trust_new(const struct grpc_config *, struct diags *) SL_MUST_USE;
void tls_trust_free(struct tls_trust *); /* NULL is fine */

/* `host` is verified: a name (also sent as SNI), or an address. */
struct tls *tls_new(struct tls_trust *, const char *host, bool literal) SL_MUST_USE;
void tls_free(struct tls *); /* NULL is fine */

enum tls_step {
	TLS_OK,
	TLS_WAIT,   /* the other side has to speak first */
	TLS_CLOSED, /* it ended in order */
	TLS_FAILED, /* tls_error tells */
};

void tls_feed(struct tls *, str cipher);          /* from the socket */
void tls_drain(struct tls *, struct buf *cipher); /* appends what the socket shall send */
/* OK: the connection is up, and the other side speaks h2. */
enum tls_step tls_handshake(struct tls *);
/* At most `room` bytes of plain text; OK: *n > 0. */
enum tls_step tls_read(struct tls *, void *out, size_t room, size_t *n);
enum tls_step tls_write(struct tls *, str plain); /* all of it, or FAILED */
const char *tls_error(const struct tls *);        /* a few words; lives as long as the tls */

#endif
