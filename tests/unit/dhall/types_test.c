#include "semantics.h"

#include <straylight/base/cbor.h>
#include <straylight/base/digest.h>

/* What one process stores and the next recalls. */
struct shelf {
	struct fixture f; /* first: its doors get it */
	struct map *packs;
};

static bool shelf_recall(void *ud, const unsigned char key[32], struct blob **out)
{
	struct blob *b = map_get(((struct shelf *)ud)->packs, str_of((const char *)key, 32));

	if (b)
		*out = blob_new(blob_str(b));
	return b != NULL;
}

static void shelf_store(void *ud, const unsigned char key[32], str bytes)
{
	struct map *packs = ((struct shelf *)ud)->packs;
	str k = str_of((const char *)key, 32);
	struct blob *old = map_get(packs, k);

	map_put(packs, old ? k : str_of(str_zdup(k), 32), blob_new(bytes));
	blob_unref(old);
}

static void packs_free(struct map *packs)
{
	for (size_t i = 0; i < packs->n; i++) {
		blob_unref(packs->entries[i].value);
		mem_free((void *)(uintptr_t)packs->entries[i].key.p);
	}
	map_free(packs);
}

/* The type of a text in a process of its own; "" and its code when it has none. */
static void process(struct map *packs, const struct file *files, uint64_t steps, const char *text,
		const char *type, enum diag_code code)
{
	struct shelf s = {.packs = packs, .f.env = {.recall = shelf_recall, .store = shelf_store, .limits.steps = steps}};
	const struct dh_typed *t;

	fixture_open(&s.f, files);
	t = fixture_check(&s.f, text);
	assert_int_equal(fixture_code(&s.f), code);
	assert_string_equal(t ? fixture_print(&s.f, dhall_type_of(s.f.s, t)) : "", type);
	fixture_close(&s.f);
}

#define SLOW "let a = assert : Natural/fold 5000 Natural (\\(x : Natural) -> x + 1) 0 === 5000 in \\(n : Natural) -> "
#define FEW 1000 /* steps: not enough to check SLOW */

static const struct file before[] = {
	{"/w/slow.dhall", SLOW "n + 1"},
	{"/w/user.dhall", "./slow.dhall 1"},
	{"/w/either.dhall", "./none.dhall ? ./slow.dhall"},
	{NULL, NULL},
};

static const struct file after[] = {
	{"/w/slow.dhall", "\\(n : Natural) -> Natural/show n"},
	{"/w/user.dhall", "./slow.dhall 1"},
	{"/w/either.dhall", "./none.dhall ? ./slow.dhall"},
	{"/w/none.dhall", "True"},
	{NULL, NULL},
};

static void recalled(void **state)
{
	struct map packs = {0};

	(void)state;
	process(&packs, before, FEW, "./user.dhall", "", DIAG_LIMIT_STEPS);
	assert_int_equal(packs.n, 0);
	process(&packs, before, 0, "./user.dhall", "Natural", DIAG_NONE);
	process(&packs, before, FEW, "./user.dhall", "Natural", DIAG_NONE);
	process(&packs, before, FEW, "{ f = ./slow.dhall, x = ./user.dhall }", "", DIAG_LIMIT_STEPS);
	process(&packs, before, FEW, "{ x = ./user.dhall, f = ./slow.dhall }",
			"{ f : forall (n : Natural) -> Natural, x : Natural }", DIAG_NONE);
	process(&packs, before, 0, "./either.dhall", "forall (n : Natural) -> Natural", DIAG_NONE);
	process(&packs, before, FEW, "./either.dhall", "forall (n : Natural) -> Natural", DIAG_NONE);
	packs_free(&packs);
}

/* What an import leads to is part of the key. */
static void changed(void **state)
{
	struct map packs = {0};

	(void)state;
	process(&packs, before, 0, "./user.dhall", "Natural", DIAG_NONE);
	process(&packs, after, 0, "./user.dhall", "Text", DIAG_NONE);
	process(&packs, before, 0, "./either.dhall", "forall (n : Natural) -> Natural", DIAG_NONE);
	process(&packs, after, 0, "./either.dhall", "Bool", DIAG_NONE);
	packs_free(&packs);
}

/* Every pack with each of its types replaced, and sealed again. */
static void replace_types(struct map *packs, str type)
{
	for (size_t i = 0; i < packs->n; i++) {
		struct blob *old = packs->entries[i].value;
		struct cbor in = cbor_over(str_upto(blob_str(old), old->n - 32));
		unsigned char seal[32];
		struct buf b = {0};

		while (in.at < in.in.n) {
			cbor_bytes(&b, cbor_get_bytes(&in));
			cbor_get_bytes(&in);
			assert_int_equal(in.bad, CBOR_OK);
			cbor_bytes(&b, type);
		}
		sha256(buf_view(&b), seal);
		buf_str(&b, str_of((const char *)seal, 32));
		packs->entries[i].value = blob_new(buf_view(&b));
		blob_unref(old);
		buf_free(&b);
	}
}

static void damaged(void **state)
{
	struct map packs = {0};
	struct blob *b, *bad;
	char *bytes;

	(void)state;
	process(&packs, before, 0, "./user.dhall", "Natural", DIAG_NONE);
	assert_int_equal(packs.n, 1);
	b = packs.entries[0].value;
	for (size_t at = 0; at < b->n; at += 7) {
		bytes = mem_alloc(b->n);
		memcpy(bytes, blob_str(b).p, b->n);
		bytes[at] ^= 1;
		bad = blob_new(str_of(bytes, b->n));
		mem_free(bytes);
		packs.entries[0].value = bad;
		process(&packs, before, FEW, "./user.dhall", "", DIAG_LIMIT_STEPS);
		blob_unref(packs.entries[0].value);
	}
	packs.entries[0].value = b;
	replace_types(&packs, S("\xff"));
	process(&packs, before, 0, "./user.dhall", "Natural", DIAG_NONE);
	packs_free(&packs);
}

/* A file that nobody imports: its type is found by each session that asks, and only its imports' types are kept. */
static void outermost(void **state)
{
	static const char *const paths[] = {"/w/slow.dhall", "/w/user.dhall"};
	static const char *const types[] = {"forall (n : Natural) -> Natural", "Natural"};
	struct map packs = {0};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(paths); i++) {
		struct shelf s = {.packs = &packs, .f.env = {.recall = shelf_recall, .store = shelf_store}};
		const struct dh_typed *t;
		struct dhall *other;

		fixture_open(&s.f, before);
		t = dhall_load(s.f.s, str_c(paths[i]));
		assert_non_null(t);
		assert_string_equal(fixture_print(&s.f, dhall_type_of(s.f.s, t)), types[i]);
		assert_int_equal(packs.n, i);
		other = s.f.s;
		s.f.s = dhall_open(s.f.world, &s.f.diags);
		assert_ptr_equal(dhall_load(s.f.s, str_c(paths[i])), t);
		assert_string_equal(fixture_print(&s.f, dhall_type_of(s.f.s, t)), types[i]);
		dhall_close(other);
		fixture_close(&s.f);
	}
	packs_free(&packs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recalled),
		cmocka_unit_test(changed),
		cmocka_unit_test(damaged),
		cmocka_unit_test(outermost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
