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

/* From now on every request of the process is refused. */
void net_offline(void);
bool net_is_offline(void);

/* "https://host:port" of a URL; empty when it is not http or https. */
str net_origin(str url);

#endif
