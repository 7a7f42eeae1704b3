#include "junit.h"
#include "test.h"

static void test_results(void **state)
{
	struct test_result results[] = {
		{.name = S("test a"), .wall_ns = 1500000000, .out = S("fine <&> \"quoted\"\r\n")},
		{.name = S("test \x01 \xff \xef\xbf\xbf größer"), .failed = true, .wall_ns = 250000000, .err = S("no")},
		{.name = S("test c"), .cached = true, .wall_ns = 9000000000},
	};
	struct buf out = {0};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(results); i++)
		results[i].label = intern_c("//lib:parser");
	junit_write(results, SL_COUNT(results), &out);
	assert_str_c(buf_view(&out),
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			"<testsuites>\n"
			"  <testsuite name=\"straylight\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"0\""
			" time=\"1.750\">\n"
			"    <testcase classname=\"//lib:parser\" name=\"test a\" time=\"1.500\">\n"
			"      <system-out>fine &lt;&amp;&gt; &quot;quoted&quot;&#13;\n</system-out>\n"
			"    </testcase>\n"
			"    <testcase classname=\"//lib:parser\" name=\"test \xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd größer\""
			" time=\"0.250\">\n"
			"      <failure message=\"the test failed\"/>\n"
			"      <system-err>no</system-err>\n"
			"    </testcase>\n"
			"    <testcase classname=\"//lib:parser\" name=\"test c\" time=\"0.000\">\n"
			"    </testcase>\n"
			"  </testsuite>\n"
			"</testsuites>\n");
	buf_free(&out);
}

static void test_none(void **state)
{
	struct buf out = {0};

	(void)state;
	junit_write(NULL, 0, &out);
	assert_true(str_find_str(buf_view(&out), S("tests=\"0\" failures=\"0\"")) < out.n);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
