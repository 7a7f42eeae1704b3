/* What a derivation depends on. */
#include "convert_package.h"

static void add_once(texts *list, str text)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->p[i], text))
			return;
	vec_push(list, text);
}

/* Packages that come with GHC. */
static bool is_of_ghc(str attribute, str name)
{
	static const char *const names[] = {"base", "array", "binary", "bytestring", "Cabal", "containers", "deepseq", "directory", "exceptions",
			"filepath", "ghc-prim", "haskeline", "mtl", "parsec", "pretty", "process", "stm", "template-haskell", "text", "time",
			"transformers", "unix"};

	while (str_find(name, '.') < name.n)
		name = str_from(name, str_find(name, '.') + 1);
	return str_ends(attribute, S("HaskellDepends")) && convert_is_among(name, names, SL_COUNT(names));
}

void package_item(struct package *p, str attribute, nix_val v)
{
	struct converting *c = p->c;
	struct made *m;
	str name, text;

	if (nix_kind(c->x, v) == NIX_NULL)
		return;
	if (convert_text_of(c, v, "symbol", &name)) {
		if (is_of_ghc(attribute, name))
			return;
		switch (convert_use(c, name, &text)) {
		case DEP_LABEL: add_once(&p->deps, text); return;
		case DEP_UNKNOWN:
			package_left(p, attribute, DIAG_CONVERT_DEP, "say in a table what stands for it: --table=FILE",
					"nothing is known to stand for the package '%.*s'", STR_ARG(name));
			return;
		default: return;
		}
	}
	m = convert_derivation(c, v);
	if (m && m->call.n)
		add_once(&p->deps, str_fmt(&c->arena, ":%.*s", STR_ARG(m->name)));
	else if (m && !m->whole)
		package_left(p, attribute, DIAG_CONVERT_DEP, NULL, "it depends on itself through '%.*s'", STR_ARG(m->name));
	else
		package_left(p, attribute, DIAG_CONVERT_DEP, NULL, "one of its items is no package that could be converted");
}

static const char *const dep_names[] = {
	"buildInputs", "nativeBuildInputs", "propagatedBuildInputs", "propagatedNativeBuildInputs", "depsBuildBuild",
	"checkInputs", "nativeCheckInputs", "buildNativeInputs", "installCheckInputs", "nativeInstallCheckInputs", "extraBuildInputs",
	"propagatedUserEnvPkgs", "libraryHaskellDepends", "executableHaskellDepends", "dependencies", "build-system",
};

static void take_list(struct package *p, const char *name, nix_val v, unsigned depth)
{
	nix_val item;
	size_t n;

	if (nix_kind(p->c->x, v) != NIX_LIST) {
		package_item(p, str_c(name), v);
		return;
	}
	for (size_t i = 0; depth < 8 && nix_list(p->c->x, v, &n) && i < n; i++)
		if (nix_item(p->c->x, v, i, &item))
			take_list(p, name, item, depth + 1);
}

void package_deps(struct package *p)
{
	for (size_t i = 0; i < SL_COUNT(dep_names); i++) {
		struct setting *s = package_setting(p, dep_names[i]);

		if (!s || s->used)
			continue;
		s->used = true;
		take_list(p, dep_names[i], s->value, 0);
	}
}

static bool list_has(struct converting *c, nix_val v, const char *symbol_name, unsigned depth)
{
	nix_val item;
	size_t n;
	str name;

	if (nix_kind(c->x, v) == NIX_LIST) {
		for (size_t i = 0; depth < 8 && nix_list(c->x, v, &n) && i < n; i++)
			if (nix_item(c->x, v, i, &item) && list_has(c, item, symbol_name, depth + 1))
				return true;
		return false;
	}
	return nix_kind(c->x, v) == NIX_ATTRS && convert_text_of(c, v, "symbol", &name) && str_eq(name, str_c(symbol_name));
}

bool package_uses(struct package *p, const char *symbol_name)
{
	for (size_t i = 0; i < SL_COUNT(dep_names); i++) {
		struct setting *s = package_setting(p, dep_names[i]);

		if (s && list_has(p->c, s->value, symbol_name, 0))
			return true;
	}
	return false;
}
