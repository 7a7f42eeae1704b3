#include "attrs.h"

#include <stdlib.h>

struct attrs attrs_empty;

static const struct attr *find_in(const struct attr *e, uint32_t n, sym name)
{
	while (n > 8) {
		uint32_t half = n / 2;

		if (e[half].name <= name) {
			e += half;
			n -= half;
		} else {
			n = half;
		}
	}
	for (uint32_t i = 0; i < n; i++)
		if (e[i].name == name)
			return &e[i];
	return NULL;
}

const struct attr *attrs_find(const struct attrs *a, sym name)
{
	for (; a; a = a->base) {
		const struct attr *found = find_in(a->e, a->n, name);

		if (found)
			return found;
	}
	return NULL;
}

struct attrs *attrs_new(struct arena *mem, size_t n)
{
	struct attrs *a = arena_raw(mem, sizeof *a, _Alignof(struct attrs));

	*a = (struct attrs){.e = arena_raw(mem, mem_size(n, sizeof(struct attr)), _Alignof(struct attr))};
	return a;
}

/* top over low, into out, which has room for both; the number of attributes. */
static uint32_t merge(const struct attr *low, uint32_t nlow, const struct attr *top, uint32_t ntop, struct attr *out)
{
	uint32_t i = 0, j = 0, n = 0;

	while (i < nlow && j < ntop) {
		if (low[i].name < top[j].name) {
			out[n++] = low[i++];
		} else {
			i += low[i].name == top[j].name;
			out[n++] = top[j++];
		}
	}
	if (i < nlow)
		memcpy(out + n, low + i, (nlow - i) * sizeof *out);
	n += nlow - i;
	if (j < ntop)
		memcpy(out + n, top + j, (ntop - j) * sizeof *out);
	return n + (ntop - j);
}

/* From the lowest layer up, in two buffers by turns; the last one goes into the arena. */
struct attrs *attrs_flat(struct arena *mem, struct attrs *a)
{
	const struct attrs *layers[ATTRS_DEPTH_MAX + 1];
	struct attr *room[2], *out;
	const struct attr *low;
	size_t total = 0;
	uint32_t n = 0, nlow;

	if (!a->base)
		return a;
	for (const struct attrs *l = a; l; l = l->base) {
		layers[n++] = l;
		total += l->n;
	}
	low = layers[n - 1]->e;
	nlow = layers[n - 1]->n;
	room[1] = n > 2 ? mem_array(struct attr, total) : NULL;
	room[0] = n > 3 ? mem_array(struct attr, total) : NULL;
	for (uint32_t i = n - 2; i > 0; i--) {
		nlow = merge(low, nlow, layers[i]->e, layers[i]->n, room[i & 1]);
		low = room[i & 1];
	}
	out = arena_raw(mem, mem_size((size_t)nlow + a->n, sizeof *out), _Alignof(struct attr));
	nlow = merge(low, nlow, a->e, a->n, out);
	mem_free(room[0]);
	mem_free(room[1]);
	*a = (struct attrs){.e = out, .n = nlow};
	return a;
}

/* Small sets are copied: a look-up in one layer is the faster one. */
#define COPY_MAX 8

static struct attrs *merged(struct arena *mem, struct attrs *a, struct attrs *b)
{
	struct attrs *out;

	out = attrs_new(mem, (size_t)a->n + b->n);
	out->n = merge(a->e, a->n, b->e, b->n, out->e);
	return out;
}

struct attrs *attrs_update(struct arena *mem, struct attrs *a, struct attrs *b)
{
	struct attrs *out;

	if (b->n == 0 && !b->base)
		return a;
	if (a->n == 0 && !a->base)
		return b;
	attrs_flat(mem, b);
	if (a->depth + 1 >= ATTRS_DEPTH_MAX)
		attrs_flat(mem, a);
	if (!a->base && a->n + b->n <= COPY_MAX)
		return merged(mem, a, b);
	out = arena_raw(mem, sizeof *out, _Alignof(struct attrs));
	*out = (struct attrs){b->e, a, b->n, a->depth + 1};
	return out;
}

static int by_sym(const void *a, const void *b)
{
	const struct attr *x = a, *y = b;

	return x->name < y->name ? -1 : x->name > y->name;
}

/* Stable: of equal names the one that was filled in first comes first. */
static void sort_many(struct attr *e, uint32_t n)
{
	struct attr *half;
	uint32_t mid = n / 2, i = 0, j = mid, k = 0;

	if (n <= 16) {
		for (uint32_t a = 1; a < n; a++) {
			struct attr x = e[a];
			uint32_t b = a;

			for (; b > 0 && by_sym(&e[b - 1], &x) > 0; b--)
				e[b] = e[b - 1];
			e[b] = x;
		}
		return;
	}
	sort_many(e, mid);
	sort_many(e + mid, n - mid);
	half = mem_array(struct attr, mid);
	memcpy(half, e, mid * sizeof *e);
	while (i < mid)
		e[k++] = j < n && e[j].name < half[i].name ? e[j++] : half[i++];
	mem_free(half);
}

void attrs_end(struct attrs *a)
{
	uint32_t n = 0;
	bool sorted = true;

	for (uint32_t i = 1; i < a->n && sorted; i++)
		sorted = a->e[i - 1].name < a->e[i].name;
	if (sorted)
		return;
	sort_many(a->e, a->n);
	for (uint32_t i = 0; i < a->n; i++)
		if (n == 0 || a->e[n - 1].name != a->e[i].name)
			a->e[n++] = a->e[i];
	a->n = n;
}

static int by_name(const void *a, const void *b)
{
	return sym_cmp((*(const struct attr *const *)a)->name, (*(const struct attr *const *)b)->name);
}

const struct attr **attrs_by_name(struct arena *mem, const struct attrs *a)
{
	const struct attr **out = arena_array(mem, const struct attr *, a->n);

	for (uint32_t i = 0; i < a->n; i++)
		out[i] = &a->e[i];
	if (a->n > 1)
		qsort(out, a->n, sizeof *out, by_name);
	return out;
}
