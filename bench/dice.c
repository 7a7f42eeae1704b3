/* The engine on the scenarios that Meta's DICE is measured by, and on large graphs.  The floor is a bare
 * look-up from a key's hash to an id to a node, measured here and now. */
#include "bench.h"

#include <straylight/base/mem.h>
#include <straylight/dice.h>

#include <string.h>
#include <sys/resource.h>
#include <uv.h>

struct engine {
	uv_loop_t loop;
	struct dice *d;
	uint64_t base; /* the value injected last */
};

static const struct dice_kind base = {.name = "base", .key_size = 8};

/* ---- kinds ---- */

static uint64_t number_of(const void *key)
{
	uint64_t k;

	memcpy(&k, key, sizeof k);
	return k;
}

static enum dice_step chain_step(struct dice_ctx *, const void *);
static const struct dice_kind chain = {.name = "chain", .key_size = 8, .step = chain_step};

/* one more than the one before, on the base */
static enum dice_step chain_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t k = number_of(key), below = k ? k - 1 : 0;
	union dice_value v;

	if (!dice_ask(ctx, k ? &chain : &base, &below, &v))
		return DICE_WAIT;
	return dice_return(ctx, dice_u64(v.u + 1));
}

/* as many keys as one likes on the base */
static enum dice_step leaf_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t zero = 0;
	union dice_value v;

	if (!dice_ask(ctx, &base, &zero, &v))
		return DICE_WAIT;
	return dice_return(ctx, dice_u64(v.u + number_of(key)));
}
static const struct dice_kind leaf = {.name = "leaf", .key_size = 8, .step = leaf_step};

/* the sum of k leaves, asked as one batch; ids are kept between entries */
static enum dice_step sum_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t n = number_of(key), total = 0;
	dice_id *ids = dice_scratch(ctx, mem_size(n + 1, sizeof *ids), NULL);

	if (ids[n].i == 0) {
		for (uint64_t i = 0; i < n; i++)
			ids[i] = dice_dep(ctx, &leaf, &i);
		ids[n].i = 1;
		if (!dice_need(ctx, ids, n))
			return DICE_WAIT;
	}
	for (uint64_t i = 0; i < n; i++)
		total += dice_got(ctx, ids[i]).u;
	return dice_return(ctx, dice_u64(total));
}
static const struct dice_kind sum = {.name = "sum", .key_size = 8, .step = sum_step};

/* the sum of 1,000 terms, without dependencies */
static enum dice_step terms_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t k = number_of(key), total = 0;

	for (uint64_t i = 0; i < 1000; i++)
		total += opaque(k + i);
	return dice_return(ctx, dice_u64(total));
}
static const struct dice_kind terms = {.name = "terms", .key_size = 8, .step = terms_step};

/* the base's parity, and a chain on that */
static enum dice_step parity_step(struct dice_ctx *ctx, const void *key)
{
	uint64_t k = number_of(key), below = k ? k - 1 : 0;
	union dice_value v;

	if (!dice_ask(ctx, k ? dice_kind_of(dice_of(ctx), dice_self(ctx)) : &base, &below, &v))
		return DICE_WAIT;
	return dice_return(ctx, dice_u64(k ? v.u + 1 : v.u % 2));
}
static const struct dice_kind parity = {.name = "parity", .key_size = 8, .step = parity_step};

/* ---- an engine ---- */

static void inject(struct engine *e, uint64_t value)
{
	uint64_t zero = 0;
	struct dice_txn *t = dice_begin(e->d);

	e->base = value;
	if (!dice_inject(t, dice_key(e->d, &base, &zero), dice_u64(value)) || !dice_commit(t))
		abort();
}

static void engine_open(struct engine *e)
{
	uv_loop_init(&e->loop);
	e->d = dice_new(&e->loop, NULL);
	inject(e, 1);
}

static void engine_close(struct engine *e)
{
	dice_free(e->d);
	uv_run(&e->loop, UV_RUN_DEFAULT);
	uv_loop_close(&e->loop);
}

static void run_one(struct engine *e, const struct dice_kind *kind, uint64_t key)
{
	dice_id id = dice_key(e->d, kind, &key);

	if (dice_run(e->d, &id, 1, false) != DICE_OK)
		abort();
}

/* The answer: at once if it is there, else by the loop. */
static inline uint64_t ask(struct engine *e, const struct dice_kind *kind, uint64_t key)
{
	union dice_value v;

	if (!dice_get(e->d, kind, &key, &v)) {
		run_one(e, kind, key);
		if (!dice_get(e->d, kind, &key, &v))
			abort();
	}
	return v.u;
}

static void must(uint64_t got, uint64_t want)
{
	if (got == want)
		return;
	fprintf(stderr, "bench/dice: got %llu, want %llu\n", (unsigned long long)got, (unsigned long long)want);
	exit(1);
}

/* ---- the floor ---- */

struct bare {
	uint64_t key, value;
	uint64_t rest[6];
};

/* As a growing graph has it: both arrays on the heap, the size of the table variable. */
static struct {
	struct bare *nodes;
	uint32_t *table;
	uint64_t mask;
} bare;

static inline uint64_t bare_at(uint64_t key)
{
	uint64_t h = key * 0x9e3779b97f4a7c15u;

	return (h ^ h >> 32) & bare.mask;
}

static inline uint64_t bare_get(uint64_t key)
{
	uint64_t at = bare_at(key);
	uint32_t id;

	while ((id = bare.table[at]) && bare.nodes[id].key != key)
		at = (at + 1) & bare.mask;
	return bare.nodes[id].value;
}

static double floor_round(void *ud)
{
	uint64_t total = 0;
	double start;

	(void)ud;
	start = now_ns();
	for (int i = 0; i < 1000000; i++)
		total += bare_get(opaque(9));
	start = now_ns() - start;
	must(total, 11000000);
	return start / 1e6;
}

static void floor_figure(void)
{
	bare.mask = 63;
	bare.nodes = mem_array(struct bare, 64);
	bare.table = mem_array(uint32_t, 64);
	for (uint32_t id = 1; id <= 11; id++) {
		uint64_t at = bare_at(id - 1);

		bare.nodes[id] = (struct bare){.key = id - 1, .value = id + 1};
		while (bare.table[at])
			at = (at + 1) & bare.mask;
		bare.table[at] = id;
	}
	figure("floor", median_of(21, floor_round, NULL), "ns");
	mem_free(bare.nodes);
	mem_free(bare.table);
}

/* ---- Meta's scenarios ---- */

static double hits_round(void *ud)
{
	struct engine *e = ud;
	uint64_t total = 0;
	double start = now_ns();

	for (int i = 0; i < 1000000; i++)
		total += ask(e, &chain, opaque(9));
	start = now_ns() - start;
	must(total, 11000000);
	return start / 1e6;
}

static void cache_hits(void)
{
	struct engine e;

	engine_open(&e);
	figure("cache_hits(10)", median_of(21, hits_round, &e), "ns");
	engine_close(&e);
}

struct chain_case {
	uint64_t n;
	int iterations;
};

static double chain_round(void *ud)
{
	const struct chain_case *c = ud;
	struct engine e;
	double start;

	engine_open(&e);
	start = now_ns();
	for (int i = 0; i < c->iterations; i++)
		must(ask(&e, &chain, opaque(c->n - 1)), c->n + 1);
	start = now_ns() - start;
	engine_close(&e);
	return start / c->iterations;
}

static double incremental_round(void *ud)
{
	struct engine *e = ud;
	uint64_t n = e->base >> 32;
	double start = now_ns();

	inject(e, e->base + 1);
	must(ask(e, &chain, n - 1), e->base + n);
	return (now_ns() - start) / (double)n;
}

static void incremental(const char *name, uint64_t n)
{
	struct engine e;

	engine_open(&e);
	inject(&e, n << 32);
	ask(&e, &chain, n - 1);
	figure(name, median_of(101, incremental_round, &e), "ns/node");
	engine_close(&e);
}

/* Ten times a request for the same 1,000 keys: the first computes, the rest find them. */
static double together_round(void *ud)
{
	const struct dice_kind *kind = ud;
	struct engine e;
	dice_id ids[1000];
	double start;

	engine_open(&e);
	start = now_ns();
	for (int i = 0; i < 10; i++) {
		for (uint64_t k = 0; k < 1000; k++)
			ids[k] = dice_key(e.d, kind, &k);
		if (dice_run(e.d, ids, 1000, false) != DICE_OK)
			abort();
	}
	start = now_ns() - start;
	engine_close(&e);
	return start / 10;
}

static void scenarios(void)
{
	struct chain_case ten = {10, 1000}, hundred = {100, 100}, thousand = {1000, 10};

	cache_hits();
	figure("linear_chain(10)", median_of(101, chain_round, &ten), "ns/iter");
	figure("linear_chain(100)", median_of(101, chain_round, &hundred), "ns/iter");
	figure("linear_chain(1000)", median_of(101, chain_round, &thousand), "ns/iter");
	figure("diamond(1000)", median_of(21, together_round, (void *)(uintptr_t)&leaf), "ns/iter");
	figure("parallel_independent(1000)", median_of(21, together_round, (void *)(uintptr_t)&terms), "ns/iter");
	incremental("incremental_update(10)", 10);
	incremental("incremental_update(100)", 100);
	incremental("incremental_update(1000)", 1000);
}

/* ---- commits ---- */

static double empty_round(void *ud)
{
	struct engine *e = ud;
	double start = now_ns();

	for (int i = 0; i < 1000; i++)
		dice_commit(dice_begin(e->d));
	return (now_ns() - start) / 1000;
}

static double equal_round(void *ud)
{
	struct engine *e = ud;
	double start = now_ns();

	for (int i = 0; i < 1000; i++) {
		inject(e, e->base);
		ask(e, &chain, 999);
	}
	return (now_ns() - start) / 1000;
}

static double cutoff_round(void *ud)
{
	struct engine *e = ud;
	double start = now_ns();

	inject(e, e->base + 2);
	must(ask(e, &parity, 1000), 1000 + e->base % 2);
	return (now_ns() - start) / 1000;
}

static double fan_round(void *ud)
{
	struct engine *e = ud;
	double start = now_ns();

	inject(e, e->base + 1);
	must(ask(e, &sum, 1000), e->base * 1000 + 499500);
	return (now_ns() - start) / 1000;
}

static void commits(void)
{
	struct engine e;

	engine_open(&e);
	ask(&e, &chain, 999);
	figure("empty commit", median_of(21, empty_round, &e), "ns");
	figure("equal value injected, chain of 1000", median_of(21, equal_round, &e), "ns");
	ask(&e, &parity, 1000);
	figure("early cutoff under 1000", median_of(51, cutoff_round, &e), "ns/node");
	ask(&e, &sum, 1000);
	figure("fan of 1000, base changed", median_of(51, fan_round, &e), "ns/node");
	engine_close(&e);
}

/* ---- large graphs ---- */

#define MANY 100000
#define MILLION 1000000

static uint64_t shuffled[MANY];

static double each_round(void *ud)
{
	struct engine *e = ud;
	uint64_t total = 0;
	double start = now_ns();

	for (uint64_t i = 0; i < MANY; i++)
		total += ask(e, &chain, shuffled[i]);
	start = now_ns() - start;
	must(total, (uint64_t)MANY * (MANY + 3) / 2);
	return start / MANY;
}

static void distinct(void)
{
	struct engine e;
	uint64_t x = 1;

	engine_open(&e);
	ask(&e, &chain, MANY - 1);
	for (uint64_t i = 0; i < MANY; i++)
		shuffled[i] = i;
	figure("100k keys found, in order", median_of(11, each_round, &e), "ns/key");
	for (uint64_t i = MANY; i-- > 1;) {
		uint64_t j, t = shuffled[i];

		x = x * 6364136223846793005u + 1442695040888963407u;
		j = (x >> 33) % (i + 1);
		shuffled[i] = shuffled[j];
		shuffled[j] = t;
	}
	figure("100k keys found, at random", median_of(11, each_round, &e), "ns/key");
	engine_close(&e);
}

static double resident(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (double)r.ru_maxrss * 1024;
}

static void million_chain(void)
{
	struct engine e;
	double before = resident(), start;
	struct dice_stats s;

	engine_open(&e);
	start = now_ns();
	must(ask(&e, &chain, MILLION - 1), MILLION + 1);
	figure("1M chain, cold", (now_ns() - start) / MILLION, "ns/node");
	s = dice_stats(e.d);
	figure("1M chain, held", (double)s.bytes / (double)s.nodes, "B/node");
	figure("1M chain, peak resident", (resident() - before) / (double)s.nodes, "B/node");
	start = now_ns();
	inject(&e, 2);
	must(ask(&e, &chain, MILLION - 1), MILLION + 2);
	figure("1M chain, base changed", (now_ns() - start) / MILLION, "ns/node");
	engine_close(&e);
}

static void million_wide(void)
{
	struct engine e;
	double start;
	struct dice_stats s;

	engine_open(&e);
	start = now_ns();
	must(ask(&e, &sum, MILLION), MILLION + (uint64_t)MILLION * (MILLION - 1) / 2);
	figure("1M wide, cold", (now_ns() - start) / MILLION, "ns/node");
	s = dice_stats(e.d);
	figure("1M wide, held", (double)s.bytes / (double)s.nodes, "B/node");
	engine_close(&e);
}

int main(void)
{
	million_chain(); /* first: peak memory only grows */
	million_wide();
	floor_figure();
	scenarios();
	commits();
	distinct();
	return 0;
}
