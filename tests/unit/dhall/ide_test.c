#include "ide.h"
#include "semantics.h"

#include <straylight/base/pool.h>

/* In a text, '^' is the place that is asked about. */

struct asked {
	struct fixture f;
	struct dh_ide *ide;
	struct arena mem;
	uint32_t at;
};

static void ask(struct asked *a, const struct file *files, const char *text)
{
	const char *mark = strchr(text, '^');
	struct buf b = {0};

	fixture_open(&a->f, files);
	dhall_close(a->f.s);
	a->f.s = NULL;
	a->at = mark ? (uint32_t)(mark - text) : 0;
	buf_add(&b, text, mark ? a->at : strlen(text));
	if (mark)
		buf_str(&b, str_c(mark + 1));
	a->ide = dhall_ide_open(a->f.world, buf_view(&b), S("/w/main.dhall"), S("/w"));
	buf_free(&b);
}

static void done(struct asked *a)
{
	dhall_ide_close(a->ide);
	fixture_close(&a->f);
	arena_clear(&a->mem);
	*a = (struct asked){0};
}

/* ---- repair ---- */

static void assert_repair(const char *text, const char *want)
{
	struct buf out = {0};
	struct repaired r = ide_repair(str_c(text), (uint32_t)strlen(text), &out);

	assert_int_equal(r.state, REPAIR_CODE);
	assert_str_c(buf_view(&out), want);
	buf_free(&out);
}

static void repairs(void **state)
{
	(void)state;
	assert_repair("", "x");
	assert_repair("let a = fo", "let a = x in x");
	assert_repair("let a = 1 let b = a.", "let a = 1 let b = a.x in x");
	assert_repair("let a = let b = ", "let a = let b = x in x in x");
	assert_repair("let a = let b = 1 in b let c = [ ", "let a = let b = 1 in b let c = [ x] in x");
	assert_repair("\\(a : N", "\\(a : x) -> x");
	assert_repair("\\(a : Natural) -> a.", "\\(a : Natural) -> a.x");
	assert_repair("\\(a : Natural) ", "\\(a : Natural) x -> x");
	assert_repair("forall (a : Type) -> { x : ", "forall (a : Type) -> { x : x}");
	assert_repair("if a then { b = \"${", "if a then { b = \"${x}\"} else x");
	assert_repair("'' ''${ ''' ${ [ ", "'' ''${ ''' ${ [ x]}''");
	assert_repair("r with a.b = < A | B >.", "r with a.b = < A | B >.x");
	assert_repair("{- let { -} ./a/let { a = ", "{- let { -} ./a/let { a = x}");
	assert_repair("a /\\ b //\\\\ c // d == ", "a /\\ b //\\\\ c // d == x");
}

static void assert_state(const char *text, enum repair_state want, uint32_t from)
{
	struct buf out = {0};
	struct repaired r = ide_repair(str_c(text), (uint32_t)strlen(text), &out);

	assert_int_equal(r.state, want);
	assert_int_equal(r.from, from);
	buf_free(&out);
}

static void states(void **state)
{
	(void)state;
	assert_state("1 + 2 -- no", REPAIR_COMMENT, 11);
	assert_state("{- {- -} ", REPAIR_COMMENT, 9);
	assert_state("\"a b", REPAIR_TEXT, 4);
	assert_state("let ab", REPAIR_NAME, 4);
	assert_state("\\(ab", REPAIR_NAME, 2);
	assert_state("let x = ./a/b", REPAIR_PATH, 8);
	assert_state("let x = env:A", REPAIR_VARIABLE, 12);
	assert_state("let x = ./a as T", REPAIR_MODE, 15);
}

/* ---- types ---- */

static void assert_type(const char *text, const char *want)
{
	struct asked a = {0};
	struct dh_seen seen = {0};

	ask(&a, NULL, text);
	if (want) {
		assert_true(dhall_ide_seen(a.ide, a.at, &a.mem, &seen));
		assert_str_c(seen.type, want);
	} else {
		assert_false(dhall_ide_seen(a.ide, a.at, &a.mem, &seen));
	}
	done(&a);
}

static void types(void **state)
{
	(void)state;
	assert_type("^1", "Natural");
	assert_type("let x^y = \"\" in 1", "Text");
	assert_type("let x = 1 in [ x^ ]", "Natural");
	assert_type("\\(a : Type) -> \\(x : a) -> ^x", "a");
	assert_type("\\(a : Type) -> \\(a : a) -> ^a", "a");
	assert_type("{ a.b^.c = True }", "{ c : Bool }");
	assert_type("({ a = { b = 1 } }).a.^b", "Natural");
	assert_type("1 ^ + 2", NULL);
	assert_type("{- ^c -} 1", NULL);
	assert_type("let a = 1 + True let b = ^\"x\" in a", "Text");
	assert_type("let a : Natural = True let b = ^a in b", "Natural");
	assert_type("let a = 1 + True let b = ^a in b", "");
	assert_type("let f = \\(x : Natural) -> [ x ] in ^f 1", "forall (x : Natural) -> List Natural");
}

/* ---- errors ---- */

static size_t errors_of(const char *text)
{
	struct asked a = {0};
	size_t n;

	ask(&a, NULL, text);
	n = dhall_ide_diags(a.ide)->errors;
	done(&a);
	return n;
}

static void errors(void **state)
{
	(void)state;
	assert_int_equal(errors_of("1"), 0);
	assert_int_equal(errors_of("1 +"), 1);
	assert_int_equal(errors_of("let a = 1 + True let b = 2 + False in 3 + \"\""), 3);
	assert_int_equal(errors_of("let a = 1 + True let b = a + 1 let c = b in { c, d = True + 1 }"), 2);
	assert_int_equal(errors_of("let a : Natural = 1 + True let b = a + 1 in b"), 1);
	assert_int_equal(errors_of("let a = ./b let c = ./d in a + c + (1 + True)"), 2);
	assert_int_equal(errors_of("\\(x : Nope) -> { a = x, b = 1 + True }"), 2);
	assert_int_equal(errors_of("(let a = 1 in a) : Text"), 1);
	assert_int_equal(errors_of("{ a = 1, b = { a : Natural, a : Text } }"), 1);
}

/* ---- forgetting ---- */

static void forgets(void **state)
{
	struct file files[] = {{"/w/a", "./b"}, {"/w/b", "1"}, {"/w/c", "2"}, {NULL, NULL}};
	struct asked a = {0};
	size_t reads;

	(void)state;
	ask(&a, files, "./a + ./c + ./gone");
	assert_int_equal(dhall_ide_diags(a.ide)->errors, 1);
	assert_true(dhall_ide_depends(a.ide, S("/w/b")));
	assert_true(dhall_ide_depends(a.ide, S("/w/gone")));
	assert_false(dhall_ide_depends(a.ide, S("/w/other")));
	dhall_ide_close(a.ide);
	reads = a.f.reads;
	files[1].text = "True";
	dhall_forget(a.f.world, S("/w/b"));
	a.ide = dhall_ide_open(a.f.world, S("./a + ./c"), S("/w/main.dhall"), S("/w"));
	assert_int_equal(a.f.reads, reads + 1); /* only b; a is the same text */
	assert_int_equal(dhall_ide_diags(a.ide)->errors, 1);
	done(&a);
}

/* ---- all places of all texts ---- */

static void ask_everywhere(void *ud)
{
	static const char *const texts[] = {
		"let f = \\(x : Natural) -> { a = x, b.c = [ \"${Natural/show x}\" ] } in (f 1).b.c # [ \"\" ]",
		"forall (a : Type) -> < A : a | B > -> (./x as Text)",
		"merge { A = 1, B = \\(n : Natural) -> n } (< A | B : Natural >.B 2) with x.? = 3",
		"let x = 1 let", "{ a = 1, ", "((", "\"${", "''${x", "a.{ b, c }.(d)::{ e }", "{- {-", "`", "", "\xff\xfe", "if",
	};

	(void)ud;
	for (size_t i = 0; i < SL_COUNT(texts); i++)
		for (uint32_t at = 0; at <= strlen(texts[i]); at++) {
			struct asked a = {0};
			struct dh_seen seen;
			struct dh_place place;
			struct dh_range *ranges;
			struct dh_edit *edits;
			struct dh_completion c;
			size_t n;

			ask(&a, NULL, texts[i]);
			if (dhall_ide_seen(a.ide, at, &a.mem, &seen))
				assert_true(seen.at.lo <= seen.at.hi && seen.at.hi <= strlen(texts[i]));
			dhall_ide_definition(a.ide, at, &a.mem, &place);
			if (dhall_ide_occurrences(a.ide, at, &a.mem, &ranges, &n))
				assert_int_equal(dhall_ide_rename(a.ide, at, S("y"), &a.mem, &edits, &n), DH_RENAME_OK);
			dhall_ide_complete(a.ide, NULL, at, &a.mem, &c);
			done(&a);
		}
}

static void everywhere(void **state)
{
	(void)state;
	pool_run_deep(ask_everywhere, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repairs),
		cmocka_unit_test(states),
		cmocka_unit_test(types),
		cmocka_unit_test(errors),
		cmocka_unit_test(forgets),
		cmocka_unit_test(everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
