/* What may be written at a place: names in scope, fields, alternatives, wanted fields. */
#include "ide.h"
#include "lex.h"
#include "spell.h"

struct completing {
	struct look l;
	struct focus f;
	struct arena *mem;
	VEC(struct dh_candidate) all;
};

static void offer(struct completing *c, enum dh_candidate_kind kind, str name, str type)
{
	vec_push(&c->all, ((struct dh_candidate){kind, name, type}));
}

static str label(struct completing *c, sym name, enum spell_label use)
{
	struct buf b = {0};

	spell_label(name, use, &b);
	return buf_take(&b, c->mem);
}

/* ---- names in scope ---- */

static bool shadowed(struct completing *c, size_t i, sym name)
{
	for (size_t k = i + 1; k < c->l.binders.n; k++)
		if ((c->l.binders.p[k]->kind == TERM_LET ? c->l.binders.p[k]->u.let.name : c->l.binders.p[k]->u.bind.name) == name)
			return true;
	return false;
}

static void offer_variables(struct completing *c)
{
	for (size_t i = c->l.binders.n; i-- > 0;) {
		const struct term *t = c->l.binders.p[i];
		sym name = t->kind == TERM_LET ? t->u.let.name : t->u.bind.name;
		struct dh_range unused;

		if (shadowed(c, i, name) || !ide_binder_range(&c->l.ide->l->unit, c->l.ide->text, t, &unused))
			continue;
		offer(c, DH_CANDIDATE_VARIABLE, label(c, name, SPELL_VARIABLE),
				c->l.known.p[i] ? look_show(&c->l, c->l.c.types[i], true, c->mem) : S(""));
	}
}

static void offer_words(struct completing *c)
{
	static const char *const words[] = {"let", "in", "if", "then", "else", "merge", "toMap", "with", "assert", "Some",
		"forall", "missing", "env:", "as", "showConstructor"};
	static const char *const constants[][2] = {{"True", "Bool"}, {"False", "Bool"}, {"Type", "Kind"}, {"Kind", "Sort"},
		{"NaN", "Double"}, {"Infinity", "Double"}};
	static const char *const types[] = {
#define B(id, name, type) type,
#include "builtin.def"
#undef B
	};

	for (unsigned i = 0; i < BUILTIN_COUNT; i++)
		offer(c, DH_CANDIDATE_BUILTIN, builtin_name((enum builtin)i), str_c(types[i]));
	for (size_t i = 0; i < SL_COUNT(constants); i++)
		offer(c, DH_CANDIDATE_BUILTIN, str_c(constants[i][0]), str_c(constants[i][1]));
	for (size_t i = 0; i < SL_COUNT(words); i++)
		offer(c, DH_CANDIDATE_KEYWORD, str_c(words[i]), S(""));
}

/* ---- fields ---- */

static void offer_fields(struct completing *c, const struct val *rec, enum dh_candidate_kind kind)
{
	for (uint32_t i = 0; i < rec->n; i++)
		offer(c, kind, label(c, rec->u.rec.shape->names[i], kind == DH_CANDIDATE_WANTED ? SPELL_FIELD : SPELL_SELECTOR),
				look_show(&c->l, rec->u.rec.fields[i], true, c->mem));
}

/* Behind the dot of a TERM_FIELD. */
static void offer_selectors(struct completing *c, const struct term *from)
{
	struct val *type = look_type(&c->l, from), *value;

	if (type && type->kind == VAL_RECORD_TYPE)
		offer_fields(c, type, DH_CANDIDATE_FIELD);
	if (!type || type->kind != VAL_CONST)
		return;
	value = look_value(&c->l, from);
	if (value && value->kind == VAL_UNION_TYPE)
		offer_fields(c, value, DH_CANDIDATE_ALTERNATIVE);
}

/* ---- the fields that are expected ---- */

static struct val *schema_type(struct completing *c, const struct term *schema)
{
	struct val *v = look_type(&c->l, schema) ? look_value(&c->l, schema) : NULL;
	uint32_t i = v && v->kind == VAL_RECORD ? shape_find(v->u.rec.shape, intern_c("Type")) : SHAPE_NONE;

	return i == SHAPE_NONE ? NULL : val_force(c->l.s, v->u.rec.fields[i]);
}

static struct val *part_of_expected(struct completing *c, const struct term *t, const struct term *part, struct val *expected)
{
	if (t->kind == TERM_RECORD && expected && expected->kind == VAL_RECORD_TYPE)
		for (uint32_t i = 0; i < t->n; i++) {
			uint32_t at = shape_find(expected->u.rec.shape, t->u.fields.fields[i].name);

			if (t->u.fields.fields[i].value == part)
				return at == SHAPE_NONE ? NULL : val_force(c->l.s, expected->u.rec.fields[at]);
		}
	if ((t->kind == TERM_LIST && expected && expected->kind == VAL_LIST_TYPE) ||
			(t->kind == TERM_SOME && expected && expected->kind == VAL_OPTIONAL_TYPE))
		return val_force(c->l.s, expected->u.one.a);
	return NULL;
}

/* What the part of t on the path is expected to be; NULL: not known. */
static struct val *expected_of(struct completing *c, const struct term *t, const struct term *part, struct val *expected)
{
	struct val *v;

	switch ((enum term_kind)t->kind) {
	case TERM_LET:
		if (part == t->u.let.body)
			return expected;
		return part == t->u.let.value && t->u.let.type && look_type(&c->l, t->u.let.type)
				       ? look_value(&c->l, t->u.let.type)
				       : NULL;
	case TERM_COMPLETE: return part == t->u.two.b ? schema_type(c, t->u.two.a) : NULL;
	case TERM_APP:
		v = part == t->u.two.b ? look_type(&c->l, t->u.two.a) : NULL;
		return v && v->kind == VAL_PI ? val_force(c->l.s, v->u.pi->domain) : NULL;
	case TERM_IF: return part == t->u.three.a ? NULL : expected;
	default: return part_of_expected(c, t, part, expected);
	}
}

static bool has_field(const struct term *record, sym name, const struct term *but)
{
	for (uint32_t i = 0; i < record->n; i++)
		if (record->u.fields.fields[i].name == name && record->u.fields.fields[i].value != but)
			return true;
	return false;
}

static void drop_written(struct completing *c, size_t from, const struct val *rec, const struct term *record, const struct term *but)
{
	size_t n = from;

	for (uint32_t i = 0; i < rec->n; i++)
		if (!has_field(record, rec->u.rec.shape->names[i], but))
			c->all.p[n++] = c->all.p[from + i];
	c->all.n = n;
}

/* Enters the binders along the path; at its end the wanted fields, when it ends in { …, x }. */
static void go_along(struct completing *c)
{
	struct val *expected = NULL;
	size_t n = c->f.path.n, from;

	for (size_t i = 0; i + 1 < n; i++) {
		const struct term *t = c->f.path.p[i], *part = c->f.path.p[i + 1];

		if (i + 2 == n && t->kind == TERM_RECORD && expected && expected->kind == VAL_RECORD_TYPE) {
			from = c->all.n;
			offer_fields(c, expected, DH_CANDIDATE_WANTED);
			drop_written(c, from, expected, t, part);
			return;
		}
		expected = expected_of(c, t, part, expected);
		if (focus_binds(&c->f, i))
			look_enter(&c->l, t);
	}
}

/* ---- in whole text ---- */

struct spot {
	struct completing *c;
	uint32_t at;
	bool selector;
};

static void complete_protected(void *ud)
{
	struct spot *p = ud;
	struct completing *c = p->c;
	const struct term *last = vec_last(&c->f.path);

	if (p->selector && last->kind == TERM_FIELD) {
		look_along(&c->l, &c->f, c->f.path.n);
		offer_selectors(c, last->u.field.a);
		return;
	}
	if (p->selector)
		return;
	go_along(c);
	offer_variables(c);
}

/* false when the text does not parse. */
static bool complete_whole(struct completing *c, struct dhall_world *w, const struct unit *like, str text, uint32_t at,
		bool selector)
{
	struct dh_ide *i = ide_open_unchecked(w, text, like->name, like->directory);
	bool parsed = dhall_ide_parsed(i);
	struct spot p = {c, at, selector};

	if (parsed) {
		look_open(&c->l, i);
		focus_open(&c->f, ide_root(i), at + 1);
		if (c->f.path.n)
			(void)!session_protect(c->l.s, complete_protected, &p);
		focus_close(&c->f);
		look_close(&c->l);
	}
	dhall_ide_close(i);
	return parsed;
}

/* ---- in text that is broken before the place ---- */

static uint32_t back_over_bracket(str s, uint32_t at)
{
	unsigned depth = 0;

	while (at) {
		char c = s.p[--at];

		depth += strchr(")]}", c) && c;
		if (char_in(c, "([{") && --depth == 0)
			return at;
	}
	return at;
}

/* Where what is selected from begins: names, dots and brackets before the dot. */
static uint32_t selected_from(str s, uint32_t at)
{
	for (;;) {
		if (at && char_in(s.p[at - 1], ")]}"))
			at = back_over_bracket(s, at);
		while (at && byte_is(s.p[at - 1], BYTE_LABEL))
			at--;
		if (!at || s.p[at - 1] != '.')
			return at;
		at--;
	}
}

/* The place in an earlier version: behind what both begin with, or in what both end with. */
static uint32_t earlier_place(str now, str good, uint32_t at)
{
	uint32_t same = 0, tail = 0;

	while (same < now.n && same < good.n && now.p[same] == good.p[same])
		same++;
	while (tail < now.n - same && tail < good.n - same && now.p[now.n - 1 - tail] == good.p[good.n - 1 - tail])
		tail++;
	return at <= same ? at : now.n - at <= tail ? (uint32_t)(good.n - (now.n - at)) : same;
}

/* Nothing may be written there, as the text is: only the names in scope. */
static void names_in_good(struct completing *c, struct dh_ide *good, uint32_t at)
{
	look_open(&c->l, good);
	focus_open(&c->f, ide_root(good), at);
	look_along(&c->l, &c->f, c->f.path.n);
	offer_variables(c);
	focus_close(&c->f);
	look_close(&c->l);
}

static void complete_in_good(struct completing *c, struct dh_ide *i, struct dh_ide *good, struct repaired r)
{
	uint32_t lo = r.selector ? selected_from(i->text, r.from) : r.from;
	uint32_t at = earlier_place(i->text, good->text, lo);
	struct buf base = {0}, text = {0};
	struct repaired again;

	buf_str(&base, str_upto(good->text, at));
	if (r.selector)
		buf_c(&base, ' ');
	buf_add(&base, i->text.p + lo, r.from - lo);
	again = ide_repair(buf_view(&base), (uint32_t)base.n, &text);
	if (again.state != REPAIR_CODE || again.selector != r.selector ||
			!complete_whole(c, i->world, &i->l->unit, buf_view(&text), again.from, r.selector))
		if (!r.selector)
			names_in_good(c, good, at);
	buf_free(&base);
	buf_free(&text);
}

/* ---- the question ---- */

static void complete_names(struct completing *c, struct dh_ide *i, struct dh_ide *good, struct repaired r, str whole)
{
	if (!complete_whole(c, i->world, &i->l->unit, whole, r.from, r.selector) && good && dhall_ide_parsed(good))
		complete_in_good(c, i, good, r);
	if (!r.selector)
		offer_words(c);
}

static void complete_mode(struct completing *c)
{
	offer(c, DH_CANDIDATE_KEYWORD, S("Text"), S(""));
	offer(c, DH_CANDIDATE_KEYWORD, S("Bytes"), S(""));
	offer(c, DH_CANDIDATE_KEYWORD, S("Location"), S(""));
}

static uint32_t behind_slash(str text, uint32_t from, uint32_t at)
{
	while (at > from && text.p[at - 1] != '/')
		at--;
	return at;
}

void dhall_ide_complete(struct dh_ide *i, struct dh_ide *good, uint32_t at, struct arena *mem, struct dh_completion *out)
{
	struct completing c = {.mem = mem};
	struct buf whole = {0};
	struct repaired r;

	at = at > i->text.n ? (uint32_t)i->text.n : at;
	r = ide_repair(i->text, at, &whole);
	*out = (struct dh_completion){.what = DH_COMPLETING_NOTHING, .at = {r.from, at}};
	switch (r.state) {
	case REPAIR_CODE:
		out->what = DH_COMPLETING_NAME;
		complete_names(&c, i, good, r, buf_view(&whole));
		break;
	case REPAIR_MODE:
		out->what = DH_COMPLETING_NAME;
		complete_mode(&c);
		break;
	case REPAIR_PATH:
		out->what = DH_COMPLETING_PATH;
		out->at.lo = behind_slash(i->text, r.from, at);
		out->prefix = str_dup(mem, str_of(i->text.p + r.from, out->at.lo - r.from));
		break;
	case REPAIR_VARIABLE: out->what = DH_COMPLETING_VARIABLE; break;
	case REPAIR_TEXT:
	case REPAIR_COMMENT:
	case REPAIR_NAME: break;
	}
	out->n = c.all.n;
	out->items = arena_array(mem, struct dh_candidate, c.all.n);
	if (c.all.n)
		memcpy(out->items, c.all.p, c.all.n * sizeof *out->items);
	vec_free(&c.all);
	buf_free(&whole);
}
