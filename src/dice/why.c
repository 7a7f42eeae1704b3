#include "dice_int.h"

bool dice_last(const struct dice *d, dice_id id, union dice_value *out, uint32_t *since, uint32_t *until)
{
	const struct node *n = &d->nodes[id.i];
	const struct aux *a = aux_of(d, n);
	bool fault = a && a->root;

	if (!(n->flags & VALUED))
		return false;
	*out = n->value;
	if (since)
		*since = fault ? a->since : n->flags & GAP ? n->at : n->changed;
	if (until)
		*until = fault ? a->until : n->state == CLEAN ? d->version : n->at;
	return true;
}

bool dice_at(const struct dice *d, dice_id id, uint32_t version, union dice_value *out)
{
	union dice_value v;
	uint32_t since, until;

	if (!dice_last(d, id, &v, &since, &until) || version < since || version > until)
		return false;
	*out = v;
	return true;
}

bool dice_error(const struct dice *d, dice_id id, void **error, dice_id *root)
{
	const struct node *n = &d->nodes[id.i];
	uint32_t from;

	if (n->state != FAILED)
		return false;
	from = aux_of(d, n)->root;
	if (root)
		*root = (dice_id){from};
	if (error)
		*error = aux_of(d, &d->nodes[from])->error;
	return true;
}

enum dice_why dice_why(const struct dice *d, dice_id id, dice_id *because)
{
	const struct node *n = &d->nodes[id.i];
	enum dice_why why = settled(n) && n->at == d->version ? n->why : DICE_REUSED;

	if (because)
		*because = (dice_id){why == DICE_DEP ? n->because : 0};
	return why;
}

void dice_failures(struct dice *d, void (*fn)(void *ud, dice_id, void *error, size_t skipped), void *ud)
{
	uint32_t *skipped = mem_array(uint32_t, d->nnodes);

	for (uint32_t id = 1; id < d->nnodes; id++)
		if (d->nodes[id].state == FAILED)
			skipped[aux_of(d, &d->nodes[id])->root]++;
	for (uint32_t id = 1; id < d->nnodes; id++) {
		const struct node *n = &d->nodes[id];

		if (n->state == FAILED && aux_of(d, n)->root == id)
			fn(ud, (dice_id){id}, aux_of(d, n)->error, skipped[id] - 1);
	}
	mem_free(skipped);
}
