/* Attribute sets while they are read: paths become nested sets, and sets of one name become one. */
#include "lex.h"

#define SCAN_MAX 12 /* from here on names are found by a table */

struct ex_attrs *attrs_begin(struct parser *p, enum expr_kind kind, const char *lo)
{
	return EXPR(p, ex_attrs, kind, lo);
}

/* ---- names ---- */

static void table_put(struct ex_attrs *a, uint32_t index)
{
	uint32_t at = a->b[index].name * 2654435761u & a->mask;

	while (a->table[at])
		at = (at + 1) & a->mask;
	a->table[at] = index + 1;
}

static struct binding *find(struct ex_attrs *a, sym name)
{
	uint32_t at;

	if (!a->table) {
		for (uint32_t i = 0; i < a->n; i++)
			if (a->b[i].name == name)
				return &a->b[i];
		return NULL;
	}
	for (at = name * 2654435761u & a->mask; a->table[at]; at = (at + 1) & a->mask)
		if (a->b[a->table[at] - 1].name == name)
			return &a->b[a->table[at] - 1];
	return NULL;
}

static struct binding *append(struct parser *p, struct ex_attrs *a, struct binding b)
{
	if (a->n == a->cap) {
		uint32_t cap = a->cap ? a->cap * 2 : 4;
		struct binding *more = arena_raw(&p->x->mem, mem_size(cap, sizeof *more), 8);

		if (a->n)
			memcpy(more, a->b, a->n * sizeof *more);
		a->b = more;
		a->cap = cap;
		if (cap > SCAN_MAX) {
			a->mask = cap * 2 - 1;
			a->table = arena_array(&p->x->mem, uint32_t, (size_t)cap * 2);
			for (uint32_t i = 0; i < a->n; i++)
				table_put(a, i);
		}
	}
	a->b[a->n++] = b;
	if (a->table)
		table_put(a, a->n - 1);
	return &a->b[a->n - 1];
}

static void append_dynamic(struct parser *p, struct ex_attrs *a, struct dynamic d)
{
	if (a->ndynamics == a->dynamics_cap) {
		uint32_t cap = a->dynamics_cap ? a->dynamics_cap * 2 : 4;
		struct dynamic *more = arena_raw(&p->x->mem, mem_size(cap, sizeof *more), 8);

		if (a->ndynamics)
			memcpy(more, a->dynamics, a->ndynamics * sizeof *more);
		a->dynamics = more;
		a->dynamics_cap = cap;
	}
	a->dynamics[a->ndynamics++] = d;
}

SL_NORETURN static void duplicate(struct parser *p, sym name, uint32_t pos)
{
	fail_at(p->x, DIAG_NIX_DUPLICATE, pos, pos + 1, "the attribute '%.*s' is already defined",
			STR_ARG(sym_str(name)));
}

/* ---- paths ---- */

static bool is_const_string(const struct expr *e)
{
	return e->kind == EX_CONST && val_tag(&AS(ex_const, e)->v) == T_STRING;
}

static struct step attr_step(struct parser *p)
{
	struct step s = {.lo = place_of(p, p->tok.lo)};
	struct expr *e;

	switch (p->tok.kind) {
	case TOKEN_ID:
	case TOKEN_OR:
		s.name = p->tok.name;
		nix_lex(p);
		return s;
	case TOKEN_QUOTE: e = parse_string(p); break;
	case TOKEN_DOLLAR:
		e = parse_braced(p);
		p->tok.hi = p->at;
		nix_lex(p);
		break;
	default: unexpected(p, "an attribute's name");
	}
	if (is_const_string(e))
		s.name = intern(val_str(&AS(ex_const, e)->v));
	else
		s.dynamic = e;
	return s;
}

uint32_t parse_attr_path(struct parser *p)
{
	uint32_t n = 0;

	for (;;) {
		struct step s = attr_step(p);

		vec_push(&p->x->attr_path, s);
		n++;
		if (p->tok.kind != TOKEN_DOT)
			return n;
		nix_lex(p);
	}
}

void parse_take_steps(struct parser *p, uint32_t n, struct step *to)
{
	p->x->attr_path.n -= n;
	memcpy(to, p->x->attr_path.p + p->x->attr_path.n, n * sizeof *to);
}

/* The set that `s` names in a, made if there is none. */
static struct ex_attrs *inner(struct parser *p, struct ex_attrs *a, struct step s)
{
	struct binding *b = s.name ? find(a, s.name) : NULL;
	struct ex_attrs *set;

	if (b) {
		if (b->kind != BIND_PLAIN || b->e->kind != EX_ATTRS)
			duplicate(p, s.name, s.lo);
		return AS(ex_attrs, b->e);
	}
	set = arena_make(&p->x->mem, struct ex_attrs);
	set->x.kind = EX_ATTRS;
	set->x.lo = s.lo;
	set->x.hi = s.lo + 1;
	set->x.name = s.name;
	if (s.name)
		append(p, a, (struct binding){s.name, s.lo, &set->x, BIND_PLAIN});
	else
		append_dynamic(p, a, (struct dynamic){s.dynamic, &set->x, s.lo});
	return set;
}

static void merge(struct parser *p, struct ex_attrs *into, const struct ex_attrs *from)
{
	for (uint32_t i = 0; i < from->n; i++) {
		if (find(into, from->b[i].name))
			duplicate(p, from->b[i].name, from->b[i].pos);
		append(p, into, from->b[i]);
	}
	for (uint32_t i = 0; i < from->ndynamics; i++)
		append_dynamic(p, into, from->dynamics[i]);
}

static void assign(struct parser *p, struct ex_attrs *a, const struct step *path, uint32_t n, struct expr *e)
{
	struct step last = path[n - 1];
	struct binding *b;

	for (uint32_t i = 0; i + 1 < n; i++)
		a = inner(p, a, path[i]);
	if (!last.name) {
		append_dynamic(p, a, (struct dynamic){last.dynamic, e, last.lo});
		return;
	}
	if (!e->name)
		e->name = last.name;
	b = find(a, last.name);
	if (!b)
		append(p, a, (struct binding){last.name, last.lo, e, BIND_PLAIN});
	else if (b->kind == BIND_PLAIN && b->e->kind == EX_ATTRS && e->kind == EX_ATTRS)
		merge(p, AS(ex_attrs, b->e), AS(ex_attrs, e));
	else
		duplicate(p, last.name, last.lo);
}

/* ---- inherit ---- */

static void inherit_one(struct parser *p, struct ex_attrs *a, struct expr *from, bool first)
{
	const char *lo = p->tok.lo;
	struct step s = attr_step(p);
	struct ex_select *e;

	if (!s.name)
		fail_at(p->x, DIAG_NIX_SYNTAX, s.lo, s.lo + 1, "a name that is computed cannot be inherited");
	if (find(a, s.name))
		duplicate(p, s.name, s.lo);
	if (!from) {
		append(p, a, (struct binding){s.name, s.lo, &expr_var(p, s.name, lo)->x, BIND_OUTER});
		return;
	}
	e = expr_new(p, EX_SELECT, sizeof *e + sizeof e->path[0], lo);
	e->from = from;
	e->x.flag = !first; /* scope.c sees `from` once */
	e->n = 1;
	e->path[0] = s;
	append(p, a, (struct binding){s.name, s.lo, &e->x, BIND_FROM});
}

static void inherit(struct parser *p, struct ex_attrs *a)
{
	struct expr *from = NULL;

	nix_lex(p);
	if (p->tok.kind == TOKEN_LPAREN) {
		nix_lex(p);
		from = parse_expr(p);
		expect(p, TOKEN_RPAREN, "')'");
	}
	for (bool first = true; p->tok.kind != TOKEN_SEMICOLON; first = false)
		inherit_one(p, a, from, first);
	nix_lex(p);
}

void parse_bindings(struct parser *p, struct ex_attrs *a, enum token_kind end)
{
	struct expr *e;
	uint32_t n;

	while (p->tok.kind != end) {
		if (p->tok.kind == TOKEN_INHERIT) {
			inherit(p, a);
			continue;
		}
		n = parse_attr_path(p);
		expect(p, TOKEN_ASSIGN, "'='");
		e = parse_expr(p);
		p->x->attr_path.n -= n;
		assign(p, a, p->x->attr_path.p + p->x->attr_path.n, n, e);
		expect(p, TOKEN_SEMICOLON, "';'");
	}
}
