/* Walks over terms that keep an eye on the text: binders, the terms around a place, names. */
#include "ide.h"
#include "lex.h"

/* ---- parts ---- */

const struct term *term_body(const struct term *t)
{
	switch ((enum term_kind)t->kind) {
	case TERM_LET: return t->u.let.body;
	case TERM_LAMBDA:
	case TERM_PI: return t->u.bind.b;
	default: return NULL;
	}
}

void ide_parts(struct term_stack *parts, const struct term *t)
{
	if (t->kind != TERM_IMPORT)
		term_children(parts, t);
	else if (t->u.import->headers)
		vec_push(parts, t->u.import->headers);
}

/* ---- all terms ---- */

enum step_kind { STEP_TERM, STEP_BIND, STEP_LEAVE };

struct step {
	enum step_kind kind;
	const struct term *t;
};

void ide_walk(struct walk *w, const struct term *root)
{
	VEC(struct step) todo = {0};
	struct term_stack parts = {0};

	vec_push(&todo, ((struct step){STEP_TERM, root}));
	while (todo.n) {
		struct step s = vec_pop(&todo);
		const struct term *body = term_body(s.t);

		if (s.kind == STEP_LEAVE) {
			w->binders.n--;
			continue;
		}
		if (s.kind == STEP_BIND) {
			vec_push(&w->binders, s.t);
			continue;
		}
		w->visit(w, s.t);
		parts.n = 0;
		ide_parts(&parts, s.t); /* the last part first */
		for (size_t i = 0; i < parts.n; i++) {
			bool below = body && i == 0;

			if (below)
				vec_push(&todo, ((struct step){STEP_LEAVE, s.t}));
			vec_push(&todo, ((struct step){STEP_TERM, parts.p[i]}));
			if (below)
				vec_push(&todo, ((struct step){STEP_BIND, s.t}));
		}
	}
	vec_free(&todo);
	vec_free(&parts);
	vec_free(&w->binders);
}

/* ---- around a place ---- */

/* Of the parts that hold the place the shortest: { a.x = 1, b = 2, a.y = 3 } has a term around b.  A place
 * between two of the same length is at the beginning of the second. */
static const struct term *part_at(struct term_stack *parts, const struct term *t, uint32_t at)
{
	const struct term *best = NULL;

	parts->n = 0;
	ide_parts(parts, t);
	for (size_t i = 0; i < parts->n; i++) {
		const struct term *x = parts->p[i];

		if (x->hi && x->lo <= at && at <= x->hi && (!best || x->hi - x->lo < best->hi - best->lo))
			best = x;
	}
	return best;
}

void focus_open(struct focus *f, const struct term *root, uint32_t at)
{
	struct term_stack parts = {0};

	*f = (struct focus){0};
	if (root && root->lo <= at && at <= root->hi)
		for (const struct term *t = root; t; t = part_at(&parts, t, at))
			vec_push(&f->path, t);
	vec_free(&parts);
}

void focus_close(struct focus *f)
{
	vec_free(&f->path);
}

bool focus_binds(const struct focus *f, size_t i)
{
	return i + 1 < f->path.n && term_body(f->path.p[i]) == f->path.p[i + 1];
}

const struct term *focus_binder(const struct focus *f, uint32_t index)
{
	for (size_t i = f->path.n; i-- > 0;)
		if (focus_binds(f, i) && index-- == 0)
			return f->path.p[i];
	return NULL;
}

/* ---- names ---- */

uint32_t ide_label_end(str s, uint32_t at)
{
	uint32_t end = at;

	if (at < s.n && s.p[at] == '`') {
		end = at + 1 + (uint32_t)str_find(str_from(s, at + 1), '`');
		return end < s.n ? end + 1 : at;
	}
	while (end < s.n && byte_is(s.p[end], BYTE_LABEL))
		end++;
	return end;
}

static uint32_t word_end(str s, uint32_t at, const char *word, const char *sign)
{
	if (str_starts(str_from(s, at), str_c(sign)))
		return at + (uint32_t)strlen(sign);
	if (str_starts(str_from(s, at), str_c(word)))
		return at + (uint32_t)strlen(word);
	return 0;
}

bool ide_binder_range(const struct unit *u, str text, const struct term *t, struct dh_range *out)
{
	struct edits e = {.unit = u, .text = text};
	uint32_t at = t->hi ? edit_start(&e, t) : (uint32_t)text.n;

	switch ((enum term_kind)t->kind) {
	case TERM_LET: at = word_end(text, at, "let", "let"); break;
	case TERM_LAMBDA: at = word_end(text, at, "\\", "λ"); break;
	case TERM_PI: at = t->u.bind.a->lo <= at ? 0 : word_end(text, at, "forall", "∀"); break;
	default: return false;
	}
	if (!at)
		return false;
	at = edit_skip(&e, at);
	if (t->kind != TERM_LET)
		at = edit_skip(&e, at + 1); /* behind '(' */
	*out = (struct dh_range){at, ide_label_end(text, at)};
	return out->hi > at;
}

struct dh_range ide_selector_range(const struct unit *u, str text, const struct term *t)
{
	struct edits e = {.unit = u, .text = text};
	uint32_t at = edit_skip(&e, t->u.field.a->hi);

	at = edit_skip(&e, at + 1); /* behind '.' */
	return (struct dh_range){at, ide_label_end(text, at)};
}

/* ---- what is at a place ---- */

static bool inside(struct dh_range r, uint32_t at)
{
	return r.lo <= at && at <= r.hi && r.lo < r.hi;
}

static sym label_name(str text, struct dh_range r)
{
	bool quoted = text.p[r.lo] == '`';

	return intern(str_of(text.p + r.lo + quoted, r.hi - r.lo - 2 * (uint32_t)quoted));
}

/* The label between lo and hi that the place is at; *index counts those before it. */
static bool label_between(const struct dh_ide *i, uint32_t lo, uint32_t hi, uint32_t at, struct part *out)
{
	struct edits e = {.unit = &i->l->unit, .text = i->text};

	out->index = 0;
	for (uint32_t x = edit_skip(&e, lo); x < hi && x <= at;) {
		uint32_t end = ide_label_end(i->text, x);

		if (end > x && inside((struct dh_range){x, end}, at)) {
			out->at = (struct dh_range){x, end};
			out->name = label_name(i->text, out->at);
			return true;
		}
		out->index += end > x;
		x = edit_skip(&e, end > x ? end : x + 1);
	}
	return false;
}

static struct part named(enum part_kind kind, const struct term *t, struct dh_range at, sym name, uint32_t index)
{
	return (struct part){kind, t, at, name, index};
}

static bool in_comment(const struct unit *u, uint32_t at)
{
	for (size_t i = 0; i < u->ncomments; i++)
		if (u->comments[i].lo < at && at < u->comments[i].hi)
			return true;
	return false;
}

static struct part field_at(const struct term *t, uint32_t at)
{
	for (uint32_t i = 0; i < t->n; i++) {
		const struct term_field *f = &t->u.fields.fields[i];

		if (f->hi && inside((struct dh_range){f->lo, f->hi}, at))
			return named(PART_FIELD, t, (struct dh_range){f->lo, f->hi}, f->name, i);
	}
	return named(PART_TERM, t, (struct dh_range){t->lo, t->hi}, 0, 0);
}

struct part ide_part(const struct dh_ide *i, const struct focus *f, uint32_t at)
{
	const struct unit *u = &i->l->unit;
	const struct term *t = f->path.n ? vec_last(&f->path) : NULL;
	struct part p = {0};
	struct dh_range r;

	if (!t || in_comment(u, at))
		return p;
	p = named(PART_TERM, t, (struct dh_range){t->lo, t->hi}, 0, 0);
	switch ((enum term_kind)t->kind) {
	case TERM_VAR:
		r.lo = edit_start(&(struct edits){.unit = u, .text = i->text}, t);
		r.hi = ide_label_end(i->text, r.lo);
		return named(PART_VARIABLE, t, r, t->u.var.name, 0);
	case TERM_LET:
	case TERM_LAMBDA:
	case TERM_PI:
		if (ide_binder_range(u, i->text, t, &r) && inside(r, at))
			return named(PART_BINDER, t, r, t->kind == TERM_LET ? t->u.let.name : t->u.bind.name, 0);
		break;
	case TERM_RECORD:
	case TERM_RECORD_TYPE:
	case TERM_UNION: return field_at(t, at);
	case TERM_FIELD:
		r = ide_selector_range(u, i->text, t);
		if (inside(r, at))
			return named(PART_SELECTOR, t, r, t->u.field.name, 0);
		break;
	case TERM_PROJECT:
		p.kind = label_between(i, t->u.project.a->hi, t->hi, at, &p) ? PART_SELECTOR : PART_TERM;
		break;
	case TERM_WITH:
		if (label_between(i, t->u.with.a->hi, t->u.with.b->lo, at, &p) && p.index && p.index <= t->n) {
			p.index--; /* the word `with` is a label too */
			p.kind = PART_UPDATED;
		} else {
			p = named(PART_TERM, t, (struct dh_range){t->lo, t->hi}, 0, 0);
		}
		break;
	default: break;
	}
	return p;
}
