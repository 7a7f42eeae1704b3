/* Packages of languages with builders of their own: Rust, Haskell, Python.  Each becomes a script that calls the language's own
 * tool over a captured toolchain, without a network: what a package needs of others must be in its sources, or in that. */
#include "convert_package.h"

#define TEXT_MAX ((size_t)64 << 20)

static void put_run(struct package *p, texts *out, const char *program, const texts *arguments)
{
	vec_push(out, str_fmt(&p->c->arena, "C.Run { program = \"%s\", arguments = %s }", program,
			convert_list(p->c, arguments).p));
}

/* Words that are all literals. */
static void put_words(struct package *p, texts *out, const char *program, const char *const *words, size_t n)
{
	texts list = {0};

	for (size_t i = 0; i < n; i++)
		vec_push(&list, str_c(words[i]));
	put_run(p, out, program, &list);
	vec_free(&list);
}

static void hook(struct package *p, const char *name, texts *out)
{
	(void)convert_hook(p, name, out);
}

/* The phases before a builder's own. */
static void begin_script(struct package *p, texts *out)
{
	package_patch_phase(p, out);
	hook(p, "preConfigure", out);
	hook(p, "postConfigure", out);
	hook(p, "preBuild", out);
}

static void end_script(struct package *p, texts *out, const char *toolchain)
{
	hook(p, "postInstall", out);
	hook(p, "preFixup", out);
	hook(p, "postFixup", out);
	p->made->call = S("S.script");
	convert_field(p->c, p->made, "commands", "%s", convert_commands(p->c, out).p);
	convert_field(p->c, p->made, "toolchains", "[ \"%s\" ]", toolchain);
	convert_field(p->c, p->made, "libs", "Some ([] : List Text)");
	if (!map_has(&p->c->toolchains, str_c(toolchain)))
		map_put(&p->c->toolchains, str_c(toolchain), p->c);
	vec_free(out);
}

static void no_tests(struct package *p)
{
	struct setting *s = package_setting(p, "doCheck");

	if (s && !package_has(p, "doCheck")) {
		s->used = true;
		return;
	}
	if (s)
		s->used = true;
	package_noted(p, S("doCheck"), "tests are targets of their own, and its builder's are not run");
}

/* ---- Python ---- */

static bool is_modern(struct package *p)
{
	str format;

	if (package_text(p, "format", &format) && str_eq(format, S("pyproject")))
		return true;
	package_use(p, "pyproject");
	return package_has(p, "pyproject");
}

static void python(struct package *p)
{
	static const char *const build[] = {"setup.py", "build"};
	static const char *const install[] = {"setup.py", "install", "--prefix=@prefix@", "--root=/", "--single-version-externally-managed"};
	static const char *const pip[] = {"-m", "pip", "install", "--no-build-isolation", "--no-deps", "--no-index", "--no-compile",
			"--prefix=@prefix@", "."};
	bool modern = is_modern(p);
	texts all = {0};

	begin_script(p, &all);
	if (!modern)
		put_words(p, &all, "python3", build, SL_COUNT(build));
	hook(p, "postBuild", &all);
	hook(p, "preInstall", &all);
	if (modern)
		put_words(p, &all, "python3", pip, SL_COUNT(pip));
	else
		put_words(p, &all, "python3", install, SL_COUNT(install));
	no_tests(p);
	end_script(p, &all, "python");
}

/* ---- Rust ---- */

static bool has_below(const struct package *p, str folder)
{
	for (size_t i = 0; i < p->files.n; i++)
		if (str_starts(p->files.p[i], folder) && p->files.p[i].n > folder.n && p->files.p[i].p[folder.n] == '/')
			return true;
	return false;
}

/* Cargo.lock names no crate of a registry or repository. */
static bool needs_no_crates(struct package *p)
{
	str top = p->subdir.n ? str_fmt(&p->c->arena, "%.*s/%.*s", STR_ARG(p->c->q->folder), STR_ARG(p->subdir)) : p->c->q->folder;
	struct blob *text = NULL;
	bool none;

	if (!p->local || os_read(str_fmt(&p->c->arena, "%.*s/Cargo.lock", STR_ARG(top)).p, TEXT_MAX, &text) != 0)
		return false;
	none = str_find_str(blob_str(text), S("\nsource = ")) == text->n;
	blob_unref(text);
	return none;
}

/* Where the crates are that it needs: in a folder of the sources, or nowhere. */
static void take_crates(struct package *p, texts *out)
{
	static const char *const names[] = {"cargoHash", "cargoSha256", "cargoLock", "cargoDeps"};
	str folder = S("vendor"), attribute = S("cargoHash");

	(void)package_text(p, "cargoVendorDir", &folder);
	for (size_t i = 0; i < SL_COUNT(names); i++)
		if (package_setting(p, names[i])) {
			package_use(p, names[i]);
			attribute = str_c(names[i]);
		}
	if (has_below(p, folder)) {
		str config = str_fmt(&p->c->arena, "[source.crates-io]\nreplace-with = \"vendored-sources\"\n\n"
				"[source.vendored-sources]\ndirectory = \"%.*s\"\n", STR_ARG(folder));

		vec_push(out, S("C.Mkdir \".cargo\""));
		vec_push(out, str_fmt(&p->c->arena, "C.Write { path = \".cargo/config.toml\", content = %s }",
				convert_quoted(p->c, config).p));
	} else if (!needs_no_crates(p)) {
		package_left(p, attribute, DIAG_CONVERT_LEFT, "put what `cargo vendor` makes into the sources, as 'vendor'",
				"crates come from the network, and builds have none");
	}
}

static void take_features(struct package *p, texts *words)
{
	texts features = {0};
	struct buf b = {0};

	package_use(p, "buildNoDefaultFeatures");
	if (package_has(p, "buildNoDefaultFeatures"))
		vec_push(words, S("--no-default-features"));
	(void)package_words(p, "buildFeatures", &features);
	for (size_t i = 0; i < features.n; i++)
		buf_fmt(&b, "%s%.*s", i ? "," : "--features=", STR_ARG(features.p[i]));
	if (b.n)
		vec_push(words, buf_take(&b, &p->c->arena));
	buf_free(&b);
	vec_free(&features);
	(void)package_words(p, "cargoBuildFlags", words);
}

static void rust(struct package *p)
{
	static const char *const first[] = {"install", "--offline", "--no-track", "--root=@prefix@", "--path"};
	texts all = {0}, words = {0};
	str path = S(".");

	for (size_t i = 0; i < SL_COUNT(first); i++)
		vec_push(&words, str_c(first[i]));
	(void)package_text(p, "buildAndTestSubdir", &path);
	vec_push(&words, path);
	take_features(p, &words);
	package_patch_phase(p, &all);
	take_crates(p, &all);
	hook(p, "preConfigure", &all);
	hook(p, "postConfigure", &all);
	hook(p, "preBuild", &all);
	put_run(p, &all, "cargo", &words);
	hook(p, "postBuild", &all);
	hook(p, "preInstall", &all);
	no_tests(p);
	end_script(p, &all, "cargo");
	vec_free(&words);
}

/* ---- Haskell ---- */

/* What cabal2nix writes that says nothing more. */
static void take_haskell(struct package *p)
{
	static const char *const names[] = {"license", "description", "homepage", "isLibrary", "isExecutable", "maintainers", "platforms",
			"hydraPlatforms", "mainProgram", "sha256", "revision", "editedCabalFile", "doHaddock", "enableLibraryProfiling",
			"enableSharedLibraries", "enableSharedExecutables", "testHaskellDepends", "benchmarkHaskellDepends", "broken"};

	for (size_t i = 0; i < SL_COUNT(names); i++)
		package_use(p, names[i]);
	if (!package_setting(p, "isLibrary") || package_has(p, "isLibrary"))
		package_left(p, S("isLibrary"), DIAG_CONVERT_LEFT, NULL, "a library is not registered for other packages");
}

/* GHC as a distribution has it calls gcc by the name of its triple, which is not captured, and makes code that is not PIE. */
static void haskell(struct package *p)
{
	static const char *const make[] = {"--make", "-optl-no-pie", "-pgma", "gcc", "-pgmc", "gcc", "-pgml", "gcc", "Setup"};
	static const char *const build[] = {"build"}, *const copy[] = {"copy"};
	texts all = {0}, words = {0};

	take_haskell(p);
	begin_script(p, &all);
	if (p->local && !package_file(p, "Setup.hs") && !package_file(p, "Setup.lhs"))
		vec_push(&all, S("C.Write { path = \"Setup.hs\", content = \"import Distribution.Simple\\nmain = defaultMain\\n\" }"));
	vec_push(&words, S("configure"));
	vec_push(&words, S("--prefix=@prefix@"));
	vec_push(&words, S("--with-gcc=gcc"));
	vec_push(&words, S("--ghc-options=-optl-no-pie -pgma gcc -pgmc gcc -pgml gcc"));
	(void)package_words(p, "configureFlags", &words);
	put_words(p, &all, "ghc", make, SL_COUNT(make));
	put_run(p, &all, "./Setup", &words);
	put_words(p, &all, "./Setup", build, SL_COUNT(build));
	hook(p, "postBuild", &all);
	hook(p, "preInstall", &all);
	put_words(p, &all, "./Setup", copy, SL_COUNT(copy));
	no_tests(p);
	end_script(p, &all, "ghc");
	vec_free(&words);
}

bool package_by_language(struct package *p, str maker)
{
	static const struct {
		const char *maker;
		void (*convert)(struct package *);
	} rows[] = {{"buildPythonPackage", python}, {"buildRustPackage", rust}, {"haskell", haskell}};

	if (package_has(p, "buildPhase") || package_has(p, "installPhase"))
		return false;
	/* A file of cabal2nix has Haskell's mkDerivation for a parameter. */
	if (str_eq(maker, S("mkDerivation")) && (package_setting(p, "libraryHaskellDepends") || package_setting(p, "executableHaskellDepends")))
		maker = S("haskell");
	for (size_t i = 0; i < SL_COUNT(rows); i++)
		if (str_eq(maker, str_c(rows[i].maker))) {
			rows[i].convert(p);
			return true;
		}
	return false;
}
