#include <straylight/dhall_site.h>

#include "semantics.h"

static const struct file files[] = {
	{"/w/D.dhall", "{ mk = \\(x : Natural) -> \\(y : Natural) -> { x, y, z = 0 } }"},
	{NULL, NULL},
};

static void put(struct buf *b, const char *text, struct dh_range r)
{
	buf_fmt(b, "%.*s|", (int)(r.hi - r.lo), text + r.lo);
}

/* The parts of the record at a.[0], or of the whole value. */
static void assert_site(const char *text, bool deep, const char *want)
{
	static const char *const prefix = "let D = ./D.dhall in ";
	const struct dh_step path[] = {{intern_c("a"), 0}, {0, 0}};
	struct fixture f = {0};
	struct arena mem = {0};
	struct dh_site s;
	struct buf b = {0};
	const char *all = str_fmt(&mem, "%s%s", prefix, text).p;
	const struct dh_typed *typed;

	fixture_open(&f, files);
	typed = dhall_check(f.s, dhall_resolve(f.s, dhall_parse(f.s, str_c(all), S("/w/main.dhall"), S("/w"))));
	assert_non_null(typed);
	if (dhall_site(typed, path, deep ? 2 : 0, &mem, &s)) {
		put(&b, all, s.bare);
		put(&b, all, s.head);
		for (size_t i = 0; i < s.narguments; i++)
			put(&b, all, s.sources[i]);
		buf_fmt(&b, "%s|", s.maker ? sym_str(s.maker).p : "");
		for (size_t i = 0; i < s.nfields; i++)
			buf_fmt(&b, "%.*s%s%s ", STR_ARG(sym_str(s.fields[i].name)), s.fields[i].record == DH_SITE_WITH ? " with" : "",
					s.fields[i].hidden ? " hidden" : "");
	}
	assert_str_c(buf_view(&b), want);
	assert_str_c(sym_str(dhall_bound_module(typed, S("D"))), "D");
	buf_free(&b);
	arena_clear(&mem);
	fixture_close(&f);
}

static void sites(void **state)
{
	(void)state;
	assert_site("D.mk 1 2 // { x = 3, z = 1 }", false, "D.mk 1 2 // { x = 3, z = 1 }|D.mk|1|2|mk|x z ");
	assert_site("let v = 7 let m = D.mk in (m v 2) // { x = 3 } // { x = 4 }", false,
			"(m v 2) // { x = 3 } // { x = 4 }|m|7|2|mk|x hidden x ");
	assert_site("{ a = [ ((D.mk 1 2) with x = 5), D.mk 3 4 ] }", true, "(D.mk 1 2) with x = 5|D.mk|1|2|mk|x with ");
	assert_site("let r = { a = [ { x = 1 } ] } in r", true, "{ x = 1 }|{ x = 1 }||x ");
}

/* What a function makes is written in no one place. */
static void elsewhere(void **state)
{
	(void)state;
	assert_site("let f = \\(n : Natural) -> { a = [ { x = n } ] } in f 1", true, "");
	assert_site("let f = \\(n : Natural) -> { x = n } in f 1", false, "f 1|f|1||");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sites),
		cmocka_unit_test(elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
