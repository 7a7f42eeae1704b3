#include <straylight/base/pool.h>

#include "world.h"

NUMBER_KIND(input, .step = NULL);

/* ---- jobs that the test ends by hand ---- */

struct desk {
	struct dice_job *jobs[256]; /* by key; NULL: none outstanding */
	bool critical;
	unsigned open, most, cancelled;
	bool drop_on_cancel;
};

struct ticket {
	struct desk *desk;
	uint64_t key;
	bool resumed;
};

static void desk_end(struct desk *k, uint64_t key, uint64_t value)
{
	struct dice_job *j = k->jobs[key];

	assert_non_null(j);
	k->jobs[key] = NULL;
	k->open--;
	dice_complete(j, dice_u64(value));
}

static void desk_cancel(void *ud)
{
	struct ticket *t = ud;
	struct dice_job *j = t->desk->jobs[t->key];

	t->desk->cancelled++;
	if (!t->desk->drop_on_cancel)
		return;
	t->desk->jobs[t->key] = NULL;
	t->desk->open--;
	dice_reject(j, NULL);
}

/* work(k): input(k), then a job */
static enum dice_step work_step(struct dice_ctx *ctx, const void *key)
{
	struct world *w = dice_ctx_ud(ctx);
	struct desk *k = w->more;
	union dice_value v;
	struct ticket *t;

	if (!dice_ask(ctx, &input, key, &v))
		return DICE_WAIT;
	t = dice_scratch(ctx, sizeof *t, NULL);
	*t = (struct ticket){k, number_of(key), false};
	k->jobs[t->key] = dice_defer(ctx, k->critical ? NULL : desk_cancel, t);
	if (++k->open > k->most)
		k->most = k->open;
	return DICE_WAIT;
}
NUMBER_KIND(work, .step = work_step);

/* all(n) = work(0) + … + work(n - 1) */
static enum dice_step all_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t n = number_of(key), total = 0;
	dice_id ids[64] = {{0}};

	for (uint64_t i = 0; i < n; i++)
		ids[i] = dice_dep(ctx, &work, &i);
	if (!dice_need(ctx, ids, n))
		return DICE_WAIT;
	for (uint64_t i = 0; i < n; i++)
		total += dice_got(ctx, ids[i]).u;
	return dice_return(ctx, dice_u64(total));
}
NUMBER_KIND(all, .step = all_step);

/* gate(k): work(k), and only if that is even work(k + 1) */
static enum dice_step gate_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t next = number_of(key) + 1;
	union dice_value a, b;

	if (!dice_ask(ctx, &work, key, &a))
		return DICE_WAIT;
	if (a.u % 2)
		return dice_return(ctx, a);
	if (!dice_ask(ctx, &work, &next, &b))
		return DICE_WAIT;
	return dice_return(ctx, dice_u64(a.u + b.u));
}
NUMBER_KIND(gate, .step = gate_step);

struct over {
	bool is;
	enum dice_outcome outcome;
};

static void over(void *ud, enum dice_outcome outcome)
{
	struct over *o = ud;

	assert_false(o->is);
	o->is = true;
	o->outcome = outcome;
}

static void spin(struct world *w)
{
	for (int i = 0; i < 20; i++)
		uv_run(&w->loop, UV_RUN_NOWAIT);
}

static void set_inputs(struct world *w, uint64_t n, uint64_t value)
{
	struct dice_txn *t = dice_begin(w->d);

	for (uint64_t i = 0; i < n; i++)
		assert_true(dice_inject(t, at(w, &input, i), dice_u64(value)));
	assert_true(dice_commit(t) > 0);
}

static void jobs_run_together(void **state)
{
	struct world *w = world_new();
	struct desk k = {0};
	struct over o = {0};
	dice_id id = at(w, &all, 8);
	union dice_value v;

	(void)state;
	w->more = &k;
	set_inputs(w, 10, 1);
	dice_request(w->d, &id, 1, false, over, &o);
	spin(w);
	assert_int_equal(k.open, 8);
	for (uint64_t i = 8; i-- > 0;)
		desk_end(&k, i, 10 + i);
	assert_false(o.is);
	spin(w);
	assert_true(o.is);
	assert_int_equal(o.outcome, DICE_OK);
	assert_true(dice_peek(w->d, id, &v));
	assert_int_equal(v.u, 108);
	world_free(w);
}

static void a_recorded_batch_is_checked_in_parallel(void **state)
{
	struct world *w = world_new();
	struct desk k = {0};
	struct over o = {0};
	dice_id id = at(w, &all, 8);

	(void)state;
	w->more = &k;
	set_inputs(w, 10, 1);
	dice_request(w->d, &id, 1, false, over, &o);
	spin(w);
	for (uint64_t i = 0; i < 8; i++)
		desk_end(&k, i, 5);
	spin(w);
	set_inputs(w, 10, 2);
	o.is = false;
	k.most = 0;
	world_forget(w);
	dice_request(w->d, &id, 1, false, over, &o);
	spin(w);
	assert_int_equal(k.open, 8);
	for (uint64_t i = 0; i < 8; i++)
		desk_end(&k, i, 5); /* all the same: the sum need not run */
	spin(w);
	assert_true(o.is);
	assert_int_equal(w->of[DICE_EV_REUSED][id.i], 1);
	assert_int_equal(w->of[DICE_EV_START][id.i], 0);
	world_free(w);
}

static void a_check_stops_at_a_barrier(void **state)
{
	struct world *w = world_new();
	struct desk k = {0};
	struct over o = {0};
	dice_id id = at(w, &gate, 0);

	(void)state;
	w->more = &k;
	set_inputs(w, 2, 1);
	dice_request(w->d, &id, 1, false, over, &o);
	spin(w);
	desk_end(&k, 0, 2);
	spin(w);
	desk_end(&k, 1, 3);
	spin(w);
	assert_true(o.is);
	set_inputs(w, 2, 2); /* both are dirty; the second was asked because of the first */
	o.is = false;
	dice_request(w->d, &id, 1, false, over, &o);
	spin(w);
	assert_int_equal(k.open, 1);
	assert_non_null(k.jobs[0]);
	desk_end(&k, 0, 1);
	spin(w);
	assert_true(o.is); /* odd: the second is never asked */
	assert_int_equal(k.open, 0);
	world_free(w);
}

static void requests_share_one_computation(void **state)
{
	struct world *w = world_new();
	struct desk k = {0};
	struct over o[3] = {0};
	dice_id one = at(w, &work, 0), many = at(w, &all, 2);

	(void)state;
	w->more = &k;
	set_inputs(w, 2, 1);
	dice_request(w->d, &one, 1, false, over, &o[0]);
	dice_request(w->d, &many, 1, true, over, &o[1]);
	spin(w);
	dice_request(w->d, &one, 1, true, over, &o[2]);
	spin(w);
	assert_int_equal(k.open, 2);
	assert_int_equal(w->of[DICE_EV_START][one.i], 1);
	desk_end(&k, 0, 1);
	spin(w);
	assert_true(o[0].is && o[2].is && !o[1].is);
	desk_end(&k, 1, 1);
	spin(w);
	assert_true(o[1].is);
	world_free(w);
}

static void dropping_the_last_request_cancels(void **state)
{
	struct world *w = world_new();
	struct desk k = {.drop_on_cancel = true};
	struct over o[2] = {0};
	dice_id one = at(w, &work, 0), many = at(w, &all, 4);
	struct dice_request *r[2];
	struct dice_txn *t;

	(void)state;
	w->more = &k;
	set_inputs(w, 4, 1);
	r[0] = dice_request(w->d, &one, 1, false, over, &o[0]);
	r[1] = dice_request(w->d, &many, 1, false, over, &o[1]);
	spin(w);
	dice_cancel(r[0]);
	spin(w);
	assert_true(o[0].is);
	assert_int_equal(o[0].outcome, DICE_CANCELLED);
	assert_int_equal(k.cancelled, 0);
	t = dice_begin(w->d);
	assert_int_equal(dice_commit(t), 0); /* at work */
	dice_cancel(r[1]);
	spin(w);
	assert_true(o[1].is);
	assert_int_equal(o[1].outcome, DICE_CANCELLED);
	assert_int_equal(k.cancelled, 4);
	assert_int_equal(dice_stats(w->d).active, 0);
	assert_int_equal(dice_stats(w->d).jobs, 0);
	assert_true(dice_commit(t) > 0);
	/* and it is ready for use */
	o[1].is = false;
	dice_request(w->d, &many, 1, false, over, &o[1]);
	spin(w);
	for (uint64_t i = 0; i < 4; i++)
		desk_end(&k, i, i);
	spin(w);
	assert_true(o[1].is);
	assert_int_equal(o[1].outcome, DICE_OK);
	world_free(w);
}

static void critical_jobs_finish(void **state)
{
	struct world *w = world_new();
	struct desk k = {.critical = true};
	struct over o = {0};
	dice_id id = at(w, &all, 3);
	struct dice_request *r;

	(void)state;
	w->more = &k;
	set_inputs(w, 3, 1);
	r = dice_request(w->d, &id, 1, false, over, &o);
	spin(w);
	desk_end(&k, 0, 7); /* its end is seen before the cancellation is */
	dice_cancel(r);
	spin(w);
	assert_false(o.is); /* waits for the others */
	desk_end(&k, 1, 8);
	spin(w);
	assert_false(o.is);
	desk_end(&k, 2, 9);
	spin(w);
	assert_true(o.is);
	assert_int_equal(o.outcome, DICE_CANCELLED);
	assert_int_equal(ask_id(w, id), 24); /* nothing was lost */
	world_free(w);
}

static void asking_again_while_it_drains(void **state)
{
	struct world *w = world_new();
	struct desk k = {0};
	struct over o[2] = {0};
	dice_id id = at(w, &all, 2);
	struct dice_job *lost;

	(void)state;
	w->more = &k;
	set_inputs(w, 2, 1);
	dice_cancel(dice_request(w->d, &id, 1, false, over, &o[0]));
	spin(w);
	assert_true(o[0].is);
	o[0].is = false;
	{
		struct dice_request *r = dice_request(w->d, &id, 1, false, over, &o[0]);

		spin(w);
		dice_cancel(r);
		spin(w);
	}
	assert_int_equal(k.cancelled, 2);
	dice_request(w->d, &id, 1, false, over, &o[1]);
	spin(w);
	assert_true(o[0].is);
	lost = k.jobs[0];
	k.jobs[0] = NULL;
	k.open--;
	dice_reject(lost, NULL); /* as a killed process is: not a failure, it runs again */
	desk_end(&k, 1, 5);      /* this one finished all the same: taken */
	spin(w);
	assert_int_equal(k.open, 1);
	desk_end(&k, 0, 4);
	spin(w);
	assert_true(o[1].is);
	assert_int_equal(o[1].outcome, DICE_OK);
	assert_int_equal(ask_id(w, id), 9);
	world_free(w);
}

static void the_first_failure_ends_a_request(void **state)
{
	struct world *w = world_new();
	struct desk k = {0};
	struct over o = {0};
	dice_id id = at(w, &all, 4);
	void *error;
	struct dice_job *j;

	(void)state;
	w->more = &k;
	set_inputs(w, 4, 1);
	dice_request(w->d, &id, 1, false, over, &o);
	spin(w);
	j = k.jobs[2];
	dice_reject(j, error_new(w, "broken"));
	spin(w);
	assert_false(o.is); /* the others are waited for, and kept */
	assert_int_equal(k.cancelled, 0);
	desk_end(&k, 0, 1);
	desk_end(&k, 1, 1);
	dice_reject(k.jobs[3], error_new(w, "broken too"));
	spin(w);
	assert_true(o.is);
	assert_int_equal(o.outcome, DICE_FAILED);
	assert_true(dice_error(w->d, id, &error, NULL));
	assert_string_equal(((struct error *)error)->text, "broken");
	assert_true(dice_error(w->d, at(w, &work, 3), &error, NULL));
	assert_string_equal(((struct error *)error)->text, "broken too");
	/* changed inputs mend it, and only what failed and what depends on it runs */
	set(w, &input, 2, 2);
	set(w, &input, 3, 2);
	o.is = false;
	k.open = 0;
	dice_request(w->d, &id, 1, false, over, &o);
	spin(w);
	assert_int_equal(k.open, 2);
	desk_end(&k, 2, 1);
	desk_end(&k, 3, 1);
	spin(w);
	assert_true(o.is);
	assert_int_equal(ask_id(w, id), 4);
	world_free(w);
}

static void freeing_with_requests_open(void **state)
{
	struct world *w = world_new();
	struct desk k = {.drop_on_cancel = true};
	struct over o = {0};
	dice_id id = at(w, &all, 4);

	(void)state;
	w->more = &k;
	set_inputs(w, 4, 1);
	dice_request(w->d, &id, 1, false, over, &o);
	world_free(w);
	assert_false(o.is);
}

/* ---- a step in two phases, and completion from within the step ---- */

static enum dice_step phases_step(struct dice_ctx *ctx, const void *key)
{
	struct world *w = dice_ctx_ud(ctx);
	struct desk *k = w->more;
	struct ticket *t = dice_scratch(ctx, sizeof *t, NULL);
	union dice_value v;

	if (!t->desk) {
		*t = (struct ticket){k, number_of(key), false};
		k->jobs[t->key] = dice_defer(ctx, NULL, NULL);
		return DICE_WAIT;
	}
	if (!dice_ask(ctx, &input, key, &v))
		return DICE_WAIT;
	return dice_return(ctx, dice_u64(v.u + t->resumed));
}
NUMBER_KIND(phases, .step = phases_step);

static enum dice_step instant_step(struct dice_ctx *ctx, const void *key)
{
	struct dice_job *j = dice_defer(ctx, NULL, NULL);

	(void)key;
	dice_complete(j, dice_u64(6));
	return DICE_WAIT;
}
NUMBER_KIND(instant, .step = instant_step);

static void a_job_may_resume_its_step(void **state)
{
	struct world *w = world_new();
	struct desk k = {0};
	struct over o = {0};
	dice_id id = at(w, &phases, 3);

	(void)state;
	w->more = &k;
	set_inputs(w, 4, 30);
	dice_request(w->d, &id, 1, false, over, &o);
	spin(w);
	assert_false(o.is);
	dice_resume(k.jobs[3]);
	spin(w);
	assert_true(o.is);
	assert_int_equal(ask_id(w, id), 30);
	assert_int_equal(ask_key(w, &instant, 0), 6);
	world_free(w);
}

/* ---- worker threads ---- */

struct task {
	struct dice_job *job;
	uint64_t in, out;
};

static void task_work(void *ud)
{
	struct task *t = ud;

	for (t->out = 0; t->in > 0; t->in--)
		t->out += t->in % 7;
}

static void task_done(void *ud)
{
	struct task *t = ud;

	dice_complete(t->job, dice_u64(t->out));
	mem_free(t);
}

static enum dice_step heavy_step(struct dice_ctx *ctx, const void *key)
{
	struct world *w = dice_ctx_ud(ctx);
	uint64_t k = number_of(key), a = k - 1, b = k - 2;
	union dice_value v[2] = {{.u = 0}, {.u = 0}};
	dice_id ids[2];
	struct task *t;

	if (k >= 2) {
		const struct dice_kind *self = dice_kind_of(dice_of(ctx), dice_self(ctx));

		ids[0] = dice_dep(ctx, self, &a);
		ids[1] = dice_dep(ctx, self, &b);
		if (!dice_need(ctx, ids, 2))
			return DICE_WAIT;
		v[0] = dice_got(ctx, ids[0]);
		v[1] = dice_got(ctx, ids[1]);
	} else if (!dice_ask(ctx, &input, key, &v[0])) {
		return DICE_WAIT;
	}
	t = mem_make(struct task);
	t->in = (v[0].u * 3 + v[1].u) % 2000 + k;
	t->job = dice_defer(ctx, NULL, NULL);
	pool_submit(w->more, task_work, task_done, t);
	return DICE_WAIT;
}
NUMBER_KIND(heavy, .step = heavy_step);

static uint64_t heavy_oracle(uint64_t n, uint64_t zero, uint64_t one)
{
	uint64_t v[400];

	for (uint64_t k = 0; k <= n; k++) {
		uint64_t in = k >= 2 ? v[k - 1] * 3 + v[k - 2] : 3 * (k ? one : zero);

		v[k] = 0;
		for (in = in % 2000 + k; in > 0; in--)
			v[k] += in % 7;
	}
	return v[n];
}

static void workers_complete(void **state)
{
	struct world *w = world_new();
	struct pool *p = pool_new(&w->loop, 4);

	(void)state;
	w->more = p;
	for (uint64_t i = 0; i < 20; i++) {
		struct dice_txn *t = dice_begin(w->d);

		assert_true(dice_inject(t, at(w, &input, 0), dice_u64(i)));
		assert_true(dice_inject(t, at(w, &input, 1), dice_u64(i / 2)));
		dice_commit(t);
		assert_int_equal(ask_key(w, &heavy, 300), heavy_oracle(300, i, i / 2));
	}
	pool_free(p);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(jobs_run_together),
			cmocka_unit_test(a_recorded_batch_is_checked_in_parallel),
			cmocka_unit_test(a_check_stops_at_a_barrier),
			cmocka_unit_test(requests_share_one_computation),
			cmocka_unit_test(dropping_the_last_request_cancels),
			cmocka_unit_test(critical_jobs_finish),
			cmocka_unit_test(asking_again_while_it_drains),
			cmocka_unit_test(the_first_failure_ends_a_request),
			cmocka_unit_test(freeing_with_requests_open),
			cmocka_unit_test(a_job_may_resume_its_step),
			cmocka_unit_test(workers_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
