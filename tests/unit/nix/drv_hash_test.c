#include "nix_test.h"
#include <straylight/base.h>

/* drv/ has derivations that Nix 2.8 wrote: fixed outputs of four kinds, two outputs, outputs addressed by
 * content, impure ones, and dependants of all of them. */
#define FOLDER "tests/unit/nix/drv"

struct world {
	struct arena a;
	struct map drvs; /* path to derivation */
	size_t asked;
};

static const struct drv *find(void *ud, str path, struct diags *diags)
{
	struct world *w = ud;

	(void)diags;
	w->asked++;
	return map_get(&w->drvs, path);
}

static void put(struct world *w, str path, str text)
{
	map_put(&w->drvs, path, parsed(&w->a, text, path.p));
}

static void load(struct world *w)
{
	str *names;
	size_t n;

	assert_int_equal(os_list(&w->a, FOLDER, &names, &n), 0);
	for (size_t i = 0; i < n; i++) {
		struct blob *b;

		assert_int_equal(os_read(os_join(&w->a, S(FOLDER), names[i]), 0, &b), 0);
		put(w, str_fmt(&w->a, "/nix/store/%.*s", STR_ARG(names[i])), str_dup(&w->a, blob_str(b)));
		blob_unref(b);
	}
	assert_int_equal(n, 10);
}

static void unload(struct world *w)
{
	map_free(&w->drvs);
	arena_clear(&w->a);
}

static void every_path_is_the_written_one(void **state)
{
	struct world w = {0};
	struct diags diags = {0};
	struct drv_memo *m = drv_memo_new(S(NIX_STORE_DIR), find, &w);

	(void)state;
	load(&w);
	for (size_t i = 0; i < w.drvs.n; i++) {
		const struct drv *d = w.drvs.entries[i].value;

		if (!drv_check(d, w.drvs.entries[i].key, m, &diags))
			fail_msg("%.*s", STR_ARG(diags.first->text));
		assert_str(drv_path(d, &w.a, S(NIX_STORE_DIR)), w.drvs.entries[i].key);
	}
	diags_free(&diags);
	drv_memo_free(m);
	unload(&w);
}

/* Emptied outputs and variables come back. */
static void filling_is_the_inverse_of_masking(void **state)
{
	struct world w = {0};
	struct diags diags = {0};
	struct drv_memo *m = drv_memo_new(S(NIX_STORE_DIR), find, &w);

	(void)state;
	load(&w);
	for (size_t i = 0; i < w.drvs.n; i++) {
		const struct drv *d = w.drvs.entries[i].value;
		struct buf before = {0}, after = {0};
		struct drv *copy;

		drv_print(d, &before);
		copy = parsed(&w.a, buf_view(&before), w.drvs.entries[i].key.p);
		for (size_t o = 0; o < copy->noutputs; o++) {
			copy->outputs[o].path = S("");
			for (size_t e = 0; e < copy->nenv; e++)
				if (str_eq(copy->env[e].key, copy->outputs[o].name))
					copy->env[e].value = S("");
		}
		assert_true(drv_fill(copy, m, &w.a, &diags));
		drv_print(copy, &after);
		assert_str(buf_view(&after), buf_view(&before));
		buf_free(&before);
		buf_free(&after);
	}
	drv_memo_free(m);
	unload(&w);
}

static void a_deferred_input_makes_a_deferred_hash(void **state)
{
	struct world w = {0};
	struct diags diags = {0};
	struct drv_memo *m = drv_memo_new(S(NIX_STORE_DIR), find, &w);
	struct drv_hash h;
	str user2 = S("/nix/store/1901d2ixa1n2v91hmhgqjh6br84dxi1r-user2.drv");
	str b = S("/nix/store/is8w61sfq7qvbgb53c7s3ilxwhg3kn3z-b.drv");

	(void)state;
	load(&w);
	assert_true(drv_hash_modulo(m, user2, map_get(&w.drvs, user2), &h, &diags));
	assert_true(h.deferred);
	assert_true(drv_hash_modulo(m, b, map_get(&w.drvs, b), &h, &diags));
	assert_false(h.deferred);
	drv_memo_free(m);
	unload(&w);
}

static void an_impure_one_has_the_hash_of_that_word(void **state)
{
	struct world w = {0};
	struct diags diags = {0};
	struct drv_memo *m = drv_memo_new(S(NIX_STORE_DIR), find, &w);
	str imp = S("/nix/store/063k7v39p1qr74jc37ms4y5rpkw9dsbc-imp.drv");
	unsigned char want[32];
	struct drv_hash h;

	(void)state;
	load(&w);
	sha256(S("impure"), want);
	assert_true(drv_hash_modulo(m, imp, map_get(&w.drvs, imp), &h, &diags));
	assert_true(h.deferred);
	assert_memory_equal(h.b, want, 32);
	drv_memo_free(m);
	unload(&w);
}

static void each_derivation_is_asked_for_once(void **state)
{
	struct world w = {0};
	struct diags diags = {0};
	struct drv_memo *m = drv_memo_new(S(NIX_STORE_DIR), find, &w);
	str b = S("/nix/store/is8w61sfq7qvbgb53c7s3ilxwhg3kn3z-b.drv");
	struct drv_hash one, two;

	(void)state;
	load(&w);
	assert_true(drv_hash_modulo(m, b, map_get(&w.drvs, b), &one, &diags));
	assert_int_equal(w.asked, 5); /* a and its four fixed inputs */
	assert_true(drv_memo_has(m, b));
	assert_true(drv_hash_modulo(m, b, map_get(&w.drvs, b), &two, &diags));
	assert_memory_equal(one.b, two.b, 32);
	assert_int_equal(w.asked, 5);
	drv_memo_free(m);
	unload(&w);
}

/* Two derivations of one fixed output are one input, whose used outputs are merged. */
static void inputs_with_one_hash_are_merged(void **state)
{
	static const char fixed[] = "Derive([(\"out\",\"\",\"md5\",\"00000000000000000000000000000000\")],[],[],\"s\",\"%s\",[],[])";
	struct world w = {0};
	struct diags diags = {0};
	struct drv_memo *m = drv_memo_new(S(NIX_STORE_DIR), find, &w);
	struct drv_hash both, first, second;

	(void)state;
	put(&w, S("/1/f.drv"), str_fmt(&w.a, fixed, "curl"));
	put(&w, S("/2/f.drv"), str_fmt(&w.a, fixed, "wget"));
	assert_true(drv_hash_masked(m, parsed(&w.a, simple_drv(&w.a, "[(\"/1/f.drv\",[\"out\"])]", "[]"), "x.drv"), &first, &diags));
	assert_true(drv_hash_masked(m, parsed(&w.a, simple_drv(&w.a, "[(\"/2/f.drv\",[\"out\"])]", "[]"), "x.drv"), &second, &diags));
	assert_true(drv_hash_masked(m, parsed(&w.a, simple_drv(&w.a, "[(\"/1/f.drv\",[\"out\"]),(\"/2/f.drv\",[\"out\"])]", "[]"), "x.drv"),
			&both, &diags));
	assert_memory_equal(first.b, second.b, 32);
	assert_memory_equal(first.b, both.b, 32);
	drv_memo_free(m);
	unload(&w);
}

static void refuse(struct world *w, str path, enum diag_code code, const char *says)
{
	struct diags diags = {0};
	struct drv_memo *m = drv_memo_new(S(NIX_STORE_DIR), find, w);
	struct drv_hash h;

	assert_false(drv_hash_modulo(m, path, map_get(&w->drvs, path), &h, &diags));
	assert_int_equal(diags.errors, 1);
	assert_int_equal(diags.first->code, code);
	assert_str_c(diags.first->text, says);
	assert_false(drv_memo_has(m, path));
	diags_free(&diags);
	drv_memo_free(m);
}

static void wrong_closures_are_refused(void **state)
{
	struct world w = {0};

	(void)state;
	put(&w, S("/none.drv"), simple_drv(&w.a, "[(\"/absent.drv\",[\"out\"])]", "[]"));
	put(&w, S("/lacks.drv"), simple_drv(&w.a, "[(\"/leaf.drv\",[\"doc\"])]", "[]"));
	put(&w, S("/leaf.drv"), simple_drv(&w.a, "[]", "[]"));
	put(&w, S("/a.drv"), simple_drv(&w.a, "[(\"/b.drv\",[\"out\"])]", "[]"));
	put(&w, S("/b.drv"), simple_drv(&w.a, "[(\"/a.drv\",[\"out\"])]", "[]"));
	refuse(&w, S("/none.drv"), DIAG_DRV_MISSING, "the input derivation '/absent.drv' of '/none.drv' is not there");
	refuse(&w, S("/lacks.drv"), DIAG_DRV_MISSING, "'/leaf.drv' has no output 'doc', which '/lacks.drv' uses");
	refuse(&w, S("/a.drv"), DIAG_DRV_CYCLE, "'/a.drv' needs itself, through '/b.drv'");
	unload(&w);
}

/* No stack is deep enough for a chain of this length. */
static void chains_of_any_length(void **state)
{
	struct world w = {0};
	struct diags diags = {0};
	struct drv_memo *m = drv_memo_new(S(NIX_STORE_DIR), find, &w);
	struct drv_hash h;
	str path = {0};

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		str inputs = i ? str_fmt(&w.a, "[(\"%.*s\",[\"out\"])]", STR_ARG(path)) : S("[]");

		path = str_fmt(&w.a, "/%u.drv", i);
		put(&w, path, simple_drv(&w.a, inputs.p, "[]"));
	}
	assert_true(drv_hash_modulo(m, path, map_get(&w.drvs, path), &h, &diags));
	drv_memo_free(m);
	unload(&w);
}

static void another_path_is_told(void **state)
{
	struct world w = {0};
	struct diags diags = {0};
	struct drv_memo *m = drv_memo_new(S(NIX_STORE_DIR), find, &w);
	struct drv *d;

	(void)state;
	d = parsed(&w.a, S("Derive([(\"out\",\"/nix/store/x\",\"\",\"\")],[],[],\"s\",\"b\",[],[])"), "x.drv");
	assert_false(drv_check(d, S("x.drv"), m, &diags));
	assert_int_equal(diags.first->code, DIAG_DRV_PATH);
	assert_str_c(diags.first->notes->text, "written: /nix/store/x");
	diags_free(&diags);
	drv_memo_free(m);
	unload(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_path_is_the_written_one),
		cmocka_unit_test(filling_is_the_inverse_of_masking),
		cmocka_unit_test(a_deferred_input_makes_a_deferred_hash),
		cmocka_unit_test(an_impure_one_has_the_hash_of_that_word),
		cmocka_unit_test(each_derivation_is_asked_for_once),
		cmocka_unit_test(inputs_with_one_hash_are_merged),
		cmocka_unit_test(wrong_closures_are_refused),
		cmocka_unit_test(chains_of_any_length),
		cmocka_unit_test(another_path_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
