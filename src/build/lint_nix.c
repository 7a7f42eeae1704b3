/* A Nix file: its source, with what calls are given. */
#include "lint_reading.h"

#include <ctype.h>

/* ---- findings ---- */

void reading_find(struct reading *r, enum lint_rule_id rule, uint32_t target, struct nix_range at, const char *what, str name)
{
	struct lint_file *f = r->f;
	struct arena a = {0};
	bool said = false;

	if (r->place)
		target = r->place->target;
	if (r->values) {
		str text = str_fmt(&a, what, STR_ARG(name));

		for (size_t i = 0; i < f->findings.n && !said; i++)
			said = f->findings.p[i].rule == rule && f->findings.p[i].target == target && str_eq(f->findings.p[i].text, text);
	}
	if (r->place)
		at = (struct nix_range){r->place->lo, r->place->hi};
	if (!said)
		lint_find(f, rule, target, r->file, at.lo, at.hi, what, STR_ARG(name));
	arena_clear(&a);
}

bool reading_is_among(str name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(name, str_c(names[i])))
			return true;
	return false;
}

enum maker_kind maker_of(str function)
{
	static const char *const stdenv[] = {
		"mkDerivation", "buildRustPackage", "buildPythonPackage", "buildPythonApplication", "buildGoModule",
		"buildGoPackage", "buildPerlPackage", "buildNpmPackage", "buildRubyGem", "buildDunePackage", "mkShell",
		"mkShellNoCC", "buildEnv", "buildRustCrate", "buildDotnetModule", "buildBazelPackage", "mkYarnPackage", "buildLuarocksPackage",
		"buildVimPlugin", "buildFHSEnv", "buildFHSUserEnv", "callCabal2nix",
	};
	static const char *const raw[] = {"derivation", "derivationStrict"};
	static const char *const override[] = {"overrideAttrs", "overrideDerivation", "overridePythonAttrs", "overrideCabal"};
	static const char *const shell[] = {"runCommand", "runCommandCC", "runCommandLocal", "runCommandNoCC"};
	static const char *const texts[] = {
		"writeText", "writeTextFile", "writeTextDir",
		"writeScript", "writeScriptBin", "writeShellScript", "writeShellScriptBin", "writeShellApplication", "symlinkJoin",
		"linkFarm", "linkFarmFromDrvs", "substituteAll", "concatText", "concatTextFile", "makeSetupHook", "buildImage",
		"buildLayeredImage", "streamLayeredImage",
	};

	if (IS_AMONG(function, stdenv))
		return MAKER_STDENV;
	if (IS_AMONG(function, raw))
		return MAKER_RAW;
	if (IS_AMONG(function, override))
		return MAKER_OVERRIDE;
	if (IS_AMONG(function, shell))
		return MAKER_SHELL;
	return IS_AMONG(function, texts) ? MAKER_TEXT : MAKER_NONE;
}

/* ---- calls ---- */

static const struct nix_setting *setting(const struct nix_mark *m, const char *name)
{
	for (size_t i = 0; i < m->nsettings; i++)
		if (str_eq(m->settings[i].name, str_c(name)))
			return &m->settings[i];
	return NULL;
}

static str derivation_name(const struct nix_mark *m, struct arena *a)
{
	const struct nix_setting *s = setting(m, "pname");

	if (!s || !s->text.n)
		s = setting(m, "name");
	if (s && s->text.n)
		return s->text;
	if (m->shape == NIX_SHAPE_TEXT && m->argument.n)
		return m->argument;
	return str_fmt(a, "%.*s@%u", STR_ARG(m->text), m->at.lo);
}

/* builder = "/bin/sh"; args = [ "-c" … ]. */
static void judge_shell(struct reading *r, const struct nix_mark *m, uint32_t target, struct nix_range at, str name)
{
	const struct nix_setting *builder = setting(m, "builder"), *args = setting(m, "args");
	struct arena a = {0};
	str rest = args ? args->text : (str){0}, *words = arena_array(&a, str, args ? args->items + 2 : 1);
	size_t n = 1;

	words[0] = builder ? builder->text : (str){0};
	while (args && rest.n && n < args->items + 2)
		str_cut(rest, '\n', &words[n++], &rest);
	if (builder && n < 3 && n > 1 && args->items >= n)
		words[n++] = S("?"); /* it is interpolated */
	if (lint_command_is_script(words, n))
		reading_find(r, LINT_SHELL, target, at, "'%.*s' runs shell text", name);
	if (lint_command_fetches(words, n))
		reading_find(r, LINT_NETWORK, target, at, "'%.*s' uses the network", name);
	arena_clear(&a);
}

static bool is_bounded(const struct nix_mark *m)
{
	const struct nix_setting *references = setting(m, "allowedReferences");

	return (references && references->shape != NIX_SHAPE_NULL) || setting(m, "outputHash");
}

/* How a derivation is made: what phase 1 says of it. */
static void judge_making(struct reading *r, const struct nix_mark *m, enum maker_kind kind, uint32_t target, struct nix_range at, str name)
{
	if ((kind == MAKER_STDENV || kind == MAKER_RAW) && m->set && !is_bounded(m))
		reading_find(r, LINT_REFERENCES, target, at, "outputs of '%.*s' may refer to anything", name);
	judge_shell(r, m, target, at, name);
	if (kind == MAKER_SHELL) {
		reading_find(r, LINT_SHELL, target, at, "'%.*s' runs shell text", name);
		if (lint_uses_network(m->last))
			reading_find(r, LINT_NETWORK, target, at, "'%.*s' uses the network", name);
	}
	for (size_t i = 0; i < m->nsettings; i++)
		reading_setting(r, &m->settings[i], kind, target);
}

static void judge_maker(struct reading *r, const struct nix_mark *m, enum maker_kind kind)
{
	struct arena a = {0};
	str name = derivation_name(m, &a);
	uint32_t target = lint_target(r->f, str_fmt(&a, "%.*s:%.*s", STR_ARG(r->name), STR_ARG(name)), m->at.lo, m->at.hi);
	struct nix_range at = {m->at.lo, m->at.lo + (uint32_t)str_find(str_of(r->text.p + m->at.lo, m->at.hi - m->at.lo), ' ')};

	vec_push(&r->makers, kind);
	reading_find(r, r->f->in_toolchains ? LINT_NIX : LINT_NIX_OUTSIDE, target, at, "'%.*s' is built by Nix", name);
	if (!r->f->in_toolchains)
		reading_find(r, LINT_UNWRAPPED, target, at, "derivation '%.*s' is neither a target nor wrapped as one", name);
	judge_making(r, m, kind, target, at, name);
	arena_clear(&a);
}

/* An empty one stands for a hash that is not known yet. */
static bool says_hash(const struct nix_setting *s)
{
	return s && s->shape != NIX_SHAPE_NULL && !(s->shape == NIX_SHAPE_TEXT && s->literal && !s->text.n);
}

/* 40 digits in base 16 somewhere. */
static bool names_commit(str url)
{
	size_t digits = 0;

	for (size_t i = 0; i < url.n && digits < 40; i++)
		digits = isxdigit((unsigned char)url.p[i]) ? digits + 1 : 0;
	return digits == 40;
}

static void judge_fetch(struct reading *r, const struct nix_mark *m)
{
	static const char *const fetchers[] = {
		"fetchurl", "fetchTarball", "fetchzip", "fetchgit", "fetchGit", "fetchFromGitHub", "fetchFromGitLab",
		"fetchFromSourcehut", "fetchPypi", "fetchCrate", "fetchpatch", "fetchsvn", "fetchhg", "fetchMercurial", "fetchTree",
	};
	static const char *const hashes[] = {"sha256", "hash", "sha512", "sha1", "md5", "narHash", "outputHash", "rev"};
	bool git = str_eq(m->text, S("fetchGit"));

	if (str_eq(m->text, S("getFlake")) && m->shape == NIX_SHAPE_TEXT && !names_commit(m->argument))
		reading_find(r, LINT_NETWORK, LINT_NO_TARGET, m->at, "'%.*s' names no commit", m->text);
	if (!IS_AMONG(m->text, fetchers) || (!m->set && m->shape != NIX_SHAPE_TEXT))
		return;
	for (size_t i = 0; i < SL_COUNT(hashes); i++)
		if (says_hash(setting(m, hashes[i])) && (git || !str_eq(str_c(hashes[i]), S("rev"))))
			return;
	reading_find(r, LINT_NETWORK, LINT_NO_TARGET, m->at, "'%.*s' has no hash", m->text);
}

static void judge_name(struct reading *r, const struct nix_mark *m)
{
	static const char *const impure[] = {"getEnv", "currentTime", "currentSystem", "nixPath", "storePath"};

	if (IS_AMONG(m->text, impure))
		reading_find(r, LINT_IMPURE, LINT_NO_TARGET, m->at, "'%.*s' depends on the machine", m->text);
}

static void judge_text(struct reading *r, const struct nix_mark *m)
{
	if (lint_names_store(m->text))
		reading_find(r, LINT_STORE_PATH, LINT_NO_TARGET, m->at, "a text names /nix/store%.*s", (str){0});
	if (lint_names_drv(m->text))
		reading_find(r, LINT_DRV, LINT_NO_TARGET, m->at, "a text names a .drv file%.*s", (str){0});
}

static void judge_mark(void *ud, const struct nix_mark *m)
{
	struct reading *r = ud;
	enum maker_kind kind;

	switch (m->kind) {
	case NIX_MARK_COMMENT: lint_comment(r->f, r->text, m->at.lo, m->at.hi, m->text); break;
	case NIX_MARK_NAME: judge_name(r, m); break;
	case NIX_MARK_TEXT: judge_text(r, m); break;
	case NIX_MARK_SEARCH:
		reading_find(r, LINT_IMPURE, LINT_NO_TARGET, m->at, "<%.*s> is looked for where NIX_PATH says", m->text);
		break;
	case NIX_MARK_CALL:
		kind = maker_of(m->text);
		if (kind != MAKER_NONE)
			judge_maker(r, m, kind);
		judge_fetch(r, m);
		break;
	}
}

/* A file without derivations counts as one target: it is Nix all the same. */
static void judge_whole(struct reading *r)
{
	uint32_t target = lint_target(r->f, r->name, 0, (uint32_t)r->text.n);

	reading_find(r, r->f->in_toolchains ? LINT_NIX : LINT_NIX_OUTSIDE, target, (struct nix_range){0, 0}, "'%.*s' is Nix", r->name);
}

void lint_nix(str text, str root, struct lint_file *f)
{
	struct reading r = {.f = f, .text = text, .name = f->path, .root = root, .file = f->path};

	if (str_starts(f->path, root) && f->path.n > root.n)
		r.name = str_from(f->path, root.n + 1);
	if (!nix_marks(text, f->path, judge_mark, &r, &f->diags))
		return;
	if (!f->targets.n)
		judge_whole(&r);
	lint_hosts_find(f);
	lint_attach(f);
	reading_arguments(&r);
	lint_allow_all(f);
	vec_free(&r.makers);
	vec_free(&r.bounded);
	vec_free(&r.free);
}

/* ---- an expression in another language's text ---- */

static void judge_inner(void *ud, const struct nix_mark *m)
{
	struct reading *r = ud;
	enum maker_kind kind = m->kind == NIX_MARK_CALL ? maker_of(m->text) : MAKER_NONE;
	struct arena a = {0};

	if (kind != MAKER_NONE)
		judge_making(r, m, kind, r->place->target, m->at, derivation_name(m, &a));
	if (m->kind == NIX_MARK_CALL)
		judge_fetch(r, m);
	arena_clear(&a);
}

void lint_expression(str text, const struct lint_place *p, struct lint_file *f)
{
	struct reading r = {.f = f, .text = text, .file = p->file, .place = p};
	struct diags unheard = {0};
	size_t before = f->findings.n;

	(void)!nix_marks(text, S("(expression)"), judge_inner, &r, &unheard);
	for (size_t i = before; i < f->findings.n; i++)
		f->findings.p[i].wrapped = true;
	diags_free(&unheard);
}
