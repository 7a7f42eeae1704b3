/* stdenv.mkDerivation and its kin. */
#include "convert_int.h"

#include <straylight/nixhash.h>
#include <straylight/nixstore.h>
#include <straylight/storepath.h>

/* ---- settings ---- */

struct setting *package_setting(struct package *p, const char *name)
{
	for (size_t i = 0; i < p->nsettings; i++)
		if (str_eq(p->settings[i].name, str_c(name)))
			return &p->settings[i];
	return NULL;
}

bool package_has(struct package *p, const char *name)
{
	struct setting *s = package_setting(p, name);
	str text;
	bool is;
	size_t n;

	switch (s ? nix_kind(p->c->x, s->value) : NIX_NONE) {
	case NIX_NONE:
	case NIX_NULL: return false;
	case NIX_BOOL: return nix_bool(p->c->x, s->value, &is) && is;
	case NIX_STRING: return nix_string(p->c->x, s->value, &text) && text.n;
	case NIX_LIST: return nix_list(p->c->x, s->value, &n) && n;
	default: return true;
	}
}

void package_left(struct package *p, str attribute, enum diag_code code, const char *hint, const char *fmt, ...)
{
	va_list ap;
	str why;

	va_start(ap, fmt);
	why = str_vfmt(&p->c->arena, fmt, ap);
	va_end(ap);
	convert_left(p->c, p->made, code, attribute, hint, "%.*s", STR_ARG(why));
}

static bool coerce_to(struct package *p, nix_val v, struct buf *out, unsigned depth)
{
	struct nix *x = p->c->x;
	nix_val item;
	str text;
	size_t n;
	bool is;

	switch (nix_kind(x, v)) {
	case NIX_NULL: return true;
	case NIX_BOOL:
		if (nix_bool(x, v, &is) && is)
			buf_c(out, '1');
		return true;
	case NIX_STRING:
	case NIX_PATH:
		if (!nix_string(x, v, &text))
			return false;
		buf_str(out, text);
		return true;
	case NIX_INT: return nix_print(x, v, false, out);
	case NIX_ATTRS:
		if (!convert_text_of(p->c, v, "outPath", &text))
			return false;
		(void)convert_derivation(p->c, v);
		buf_str(out, text);
		return true;
	case NIX_LIST:
		if (depth > 8 || !nix_list(x, v, &n))
			return false;
		for (size_t i = 0; i < n; i++) {
			if (i)
				buf_c(out, ' ');
			if (!nix_item(x, v, i, &item) || !coerce_to(p, item, out, depth + 1))
				return false;
		}
		return true;
	default: return false;
	}
}

bool package_coerce(struct package *p, nix_val v, str *out)
{
	struct buf b = {0};
	bool ok = coerce_to(p, v, &b, 0);

	*out = buf_take(&b, &p->c->arena);
	return ok;
}

bool package_text(struct package *p, const char *name, str *out)
{
	struct setting *s = package_setting(p, name);

	if (!s)
		return false;
	s->used = true;
	return package_coerce(p, s->value, out);
}

/* ---- texts with paths in them ---- */

static bool is_path_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("._+-:=?", c) != NULL);
}

/* A variable that holds the path of a label or source; "@NAME@". */
static str locate(struct package *p, str name, str what)
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
	row = str_fmt(&p->c->arena, "%.*s = %.*s", STR_ARG(name), STR_ARG(convert_quoted(p->c, what)));
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
			buf_str(out, locate(p, m->name, str_fmt(&p->c->arena, ":%.*s", STR_ARG(m->name))));
			return true;
		}
		package_left(p, attribute, DIAG_CONVERT_LEFT, "give it as a dependency, too", "it holds the path of '%.*s', which is no target here",
				STR_ARG(str_from(name, 1)));
		return false;
	}
	switch (convert_use(p->c, name, &text)) {
	case DEP_LABEL: buf_str(out, locate(p, name, text)); return true;
	case DEP_HOST:
	case DEP_PROGRAM:
	case DEP_NOTHING: buf_lit(out, "/usr"); return true;
	case DEP_UNKNOWN: break;
	}
	package_left(p, attribute, DIAG_CONVERT_DEP, "say in a table what stands for it: --table=FILE", "it holds the path of the package '%.*s'",
			STR_ARG(name));
	return false;
}

/* A source that was copied into the store. */
static bool stored_path(struct package *p, str attribute, str path, struct buf *out)
{
	bool filtered;
	str from = symbolic_source(p->c->y, path, &filtered), relative;

	if (from.n && !filtered && convert_relative(p->c, from, &relative)) {
		buf_str(out, locate(p, relative, relative));
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

			if (str_starts(text, form) && (k < 2 || !is_path_byte(next) || strchr(".:-+=?", next)))
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
	str text, word, rest;
	bool ok = true;

	if (!package_setting(p, name))
		return true;
	if (!package_text(p, name, &text)) {
		package_left(p, str_c(name), DIAG_CONVERT_LEFT, NULL, "it is no list of texts");
		return false;
	}
	for (rest = str_trim(text); rest.n; rest = str_trim(rest)) {
		size_t n = 0;

		while (n < rest.n && !strchr(" \t\n", rest.p[n]))
			n++;
		word = str_upto(rest, n);
		rest = str_from(rest, n);
		if (package_flag(p, str_c(name), word, &word))
			vec_push(out, word);
		else
			ok = false;
	}
	return ok;
}

/* ---- dependencies ---- */

static void add_once(texts *list, str text)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->p[i], text))
			return;
	vec_push(list, text);
}

void package_item(struct converting *c, struct package *p, str attribute, nix_val v, bool linked)
{
	struct made *m;
	str name, text;

	(void)linked;
	if (nix_kind(c->x, v) == NIX_NULL)
		return;
	if (convert_text_of(c, v, "symbol", &name)) {
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
		package_item(p->c, p, str_c(name), v, true);
		return;
	}
	for (size_t i = 0; depth < 8 && nix_list(p->c->x, v, &n) && i < n; i++)
		if (nix_item(p->c->x, v, i, &item))
			take_list(p, name, item, depth + 1);
}

static void take_deps(struct package *p)
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

static bool uses(struct package *p, const char *symbol_name)
{
	for (size_t i = 0; i < SL_COUNT(dep_names); i++) {
		struct setting *s = package_setting(p, dep_names[i]);

		if (s && list_has(p->c, s->value, symbol_name, 0))
			return true;
	}
	return false;
}

/* ---- sources ---- */

static void take_local(struct package *p, str attribute, str path)
{
	str relative;
	struct stat st;

	if (!convert_relative(p->c, path, &relative)) {
		package_left(p, attribute, DIAG_CONVERT_LEFT, "write the BUILD.dhall above them: -o", "'%.*s' lies outside of the package's folder",
				STR_ARG(path));
		return;
	}
	if (stat(str_dup(&p->c->arena, path).p, &st) != 0) {
		package_left(p, attribute, DIAG_CONVERT_LEFT, NULL, "'%.*s' is not there", STR_ARG(relative));
		return;
	}
	p->local = true;
	if (!S_ISDIR(st.st_mode)) {
		if (str_ends(path, S(".gz")) || str_ends(path, S(".xz")) || str_ends(path, S(".bz2")) || str_ends(path, S(".zip")))
			package_left(p, attribute, DIAG_CONVERT_LEFT, "unpack it", "'%.*s' is an archive in the package", STR_ARG(relative));
		vec_push(&p->srcs, relative);
		return;
	}
	if (!convert_files(p->c, p->made, attribute, path, &p->srcs))
		return;
	p->subdir = relative;
	for (size_t i = 0; i < p->srcs.n; i++)
		vec_push(&p->files, relative.n ? str_from(p->srcs.p[i], relative.n + 1) : p->srcs.p[i]);
}

static void take_source(struct package *p, str attribute, nix_val v)
{
	struct converting *c = p->c;
	const struct nix_fetch *builtin;
	bool filtered = false;
	str path = {0}, label, from;

	if (nix_kind(c->x, v) == NIX_ATTRS && convert_text_of(c, v, "fetcher", &path)) {
		label = convert_fetch(c, p->made, attribute, v, true);
		if (label.p)
			vec_push(&p->srcs, label);
		return;
	}
	if (nix_kind(c->x, v) == NIX_ATTRS && convert_text_of(c, v, "symbol", &path)) {
		package_item(c, p, attribute, v, false);
		package_left(p, attribute, DIAG_CONVERT_LEFT, NULL, "its sources are those of the package '%.*s'", STR_ARG(path));
		return;
	}
	if (nix_kind(c->x, v) == NIX_ATTRS && convert_text_of(c, v, "maker", &path)) {
		struct made *m = convert_derivation(c, v);

		if (m && m->call.n)
			vec_push(&p->srcs, str_fmt(&c->arena, ":%.*s", STR_ARG(m->name)));
		return;
	}
	if (!package_coerce(p, v, &path)) {
		package_left(p, attribute, DIAG_CONVERT_LEFT, NULL, "it is no path and no fetch");
		return;
	}
	builtin = symbolic_fetched(c->y, path);
	if (builtin) {
		label = convert_builtin_fetch(c, p->made, attribute, builtin, true);
		if (label.p)
			vec_push(&p->srcs, label);
		return;
	}
	from = symbolic_source(c->y, path, &filtered);
	if (filtered)
		package_left(p, attribute, DIAG_CONVERT_LEFT, "list the files that are meant", "a function chooses among its files, and all are taken");
	take_local(p, attribute, from.n ? from : path);
}

static void take_sources(struct package *p)
{
	struct setting *s = package_setting(p, "src"), *all = package_setting(p, "srcs");
	nix_val item;
	size_t n = 0;
	str root, rest;

	if (s && nix_kind(p->c->x, s->value) != NIX_NULL)
		take_source(p, S("src"), s->value);
	if (s)
		s->used = true;
	if (all) {
		all->used = true;
		if (nix_kind(p->c->x, all->value) == NIX_LIST && nix_list(p->c->x, all->value, &n) && n == 1 &&
				nix_item(p->c->x, all->value, 0, &item))
			take_source(p, S("srcs"), item);
		else if (!s)
			package_left(p, S("srcs"), DIAG_CONVERT_LEFT, NULL, "there is more than one source");
	}
	if (package_text(p, "sourceRoot", &root)) {
		if (str_starts(root, S("./")))
			root = str_from(root, 2);
		if (str_find(root, '$') < root.n)
			package_left(p, S("sourceRoot"), DIAG_CONVERT_LEFT, NULL, "it depends on variables");
		else if (str_cut(root, '/', &root, &rest))
			p->subdir = p->subdir.n ? str_fmt(&p->c->arena, "%.*s/%.*s", STR_ARG(p->subdir), STR_ARG(rest)) : rest;
	}
	rest = S("");
	if (package_text(p, "cmakeDir", &rest) && rest.n)
		package_left(p, S("cmakeDir"), DIAG_CONVERT_LEFT, NULL, "the rule builds the topmost directory");
}

static void take_patch(struct package *p, nix_val v, texts *out)
{
	str path, label, relative;
	bool filtered;

	if (nix_kind(p->c->x, v) == NIX_NULL)
		return;
	if (nix_kind(p->c->x, v) == NIX_ATTRS && convert_text_of(p->c, v, "fetcher", &path)) {
		label = convert_fetch(p->c, p->made, S("patches"), v, false);
		if (label.p)
			vec_push(out, label);
		return;
	}
	if (!package_coerce(p, v, &path)) {
		package_left(p, S("patches"), DIAG_CONVERT_LEFT, NULL, "one of them is no file");
		return;
	}
	if (symbolic_source(p->c->y, path, &filtered).n)
		path = symbolic_source(p->c->y, path, &filtered);
	if (convert_relative(p->c, path, &relative))
		vec_push(out, relative);
	else
		package_left(p, S("patches"), DIAG_CONVERT_LEFT, NULL, "'%.*s' lies outside of the package's folder", STR_ARG(path));
}

/* The rule applies patches before all commands, and in the topmost directory. */
static void put_patches(struct package *p, const texts *list, char strip)
{
	if (!p->subdir.n && !package_has(p, "prePatch") && list->n) {
		convert_field(p->c, p->made, "patches", "%.*s", STR_ARG(convert_list(p->c, list)));
		if (strip != '1')
			convert_field(p->c, p->made, "patch_strip", "%c", strip);
		return;
	}
	for (size_t i = 0; i < list->n; i++)
		vec_push(&p->patches, str_fmt(&p->c->arena, "C.Patch { file = %.*s, strip = %c }",
				STR_ARG(convert_quoted(p->c, locate(p, list->p[i], list->p[i]))), strip));
}

static void take_patches(struct package *p)
{
	struct setting *s = package_setting(p, "patches");
	texts list = {0};
	nix_val item;
	size_t n = 0;
	char strip = '1';
	str flags;

	if (!s)
		return;
	s->used = true;
	if (nix_kind(p->c->x, s->value) == NIX_LIST) {
		for (size_t i = 0; nix_list(p->c->x, s->value, &n) && i < n; i++)
			if (nix_item(p->c->x, s->value, i, &item))
				take_patch(p, item, &list);
	} else {
		take_patch(p, s->value, &list);
	}
	if (package_text(p, "patchFlags", &flags) && str_trim(flags).n) {
		flags = str_trim(flags);
		if (flags.n == 3 && str_starts(flags, S("-p")) && flags.p[2] >= '0' && flags.p[2] <= '9')
			strip = flags.p[2];
		else
			package_left(p, S("patchFlags"), DIAG_CONVERT_LEFT, NULL, "'%.*s' is more than a -p", STR_ARG(flags));
	}
	put_patches(p, &list, strip);
	vec_free(&list);
}

/* ---- build systems ---- */

enum system { SYSTEM_AUTOTOOLS, SYSTEM_CMAKE, SYSTEM_MESON, SYSTEM_MAKE };

static bool has_file(const struct package *p, const char *name)
{
	for (size_t i = 0; i < p->files.n; i++)
		if (str_eq(p->files.p[i], str_c(name)))
			return true;
	return false;
}

static bool does_nothing(struct package *p, const char *name)
{
	struct setting *s = package_setting(p, name);
	str text;

	if (!s || !package_coerce(p, s->value, &text))
		return false;
	text = str_trim(text);
	return !text.n || str_eq(text, S("true")) || str_eq(text, S(":")) || str_eq(text, S("runHook preConfigure\nrunHook postConfigure"));
}

static bool phase_runs(struct package *p, const char *phase, const char *dont)
{
	struct setting *s = package_setting(p, "phases");
	str list;

	if (package_has(p, dont))
		return false;
	if (s && package_coerce(p, s->value, &list)) {
		struct buf b = {0};
		bool in;

		buf_fmt(&b, " %.*s ", STR_ARG(list));
		for (size_t i = 0; i < b.n; i++)
			if (b.p[i] == '\n')
				b.p[i] = ' ';
		in = str_find_str(buf_view(&b), str_fmt(&p->c->arena, " %s ", phase)) < b.n;
		buf_free(&b);
		return in;
	}
	return true;
}

static enum system system_of(struct package *p)
{
	bool configures = phase_runs(p, "configurePhase", "dontConfigure") && !does_nothing(p, "configurePhase");

	if (package_setting(p, "configurePhase") || !configures)
		return SYSTEM_MAKE;
	if (uses(p, "meson") && !package_has(p, "dontUseMesonConfigure"))
		return SYSTEM_MESON;
	if (uses(p, "cmake") && !package_has(p, "dontUseCmakeConfigure"))
		return SYSTEM_CMAKE;
	if (p->local && !has_file(p, "configure") && !uses(p, "autoreconfHook") && !package_setting(p, "configureScript"))
		return SYSTEM_MAKE;
	return SYSTEM_AUTOTOOLS;
}

static void field_words(struct package *p, const char *field, texts *words)
{
	if (words->n)
		convert_field(p->c, p->made, field, "%.*s", STR_ARG(convert_list(p->c, words)));
	vec_free(words);
}

static void take_words(struct package *p, const char *name, const char *field)
{
	texts words = {0};

	(void)package_words(p, name, &words);
	field_words(p, field, &words);
}

/* -DNAME=VALUE, and -Dname:type=value. */
static void take_definitions(struct package *p, const char *name, const char *field)
{
	texts words = {0}, flags = {0};
	struct buf b = {0};

	(void)package_words(p, name, &words);
	for (size_t i = 0; i < words.n; i++) {
		str key, value;

		if (!str_starts(words.p[i], S("-D")) || !str_cut(str_from(words.p[i], 2), '=', &key, &value)) {
			vec_push(&flags, words.p[i]);
			continue;
		}
		buf_fmt(&b, "%s{ name = %.*s, value = %.*s }", b.n ? ", " : "[ ", STR_ARG(convert_quoted(p->c, key)),
				STR_ARG(convert_quoted(p->c, value)));
	}
	if (b.n)
		convert_field(p->c, p->made, field, "%.*s ]", STR_ARG(buf_view(&b)));
	buf_free(&b);
	vec_free(&words);
	field_words(p, "flags", &flags);
}

static void all_make_words(struct package *p, const char *more, texts *out)
{
	(void)package_words(p, "makeFlags", out);
	(void)package_words(p, more, out);
}

static void take_make(struct package *p, bool configured)
{
	texts flags = {0}, build = {0}, install = {0}, targets = {0}, install_targets = {0};
	bool prefix = false;
	str file;

	(void)package_words(p, "makeFlags", &flags);
	for (size_t i = 0; i < flags.n; i++)
		prefix |= str_starts(flags.p[i], S("PREFIX=")) || str_starts(flags.p[i], S("prefix="));
	if (package_text(p, "makefile", &file) && file.n) {
		vec_push(&flags, S("-f"));
		vec_push(&flags, file);
	}
	(void)package_words(p, "buildFlags", &build);
	(void)package_words(p, "buildTargets", &targets);
	for (size_t i = 0; i < build.n; i++)
		vec_push(&targets, build.p[i]);
	(void)package_words(p, "installFlags", &install);
	for (size_t i = 0; i < install.n; i++)
		prefix |= str_starts(install.p[i], S("PREFIX=")) || str_starts(install.p[i], S("prefix="));
	(void)package_words(p, "installTargets", &install_targets);
	if (!configured)
		convert_field(p->c, p->made, "prefix_variable", "%s", prefix ? "\"\"" : "\"prefix\"");
	vec_free(&build);
	field_words(p, "make_flags", &flags);
	field_words(p, "make_targets", &targets);
	field_words(p, "install_flags", &install);
	field_words(p, "install_targets", &install_targets);
}

static void take_check(struct package *p, bool possible)
{
	texts targets = {0}, flags = {0};
	bool wanted = package_has(p, "doCheck") || package_has(p, "doInstallCheck");
	static const char *const names[] = {"doCheck", "doInstallCheck"};

	for (size_t i = 0; i < SL_COUNT(names); i++)
		if (package_setting(p, names[i]))
			package_setting(p, names[i])->used = true;
	(void)package_words(p, "checkTarget", &targets);
	(void)package_words(p, "checkFlags", &flags);
	if (package_has(p, "doCheck") && possible) {
		convert_field(p->c, p->made, "check", "True");
		if (targets.n || flags.n) {
			for (size_t i = 0; i < flags.n; i++)
				vec_push(&targets, flags.p[i]);
			convert_field(p->c, p->made, "check_targets", "%.*s", STR_ARG(convert_list(p->c, &targets)));
		}
	} else if (wanted) {
		package_left(p, package_has(p, "doCheck") ? S("doCheck") : S("doInstallCheck"), DIAG_CONVERT_LEFT, NULL,
				"its tests are not those of the rule");
	}
	vec_free(&targets);
	vec_free(&flags);
}

/* ---- phases ---- */

/* Those that no rule has a place for. */
static bool is_scripted(struct package *p)
{
	static const char *const names[] = {"buildPhase", "installPhase", "postConfigure", "preBuild", "postBuild", "preInstall",
			"buildCommand", "configurePhase"};

	for (size_t i = 0; i < SL_COUNT(names); i++)
		if (package_has(p, names[i]) && !(str_eq(str_c(names[i]), S("configurePhase")) && does_nothing(p, "configurePhase")))
			return true;
	return !phase_runs(p, "buildPhase", "dontBuild") || !phase_runs(p, "installPhase", "dontInstall") ||
			does_nothing(p, "buildPhase") || does_nothing(p, "installPhase");
}

static str make_command(struct package *p, const char *more, const char *target)
{
	texts words = {0};
	str all;

	all_make_words(p, more, &words);
	if (target)
		vec_push(&words, str_c(target));
	all = str_fmt(&p->c->arena, "C.Make %.*s", STR_ARG(convert_list(p->c, &words)));
	vec_free(&words);
	return all;
}

static void default_configure(struct package *p, texts *out)
{
	texts words = {0};

	vec_push(&words, S("--prefix=@prefix@"));
	(void)package_words(p, "configureFlags", &words);
	vec_push(out, str_fmt(&p->c->arena, "C.Configure %.*s", STR_ARG(convert_list(p->c, &words))));
	vec_free(&words);
}

static void patch_phase(struct package *p, texts *out)
{
	(void)convert_hook(p, "prePatch", out);
	for (size_t i = 0; i < p->patches.n; i++)
		vec_push(out, p->patches.p[i]);
	(void)convert_hook(p, "postPatch", out);
}

static void script_of(struct package *p, enum system system)
{
	texts all = {0};
	texts targets = {0};

	if (package_has(p, "buildCommand")) {
		(void)convert_hook(p, "buildCommand", &all);
		p->made->call = str_fmt(&p->c->arena, "S.script");
		convert_field(p->c, p->made, "commands", "%.*s", STR_ARG(convert_commands(p->c, &all)));
		vec_free(&all);
		return;
	}
	patch_phase(p, &all);
	if (phase_runs(p, "configurePhase", "dontConfigure")) {
		bool own = package_setting(p, "configurePhase");

		if (!own)
			(void)convert_hook(p, "preConfigure", &all);
		if (own)
			(void)convert_hook(p, "configurePhase", &all);
		else if (system == SYSTEM_AUTOTOOLS)
			default_configure(p, &all);
		if (!own)
			(void)convert_hook(p, "postConfigure", &all);
	}
	if (phase_runs(p, "buildPhase", "dontBuild")) {
		bool own = package_setting(p, "buildPhase");

		if (!own)
			(void)convert_hook(p, "preBuild", &all);
		if (own)
			(void)convert_hook(p, "buildPhase", &all);
		else if (!p->local || has_file(p, "Makefile") || has_file(p, "makefile") || has_file(p, "GNUmakefile") || has_file(p, "configure"))
			vec_push(&all, make_command(p, "buildFlags", NULL));
		if (!own)
			(void)convert_hook(p, "postBuild", &all);
	}
	if (phase_runs(p, "installPhase", "dontInstall")) {
		bool own = package_setting(p, "installPhase");

		if (!own)
			(void)convert_hook(p, "preInstall", &all);
		(void)package_words(p, "installTargets", &targets);
		if (own)
			(void)convert_hook(p, "installPhase", &all);
		else
			vec_push(&all, make_command(p, "installFlags", targets.n ? targets.p[0].p : "install"));
		if (targets.n > 1)
			package_left(p, S("installTargets"), DIAG_CONVERT_LEFT, NULL, "there is more than one");
		if (!own)
			(void)convert_hook(p, "postInstall", &all);
	}
	(void)convert_hook(p, "preFixup", &all);
	(void)convert_hook(p, "postFixup", &all);
	p->made->call = S("S.script");
	convert_field(p->c, p->made, "commands", "%.*s", STR_ARG(convert_commands(p->c, &all)));
	take_check(p, false);
	vec_free(&targets);
	vec_free(&all);
}

static void field_commands(struct package *p, const char *name, texts *list)
{
	if (list->n)
		convert_field(p->c, p->made, name, "%.*s", STR_ARG(convert_commands(p->c, list)));
	vec_free(list);
}

static void take_hooks(struct package *p)
{
	texts before = {0}, after = {0};

	patch_phase(p, &before);
	(void)convert_hook(p, "preConfigure", &before);
	(void)convert_hook(p, "postInstall", &after);
	(void)convert_hook(p, "preFixup", &after);
	(void)convert_hook(p, "postFixup", &after);
	field_commands(p, "before", &before);
	field_commands(p, "after", &after);
}

static void by_system(struct package *p, enum system system)
{
	static const char *const calls[] = {"S.autotools", "S.cmake", "S.meson", "S.make"}; /* ORDER of enum system */
	str text;

	p->made->call = str_c(calls[system]);
	switch (system) {
	case SYSTEM_AUTOTOOLS:
		take_words(p, "configureFlags", "configure_flags");
		if (uses(p, "autoreconfHook"))
			convert_field(p->c, p->made, "autoreconf", "True");
		if (package_text(p, "configureScript", &text)) {
			text = str_trim(text);
			if (str_find(text, ' ') < text.n || str_starts(text, S("../")))
				package_left(p, S("configureScript"), DIAG_CONVERT_LEFT, NULL, "it is more than a script's path");
			else
				convert_field(p->c, p->made, "configure", "%.*s",
						STR_ARG(convert_quoted(p->c, str_starts(text, S("./")) ? str_from(text, 2) : text)));
		}
		take_make(p, true);
		take_check(p, true);
		break;
	case SYSTEM_CMAKE:
		take_definitions(p, "cmakeFlags", "definitions");
		if (package_has(p, "cmakeBuildType") && package_text(p, "cmakeBuildType", &text))
			convert_field(p->c, p->made, "build_type", "%.*s", STR_ARG(convert_quoted(p->c, text)));
		take_check(p, !package_setting(p, "checkTarget") && !package_setting(p, "checkFlags"));
		break;
	case SYSTEM_MESON:
		take_definitions(p, "mesonFlags", "options");
		if (package_has(p, "mesonBuildType") && package_text(p, "mesonBuildType", &text))
			convert_field(p->c, p->made, "build_type", "%.*s", STR_ARG(convert_quoted(p->c, text)));
		take_check(p, !package_setting(p, "checkTarget") && !package_setting(p, "checkFlags"));
		break;
	case SYSTEM_MAKE:
		take_make(p, false);
		take_check(p, true);
		break;
	}
}

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
		"exportReferencesGraph", "configureFlags", "cmakeFlags", "mesonFlags", "makeFlags", "buildFlags", "installFlags",
		"installTargets", "checkTarget", "checkFlags", "makefile", "patches", "patchFlags", "configureScript", "buildTargets",
	};

	for (size_t i = 0; i < SL_COUNT(names); i++)
		if (str_eq(name, str_c(names[i])))
			return true;
	return str_ends(name, S("Phase")) || str_ends(name, S("Hook"));
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
	vec_push(&p->env, str_fmt(&p->c->arena, "{ name = %.*s, value = %.*s }", STR_ARG(convert_quoted(p->c, name)),
			STR_ARG(convert_quoted(p->c, text))));
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
		if ((s && s->used) || (!inner && (irrelevant(name) || str_starts(name, S("dont")) || str_eq(name, S("phases")))))
			continue;
		if (!inner && str_eq(name, S("env")) && nix_kind(p->c->x, v) == NIX_ATTRS)
			take_rest(p, v, true);
		else
			take_one(p, name, v);
	}
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

static void put_all(struct package *p)
{
	p->made->call = str_fmt(&p->c->arena, "%.*s %.*s %.*s %.*s", STR_ARG(p->made->call), STR_ARG(convert_quoted(p->c, p->made->name)),
			STR_ARG(convert_list(p->c, &p->srcs)), STR_ARG(convert_list(p->c, &p->deps)));
	if (p->subdir.n)
		convert_field(p->c, p->made, "subdir", "%.*s", STR_ARG(convert_quoted(p->c, p->subdir)));
	field_records(p, "env", "[ ", &p->env);
	field_records(p, "locations", "toMap { ", &p->locations);
	if (p->cflags.n) {
		convert_field(p->c, p->made, "cflags", "%.*s", STR_ARG(convert_list(p->c, &p->cflags)));
		convert_field(p->c, p->made, "cxxflags", "%.*s", STR_ARG(convert_list(p->c, &p->cflags)));
	}
	if (p->ldflags.n)
		convert_field(p->c, p->made, "ldflags", "%.*s", STR_ARG(convert_list(p->c, &p->ldflags)));
	p->made->whole = true;
}

static void read_settings(struct package *p)
{
	size_t n = nix_attrs(p->c->x, p->arguments);

	p->settings = arena_array(&p->c->arena, struct setting, n + 1);
	for (size_t i = 0; i < n; i++)
		if (nix_attr_at(p->c->x, p->arguments, i, &p->settings[p->nsettings].name, &p->settings[p->nsettings].value)) {
			p->settings[p->nsettings].name = str_dup(&p->c->arena, p->settings[p->nsettings].name);
			p->nsettings++;
		}
}

static void end_package(struct package *p)
{
	vec_free(&p->srcs);
	vec_free(&p->deps);
	vec_free(&p->locations);
	vec_free(&p->env);
	vec_free(&p->cflags);
	vec_free(&p->ldflags);
	vec_free(&p->patches);
	vec_free(&p->files);
	map_free(&p->variables);
}

/* ---- builders ---- */

static const char *unfit(struct package *p, str maker)
{
	static const struct {
		const char *maker, *why;
	} rows[] = {
		{"buildRustPackage", "there is no rule yet that builds with cargo"},
		{"haskell", "there is no rule yet that builds with cabal"},
		{"buildGoModule", "there is no rule yet that builds Go modules"},
		{"buildNpmPackage", "there is no rule yet that builds with npm"},
		{"buildDunePackage", "there is no rule yet that builds with dune"},
		{"buildRubyGem", "there is no rule yet that builds gems"},
		{"buildPerlPackage", "there is no rule yet that builds Perl modules"},
		{"override", "it changes a package of nixpkgs, whose attributes are not known"},
		{"mkShell", "it is an environment for people, not a package; `straylight shell` gives one"},
	};

	for (size_t i = 0; i < SL_COUNT(rows); i++)
		if (str_eq(maker, str_c(rows[i].maker)))
			return rows[i].why;
	if (package_has(p, "builder"))
		return "it has a builder of its own";
	if (package_has(p, "outputHash"))
		return "it fixes the hash of its output";
	if (package_has(p, "__impure") || package_has(p, "__noChroot") || package_has(p, "impureEnvVars"))
		return "it depends on the machine";
	return NULL;
}

/* python setup.py, as the hooks of nixpkgs call it. */
static void python_script(struct package *p)
{
	texts all = {0};

	patch_phase(p, &all);
	(void)convert_hook(p, "preBuild", &all);
	vec_push(&all, S("C.Run { program = \"python3\", arguments = [ \"setup.py\", \"build\" ] }"));
	(void)convert_hook(p, "postBuild", &all);
	vec_push(&all, S("C.Run { program = \"python3\", arguments = [ \"setup.py\", \"install\", \"--prefix=@prefix@\", "
			"\"--root=/\", \"--single-version-externally-managed\" ] }"));
	(void)convert_hook(p, "postInstall", &all);
	p->made->call = S("S.script");
	convert_field(p->c, p->made, "commands", "%.*s", STR_ARG(convert_commands(p->c, &all)));
	take_check(p, false);
	vec_free(&all);
	if (!map_has(&p->c->programs, S("python3")))
		map_put(&p->c->programs, S("python3"), p->c);
}

struct made *convert_package(struct converting *c, str maker, nix_val drv, nix_val arguments)
{
	struct package p = {.c = c, .arguments = arguments};
	enum system system;
	const char *why;
	str path;

	p.made = convert_target(c, convert_target_name(c, arguments));
	if (convert_text_of(c, drv, "outPath", &path))
		map_put(&c->by_path, str_dup(&c->arena, path), p.made);
	read_settings(&p);
	why = unfit(&p, maker);
	if (why) {
		convert_left(c, p.made, DIAG_CONVERT_LEFT, (str){0}, "wrap it: straylight wrap --nix", "%s", why);
		end_package(&p);
		p.made->whole = true;
		return p.made;
	}
	take_sources(&p);
	take_patches(&p);
	system = system_of(&p);
	take_deps(&p);
	if (str_eq(maker, S("buildPythonPackage")) && !package_setting(&p, "installPhase")) {
		python_script(&p);
	} else if (is_scripted(&p) && (system == SYSTEM_AUTOTOOLS || system == SYSTEM_MAKE)) {
		script_of(&p, system);
	} else {
		by_system(&p, system);
		take_hooks(&p);
	}
	if (!p.srcs.n && !str_eq(p.made->call, S("S.script")))
		package_left(&p, S("src"), DIAG_CONVERT_LEFT, NULL, "there are no sources");
	take_rest(&p, arguments, false);
	put_all(&p);
	end_package(&p);
	return p.made;
}
