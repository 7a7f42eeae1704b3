/* Inputs: packages, files, what is fetched, and Nix as text. */
#include "derivation.h"

#include <straylight/nix_marks.h>

/* ---- packages ---- */

static void need(struct derivation *d, str package)
{
	bool fresh;
	str name = str_dup(d->arena, package);

	map_slot(&d->has, name, &fresh);
	if (fresh)
		vec_push(&d->packages, name);
}

str der_package(struct derivation *d, const char *attribute, str path)
{
	struct buf b = {0};
	str rest = path, word;
	bool more = true;

	while (more) {
		more = str_cut(rest, '.', &word, &rest);
		if (!word.n) {
			diag_hint(d->diags, der_refuse(d, attribute, "'%.*s' is no name of a package", STR_ARG(path)),
					"write the attribute of nixpkgs, as in \"zlib\" or \"python3Packages.numpy\"");
			break;
		}
		if (!b.n && der_is_word(word)) {
			need(d, word);
			buf_str(&b, word);
			continue;
		}
		if (!b.n) {
			need(d, S("pkgs"));
			buf_lit(&b, "pkgs");
		}
		buf_c(&b, '.');
		buf_str(&b, der_key(d, word));
	}
	return buf_take(&b, d->arena);
}

/* ---- paths ---- */

static bool is_path_text(str s)
{
	static const char others[] = "._+-/";

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!c || (!word && !char_in(c, others)))
			return false;
	}
	return str_find_str(s, S("//")) == s.n;
}

/* A path of Nix for one that starts from the folder of the file. */
static str path(struct derivation *d, str given)
{
	str s = given;
	bool absolute = str_starts(s, S("/"));

	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	while (str_starts(s, S("./")))
		s = str_from(s, 2);
	if (!s.n || str_eq(s, S(".")))
		return S("./.");
	if (!is_path_text(s) || s.n == 1)
		return absolute ? str_fmt(d->arena, "(/. + %.*s)", STR_ARG(der_line(d, s))) :
				str_fmt(d->arena, "(./. + %.*s)", STR_ARG(der_line(d, str_fmt(d->arena, "/%.*s", STR_ARG(s)))));
	if (absolute || str_starts(s, S("../")))
		return s;
	return str_fmt(d->arena, "./%.*s", STR_ARG(s));
}

/* ---- what is fetched ---- */

static str hash_name(str hash)
{
	return str_starts(hash, S("sha256-")) ? S("hash") : S("sha256");
}

static str fetch(struct derivation *d, const char *attribute, dh_val v, unsigned indent)
{
	dh_val rev, sha256;
	bool git = der_some_in(d, v, "rev", &rev), fixed = der_some_in(d, v, "sha256", &sha256);
	str url = der_line(d, der_text_in(d, v, "url"));
	struct setting s[3] = {{S("url"), url, false}};
	const char *function = git ? "fetchgit" : "fetchurl";
	size_t n = 1;

	if (!git && !fixed)
		return str_fmt(d->arena, "builtins.fetchurl %.*s", STR_ARG(url));
	if (git)
		s[n++] = (struct setting){S("rev"), der_line(d, der_read_text(d, rev)), false};
	if (!fixed)
		return str_fmt(d->arena, "builtins.fetchGit %.*s", STR_ARG(der_set_of(d, s, n, indent)));
	s[n].name = hash_name(der_read_text(d, sha256));
	s[n++].expr = der_line(d, der_read_text(d, sha256));
	return str_fmt(d->arena, "%.*s %.*s", STR_ARG(der_package(d, attribute, str_c(function))),
			STR_ARG(der_set_of(d, s, n, indent)));
}

/* Bytes of the store: Nix has to be given them, and knows them by their hash. */
static str stored(struct derivation *d, const char *attribute, dh_val v, unsigned indent)
{
	str digest = der_text_in(d, v, "digest"), name = der_text_in(d, v, "name"), hash, size;
	const str *here = d->given->bytes ? map_get(d->given->bytes, digest) : NULL;
	struct setting s[3];

	if (here)
		return str_starts(*here, S("<")) ? *here : path(d, *here);
	if (!str_cut(digest, '/', &hash, &size) || hash.n != 64) {
		diag_hint(d->diags, der_refuse(d, attribute, "'%.*s' is no digest of a file", STR_ARG(digest)),
				"a digest is HASH/SIZE, as `straylight cas put` prints it");
		return S("null");
	}
	s[0] = (struct setting){S("name"), der_line(d, name), false};
	s[1] = (struct setting){S("sha256"), der_line(d, hash), false};
	s[2] = (struct setting){S("message"), der_line(d, str_fmt(d->arena, "straylight cas get %.*s > %.*s, then nix-store "
			"--add-fixed sha256 %.*s", STR_ARG(digest), STR_ARG(name), STR_ARG(name))), false};
	return str_fmt(d->arena, "%.*s %.*s", STR_ARG(der_package(d, attribute, S("requireFile"))),
			STR_ARG(der_set_of(d, s, 3, indent)));
}

/* ---- Nix as text ---- */

static void need_unbound(void *ud, str name)
{
	need(ud, name);
}

str der_raw(struct derivation *d, const char *attribute, dh_val nix)
{
	str text = der_text_in(d, nix, "toNix");
	str name = str_fmt(d->arena, "(toNix of '%s' in '%.*s')", attribute, STR_ARG(d->name));
	struct diag *last = d->diags->last;

	if (nix_unbound(text, name, need_unbound, d, d->diags))
		return str_find(text, '#') < text.n ? str_fmt(d->arena, "%.*s\n", STR_ARG(text)) : text;
	d->failed = true;
	if (d->diags->last && d->diags->last != last) {
		diag_note(d->diags, d->diags->last, der_place(d, attribute), "the text stands here");
		if (!d->diags->last->hint.n)
			diag_hint(d->diags, d->diags->last, "`builtins.toNix` takes one expression of the Nix language");
	}
	return S("null");
}

/* ---- inputs ---- */

static void add_outputs(struct derivation *d, const char *attribute, dh_val v, struct der_items *items)
{
	str drv = der_text_in(d, v, "drv"), base;
	size_t n;
	const str *outputs = der_texts(d, der_get(d, v, "outputs"), &n);

	if (str_ends(drv, S(".drv")))
		base = str_fmt(d->arena, "(import %.*s)", STR_ARG(path(d, drv)));
	else
		base = der_package(d, attribute, drv);
	if (n == 0 || (n == 1 && str_eq(outputs[0], S("out")))) {
		vec_push(&items->list, base);
		return;
	}
	for (size_t i = 0; i < n; i++)
		vec_push(&items->list, str_fmt(d->arena, "%.*s.%.*s", STR_ARG(base), STR_ARG(der_key(d, outputs[i]))));
}

/* In a list, an application needs parentheses. */
static str grouped(struct derivation *d, str expr, bool in_list)
{
	return in_list ? str_fmt(d->arena, "(%.*s)", STR_ARG(expr)) : expr;
}

static void add(struct derivation *d, const char *attribute, dh_val input, bool in_list, struct der_items *items)
{
	unsigned indent = d->indent + (in_list ? 4 : 2);
	dh_val v;
	sym kind = der_case(d, input, &v);

	if (kind == intern_c("Drv"))
		add_outputs(d, attribute, v, items);
	else if (kind == intern_c("Src"))
		vec_push(&items->list, path(d, der_read_text(d, v)));
	else if (kind == intern_c("Store"))
		vec_push(&items->list, grouped(d, stored(d, attribute, v, indent), in_list));
	else if (kind == intern_c("Fetch"))
		vec_push(&items->list, grouped(d, fetch(d, attribute, v, indent), in_list));
	else if (kind == intern_c("Nix"))
		vec_push(&items->list, grouped(d, der_raw(d, attribute, v), in_list));
}

void der_input(struct derivation *d, const char *attribute, dh_val input, struct der_items *items)
{
	add(d, attribute, input, true, items);
}

str der_input_value(struct derivation *d, const char *attribute, dh_val input)
{
	struct der_items items = {0};
	str out = S("null");

	add(d, attribute, input, false, &items);
	if (items.list.n == 1)
		out = items.list.p[0];
	else if (items.list.n)
		diag_hint(d->diags, der_refuse(d, attribute, "'%s' of '%.*s' names %zu outputs", attribute, STR_ARG(d->name),
						items.list.n), "it is one thing: name one output");
	vec_free(&items.list);
	return out;
}

static void add_all(struct derivation *d, const char *attribute, dh_val list, struct der_items *items)
{
	size_t n = 0;
	dh_val item;

	(void)!dh_list(d->dhall, list, &n);
	for (size_t i = 0; i < n; i++)
		if (dh_item(d->dhall, list, i, &item))
			der_input(d, attribute, item, items);
}

void der_set_inputs(struct derivation *d, const char *name, dh_val list)
{
	struct der_items items = {0};

	add_all(d, name, list, &items);
	if (items.list.n)
		der_set(d, name, der_list(d, items.list.p, items.list.n));
	vec_free(&items.list);
}

/* ---- references ---- */

static str drv_of(struct derivation *d, dh_val input)
{
	dh_val v;

	return der_case(d, input, &v) == intern_c("Drv") ? der_text_in(d, v, "drv") : (str){0};
}

static bool is_input(struct derivation *d, dh_val inputs, str name)
{
	size_t n = 0;
	dh_val item;

	(void)!dh_list(d->dhall, inputs, &n);
	for (size_t i = 0; i < n; i++)
		if (dh_item(d->dhall, inputs, i, &item) && str_eq(drv_of(d, item), name))
			return true;
	return false;
}

void der_set_references(struct derivation *d, const char *name, const dh_val *inputs, size_t ninputs)
{
	dh_val list;
	const str *texts;
	str *items;
	size_t n;

	if (!der_some_in(d, d->value, name, &list))
		return;
	texts = der_texts(d, list, &n);
	items = arena_array(d->arena, str, n);
	for (size_t i = 0; i < n; i++) {
		bool found = false;

		for (size_t k = 0; k < ninputs; k++)
			found |= is_input(d, inputs[k], texts[i]);
		items[i] = found && !str_ends(texts[i], S(".drv")) ? der_package(d, name, texts[i]) : der_line(d, texts[i]);
	}
	der_set(d, name, der_list(d, items, n));
}
