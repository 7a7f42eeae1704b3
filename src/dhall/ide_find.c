/* Where names are defined.  A field is looked for in the text: what it is selected from is followed through
 * variables, bindings, imports, functions and operators to the record, record type or union that writes it.
 * Nothing is evaluated; what takes too many steps is not found. */
#include "ide.h"

#include <straylight/dhall_marks.h>

#define STEPS_MAX 4000
#define LEVELS_MAX 100

struct frame;

/* A term in its scope. */
struct spot {
	const struct unit *unit;
	const struct term *t;
	const struct frame *scope;
};

struct frame {
	const struct term *binder;
	const struct unit *unit;
	struct spot argument; /* of a LAMBDA that is applied; t NULL: not known */
	const struct frame *up;
};

struct chase {
	struct arena *mem;
	unsigned steps, level;
};

struct found {
	struct spot value; /* t NULL: an alternative without payload */
	struct dh_range at;
};

static bool find(struct chase *, struct spot, sym, struct found *);

static const struct frame *below(struct chase *c, const struct spot *s, const struct term *binder, struct spot argument)
{
	struct frame *f = arena_make(c->mem, struct frame);

	*f = (struct frame){binder, s->unit, argument, s->scope};
	return f;
}

static const struct frame *frame_at(const struct frame *f, uint32_t index)
{
	while (f && index--)
		f = f->up;
	return f;
}

/* ---- following ---- */

static bool follow_variable(struct spot *s)
{
	const struct frame *f = s->t->u.var.index == VAR_FREE ? NULL : frame_at(s->scope, s->t->u.var.index);

	if (!f)
		return false;
	if (f->binder->kind == TERM_LET)
		*s = (struct spot){f->unit, f->binder->u.let.value, f->up};
	else if (f->argument.t)
		*s = f->argument;
	else /* its type has the same fields */
		*s = (struct spot){f->unit, f->binder->u.bind.a, f->up};
	return true;
}

static bool follow(struct chase *, struct spot *);

static bool follow_call(struct chase *c, struct spot *s)
{
	struct spot f = {s->unit, s->t->u.two.a, s->scope}, x = {s->unit, s->t->u.two.b, s->scope};

	while (f.t->kind != TERM_LAMBDA)
		if (!follow(c, &f))
			return false;
	*s = (struct spot){f.unit, f.t->u.bind.b, below(c, &f, f.t, x)};
	return true;
}

static bool follow_field(struct chase *c, struct spot *s)
{
	struct found found;

	if (!find(c, (struct spot){s->unit, s->t->u.field.a, s->scope}, s->t->u.field.name, &found) || !found.value.t)
		return false;
	*s = found.value;
	return true;
}

/* One step towards what writes fields; false when there is none. */
static bool follow(struct chase *c, struct spot *s)
{
	bool ok = false;

	if (c->steps++ > STEPS_MAX || c->level++ > LEVELS_MAX)
		return false;
	switch ((enum term_kind)s->t->kind) {
	case TERM_VAR: ok = follow_variable(s); break;
	case TERM_LET:
		s->scope = below(c, s, s->t, (struct spot){0});
		s->t = s->t->u.let.body;
		ok = true;
		break;
	case TERM_ANNOT:
	case TERM_PROJECT_TYPE:
		s->t = s->t->u.two.a;
		ok = true;
		break;
	case TERM_PROJECT:
		s->t = s->t->u.project.a;
		ok = true;
		break;
	case TERM_IF:
		s->t = s->t->u.three.b;
		ok = true;
		break;
	case TERM_IMPORT:
		ok = s->t->u.import->target != NULL;
		if (ok)
			*s = (struct spot){s->t->u.import->target, s->t->u.import->target->term, NULL};
		break;
	case TERM_OP:
		ok = s->t->sub == OP_ALTERNATIVE;
		if (ok)
			s->t = s->t->flags & TERM_FLAG_RIGHT ? s->t->u.two.b : s->t->u.two.a;
		break;
	case TERM_FIELD: ok = follow_field(c, s); break;
	case TERM_APP: ok = follow_call(c, s); break;
	default: break;
	}
	c->level--;
	return ok;
}

/* ---- what writes fields ---- */

static bool of_fields(const struct spot *s, sym name, struct found *out)
{
	for (uint32_t i = 0; i < s->t->n; i++) {
		const struct term_field *f = &s->t->u.fields.fields[i];

		if (f->name != name)
			continue;
		*out = (struct found){{s->unit, f->value, s->scope}, {f->lo, f->hi}};
		return true;
	}
	return false;
}

static bool of_operands(struct chase *c, const struct spot *s, sym name, struct found *out)
{
	struct spot l = {s->unit, s->t->u.two.a, s->scope}, r = {s->unit, s->t->u.two.b, s->scope};

	return find(c, r, name, out) || find(c, l, name, out);
}

static bool of_schema(struct chase *c, const struct spot *s, sym name, struct found *out)
{
	struct spot schema = {s->unit, s->t->u.two.a, s->scope};
	struct found part;

	if (find(c, (struct spot){s->unit, s->t->u.two.b, s->scope}, name, out))
		return true;
	if (find(c, schema, intern_c("default"), &part) && part.value.t && find(c, part.value, name, out))
		return true;
	return find(c, schema, intern_c("Type"), &part) && part.value.t && find(c, part.value, name, out);
}

static bool of_update(struct chase *c, const struct spot *s, sym name, struct found *out)
{
	const struct term *t = s->t;

	if (find(c, (struct spot){s->unit, t->u.with.a, s->scope}, name, out)) {
		if (t->n == 1 && t->u.with.path[0].kind == WITH_NAME && t->u.with.path[0].name == name)
			out->value = (struct spot){s->unit, t->u.with.b, s->scope};
		return true;
	}
	if (t->u.with.path[0].kind != WITH_NAME || t->u.with.path[0].name != name)
		return false;
	*out = (struct found){{s->unit, t->u.with.b, s->scope}, {t->u.with.b->lo, t->u.with.b->hi}};
	return true;
}

static bool find_here(struct chase *c, struct spot s, sym name, struct found *out)
{
	do {
		switch ((enum term_kind)s.t->kind) {
		case TERM_RECORD:
		case TERM_RECORD_TYPE:
		case TERM_UNION: return of_fields(&s, name, out);
		case TERM_OP:
			if (s.t->sub == OP_ALTERNATIVE)
				break;
			return (s.t->sub == OP_PREFER || s.t->sub == OP_COMBINE || s.t->sub == OP_COMBINE_TYPES) &&
			       of_operands(c, &s, name, out);
		case TERM_COMPLETE: return of_schema(c, &s, name, out);
		case TERM_WITH: return of_update(c, &s, name, out);
		default: break;
		}
	} while (follow(c, &s));
	return false;
}

static bool find(struct chase *c, struct spot s, sym name, struct found *out)
{
	bool ok = c->level++ < LEVELS_MAX && c->steps++ < STEPS_MAX && find_here(c, s, name, out);

	c->level--;
	return ok;
}

/* ---- from a place ---- */

static const struct frame *frames_along(struct chase *c, const struct unit *u, const struct focus *f)
{
	struct spot s = {.unit = u};

	for (size_t i = 0; i < f->path.n; i++)
		if (focus_binds(f, i))
			s.scope = below(c, &s, f->path.p[i], (struct spot){0});
	return s.scope;
}

static bool place_in(const struct dh_ide *i, const struct unit *u, struct dh_range at, struct arena *mem, struct dh_place *out)
{
	bool own = u == &i->l->unit;

	if (!at.hi || !u->file)
		return false;
	*out = (struct dh_place){.path = own ? S("") : str_dup(mem, u->name), .at = at, .file = u->file};
	return true;
}

bool ide_find_field(struct dh_ide *i, const struct focus *f, const struct term *t, sym name, struct arena *mem,
		struct dh_place *out)
{
	struct chase c = {.mem = mem};
	struct found found;
	struct spot s = {&i->l->unit, t, frames_along(&c, &i->l->unit, f)};

	return find(&c, s, name, &found) && place_in(i, found.value.unit, found.at, mem, out);
}

/* What the term is imported from, through variables: for fields of pinned imports, whose text nobody has read. */
static bool imported_from(struct dh_ide *i, const struct focus *f, const struct term *t, struct arena *mem,
		struct dh_place *out)
{
	struct chase c = {.mem = mem};
	struct spot s = {&i->l->unit, t, frames_along(&c, &i->l->unit, f)};

	while (s.t->kind != TERM_IMPORT)
		if (s.t->kind == TERM_FIELD)
			s.t = s.t->u.field.a;
		else if (!follow(&c, &s))
			return false;
	*out = (struct dh_place){.path = str_dup(mem, s.t->u.import->place)};
	return out->path.n && s.t->u.import->kind != IMPORT_MISSING && s.t->u.import->kind != IMPORT_ENV;
}

static bool selected(struct dh_ide *i, const struct focus *f, const struct part *p, struct arena *mem, struct dh_place *out)
{
	const struct term *from = p->kind == PART_UPDATED	? p->t->u.with.a
				  : p->t->kind == TERM_PROJECT ? p->t->u.project.a
								: p->t->u.field.a;

	if (p->kind == PART_UPDATED && p->index) /* deeper fields are not followed */
		return false;
	return ide_find_field(i, f, from, p->name, mem, out) || imported_from(i, f, from, mem, out);
}

bool dhall_ide_definition(struct dh_ide *i, uint32_t at, struct arena *mem, struct dh_place *out)
{
	struct focus f;
	struct part p;
	struct dh_range r;
	const struct term *binder;
	bool ok = false;

	focus_open(&f, ide_root(i), at);
	p = ide_part(i, &f, at);
	switch (p.kind) {
	case PART_VARIABLE:
		binder = p.t->u.var.index == VAR_FREE ? NULL : focus_binder(&f, p.t->u.var.index);
		ok = binder && ide_binder_range(&i->l->unit, i->text, binder, &r) &&
		     place_in(i, &i->l->unit, r, mem, out);
		break;
	case PART_BINDER:
	case PART_FIELD: ok = place_in(i, &i->l->unit, p.at, mem, out); break;
	case PART_SELECTOR:
	case PART_UPDATED: ok = selected(i, &f, &p, mem, out); break;
	case PART_TERM: ok = p.t->kind == TERM_IMPORT && imported_from(i, &f, p.t, mem, out); break;
	case PART_NONE: break;
	}
	focus_close(&f);
	return ok;
}

/* ---- from a value ---- */

bool dhall_setting(const struct dh_typed *typed, const sym *names, size_t n, struct arena *mem, struct dh_setting *out)
{
	const struct unit *u = (const struct unit *)(const void *)typed;
	struct chase c = {.mem = mem};
	struct found found = {.value = {u, u->term, NULL}};
	const struct unit *writes = u;

	for (size_t i = 0; i < n; i++) {
		if (!found.value.t || !find(&c, found.value, names[i], &found))
			return false;
		writes = found.value.unit;
	}
	while (found.value.t && found.value.t->kind == TERM_VAR && follow_variable(&found.value))
		;
	*out = (struct dh_setting){.path = str_dup(mem, writes->name), .name = found.at};
	if (found.value.t && found.value.t->hi) {
		out->value_path = str_dup(mem, found.value.unit->name);
		out->value = (struct dh_range){found.value.t->lo, found.value.t->hi};
	}
	return found.at.hi > 0;
}
