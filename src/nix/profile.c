/* Where evaluation's steps go: counted per attribute, by the expression that is its value.
 *
 * "own" leaves out what other attributes did meanwhile; "all" is with them, once for an attribute that
 * depends on itself through others. */
#include "machine.h"

#include <stdlib.h>

struct cost {
	const struct expr *e;
	uint64_t times, own, all;
	uint32_t active;
};

struct level {
	size_t cost; /* index; SIZE_MAX: not an attribute */
	uint64_t begun, inner;
};

struct profile {
	struct map index; /* by the bytes of the expression's address: position + 1 in costs */
	VEC(struct cost) costs;
	VEC(struct level) levels;
	struct arena mem;
};

void nix_profile(struct nix *x)
{
	if (!x->profile)
		x->profile = mem_make(struct profile);
}

void profile_free(struct nix *x)
{
	struct profile *p = x->profile;

	if (!p)
		return;
	map_free(&p->index);
	vec_free(&p->costs);
	vec_free(&p->levels);
	arena_clear(&p->mem);
	mem_free(p);
}

static size_t cost_of(struct profile *p, const struct expr *e)
{
	bool fresh;
	void **slot = map_slot(&p->index, str_of((const char *)&e, sizeof e), &fresh);

	if (fresh) {
		struct cost c = {.e = e};

		p->index.entries[p->index.n - 1].key = str_dup(&p->mem, str_of((const char *)&e, sizeof e));
		vec_push(&p->costs, c);
		*slot = (void *)(uintptr_t)p->costs.n;
	}
	return (size_t)(uintptr_t)*slot - 1;
}

void profile_enter(struct nix *x, const struct expr *e)
{
	struct profile *p = x->profile;
	struct level l = {e->name ? cost_of(p, e) : SIZE_MAX, x->steps, 0};

	if (l.cost != SIZE_MAX)
		p->costs.p[l.cost].active++;
	vec_push(&p->levels, l);
}

void profile_leave(struct nix *x)
{
	struct profile *p = x->profile;
	struct level l = vec_pop(&p->levels);
	uint64_t all = l.begun - x->steps + 1; /* steps count down */

	if (l.cost != SIZE_MAX) {
		struct cost *c = &p->costs.p[l.cost];

		c->times++;
		c->own += all - l.inner;
		if (--c->active == 0)
			c->all += all;
	}
	if (p->levels.n)
		vec_last(&p->levels).inner += l.cost != SIZE_MAX ? all : l.inner;
}

static int dearest(const void *a, const void *b)
{
	const struct cost *x = a, *y = b;

	if (x->own != y->own)
		return x->own < y->own ? 1 : -1;
	return x->e->lo < y->e->lo ? -1 : x->e->lo > y->e->lo;
}

void nix_profile_report(struct nix *x, struct buf *out)
{
	struct profile *p = x->profile;

	if (!p)
		return;
	if (p->costs.n > 1)
		qsort(p->costs.p, p->costs.n, sizeof *p->costs.p, dearest);
	buf_lit(out, "       own        all    times  attribute\n");
	for (size_t i = 0; i < p->costs.n; i++) {
		const struct cost *c = &p->costs.p[i];
		struct span s = files_span(&x->files, c->e->lo, c->e->hi);
		struct place at = source_place(s.file, s.lo);

		if (c->own + c->all == 0)
			continue;
		buf_fmt(out, "%10llu %10llu %8llu  %.*s  %.*s:%u:%u\n", (unsigned long long)c->own,
				(unsigned long long)c->all,
				(unsigned long long)c->times, STR_ARG(sym_str(c->e->name)),
						STR_ARG(source_name(s.file)), at.line, at.column);
	}
}
