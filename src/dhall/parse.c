#include "parse.h"
#include "stack.h"

/* The grammar needs no backtracking here: every choice is made by one token, with these three rules.
 *  - An expression is a row of heads (lambda, forall, let, if, assert), an operator expression, and
 *    perhaps "-> expression", ": expression" or with-clauses.  Heads and tails are frames on a stack,
 *    closed from the inside at the end, so chains of them need no recursion.
 *  - What may follow an operator expression depends on its shape (enum shape), not on its length.
 *  - [] is allowed only as the first operand of an expression, and only before ':'. */

#define DEPTH_MAX 200000 /* of brackets and other nesting: what a stack of POOL_STACK holds in every build */

enum frame_kind {
	FRAME_LAMBDA,
	FRAME_PI,
	FRAME_ARROW,
	FRAME_LET,
	FRAME_IF,
	FRAME_ASSERT,
	FRAME_ANNOT,
	FRAME_LAST, /* a is a merge, toMap or [] whose annotation follows */
};

enum shape {
	SHAPE_PLAIN, /* import-expression: `with` may follow */
	SHAPE_LAST,  /* exactly merge a b, toMap a, or []: an annotation is part of it */
	SHAPE_OTHER,
};

static struct term *operators(struct parser *, enum shape *);

/* ---- errors ---- */

static void too_deep(struct parser *p)
{
	struct diag *d = lex_error(p, DIAG_SYNTAX_DEPTH, p->tok.lo, p->tok.hi, "nested too deep");

	diag_hint(p->diags, d, "at most %d levels of brackets fit; name inner parts with 'let'", DEPTH_MAX);
	lex_leave(p);
}

void parse_down(struct parser *p)
{
	if (SL_UNLIKELY(++p->depth > DEPTH_MAX || stack_low(p->floor)))
		too_deep(p);
}

static bool is_word(enum token_kind k)
{
	return (k >= TOKEN_IF && k <= TOKEN_SHOW_CONSTRUCTOR) || k == TOKEN_MISSING || k == TOKEN_INFINITY
		|| k == TOKEN_NAN;
}

/* What to do about a token that fits nowhere; NULL when nothing is known. */
static const char *advice(const struct parser *p)
{
	str text = lex_slice(p, p->tok.lo, p->tok.hi);

	switch ((enum token_kind)p->tok.kind) {
	case TOKEN_EQUALS:
		if (p->text[p->tok.hi] == '>')
			return "an arrow is written '->'";
		return "a binding is written 'let x = … in …', a record '{ x = … }'";
	case TOKEN_COLON:
		return "an annotation stands after a whole expression: '(e : T)'; a '::' has no space in it";
	case TOKEN_COMPLETE: return "a record completion is 'Schema::{ … }'; put a chain of them in parentheses";
	case TOKEN_WITH:
		return "only a plain expression may stand before 'with': put what is before it in parentheses";
	case TOKEN_SOME:
	case TOKEN_MERGE:
	case TOKEN_TOMAP:
	case TOKEN_SHOW_CONSTRUCTOR: return "as an argument, put it in parentheses";
	case TOKEN_IF:
	case TOKEN_LET:
	case TOKEN_LAMBDA:
	case TOKEN_FORALL:
	case TOKEN_ASSERT: return "inside of an operator expression, put it in parentheses";
	case TOKEN_BAD:
		if (str_eq(text, S("-")))
			return "there is no '-' operator: see Natural/subtract, or write '-1' for a number";
		if (str_eq(text, S("'")))
			return "a text stands in double quotes, or in '' … '' over several lines";
		if (str_eq(text, S("&")))
			return "the logical and is '&&'";
		if (str_eq(text, S("!")))
			return "not x is written 'x == False'";
		if (str_eq(text, S("/")))
			return "there is no division; a path is written './file', a merge of records '//'";
		if (str_eq(text, S("“")) || str_eq(text, S("”")) || str_eq(text, S("‘")) || str_eq(text, S("’")))
			return "write plain quotes";
		return NULL;
	case TOKEN_BAR: return "the logical or is '||'";
	case TOKEN_HASH: return "a hash follows an import: './file sha256:…'";
	default: return NULL;
	}
}

/* Two operands with nothing between them: "f(x)". */
static bool glued(const struct parser *p)
{
	return !p->tok.gap && p->tok.lo > 0 && (p->tok.kind <= TOKEN_LAST_OPERAND || is_word(p->tok.kind))
		&& p->tok.lo == p->end && p->end > 0;
}

static struct diag *unexpected(struct parser *p, const char *what)
{
	char found[48];
	bool end = p->tok.kind == TOKEN_END; /* shown behind the last token, not on an empty line below it */
	struct diag *d = lex_error(p, DIAG_SYNTAX_UNEXPECTED, end ? p->end : p->tok.lo, end ? p->end : p->tok.hi,
			"found %s, expected %s", lex_found(p, found), what);
	const char *hint = advice(p);

	if (glued(p) && p->tok.kind != TOKEN_END)
		hint = "a space is needed between two expressions: 'f (x)'";
	if (hint)
		diag_hint(p->diags, d, "%s", hint);
	return d;
}

void parse_unexpected(struct parser *p, const char *what)
{
	unexpected(p, what);
	lex_leave(p);
}

void parse_expect(struct parser *p, enum token_kind kind, const char *what)
{
	if (SL_UNLIKELY(p->tok.kind != kind))
		parse_unexpected(p, what);
	lex_next(p);
}

void parse_spaced(struct parser *p, const char *after)
{
	struct diag *d;

	lex_next(p);
	if (SL_LIKELY(p->tok.gap) || p->tok.kind == TOKEN_END)
		return;
	d = lex_error(p, DIAG_SYNTAX_SPACE, p->end, p->tok.hi, "a space is missing after '%s'", after);
	if (strcmp(after, ":") == 0)
		diag_hint(p->diags, d, "'x :T' would look like the start of an import or a '::'");
	lex_leave(p);
}

/* The bracket at `open` must be closed by `kind` now. */
static void close(struct parser *p, enum token_kind kind, const char *what, uint32_t open)
{
	struct diag *d;

	if (SL_LIKELY(p->tok.kind == kind)) {
		lex_next(p);
		return;
	}
	if (p->tok.kind == TOKEN_END) {
		d = lex_error(p, DIAG_SYNTAX_UNCLOSED, open, open + 1, "'%c' is never closed", p->text[open]);
		lex_note(p, d, p->tok.lo, p->tok.hi, "the text ends here, expected %s", what);
	} else {
		d = unexpected(p, what);
		lex_note(p, d, open, open + 1, "opened here");
	}
	lex_leave(p);
}

/* ---- names ---- */

static SL_NORETURN void reserved(struct parser *p, const char *use)
{
	char found[48];
	str text = lex_slice(p, p->tok.lo, p->tok.hi);
	struct diag *d = lex_error(p, DIAG_SYNTAX_RESERVED, p->tok.lo, p->tok.hi, "%s is reserved and cannot be %s",
			lex_found(p, found), use);

	diag_hint(p->diags, d, "quote it: `%.*s`", STR_ARG(text));
	lex_leave(p);
}

/* The standard's any-label, or any-label-or-some; tok moves on. */
static sym any_label(struct parser *p, bool some, const char *what)
{
	sym name;

	if (p->tok.kind == TOKEN_LABEL)
		name = p->tok.name;
	else if (p->tok.kind == TOKEN_BUILTIN || p->tok.kind == TOKEN_CONST || p->tok.kind == TOKEN_BOOL
			|| (some && p->tok.kind == TOKEN_SOME))
		name = intern(lex_slice(p, p->tok.lo, p->tok.hi));
	else if (is_word(p->tok.kind))
		reserved(p, "a field name");
	else
		parse_unexpected(p, what);
	lex_next(p);
	return name;
}

static sym binder(struct parser *p)
{
	sym name = p->tok.name;

	if (p->tok.kind == TOKEN_BUILTIN || p->tok.kind == TOKEN_CONST || p->tok.kind == TOKEN_BOOL
			|| is_word(p->tok.kind))
		reserved(p, "the name of a variable");
	parse_expect(p, TOKEN_LABEL, "the name of a variable");
	return name;
}

static struct term *variable(struct parser *p, sym name, uint32_t n, uint32_t lo, uint32_t hi)
{
	struct term *t = parse_make(p, TERM_VAR, lo, hi);

	t->u.var.name = name;
	t->u.var.index = scope_find(&p->scope, name, n, &t->u.var.at);
	return t;
}

/* x or x@n */
static struct term *identifier(struct parser *p)
{
	struct token name = p->tok;
	const struct term *at;

	lex_next(p);
	if (SL_LIKELY(p->tok.kind != TOKEN_AT))
		return variable(p, name.name, 0, name.lo, name.hi);
	lex_next(p);
	at = p->tok.kind == TOKEN_NUMBER ? parse_literal(p) : NULL;
	if (!at || at->kind != TERM_NATURAL)
		parse_unexpected(p, "the index of a variable, a natural number");
	if (at->u.num.big || at->u.num.small >= VAR_FREE) {
		lex_error(p, DIAG_SYNTAX_NUMBER, at->lo, at->hi, "the index is too large");
		lex_leave(p);
	}
	return variable(p, name.name, (uint32_t)at->u.num.small, name.lo, at->hi);
}

/* ---- records, unions, lists ---- */

static struct term *fields_term(struct parser *p, enum term_kind kind, uint32_t lo, size_t base)
{
	size_t n = p->fields.n - base;
	struct term *t;

	t = parse_make(p, kind, lo, p->end);
	t->n = (uint32_t)n;
	t->u.fields.fields = PARSE_TAKE(p, fields, base, struct term_field);
	return t;
}

static struct term *operation(struct parser *p, enum term_op op, const struct term *a, const struct term *b)
{
	struct term *t = parse_make(p, TERM_OP, a->lo, b->hi);

	t->sub = (uint8_t)op;
	t->u.two.a = a;
	t->u.two.b = b;
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
			p->fields.p[first].value = operation(p, OP_COMBINE, p->fields.p[first].value, f.value);
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

	f.name = any_label(p, true, what);
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
	parse_expect(p, TOKEN_EQUALS, "'=' and the value of the field");
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
		f->value = variable(p, f->name, 0, f->lo, f->hi);
	else
		field_value(p, at);
}

static void type_entry(struct parser *p)
{
	const struct term *type;

	field_name(p, "a field name");
	if (p->tok.kind != TOKEN_COLON)
		parse_unexpected(p, "':' and the type of the field");
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
	close(p, TOKEN_RBRACE, "',' or '}'", open);
}

static struct term *empty_record(struct parser *p, uint32_t lo)
{
	lex_next(p);
	if (p->tok.kind == TOKEN_COMMA)
		lex_next(p);
	close(p, TOKEN_RBRACE, "'}'", lo);
	return parse_make(p, TERM_RECORD, lo, p->end);
}

static struct term *record(struct parser *p)
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
		close(p, TOKEN_RBRACE, "a field name or '}'", lo);
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

		f->value = variable(p, f->name, 0, f->lo, f->hi);
	} else {
		if (p->tok.kind != TOKEN_EQUALS && p->tok.kind != TOKEN_DOT)
			close(p, TOKEN_RBRACE, "'=', ':', ',' or '}'", lo);
		field_value(p, base);
	}
	entries(p, literal_entry, lo);
	merge_duplicates(p, base);
	return fields_term(p, TERM_RECORD, lo, base);
}

static struct term *union_type(struct parser *p)
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
			close(p, TOKEN_RANGLE, "the name of an alternative or '>'", lo);
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
	close(p, TOKEN_RANGLE, "'|' or '>'", lo);
	flags = twice(p, base);
	t = fields_term(p, TERM_UNION, lo, base);
	t->flags = flags;
	return t;
}

static struct term *empty_list(struct parser *p, uint32_t lo)
{
	struct diag *d;

	lex_next(p);
	if (lo == p->operand && p->tok.kind == TOKEN_COLON)
		return parse_make(p, TERM_EMPTY, lo, p->end);
	d = lex_error(p, DIAG_SYNTAX_UNEXPECTED, lo, p->end, "an empty list needs the type of its elements");
	diag_hint(p->diags, d, "write '[] : List T', in parentheses when it is part of something");
	lex_leave(p);
}

static struct term *list(struct parser *p)
{
	uint32_t lo = p->tok.lo;
	size_t base = p->terms.n;
	struct term *t;

	lex_next(p);
	if (p->tok.kind == TOKEN_COMMA)
		lex_next(p);
	if (p->tok.kind == TOKEN_RBRACKET)
		return empty_list(p, lo);
	if (p->tok.kind == TOKEN_END)
		close(p, TOKEN_RBRACKET, "']'", lo);
	do {
		t = parse_expression(p);
		vec_push(&p->terms, t);
		if (p->tok.kind != TOKEN_COMMA)
			break;
		lex_next(p);
	} while (p->tok.kind != TOKEN_RBRACKET);
	close(p, TOKEN_RBRACKET, "',' or ']'", lo);
	t = parse_make(p, TERM_LIST, lo, p->end);
	t->n = (uint32_t)(p->terms.n - base);
	t->u.list.items = (const struct term *const *)PARSE_TAKE(p, terms, base, struct term *);
	return t;
}

/* ---- operands ---- */

static struct term *parenthesis(struct parser *p)
{
	uint32_t lo = p->tok.lo;
	struct term *t;

	lex_next(p);
	if (p->tok.kind == TOKEN_END)
		close(p, TOKEN_RPAREN, "')'", lo);
	t = parse_expression(p);
	close(p, TOKEN_RPAREN, "')'", lo);
	t->flags |= TERM_FLAG_PAREN;
	t->lo = lo;
	t->hi = p->end;
	return t;
}

static struct term *word(struct parser *p, enum term_kind kind)
{
	struct term *t = parse_make(p, kind, p->tok.lo, p->tok.hi);

	t->sub = p->tok.sub;
	lex_next(p);
	if (p->tok.kind == TOKEN_AT) {
		struct diag *d = lex_error(p, DIAG_SYNTAX_UNEXPECTED, p->tok.lo, p->tok.hi, "a builtin has no index");

		diag_hint(p->diags, d, "a variable of that name is written `%.*s`@n", STR_ARG(lex_slice(p, t->lo, t->hi)));
		lex_leave(p);
	}
	return t;
}

static struct term *special_double(struct parser *p, double d)
{
	struct term *t = parse_make(p, TERM_DOUBLE, p->tok.lo, p->tok.hi);

	t->u.dbl = d;
	lex_next(p);
	return t;
}

static struct term *primitive(struct parser *p)
{
	switch ((enum token_kind)p->tok.kind) {
	case TOKEN_LABEL: return identifier(p);
	case TOKEN_BUILTIN: return word(p, TERM_BUILTIN);
	case TOKEN_CONST: return word(p, TERM_CONST);
	case TOKEN_BOOL: return word(p, TERM_BOOL);
	case TOKEN_NUMBER: return parse_literal(p);
	case TOKEN_INFINITY: return special_double(p, __builtin_inf());
	case TOKEN_NAN: return special_double(p, __builtin_nan(""));
	case TOKEN_DOUBLE_QUOTE:
	case TOKEN_SINGLE_QUOTE: return parse_text(p);
	case TOKEN_LPAREN: return parenthesis(p);
	case TOKEN_LBRACE: return record(p);
	case TOKEN_LBRACKET: return list(p);
	case TOKEN_LANGLE: return union_type(p);
	default: parse_unexpected(p, "an expression");
	}
}

/* .{ x, y } */
static struct term *projection(struct parser *p, struct term *a)
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
	close(p, TOKEN_RBRACE, "',' or '}'", open);
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

static struct term *pair(struct parser *p, enum term_kind kind, const struct term *a, const struct term *b)
{
	struct term *t = parse_make(p, kind, a->lo, p->end);

	t->u.two.a = a;
	t->u.two.b = b;
	return t;
}

static struct term *selector(struct parser *p, struct term *a)
{
	uint32_t open = p->tok.lo;
	struct term *t;
	sym name;

	if (p->tok.kind == TOKEN_LBRACE)
		return projection(p, a);
	if (p->tok.kind == TOKEN_LPAREN) {
		lex_next(p);
		t = parse_expression(p);
		close(p, TOKEN_RPAREN, "')'", open);
		return pair(p, TERM_PROJECT_TYPE, a, t);
	}
	name = any_label(p, false, "a field name, '{ … }' or '( … )'");
	t = parse_make(p, TERM_FIELD, a->lo, p->end);
	t->u.field.a = a;
	t->u.field.name = name;
	return t;
}

static struct term *selectors(struct parser *p)
{
	struct term *t = primitive(p);

	while (p->tok.kind == TOKEN_DOT) {
		lex_next(p);
		t = selector(p, t);
	}
	return t;
}

struct term *parse_operand(struct parser *p)
{
	struct term *t;

	if (p->tok.kind >= TOKEN_PATH && p->tok.kind <= TOKEN_MISSING)
		return parse_import(p);
	t = selectors(p);
	if (p->tok.kind == TOKEN_COMPLETE) {
		lex_next(p);
		t = pair(p, TERM_COMPLETE, t, selectors(p));
	}
	return t;
}

/* An operand that whitespace must precede. */
static struct term *argument(struct parser *p, const char *what)
{
	if (!p->tok.gap || p->tok.kind > TOKEN_LAST_OPERAND)
		parse_unexpected(p, what);
	return parse_operand(p);
}

/* merge a b, Some a, toMap a, showConstructor a */
static struct term *prefixed(struct parser *p, enum term_kind kind, const char *word_text)
{
	uint32_t lo = p->tok.lo;
	struct term *t, *a, *b = NULL;

	parse_spaced(p, word_text);
	a = argument(p, kind == TERM_MERGE ? "the record of handlers" : "the argument");
	if (kind == TERM_MERGE)
		b = argument(p, "the union to merge");
	t = parse_make(p, kind, lo, p->end);
	t->u.three.a = a;
	t->u.three.b = b; /* not there for the others: NULL is right for toMap, and unused for Some */
	return t;
}

static struct term *application(struct parser *p, enum shape *shape)
{
	struct term *t;

	*shape = SHAPE_OTHER;
	switch ((enum token_kind)p->tok.kind) {
	case TOKEN_MERGE:
		t = prefixed(p, TERM_MERGE, "merge");
		*shape = SHAPE_LAST;
		break;
	case TOKEN_TOMAP:
		t = prefixed(p, TERM_TOMAP, "toMap");
		*shape = SHAPE_LAST;
		break;
	case TOKEN_SOME: t = prefixed(p, TERM_SOME, "Some"); break;
	case TOKEN_SHOW_CONSTRUCTOR: t = prefixed(p, TERM_SHOW_CONSTRUCTOR, "showConstructor"); break;
	default:
		t = parse_operand(p);
		*shape = t->kind == TERM_EMPTY && !t->u.one.a ? SHAPE_LAST : SHAPE_PLAIN;
	}
	while (p->tok.gap && p->tok.kind <= TOKEN_LAST_OPERAND) {
		t = pair(p, TERM_APP, t, parse_operand(p));
		*shape = SHAPE_OTHER;
	}
	return t;
}

/* By enum term_op, ORDER OP: the higher, the tighter. */
static const uint8_t tightness[] = {
	[OP_EQUIVALENT] = 0, [OP_ALTERNATIVE] = 1, [OP_OR] = 2, [OP_PLUS] = 3, [OP_TEXT_APPEND] = 4,
	[OP_LIST_APPEND] = 5, [OP_AND] = 6, [OP_COMBINE] = 7, [OP_PREFER] = 8, [OP_COMBINE_TYPES] = 9,
	[OP_TIMES] = 10, [OP_EQ] = 11, [OP_NE] = 12,
};

static struct term *reduce(struct parser *p, struct term *right)
{
	enum term_op op = (enum term_op)vec_pop(&p->ops);

	return operation(p, op, vec_pop(&p->terms), right);
}

static struct term *operators(struct parser *p, enum shape *shape)
{
	struct term *t = application(p, shape);
	size_t base = p->ops.n;
	enum shape ignored;

	while (p->tok.kind >= TOKEN_OP && p->tok.kind <= TOKEN_LAST_OP) {
		uint8_t op = (uint8_t)(p->tok.kind - TOKEN_OP);

		while (p->ops.n > base && tightness[vec_last(&p->ops)] >= tightness[op])
			t = reduce(p, t);
		vec_push(&p->ops, op);
		vec_push(&p->terms, t);
		if (op == OP_PLUS || op == OP_ALTERNATIVE)
			parse_spaced(p, op == OP_PLUS ? "+" : "?");
		else
			lex_next(p);
		*shape = SHAPE_OTHER;
		t = application(p, &ignored);
	}
	while (p->ops.n > base)
		t = reduce(p, t);
	return t;
}

/* ---- expressions ---- */

static void push(struct parser *p, enum frame_kind kind, uint32_t lo, sym name, struct term *a, struct term *b)
{
	vec_push(&p->frames, ((struct frame){(uint8_t)kind, lo, name, a, b}));
}

/* \(name : type) -> … and forall (name : type) -> … */
static void arrow_head(struct parser *p, enum frame_kind kind)
{
	uint32_t lo = p->tok.lo, open;
	struct term *type;
	sym name;

	lex_next(p);
	open = p->tok.lo;
	parse_expect(p, TOKEN_LPAREN, "'(' and the name of a variable");
	name = binder(p);
	if (p->tok.kind != TOKEN_COLON)
		parse_unexpected(p, "':' and the type of the variable");
	parse_spaced(p, ":");
	type = parse_expression(p);
	close(p, TOKEN_RPAREN, "')'", open);
	parse_expect(p, TOKEN_ARROW, "'->'");
	push(p, kind, lo, name, type, NULL);
	scope_push(&p->scope, name);
}

static SL_NORETURN void let_without_in(struct parser *p, uint32_t let)
{
	struct diag *d;

	if ((p->tok.kind == TOKEN_LET || p->tok.kind == TOKEN_IN) && !p->tok.gap) {
		lex_error(p, DIAG_SYNTAX_SPACE, p->tok.lo, p->tok.hi, "a space is missing before '%.*s'",
				STR_ARG(lex_slice(p, p->tok.lo, p->tok.hi)));
		lex_leave(p);
	}
	d = unexpected(p, "'in' or another 'let'");
	lex_note(p, d, let, let + 3, "for the 'let' that begins here");
	if (p->tok.kind == TOKEN_END)
		diag_hint(p->diags, d, "a file is one expression: after its bindings comes 'in' and the result");
	lex_leave(p);
}

static void let_head(struct parser *p)
{
	uint32_t lo = p->tok.lo;
	struct term *type = NULL, *value;
	sym name;

	parse_spaced(p, "let");
	name = binder(p);
	if (p->tok.kind == TOKEN_COLON) {
		parse_spaced(p, ":");
		type = parse_expression(p);
	}
	parse_expect(p, TOKEN_EQUALS, type ? "'='" : "'=' or ':'");
	value = parse_expression(p);
	if (!p->tok.gap || (p->tok.kind != TOKEN_IN && p->tok.kind != TOKEN_LET))
		let_without_in(p, lo);
	if (p->tok.kind == TOKEN_IN)
		parse_spaced(p, "in");
	push(p, FRAME_LET, lo, name, type, value);
	scope_push(&p->scope, name);
}

static void if_part(struct parser *p, enum token_kind kind, const char *word_text, uint32_t lo)
{
	struct diag *d;

	if (p->tok.kind != kind) {
		d = unexpected(p, kind == TOKEN_THEN ? "'then'" : "'else'");
		lex_note(p, d, lo, lo + 2, "for the 'if' that begins here");
		if (kind == TOKEN_ELSE)
			diag_hint(p->diags, d, "every 'if' has an 'else'");
		lex_leave(p);
	}
	parse_spaced(p, word_text);
}

static void if_head(struct parser *p)
{
	uint32_t lo = p->tok.lo;
	struct term *condition, *yes;

	parse_spaced(p, "if");
	condition = parse_expression(p);
	if_part(p, TOKEN_THEN, "then", lo);
	yes = parse_expression(p);
	if_part(p, TOKEN_ELSE, "else", lo);
	push(p, FRAME_IF, lo, 0, condition, yes);
}

static bool head(struct parser *p)
{
	switch ((enum token_kind)p->tok.kind) {
	case TOKEN_LAMBDA: arrow_head(p, FRAME_LAMBDA); return true;
	case TOKEN_FORALL: arrow_head(p, FRAME_PI); return true;
	case TOKEN_LET: let_head(p); return true;
	case TOKEN_IF: if_head(p); return true;
	case TOKEN_ASSERT:
		push(p, FRAME_ASSERT, p->tok.lo, 0, NULL, NULL);
		lex_next(p);
		if (p->tok.kind != TOKEN_COLON)
			parse_unexpected(p, "':' and what is asserted");
		parse_spaced(p, ":");
		return true;
	default: return false;
	}
}

static void with_step(struct parser *p)
{
	struct with_step step = {WITH_NAME, 0};

	if (p->tok.kind == TOKEN_OP + OP_ALTERNATIVE) {
		step.kind = WITH_OPTIONAL;
		lex_next(p);
	} else {
		step.name = any_label(p, true, "a field name or '?'");
	}
	vec_push(&p->steps, step);
}

/* e with a.b = v with … */
static struct term *with_clauses(struct parser *p, struct term *e)
{
	while (p->tok.kind == TOKEN_WITH && p->tok.gap) {
		size_t base = p->steps.n;
		struct term *t, *value;
		enum shape ignored;

		parse_spaced(p, "with");
		with_step(p);
		while (p->tok.kind == TOKEN_DOT) {
			lex_next(p);
			with_step(p);
		}
		parse_expect(p, TOKEN_EQUALS, "'=' and the new value");
		p->operand = UINT32_MAX;
		value = operators(p, &ignored);
		t = parse_make(p, TERM_WITH, e->lo, p->end);
		t->n = (uint32_t)(p->steps.n - base);
		t->u.with.a = e;
		t->u.with.path = PARSE_TAKE(p, steps, base, struct with_step);
		t->u.with.b = value;
		e = t;
	}
	return e;
}

/* What follows an operator expression; true when another expression does. */
static bool tail(struct parser *p, struct term **t, enum shape shape)
{
	struct term *e = *t;

	switch ((enum token_kind)p->tok.kind) {
	case TOKEN_ARROW:
		push(p, FRAME_ARROW, e->lo, p->underscore, e, NULL);
		scope_push(&p->scope, p->underscore);
		lex_next(p);
		return true;
	case TOKEN_COLON:
		push(p, shape == SHAPE_LAST ? FRAME_LAST : FRAME_ANNOT, e->lo, 0, e, NULL);
		parse_spaced(p, ":");
		return true;
	case TOKEN_WITH:
		if (shape == SHAPE_PLAIN)
			*t = with_clauses(p, e);
		return false;
	default: return false;
	}
}

static struct term *annotated(struct parser *p, struct term *t, const struct term *type)
{
	t->hi = p->end;
	switch ((enum term_kind)t->kind) {
	case TERM_MERGE: t->u.three.c = type; break;
	case TERM_TOMAP: t->u.two.b = type; break;
	default: t->u.one.a = type; break; /* TERM_EMPTY */
	}
	return t;
}

/* The frame with its last part. */
static struct term *whole(struct parser *p, const struct frame *f, struct term *last)
{
	struct term *t;

	switch ((enum frame_kind)f->kind) {
	case FRAME_LAMBDA:
	case FRAME_PI:
	case FRAME_ARROW:
		scope_pop(&p->scope);
		t = parse_make(p, f->kind == FRAME_LAMBDA ? TERM_LAMBDA : TERM_PI, f->lo, p->end);
		t->u.bind.name = f->name;
		t->u.bind.a = f->a;
		t->u.bind.b = last;
		return t;
	case FRAME_LET:
		scope_pop(&p->scope);
		t = parse_make(p, TERM_LET, f->lo, p->end);
		t->u.let.name = f->name;
		t->u.let.type = f->a;
		t->u.let.value = f->b;
		t->u.let.body = last;
		return t;
	case FRAME_IF:
		t = parse_make(p, TERM_IF, f->lo, p->end);
		t->u.three.a = f->a;
		t->u.three.b = f->b;
		t->u.three.c = last;
		return t;
	case FRAME_ASSERT:
		t = parse_make(p, TERM_ASSERT, f->lo, p->end);
		t->u.one.a = last;
		return t;
	case FRAME_ANNOT: return pair(p, TERM_ANNOT, f->a, last);
	case FRAME_LAST: return annotated(p, f->a, last);
	}
	return last;
}

struct term *parse_expression(struct parser *p)
{
	size_t base = p->frames.n;
	enum shape shape;
	struct term *t;

	parse_down(p);
	do {
		while (head(p))
			;
		p->operand = p->tok.lo;
		t = operators(p, &shape);
	} while (tail(p, &t, shape));
	while (p->frames.n > base) {
		struct frame f = vec_pop(&p->frames);

		t = whole(p, &f, t);
	}
	parse_up(p);
	return t;
}

/* ---- the whole text ---- */

static const struct term *complete(struct parser *p)
{
	jmp_buf leave;
	struct term *t;

	p->leave = &leave;
	p->top = __builtin_frame_address(0);
	if (setjmp(leave))
		return NULL;
	lex_start(p);
	t = parse_expression(p);
	if (p->tok.kind != TOKEN_END)
		parse_unexpected(p, "an operator or the end of the text");
	p->unit->ncomments = p->comments.n;
	p->unit->comments = PARSE_TAKE(p, comments, 0, struct span);
	p->unit->nimports = p->imports.n;
	p->unit->imports = PARSE_TAKE(p, imports, 0, struct import *);
	return t;
}

/* A limit of the arena is crossed: first the parser's own memory is freed, then its owner hears of it. */
static void release(struct parser *p)
{
	scope_free(&p->scope);
	vec_free(&p->frames);
	vec_free(&p->terms);
	vec_free(&p->ops);
	vec_free(&p->fields);
	vec_free(&p->chunks);
	vec_free(&p->steps);
	vec_free(&p->parts);
	vec_free(&p->comments);
	vec_free(&p->imports);
	buf_free(&p->bytes);
}

struct over {
	struct parser *p;
	arena_over *over;
	void *ud;
};

static void crossed(void *ud)
{
	struct over *o = ud;

	release(o->p);
	o->p->mem->over = o->over;
	o->p->mem->over_ud = o->ud;
	o->over(o->ud);
}

static char *padded(struct arena *a, str text)
{
	char *copy = arena_raw(a, text.n + LEX_PAD, 1);

	if (text.n)
		memcpy(copy, text.p, text.n);
	memset(copy + text.n, 0, LEX_PAD);
	return copy;
}

const struct term *term_parse(struct unit *unit, str text, struct diags *diags)
{
	struct parser p = {.unit = unit, .mem = &unit->arena, .diags = diags, .n = text.n, .floor = stack_floor()};
	struct over over = {&p, unit->arena.over, unit->arena.over_ud};
	const struct term *t;

	if (text.n >= UINT32_MAX - LEX_PAD) {
		lex_error(&p, DIAG_SYNTAX_DEPTH, 0, 0, "a text of 4 GiB or more cannot be parsed");
		return NULL;
	}
	if (unit->arena.limit)
		arena_limit(&unit->arena, unit->arena.limit, crossed, &over);
	p.text = p.at = padded(p.mem, text);
	t = complete(&p);
	release(&p);
	if (unit->arena.limit)
		arena_limit(&unit->arena, unit->arena.limit, over.over, over.ud);
	if (t)
		unit->term = t;
	return t;
}
