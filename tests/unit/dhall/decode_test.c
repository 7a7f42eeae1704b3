#include "syntax.h"

/* Bytes from hexadecimal digits, in the arena. */
static str bytes_of(struct arena *mem, const char *hex)
{
	char *out = arena_raw(mem, strlen(hex) / 2 + 1, 1);
	size_t n = 0;

	for (; hex[0] && hex[1]; hex += 2)
		if (sscanf(hex, "%2hhx", (unsigned char *)&out[n]) == 1)
			n++;
	return str_of(out, n);
}

static void accepts(void **state)
{
	static const struct {
		const char *hex, *want;
	} rows[] = {
		{"00", "0"},
		{"c240", "0"},                                       /* an empty bignum is 0 */
		{"c24101", "1"},
		{"82617807", "[\"x\", 7]"},
		{"82617819000a", "[\"x\", 10]"},                     /* not the shortest integer */
		{"830163466f6fd9d9f700", NULL},                      /* see refuses */
		{"d9d9f7d9d9f7820fd9d9f701", "[15, 1]"},
		{"820f1b0000000000000001", "[15, 1]"},
		{"8210c349010000000000000000", "[16, 3(h'010000000000000000')]"},
		{"82101bffffffffffffffff", "[16, 18446744073709551615]"},
		{"82103bfffffffffffffffe", "[16, -18446744073709551615]"},
		{"9f0f01ff", "[15, 1]"},                             /* open lengths */
		{"82127f616161626163ff", "[18, \"abc\"]"},
		{"8208bf61610061620001ff", NULL},
		{"8208bf6161006162820f01ff", "[8, {\"a\": 0, \"b\": [15, 1]}]"},
		{"9f1819f5ff", NULL},
		{"9f18196178f6820f0182617800ff", "[25, \"x\", null, [15, 1], [\"x\", 0]]"},
		{"9f01617800f4ff", "[1, \"x\", 0, false]"},
		{"8302644b696e6400", "[2, \"Kind\", 0]"},
		{"fb3ff0000000000000", "1_1"},
		{"f97e01", "nan_1"},
		{"84181f0c00c48200183b", "[31, 12, 0, 4([0, 59])]"},
		{"84181f0c00c4820105", "[31, 12, 0, 4([0, 50])]"},
		{"8318186003", NULL},
		{"84181cf600f6", NULL},
	};
	struct arena mem = {0};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		const char *why = NULL;
		const struct term *t = term_decode(&mem, bytes_of(&mem, rows[i].hex), &why);

		if ((t != NULL) != (rows[i].want != NULL))
			fail_msg("%s: %s", rows[i].hex, why ? why : "is accepted");
		if (t)
			assert_encoding(t, rows[i].want);
		else
			assert_non_null(why);
	}
	arena_clear(&mem);
}

static void refuses(void **state)
{
	static const struct {
		const char *hex, *why;
	} rows[] = {
		{"", "the bytes end inside an expression"},
		{"0000", "bytes follow the expression"},
		{"80", "an array is empty"},
		{"8200", "the bytes end inside an expression"},
		{"8201", ""},
		{"820000", "an expression has too few parts"},
		{"63466f6f", "there is no builtin of that name"},
		{"82615f00", "a variable named _ must not be written out"},
		{"8401615f0000", "a binder named _ must not be written out"},
		{"84030e0000", "there is no operator of that number"},
		{"820f20", "a Natural is negative"},
		{"8204f6", "an expression has too few parts"},
		{"830500f6", "Some has no type"},
		{"8212f6", "a text needs its first piece"},
		{"831261610000", ""},
		{"821261ff", "a text is not valid UTF-8"},
		{"84181e1907e702181d", "there is no such day"},
		{"84181f181800c4820000", "there is no such hour"},
		{"84181f0000c48200183c", "the seconds of a time are a decimal fraction from 0 to below 60"},
		{"841820f6000000", ""},
		{"8518184101f60302", ""},
		{"841818f60407", "there is no such mode of import"},
		{"841818f60008", "there is no such kind of import"},
		{"841818f60003", "an import has no path"},
		{"881818f6000100616100", ""},
		{"820c00", "there is no kind of expression of that number"},
		{"8182617800", "a number was expected"},
		{"ff", "an expression was expected"},
		{"f6", "an expression was expected"},
		{"821bffffffffffffffff00", "there is no kind of expression of that number"},
		{"1bffffffffffffffff", "the index of a variable is negative or too large"},
		{"1c", "this is not well-formed CBOR"},
	};
	struct arena mem = {0};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		const char *why = NULL;

		if (term_decode(&mem, bytes_of(&mem, rows[i].hex), &why) || !why)
			fail_msg("%s is accepted", rows[i].hex);
		if (*rows[i].why && strcmp(why, rows[i].why) != 0)
			fail_msg("%s: '%s', want '%s'", rows[i].hex, why, rows[i].why);
	}
	arena_clear(&mem);
}

/* Every proper beginning of an encoding is refused, and so is every one with a byte more. */
static void cuts(void **state)
{
	static const char text[] = "\\(x : { a : Text, b : < A | B : Natural > }) -> let y = \"q${x.a}r\" let z : T = 1.5 in "
		"[ Some (f x y ./a as Text), https://a/b?c using h sha256:"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef ] : x with a.? = 12:00:00.5";
	struct parsed p;
	struct buf out = {0};
	struct arena mem = {0};
	const char *why;

	(void)state;
	term_encode(parse_ok(&p, str_c(text)), &out);
	for (size_t n = 0; n < out.n; n++) {
		char *exact = mem_alloc(n);

		memcpy(exact, out.p, n);
		assert_null(term_decode(&mem, str_of(exact, n), &why));
		mem_free(exact);
	}
	assert_non_null(term_decode(&mem, buf_view(&out), &why));
	buf_c(&out, 0);
	assert_null(term_decode(&mem, buf_view(&out), &why));
	arena_clear(&mem);
	parse_free(&p);
	buf_free(&out);
}

static void decode_deep(void *ud)
{
	struct buf *bytes = ud;
	struct arena mem = {0};
	const char *why = NULL;
	const struct term *t = term_decode(&mem, buf_view(bytes), &why);

	if (bytes->n < 1000000)
		assert_non_null(t);
	else
		assert_string_equal(why, "the expression is nested too deep");
	arena_clear(&mem);
}

static void nesting_is_bounded(void **state)
{
	(void)state;
	for (size_t n = 100000; n <= 1000000; n *= 10) {
		struct buf bytes = {0};

		repeat(&bytes, n, "\x83\x04\xf6");
		buf_c(&bytes, 0);
		pool_run_deep(decode_deep, &bytes);
		if (n == 1000000)
			decode_deep(&bytes);
		buf_free(&bytes);
	}
}

/* Counting ahead in nested open arrays does not become quadratic. */
static void open_arrays_are_bounded(void **state)
{
	struct buf bytes = {0};
	struct arena mem = {0};
	const char *why = NULL;

	(void)state;
	repeat(&bytes, 20000, "\x9f\x04\xf6");
	buf_c(&bytes, 0);
	repeat(&bytes, 20000, "\xff");
	assert_null(term_decode(&mem, buf_view(&bytes), &why));
	assert_non_null(why);
	arena_clear(&mem);
	buf_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts),
		cmocka_unit_test(refuses),
		cmocka_unit_test(cuts),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(open_arrays_are_bounded),
	};

	return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
