/* Texts of a derivation that hold paths: of its outputs, of packages, of sources. */
#include "convert_package.h"

#include <straylight/nixhash.h>
#include <straylight/nixstore.h>
#include <straylight/storepath.h>

static bool is_path_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || char_in(c, "._+-:=?");
}

/* A variable that holds the path of a label or source; "@NAME@". */
str package_location(struct package *p, str name, str what)
{
	struct buf b = {0};
	str row;

	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (i && c >= '0' && c <= '9');

		buf_c(&b, fits ? c : '_');
	}
	name = str_fmt(&p->c->arena, "at_%.*s", STR_ARG(buf_view(&b)));
	buf_free(&b);
	row = str_fmt(&p->c->arena, "%.*s = %s", STR_ARG(name), convert_quoted(p->c, what).p);
	for (size_t i = 0; i < p->locations.n; i++)
		if (str_eq(p->locations.p[i], row))
			return str_fmt(&p->c->arena, "@%.*s@", STR_ARG(name));
	vec_push(&p->locations, row);
	return str_fmt(&p->c->arena, "@%.*s@", STR_ARG(name));
}

/* NAME of SYMBOLIC_DIR/NAME. */
static bool symbol(struct package *p, str attribute, str name, struct buf *out)
{
	struct made *m;
	str text;

	if (str_starts(name, S(":"))) {
		m = map_get(&p->c->by_path, str_fmt(&p->c->arena, SYMBOLIC_DIR "/%.*s", STR_ARG(name)));
		if (m) {
			buf_str(out, package_location(p, m->name, str_fmt(&p->c->arena, ":%.*s", STR_ARG(m->name))));
			return true;
		}
		package_left(p, attribute, DIAG_CONVERT_LEFT, "give it as a dependency, too", "it holds the path of '%.*s', which is no target here",
				STR_ARG(str_from(name, 1)));
		return false;
	}
	switch (convert_use(p->c, name, &text)) {
	case DEP_LABEL: buf_str(out, package_location(p, name, text)); return true;
	case DEP_HOST:
	case DEP_PROGRAM:
	case DEP_NOTHING: buf_lit(out, "/usr"); return true;
	case DEP_UNKNOWN: break;
	}
	package_left(p, attribute, DIAG_CONVERT_DEP, "say in a table what stands for it: --table=FILE", "it holds the path of the package '%.*s'",
			STR_ARG(name));
	return false;
}

/* "zlib" of /nix/store/HASH-zlib-1.3. */
static str package_of(str path)
{
	size_t dash = str_find(path, '-');

	return dash < path.n ? convert_without_version(str_from(path, dash + 1)) : (str){0};
}

/* A source that was copied into the store, or, where there is a nixpkgs, an output. */
static bool stored_path(struct package *p, str attribute, str path, struct buf *out)
{
	const struct made *m = map_get(&p->c->by_path, path);
	const struct map *kept;
	str from = symbolic_source(p->c->y, path, &kept), relative;

	if (m) {
		str what = str_fmt(&p->c->arena, ":%.*s", STR_ARG(m->name));

		buf_str(out, package_location(p, m->name, what));
		return true;
	}
	if (!from.n && symbolic_is_evaluated(p->c->y) && package_of(path).n)
		return symbol(p, attribute, package_of(path), out);
	if (from.n && !kept && convert_relative(p->c, from, &relative)) {
		buf_str(out, package_location(p, relative, relative));
		return true;
	}
	package_left(p, attribute, DIAG_CONVERT_LEFT, NULL, "it names '%.*s'", STR_ARG(path));
	return false;
}

static size_t output_reference(struct package *p, str text)
{
	static const char *const names[] = {"out", "dev", "lib", "bin", "doc", "man", "info", "devdoc", "static"};
	static const char *const forms[] = {"$(%s)", "${%s}", "$%s"};

	for (size_t i = 0; i < SL_COUNT(names); i++) {
		struct nix_hash h = nix_hash_of(NIX_SHA256, str_fmt(&p->c->arena, "nix-output:%s", names[i]));
		struct buf b = {0};
		str placeholder;

		buf_c(&b, '/');
		nix_base32(h.b, 32, &b);
		placeholder = buf_take(&b, &p->c->arena);
		if (str_starts(text, placeholder))
			return placeholder.n;
		for (size_t k = 0; k < SL_COUNT(forms); k++) {
			str form = k == 0 ? str_fmt(&p->c->arena, "$(%s)", names[i]) : k == 1 ?
					str_fmt(&p->c->arena, "${%s}", names[i]) : str_fmt(&p->c->arena, "$%s", names[i]);
			char next = form.n < text.n ? text.p[form.n] : '/';

			if (str_starts(text, form) && (k < 2 || !is_path_byte(next) || char_in(next, ".:-+=?")))
				return form.n;
		}
	}
	return 0;
}

bool package_flag(struct package *p, str attribute, str text, str *out)
{
	struct buf b = {0};
	size_t at = 0;
	bool ok = true;

	while (at < text.n && ok) {
		str rest = str_from(text, at);
		size_t n = text.p[at] == '$' || text.p[at] == '/' ? output_reference(p, rest) : 0;

		if (n) {
			buf_lit(&b, "@prefix@");
		} else if (str_starts(rest, S(SYMBOLIC_DIR "/"))) {
			size_t lo = sizeof SYMBOLIC_DIR;

			for (n = lo; n < rest.n && is_path_byte(rest.p[n]); n++)
				if (n > lo && rest.p[n] == ':')
					break;
			ok = symbol(p, attribute, str_of(rest.p + lo, n - lo), &b);
		} else if (str_starts(rest, S(NIX_STORE_DIR "/"))) {
			for (n = sizeof NIX_STORE_DIR; n < rest.n && is_path_byte(rest.p[n]); n++)
				continue;
			ok = stored_path(p, attribute, str_upto(rest, n), &b);
		} else {
			buf_c(&b, text.p[at]);
			n = 1;
		}
		at += n;
	}
	*out = buf_take(&b, &p->c->arena);
	return ok;
}

bool package_words(struct package *p, const char *name, texts *out)
{
	str text, word;
	bool ok = true;

	if (!package_setting(p, name))
		return true;
	if (!package_text(p, name, &text)) {
		package_left(p, str_c(name), DIAG_CONVERT_LEFT, NULL, "it is no list of texts");
		return false;
	}
	while (convert_word(&text, &word)) {
		if (package_flag(p, str_c(name), word, &word))
			vec_push(out, word);
		else
			ok = false;
	}
	return ok;
}
