/* An attribute that a derivation of Nix is made with. */
#include "lint_reading.h"

#include <ctype.h>

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
		"outputBin", "outputDev", "outputDevdoc", "outputDevman", "outputDoc", "outputInclude", "outputInfo", "outputLib",
		"outputMan", "setOutputFlags", "propagatedBuildOutputs", "cargoRoot", "cargoBuildFlags", "cargoTestFlags", "buildType",
		"checkType", "buildAndTestSubdir", "buildNoDefaultFeatures", "modRoot", "proxyVendor", "tags", "npmBuildScript",
		"npmFlags", "npmRoot", "pythonPath", "nativeInstallCheckInputs", "mainProgram", "isLibrary", "isExecutable", "license",
		"description", "homepage", "preferHashedMirrors", "userHook", "path", "finalPackage",
	};

	return IS_AMONG(name, names);
}

/* A variable by its looks, whatever its value: a setting of a builder that is not known here has small letters. */
static bool is_variable(str name)
{
	bool letters = false;

	for (size_t i = 0; i < name.n; i++) {
		if (islower((unsigned char)name.p[i]) || name.p[i] == '-')
			return false;
		letters |= isupper((unsigned char)name.p[i]) != 0;
	}
	return letters;
}

/* A null or nothing in it leaves the builder's own. */
static bool is_unset(const struct reading *r, const struct nix_setting *s)
{
	return s->shape == NIX_SHAPE_NULL || ((r->values || s->literal) && s->shape == NIX_SHAPE_TEXT && !s->text.n) ||
	       ((s->shape == NIX_SHAPE_LIST || s->shape == NIX_SHAPE_SET) && !s->items);
}

static void judge_phase(struct reading *r, const struct nix_setting *s, uint32_t target)
{
	reading_find(r, LINT_PHASE, target, s->at, "'%.*s' is a phase of its own", s->name);
	if (!r->f->in_toolchains)
		reading_find(r, LINT_PHASE_SHELL, target, s->at, "'%.*s' is shell text", s->name);
	if (lint_uses_network(s->text))
		reading_find(r, LINT_NETWORK, target, s->at, "'%.*s' uses the network", s->name);
}

static void judge_outputs(struct reading *r, const struct nix_setting *s, uint32_t target)
{
	if (s->shape != NIX_SHAPE_LIST)
		return;
	if (s->items == 0)
		reading_find(r, LINT_OUTPUT, target, s->at, "'%.*s' is empty", s->name);
	else if (str_starts(s->text, S("\n")) || str_find_str(s->text, S("\n\n")) < s->text.n)
		reading_find(r, LINT_OUTPUT, target, s->at, "'%.*s' has one without a name", s->name);
}

/* Is it a folder of the machine, perhaps with some of its files left out? */
static bool is_path(const struct nix_setting *s)
{
	static const char *const filters[] = {
		"cleanSource", "cleanSourceWith", "filterSource", "sourceByRegex", "sourceFilesBySuffices", "gitignoreSource", "toSource",
	};

	return s->shape == NIX_SHAPE_PATH || (s->shape == NIX_SHAPE_CALL && IS_AMONG(s->text, filters));
}

static void judge_variable(struct reading *r, const struct nix_setting *s, uint32_t target)
{
	bool text = s->shape == NIX_SHAPE_TEXT || s->shape == NIX_SHAPE_NUMBER;

	if (!is_known(s->name) && (text || is_variable(s->name)))
		reading_find(r, LINT_ENV, target, s->at, "'%.*s' is an environment variable of the build", s->name);
}

void reading_setting(struct reading *r, const struct nix_setting *s, enum maker_kind kind, uint32_t target)
{
	if (str_eq(s->name, S("outputs")))
		judge_outputs(r, s, target);
	else if (is_unset(r, s))
		return;
	else if (is_phase(s->name))
		judge_phase(r, s, target);
	else if (str_eq(s->name, S("builder")))
		reading_find(r, LINT_BUILDER, target, s->at, "'%.*s' is a path", s->name);
	else if (str_eq(s->name, S("allowSubstitutes")) && s->shape == NIX_SHAPE_FALSE)
		reading_find(r, LINT_SUBSTITUTES, target, s->at, "'%.*s' is false", s->name);
	else if ((str_eq(s->name, S("__impure")) || str_eq(s->name, S("__noChroot"))) && s->shape != NIX_SHAPE_FALSE)
		reading_find(r, LINT_IMPURE, target, s->at, "'%.*s' is set", s->name);
	else if (str_eq(s->name, S("impureEnvVars")))
		reading_find(r, LINT_IMPURE, target, s->at, "'%.*s' lets variables of the machine in", s->name);
	else if ((str_eq(s->name, S("src")) || str_eq(s->name, S("srcs"))) && is_path(s))
		reading_find(r, LINT_SOURCE, target, s->at, "'%.*s' is a path that no digest names", s->name);
	else if (str_eq(s->name, S("env")) && s->shape == NIX_SHAPE_SET)
		reading_find(r, LINT_ENV, target, s->at, "'%.*s' sets environment variables", s->name);
	else if (kind != MAKER_TEXT)
		judge_variable(r, s, target);
}
