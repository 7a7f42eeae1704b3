/* Inputs: paths get their digests, and what is Nix in a text becomes the derivation that it names. */
#include "migrate_int.h"

/* ---- bytes ---- */

static str name_of(str path)
{
	size_t at = path.n;

	while (at > 0 && path.p[at - 1] != '/')
		at--;
	return str_from(path, at);
}

static bool holds(str folder, str path)
{
	return str_eq(folder, path) || (str_starts(path, folder) && (folder.n == 1 || path.p[folder.n] == '/'));
}

static str store_text(struct fixing *f, const struct subject *s, str path, bool constrained)
{
	str full, bad, module = fixing_module(f, s), name;
	char digest[DIGEST_TEXT_MAX];

	if (!os_normalize(f->a, path.n && path.p[0] == '/' ? path : str_c(os_join(f->a, f->folder, path)), &full)) {
		trouble(f, s, LINT_SOURCE, "the path '%.*s' leads nowhere", STR_ARG(path));
		return (str){0};
	}
	if (holds(full, f->path)) {
		trouble(f, s, LINT_SOURCE, "'%.*s' holds this file: its digest would be another one as soon as it is written here; "
					   "move the sources into a folder of their own",
				STR_ARG(path));
		return (str){0};
	}
	if (!bytes_digest(f, full, digest, &bad)) {
		trouble(f, s, LINT_SOURCE, "'%.*s' cannot be read: %.*s", STR_ARG(path), STR_ARG(bad));
		return (str){0};
	}
	name = name_of(full);
	change(f, s, "'%.*s' is the bytes that it has now: %s", STR_ARG(path), digest);
	return str_fmt(f->a, "%.*s.%s.Store { name = %.*s, digest = \"%s\" }", STR_ARG(module),
			constrained ? "ConstrainedInput" : "Input", STR_ARG(dhalltext_quoted(f->a, name)), digest);
}

/* ---- other derivations ---- */

static bool is_name(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!char_in(s.p[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"))
			return false;
	return s.n > 0;
}

static bool is_output(str s)
{
	static const char *const names[] = {"out", "dev", "lib", "bin", "doc", "man", "static"};

	for (size_t i = 0; i < SL_COUNT(names); i++)
		if (str_eq(s, str_c(names[i])))
			return true;
	return false;
}

static str drv_text(struct fixing *f, const struct subject *s, str drv, const str *outputs, size_t n, bool constrained)
{
	str module = fixing_module(f, s);
	struct buf b = {0};

	if (!constrained && n == 1 && str_eq(outputs[0], S("out"))) {
		buf_fmt(&b, "%.*s.drv ", STR_ARG(module));
		dhall_spell_text(drv, &b);
		return buf_take(&b, f->a);
	}
	buf_fmt(&b, "%.*s.%s.Drv { drv = ", STR_ARG(module), constrained ? "ConstrainedInput" : "Input");
	dhall_spell_text(drv, &b);
	dhalltext_list(", outputs = ", dhalltext_items(f->a, outputs, n), n, S("Text"), 0, 0, &b);
	buf_lit(&b, " }");
	return buf_take(&b, f->a);
}

/* pkgs.zlib, pkgs.zlib.dev; else p == NULL. */
static str named_in(str expression, str *output)
{
	str rest = str_trim(expression), name, last;

	*output = S("out");
	if (!str_cut(rest, '.', &name, &rest) || !str_eq(name, S("pkgs")))
		return (str){0};
	if (str_cut(rest, '.', &name, &last)) {
		if (!is_output(last))
			return (str){0};
		*output = last;
	}
	return is_name(name) ? name : (str){0};
}

static str nix_text(struct fixing *f, const struct subject *s, str expression, bool constrained)
{
	str output, name = named_in(expression, &output), out;

	if (!name.p) {
		trouble(f, s, LINT_NIX_TEXT, "'%.*s' is more than the name of a package", STR_ARG(str_upto(expression, 60)));
		return (str){0};
	}
	out = drv_text(f, s, name, &output, 1, constrained);
	change(f, s, "'%.*s' is the derivation '%.*s'", STR_ARG(expression), STR_ARG(name));
	return out;
}

str input_text(struct fixing *f, const struct subject *s, const struct value_input *in, bool constrained)
{
	str module = fixing_module(f, s);

	switch (in->kind) {
	case FROM_DRV: return drv_text(f, s, in->text, in->outputs, in->noutputs, constrained);
	case FROM_SRC: return store_text(f, s, in->text, constrained);
	case FROM_STORE:
		return str_fmt(f->a, "%.*s.%s.Store { name = %.*s, digest = %.*s }", STR_ARG(module),
				constrained ? "ConstrainedInput" : "Input", STR_ARG(dhalltext_quoted(f->a, in->text)),
				STR_ARG(dhalltext_quoted(f->a, in->digest)));
	case FROM_NIX: return nix_text(f, s, in->text, constrained);
	case FROM_FETCH: break;
	}
	trouble(f, s, constrained ? LINT_PHASE : LINT_NETWORK, constrained
			? "'%.*s' is fetched: its digest is not known before; make the fetch a derivation of its own and take it by Input.Drv"
			: "'%.*s' is fetched without a hash, and nobody knows which one it must have", STR_ARG(in->text));
	return (str){0};
}

/* ---- where they are written ---- */

static const char *const lists[] = {"buildInputs", "nativeBuildInputs", "propagatedBuildInputs", "patches", "inputs"};

static bool is_open(const struct value_input *in)
{
	return in->kind == FROM_SRC || in->kind == FROM_NIX || (in->kind == FROM_FETCH && !in->digest.p);
}

static enum lint_rule_id rule_of(const struct value_input *in)
{
	return in->kind == FROM_SRC ? LINT_SOURCE : in->kind == FROM_NIX ? LINT_NIX_TEXT : LINT_NETWORK;
}

static void put(struct fixing *f, struct dh_range r, str text, bool argument)
{
	bool parens = argument || f->text.p[r.lo] == '(';

	reshape_put(&f->edits, r.lo, r.hi, parens ? str_fmt(f->a, "(%.*s)", STR_ARG(text)) : text);
}

static const struct dh_site_field *field_at(const struct subject *s, const char *name)
{
	for (size_t i = 0; i < s->site.nfields; i++)
		if (s->site.fields[i].name == intern_c(name) && !s->site.fields[i].hidden)
			return &s->site.fields[i];
	return NULL;
}

/* The argument of the maker that is the source, or -1. */
static int source_argument(const struct subject *s)
{
	bool maker = s->site.maker == intern_c("mkDerivation") || s->site.maker == intern_c("mkHaskellPackage") ||
			s->site.maker == intern_c("buildRustPackage");

	return maker && s->site.narguments >= 2 ? 1 : -1;
}

static void rewrite_src(struct fixing *f, const struct subject *s)
{
	struct value_input in;
	dh_val v;
	str text;
	struct dh_site site;
	struct dh_step *path;
	int argument = source_argument(s);

	if (!value_get(f, s->v, "src", &v) || !value_input(f, v, &in) || !is_open(&in) || is_suppressed(f, s, rule_of(&in)))
		return;
	text = input_text(f, s, &in, false);
	if (!text.p)
		return;
	path = arena_array(f->a, struct dh_step, s->npath + 1);
	memcpy(path, s->path, s->npath * sizeof *path);
	path[s->npath] = (struct dh_step){intern_c("src"), 0};
	if (field_at(s, "src") && dhall_site(f->typed, path, s->npath + 1, f->a, &site)) {
		put(f, site.at, text, false);
	} else if (!field_at(s, "src") && argument >= 0) {
		struct dh_range own = s->site.arguments[argument], from = s->site.sources[argument];

		put(f, from, text, from.lo == own.lo);
	} else {
		const struct reshape_field set = {.name = intern_c("src"), .kind = RESHAPE_SET, .before = text.p};

		reshape_fields(&f->edits, &s->site, &set, 1);
	}
}

static void rewrite_list(struct fixing *f, const struct subject *s, const char *name)
{
	struct dhall *d = f->s->dhall;
	struct dh_step *path = arena_array(f->a, struct dh_step, s->npath + 2);
	struct value_input in;
	struct dh_site site;
	dh_val list, item;
	size_t n = 0;

	if (!value_get(f, s->v, name, &list) || !dh_list(d, list, &n))
		return;
	memcpy(path, s->path, s->npath * sizeof *path);
	path[s->npath] = (struct dh_step){intern_c(name), 0};
	for (size_t i = 0; i < n; i++) {
		str text;

		if (!dh_item(d, list, i, &item) || !value_input(f, item, &in) || !is_open(&in) ||
				is_suppressed(f, s, rule_of(&in)))
			continue;
		path[s->npath + 1] = (struct dh_step){0, (uint32_t)i};
		text = input_text(f, s, &in, false);
		if (text.p && dhall_site(f->typed, path, s->npath + 2, f->a, &site))
			put(f, site.at, text, false);
		else if (text.p)
			trouble(f, s, in.kind == FROM_NIX ? LINT_NIX_TEXT : LINT_SOURCE, "'%s' is put together by a function", name);
	}
}

void inputs_rewrite(struct fixing *f, const struct subject *s)
{
	rewrite_src(f, s);
	for (size_t i = 0; i < SL_COUNT(lists); i++)
		if (s->kind != SUBJECT_CONSTRAINED)
			rewrite_list(f, s, lists[i]);
}

/* ---- references ---- */

static void add_once(text_list *out, str name)
{
	for (size_t i = 0; i < out->n; i++)
		if (str_eq(out->p[i], name))
			return;
	vec_push(out, name);
}

static void add_outputs(struct fixing *f, const struct subject *s, text_list *out)
{
	text_list names = {0};

	(void)value_output_names(f, s->v, &names);
	for (size_t i = 0; i < names.n; i++)
		add_once(out, names.p[i]);
	vec_free(&names);
}

static void add_inputs(struct fixing *f, const struct subject *s, const char *list, text_list *out)
{
	dh_val v, item;
	size_t n = 0;
	struct value_input in;
	str output, name;

	if (!value_get(f, s->v, list, &v) || !dh_list(f->s->dhall, v, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		if (!dh_item(f->s->dhall, v, i, &item) || !value_input(f, item, &in))
			continue;
		if (in.kind == FROM_DRV)
			add_once(out, str_dup(f->a, in.text));
		if (in.kind == FROM_NIX) {
			name = named_in(in.text, &output);
			if (name.p)
				add_once(out, str_dup(f->a, name));
		}
	}
}

void references_of(struct fixing *f, const struct subject *s, text_list *out)
{
	str when, why;

	if (seen_references(f, s, out, &when, &why)) {
		change(f, s, "allowedReferences are those that a build of %.*s was seen to leave", STR_ARG(when));
		return;
	}
	out->n = 0;
	if (why.p)
		change(f, s, "allowedReferences are by its inputs: %.*s", STR_ARG(why));
	else
		change(f, s, "allowedReferences are by its inputs: no build of it is known here");
	add_outputs(f, s, out);
	add_inputs(f, s, s->kind == SUBJECT_MK ? "buildInputs" : "inputs", out);
	if (s->kind == SUBJECT_MK)
		add_inputs(f, s, "propagatedBuildInputs", out);
}
