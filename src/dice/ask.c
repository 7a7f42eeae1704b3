/* What a step may call. */
#include "dice_int.h"

#include <assert.h>

struct dice *dice_of(const struct dice_ctx *ctx)
{
	return ctx->dice;
}

void *dice_ctx_ud(const struct dice_ctx *ctx)
{
	return ctx->dice->host.ud;
}

dice_id dice_self(const struct dice_ctx *ctx)
{
	return (dice_id){ctx->me};
}

dice_id dice_dep(struct dice_ctx *ctx, const struct dice_kind *kind, const void *key)
{
	struct dice *d = ctx->dice;
	struct node *n = &d->nodes[ctx->me];
	uint32_t k = ctx->guess++;

	if (k < n->ndep) {
		uint32_t id = deps_of(d, n)[k] & ID_MASK;

		if (key_is(d, id, kind, key))
			return (dice_id){id};
	}
	return dice_key(d, kind, key);
}

/* A barrier stays where the first entry that came so far put it: later ones see more than it did. */
static void record(struct dice_ctx *ctx, uint32_t id)
{
	struct dice *d = ctx->dice;
	struct node *n = &d->nodes[ctx->me];
	uint32_t k = ctx->pos++;

	if (k < n->cur && (deps_of(d, n)[k] & ID_MASK) == id)
		return;
	dep_record(d, ctx->me, k, id, ctx->read && k > 0 ? BARRIER : 0);
	if (k >= n->cur)
		n->cur = k + 1;
	ctx->read = false;
}

static bool ask(struct dice_ctx *ctx, const dice_id *ids, size_t n)
{
	struct dice *d = ctx->dice;
	uint32_t first = ctx->pos;

	for (size_t i = 0; i < n; i++)
		record(ctx, ids[i].i);
	ctx->guess = ctx->pos;
	return !await(d, ctx->me, deps_of(d, &d->nodes[ctx->me]) + first, ctx->pos - first);
}

bool dice_need(struct dice_ctx *ctx, const dice_id *ids, size_t n)
{
	struct dice *d = ctx->dice;
	bool there = ask(ctx, ids, n);

	for (size_t i = 0; i < n; i++) {
		const struct node *dep = &d->nodes[ids[i].i];

		if (dep->state != FAILED)
			continue;
		if (!ctx->skip)
			ctx->skip = ids[i].i;
		there = false;
	}
	return there;
}

bool dice_wait(struct dice_ctx *ctx, const dice_id *ids, size_t n)
{
	ctx->dice->nodes[ctx->me].flags |= TOLERANT;
	return ask(ctx, ids, n);
}

union dice_value dice_got(struct dice_ctx *ctx, dice_id id)
{
	const struct node *n = &ctx->dice->nodes[id.i];

	assert(n->state == CLEAN);
	ctx->read = true;
	return n->value;
}

bool dice_ask(struct dice_ctx *ctx, const struct dice_kind *kind, const void *key, union dice_value *out)
{
	dice_id id = dice_dep(ctx, kind, key);

	if (!dice_need(ctx, &id, 1))
		return false;
	*out = dice_got(ctx, id);
	return true;
}

bool dice_failed(struct dice_ctx *ctx, dice_id id, void **error, dice_id *root)
{
	ctx->read = true;
	return dice_error(ctx->dice, id, error, root);
}

enum dice_step dice_skip(struct dice_ctx *ctx, dice_id failed)
{
	assert(ctx->dice->nodes[failed.i].state == FAILED);
	ctx->skip = failed.i;
	return DICE_WAIT;
}

void *dice_scratch(struct dice_ctx *ctx, size_t size, void (*drop)(void *))
{
	struct aux *a = aux_need(ctx->dice, ctx->me);

	if (!a->scratch) {
		a->scratch = mem_alloc(size);
		a->drop = drop;
	}
	return a->scratch;
}

enum dice_step dice_return(struct dice_ctx *ctx, union dice_value v)
{
	ctx->result = v;
	return DICE_DONE;
}

enum dice_step dice_fail(struct dice_ctx *ctx, void *error)
{
	ctx->result = dice_ptr(error);
	return DICE_FAIL;
}
