/* stdenv.mkDerivation and its kin. */
#include "convert_package.h"

/* ---- all that is left ---- */

static const char *irrelevant(str name)
{
	static const struct {
		const char *name, *reason;
	} rows[] = {
#define A(name, reason) {name, reason},
#include "convert_attrs.def"
#undef A
	};

	for (size_t i = 0; i < SL_COUNT(rows); i++)
		if (str_eq(name, str_c(rows[i].name)))
			return rows[i].reason;
	return NULL;
}

/* Attributes that stdenv or its hooks act on: an environment variable would not do the same. */
static bool acts(str name)
{
	static const char *const names[] = {
		"builder", "args", "unpackPhase", "unpackCmd", "setSourceRoot", "setupHook", "setupHooks", "checkPhase", "installCheckPhase",
		"patchPhase", "fixupPhase", "distPhase", "shellHook", "preCheck", "postCheck", "preUnpack", "postUnpack", "prePhases",
		"preConfigurePhases", "preBuildPhases", "preInstallPhases", "preFixupPhases", "postPhases", "wrapperPath", "makeWrapperArgs",
		"outputHash", "outputHashAlgo", "outputHashMode", "impureEnvVars", "__impure", "__noChroot", "configureFlagsArray",
		"preInstallCheck", "postInstallCheck", "qmakeFlags", "sconsFlags", "wafFlags", "gappsWrapperArgs", "qtWrapperArgs",
		"prePatch", "postPatch", "preConfigure", "postConfigure", "preBuild", "postBuild", "preInstall", "postInstall", "preFixup",
		"postFixup", "buildPhase", "installPhase", "configurePhase", "buildCommand", "extraConfigureFlags", "preHook",
		"exportReferencesGraph", "passAsFile", "configureFlags", "cmakeFlags", "mesonFlags", "makeFlags", "buildFlags", "installFlags",
		"installTargets", "checkTarget", "checkFlags", "makefile", "patches", "patchFlags", "configureScript", "buildTargets",
	};

	return convert_is_among(name, names, SL_COUNT(names)) || str_ends(name, S("Phase")) || str_ends(name, S("Hook")) || str_starts(name, S("dont"));
}

static void put_env(struct package *p, str name, str text)
{
	if (str_eq(name, S("NIX_CFLAGS_COMPILE")) || str_eq(name, S("NIX_LDFLAGS")) || str_eq(name, S("NIX_CFLAGS_LINK"))) {
		bool link = !str_eq(name, S("NIX_CFLAGS_COMPILE"));
		str word, rest = text;

		while (rest.n) {
			if (!str_cut(rest, ' ', &word, &rest))
				rest = (str){0};
			if (str_trim(word).n)
				vec_push(link ? &p->ldflags : &p->cflags, str_trim(word));
		}
		return;
	}
	vec_push(&p->env, str_fmt(&p->c->arena, "{ name = %s, value = %s }", convert_quoted(p->c, name).p,
			convert_quoted(p->c, text).p));
}

static bool is_variable(str name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (i && c >= '0' && c <= '9')))
			return false;
	}
	return name.n != 0;
}

static void take_rest(struct package *p, nix_val set, bool inner);

static void take_one(struct package *p, str name, nix_val v)
{
	str text;

	if (nix_kind(p->c->x, v) == NIX_NULL)
		return;
	if (acts(name)) {
		if (package_coerce(p, v, &text) && !str_trim(text).n)
			return;
		package_left(p, name, str_ends(name, S("Phase")) ? DIAG_CONVERT_SHELL : DIAG_CONVERT_LEFT, NULL, "no rule has a place for it");
		return;
	}
	if (!package_coerce(p, v, &text) || !is_variable(name)) {
		package_left(p, name, DIAG_CONVERT_LEFT, NULL, "it is no text, so that it is no variable of the environment");
		return;
	}
	if (package_flag(p, name, text, &text))
		put_env(p, name, text);
}

static void take_rest(struct package *p, nix_val set, bool inner)
{
	size_t n = nix_attrs(p->c->x, set);

	for (size_t i = 0; i < n; i++) {
		struct setting *s;
		str name;
		nix_val v;

		if (!nix_attr_at(p->c->x, set, i, &name, &v))
			continue;
		s = inner ? NULL : package_setting(p, str_dup(&p->c->arena, name).p);
		if ((s && s->used) || (!inner && irrelevant(name)))
			continue;
		if (!inner && str_eq(name, S("env")) && nix_kind(p->c->x, v) == NIX_ATTRS)
			take_rest(p, v, true);
		else
			take_one(p, name, v);
	}
}

static bool has_word(const texts *words, str word)
{
	for (size_t i = 0; i < words->n; i++)
		if (str_eq(words->p[i], word))
			return true;
	return false;
}

/* Outputs are one prefix, and what is unpacked and fixed up is the rules' to say. */
static void note_layout(struct package *p)
{
	static const char *const known[] = {"unpackPhase", "patchPhase", "configurePhase", "buildPhase", "checkPhase", "installPhase",
			"fixupPhase", "installCheckPhase", "distPhase"};
	texts names = {0};

	if (package_words(p, "outputs", &names) && names.n > 1)
		package_noted(p, S("outputs"), "they are one prefix");
	names.n = 0;
	if (package_words(p, "phases", &names) && names.n) {
		if (p->srcs.n && !has_word(&names, S("unpackPhase")))
			package_noted(p, S("phases"), "sources are unpacked all the same");
	}
	for (size_t i = 0; i < names.n; i++)
		if (!convert_is_among(names.p[i], known, SL_COUNT(known)))
			package_left(p, S("phases"), DIAG_CONVERT_SHELL, NULL, "'%.*s' is a phase of its own", STR_ARG(names.p[i]));
	vec_free(&names);
}

static void field_records(struct package *p, const char *name, const char *before, const texts *rows)
{
	struct buf b = {0};

	for (size_t i = 0; i < rows->n; i++)
		buf_fmt(&b, "%s%.*s", i ? ", " : before, STR_ARG(rows->p[i]));
	if (rows->n)
		convert_field(p->c, p->made, name, "%.*s %c", STR_ARG(buf_view(&b)), before[strlen(before) - 2] == '[' ? ']' : '}');
	buf_free(&b);
}

void package_put(struct package *p)
{
	for (size_t i = 0; i < p->deps.n; i++)
		vec_push(&p->made->deps, p->deps.p[i]);
	p->made->call = str_fmt(&p->c->arena, "%.*s %s %s %s", STR_ARG(p->made->call), convert_quoted(p->c, p->made->name).p,
			convert_list(p->c, &p->srcs).p, convert_list(p->c, &p->deps).p);
	if (p->subdir.n)
		convert_field(p->c, p->made, "subdir", "%s", convert_quoted(p->c, p->subdir).p);
	field_records(p, "env", "[ ", &p->env);
	field_records(p, "locations", "toMap { ", &p->locations);
	if (p->cflags.n) {
		convert_field(p->c, p->made, "cflags", "%s", convert_list(p->c, &p->cflags).p);
		convert_field(p->c, p->made, "cxxflags", "%s", convert_list(p->c, &p->cflags).p);
	}
	if (p->ldflags.n)
		convert_field(p->c, p->made, "ldflags", "%s", convert_list(p->c, &p->ldflags).p);
}

/* ---- builders ---- */

/* A symbol stands where a text is meant: of a parameter that is no package. */
static bool is_open(struct package *p, const char *name)
{
	str text;

	return convert_text_of(p->c, p->arguments, name, &text) && str_find_str(text, S(SYMBOLIC_DIR "/")) < text.n;
}

static const char *unfit(struct package *p, str maker)
{
	static const struct {
		const char *maker, *why;
	} rows[] = {
		{"callCabal2nix", "its attributes are made by a program during evaluation (import from derivation)"},
		{"buildGoModule", "there is no rule yet that builds Go modules"},
		{"buildNpmPackage", "there is no rule yet that builds with npm"},
		{"buildDunePackage", "there is no rule yet that builds with dune"},
		{"buildRubyGem", "there is no rule yet that builds gems"},
		{"buildPerlPackage", "there is no rule yet that builds Perl modules"},
		{"makeSetupHook", "it is a hook of stdenv's shell"},
		{"concatText", "there is no rule yet that joins files"},
		{"substitute", "there is no rule yet that replaces texts as 'substitute' does"},
		{"emptyDirectory", "an empty directory is no target"},
		{"override", "it changes a package of nixpkgs, whose attributes are not known"},
		{"mkShell", "it is an environment for people, not a package; `straylight shell` gives one"},
	};

	for (size_t i = 0; i < SL_COUNT(rows); i++)
		if (str_eq(maker, str_c(rows[i].maker)))
			return rows[i].why;
	if (is_open(p, "pname") || is_open(p, "name") || is_open(p, "version"))
		return "its name depends on an argument that is not given";
	if (package_has(p, "builder"))
		return "it has a builder of its own";
	if (package_has(p, "outputHash"))
		return "it fixes the hash of its output";
	if (package_has(p, "__impure") || package_has(p, "__noChroot") || package_has(p, "impureEnvVars"))
		return "it depends on the machine";
	return NULL;
}

static void by_maker(struct package *p, str maker)
{
	enum system system = package_system(p);

	if (package_by_language(p, maker))
		return;
	if (package_is_scripted(p) && (system == SYSTEM_AUTOTOOLS || system == SYSTEM_MAKE)) {
		package_by_phases(p, system);
	} else {
		package_by_system(p, system);
		package_hooks(p);
	}
}

struct made *convert_package(struct converting *c, str maker, nix_val drv, nix_val arguments)
{
	struct package p;
	const char *why;

	package_begin(&p, c, drv, arguments);
	why = unfit(&p, maker);
	if (why) {
		convert_left(c, p.made, DIAG_CONVERT_LEFT, (str){0}, "wrap it: straylight wrap --nix", "%s", why);
		package_end(&p);
		return p.made;
	}
	package_sources(&p);
	package_patches(&p);
	package_deps(&p);
	by_maker(&p, maker);
	if (!p.srcs.n && !str_eq(p.made->call, S("S.script")))
		package_left(&p, S("src"), DIAG_CONVERT_LEFT, NULL, "there are no sources");
	note_layout(&p);
	take_rest(&p, arguments, false);
	package_put(&p);
	package_end(&p);
	return p.made;
}
