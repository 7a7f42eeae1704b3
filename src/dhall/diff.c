/* Messages of the checker: where, the path to it, values as text, and the differing part of two types.
 */
#include "check.h"

#include <stdio.h>

#define SHOWN_MAX 160        /* bytes of a type in a message */
#define PATH_MAX_SHOWN 12
#define SHOWN_WHOLE 60       /* two types that are shorter together are told whole */
#define DIFFERENCES_MAX 6    /* that are told one by one */

struct span check_span(const struct check *c, const struct term *t)
{
	if (t->hi == 0)
		return NO_SPAN;
	return (struct span){c->unit->file, t->lo, t->hi};
}

/* ---- the path ---- */

static void path_write(const struct path *p, struct buf *out)
{
	if (!p)
		return;
	path_write(p->up, out);
	if (!p->name) {
		buf_fmt(out, "[%zu]", p->index);
		return;
	}
	if (p->up)
		buf_c(out, '.');
	buf_str(out, sym_str(p->name));
}

/* Of a deep path only the inner part is told. */
static void path_text(const struct check *c, struct buf *out)
{
	struct path inner[PATH_MAX_SHOWN];
	const struct path *p = c->path;
	size_t n = 0;

	for (; p && n < PATH_MAX_SHOWN; p = p->up)
		inner[n++] = *p;
	if (p)
		buf_lit(out, "…");
	for (size_t i = 0; i < n; i++)
		inner[i].up = i + 1 < n ? &inner[i + 1] : NULL;
	path_write(n ? inner : NULL, out);
}

struct diag *check_error(struct check *c, enum diag_code code, const struct term *t,
		const char *fmt, ...)
{
	struct buf b = {0};
	struct diag *d;
	va_list args;

	path_text(c, &b);
	if (b.n)
		buf_lit(&b, ": ");
	va_start(args, fmt);
	buf_vfmt(&b, fmt, args);
	va_end(args);
	d = diag_error(c->s->diags, code, check_span(c, t), "%.*s", STR_ARG(buf_view(&b)));
	buf_free(&b);
	return d;
}

void check_fail(struct check *c)
{
	session_throw(c->s, THROW_ERROR);
}

/* ---- values as text ---- */

/* One line, cut between characters. */
static const char *shorten(struct arena *a, str text)
{
	struct buf b = {0};
	bool space = false;
	size_t i;

	for (i = 0; i < text.n && b.n < SHOWN_MAX; i++) {
		char ch = text.p[i];

		if (ch == '\n' || ch == ' ') {
			space = b.n != 0;
			continue;
		}
		if (space)
			buf_c(&b, ' ');
		space = false;
		if (str_starts(str_from(text, i), S("`…`"))) { /* an ellipsis is no name */
			buf_lit(&b, "…");
			i += sizeof "`…`" - 2;
			continue;
		}
		buf_c(&b, ch);
	}
	if (i < text.n) {
		while (b.n && ((unsigned char)b.p[b.n - 1] & 0xc0) == 0x80)
			b.n--;
		if (b.n && (unsigned char)b.p[b.n - 1] >= 0xc0)
			b.n--;
		buf_lit(&b, "…");
	}
	text = buf_view(&b);
	text = str_dup(a, text);
	buf_free(&b);
	return text.p;
}

/* A term that is too large to print is cut first: breadth and depth. */
static const struct term *cut(struct arena *a, const struct term *t, unsigned depth);

static const struct term *ellipsis(struct arena *a)
{
	struct term *t = arena_make(a, struct term);

	t->kind = TERM_VAR;
	t->u.var.name = intern_c("…");
	t->u.var.index = VAR_FREE;
	return t;
}

static const struct term *cut_fields(struct arena *a, const struct term *t, unsigned depth)
{
	struct term *copy = arena_make(a, struct term);
	uint32_t n = t->n > 40 ? 40 : t->n;
	struct term_field *fields = arena_array(a, struct term_field, n);

	*copy = *t;
	copy->n = n;
	for (uint32_t i = 0; i < n; i++) {
		fields[i] = t->u.fields.fields[i];
		if (fields[i].value)
			fields[i].value = cut(a, fields[i].value, depth - 1);
	}
	copy->u.fields.fields = fields;
	return copy;
}

static const struct term *cut(struct arena *a, const struct term *t, unsigned depth)
{
	struct term *copy;

	if (depth == 0)
		return ellipsis(a);
	switch ((enum term_kind)t->kind) {
	case TERM_RECORD:
	case TERM_RECORD_TYPE:
	case TERM_UNION: return cut_fields(a, t, depth);
	case TERM_LAMBDA:
	case TERM_PI:
		copy = arena_make(a, struct term);
		*copy = *t;
		copy->u.bind.a = cut(a, t->u.bind.a, depth - 1);
		copy->u.bind.b = cut(a, t->u.bind.b, depth - 1);
		return copy;
	case TERM_APP:
	case TERM_OP:
		copy = arena_make(a, struct term);
		*copy = *t;
		copy->u.two.a = cut(a, t->u.two.a, depth - 1);
		copy->u.two.b = cut(a, t->u.two.b, depth - 1);
		return copy;
	case TERM_VAR:
	case TERM_CONST:
	case TERM_BUILTIN:
	case TERM_BOOL:
	case TERM_NATURAL:
	case TERM_INTEGER:
	case TERM_DOUBLE:
	case TERM_BYTES:
	case TERM_DATE:
	case TERM_TIME:
	case TERM_TIMEZONE: return t;
	case TERM_TEXT: return t->n ? ellipsis(a) : t;
	case TERM_FIELD:
		copy = arena_make(a, struct term);
		*copy = *t;
		copy->u.field.a = cut(a, t->u.field.a, depth - 1);
		return copy;
	case TERM_EMPTY:
	case TERM_SOME:
		copy = arena_make(a, struct term);
		*copy = *t;
		copy->u.one.a = cut(a, t->u.one.a, depth - 1);
		return copy;
	case TERM_LIST:
		copy = arena_make(a, struct term);
		*copy = *t;
		copy->n = 1;
		{
			const struct term **items = arena_array(a, const struct term *, 2);

			items[0] = cut(a, t->u.list.items[0], depth - 1);
			items[1] = ellipsis(a);
			copy->n = t->n > 1 ? 2 : 1;
			copy->u.list.items = items;
		}
		return copy;
	default: return ellipsis(a);
	}
}

const char *check_show(struct check *c, struct val *v, const struct env *e)
{
	struct buf b = {0};
	const char *text;

	term_print(cut(&c->s->arena, quote(c->s, &c->s->arena, v, e->depth, QUOTE_NAMED), 8), &b);
	text = shorten(&c->s->diags->arena, buf_view(&b));
	buf_free(&b);
	return text;
}

/* ---- differences ---- */

enum difference_kind { DIFFERENT, MISSING, UNEXPECTED };

struct difference {
	enum difference_kind kind;
	bool alternative;   /* of a union, not a field of a record */
	str path;           /* of MISSING and UNEXPECTED with the name */
	const struct turn *turns; /* the same, its outer part */
	unsigned nturns;
	struct val *expected, *found; /* NULL when there is none */
};

#define TURNS_MAX 16

struct diff {
	struct check *c;
	const struct env *e;
	struct buf path;
	struct turn turns[TURNS_MAX];
	unsigned nturns; /* also those beyond the array */
	struct difference *all;
	unsigned max;
	bool items; /* of lists of different lengths are told one by one */
	unsigned n; /* also those beyond the array */
};

static void walk(struct diff *, struct val *expected, struct val *found);

static void add(struct diff *f, struct difference d)
{
	struct arena *a = &f->c->s->arena;
	struct turn *turns;

	d.path = str_dup(a, buf_view(&f->path));
	d.nturns = f->nturns < TURNS_MAX ? f->nturns : TURNS_MAX;
	d.turns = turns = arena_array(a, struct turn, d.nturns);
	for (unsigned i = 0; i < d.nturns; i++)
		turns[i] = f->turns[i];
	if (f->n < f->max)
		f->all[f->n] = d;
	f->n++;
}

static void add_here(struct diff *f, struct val *expected, struct val *found)
{
	add(f, (struct difference){.kind = DIFFERENT, .expected = expected, .found = found});
}

static size_t path_push(struct diff *f, enum turn_kind kind, const char *sep, str name)
{
	size_t n = f->path.n;

	if (f->nturns < TURNS_MAX)
		f->turns[f->nturns] = (struct turn){kind, kind == TURN_FIELD ? intern(name) : 0};
	f->nturns++;
	if (n)
		buf_str(&f->path, str_c(sep));
	buf_str(&f->path, name);
	return n;
}

static void path_pop(struct diff *f, size_t n)
{
	f->path.n = n;
	f->nturns--;
}

static void walk_at(struct diff *f, enum turn_kind kind, const char *sep, str name, struct val *expected, struct val *found)
{
	size_t n = path_push(f, kind, sep, name);

	walk(f, expected, found);
	path_pop(f, n);
}

static void one_sided(struct diff *f, enum difference_kind kind, bool alternative, sym name,
		struct val *type)
{
	size_t n = path_push(f, TURN_FIELD, ".", sym_str(name));

	add(f, (struct difference){.kind = kind, .alternative = alternative, .expected = type});
	path_pop(f, n);
}

static void walk_fields(struct diff *f, struct val *expected, struct val *found)
{
	const struct shape *a = expected->u.rec.shape, *b = found->u.rec.shape;
	bool alternative = expected->kind == VAL_UNION_TYPE;

	for (uint32_t i = 0; i < a->n; i++)
		if (shape_find(b, a->names[i]) == SHAPE_NONE)
			one_sided(f, MISSING, alternative, a->names[i], expected->u.rec.fields[i]);
	for (uint32_t i = 0; i < b->n; i++)
		if (shape_find(a, b->names[i]) == SHAPE_NONE)
			one_sided(f, UNEXPECTED, alternative, b->names[i], found->u.rec.fields[i]);
	for (uint32_t i = 0; i < a->n && f->n <= f->max; i++) {
		uint32_t j = shape_find(b, a->names[i]);
		struct val *x = expected->u.rec.fields[i],
			   *y = j == SHAPE_NONE ? x : found->u.rec.fields[j];
		size_t n;

		if (x == y || (x && y && val_equal(f->c->s, x, y)))
			continue;
		n = path_push(f, TURN_FIELD, ".", sym_str(a->names[i]));
		if (x && y)
			walk(f, x, y);
		else
			add_here(f, x, y);
		path_pop(f, n);
	}
}

static void walk_pi(struct diff *f, const struct pi *a, const struct pi *b)
{
	struct dhall *s = f->c->s;
	struct val *x;

	if (!val_equal(s, a->domain, b->domain)) {
		walk_at(f, TURN_PARAMETER, " ", S("(parameter)"), a->domain, b->domain);
		return;
	}
	x = val_variable(s, a->name, LEVEL_FRESH + s->fresh++, a->domain);
	walk_at(f, TURN_RESULT, " ", S("(result)"), pi_apply(s, a, x), pi_apply(s, b, x));
}

static void one_item(struct diff *f, enum difference_kind kind, uint32_t i, struct val *item)
{
	size_t n = f->path.n;

	buf_fmt(&f->path, "[%u]", i);
	add(f, (struct difference){.kind = kind, .expected = item});
	f->path.n = n;
}

/* Of the same union, or it is told whole. */
static void walk_alternative(struct diff *f, struct val *expected, struct val *found)
{
	if (expected->n == found->n && expected->u.alt.payload && found->u.alt.payload &&
			val_equal(f->c->s, expected->u.alt.type, found->u.alt.type))
		walk(f, expected->u.alt.payload, found->u.alt.payload);
	else
		add_here(f, expected, found);
}

static void walk_list(struct diff *f, struct val *expected, struct val *found)
{
	struct val **a, **b;

	uint32_t common = expected->n < found->n ? expected->n : found->n;

	if (common == 0 || (expected->n != found->n && !f->items)) {
		add_here(f, expected, found);
		return;
	}
	a = list_items(f->c->s, expected);
	b = list_items(f->c->s, found);
	for (uint32_t i = common; i < expected->n && f->n <= f->max; i++)
		one_item(f, MISSING, i, a[i]);
	for (uint32_t i = common; i < found->n && f->n <= f->max; i++)
		one_item(f, UNEXPECTED, i, b[i]);
	for (uint32_t i = 0; i < common && f->n <= f->max; i++) {
		char name[16];

		if (val_equal(f->c->s, a[i], b[i]))
			continue;
		snprintf(name, sizeof name, "[%u]", i);
		walk_at(f, TURN_OTHER, "", str_c(name), a[i], b[i]);
	}
}

static void walk(struct diff *f, struct val *expected, struct val *found)
{
	struct dhall *s = f->c->s;

	session_deep(s);
	val_force(s, expected);
	val_force(s, found);
	if (expected == found)
		return;
	if (expected->kind != found->kind) {
		add_here(f, expected, found);
		return;
	}
	switch ((enum val_kind)expected->kind) {
	case VAL_RECORD_TYPE:
	case VAL_RECORD:
	case VAL_UNION_TYPE: walk_fields(f, expected, found); break;
	case VAL_LIST_TYPE: walk_at(f, TURN_ITEM, " ", S("(List item)"), expected->u.one.a, found->u.one.a); break;
	case VAL_OPTIONAL_TYPE:
	case VAL_SOME: walk_at(f, TURN_OPTIONAL, " ", S("(Optional)"), expected->u.one.a, found->u.one.a); break;
	case VAL_PI: walk_pi(f, expected->u.pi, found->u.pi); break;
	case VAL_LIST: walk_list(f, expected, found); break;
	case VAL_ALTERNATIVE: walk_alternative(f, expected, found); break;
	default: add_here(f, expected, found); break;
	}
}

/* ---- telling them ---- */

static const char *show_maybe(struct diff *f, struct val *v)
{
	return v ? check_show(f->c, v, f->e) : "no value";
}

static const char *difference_text(struct diff *f, const struct difference *d)
{
	struct arena *a = &f->c->s->diags->arena;
	const char *what = d->alternative ? "alternative" : "field";

	switch (d->kind) {
	case DIFFERENT: break;
	case MISSING:
	case UNEXPECTED:
		return str_fmt(a, "%s %s '%.*s'%s%s", d->kind == MISSING ? "missing" : "unexpected",
				what, STR_ARG(d->path), d->expected ? " : " : "",
				d->expected ? check_show(f->c, d->expected, f->e) : "")
				.p;
	}
	return str_fmt(a, "%s%.*s%sexpected %s, found %s", d->path.n ? "at '" : "", STR_ARG(d->path),
			d->path.n ? "': " : "", show_maybe(f, d->expected), show_maybe(f, d->found))
			.p;
}

static void diff_start(struct diff *f, struct check *c, struct val *expected, struct val *found,
		const struct env *e, unsigned max)
{
	*f = (struct diff){.c = c, .e = e, .max = max, .items = max > DIFFERENCES_MAX};
	f->all = arena_array(&c->s->arena, struct difference, max);
	walk(f, expected, found);
	buf_free(&f->path);
}

static const char *summary(struct diff *f, struct val *expected, struct val *found)
{
	const char *x, *y;

	if (f->n == 1 && f->all[0].path.n)
		return difference_text(f, &f->all[0]);
	x = check_show(f->c, expected, f->e);
	y = check_show(f->c, found, f->e);
	if (f->n <= 1 || strlen(x) + strlen(y) <= SHOWN_WHOLE)
		return str_fmt(&f->c->s->diags->arena, "expected %s, found %s", x, y).p;
	return str_fmt(&f->c->s->diags->arena, "%u differences", f->n).p;
}

/* Of t, where it is given and the difference lies further inside. */
static struct span part_of(const struct diff *f, const struct term *t, const struct difference *d)
{
	const struct term *part = t ? point_at(f->c, t, d->turns, d->nturns, false) : NULL;

	return part != t ? check_span(f->c, part) : NO_SPAN;
}

static void tell_all(struct diff *f, struct diag *d, const struct term *t)
{
	struct diags *ds = f->c->s->diags;

	if (f->n < 2) /* the text has told it */
		return;
	for (unsigned i = 0; i < f->n && i < DIFFERENCES_MAX; i++)
		diag_note(ds, d, part_of(f, t, &f->all[i]), "%s", difference_text(f, &f->all[i]));
	if (f->n > DIFFERENCES_MAX)
		diag_note(ds, d, NO_SPAN, "and more differences");
}

const char *diff_text(struct check *c, struct val *expected, struct val *found, const struct env *e)
{
	struct diff f;

	diff_start(&f, c, expected, found, e, DIFFERENCES_MAX);
	return summary(&f, expected, found);
}

void diff_notes(struct check *c, struct diag *d, struct val *expected, struct val *found,
		const struct env *e)
{
	struct diff f;

	diff_start(&f, c, expected, found, e, DIFFERENCES_MAX);
	tell_all(&f, d, NULL);
}

struct diag *diff_error(struct check *c, enum diag_code code, const struct term *t, const char *what, const struct term *written,
		const char *because, struct val *expected, struct val *found, const struct env *e)
{
	struct diff f;
	struct diag *d;
	const struct term *part = t;

	diff_start(&f, c, expected, found, e, DIFFERENCES_MAX);
	if (f.n == 1) {
		part = point_at(c, t, f.all[0].turns, f.all[0].nturns, false);
		written = written ? point_at(c, written, f.all[0].turns, f.all[0].nturns, true) : NULL;
	}
	d = check_error(c, code, part, "%s: %s", what, summary(&f, expected, found));
	tell_all(&f, d, t);
	if (written && written->hi)
		diag_note(c->s->diags, d, check_span(c, written), "%s", because);
	return d;
}

/* ---- of two values, for people ---- */

#define TOLD_MAX 10000

static void told(struct diff *f, const struct difference *d, struct buf *out)
{
	if (d->kind != DIFFERENT) {
		buf_fmt(out, "%c %.*s%s%s\n", d->kind == MISSING ? '-' : '+', STR_ARG(d->path),
				d->expected ? " = " : "", d->expected ? check_show(f->c, d->expected, f->e) : "");
		return;
	}
	buf_fmt(out, "%.*s%s%s", STR_ARG(d->path), d->path.n ? ": " : "", show_maybe(f, d->expected));
	buf_fmt(out, " -> %s\n", show_maybe(f, d->found));
}

void diff_lines(struct dhall *s, struct val *a, struct val *b, struct buf *out)
{
	struct check c = {.s = s};
	struct diff f;

	if (val_equal(s, a, b))
		return;
	diff_start(&f, &c, a, b, &env_empty, TOLD_MAX);
	for (unsigned i = 0; i < f.n && i < TOLD_MAX; i++)
		told(&f, &f.all[i], out);
	if (f.n > TOLD_MAX)
		buf_lit(out, "and more differences\n");
}

void check_same(struct check *c, enum diag_code code, const struct term *t, const char *what,
		struct val *expected, struct val *found, const struct env *e)
{
	if (val_equal(c->s, expected, found))
		return;
	diff_error(c, code, t, what, NULL, NULL, expected, found, e);
	check_fail(c);
}

sym check_near(sym name, const sym *names, size_t n)
{
	unsigned best = 4, dist;
	sym near = 0;

	for (size_t i = 0; i < n; i++) {
		dist = str_distance(sym_str(name), sym_str(names[i]), 3);
		if (dist < best && dist < sym_str(name).n && 3 * dist <= sym_str(name).n + 2) { /* a third of its letters, or one */
			best = dist;
			near = names[i];
		}
	}
	return near;
}

bool check_hint_name(struct check *c, struct diag *d, sym name, const struct shape *shape)
{
	sym near = check_near(name, shape->names, shape->n);

	if (near)
		diag_hint(c->s->diags, d, "did you mean '%.*s'?", STR_ARG(sym_str(near)));
	return near != 0;
}
