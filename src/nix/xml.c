/* XML out, as builtins.toXML writes it. */
#include "seen.h"

#define DEPTH_MAX 10000 /* each line is indented by its depth: deeper, the text is mostly spaces */

struct writer {
	struct nix *x;
	struct seen seen; /* derivations that were written in full */
	struct buf *out;
	const struct context **c;
	bool strict, positions;
	unsigned depth;
};

static void write_value(struct writer *w, struct val *v);

static void escape(struct writer *w, str s)
{
	for (size_t i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '"': buf_lit(w->out, "&quot;"); break;
		case '<': buf_lit(w->out, "&lt;"); break;
		case '>': buf_lit(w->out, "&gt;"); break;
		case '&': buf_lit(w->out, "&amp;"); break;
		case '\n': buf_lit(w->out, "&#xA;"); break;
		default: buf_c(w->out, s.p[i]); break;
		}
	}
}

static void indent(struct writer *w)
{
	for (unsigned i = 0; i < w->depth; i++)
		buf_lit(w->out, "  ");
}

static void attribute(struct writer *w, const char *name, str value)
{
	buf_fmt(w->out, " %s=\"", name);
	escape(w, value);
	buf_c(w->out, '"');
}

static void leaf(struct writer *w, const char *tag, const char *name, str value)
{
	indent(w);
	buf_fmt(w->out, "<%s", tag);
	if (name)
		attribute(w, name, value);
	buf_lit(w->out, " />\n");
}

static void open_tag(struct writer *w, const char *tag)
{
	indent(w);
	buf_fmt(w->out, "<%s>\n", tag);
	w->depth++;
}

static void close_tag(struct writer *w, const char *tag)
{
	w->depth--;
	indent(w);
	buf_fmt(w->out, "</%s>\n", tag);
}

static void place(struct writer *w, uint32_t pos)
{
	struct nix_file *f = w->positions ? files_at(&w->x->files, pos) : NULL;
	struct place p;
	struct span s;

	if (!f)
		return;
	s = files_span(&w->x->files, pos, pos);
	p = source_place(s.file, s.lo);
	buf_fmt(w->out, " column=\"%u\" line=\"%u\"", p.column, p.line);
	attribute(w, "path", f->name);
}

static void members(struct writer *w, struct attrs *a)
{
	const struct attr **sorted = attrs_by_name(&w->x->mem, attrs_flat(&w->x->mem, a));

	for (uint32_t i = 0, n = a->n; i < n; i++) {
		indent(w);
		buf_lit(w->out, "<attr");
		attribute(w, "name", sym_str(sorted[i]->name));
		place(w, sorted[i]->pos);
		buf_lit(w->out, ">\n");
		w->depth++;
		write_value(w, sorted[i]->v);
		close_tag(w, "attr");
	}
}

static str string_attr(struct writer *w, struct attrs *a, sym name)
{
	const struct attr *found = attrs_find(a, name);

	if (!found)
		return (str){0};
	if (w->strict)
		force(w->x, found->v);
	return val_tag(found->v) == T_STRING ? val_str(found->v) : (str){0};
}

static void derivation(struct writer *w, struct val *v)
{
	struct attrs *a = v->u.attrs;
	str drv = string_attr(w, a, w->x->w.drv_path), out = string_attr(w, a, w->x->w.out_path);

	indent(w);
	buf_lit(w->out, "<derivation");
	if (drv.p)
		attribute(w, "drvPath", drv);
	if (out.p)
		attribute(w, "outPath", out);
	buf_lit(w->out, ">\n");
	w->depth++;
	if (drv.n && !seen_add(w->x, &w->seen, sym_str(intern(drv)).p))
		members(w, a);
	else
		leaf(w, "repeated", NULL, (str){0});
	close_tag(w, "derivation");
}

static void function(struct writer *w, const struct ex_lambda *l)
{
	const struct formal **sorted;

	indent(w);
	buf_lit(w->out, "<function");
	place(w, l->x.lo);
	buf_lit(w->out, ">\n");
	w->depth++;
	if (!l->x.flag) {
		leaf(w, "varpat", "name", sym_str(l->arg));
		close_tag(w, "function");
		return;
	}
	indent(w);
	buf_lit(w->out, "<attrspat");
	if (l->ellipsis)
		attribute(w, "ellipsis", S("1"));
	if (l->arg)
		attribute(w, "name", sym_str(l->arg));
	buf_lit(w->out, ">\n");
	w->depth++;
	sorted = formals_by_name(w->x, l);
	for (uint32_t i = 0; i < l->n; i++)
		leaf(w, "attr", "name", sym_str(sorted[i]->name));
	close_tag(w, "attrspat");
	close_tag(w, "function");
}

static void write_value(struct writer *w, struct val *v)
{
	str s;

	nix_deep(w->x);
	nix_step(w->x);
	nix_room(w->x, w->out);
	if (w->depth > DEPTH_MAX)
		fail_deep(w->x);
	if (w->strict)
		force(w->x, v);
	switch (val_tag(v)) {
	case T_INT: leaf(w, "int", "value", str_fmt(&w->x->mem, "%lld", (long long)v->u.i)); break;
	case T_FLOAT: leaf(w, "float", "value", str_fmt(&w->x->mem, "%g", v->u.f)); break;
	case T_BOOL: leaf(w, "bool", "value", v->u.i ? S("true") : S("false")); break;
	case T_NULL: leaf(w, "null", NULL, (str){0}); break;
	case T_STRING:
		*w->c = context_union(w->x, *w->c, val_context(v));
		leaf(w, "string", "value", val_str(v));
		break;
	case T_PATH: leaf(w, "path", "value", val_str(v)); break;
	case T_LIST:
		open_tag(w, "list");
		for (size_t i = 0; i < list_len(v); i++)
			write_value(w, v->u.items[i]);
		close_tag(w, "list");
		break;
	case T_ATTRS:
		s = string_attr(w, v->u.attrs, w->x->w.type);
		if (str_eq(s, S("derivation"))) {
			derivation(w, v);
			break;
		}
		open_tag(w, "attrs");
		members(w, v->u.attrs);
		close_tag(w, "attrs");
		break;
	case T_LAMBDA: function(w, val_ptr(v)); break;
	default: leaf(w, "unevaluated", NULL, (str){0}); break;
	}
}

void xml_write(struct nix *x, struct val *v, bool strict, bool positions, struct buf *out, const struct context **c)
{
	struct writer w = {x, {0}, out, c, strict, positions, 1};

	buf_lit(out, "<?xml version='1.0' encoding='utf-8'?>\n<expr>\n");
	write_value(&w, v);
	buf_lit(out, "</expr>\n");
}
