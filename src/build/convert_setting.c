/* The attributes of one derivation, by name. */
#include "convert_package.h"

void package_begin(struct package *p, struct converting *c, nix_val drv, nix_val arguments)
{
	size_t n = nix_attrs(c->x, arguments);
	str path;

	*p = (struct package){.c = c, .arguments = arguments};
	p->made = convert_target(c, convert_target_name(c, arguments));
	if (convert_text_of(c, drv, "outPath", &path))
		map_put(&c->by_path, str_dup(&c->arena, path), p->made);
	p->settings = arena_array(&c->arena, struct setting, n + 1);
	for (size_t i = 0; i < n; i++) {
		struct setting *s = &p->settings[p->nsettings];

		if (!nix_attr_at(c->x, arguments, i, &s->name, &s->value))
			continue;
		s->name = str_dup(&c->arena, s->name);
		p->nsettings++;
	}
}

void package_end(struct package *p)
{
	p->made->whole = true;
	vec_free(&p->srcs);
	vec_free(&p->deps);
	vec_free(&p->locations);
	vec_free(&p->env);
	vec_free(&p->cflags);
	vec_free(&p->ldflags);
	vec_free(&p->patches);
	vec_free(&p->files);
	map_free(&p->variables);
}

struct setting *package_setting(struct package *p, const char *name)
{
	for (size_t i = 0; i < p->nsettings; i++)
		if (str_eq(p->settings[i].name, str_c(name)))
			return &p->settings[i];
	return NULL;
}

bool package_has(struct package *p, const char *name)
{
	struct setting *s = package_setting(p, name);
	str text;
	bool is;
	size_t n;

	switch (s ? nix_kind(p->c->x, s->value) : NIX_NONE) {
	case NIX_NONE:
	case NIX_NULL: return false;
	case NIX_BOOL: return nix_bool(p->c->x, s->value, &is) && is;
	case NIX_STRING: return nix_string(p->c->x, s->value, &text) && text.n;
	case NIX_LIST: return nix_list(p->c->x, s->value, &n) && n;
	default: return true;
	}
}

void package_left(struct package *p, str attribute, enum diag_code code, const char *hint, const char *fmt, ...)
{
	va_list ap;
	str why;

	va_start(ap, fmt);
	why = str_vfmt(&p->c->arena, fmt, ap);
	va_end(ap);
	convert_left(p->c, p->made, code, attribute, hint, "%.*s", STR_ARG(why));
}

void package_noted(struct package *p, str attribute, const char *fmt, ...)
{
	va_list ap;
	str why;

	va_start(ap, fmt);
	why = str_vfmt(&p->c->arena, fmt, ap);
	va_end(ap);
	convert_noted(p->c, p->made, attribute, "%.*s", STR_ARG(why));
}

static bool coerce_to(struct package *p, nix_val v, struct buf *out, unsigned depth)
{
	struct nix *x = p->c->x;
	nix_val item;
	str text;
	size_t n;
	bool is;

	switch (nix_kind(x, v)) {
	case NIX_NULL: return true;
	case NIX_BOOL:
		if (nix_bool(x, v, &is) && is)
			buf_c(out, '1');
		return true;
	case NIX_STRING:
	case NIX_PATH:
		if (!nix_string(x, v, &text))
			return false;
		buf_str(out, text);
		return true;
	case NIX_INT: return nix_print(x, v, false, out);
	case NIX_ATTRS:
		if (!convert_text_of(p->c, v, "outPath", &text))
			return false;
		(void)convert_derivation(p->c, v);
		buf_str(out, text);
		return true;
	case NIX_LIST:
		if (depth > 8 || !nix_list(x, v, &n))
			return false;
		for (size_t i = 0; i < n; i++) {
			if (i)
				buf_c(out, ' ');
			if (!nix_item(x, v, i, &item) || !coerce_to(p, item, out, depth + 1))
				return false;
		}
		return true;
	default: return false;
	}
}

bool package_coerce(struct package *p, nix_val v, str *out)
{
	struct buf b = {0};
	bool ok = coerce_to(p, v, &b, 0);

	*out = buf_take(&b, &p->c->arena);
	return ok;
}

bool package_text(struct package *p, const char *name, str *out)
{
	struct setting *s = package_setting(p, name);

	if (!s)
		return false;
	s->used = true;
	return package_coerce(p, s->value, out);
}

void package_use(struct package *p, const char *name)
{
	struct setting *s = package_setting(p, name);

	if (s)
		s->used = true;
}
