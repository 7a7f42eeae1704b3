/* A record of imports, laid out like the folders that they lead to. */
#include "term.h"

#include <stdlib.h>

struct entry {
	str *labels; /* where it stands: a/b.dhall is at a.b, a/package.dhall at a */
	uint32_t n;
	str *parts; /* of the path */
	size_t nparts;
	str path;
};

struct packer {
	struct arena mem;
	VEC(struct entry) entries;
	struct diags *diags;
	bool clash;
};

static str without_ending(str file)
{
	size_t dot = file.n;

	while (dot && file.p[dot - 1] != '.')
		dot--;
	return dot > 1 ? str_upto(file, dot - 1) : file;
}

static void enter(struct packer *p, str path, str package)
{
	VEC(str) parts = {0};
	struct entry e = {.path = path};
	str part, rest = path;
	bool more = true;

	while (more) {
		more = str_cut(rest, '/', &part, &rest);
		vec_push(&parts, part);
	}
	e.nparts = parts.n;
	e.parts = arena_array(&p->mem, str, parts.n);
	e.labels = arena_array(&p->mem, str, parts.n);
	memcpy(e.parts, parts.p, parts.n * sizeof *e.parts);
	memcpy(e.labels, parts.p, parts.n * sizeof *e.labels);
	e.n = (uint32_t)parts.n;
	if (e.n > 1 && str_eq(parts.p[e.n - 1], package))
		e.n--;
	else
		e.labels[e.n - 1] = without_ending(parts.p[e.n - 1]);
	vec_push(&p->entries, e);
	vec_free(&parts);
}

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	for (uint32_t i = 0; i < x->n && i < y->n; i++) {
		int c = str_cmp(x->labels[i], y->labels[i]);

		if (c)
			return c;
	}
	return x->n != y->n ? (x->n < y->n ? -1 : 1) : str_cmp(x->path, y->path);
}

static const struct term *import(struct packer *p, const struct entry *e)
{
	struct term *t = arena_make(&p->mem, struct term);

	t->kind = TERM_IMPORT;
	t->u.import = arena_make(&p->mem, struct import);
	*t->u.import = (struct import){.kind = IMPORT_LOCAL, .base = BASE_HERE, .parts = e->parts, .nparts = e->nparts};
	return t;
}

/* How many of the entries from i on have the label that it has there. */
static size_t alike(const struct entry *e, size_t n, uint32_t depth)
{
	size_t i = 1;

	while (i < n && str_eq(e[i].labels[depth], e[0].labels[depth]))
		i++;
	return i;
}

static void clash(struct packer *p, const struct entry *a, const struct entry *b)
{
	struct diag *d = diag_error(p->diags, DIAG_USAGE, NO_SPAN, "'%.*s' and '%.*s' would be one field", STR_ARG(a->path),
			STR_ARG(b->path));

	diag_hint(p->diags, d, "leave one of them out, or rename it");
	p->clash = true;
}

/* Of n sorted entries with the same labels before `depth`; as deep as paths are. */
static const struct term *record(struct packer *p, const struct entry *e, size_t n, uint32_t depth)
{
	struct term *t = arena_make(&p->mem, struct term);
	struct term_field *fields = arena_array(&p->mem, struct term_field, n);

	t->kind = TERM_RECORD;
	t->u.fields.fields = fields;
	while (n && !p->clash) {
		size_t same = alike(e, n, depth);
		struct term_field *f = &fields[t->n++];

		f->name = intern(e->labels[depth]);
		if (e->n > depth + 1)
			f->value = record(p, e, same, depth + 1);
		else if (same == 1)
			f->value = import(p, e);
		else
			clash(p, &e[0], &e[1]);
		e += same;
		n -= same;
	}
	return t;
}

/* A path that was given twice goes in once. */
static void drop_twice(struct packer *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->entries.n; i++)
		if (!n || !str_eq(p->entries.p[n - 1].path, p->entries.p[i].path))
			p->entries.p[n++] = p->entries.p[i];
	p->entries.n = n;
}

bool dhall_package(const str *paths, size_t n, str package, struct buf *out, struct diags *diags)
{
	struct packer p = {.diags = diags};
	const struct term *t;

	for (size_t i = 0; i < n; i++)
		enter(&p, paths[i], package);
	if (n)
		qsort(p.entries.p, p.entries.n, sizeof *p.entries.p, compare);
	drop_twice(&p);
	t = record(&p, p.entries.p, p.entries.n, 0);
	if (!p.clash) {
		term_print(t, out);
		buf_c(out, '\n');
	}
	vec_free(&p.entries);
	arena_clear(&p.mem);
	return !p.clash;
}
