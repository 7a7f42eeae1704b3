/* junit.h: test results in the XML that CI systems read. */
#ifndef STRAYLIGHT_CMD_JUNIT_H
#define STRAYLIGHT_CMD_JUNIT_H

#include <straylight/base.h>

struct test_result {
	sym label;
	str name; /* of its action: "test parser" */
	bool failed, cached;
	uint64_t wall_ns;
	str out, err; /* what it printed */
};

/* One <testsuite>, a <testcase> for each result in order.  Bytes that XML 1.0 has no place for, and those
 * that are no UTF-8, become U+FFFD. */
void junit_write(const struct test_result *, size_t n, struct buf *out);

#endif
