#include "test.h"

#include <straylight/net.h>

#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

/* A server on a thread: answers each request by its path, and closes the connection. */
struct server {
	int fd;
	unsigned port;
	pthread_t thread;
	char seen[8192]; /* the last request */
};

#define CLOSE "Connection: close\r\n"

static const struct {
	const char *path, *answer;
} answers[] = {
	{"/plain", "HTTP/1.1 200 OK\r\n" CLOSE "Content-Length: 5\r\nAccess-Control-Allow-Origin: *\r\n\r\nhello"},
	{"/here", "HTTP/1.1 302 Found\r\n" CLOSE "Location: /plain\r\nContent-Length: 0\r\n\r\n"},
	{"/round", "HTTP/1.1 302 Found\r\n" CLOSE "Location: /round\r\nContent-Length: 0\r\n\r\n"},
	{"/file", "HTTP/1.1 302 Found\r\n" CLOSE "Location: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"},
	{"/away", "HTTP/1.1 302 Found\r\n" CLOSE "Location: http://localhost:%u/plain\r\nContent-Length: 0\r\n\r\n"},
	{"/large", "HTTP/1.1 200 OK\r\n" CLOSE "ETag: \"v1\"\r\nContent-Length: 10\r\n\r\n01234"},
	{"/busy", "HTTP/1.1 503 Busy\r\n" CLOSE "Retry-After: 7\r\nContent-Length: 4\r\n\r\nbusy"},
	{"/rest", "HTTP/1.1 206 Partial\r\n" CLOSE "Content-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\n56789"},
	{"/other", "HTTP/1.1 206 Partial\r\n" CLOSE "Content-Range: bytes 6-9/10\r\nContent-Length: 4\r\n\r\n6789"},
	{"/behind", "HTTP/1.1 416 Range\r\n" CLOSE "Content-Length: 0\r\n\r\n"},
	{"/absent", "HTTP/1.1 404 Not Found\r\n" CLOSE "Content-Length: 2\r\n\r\nno"},
};

static void answer(struct server *s, int fd)
{
	char out[512] = "HTTP/1.1 500 Error\r\nContent-Length: 0\r\n\r\n";
	size_t n = 0;
	ssize_t got;

	s->seen[0] = '\0';
	while (!strstr(s->seen, "\r\n\r\n") && (got = read(fd, s->seen + n, sizeof s->seen - 1 - n)) > 0) {
		n += (size_t)got;
		s->seen[n] = '\0';
	}
	for (size_t i = 0; i < SL_COUNT(answers); i++)
		if (strncmp(s->seen + 4, answers[i].path, strlen(answers[i].path)) == 0)
			snprintf(out, sizeof out, answers[i].answer, s->port);
	(void)!write(fd, out, strlen(out));
}

static void *serve(void *ud)
{
	struct server *s = ud;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		answer(s, fd);
		close(fd);
	}
	return NULL;
}

static void start(struct server *s)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
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

/* The body; what went wrong is *why. */
static str get(struct arena *a, const struct server *s, const char *path, size_t max, const char **why)
{
	struct net_header header = {S("X-Token"), S("secret-token")};
	struct net_request r = {.headers = &header, .nheaders = 1, .max = max};
	struct net_response got = {0};
	const char *hint = NULL;
	str body;

	*why = NULL;
	r.url = str_fmt(a, "http://127.0.0.1:%u%s", s->port, path);
	if (!net_get(a, &r, &got, why, &hint)) {
		assert_non_null(*why);
		assert_non_null(hint);
		return (str){NULL, 0};
	}
	assert_int_equal(got.status, 200);
	body = str_dup(a, blob_str(got.body));
	blob_unref(got.body);
	for (size_t i = 0; i < got.nheaders; i++)
		if (str_eq(got.headers[i].name, S("Access-Control-Allow-Origin")))
			assert_str_c(got.headers[i].value, "*");
	return body;
}

static void requests(void **state)
{
	struct server s = {0};
	struct arena a = {0};
	const char *why;

	(void)state;
	start(&s);
	assert_str_c(get(&a, &s, "/plain", 100, &why), "hello");
	assert_non_null(strstr(s.seen, "X-Token: secret-token\r\n"));
	assert_str_c(get(&a, &s, "/here", 100, &why), "hello");
	assert_non_null(strstr(s.seen, "X-Token"));
	assert_str_c(get(&a, &s, "/away", 100, &why), "hello");
	assert_null(strstr(s.seen, "X-Token"));
	assert_null(get(&a, &s, "/absent", 100, &why).p);
	assert_string_equal(why, "the server answers 404");
	assert_null(get(&a, &s, "/round", 100, &why).p);
	assert_string_equal(why, "the server redirects too often");
	assert_null(get(&a, &s, "/file", 100, &why).p);
	assert_null(get(&a, &s, "/plain", 4, &why).p);
	assert_string_equal(why, "the answer is too large");
	stop(&s);
	assert_null(get(&a, &s, "/plain", 100, &why).p);
	arena_clear(&a);
}

struct sink {
	char bytes[64];
	uint64_t n;
};

static bool start_at(void *ud, uint64_t at)
{
	struct sink *s = ud;

	s->n = at;
	return true;
}

static bool add(void *ud, str bytes)
{
	struct sink *s = ud;

	assert_true(s->n + bytes.n < sizeof s->bytes);
	memcpy(s->bytes + s->n, bytes.p, bytes.n);
	s->n += bytes.n;
	return true;
}

static enum net_result download(struct arena *a, const struct server *s, const char *path, struct sink *sink, uint64_t max,
		struct net_answer *answer)
{
	struct net_download d = {.from = sink->n, .validator = S("\"v1\""), .max = max, .start = start_at, .data = add, .ud = sink};

	d.url = str_fmt(a, "http://me:password@127.0.0.1:%u%s", s->port, path);
	return net_download(a, &d, answer);
}

static void downloads_go_on_where_they_broke_off(void **state)
{
	struct server s = {0};
	struct arena a = {0};
	struct sink sink = {.n = 0};
	struct net_answer answer;

	(void)state;
	start(&s);
	assert_int_equal(download(&a, &s, "/large", &sink, 64, &answer), NET_AGAIN);
	assert_str_c(answer.validator, "\"v1\"");
	assert_int_equal(sink.n, 5);
	assert_null(strstr(s.seen, "Range:"));
	assert_int_equal(download(&a, &s, "/rest", &sink, 64, &answer), NET_DONE);
	assert_non_null(strstr(s.seen, "Range: bytes=5-\r\nIf-Range: \"v1\"\r\n"));
	assert_str(str_of(sink.bytes, (size_t)sink.n), S("0123456789"));
	sink.n = 5;
	assert_int_equal(download(&a, &s, "/other", &sink, 64, &answer), NET_AGAIN);
	assert_true(answer.anew);
	assert_int_equal(download(&a, &s, "/behind", &sink, 64, &answer), NET_AGAIN);
	assert_true(answer.anew);
	assert_int_equal(download(&a, &s, "/plain", &sink, 64, &answer), NET_DONE);
	assert_str(str_of(sink.bytes, (size_t)sink.n), S("hello"));
	stop(&s);
	arena_clear(&a);
}

static void downloads_fail_for_now_or_for_good(void **state)
{
	struct server s = {0};
	struct arena a = {0};
	struct sink sink = {.n = 0};
	struct net_answer answer;

	(void)state;
	start(&s);
	assert_int_equal(download(&a, &s, "/busy", &sink, 64, &answer), NET_AGAIN);
	assert_int_equal(answer.wait_seconds, 7);
	assert_int_equal(sink.n, 0);
	assert_int_equal(download(&a, &s, "/absent", &sink, 64, &answer), NET_NEVER);
	assert_int_equal(answer.status, 404);
	assert_int_equal(download(&a, &s, "/plain", &sink, 4, &answer), NET_NEVER);
	assert_int_equal(download(&a, &s, "/here", &sink, 64, &answer), NET_DONE);
	assert_int_equal(download(&a, &s, "/round", &sink, 64, &answer), NET_NEVER);
	assert_int_equal(download(&a, &s, "/file", &sink, 64, &answer), NET_NEVER);
	stop(&s);
	assert_int_equal(download(&a, &s, "/plain", &sink, 64, &answer), NET_AGAIN);
	arena_clear(&a);
}

static void shown_urls_have_no_secrets(void **state)
{
	struct arena a = {0};

	(void)state;
	assert_str_c(net_shown(&a, S("https://me:word@host:1/a/b?token=x#y")), "https://host:1/a/b?…");
	assert_str_c(net_shown(&a, S("http://host/a@b")), "http://host/a@b");
	assert_str_c(net_shown(&a, S("http://a:b@c:d@host")), "http://host");
	assert_str_c(net_shown(&a, S("file:///a")), "file:///a");
	arena_clear(&a);
}

static void origins(void **state)
{
	(void)state;
	assert_str_c(net_origin(S("https://a.b:1/c?d")), "https://a.b:1");
	assert_str_c(net_origin(S("http://a")), "http://a");
	assert_str_c(net_origin(S("https://a?b/c")), "https://a");
	assert_str_c(net_origin(S("ftp://a/b")), "");
}

/* The last one: it stays so. */
static void offline(void **state)
{
	struct server s = {.port = 1};
	struct arena a = {0};
	const char *why;

	(void)state;
	net_offline();
	assert_null(get(&a, &s, "/plain", 100, &why).p);
	assert_non_null(strstr(why, "--offline"));
	arena_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(downloads_go_on_where_they_broke_off),
		cmocka_unit_test(downloads_fail_for_now_or_for_good),
		cmocka_unit_test(shown_urls_have_no_secrets),
		cmocka_unit_test(origins),
		cmocka_unit_test(offline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
