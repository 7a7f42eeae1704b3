#include "drv_keys.h"
#include "obtain.h"
#include "toolchain_nix.h"

/* A toolchain's bytes: captured, remembered, or of a derivation, which is evaluated and built first. */

enum toolchain_phase {
	TOOLCHAIN_NEW,
	TOOLCHAIN_EVALUATE, /* on the pool: what Nix provides */
	TOOLCHAIN_BUILD,    /* derivations are asked for */
	TOOLCHAIN_OBTAIN,   /* on the pool */
};

struct toolchain_job {
	enum toolchain_phase phase;
	struct build *build;
	struct dice_job *job;
	const struct rendered *rendered;
	struct toolchain_nix nix;
	struct toolchain *toolchain; /* until it is returned */
	struct diags diags;
};

static void toolchain_drop(void *memory)
{
	struct toolchain_job *j = memory;

	toolchain_unref(j->toolchain);
	toolchain_nix_clear(&j->nix);
	diags_free(&j->diags);
}

static void evaluate_work(void *ud)
{
	struct toolchain_job *j = ud;

	(void)!toolchain_nix_evaluate(&j->nix, j->rendered, j->build->store, j->build->workspace.root, &j->diags);
}

static void obtain_work(void *ud)
{
	struct toolchain_job *j = ud;

	j->toolchain = toolchain_obtain(j->build->store, j->build->workspace.root, j->rendered, &j->nix, &j->diags);
}

static void work_done(void *ud)
{
	dice_resume(((struct toolchain_job *)ud)->job);
}

static enum dice_step on_pool(struct dice_ctx *ctx, struct toolchain_job *j, enum toolchain_phase phase, pool_fn *work)
{
	j->phase = phase;
	j->job = dice_defer(ctx, NULL, j);
	pool_submit(j->build->pool, work, work_done, j);
	return DICE_WAIT;
}

/* What the derivations made, once they are built. */
static enum dice_step build_nix(struct dice_ctx *ctx, struct toolchain_job *j)
{
	struct toolchain_nix *n = &j->nix;
	struct derivations *d = derivations_of(j->build, &j->diags);
	struct arena a = {0};
	dice_id *ids = arena_array(&a, dice_id, n->nparts);
	bool there, ok = d != NULL;

	j->phase = TOOLCHAIN_BUILD;
	for (size_t i = 0; i < n->nparts && ok; i++) {
		sym key = intern(n->parts[i].drv);

		n->parts[i].node = derivations_add(d, n->parts[i].drv, &j->diags);
		ok = n->parts[i].node != NULL;
		ids[i] = dice_dep(ctx, &kind_derivation, &key);
	}
	there = ok && dice_need(ctx, ids, n->nparts);
	arena_clear(&a);
	if (!ok)
		return key_fail(ctx, &j->diags);
	if (!there)
		return DICE_WAIT;
	for (size_t i = 0; i < n->nparts; i++)
		if (!derivations_root(d, n->parts[i].path, &n->parts[i].tree, &j->diags))
			return key_fail(ctx, &j->diags);
	return on_pool(ctx, j, TOOLCHAIN_OBTAIN, obtain_work);
}

static void note_beyond(struct toolchain_job *j)
{
	for (size_t i = 0; i < j->nix.beyond.n; i++)
		build_beyond(j->build, j->nix.beyond.entries[i].key);
}

static enum dice_step begin(struct dice_ctx *ctx, struct toolchain_job *j, sym key)
{
	struct build *b = j->build = key_build(ctx);

	j->rendered = map_get(&b->toolchains, sym_str(key));
	if (b->options.observer.capturing)
		b->options.observer.capturing(b->options.observer.ud, j->rendered->name);
	if (toolchain_nix_needed(j->rendered))
		return on_pool(ctx, j, TOOLCHAIN_EVALUATE, evaluate_work);
	return on_pool(ctx, j, TOOLCHAIN_OBTAIN, obtain_work);
}

static enum dice_step toolchain_step(struct dice_ctx *ctx, const void *key)
{
	struct toolchain_job *j = dice_scratch(ctx, sizeof *j, toolchain_drop);
	struct toolchain *made;

	if (j->phase == TOOLCHAIN_NEW)
		return begin(ctx, j, *(const sym *)key);
	if (j->phase == TOOLCHAIN_EVALUATE)
		note_beyond(j);
	if (j->diags.errors)
		return key_fail(ctx, &j->diags);
	if (j->phase != TOOLCHAIN_OBTAIN)
		return build_nix(ctx, j);
	made = j->toolchain;
	j->toolchain = NULL;
	vec_push(&j->build->used, toolchain_ref(made));
	return dice_return(ctx, dice_ptr(made));
}

static void toolchain_release(union dice_value v)
{
	toolchain_unref(v.p);
}

const struct dice_kind kind_toolchain = {
	.name = "toolchain",
	.key_size = sizeof(sym),
	.step = toolchain_step,
	.release = toolchain_release,
};

static const struct rendered *choose(const struct build *b, const struct configured *c, sym word)
{
	const struct analysis *a = &c->target->analysis;
	const struct settings *w = &b->workspace.settings;

	for (uint32_t i = 0; i < a->ntoolchains; i++)
		if (a->toolchains[i].word == word)
			return &a->toolchains[i].rendered;
	for (uint32_t i = 0; i < w->ntoolchains; i++)
		if (w->toolchains[i].word == word)
			return &w->toolchains[i].rendered;
	return NULL;
}

sym build_toolchain_key(struct build *b, const struct rendered *r)
{
	struct buf bytes = {0};
	unsigned char hash[32];
	char hex[65];
	sym key;

	rendered_encode(r, &bytes);
	sha256(buf_view(&bytes), hash);
	buf_free(&bytes);
	hex_of(hash, sizeof hash, hex);
	key = intern_c(hex);
	if (!map_has(&b->toolchains, sym_str(key))) {
		struct rendered *copy = arena_make(&b->arena, struct rendered);

		*copy = rendered_copy(r, &b->arena);
		map_put(&b->toolchains, sym_str(key), copy);
	}
	return key;
}

/* Adds what the prelude's Workspace has for the word, beside its default; false: nothing. */
static bool put_offered(str word, struct buf *out)
{
	static const char *const beside[] = {"foreign", "autoreconf", "cmake", "meson", "python", "cargo", "rust"};

	for (size_t i = 0; i < SL_COUNT(beside); i++)
		if (str_eq(word, str_c(beside[i]))) {
			buf_fmt(out, "S.Workspace.%s # ", beside[i]);
			return true;
		}
	return str_eq(word, S("cxx")) || str_eq(word, S("userland"));
}

static void report_missing(const struct configured *c, const sym *words, const sym *keys, uint32_t n, struct diags *diags)
{
	struct buf missing = {0}, expression = {0};
	bool offered = true, many = false;
	struct diag *d;

	for (uint32_t i = 0; i < n; i++) {
		if (keys[i])
			continue;
		many |= missing.n > 0;
		buf_fmt(&missing, "%s'%.*s'", missing.n ? ", " : "", STR_ARG(sym_str(words[i])));
		offered &= put_offered(sym_str(words[i]), &expression);
	}
	d = diag_error(diags, DIAG_TOOLCHAIN_UNKNOWN, c->target->span, "'%.*s' needs %s %.*s, and the workspace has %s",
			STR_ARG(sym_str(c->target->label)), many ? "the toolchains" : "a toolchain", STR_ARG(buf_view(&missing)),
			many ? "none of them" : "none");
	if (offered)
		diag_hint(diags, d, "write `toolchains = %.*sS.Workspace.default.toolchains` in straylight.dhall", STR_ARG(buf_view(&expression)));
	else
		diag_hint(diags, d, "add %s to toolchains in straylight.dhall, or set the target's toolchain", many ? "them" : "it");
	buf_free(&missing);
	buf_free(&expression);
}

bool build_toolchain_keys(struct build *b, const struct configured *c, const sym *words, uint32_t n, sym *keys, struct diags *diags)
{
	bool all = true;

	for (uint32_t i = 0; i < n; i++) {
		const struct rendered *r = choose(b, c, words[i]);

		keys[i] = r ? build_toolchain_key(b, r) : 0;
		all &= r != NULL;
	}
	if (!all)
		report_missing(c, words, keys, n, diags);
	return all;
}
