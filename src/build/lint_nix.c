/* A Nix file: its source, with what calls are given. */
#include "lint_int.h"

#include <ctype.h>

struct reading {
	struct lint_file *f;
	struct lint_allows *allows;
	str text, name; /* name: the file's, below the root */
};

enum maker_kind {
	MAKER_NONE,
	MAKER_STDENV,   /* attributes become variables, phases are shell */
	MAKER_RAW,      /* the builtin */
	MAKER_OVERRIDE, /* of a derivation's attributes */
	MAKER_TEXT,     /* a file or script by its text */
};

static bool is_among(str name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(name, str_c(names[i])))
			return true;
	return false;
}

#define IS_AMONG(name, names) is_among((name), (names), SL_COUNT(names))

static enum maker_kind maker_of(str function)
{
	static const char *const stdenv[] = {
		"mkDerivation", "buildRustPackage", "buildPythonPackage", "buildPythonApplication", "buildGoModule",
		"buildGoPackage", "buildPerlPackage", "buildNpmPackage", "buildRubyGem", "buildDunePackage", "mkShell",
		"mkShellNoCC", "buildEnv", "stdenvNoCC",
	};
	static const char *const raw[] = {"derivation", "derivationStrict"};
	static const char *const override[] = {"overrideAttrs", "overrideDerivation"};
	static const char *const texts[] = {
		"runCommand", "runCommandCC", "runCommandLocal", "runCommandNoCC", "writeText", "writeTextFile", "writeTextDir",
		"writeScript", "writeScriptBin", "writeShellScript", "writeShellScriptBin", "writeShellApplication", "symlinkJoin",
	};

	if (IS_AMONG(function, stdenv))
		return MAKER_STDENV;
	if (IS_AMONG(function, raw))
		return MAKER_RAW;
	if (IS_AMONG(function, override))
		return MAKER_OVERRIDE;
	return IS_AMONG(function, texts) ? MAKER_TEXT : MAKER_NONE;
}

/* ---- settings ---- */

static bool is_phase(str name)
{
	static const char *const others[] = {"buildCommand", "shellHook", "phases", "prePhases", "preConfigurePhases"};

	if (IS_AMONG(name, others) || (str_ends(name, S("Phase")) && name.n > 5))
		return true;
	return (str_starts(name, S("pre")) && name.n > 3 && isupper((unsigned char)name.p[3])) ||
	       (str_starts(name, S("post")) && name.n > 4 && isupper((unsigned char)name.p[4]));
}

/* What stdenv and the builders of nixpkgs read; all else is a variable for the build. */
static bool is_known(str name)
{
	static const char *const names[] = {
		"name", "pname", "version", "src", "srcs", "sourceRoot", "system", "builder", "args", "outputs", "meta",
		"passthru", "buildInputs", "nativeBuildInputs", "propagatedBuildInputs", "propagatedNativeBuildInputs",
		"depsBuildBuild", "depsBuildTarget", "depsHostHost", "checkInputs", "nativeCheckInputs", "installCheckInputs",
		"patches", "patchFlags", "configureFlags", "configureFlagsArray", "configureScript", "configurePlatforms",
		"cmakeFlags", "cmakeDir", "cmakeBuildType", "mesonFlags", "mesonBuildType", "makeFlags", "makefile",
		"buildFlags", "installFlags", "installTargets", "checkFlags", "checkTarget", "buildTargets", "ninjaFlags",
		"qmakeFlags", "doCheck", "doInstallCheck", "dontUnpack", "dontPatch", "dontConfigure", "dontBuild",
		"dontInstall", "dontFixup", "dontStrip", "dontPatchELF", "dontPatchShebangs", "dontWrapQtApps",
		"dontUseCmakeConfigure", "enableParallelBuilding", "enableParallelChecking", "hardeningDisable",
		"hardeningEnable", "separateDebugInfo", "setupHook", "setupHooks", "setSourceRoot", "stripDebugList",
		"allowedReferences", "allowedRequisites", "disallowedReferences", "disallowedRequisites", "allowSubstitutes",
		"preferLocalBuild", "outputHash", "outputHashAlgo", "outputHashMode", "impureEnvVars", "__impure",
		"__structuredAttrs", "__contentAddressed", "__noChroot", "strictDeps", "unpackCmd", "cargoHash",
		"cargoSha256", "cargoLock", "vendorHash", "vendorSha256", "format", "pyproject", "disabled",
		"pythonImportsCheck", "subPackages", "ldflags", "goPackagePath", "npmDepsHash", "paths", "packages",
		"inputsFrom", "text", "destination", "executable", "runtimeInputs", "buildFeatures", "NIX_DEBUG", "override",
	};

	return IS_AMONG(name, names);
}

static void find(struct reading *r, enum lint_rule_id rule, uint32_t target, struct nix_range at, const char *what, str name)
{
	lint_find(r->f, rule, target, r->f->path, at.lo, at.hi, what, STR_ARG(name));
}

static const struct nix_setting *setting(const struct nix_mark *m, const char *name)
{
	for (size_t i = 0; i < m->nsettings; i++)
		if (str_eq(m->settings[i].name, str_c(name)))
			return &m->settings[i];
	return NULL;
}

static void judge_phase(struct reading *r, const struct nix_setting *s, uint32_t target)
{
	find(r, LINT_PHASE, target, s->at, "'%.*s' is a phase of its own", s->name);
	if (!r->f->in_toolchains)
		find(r, LINT_PHASE_SHELL, target, s->at, "'%.*s' is shell text", s->name);
	if (lint_uses_network(s->text))
		find(r, LINT_NETWORK, target, s->at, "'%.*s' uses the network", s->name);
}

static void judge_outputs(struct reading *r, const struct nix_setting *s, uint32_t target)
{
	if (s->shape != NIX_SHAPE_LIST)
		return;
	if (s->items == 0)
		find(r, LINT_OUTPUT, target, s->at, "'%.*s' is empty", s->name);
	else if (str_starts(s->text, S("\n")) || str_find_str(s->text, S("\n\n")) < s->text.n)
		find(r, LINT_OUTPUT, target, s->at, "'%.*s' has one without a name", s->name);
}

static void judge_setting(struct reading *r, const struct nix_setting *s, enum maker_kind kind, uint32_t target)
{
	bool text = s->shape == NIX_SHAPE_TEXT || s->shape == NIX_SHAPE_NUMBER;

	if (is_phase(s->name))
		judge_phase(r, s, target);
	else if (str_eq(s->name, S("outputs")))
		judge_outputs(r, s, target);
	else if (str_eq(s->name, S("builder")))
		find(r, LINT_BUILDER, target, s->at, "'%.*s' is a path", s->name);
	else if (str_eq(s->name, S("allowSubstitutes")) && s->shape == NIX_SHAPE_FALSE)
		find(r, LINT_SUBSTITUTES, target, s->at, "'%.*s' is false", s->name);
	else if ((str_eq(s->name, S("__impure")) || str_eq(s->name, S("__noChroot"))) && s->shape != NIX_SHAPE_FALSE)
		find(r, LINT_IMPURE, target, s->at, "'%.*s' is set", s->name);
	else if (str_eq(s->name, S("impureEnvVars")))
		find(r, LINT_IMPURE, target, s->at, "'%.*s' lets variables of the machine in", s->name);
	else if ((str_eq(s->name, S("src")) || str_eq(s->name, S("srcs"))) && s->shape == NIX_SHAPE_PATH)
		find(r, LINT_SOURCE, target, s->at, "'%.*s' is a path that no digest names", s->name);
	else if (str_eq(s->name, S("env")) && s->shape == NIX_SHAPE_SET)
		find(r, LINT_ENV, target, s->at, "'%.*s' sets environment variables", s->name);
	else if (kind != MAKER_TEXT && text && !is_known(s->name))
		find(r, LINT_ENV, target, s->at, "'%.*s' is an environment variable of the build", s->name);
}

/* ---- calls ---- */

static str derivation_name(const struct reading *r, const struct nix_mark *m, struct arena *a)
{
	const struct nix_setting *s = setting(m, "pname");

	if (!s || !s->text.n)
		s = setting(m, "name");
	if (s && s->text.n)
		return s->text;
	if (m->shape == NIX_SHAPE_TEXT && m->argument.n)
		return m->argument;
	(void)r;
	return str_fmt(a, "%.*s@%u", STR_ARG(m->text), m->at.lo);
}

/* builder = "/bin/sh"; args = [ "-c" … ]. */
static void judge_shell(struct reading *r, const struct nix_mark *m, uint32_t target, struct nix_range at, str name)
{
	const struct nix_setting *builder = setting(m, "builder"), *args = setting(m, "args");

	if (builder && args && lint_is_shell(builder->text) && args->text.n > 2 && args->text.p[0] == '-' &&
			str_starts(str_from(args->text, str_find(args->text, '\n') - 1), S("c\n")))
		find(r, LINT_SHELL, target, at, "'%.*s' runs shell text", name);
}

static void judge_maker(struct reading *r, const struct nix_mark *m, enum maker_kind kind)
{
	struct arena a = {0};
	str name = derivation_name(r, m, &a);
	uint32_t target = lint_target(r->f, str_fmt(&a, "%.*s:%.*s", STR_ARG(r->name), STR_ARG(name)), m->at.lo, m->at.hi);
	struct nix_range at = {m->at.lo, m->at.lo + (uint32_t)str_find(str_of(r->text.p + m->at.lo, m->at.hi - m->at.lo), ' ')};

	find(r, r->f->in_toolchains ? LINT_NIX : LINT_NIX_OUTSIDE, target, at, "'%.*s' is built by Nix", name);
	if (!r->f->in_toolchains)
		find(r, LINT_UNWRAPPED, target, at, "derivation '%.*s' is neither a target nor wrapped as one", name);
	if (kind != MAKER_TEXT && kind != MAKER_OVERRIDE && m->set && !setting(m, "allowedReferences") &&
			!setting(m, "outputHash"))
		find(r, LINT_REFERENCES, target, at, "outputs of '%.*s' may refer to anything", name);
	judge_shell(r, m, target, at, name);
	if (kind == MAKER_TEXT && str_starts(m->text, S("runCommand")))
		find(r, LINT_SHELL, target, at, "'%.*s' runs shell text", name);
	for (size_t i = 0; i < m->nsettings; i++)
		judge_setting(r, &m->settings[i], kind, target);
	arena_clear(&a);
}

static void judge_fetch(struct reading *r, const struct nix_mark *m)
{
	static const char *const fetchers[] = {
		"fetchurl", "fetchTarball", "fetchzip", "fetchgit", "fetchGit", "fetchFromGitHub", "fetchFromGitLab",
		"fetchFromSourcehut", "fetchPypi", "fetchCrate", "fetchpatch", "fetchsvn", "fetchhg", "fetchMercurial", "fetchTree",
	};
	static const char *const hashes[] = {"sha256", "hash", "sha512", "sha1", "md5", "narHash", "outputHash", "rev"};
	bool git = str_eq(m->text, S("fetchGit"));

	if (!IS_AMONG(m->text, fetchers) || (!m->set && m->shape != NIX_SHAPE_TEXT))
		return;
	for (size_t i = 0; i < SL_COUNT(hashes); i++)
		if (setting(m, hashes[i]) && (git || !str_eq(str_c(hashes[i]), S("rev"))))
			return;
	find(r, LINT_NETWORK, LINT_NO_TARGET, m->at, "'%.*s' has no hash", m->text);
}

static void judge_name(struct reading *r, const struct nix_mark *m)
{
	static const char *const impure[] = {"getEnv", "currentTime", "currentSystem", "nixPath", "storePath"};

	if (IS_AMONG(m->text, impure))
		find(r, LINT_IMPURE, LINT_NO_TARGET, m->at, "'%.*s' depends on the machine", m->text);
}

static void judge_text(struct reading *r, const struct nix_mark *m)
{
	if (lint_names_store(m->text))
		find(r, LINT_STORE_PATH, LINT_NO_TARGET, m->at, "a text names /nix/store%.*s", (str){0});
	if (lint_names_drv(m->text))
		find(r, LINT_DRV, LINT_NO_TARGET, m->at, "a text names a .drv file%.*s", (str){0});
}

static void judge_mark(void *ud, const struct nix_mark *m)
{
	struct reading *r = ud;
	enum maker_kind kind;

	switch (m->kind) {
	case NIX_MARK_COMMENT: lint_comment(r->allows, r->f, r->text, m->at.lo, m->at.hi, m->text); break;
	case NIX_MARK_NAME: judge_name(r, m); break;
	case NIX_MARK_TEXT: judge_text(r, m); break;
	case NIX_MARK_SEARCH:
		find(r, LINT_IMPURE, LINT_NO_TARGET, m->at, "<%.*s> is looked for where NIX_PATH says", m->text);
		break;
	case NIX_MARK_CALL:
		kind = maker_of(m->text);
		if (kind != MAKER_NONE)
			judge_maker(r, m, kind);
		judge_fetch(r, m);
		break;
	}
}

/* ---- values ---- */

static str text_of(const struct nix_setting *s, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(s[i].name, str_c(name)))
			return s[i].text;
	return (str){0};
}

/* The target whose attributes these are: the only one, or the one of that name. */
static uint32_t target_of(const struct reading *r, const struct nix_setting *s, size_t n)
{
	struct arena a = {0};
	str name = text_of(s, n, "pname");
	uint32_t found = r->f->targets.n == 1 ? 0 : LINT_NO_TARGET;

	if (!name.n)
		name = text_of(s, n, "name");
	name = str_fmt(&a, ":%.*s", STR_ARG(name));
	for (uint32_t i = 0; i < r->f->targets.n && name.n > 1; i++)
		if (str_ends(r->f->targets.p[i].name, name))
			found = i;
	arena_clear(&a);
	return found;
}

/* Its source says it already: each text begins with the attribute. */
static bool is_said(const struct reading *r, uint32_t target, str name)
{
	struct arena a = {0};
	str quoted = str_fmt(&a, "'%.*s'", STR_ARG(name));
	bool said = false;

	for (size_t i = 0; i < r->f->findings.n && !said; i++)
		said = r->f->findings.p[i].target == target && str_starts(r->f->findings.p[i].text, quoted);
	arena_clear(&a);
	return said;
}

static void judge_values(void *ud, const struct nix_setting *s, size_t n)
{
	struct reading *r = ud;
	uint32_t target = target_of(r, s, n), lo = target == LINT_NO_TARGET ? 0 : r->f->targets.p[target].lo;
	uint32_t hi = lo + (uint32_t)str_find(str_from(r->text, lo), ' ');
	bool raw = text_of(s, n, "builder").n && text_of(s, n, "system").n;

	for (size_t i = 0; i < n; i++) {
		struct nix_setting one = s[i];

		one.at = one.value = (struct nix_range){lo, hi < r->text.n ? hi : (uint32_t)r->text.n};
		if (!is_said(r, target, one.name))
			judge_setting(r, &one, raw ? MAKER_RAW : MAKER_STDENV, target);
	}
}

/* A file without derivations counts as one target: it is Nix all the same. */
static void judge_whole(struct reading *r)
{
	uint32_t target = lint_target(r->f, r->name, 0, (uint32_t)r->text.n);

	find(r, r->f->in_toolchains ? LINT_NIX : LINT_NIX_OUTSIDE, target, (struct nix_range){0, 0}, "'%.*s' is Nix", r->name);
}

void lint_nix(str text, str root, struct lint_file *f)
{
	struct lint_allows allows = {0};
	struct reading r = {f, &allows, text, f->path};

	if (str_starts(f->path, root) && f->path.n > root.n)
		r.name = str_from(f->path, root.n + 1);
	if (!nix_marks(text, f->path, judge_mark, &r, &f->diags))
		return;
	if (!f->targets.n)
		judge_whole(&r);
	lint_attach(f);
	lint_symbolic(f->path, text, judge_values, &r);
	lint_allow_all(&allows, f);
}
