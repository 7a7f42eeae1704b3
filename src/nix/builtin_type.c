/* Builtins that ask what a value is, and those that steer evaluation. */
#include "builtin.h"

#include <stdlib.h>

/* ---- kinds ---- */

void builtin_type_of(struct nix *x, struct val **args, struct val *out)
{
	static const char *const names[] = {"int", "float", "bool", "null", "string", "path", "list", "set",
			"lambda", "lambda", "lambda"};

	force(x, args[0]);
	set_str(x, out, str_c(names[val_tag(args[0])]));
}

static void is(struct nix *x, struct val *v, enum tag t, struct val *out)
{
	force(x, v);
	val_bool(out, val_tag(v) == t);
}

void builtin_is_attrs(struct nix *x, struct val **args, struct val *out)
{
	is(x, args[0], T_ATTRS, out);
}

void builtin_is_bool(struct nix *x, struct val **args, struct val *out)
{
	is(x, args[0], T_BOOL, out);
}

void builtin_is_float(struct nix *x, struct val **args, struct val *out)
{
	is(x, args[0], T_FLOAT, out);
}

void builtin_is_int(struct nix *x, struct val **args, struct val *out)
{
	is(x, args[0], T_INT, out);
}

void builtin_is_list(struct nix *x, struct val **args, struct val *out)
{
	is(x, args[0], T_LIST, out);
}

void builtin_is_null(struct nix *x, struct val **args, struct val *out)
{
	is(x, args[0], T_NULL, out);
}

void builtin_is_path(struct nix *x, struct val **args, struct val *out)
{
	is(x, args[0], T_PATH, out);
}

void builtin_is_string(struct nix *x, struct val **args, struct val *out)
{
	is(x, args[0], T_STRING, out);
}

void builtin_is_function(struct nix *x, struct val **args, struct val *out)
{
	force(x, args[0]);
	val_bool(out, val_tag(args[0]) >= T_LAMBDA && val_tag(args[0]) <= T_PARTIAL);
}

static int by_name(const void *a, const void *b)
{
	return sym_cmp((*(const struct formal *const *)a)->name, (*(const struct formal *const *)b)->name);
}

const struct formal **formals_by_name(struct nix *x, const struct ex_lambda *l)
{
	const struct formal **sorted = arena_array(&x->mem, const struct formal *, l->n);

	for (uint32_t i = 0; i < l->n; i++)
		sorted[i] = &l->formals[i];
	if (l->n > 1)
		qsort(sorted, l->n, sizeof *sorted, by_name);
	return sorted;
}

void builtin_function_args(struct nix *x, struct val **args, struct val *out)
{
	const struct ex_lambda *l;
	struct attrs *a;

	force(x, args[0]);
	if (val_tag(args[0]) == T_PRIMOP || val_tag(args[0]) == T_PARTIAL) {
		val_attrs(out, &attrs_empty);
		return;
	}
	if (val_tag(args[0]) != T_LAMBDA)
		fail(x, DIAG_NIX_TYPE, NULL, "functionArgs needs a function, and this is %s", type_article(args[0]));
	l = val_ptr(args[0]);
	a = attrs_new(&x->mem, l->n);
	for (uint32_t i = 0; i < l->n; i++)
		attrs_put(a, l->formals[i].name, l->formals[i].pos, bool_cell(x, l->formals[i].fallback != NULL));
	val_attrs(out, a);
}

/* ---- errors ---- */

void builtin_throw(struct nix *x, struct val **args, struct val *out)
{
	const struct context *c = NULL;
	const struct text *t = coerce_text(x, args[0], 0, &c, call_site(x));

	(void)out;
	fail(x, DIAG_NIX_THROW, NULL, "%.*s", STR_ARG(text_str(t)));
}

void builtin_abort(struct nix *x, struct val **args, struct val *out)
{
	const struct context *c = NULL;
	const struct text *t = coerce_text(x, args[0], 0, &c, call_site(x));

	(void)out;
	fail(x, DIAG_NIX_ABORT, NULL, "evaluation aborted: %.*s", STR_ARG(text_str(t)));
}

void builtin_add_error_context(struct nix *x, struct val **args, struct val *out)
{
	struct val *text = args[0];

	/* The message is only looked at when something fails, so it is evaluated only where that is free. */
	if (!val_forced(text)) {
		struct guard g;

		if (guard_begin(x, &g, true)) {
			force(x, text);
			guard_end(x, &g);
		}
	}
	frame_push(x, text, 0, NULL, FRAME_CONTEXT);
	force(x, args[1]);
	frame_pop(x);
	*out = *args[1];
}

void builtin_try_eval(struct nix *x, struct val **args, struct val *out)
{
	struct attrs *a = attrs_new(&x->mem, 2);
	struct val *v = args[0];
	struct guard g;
	bool ok = false;

	if (guard_begin(x, &g, true)) {
		force(x, v);
		guard_end(x, &g);
		ok = true;
	} else if (!error_caught(x->error.code)) {
		fail_again(x);
	} else {
		x->error = (struct error){0};
	}
	attrs_put(a, x->w.success, 0, bool_cell(x, ok));
	attrs_put(a, x->w.value, 0, ok ? v : &x->v_false);
	attrs_end(a);
	val_attrs(out, a);
}

/* ---- order of evaluation ---- */

void builtin_seq(struct nix *x, struct val **args, struct val *out)
{
	force(x, args[0]);
	force(x, args[1]);
	*out = *args[1];
}

void builtin_deep_seq(struct nix *x, struct val **args, struct val *out)
{
	force_deep(x, args[0]);
	force(x, args[1]);
	*out = *args[1];
}

void builtin_break(struct nix *x, struct val **args, struct val *out)
{
	force(x, args[0]);
	*out = *args[0];
}

static void say(struct nix *x, const char *what, struct val *v)
{
	struct buf *b = buf_borrow(x);

	buf_str(b, str_c(what));
	force(x, v);
	if (val_tag(v) == T_STRING)
		buf_str(b, val_str(v));
	else
		print_value(x, v, b, false);
	if (x->env.say)
		x->env.say(x->env.ud, buf_view(b));
	buf_return(x, b);
}

void builtin_trace(struct nix *x, struct val **args, struct val *out)
{
	say(x, "trace: ", args[0]);
	force(x, args[1]);
	*out = *args[1];
}

void builtin_trace_verbose(struct nix *x, struct val **args, struct val *out)
{
	force(x, args[1]);
	*out = *args[1];
}

void builtin_warn(struct nix *x, struct val **args, struct val *out)
{
	want_str(x, args[0], "warn");
	say(x, "evaluation warning: ", args[0]);
	force(x, args[1]);
	*out = *args[1];
}
