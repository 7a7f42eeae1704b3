/* Values as nix-instantiate --eval prints them. */
#include "seen.h"

#include <stdio.h>

static void print_string(str s, struct buf *out)
{
	buf_c(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '"': buf_lit(out, "\\\""); break;
		case '\\': buf_lit(out, "\\\\"); break;
		case '\n': buf_lit(out, "\\n"); break;
		case '\r': buf_lit(out, "\\r"); break;
		case '\t': buf_lit(out, "\\t"); break;
		case '$':
			if (i + 1 < s.n && s.p[i + 1] == '{')
				buf_c(out, '\\');
			buf_c(out, '$');
			break;
		default: buf_c(out, s.p[i]); break;
		}
	}
	buf_c(out, '"');
}

static bool is_word(str s)
{
	static const char *const reserved[] = {"if", "then", "else", "assert", "with", "let", "in", "rec", "inherit"};

	if (s.n == 0 || !(s.p[0] == '_' || (unsigned)((s.p[0] | 0x20) - 'a') < 26))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (!((c | 0x20u) - 'a' < 26 || (unsigned)(c - '0') < 10 || c == '_' || c == '-' || c == '\''))
			return false;
	}
	for (size_t i = 0; i < SL_COUNT(reserved); i++)
		if (str_eq(s, str_c(reserved[i])))
			return false;
	return true;
}

struct printer {
	struct nix *x;
	struct seen seen;
	struct buf *out;
	bool strict;
	const struct val *top;
};

static void print(struct printer *p, struct val *v);

static void print_attrs(struct printer *p, struct attrs *a)
{
	const struct attr **sorted = attrs_by_name(&p->x->mem, attrs_flat(&p->x->mem, a));

	buf_lit(p->out, "{ ");
	for (uint32_t i = 0, n = a->n; i < n; i++) {
		str name = sym_str(sorted[i]->name);

		if (is_word(name))
			buf_str(p->out, name);
		else
			print_string(name, p->out);
		buf_lit(p->out, " = ");
		print(p, sorted[i]->v);
		buf_lit(p->out, "; ");
	}
	buf_c(p->out, '}');
}

static void print_list(struct printer *p, const struct val *v)
{
	buf_lit(p->out, "[ ");
	for (size_t i = 0; i < list_len(v); i++) {
		print(p, v->u.items[i]);
		buf_c(p->out, ' ');
	}
	buf_c(p->out, ']');
}

/* As in Nix, a list of one or two items is known again by its cell, other values by what they hold. */
static void print(struct printer *p, struct val *v)
{
	nix_deep(p->x);
	nix_step(p->x);
	nix_room(p->x, p->out);
	if (p->strict) {
		force(p->x, v);
	} else if ((v->head & UNSEEN) && v != p->top) {
		buf_lit(p->out, "<CODE>");
		return;
	}
	switch (val_tag(v)) {
	case T_INT: buf_fmt(p->out, "%lld", (long long)v->u.i); break;
	case T_FLOAT: buf_fmt(p->out, "%g", v->u.f); break;
	case T_BOOL: buf_str(p->out, v->u.i ? S("true") : S("false")); break;
	case T_NULL: buf_lit(p->out, "null"); break;
	case T_STRING: print_string(val_str(v), p->out); break;
	case T_PATH: buf_str(p->out, val_str(v)); break;
	case T_LIST:
		if (list_len(v) && seen_add(p->x, &p->seen,
				list_len(v) <= 2 ? (const void *)v : (const void *)v->u.items))
			buf_lit(p->out, "«repeated»");
		else
			print_list(p, v);
		break;
	case T_ATTRS:
		if ((v->u.attrs->n || v->u.attrs->base) && seen_add(p->x, &p->seen, v->u.attrs))
			buf_lit(p->out, "«repeated»");
		else
			print_attrs(p, v->u.attrs);
		break;
	case T_LAMBDA: buf_lit(p->out, "<LAMBDA>"); break;
	case T_PRIMOP: buf_lit(p->out, "<PRIMOP>"); break;
	case T_PARTIAL: buf_lit(p->out, "<PRIMOP-APP>"); break;
	case T_HOLE: buf_lit(p->out, "<CODE>"); break;
	default: buf_lit(p->out, "<CODE>"); break;
	}
}

void print_value(struct nix *x, struct val *v, struct buf *out, bool strict)
{
	struct printer p = {x, {0}, out, strict, v};

	if (strict)
		force_deep(x, v);
	print(&p, v);
}
