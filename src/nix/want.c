/* Looking at values: what kind they are, and failing when it is another than is needed. */
#include "seen.h"

const char *type_article(const struct val *v)
{
	switch (val_tag(v)) {
	case T_INT: return "an integer";
	case T_FLOAT: return "a float";
	case T_BOOL: return "a Boolean";
	case T_NULL: return "null";
	case T_STRING: return "a string";
	case T_PATH: return "a path";
	case T_LIST: return "a list";
	case T_ATTRS: return "a set";
	case T_LAMBDA: return "a function";
	case T_PRIMOP: return "a built-in function";
	case T_PARTIAL: return "a partly applied built-in function";
	default: return "a value that is not evaluated";
	}
}

SL_NORETURN static void fail_kind(struct nix *x, const struct val *v, const char *wanted, const char *what)
{
	fail(x, DIAG_NIX_TYPE, NULL, "%s needs %s, and this is %s", what, wanted, type_article(v));
}

struct attrs *want_attrs(struct nix *x, struct val *v, const char *what)
{
	force(x, v);
	if (val_tag(v) != T_ATTRS)
		fail_kind(x, v, "a set", what);
	return v->u.attrs;
}

struct val **want_list(struct nix *x, struct val *v, size_t *n, const char *what)
{
	force(x, v);
	if (val_tag(v) != T_LIST)
		fail_kind(x, v, "a list", what);
	*n = list_len(v);
	return v->u.items;
}

int64_t want_int(struct nix *x, struct val *v, const char *what)
{
	force(x, v);
	if (val_tag(v) != T_INT)
		fail_kind(x, v, "an integer", what);
	return v->u.i;
}

bool want_bool(struct nix *x, struct val *v, const char *what)
{
	force(x, v);
	if (val_tag(v) != T_BOOL)
		fail_kind(x, v, "a Boolean", what);
	return v->u.i;
}

str want_str(struct nix *x, struct val *v, const char *what)
{
	force(x, v);
	if (val_tag(v) != T_STRING)
		fail_kind(x, v, "a string", what);
	return val_str(v);
}

str want_plain(struct nix *x, struct val *v, const char *what)
{
	str s = want_str(x, v, what);

	if (val_context(v))
		fail(x, DIAG_NIX_CONTEXT, NULL,
				"%s cannot take a string that refers to a store path, as '%.*s' does", what, STR_ARG(s));
	return s;
}

void want_function(struct nix *x, struct val *v, const char *what)
{
	force(x, v);
	switch (val_tag(v)) {
	case T_LAMBDA: case T_PRIMOP: case T_PARTIAL: return;
	case T_ATTRS:
		if (attrs_find(v->u.attrs, x->w.functor))
			return;
		break;
	default: break;
	}
	fail_kind(x, v, "a function", what);
}

struct val *want_attr(struct nix *x, struct attrs *a, sym name, const char *what)
{
	const struct attr *found = attrs_find(a, name);

	if (!found)
		fail(x, DIAG_NIX_MISSING, NULL, "%s needs the attribute '%.*s', which is missing", what,
				STR_ARG(sym_str(name)));
	return found->v;
}

bool is_derivation(struct nix *x, struct val *v)
{
	const struct attr *a;

	if (val_tag(v) != T_ATTRS)
		return false;
	a = attrs_find(v->u.attrs, x->w.type);
	if (!a)
		return false;
	force(x, a->v);
	return val_tag(a->v) == T_STRING && str_eq(val_str(a->v), S("derivation"));
}

static void deep(struct nix *x, struct seen *seen, struct val *v)
{
	nix_deep(x);
	force(x, v);
	if (val_tag(v) == T_LIST && list_len(v)) {
		if (seen_add(x, seen, v->u.items))
			return;
		for (size_t i = 0; i < list_len(v); i++)
			deep(x, seen, v->u.items[i]);
	} else if (val_tag(v) == T_ATTRS) {
		const struct attr **sorted;
		struct attrs *a = v->u.attrs;

		if (seen_add(x, seen, a))
			return;
		sorted = attrs_by_name(&x->mem, attrs_flat(&x->mem, a));
		for (uint32_t i = 0, n = a->n; i < n; i++)
			deep(x, seen, sorted[i]->v);
	}
}

void force_deep(struct nix *x, struct val *v)
{
	struct seen seen = {0};

	deep(x, &seen, v);
}
