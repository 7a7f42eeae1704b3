/* Nix files are evaluated too, with symbols for nixpkgs.  What needs more than that, or more steps than there are, is
 * judged by its source alone. */
#include "lint_int.h"
#include "symbolic.h"

#define STEPS_MAX 2000000
#define BYTES_MAX ((size_t)512 << 20)
#define FOUND_MAX 1000 /* derivations of a file */

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

void lint_symbolic(str path, str own, lint_symbolic_fn *fn, void *ud)
{
	struct symbolic_request q = {.file = path, .text = own, .limits = {.bytes = BYTES_MAX, .steps = STEPS_MAX}};
	struct diags unheard = {0};
	nix_val all, one;
	struct symbolic *y = symbolic_open(&q, &all, &unheard);
	struct nix *x = y ? symbolic_session(y) : NULL;
	size_t n = 0;

	if (x && nix_list(x, all, &n))
		for (size_t i = 0; i < n && i < FOUND_MAX; i++)
			if (nix_item(x, all, i, &one) && nix_kind(x, one) == NIX_ATTRS)
				tell(x, one, fn, ud);
	symbolic_close(y);
	diags_free(&unheard);
}
