/* Errors on their way: made here, carried by longjmp to the innermost guard, printed as diagnostics. */
#include "machine.h"

#define TRACE_MAX 12 /* lines that are shown */

/* ---- what catches ---- */

bool error_caught(enum diag_code code)
{
	return code == DIAG_NIX_THROW || code == DIAG_NIX_ASSERT || code == DIAG_NIX_SEARCH;
}

/* Thunks that were being evaluated are what they were; buffers are free again. */
SL_NORETURN static void leave(struct nix *x)
{
	struct guard *g = x->guard;

	while (x->frames.n > g->frames) {
		struct frame *f = &vec_pop(&x->frames);

		if (f->kind == FRAME_FORCE) {
			f->v->head = f->head;
			f->v->u.value = (struct val *)(uintptr_t)f->u;
		}
	}
	while (x->nborrowed > g->borrowed)
		x->borrowed.p[--x->nborrowed]->n = 0;
	arena_rewind(&x->scratch, g->scratch);
	x->guard = g->outer;
	stack_forget(g->top);
	longjmp(g->leave, 1);
}

void fail_again(struct nix *x)
{
	leave(x);
}

/* ---- traces ---- */

static const struct expr *frame_expr(const struct frame *f)
{
	if (f->kind == FRAME_CALL)
		return f->u;
	if (f->kind == FRAME_FORCE && (f->head & 0xff) == T_THUNK)
		return (const struct expr *)(uintptr_t)(f->head >> 16);
	return NULL;
}

const struct expr *call_site(const struct nix *x)
{
	for (size_t i = x->frames.n; i > 0; i--)
		if (x->frames.p[i - 1].kind == FRAME_CALL)
			return x->frames.p[i - 1].u;
	return NULL;
}

/* What is called, as it is written. */
static str callee(struct nix *x, const struct expr *e)
{
	const struct expr *f = e->kind == EX_CALL ? AS(ex_call, e)->f : e;
	struct nix_file *file = files_at(&x->files, f->lo);
	str s;

	if (!file || f->hi <= f->lo || f->hi - file->base > file->text.n)
		return (str){0};
	s = str_of(file->text.p + (f->lo - file->base), f->hi - f->lo);
	return s.n <= 60 && str_find(s, '\n') == s.n ? s : (str){0};
}

static str describe(struct nix *x, const struct frame *f, const struct expr *e)
{
	str s;

	if (f->kind == FRAME_CONTEXT)
		return val_tag(f->v) == T_STRING ? val_str(f->v) : (str){0};
	if (f->kind == FRAME_FORCE)
		return e->name ? str_fmt(&x->mem, "while evaluating '%.*s'", STR_ARG(sym_str(e->name))) : (str){0};
	s = callee(x, e);
	return s.n ? str_fmt(&x->mem, "in a call of '%.*s'", STR_ARG(s)) : S("in a call");
}

static bool was_shown(const struct error *err, const struct expr *e)
{
	for (uint32_t i = 0; i < err->ntrace; i++)
		if (err->trace[i].lo == e->lo && err->trace[i].hi == e->hi)
			return true;
	return false;
}

/* A call that is the value of an attribute: the attribute's name says more. */
static bool refine(struct nix *x, const struct frame *f, const struct expr *e)
{
	struct trace_line *last = x->error.ntrace ? &x->error.trace[x->error.ntrace - 1] : NULL;

	if (!last || f->kind != FRAME_FORCE || !e->name || last->lo != e->lo || last->hi != e->hi)
		return false;
	last->text = describe(x, f, e);
	return true;
}

/* From the innermost frame outwards, each place once: of an infinite recursion the cycle. */
static void trace(struct nix *x, size_t until)
{
	struct error *err = &x->error;
	size_t folded = 0, seen = 0;
	bool named = false;

	err->trace = arena_array(&x->mem, struct trace_line, TRACE_MAX + 1);
	for (size_t i = x->frames.n; i > until && err->ntrace < TRACE_MAX && seen < 100000; i--, seen++) {
		const struct frame *f = &x->frames.p[i - 1];
		const struct expr *e = frame_expr(f);
		bool here;
		str text;

		if (!e && f->kind != FRAME_CONTEXT)
			continue;
		if (e && refine(x, f, e))
			continue;
		here = e && err->lo == e->lo && err->hi == e->hi;
		if (e && (was_shown(err, e) || (here && (named || f->kind == FRAME_CALL)))) {
			folded++;
			continue;
		}
		text = describe(x, f, e);
		if (text.n) /* the error's own place is shown already */
			err->trace[err->ntrace++] = (struct trace_line){e && !here ? e->lo : 0, e &&
					!here ? e->hi : 0, text};
		named |= here && text.n;
	}
	if (folded > 2)
		err->trace[err->ntrace++] = (struct trace_line){0, 0,
				str_fmt(&x->mem, "%zu further levels repeat these places", folded)};
}

/* ---- failing ---- */

SL_NORETURN static void raise_error(struct nix *x, enum diag_code code, uint32_t lo, uint32_t hi, str text)
{
	struct error *err = &x->error;

	err->code = code;
	err->lo = lo;
	err->hi = hi > lo ? hi : lo + 1;
	err->text = text;
	err->ntrace = 0;
	if (!(x->guard->tries && error_caught(code)))
		trace(x, code == DIAG_NIX_RECURSION ? x->cycle : 0);
	leave(x);
}

/* Limits end the session, and must not need more of what has run out. */
SL_NORETURN static void limit(struct nix *x, enum diag_code code, const char *text, const char *hint)
{
	const struct expr *at = call_site(x);

	x->error = (struct error){.code = code, .lo = at ? at->lo : 0, .hi = at ? at->hi : 0,
			.text = str_c(text), .hint = str_c(hint)};
	x->finished = true;
	while (x->guard->tries) /* tryEval takes none of these */
		x->guard = x->guard->outer;
	leave(x);
}

static void over_bytes(void *ud)
{
	struct nix *x = ud;

	arena_limit(&x->mem, 0, NULL, NULL);
	limit(x, DIAG_NIX_LIMIT_BYTES, "evaluation needs more memory than it may have",
			"is there an endless recursion?");
}

void error_limits(struct nix *x, size_t bytes)
{
	arena_limit(&x->mem, bytes, over_bytes, x);
}

void fail_room(struct nix *x)
{
	limit(x, DIAG_NIX_LIMIT_BYTES, "a text is longer than it may be", "does the value hold itself?");
}

void fail_steps(struct nix *x)
{
	limit(x, DIAG_NIX_LIMIT_STEPS, "evaluation takes more steps than it may", "is there an endless recursion?");
}

void fail_deep(struct nix *x)
{
	const struct expr *at = call_site(x);

	hint_next(x, "is there an endless recursion?");
	raise_error(x, DIAG_NIX_LIMIT_DEPTH, at ? at->lo : 0, at ? at->hi : 0, S("this is nested too deep"));
}

void fail_at(struct nix *x, enum diag_code code, uint32_t lo, uint32_t hi, const char *fmt, ...)
{
	va_list args;
	str text;

	va_start(args, fmt);
	text = str_vfmt(&x->mem, fmt, args);
	va_end(args);
	raise_error(x, code, lo, hi, text);
}

void fail(struct nix *x, enum diag_code code, const struct expr *at, const char *fmt, ...)
{
	va_list args;
	str text;

	if (!at)
		at = call_site(x);
	va_start(args, fmt);
	text = str_vfmt(&x->mem, fmt, args);
	va_end(args);
	raise_error(x, code, at ? at->lo : 0, at ? at->hi : 0, text);
}

void hint_next(struct nix *x, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	x->error.hint = str_vfmt(&x->mem, fmt, args);
	va_end(args);
}

void error_report(struct nix *x)
{
	struct error *err = &x->error;
	struct diag *d = diag_error(x->diags, err->code, files_span(&x->files, err->lo, err->hi), "%.*s",
			STR_ARG(err->text));

	for (uint32_t i = 0; i < err->ntrace; i++) {
		struct trace_line *t = &err->trace[i];

		diag_note(x->diags, d, files_span(&x->files, t->lo, t->hi), "%.*s", STR_ARG(t->text));
	}
	if (err->hint.n)
		diag_hint(x->diags, d, "%.*s", STR_ARG(err->hint));
	x->error = (struct error){0};
}
