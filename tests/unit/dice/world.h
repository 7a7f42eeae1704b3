/* world.h: a small world for the tests of dice: an engine on a loop of its own, errors that are
 * counted strings, and a record of events. */
#ifndef STRAYLIGHT_DICE_WORLD_H
#define STRAYLIGHT_DICE_WORLD_H

#include "../test.h"
#include "dice_int.h"

#define KEYS_MAX 4096

struct world {
	uv_loop_t loop;
	struct dice *d;
	unsigned seen[DICE_EV_DROP + 1];           /* events of each sort */
	unsigned of[DICE_EV_DROP + 1][KEYS_MAX];   /* the same, by id */
	unsigned errors;                           /* not yet released */
	void *more;                                /* a test's own */
};

struct error {
	struct world *w;
	bool once;
	char text[120];
};

static inline struct error *error_new(struct world *w, const char *text)
{
	struct error *e = mem_make(struct error);

	e->w = w;
	snprintf(e->text, sizeof e->text, "%s", text);
	w->errors++;
	return e;
}

static inline void error_free(void *p)
{
	struct error *e = p;

	e->w->errors--;
	mem_free(e);
}

static inline bool error_once(const void *p)
{
	return ((const struct error *)p)->once;
}

/* "cycle: a 1 > a 2 > a 1" */
static inline void *world_blame(
		void *ud, struct dice *d, enum dice_fault fault, const dice_id *path, size_t n)
{
	static const char *const names[] = {"cycle", "absent", "stuck"};
	struct arena a = {0};
	struct error *e = error_new(ud, names[fault]);
	size_t used = strlen(e->text);

	for (size_t i = 0; i < n + (fault == DICE_FAULT_CYCLE); i++) {
		str key = dice_describe(d, path[i % n], &a);

		used += (size_t)snprintf(e->text + used, sizeof e->text - used, "%s%.*s", i ? " > " : ": ", STR_ARG(key));
		if (used >= sizeof e->text)
			break;
	}
	arena_clear(&a);
	return e;
}

static inline void world_event(void *ud, enum dice_event event, dice_id id)
{
	struct world *w = ud;

	w->seen[event]++;
	if (id.i < KEYS_MAX)
		w->of[event][id.i]++;
}

static inline void world_forget(struct world *w)
{
	memset(w->seen, 0, sizeof w->seen);
	memset(w->of, 0, sizeof w->of);
}

static inline struct world *world_new(void)
{
	struct world *w = mem_make(struct world);
	struct dice_host host = {w, world_blame, error_free, error_once, world_event};

	uv_loop_init(&w->loop);
	w->d = dice_new(&w->loop, &host);
	return w;
}

static inline void world_free(struct world *w)
{
	dice_free(w->d);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&w->loop), 0);
	assert_int_equal(w->errors, 0);
	mem_free(w);
}

/* ---- keys that are numbers ---- */

static inline str number_describe(void *ud, const void *key, struct arena *a)
{
	uint64_t k;

	(void)ud;
	memcpy(&k, key, sizeof k);
	return str_fmt(a, "%llu", (unsigned long long)k);
}

static inline uint64_t number_of(const void *key)
{
	uint64_t k;

	memcpy(&k, key, sizeof k);
	return k;
}

#define NUMBER_KIND(n, ...)                                                                        \
	static const struct dice_kind n = {                                                        \
			.name = #n, .key_size = 8, .describe = number_describe, __VA_ARGS__}

static inline dice_id at(struct world *w, const struct dice_kind *kind, uint64_t key)
{
	return dice_key(w->d, kind, &key);
}

/* One injection, committed; the version. */
static inline uint32_t set(struct world *w, const struct dice_kind *kind, uint64_t key, uint64_t value)
{
	struct dice_txn *t = dice_begin(w->d);

	assert_true(dice_inject(t, at(w, kind, key), dice_u64(value)));
	return dice_commit(t);
}

static inline uint32_t touch_one(struct world *w, dice_id id)
{
	struct dice_txn *t = dice_begin(w->d);

	dice_touch(t, id);
	return dice_commit(t);
}

/* Asks, and must be answered. */
static inline uint64_t ask_id(struct world *w, dice_id id)
{
	union dice_value v;

	assert_int_equal(dice_run(w->d, &id, 1, false), DICE_OK);
	assert_true(dice_peek(w->d, id, &v));
	return v.u;
}

static inline uint64_t ask_key(struct world *w, const struct dice_kind *kind, uint64_t key)
{
	return ask_id(w, at(w, kind, key));
}

/* Asks, and must fail with that text. */
static inline void ask_fails(struct world *w, dice_id id, bool keep_going, const char *text)
{
	void *error;

	assert_int_equal(dice_run(w->d, &id, 1, keep_going), DICE_FAILED);
	assert_true(dice_error(w->d, id, &error, NULL));
	assert_non_null(error);
	assert_string_equal(((struct error *)error)->text, text);
}

#endif
