/* Active nodes wait for each other along their dependencies.  A cycle among them never ends: one depth-
 * first search from what the requests wait for finds it and fails its first node, whose failure then
 * skips the others. */
#include "dice_int.h"

/* The dependencies that an active node may be waiting for. */
static void waits_for(struct dice *d, struct node *n, const uint32_t **deps, uint32_t *lo, uint32_t *hi)
{
	*deps = deps_of(d, n);
	*lo = n->state == CHECK ? n->cur : 0;
	*hi = n->state == CHECK ? batch_end(d, n, n->cur) : n->cur;
}

static void visit(struct dice *d, uint32_t id)
{
	struct node *n = &d->nodes[id];
	const uint32_t *deps;
	uint32_t lo, hi;

	if (!active(n) || n->pending == 0 || n->flags & (SEEN | QUEUED))
		return;
	waits_for(d, n, &deps, &lo, &hi);
	n->flags |= SEEN | ON_PATH;
	vec_push(&d->seen, id);
	vec_push(&d->path, ((struct frame){id, lo}));
}

static void leave(struct dice *d)
{
	d->nodes[vec_pop(&d->path).id].flags &= (uint16_t)~ON_PATH;
}

static bool holds_job(const struct dice *d, const struct node *n)
{
	return n->aux && d->aux[n->aux].job;
}

/* path[from..] is a cycle.  A node whose job is outstanding cannot be settled; if all have one, the
 * search comes again when they are over. */
static void break_cycle(struct dice *d, size_t from)
{
	size_t n = d->path.n - from, at = from;
	dice_id *ids = mem_array(dice_id, n);
	struct node *first;

	while (at < d->path.n && holds_job(d, &d->nodes[d->path.p[at].id]))
		at++;
	if (at == d->path.n) {
		d->suspect = true;
	} else {
		for (size_t i = 0; i < n; i++)
			ids[i].i = d->path.p[from + (at - from + i) % n].id;
		first = &d->nodes[ids[0].i];
		if (first->state == CHECK) {
			first->why = DICE_DEP;
			first->because = ids[1 % n].i;
		}
		lives_once(d, ids[0].i); /* others on the cycle may end unsettled */
		fault_raise(d, ids[0].i, DICE_FAULT_CYCLE, ids, n);
	}
	while (d->path.n) /* others on it may be in the queue now */
		leave(d);
	mem_free(ids);
}

static void follow(struct dice *d)
{
	struct frame *f = &vec_last(&d->path);
	struct node *n = &d->nodes[f->id];
	const uint32_t *deps;
	uint32_t lo, hi, next;
	size_t from = d->path.n;

	waits_for(d, n, &deps, &lo, &hi);
	if (f->k >= hi) {
		leave(d);
		return;
	}
	next = deps[f->k++] & ID_MASK;
	if (!(d->nodes[next].flags & ON_PATH)) {
		visit(d, next);
		return;
	}
	while (d->path.p[from - 1].id != next)
		from--;
	break_cycle(d, from - 1);
}

uint64_t cycle_search(struct dice *d)
{
	uint64_t cost;

	for (uint32_t id = 1; id < d->nnodes && d->active > 0; id++) {
		if (!active(&d->nodes[id]))
			continue;
		visit(d, id);
		while (d->path.n)
			follow(d);
	}
	for (size_t i = 0; i < d->seen.n; i++)
		d->nodes[d->seen.p[i]].flags &= (uint16_t)~SEEN;
	cost = d->seen.n + d->nnodes / 16;
	d->seen.n = 0;
	return cost;
}
