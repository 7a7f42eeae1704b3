/* net.h: fetching by http and https.
 *
 * Layer: net, above base and store.  libcurl does the work; it is loaded on the first request, because
 * linking it would make every start of the program load some 25 libraries.  Any thread may call anything
 * here; connections are kept for later requests of the process.
 *
 * Proxies are taken from the environment as libcurl does (http_proxy, https_proxy, no_proxy), the
 * authorities to trust from SSL_CERT_FILE and SSL_CERT_DIR when they are set. */
#ifndef STRAYLIGHT_NET_H
#define STRAYLIGHT_NET_H

#include <straylight/base.h>

#define NET_REDIRECTS_MAX 10
#define NET_CONNECT_SECONDS 30
#define NET_STALL_SECONDS 30  /* without a byte */
#define NET_TOTAL_SECONDS 600

struct net_header {
	str name, value;
};

struct net_request {
	str url;
	const struct net_header *headers;
	size_t nheaders;
	size_t max; /* bytes of the body; more is a failure */
};

struct net_response {
	unsigned status;
	struct blob *body;          /* one reference, the caller's */
	struct net_header *headers; /* of the last response, in order */
	size_t nheaders;
};

/* GETs the URL.  Redirects are followed; to another origin the request's own headers do not go along, and
 * https never becomes http.  False when there is no response of status 200: *why is a few words without
 * the URL or any header, *hint what to do; both in the arena or static. */
bool net_get(struct arena *, const struct net_request *, struct net_response *, const char **why, const char **hint) SL_MUST_USE;

/* ---- large bodies ----
 * One request whose body goes to functions as it comes.  It may begin where an earlier one broke off. */

enum net_result {
	NET_DONE,    /* the body is whole, as far as the server tells */
	NET_AGAIN,   /* it broke off, or the server is busy: the same may go well later */
	NET_NEVER,   /* it will not */
	NET_STOPPED, /* a function of the caller returned false */
};

struct net_download {
	str url;
	uint64_t from; /* bytes that are there already: the rest is asked for (RFC 9110, Range) */
	str validator; /* net_answer's, of the body that they are of; may be empty */
	uint64_t max;  /* bytes of the whole body; more is NET_NEVER */
	unsigned seconds;
	/* The bytes that follow begin here: at `from`, or at 0 when the server gives all of it anew. */
	bool (*start)(void *ud, uint64_t at);
	bool (*data)(void *ud, str bytes);
	void *ud;
};

struct net_answer {
	unsigned status;       /* 0: there was none */
	str validator;         /* of this body; empty: the server names none */
	unsigned wait_seconds; /* the server asks to wait so long before the next */
	bool anew;             /* what is there already does not fit: the next must begin at 0 */
	const char *why, *hint; /* unless DONE: a few words without the URL */
};

/* The answer's texts live in the arena, or are static. */
enum net_result net_download(struct arena *, const struct net_download *, struct net_answer *) SL_MUST_USE;

/* A URL for messages: without user, password and query, which may hold secrets; in the arena. */
str net_shown(struct arena *, str url);
/* From now on no diagnostic shows them either, where it quotes a text that holds the URL (diag_hide). */
void net_hide(str url);

/* From now on every request of the process is refused. */
void net_offline(void);
bool net_is_offline(void);

/* "https://host:port" of a URL; empty when it is not http or https. */
str net_origin(str url);

#endif
