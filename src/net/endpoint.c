#include "endpoint.h"

#include <arpa/inet.h>

static bool is_literal(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

static bool is_port(str s)
{
	unsigned n = 0;

	if (s.n == 0 || s.n > 5)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		n = n * 10 + (unsigned)(s.p[i] - '0');
	}
	return n > 0 && n <= 65535;
}

static bool is_host(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] >= 0x7f || memchr("/?#@[]\\", s.p[i], 7))
			return false;
	return s.n > 0 && s.n < 254;
}

/* Splits "host:port" and "[address]:port". */
static bool split(str s, str *host, str *port)
{
	size_t at;

	if (s.n && s.p[0] == '[') {
		at = str_find(s, ']');
		*host = str_from(str_upto(s, at), 1);
		*port = str_from(s, at + 2);
		return at + 1 < s.n && s.p[at + 1] == ':' && memchr(host->p, ':', host->n);
	}
	return str_cut(s, ':', host, port);
}

const char *endpoint_parse(str text, struct arena *a, struct endpoint *out)
{
	str rest = text, host, port;

	*out = (struct endpoint){0};
	if (str_starts(text, S("grpcs://")))
		out->tls = true;
	else if (!str_starts(text, S("grpc://")))
		return "it begins with neither 'grpc://' nor 'grpcs://'";
	rest = str_from(text, out->tls ? 8 : 7);
	if (str_ends(rest, S("/")))
		rest.n--;
	if (!split(rest, &host, &port))
		return "it has no port";
	if (!is_host(host))
		return "it has no host";
	if (!is_port(port))
		return "its port is not a number from 1 to 65535";
	out->host = str_dup(a, host).p;
	out->port = str_dup(a, port).p;
	out->authority = str_dup(a, rest);
	out->literal = is_literal(out->host);
	if (rest.p[0] == '[' && !out->literal)
		return "what stands in brackets is not an IPv6 address";
	return NULL;
}
