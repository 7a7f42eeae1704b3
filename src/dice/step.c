#include "dice_int.h"

#include <assert.h>

void push(struct dice *d, uint32_t id)
{
	if (d->nodes[id].flags & QUEUED)
		return;
	d->nodes[id].flags |= QUEUED;
	vec_push(&d->queue, id);
}

/* ---- the ways a node changes state ---- */

static void begin_run(struct dice *d, uint32_t id, enum dice_why why, uint32_t because)
{
	struct node *n = &d->nodes[id];

	n->state = RUN;
	n->flags &= (uint16_t)~(FORCE | TOLERANT);
	n->why = (uint8_t)why;
	n->because = because;
	n->cur = 0;
	d->runs++;
	emit(d, DICE_EV_START, id);
}

void node_start(struct dice *d, uint32_t id)
{
	struct node *n = &d->nodes[id];

	if (n->state != NEW && n->state != DIRTY)
		return;
	d->active++;
	n->pending = 0;
	n->cur = 0;
	if (n->state == NEW)
		begin_run(d, id, DICE_FIRST, 0);
	else if (n->flags & FORCE)
		begin_run(d, id, n->why, n->because);
	else
		n->state = CHECK;
	push(d, id);
}

void run_forget(struct dice *d, uint32_t id)
{
	struct node *n = &d->nodes[id];
	struct aux *a = aux_of(d, n);

	if (!a)
		return;
	if (a->scratch) {
		if (a->drop)
			a->drop(a->scratch);
		mem_free(a->scratch);
		a->scratch = NULL;
	}
	if (a->news == COMPLETED)
		value_release(d->kinds[n->kind], a->result);
	else if (a->news == REJECTED && a->result.p && d->host.release_error)
		d->host.release_error(a->result.p);
	a->news = NOTHING;
	aux_tidy(d, n);
}

/* Back to what it was before it became active.  A run in the middle has mixed its dependencies with
 * the old ones, so it must run again. */
void node_reset(struct dice *d, uint32_t id)
{
	struct node *n = &d->nodes[id];
	bool ran = n->state == RUN;

	run_forget(d, id);
	n->flags &= (uint16_t)~(DOOMED | HOPELESS);
	n->pending = 0;
	if (!(n->flags & VALUED) && !has_fault(d, n)) {
		n->state = NEW;
	} else {
		n->state = DIRTY;
		if (ran)
			n->flags |= FORCE;
	}
	d->active--;
	if (ran)
		emit(d, DICE_EV_DROP, id);
	if (n->waiters) /* someone came while its job was outstanding */
		node_start(d, id);
}

void lives_once(struct dice *d, uint32_t id)
{
	struct node *n = &d->nodes[id];

	if (n->flags & TRANSIENT)
		return;
	n->flags |= TRANSIENT;
	vec_push(&d->transient, id);
}

/* Something that it needs has failed, so its step need not be entered again.  Without a patient request
 * the failure climbs at once, past siblings that are still at work. */
static void give_up(struct dice *d, uint32_t id)
{
	struct node *n = &d->nodes[id];
	struct aux *a = aux_of(d, n);

	if (n->flags & TOLERANT)
		return;
	n->flags |= HOPELESS;
	if (!d->patient && !(a && a->job))
		push(d, id);
}

static void wake(struct dice *d, uint32_t waiters, bool failed)
{
	while (waiters) {
		struct cell c = d->cells[waiters];
		struct node *n;

		cell_free(d, waiters);
		waiters = c.next;
		if (c.to & REQUEST) {
			wave_settled(d, c.to & ID_MASK, failed);
			continue;
		}
		n = &d->nodes[c.to];
		if (!active(n)) /* skipped early, or the first of a cycle */
			continue;
		if (failed)
			give_up(d, c.to);
		if (--n->pending == 0)
			push(d, c.to);
	}
}

/* The end of a run or a check. */
static void settle(struct dice *d, uint32_t id, enum state state, enum dice_event event)
{
	struct node *n = &d->nodes[id];
	uint32_t waiters = n->waiters;

	if (n->state == RUN)
		deps_truncate(d, n, n->cur);
	if (n->aux)
		run_forget(d, id);
	if (n->changed == d->version)
		n->flags &= (uint16_t)~GAP;
	else if (n->at + 1 < d->version)
		n->flags |= GAP;
	n->state = (uint8_t)state;
	n->flags &= (uint16_t)~HOPELESS;
	n->at = d->version;
	n->waiters = 0;
	d->active--;
	emit(d, event, id);
	wake(d, waiters, state == FAILED);
}

static void settle_value(struct dice *d, uint32_t id, union dice_value v)
{
	struct node *n = &d->nodes[id];
	const struct dice_kind *kind = d->kinds[n->kind];
	bool same = n->flags & VALUED && value_same(kind, n->value, v);
	enum dice_event event = DICE_EV_CUTOFF;

	if (same) {
		value_release(kind, v);
	} else {
		if (n->flags & VALUED)
			value_release(kind, n->value);
		n->value = v;
		n->flags |= VALUED;
	}
	if (!same || has_fault(d, n)) {
		n->changed = d->version;
		event = DICE_EV_DONE;
	}
	if (n->aux)
		fault_clear(d, n);
	if (kind->transient && kind->transient(n->value))
		lives_once(d, id);
	settle(d, id, CLEAN, event);
}

static void settle_failed(struct dice *d, uint32_t id, uint32_t root, void *error)
{
	struct node *n = &d->nodes[id];
	struct aux *a = aux_need(d, id);

	if (!a->root) {
		a->since = n->flags & GAP ? n->at : n->changed;
		a->until = n->at;
	} else if (a->error && d->host.release_error) {
		d->host.release_error(a->error);
	}
	a->root = root;
	a->error = error;
	n->changed = d->version;
	settle(d, id, FAILED, DICE_EV_FAIL);
}

static void settle_error(struct dice *d, uint32_t id, void *error)
{
	if (error && d->host.transient_error && d->host.transient_error(error))
		lives_once(d, id);
	settle_failed(d, id, id, error);
}

void fault_raise(struct dice *d, uint32_t id, enum dice_fault fault, const dice_id *path, size_t n)
{
	void *error = d->host.blame ? d->host.blame(d->host.ud, d, fault, path, n) : NULL;

	settle_error(d, id, error);
}

static void fault_here(struct dice *d, uint32_t id, enum dice_fault fault)
{
	dice_id self = {id};

	fault_raise(d, id, fault, &self, 1);
}

/* ---- waiting ---- */

bool await(struct dice *d, uint32_t me, const uint32_t *ids, uint32_t n)
{
	uint32_t missing = 0;

	while (n-- > 0) {
		uint32_t id = ids[n] & ID_MASK;
		struct node *dep = &d->nodes[id];

		if (settled(dep))
			continue;
		missing++;
		dep->waiters = cell_new(d, me, dep->waiters);
		if (active(dep))
			d->suspect = true;
		else
			node_start(d, id);
	}
	d->nodes[me].pending += missing;
	return missing > 0;
}

uint32_t batch_end(struct dice *d, struct node *n, uint32_t k)
{
	const uint32_t *deps = deps_of(d, n);

	do
		k++;
	while (k < n->ndep && !(deps[k] & BARRIER));
	return k;
}

enum verdict { UNCHANGED, CHANGED, WAITING };

/* Goes through the recorded dependencies batch by batch.  What stands behind a barrier was asked
 * because of what was read before it, and may not be asked for before that is known to be the same. */
static enum verdict check(struct dice *d, uint32_t id)
{
	struct node *n = &d->nodes[id];
	const uint32_t *deps = deps_of(d, n);
	uint32_t lo = n->cur, hi;

	while (lo < n->ndep) {
		hi = batch_end(d, n, lo);
		for (uint32_t k = lo; k < hi; k++) {
			const struct node *dep = &d->nodes[deps[k] & ID_MASK];

			d->checks++;
			if (settled(dep) && dep->changed > n->at) {
				n->because = deps[k] & ID_MASK;
				return CHANGED;
			}
		}
		n->cur = lo;
		if (await(d, id, deps + lo, hi - lo))
			return WAITING;
		lo = hi;
	}
	return UNCHANGED;
}

/* What the job brought, once nothing else is outstanding. */
static bool take_result(struct dice *d, uint32_t id)
{
	struct aux *a = aux_of(d, &d->nodes[id]);
	union dice_value v;

	if (!a || (a->news != COMPLETED && a->news != REJECTED))
		return false;
	v = a->result;
	if (a->news == COMPLETED) {
		a->news = NOTHING;
		settle_value(d, id, v);
	} else {
		a->news = NOTHING;
		settle_error(d, id, v.p);
	}
	return true;
}

static enum dice_step project(struct dice_ctx *ctx, const void *key)
{
	dice_id whole;

	memcpy(&whole, key, sizeof whole);
	if (!dice_need(ctx, &whole, 1))
		return DICE_WAIT;
	return dice_return(ctx, ctx->kind->project(ctx->dice->host.ud, key, dice_got(ctx, whole)));
}

static const void *ctx_key(struct dice_ctx *ctx)
{
	return ctx->kind->key_size <= sizeof ctx->bits ? (const void *)&ctx->bits
						       : (const void *)(uintptr_t)ctx->bits;
}

static enum dice_step call(struct dice *d, struct dice_ctx *ctx)
{
	enum dice_step r;

	d->steps++;
	d->stepping = ctx->me;
	r = ctx->kind->project ? project(ctx, ctx_key(ctx)) : ctx->kind->step(ctx, ctx_key(ctx));
	d->stepping = 0;
	return r;
}

static void drop_result(struct dice *d, struct dice_ctx *ctx, enum dice_step r)
{
	if (r == DICE_DONE)
		value_release(ctx->kind, ctx->result);
	else if (r == DICE_FAIL && ctx->result.p && d->host.release_error)
		d->host.release_error(ctx->result.p);
}

static bool take_resumed(struct dice *d, uint32_t id)
{
	struct aux *a = aux_of(d, &d->nodes[id]);

	if (!a || a->news != RESUMED)
		return false;
	a->news = NOTHING;
	push(d, id);
	return true;
}

/* The first failure among what it asked. */
static uint32_t first_failed(struct dice *d, struct node *n)
{
	const uint32_t *deps = deps_of(d, n);
	uint32_t k = 0;

	while (d->nodes[deps[k] & ID_MASK].state != FAILED)
		k++;
	return deps[k] & ID_MASK;
}

/* Fails a node because `dep` did.  When more of what it asked is outstanding, that may end unsettled, so
 * the failure cannot outlive the transaction. */
static void skip(struct dice *d, uint32_t id, uint32_t dep)
{
	struct node *n = &d->nodes[id];

	if (n->state == CHECK) { /* as if its step had been entered, and had asked no further */
		deps_truncate(d, n, batch_end(d, n, n->cur));
		n->why = DICE_DEP;
		n->because = dep;
	}
	if (n->pending)
		lives_once(d, id);
	settle_failed(d, id, aux_of(d, &d->nodes[dep])->root, NULL);
}

static void enter(struct dice *d, uint32_t id)
{
	struct node *n = &d->nodes[id];
	struct aux *a = aux_of(d, n);
	struct dice_ctx ctx = {.dice = d, .kind = d->kinds[n->kind], .me = id, .bits = n->key};
	enum dice_step r;

	if (a && take_result(d, id))
		return;
	if (!ctx.kind->step && !ctx.kind->project) {
		fault_here(d, id, DICE_FAULT_ABSENT);
		return;
	}
	if (a && a->news == RESUMED)
		a->news = NOTHING;
	if (a && a->scratch) {
		ctx.pos = ctx.guess = n->cur;
		ctx.read = true;
	}
	r = call(d, &ctx);
	n = &d->nodes[id];
	if (n->state != RUN || n->pending) {
		drop_result(d, &ctx, r);
		if (n->state == RUN && ctx.skip)
			give_up(d, id);
	} else if (r == DICE_DONE)
		settle_value(d, id, ctx.result);
	else if (r == DICE_FAIL)
		settle_error(d, id, ctx.result.p);
	else if (take_result(d, id) || take_resumed(d, id))
		return;
	else if (ctx.skip)
		skip(d, id, ctx.skip);
	else
		fault_here(d, id, DICE_FAULT_STUCK);
}

void turn(struct dice *d, uint32_t id)
{
	struct node *n = &d->nodes[id];

	assert(active(n));
	d->turns++;
	n->flags &= (uint16_t)~QUEUED;
	if (n->flags & HOPELESS) {
		skip(d, id, first_failed(d, n));
		return;
	}
	if (n->state == CHECK) {
		switch (check(d, id)) {
		case WAITING: return;
		case UNCHANGED:
			n->why = DICE_REUSED;
			settle(d, id, has_fault(d, n) ? FAILED : CLEAN, DICE_EV_REUSED);
			return;
		case CHANGED: begin_run(d, id, DICE_DEP, n->because);
		}
	}
	enter(d, id);
}
