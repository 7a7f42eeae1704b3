#include "junit.h"

static bool is_char(uint32_t cp)
{
	return cp == '\t' || cp == '\n' || cp == '\r' || (cp >= 0x20 && cp != 0xfffe && cp != 0xffff);
}

static void text(str s, struct buf *out)
{
	uint32_t cp;
	unsigned n;

	for (size_t i = 0; i < s.n; i += n ? n : 1) {
		n = utf8_get(s, i, &cp);
		if (!n || !is_char(cp))
			cp = 0xfffd;
		switch (cp) {
		case '<': buf_lit(out, "&lt;"); break;
		case '>': buf_lit(out, "&gt;"); break;
		case '&': buf_lit(out, "&amp;"); break;
		case '"': buf_lit(out, "&quot;"); break;
		case '\r': buf_lit(out, "&#13;"); break;
		default: utf8_put(out, cp);
		}
	}
}

static void attribute(const char *name, str value, struct buf *out)
{
	buf_fmt(out, " %s=\"", name);
	text(value, out);
	buf_c(out, '"');
}

static void seconds(uint64_t ns, struct buf *out)
{
	buf_fmt(out, " time=\"%.3f\"", (double)ns / 1e9);
}

static void element(const char *name, str content, struct buf *out)
{
	if (!content.n)
		return;
	buf_fmt(out, "      <%s>", name);
	text(content, out);
	buf_fmt(out, "</%s>\n", name);
}

static void test_case(const struct test_result *r, struct buf *out)
{
	buf_lit(out, "    <testcase");
	attribute("classname", sym_str(r->label), out);
	attribute("name", r->name, out);
	seconds(r->cached ? 0 : r->wall_ns, out);
	buf_lit(out, ">\n");
	if (r->failed)
		buf_lit(out, "      <failure message=\"the test failed\"/>\n");
	element("system-out", r->out, out);
	element("system-err", r->err, out);
	buf_lit(out, "    </testcase>\n");
}

void junit_write(const struct test_result *results, size_t n, struct buf *out)
{
	size_t failed = 0;
	uint64_t all = 0;

	for (size_t i = 0; i < n; i++) {
		failed += results[i].failed;
		all += results[i].cached ? 0 : results[i].wall_ns;
	}
	buf_lit(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	buf_fmt(out, "  <testsuite name=\"straylight\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\"", n,
			failed);
	seconds(all, out);
	buf_lit(out, ">\n");
	for (size_t i = 0; i < n; i++)
		test_case(&results[i], out);
	buf_lit(out, "  </testsuite>\n</testsuites>\n");
}
