/* How expressions fail: the code, the place, and what an error leaves behind. */
#include <straylight/base/pool.h>

#include "test.h"
#include "world.h"

static const struct {
	const char *text;
	enum diag_code code;
	uint32_t lo; /* byte where the place begins; UINT32_MAX: anywhere */
} rows[] = {
	{"{ a = 1; b = }", DIAG_NIX_SYNTAX, 13},
	{"1 + (2", DIAG_NIX_SYNTAX, 6},
	{"\"abc", DIAG_NIX_SYNTAX, 0},
	{"/* never", DIAG_NIX_SYNTAX, 8},
	{"1 == 2 == 3", DIAG_NIX_SYNTAX, 7},
	{"./a/", DIAG_NIX_SYNTAX, 0},
	{"let ${\"a\"} = 1; in a", DIAG_NONE, 0},
	{"let ${\"a\" + \"b\"} = 1; in 1", DIAG_NIX_SYNTAX, UINT32_MAX},
	{"99999999999999999999", DIAG_NIX_SYNTAX, 0},
	{"let a = 1; in b", DIAG_NIX_UNDEFINED, 14},
	{"with { a = 1; }; b", DIAG_NIX_UNDEFINED, 17},
	{"{ a = 1; a = 2; }", DIAG_NIX_DUPLICATE, 9},
	{"{ x, x }: x", DIAG_NIX_DUPLICATE, 5},
	{"x@{ x }: x", DIAG_NIX_DUPLICATE, 4},
	{"1 + \"a\"", DIAG_NIX_TYPE, 0},
	{"[ ] ++ [ ] ++ 1 ++ [ ]", DIAG_NIX_TYPE, 14},
	{"1 2", DIAG_NIX_TYPE, 0},
	{"{ a = 1; }.b", DIAG_NIX_MISSING, 0},
	{"({ a }: a) { b = 1; }", DIAG_NIX_ARGUMENT, UINT32_MAX},
	{"throw \"x\"", DIAG_NIX_THROW, 0},
	{"abort \"x\"", DIAG_NIX_ABORT, 0},
	{"builtins.tryEval (abort \"x\")", DIAG_NIX_ABORT, 18},
	{"assert 1 == 2; 3", DIAG_NIX_ASSERT, 7},
	{"let x = x + 1; in x", DIAG_NIX_RECURSION, 8},
	{"import /w/self.nix", DIAG_NIX_RECURSION, UINT32_MAX},
	{"1 / 0", DIAG_NIX_VALUE, 0},
	{"9223372036854775807 + 1", DIAG_NIX_VALUE, 0},
	{"builtins.match \"(\" \"a\"", DIAG_NIX_VALUE, 0},
	{"\"${1}\"", DIAG_NIX_COERCE, 0},
	{"import /w/nothing.nix", DIAG_NIX_FILE, 0},
	{"import /w/bad.nix", DIAG_NIX_SYNTAX, UINT32_MAX},
	{"derivation { name = \"d\"; }", DIAG_NONE, 0},
	{"(derivation { name = \"d\"; }).outPath", DIAG_NIX_DERIVATION, UINT32_MAX},
	{"builtins.toFile \"x\" \"${derivation { name = \"d\"; system = \"s\"; builder = \"/b\"; }}\"", DIAG_NIX_CONTEXT, 0},
	{"import \"${derivation { name = \"d\"; system = \"s\"; builder = \"/b\"; }}/x\"", DIAG_NIX_IMPORT_DERIVATION, 0},
	{"builtins.fetchTarball \"http://x/y\"", DIAG_NIX_FETCH, 0},
	{"builtins.fetchGit { url = \"x\"; }", DIAG_NIX_FETCH, 0},
	{"let f = x: 1 + f x; in f 0", DIAG_NIX_LIMIT_DEPTH, UINT32_MAX},
	{"builtins.fromJSON \"{\"", DIAG_NIX_DATA, 0},
	{"builtins.fromTOML \"a = \"", DIAG_NIX_DATA, 0},
	{"<nothing>", DIAG_NIX_SEARCH, 0},
};

static void check(struct nix *x, struct diags *diags, size_t i)
{
	struct buf b = {0};
	nix_val v;
	bool ok = nix_eval_text(x, str_c(rows[i].text), S("(test)"), S("/d"), &v);

	if (ok != (rows[i].code == DIAG_NONE) || (!ok && diags->last->code != rows[i].code) ||
			(!ok && rows[i].lo != UINT32_MAX && diags->last->at.lo != rows[i].lo)) {
		printf("%s\n  gives %s at %u: %.*s\n", rows[i].text,
				ok ? "a value" : diag_number(diags->last->code), ok ? 0 : diags->last->at.lo,
				STR_ARG(ok ? S("") : diags->last->text));
		fail();
	}
	buf_free(&b);
	diags_free(diags);
}

/* One session has them all: an error leaves it usable. */
static void all(void *ud)
{
	struct diags diags = {0};
	struct nix *x = world_open((struct nix_limits){0}, &diags);

	(void)ud;
	for (size_t i = 0; i < SL_COUNT(rows); i++)
		check(x, &diags, i);
	nix_close(x);
}

static void failures(void **state)
{
	(void)state;
	pool_run_deep(all, NULL);
}

static void limited(struct nix_limits limits, const char *text, enum diag_code code)
{
	struct diags diags = {0};
	struct nix *x = world_open(limits, &diags);
	nix_val v;

	assert_false(nix_eval_text(x, str_c(text), S("(test)"), S("/d"), &v));
	assert_int_equal(diags.first->code, code);
	assert_false(nix_eval_text(x, S("1"), S("(test)"), S("/d"), &v)); /* the session is finished */
	assert_int_equal(diags.errors, 1);
	nix_close(x);
	diags_free(&diags);
}

static void limit_steps(void **state)
{
	(void)state;
	limited((struct nix_limits){.steps = 1000},
			"builtins.foldl' (a: b: a + b) 0 (builtins.genList (i: i) 100000)", DIAG_NIX_LIMIT_STEPS);
	limited((struct nix_limits){.steps = 1000},
			"builtins.tryEval (builtins.foldl' (a: b: a + b) 0 (builtins.genList (i: i) 100000))",
			DIAG_NIX_LIMIT_STEPS);
}

static void limit_bytes(void **state)
{
	(void)state;
	limited((struct nix_limits){.bytes = (size_t)8 << 20},
			"builtins.length (builtins.genList (i: i) 10000000)", DIAG_NIX_LIMIT_BYTES);
}

static bool has_note(const struct diag *d, const char *text)
{
	for (const struct diag_note *n = d->notes; n; n = n->next)
		if (str_find_str(n->text, str_c(text)) < n->text.n)
			return true;
	return false;
}

/* Traces say what was being evaluated; a cycle is shown once, without what led to it. */
static void traces(void **state)
{
	struct diags diags = {0};
	struct nix *x = world_open((struct nix_limits){0}, &diags);
	nix_val v;

	(void)state;
	assert_false(nix_eval_text(x,
			S("let outer = builtins.addErrorContext \"while in outer\" (inner + 1); inner = throw \"no\"; in outer"),
			S("(test)"), S("/d"), &v));
	assert_true(has_note(diags.first, "'inner'"));
	assert_true(has_note(diags.first, "while in outer"));
	assert_true(has_note(diags.first, "'outer'"));
	diags_free(&diags);
	assert_false(nix_eval_text(x, S("let a = b; b = c + 1; c = b; lead = a + 1; in lead"), S("(test)"),
			S("/d"), &v));
	assert_true(has_note(diags.first, "'b'") || has_note(diags.first, "'c'"));
	assert_false(has_note(diags.first, "'lead'"));
	diags_free(&diags);
	assert_false(nix_eval_text(x, S("{ version = 1; name = 2; }.verison"), S("(test)"), S("/d"), &v));
	assert_str_c(diags.first->hint, "did you mean 'version'?");
	diags_free(&diags);
	nix_close(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures),
		cmocka_unit_test(limit_steps),
		cmocka_unit_test(limit_bytes),
		cmocka_unit_test(traces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
