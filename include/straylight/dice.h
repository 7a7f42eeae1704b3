/* dice.h: remembers what was computed from what, and recomputes the least.
 *
 * A key is a question of some kind ("what is in this file", "what does this action make"); its step
 * answers it, asking other keys on the way.  The engine keeps the answers and who asked whom.  When an
 * input changes, the next request re-runs only steps whose dependencies gave another answer.
 * Knows nothing of builds, files or languages; uses base and a libuv loop.
 *
 * Invariants
 * - Everything here happens on the thread that runs the loop.  Heavy work leaves by dice_defer and
 *   comes back by dice_complete, dice_reject or dice_resume, called on that thread (pool.h does so).
 * - A step is a function of its key and of what it asked: same answers, same asks, same result.
 * - The version grows by one with every commit that changes something.  A key that is settled
 *   (answered or failed) is right for the present version; so are all keys that it asked.
 * - No work recurses: a chain of a million keys needs no stack.
 * - Limits: 2^31 - 1 keys, 2^32 - 1 recorded dependencies, 2^32 - 1 versions, 65,535 kinds; crossing
 *   one ends the process as running out of memory does.  Keys live as long as the engine.
 *
 * docs/internals/dice.md has the states and what things cost. */
#ifndef STRAYLIGHT_DICE_H
#define STRAYLIGHT_DICE_H

#include <straylight/base/mem.h>
#include <straylight/base/str.h>

struct uv_loop_s;
struct dice;
struct dice_ctx;     /* one entry into a step; valid until the step returns */
struct dice_txn;     /* changes not yet committed */
struct dice_request; /* keys that someone outside waits for */
struct dice_job;     /* work that a step handed elsewhere */

/* A key in one engine.  i == 0 names none. */
typedef struct dice_id {
	uint32_t i;
} dice_id;

/* An answer: a number, or a pointer that the kind knows how to release.  A value owns (or holds
 * references to) all that it points to: the engine may keep it while it replaces those it was made
 * from. */
union dice_value {
	void *p;
	uint64_t u;
};

static inline union dice_value dice_u64(uint64_t u)
{
	return (union dice_value){.u = u};
}

static inline union dice_value dice_ptr(void *p)
{
	union dice_value v = {.u = 0};

	v.p = p;
	return v;
}

/* ---- kinds ---- */

enum dice_step {
	DICE_WAIT, /* something asked or deferred is not there: enter again when all of it is */
	DICE_DONE, /* as dice_return says */
	DICE_FAIL, /* as dice_fail says */
};

/* One row per kind of question.  Engines keep the pointer: it outlives them.
 * With neither step nor project the key is an input, only ever injected. */
struct dice_kind {
	const char *name; /* "file", "package", "action" */

	/* A key is key_size bytes, copied; padding in it must be zero.  At most 8 bytes cost nothing
	 * extra; variable parts are interned first (intern.h). */
	uint32_t key_size;
	uint64_t (*hash)(const void *key);                /* NULL: of the bytes */
	bool (*equal)(const void *key, const void *other); /* NULL: equal bytes */

	/* Re-entered from the start when what it asked for is there; a result that it returns while
	 * something is still outstanding is dropped, and it is entered again.  Not entered again when
	 * something that it needs has failed, unless it used dice_wait in this run. */
	enum dice_step (*step)(struct dice_ctx *, const void *key);

	/* A projection: the key begins with the dice_id of another key, and the answer is this pure
	 * function of that key's value.  Readers of the part are left alone while the part is the same. */
	union dice_value (*project)(void *ud, const void *key, union dice_value whole);

	/* Early cutoff: true keeps `was` (the same instance), releases `now`, and wakes no reader.
	 * NULL compares the number or the pointer itself. */
	bool (*same)(union dice_value was, union dice_value now);
	/* The value lives one transaction: asked again after the next commit.  NULL: never. */
	bool (*transient)(union dice_value);
	void (*release)(union dice_value); /* the engine's reference; NULL: nothing to do */

	/* For progress, cycles and why; NULL: the name of the kind alone. */
	str (*describe)(void *ud, const void *key, struct arena *);
};

/* ---- the engine ---- */

enum dice_event {
	DICE_EV_START,  /* the step is entered for the first time in this run */
	DICE_EV_DONE,   /* it gave a new value */
	DICE_EV_CUTOFF, /* it gave the same value */
	DICE_EV_REUSED, /* its dependencies were checked and none changed: the step did not run */
	DICE_EV_FAIL,   /* it failed, or was skipped because something that it needs failed */
	DICE_EV_DROP,   /* cancelled in the middle of a run */
};

/* What the engine itself finds wrong; host.blame turns it into an error. */
enum dice_fault {
	DICE_FAULT_CYCLE,  /* path[0] asks path[1] … asks path[n-1] asks path[0] */
	DICE_FAULT_ABSENT, /* path[0] is an input that was never injected */
	DICE_FAULT_STUCK,  /* the step of path[0] waits for nothing: a bug in it */
};

/* The world around one engine.  All functions may be NULL.  They may read the engine and change
 * nothing in it, nor make keys; the same holds for those of kinds, but for step. */
struct dice_host {
	void *ud; /* dice_ud */
	/* Errors are opaque here: one type for the whole engine. */
	void *(*blame)(void *ud, struct dice *, enum dice_fault, const dice_id *path, size_t n);
	void (*release_error)(void *error);
	/* The failure lives one transaction, like a transient value. */
	bool (*transient_error)(const void *error);
	void (*event)(void *ud, enum dice_event, dice_id);
};

/* Handles on the loop are made here and closed by dice_free. */
struct dice *dice_new(struct uv_loop_s *, const struct dice_host *) SL_MUST_USE;
/* Releases every value and error.  No job may be outstanding; of requests not over, `done` is never
 * called.  The loop must run once more afterwards (uv_run) to let go of its handle.  NULL is fine. */
void dice_free(struct dice *);
void *dice_ud(const struct dice *);

/* The key, made if it is new.  Never fails. */
dice_id dice_key(struct dice *, const struct dice_kind *, const void *key);
/* The key if it is known, else {0}. */
dice_id dice_find(const struct dice *, const struct dice_kind *, const void *key);
const struct dice_kind *dice_kind_of(const struct dice *, dice_id);
/* The key's bytes; valid until the next key is made. */
const void *dice_key_of(const struct dice *, dice_id);
/* "kind key", in the arena. */
str dice_describe(struct dice *, dice_id, struct arena *);

/* ---- reading: borrowed values, valid until the next commit unless said otherwise ---- */

/* The value for the present version, if it is there.  The fast way: no request, no loop. */
bool dice_peek(const struct dice *, dice_id, union dice_value *out);
bool dice_get(const struct dice *, const struct dice_kind *, const void *key, union dice_value *out);

/* Older versions.  Of every key one value is held, the last that its step gave, until a newer one
 * replaces it: a failed or cancelled run, or a commit, leaves it.  It was right for every version from
 * *since to *until (both may be NULL); false when the key never had a value. */
bool dice_last(const struct dice *, dice_id, union dice_value *out, uint32_t *since, uint32_t *until);
/* The value at that version, when it is the one held; false also when it is forgotten or unknown. */
bool dice_at(const struct dice *, dice_id, uint32_t version, union dice_value *out);

/* true when the key is failed at the present version.  *root is where the failure began (the key
 * itself, or what it was skipped for) and *error is that key's error; both may be NULL. */
bool dice_error(const struct dice *, dice_id, void **error, dice_id *root);

/* ---- changing inputs ---- */

uint32_t dice_version(const struct dice *); /* 1 at first */

/* Opens a transaction; NULL when one is open already (there is one at a time). */
struct dice_txn *dice_begin(struct dice *);
/* The key's value, without a step.  Takes over the value.  An equal value (kind->same) changes
 * nothing.  false, with the value released, when this transaction has injected the key before. */
bool dice_inject(struct dice_txn *, dice_id, union dice_value) SL_MUST_USE;
/* What the step read outside may have changed: run it again when next asked.  An input keeps its
 * value, but its readers run again.  A key never computed is left alone. */
void dice_touch(struct dice_txn *, dice_id);
/* Applies all of it and ends the transaction.  Returns the version: a new one if anything changed or a
 * transient value was held.  0, with the transaction still open, while work is going on (cancel
 * first, or wait for `done`). */
uint32_t dice_commit(struct dice_txn *);
/* Ends the transaction and changes nothing. */
void dice_abort(struct dice_txn *);

/* ---- asking from outside ---- */

enum dice_outcome {
	DICE_OK,
	DICE_FAILED,    /* some wanted key failed: dice_error tells */
	DICE_CANCELLED, /* by dice_cancel */
};
typedef void dice_done(void *ud, enum dice_outcome);

/* Brings the keys up to date.  `done` is called once, later, from the loop.  Requests share their work:
 * a key is computed once whoever asks.
 * keep_going: all that does not depend on a failure is still done.  Otherwise the request ends as soon
 * as a failure reaches one of its keys.  When the last request ends, what is left of the work is
 * dropped, except outstanding jobs, which are waited for (their results are kept). */
struct dice_request *dice_request(
		struct dice *, const dice_id *want, size_t n, bool keep_going, dice_done *done, void *ud);
/* Ends the request; `done` still comes, with DICE_CANCELLED unless it was over.  When it was the last
 * one, queued work is dropped and the cancel functions of jobs are called; `done` comes when the jobs
 * are over.  The engine is then ready for use again. */
void dice_cancel(struct dice_request *);
/* Asks and runs the loop until done.  Not from inside a callback of that loop. */
enum dice_outcome dice_run(struct dice *, const dice_id *want, size_t n, bool keep_going);

/* ---- inside a step ---- */

struct dice *dice_of(const struct dice_ctx *);
void *dice_ctx_ud(const struct dice_ctx *); /* host.ud */
dice_id dice_self(const struct dice_ctx *);

/* dice_key, but hashes nothing when the step asks what it asked the last time in the same order. */
dice_id dice_dep(struct dice_ctx *, const struct dice_kind *, const void *key);

/* Asks for keys.  true: all are answered.  false: return DICE_WAIT (something is missing, or one failed
 * and so will this key).  What is asked before anything is read (dice_got) is one batch: the next time
 * the whole batch is checked at once, in parallel.  So ask for all that you know, then read. */
bool dice_need(struct dice_ctx *, const dice_id *, size_t n);
/* The value of a key that dice_need or dice_wait found answered. */
union dice_value dice_got(struct dice_ctx *, dice_id);
/* dice_dep, dice_need and dice_got of one key. */
bool dice_ask(struct dice_ctx *, const struct dice_kind *, const void *key, union dice_value *out);

/* As dice_need, but failures count as answers: the step goes on and looks.  (A step that keeps scratch and
 * mixes the two asks with dice_need again in every entry, to learn what failed meanwhile.) */
bool dice_wait(struct dice_ctx *, const dice_id *, size_t n);
/* After dice_wait: true when it failed (*error and *root may be NULL, as in dice_error). */
bool dice_failed(struct dice_ctx *, dice_id, void **error, dice_id *root);
/* `return dice_skip(ctx, id);`  This key fails because that one has, as with dice_need. */
enum dice_step dice_skip(struct dice_ctx *, dice_id failed);

/* Memory that lasts from entry to entry of one run: zeroed at first, freed when the run ends in any
 * way, after drop(memory) if that is given.  A step that uses it continues: what it asked in earlier
 * entries stands, and need not be asked again. */
void *dice_scratch(struct dice_ctx *, size_t size, void (*drop)(void *));

/* `return dice_return(ctx, value);`  The engine takes over the value, the error. */
enum dice_step dice_return(struct dice_ctx *, union dice_value);
enum dice_step dice_fail(struct dice_ctx *, void *error);

/* ---- work elsewhere ---- */

/* The step's answer needs work outside this thread: start it, then return DICE_WAIT.  Exactly one of
 * the three functions below ends the job, on the loop's thread, even after it was cancelled.  One job
 * at a time in a run.  Until it ended, scratch memory stays.
 * cancel(ud) is called once when nobody wants the answer any more and a request was cancelled; NULL: the
 * job is a critical section, which always finishes. */
struct dice_job *dice_defer(struct dice_ctx *, void (*cancel)(void *ud), void *ud) SL_MUST_USE;
void dice_complete(struct dice_job *, union dice_value); /* this is the answer; kept even if cancelled */
void dice_reject(struct dice_job *, void *error);        /* failed; a cancelled job is not a failure */
void dice_resume(struct dice_job *);                     /* enter the step again; it finds news in scratch */

/* ---- explaining ---- */

enum dice_why {
	DICE_REUSED,    /* its step did not run for this version */
	DICE_FIRST,     /* never computed before */
	DICE_INPUT,     /* injected or touched */
	DICE_DEP,       /* *because changed (or failed, or failed no more) */
	DICE_TRANSIENT, /* its last answer was for one transaction only */
};
/* Why the key was computed in the present version; *because may be NULL, and is {0} unless DICE_DEP.
 * Following `because` ends at an input, a first or a transient key. */
enum dice_why dice_why(const struct dice *, dice_id, dice_id *because);

/* Calls fn for every key that failed by itself at the present version, with its error and the number of
 * keys that were skipped for it.  One pass over all keys. */
void dice_failures(struct dice *, void (*fn)(void *ud, dice_id, void *error, size_t skipped), void *ud);

struct dice_stats {
	size_t nodes;   /* keys known */
	size_t edges;   /* reverse edges held */
	size_t stale;   /* of these, edges of dependencies that are no more; compacted by commits */
	size_t active;  /* keys being checked or computed */
	size_t jobs;    /* outstanding */
	size_t bytes;   /* allocated, all included but values, errors and scratch */
	uint64_t steps; /* entries into steps since dice_new */
	uint64_t runs;  /* runs of steps */
	uint64_t checks; /* dependencies looked at to decide whether to run */
};
struct dice_stats dice_stats(const struct dice *);

#endif
