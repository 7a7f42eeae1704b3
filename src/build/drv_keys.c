#include "drv_keys.h"

#include <straylight/nixstore.h>

struct derivations {
	struct build *of;
	struct arena arena;
	struct drvbuild_owner owner;
	struct store *own; /* when the build's digests are not SHA-256 */
	struct closure *closure;
	struct drvbuild *build; /* NULL: closed */
	struct map nodes;       /* path → const struct closure_node * */
	struct diags warnings;
};

/* ---- open and close ---- */

static bool open_store(struct derivations *d, struct diags *diags)
{
	struct build *b = d->of;

	if (store_fn(b->store) != DIGEST_SHA256)
		d->own = store_open(store_root(b->store), DIGEST_SHA256, diags);
	d->owner = (struct drvbuild_owner){&b->loop, b->pool, d->own ? d->own : b->store};
	return d->owner.store && (d->own || store_fn(b->store) == DIGEST_SHA256);
}

static bool open_build(struct derivations *d, struct diags *diags)
{
	struct build *b = d->of;
	struct drvbuild_options o = {
		.owner = &d->owner,
		.jobs = b->options.jobs,
		.host = b->options.host_paths,
		.nhost = b->options.nhost_paths,
		.caches = b->options.caches,
		.vouchers = b->vouchers,
		.nvouchers = b->nvouchers,
		.remote = b->options.remote,
	};

	if (b->options.remote.cache_only)
		o.remote.endpoint = S("");
	d->build = drvbuild_open(d->closure, &o, diags);
	return d->build != NULL;
}

struct derivations *derivations_of(struct build *b, struct diags *diags)
{
	struct derivations *d = b->derivations;

	if (d && d->build)
		return d;
	if (!d) {
		d = b->derivations = mem_make(struct derivations);
		d->of = b;
		d->closure = closure_new(S(NIX_STORE_DIR));
		closure_look(d->closure, nixstore_default(&d->arena));
	}
	return open_store(d, diags) && open_build(d, diags) ? d : NULL;
}

void derivations_close(struct derivations *d)
{
	if (!d)
		return;
	drvbuild_close(d->build);
	d->build = NULL;
}

void derivations_free(struct derivations *d)
{
	if (!d)
		return;
	closure_free(d->closure);
	if (d->own)
		store_close(d->own);
	map_free(&d->nodes);
	diags_free(&d->warnings);
	arena_clear(&d->arena);
	mem_free(d);
}

void derivations_troubles(struct derivations *d, struct diags *diags)
{
	if (!d)
		return;
	diags_move(diags, &d->warnings);
	if (d->of->options.check > 1)
		diag_hint(diags, diag_warning(diags, DIAG_COMPAT_SHAPE, NO_SPAN, "--check does not run derivations again"),
				"what is there by its inputs' hash is taken as it is; in another XDG_CACHE_HOME everything is built anew");
}

/* ---- what is known ---- */

static void know(struct derivations *d, const struct closure_node *n)
{
	map_put(&d->nodes, n->path, (void *)(uintptr_t)n);
}

const struct closure_node *derivations_add(struct derivations *d, str path, struct diags *diags)
{
	const struct closure_node *n = map_get(&d->nodes, path);

	if (n)
		return n;
	n = closure_add(d->closure, str_dup(&d->arena, path).p, diags);
	if (!n || !closure_load(d->closure, diags))
		return NULL;
	know(d, n);
	return n;
}

bool derivations_has(struct derivations *d, const struct closure_node *n)
{
	return drvbuild_has(d->build, n->drv);
}

/* ---- outputs ---- */

static int move_file(struct derivations *d, const struct digest *from, bool executable, struct digest *to)
{
	struct arena a = {0};
	str path;
	int err = store_path(d->own, from, executable, &a, &path);

	err = err ? err : store_put_file(d->of->store, path.p, to);
	arena_clear(&a);
	return err;
}

/* The same files under other digests.  Trees are bounded in depth by the store. */
static int move_tree(struct derivations *d, struct tree *from, struct tree_builder *to, str path, struct arena *a)
{
	const struct tree_entry *e = tree_entries(from);
	int err = 0;

	if (tree_count(from) == 0)
		tree_put_dir(to, path);
	for (size_t i = 0; i < tree_count(from) && !err; i++) {
		str at = str_c(os_join(a, path, e[i].name));
		struct digest digest;

		switch (e[i].kind) {
		case TREE_FILE:
			err = move_file(d, &e[i].digest, e[i].executable, &digest);
			if (!err)
				tree_put_file(to, at, &digest, e[i].executable);
			break;
		case TREE_DIR: err = move_tree(d, e[i].dir, to, at, a); break;
		case TREE_SYMLINK: tree_put_symlink(to, at, e[i].target); break;
		}
	}
	return err;
}

static int move(struct derivations *d, struct tree_entry *e)
{
	struct tree_builder *to;
	struct arena a = {0};
	struct tree *moved;
	str clash;
	int err;

	if (e->kind == TREE_FILE)
		return move_file(d, &e->digest, e->executable, &e->digest);
	if (e->kind == TREE_SYMLINK)
		return 0;
	to = tree_builder_new();
	err = move_tree(d, e->dir, to, S(""), &a);
	moved = tree_builder_end(to, &a, &clash);
	err = err ? err : store_put_tree(d->of->store, moved);
	tree_unref(e->dir);
	e->dir = moved;
	arena_clear(&a);
	return err;
}

bool derivations_output(struct derivations *d, str path, struct tree_entry *out, struct diags *diags)
{
	const struct valid *v = valids_get(drvbuild_valids(d->build), path);
	int err = 0;

	if (!v) {
		diag_error(diags, DIAG_INTERNAL, NO_SPAN, "'%.*s' was built and is not there", STR_ARG(path));
		return false;
	}
	*out = v->entry;
	if (out->kind == TREE_DIR)
		tree_ref(out->dir);
	if (d->own)
		err = move(d, out);
	if (err)
		os_error(diags, DIAG_IO, err, "storing", path);
	return !err;
}

bool derivations_root(struct derivations *d, str path, struct tree **out, struct diags *diags)
{
	struct tree_builder *t = tree_builder_new();
	struct arena a = {0};
	const struct valid *const *all;
	size_t n;
	str clash;
	bool ok = true;

	all = valids_closure(drvbuild_valids(d->build), &path, 1, &a, &n);
	for (size_t i = 0; i < n && ok; i++) {
		str at = str_from(all[i]->path, 1);
		struct tree_entry e;

		ok = derivations_output(d, all[i]->path, &e, diags);
		if (!ok)
			break;
		switch (e.kind) {
		case TREE_FILE: tree_put_file(t, at, &e.digest, e.executable); break;
		case TREE_DIR:
			tree_put_tree(t, at, e.dir);
			tree_unref(e.dir);
			break;
		case TREE_SYMLINK: tree_put_symlink(t, at, e.target); break;
		}
	}
	*out = tree_builder_end(t, &a, &clash);
	if (ok && store_put_tree(d->of->store, *out) < 0)
		ok = false;
	arena_clear(&a);
	return ok;
}

/* ---- the key ---- */

struct derivation_job {
	struct dice_job *job;
	struct drv_job *drv;
	struct drv_substitution *caches;
	struct derivations *of;
};

static void built(void *ud, bool ok, enum drv_served served, struct diags *diags)
{
	struct derivation_job *j = ud;
	struct failure *f;

	if (ok) {
		diags_move(&j->of->warnings, diags);
		dice_complete(j->job, dice_u64(served));
		return;
	}
	f = failure_new();
	f->cancelled = diags->errors == 0;
	diags_move(&f->diags, diags);
	dice_reject(j->job, f);
}

static void unwanted(void *ud)
{
	drvbuild_withdraw(((struct derivation_job *)ud)->drv);
}

static void substituted(void *ud, struct diags *diags)
{
	struct derivation_job *j = ud;

	diags_move(&j->of->warnings, diags);
	dice_resume(j->job);
}

static void unwanted_of_caches(void *ud)
{
	drvbuild_substitute_stop(((struct derivation_job *)ud)->caches);
}

/* The caches are asked for all that it needs: its inputs find that they were. */
static enum dice_step substitute_step(struct dice_ctx *ctx, struct derivation_job *j, const struct closure_node *n)
{
	j->job = dice_defer(ctx, unwanted_of_caches, j);
	j->caches = drvbuild_substitute(j->of->build, &n, 1, substituted, j);
	return DICE_WAIT;
}

/* What is valid needs nothing, not even its inputs. */
static enum dice_step derivation_step(struct dice_ctx *ctx, const void *key)
{
	struct derivations *d = key_build(ctx)->derivations;
	const struct closure_node *n = map_get(&d->nodes, sym_str(*(const sym *)key));
	struct derivation_job *j = dice_scratch(ctx, sizeof *j, NULL);
	struct arena a = {0};
	dice_id *ids;
	bool there;

	j->of = d;
	if (drvbuild_has(d->build, n->drv))
		return dice_return(ctx, dice_u64(DRV_SERVED_CACHE));
	if (drvbuild_may_substitute(d->build, n))
		return substitute_step(ctx, j, n);
	ids = arena_array(&a, dice_id, n->drv->ninputs);
	for (size_t i = 0; i < n->drv->ninputs; i++) {
		sym input = intern(n->inputs[i]->path);

		know(d, n->inputs[i]);
		ids[i] = dice_dep(ctx, &kind_derivation, &input);
	}
	there = dice_need(ctx, ids, n->drv->ninputs);
	arena_clear(&a);
	if (!there)
		return DICE_WAIT;
	j->job = dice_defer(ctx, unwanted, j);
	j->drv = drvbuild_submit(d->build, n, built, j);
	return DICE_WAIT;
}

static str derivation_describe(void *ud, const void *key, struct arena *a)
{
	(void)ud;
	return str_dup(a, sym_str(*(const sym *)key));
}

const struct dice_kind kind_derivation = {
	.name = "derivation",
	.key_size = sizeof(sym),
	.step = derivation_step,
	.describe = derivation_describe,
};
