/* Only what is written in the text itself is followed: names that `let` binds, fields of records, items of lists. */
#include "children.h"
#include "unit.h"

#include <straylight/dhall_site.h>

#define FOLLOW_MAX 1000

struct scope_frame {
	const struct term *let; /* NULL: of a function */
	const struct scope_frame *up;
};

struct spot {
	const struct term *t;
	const struct scope_frame *scope;
};

struct reader {
	struct arena *mem;
	unsigned steps;
};

/* ---- following ---- */

static struct spot into(struct reader *r, struct spot s, const struct term *let, const struct term *t)
{
	struct scope_frame *f = arena_make(r->mem, struct scope_frame);

	*f = (struct scope_frame){let, s.scope};
	return (struct spot){t, f};
}

static bool follow_variable(struct spot *s)
{
	const struct scope_frame *f = s->scope;
	uint32_t index = s->t->u.var.index;

	if (index == VAR_FREE)
		return false;
	while (f && index--)
		f = f->up;
	if (!f || !f->let)
		return false;
	*s = (struct spot){f->let->u.let.value, f->up};
	return true;
}

/* Through what only names it. */
static struct spot follow(struct reader *r, struct spot s)
{
	while (r->steps++ < FOLLOW_MAX) {
		if (s.t->kind == TERM_LET)
			s = into(r, s, s.t, s.t->u.let.body);
		else if (s.t->kind == TERM_ANNOT)
			s.t = s.t->u.two.a;
		else if (s.t->kind != TERM_VAR || !follow_variable(&s))
			break;
	}
	return s;
}

static bool into_field(struct reader *r, struct spot s, sym name, struct spot *out);

static bool field_of(const struct spot *s, sym name, struct spot *out)
{
	for (uint32_t i = 0; i < s->t->n; i++)
		if (s->t->u.fields.fields[i].name == name) {
			*out = (struct spot){s->t->u.fields.fields[i].value, s->scope};
			return true;
		}
	return false;
}

static bool into_field(struct reader *r, struct spot s, sym name, struct spot *out)
{
	s = follow(r, s);
	if (s.t->kind == TERM_RECORD)
		return field_of(&s, name, out);
	if (s.t->kind != TERM_OP || (s.t->sub != OP_PREFER && s.t->sub != OP_COMBINE) || r->steps++ > FOLLOW_MAX)
		return false;
	return into_field(r, (struct spot){s.t->u.two.b, s.scope}, name, out) ||
	       into_field(r, (struct spot){s.t->u.two.a, s.scope}, name, out);
}

/* *item counts down over the items before. */
static bool into_item(struct reader *r, struct spot s, uint32_t *item, struct spot *out)
{
	s = follow(r, s);
	if (s.t->kind == TERM_LIST && *item < s.t->n) {
		*out = (struct spot){s.t->u.list.items[*item], s.scope};
		return true;
	}
	if (s.t->kind == TERM_LIST)
		*item -= s.t->n;
	if (s.t->kind != TERM_OP || s.t->sub != OP_LIST_APPEND || r->steps++ > FOLLOW_MAX)
		return false;
	if (into_item(r, (struct spot){s.t->u.two.a, s.scope}, item, out))
		return true;
	return follow(r, (struct spot){s.t->u.two.a, s.scope}).t->kind == TERM_LIST &&
	       into_item(r, (struct spot){s.t->u.two.b, s.scope}, item, out);
}

/* ---- the parts of the expression ---- */

struct parts {
	struct dh_site *site;
	struct arena *mem;
	VEC(struct dh_site_field) fields;  /* the last of the text first */
	VEC(struct dh_range) records;      /* the same */
};

static struct dh_range range_of(const struct term *t)
{
	return (struct dh_range){t->lo, t->hi};
}

/* Where its first part begins, which may be in parentheses of its own. */
static uint32_t first_part(const struct term *t)
{
	struct term_stack parts = {0};
	uint32_t lo;

	term_children(&parts, t);
	lo = parts.n && vec_last(&parts)->hi ? vec_last(&parts)->lo : t->hi;
	vec_free(&parts);
	return lo;
}

/* Without the parentheses around it. */
static struct dh_range bare_range(const struct unit *u, const struct term *t)
{
	str text = source_text(u->file);
	struct dh_range r = range_of(t);
	uint32_t first = first_part(t);

	while (t->flags & TERM_FLAG_PAREN && r.lo < first && r.hi <= text.n && text.p[r.lo] == '(') {
		for (r.lo++; r.lo < r.hi && char_in(text.p[r.lo], " \t\r\n");)
			r.lo++;
		for (r.hi--; r.hi > r.lo && char_in(text.p[r.hi - 1], " \t\r\n");)
			r.hi--;
	}
	return r;
}

static void add_field(struct parts *p, struct dh_site_field f)
{
	for (size_t i = 0; i < p->fields.n; i++)
		f.hidden |= p->fields.p[i].name == f.name && !p->fields.p[i].deep;
	vec_push(&p->fields, f);
}

static void add_record(struct parts *p, const struct unit *u, const struct term *t)
{
	uint32_t number = (uint32_t)p->records.n;

	vec_push(&p->records, bare_range(u, t));
	for (uint32_t i = t->n; i-- > 0;) {
		const struct term_field *f = &t->u.fields.fields[i];
		struct dh_range name = {f->lo, f->hi}, value = range_of(f->value);

		if (name.hi == 0) /* desugared: it is written elsewhere */
			continue;
		add_field(p, (struct dh_site_field){f->name, name, value, {name.lo, value.hi > name.hi ? value.hi : name.hi},
					number, false, false});
	}
}

static void add_with(struct parts *p, const struct term *t)
{
	const struct term *a = t->u.with.a, *b = t->u.with.b;

	if (t->u.with.path[0].kind != WITH_NAME)
		return;
	add_field(p, (struct dh_site_field){t->u.with.path[0].name, {a->hi, b->lo}, range_of(b), {a->hi, b->hi}, DH_SITE_WITH,
				t->n > 1, false});
}

/* From the end inwards to the base. */
static const struct term *take_apart(struct parts *p, const struct unit *u, const struct term *t)
{
	for (;;) {
		if (t->kind == TERM_WITH) {
			add_with(p, t);
			t = t->u.with.a;
		} else if (t->kind == TERM_OP && t->sub == OP_PREFER && t->u.two.b->kind == TERM_RECORD) {
			add_record(p, u, t->u.two.b);
			t = t->u.two.a;
		} else {
			return t;
		}
	}
}

static void take_call(struct reader *r, struct parts *p, struct spot s)
{
	const struct term *t = s.t;
	size_t n = 0;

	for (const struct term *f = t; f->kind == TERM_APP; f = f->u.two.a)
		n++;
	p->site->arguments = arena_array(p->mem, struct dh_range, n + 1);
	p->site->sources = arena_array(p->mem, struct dh_range, n + 1);
	p->site->narguments = n;
	for (; t->kind == TERM_APP; t = t->u.two.a) {
		p->site->arguments[--n] = range_of(t->u.two.b);
		p->site->sources[n] = range_of(follow(r, (struct spot){t->u.two.b, s.scope}).t);
	}
	p->site->head = range_of(t);
}

/* What the function is called in the record that it is selected from. */
static void take_maker(struct reader *r, struct dh_site *out, struct spot s)
{
	while (s.t->kind == TERM_APP)
		s.t = s.t->u.two.a;
	s = follow(r, s);
	if (s.t->kind != TERM_FIELD)
		return;
	out->maker = s.t->u.field.name;
	out->module = range_of(s.t->u.field.a);
}

static bool is_loose(const struct term *t)
{
	if (t->flags & TERM_FLAG_PAREN)
		return false;
	if (t->kind == TERM_OP)
		return t->sub != OP_PREFER && t->sub != OP_COMBINE;
	return t->kind == TERM_IF || t->kind == TERM_LAMBDA || t->kind == TERM_LET || t->kind == TERM_ANNOT;
}

static void in_order(struct parts *p)
{
	struct dh_site *out = p->site;

	out->fields = arena_array(p->mem, struct dh_site_field, p->fields.n + 1);
	out->records = arena_array(p->mem, struct dh_range, p->records.n + 1);
	out->nfields = p->fields.n;
	out->nrecords = p->records.n;
	for (size_t i = 0; i < p->records.n; i++)
		out->records[i] = p->records.p[p->records.n - 1 - i];
	for (size_t i = 0; i < p->fields.n; i++) {
		out->fields[i] = p->fields.p[p->fields.n - 1 - i];
		if (out->fields[i].record != DH_SITE_WITH)
			out->fields[i].record = (uint32_t)(p->records.n - 1) - out->fields[i].record;
	}
	vec_free(&p->fields);
	vec_free(&p->records);
}

bool dhall_site(const struct dh_typed *typed, const struct dh_step *steps, size_t n, struct arena *mem, struct dh_site *out)
{
	const struct unit *u = (const struct unit *)(const void *)typed;
	struct reader r = {.mem = mem};
	struct parts p = {.site = out, .mem = mem};
	struct spot s = {u->term, NULL};
	const struct term *base;

	*out = (struct dh_site){0};
	for (size_t i = 0; i < n; i++) {
		uint32_t item = steps[i].item;

		if (!(steps[i].name ? into_field(&r, s, steps[i].name, &s) : into_item(&r, s, &item, &s)))
			return false;
	}
	s = follow(&r, s);
	if (!s.t->hi || r.steps > FOLLOW_MAX)
		return false;
	out->at = range_of(s.t);
	out->bare = bare_range(u, s.t);
	out->with = s.t->kind == TERM_WITH;
	base = take_apart(&p, u, s.t);
	out->base = out->head = range_of(base);
	out->loose = is_loose(base);
	if (base->kind == TERM_RECORD)
		add_record(&p, u, base);
	if (base->kind == TERM_COMPLETE && base->u.two.b->kind == TERM_RECORD)
		add_record(&p, u, base->u.two.b);
	if (base->kind == TERM_APP)
		take_call(&r, &p, (struct spot){base, s.scope});
	take_maker(&r, out, (struct spot){base, s.scope});
	in_order(&p);
	return true;
}

/* ---- modules ---- */

static bool is_module(const struct term *t, str name)
{
	const struct import *im;
	str file;

	if (t->kind == TERM_FIELD)
		return str_eq(sym_str(t->u.field.name), name);
	if (t->kind != TERM_IMPORT)
		return false;
	im = t->u.import;
	if (im->kind == IMPORT_ENV)
		return str_eq(name, S("package")) && str_eq(im->variable, S("STRAYLIGHT_PRELUDE"));
	if (im->kind == IMPORT_MISSING || !im->nparts)
		return false;
	file = im->parts[im->nparts - 1];
	return file.n == name.n + 6 && str_starts(file, name) && str_ends(file, S(".dhall"));
}

sym dhall_bound_module(const struct dh_typed *typed, str name)
{
	const struct unit *u = (const struct unit *)(const void *)typed;
	sym found = 0;

	for (const struct term *t = u->term; t->kind == TERM_LET; t = t->u.let.body)
		if (is_module(t->u.let.value, name))
			found = t->u.let.name;
	return found;
}
