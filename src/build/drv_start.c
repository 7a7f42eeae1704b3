#include "drv_start.h"

#include <straylight/base.h>

#include "start_form.h"

#include <stdlib.h>

str drv_variable(const struct drv *d, str key)
{
	for (size_t i = 0; i < d->nenv; i++)
		if (str_eq(d->env[i].key, key))
			return d->env[i].value.p ? d->env[i].value : S("");
	return (str){NULL, 0};
}

struct diag *drv_attribute_error(const struct drv *d, struct diags *diags, const char *fmt, ...)
{
	struct diag *diag;
	va_list args;

	va_start(args, fmt);
	diag = diag_verror(diags, DIAG_DRV_ATTRIBUTE, NO_SPAN, fmt, args);
	va_end(args);
	return diag_subject(diags, diag, d->name);
}

/* ---- words ---- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static str next_word(str *rest)
{
	size_t at = 0, end;
	str word;

	while (at < rest->n && is_space(rest->p[at]))
		at++;
	for (end = at; end < rest->n && !is_space(rest->p[end]); end++)
		;
	word = str_of(rest->p + at, end - at);
	*rest = str_from(*rest, end);
	return word;
}

bool drv_words(const struct drv *d, str key, struct arena *a, str **out, size_t *n)
{
	str rest = drv_variable(d, key), word;
	VEC(str) words = {0};

	if (!rest.p)
		return false;
	while ((word = next_word(&rest)).n)
		vec_push(&words, word);
	*out = arena_array(a, str, words.n);
	*n = words.n;
	if (words.n)
		memcpy(*out, words.p, words.n * sizeof *words.p);
	vec_free(&words);
	return true;
}

/* ---- placeholders ---- */

static str replace(str text, str from, str to, struct arena *a)
{
	struct buf out = {0};
	size_t at = str_find_str(text, from);

	if (at == text.n)
		return text;
	for (; at < text.n; at = str_find_str(text, from)) {
		buf_str(&out, str_upto(text, at));
		buf_str(&out, to);
		text = str_from(text, at + from.n);
	}
	buf_str(&out, text);
	return buf_take(&out, a);
}

str drv_rewrite(const struct drv *d, str text, struct arena *a)
{
	for (size_t i = 0; i < d->noutputs; i++)
		if (text.n > STORE_HASH_CHARS)
			text = replace(text, storepath_placeholder(a, d->outputs[i].name), d->outputs[i].path, a);
	return text;
}

/* ---- making ---- */

struct variables {
	const struct drv *drv;
	struct arena *arena;
	struct map map; /* key → str *, the last one counts */
};

static void set(struct variables *v, str key, str value)
{
	str *s = arena_make(v->arena, str);

	*s = value;
	map_put(&v->map, key, s);
}

void drv_start_file(struct drv_start *s, str name, str bytes, struct arena *a)
{
	struct start_file *files = arena_array(a, struct start_file, s->nfiles + 1);

	if (s->nfiles)
		memcpy(files, s->files, s->nfiles * sizeof *files);
	files[s->nfiles++] = (struct start_file){name, bytes};
	s->files = files;
}

static bool is_among(str word, const str *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(words[i], word))
			return true;
	return false;
}

/* The file is named after a hash of the attribute's name, which may be anything. */
static void pass_as_file(struct drv_start *s, struct variables *v, const struct drv_env *e)
{
	struct nix_hash h = nix_hash_of(NIX_SHA256, e->key);
	str name = str_fmt(v->arena, ".attr-%.*s", STR_ARG(nix_hash_str(v->arena, &h, NIX_BASE32, false)));

	drv_start_file(s, name, drv_rewrite(v->drv, e->value, v->arena), v->arena);
	set(v, str_fmt(v->arena, "%.*sPath", STR_ARG(e->key)), str_fmt(v->arena, DRV_TOP "/%.*s", STR_ARG(name)));
}

static void set_attributes(struct drv_start *s, struct variables *v)
{
	const struct drv *d = v->drv;
	str *files = NULL;
	size_t nfiles = 0;

	drv_words(d, S("passAsFile"), v->arena, &files, &nfiles);
	for (size_t i = 0; i < d->nenv; i++) {
		if (is_among(d->env[i].key, files, nfiles))
			pass_as_file(s, v, &d->env[i]);
		else
			set(v, d->env[i].key, drv_rewrite(d, d->env[i].value, v->arena));
	}
}

static void set_before(struct variables *v, unsigned cores)
{
	set(v, S("PATH"), S("/path-not-set"));
	set(v, S("HOME"), S("/homeless-shelter"));
	set(v, S("NIX_STORE"), S(NIX_STORE_DIR));
	set(v, S("NIX_BUILD_CORES"), str_fmt(v->arena, "%u", cores));
}

static void set_after(struct variables *v)
{
	static const char *const top[] = {"NIX_BUILD_TOP", "TMPDIR", "TEMPDIR", "TMP", "TEMP", "PWD"};

	for (size_t i = 0; i < SL_COUNT(top); i++)
		set(v, str_c(top[i]), S(DRV_TOP));
	if (v->drv->kind == DRV_FIXED)
		set(v, S("NIX_OUTPUT_CHECKED"), S("1"));
	set(v, S("NIX_LOG_FD"), S("2"));
	set(v, S("TERM"), S("xterm-256color"));
}

/* "NAME PATH NAME PATH …" */
static bool add_graphs(struct drv_start *s, struct variables *v, struct valids *valids, const struct valid *const *inputs,
		size_t ninputs, struct diags *diags)
{
	str *words;
	size_t n;

	if (!drv_words(v->drv, S("exportReferencesGraph"), v->arena, &words, &n))
		return true;
	if (n % 2) {
		drv_attribute_error(v->drv, diags, "'exportReferencesGraph' is not a list of names and store paths");
		return false;
	}
	for (size_t i = 0; i < n; i += 2) {
		struct buf text = {0};
		str top;

		if (str_find(words[i], '/') < words[i].n || str_eq(words[i], S("..")) || str_eq(words[i], S("."))) {
			drv_attribute_error(v->drv, diags, "'%.*s' in 'exportReferencesGraph' cannot be a file's name", STR_ARG(words[i]));
			return false;
		}
		if (!storepath_top(S(NIX_STORE_DIR), words[i + 1], &top) ||
				!drv_graph_text(valids, top, inputs, ninputs, v->arena, &text)) {
			drv_attribute_error(v->drv, diags, "'%.*s' in 'exportReferencesGraph' is none of the inputs",
					STR_ARG(words[i + 1]));
			buf_free(&text);
			return false;
		}
		drv_start_file(s, words[i], buf_take(&text, v->arena), v->arena);
	}
	return true;
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

static void list_env(struct drv_start *s, const struct variables *v)
{
	s->env = arena_array(v->arena, str, v->map.n);
	s->nenv = v->map.n;
	for (size_t i = 0; i < v->map.n; i++) {
		const str *value = v->map.entries[i].value;
		struct buf line = {0};

		buf_str(&line, v->map.entries[i].key);
		buf_c(&line, '=');
		buf_str(&line, *value);
		s->env[i] = buf_take(&line, v->arena);
	}
	qsort(s->env, s->nenv, sizeof *s->env, by_text);
}

static void list_args(struct drv_start *s, const struct drv *d, struct arena *a)
{
	size_t slash = d->builder.n;

	while (slash > 0 && d->builder.p[slash - 1] != '/')
		slash--;
	s->builder = drv_rewrite(d, d->builder, a);
	s->argc = d->nargs + 1;
	s->argv = arena_array(a, str, s->argc);
	s->argv[0] = str_from(d->builder, slash);
	for (size_t i = 0; i < d->nargs; i++)
		s->argv[i + 1] = drv_rewrite(d, d->args[i], a);
}

bool drv_start_make(struct drv_start *s, const struct drv *d, struct valids *valids, const struct valid *const *inputs,
		size_t ninputs, unsigned cores, struct arena *a, struct diags *diags)
{
	struct variables v = {.drv = d, .arena = a};
	bool structured = drv_variable(d, S("__json")).p != NULL, ok = true;

	list_args(s, d, a);
	set_before(&v, cores);
	if (structured) {
		ok = drv_attrs_files(s, d, valids, inputs, ninputs, a, diags);
		set(&v, S("NIX_ATTRS_SH_FILE"), S(DRV_TOP "/.attrs.sh"));
		set(&v, S("NIX_ATTRS_JSON_FILE"), S(DRV_TOP "/.attrs.json"));
	} else {
		set_attributes(s, &v);
		ok = add_graphs(s, &v, valids, inputs, ninputs, diags);
	}
	set_after(&v);
	list_env(s, &v);
	map_free(&v.map);
	return ok;
}

/* ---- the file ---- */

static void write_text(struct buf *out, str s)
{
	buf_fmt(out, "%zu:", s.n);
	buf_str(out, s);
	buf_c(out, '\0');
}

static void write_list(struct buf *out, const str *list, size_t n)
{
	buf_fmt(out, "%zu:", n);
	for (size_t i = 0; i < n; i++)
		write_text(out, list[i]);
}

void drv_start_write(const struct drv_start *s, struct buf *out)
{
	write_list(out, s->host, s->nhost);
	buf_fmt(out, "%zu:", s->nfiles);
	for (size_t i = 0; i < s->nfiles; i++) {
		write_text(out, s->files[i].name);
		write_text(out, s->files[i].bytes);
	}
	buf_fmt(out, "%zu:", s->argc + 1);
	write_text(out, s->builder);
	for (size_t i = 0; i < s->argc; i++)
		write_text(out, s->argv[i]);
	write_list(out, s->env, s->nenv);
}
