#include "../test.h"
#include <straylight/wire.h>

static void assert_bytes(struct buf *b, str want)
{
	assert_str(buf_view(b), want);
	buf_free(b);
}

static void varints_are_shortest(void **state)
{
	static const struct {
		uint64_t v;
		str bytes;
	} rows[] = {
		{0, {"\0", 1}}, {1, {"\1", 1}}, {127, {"\x7f", 1}}, {128, {"\x80\x01", 2}}, {300, {"\xac\x02", 2}},
		{UINT64_MAX, {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10}},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct buf b = {0};

		wire_varint(&b, rows[i].v);
		assert_bytes(&b, rows[i].bytes);
	}
}

static void defaults_are_left_out(void **state)
{
	struct buf b = {0};

	(void)state;
	wire_int(&b, 1, 0);
	wire_bool(&b, 2, false);
	wire_str(&b, 3, S(""));
	assert_int_equal(b.n, 0);
	wire_int(&b, 1, -1);
	wire_bool(&b, 2, true);
	wire_element(&b, 3, S(""));
	wire_str(&b, 16, S("x"));
	assert_bytes(&b, S("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x10\x01\x1a\x00\x82\x01\x01x"));
}

static void messages_nest_and_grow(void **state)
{
	struct buf b = {0};
	struct wire w;
	struct wire_field f;
	size_t outer, inner;
	char text[300];

	(void)state;
	memset(text, 'y', sizeof text);
	outer = wire_begin(&b, 1);
	wire_end(&b, wire_begin(&b, 2));
	inner = wire_begin(&b, 3);
	wire_str(&b, 1, str_of(text, sizeof text));
	wire_end(&b, inner);
	wire_end(&b, outer);
	w = wire_over(buf_view(&b));
	assert_true(wire_next(&w, &f));
	assert_int_equal(f.number, 1);
	assert_int_equal(w.at, b.n);
	w = wire_over(f.bytes);
	assert_true(wire_next(&w, &f) && f.number == 2 && f.bytes.n == 0);
	assert_true(wire_next(&w, &f) && f.number == 3);
	w = wire_over(f.bytes);
	assert_true(wire_next(&w, &f) && f.number == 1);
	assert_str(f.bytes, str_of(text, sizeof text));
	assert_false(wire_next(&w, &f));
	assert_false(w.bad);
	buf_free(&b);
}

static void a_limit_is_kept(void **state)
{
	struct buf b = {.limit = 4};
	size_t mark = wire_begin(&b, 1);

	(void)state;
	wire_str(&b, 1, S("longer than that"));
	wire_end(&b, mark);
	assert_true(b.over);
	assert_true(b.n <= 4);
	buf_free(&b);
}

static void digests_both_ways(void **state)
{
	struct digest d = digest_of(DIGEST_SHA256, S("")), got;
	struct buf b = {0};
	struct wire w;
	struct wire_field f;

	(void)state;
	wire_digest(&b, 2, &d);
	assert_str(buf_view(&b), S("\x12\x42\x0a\x40"
				   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
	w = wire_over(buf_view(&b));
	assert_true(wire_next(&w, &f) && wire_get_digest(&f, &got));
	assert_true(digest_eq(&d, &got));
	b.n = 0;
	d.size = INT64_MAX;
	wire_digest(&b, 2, &d);
	w = wire_over(buf_view(&b));
	assert_true(wire_next(&w, &f) && wire_get_digest(&f, &got));
	assert_true(digest_eq(&d, &got));
	for (size_t i = 0; i < 64; i++) { /* only small letters */
		char was = b.p[4 + i];

		if (was < 'a')
			continue;
		b.p[4 + i] = (char)(was - 'a' + 'A');
		w = wire_over(buf_view(&b));
		assert_true(wire_next(&w, &f));
		assert_false(wire_get_digest(&f, &got));
		b.p[4 + i] = was;
	}
	buf_free(&b);
}

static void bad_bytes_are_refused(void **state)
{
	static const str rows[] = {
		{"\x08", 1},             /* no value */
		{"\x08\x80", 2},         /* an unfinished varint */
		{"\x08\x81\x00", 3},     /* not the shortest */
		{"\x88\x00\x01", 3},     /* nor here */
		{"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11}, /* 65 bits */
		{"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12},
		{"\x00\x01", 2},         /* field 0 */
		{"\x80\x80\x80\x80\x10\x01", 6}, /* field 2^29 */
		{"\x0a\x02y", 3},        /* beyond the end */
		{"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01y", 12},
		{"\x09\x01\x02", 3},     /* fixed64, short */
		{"\x0d\x01", 2},         /* fixed32, short */
		{"\x0b\x0c", 2},         /* a group */
		{"\x0f\x01", 2},         /* type 7 */
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct wire w = wire_over(rows[i]);
		struct wire_field f;

		assert_false(wire_next(&w, &f));
		assert_true(w.bad);
		assert_false(wire_next(&w, &f));
	}
}

static void fixed_fields(void **state)
{
	struct wire w = wire_over(S("\x09\x01\x02\x03\x04\x05\x06\x07\x08\x15\xff\xff\xff\xff"));
	struct wire_field f;

	(void)state;
	assert_true(wire_next(&w, &f) && f.type == WIRE_FIXED64 && f.n == 0x0807060504030201u);
	assert_true(wire_next(&w, &f) && f.type == WIRE_FIXED32 && f.n == 0xffffffffu);
	assert_false(wire_next(&w, &f));
	assert_false(w.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(varints_are_shortest),
		cmocka_unit_test(defaults_are_left_out),
		cmocka_unit_test(messages_nest_and_grow),
		cmocka_unit_test(a_limit_is_kept),
		cmocka_unit_test(digests_both_ways),
		cmocka_unit_test(bad_bytes_are_refused),
		cmocka_unit_test(fixed_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
