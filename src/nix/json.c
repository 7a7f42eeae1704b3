/* JSON out. */
#include "machine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void write_string(struct nix *x, str s, struct buf *out, const struct expr *at)
{
	if (utf8_check(s) != s.n)
		fail(x, DIAG_NIX_VALUE, at, "a string that is not UTF-8 cannot be written as JSON");
	buf_c(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		switch (c) {
		case '"': buf_lit(out, "\\\""); break;
		case '\\': buf_lit(out, "\\\\"); break;
		case '\n': buf_lit(out, "\\n"); break;
		case '\r': buf_lit(out, "\\r"); break;
		case '\t': buf_lit(out, "\\t"); break;
		default:
			if (c < 0x20)
				buf_fmt(out, "\\u%04x", c);
			else
				buf_c(out, (char)c);
		}
	}
	buf_c(out, '"');
}

/* As a C++ stream prints it, which is what Nix 2.8 does. */
static void write_float(double f, struct buf *out)
{
	buf_fmt(out, "%g", f);
}

static void write_attrs(struct nix *x, struct val *v, bool copy, struct buf *out, const struct context **c,
		const struct expr *at)
{
	struct attrs *a = v->u.attrs;
	const struct attr **sorted, *found = attrs_find(a, x->w.to_string);

	if (found) {
		write_string(x, text_str(coerce_text(x, v, 0, c, at)), out, at);
		return;
	}
	found = attrs_find(a, x->w.out_path);
	if (found) {
		json_write(x, found->v, copy, out, c, at);
		return;
	}
	sorted = attrs_by_name(&x->mem, attrs_flat(&x->mem, a));
	buf_c(out, '{');
	for (uint32_t i = 0, n = a->n; i < n; i++) {
		if (i)
			buf_c(out, ',');
		write_string(x, sym_str(sorted[i]->name), out, at);
		buf_c(out, ':');
		json_write(x, sorted[i]->v, copy, out, c, at);
	}
	buf_c(out, '}');
}

void json_write(struct nix *x, struct val *v, bool copy, struct buf *out, const struct context **c,
		const struct expr *at)
{
	nix_deep(x);
	nix_step(x);
	nix_room(x, out);
	force(x, v);
	switch (val_tag(v)) {
	case T_INT: buf_fmt(out, "%lld", (long long)v->u.i); break;
	case T_FLOAT: write_float(v->u.f, out); break;
	case T_BOOL: buf_str(out, v->u.i ? S("true") : S("false")); break;
	case T_NULL: buf_lit(out, "null"); break;
	case T_STRING:
		*c = context_union(x, *c, val_context(v));
		write_string(x, val_str(v), out, at);
		break;
	case T_PATH: write_string(x, text_str(coerce_text(x, v, copy ? COERCE_COPY : 0, c, at)), out, at); break;
	case T_LIST:
		buf_c(out, '[');
		for (size_t i = 0; i < list_len(v); i++) {
			if (i)
				buf_c(out, ',');
			json_write(x, v->u.items[i], copy, out, c, at);
		}
		buf_c(out, ']');
		break;
	case T_ATTRS: write_attrs(x, v, copy, out, c, at); break;
	default: fail(x, DIAG_NIX_TYPE, at, "%s cannot be written as JSON", type_article(v));
	}
}
