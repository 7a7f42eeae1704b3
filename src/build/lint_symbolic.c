/* Nix files are evaluated too, without nixpkgs: a function gets symbols in its place, packages that are only names, and
 * makers of derivations that keep their arguments.  The value of the text below, applied to a file's value, is the list
 * of those arguments.  What needs more than that, or more steps than there are, is judged by its source alone. */
#include "lint_int.h"

#include <straylight/doors.h>

static const char *const lines[] = {
	"file:",
	"let",
	"  inherit (builtins) attrNames concatMap functionArgs intersectAttrs isAttrs isFunction isList isString listToAttrs map mapAttrs;",
	"  fix = f: let x = f x; in x;",
	"  package = name: {",
	"    type = \"derivation\";",
	"    inherit name;",
	"    pname = name;",
	"    version = \"0\";",
	"    outPath = \"/symbolic/${name}\";",
	"    out = package name;",
	"    dev = package name;",
	"    lib = package name;",
	"    meta = { };",
	"    override = _: package name;",
	"    overrideAttrs = change: made (change { });",
	"    overrideDerivation = change: made (change { });",
	"  };",
	"  made = arguments: {",
	"    type = \"derivation\";",
	"    outPath = \"/symbolic/made\";",
	"    out = made arguments;",
	"    dev = made arguments;",
	"    symbolic = if isFunction arguments then fix arguments else arguments;",
	"    override = _: made arguments;",
	"    overrideAttrs = change: made (",
	"      let old = if isFunction arguments then fix arguments else arguments; in old // call2 change old",
	"    );",
	"  };",
	"  call2 = change: old: let once = change old; in if isFunction once then once old else once;",
	"  fetched = _: package \"fetched\";",
	"  lib = {",
	"    optional = c: x: if c then [ x ] else [ ];",
	"    optionals = c: x: if c then x else [ ];",
	"    optionalString = c: x: if c then x else \"\";",
	"    optionalAttrs = c: x: if c then x else { };",
	"    concatStringsSep = builtins.concatStringsSep;",
	"    concatStrings = builtins.concatStringsSep \"\";",
	"    mapAttrs = mapAttrs;",
	"    genAttrs = names: f: listToAttrs (map (name: { inherit name; value = f name; }) names);",
	"    recursiveUpdate = a: b: a // b;",
	"    makeBinPath = _: \"/symbolic/bin\";",
	"    makeLibraryPath = _: \"/symbolic/lib\";",
	"    getBin = x: x;",
	"    getLib = x: x;",
	"    getDev = x: x;",
	"    escapeShellArg = x: x;",
	"    enableFeature = c: name: \"--${if c then \"enable\" else \"disable\"}-${name}\";",
	"    overrideDerivation = drv: change: made (change { });",
	"    licenses = { };",
	"    maintainers = { };",
	"    platforms = { };",
	"  };",
	"  stdenv = {",
	"    mkDerivation = made;",
	"    cc = package \"cc\";",
	"    shell = \"/symbolic/bin/sh\";",
	"    isLinux = true;",
	"    isDarwin = false;",
	"    isx86_64 = true;",
	"    isAarch64 = false;",
	"    system = \"x86_64-linux\";",
	"    inherit lib;",
	"    hostPlatform = platform;",
	"    buildPlatform = platform;",
	"    targetPlatform = platform;",
	"  };",
	"  platform = {",
	"    system = \"x86_64-linux\";",
	"    config = \"x86_64-unknown-linux-gnu\";",
	"    isLinux = true;",
	"    isDarwin = false;",
	"    isx86_64 = true;",
	"    isAarch64 = false;",
	"  };",
	"  run = name: arguments: text: made ({ inherit name; } // arguments);",
	"  known = {",
	"    inherit lib stdenv;",
	"    stdenvNoCC = stdenv;",
	"    clangStdenv = stdenv;",
	"    mkDerivation = made;",
	"    mkShell = made;",
	"    buildGoModule = made;",
	"    buildEnv = made;",
	"    buildPythonPackage = made;",
	"    buildPythonApplication = made;",
	"    buildPerlPackage = made;",
	"    rustPlatform.buildRustPackage = made;",
	"    python3Packages = { buildPythonPackage = made; buildPythonApplication = made; fetchPypi = fetched; };",
	"    haskellPackages.mkDerivation = made;",
	"    fetchurl = fetched;",
	"    fetchzip = fetched;",
	"    fetchgit = fetched;",
	"    fetchpatch = fetched;",
	"    fetchFromGitHub = fetched;",
	"    fetchFromGitLab = fetched;",
	"    runCommand = run;",
	"    runCommandCC = run;",
	"    runCommandLocal = run;",
	"    pkgs = known;",
	"    callPackage = f: _: if isFunction f then call f else f;",
	"  };",
	"  call = f: f (mapAttrs (name: _: known.${name} or (package name)) (required (functionArgs f)));",
	"  required = arguments: listToAttrs (concatMap",
	"    (name: if arguments.${name} && !(known ? ${name}) then [ ] else [{ inherit name; value = null; }])",
	"    (attrNames arguments));",
	"  opened = value: if isFunction value then (if functionArgs value == { } then null else call value) else value;",
	"  found = depth: value:",
	"    if depth == 0 || isFunction value then [ ]",
	"    else if isAttrs value then",
	"      (if value ? symbolic then [ value.symbolic ]",
	"      else if value ? drvAttrs then [ value.drvAttrs ]",
	"      else if value.type or \"\" == \"derivation\" then [ ]",
	"      else concatMap (name: tried depth value.${name}) (attrNames value))",
	"    else if isList value then concatMap (tried depth) value",
	"    else [ ];",
	"  tried = depth: value:",
	"    let all = builtins.tryEval (found (depth - 1) value); in if all.success then all.value else [ ];",
	"in",
	"found 6 (opened file)",
};

#define STEPS_MAX 2000000
#define BYTES_MAX ((size_t)512 << 20)
#define FOUND_MAX 1000 /* derivations of a file */

static void symbolic(struct buf *out)
{
	for (size_t i = 0; i < SL_COUNT(lines); i++)
		buf_fmt(out, "%s\n", lines[i]);
}

/* ---- values as settings ---- */

static void list_shape(struct nix *x, nix_val v, struct nix_setting *out, struct arena *a)
{
	struct buf b = {0};
	nix_val item;
	size_t n = 0;
	str text;

	out->shape = NIX_SHAPE_LIST;
	for (size_t i = 0; nix_list(x, v, &n) && i < n; i++)
		if (nix_item(x, v, i, &item) && nix_kind(x, item) == NIX_STRING && nix_string(x, item, &text)) {
			buf_str(&b, text);
			buf_c(&b, '\n');
		}
	out->items = (uint32_t)n;
	out->text = buf_take(&b, a);
}

static void shape(struct nix *x, nix_val v, struct nix_setting *out, struct arena *a)
{
	str text;
	bool is;

	switch (nix_kind(x, v)) {
	case NIX_STRING:
	case NIX_PATH:
		out->shape = nix_kind(x, v) == NIX_PATH ? NIX_SHAPE_PATH : NIX_SHAPE_TEXT;
		if (nix_string(x, v, &text))
			out->text = str_dup(a, text);
		break;
	case NIX_INT:
	case NIX_FLOAT: out->shape = NIX_SHAPE_NUMBER; break;
	case NIX_BOOL: out->shape = nix_bool(x, v, &is) && is ? NIX_SHAPE_TRUE : NIX_SHAPE_FALSE; break;
	case NIX_NULL: out->shape = NIX_SHAPE_NULL; break;
	case NIX_LIST: list_shape(x, v, out, a); break;
	case NIX_ATTRS: out->shape = NIX_SHAPE_SET; break;
	default: break;
	}
}

/* What says nothing of the build is not evaluated. */
static bool is_skipped(str name)
{
	return str_eq(name, S("meta")) || str_eq(name, S("passthru"));
}

static void tell(struct nix *x, nix_val set, lint_symbolic_fn *fn, void *ud)
{
	struct arena a = {0};
	size_t n = nix_attrs(x, set), kept = 0;
	struct nix_setting *settings = arena_array(&a, struct nix_setting, n + 1);

	for (size_t i = 0; i < n; i++) {
		str name;
		nix_val v;

		if (!nix_attr_at(x, set, i, &name, &v) || is_skipped(name))
			continue;
		settings[kept] = (struct nix_setting){.name = str_dup(&a, name)};
		shape(x, v, &settings[kept++], &a);
	}
	fn(ud, settings, kept);
	arena_clear(&a);
}

/* ---- the file ---- */

static str folder_of(str path)
{
	size_t at = path.n;

	while (at > 1 && path.p[at - 1] != '/')
		at--;
	return str_upto(path, at > 1 ? at - 1 : at);
}

static void unheard(void *ud, str line)
{
	(void)ud;
	(void)line;
}

void lint_symbolic(str path, str own, lint_symbolic_fn *fn, void *ud)
{
	struct arena a = {0};
	struct diags diags = {0};
	struct buf text = {0};
	struct nix_env env = doors_nix(&a, NULL, 0);
	struct nix *x;
	nix_val all, one;
	size_t n = 0;

	env.restricted = true;
	env.fetch = NULL;
	env.keep = NULL;
	env.say = unheard;
	env.nsearch = 0;
	env.limits = (struct nix_limits){.bytes = BYTES_MAX, .steps = STEPS_MAX};
	x = nix_open(&env, &diags);
	buf_lit(&text, "(");
	symbolic(&text);
	buf_lit(&text, ") (\n");
	buf_str(&text, own);
	buf_lit(&text, "\n)");
	if (x && nix_eval_text(x, buf_view(&text), S("(symbolic)"), folder_of(path), &all) && nix_list(x, all, &n))
		for (size_t i = 0; i < n && i < FOUND_MAX; i++)
			if (nix_item(x, all, i, &one) && nix_kind(x, one) == NIX_ATTRS)
				tell(x, one, fn, ud);
	buf_free(&text);
	nix_close(x);
	diags_free(&diags);
	arena_clear(&a);
}
