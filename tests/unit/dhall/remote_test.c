#include "semantics.h"

/* URLs as a table: what they answer, and what the last request for each sent. */
struct page {
	const char *url, *text, *allow;
	char sent[256];
	unsigned requests;
};

struct web {
	struct fixture f; /* first: the doors of the fixture get it too */
	struct page *pages;
};

static enum dhall_found fetch(void *ud, str url, const struct dhall_header *headers, size_t n, struct arena *a,
		struct dhall_response *out)
{
	struct web *w = ud;

	(void)a;
	for (struct page *p = w->pages; p->url; p++) {
		if (!str_eq(url, str_c(p->url)))
			continue;
		p->requests++;
		p->sent[0] = '\0';
		for (size_t i = 0; i < n; i++)
			snprintf(p->sent + strlen(p->sent), sizeof p->sent - strlen(p->sent), "%.*s=%.*s;", STR_ARG(headers[i].name),
					STR_ARG(headers[i].value));
		out->body = blob_new(str_c(p->text));
		out->allow_origin = str_c(p->allow);
		out->nallow = p->allow != NULL;
		return DHALL_FOUND;
	}
	out->why = "nothing is there";
	out->hint = "look elsewhere";
	return DHALL_ABSENT;
}

static void web_open(struct web *w, struct page *pages, const struct file *files)
{
	*w = (struct web){.pages = pages};
	w->f.env.fetch = fetch;
	fixture_open(&w->f, files);
}

/* The normal form; or what the first diagnostic's code is. */
static void expect(struct page *pages, const struct file *files, const char *text, const char *want, enum diag_code code)
{
	struct web w;
	const struct dh_typed *t;

	web_open(&w, pages, files);
	t = fixture_check(&w.f, text);
	assert_int_equal(t != NULL, want != NULL);
	if (t)
		assert_string_equal(fixture_print(&w.f, dhall_eval(w.f.s, t)), want);
	else
		assert_int_equal(w.f.diags.first->code, code);
	fixture_close(&w.f);
}

static void places(void **state)
{
	struct page pages[] = {
		{.url = "https://a/d/x.dhall", .text = "./y.dhall + ../z.dhall + https://a/e/w.dhall?q"},
		{.url = "https://a/d/y.dhall", .text = "1"},
		{.url = "https://a/z.dhall", .text = "2"},
		{.url = "https://a/e/w.dhall?q", .text = "./\"two words\""},
		{.url = "https://a/e/two%20words", .text = "4"},
		{.url = "https://a/local", .text = "/etc/passwd as Text"},
		{.url = "https://a/variable", .text = "env:HOME as Text"},
		{.url = "https://a/home", .text = "~/x"},
		{.url = "https://a/where", .text = "[ /etc/passwd as Location, ./y as Location ]"},
		{.url = "https://a/missing", .text = "missing ? 3"},
		{.url = "https://a/itself", .text = "./itself"},
		{.url = "https://a/bad", .text = "1 +"},
		{0},
	};

	(void)state;
	expect(pages, NULL, "https://a/d/x.dhall", "7", 0);
	expect(pages, NULL, "https://a/d/x.dhall as Text ++ https://a/z.dhall as Text", "\"./y.dhall + ../z.dhall + https://a/e/w.dhall?q2\"", 0);
	expect(pages, NULL, "https://a/z.dhall as Bytes", "0x\"32\"", 0);
	expect(pages, NULL, "https://a/missing", "3", 0);
	expect(pages, NULL, "https://a/local", NULL, DIAG_IMPORT_OPAQUE);
	expect(pages, NULL, "https://a/variable ? 1", NULL, DIAG_IMPORT_OPAQUE);
	expect(pages, NULL, "https://a/home", NULL, DIAG_IMPORT_OPAQUE);
	expect(pages, NULL, "List/length < Environment : Text | Local : Text | Missing | Remote : Text > https://a/where", "2", 0);
	expect(pages, NULL, "https://a/itself", NULL, DIAG_IMPORT_CYCLE);
	expect(pages, NULL, "https://a/bad ? 1", NULL, DIAG_SYNTAX_UNEXPECTED);
	expect(pages, NULL, "https://a/nowhere", NULL, DIAG_IMPORT_REMOTE);
	expect(pages, NULL, "https://a/nowhere ? https://a/z.dhall", "2", 0);
	assert_int_equal(pages[8].requests, 1);
}

static void cors(void **state)
{
	struct page pages[] = {
		{.url = "https://a/all", .text = "https://b/all"},
		{.url = "https://a/us", .text = "https://b/us"},
		{.url = "https://a/other", .text = "https://b/other"},
		{.url = "https://a/none", .text = "https://b/none"},
		{.url = "https://a/text", .text = "https://b/none as Text"},
		{.url = "https://a/plain", .text = "http://a/plain"},
		{.url = "https://a/self", .text = "https://a/there"},
		{.url = "https://a/there", .text = "1"},
		{.url = "https://b/all", .text = "1", .allow = "*"},
		{.url = "https://b/us", .text = "1", .allow = "https://a"},
		{.url = "https://b/other", .text = "1", .allow = "https://c"},
		{.url = "https://b/none", .text = "1"},
		{.url = "http://a/plain", .text = "1"},
		{0},
	};

	(void)state;
	expect(pages, NULL, "https://a/all", "1", 0);
	expect(pages, NULL, "https://a/us", "1", 0);
	expect(pages, NULL, "https://a/self", "1", 0);
	expect(pages, NULL, "https://b/none", "1", 0);
	expect(pages, NULL, "https://a/other", NULL, DIAG_IMPORT_CORS);
	expect(pages, NULL, "https://a/none ? 1", NULL, DIAG_IMPORT_CORS);
	expect(pages, NULL, "https://a/text", NULL, DIAG_IMPORT_CORS);
	expect(pages, NULL, "https://a/plain", NULL, DIAG_IMPORT_CORS);
	/* allowed here, but not there: the answer is asked each time */
	expect(pages, NULL, "https://b/none + https://a/none", NULL, DIAG_IMPORT_CORS);
}

static void headers(void **state)
{
	static const struct file files[] = {
		{"/home/ann/.config/dhall/headers.dhall", "toMap { `a:443` = toMap { User = \"mine\", Both = \"mine\" }, `a:80` = toMap { User = \"plain\" } }"},
		{"env:TOKEN", "t0"},
		{0},
	};
	struct page pages[] = {
		{.url = "https://a/x", .text = "[ ./y, https://a/z, https://b/w ]"},
		{.url = "https://a/y", .text = "1"},
		{.url = "https://a/z", .text = "2"},
		{.url = "https://b/w", .text = "3", .allow = "*"},
		{.url = "http://a/p", .text = "4"},
		{0},
	};

	(void)state;
	expect(pages, files, "https://a/x using (toMap { both = \"inline\", Own = env:TOKEN as Text })", "[ 1, 2, 3 ]", 0);
	assert_string_equal(pages[0].sent, "Own=t0;Both=mine;User=mine;");
	assert_string_equal(pages[1].sent, "Own=t0;Both=mine;User=mine;");
	assert_string_equal(pages[2].sent, "Both=mine;User=mine;");
	assert_string_equal(pages[3].sent, "");
	expect(pages, files, "http://a/p using [ { header = \"H\", value = \"v\" } ]", "4", 0);
	assert_string_equal(pages[4].sent, "H=v;User=plain;");
	expect(pages, NULL, "https://b/w using ([] : List { mapKey : Text, mapValue : Text })", "3", 0);
	/* the same URL with other headers is another import */
	pages[1].requests = 0;
	expect(pages, NULL, "https://a/y + https://a/y using (toMap { A = \"1\" }) + https://a/y using (toMap { A = \"1\" })", "3", 0);
	assert_int_equal(pages[1].requests, 2);
}

static void bad_headers(void **state)
{
	static const struct file remote[] = {{"env:DHALL_HEADERS", "https://a/headers"}, {0}};
	static const struct file wrong[] = {{"env:DHALL_HEADERS", "toMap { `a:443` = 1 }"}, {0}};
	static const struct file broken[] = {{"env:DHALL_HEADERS", "toMap {"}, {0}};
	struct page pages[] = {{.url = "https://a/x", .text = "1"}, {.url = "https://a/headers", .text = "1"}, {0}};

	(void)state;
	expect(pages, NULL, "https://a/x using 1", NULL, DIAG_IMPORT_HEADERS);
	expect(pages, NULL, "https://a/x using (toMap { A = 1 })", NULL, DIAG_IMPORT_HEADERS);
	expect(pages, NULL, "let x = \"v\" in https://a/x using (toMap { A = x })", NULL, DIAG_IMPORT_HEADERS);
	expect(pages, NULL, "https://a/x using (toMap { A = \"a\\nB: c\" })", NULL, DIAG_IMPORT_HEADERS);
	expect(pages, NULL, "https://a/x using (toMap { `A B` = \"c\" })", NULL, DIAG_IMPORT_HEADERS);
	expect(pages, remote, "https://a/x ? 1", NULL, DIAG_IMPORT_HEADERS);
	expect(pages, wrong, "https://a/x", NULL, DIAG_IMPORT_HEADERS);
	expect(pages, broken, "https://a/x", NULL, DIAG_IMPORT_HEADERS);
	assert_int_equal(pages[0].requests, 0);
	assert_int_equal(pages[1].requests, 0);
}

/* No diagnostic shows a token, wherever it stands. */
static void hidden(void **state)
{
	static const char *const texts[] = {
		"https://user:s3cr3t-token@a/x?key=s3cr3t-token using (toMap { Authorization = \"token s3cr3t-token\" })",
		"https://a/x using (toMap { Authorization = \"s3cr3t-token\" }) : 1 + 1",
		"https://a/x using (toMap { Authorization = 1 + \"s3cr3t-token\" })",
		"https://a/x using [ \"s3cr3t-token\" ]",
	};
	struct page pages[] = {{0}};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(texts); i++) {
		struct web w;
		struct buf out = {0};

		web_open(&w, pages, NULL);
		assert_null(fixture_check(&w.f, texts[i]));
		for (int style = DIAG_TEXT; style <= DIAG_JSON; style++)
			diags_render(&w.f.diags, (enum diag_style)style, false, &out);
		assert_true(out.n > 0);
		assert_null(strstr(buf_z(&out), "s3cr3t"));
		buf_free(&out);
		fixture_close(&w.f);
	}
}

#define PIN_OF_1 "sha256:d60d8415e36e86dae7f42933d3b0c4fe3ca238f057fba206c7e9fbf5d784fe15"

/* What was asked of a server is a dependency unless a hash says what it is; also what was not there, and
 * what an imported file asked for. */
static void depends(void **state)
{
	static const struct file files[] = {{"/w/one.dhall", "https://a/x"}, {0}};
	static const struct {
		const char *text, *want; /* NULL: no URL */
	} rows[] = {
		{"https://a/x", "url:https://a/x"},
		{"https://a/x as Text", "url:https://a/x"},
		{"./one.dhall", "url:https://a/x"},
		{"https://user:pass@a/x?key=1 ? 2", "url:https://a/x"},
		{"https://a/nothing ? 2", "url:https://a/nothing"},
		{"https://a/nothing " PIN_OF_1 " ? 2", "url:https://a/nothing"},
		{"https://a/x " PIN_OF_1, NULL},
		{"./one.dhall " PIN_OF_1, NULL},
		{"https://a/x as Location", NULL},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct page pages[] = {{.url = "https://a/x", .text = "1"}, {0}};
		const str *names;
		struct web w;
		size_t n;
		const struct dh_typed *t;

		web_open(&w, pages, files);
		t = fixture_check(&w.f, rows[i].text);
		assert_non_null(t);
		dhall_dependencies(t, &names, &n);
		if (rows[i].want)
			assert_str_c(names[n - 1], rows[i].want);
		for (size_t k = 0; k < n; k++)
			assert_true(rows[i].want || !str_starts(names[k], S("url:")));
		fixture_close(&w.f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(cors),
		cmocka_unit_test(headers),
		cmocka_unit_test(depends),
		cmocka_unit_test(bad_headers),
		cmocka_unit_test(hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
