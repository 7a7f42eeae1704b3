/* Myers' O(ND) comparison of lines ("An O(ND) Difference Algorithm and Its Variations", 1986), after what is the same at
 * both ends; texts that differ in more than DIFFERENT_MAX lines are shown as replaced. */
#include <straylight/migrate.h>

#include <stdlib.h>

#define CONTEXT 3
#define DIFFERENT_MAX 2000

struct lines {
	VEC(str) list;
};

struct hunk {
	size_t a, na, b, nb; /* lines from there on that are replaced */
};

static void split(struct lines *l, str text)
{
	while (text.n) {
		size_t n = str_find(text, '\n');

		n += n < text.n;
		vec_push(&l->list, str_upto(text, n));
		text = str_from(text, n);
	}
}

typedef VEC(struct hunk) hunk_list;

static void add(hunk_list *out, size_t a, size_t na, size_t b, size_t nb)
{
	if (out->n && vec_last(out).a + vec_last(out).na == a && vec_last(out).b + vec_last(out).nb == b) {
		vec_last(out).na += na;
		vec_last(out).nb += nb;
	} else {
		vec_push(out, ((struct hunk){a, na, b, nb}));
	}
}

/* The way back through the furthest points that were reached with d differences, last step first. */
static void walk_back(int32_t *const *reached, int d, int n, int m, size_t base, hunk_list *out)
{
	VEC(struct hunk) steps = {0};
	int x = n, y = m;

	for (; d > 0; d--) {
		const int32_t *v = reached[d - 1] + DIFFERENT_MAX + 1;
		int k = x - y;
		bool down = k == -d || (k != d && v[k - 1] < v[k + 1]);
		int from = down ? v[k + 1] : v[k - 1], at = from - (down ? k + 1 : k - 1);

		vec_push(&steps, ((struct hunk){base + (size_t)from, !down, base + (size_t)at, down}));
		x = from;
		y = at;
	}
	while (steps.n) {
		struct hunk h = vec_pop(&steps);

		add(out, h.a, h.na, h.b, h.nb);
	}
	vec_free(&steps);
}

static bool compare(const str *a, int n, const str *b, int m, size_t base, hunk_list *out)
{
	int32_t *reached[DIFFERENT_MAX + 1], *row = NULL;
	int d, done = -1;

	for (d = 0; d <= DIFFERENT_MAX && done < 0; d++) {
		const int32_t *last = row ? row + DIFFERENT_MAX + 1 : NULL;
		int32_t *v;

		row = mem_array(int32_t, 2 * DIFFERENT_MAX + 3);
		if (last)
			memcpy(row, last - DIFFERENT_MAX - 1, (2 * DIFFERENT_MAX + 3) * sizeof *row);
		v = row + DIFFERENT_MAX + 1;
		for (int k = -d; k <= d; k += 2) {
			int x = d == 0 ? 0 : k == -d || (k != d && last[k - 1] < last[k + 1]) ? last[k + 1] : last[k - 1] + 1;

			while (x < n && x - k < m && x - k >= 0 && str_eq(a[x], b[x - k]))
				x++;
			v[k] = x;
			if (k == n - m && x >= n)
				done = d;
		}
		reached[d] = row;
		if (n + m == 0)
			done = 0;
	}
	if (done >= 0)
		walk_back(reached, done, n, m, base, out);
	for (int i = 0; i < d; i++)
		mem_free(reached[i]);
	return done >= 0;
}

static void find(const struct lines *a, const struct lines *b, hunk_list *out)
{
	size_t from = 0, n = a->list.n, m = b->list.n;

	while (from < n && from < m && str_eq(a->list.p[from], b->list.p[from]))
		from++;
	while (n > from && m > from && str_eq(a->list.p[n - 1], b->list.p[m - 1])) {
		n--;
		m--;
	}
	if (n == from && m == from)
		return;
	if (n - from + (m - from) > 100000 || !compare(a->list.p + from, (int)(n - from), b->list.p + from, (int)(m - from), from, out))
		add(out, from, n - from, from, m - from);
}

static void line(struct buf *out, char sign, str text)
{
	buf_c(out, sign);
	buf_str(out, text);
	if (!str_ends(text, S("\n")))
		buf_lit(out, "\n\\ No newline at end of file\n");
}

/* Hunks that share their context are one. */
static size_t together(const hunk_list *h, size_t i)
{
	while (i + 1 < h->n && h->p[i + 1].a <= h->p[i].a + h->p[i].na + 2 * CONTEXT)
		i++;
	return i;
}

static void put_range(struct buf *out, char sign, size_t from, size_t n)
{
	buf_fmt(out, "%c%zu", sign, n ? from + 1 : from);
	if (n != 1)
		buf_fmt(out, ",%zu", n);
}

static void put(struct buf *out, const struct lines *a, const struct lines *b, const hunk_list *h, size_t i, size_t last)
{
	size_t before = h->p[i].a < CONTEXT ? h->p[i].a : CONTEXT;
	size_t a_end = h->p[last].a + h->p[last].na, after = a->list.n - a_end < CONTEXT ? a->list.n - a_end : CONTEXT;
	size_t at = h->p[i].a - before, b_at = h->p[i].b - before, b_end = h->p[last].b + h->p[last].nb;

	buf_lit(out, "@@ ");
	put_range(out, '-', at, a_end + after - at);
	buf_c(out, ' ');
	put_range(out, '+', b_at, b_end + after - b_at);
	buf_lit(out, " @@\n");
	for (; i <= last; i++) {
		for (; at < h->p[i].a; at++)
			line(out, ' ', a->list.p[at]);
		for (; at < h->p[i].a + h->p[i].na; at++)
			line(out, '-', a->list.p[at]);
		for (size_t k = 0; k < h->p[i].nb; k++)
			line(out, '+', b->list.p[h->p[i].b + k]);
	}
	for (; at < a_end + after; at++)
		line(out, ' ', a->list.p[at]);
}

void migrate_diff(str name, str before, str after, struct buf *out)
{
	struct lines a = {0}, b = {0};
	hunk_list hunks = {0};

	split(&a, before);
	split(&b, after);
	find(&a, &b, &hunks);
	if (hunks.n && before.n)
		buf_fmt(out, "--- a/%.*s\n", STR_ARG(name));
	else if (hunks.n)
		buf_lit(out, "--- /dev/null\n");
	if (hunks.n)
		buf_fmt(out, "+++ b/%.*s\n", STR_ARG(name));
	for (size_t i = 0; i < hunks.n; i++) {
		size_t last = together(&hunks, i);

		put(out, &a, &b, &hunks, i, last);
		i = last;
	}
	vec_free(&hunks);
	vec_free(&a.list);
	vec_free(&b.list);
}
