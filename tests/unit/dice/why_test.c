#include "world.h"

NUMBER_KIND(input, .step = NULL);

/* double(k) = 2 input(k); pair(k) = double(k) + double(k + 1); top(k) = pair(k) mod 2 */
static enum dice_step double_step(struct dice_ctx *ctx, const void *key)
{
	union dice_value v;

	if (!dice_ask(ctx, &input, key, &v))
		return DICE_WAIT;
	return dice_return(ctx, dice_u64(v.u * 2));
}
NUMBER_KIND(twice, .step = double_step);

static enum dice_step pair_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t next = number_of(key) + 1;
	dice_id ids[2] = {dice_dep(ctx, &twice, key), dice_dep(ctx, &twice, &next)};

	if (!dice_need(ctx, ids, 2))
		return DICE_WAIT;
	return dice_return(ctx, dice_u64(dice_got(ctx, ids[0]).u + dice_got(ctx, ids[1]).u));
}
NUMBER_KIND(pair, .step = pair_step);

static enum dice_step top_step(struct dice_ctx *ctx, const void *key)
{
	union dice_value v;

	if (!dice_ask(ctx, &pair, key, &v))
		return DICE_WAIT;
	return dice_return(ctx, dice_u64(v.u % 2));
}
NUMBER_KIND(top, .step = top_step);

static void assert_why(struct world *w, dice_id id, enum dice_why want, dice_id want_because)
{
	dice_id because;

	assert_int_equal(dice_why(w->d, id, &because), want);
	assert_int_equal(because.i, want_because.i);
}

static void reasons_lead_to_the_input(void **state)
{
	struct world *w = world_new();
	dice_id none = {0}, t, p, a, b, i, j;

	(void)state;
	set(w, &input, 0, 1);
	set(w, &input, 1, 2);
	ask_key(w, &top, 0);
	t = at(w, &top, 0);
	p = at(w, &pair, 0);
	a = at(w, &twice, 0);
	b = at(w, &twice, 1);
	i = at(w, &input, 0);
	j = at(w, &input, 1);
	assert_why(w, t, DICE_FIRST, none);
	assert_why(w, a, DICE_FIRST, none);
	assert_why(w, i, DICE_REUSED, none); /* injected two versions ago */
	assert_why(w, j, DICE_INPUT, none);
	set(w, &input, 1, 3);
	assert_why(w, p, DICE_REUSED, none); /* not asked for yet */
	ask_id(w, t);
	assert_why(w, t, DICE_DEP, p);
	assert_why(w, p, DICE_DEP, b);
	assert_why(w, b, DICE_DEP, j);
	assert_why(w, j, DICE_INPUT, none);
	assert_why(w, a, DICE_REUSED, none);
	touch_one(w, p);
	ask_id(w, t);
	assert_why(w, p, DICE_INPUT, none);
	assert_why(w, t, DICE_REUSED, none);
	assert_int_equal(w->of[DICE_EV_REUSED][t.i], 1);
	world_free(w);
}

static void a_skipped_key_says_for_what(void **state)
{
	struct world *w = world_new();
	dice_id root, because, p;

	(void)state;
	set(w, &input, 0, 1);
	p = at(w, &pair, 0);
	assert_int_equal(dice_run(w->d, &p, 1, true), DICE_FAILED);
	assert_true(dice_error(w->d, p, NULL, &root));
	assert_int_equal(root.i, at(w, &input, 1).i);
	set(w, &input, 1, 1);
	assert_int_equal(ask_id(w, p), 4);
	assert_int_equal(dice_why(w->d, p, &because), DICE_DEP);
	assert_int_equal(because.i, at(w, &twice, 1).i);
	world_free(w);
}

/* either(k) fails because input(k + 1) did, whatever became of input(k) */
static enum dice_step either_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t next = number_of(key) + 1;
	dice_id ids[2] = {dice_dep(ctx, &input, key), dice_dep(ctx, &input, &next)};

	if (!dice_wait(ctx, ids, 2))
		return DICE_WAIT;
	if (dice_failed(ctx, ids[1], NULL, NULL))
		return dice_skip(ctx, ids[1]);
	return dice_return(ctx, dice_got(ctx, ids[1]));
}
NUMBER_KIND(either, .step = either_step);

static void a_step_may_choose_what_it_is_skipped_for(void **state)
{
	struct world *w = world_new();
	dice_id id = at(w, &either, 0), root;

	(void)state;
	ask_fails(w, id, true, "absent: input 1");
	assert_true(dice_error(w->d, id, NULL, &root));
	assert_int_equal(root.i, at(w, &input, 1).i);
	set(w, &input, 1, 6);
	assert_int_equal(ask_id(w, id), 6);
	world_free(w);
}

static void events_tell_of_every_key(void **state)
{
	struct world *w = world_new();
	unsigned *seen = w->seen;

	(void)state;
	set(w, &input, 0, 1);
	set(w, &input, 1, 2);
	ask_key(w, &top, 0);
	assert_int_equal(seen[DICE_EV_START], 4);
	assert_int_equal(seen[DICE_EV_DONE], 4);
	world_forget(w);
	set(w, &input, 0, 2);
	ask_key(w, &top, 0); /* double, pair: new; top: the same; the other double was never touched */
	assert_int_equal(seen[DICE_EV_START], 3);
	assert_int_equal(seen[DICE_EV_DONE], 2);
	assert_int_equal(seen[DICE_EV_CUTOFF], 1);
	assert_int_equal(seen[DICE_EV_REUSED], 0);
	world_forget(w);
	touch_one(w, at(w, &twice, 0));
	ask_key(w, &top, 0);
	assert_int_equal(seen[DICE_EV_START], 1);
	assert_int_equal(seen[DICE_EV_CUTOFF], 1);
	assert_int_equal(seen[DICE_EV_REUSED], 2);
	world_forget(w);
	assert_int_equal(seen[DICE_EV_FAIL], 0);
	ask_fails(w, at(w, &top, 5), true, "absent: input 5");
	assert_int_equal(seen[DICE_EV_FAIL], 6); /* input 5 and 6, two doubles, pair, top */
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(reasons_lead_to_the_input),
			cmocka_unit_test(a_skipped_key_says_for_what),
			cmocka_unit_test(a_step_may_choose_what_it_is_skipped_for),
			cmocka_unit_test(events_tell_of_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
