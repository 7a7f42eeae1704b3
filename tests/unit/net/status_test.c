#include "status.h"

#include <straylight/wire.h>

#include "test.h"

static void names(void **state)
{
	(void)state;
	assert_string_equal(grpc_code_name(GRPC_UNAUTHENTICATED), "UNAUTHENTICATED");
	assert_string_equal(grpc_code_name(GRPC_NOT_FOUND), "NOT_FOUND");
	assert_string_equal(grpc_code_name((enum grpc_code)99), "UNKNOWN");
	assert_int_equal(status_of_text(S("5")), GRPC_NOT_FOUND);
	assert_int_equal(status_of_text(S("16")), GRPC_UNAUTHENTICATED);
	assert_int_equal(status_of_text(S("17")), GRPC_UNKNOWN);
	assert_int_equal(status_of_text(S("")), GRPC_UNKNOWN);
	assert_int_equal(status_of_text(S("-1")), GRPC_UNKNOWN);
	assert_int_equal(status_of_http(503), GRPC_UNAVAILABLE);
	assert_int_equal(status_of_http(404), GRPC_UNIMPLEMENTED);
	assert_int_equal(status_of_reset(8), GRPC_CANCELLED);
	assert_int_equal(status_of_reset(0), GRPC_INTERNAL);
}

static void escapes(void **state)
{
	struct arena a = {0};

	(void)state;
	assert_str_c(status_unescape(S("caf%C3%a9 50%25"), &a), "café 50%");
	assert_str_c(status_unescape(S("%"), &a), "%");
	assert_str_c(status_unescape(S("%4"), &a), "%4");
	assert_str_c(status_unescape(S("%zz%41"), &a), "%zzA");
	arena_clear(&a);
}

static void base64(void **state)
{
	static const char *const rows[][2] = {{"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"foob", "Zm9vYg"}};
	struct buf b = {0};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		b.n = 0;
		base64_write(str_c(rows[i][0]), &b);
		assert_str_c(buf_view(&b), rows[i][1]);
		b.n = 0;
		assert_true(base64_read(str_c(rows[i][1]), &b));
		assert_str_c(buf_view(&b), rows[i][0]);
	}
	b.n = 0;
	assert_true(base64_read(S("Zg=="), &b));
	assert_str_c(buf_view(&b), "f");
	assert_false(base64_read(S("Z"), &b));
	assert_false(base64_read(S("Zg-_"), &b));
	buf_free(&b);
}

static void any(struct buf *b, const char *type, str value)
{
	size_t mark = wire_begin(b, 3);

	wire_str(b, 1, str_c(type));
	wire_str(b, 2, value);
	wire_end(b, mark);
}

static void details(void **state)
{
	struct buf b = {0}, in = {0};
	struct arena a = {0};
	struct grpc_status s;
	size_t mark;

	(void)state;
	wire_int(&b, 1, GRPC_FAILED_PRECONDITION);
	wire_str(&b, 2, S("inputs are missing"));
	mark = wire_begin(&in, 1);
	wire_str(&in, 1, S("MISSING"));
	wire_str(&in, 2, S("blobs/ab/3"));
	wire_end(&in, mark);
	any(&b, "type.googleapis.com/google.rpc.PreconditionFailure", buf_view(&in));
	in.n = 0;
	mark = wire_begin(&in, 1);
	wire_int(&in, 1, 2);
	wire_int(&in, 2, 500000000);
	wire_end(&in, mark);
	any(&b, "type.googleapis.com/google.rpc.RetryInfo", buf_view(&in));
	any(&b, "type.googleapis.com/other.Thing", S("\xff\xff"));
	assert_true(grpc_status_read(buf_view(&b), &a, &s));
	assert_int_equal(s.code, GRPC_FAILED_PRECONDITION);
	assert_str_c(s.text, "inputs are missing");
	assert_int_equal(s.retry_ms, 2500);
	assert_int_equal(s.nviolations, 1);
	assert_str_c(s.violations[0].type, "MISSING");
	assert_str_c(s.violations[0].subject, "blobs/ab/3");
	assert_str_c(s.violations[0].description, "");
	assert_false(grpc_status_read(str_upto(buf_view(&b), b.n - 1), &a, &s));
	assert_int_equal(s.code, GRPC_UNKNOWN);
	buf_free(&b);
	buf_free(&in);
	arena_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names), cmocka_unit_test(escapes), cmocka_unit_test(base64), cmocka_unit_test(details),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
