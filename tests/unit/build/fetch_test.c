#include "disk.h"
#include "tar.h"
#include <straylight/fetch.h>
#include <straylight/nar.h>
#include <straylight/net.h>

#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

/* A server on a thread.  It says what its script says, one line for each request. */
struct server {
	int fd;
	unsigned port, requests;
	const char *const *script;
	pthread_t thread;
	char seen[4096]; /* the last request */
};

#define OK(length, body) "HTTP/1.1 200 OK\r\nConnection: close\r\nETag: \"v\"\r\nContent-Length: " #length "\r\n\r\n" body
#define PART(range, length, body)                                                                                              \
	"HTTP/1.1 206 Part\r\nConnection: close\r\nETag: \"v\"\r\nContent-Range: bytes " range "\r\nContent-Length: " #length "\r\n\r\n" body
#define BUSY "HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
#define GONE "HTTP/1.1 404 Gone\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

static void *serve(void *ud)
{
	struct server *s = ud;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		const char *answer = s->script[s->requests++];
		size_t n = 0;
		ssize_t got;

		s->seen[0] = '\0';
		while (!strstr(s->seen, "\r\n\r\n") && (got = read(fd, s->seen + n, sizeof s->seen - 1 - n)) > 0) {
			n += (size_t)got;
			s->seen[n] = '\0';
		}
		(void)!write(fd, answer, strlen(answer));
		close(fd);
	}
	return NULL;
}

static void start(struct server *s, const char *const *script)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;

	*s = (struct server){.script = script, .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	assert_true(s->fd >= 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&at, size), 0);
	assert_int_equal(listen(s->fd, 8), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &size), 0);
	s->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void stop(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
}

static str url_of(struct disk *d, const struct server *s)
{
	return str_fmt(&d->arena, "http://me:password@127.0.0.1:%u/x?token=secret", s->port);
}

/* Fetches the ten digits from the URLs. */
static bool fetch_digits(struct disk *d, const str *urls, size_t n)
{
	struct fetch f = {.urls = urls, .nurls = n, .name = S("digits"), .hash = nix_hash_of(NIX_SHA1, S("0123456789")), .pause_ms = 1};
	struct digest digest, want = digest_of(DIGEST_SHA256, S("0123456789"));
	bool ok = fetch_file(d->store, &f, &digest, NULL, &d->diags);

	if (ok)
		assert_true(digest_eq(&digest, &want) && store_has(d->store, &digest));
	return ok;
}

/* The only error: its code, and what is and what is not in it. */
static void failed(struct disk *d, enum diag_code code, const char *has)
{
	struct buf b = {0};

	assert_int_equal(d->diags.errors, 1);
	assert_int_equal(d->diags.first->code, code);
	diags_render(&d->diags, DIAG_TEXT, false, &b);
	if (!strstr(buf_z(&b), has))
		fail_msg("'%s' is not in: %s", has, buf_z(&b));
	assert_null(strstr(buf_z(&b), "password"));
	assert_null(strstr(buf_z(&b), "secret"));
	buf_free(&b);
	diags_free(&d->diags);
}

static void a_broken_transfer_goes_on(void **state)
{
	static const char *const script[] = {BUSY, OK(10, "0123"), PART("4-9/10", 6, "45"), PART("6-9/10", 4, "6789")};
	struct disk d = disk_new();
	struct server s;
	str url;

	(void)state;
	start(&s, script);
	url = url_of(&d, &s);
	assert_true(fetch_digits(&d, &url, 1));
	assert_int_equal(s.requests, 4);
	assert_non_null(strstr(s.seen, "Range: bytes=6-"));
	assert_non_null(strstr(s.seen, "If-Range: \"v\""));
	stop(&s);
	assert_true(fetch_digits(&d, &url, 1)); /* the server is away */
	disk_free(&d);
}

/* What came in parts and is wrong comes once more, in one. */
static void wrong_parts_are_fetched_anew(void **state)
{
	static const char *const script[] = {OK(10, "01xx"), PART("4-9/10", 6, "456789"), OK(10, "0123456789")};
	struct disk d = disk_new();
	struct server s;
	str url;

	(void)state;
	start(&s, script);
	url = url_of(&d, &s);
	assert_true(fetch_digits(&d, &url, 1));
	assert_null(strstr(s.seen, "Range:"));
	stop(&s);
	disk_free(&d);
}

static void the_next_url_is_asked(void **state)
{
	static const char *const gone[] = {GONE}, *const wrong[] = {OK(5, "wrong")}, *const right[] = {OK(10, "0123456789")};
	struct disk d = disk_new();
	struct server a, b, c;
	str urls[4];

	(void)state;
	start(&a, gone);
	start(&b, wrong);
	start(&c, right);
	urls[0] = S("ftp://host/x");
	urls[1] = url_of(&d, &a);
	urls[2] = url_of(&d, &b);
	urls[3] = url_of(&d, &c);
	assert_true(fetch_digits(&d, urls, 4));
	assert_int_equal(d.diags.errors, 0);
	stop(&a);
	stop(&b);
	stop(&c);
	disk_free(&d);
}

static void failures_are_told_per_url(void **state)
{
	static const char *const gone[] = {GONE, GONE}, *const wrong[] = {OK(5, "wrong")};
	static const char *const busy[] = {BUSY, BUSY, BUSY, BUSY, BUSY};
	struct disk d = disk_new();
	struct server a, b, c;
	str urls[2];

	(void)state;
	start(&a, gone);
	start(&b, wrong);
	start(&c, busy);
	urls[0] = url_of(&d, &a);
	urls[1] = url_of(&d, &b);
	assert_false(fetch_digits(&d, urls, 1));
	failed(&d, DIAG_FETCH_FAILED, "/x?…: the server answers 404");
	assert_false(fetch_digits(&d, urls, 2));
	failed(&d, DIAG_FETCH_HASH, "it has the hash sha1-");
	urls[0] = url_of(&d, &c);
	assert_false(fetch_digits(&d, urls, 1));
	failed(&d, DIAG_FETCH_FAILED, "the server answers 503 (asked 5 times)");
	stop(&a);
	stop(&b);
	stop(&c);
	disk_free(&d);
}

static str file_url(struct disk *d, const char *name)
{
	return str_fmt(&d->arena, "file://%s", disk_path(d, name));
}

static void files_are_fetched(void **state)
{
	struct disk d = disk_new();
	str url;

	(void)state;
	disk_write(&d, "a b", "0123456789");
	url = file_url(&d, "a%20b");
	assert_true(fetch_digits(&d, &url, 1));
	url = file_url(&d, "gone");
	assert_true(fetch_digits(&d, &url, 1)); /* it is known */
	store_close(d.store);
	assert_int_equal(os_remove_tree(d.cache), 0);
	d.store = store_open(str_c(d.cache), DIGEST_SHA256, &d.diags);
	assert_false(fetch_digits(&d, &url, 1));
	failed(&d, DIAG_FETCH_FAILED, "gone: No such file or directory");
	url = S("file://relative");
	assert_false(fetch_digits(&d, &url, 1));
	failed(&d, DIAG_FETCH_FAILED, "begins with '/'");
	disk_free(&d);
}

static void texts_are_there_absent_or_an_error(void **state)
{
	static const char *const script[] = {GONE, BUSY, OK(5, "hello"), OK(5, "hello")};
	struct disk d = disk_new();
	struct server s;
	struct blob *b;
	bool absent;

	(void)state;
	start(&s, script);
	assert_true(fetch_text(url_of(&d, &s), S("x"), 100, &b, &absent, &d.diags));
	assert_true(absent && !b);
	assert_true(fetch_text(url_of(&d, &s), S("x"), 100, &b, &absent, &d.diags));
	assert_false(absent);
	assert_str_c(blob_str(b), "hello");
	blob_unref(b);
	assert_false(fetch_text(url_of(&d, &s), S("x"), 4, &b, &absent, &d.diags));
	failed(&d, DIAG_FETCH_FAILED, "larger");
	stop(&s);
	assert_true(fetch_text(file_url(&d, "gone"), S("x"), 100, &b, &absent, &d.diags));
	assert_true(absent);
	disk_free(&d);
}

/* ---- trees ---- */

static void an_archive_is_its_single_entry(void **state)
{
	struct disk d = disk_new();
	struct buf b = {0};
	struct tree_entry e, again;
	struct fetch f = {.nurls = 1, .name = S("source")};
	struct nix_hash h, same;
	str url;

	(void)state;
	tar_put(&b, '0', "x-1.0/file", 0644, "text");
	tar_end(&b);
	assert_int_equal(os_replace(disk_path(&d, "x.tar"), buf_view(&b), 0644, false), 0);
	url = file_url(&d, "x.tar");
	f.urls = &url;
	assert_true(fetch_tarball(d.store, &f, &d.arena, &e, &h, &d.diags));
	assert_non_null(tree_find(e.dir, S("file")));
	tree_unref(e.dir);
	f.hash = h;
	url = file_url(&d, "gone");
	assert_true(fetch_tarball(d.store, &f, &d.arena, &again, &same, &d.diags));
	assert_true(nix_hash_eq(&h, &same));
	assert_non_null(tree_find(again.dir, S("file")));
	tree_unref(again.dir);
	url = file_url(&d, "x.tar");
	f.hash.b[0] ^= 1;
	assert_false(fetch_tarball(d.store, &f, &d.arena, &e, &h, &d.diags));
	failed(&d, DIAG_FETCH_HASH, "it has the hash sha256-");
	b.n = 0;
	tar_put(&b, '0', "a", 0644, "text");
	tar_put(&b, '0', "b", 0644, "text");
	tar_end(&b);
	assert_int_equal(os_replace(disk_path(&d, "x.tar"), buf_view(&b), 0644, false), 0);
	assert_false(fetch_tarball(d.store, &f, &d.arena, &e, &h, &d.diags));
	failed(&d, DIAG_ARCHIVE, "has 2 entries at the top, not one");
	buf_free(&b);
	disk_free(&d);
}

/* What a target asks for of one archive: all of it, its only folder, a folder that is named, the file. */
static void targets_take_what_they_name(void **state)
{
	struct disk d = disk_new();
	struct buf b = {0};
	struct archive_fetch f = {.file = {.nurls = 1, .name = S("src")}, .unpack = true};
	struct tree_entry e;
	str url;

	(void)state;
	tar_put(&b, '0', "x-1.0/sub/file", 0644, "text");
	tar_end(&b);
	assert_int_equal(os_replace(disk_path(&d, "x.tar"), buf_view(&b), 0644, false), 0);
	url = file_url(&d, "x.tar");
	f.file.urls = &url;
	f.file.hash = nix_hash_of(NIX_SHA256, buf_view(&b));
	assert_false(fetch_archive_known(d.store, &f, &d.arena, &e));
	assert_true(fetch_archive(d.store, &f, &d.arena, &e, &d.diags));
	assert_non_null(tree_find(e.dir, S("sub/file")));
	tree_unref(e.dir);
	f.strip = S("./x-1.0/sub/");
	assert_false(fetch_archive_known(d.store, &f, &d.arena, &e));
	assert_true(fetch_archive(d.store, &f, &d.arena, &e, &d.diags));
	assert_non_null(tree_find(e.dir, S("file")));
	tree_unref(e.dir);
	f.strip = S("");
	assert_true(fetch_archive(d.store, &f, &d.arena, &e, &d.diags));
	assert_non_null(tree_find(e.dir, S("x-1.0/sub/file")));
	tree_unref(e.dir);
	f.strip = S("x-1.0/sub/file");
	assert_false(fetch_archive(d.store, &f, &d.arena, &e, &d.diags));
	failed(&d, DIAG_ARCHIVE, "it has 'x-1.0'");
	f.strip = S("../x");
	assert_false(fetch_archive(d.store, &f, &d.arena, &e, &d.diags));
	failed(&d, DIAG_ARCHIVE, "has no directory '../x'");
	url = file_url(&d, "gone");
	f.strip = (str){0};
	assert_true(fetch_archive(d.store, &f, &d.arena, &e, &d.diags)); /* it is known */
	tree_unref(e.dir);
	f.unpack = false;
	f.executable = true;
	assert_true(fetch_archive(d.store, &f, &d.arena, &e, &d.diags));
	assert_true(e.kind == TREE_FILE && e.executable);
	buf_free(&b);
	disk_free(&d);
}

/* An archive without one folder at its top is taken as it is. */
static void an_archive_may_have_several_at_the_top(void **state)
{
	struct disk d = disk_new();
	struct buf b = {0};
	struct archive_fetch f = {.file = {.nurls = 1, .name = S("src")}, .unpack = true};
	struct tree_entry e;
	str url;

	(void)state;
	tar_put(&b, '0', "one", 0755, "text");
	tar_end(&b);
	assert_int_equal(os_replace(disk_path(&d, "x.tar"), buf_view(&b), 0644, false), 0);
	url = file_url(&d, "x.tar");
	f.file.urls = &url;
	f.file.hash = nix_hash_of(NIX_SHA512, buf_view(&b));
	assert_true(fetch_archive(d.store, &f, &d.arena, &e, &d.diags));
	assert_true(tree_find(e.dir, S("one"))->executable);
	tree_unref(e.dir);
	buf_free(&b);
	disk_free(&d);
}

static void what_is_stopped_says_nothing(void **state)
{
	static const char *const script[] = {BUSY, BUSY, BUSY, BUSY, BUSY};
	static atomic_bool stop_it = true;
	struct disk d = disk_new();
	struct server s;
	str url;
	struct fetch f = {.urls = &url, .nurls = 1, .name = S("x"), .hash = nix_hash_of(NIX_SHA1, S("x")), .stop = &stop_it};
	struct digest digest;

	(void)state;
	start(&s, script);
	url = url_of(&d, &s);
	assert_false(fetch_file(d.store, &f, &digest, NULL, &d.diags));
	assert_int_equal(d.diags.errors, 0);
	stop(&s);
	disk_free(&d);
}

struct made { /* a derivation */
	struct drv d;
	struct drv_output out;
	struct drv_env env[3];
};

static struct made *derivation(struct disk *d, const char *algo, const struct nix_hash *h, str url, const char *key)
{
	struct made *m = arena_make(&d->arena, struct made);

	m->out = (struct drv_output){.name = S("out"), .algo = str_c(algo), .hash = nix_hash_str(&d->arena, h, NIX_BASE16, false)};
	m->env[0] = (struct drv_env){S("url"), url};
	m->env[1] = (struct drv_env){str_c(key), S("1")};
	m->d = (struct drv){.name = S("fetched"), .kind = DRV_FIXED, .outputs = &m->out, .noutputs = 1, .builder = S("builtin:fetchurl"),
			.env = m->env, .nenv = 2};
	return m;
}

static void a_derivation_fetches(void **state)
{
	struct disk d = disk_new();
	struct nix_hash flat = nix_hash_of(NIX_SHA256, S("0123456789")), nar;
	struct digest content = disk_put(&d, "0123456789");
	struct tree_entry run = {.kind = TREE_FILE, .executable = true, .digest = content}, e;

	(void)state;
	disk_write(&d, "x", "0123456789");
	assert_true(fetch_derivation(d.store, &derivation(&d, "sha256", &flat, file_url(&d, "x"), "none")->d, &d.arena, &e, &d.diags));
	assert_true(e.kind == TREE_FILE && !e.executable && digest_eq(&e.digest, &content));
	assert_true(fetch_nar_hash(d.store, &run, NIX_SHA512, &nar, NULL, &d.diags));
	assert_true(fetch_derivation(d.store, &derivation(&d, "r:sha512", &nar, file_url(&d, "x"), "executable")->d, &d.arena, &e, &d.diags));
	assert_true(e.executable);
	nar.b[0] ^= 1;
	assert_false(fetch_derivation(d.store, &derivation(&d, "r:sha512", &nar, file_url(&d, "x"), "executable")->d, &d.arena, &e, &d.diags));
	failed(&d, DIAG_FETCH_HASH, "it has the hash sha512-");
	assert_false(fetch_derivation(d.store, &derivation(&d, "sha256", &flat, file_url(&d, "x"), "unpack")->d, &d.arena, &e, &d.diags));
	failed(&d, DIAG_NIX_DERIVATION, "its hash is not recursive");
	assert_false(fetch_derivation(d.store, &derivation(&d, "sha256", &flat, S(" "), "none")->d, &d.arena, &e, &d.diags));
	failed(&d, DIAG_NIX_DERIVATION, "names no URL");
	disk_free(&d);
}

static bool collect(void *ud, str bytes)
{
	buf_str(ud, bytes);
	return true;
}

static void a_derivation_unpacks_a_nar(void **state)
{
	struct disk d = disk_new();
	struct digest content = disk_put(&d, "text");
	struct tree_entry file = {.kind = TREE_FILE, .digest = content}, e;
	struct nix_hash nar;
	struct buf b = {0};

	(void)state;
	assert_true(nar_dump_entry(d.store, &file, collect, &b, &d.diags));
	nar = nix_hash_of(NIX_SHA256, buf_view(&b));
	assert_int_equal(os_replace(disk_path(&d, "x.nar"), buf_view(&b), 0644, false), 0);
	assert_true(fetch_derivation(d.store, &derivation(&d, "r:sha256", &nar, file_url(&d, "x.nar"), "unpack")->d, &d.arena, &e, &d.diags));
	assert_true(e.kind == TREE_FILE && digest_eq(&e.digest, &content));
	nar.b[0] ^= 1;
	assert_int_equal(os_replace(disk_path(&d, "x.nar"), str_upto(buf_view(&b), b.n - 8), 0644, false), 0);
	assert_false(fetch_derivation(d.store, &derivation(&d, "r:sha256", &nar, file_url(&d, "x.nar"), "unpack")->d, &d.arena, &e, &d.diags));
	failed(&d, DIAG_NAR_SYNTAX, "too early");
	buf_free(&b);
	disk_free(&d);
}

/* The last one: it stays so. */
static void offline(void **state)
{
	struct disk d = disk_new();
	str url = S("http://me:password@127.0.0.1:1/x?secret");

	(void)state;
	net_offline();
	assert_false(fetch_digits(&d, &url, 1));
	failed(&d, DIAG_FETCH_OFFLINE, "'digits' is not in the cache, and the network is off");
	disk_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_broken_transfer_goes_on),
		cmocka_unit_test(wrong_parts_are_fetched_anew),
		cmocka_unit_test(the_next_url_is_asked),
		cmocka_unit_test(failures_are_told_per_url),
		cmocka_unit_test(files_are_fetched),
		cmocka_unit_test(texts_are_there_absent_or_an_error),
		cmocka_unit_test(targets_take_what_they_name),
		cmocka_unit_test(an_archive_may_have_several_at_the_top),
		cmocka_unit_test(what_is_stopped_says_nothing),
		cmocka_unit_test(an_archive_is_its_single_entry),
		cmocka_unit_test(a_derivation_fetches),
		cmocka_unit_test(a_derivation_unpacks_a_nar),
		cmocka_unit_test(offline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
