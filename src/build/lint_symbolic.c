/* Nix files are evaluated too, with symbols for nixpkgs.  What needs more than that, or more steps than there are, is
 * judged by its source alone. */
#include "lint_int.h"
#include "symbolic.h"

#define STEPS_MAX 2000000
#define BYTES_MAX ((size_t)512 << 20)
#define FOUND_MAX 1000 /* derivations of a file */

/* ---- values as settings ---- */

static void list_shape(struct nix *x, nix_val v, struct nix_setting *out, struct arena *a)
{
	struct buf b = {0};
	nix_val item;
	size_t n = 0;
	str text;

	out->shape = NIX_SHAPE_LIST;
	for (size_t i = 0; nix_list(x, v, &n) && i < n; i++)
		if (nix_item(x, v, i, &item) && nix_kind(x, item) == NIX_STRING && nix_string(x, item, &text)) {
			buf_str(&b, text);
			buf_c(&b, '\n');
		}
	out->items = (uint32_t)n;
	out->text = buf_take(&b, a);
}

static void shape(struct nix *x, nix_val v, struct nix_setting *out, struct arena *a)
{
	str text;
	bool is;

	switch (nix_kind(x, v)) {
	case NIX_STRING:
	case NIX_PATH:
		out->shape = nix_kind(x, v) == NIX_PATH ? NIX_SHAPE_PATH : NIX_SHAPE_TEXT;
		if (nix_string(x, v, &text))
			out->text = str_dup(a, text);
		break;
	case NIX_INT:
	case NIX_FLOAT: out->shape = NIX_SHAPE_NUMBER; break;
	case NIX_BOOL: out->shape = nix_bool(x, v, &is) && is ? NIX_SHAPE_TRUE : NIX_SHAPE_FALSE; break;
	case NIX_NULL: out->shape = NIX_SHAPE_NULL; break;
	case NIX_LIST: list_shape(x, v, out, a); break;
	case NIX_ATTRS:
		out->shape = NIX_SHAPE_SET;
		out->items = (uint32_t)nix_attrs(x, v);
		break;
	default: break;
	}
}

/* ---- places ---- */

static uint32_t number(struct nix *x, nix_val set, const char *name)
{
	struct buf digits = {0};
	uint32_t n = 0;
	nix_val v;

	if (nix_get(x, set, str_c(name), &v) && nix_kind(x, v) == NIX_INT && nix_print(x, v, false, &digits))
		for (size_t i = 0; i < digits.n && n < UINT32_MAX / 10 - 1; i++)
			n = n * 10 + (uint32_t)(digits.p[i] - '0');
	buf_free(&digits);
	return n;
}

struct look { /* at one file */
	struct nix *x;
	str path, own;         /* the file, and what stands in it */
	str other;             /* another, where arguments were set; */
	uint32_t other_source; /* 0: none yet */
	lint_symbolic_fn *fn;
	void *ud;
	struct arena arena;
};

static str text_of(struct look *l, str file)
{
	if (str_eq(file, l->path))
		return l->own;
	if (!l->other_source || !str_eq(file, l->other)) {
		source_drop(l->other_source);
		l->other = str_dup(&l->arena, file);
		l->other_source = source_add_file(file);
	}
	return source_text(l->other_source);
}

/* The byte at a line and column, both from 1; false when the text has none there. */
static bool offset(str text, uint32_t line, uint32_t column, uint32_t *out)
{
	size_t at = 0;

	for (uint32_t i = 1; i < line && at < text.n; i++)
		at += str_find(str_from(text, at), '\n') + 1;
	if (!line || !column || at + column > text.n)
		return false;
	*out = (uint32_t)at + column - 1;
	return true;
}

static void place(struct look *l, nix_val at, struct lint_argument *out, struct arena *a)
{
	struct nix *x = l->x;
	nix_val file;
	uint32_t lo;
	str name;

	if (nix_kind(x, at) != NIX_ATTRS || !nix_get(x, at, S("file"), &file) || nix_kind(x, file) != NIX_STRING ||
			!nix_string(x, file, &name))
		return;
	if (!offset(text_of(l, name), number(x, at, "line"), number(x, at, "column"), &lo))
		return;
	out->file = str_dup(a, name);
	out->s.at = out->s.value = (struct nix_range){lo, lo + (uint32_t)out->s.name.n};
}

/* ---- the file ---- */

static void tell(struct look *l, nix_val one)
{
	struct nix *x = l->x;
	struct arena a = {0};
	nix_val set, maker, v;
	str name, made = {0};
	size_t n, kept = 0;
	struct lint_argument *all;

	if (!nix_get(x, one, S("arguments"), &set) || nix_kind(x, set) != NIX_ATTRS)
		return;
	if (nix_get(x, one, S("maker"), &maker) && nix_kind(x, maker) == NIX_STRING)
		(void)nix_string(x, maker, &made);
	n = nix_attrs(x, set);
	all = arena_array(&a, struct lint_argument, n + 1);
	for (size_t i = 0; i < n; i++) {
		if (!nix_attr_at(x, set, i, &name, &one) || !nix_get(x, one, S("value"), &v))
			continue;
		all[kept] = (struct lint_argument){.s.name = str_dup(&a, name)};
		shape(x, v, &all[kept].s, &a);
		if (nix_get(x, one, S("at"), &v))
			place(l, v, &all[kept], &a);
		kept++;
	}
	l->fn(l->ud, made, all, kept);
	arena_clear(&a);
}

/* false when it cannot be evaluated so. */
static bool look_at(str path, str own, bool follow, lint_symbolic_fn *fn, void *ud)
{
	struct symbolic_request q = {.file = path, .text = own, .arguments = true, .follow = follow,
			.limits = {.bytes = BYTES_MAX, .steps = STEPS_MAX}};
	struct diags unheard = {0};
	nix_val all, one;
	struct symbolic *y = symbolic_open(&q, &all, &unheard);
	struct look l = {.x = y ? symbolic_session(y) : NULL, .path = path, .own = own, .fn = fn, .ud = ud};
	size_t n = 0;
	bool ok = l.x && nix_list(l.x, all, &n);

	for (size_t i = 0; i < n && i < FOUND_MAX; i++)
		if (nix_item(l.x, all, i, &one) && nix_kind(l.x, one) == NIX_ATTRS)
			tell(&l, one);
	symbolic_close(y);
	source_drop(l.other_source);
	arena_clear(&l.arena);
	diags_free(&unheard);
	return ok;
}

void lint_symbolic(str path, str own, lint_symbolic_fn *fn, void *ud)
{
	if (!look_at(path, own, true, fn, ud))
		(void)look_at(path, own, false, fn, ud);
}
