#include "dice_int.h"

uint32_t dice_version(const struct dice *d)
{
	return d->version;
}

struct dice_txn *dice_begin(struct dice *d)
{
	if (d->txn.open)
		return NULL;
	d->txn.open = true;
	return &d->txn;
}

bool dice_inject(struct dice_txn *t, dice_id id, union dice_value v)
{
	struct node *n = &t->dice->nodes[id.i];

	if (n->flags & INJECTED) {
		value_release(t->dice->kinds[n->kind], v);
		return false;
	}
	n->flags |= INJECTED;
	vec_push(&t->changes, ((struct change){id.i, true, v}));
	return true;
}

void dice_touch(struct dice_txn *t, dice_id id)
{
	vec_push(&t->changes, ((struct change){id.i, false, {.u = 0}}));
}

static void close_txn(struct dice_txn *t)
{
	for (size_t i = 0; i < t->changes.n; i++)
		t->dice->nodes[t->changes.p[i].id].flags &= (uint16_t)~INJECTED;
	t->changes.n = 0;
	t->open = false;
}

void dice_abort(struct dice_txn *t)
{
	struct dice *d = t->dice;

	for (size_t i = 0; i < t->changes.n; i++) {
		const struct change *c = &t->changes.p[i];

		if (c->inject)
			value_release(d->kinds[d->nodes[c->id].kind], c->value);
	}
	close_txn(t);
}

/* ---- what a change does; d->version is already the new one ---- */

static bool unchanged(const struct dice *d, const struct change *c)
{
	const struct node *n = &d->nodes[c->id];

	if (!c->inject)
		return n->state == NEW;
	return n->state == CLEAN && n->ndep == 0 && value_same(d->kinds[n->kind], n->value, c->value);
}

static void inject(struct dice *d, uint32_t id, union dice_value v)
{
	struct node *n = &d->nodes[id];

	if (n->flags & VALUED)
		value_release(d->kinds[n->kind], n->value);
	fault_clear(d, n);
	deps_truncate(d, n, 0);
	n->value = v;
	n->state = CLEAN;
	n->flags = (uint16_t)((n->flags & ~(FORCE | GAP | TRANSIENT)) | VALUED);
	n->changed = n->at = d->version;
	n->why = DICE_INPUT;
	dirty_above(d, id);
}

/* The next request runs it whatever its dependencies say. */
static void force(struct dice *d, uint32_t id, enum dice_why why)
{
	struct node *n = &d->nodes[id];

	if (settled(n))
		n->at = d->version - 1;
	n->state = DIRTY;
	n->flags |= FORCE;
	n->why = (uint8_t)why;
	n->because = 0;
	dirty_above(d, id);
}

static void touch(struct dice *d, uint32_t id)
{
	struct node *n = &d->nodes[id];
	const struct dice_kind *kind = d->kinds[n->kind];

	if (n->state == NEW)
		return;
	if (kind->step || kind->project || n->state != CLEAN) {
		force(d, id, DICE_INPUT);
		return;
	}
	n->changed = n->at = d->version;
	n->flags &= (uint16_t)~GAP;
	n->why = DICE_INPUT;
	dirty_above(d, id);
}

static void expire(struct dice *d)
{
	for (size_t i = 0; i < d->transient.n; i++) {
		struct node *n = &d->nodes[d->transient.p[i]];

		if (n->flags & TRANSIENT)
			force(d, d->transient.p[i], DICE_TRANSIENT);
		n->flags &= (uint16_t)~TRANSIENT;
	}
	d->transient.n = 0;
}

uint32_t dice_commit(struct dice_txn *t)
{
	struct dice *d = t->dice;
	bool news = d->transient.n > 0;

	if (d->active || d->live)
		return 0;
	for (size_t i = 0; i < t->changes.n && !news; i++)
		news = !unchanged(d, &t->changes.p[i]);
	if (!news) {
		dice_abort(t);
		return d->version;
	}
	if (d->version == UINT32_MAX)
		mem_oom();
	d->version++;
	expire(d);
	for (size_t i = 0; i < t->changes.n; i++) {
		const struct change *c = &t->changes.p[i];

		if (!c->inject)
			touch(d, c->id);
		else if (unchanged(d, c))
			value_release(d->kinds[d->nodes[c->id].kind], c->value);
		else
			inject(d, c->id, c->value);
	}
	close_txn(t);
	edges_compact(d);
	return d->version;
}
