#include "dice_int.h"

/* Turns of the engine between two looks at the loop: a fraction of a millisecond. */
#define TURNS_PER_LOOP 4096

/* ---- the end of requests ---- */

static void end_request(struct dice_request *r, enum dice_outcome outcome)
{
	struct dice *d = r->dice;

	if (r->ended)
		return;
	r->ended = true;
	r->outcome = outcome;
	r->next = NULL;
	*d->ended_end = r;
	d->ended_end = &r->next;
	d->live--;
	d->patient -= r->keep_going;
	wave_kick(d);
}

void wave_settled(struct dice *d, uint32_t slot, bool failed)
{
	struct dice_request *r = d->requests.p[slot];

	if (!r || r->ended)
		return;
	r->left--;
	if (failed)
		r->outcome = DICE_FAILED;
	if (r->left == 0 || (failed && !r->keep_going))
		end_request(r, r->outcome);
}

static void deliver(struct dice *d)
{
	struct dice_request *r;

	while ((r = d->ended) && (d->live || !d->active)) {
		d->ended = r->next;
		if (!d->ended)
			d->ended_end = &d->ended;
		d->requests.p[r->slot] = NULL;
		if (!d->live && !d->ended)
			d->requests.n = 0;
		r->done(r->ud, r->outcome);
		mem_free(r);
	}
}

/* ---- dropping ---- */

static void free_waiters(struct dice *d, struct node *n)
{
	while (n->waiters) {
		uint32_t next = d->cells[n->waiters].next;

		cell_free(d, n->waiters);
		n->waiters = next;
	}
}

/* Nobody asks any more: all nodes at work go back to what they were, but for those that only their job
 * still holds, and those whose job has just ended. */
static void drop_work(struct dice *d)
{
	while (d->queue.n)
		d->nodes[vec_pop(&d->queue)].flags &= (uint16_t)~QUEUED;
	d->draining = true;
	for (uint32_t id = 1; id < d->nnodes; id++)
		if (active(&d->nodes[id]))
			free_waiters(d, &d->nodes[id]);
	for (uint32_t id = 1; id < d->nnodes; id++) {
		struct node *n = &d->nodes[id];
		struct aux *a = aux_of(d, n);

		if (!active(n))
			continue;
		if (a && a->job) {
			if (n->pending > 1)
				n->flags |= DOOMED;
			n->pending = 1;
		} else if (a && n->pending == 0 && (a->news == COMPLETED || a->news == REJECTED)) {
			push(d, id);
		} else {
			node_reset(d, id);
		}
	}
}

/* A cancel function may end any job. */
static void cancel_jobs(struct dice *d)
{
	struct dice_job *j;

	d->interrupt = false;
	while ((j = d->jobs)) {
		d->jobs = j->next;
		if (j->next)
			j->next->link = &d->jobs;
		j->next = d->cancelled_jobs;
		j->link = &d->cancelled_jobs;
		if (j->next)
			j->next->link = &j->next;
		d->cancelled_jobs = j;
		if (!j->cancel)
			continue;
		j->cancelled = true;
		j->cancel(j->ud);
	}
}

void dice_cancel(struct dice_request *r)
{
	struct dice *d = r->dice;

	end_request(r, DICE_CANCELLED);
	if (d->live == 0)
		d->interrupt = true;
	wave_kick(d);
}

/* ---- the pump ---- */

/* When nothing runs, whoever still waits waits in a cycle.  While jobs run, a search costs no more turns
 * than were taken since the last one. */
static void search(struct dice *d)
{
	if (d->njobs > 0 && d->suspect && d->turns >= d->search_at) {
		d->suspect = false;
		d->search_at = d->turns + cycle_search(d);
	}
	while (d->njobs == 0 && d->queue.n == 0 && d->live > 0)
		cycle_search(d);
}

static void pump(uv_idle_t *idle)
{
	struct dice *d = idle->data;

	for (unsigned left = TURNS_PER_LOOP; left > 0 && d->queue.n > 0; left--) {
		if (d->live == 0 && !d->draining)
			break;
		turn(d, vec_pop(&d->queue));
	}
	if (d->live > 0 && d->queue.n == 0)
		search(d);
	if (d->live == 0 && d->active > 0 && !d->draining)
		drop_work(d);
	if (d->live == 0 && d->interrupt)
		cancel_jobs(d);
	deliver(d);
	if (d->queue.n == 0 && !(d->ended && (d->live || !d->active)))
		uv_idle_stop(d->idle);
}

void wave_kick(struct dice *d)
{
	if (!uv_is_active((uv_handle_t *)d->idle))
		uv_idle_start(d->idle, pump);
}

struct dice_request *dice_request(
		struct dice *d, const dice_id *want, size_t n, bool keep_going, dice_done *done, void *ud)
{
	struct dice_request *r = mem_make(struct dice_request);
	bool failed = false;

	*r = (struct dice_request){.dice = d, .slot = (uint32_t)d->requests.n, .done = done, .ud = ud};
	r->keep_going = keep_going;
	vec_push(&d->requests, r);
	d->live++;
	d->patient += keep_going;
	d->draining = d->interrupt = false;
	for (size_t i = n; i-- > 0;) {
		struct node *wanted = &d->nodes[want[i].i];

		if (settled(wanted)) {
			failed |= wanted->state == FAILED;
			continue;
		}
		r->left++;
		wanted->waiters = cell_new(d, REQUEST | r->slot, wanted->waiters);
		node_start(d, want[i].i);
	}
	if (failed)
		r->outcome = DICE_FAILED;
	if (r->left == 0 || (failed && !keep_going))
		end_request(r, r->outcome);
	wave_kick(d);
	return r;
}

struct wait {
	bool over;
	enum dice_outcome outcome;
};

static void note(void *ud, enum dice_outcome outcome)
{
	struct wait *w = ud;

	w->over = true;
	w->outcome = outcome;
}

enum dice_outcome dice_run(struct dice *d, const dice_id *want, size_t n, bool keep_going)
{
	struct wait w = {false, DICE_OK};

	dice_request(d, want, n, keep_going, note, &w);
	while (!w.over)
		uv_run(d->idle->loop, UV_RUN_ONCE);
	return w.outcome;
}
