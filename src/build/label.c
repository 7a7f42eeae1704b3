#include "label.h"

bool label_is(str text)
{
	return str_starts(text, S(":")) || str_starts(text, S("//"));
}

/* No '/', ':', blank, quote or control byte, and no name that a path gives a meaning of its own. */
static bool part_ok(str part)
{
	if (part.n == 0 || str_eq(part, S("...")) || str_eq(part, S(".")) || str_eq(part, S("..")))
		return false;
	for (size_t i = 0; i < part.n; i++) {
		unsigned char c = (unsigned char)part.p[i];

		if (c <= ' ' || c == '/' || c == ':' || c == '"' || c == '\\' || c == 0x7f)
			return false;
	}
	return true;
}

/* Names that stand for every target of a package. */
static bool is_every(str name)
{
	return str_eq(name, S("all")) || str_eq(name, S("*"));
}

const char label_name_rule[] =
		"a target's name has no '/', ':', blank or quote in it, and is none of 'all', '*', '.', '..' and '...'";

bool label_name_ok(str name)
{
	return part_ok(name) && !is_every(name);
}

bool label_package_ok(str package)
{
	str part, rest = package;

	if (package.n == 0)
		return true;
	if (package.p[package.n - 1] == '/')
		return false;
	while (rest.n) {
		str_cut(rest, '/', &part, &rest);
		if (!part_ok(part))
			return false;
	}
	return true;
}

sym label_make(str package, str name)
{
	struct buf b = {0};
	sym s;

	buf_lit(&b, "//");
	buf_str(&b, package);
	buf_c(&b, ':');
	buf_str(&b, name);
	s = intern(buf_view(&b));
	buf_free(&b);
	return s;
}

static str last_part(str package)
{
	size_t at = package.n;

	while (at && package.p[at - 1] != '/')
		at--;
	return str_from(package, at);
}

/* Splits "//pkg:name" or ":name"; without a colon, name.p is NULL. */
static bool split(str text, str package, str *pkg, str *name, const char **why)
{
	*why = "a label is ':name', '//package' or '//package:name'";
	if (str_starts(text, S(":"))) {
		*pkg = package;
		*name = str_from(text, 1);
		return true;
	}
	if (!str_starts(text, S("//")))
		return false;
	if (!str_cut(str_from(text, 2), ':', pkg, name))
		name->p = NULL;
	*why = "the package of a label is a path of folders without '.', '..' and blanks";
	return label_package_ok(*pkg);
}

sym label_parse(str text, str package, const char **why)
{
	str pkg, name;

	if (!split(text, package, &pkg, &name, why))
		return 0;
	if (!name.p)
		name = last_part(pkg);
	*why = label_name_rule;
	return label_name_ok(name) ? label_make(pkg, name) : 0;
}

static void halves(sym label, str *package, str *name)
{
	str_cut(str_from(sym_str(label), 2), ':', package, name);
}

str label_package(sym label)
{
	str package, name;

	halves(label, &package, &name);
	return package;
}

str label_name(sym label)
{
	str package, name;

	halves(label, &package, &name);
	return name;
}

bool pattern_parse(str text, str package, struct pattern *out, const char **why)
{
	str pkg, name;

	*out = (struct pattern){0};
	if (str_eq(text, S("//...")) || str_eq(text, S("..."))) {
		out->kind = PATTERN_BELOW;
		out->package = str_eq(text, S("...")) ? package : (str){0};
		return true;
	}
	if (str_starts(text, S("//")) && str_ends(text, S("/..."))) {
		out->kind = PATTERN_BELOW;
		out->package = str_of(text.p + 2, text.n - 6);
		*why = "the package of a pattern is a path of folders without '.', '..' and blanks";
		return out->package.n && label_package_ok(out->package);
	}
	if (!split(text, package, &pkg, &name, why))
		return false;
	if (name.p && is_every(name)) {
		out->kind = PATTERN_PACKAGE;
		out->package = pkg;
		return true;
	}
	out->kind = PATTERN_TARGET;
	out->label = label_parse(text, package, why);
	return out->label != 0;
}

bool package_is_below(str package, str folder)
{
	return folder.n == 0 || str_eq(package, folder) ||
			(package.n > folder.n && str_starts(package, folder) && package.p[folder.n] == '/');
}

bool pattern_matches(const struct pattern *p, sym label)
{
	str package = label_package(label);

	switch (p->kind) {
	case PATTERN_TARGET: return p->label == label;
	case PATTERN_PACKAGE: return str_eq(package, p->package);
	case PATTERN_BELOW:
		return package_is_below(package, p->package);
	}
	return false;
}
