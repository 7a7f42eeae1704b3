/* Words of shell, and what stands for the paths in them. */
#include "convert_shell.h"

#include <fnmatch.h>

bool shell_odd(struct running *r, const char *fmt, ...)
{
	va_list ap;
	str why;

	va_start(ap, fmt);
	why = str_vfmt(&r->p->c->arena, fmt, ap);
	va_end(ap);
	package_left(r->p, r->attribute, DIAG_CONVERT_SHELL, "write the step as typed commands", "%.*s", STR_ARG(why));
	return false;
}

bool shell_works(struct running *r, size_t work)
{
	r->p->work += work;
	return r->p->work <= SHELL_WORK_MAX || shell_odd(r, "loops and variables make more of it than is read");
}

/* Literal text must not look like what stands for paths; those that Nix put into it are replaced. */
static bool literal(struct running *r, str text, struct buf *out)
{
	static const char *const signs[] = {"$out", "@prefix@", "@source@"};

	for (size_t i = 0; i < SL_COUNT(signs); i++)
		if (str_find_str(text, str_c(signs[i])) < text.n)
			return shell_odd(r, "a text has '%s' in it, which would be replaced", signs[i]);
	if (!package_flag(r->p, r->attribute, text, &text))
		return false;
	buf_str(out, text);
	return true;
}

bool shell_value(struct running *r, str name, str *out)
{
	static const char *const outputs[] = {"out", "prefix", "dev", "lib", "bin", "doc", "man", "info", "devdoc", "static"};
	struct package *p = r->p;
	const str *known = map_get(&p->variables, name);
	struct setting *s;

	if (known) {
		*out = *known;
		return true;
	}
	for (size_t i = 0; i < SL_COUNT(outputs); i++)
		if (str_eq(name, str_c(outputs[i]))) {
			*out = S("@prefix@");
			return true;
		}
	if (str_eq(name, S("src")) && p->local) {
		*out = S("@source@");
		return true;
	}
	s = package_setting(p, str_dup(&p->c->arena, name).p);
	if (s && package_coerce(p, s->value, out))
		return package_flag(p, r->attribute, *out, out);
	if (str_eq(name, S("CC")) || str_eq(name, S("CXX")) || str_eq(name, S("AR"))) {
		*out = str_eq(name, S("CC")) ? S("cc") : str_eq(name, S("CXX")) ? S("c++") : S("ar");
		return true;
	}
	return shell_odd(r, "the value of '$%.*s' is not known", STR_ARG(name));
}

/* Files of the package that match, at their place below the working directory. */
static bool glob(struct running *r, str pattern, texts *out)
{
	struct package *p = r->p;
	const char *z = str_fmt(&p->c->arena, "%.*s%s%.*s", STR_ARG(p->cwd), p->cwd.n ? "/" : "", STR_ARG(pattern)).p;
	size_t before = out->n;

	if (!p->local)
		return shell_odd(r, "'%.*s' is a pattern over files that are not at hand", STR_ARG(pattern));
	if (str_starts(str_c(z), S("./")))
		z += 2;
	for (size_t i = 0; i < p->files.n; i++)
		if (fnmatch(z, p->files.p[i].p, FNM_PATHNAME | FNM_PERIOD) == 0)
			vec_push(out, str_from(p->files.p[i], p->cwd.n ? p->cwd.n + 1 : 0));
	if (out->n == before)
		return shell_odd(r, "'%.*s' is a pattern over files that the build makes", STR_ARG(pattern));
	return shell_works(r, (out->n - before) * sizeof *out->p);
}

bool shell_text(struct running *r, const struct shell_word *w, str *out, bool *pattern)
{
	struct buf b = {0};
	str value;
	bool ok = true;

	*pattern = false;
	for (size_t i = 0; i < w->n && ok; i++) {
		const struct shell_piece *e = &w->pieces[i];

		*pattern |= e->kind == SHELL_GLOB;
		if (e->kind == SHELL_VARIABLE) {
			ok = shell_value(r, e->text, &value) && shell_works(r, value.n);
			if (ok)
				buf_str(&b, value);
		} else {
			ok = literal(r, e->text, &b);
		}
	}
	*out = buf_take(&b, &r->p->c->arena);
	return ok;
}

/* A word that is one unquoted variable is as many words as its value has. */
bool shell_expand(struct running *r, const struct shell_word *w, texts *out)
{
	bool pattern;
	str text, one;

	if (w->n == 1 && w->pieces[0].kind == SHELL_VARIABLE && !w->pieces[0].quoted) {
		if (!shell_value(r, w->pieces[0].text, &text) || !shell_works(r, text.n))
			return false;
		while (convert_word(&text, &one))
			vec_push(out, one);
		return true;
	}
	if (!shell_text(r, w, &text, &pattern))
		return false;
	if (pattern)
		return glob(r, text, out);
	vec_push(out, text);
	return true;
}
