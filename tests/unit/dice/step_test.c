#include "world.h"

#define UNLUCKY 1313

NUMBER_KIND(input, .step = NULL);

/* square(k) = input(k)^2 */
static enum dice_step square_step(struct dice_ctx *ctx, const void *key)
{
	union dice_value v;

	if (!dice_ask(ctx, &input, key, &v))
		return DICE_WAIT;
	if (v.u == UNLUCKY) {
		struct error *e = error_new(dice_ctx_ud(ctx), "unlucky");

		return dice_fail(ctx, e);
	}
	return dice_return(ctx, dice_u64(v.u * v.u));
}
NUMBER_KIND(square, .step = square_step);

/* sum(n) = square(0) + … + square(n - 1), asked as one batch */
static enum dice_step sum_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t n = number_of(key), total = 0;
	dice_id ids[64] = {{0}};

	for (uint64_t i = 0; i < n; i++)
		ids[i] = dice_dep(ctx, &square, &i);
	if (!dice_need(ctx, ids, n))
		return DICE_WAIT;
	for (uint64_t i = 0; i < n; i++)
		total += dice_got(ctx, ids[i]).u;
	return dice_return(ctx, dice_u64(total));
}
NUMBER_KIND(sum, .step = sum_step);

/* The same one by one: n entries, each reading the one before. */
static enum dice_step slow_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t n = number_of(key), total = 0;

	for (uint64_t i = 0; i < n; i++) {
		union dice_value v;

		if (!dice_ask(ctx, &square, &i, &v))
			return DICE_WAIT;
		total += v.u;
	}
	return dice_return(ctx, dice_u64(total));
}
NUMBER_KIND(slow, .step = slow_step);

/* The same one by one, with its place kept in scratch. */
struct place {
	uint64_t i, total;
	dice_id asked;
	struct world *w;
};

static void place_drop(void *p)
{
	++*(unsigned *)((struct place *)p)->w->more;
}

static enum dice_step placed_step(struct dice_ctx *ctx, const void *key)
{
	struct place *p = dice_scratch(ctx, sizeof *p, place_drop);

	p->w = dice_ctx_ud(ctx);
	for (;;) {
		if (p->asked.i) {
			p->total += dice_got(ctx, p->asked).u;
			p->i++;
		}
		if (p->i == number_of(key))
			return dice_return(ctx, dice_u64(p->total));
		p->asked = dice_dep(ctx, &square, &p->i);
		if (!dice_need(ctx, &p->asked, 1))
			return DICE_WAIT;
	}
}
NUMBER_KIND(placed, .step = placed_step);

static void set_inputs(struct world *w, uint64_t n, uint64_t first)
{
	struct dice_txn *t = dice_begin(w->d);

	for (uint64_t i = 0; i < n; i++)
		assert_true(dice_inject(t, at(w, &input, i), dice_u64(first + i)));
	dice_commit(t);
}

static void batches_enter_twice(void **state)
{
	struct world *w = world_new();

	(void)state;
	set_inputs(w, 10, 0);
	assert_int_equal(ask_key(w, &sum, 10), 285);
	assert_int_equal(dice_stats(w->d).steps, 12); /* 10 squares; the sum, and again */
	set(w, &input, 3, 4);
	assert_int_equal(ask_key(w, &sum, 10), 292);
	assert_int_equal(dice_stats(w->d).steps, 14); /* all is there when it runs again */
	world_free(w);
}

static void one_by_one_enters_again_and_again(void **state)
{
	struct world *w = world_new();

	(void)state;
	set_inputs(w, 10, 0);
	assert_int_equal(ask_key(w, &slow, 10), 285);
	assert_int_equal(dice_stats(w->d).steps, 10 + 11);
	set(w, &input, 3, 4);
	assert_int_equal(ask_key(w, &slow, 10), 292);
	assert_int_equal(dice_stats(w->d).steps, 10 + 11 + 2);
	world_free(w);
}

static void scratch_lasts_a_run(void **state)
{
	struct world *w = world_new();
	unsigned dropped = 0;

	(void)state;
	w->more = &dropped;
	set_inputs(w, 10, 0);
	assert_int_equal(ask_key(w, &placed, 10), 285);
	assert_int_equal(dropped, 1);
	set(w, &input, 9, 10);
	assert_int_equal(ask_key(w, &placed, 10), 304);
	assert_int_equal(dropped, 2);
	assert_int_equal(dice_stats(w->d).stale, 0);
	world_free(w);
}

static void checks_stop_at_the_first_change(void **state)
{
	struct world *w = world_new();
	uint64_t before;

	(void)state;
	set_inputs(w, 20, 0);
	ask_key(w, &slow, 20);
	set(w, &input, 2, 50);
	before = dice_stats(w->d).checks;
	assert_int_equal(ask_key(w, &slow, 20), 2470 - 4 + 2500);
	/* slow: 0, 1, 2 and again 2 when it is known; its input */
	assert_int_equal(dice_stats(w->d).checks - before, 5);
	world_free(w);
}

/* pick(k): input(0) chooses which square is read */
static enum dice_step pick_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t zero = 0;
	union dice_value which, v;

	(void)key;
	if (!dice_ask(ctx, &input, &zero, &which) || !dice_ask(ctx, &square, &which.u, &v))
		return DICE_WAIT;
	return dice_return(ctx, v);
}
NUMBER_KIND(pick, .step = pick_step);

static void dependencies_follow_data(void **state)
{
	struct world *w = world_new();

	(void)state;
	set_inputs(w, 5, 1); /* input(i) = i + 1 */
	assert_int_equal(ask_key(w, &pick, 0), 4);
	set(w, &input, 0, 3);
	assert_int_equal(ask_key(w, &pick, 0), 16);
	set(w, &input, 1, 9); /* no longer read, but its edge is still there */
	world_forget(w);
	assert_int_equal(ask_key(w, &pick, 0), 16);
	assert_int_equal(w->of[DICE_EV_START][at(w, &pick, 0).i], 0);
	assert_int_equal(w->of[DICE_EV_START][at(w, &square, 1).i], 0); /* and nobody asked for it */
	set(w, &input, 3, 5);
	assert_int_equal(ask_key(w, &pick, 0), 25);
	world_free(w);
}

static void stale_edges_are_compacted(void **state)
{
	struct world *w = world_new();
	struct dice_stats s;
	size_t most = 0;

	(void)state;
	set_inputs(w, 1000, 1);
	for (uint64_t i = 1; i < 6000; i++) {
		set(w, &input, 0, 1 + i % 900);
		ask_key(w, &pick, 0);
		s = dice_stats(w->d);
		if (s.stale > most)
			most = s.stale;
	}
	assert_true(most >= 1000);
	assert_true(most < 2500);
	set(w, &input, 0, 7);
	assert_int_equal(ask_key(w, &pick, 0), 64);
	set(w, &input, 7, 6);
	assert_int_equal(ask_key(w, &pick, 0), 36);
	world_free(w);
}

/* ---- failures ---- */

static void failures_are_kept_and_mend(void **state)
{
	struct world *w = world_new();
	dice_id total = at(w, &sum, 5), bad = at(w, &square, 2), root;
	union dice_value v;
	uint32_t until;

	(void)state;
	set_inputs(w, 5, 0);
	assert_int_equal(ask_id(w, total), 30);
	set(w, &input, 2, UNLUCKY); /* version 3 */
	ask_fails(w, total, true, "unlucky");
	assert_true(dice_error(w->d, total, NULL, &root));
	assert_int_equal(root.i, bad.i);
	assert_false(dice_peek(w->d, total, &v));
	assert_true(dice_last(w->d, total, &v, NULL, &until)); /* the old value is readable */
	assert_int_equal(v.u, 30);
	assert_int_equal(until, 2);
	assert_true(dice_at(w->d, total, 2, &v));
	assert_false(dice_at(w->d, total, 3, &v));
	set(w, &input, 100, 1); /* a commit of no concern: the failure stands, nothing runs */
	world_forget(w);
	ask_fails(w, total, true, "unlucky");
	assert_int_equal(w->seen[DICE_EV_START], 0);
	set(w, &input, 2, 2);
	assert_int_equal(ask_id(w, total), 30);
	assert_false(dice_error(w->d, total, NULL, NULL));
	world_free(w);
}

static void an_absent_input_fails_by_name(void **state)
{
	struct world *w = world_new();

	(void)state;
	ask_fails(w, at(w, &square, 4), true, "absent: input 4");
	set(w, &input, 4, 2);
	assert_int_equal(ask_key(w, &square, 4), 4);
	world_free(w);
}

static enum dice_step idle_step(struct dice_ctx *ctx, const void *key)
{
	(void)ctx;
	(void)key;
	return DICE_WAIT;
}
NUMBER_KIND(idle, .step = idle_step);

static void waiting_for_nothing_fails(void **state)
{
	struct world *w = world_new();

	(void)state;
	ask_fails(w, at(w, &idle, 1), false, "stuck: idle 1");
	world_free(w);
}

/* tally(n): how many of square(0 … n - 1) did not fail */
static enum dice_step tally_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t n = number_of(key), good = 0;
	dice_id ids[64] = {{0}};

	for (uint64_t i = 0; i < n; i++)
		ids[i] = dice_dep(ctx, &square, &i);
	if (!dice_wait(ctx, ids, n))
		return DICE_WAIT;
	for (uint64_t i = 0; i < n; i++)
		good += !dice_failed(ctx, ids[i], NULL, NULL);
	return dice_return(ctx, dice_u64(good));
}
NUMBER_KIND(tally, .step = tally_step);

static void a_step_may_look_at_failures(void **state)
{
	struct world *w = world_new();

	(void)state;
	set_inputs(w, 20, 0);
	set(w, &input, 13, UNLUCKY);
	assert_int_equal(ask_key(w, &tally, 20), 19); /* not keep_going: the failure reaches no wanted key */
	set(w, &input, 1, UNLUCKY);
	assert_int_equal(ask_key(w, &tally, 20), 18);
	set(w, &input, 13, 1);
	assert_int_equal(ask_key(w, &tally, 20), 19);
	world_free(w);
}

/* moody(k) fails while input(k) is odd, for one transaction only */
static enum dice_step moody_step(struct dice_ctx *ctx, const void *key)
{
	struct world *w = dice_ctx_ud(ctx);
	struct error *e;

	(void)key;
	if (*(unsigned *)w->more % 2 == 0)
		return dice_return(ctx, dice_u64(1));
	e = error_new(w, "moody");
	e->once = true;
	return dice_fail(ctx, e);
}
NUMBER_KIND(moody, .step = moody_step);

static void a_failure_may_live_one_transaction(void **state)
{
	struct world *w = world_new();
	unsigned mood = 1;
	dice_id id = at(w, &moody, 0);

	(void)state;
	w->more = &mood;
	ask_fails(w, id, true, "moody");
	mood = 2;
	ask_fails(w, id, true, "moody");
	dice_commit(dice_begin(w->d));
	assert_int_equal(ask_id(w, id), 1);
	world_free(w);
}

struct count {
	size_t roots, skipped;
};

static void count_one(void *ud, dice_id id, void *error, size_t skipped)
{
	struct count *c = ud;

	(void)id;
	assert_string_equal(((struct error *)error)->text, "unlucky");
	c->roots++;
	c->skipped += skipped;
}

/* sum_of(k) = sum(k) */
static enum dice_step copy_step(struct dice_ctx *ctx, const void *key)
{
	union dice_value v;

	if (!dice_ask(ctx, &sum, key, &v))
		return DICE_WAIT;
	return dice_return(ctx, v);
}
NUMBER_KIND(copy, .step = copy_step);

static void keep_going_counts_what_was_skipped(void **state)
{
	struct world *w = world_new();
	struct count c = {0, 0};
	dice_id want[4] = {at(w, &copy, 3), at(w, &copy, 6), at(w, &copy, 9), at(w, &square, 12)};
	union dice_value v;

	(void)state;
	set_inputs(w, 20, 0);
	set(w, &input, 4, UNLUCKY); /* fails sum and copy of 6 and 9 */
	assert_int_equal(dice_run(w->d, want, 4, true), DICE_FAILED);
	assert_true(dice_peek(w->d, want[0], &v));
	assert_int_equal(v.u, 5);
	assert_true(dice_peek(w->d, want[3], &v)); /* independent work went on */
	dice_failures(w->d, count_one, &c);
	assert_int_equal(c.roots, 1);
	assert_int_equal(c.skipped, 4);
	world_free(w);
}

/* ---- projections ---- */

struct digit {
	dice_id of;
	uint32_t place;
};

static union dice_value digit_project(void *ud, const void *key, union dice_value whole)
{
	struct digit k;
	uint64_t u = whole.u;

	(void)ud;
	memcpy(&k, key, sizeof k);
	while (k.place-- > 0)
		u /= 10;
	return dice_u64(u % 10);
}

static const struct dice_kind digit = {
	.name = "digit",
	.key_size = sizeof(struct digit),
	.project = digit_project,
};

static enum dice_step lowest_step(struct dice_ctx *ctx, const void *key)
{
	struct digit part = {dice_dep(ctx, &square, key), 0};
	union dice_value v;

	if (!dice_ask(ctx, &digit, &part, &v))
		return DICE_WAIT;
	return dice_return(ctx, dice_u64(v.u + 100));
}
NUMBER_KIND(lowest, .step = lowest_step);

static void projections_wake_only_who_reads_what_changed(void **state)
{
	struct world *w = world_new();
	dice_id id = at(w, &lowest, 0);

	(void)state;
	set(w, &input, 0, 4);
	assert_int_equal(ask_id(w, id), 106);
	set(w, &input, 0, 6); /* 16 and 36 */
	world_forget(w);
	assert_int_equal(ask_id(w, id), 106);
	assert_int_equal(w->of[DICE_EV_START][id.i], 0);
	assert_int_equal(w->of[DICE_EV_REUSED][id.i], 1);
	set(w, &input, 0, 5);
	assert_int_equal(ask_id(w, id), 105);
	set(w, &input, 0, UNLUCKY);
	ask_fails(w, id, false, "unlucky");
	world_free(w);
}

/* ---- depth ---- */

static enum dice_step deep_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t k = number_of(key), below = k ? k - 1 : 0;
	union dice_value v;

	if (!dice_ask(ctx, k ? dice_kind_of(dice_of(ctx), dice_self(ctx)) : &input, &below, &v))
		return DICE_WAIT;
	return dice_return(ctx, dice_u64(v.u + 1));
}
NUMBER_KIND(deep, .step = deep_step);

static void a_million_deep(void **state)
{
	struct world *w = world_new();
	struct dice_stats s;

	(void)state;
	set(w, &input, 0, 1);
	assert_int_equal(ask_key(w, &deep, 999999), 1000001);
	set(w, &input, 0, 2);
	assert_int_equal(ask_key(w, &deep, 999999), 1000002);
	set(w, &input, 0, UINT64_MAX - 5);
	assert_int_equal(ask_key(w, &deep, 999999), 999994);
	s = dice_stats(w->d);
	assert_int_equal(s.nodes, 1000001);
	assert_true(s.bytes <= 120 * s.nodes);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(batches_enter_twice),
			cmocka_unit_test(one_by_one_enters_again_and_again),
			cmocka_unit_test(scratch_lasts_a_run),
			cmocka_unit_test(checks_stop_at_the_first_change),
			cmocka_unit_test(dependencies_follow_data),
			cmocka_unit_test(stale_edges_are_compacted),
			cmocka_unit_test(failures_are_kept_and_mend),
			cmocka_unit_test(an_absent_input_fails_by_name),
			cmocka_unit_test(waiting_for_nothing_fails),
			cmocka_unit_test(a_step_may_look_at_failures),
			cmocka_unit_test(a_failure_may_live_one_transaction),
			cmocka_unit_test(keep_going_counts_what_was_skipped),
			cmocka_unit_test(projections_wake_only_who_reads_what_changed),
			cmocka_unit_test(a_million_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
