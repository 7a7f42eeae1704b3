#include "action.h"

/* Sets are shared between targets, so the walk marks what it has seen by address. */
struct seen {
	const void **cells;
	size_t mask, n;
};

static bool first_time(struct seen *s, const void *p)
{
	size_t at;

	if ((s->n + 1) * 2 > s->mask) {
		struct seen old = *s;
		size_t size = s->cells ? (s->mask + 1) * 2 : 64;

		s->cells = mem_array(const void *, size);
		s->mask = size - 1;
		s->n = 0;
		for (size_t i = 0; old.cells && i <= old.mask; i++)
			if (old.cells[i])
				first_time(s, old.cells[i]);
		mem_free(old.cells);
	}
	at = ((uintptr_t)p >> 4) * 0x9e3779b97f4a7c15u >> 32 & s->mask;
	while (s->cells[at]) {
		if (s->cells[at] == p)
			return false;
		at = (at + 1) & s->mask;
	}
	s->cells[at] = p;
	s->n++;
	return true;
}

struct visit {
	const struct set *set;
	uint32_t next; /* children still to be visited: next - 1, next - 2 … 0 */
};

/* Depth first with a stack of its own, children from the last to the first: the reverse of the order in
 * which sets are left has every dependent before its dependencies and keeps the order that was written. */
static void walk(const struct set *root, struct seen *seen, struct visit **stack, size_t *cap,
		void (*leave)(void *ud, const struct set *), void *ud)
{
	size_t n = 0;

	if (!first_time(seen, root))
		return;
	if (*cap == 0)
		*stack = mem_array(struct visit, *cap = 64);
	(*stack)[n++] = (struct visit){root, root->nfrom};
	while (n) {
		struct visit *top = &(*stack)[n - 1];
		const struct set *child;

		if (top->next == 0) {
			leave(ud, top->set);
			n--;
			continue;
		}
		child = top->set->from[--top->next];
		if (!first_time(seen, child))
			continue;
		if (n == *cap)
			*stack = mem_realloc(*stack, mem_size(*cap *= 2, sizeof **stack));
		(*stack)[n++] = (struct visit){child, child->nfrom};
	}
}

struct order {
	VEC(const struct set *) sets;
};

static void append(void *ud, const struct set *s)
{
	struct order *o = ud;

	vec_push(&o->sets, s);
}

/* Through aliases to the set that has words. */
static const struct set *behind(const struct set *s)
{
	while (s->forward)
		s = s->from[0];
	return s;
}

static void collect(const struct configured *c, const struct provided *p, struct order *o)
{
	struct seen seen = {0};
	struct visit *stack = NULL;
	size_t cap = 0;

	for (uint32_t i = p->ndeps; i-- > 0;) {
		const struct set *s = configured_set(configured_dep(c, p->deps[i]), p->name);

		if (!s)
			continue;
		if (p->transitive)
			walk(s, &seen, &stack, &cap, append, o);
		else if (first_time(&seen, behind(s)))
			append(o, behind(s));
	}
	mem_free(stack);
	mem_free(seen.cells);
}

struct expansion provided_expand(const struct configured *c, const struct provided *p, struct arena *a)
{
	struct order o = {{0}};
	struct map texts = {0};
	VEC(const struct expanded *) words = {0};
	const struct expanded **out;
	struct expansion e;

	collect(c, p, &o);
	for (size_t i = o.sets.n; i-- > 0;)
		for (uint32_t k = 0; k < o.sets.p[i]->nwords; k++) {
			bool fresh;

			map_slot(&texts, o.sets.p[i]->words[k].text, &fresh);
			if (fresh)
				vec_push(&words, &o.sets.p[i]->words[k]);
		}
	out = arena_array(a, const struct expanded *, words.n);
	if (words.n)
		memcpy(out, words.p, words.n * sizeof *out);
	e = (struct expansion){out, (uint32_t)words.n};
	vec_free(&words);
	vec_free(&o.sets);
	map_free(&texts);
	return e;
}
