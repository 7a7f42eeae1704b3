/* Shapes: sorted sets of field names, interned, so that records of one type share one.  A plan keeps
 * for a term in which order its fields stand, so sorting happens once per term. */
#include "session.h"

#include <stdlib.h>

static uint64_t hash_names(const sym *names, uint32_t n)
{
	uint64_t h = n;

	for (uint32_t i = 0; i < n; i++)
		h = (h ^ names[i]) * 0x9e3779b97f4a7c15u;
	return h ^ (h >> 29);
}

static uint32_t cell_of(sym name, uint32_t mask)
{
	return (name * 0x9e3779b1u >> 7) & mask;
}

static void make_table(struct dhall *s, struct shape *sh)
{
	uint32_t size = 16;
	uint32_t *table;

	while (size < sh->n * 2)
		size *= 2;
	table = arena_array(&s->tables, uint32_t, size);
	sh->mask = size - 1;
	for (uint32_t i = 0; i < sh->n; i++) {
		uint32_t at = cell_of(sh->names[i], sh->mask);

		while (table[at])
			at = (at + 1) & sh->mask;
		table[at] = i + 1;
	}
	sh->table = table;
}

uint32_t shape_find_slow(const struct shape *sh, sym name)
{
	uint32_t at = cell_of(name, sh->mask), i;

	while ((i = sh->table[at]) != 0) {
		if (sh->names[i - 1] == name)
			return i - 1;
		at = (at + 1) & sh->mask;
	}
	return SHAPE_NONE;
}

static void grow(struct dhall *s)
{
	size_t size = s->shapes ? (s->shapes_mask + 1) * 2 : 64;
	struct shape **old = s->shapes;
	size_t n = s->shapes ? s->shapes_mask + 1 : 0;

	s->shapes = arena_array(&s->tables, struct shape *, size);
	s->shapes_mask = size - 1;
	for (size_t i = 0; i < n; i++) {
		size_t at;

		if (!old[i])
			continue;
		at = hash_names(old[i]->names, old[i]->n) & s->shapes_mask;
		while (s->shapes[at])
			at = (at + 1) & s->shapes_mask;
		s->shapes[at] = old[i];
	}
}

const struct shape *shape_of(struct dhall *s, const sym *sorted, uint32_t n)
{
	struct shape *sh;
	size_t at;

	if (s->nshapes * 2 >= s->shapes_mask)
		grow(s);
	at = hash_names(sorted, n) & s->shapes_mask;
	while ((sh = s->shapes[at]) != NULL) {
		if (sh->n == n && (n == 0 || memcmp(sh->names, sorted, n * sizeof *sorted) == 0))
			return sh;
		at = (at + 1) & s->shapes_mask;
	}
	sh = arena_alloc(&s->tables, sizeof *sh + n * sizeof *sorted, _Alignof(struct shape));
	sh->n = n;
	if (n)
		memcpy(sh->names, sorted, n * sizeof *sorted);
	if (n > 8)
		make_table(s, sh);
	s->shapes[at] = sh;
	s->nshapes++;
	return sh;
}

static int by_name(const void *a, const void *b)
{
	return sym_cmp(*(const sym *)a, *(const sym *)b);
}

const struct shape *shape_of_names(struct dhall *s, const sym *names, uint32_t n)
{
	sym few[16], *sorted = few;
	uint32_t m = 0;

	if (n > SL_COUNT(few))
		sorted = arena_raw(&s->arena, mem_size(n, sizeof *sorted), _Alignof(sym));
	if (n) {
		memcpy(sorted, names, n * sizeof *sorted);
		qsort(sorted, n, sizeof *sorted, by_name);
	}
	for (uint32_t i = 0; i < n; i++) /* a name twice is an error that only the checker reports */
		if (m == 0 || sorted[m - 1] != sorted[i])
			sorted[m++] = sorted[i];
	return shape_of(s, sorted, m);
}

struct entry {
	sym name;
	uint32_t from;
};

static int by_entry(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = sym_cmp(x->name, y->name);

	return c ? c : (x->from > y->from) - (x->from < y->from);
}

static struct plan *plan_new(struct dhall *s, const struct term *t)
{
	struct plan *p = arena_make(&s->tables, struct plan);
	uint32_t *from = arena_array(&s->tables, uint32_t, t->n), m = 0;
	struct entry *all = arena_array(&s->tables, struct entry, t->n);
	sym *names = arena_array(&s->tables, sym, t->n);

	for (uint32_t i = 0; i < t->n; i++)
		all[i] = (struct entry){t->u.fields.fields[i].name, i};
	if (t->n)
		qsort(all, t->n, sizeof *all, by_entry);
	for (uint32_t i = 0; i < t->n; i++) {
		if (m && names[m - 1] == all[i].name)
			continue;
		names[m] = all[i].name;
		from[m++] = all[i].from;
	}
	p->shape = shape_of(s, names, m);
	p->from = from;
	return p;
}

const struct plan *shape_plan(struct dhall *s, const struct term *t)
{
	struct plan *p = ptr_map_get(&s->plans, t, NULL);

	if (!p) {
		p = plan_new(s, t);
		ptr_map_put(s, &s->plans, t, NULL, p);
	}
	return p;
}
