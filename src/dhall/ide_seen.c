/* What stands at a place: hover. */
#include "ide.h"

#define VALUE_MAX 200 /* bytes of a type that is shown by what it is */

/* ---- builtins ---- */

static const struct {
	const char *name, *about;
} abouts[] = {
	{"Natural/fold", "Applies a function a number of times."},
	{"Natural/build", "The number that a fold stands for; the inverse of Natural/fold."},
	{"Natural/isZero", "Whether the number is 0."},
	{"Natural/even", "Whether the number is even."},
	{"Natural/odd", "Whether the number is odd."},
	{"Natural/toInteger", "The same number as an Integer."},
	{"Natural/show", "The number in decimal digits."},
	{"Natural/subtract", "Natural/subtract m n is n - m, and 0 where that is negative."},
	{"Integer/toDouble", "The nearest Double."},
	{"Integer/show", "The number in decimal digits, with its sign."},
	{"Integer/negate", "The number with the other sign."},
	{"Integer/clamp", "The number as a Natural, 0 where it is negative."},
	{"Double/show", "The shortest decimal number that reads back as the same."},
	{"List/build", "The list that a fold stands for; the inverse of List/fold."},
	{"List/fold", "Folds a list from its last item to the first."},
	{"List/length", "How many items the list has."},
	{"List/head", "The first item, None for an empty list."},
	{"List/last", "The last item, None for an empty list."},
	{"List/indexed", "Each item with its number, from 0."},
	{"List/reverse", "The items from the last to the first."},
	{"Text/show", "The text as a Dhall and JSON string literal, in quotes."},
	{"Text/replace", "Text/replace needle replacement haystack: each needle of the haystack replaced."},
	{"Date/show", "The date as YYYY-MM-DD."},
	{"Time/show", "The time of day as HH:MM:SS."},
	{"TimeZone/show", "The offset as +HH:MM."},
	{"Bool", "True or False."},
	{"Natural", "Whole numbers from 0, of any size."},
	{"Integer", "Whole numbers with a sign, of any size: +1, -1."},
	{"Double", "64-bit floating point numbers (IEEE 754)."},
	{"Text", "Unicode text."},
	{"Bytes", "Bytes: 0x\"00ff\"."},
	{"Date", "A day: 2024-01-31."},
	{"Time", "A time of day: 12:00:00."},
	{"TimeZone", "An offset from UTC: +01:00."},
	{"List", "Lists of items of one type."},
	{"Optional", "Some value, or None."},
	{"None", "No value: None T is an Optional T."},
};

const char *dhall_ide_about(str builtin)
{
	for (size_t i = 0; i < SL_COUNT(abouts); i++)
		if (str_eq(builtin, str_c(abouts[i].name)))
			return abouts[i].about;
	return NULL;
}

/* ---- types of what is no term ---- */

static struct val *binder_type(struct look *l, const struct term *t)
{
	look_enter(l, t);
	return vec_last(&l->known) ? l->c.types[l->e->depth - 1] : NULL;
}

static struct val *field_type(struct look *l, const struct term *from, sym name)
{
	struct val *type = look_type(l, from);
	uint32_t i = type && type->kind == VAL_RECORD_TYPE ? shape_find(type->u.rec.shape, name) : SHAPE_NONE;

	return i == SHAPE_NONE ? NULL : type->u.rec.fields[i];
}

/* Of a literal's field the type of the value; of a type's what is written. */
static struct val *own_field_type(struct look *l, const struct part *p)
{
	const struct term *value = p->t->u.fields.fields[p->index].value;

	if (!value)
		return NULL;
	if (p->t->kind == TERM_RECORD)
		return look_type(l, value);
	return look_type(l, value) ? look_value(l, value) : NULL;
}

static struct val *updated_type(struct look *l, const struct part *p)
{
	struct val *type = look_type(l, p->t);

	for (uint32_t i = 0; type && i <= p->index; i++) {
		const struct with_step *s = &p->t->u.with.path[i];
		uint32_t at;

		if (s->kind == WITH_OPTIONAL) {
			type = type->kind == VAL_OPTIONAL_TYPE ? val_force(l->s, type->u.one.a) : NULL;
			continue;
		}
		at = type->kind == VAL_RECORD_TYPE ? shape_find(type->u.rec.shape, s->name) : SHAPE_NONE;
		type = at == SHAPE_NONE ? NULL : val_force(l->s, type->u.rec.fields[at]);
	}
	return type;
}

struct typing {
	struct look *l;
	const struct part *p;
	struct val *type, *value;
};

static void type_protected(void *ud)
{
	struct typing *y = ud;
	const struct part *p = y->p;

	switch (p->kind) {
	case PART_BINDER: y->type = binder_type(y->l, p->t); break;
	case PART_FIELD: y->type = own_field_type(y->l, p); break;
	case PART_UPDATED: y->type = updated_type(y->l, p); break;
	case PART_SELECTOR:
		y->type = p->t->kind == TERM_PROJECT ? field_type(y->l, p->t->u.project.a, p->name)
						     : look_type(y->l, p->t);
		break;
	default:
		y->type = look_type(y->l, p->t);
		break;
	}
}

static void value_protected(void *ud)
{
	struct typing *y = ud;

	if (y->p->kind == PART_BINDER && y->type && y->p->t->kind == TERM_LET)
		y->value = val_force(y->l->s, y->l->e->v);
	else if (y->type && y->p->kind != PART_FIELD && y->p->kind != PART_UPDATED && y->p->t->kind != TERM_PROJECT)
		y->value = look_value(y->l, y->p->t);
}

/* ---- the comment in front of a binding ---- */

/* Documentation may begin with a bar. */
static str without_bar(str line)
{
	line = str_trim(line);
	return str_starts(line, S("|")) ? str_trim(str_from(line, 1)) : line;
}

static str trimmed_comment(str c, struct arena *mem)
{
	struct buf b = {0};
	str line;

	if (str_starts(c, S("{-"))) {
		c = str_from(c, 2);
		c = without_bar(str_upto(c, c.n >= 2 ? c.n - 2 : 0));
	}
	while (c.n) {
		str_cut(c, '\n', &line, &c);
		line = str_trim(line);
		if (str_starts(line, S("--")))
			line = without_bar(str_from(line, 2));
		buf_str(&b, line);
		buf_c(&b, '\n');
	}
	line = str_trim(buf_view(&b));
	line = str_dup(mem, line);
	buf_free(&b);
	return line;
}

/* The comments that end where the binding begins, with no empty line between. */
static str comment_before(const struct dh_ide *i, uint32_t at, struct arena *mem)
{
	const struct unit *u = &i->l->unit;
	uint32_t lo = at;
	size_t n = u->ncomments;

	while (n && u->comments[n - 1].hi > at)
		n--;
	for (; n; n--) {
		const struct span *c = &u->comments[n - 1];
		str between = str_of(i->text.p + c->hi, lo - c->hi);
		size_t line = str_find(between, '\n');

		if (str_trim(between).n || str_find(str_from(between, line + 1), '\n') < str_from(between, line + 1).n)
			break;
		lo = c->lo;
	}
	return lo < at ? trimmed_comment(str_trim(str_of(i->text.p + lo, at - lo)), mem) : S("");
}

/* ---- the whole ---- */

static const struct term *bound_by(const struct focus *f, const struct part *p)
{
	if (p->kind == PART_BINDER)
		return p->t;
	return p->kind == PART_VARIABLE && p->t->u.var.index != VAR_FREE ? focus_binder(f, p->t->u.var.index) : NULL;
}

static enum dh_seen_kind seen_kind(const struct part *p)
{
	switch (p->kind) {
	case PART_VARIABLE:
	case PART_BINDER: return DH_SEEN_VARIABLE;
	case PART_FIELD:
	case PART_SELECTOR:
	case PART_UPDATED: return DH_SEEN_FIELD;
	default: break;
	}
	return p->t->kind == TERM_BUILTIN ? DH_SEEN_BUILTIN : p->t->kind == TERM_IMPORT ? DH_SEEN_IMPORT : DH_SEEN_TERM;
}

static bool is_type(const struct val *type)
{
	return type && type->kind == VAL_CONST;
}

static void fill(struct dh_ide *i, const struct focus *f, const struct part *p, struct arena *mem, struct dh_seen *out)
{
	const struct term *binder = bound_by(f, p);
	struct look l;
	struct typing y = {.l = &l, .p = p};

	look_open(&l, i);
	look_along(&l, f, f->path.n);
	if (!session_protect(l.s, type_protected, &y))
		y.type = NULL;
	out->type = look_show(&l, y.type, false, mem);
	if (is_type(y.type) && session_protect(l.s, value_protected, &y) && y.value)
		out->value = look_show(&l, y.value, false, mem);
	if (out->value.n > VALUE_MAX || (p->t->kind == TERM_BUILTIN && p->kind == PART_TERM))
		out->value = S("");
	if (binder && binder->kind == TERM_LET)
		out->comment = comment_before(i, binder->lo, mem);
	if (p->kind == PART_FIELD)
		out->comment = comment_before(i, p->at.lo, mem);
	look_close(&l);
}

static bool blank(str text, uint32_t at)
{
	return at >= text.n || char_in(text.p[at], " \t\r\n");
}

bool dhall_ide_seen(struct dh_ide *i, uint32_t at, struct arena *mem, struct dh_seen *out)
{
	struct focus f;
	struct part p;

	focus_open(&f, ide_root(i), at);
	p = ide_part(i, &f, at);
	if (p.kind == PART_TERM && blank(i->text, at) && p.at.hi != at) /* between the parts of a term */
		p.kind = PART_NONE;
	if (p.kind != PART_NONE) {
		*out = (struct dh_seen){.kind = seen_kind(&p), .at = p.at};
		if (p.name)
			out->name = sym_str(p.name);
		else if (p.t->kind == TERM_BUILTIN)
			out->name = builtin_name(p.t->sub);
		if (p.t->kind == TERM_IMPORT)
			out->place = str_dup(mem, p.t->u.import->place);
		fill(i, &f, &p, mem, out);
	}
	focus_close(&f);
	return p.kind != PART_NONE;
}
