#include "world.h"

NUMBER_KIND(input, .step = NULL);

/* chain(0) = input(0) + 1, chain(k) = chain(k - 1) + 1 */
static enum dice_step chain_step(struct dice_ctx *ctx, const void *key);
NUMBER_KIND(chain, .step = chain_step);

static enum dice_step chain_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t k = number_of(key), below = k ? k - 1 : 0;
	union dice_value v;

	if (!dice_ask(ctx, k ? &chain : &input, &below, &v))
		return DICE_WAIT;
	return dice_return(ctx, dice_u64(v.u + 1));
}

/* parity(k) = input(k) mod 2 */
static enum dice_step parity_step(struct dice_ctx *ctx, const void *key)
{
	union dice_value v;

	if (!dice_ask(ctx, &input, key, &v))
		return DICE_WAIT;
	return dice_return(ctx, dice_u64(v.u % 2));
}
NUMBER_KIND(parity, .step = parity_step);

/* above(k) = parity(k) + 10 */
static enum dice_step above_step(struct dice_ctx *ctx, const void *key)
{
	union dice_value v;

	if (!dice_ask(ctx, &parity, key, &v))
		return DICE_WAIT;
	return dice_return(ctx, dice_u64(v.u + 10));
}
NUMBER_KIND(above, .step = above_step);

static void computes_and_recomputes(void **state)
{
	struct world *w = world_new();

	(void)state;
	assert_int_equal(set(w, &input, 0, 5), 2);
	assert_int_equal(ask_key(w, &chain, 9), 15);
	assert_int_equal(w->seen[DICE_EV_START], 10);
	assert_int_equal(ask_key(w, &chain, 9), 15);
	assert_int_equal(w->seen[DICE_EV_START], 10);
	assert_int_equal(set(w, &input, 0, 7), 3);
	assert_int_equal(ask_key(w, &chain, 4), 12); /* only what is asked */
	assert_int_equal(w->seen[DICE_EV_START], 15);
	assert_int_equal(ask_key(w, &chain, 9), 17);
	assert_int_equal(w->seen[DICE_EV_START], 20);
	world_free(w);
}

static void unchanged_injection_makes_no_version(void **state)
{
	struct world *w = world_new();
	uint32_t version = set(w, &input, 0, 5);

	(void)state;
	assert_int_equal(ask_key(w, &chain, 3), 9);
	assert_int_equal(set(w, &input, 0, 5), version);
	assert_int_equal(dice_version(w->d), version);
	assert_int_equal(dice_commit(dice_begin(w->d)), version);
	world_forget(w);
	assert_int_equal(ask_key(w, &chain, 3), 9);
	assert_int_equal(w->seen[DICE_EV_START] + w->seen[DICE_EV_REUSED], 0);
	world_free(w);
}

static void injecting_twice_is_an_error(void **state)
{
	struct world *w = world_new();
	struct dice_txn *t = dice_begin(w->d);
	dice_id id = at(w, &input, 0);

	(void)state;
	assert_null(dice_begin(w->d));
	assert_true(dice_inject(t, id, dice_u64(1)));
	assert_false(dice_inject(t, id, dice_u64(2)));
	assert_int_equal(dice_commit(t), 2);
	assert_int_equal(ask_id(w, id), 1);
	assert_int_equal(set(w, &input, 0, 2), 3); /* the next transaction may */
	world_free(w);
}

static void abort_undoes(void **state)
{
	struct world *w = world_new();
	struct dice_txn *t;

	(void)state;
	set(w, &input, 0, 5);
	assert_int_equal(ask_key(w, &chain, 0), 6);
	t = dice_begin(w->d);
	assert_true(dice_inject(t, at(w, &input, 0), dice_u64(8)));
	dice_touch(t, at(w, &chain, 0));
	dice_abort(t);
	assert_int_equal(dice_version(w->d), 2);
	assert_int_equal(ask_key(w, &chain, 0), 6);
	assert_int_equal(w->seen[DICE_EV_START], 1);
	assert_int_equal(set(w, &input, 0, 9), 3);
	assert_int_equal(ask_key(w, &chain, 0), 10);
	world_free(w);
}

static void equal_values_stop_the_wave(void **state)
{
	struct world *w = world_new();

	(void)state;
	set(w, &input, 0, 1);
	assert_int_equal(ask_key(w, &above, 0), 11);
	set(w, &input, 0, 3);
	world_forget(w);
	assert_int_equal(ask_key(w, &above, 0), 11);
	assert_int_equal(w->seen[DICE_EV_START], 1);
	assert_int_equal(w->of[DICE_EV_CUTOFF][at(w, &parity, 0).i], 1);
	assert_int_equal(w->of[DICE_EV_REUSED][at(w, &above, 0).i], 1);
	set(w, &input, 0, 4);
	assert_int_equal(ask_key(w, &above, 0), 10);
	world_free(w);
}

static void values_come_back_when_inputs_do(void **state)
{
	struct world *w = world_new();

	(void)state;
	set(w, &input, 0, 1);
	assert_int_equal(ask_key(w, &above, 0), 11);
	set(w, &input, 0, 2); /* never asked at this version */
	set(w, &input, 0, 1);
	world_forget(w);
	assert_int_equal(ask_key(w, &above, 0), 11);
	assert_int_equal(w->seen[DICE_EV_START], 1); /* parity, cut off */
	world_free(w);
}

static void touch_runs_again(void **state)
{
	struct world *w = world_new();

	(void)state;
	set(w, &input, 0, 1);
	ask_key(w, &above, 0);
	world_forget(w);
	assert_int_equal(touch_one(w, at(w, &parity, 0)), 3);
	assert_int_equal(ask_key(w, &above, 0), 11);
	assert_int_equal(w->of[DICE_EV_CUTOFF][at(w, &parity, 0).i], 1);
	assert_int_equal(w->of[DICE_EV_START][at(w, &above, 0).i], 0);
	world_forget(w);
	touch_one(w, at(w, &input, 0)); /* an input keeps its value, its readers run */
	assert_int_equal(ask_key(w, &above, 0), 11);
	assert_int_equal(w->of[DICE_EV_START][at(w, &parity, 0).i], 1);
	assert_int_equal(touch_one(w, at(w, &above, 77)), 4); /* never computed: nothing to do */
	world_free(w);
}

static void inject_overrides_a_step(void **state)
{
	struct world *w = world_new();

	(void)state;
	set(w, &input, 0, 1);
	assert_int_equal(ask_key(w, &above, 0), 11);
	set(w, &parity, 0, 7);
	assert_int_equal(ask_key(w, &above, 0), 17);
	set(w, &input, 0, 2); /* nobody reads it any more */
	world_forget(w);
	assert_int_equal(ask_key(w, &above, 0), 17);
	assert_int_equal(w->seen[DICE_EV_START], 0);
	touch_one(w, at(w, &parity, 0)); /* back to the step */
	assert_int_equal(ask_key(w, &above, 0), 10);
	world_free(w);
}

static void an_equal_injection_overrides_too(void **state)
{
	struct world *w = world_new();

	(void)state;
	set(w, &input, 0, 1);
	assert_int_equal(ask_key(w, &parity, 0), 1);
	set(w, &parity, 0, 1);
	set(w, &input, 0, 2);
	assert_int_equal(ask_key(w, &parity, 0), 1);
	world_free(w);
}

static void older_versions_are_read_while_held(void **state)
{
	struct world *w = world_new();
	dice_id id = at(w, &chain, 0);
	union dice_value v;
	uint32_t since, until;

	(void)state;
	assert_false(dice_last(w->d, id, &v, NULL, NULL));
	set(w, &input, 0, 5); /* version 2 */
	ask_id(w, id);
	set(w, &input, 1, 0); /* 3: of no concern */
	assert_true(dice_at(w->d, id, 2, &v));
	assert_true(dice_at(w->d, id, 3, &v));
	assert_false(dice_at(w->d, id, 1, &v));
	set(w, &input, 0, 6); /* 4 */
	assert_false(dice_peek(w->d, id, &v));
	assert_true(dice_last(w->d, id, &v, &since, &until));
	assert_int_equal(v.u, 6);
	assert_int_equal(since, 2);
	assert_int_equal(until, 3);
	assert_false(dice_at(w->d, id, 4, &v));
	ask_id(w, id);
	assert_true(dice_at(w->d, id, 4, &v));
	assert_int_equal(v.u, 7);
	assert_false(dice_at(w->d, id, 3, &v)); /* replaced */
	world_free(w);
}

static void a_gap_is_not_claimed(void **state)
{
	struct world *w = world_new();
	dice_id id = at(w, &chain, 1);
	union dice_value v;

	(void)state;
	set(w, &input, 0, 5); /* 2 */
	ask_id(w, id);
	set(w, &input, 0, 6); /* 3: not asked; it would be 8 */
	set(w, &input, 0, 5); /* 4 */
	assert_int_equal(ask_id(w, id), 7);
	assert_false(dice_at(w->d, id, 3, &v));
	assert_true(dice_at(w->d, id, 4, &v));
	set(w, &input, 0, 9);
	assert_true(dice_at(w->d, id, 4, &v));
	assert_false(dice_at(w->d, id, 3, &v));
	assert_false(dice_at(w->d, id, 5, &v));
	world_free(w);
}

/* ---- counted values ---- */

static unsigned boxes;

static union dice_value box_new(uint64_t u)
{
	uint64_t *p = mem_make(uint64_t);

	*p = u;
	boxes++;
	return dice_ptr(p);
}

static void box_free(union dice_value v)
{
	boxes--;
	mem_free(v.p);
}

static bool box_same(union dice_value was, union dice_value now)
{
	return *(uint64_t *)was.p == *(uint64_t *)now.p;
}

NUMBER_KIND(box, .same = box_same, .release = box_free);

static enum dice_step half_step(struct dice_ctx *ctx, const void *key)
{
	union dice_value v;

	if (!dice_ask(ctx, &box, key, &v))
		return DICE_WAIT;
	return dice_return(ctx, box_new(*(uint64_t *)v.p / 2));
}
NUMBER_KIND(half, .step = half_step, .same = box_same, .release = box_free);

static void set_box(struct world *w, uint64_t u)
{
	struct dice_txn *t = dice_begin(w->d);

	assert_true(dice_inject(t, at(w, &box, 0), box_new(u)));
	assert_false(dice_inject(t, at(w, &box, 0), box_new(u + 1)));
	dice_commit(t);
}

static void an_equal_value_is_the_same_instance(void **state)
{
	struct world *w = world_new();
	void *was, *now;

	(void)state;
	set_box(w, 10);
	was = (void *)(uintptr_t)ask_key(w, &half, 0);
	set_box(w, 11);
	now = (void *)(uintptr_t)ask_key(w, &half, 0);
	assert_ptr_equal(was, now);
	set_box(w, 11); /* equal to the last: dropped */
	set_box(w, 12);
	now = (void *)(uintptr_t)ask_key(w, &half, 0);
	assert_int_equal(*(uint64_t *)now, 6);
	assert_int_equal(boxes, 2);
	dice_abort(dice_begin(w->d));
	assert_true(dice_inject(dice_begin(w->d), at(w, &box, 5), box_new(1))); /* never committed */
	world_free(w);
	assert_int_equal(boxes, 0);
}

/* ---- transient values ---- */

static enum dice_step clock_step(struct dice_ctx *ctx, const void *key)
{
	struct world *w = dice_ctx_ud(ctx);

	(void)key;
	return dice_return(ctx, dice_u64(*(uint64_t *)w->more));
}

static bool is_odd(union dice_value v)
{
	return v.u % 2 == 1;
}
NUMBER_KIND(tick, .step = clock_step, .transient = is_odd);

static enum dice_step reader_step(struct dice_ctx *ctx, const void *key)
{
	union dice_value v;

	if (!dice_ask(ctx, &tick, key, &v))
		return DICE_WAIT;
	return dice_return(ctx, dice_u64(v.u * 100));
}
NUMBER_KIND(reader, .step = reader_step);

static void transient_values_live_one_transaction(void **state)
{
	struct world *w = world_new();
	uint64_t now = 1;
	dice_id why;

	(void)state;
	w->more = &now;
	assert_int_equal(ask_key(w, &reader, 0), 100);
	assert_int_equal(ask_key(w, &reader, 0), 100);
	assert_int_equal(w->seen[DICE_EV_START], 2); /* not within the transaction */
	assert_int_equal(dice_commit(dice_begin(w->d)), 2);
	world_forget(w);
	assert_int_equal(ask_key(w, &reader, 0), 100);
	assert_int_equal(w->seen[DICE_EV_START], 1); /* asked again, and the same */
	assert_int_equal(dice_why(w->d, at(w, &tick, 0), &why), DICE_TRANSIENT);
	now = 2;
	dice_commit(dice_begin(w->d));
	assert_int_equal(ask_key(w, &reader, 0), 200);
	now = 3;
	assert_int_equal(dice_commit(dice_begin(w->d)), 3); /* 2 is for good */
	assert_int_equal(ask_key(w, &reader, 0), 200);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(computes_and_recomputes),
			cmocka_unit_test(unchanged_injection_makes_no_version),
			cmocka_unit_test(injecting_twice_is_an_error),
			cmocka_unit_test(abort_undoes),
			cmocka_unit_test(equal_values_stop_the_wave),
			cmocka_unit_test(values_come_back_when_inputs_do),
			cmocka_unit_test(touch_runs_again),
			cmocka_unit_test(inject_overrides_a_step),
			cmocka_unit_test(an_equal_injection_overrides_too),
			cmocka_unit_test(older_versions_are_read_while_held),
			cmocka_unit_test(a_gap_is_not_claimed),
			cmocka_unit_test(an_equal_value_is_the_same_instance),
			cmocka_unit_test(transient_values_live_one_transaction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
