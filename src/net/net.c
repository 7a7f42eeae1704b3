#include "net_int.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static atomic_bool offline;

/* Handles that no request uses; each keeps its connections. */
static struct {
	pthread_mutex_t lock;
	VEC(CURL *) handles;
} idle = {.lock = PTHREAD_MUTEX_INITIALIZER};

void net_offline(void)
{
	atomic_store(&offline, true);
}

bool net_is_offline(void)
{
	return atomic_load(&offline);
}

str net_shown(struct arena *a, str url)
{
	str origin = net_origin(url), rest = str_from(url, origin.n);
	size_t scheme = str_find_str(origin, S("://")), host = origin.n, path = 0;

	if (!origin.n)
		return str_dup(a, url);
	while (host > scheme + 3 && origin.p[host - 1] != '@')
		host--;
	while (path < rest.n && rest.p[path] != '?' && rest.p[path] != '#')
		path++;
	return str_fmt(a, "%.*s%.*s%.*s%s", STR_ARG(str_upto(origin, scheme + 3)), STR_ARG(str_from(origin, host)),
			STR_ARG(str_upto(rest, path)), path < rest.n && rest.p[path] == '?' ? "?…" : "");
}

void net_hide(str url)
{
	str origin = net_origin(url), user = str_from(origin, str_find_str(origin, S("://")) + 3), password;
	size_t at = user.n, query = origin.n + str_find(str_from(url, origin.n), '?');

	while (at > 0 && user.p[at - 1] != '@')
		at--;
	user = str_upto(user, at ? at - 1 : 0);
	if (str_cut(user, ':', &user, &password))
		diag_hide(password);
	diag_hide(str_from(url, query + 1));
}

bool net_may_follow(str from, str to)
{
	return net_origin(to).n && (!str_starts(from, S("https:")) || str_starts(to, S("https:")));
}

str net_origin(str url)
{
	size_t from = str_starts(url, S("https://")) ? 8 : str_starts(url, S("http://")) ? 7 : 0;
	size_t end = from;

	while (end < url.n && !memchr("/?#", url.p[end], 3))
		end++;
	return str_upto(url, from ? end : 0);
}

/* ---- one response ---- */

struct transfer {
	struct arena *mem;
	struct buf body;
	VEC(struct net_header) headers;
};

static size_t on_body(char *p, size_t size, size_t n, void *ud)
{
	struct transfer *t = ud;

	buf_add(&t->body, p, size * n);
	return t->body.over ? 0 : size * n;
}

/* A line of the head: a new response starts the list anew. */
static size_t on_header(char *p, size_t size, size_t n, void *ud)
{
	struct transfer *t = ud;
	str line = str_of(p, size * n), name, value;

	if (str_starts(line, S("HTTP/")))
		t->headers.n = 0;
	else if (t->headers.n < 1000 && str_cut(line, ':', &name, &value))
		vec_push(&t->headers, ((struct net_header){str_dup(t->mem, str_trim(name)), str_dup(t->mem, str_trim(value))}));
	return size * n;
}

CURL *net_handle(const struct curl_table *c)
{
	CURL *h = NULL;

	pthread_mutex_lock(&idle.lock);
	if (idle.handles.n)
		h = vec_pop(&idle.handles);
	pthread_mutex_unlock(&idle.lock);
	if (h)
		c->easy_reset(h);
	else
		h = c->easy_init();
	if (!h)
		mem_oom();
	return h;
}

void net_handle_return(CURL *h)
{
	pthread_mutex_lock(&idle.lock);
	vec_push(&idle.handles, h);
	pthread_mutex_unlock(&idle.lock);
}

static void set_trust(const struct curl_table *c, CURL *h)
{
	const char *file = getenv("SSL_CERT_FILE"), *dir = getenv("SSL_CERT_DIR");

	if (file && *file)
		c->easy_setopt(h, CURLOPT_CAINFO, file);
	if (dir && *dir)
		c->easy_setopt(h, CURLOPT_CAPATH, dir);
}

void net_set_up(const struct curl_table *c, CURL *h, const char *url, struct curl_slist *headers)
{
	c->easy_setopt(h, CURLOPT_URL, url);
	c->easy_setopt(h, CURLOPT_HTTPHEADER, headers);
	c->easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	c->easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	c->easy_setopt(h, CURLOPT_USERAGENT, "straylight");
	c->easy_setopt(h, CURLOPT_CONNECTTIMEOUT, (long)NET_CONNECT_SECONDS);
	c->easy_setopt(h, CURLOPT_LOW_SPEED_TIME, (long)NET_STALL_SECONDS);
	c->easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
	set_trust(c, h);
}

static void set_up(const struct curl_table *c, CURL *h, struct transfer *t, const char *url, struct curl_slist *headers)
{
	net_set_up(c, h, url, headers);
	c->easy_setopt(h, CURLOPT_ACCEPT_ENCODING, "");
	c->easy_setopt(h, CURLOPT_TIMEOUT, (long)NET_TOTAL_SECONDS);
	c->easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
	c->easy_setopt(h, CURLOPT_WRITEDATA, t);
	c->easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
	c->easy_setopt(h, CURLOPT_HEADERDATA, t);
}

static struct curl_slist *slist(const struct curl_table *c, struct arena *a, const struct net_request *r)
{
	struct curl_slist *list = NULL;

	for (size_t i = 0; i < r->nheaders; i++)
		list = c->slist_append(list, str_fmt(a, "%.*s%s%.*s", STR_ARG(r->headers[i].name),
				r->headers[i].value.n ? ": " : ";", STR_ARG(r->headers[i].value)).p);
	return list;
}

struct outcome {
	CURLcode code;
	long status;
	const char *next; /* where a redirect leads; NULL: none */
};

static struct outcome perform(const struct curl_table *c, struct transfer *t, const struct net_request *r, str url)
{
	struct outcome o = {.status = 0};
	struct curl_slist *headers = slist(c, t->mem, r);
	CURL *h = net_handle(c);
	char *next = NULL;

	set_up(c, h, t, str_dup(t->mem, url).p, headers);
	o.code = c->easy_perform(h);
	c->easy_getinfo(h, CURLINFO_RESPONSE_CODE, &o.status);
	if (o.status >= 300 && o.status < 400)
		c->easy_getinfo(h, CURLINFO_REDIRECT_URL, &next);
	o.next = next ? str_dup(t->mem, str_c(next)).p : NULL;
	net_handle_return(h);
	c->slist_free_all(headers);
	return o;
}

/* ---- requests ---- */

static bool refused(const char **why, const char **hint, const char *text, const char *what_to_do)
{
	*why = text;
	*hint = what_to_do;
	return false;
}

/* What happened, in our words where there are any. */
static const char *reason_of(const struct curl_table *c, CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST: return "no host of that name is known";
	case CURLE_COULDNT_CONNECT: return "nothing answers there";
	case CURLE_OPERATION_TIMEDOUT: return "the server takes too long";
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR: return "the server breaks off its answer";
	case CURLE_PEER_FAILED_VERIFICATION: return "the server's certificate is not trusted";
	case CURLE_SSL_CACERT_BADFILE: return "the file of trusted authorities cannot be read";
	default: return c->easy_strerror(code);
	}
}

static bool judge(const struct curl_table *c, struct transfer *t, const struct outcome *o, const char **why, const char **hint)
{
	if (t->body.over)
		return refused(why, hint, "the answer is too large", "import what is needed of it, from a smaller file");
	if (o->code == CURLE_PEER_FAILED_VERIFICATION || o->code == CURLE_SSL_CACERT_BADFILE)
		return refused(why, hint, reason_of(c, o->code), "SSL_CERT_FILE names the authorities to trust");
	if (o->code != CURLE_OK)
		return refused(why, hint, reason_of(c, o->code), "check the URL and the network, or give an alternative: URL ? other");
	if (o->status == 200)
		return true;
	return refused(why, hint, str_fmt(t->mem, "the server answers %ld", o->status).p,
			o->status == 401 || o->status == 403 ? "headers.dhall, DHALL_HEADERS or 'using' give it what it asks for"
							     : "check the URL, or give an alternative: URL ? other");
}

static bool follow(const struct curl_table *c, struct transfer *t, struct net_request r, struct outcome *o, const char **why, const char **hint)
{
	for (unsigned hops = 0; hops <= NET_REDIRECTS_MAX; hops++) {
		t->body.n = 0;
		t->headers.n = 0;
		*o = perform(c, t, &r, r.url);
		if (o->code != CURLE_OK || !o->next)
			return judge(c, t, o, why, hint);
		if (!net_may_follow(r.url, str_c(o->next)))
			return refused(why, hint, "the server redirects to a place that is not https", "use the URL that it leads to");
		if (!str_eq(net_origin(str_c(o->next)), net_origin(r.url)))
			r.nheaders = 0;
		r.url = str_c(o->next);
	}
	return refused(why, hint, "the server redirects too often", "use the URL that it leads to in the end");
}

bool net_get(struct arena *a, const struct net_request *r, struct net_response *out, const char **why, const char **hint)
{
	struct transfer t = {.mem = a, .body = {.limit = r->max}};
	const struct curl_table *c;
	struct outcome o;
	bool ok;

	if (net_is_offline())
		return refused(why, hint, "the network is off (--offline)", "leave --offline out, or pin it with a sha256 that is in the cache");
	c = curl_load();
	if (!c)
		return refused(why, hint, "libcurl.so.4 cannot be loaded", "install libcurl (Debian: libcurl4)");
	ok = follow(c, &t, *r, &o, why, hint);
	if (ok) {
		out->status = (unsigned)o.status;
		out->body = blob_new(buf_view(&t.body));
		out->nheaders = t.headers.n;
		out->headers = arena_array(a, struct net_header, t.headers.n);
		for (size_t i = 0; i < t.headers.n; i++)
			out->headers[i] = t.headers.p[i];
	}
	t.body.limit = 0;
	buf_free(&t.body);
	vec_free(&t.headers);
	return ok;
}
