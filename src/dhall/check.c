/* Type inference: the core of the language.  Records and unions have files of their own. */
#include "check.h"

static struct val *builtin(struct check *c, enum builtin b)
{
	return c->s->builtins[b];
}

struct env *check_push(struct check *c, struct env *e, struct val *v, struct val *type)
{
	if (e->depth == c->cap) {
		uint32_t cap = c->cap ? c->cap * 2 : 64;
		struct val **types = arena_array(&c->s->arena, struct val *, cap);

		if (c->cap)
			memcpy(types, c->types, c->cap * sizeof *types);
		c->types = types;
		c->cap = cap;
	}
	c->types[e->depth] = type;
	return env_push(&c->s->arena, e, v);
}

struct val *check_force(struct check *c, const struct term *t, struct env *e)
{
	return val_force(c->s, check_infer(c, t, e));
}

enum term_const check_type(struct check *c, const struct term *t, struct env *e, const char *what)
{
	struct val *k = check_force(c, t, e);
	struct diag *d;

	if (k->kind == VAL_CONST)
		return k->sub;
	d = check_error(c, DIAG_NOT_A_TYPE, t, "%s is not a type", what);
	diag_note(c->s->diags, d, NO_SPAN, "it has type %s", check_show(c, k, e));
	diag_hint(c->s->diags, d, "a type stands here: Text, List Natural, { name : Text }, …");
	check_fail(c);
}

/* ---- variables, constants ---- */

static struct val *infer_var(struct check *c, const struct term *t, struct env *e)
{
	struct diag *d;

	if (t->u.var.index != VAR_FREE)
		return c->types[e->depth - t->u.var.index - 1];
	if (t->u.var.at)
		d = check_error(c, DIAG_UNBOUND_VARIABLE, t, "'%.*s@%u' is not defined",
				STR_ARG(sym_str(t->u.var.name)), t->u.var.at);
	else
		d = check_error(c, DIAG_UNBOUND_VARIABLE, t, "'%.*s' is not defined",
				STR_ARG(sym_str(t->u.var.name)));
	if (t->u.var.at || !point_near(c, d, t))
		diag_hint(c->s->diags, d,
			"bind it with 'let', or import the file that defines it: let %.*s = ./file.dhall in …",
			STR_ARG(sym_str(t->u.var.name)));
	check_fail(c);
}

static struct val *infer_const(struct check *c, const struct term *t)
{
	struct diag *d;

	if (t->sub != CONST_SORT)
		return c->s->consts[t->sub + 1];
	d = check_error(c, DIAG_SORT_HAS_NO_TYPE, t, "'Sort' has no type");
	diag_hint(c->s->diags, d, "Sort may only be an annotation");
	check_fail(c);
}

/* ---- functions ---- */

static enum term_const function_universe(enum term_const in, enum term_const out)
{
	return out == CONST_TYPE ? CONST_TYPE : in > out ? in : out;
}

static size_t binder_chain(const struct term *t, enum term_kind kind)
{
	size_t n = 0;

	for (; t->kind == kind; t = t->u.bind.b)
		n++;
	return n;
}

static struct val *pi_value(struct check *c, sym name, struct val *domain,
		const struct term *body, struct env *e)
{
	struct pi *pi = arena_raw(&c->s->arena, sizeof *pi, _Alignof(struct pi));
	struct val *v = val_new(c->s, VAL_PI);

	*pi = (struct pi){name, domain, body, e};
	v->u.pi = pi;
	return v;
}

static struct env *push_variable(struct check *c, struct env *e, sym name, struct val *domain)
{
	return check_push(c, e, val_variable(c->s, name, e->depth, domain), domain);
}

/* All lambdas of a chain at once: the body's type is quoted once, and the domains are the source's. */
static struct val *infer_lambda(struct check *c, const struct term *t, struct env *outer)
{
	size_t n = binder_chain(t, TERM_LAMBDA);
	const struct term **chain = arena_array(&c->s->arena, const struct term *, n), *body;
	struct val *first = NULL, *type;
	struct env *e = outer;

	for (size_t i = 0; i < n; i++, t = t->u.bind.b) {
		struct val *domain;

		check_type(c, t->u.bind.a, e, "the function's parameter type");
		domain = eval_later(c->s, t->u.bind.a, e);
		if (i == 0)
			first = domain;
		e = push_variable(c, e, t->u.bind.name, domain);
		chain[i] = t;
	}
	type = check_infer(c, t, e);
	if (universe_of(c, type, e) == UNIVERSE_NONE) {
		check_error(c, DIAG_SORT_HAS_NO_TYPE, t, "a function cannot return a value of type %s",
				check_show(c, type, e));
		check_fail(c);
	}
	body = quote_abstract(c->s, type, outer->depth, e->depth);
	for (size_t i = n - 1; i > 0; i--) {
		struct term *pi = arena_make(&c->s->arena, struct term);

		pi->kind = TERM_PI;
		pi->u.bind.name = chain[i]->u.bind.name;
		pi->u.bind.a = chain[i]->u.bind.a;
		pi->u.bind.b = body;
		body = pi;
	}
	return pi_value(c, chain[0]->u.bind.name, first, body, outer);
}

static struct val *infer_pi(struct check *c, const struct term *t, struct env *e)
{
	size_t n = binder_chain(t, TERM_PI);
	unsigned char *in = arena_raw(&c->s->arena, n, 1);
	enum term_const out;

	for (size_t i = 0; i < n; i++, t = t->u.bind.b) {
		in[i] = (unsigned char)check_type(c, t->u.bind.a, e, "the function type's input");
		e = push_variable(c, e, t->u.bind.name, eval_later(c->s, t->u.bind.a, e));
	}
	out = check_type(c, t, e, "the function type's output");
	while (n > 0)
		out = function_universe(in[--n], out);
	return c->s->consts[out];
}

/* Who is called, for messages: a name, x.y.z, or nothing. */
static str callee(struct check *c, const struct term *t)
{
	while (t->kind == TERM_APP || t->kind == TERM_ANNOT)
		t = t->u.two.a;
	switch (t->kind) {
	case TERM_VAR: return sym_str(t->u.var.name);
	case TERM_BUILTIN: return builtin_name(t->sub);
	case TERM_FIELD:
		return str_upto(str_from(source_text(c->unit->file), t->lo),
				t->hi - t->lo > 60 ? 0 : t->hi - t->lo);
	default: return S("");
	}
}

static bool has_field(const struct val *record, const char *name)
{
	const struct shape *s = record->u.rec.shape;

	return shape_find(s, intern_c(name)) != SHAPE_NONE;
}

/* Why something is applied that is none: a schema in the place where completion is meant, or a missing sign. */
static void hint_application(struct check *c, struct diag *d, str who, size_t nth, const struct val *f, const struct term *arg)
{
	bool schema = f->kind == VAL_RECORD_TYPE && has_field(f, "Type") && has_field(f, "default");

	if (nth == 0 && schema && arg->kind == TERM_RECORD)
		diag_hint(c->s->diags, d, "it is a schema, which a record completes with '::': %.*s::{ … }", STR_ARG(who));
	else
		diag_hint(c->s->diags, d, nth ? "is a comma or an operator missing before this argument?"
					      : "is a comma, an operator or 'in' missing before it?");
}

static struct val *apply_type(struct check *c, const struct term *head, size_t nth, struct val *f,
		const struct term *arg, struct env *e)
{
	struct val *x;
	str who = callee(c, head);
	const struct pi *pi;
	struct diag *d;

	val_force(c->s, f);
	if (f->kind != VAL_PI) {
		d = check_error(c, DIAG_NOT_A_FUNCTION, arg, "%s%.*s%s is not a function%s",
				who.n ? "'" : "", STR_ARG(who), who.n ? "'" : "what is applied",
				nth ? " of so many arguments" : "");
		diag_note(c->s->diags, d, check_span(c, head), "%s type %s",
				nth ? "applied to what precedes, it has" : "it has",
				check_show(c, f, e));
		hint_application(c, d, who, nth, f, arg);
		check_fail(c);
	}
	pi = f->u.pi;
	x = check_infer(c, arg, e);
	if (!val_equal(c->s, pi->domain, x)) {
		str what = str_fmt(&c->s->arena, "argument %zu%s%.*s%s", nth + 1, who.n ? " of '" : "", STR_ARG(who),
				who.n ? "'" : "");

		diff_error(c, DIAG_WRONG_ARGUMENT, arg, what.p, point_parameter(c, head, nth), "the parameter's type", pi->domain, x,
				e);
		check_fail(c);
	}
	return pi_apply(c->s, pi, eval_later(c->s, arg, e));
}

static struct val *infer_app(struct check *c, const struct term *t, struct env *e)
{
	size_t n = 0;
	const struct term *few[8], **args = few, *head = t;
	struct val *type;

	for (; head->kind == TERM_APP; head = head->u.two.a)
		n++;
	if (n > SL_COUNT(few))
		args = arena_array(&c->s->arena, const struct term *, n);
	for (size_t i = n; i-- > 0; t = t->u.two.a)
		args[i] = t->u.two.b;
	type = check_infer(c, head, e);
	for (size_t i = 0; i < n; i++)
		type = apply_type(c, head, i, type, args[i], e);
	return type;
}

/* ---- let, annotation ---- */

/* `value`, which has this type, is annotated. */
static void check_annotated(struct check *c, const struct term *value, struct val *type, const struct term *annotation,
		struct env *e)
{
	struct val *want;

	if (!(annotation->kind == TERM_CONST && annotation->sub == CONST_SORT))
		check_type(c, annotation, e, "the annotation");
	want = eval_later(c->s, annotation, e);
	if (val_equal(c->s, want, type))
		return;
	diff_error(c, DIAG_TYPE_MISMATCH, value, "the value does not have the annotated type", annotation, "the annotation", want,
			type, e);
	check_fail(c);
}

struct env *check_let(struct check *c, const struct term *t, struct env *e)
{
	struct path here = {t->u.let.name, 0, c->path};
	struct where frame = {t->u.let.value, c->s->where};
	struct val *type;

	c->path = &here;
	c->s->where = &frame;
	type = check_infer(c, t->u.let.value, e);
	if (t->u.let.type)
		check_annotated(c, t->u.let.value, type, t->u.let.type, e);
	c->s->where = frame.up;
	c->path = here.up;
	return check_push(c, e, eval_later(c->s, t->u.let.value, e), type);
}

static struct val *infer_annotation(struct check *c, const struct term *t, struct env *e)
{
	struct val *type = check_infer(c, t->u.two.a, e);

	check_annotated(c, t->u.two.a, type, t->u.two.b, e);
	return type;
}

/* ---- if ---- */

static void check_branch(struct check *c, const struct term *branch, struct val *type, struct env *e)
{
	if (universe_of(c, type, e) == UNIVERSE_NONE) {
		check_error(c, DIAG_IF_BRANCHES, branch, "a branch of 'if' cannot have type %s",
				check_show(c, type, e));
		check_fail(c);
	}
}

static void same_branch(struct check *c, const struct term *first, struct val *type,
		const struct term *branch, struct env *e)
{
	struct val *other = check_infer(c, branch, e);

	if (val_equal(c->s, type, other))
		return;
	diff_error(c, DIAG_IF_BRANCHES, branch, "this branch of 'if' has another type than the first", first, "the first branch",
			type, other, e);
	check_fail(c);
}

static void check_condition(struct check *c, const struct term *t, struct env *e)
{
	check_same(c, DIAG_IF_CONDITION, t, "the condition of 'if' is not a Bool",
			builtin(c, BUILTIN_BOOL), check_infer(c, t, e), e);
}

/* A chain of else-ifs is one loop: every branch is compared with the first. */
static struct val *infer_if(struct check *c, const struct term *t, struct env *e)
{
	const struct term *first = t->u.three.b;
	struct val *type;

	check_condition(c, t->u.three.a, e);
	type = check_infer(c, first, e);
	check_branch(c, first, type, e);
	for (t = t->u.three.c; t->kind == TERM_IF; t = t->u.three.c) {
		check_condition(c, t->u.three.a, e);
		same_branch(c, first, type, t->u.three.b, e);
	}
	same_branch(c, first, type, t, e);
	return type;
}

/* ---- operators ---- */

static const char *operator_text(unsigned op)
{
	static const char *const texts[] = {"||", "&&", "==", "!=", "+", "*", "++", "#", "/\\", "//",
			"//\\\\", "?", "===", "::"};

	return texts[op];
}

static void check_operand(struct check *c, unsigned op, const struct term *t, struct env *e,
		struct val *want)
{
	struct val *type = check_infer(c, t, e);
	struct diag *d;

	if (val_equal(c->s, want, type))
		return;
	d = check_error(c, DIAG_WRONG_OPERAND, t, "an operand of '%s' has type %s, not %s",
			operator_text(op), check_show(c, type, e), check_show(c, want, e));
	val_force(c->s, type);
	if (op == OP_PLUS && type->kind == VAL_BUILTIN && type->sub == BUILTIN_TEXT)
		diag_hint(c->s->diags, d, "texts are joined with '++'");
	else if (op == OP_PLUS && type->kind == VAL_LIST_TYPE)
		diag_hint(c->s->diags, d, "lists are joined with '#'");
	else if (op == OP_TEXT_APPEND && type->kind == VAL_BUILTIN && type->sub == BUILTIN_NATURAL)
		diag_hint(c->s->diags, d, "Natural/show makes a Text of it");
	else if (op == OP_TEXT_APPEND && type->kind == VAL_LIST_TYPE)
		diag_hint(c->s->diags, d, "lists are joined with '#'");
	check_fail(c);
}

/* Every operand of the chain has the one type. */
static struct val *infer_uniform(struct check *c, const struct term *t, struct env *e, struct val *want)
{
	unsigned op = t->sub;

	for (; t->kind == TERM_OP && t->sub == op; t = t->u.two.a)
		check_operand(c, op, t->u.two.b, e, want);
	check_operand(c, op, t, e, want);
	return want;
}

static struct val *infer_append(struct check *c, const struct term *t, struct env *e)
{
	const struct term *first = t;
	struct val *type;
	struct diag *d;

	while (first->kind == TERM_OP && first->sub == OP_LIST_APPEND)
		first = first->u.two.a;
	type = check_force(c, first, e);
	if (type->kind != VAL_LIST_TYPE) {
		d = check_error(c, DIAG_WRONG_OPERAND, first,
				"an operand of '#' has type %s, not a list", check_show(c, type, e));
		if (type->kind == VAL_BUILTIN && type->sub == BUILTIN_TEXT)
			diag_hint(c->s->diags, d, "texts are joined with '++'");
		check_fail(c);
	}
	for (; t != first; t = t->u.two.a)
		check_operand(c, OP_LIST_APPEND, t->u.two.b, e, type);
	return type;
}

static void check_side(struct check *c, const struct term *t, struct val *type, struct env *e)
{
	if (universe_of(c, type, e) == CONST_TYPE)
		return;
	check_error(c, DIAG_EQUIVALENCE_SIDES, t, "a side of '===' is not a term: it has type %s",
			check_show(c, type, e));
	check_fail(c);
}

static struct val *infer_equivalence(struct check *c, const struct term *t, struct env *e)
{
	struct val *l = check_infer(c, t->u.two.a, e), *r = check_infer(c, t->u.two.b, e);

	check_side(c, t->u.two.a, l, e);
	check_side(c, t->u.two.b, r, e);
	check_same(c, DIAG_EQUIVALENCE_SIDES, t->u.two.b, "the sides of '===' have different types", l,
			r, e);
	return c->s->consts[CONST_TYPE];
}

static struct val *infer_op(struct check *c, const struct term *t, struct env *e)
{
	switch ((enum term_op)t->sub) {
	case OP_OR:
	case OP_AND:
	case OP_EQ:
	case OP_NE: return infer_uniform(c, t, e, builtin(c, BUILTIN_BOOL));
	case OP_PLUS:
	case OP_TIMES: return infer_uniform(c, t, e, builtin(c, BUILTIN_NATURAL));
	case OP_TEXT_APPEND: return infer_uniform(c, t, e, builtin(c, BUILTIN_TEXT));
	case OP_LIST_APPEND: return infer_append(c, t, e);
	case OP_COMBINE:
	case OP_PREFER:
	case OP_COMBINE_TYPES: return check_merge_chain(c, t, e);
	case OP_EQUIVALENT: return infer_equivalence(c, t, e);
	case OP_ALTERNATIVE:
		return check_infer(c, t->flags & TERM_FLAG_RIGHT ? t->u.two.b : t->u.two.a, e);
	case OP_COMPLETE_CODE: break;
	}
	return NULL;
}

/* ---- text, lists, optionals ---- */

static struct val *infer_text(struct check *c, const struct term *t, struct env *e)
{
	for (uint32_t i = 0; i < t->n; i++) {
		const struct term *x = t->u.text.chunks[i].expr;
		struct val *type = check_force(c, x, e);
		struct diag *d;

		if (type->kind == VAL_BUILTIN && type->sub == BUILTIN_TEXT)
			continue;
		d = check_error(c, DIAG_WRONG_INTERPOLATION, x,
				"what is interpolated has type %s, not Text", check_show(c, type, e));
		if (type->kind == VAL_BUILTIN && type->n == 0 && type->sub >= BUILTIN_NATURAL &&
				type->sub <= BUILTIN_DOUBLE)
			diag_hint(c->s->diags, d, "%.*s/show makes a Text of it",
					STR_ARG(builtin_name(type->sub)));
		check_fail(c);
	}
	return builtin(c, BUILTIN_TEXT);
}

static void check_element(struct check *c, const struct term *t, struct val *type, struct env *e,
		const char *of)
{
	if (universe_of(c, type, e) == CONST_TYPE)
		return;
	check_error(c, DIAG_ELEMENT_NOT_A_TERM, t, "%s cannot hold a value of type %s", of,
			check_show(c, type, e));
	check_fail(c);
}

static struct val *infer_list(struct check *c, const struct term *t, struct env *e)
{
	struct path here = {0, 0, c->path};
	const struct term *first = t->u.list.items[0];
	struct val *type, *other;
	struct diag *d;

	c->path = &here;
	type = check_infer(c, first, e);
	check_element(c, first, type, e, "a list");
	for (uint32_t i = 1; i < t->n; i++) {
		here.index = i;
		other = check_infer(c, t->u.list.items[i], e);
		if (val_equal(c->s, type, other))
			continue;
		d = diff_error(c, DIAG_LIST_ITEM, t->u.list.items[i], "the item has another type than the first one", first,
				"the first item", type, other, e);
		diag_hint(c->s->diags, d,
				"all items of a list have one type; a union type can hold several");
		check_fail(c);
	}
	c->path = here.up;
	return val_one(c->s, VAL_LIST_TYPE, type);
}

static struct val *infer_empty(struct check *c, const struct term *t, struct env *e)
{
	struct val *type;
	struct diag *d;

	check_infer(c, t->u.one.a, e);
	type = eval(c->s, t->u.one.a, e);
	if (type->kind != VAL_LIST_TYPE) {
		d = check_error(c, DIAG_EMPTY_LIST_TYPE, t->u.one.a,
				"the empty list is annotated with %s, which is not a list type",
				check_show(c, type, e));
		diag_hint(c->s->diags, d, "write the whole type: [] : List Text");
		check_fail(c);
	}
	check_element(c, t->u.one.a, type->u.one.a, e, "a list");
	return type;
}

static struct val *infer_some(struct check *c, const struct term *t, struct env *e)
{
	struct val *type = check_infer(c, t->u.one.a, e);

	check_element(c, t->u.one.a, type, e, "an Optional");
	return val_one(c->s, VAL_OPTIONAL_TYPE, type);
}

/* ---- assert ---- */

static struct val *infer_assert(struct check *c, const struct term *t, struct env *e)
{
	const struct term *claim = t->u.one.a;
	struct val *type;
	struct diag *d;

	check_infer(c, claim, e);
	type = eval(c->s, claim, e);
	if (type->kind != VAL_EQUIVALENT) {
		d = check_error(c, DIAG_ASSERT_NOT_EQUIVALENCE, claim,
				"what is asserted is not an equivalence");
		diag_hint(c->s->diags, d, "write: assert : a === b");
		check_fail(c);
	}
	if (!val_equal(c->s, type->u.two.a, type->u.two.b)) {
		d = check_error(c, DIAG_ASSERT_FAILED, t, "the assertion does not hold: %s",
				diff_text(c, type->u.two.b, type->u.two.a, e));
		diff_notes(c, d, type->u.two.b, type->u.two.a, e);
		check_fail(c);
	}
	return type;
}

/* ---- the whole ---- */

static struct val *infer_import(struct check *c, const struct term *t)
{
	const struct import *im = t->u.import;

	if (im->target)
		return unit_type(c->s, im->target);
	if (im->replacement)
		return check_infer(c, im->replacement, &env_empty);
	check_error(c, DIAG_IMPORT_UNRESOLVED, t, "the import is not resolved");
	check_fail(c);
}

struct val *check_infer(struct check *c, const struct term *t, struct env *e)
{
	session_deep(c->s);
	session_step(c->s);
	for (; t->kind == TERM_LET; t = t->u.let.body)
		e = check_let(c, t, e);
	switch ((enum term_kind)t->kind) {
	case TERM_VAR: return infer_var(c, t, e);
	case TERM_CONST: return infer_const(c, t);
	case TERM_BUILTIN: return builtin_type(c->s, t->sub);
	case TERM_LAMBDA: return infer_lambda(c, t, e);
	case TERM_PI: return infer_pi(c, t, e);
	case TERM_APP: return infer_app(c, t, e);
	case TERM_ANNOT: return infer_annotation(c, t, e);
	case TERM_BOOL: return builtin(c, BUILTIN_BOOL);
	case TERM_NATURAL: return builtin(c, BUILTIN_NATURAL);
	case TERM_INTEGER: return builtin(c, BUILTIN_INTEGER);
	case TERM_DOUBLE: return builtin(c, BUILTIN_DOUBLE);
	case TERM_TEXT: return infer_text(c, t, e);
	case TERM_BYTES: return builtin(c, BUILTIN_BYTES);
	case TERM_DATE: return builtin(c, BUILTIN_DATE);
	case TERM_TIME: return builtin(c, BUILTIN_TIME);
	case TERM_TIMEZONE: return builtin(c, BUILTIN_TIMEZONE);
	case TERM_IF: return infer_if(c, t, e);
	case TERM_LIST: return infer_list(c, t, e);
	case TERM_EMPTY: return infer_empty(c, t, e);
	case TERM_SOME: return infer_some(c, t, e);
	case TERM_MERGE: return check_merge(c, t, e);
	case TERM_TOMAP: return check_to_map(c, t, e);
	case TERM_SHOW_CONSTRUCTOR: return check_show_constructor(c, t, e);
	case TERM_ASSERT: return infer_assert(c, t, e);
	case TERM_RECORD: return check_record(c, t, e);
	case TERM_RECORD_TYPE: return check_record_type(c, t, e);
	case TERM_UNION: return check_union(c, t, e);
	case TERM_FIELD: return check_field(c, t, e);
	case TERM_PROJECT: return check_project(c, t, e);
	case TERM_PROJECT_TYPE: return check_project_type(c, t, e);
	case TERM_OP: return infer_op(c, t, e);
	case TERM_COMPLETE: return check_complete(c, t, e);
	case TERM_WITH: return check_with(c, t, e);
	case TERM_IMPORT: return infer_import(c, t);
	case TERM_LET: break;
	}
	return NULL;
}

struct val *check_unit(struct dhall *s, const struct unit *u)
{
	struct check c = {.s = s, .unit = u};

	return check_infer(&c, u->term, &env_empty);
}
