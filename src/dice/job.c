/* Work that a step handed elsewhere. */
#include "dice_int.h"

#include <assert.h>

static void job_link(struct dice_job **list, struct dice_job *j)
{
	j->next = *list;
	j->link = list;
	if (j->next)
		j->next->link = &j->next;
	*list = j;
}

static void job_unlink(struct dice_job *j)
{
	*j->link = j->next;
	if (j->next)
		j->next->link = j->link;
}

struct dice_job *dice_defer(struct dice_ctx *ctx, void (*cancel)(void *ud), void *ud)
{
	struct dice *d = ctx->dice;
	struct aux *a = aux_need(d, ctx->me);
	struct dice_job *j = mem_make(struct dice_job);

	assert(!a->job);
	a->job = j;
	j->dice = d;
	j->id = ctx->me;
	j->cancel = cancel;
	j->ud = ud;
	job_link(&d->jobs, j);
	d->njobs++;
	d->nodes[ctx->me].pending++;
	return j;
}

/* Takes the job off its node and frees it.  The node, with what it now knows; NULL when it was reset
 * instead, and the news are nobody's. */
static struct aux *job_end(struct dice_job *j, bool wanted, uint32_t *id)
{
	struct dice *d = j->dice;
	struct node *n = &d->nodes[j->id];
	struct aux *a = aux_of(d, n);

	*id = j->id;
	a->job = NULL;
	n->pending--;
	d->njobs--;
	job_unlink(j);
	mem_free(j);
	wave_kick(d);
	if (wanted && !(n->flags & DOOMED))
		return a;
	node_reset(d, *id);
	return NULL;
}

/* The node goes on when nothing else is outstanding, and when it is not just being stepped. */
static void job_news(struct dice *d, uint32_t id)
{
	if (d->nodes[id].pending == 0 && d->stepping != id)
		push(d, id);
}

void dice_complete(struct dice_job *j, union dice_value v)
{
	struct dice *d = j->dice;
	uint32_t id;
	struct aux *a = job_end(j, true, &id);

	if (!a) {
		value_release(d->kinds[d->nodes[id].kind], v);
		return;
	}
	a->news = COMPLETED;
	a->result = v;
	job_news(d, id);
}

void dice_reject(struct dice_job *j, void *error)
{
	struct dice *d = j->dice;
	uint32_t id;
	struct aux *a = job_end(j, !j->cancelled, &id);

	if (!a) {
		if (error && d->host.release_error)
			d->host.release_error(error);
		return;
	}
	a->news = REJECTED;
	a->result = dice_ptr(error);
	job_news(d, id);
}

void dice_resume(struct dice_job *j)
{
	struct dice *d = j->dice;
	uint32_t id;
	struct aux *a = job_end(j, d->live > 0 && !j->cancelled, &id);

	if (!a)
		return;
	a->news = RESUMED;
	job_news(d, id);
}
