#include "parse.h"

/* Braces: records, record types, projections; and unions.  Their fields stand on p->fields until the
 * closing brace. */

static struct term *fields_term(struct parser *p, enum term_kind kind, uint32_t lo, size_t base)
{
	size_t n = p->fields.n - base;
	struct term *t;

	t = parse_make(p, kind, lo, p->end);
	t->n = (uint32_t)n;
	t->u.fields.fields = PARSE_TAKE(p, fields, base, struct term_field);
	return t;
}

#define FEW 8 /* so many fields are compared pairwise */

/* Where in fields[base..i) the name of field i stands; i when it does not. */
static size_t earlier(struct parser *p, size_t base, size_t i, bool few)
{
	sym name = p->fields.p[i].name;
	uint32_t at = (uint32_t)i;

	if (!few)
		return scope_marked(&p->scope, name, &at) ? at : i;
	for (size_t j = base; j < i; j++)
		if (p->fields.p[j].name == name)
			return j;
	return i;
}

/* { x = a, x = b } is { x = a /\ b }. */
static void merge_duplicates(struct parser *p, size_t base)
{
	bool few = p->fields.n - base <= FEW;
	size_t n = base;

	scope_mark(&p->scope);
	for (size_t i = base; i < p->fields.n; i++) {
		struct term_field f = p->fields.p[i];
		size_t first;

		p->fields.p[n] = f;
		first = earlier(p, base, n, few);
		if (first < n)
			p->fields.p[first].value = parse_operation(p, OP_COMBINE, p->fields.p[first].value, f.value);
		else
			n++;
	}
	p->fields.n = n;
}

static uint16_t twice(struct parser *p, size_t base)
{
	bool few = p->fields.n - base <= FEW;

	scope_mark(&p->scope);
	for (size_t i = base; i < p->fields.n; i++)
		if (earlier(p, base, i, few) < i)
			return TERM_FLAG_TWICE;
	return 0;
}

static void field_name(struct parser *p, const char *what)
{
	struct term_field f = {.lo = p->tok.lo, .hi = p->tok.hi};

	f.name = parse_any_label(p, true, what);
	vec_push(&p->fields, f);
}

/* x.y.z = e, behind x: the fields above `at` become records around e. */
static void field_value(struct parser *p, size_t at)
{
	struct term *e;

	while (p->tok.kind == TOKEN_DOT) {
		lex_next(p);
		field_name(p, "a field name");
		parse_down(p);
	}
	parse_expect(p, TOKEN_EQUALS, "'=' and the value of the field",
			p->tok.kind == TOKEN_COLON ? "a record has '=' in all of its fields, a record type ':'" : NULL);
	e = parse_expression(p);
	while (p->fields.n > at + 1) {
		p->fields.p[p->fields.n - 1].value = e;
		e = fields_term(p, TERM_RECORD, p->fields.p[p->fields.n - 1].lo, p->fields.n - 1);
		parse_up(p);
	}
	p->fields.p[at].value = e;
}

static void literal_entry(struct parser *p)
{
	size_t at = p->fields.n;
	struct term_field *f;

	field_name(p, "a field name");
	f = &p->fields.p[at];
	if (p->tok.kind == TOKEN_COMMA || p->tok.kind == TOKEN_RBRACE)
		f->value = parse_variable(p, f->name, 0, f->lo, f->hi);
	else
		field_value(p, at);
}

static void type_entry(struct parser *p)
{
	const struct term *type;

	field_name(p, "a field name");
	if (p->tok.kind != TOKEN_COLON)
		parse_unexpected(p, "':' and the type of the field",
				p->tok.kind == TOKEN_EQUALS ? "a record type has ':' in all of its fields, a record '='" : NULL);
	parse_spaced(p, ":");
	type = parse_expression(p);
	p->fields.p[p->fields.n - 1].value = type;
}

/* More entries until '}'; one comma may stand before it. */
static void entries(struct parser *p, void (*entry)(struct parser *), uint32_t open)
{
	while (p->tok.kind == TOKEN_COMMA) {
		lex_next(p);
		if (p->tok.kind == TOKEN_RBRACE)
			break;
		entry(p);
	}
	parse_close(p, TOKEN_RBRACE, "',' or '}'", open);
}

static struct term *empty_record(struct parser *p, uint32_t lo)
{
	lex_next(p);
	if (p->tok.kind == TOKEN_COMMA)
		lex_next(p);
	parse_close(p, TOKEN_RBRACE, "'}'", lo);
	return parse_make(p, TERM_RECORD, lo, p->end);
}

struct term *parse_record(struct parser *p)
{
	uint32_t lo = p->tok.lo;
	size_t base = p->fields.n;
	struct term *t;
	uint16_t flags;

	lex_next(p);
	if (p->tok.kind == TOKEN_COMMA)
		lex_next(p);
	if (p->tok.kind == TOKEN_RBRACE) {
		lex_next(p);
		return parse_make(p, TERM_RECORD_TYPE, lo, p->end);
	}
	if (p->tok.kind == TOKEN_EQUALS)
		return empty_record(p, lo);
	if (p->tok.kind == TOKEN_END)
		parse_close(p, TOKEN_RBRACE, "a field name or '}'", lo);
	field_name(p, "a field name or '}'");
	if (p->tok.kind == TOKEN_COLON) {
		parse_spaced(p, ":");
		t = parse_expression(p);
		p->fields.p[base].value = t;
		entries(p, type_entry, lo);
		flags = twice(p, base);
		t = fields_term(p, TERM_RECORD_TYPE, lo, base);
		t->flags = flags;
		return t;
	}
	if (p->tok.kind == TOKEN_COMMA || p->tok.kind == TOKEN_RBRACE) {
		struct term_field *f = &p->fields.p[base];

		f->value = parse_variable(p, f->name, 0, f->lo, f->hi);
	} else {
		if (p->tok.kind != TOKEN_EQUALS && p->tok.kind != TOKEN_DOT)
			parse_close(p, TOKEN_RBRACE, "'=', ':', ',' or '}'", lo);
		field_value(p, base);
	}
	entries(p, literal_entry, lo);
	merge_duplicates(p, base);
	return fields_term(p, TERM_RECORD, lo, base);
}

struct term *parse_union(struct parser *p)
{
	uint32_t lo = p->tok.lo;
	size_t base = p->fields.n;
	struct term *t;
	uint16_t flags;

	lex_next(p);
	if (p->tok.kind == TOKEN_BAR)
		lex_next(p);
	while (p->tok.kind != TOKEN_RANGLE) {
		if (p->tok.kind == TOKEN_END)
			parse_close(p, TOKEN_RANGLE, "the name of an alternative or '>'", lo);
		field_name(p, "the name of an alternative or '>'");
		if (p->tok.kind == TOKEN_COLON) {
			parse_spaced(p, ":");
			t = parse_expression(p);
			p->fields.p[p->fields.n - 1].value = t;
		}
		if (p->tok.kind != TOKEN_BAR)
			break;
		lex_next(p);
	}
	parse_close(p, TOKEN_RANGLE, "'|' or '>'", lo);
	flags = twice(p, base);
	t = fields_term(p, TERM_UNION, lo, base);
	t->flags = flags;
	return t;
}

/* .{ x, y } */
struct term *parse_projection(struct parser *p, struct term *a)
{
	uint32_t open = p->tok.lo;
	size_t base = p->fields.n;
	struct term *t;
	sym *names;
	bool ordered = true;

	lex_next(p);
	if (p->tok.kind == TOKEN_COMMA)
		lex_next(p);
	while (p->tok.kind != TOKEN_RBRACE) {
		if (p->tok.kind == TOKEN_END)
			break;
		field_name(p, "a field name or '}'");
		if (p->tok.kind != TOKEN_COMMA)
			break;
		lex_next(p);
	}
	parse_close(p, TOKEN_RBRACE, "',' or '}'", open);
	t = parse_make(p, TERM_PROJECT, a->lo, p->end);
	t->n = (uint32_t)(p->fields.n - base);
	names = arena_raw(p->mem, t->n * sizeof *names, _Alignof(sym));
	for (uint32_t i = 0; i < t->n; i++) {
		names[i] = p->fields.p[base + i].name;
		ordered = ordered && (i == 0 || sym_cmp(names[i - 1], names[i]) < 0);
	}
	p->fields.n = base;
	t->sub = ordered;
	t->u.project.a = a;
	t->u.project.names = names;
	return t;
}

