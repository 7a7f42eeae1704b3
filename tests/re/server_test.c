/* The server as tests use it: in this process, asked from other threads. */
#include "server.h"

#include "test.h"

#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

static struct re_server *start(struct re_options o)
{
	char *why = NULL;
	struct re_server *s = re_server_start(&o, &why);

	if (!s)
		fail_msg("%s", why);
	return s;
}

static int dial(const struct re_server *s)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)re_server_port(s))};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void test_blobs(void **state)
{
	struct re_server *s = start((struct re_options){0});
	struct digest d = re_server_put(s, DIGEST_SHA256, S("content"));
	struct digest want = digest_of(DIGEST_SHA256, S("content"));

	(void)state;
	assert_true(digest_eq(&d, &want));
	assert_true(re_server_has(s, DIGEST_SHA256, &d));
	assert_false(re_server_has(s, DIGEST_BLAKE3, &d));
	assert_int_equal(re_server_count(s, "puts"), 1);
	assert_true(re_server_forget(s, DIGEST_SHA256, &d));
	assert_false(re_server_forget(s, DIGEST_SHA256, &d));
	assert_false(re_server_has(s, DIGEST_SHA256, &d));
	re_server_put(s, DIGEST_SHA256, S("content"));
	re_server_forget_all(s);
	assert_false(re_server_has(s, DIGEST_SHA256, &d));
	re_server_stop(s);
}

static void test_store(void **state)
{
	struct arena a = {0};
	const char *dir = str_dup(&a, str_c(fresh_dir())).p;
	struct re_server *s = start((struct re_options){.store = dir});
	struct digest d = re_server_put(s, DIGEST_SHA256, S("kept"));

	(void)state;
	re_server_stop(s);
	s = start((struct re_options){.store = dir});
	assert_true(re_server_has(s, DIGEST_SHA256, &d));
	assert_true(re_server_forget(s, DIGEST_SHA256, &d));
	re_server_stop(s);
	s = start((struct re_options){.store = dir});
	assert_false(re_server_has(s, DIGEST_SHA256, &d));
	re_server_stop(s);
	os_remove_tree(dir);
	arena_clear(&a);
}

static void test_wrong_options(void **state)
{
	char *why = NULL;

	(void)state;
	assert_null(re_server_start(&(struct re_options){.like = "bazel"}, &why));
	assert_string_equal(why, "there is no server 'bazel' to be like");
	mem_free(why);
	assert_null(re_server_start(&(struct re_options){.faults = "Read:what"}, &why));
	assert_string_equal(why, "'what' is no fault");
	mem_free(why);
}

/* What is no HTTP/2 ends the connection, and nothing else. */
static void test_noise(void **state)
{
	struct re_server *s = start((struct re_options){0});
	char answer[256];
	int fd = dial(s), other = dial(s);

	(void)state;
	assert_int_equal(write(fd, "GET / HTTP/1.1\r\nHost: here\r\n\r\n", 30), 30);
	while (read(fd, answer, sizeof answer) > 0)
		;
	close(fd);
	assert_int_equal(re_server_count(s, "connections"), 2);
	assert_int_equal(re_server_count(s, "*"), 0);
	close(other);
	re_server_stop(s);
}

static void *ask(void *ud)
{
	struct re_server *s = ud;

	for (int i = 0; i < 200; i++) {
		char text[16];
		struct digest d;

		snprintf(text, sizeof text, "%d", i);
		d = re_server_put(s, DIGEST_SHA256, str_c(text));
		if (!re_server_has(s, DIGEST_SHA256, &d))
			return s;
	}
	return NULL;
}

static void test_threads(void **state)
{
	struct re_server *s = start((struct re_options){0});
	pthread_t threads[4];
	void *failed;

	(void)state;
	for (size_t i = 0; i < SL_COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, s), 0);
	for (size_t i = 0; i < SL_COUNT(threads); i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(re_server_count(s, "puts"), 200);
	re_server_stop(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_blobs), cmocka_unit_test(test_store), cmocka_unit_test(test_wrong_options),
			cmocka_unit_test(test_noise), cmocka_unit_test(test_threads)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
