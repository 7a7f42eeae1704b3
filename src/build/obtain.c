#include "capture.h"
#include "obtain.h"

#include <straylight/closure.h>

/* A pinned tree is in the store, or it is captured here and must be the same; the form that names Nix is for a
 * bootstrap that has it. */

/* Pins are SHA-256: a tree whose files have other digests has none that could be compared. */
static bool pinned_digest(struct store *store, const struct bytes *b, str name, struct digest *out, struct diags *diags)
{
	struct diag *d;

	if (store_fn(store) != DIGEST_SHA256) {
		d = diag_error(diags, DIAG_TOOLCHAIN_BYTES, NO_SPAN, "toolchain '%.*s' is pinned by SHA-256, and this build's digests are "
				"BLAKE3", STR_ARG(name));
		diag_hint(diags, d, "build with --digest=sha256, or leave the pin away");
		return false;
	}
	if (digest_parse(b->where, out))
		return true;
	d = diag_error(diags, DIAG_TOOLCHAIN_BYTES, NO_SPAN, "toolchain '%.*s': '%.*s' is not a digest (HASH/SIZE)",
			STR_ARG(name), STR_ARG(b->where));
	diag_hint(diags, d, "`straylight toolchain capture` prints the digest of what it captured");
	return false;
}

static struct tree *pinned_tree(struct store *store, const struct bytes *b, str name, struct diags *diags)
{
	struct digest digest;
	struct tree *tree;
	struct diag *d;

	if (!pinned_digest(store, b, name, &digest, diags))
		return NULL;
	if (store_get_tree(store, &digest, &tree) == 0)
		return tree;
	d = diag_error(diags, DIAG_TOOLCHAIN_BYTES, NO_SPAN, "toolchain '%.*s': the store has no tree '%.*s'",
			STR_ARG(name), STR_ARG(b->where));
	diag_hint(diags, d, "capture it again with `straylight toolchain capture`, on the machine that it came from "
			    "or one with the same packages");
	return NULL;
}

static void add_dirs(struct toolchain *t, const struct capture *c)
{
	struct toolchain_dir *dirs = arena_array(&t->arena, struct toolchain_dir, t->ndirs + c->ndirs);

	if (t->ndirs)
		memcpy(dirs, t->dirs, t->ndirs * sizeof *dirs);
	for (size_t i = 0; i < c->ndirs; i++)
		dirs[t->ndirs++] = (struct toolchain_dir){c->dirs[i].path, c->dirs[i].stamp};
	t->dirs = dirs;
}

static struct tree *captured(struct store *store, str workspace, const struct bytes *b, struct toolchain *t,
		struct diags *diags)
{
	struct capture c;
	struct tree *tree = capture_obtain(store, workspace, b, &t->arena, &c, diags);

	if (tree) {
		add_dirs(t, &c);
		if (!t->version.n)
			t->version = c.version;
	}
	return tree;
}

static struct tree *pinned(struct store *store, str workspace, const struct bytes *b, struct toolchain *t,
		struct diags *diags)
{
	char now[DIGEST_TEXT_MAX];
	struct digest digest;
	struct tree *tree;
	struct diag *d;

	if (!pinned_digest(store, b, t->rendered.name, &digest, diags))
		return NULL;
	if (store_get_tree(store, &digest, &tree) == 0)
		return tree;
	tree = captured(store, workspace, b, t, diags);
	if (!tree || digest_eq(tree_digest(tree, store_fn(store)), &digest))
		return tree;
	d = diag_error(diags, DIAG_TOOLCHAIN_DRIFT, NO_SPAN, "toolchain '%.*s' is pinned to '%.*s', and this machine has '%s'",
			STR_ARG(t->rendered.name), STR_ARG(b->where),
			digest_text(tree_digest(tree, store_fn(store)), now));
	diag_hint(diags, d, "install the versions that it was captured from, or pin what is installed here with "
			    "`straylight toolchain update FILE`");
	tree_unref(tree);
	return NULL;
}

static struct tree *of_nix(const struct bytes *b, struct toolchain *t, const struct toolchain_nix *nix)
{
	const struct toolchain_part *part = toolchain_nix_part(nix, b->where);

	toolchain_nix_tools(t, part);
	if (!t->version.n)
		t->version = str_dup(&t->arena, part->node->drv->name);
	return tree_ref(part->tree);
}

static struct tree *part(struct store *store, str workspace, const struct bytes *b, struct toolchain *t,
		const struct toolchain_nix *nix, struct diags *diags)
{
	str name = t->rendered.name;

	switch (b->kind) {
	case BYTES_HOST: return captured(store, workspace, b, t, diags);
	case BYTES_TREE: return pinned_tree(store, b, name, diags);
	case BYTES_PINNED: return pinned(store, workspace, b, t, diags);
	case BYTES_NIX: break;
	}
	return of_nix(b, t, nix);
}

static bool add_part(struct toolchain *t, struct tree *tree, struct diags *diags)
{
	str clash = {0};
	struct tree *merged = tree_merge(t->tree, tree, &t->arena, &clash);

	tree_unref(tree);
	if (!merged) {
		diag_error(diags, DIAG_TOOLCHAIN_BYTES, NO_SPAN, "toolchain '%.*s': its parts have two files at '%.*s'",
				STR_ARG(t->rendered.name), STR_ARG(clash));
		return false;
	}
	tree_unref(t->tree);
	t->tree = merged;
	return true;
}

struct toolchain *toolchain_obtain(struct store *store, str workspace, const struct rendered *r, const struct toolchain_nix *nix,
		struct diags *diags)
{
	struct toolchain *t = mem_make(struct toolchain);

	t->refs = 1;
	t->rendered = rendered_copy(r, &t->arena);
	t->tree = tree_empty();
	for (uint32_t i = 0; i < r->nbytes; i++) {
		struct tree *tree = part(store, workspace, &r->bytes[i], t, nix, diags);

		if (!tree || !add_part(t, tree, diags)) {
			toolchain_unref(t);
			return NULL;
		}
	}
	t->digest = *tree_digest(t->tree, store_fn(store));
	return t;
}
