#include "frame.h"

#include "test.h"

static void pieces(void **state)
{
	static const char stream[] = "\0\0\0\0\5hello\0\0\0\0\0\1\0\0\0\2zz";
	struct frames f = {.max = 5};
	bool packed;
	str in, m;

	(void)state;
	for (size_t piece = 1; piece < sizeof stream; piece++) {
		size_t seen = 0;

		for (size_t at = 0; at < sizeof stream - 1; at += piece) {
			in = str_upto(str_of(stream + at, sizeof stream - 1 - at), piece);
			while (frame_next(&f, &in, &m, &packed) == FRAME_MESSAGE) {
				assert_str_c(m, seen == 0 ? "hello" : seen == 1 ? "" : "zz");
				assert_int_equal(packed, seen == 2);
				seen++;
			}
			assert_int_equal(in.n, 0);
		}
		assert_int_equal(seen, 3);
		assert_true(frame_at_end(&f));
	}
	frames_free(&f);
}

static void refuses(void **state)
{
	struct frames f = {.max = 4}, g = {.max = 4};
	str bad = S("\2\0\0\0\1a"), large = S("\0\0\0\0\5hello"), m;
	bool packed;

	(void)state;
	assert_int_equal(frame_next(&f, &bad, &m, &packed), FRAME_BAD);
	assert_int_equal(frame_next(&g, &large, &m, &packed), FRAME_TOO_LARGE);
	assert_false(frame_at_end(&g));
}

/* gzip of "aaaa" and of nothing, as the program of that name writes them. */
static void unpacks(void **state)
{
	static const char gz[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03KLLL\x04\0E\xe5\x98\xad\x04\0\0\0";
	str all = str_of(gz, sizeof gz - 1);
	struct buf out = {0};

	(void)state;
	assert_true(frame_unpack(all, 4, &out));
	assert_str_c(buf_view(&out), "aaaa");
	assert_false(frame_unpack(all, 3, &out));
	assert_true(out.over);
	assert_false(frame_unpack(str_upto(all, all.n - 1), 4, &out));
	assert_false(frame_unpack(S("hello"), 4, &out));
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(pieces), cmocka_unit_test(refuses), cmocka_unit_test(unpacks)};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
