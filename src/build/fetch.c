#include <straylight/fetch.h>
#include <straylight/net.h>

#include "fetch_known.h"
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#define TEXT_TRIES 3

struct failure { /* of one URL */
	str url, why; /* as they are shown */
	const char *hint;
	bool hash;    /* it gave other bytes */
};

struct getting {
	const struct fetch *f;
	struct arena mem;
	struct diags *diags;
	const char *path; /* where the bytes go */
	int fd;
	struct nix_hasher *hasher; /* of the bytes so far */
	uint64_t n;
	str validator;    /* of what they are a part of */
	bool resumed;     /* they come from several answers */
	struct nix_hash got;
	VEC(struct failure) failures;
};

static enum nix_algo algo_of(const struct fetch *f)
{
	return f->hash.algo == NIX_ALGO_NONE ? NIX_SHA256 : f->hash.algo;
}

static bool is_file(str url)
{
	return str_starts(url, S("file://"));
}

/* ---- what arrives ---- */

static bool disk_failed(struct getting *g, int err)
{
	os_error(g->diags, DIAG_IO, err, "writing", str_c(g->path));
	return false;
}

static void drop_hasher(struct getting *g)
{
	if (g->hasher)
		nix_hasher_end(g->hasher, &g->got);
	g->hasher = NULL;
}

static bool start(void *ud, uint64_t at)
{
	struct getting *g = ud;

	if (at != 0) {
		g->resumed = true;
		return true;
	}
	if (ftruncate(g->fd, 0) < 0 || lseek(g->fd, 0, SEEK_SET) < 0)
		return disk_failed(g, errno);
	drop_hasher(g);
	g->hasher = nix_hasher_new(algo_of(g->f));
	g->n = 0;
	g->resumed = false;
	return true;
}

static bool is_stopped(const struct getting *g)
{
	return g->f->stop && atomic_load(g->f->stop);
}

static bool data(void *ud, str bytes)
{
	struct getting *g = ud;
	int err;

	if (is_stopped(g))
		return false;
	err = os_write_all(g->fd, bytes.p, bytes.n);
	if (err)
		return disk_failed(g, err);
	nix_hasher_add(g->hasher, bytes.p, bytes.n);
	g->n += bytes.n;
	return true;
}

/* ---- one URL ---- */

static bool gave_up(struct getting *g, str url, const char *why, const char *hint, bool hash)
{
	struct failure f = {net_shown(&g->mem, url), str_dup(&g->mem, str_c(why)), hint, hash};

	vec_push(&g->failures, f);
	return false;
}

/* All bytes are there: are they the right ones? */
static bool fits(struct getting *g)
{
	nix_hasher_end(g->hasher, &g->got);
	g->hasher = NULL;
	return g->f->hash.algo == NIX_ALGO_NONE || nix_hash_eq(&g->got, &g->f->hash);
}

static bool other_hash(struct getting *g, str url)
{
	return gave_up(g, url, str_fmt(&g->mem, "it has the hash %.*s", STR_ARG(nix_hash_str(&g->mem, &g->got, NIX_SRI, true))).p,
			"if the new content is right, write its hash; else ask for it elsewhere", true);
}

static unsigned hex_digit(char c)
{
	return c >= '0' && c <= '9' ? (unsigned)(c - '0') : (c | 32) >= 'a' && (c | 32) <= 'f' ? (unsigned)((c | 32) - 'a' + 10) : 16;
}

/* RFC 3986, 2.1; "file:///path" and "file://localhost/path". */
static str file_path(struct arena *a, str url)
{
	str rest = str_from(url, 7);
	struct buf b = {0};

	if (str_starts(rest, S("localhost/")))
		rest = str_from(rest, 9);
	for (size_t i = 0; i < rest.n; i++) {
		unsigned hi = i + 2 < rest.n ? hex_digit(rest.p[i + 1]) : 16, lo = hi < 16 ? hex_digit(rest.p[i + 2]) : 16;
		bool coded = rest.p[i] == '%' && lo < 16;

		buf_c(&b, coded ? (char)(hi << 4 | lo) : rest.p[i]);
		i += coded ? 2 : 0;
	}
	return buf_take(&b, a);
}

static bool copy_fd(struct getting *g, str url, int from)
{
	uint64_t max = g->f->max ? g->f->max : FETCH_BYTES_MAX;
	char part[64 << 10];
	ssize_t n;

	if (!start(g, 0))
		return false;
	while ((n = read(from, part, sizeof part)) > 0) {
		if ((uint64_t)n > max - g->n)
			return gave_up(g, url, "it is larger than it may be", "check the URL", false);
		if (!data(g, str_of(part, (size_t)n)))
			return false;
	}
	if (n < 0)
		return gave_up(g, url, strerrordesc_np(errno), "check the URL", false);
	return fits(g) || other_hash(g, url);
}

static bool copy_file(struct getting *g, str url)
{
	str path = file_path(&g->mem, url);
	int from = path.n && path.p[0] == '/' ? open(path.p, O_RDONLY | O_CLOEXEC) : -1;
	bool ok;

	if (path.n == 0 || path.p[0] != '/')
		return gave_up(g, url, "the path of a file URL begins with '/'", "write file:///PATH", false);
	if (from < 0)
		return gave_up(g, url, strerrordesc_np(errno), "check the URL", false);
	ok = copy_fd(g, url, from);
	close(from);
	return ok;
}

/* Doubles, and is never quite the same for two processes. */
static void pause_before(const struct getting *g, unsigned tries, unsigned asked_seconds)
{
	uint64_t ms = g->f->pause_ms ? g->f->pause_ms : FETCH_PAUSE_MS;
	struct timespec t;

	ms <<= tries < 10 ? tries : 10;
	if (ms > FETCH_PAUSE_MAX_MS)
		ms = FETCH_PAUSE_MAX_MS;
	ms += (uint64_t)os_now_ns() / 1000 % (ms / 4 + 1);
	if (ms < (uint64_t)asked_seconds * 1000)
		ms = (uint64_t)asked_seconds * 1000;
	t = (struct timespec){(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
	while (t.tv_sec > 0 && !is_stopped(g)) { /* a second at a time */
		struct timespec second = {1, 0};

		nanosleep(&second, NULL);
		t.tv_sec--;
	}
	while (!is_stopped(g) && nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static enum net_result ask(struct getting *g, str url, struct net_answer *answer)
{
	struct net_download d = {
		.url = url,
		.from = g->n,
		.validator = g->validator,
		.max = g->f->max ? g->f->max : FETCH_BYTES_MAX,
		.seconds = FETCH_SECONDS,
		.start = start,
		.data = data,
		.ud = g,
	};
	enum net_result how = net_download(&g->mem, &d, answer);

	g->validator = answer->validator;
	/* Without a hash only a validator tells that parts belong together. */
	if (answer->anew || (!answer->validator.n && g->f->hash.algo == NIX_ALGO_NONE))
		g->n = 0;
	return how;
}

/* false after a failure was noted, or a diagnostic. */
static bool download(struct getting *g, str url)
{
	struct net_answer answer;
	unsigned idle = 0;

	g->n = 0;
	g->validator = S("");
	for (unsigned tries = 1;; tries++) {
		uint64_t before = g->n;
		enum net_result how = ask(g, url, &answer);

		if (how == NET_STOPPED || is_stopped(g))
			return false;
		if (how == NET_NEVER)
			return gave_up(g, url, answer.why, answer.hint, false);
		if (how == NET_DONE && fits(g))
			return true;
		if (how == NET_DONE && !g->resumed)
			return other_hash(g, url);
		if (how == NET_DONE) /* parts of two files, perhaps: once more, in one piece */
			g->n = 0;
		idle = g->n > before ? 0 : idle + 1;
		if (idle == FETCH_TRIES || tries == FETCH_TRIES_MAX)
			return gave_up(g, url, str_fmt(&g->mem, "%s (asked %u times)", answer.why ? answer.why : "its parts do not fit",
					tries).p, answer.hint ? answer.hint : "try again later", false);
		pause_before(g, idle, answer.wait_seconds);
	}
}

/* ---- all URLs ---- */

static bool report(struct getting *g)
{
	const struct failure *last = g->failures.n ? &vec_last(&g->failures) : NULL;
	bool hash = false;
	struct diag *d;

	for (size_t i = 0; i < g->failures.n; i++)
		hash = hash || g->failures.p[i].hash;
	if (hash)
		d = diag_error(g->diags, DIAG_FETCH_HASH, NO_SPAN, "'%.*s' does not have the hash %.*s", STR_ARG(g->f->name),
				STR_ARG(nix_hash_str(&g->mem, &g->f->hash, NIX_SRI, true)));
	else
		d = diag_error(g->diags, DIAG_FETCH_FAILED, NO_SPAN, "'%.*s' cannot be fetched", STR_ARG(g->f->name));
	for (size_t i = 0; i < g->failures.n; i++)
		diag_note(g->diags, d, NO_SPAN, "%.*s: %.*s", STR_ARG(g->failures.p[i].url), STR_ARG(g->failures.p[i].why));
	for (size_t i = g->failures.n; hash && i > 0 && !last->hash; i--)
		last = &g->failures.p[i - 1];
	diag_hint(g->diags, d, "%s", last && last->hint ? last->hint : "give it a URL");
	return false;
}

static bool get_any(struct getting *g)
{
	size_t errors = g->diags->errors, tried = 0;

	for (size_t i = 0; i < g->f->nurls && g->diags->errors == errors && !is_stopped(g); i++) {
		str url = g->f->urls[i];

		net_hide(url);
		if (!is_file(url) && net_is_offline())
			continue;
		tried++;
		if (is_file(url) ? copy_file(g, url) : net_origin(url).n ? download(g, url) :
				gave_up(g, url, "it is none of file, http and https", "use another URL", false))
			return true;
	}
	if (g->diags->errors != errors || is_stopped(g))
		return false;
	if (tried || !g->f->nurls)
		return report(g);
	diag_hint(g->diags, diag_error(g->diags, DIAG_FETCH_OFFLINE, NO_SPAN, "'%.*s' is not in the cache, and the network is off",
			STR_ARG(g->f->name)), "leave --offline out this once; later it is found by its hash");
	return false;
}

bool fetch_to(const char *path, const struct fetch *f, struct nix_hash *got, struct diags *diags)
{
	struct getting g = {.f = f, .diags = diags, .path = path, .validator = S("")};
	bool ok;

	g.fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ok = g.fd >= 0 ? get_any(&g) : disk_failed(&g, errno);
	drop_hasher(&g);
	if (g.fd >= 0)
		close(g.fd);
	if (!ok && g.fd >= 0)
		unlink(path);
	if (got)
		*got = g.got;
	vec_free(&g.failures);
	arena_clear(&g.mem);
	return ok;
}

/* ---- into the CAS ---- */

static bool scratch(struct store *s, struct arena *a, const char **out, struct diags *diags)
{
	str dir;
	int err = store_scratch(s, a, &dir);

	if (err < 0) {
		os_error(diags, DIAG_IO, err, "making a file in", store_root(s));
		return false;
	}
	*out = os_join(a, dir, S("fetched"));
	return true;
}

bool fetch_file(struct store *s, const struct fetch *f, struct digest *out, struct nix_hash *got, struct diags *diags)
{
	struct arena mem = {0};
	struct tree_entry known = {.kind = TREE_FILE};
	struct nix_hash h = f->hash;
	const char *path;
	bool ok = true;
	int err = 0;

	if (!fetch_known(s, "file", &f->hash, &mem, &known)) {
		ok = scratch(s, &mem, &path, diags) && fetch_to(path, f, &h, diags);
		if (ok && (err = store_take_file(s, path, &known.digest)) < 0)
			os_error(diags, DIAG_IO, err, "storing", f->name);
		ok = ok && err >= 0;
		if (ok)
			fetch_remember(s, "file", &h, &known);
	}
	*out = known.digest;
	if (got)
		*got = h;
	arena_clear(&mem);
	return ok;
}

/* ---- small texts ---- */

struct text {
	struct buf b;
};

static bool text_start(void *ud, uint64_t at)
{
	struct text *t = ud;

	(void)at;
	t->b.n = 0;
	return true;
}

static bool text_data(void *ud, str bytes)
{
	struct text *t = ud;

	buf_str(&t->b, bytes);
	return true;
}

static bool text_failed(struct arena *mem, str url, str name, const char *why, const char *hint, struct diags *diags)
{
	struct diag *d = diag_error(diags, DIAG_FETCH_FAILED, NO_SPAN, "'%.*s' cannot be fetched", STR_ARG(name));

	diag_note(diags, d, NO_SPAN, "%.*s: %s", STR_ARG(net_shown(mem, url)), why);
	diag_hint(diags, d, "%s", hint);
	return false;
}

static bool text_file(struct arena *mem, str url, str name, size_t max, struct blob **out, bool *absent, struct diags *diags)
{
	int err = os_read(file_path(mem, url).p, max, out);

	*absent = err == -ENOENT || err == -ENOTDIR;
	return err == 0 || *absent || text_failed(mem, url, name, strerrordesc_np(-err), "check the URL", diags);
}

static bool text_download(struct arena *mem, str url, str name, size_t max, struct blob **out, bool *absent, struct diags *diags)
{
	struct text t = {0};
	struct net_download d = {.url = url, .max = max, .start = text_start, .data = text_data, .ud = &t};
	struct fetch f = {0};
	struct getting g = {.f = &f};
	struct net_answer answer;
	enum net_result how = net_download(mem, &d, &answer);

	for (unsigned tries = 1; how == NET_AGAIN && tries < TEXT_TRIES; tries++) {
		pause_before(&g, tries, answer.wait_seconds);
		how = net_download(mem, &d, &answer);
	}
	*absent = how == NET_NEVER && (answer.status == 404 || answer.status == 410);
	if (how == NET_DONE)
		*out = blob_new(buf_view(&t.b));
	buf_free(&t.b);
	return how == NET_DONE || *absent || text_failed(mem, url, name, answer.why, answer.hint, diags);
}

bool fetch_text(str url, str name, size_t max, struct blob **out, bool *absent, struct diags *diags)
{
	struct arena mem = {0};
	bool ok;

	*out = NULL;
	net_hide(url);
	ok = is_file(url) ? text_file(&mem, url, name, max, out, absent, diags) :
			text_download(&mem, url, name, max, out, absent, diags);
	arena_clear(&mem);
	return ok;
}
