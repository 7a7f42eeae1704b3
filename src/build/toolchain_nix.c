#include "toolchain_nix.h"
#include "compat.h"

bool toolchain_nix_needed(const struct rendered *r)
{
	for (uint32_t i = 0; i < r->nbytes; i++)
		if (r->bytes[i].kind == BYTES_NIX)
			return true;
	return false;
}

void toolchain_nix_clear(struct toolchain_nix *n)
{
	for (size_t i = 0; i < n->nparts; i++)
		tree_unref(n->parts[i].tree);
	map_free(&n->beyond);
	arena_clear(&n->arena);
}

const struct toolchain_part *toolchain_nix_part(const struct toolchain_nix *n, str installable)
{
	for (size_t i = 0; i < n->nparts; i++)
		if (str_eq(n->parts[i].installable, installable))
			return &n->parts[i];
	return NULL;
}

/* ---- evaluating ---- */

/* Nothing of the workspace: a toolchain is what the search path says. */
static bool shows(void *ud, str below)
{
	(void)ud;
	(void)below;
	return false;
}

static void on_beyond(void *ud, str path)
{
	struct toolchain_nix *n = ud;

	if (!map_has(&n->beyond, path))
		map_put(&n->beyond, str_dup(&n->arena, path), NULL);
}

static bool is_name(str s, const char *more)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || char_in(c, more)))
			return false;
	}
	return s.n > 0;
}

static bool bad_installable(str installable, str toolchain, struct diags *diags)
{
	struct diag *d = diag_error(diags, DIAG_TOOLCHAIN_BYTES, NO_SPAN, "toolchain '%.*s': '%.*s' names no attribute of Nix packages",
			STR_ARG(toolchain), STR_ARG(installable));

	diag_hint(diags, d, "write \"nixpkgs#rustc\": where <nixpkgs> is, NIX_PATH says");
	return false;
}

/* The derivation, and the path of the output that is meant: the value's own. */
static bool take(struct compat *c, nix_val v, str installable, struct instance *gave, struct diags *diags)
{
	nix_val out;

	if (!compat_derivation(c, v, &gave->drv, diags))
		return false;
	if (nix_get(c->session, v, S("outPath"), &out) && nix_string(c->session, out, &gave->output))
		return true;
	diag_error(diags, DIAG_TOOLCHAIN_BYTES, NO_SPAN, "the path of the output of '%.*s' is not known", STR_ARG(installable));
	return false;
}

/* Recalls the part, or evaluates and remembers it. */
static bool fill(struct compat *c, const struct compat_world *w, struct store *store, str text, struct arena *a,
		struct toolchain_part *part, struct diags *diags)
{
	const struct compat_asked asked = {.what = digest_of(DIGEST_SHA256, text)};
	struct instance gave = {0};
	nix_val v;

	part->recalled = compat_recall(c, w, store, &asked, &gave);
	if (!part->recalled) {
		if (!compat_value(c, w, text, &v) || !take(c, v, part->installable, &gave, diags))
			return false;
		compat_remember(c, w, store, &asked, &gave);
	}
	part->drv = str_dup(a, gave.drv);
	part->path = str_dup(a, gave.output);
	return true;
}

static bool evaluate(struct toolchain_nix *n, struct store *store, str workspace, str toolchain, struct toolchain_part *part,
		struct diags *diags)
{
	struct compat_world w = {
		.view = {.root = workspace, .real = workspace, .shows = shows, .beyond = on_beyond, .ud = n},
		.noted = true,
	};
	struct compat c;
	struct diag *d;
	str name, attr, text;
	bool ok;

	if (!str_cut(part->installable, '#', &name, &attr) || !is_name(name, "./") || !is_name(attr, "."))
		return bad_installable(part->installable, toolchain, diags);
	text = str_fmt(&n->arena, "(import <%.*s> { }).%.*s", STR_ARG(name), STR_ARG(attr));
	ok = compat_open(&c, &w, diags) && fill(&c, &w, store, text, &n->arena, part, diags);
	compat_close(&c);
	d = diags->last;
	if (!ok && d)
		diag_note(diags, d, NO_SPAN, "the toolchain '%.*s' is '%.*s' of Nix", STR_ARG(toolchain), STR_ARG(part->installable));
	if (!ok && d && d->code == DIAG_NIX_SEARCH)
		diag_hint(diags, d, "say where the packages are, by NIX_PATH=%.*s=FOLDER, or pin a captured toolchain", STR_ARG(name));
	return ok;
}

bool toolchain_nix_evaluate(struct toolchain_nix *n, const struct rendered *r, struct store *store, str workspace, struct diags *diags)
{
	n->parts = arena_array(&n->arena, struct toolchain_part, r->nbytes);
	for (uint32_t i = 0; i < r->nbytes; i++) {
		struct toolchain_part *part = &n->parts[n->nparts];

		if (r->bytes[i].kind != BYTES_NIX || toolchain_nix_part(n, r->bytes[i].where))
			continue;
		part->installable = r->bytes[i].where;
		n->nparts++;
		if (!evaluate(n, store, workspace, r->name, part, diags))
			return false;
	}
	return true;
}

/* ---- tools ---- */

void toolchain_nix_tools(struct toolchain *t, const struct toolchain_part *part)
{
	struct rendered *r = &t->rendered;
	struct named_text *tools = arena_array(&t->arena, struct named_text, r->ntools);
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->ntools; i++) {
		str path = r->tools[i].value;

		if (path.n && path.p[0] != '/') {
			path = str_fmt(&t->arena, "%.*s/%.*s", STR_ARG(part->path), STR_ARG(path));
			if (!tree_find(part->tree, str_from(path, 1)))
				continue;
		}
		tools[n++] = (struct named_text){r->tools[i].name, path};
	}
	r->tools = tools;
	r->ntools = n;
}
