/* net_int.h: what the two kinds of requests by libcurl share. */
#ifndef STRAYLIGHT_NET_INT_H
#define STRAYLIGHT_NET_INT_H

#include "curl.h"

#include <straylight/net.h>

/* A handle with its connections, without options; it is given back after the request. */
CURL *net_handle(const struct curl_table *);
void net_handle_return(CURL *);
/* What every request has: the URL, trust, limits on silence. */
void net_set_up(const struct curl_table *, CURL *, const char *url, struct curl_slist *headers);
/* A redirect leads only to http and https, and never from https to http. */
bool net_may_follow(str from, str to);

#endif
