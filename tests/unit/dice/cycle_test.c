#include "world.h"

NUMBER_KIND(input, .step = NULL);

/* link(k): input(k) names the next link; 0 ends the chain */
static enum dice_step link_step(struct dice_ctx *ctx, const void *key)
{
	union dice_value next, v;

	if (!dice_ask(ctx, &input, key, &next))
		return DICE_WAIT;
	if (next.u == 0)
		return dice_return(ctx, dice_u64(1));
	if (!dice_ask(ctx, dice_kind_of(dice_of(ctx), dice_self(ctx)), &next.u, &v))
		return DICE_WAIT;
	return dice_return(ctx, dice_u64(v.u + 1));
}
NUMBER_KIND(chain, .step = link_step);

/* fork(k) asks chain(k) and chain(k + 1) together */
static enum dice_step fork_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t k = number_of(key), next = k + 1;
	dice_id both[2] = {dice_dep(ctx, &chain, &k), dice_dep(ctx, &chain, &next)};

	if (!dice_need(ctx, both, 2))
		return DICE_WAIT;
	return dice_return(ctx, dice_u64(dice_got(ctx, both[0]).u + dice_got(ctx, both[1]).u));
}
NUMBER_KIND(fork_of, .step = fork_step);

static void set_links(struct world *w, uint64_t n, const uint64_t *to)
{
	struct dice_txn *t = dice_begin(w->d);

	for (uint64_t i = 0; i < n; i++)
		assert_true(dice_inject(t, at(w, &input, i), dice_u64(to[i])));
	dice_commit(t);
}

static void a_cycle_is_named(void **state)
{
	static const uint64_t to[] = {1, 2, 3, 1};
	struct world *w = world_new();

	(void)state;
	set_links(w, 4, to);
	ask_fails(w, at(w, &chain, 0), false, "cycle: chain 1 > chain 2 > chain 3 > chain 1");
	assert_int_equal(dice_stats(w->d).active, 0);
	set(w, &input, 3, 0); /* mended */
	assert_int_equal(ask_key(w, &chain, 0), 4);
	set(w, &input, 3, 2);
	ask_fails(w, at(w, &chain, 0), true, "cycle: chain 2 > chain 3 > chain 2");
	ask_fails(w, at(w, &chain, 3), true, "cycle: chain 2 > chain 3 > chain 2");
	set(w, &input, 9, 0); /* a commit of no concern: still a cycle */
	ask_fails(w, at(w, &chain, 1), true, "cycle: chain 2 > chain 3 > chain 2");
	world_free(w);
}

static void a_key_may_ask_itself(void **state)
{
	static const uint64_t to[] = {0, 1};
	struct world *w = world_new();

	(void)state;
	set_links(w, 2, to);
	ask_fails(w, at(w, &chain, 1), false, "cycle: chain 1 > chain 1");
	world_free(w);
}

static void other_work_goes_on(void **state)
{
	static const uint64_t to[] = {1, 0, 3, 2, 5, 4, 0, 6};
	struct world *w = world_new();
	dice_id want[4] = {at(w, &chain, 0), at(w, &chain, 2), at(w, &chain, 4), at(w, &chain, 7)};

	(void)state;
	set_links(w, 8, to);
	assert_int_equal(dice_run(w->d, want, 4, true), DICE_FAILED);
	assert_false(dice_error(w->d, want[0], NULL, NULL));
	assert_true(dice_error(w->d, want[1], NULL, NULL));
	assert_true(dice_error(w->d, want[2], NULL, NULL));
	assert_false(dice_error(w->d, want[3], NULL, NULL));
	ask_fails(w, at(w, &fork_of, 1), true, "cycle: chain 2 > chain 3 > chain 2");
	ask_fails(w, at(w, &fork_of, 3), true, "cycle: chain 2 > chain 3 > chain 2");
	world_free(w);
}

/* A recorded dependency is no reason to wait: what stands behind a changed one is not asked for. */
static void turning_a_chain_around_is_no_cycle(void **state)
{
	static const uint64_t there[] = {1, 2, 3, 4, 0};
	static const uint64_t back[] = {0, 1, 1, 2, 3};
	struct world *w = world_new();

	(void)state;
	set_links(w, 5, there);
	assert_int_equal(ask_key(w, &chain, 1), 4);
	{
		struct dice_txn *t = dice_begin(w->d);

		for (uint64_t i = 1; i < 5; i++)
			assert_true(dice_inject(t, at(w, &input, i), dice_u64(i == 1 ? 0 : back[i])));
		dice_commit(t);
	}
	assert_int_equal(ask_key(w, &chain, 4), 4);
	assert_int_equal(ask_key(w, &chain, 1), 1);
	world_free(w);
}

static void a_long_cycle(void **state)
{
	struct world *w = world_new();
	dice_id id = at(w, &chain, 1);
	struct dice_txn *t = dice_begin(w->d);
	void *error;
	dice_id root;

	(void)state;
	for (uint64_t i = 1; i <= 200000; i++)
		assert_true(dice_inject(t, at(w, &input, i), dice_u64(i == 200000 ? 1 : i + 1)));
	dice_commit(t);
	assert_int_equal(dice_run(w->d, &id, 1, true), DICE_FAILED);
	assert_true(dice_error(w->d, id, &error, &root));
	assert_int_equal(root.i, id.i);
	set(w, &input, 200000, 0);
	assert_int_equal(ask_id(w, id), 200000);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(a_cycle_is_named),
			cmocka_unit_test(a_key_may_ask_itself),
			cmocka_unit_test(other_work_goes_on),
			cmocka_unit_test(turning_a_chain_around_is_no_cycle),
			cmocka_unit_test(a_long_cycle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
