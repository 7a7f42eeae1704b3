#include "semantics.h"

#include <pthread.h>

static const struct file files[] = {
	{"/w/one.dhall", "1"},
	{"/w/pair.dhall", "{ a = ./one.dhall, b = ./sub/two.dhall }"},
	{"/w/sub/two.dhall", "../one.dhall + 1"},
	{"/w/bad.dhall", "1 + \"x\""},
	{"/w/torn.dhall", "1 +"},
	{"/w/cycle.dhall", "./sub/cycle.dhall"},
	{"/w/sub/cycle.dhall", "[ ../cycle.dhall ]"},
	{"/w/wants.dhall", "./none.dhall"},
	{"/w/text.txt", "hello\n"},
	{"/w/latin1.txt", "caf\xe9"},
	{"/w/secret.dhall", NULL},
	{"/home/ann/x.dhall", "\"home\""},
	{"env:N", "40 + 2"},
	{"env:HERE", "./one.dhall"},
	{"/w/sub/asks.dhall", "env:HERE"},
	{NULL, NULL},
};

static const struct {
	const char *text, *normal;
} found[] = {
	{"./pair.dhall", "{ a = 1, b = 2 }"},
	{"./sub/../sub/./two.dhall", "2"},
	{"~/x.dhall", "\"home\""},
	{"env:N", "42"},
	{"env:HERE", "1"},
	{"./sub/asks.dhall", "1"}, /* what a variable imports starts where the process does */
	{"env:N as Text", "\"40 + 2\""},
	{"./text.txt as Text", "'' hello ''"}, /* fixture_eval makes line breaks spaces */
	{"./latin1.txt as Bytes", "0x\"636166e9\""},
	{"./none.dhall ? ./one.dhall", "1"},
	{"missing ? ./none.dhall ? env:NONE ? 3", "3"},
	{"./wants.dhall ? 4", "4"},
	{"(1 + ./none.dhall) ? 5", "5"},
	{"./one.dhall ? ./bad.dhall", "1"},
	{"./one.dhall sha256:d60d8415e36e86dae7f42933d3b0c4fe3ca238f057fba206c7e9fbf5d784fe15", "1"},
	{"let L = < Environment : Text | Local : Text | Missing | Remote : Text > in "
	 "merge { Local = \\(t : Text) -> t, Remote = \\(t : Text) -> t, Environment = \\(t : Text) -> t, Missing = \"\" } "
	 "(../other/./x/../y.dhall as Location)", "\"/other/y.dhall\""},
};

static void resolved(void **state)
{
	struct fixture f = {0};

	(void)state;
	f.env.directory = S("/w");
	fixture_open(&f, files);
	for (size_t i = 0; i < SL_COUNT(found); i++)
		assert_string_equal(fixture_eval(&f, found[i].text), found[i].normal);
	assert_int_equal(f.nremembered, 1);
	assert_int_equal(f.remembered[0], 0xd6);
	fixture_close(&f);
}

static const struct {
	enum diag_code code;
	const char *text, *words;
} refused[] = {
	{DIAG_IMPORT_ABSENT, "./none.dhall", "/w/none.dhall"},
	{DIAG_IMPORT_ABSENT, "env:NONE", "NONE"},
	{DIAG_IMPORT_ABSENT, "missing", "missing"},
	{DIAG_IMPORT_ABSENT, "./wants.dhall", "imported here"},
	{DIAG_IMPORT_CYCLE, "./cycle.dhall", "imports itself"},
	{DIAG_IMPORT_CYCLE, "./cycle.dhall ? 1", "imports itself"},
	{DIAG_IMPORT_HASH, "./one.dhall sha256:0000000000000000000000000000000000000000000000000000000000000000", "d60d8415"},
	{DIAG_IMPORT_HASH, "(./one.dhall sha256:0000000000000000000000000000000000000000000000000000000000000000) ? 1", "found:"},
	{DIAG_IMPORT_TEXT, "./latin1.txt as Text", "at byte 3"},
	{DIAG_IMPORT_READ, "./secret.dhall ? 1", "refused"},
	{DIAG_WRONG_OPERAND, "./bad.dhall ? 1", "imported here"},
	{DIAG_SYNTAX_UNEXPECTED, "./torn.dhall ? 1", "torn.dhall"},
};

static void not_resolved(void **state)
{
	struct fixture f = {0};

	(void)state;
	fixture_open(&f, files);
	for (size_t i = 0; i < SL_COUNT(refused); i++)
		for (int again = 0; again < 2; again++) { /* a failed unit is remembered with its complaints */
			enum diag_code code;
			const char *said;

			assert_null(fixture_check(&f, refused[i].text));
			code = fixture_code(&f);
			said = fixture_complaints(&f);
			if (code != refused[i].code || !strstr(said, refused[i].words))
				fail_msg("%s: %s", refused[i].text, said);
		}
	fixture_close(&f);
}

static void dependencies(void **state)
{
	struct fixture f = {0};
	const struct dh_typed *t;
	const str *names;
	size_t n;

	(void)state;
	fixture_open(&f, files);
	t = fixture_check(&f, "[ env:N, ./none.dhall ? 1, ./sub/two.dhall ]");
	assert_non_null(t);
	dhall_dependencies(t, &names, &n);
	assert_int_equal(n, 4);
	assert_str_c(names[0], "/w/none.dhall");
	assert_str_c(names[1], "/w/sub/two.dhall");
	assert_str_c(names[2], "/w/one.dhall");
	assert_str_c(names[3], "env:N");
	dhall_dependencies(dhall_load(f.s, S("/w/one.dhall")), &names, &n);
	assert_int_equal(n, 1);
	assert_str_c(names[0], "/w/one.dhall");
	assert_null(dhall_load(f.s, S("/w/none.dhall")));
	t = fixture_check(&f, "{ a = /w/one.dhall, b = ./one.dhall as Location }"); /* where things are counts */
	assert_non_null(t);
	dhall_dependencies(t, &names, &n);
	assert_int_equal(n, 2);
	assert_str_c(names[0], "/w/one.dhall");
	assert_str_c(names[1], "at:/w/one.dhall");
	fixture_close(&f);
}

/* Four sessions ask for the same files, two of them from either end of a circle. */
struct racer {
	struct fixture *f;
	const char *text;
	bool ok;
	struct diags diags;
};

static void *race(void *ud)
{
	struct racer *r = ud;
	struct dhall *s = dhall_open(r->f->world, &r->diags);
	const struct dh_parsed *p = dhall_parse(s, str_c(r->text), S("(race)"), S("/w"));
	const struct dh_resolved *q = p ? dhall_resolve(s, p) : NULL;

	r->ok = q && dhall_check(s, q);
	dhall_close(s);
	return NULL;
}

static void threads(void **state)
{
	struct racer racers[] = {{.text = "./pair.dhall"}, {.text = "./sub/two.dhall"}, {.text = "./cycle.dhall"}, {.text = "./sub/cycle.dhall"}};
	pthread_t ids[SL_COUNT(racers)];

	(void)state;
	for (int round = 0; round < 20; round++) {
		struct fixture f = {0};

		fixture_open(&f, files);
		for (size_t i = 0; i < SL_COUNT(racers); i++) {
			racers[i].f = &f;
			pthread_create(&ids[i], NULL, race, &racers[i]);
		}
		for (size_t i = 0; i < SL_COUNT(racers); i++) {
			pthread_join(ids[i], NULL);
			assert_int_equal(racers[i].ok, i < 2);
			assert_int_equal(racers[i].diags.errors != 0, i >= 2);
			diags_free(&racers[i].diags);
		}
		assert_true(f.reads <= 5 + 2);
		fixture_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resolved),
		cmocka_unit_test(not_resolved),
		cmocka_unit_test(dependencies),
		cmocka_unit_test(threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
