/* endpoint.h: the address of a server: "grpc://host:port" or "grpcs://host:port".  Pure. */
#ifndef STRAYLIGHT_NET_ENDPOINT_H
#define STRAYLIGHT_NET_ENDPOINT_H

#include <straylight/base.h>

struct endpoint {
	const char *host; /* without brackets */
	const char *port; /* digits */
	str authority;    /* "host:port", as HTTP/2 names it */
	bool tls, literal; /* literal: the host is an IP address */
};

/* NULL, or what is wrong with it.  Strings are in the arena. */
const char *endpoint_parse(str, struct arena *, struct endpoint *out);

#endif
