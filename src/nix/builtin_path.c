/* Builtins of paths and files. */
#include "builtin.h"

/* The path that a value is.  What would have to be built first is refused. */
str coerce_path(struct nix *x, struct val *v, const struct context **c, const char *what)
{
	str s = text_str(coerce_text(x, v, 0, c, call_site(x)));

	if (s.n == 0 || s.p[0] != '/')
		fail(x, DIAG_NIX_VALUE, NULL, "%s: '%.*s' is no absolute path", what, STR_ARG(s));
	if (memchr(s.p, '\0', s.n))
		fail(x, DIAG_NIX_VALUE, NULL, "%s: a path cannot contain a NUL byte", what);
	return path_canonical(x, s);
}

/* "!OUTPUT!DRV" is there from now on, or evaluation ends. */
static void realise(struct nix *x, str element, str path, const char *what)
{
	struct diags diags = {0};
	str output, drv;

	if (element.p[0] != '!' || !str_cut(str_from(element, 1), '!', &output, &drv) || map_has(&x->realised, element))
		return;
	if (!x->env.realise) {
		hint_next(x, "make the result a file of the tree, or allow it with --allow-import-from-derivation");
		fail(x, DIAG_NIX_IMPORT_DERIVATION, NULL, "%s needs '%.*s', an output of '%.*s' that would have to be built first",
				what, STR_ARG(path), STR_ARG(drv));
	}
	if (!x->env.realise(x->env.ud, drv, output, &diags)) {
		diags_move(x->diags, &diags);
		fail(x, DIAG_NIX_IMPORT_DERIVATION, NULL, "%s needs '%.*s', an output of '%.*s' that cannot be built", what, STR_ARG(path),
				STR_ARG(drv));
	}
	diags_move(x->diags, &diags);
	map_put(&x->realised, element, NULL);
}

static str readable(struct nix *x, struct val *v, const char *what)
{
	const struct context *c = NULL;
	str path = coerce_path(x, v, &c, what);

	for (uint32_t i = 0; c && i < c->n; i++)
		realise(x, sym_str(c->e[i]), path, what);
	return path;
}

void builtin_import(struct nix *x, struct val **args, struct val *out)
{
	import_file(x, readable(x, args[0], "import"), out);
}

void builtin_scoped_import(struct nix *x, struct val **args, struct val *out)
{
	struct attrs *a = attrs_flat(&x->mem, want_attrs(x, args[0], "scopedImport"));
	str path = import_path(x, readable(x, args[1], "scopedImport"));
	struct expr *e = parse_file(x, path, a);
	struct env *env = raw(x, sizeof *env + a->n * sizeof env->v[0]);

	env->up = x->globals;
	for (uint32_t i = 0; i < a->n; i++)
		env->v[i] = a->e[i].v;
	nix_eval(x, e, env, out);
}

void builtin_find_file(struct nix *x, struct val **args, struct val *out)
{
	find_file(x, args[0], want_str(x, args[1], "findFile"), out, call_site(x));
}

/* ---- names ---- */

void builtin_base_name_of(struct nix *x, struct val **args, struct val *out)
{
	const struct context *c = NULL;
	const struct text *t = coerce_text(x, args[0], 0, &c, call_site(x));

	val_text(out, text_new(x, path_base(text_str(t))), c);
}

void builtin_dir_of(struct nix *x, struct val **args, struct val *out)
{
	const struct context *c = NULL;
	const struct text *t;

	force(x, args[0]);
	t = coerce_text(x, args[0], 0, &c, call_site(x));
	if (val_tag(args[0]) == T_PATH)
		val_path(out, text_new(x, path_dir(text_str(t))));
	else
		val_text(out, text_new(x, path_dir(text_str(t))), c);
}

void builtin_to_path(struct nix *x, struct val **args, struct val *out)
{
	const struct context *c = NULL;
	str path = coerce_path(x, args[0], &c, "toPath");

	val_text(out, text_new(x, path), c);
}

void builtin_store_path(struct nix *x, struct val **args, struct val *out)
{
	const struct context *c = NULL;
	str path = coerce_path(x, args[0], &c, "storePath"), top;

	if (!storepath_top(x->env.store_dir, path, &top))
		fail(x, DIAG_NIX_VALUE, NULL, "storePath: '%.*s' is not in the store", STR_ARG(path));
	c = context_union(x, c, context_one(x, intern(top)));
	val_text(out, text_new(x, path), c);
}

void builtin_placeholder(struct nix *x, struct val **args, struct val *out)
{
	set_str(x, out, storepath_placeholder(&x->mem, want_plain(x, args[0], "placeholder")));
}

/* ---- files ---- */

/* "a/" and "a/." ask for a directory. */
static bool wants_directory(struct nix *x, struct val *v)
{
	str s;

	force(x, v);
	if (val_tag(v) != T_STRING)
		return false;
	s = val_str(v);
	return str_ends(s, S("/")) || str_ends(s, S("/."));
}

static enum nix_file_type followed(struct nix *x, str path)
{
	enum nix_file_type t = path_type(x, path);
	str target;

	for (int links = 0; t == NIX_SYMLINK && links < 64; links++) {
		if (!x->env.link(x->env.ud, path_real(x, path), &x->mem, &target))
			return NIX_NOTHING;
		path = path_canonical(x, target.n && target.p[0] == '/' ? target : str_fmt(&x->mem,
				"%.*s/%.*s", STR_ARG(path_dir(path)), STR_ARG(target)));
		t = path_type(x, path);
	}
	return t;
}

void builtin_path_exists(struct nix *x, struct val **args, struct val *out)
{
	bool directory = wants_directory(x, args[0]);
	str path = readable(x, args[0], "pathExists");

	val_bool(out, directory ? followed(x, path) == NIX_DIRECTORY : path_type(x, path) != NIX_NOTHING);
}

void builtin_read_file(struct nix *x, struct val **args, struct val *out)
{
	str path = readable(x, args[0], "readFile"), bytes;
	const struct stored *s = x->texts.n ? map_get(&x->texts, path) : NULL;

	if (!path_read(x, path, &bytes))
		fail(x, DIAG_NIX_FILE, NULL, "the file '%.*s' does not exist", STR_ARG(path));
	if (bytes.n && memchr(bytes.p, '\0', bytes.n))
		fail(x, DIAG_NIX_VALUE, NULL, "the file '%.*s' has a NUL byte, which no string can hold",
				STR_ARG(path));
	val_text(out, text_new(x, bytes), s ? s->refs : NULL);
}

static str type_name(enum nix_file_type t)
{
	switch (t) {
	case NIX_REGULAR: return S("regular");
	case NIX_DIRECTORY: return S("directory");
	case NIX_SYMLINK: return S("symlink");
	default: return S("unknown");
	}
}

void builtin_read_file_type(struct nix *x, struct val **args, struct val *out)
{
	str path = readable(x, args[0], "readFileType");
	enum nix_file_type t = path_type(x, path);

	if (t == NIX_NOTHING)
		fail(x, DIAG_NIX_FILE, NULL, "the path '%.*s' does not exist", STR_ARG(path));
	set_str(x, out, type_name(t));
}

void builtin_read_dir(struct nix *x, struct val **args, struct val *out)
{
	str path = readable(x, args[0], "readDir");
	struct diags diags = {0};
	struct nix_entry *entries;
	struct attrs *a;
	size_t n;

	switch (x->env.list(x->env.ud, path_real(x, path), &x->mem, &entries, &n, &diags)) {
	case NIX_ABSENT: fail(x, DIAG_NIX_FILE, NULL, "the directory '%.*s' does not exist", STR_ARG(path));
	case NIX_FAILED: fail_door(x, &diags, path);
	case NIX_FOUND: break;
	}
	a = attrs_new(&x->mem, n);
	for (size_t i = 0; i < n; i++)
		attrs_put(a, intern(entries[i].name), 0, str_cell(x, type_name(entries[i].type)));
	attrs_end(a);
	val_attrs(out, a);
}

void builtin_get_env(struct nix *x, struct val **args, struct val *out)
{
	str name = want_plain(x, args[0], "getEnv");
	const char *value = x->env.restricted || !x->env.variable ? NULL : x->env.variable(x->env.ud, name);

	set_str(x, out, str_c(value ? value : ""));
}

/* ---- into the store ---- */

static void stored_value(struct nix *x, str stored, struct val *out)
{
	val_text(out, text_new(x, stored), context_one(x, intern(stored)));
}

void builtin_filter_source(struct nix *x, struct val **args, struct val *out)
{
	str path = readable(x, args[1], "filterSource");

	want_function(x, args[0], "filterSource");
	stored_value(x, path_store(x, path, path_base(path), true, args[0], NULL), out);
}

void builtin_path(struct nix *x, struct val **args, struct val *out)
{
	struct attrs *a = attrs_flat(&x->mem, want_attrs(x, args[0], "path"));
	str path = {0}, name = {0}, expected = {0};
	struct val *filter = NULL;
	bool recursive = true;

	for (uint32_t i = 0; i < a->n; i++) {
		struct val *v = a->e[i].v;
		sym key = a->e[i].name;

		if (key == x->w.path) {
			path = readable(x, v, "path");
		} else if (key == x->w.name) {
			name = want_plain(x, v, "path");
		} else if (key == x->w.filter) {
			want_function(x, v, "path");
			filter = v;
		} else if (key == x->w.recursive) {
			recursive = want_bool(x, v, "path");
		} else if (key == x->w.sha256) {
			expected = want_plain(x, v, "path");
		} else {
			fail(x, DIAG_NIX_ARGUMENT, NULL, "path does not take the argument '%.*s'",
					STR_ARG(sym_str(key)));
		}
	}
	if (!path.n)
		fail(x, DIAG_NIX_ARGUMENT, NULL, "path needs the argument 'path'");
	stored_value(x, path_store(x, path, name.n ? name : path_base(path), recursive, filter,
			expected.n ? str_dup(&x->mem, expected).p : NULL), out);
}

void builtin_to_file(struct nix *x, struct val **args, struct val *out)
{
	str name = want_plain(x, args[0], "toFile"), bytes = want_str(x, args[1], "toFile"), path;
	const struct context *c = val_context(args[1]);
	struct storepath_refs refs = {0};
	struct nix_hash h;
	struct diags diags = {0};
	str *paths;
	sym *sorted;

	check_name(x, name);
	paths = raw(x, (c ? c->n : 0) * sizeof *paths);
	sorted = c ? context_sorted(x, c) : NULL;
	for (uint32_t i = 0; c && i < c->n; i++) {
		paths[i] = sym_str(sorted[i]);
		if (paths[i].p[0] == '!' || paths[i].p[0] == '=')
			fail(x, DIAG_NIX_CONTEXT, NULL,
					"toFile: the file '%.*s' cannot refer to a derivation, as '%.*s' is",
					STR_ARG(name), STR_ARG(paths[i]));
	}
	refs.paths = paths;
	refs.n = c ? c->n : 0;
	h = nix_hash_of(NIX_SHA256, bytes);
	path = storepath_text(&x->mem, x->env.store_dir, name, &h, refs);
	if (!map_has(&x->texts, path)) {
		struct stored *s = arena_make(&x->mem, struct stored);

		*s = (struct stored){bytes, c};
		map_put(&x->texts, path, s);
		if (x->env.write && !x->env.write(x->env.ud, path, bytes, &diags))
			fail_door(x, &diags, path);
	}
	stored_value(x, path, out);
}
