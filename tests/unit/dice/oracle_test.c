/* Random timelines against an evaluator that starts from nothing at every version: dependencies that
 * follow data, batches, scratch, failures and steps that look at them, transient values, projections,
 * jobs that end in any order or are cancelled. */
#include <straylight/base/pool.h>

#include "world.h"

enum { INPUTS = 24, TICKS = 4, FLOOR = 24, NODES = 260, VERSIONS = 4096, FAILS = 255 };

struct oracle {
	uint64_t seed;
	struct world *w;
	struct pool *pool; /* NULL: jobs end by hand */
	uint8_t input[INPUTS];
	bool known[INPUTS];
	uint8_t tick[TICKS];
	uint8_t now[NODES];      /* from scratch; FAILS: it fails */
	uint8_t (*past)[NODES];  /* now, by version */
	VEC(struct task *) tasks; /* outstanding, by hand */
	unsigned queries, cancelled, failed;
	bool over;
	enum dice_outcome outcome;
};

struct task {
	struct oracle *o;
	struct dice_job *job;
	uint64_t k, a, b;
	bool resume, cancelled;
	unsigned spun;
};

static uint64_t mix(uint64_t x)
{
	x ^= x >> 31;
	x *= 0x9e3779b97f4a7c15u;
	return x ^ x >> 29;
}

static uint64_t roll(struct oracle *o, uint64_t n)
{
	o->seed = mix(o->seed + 0x632be59bd9b4e019u);
	return o->seed % n;
}

/* The dependency of k that `salt` names: a key below k. */
static uint64_t pick(uint64_t k, uint64_t salt)
{
	return mix(k * 131 + salt + 7) % k;
}

enum behaviour { FOLLOW, BATCH, JOB, PHASES, PICKY, TOLERATE, SCRATCH, TICKING, PROJECT, BOTH, BEHAVIOURS };

static enum behaviour behaviour_of(uint64_t k)
{
	return (enum behaviour)(mix(k + 99) % BEHAVIOURS);
}

/* ---- from scratch ---- */

static unsigned value(const struct oracle *o, uint64_t k)
{
	return o->now[k];
}

static unsigned evaluate(const struct oracle *o, uint64_t k)
{
	unsigned a, b, total = 0;
	uint64_t i;

	if (k < FLOOR)
		return o->known[k % INPUTS] ? o->input[k % INPUTS] % 7u : FAILS;
	a = value(o, pick(k, 1));
	switch (behaviour_of(k)) {
	case FOLLOW:
		b = a == FAILS ? FAILS : value(o, pick(k, 2 + a));
		return a == FAILS || b == FAILS ? FAILS : (unsigned)((3 * a + b + k) % 11);
	case BATCH:
		for (i = 1; i < 4; i++) {
			if (value(o, pick(k, i)) == FAILS)
				return FAILS;
			total += value(o, pick(k, i));
		}
		return total % 13;
	case JOB:
		b = value(o, pick(k, 2));
		return a == FAILS || b == FAILS || (a + b) % 9 == 8 ? FAILS : (a * 2 + b) % 17;
	case PHASES:
		b = a == FAILS ? FAILS : value(o, pick(k, 3 + a % 2));
		return a == FAILS || b == FAILS ? FAILS : (a + b * 5) % 14;
	case PICKY:
		i = pick(k, 5) % INPUTS;
		return a == FAILS || a % 4 == 1 || !o->known[i] ? FAILS : (a + o->input[i]) % 19;
	case TOLERATE:
		if (k % 3 == 0 && value(o, pick(k, 3)) == FAILS)
			return FAILS;
		for (i = 1; i < 4; i++) {
			b = value(o, pick(k, i));
			total += b == FAILS ? 5 : b;
		}
		return total % 23;
	case SCRATCH:
		for (i = 0; i < 4; i++) {
			b = value(o, pick(k, i * 50 + total));
			if (b == FAILS)
				return FAILS;
			total = (total + b) % 20;
		}
		return total;
	case TICKING: return a == FAILS ? FAILS : (o->tick[k % TICKS] + a) % 21;
	case PROJECT:
		if (a == FAILS)
			return FAILS;
		if (a % 2 == 0)
			return (unsigned)(k % 10);
		b = value(o, pick(k, 2));
		return b == FAILS ? FAILS : b + 1;
	case BOTH: return a == FAILS ? FAILS : (unsigned)(k % 17 % 8 * 2);
	case BEHAVIOURS: break;
	}
	return FAILS;
}

static void evaluate_all(struct oracle *o)
{
	uint32_t version = dice_version(o->w->d);

	for (uint64_t k = 0; k < NODES; k++)
		o->now[k] = (uint8_t)evaluate(o, k);
	assert_true(version < VERSIONS);
	memcpy(o->past[version], o->now, NODES);
}

/* ---- the same as steps ---- */

NUMBER_KIND(input, .step = NULL);

static bool always(union dice_value v)
{
	(void)v;
	return true;
}

static enum dice_step tick_step(struct dice_ctx *ctx, const void *key)
{
	struct oracle *o = ((struct world *)dice_ctx_ud(ctx))->more;

	return dice_return(ctx, dice_u64(o->tick[number_of(key)]));
}
NUMBER_KIND(tick, .step = tick_step, .transient = always);

struct part {
	dice_id of;
	uint32_t modulus;
};

static union dice_value part_project(void *ud, const void *key, union dice_value whole)
{
	struct part p;

	(void)ud;
	memcpy(&p, key, sizeof p);
	return dice_u64(whole.u % p.modulus);
}
static const struct dice_kind part = {
	.name = "part",
	.key_size = sizeof(struct part),
	.project = part_project,
};

static enum dice_step node_step(struct dice_ctx *ctx, const void *key);
NUMBER_KIND(node, .step = node_step);

static void task_end(struct task *t)
{
	if (t->cancelled)
		dice_reject(t->job, NULL);
	else if (t->resume)
		dice_resume(t->job);
	else if ((t->a + t->b) % 9 == 8)
		dice_reject(t->job, error_new(t->o->w, "nine"));
	else
		dice_complete(t->job, dice_u64((t->a * 2 + t->b) % 17));
	mem_free(t);
}

static void task_cancel(void *ud)
{
	struct task *t = ud;

	t->cancelled = mix(t->k + t->o->seed) % 2; /* else it comes too late */
}

static void task_work(void *ud)
{
	struct task *t = ud;

	for (unsigned i = 0; i < t->k; i++)
		t->spun = t->spun * 3 + i;
}

static void task_done(void *ud)
{
	task_end(ud);
}

static void task_start(struct dice_ctx *ctx, uint64_t k, uint64_t a, uint64_t b, bool resume)
{
	struct oracle *o = ((struct world *)dice_ctx_ud(ctx))->more;
	struct task *t = mem_make(struct task);

	*t = (struct task){.o = o, .k = k, .a = a, .b = b, .resume = resume};
	t->job = dice_defer(ctx, k % 3 ? task_cancel : NULL, t);
	if (o->pool)
		pool_submit(o->pool, task_work, task_done, t);
	else
		vec_push(&o->tasks, t);
}

static dice_id dep(struct dice_ctx *ctx, uint64_t k, uint64_t salt)
{
	uint64_t below = pick(k, salt);

	return dice_dep(ctx, &node, &below);
}

static bool get(struct dice_ctx *ctx, uint64_t k, uint64_t salt, uint64_t *out)
{
	dice_id id = dep(ctx, k, salt);

	if (!dice_need(ctx, &id, 1))
		return false;
	*out = dice_got(ctx, id).u;
	return true;
}

static enum dice_step number(struct dice_ctx *ctx, uint64_t u)
{
	return dice_return(ctx, dice_u64(u));
}

static enum dice_step several(struct dice_ctx *ctx, uint64_t k, bool tolerant)
{
	dice_id ids[3] = {dep(ctx, k, 1), dep(ctx, k, 2), dep(ctx, k, 3)};
	uint64_t total = 0;

	if (tolerant ? !dice_wait(ctx, ids, 3) : !dice_need(ctx, ids, 3))
		return DICE_WAIT;
	if (tolerant && k % 3 == 0 && dice_failed(ctx, ids[2], NULL, NULL))
		return dice_skip(ctx, ids[2]);
	for (int i = 0; i < 3; i++)
		total += tolerant && dice_failed(ctx, ids[i], NULL, NULL) ? 5 : dice_got(ctx, ids[i]).u;
	return number(ctx, total % (tolerant ? 23 : 13));
}

struct scratch {
	uint64_t i, total;
	dice_id asked;
	bool started;
};

static enum dice_step one_by_one(struct dice_ctx *ctx, uint64_t k)
{
	struct scratch *s = dice_scratch(ctx, sizeof *s, NULL);

	for (;;) {
		if (s->asked.i) {
			s->total = (s->total + dice_got(ctx, s->asked).u) % 20;
			s->i++;
		}
		if (s->i == 4)
			return number(ctx, s->total);
		s->asked = dep(ctx, k, s->i * 50 + s->total);
		if (!dice_need(ctx, &s->asked, 1))
			return DICE_WAIT;
	}
}

static enum dice_step phases(struct dice_ctx *ctx, uint64_t k)
{
	struct scratch *s;
	uint64_t b;
	dice_id id;

	s = dice_scratch(ctx, sizeof *s, NULL);
	if (!s->asked.i)
		s->asked = dep(ctx, k, 1);
	if (!s->started) {
		if (!dice_need(ctx, &s->asked, 1))
			return DICE_WAIT;
		s->started = true;
		s->total = dice_got(ctx, s->asked).u;
		task_start(ctx, k, 0, 0, true);
		return DICE_WAIT;
	}
	id = dep(ctx, k, 3 + s->total % 2);
	if (!dice_need(ctx, &id, 1))
		return DICE_WAIT;
	b = dice_got(ctx, id).u;
	return number(ctx, (s->total + b * 5) % 14);
}

/* A job that is outstanding together with a dependency, and knows the answer. */
static enum dice_step both(struct dice_ctx *ctx, uint64_t k)
{
	struct scratch *s = dice_scratch(ctx, sizeof *s, NULL);

	if (!s->started) {
		s->started = true;
		s->asked = dep(ctx, k, 1);
		task_start(ctx, k, k % 17 % 8, 0, false);
	}
	dice_need(ctx, &s->asked, 1);
	return DICE_WAIT;
}

static enum dice_step projecting(struct dice_ctx *ctx, uint64_t k)
{
	struct part p = {dep(ctx, k, 1), 2};
	union dice_value odd;
	uint64_t b;

	if (!dice_ask(ctx, &part, &p, &odd))
		return DICE_WAIT;
	if (!odd.u)
		return number(ctx, k % 10);
	return get(ctx, k, 2, &b) ? number(ctx, b + 1) : DICE_WAIT;
}

static enum dice_step node_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t k = number_of(key), a, b, i;
	dice_id two[2];
	union dice_value v;

	if (k < FLOOR) {
		i = k % INPUTS;
		return dice_ask(ctx, &input, &i, &v) ? number(ctx, v.u % 7) : DICE_WAIT;
	}
	switch (behaviour_of(k)) {
	case FOLLOW:
		return get(ctx, k, 1, &a) && get(ctx, k, 2 + a, &b) ? number(ctx, (3 * a + b + k) % 11) : DICE_WAIT;
	case BATCH: return several(ctx, k, false);
	case TOLERATE: return several(ctx, k, true);
	case SCRATCH: return one_by_one(ctx, k);
	case PHASES: return phases(ctx, k);
	case PROJECT: return projecting(ctx, k);
	case BOTH: return both(ctx, k);
	case JOB:
		two[0] = dep(ctx, k, 1);
		two[1] = dep(ctx, k, 2);
		if (dice_need(ctx, two, 2))
			task_start(ctx, k, dice_got(ctx, two[0]).u, dice_got(ctx, two[1]).u, false);
		return DICE_WAIT;
	case PICKY:
		i = pick(k, 5) % INPUTS;
		if (!get(ctx, k, 1, &a))
			return DICE_WAIT;
		if (a % 4 == 1)
			return dice_fail(ctx, error_new(dice_ctx_ud(ctx), "picky"));
		return dice_ask(ctx, &input, &i, &v) ? number(ctx, (a + v.u) % 19) : DICE_WAIT;
	case TICKING:
		i = k % TICKS;
		if (!dice_ask(ctx, &tick, &i, &v) || !get(ctx, k, 1, &a))
			return DICE_WAIT;
		return number(ctx, (v.u + a) % 21);
	case BEHAVIOURS: break;
	}
	return DICE_WAIT;
}

/* ---- what must hold at rest ---- */

static void check_values(struct oracle *o)
{
	struct dice *d = o->w->d;
	uint32_t version = dice_version(d);

	for (uint64_t k = 0; k < NODES; k++) {
		dice_id id = dice_find(d, &node, &k);
		union dice_value v;
		uint32_t then;

		if (!id.i)
			continue;
		if (dice_peek(d, id, &v))
			assert_int_equal(v.u, o->now[k]);
		if (dice_error(d, id, NULL, NULL))
			assert_int_equal(o->now[k], FAILS);
		then = 1 + (uint32_t)roll(o, version);
		if (dice_at(d, id, then, &v))
			assert_int_equal(v.u, o->past[then][k]);
	}
}

static bool has_edge(const struct dice *d, uint32_t from, uint32_t to)
{
	for (uint32_t c = d->nodes[from].rdep; c; c = d->cells[c].next)
		if (d->cells[c].to == to)
			return true;
	return false;
}

static void check_graph(struct dice *d)
{
	size_t deps = 0;

	assert_int_equal(d->active, 0);
	assert_int_equal(d->njobs, 0);
	for (uint32_t id = 1; id < d->nnodes; id++) {
		struct node *n = &d->nodes[id];
		const uint32_t *list = deps_of(d, n);

		assert_int_equal(n->waiters, 0);
		assert_false(active(n));
		deps += n->ndep;
		for (uint32_t k = 0; k < n->ndep; k++) {
			uint32_t below = list[k] & ID_MASK;

			assert_true(has_edge(d, below, id));
			if (settled(n) && !(n->state == FAILED && n->flags & TRANSIENT))
				assert_true(settled(&d->nodes[below]));
		}
	}
	assert_int_equal(d->edges - d->stale, deps);
}

/* ---- timelines ---- */

static void change(struct oracle *o)
{
	struct dice_txn *t = dice_begin(o->w->d);
	uint64_t n = roll(o, 4);

	if (roll(o, 5) == 0)
		o->tick[roll(o, TICKS)] = (uint8_t)roll(o, 8);
	for (uint64_t i = 0; i < n; i++) {
		uint64_t k = roll(o, INPUTS);
		uint8_t v = (uint8_t)roll(o, roll(o, 2) ? 3 : 40);

		if (dice_inject(t, at(o->w, &input, k), dice_u64(v))) {
			o->input[k] = v;
			o->known[k] = true;
		}
	}
	for (uint64_t i = roll(o, 6); i > 4; i--)
		dice_touch(t, at(o->w, &node, roll(o, NODES)));
	assert_true(dice_commit(t) > 0);
	evaluate_all(o);
}

static void discard(struct oracle *o)
{
	struct dice_txn *t = dice_begin(o->w->d);

	assert_true(dice_inject(t, at(o->w, &input, roll(o, INPUTS)), dice_u64(200)));
	dice_touch(t, at(o->w, &node, roll(o, NODES)));
	dice_abort(t);
}

static void request_over(void *ud, enum dice_outcome outcome)
{
	struct oracle *o = ud;

	o->over = true;
	o->outcome = outcome;
}

static void end_some_tasks(struct oracle *o)
{
	uint64_t n = o->tasks.n ? roll(o, o->tasks.n + 1) : 0;

	while (n-- > 0) {
		size_t i = roll(o, o->tasks.n);
		struct task *t = o->tasks.p[i];

		o->tasks.p[i] = vec_last(&o->tasks);
		o->tasks.n--;
		task_end(t);
	}
}

static void query(struct oracle *o)
{
	dice_id want[6];
	uint64_t keys[6], n = 1 + roll(o, 6);
	bool keep_going = roll(o, 2), failing = false;
	uint64_t patience = roll(o, 4) ? UINT64_MAX : roll(o, 12);
	struct dice_request *r;

	for (uint64_t i = 0; i < n; i++) {
		keys[i] = roll(o, NODES);
		failing |= o->now[keys[i]] == FAILS;
		want[i] = at(o->w, &node, keys[i]);
	}
	o->over = false;
	r = dice_request(o->w->d, want, n, keep_going, request_over, o);
	while (!o->over) {
		if (patience-- == 0)
			dice_cancel(r);
		uv_run(&o->w->loop, o->pool ? UV_RUN_ONCE : UV_RUN_NOWAIT);
		if (!o->over)
			end_some_tasks(o);
	}
	o->queries += (unsigned)n;
	o->cancelled += o->outcome == DICE_CANCELLED;
	o->failed += o->outcome == DICE_FAILED;
	if (o->outcome == DICE_CANCELLED)
		return;
	assert_int_equal(o->outcome, failing ? DICE_FAILED : DICE_OK);
	for (uint64_t i = 0; i < n; i++) {
		union dice_value v;

		if (keep_going || !failing)
			assert_true(dice_peek(o->w->d, want[i], &v) != dice_error(o->w->d, want[i], NULL, NULL));
	}
}

static unsigned run_timeline(uint64_t seed, unsigned rounds, unsigned workers)
{
	struct oracle o = {.seed = seed};
	unsigned queries;

	o.w = world_new();
	o.w->more = &o;
	o.past = mem_alloc(sizeof *o.past * VERSIONS);
	if (workers)
		o.pool = pool_new(&o.w->loop, workers);
	evaluate_all(&o);
	for (unsigned i = 0; i < rounds; i++) {
		if (roll(&o, 3))
			change(&o);
		if (roll(&o, 10) == 0)
			discard(&o);
		query(&o);
		check_values(&o);
		if (i % 16 == 0)
			check_graph(o.w->d);
	}
	assert_true(workers || o.cancelled > rounds / 50); /* a matter of time with workers */
	assert_true(o.failed > rounds / 50);
	queries = o.queries;
	if (workers)
		pool_free(o.pool);
	vec_free(&o.tasks);
	mem_free(o.past);
	world_free(o.w);
	return queries;
}

static void agrees_with_the_oracle(void **state)
{
	unsigned queries = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 24; seed++)
		queries += run_timeline(seed, 1500, 0);
	assert_true(queries > 90000);
}

static void agrees_with_workers(void **state)
{
	(void)state;
	assert_true(run_timeline(77, 400, 3) > 1000);
}

/* ---- with cycles: a key fails when what it asks for never ends ---- */

enum { RING = 40 };

static uint64_t ring_ask(uint64_t k, uint64_t seen)
{
	return mix(k * 77 + seen * 13 + 5) % RING;
}

static enum dice_step ring_step(struct dice_ctx *ctx, const void *key);
NUMBER_KIND(ring, .step = ring_step);

/* ring(k): input(k) says whether to ask none, one, two at once, or one and then another */
static enum dice_step ring_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t k = number_of(key), j;
	dice_id two[2];
	union dice_value in, a, b;

	if (!dice_ask(ctx, &input, key, &in))
		return DICE_WAIT;
	if (in.u % 4 == 0)
		return number(ctx, in.u);
	j = ring_ask(k, in.u);
	two[0] = dice_dep(ctx, &ring, &j);
	j = ring_ask(k, in.u + 1);
	if (in.u % 4 == 2) {
		two[1] = dice_dep(ctx, &ring, &j);
		if (!dice_need(ctx, two, 2))
			return DICE_WAIT;
		return number(ctx, (dice_got(ctx, two[0]).u + dice_got(ctx, two[1]).u) % 50);
	}
	if (!dice_need(ctx, two, 1))
		return DICE_WAIT;
	a = dice_got(ctx, two[0]);
	if (in.u % 4 == 1)
		return number(ctx, a.u + 1);
	j = ring_ask(k, a.u + 2);
	if (!dice_ask(ctx, &ring, &j, &b))
		return DICE_WAIT;
	task_start(ctx, k, a.u, b.u * 9, false);
	return DICE_WAIT;
}

static unsigned ring_value(uint64_t k, uint64_t in, const uint8_t *now)
{
	unsigned a = now[ring_ask(k, in)], b;

	switch (in % 4) {
	case 0: return (unsigned)in;
	case 1: return a == FAILS ? FAILS : a + 1;
	case 2:
		b = now[ring_ask(k, in + 1)];
		return a == FAILS || b == FAILS ? FAILS : (a + b) % 50;
	default:
		b = a == FAILS ? FAILS : now[ring_ask(k, a + 2)];
		return a == FAILS || b == FAILS || a % 9 == 8 ? FAILS : (a * 2 + b * 9) % 17;
	}
}

/* The least solution: what can be answered from what can be answered. */
static void ring_evaluate(const uint8_t *in, uint8_t *now)
{
	bool more = true;

	memset(now, FAILS, RING);
	while (more) {
		more = false;
		for (uint64_t k = 0; k < RING; k++) {
			unsigned v = now[k] == FAILS ? ring_value(k, in[k], now) : FAILS;

			if (v == FAILS)
				continue;
			now[k] = (uint8_t)v;
			more = true;
		}
	}
}

static void ring_change(struct oracle *o, uint8_t *in)
{
	struct dice_txn *t = dice_begin(o->w->d);

	for (uint64_t i = roll(o, 8); i > 0; i--) {
		uint64_t k = roll(o, RING);
		uint8_t v = (uint8_t)roll(o, 12);

		if (dice_inject(t, at(o->w, &input, k), dice_u64(v)))
			in[k] = v;
	}
	assert_true(dice_commit(t) > 0);
}

static void ring_query(struct oracle *o, const uint8_t *now)
{
	uint64_t k = roll(o, RING);
	dice_id id = at(o->w, &ring, k);
	union dice_value v;

	o->over = false;
	dice_request(o->w->d, &id, 1, roll(o, 2), request_over, o);
	while (!o->over) {
		uv_run(&o->w->loop, UV_RUN_NOWAIT);
		if (!o->over)
			end_some_tasks(o);
	}
	assert_int_equal(o->outcome, now[k] == FAILS ? DICE_FAILED : DICE_OK);
	for (k = 0; k < RING; k++) {
		id = dice_find(o->w->d, &ring, &k);
		if (id.i && dice_peek(o->w->d, id, &v))
			assert_int_equal(v.u, now[k]);
		if (id.i && dice_error(o->w->d, id, NULL, NULL))
			assert_int_equal(now[k], FAILS);
	}
}

static void agrees_where_there_are_cycles(void **state)
{
	struct oracle o = {.seed = 5};
	uint8_t in[RING] = {0}, now[RING];
	struct dice_txn *t;

	(void)state;
	o.w = world_new();
	o.w->more = &o;
	t = dice_begin(o.w->d);
	for (uint64_t k = 0; k < RING; k++)
		assert_true(dice_inject(t, at(o.w, &input, k), dice_u64(0)));
	dice_commit(t);
	for (unsigned i = 0; i < 4000; i++) {
		ring_change(&o, in);
		ring_evaluate(in, now);
		for (unsigned j = 0; j < 3; j++)
			ring_query(&o, now);
		check_graph(o.w->d);
	}
	vec_free(&o.tasks);
	world_free(o.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(agrees_with_the_oracle),
			cmocka_unit_test(agrees_with_workers),
			cmocka_unit_test(agrees_where_there_are_cycles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
