#include "world.h"

NUMBER_KIND(input, .step = NULL);

/* ---- keys ---- */

struct wide {
	uint64_t a, b;
	uint32_t c, zero;
};

static const struct dice_kind wide = {.name = "wide", .key_size = sizeof(struct wide)};
static const struct dice_kind small = {.name = "small", .key_size = 4};
static const struct dice_kind odd = {.name = "odd", .key_size = 3};
static const struct dice_kind unit = {.name = "unit", .key_size = 0};

static unsigned hashed;

static uint64_t hash_low(const void *key)
{
	hashed++;
	return number_of(key) & 0xff;
}

static bool equal_low(const void *key, const void *other)
{
	return (number_of(key) & 0xff) == (number_of(other) & 0xff);
}
static const struct dice_kind low = {.name = "low", .key_size = 8, .hash = hash_low, .equal = equal_low};

static void keys_are_their_bytes(void **state)
{
	struct world *w = world_new();
	struct wide k = {1, 2, 3, 0}, other = {1, 2, 4, 0};
	uint32_t four = 4, five = 5;
	dice_id id = dice_key(w->d, &wide, &k);

	(void)state;
	assert_int_equal(dice_find(w->d, &wide, &other).i, 0);
	assert_int_not_equal(dice_key(w->d, &wide, &other).i, id.i);
	k.a = 9; /* the engine has its own copy */
	assert_int_equal(dice_find(w->d, &wide, &k).i, 0);
	k.a = 1;
	assert_int_equal(dice_key(w->d, &wide, &k).i, id.i);
	assert_memory_equal(dice_key_of(w->d, id), &k, sizeof k);
	assert_ptr_equal(dice_kind_of(w->d, id), &wide);
	assert_int_not_equal(dice_key(w->d, &small, &four).i, dice_key(w->d, &small, &five).i);
	assert_int_equal(dice_key(w->d, &odd, "abc").i, dice_key(w->d, &odd, "abcd").i);
	assert_int_not_equal(dice_key(w->d, &odd, "abc").i, dice_key(w->d, &odd, "abd").i);
	assert_int_equal(dice_key(w->d, &unit, NULL).i, dice_key(w->d, &unit, NULL).i);
	world_free(w);
}

static void kinds_are_apart(void **state)
{
	struct world *w = world_new();

	(void)state;
	assert_int_not_equal(at(w, &input, 7).i, at(w, &low, 7).i);
	assert_int_equal(at(w, &low, 7).i, at(w, &low, 0x107).i);
	assert_int_not_equal(at(w, &low, 7).i, at(w, &low, 8).i);
	world_free(w);
}

static void many_keys_are_found_again(void **state)
{
	struct world *w = world_new();

	(void)state;
	for (uint64_t i = 0; i < 100000; i++) {
		struct wide k = {i, i * i, (uint32_t)i, 0};

		assert_int_equal(at(w, &input, i * 1000).i, 2 * i + 1);
		assert_int_equal(dice_key(w->d, &wide, &k).i, 2 * i + 2);
	}
	for (uint64_t i = 0; i < 100000; i++) {
		struct wide k = {i, i * i, (uint32_t)i, 0};

		assert_int_equal(at(w, &input, i * 1000).i, 2 * i + 1);
		assert_int_equal(dice_find(w->d, &wide, &k).i, 2 * i + 2);
	}
	assert_int_equal(dice_stats(w->d).nodes, 200000);
	world_free(w);
}

static void descriptions_name_kind_and_key(void **state)
{
	struct world *w = world_new();
	struct arena a = {0};
	struct wide k = {1, 2, 3, 0};

	(void)state;
	assert_str_c(dice_describe(w->d, at(w, &input, 42), &a), "input 42");
	assert_str_c(dice_describe(w->d, dice_key(w->d, &wide, &k), &a), "wide");
	arena_clear(&a);
	world_free(w);
}

/* ---- the last dependencies predict the next ---- */

static enum dice_step twenty_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t from = number_of(key), total = 0;
	dice_id ids[20];

	for (uint64_t i = 0; i < 20; i++) {
		uint64_t k = from + i;

		ids[i] = dice_dep(ctx, &low, &k);
	}
	if (!dice_need(ctx, ids, 20))
		return DICE_WAIT;
	for (int i = 0; i < 20; i++)
		total += dice_got(ctx, ids[i]).u;
	return dice_return(ctx, dice_u64(total));
}
NUMBER_KIND(twenty, .step = twenty_step);

static void recomputing_hashes_nothing(void **state)
{
	struct world *w = world_new();
	struct dice_txn *t = dice_begin(w->d);
	dice_id id = at(w, &twenty, 0);

	(void)state;
	for (uint64_t i = 0; i < 20; i++)
		assert_true(dice_inject(t, at(w, &low, i), dice_u64(1)));
	dice_commit(t);
	assert_int_equal(ask_id(w, id), 20);
	set(w, &low, 3, 5);
	hashed = 0;
	assert_int_equal(ask_id(w, id), 24);
	assert_int_equal(hashed, 0);
	world_free(w);
}

/* ---- memory ---- */

/* mean(k): four inputs near k */
static enum dice_step mean_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t k = number_of(key);
	dice_id ids[2];

	for (uint64_t i = 0; i < 2; i++) {
		uint64_t near = (k + i * 7) % 5000;

		ids[i] = dice_dep(ctx, &input, &near);
	}
	if (!dice_need(ctx, ids, 2))
		return DICE_WAIT;
	return dice_return(ctx, dice_u64(dice_got(ctx, ids[0]).u + dice_got(ctx, ids[1]).u));
}
NUMBER_KIND(mean, .step = mean_step);

static void a_node_takes_at_most_120_bytes(void **state)
{
	static const size_t sizes[] = {10007, 40009, 70001, 99991};
	struct world *w = world_new();
	struct dice_txn *t = dice_begin(w->d);
	uint64_t k = 0;

	(void)state;
	for (uint64_t i = 0; i < 5000; i++)
		assert_true(dice_inject(t, at(w, &input, i), dice_u64(i)));
	dice_commit(t);
	for (size_t i = 0; i < SL_COUNT(sizes); i++) {
		struct dice_stats s;

		for (; k < sizes[i]; k += 1000) {
			dice_id ids[1000];

			for (uint64_t j = 0; j < 1000; j++)
				ids[j] = at(w, &mean, k + j);
			assert_int_equal(dice_run(w->d, ids, 1000, true), DICE_OK);
		}
		s = dice_stats(w->d);
		assert_true(s.bytes <= 120 * s.nodes);
	}
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(keys_are_their_bytes),
			cmocka_unit_test(kinds_are_apart),
			cmocka_unit_test(many_keys_are_found_again),
			cmocka_unit_test(descriptions_name_kind_and_key),
			cmocka_unit_test(recomputing_hashes_nothing),
			cmocka_unit_test(a_node_takes_at_most_120_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
