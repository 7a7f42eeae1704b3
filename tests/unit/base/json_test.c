#include <straylight/base/json.h>

#include <float.h>
#include <math.h>

#include "test.h"

static void nesting_and_commas(void **state)
{
	struct buf b = {0};
	struct json j = json_to(&b);

	(void)state;
	json_object(&j);
	json_key(&j, "a");
	json_array(&j);
	json_int(&j, 1);
	json_int(&j, INT64_MIN);
	json_array(&j);
	json_end(&j, ']');
	json_object(&j);
	json_end(&j, '}');
	json_end(&j, ']');
	json_key_str(&j, str_of("b\"", 2));
	json_bool(&j, true);
	json_key(&j, "c");
	json_null(&j);
	json_key(&j, "d");
	json_c(&j, "text");
	json_key(&j, "e");
	json_bool(&j, false);
	json_end(&j, '}');
	assert_str_c(buf_view(&b), "{\"a\":[1,-9223372036854775808,[],{}],\"b\\\"\":true,\"c\":null,"
				   "\"d\":\"text\",\"e\":false}");
	buf_free(&b);
}

static void values_alone(void **state)
{
	struct buf b = {0};
	struct json j = json_to(&b);

	(void)state;
	json_int(&j, 1);
	buf_c(&b, '\n');
	json_str(&j, S("x"));
	assert_str_c(buf_view(&b), "1\n\"x\"");
	buf_free(&b);
}

static void quoting(void **state)
{
	static const struct {
		str in;
		const char *want;
	} rows[] = {
		{{"", 0}, "\"\""},
		{{NULL, 0}, "\"\""},
		{{"\"\\/", 3}, "\"\\\"\\\\/\""},
		{{"\b\f\n\r\t", 5}, "\"\\b\\f\\n\\r\\t\""},
		{{"\0\1\x1f ", 4}, "\"\\u0000\\u0001\\u001f \""},
		{{"\xc3\xb6\xf0\x9f\x98\x80", 6}, "\"\xc3\xb6\xf0\x9f\x98\x80\""},
		{{"a\xff" "b", 3}, "\"a\xef\xbf\xbd" "b\""},
		{{"\xe2\x82", 2}, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
		{{"\xed\xa0\x80", 3}, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct buf b = {0};

		json_quote(&b, rows[i].in);
		assert_str_c(buf_view(&b), rows[i].want);
		buf_free(&b);
	}
}

static void doubles(void **state)
{
	static const struct {
		double d;
		const char *want;
	} rows[] = {
		{0, "0"},       {-0.0, "-0"},     {0.1, "0.1"},        {1.5, "1.5"},
		{1e21, "1e+21"}, {100, "100"}, {9007199254740991, "9007199254740991"},  {DBL_TRUE_MIN, "5e-324"}, {1.0 / 3, "0.3333333333333333"},
		{(double)NAN, "null"},  {(double)INFINITY, "null"}, {-(double)INFINITY, "null"},
		{DBL_MAX, "1.7976931348623157e+308"},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct buf b = {0};
		struct json j = json_to(&b);

		json_double(&j, rows[i].d);
		assert_str_c(buf_view(&b), rows[i].want);
		if (isfinite(rows[i].d))
			assert_true(strtod(buf_z(&b), NULL) == rows[i].d);
		buf_free(&b);
	}
}

static void end_without_start(void *ud)
{
	struct json j = json_to(ud);

	json_end(&j, '}');
}

static void key_outside(void *ud)
{
	struct json j = json_to(ud);

	json_key(&j, "k");
}

static void key_without_value(void *ud)
{
	struct json j = json_to(ud);

	json_object(&j);
	json_key(&j, "k");
	json_end(&j, '}');
}

static void too_deep(void *ud)
{
	struct json j = json_to(ud);

	for (int i = 0; i <= JSON_DEPTH_MAX; i++)
		json_array(&j);
}

static void misuse_is_an_assertion(void **state)
{
	static void (*const ways[])(void *) = {end_without_start, key_outside, key_without_value, too_deep};
	struct buf b = {0};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(ways); i++)
		assert_int_equal(exit_of(ways[i], &b), 128 + SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nesting_and_commas), cmocka_unit_test(values_alone),
		cmocka_unit_test(quoting),            cmocka_unit_test(doubles),
		cmocka_unit_test(misuse_is_an_assertion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
