/* The public face: phases, and reading values without quoting them. */
#include "check.h"

/* ---- handles ---- */

static struct loaded *loaded_of(const void *handle)
{
	return (struct loaded *)(uintptr_t)handle;
}

static const struct unit *unit_of(const struct dh_typed *t)
{
	return &loaded_of(t)->unit;
}

/* ---- phases ---- */

struct parsing {
	struct dhall *s;
	str text, name, directory;
	struct loaded *out;
	bool ok;
};

static void parse_protected(void *ud)
{
	struct parsing *p = ud;

	p->out = unit_new(p->s->world, p->name, p->directory);
	p->out->loader = p->s;
	p->out->unit.file = source_add(p->name, p->text);
	p->ok = term_parse(&p->out->unit, p->text, p->s->diags) != NULL;
}

const struct dh_parsed *dhall_parse(struct dhall *s, str text, str name, str directory)
{
	struct parsing p = {.s = s, .text = text, .name = name, .directory = directory};

	if (!session_protect(s, parse_protected, &p) || !p.ok)
		return NULL;
	return (const void *)p.out;
}

struct phase {
	struct dhall *s;
	struct loaded *l;
	enum unit_state state;
};

/* What the unit complained about goes to the session's list. */
static bool passed(struct phase *p)
{
	diags_move(p->s->diags, &p->l->diags);
	return p->state == UNIT_DONE;
}

static void resolve_protected(void *ud)
{
	struct phase *p = ud;

	p->l->outer = p->s->loading;
	p->s->loading = p->l;
	p->l->loader = p->s;
	p->state = unit_resolve(p->s, p->l);
	p->s->loading = p->l->outer;
	unit_publish_deps(p->l);
}

const struct dh_resolved *dhall_resolve(struct dhall *s, const struct dh_parsed *parsed)
{
	struct phase p = {s, loaded_of(parsed), UNIT_FAILED};

	if (!parsed || !session_protect(s, resolve_protected, &p) || !passed(&p))
		return NULL;
	return (const void *)p.l;
}

static void check_protected(void *ud)
{
	struct phase *p = ud;

	p->state = unit_check(p->s, p->l, false);
}

const struct dh_typed *dhall_check(struct dhall *s, const struct dh_resolved *resolved)
{
	struct phase p = {s, loaded_of(resolved), UNIT_FAILED};

	if (!resolved || !session_protect(s, check_protected, &p) || !passed(&p))
		return NULL;
	p.l->state = UNIT_DONE;
	return (const void *)p.l;
}

struct loading_path {
	struct dhall *s;
	str path;
	struct loaded *out;
};

static void load_protected(void *ud)
{
	struct loading_path *p = ud;
	struct location at = {.kind = IMPORT_LOCAL, .name = p->path, .path = p->path};

	for (size_t i = 0; i < p->path.n; i++)
		if (p->path.p[i] == '/')
			at.directory = str_upto(p->path, i);
	p->out = unit_load(p->s, &at, NO_SPAN);
}

const struct dh_typed *dhall_load(struct dhall *s, str path)
{
	struct loading_path p = {.s = s, .path = path};

	if (!session_protect(s, load_protected, &p))
		return NULL;
	if (p.out->state == UNIT_DONE)
		return (const void *)p.out;
	if (p.out->state == UNIT_ABSENT && !p.out->diags.first)
		diag_error(s->diags, DIAG_IMPORT_ABSENT, NO_SPAN, "the file '%.*s' does not exist",
				STR_ARG(path));
	else
		diags_copy(s->diags, &p.out->diags);
	return NULL;
}

void dhall_dependencies(const struct dh_typed *t, const str **names, size_t *n)
{
	*names = unit_of(t)->deps;
	*n = unit_of(t)->ndeps;
}

/* ---- protected calls on values ---- */

struct call {
	struct dhall *s;
	const struct unit *u;
	const struct term *term;
	struct val *a, *b;
	bool flag;
	sym name;
	size_t i;
	unsigned char *hash;
	struct val *out;
	const struct term *quoted;
	bool ok;
	str text;
};

static void eval_protected(void *ud)
{
	struct call *c = ud;

	c->s->result = c->u;
	c->out = unit_value(c->s, c->u);
	val_force(c->s, c->out);
}

static void type_protected(void *ud)
{
	struct call *c = ud;

	c->s->result = c->u;
	c->out = unit_type(c->s, c->u);
	val_force(c->s, c->out);
}

static void apply_protected(void *ud)
{
	struct call *c = ud;

	c->out = eval_apply(c->s, c->a, c->b);
}

static void equal_protected(void *ud)
{
	struct call *c = ud;

	c->ok = val_equal(c->s, c->a, c->b);
}

static void quote_protected(void *ud)
{
	struct call *c = ud;

	c->quoted = quote_whole(c->s, &c->s->arena, c->a, c->flag ? QUOTE_ALPHA : QUOTE_PLAIN);
}

static void hash_protected(void *ud)
{
	struct call *c = ud;

	hash_val(c->s, c->a, c->hash);
}

static void term_protected(void *ud)
{
	struct call *c = ud;

	c->out = eval(c->s, c->term, &env_empty);
}

static void force_protected(void *ud)
{
	struct call *c = ud;

	c->out = val_force(c->s, c->a);
}

static struct val *run(struct call *c, void (*fn)(void *))
{
	return session_protect(c->s, fn, c) ? c->out : NULL;
}

dh_val dhall_eval(struct dhall *s, const struct dh_typed *t)
{
	struct call c = {.s = s, .u = t ? unit_of(t) : NULL};

	return (dh_val){t ? run(&c, eval_protected) : NULL};
}

dh_val dhall_type_of(struct dhall *s, const struct dh_typed *t)
{
	struct call c = {.s = s, .u = t ? unit_of(t) : NULL};

	return (dh_val){t ? run(&c, type_protected) : NULL};
}

dh_val dhall_eval_unchecked(struct dhall *s, const struct dh_resolved *r)
{
	struct call c = {.s = s, .term = r ? loaded_of(r)->unit.term : NULL};

	return (dh_val){r ? run(&c, term_protected) : NULL};
}

dh_val dhall_apply(struct dhall *s, dh_val f, dh_val x)
{
	struct call c = {.s = s, .a = f.v, .b = x.v};

	return (dh_val){f.v && x.v ? run(&c, apply_protected) : NULL};
}

bool dhall_equal(struct dhall *s, dh_val a, dh_val b)
{
	struct call c = {.s = s, .a = a.v, .b = b.v};

	return a.v && b.v && session_protect(s, equal_protected, &c) && c.ok;
}

struct differing {
	struct dhall *s;
	struct val *a, *b;
	struct buf *out;
};

static void diff_protected(void *ud)
{
	struct differing *d = ud;

	diff_lines(d->s, d->a, d->b, d->out);
}

bool dhall_diff(struct dhall *s, dh_val a, dh_val b, struct buf *out)
{
	struct differing d = {s, a.v, b.v, out};

	return a.v && b.v && session_protect(s, diff_protected, &d);
}

const struct dh_term *dhall_quote(struct dhall *s, dh_val v, bool alpha)
{
	struct call c = {.s = s, .a = v.v, .flag = alpha};

	return v.v && session_protect(s, quote_protected, &c) ? term_public(c.quoted) : NULL;
}

void dhall_print(const struct dh_term *t, struct buf *out)
{
	term_print(term_of(t), out);
}

void dhall_encode(const struct dh_term *t, struct buf *out)
{
	term_encode(term_of(t), out);
}

bool dhall_hash(struct dhall *s, dh_val v, unsigned char out[32])
{
	struct call c = {.s = s, .a = v.v, .hash = out};

	return v.v && session_protect(s, hash_protected, &c);
}

const struct dh_term *dhall_written(const struct dh_parsed *p)
{
	return term_public(loaded_of(p)->unit.term);
}

struct decoding {
	struct dhall *s;
	str bytes, name;
	const struct term *out;
};

static void decode_protected(void *ud)
{
	struct decoding *d = ud;
	struct loaded *l = unit_new(d->s->world, d->name, S(""));
	const char *why;
	struct diag *diag;

	d->out = term_decode(&l->unit.arena, d->bytes, &why);
	if (d->out)
		return;
	diag = diag_error(d->s->diags, DIAG_DATA_CBOR, NO_SPAN, "'%.*s' is no encoded expression: %s", STR_ARG(d->name), why);
	diag_hint(d->s->diags, diag, "'dhall encode' writes what is read here");
}

const struct dh_term *dhall_decode(struct dhall *s, str bytes, str name)
{
	struct decoding d = {.s = s, .bytes = bytes, .name = name};

	return session_protect(s, decode_protected, &d) && d.out ? term_public(d.out) : NULL;
}

void dhall_print_resolved(const struct dh_resolved *r, struct buf *out)
{
	term_print_resolved(loaded_of(r)->unit.term, out);
}

/* A text of which no place is known has no imports that were followed. */
void dhall_imports(const struct dh_resolved *r, bool deep, dhall_import_fn *fn, void *ud)
{
	VEC(const struct unit *) units = {0};
	struct map seen = {0};
	bool fresh;

	vec_push(&units, &loaded_of(r)->unit);
	for (size_t at = 0; at < units.n; at++) {
		const struct unit *u = units.p[at];

		for (size_t i = 0; i < u->nimports; i++) {
			const struct import *im = u->imports[i];

			if (!im->place.n)
				continue;
			fn(ud, u->name, im->place);
			if (deep && im->target) {
				map_slot(&seen, str_of((const char *)&im->target, sizeof im->target), &fresh);
				if (fresh)
					vec_push(&units, im->target);
			}
		}
	}
	vec_free(&units);
	map_free(&seen);
}

/* ---- reading values ---- */

static struct val *head(struct dhall *s, dh_val v)
{
	struct call c = {.s = s, .a = v.v};

	if (!v.v)
		return NULL;
	return v.v->kind >= VAL_EVALUATED ? v.v : run(&c, force_protected);
}

static struct val *head_of(struct dhall *s, dh_val v, enum val_kind kind)
{
	struct val *h = head(s, v);

	return h && h->kind == kind ? h : NULL;
}

enum dh_kind dh_kind(struct dhall *s, dh_val v)
{
	struct val *h = head(s, v);

	if (!h)
		return DH_NONE;
	switch ((enum val_kind)h->kind) {
	case VAL_BOOL: return DH_BOOL;
	case VAL_NATURAL: return DH_NATURAL;
	case VAL_INTEGER: return DH_INTEGER;
	case VAL_DOUBLE: return DH_DOUBLE;
	case VAL_TEXT: return DH_TEXT;
	case VAL_BYTES: return DH_BYTES;
	case VAL_LIST: return DH_LIST;
	case VAL_SOME:
	case VAL_NONE: return DH_OPTIONAL;
	case VAL_RECORD: return DH_RECORD;
	case VAL_ALTERNATIVE: return DH_UNION;
	case VAL_LAMBDA:
	case VAL_CONSTRUCTOR: return DH_FUNCTION;
	case VAL_BUILTIN:
		return h->sub >= BUILTIN_BOOL && h->sub <= BUILTIN_OPTIONAL ? DH_TYPE : DH_FUNCTION;
	case VAL_CONST:
	case VAL_PI:
	case VAL_LIST_TYPE:
	case VAL_OPTIONAL_TYPE:
	case VAL_RECORD_TYPE:
	case VAL_UNION_TYPE: return DH_TYPE;
	default: return DH_OTHER;
	}
}

static bool field_of(struct dhall *s, dh_val rec, enum val_kind kind, sym name, dh_val *out)
{
	struct val *h = head_of(s, rec, kind);
	uint32_t i = h ? shape_find(h->u.rec.shape, name) : SHAPE_NONE;

	if (i == SHAPE_NONE || !h->u.rec.fields[i])
		return false;
	out->v = h->u.rec.fields[i];
	return true;
}

static size_t fields_of(struct dhall *s, dh_val rec, enum val_kind kind)
{
	struct val *h = head_of(s, rec, kind);

	return h ? h->n : 0;
}

static bool field_at(struct dhall *s, dh_val rec, enum val_kind kind, size_t i, sym *name, dh_val *out)
{
	struct val *h = head_of(s, rec, kind);

	if (!h || i >= h->n)
		return false;
	*name = h->u.rec.shape->names[i];
	out->v = h->u.rec.fields[i];
	return true;
}

bool dh_field(struct dhall *s, dh_val rec, sym name, dh_val *out)
{
	return field_of(s, rec, VAL_RECORD, name, out);
}

size_t dh_fields(struct dhall *s, dh_val rec)
{
	return fields_of(s, rec, VAL_RECORD);
}

bool dh_field_at(struct dhall *s, dh_val rec, size_t i, sym *name, dh_val *out)
{
	return field_at(s, rec, VAL_RECORD, i, name, out);
}

bool dh_case(struct dhall *s, dh_val v, sym *alternative, dh_val *payload)
{
	struct val *h = head_of(s, v, VAL_ALTERNATIVE), *type;

	if (!h)
		return false;
	type = head(s, (dh_val){h->u.alt.type});
	if (!type)
		return false;
	*alternative = type->u.rec.shape->names[h->n];
	payload->v = h->u.alt.payload;
	return true;
}

bool dh_case_type(struct dhall *s, dh_val v, dh_val *type)
{
	struct val *h = head_of(s, v, VAL_ALTERNATIVE);

	type->v = h ? h->u.alt.type : NULL;
	return h != NULL;
}

bool dh_list(struct dhall *s, dh_val v, size_t *n)
{
	struct val *h = head_of(s, v, VAL_LIST);

	if (!h)
		return false;
	*n = h->n;
	return true;
}

static void items_protected(void *ud)
{
	struct call *c = ud;

	c->out = list_items(c->s, c->a)[c->i];
}

bool dh_item(struct dhall *s, dh_val list, size_t i, dh_val *out)
{
	struct val *h = head_of(s, list, VAL_LIST);
	struct call c = {.s = s, .a = h, .i = i};

	if (!h || i >= h->n)
		return false;
	out->v = h->flags & VAL_ROPE ? run(&c, items_protected) : h->u.list.items[i];
	return out->v != NULL;
}

bool dh_optional(struct dhall *s, dh_val v, bool *some, dh_val *out)
{
	struct val *h = head(s, v);

	if (!h || (h->kind != VAL_SOME && h->kind != VAL_NONE))
		return false;
	*some = h->kind == VAL_SOME;
	out->v = *some ? h->u.one.a : NULL;
	return true;
}

bool dh_text(struct dhall *s, dh_val v, str *out)
{
	struct val *h = head_of(s, v, VAL_TEXT);

	if (!h)
		return false;
	*out = text_str(h);
	return true;
}

bool dh_bool(struct dhall *s, dh_val v, bool *out)
{
	struct val *h = head_of(s, v, VAL_BOOL);

	if (!h)
		return false;
	*out = h->sub != 0;
	return true;
}

bool dh_natural(struct dhall *s, dh_val v, uint64_t *out)
{
	struct val *h = head_of(s, v, VAL_NATURAL);
	unsigned char bytes[8] = {0};
	str big;

	if (!h)
		return false;
	if (!h->u.num.big) {
		*out = (uint64_t)h->u.num.small;
		return true;
	}
	big = num_bytes(&s->tables, h->u.num);
	if (big.n > sizeof bytes)
		return false;
	*out = 0;
	for (size_t i = 0; i < big.n; i++)
		*out = *out << 8 | (unsigned char)big.p[i];
	return true;
}

/* ---- reading types ---- */

bool dh_type_field(struct dhall *s, dh_val type, sym name, dh_val *out)
{
	return field_of(s, type, VAL_RECORD_TYPE, name, out);
}

size_t dh_type_fields(struct dhall *s, dh_val type)
{
	return fields_of(s, type, VAL_RECORD_TYPE);
}

bool dh_type_field_at(struct dhall *s, dh_val type, size_t i, sym *name, dh_val *out)
{
	return field_at(s, type, VAL_RECORD_TYPE, i, name, out);
}

static void result_protected(void *ud)
{
	struct call *c = ud;
	const struct pi *pi = c->a->u.pi;
	uint32_t level = LEVEL_FRESH - 1; /* no context is that deep */

	c->out = pi_apply(c->s, pi, val_variable(c->s, pi->name, level, pi->domain));
	c->ok = !quote_mentions(c->s, c->out, level, level + 1);
}

bool dh_type_function(struct dhall *s, dh_val type, dh_val *parameter, dh_val *result)
{
	struct val *h = head_of(s, type, VAL_PI);
	struct call c = {.s = s, .a = h};

	if (!h || !session_protect(s, result_protected, &c))
		return false;
	parameter->v = h->u.pi->domain;
	result->v = c.ok ? c.out : NULL;
	return c.ok;
}

bool dh_type_item(struct dhall *s, dh_val type, dh_val *out)
{
	struct val *h = head_of(s, type, VAL_LIST_TYPE);

	out->v = h ? h->u.one.a : NULL;
	return h != NULL;
}

/* ---- places ---- */

static const struct term *outermost(const struct term *t)
{
	for (;;) {
		if (t->kind == TERM_LET)
			t = t->u.let.body;
		else if (t->kind == TERM_ANNOT)
			t = t->u.two.a;
		else
			return t;
	}
}

struct span dhall_field_span(const struct dh_typed *typed, sym name)
{
	const struct unit *u = unit_of(typed);
	const struct term *t = outermost(u->term);

	if (t->kind == TERM_RECORD)
		for (uint32_t i = 0; i < t->n; i++)
			if (t->u.fields.fields[i].name == name && t->u.fields.fields[i].hi)
				return (struct span){u->file, t->u.fields.fields[i].lo,
						t->u.fields.fields[i].hi};
	return NO_SPAN;
}

struct span dhall_span(const struct dh_typed *typed)
{
	const struct unit *u = unit_of(typed);

	return u->file ? (struct span){u->file, u->term->lo, u->term->hi} : NO_SPAN;
}
