#include "net_int.h"

#include <stdlib.h>
#include <strings.h>

struct download {
	const struct curl_table *c;
	CURL *h;
	struct arena *mem;
	const struct net_download *d;
	struct net_answer *answer;
	uint64_t at;       /* of the next byte in the body */
	uint64_t range_at; /* where the server's part begins; NO_RANGE: not told */
	bool started, stopped, over;
};

#define NO_RANGE UINT64_MAX
#define WAIT_MAX 120 /* seconds that a server may ask for */

/* ---- the head ---- */

static bool number(str s, uint64_t *out)
{
	*out = 0;
	if (s.n == 0 || s.n > 18)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*out = *out * 10 + (uint64_t)(s.p[i] - '0');
	}
	return true;
}

static bool named(str name, const char *want)
{
	return name.n == strlen(want) && strncasecmp(name.p, want, name.n) == 0;
}

/* "bytes 100-199/200"; RFC 9110, 14.4 */
static void take_range(struct download *t, str value)
{
	str first, rest;
	uint64_t at;

	if (str_starts(value, S("bytes ")) && str_cut(str_from(value, 6), '-', &first, &rest) && number(first, &at))
		t->range_at = at;
}

/* Only a strong validator says that bytes are the same. */
static void take_validator(struct download *t, str name, str value)
{
	bool tag = named(name, "ETag");

	if (tag && str_starts(value, S("W/")))
		return;
	if (tag || !t->answer->validator.n)
		t->answer->validator = str_dup(t->mem, value);
}

static size_t on_header(char *p, size_t size, size_t n, void *ud)
{
	struct download *t = ud;
	str line = str_of(p, size * n), name, value;
	uint64_t wait;

	if (str_starts(line, S("HTTP/"))) {
		t->answer->validator = S("");
		t->answer->wait_seconds = 0;
		t->range_at = NO_RANGE;
	} else if (str_cut(line, ':', &name, &value)) {
		value = str_trim(value);
		if (named(name, "ETag") || named(name, "Last-Modified"))
			take_validator(t, name, value);
		else if (named(name, "Content-Range"))
			take_range(t, value);
		else if (named(name, "Retry-After") && number(value, &wait))
			t->answer->wait_seconds = wait < WAIT_MAX ? (unsigned)wait : WAIT_MAX;
	}
	return size * n;
}

/* ---- the body ---- */

static long status_of(struct download *t)
{
	long status = 0;

	t->c->easy_getinfo(t->h, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* The first byte of a body that is wanted; false ends the transfer. */
static bool begin_body(struct download *t, long status)
{
	t->started = true;
	t->at = status == 206 ? t->d->from : 0;
	if (status == 206 && t->range_at != t->d->from) {
		t->answer->anew = true;
		return false;
	}
	t->stopped = !t->d->start(t->d->ud, t->at);
	return !t->stopped;
}

static size_t on_body(char *p, size_t size, size_t n, void *ud)
{
	struct download *t = ud;
	size_t bytes = size * n;
	long status = status_of(t);

	if (status != 200 && status != 206)
		return bytes;
	if (!t->started && !begin_body(t, status))
		return 0;
	t->over = bytes > t->d->max - t->at;
	if (t->over)
		return 0;
	t->at += bytes;
	t->stopped = bytes && !t->d->data(t->d->ud, str_of(p, bytes));
	return t->stopped ? 0 : bytes;
}

/* ---- one request ---- */

static struct curl_slist *headers(struct download *t)
{
	struct curl_slist *list = NULL;

	if (!t->d->from)
		return NULL;
	list = t->c->slist_append(list, str_fmt(t->mem, "Range: bytes=%llu-", (unsigned long long)t->d->from).p);
	if (t->d->validator.n)
		list = t->c->slist_append(list, str_fmt(t->mem, "If-Range: %.*s", STR_ARG(t->d->validator)).p);
	return list;
}

/* *next is where a redirect leads; NULL: nowhere. */
static CURLcode perform(struct download *t, str url, const char **next)
{
	struct curl_slist *list = headers(t);
	char *to = NULL;
	CURLcode code;

	t->h = net_handle(t->c);
	net_set_up(t->c, t->h, str_dup(t->mem, url).p, list);
	t->c->easy_setopt(t->h, CURLOPT_TIMEOUT, (long)(t->d->seconds ? t->d->seconds : NET_TOTAL_SECONDS));
	t->c->easy_setopt(t->h, CURLOPT_WRITEFUNCTION, on_body);
	t->c->easy_setopt(t->h, CURLOPT_WRITEDATA, t);
	t->c->easy_setopt(t->h, CURLOPT_HEADERFUNCTION, on_header);
	t->c->easy_setopt(t->h, CURLOPT_HEADERDATA, t);
	code = t->c->easy_perform(t->h);
	t->answer->status = (unsigned)status_of(t);
	if (t->answer->status >= 300 && t->answer->status < 400)
		t->c->easy_getinfo(t->h, CURLINFO_REDIRECT_URL, &to);
	*next = to ? str_dup(t->mem, str_c(to)).p : NULL;
	net_handle_return(t->h);
	t->h = NULL;
	t->c->slist_free_all(list);
	return code;
}

static enum net_result refused(struct net_answer *a, enum net_result how, const char *why, const char *hint)
{
	a->why = why;
	a->hint = hint;
	return how;
}

/* What another try cannot mend. */
static bool is_final(CURLcode code)
{
	return code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_PEER_FAILED_VERIFICATION ||
			code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_CERTPROBLEM || code == CURLE_LOGIN_DENIED ||
			code == CURLE_OUT_OF_MEMORY;
}

static enum net_result judge_status(struct download *t)
{
	struct net_answer *a = t->answer;
	const char *why = str_fmt(t->mem, "the server answers %u", a->status).p;

	switch (a->status) {
	case 408: case 425: case 429: case 500: case 502: case 503: case 504:
		return refused(a, NET_AGAIN, why, "try again later");
	case 416: /* the range lies behind the end */
		a->anew = t->d->from != 0;
		return refused(a, a->anew ? NET_AGAIN : NET_NEVER, why, "check the URL");
	case 401: case 403:
		return refused(a, NET_NEVER, why, "the server wants credentials, which are not sent: use a URL that needs none");
	default:
		return refused(a, NET_NEVER, why, "check the URL");
	}
}

static enum net_result judge(struct download *t, CURLcode code)
{
	struct net_answer *a = t->answer;

	if (t->stopped)
		return refused(a, NET_STOPPED, "it was stopped", "");
	if (t->over)
		return refused(a, NET_NEVER, "it is larger than it may be", "check the URL");
	if (a->anew)
		return refused(a, NET_AGAIN, "the server sends another part than it was asked for", "try again later");
	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
		return refused(a, NET_NEVER, t->c->easy_strerror(code), "SSL_CERT_FILE names the authorities to trust");
	if (code != CURLE_OK)
		return refused(a, is_final(code) ? NET_NEVER : NET_AGAIN, t->c->easy_strerror(code), "check the URL and the network");
	if (a->status != 200 && a->status != 206)
		return judge_status(t);
	/* An empty body called no function. */
	if (!t->started && (!t->d->start(t->d->ud, a->status == 206 ? t->d->from : 0)))
		return refused(a, NET_STOPPED, "it was stopped", "");
	return NET_DONE;
}

enum net_result net_download(struct arena *mem, const struct net_download *d, struct net_answer *answer)
{
	struct download t = {.c = curl_load(), .mem = mem, .d = d, .answer = answer, .range_at = NO_RANGE};
	str url = d->url;
	const char *next;

	*answer = (struct net_answer){0};
	if (net_is_offline())
		return refused(answer, NET_NEVER, "the network is off (--offline)", "leave --offline out");
	if (!t.c)
		return refused(answer, NET_NEVER, "libcurl.so.4 cannot be loaded", "install libcurl (Debian: libcurl4)");
	for (unsigned hops = 0; hops <= NET_REDIRECTS_MAX; hops++) {
		CURLcode code = perform(&t, url, &next);

		if (code != CURLE_OK || !next)
			return judge(&t, code);
		if (!net_may_follow(url, str_c(next)))
			return refused(answer, NET_NEVER, "the server redirects to a place that is not https", "use the URL that it leads to");
		url = str_c(next);
	}
	return refused(answer, NET_NEVER, "the server redirects too often", "use the URL that it leads to in the end");
}
