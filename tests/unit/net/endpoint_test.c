#include "endpoint.h"

#include "test.h"

static const struct {
	const char *text, *host, *port, *authority;
	bool tls, literal;
} good[] = {
	{"grpc://localhost:8980", "localhost", "8980", "localhost:8980", false, false},
	{"grpcs://cache.example:443/", "cache.example", "443", "cache.example:443", true, false},
	{"grpc://127.0.0.1:1", "127.0.0.1", "1", "127.0.0.1:1", false, true},
	{"grpcs://[::1]:65535", "::1", "65535", "[::1]:65535", true, true},
};

static const char *const bad[] = {
	"", "localhost:8980", "http://a:1", "grpc://", "grpc://a", "grpc://:1", "grpc://a:", "grpc://a:0", "grpc://a:65536", "grpc://a:1x",
	"grpc://a:1/b", "grpc://::1:80", "grpc://[::1]", "grpc://[::1]80", "grpc://[a]:80", "grpc://[::g]:80", "grpc://u@h:80", "grpc://a b:80",
	"grpc://[", "grpc://[::1", "grpc://[]:80",
};

static void parses(void **state)
{
	struct endpoint e;
	struct arena a = {0};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(good); i++) {
		assert_null(endpoint_parse(str_c(good[i].text), &a, &e));
		assert_string_equal(e.host, good[i].host);
		assert_string_equal(e.port, good[i].port);
		assert_str_c(e.authority, good[i].authority);
		assert_int_equal(e.tls, good[i].tls);
		assert_int_equal(e.literal, good[i].literal);
	}
	arena_clear(&a);
}

static void refuses(void **state)
{
	struct endpoint e;
	struct arena a = {0};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(bad); i++)
		if (!endpoint_parse(str_c(bad[i]), &a, &e))
			fail_msg("'%s' is taken for an endpoint", bad[i]);
	arena_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(parses), cmocka_unit_test(refuses)};

	return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
