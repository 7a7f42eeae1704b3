/* The budgets of a session, and the diagnostics of what crosses one; and dhall_stop.
 *
 * A diagnostic names the binding that grew: of all that is being evaluated, the innermost that stands in
 * the value of a `let` or of a record's field; or else, when a result is written, the binding that it is.
 * It is looked for when a budget is crossed, which happens once in a session, so that evaluation keeps
 * nothing but a chain of terms (struct where). */
#include "children.h"
#include "session.h"
#include "unit.h"

/* ---- budgets ---- */

#define BYTES_DEFAULT ((size_t)2 << 30)
#define STEPS_DEFAULT ((uint64_t)1 << 28) /* a few seconds */
#define STEPS_BLIND ((uint64_t)1 << 12)    /* from one look at dhall_stop to the next */
#define TABLES_SHARE 4                    /* of the bytes, one part is for the tables */

static void over_bytes(void *ud);

void session_limits(struct dhall *s, const struct dhall_limits *limits)
{
	size_t bytes = limits->bytes ? limits->bytes : BYTES_DEFAULT;
	size_t tables = bytes / TABLES_SHARE;

	s->steps_max = limits->steps ? limits->steps : STEPS_DEFAULT;
	arena_limit(&s->arena, bytes - tables, over_bytes, s);
	arena_limit(&s->tables, tables, over_bytes, s);
}

/* ---- the binding that grew ---- */

struct binding {
	sym name; /* 0: outside of any */
	const struct unit *unit;
	const struct term *value;
};

/* A term, and the innermost binding in whose value it stands. */
struct inside {
	const struct term *t;
	struct binding in;
};

#define OUTSIDE ((uintptr_t)1 << 40) /* any frame in a binding is nearer than one in none */

struct search {
	struct ptr_map frames; /* term → 1 + how far out it is */
	VEC(struct inside) todo;
	struct term_stack parts;
	uintptr_t nearest;     /* 0: nothing was found */
	struct binding found;
};

static void push(struct search *f, const struct term *t, struct binding in)
{
	if (t)
		vec_push(&f->todo, ((struct inside){t, in}));
}

static void push_parts(struct search *f, const struct inside *at)
{
	const struct term *t = at->t;
	struct binding in = at->in;

	switch (t->kind) {
	case TERM_LET:
		push(f, t->u.let.type, in);
		push(f, t->u.let.value, (struct binding){t->u.let.name, in.unit, t->u.let.value});
		push(f, t->u.let.body, in);
		return;
	case TERM_RECORD:
		for (uint32_t i = 0; i < t->n; i++) {
			const struct term_field *field = &t->u.fields.fields[i];

			push(f, field->value, (struct binding){field->name, in.unit, field->value});
		}
		return;
	default:
		f->parts.n = 0;
		term_children(&f->parts, t);
		for (size_t i = 0; i < f->parts.n; i++)
			push(f, f->parts.p[i], in);
	}
}

static void search_unit(struct search *f, const struct unit *u)
{
	push(f, u->term, (struct binding){0, u, NULL});
	while (f->todo.n) {
		struct inside at = vec_pop(&f->todo);
		uintptr_t far = (uintptr_t)ptr_map_get(&f->frames, at.t, NULL);

		if (far && !at.in.name) {
			far += OUTSIDE;
			at.in.value = at.t;
		}
		if (far && (!f->nearest || far < f->nearest)) {
			f->nearest = far;
			f->found = at.in;
		}
		push_parts(f, &at);
	}
}

/* Of let x = … in x, x. */
static struct binding binding_of_result(const struct unit *u)
{
	const struct term *t = u->term, *lets = t, *let;
	uint32_t n = 0;

	for (; t->kind == TERM_LET; t = t->u.let.body)
		n++;
	if (t->kind != TERM_VAR || t->u.var.index >= n)
		return (struct binding){0, u, t};
	let = lets;
	for (uint32_t i = t->u.var.index + 1; i < n; i++)
		let = let->u.let.body;
	return (struct binding){let->u.let.name, u, let->u.let.value};
}

/* name 0 when nothing that is being evaluated stands in a binding; value NULL when nothing is known. */
static struct binding binding_that_grew(struct dhall *s)
{
	struct search f = {0};
	uintptr_t far = 0;

	for (const struct where *w = s->where; w; w = w->up) {
		far++;
		if (w->term && !ptr_map_get(&f.frames, w->term, NULL))
			ptr_map_put(s, &f.frames, w->term, NULL, (void *)far);
	}
	pthread_mutex_lock(&s->world->lock);
	for (const struct loaded *l = f.frames.n ? s->world->all : NULL; l; l = l->next)
		if (l->unit.term && l->unit.file && (l->state != UNIT_LOADING || l->loader == s))
			search_unit(&f, &l->unit);
	pthread_mutex_unlock(&s->world->lock);
	vec_free(&f.todo);
	vec_free(&f.parts);
	return f.nearest || !s->result ? f.found : binding_of_result(s->result);
}

/* ---- crossing one ---- */

SL_NORETURN static void throw_limit(struct dhall *s, enum diag_code code, const char *text,
		const char *hint)
{
	struct binding b;
	struct span at;
	struct diag *d;

	arena_limit(&s->arena, 0, NULL, NULL);
	arena_limit(&s->tables, 0, NULL, NULL);
	b = binding_that_grew(s);
	at = b.value && b.value->hi ? (struct span){b.unit->file, b.value->lo, b.value->hi} : NO_SPAN;
	if (b.name)
		d = diag_error(s->diags, code, at, "%s while '%.*s' was evaluated", text, STR_ARG(sym_str(b.name)));
	else
		d = diag_error(s->diags, code, at, "%s", text);
	diag_hint(s->diags, d, "%s", hint);
	session_throw(s, THROW_LIMIT);
}

static void over_bytes(void *ud)
{
	throw_limit(ud, DIAG_LIMIT_BYTES, "the memory budget is used up",
			"a value grows without bound, or the budget is too small for this file");
}

void session_too_deep(struct dhall *s)
{
	throw_limit(s, DIAG_LIMIT_DEPTH, "evaluation is nested too deep",
			"a value holds itself level in level, or a fold builds a function of functions: build a list or a text instead");
}

SL_NORETURN static void too_many_steps(struct dhall *s)
{
	throw_limit(s, DIAG_LIMIT_STEPS, "the step budget is used up",
			"a loop runs too long or a value is too large to be written out, or the budget is too small for this file");
}

SL_NORETURN static void stopped(struct dhall *s)
{
	diag_error(s->diags, DIAG_INTERRUPTED, NO_SPAN, "interrupted while an expression was evaluated");
	session_throw(s, THROW_LIMIT);
}

void session_look(struct dhall *s)
{
	if (s->steps > s->steps_max)
		too_many_steps(s);
	if (atomic_load_explicit(&s->world->stopped, memory_order_relaxed))
		stopped(s);
	s->steps_look = s->steps + STEPS_BLIND;
	if (s->steps_look > s->steps_max)
		s->steps_look = s->steps_max;
}

void session_too_long(struct dhall *s, const char *what)
{
	throw_limit(s, DIAG_LIMIT_LENGTH,
			str_eq(str_c(what), S("text")) ? "a text gets longer than 4 GiB"
						       : "a list gets longer than 4294967295 items",
			"nothing that long can be built");
}
