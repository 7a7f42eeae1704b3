#include "drv_keys.h"
#include "step_nix.h"

/* A nix-compat action: its expression is evaluated where nothing stands but the action's inputs, and the derivation that it gives
 * is built as any other.  The host's nix has no part in it.  The derivation is a part of the action's identity: what the expression
 * finds along the search path counts by what comes of it. */

bool step_is_nix(const struct step *s)
{
	return s->category == CATEGORY_CUSTOM && str_eq(s->custom, S(STEP_NIX));
}

void step_drop_nix(struct step_nix *n)
{
	if (!n)
		return;
	for (uint32_t i = 0; n->outputs && i < n->job->action->noutputs; i++)
		if (n->outputs[i].kind == TREE_DIR)
			tree_unref(n->outputs[i].dir);
	map_free(&n->beyond);
	diags_free(&n->diags);
	arena_clear(&n->arena);
	mem_free(n);
}

/* ---- evaluating, on the pool ---- */

static void on_missed(void *ud, str below)
{
	struct step_nix *n = ud;

	if (!n->missed.p)
		n->missed = str_dup(&n->arena, below);
}

static void on_refused(void *ud, str path)
{
	struct step_nix *n = ud;

	if (!n->refused.p)
		n->refused = str_dup(&n->arena, path);
}

static void on_beyond(void *ud, str path)
{
	struct step_nix *n = ud;

	if (!map_has(&n->beyond, path))
		map_put(&n->beyond, str_dup(&n->arena, path), NULL);
}

str step_nix_artifacts(struct step_nix *n, str root)
{
	return str_fmt(&n->arena, "artifact=%.*s/%.*s/artifacts", STR_ARG(root), STR_ARG(n->job->configured->out_dir));
}

bool step_nix_lay_out(struct step_nix *n, str *folder)
{
	struct step_job *j = n->job;
	struct build *b = j->build;
	int err;

	if (!provide_inputs(b->provider, j->action, &j->contents, &n->arena, &n->diags))
		return false;
	err = store_materialize(b->store, j->identity.work, &n->arena, folder);
	if (err)
		os_error(&n->diags, DIAG_IO, err, "laying out the inputs of", j->action->name);
	return !err;
}

/* In a folder where the inputs are laid out. */
static bool evaluate_laid_out(struct step_nix *n, struct compat *c, struct compat_world *w, str *path)
{
	nix_val v;

	return step_nix_lay_out(n, &w->view.real) && compat_value(c, w, n->expression, &v) && compat_derivation(c, v, path, &n->diags);
}

static void evaluate_work(void *ud)
{
	struct step_nix *n = ud;
	struct step_job *j = n->job;
	str artifacts = step_nix_artifacts(n, j->build->workspace.root);
	/* Paths begin as they do in the workspace; what stands there are the inputs. */
	struct compat_world w = {
		.view = {.root = j->build->workspace.root, .missed = on_missed, .refused = on_refused, .beyond = on_beyond, .ud = n},
		.search = &artifacts,
		.nsearch = 1,
		.package = j->configured->target->package,
		.noted = true,
	};
	const struct compat_asked asked = {j->identity.action, sym_str(j->configured->target->label)};
	struct store *s = j->build->store;
	struct compat c;
	bool ok = compat_open(&c, &w, &n->diags);
	struct instance gave = {0};

	if (ok && !compat_recall(&c, &w, s, &asked, &gave)) {
		ok = evaluate_laid_out(n, &c, &w, &gave.drv);
		if (ok)
			compat_remember(&c, &w, s, &asked, &gave);
	}
	if (ok)
		n->drv = str_dup(&n->arena, gave.drv);
	compat_close(&c);
}

static void evaluate_done(void *ud)
{
	struct step_nix *n = ud;

	dice_resume(n->job->job);
}

static enum dice_step evaluate(struct dice_ctx *ctx, struct step_job *j)
{
	j->phase = PHASE_EVALUATE;
	j->job = dice_defer(ctx, NULL, j);
	pool_submit(j->build->pool, evaluate_work, evaluate_done, j->nix);
	return DICE_WAIT;
}

/* ---- the derivation ---- */

str step_nix_output(const struct step_job *j, const struct artifact *a)
{
	return str_from(a->path, j->configured->out_dir.n + 1);
}

static const struct drv_output *find_output(const struct drv *d, str name)
{
	for (size_t i = 0; i < d->noutputs; i++)
		if (str_eq(d->outputs[i].name, name))
			return &d->outputs[i];
	return NULL;
}

static void no_output(struct step_job *j, str name)
{
	const struct drv *d = j->nix->node->drv;
	struct buf has = {0};
	struct diag *diag = diag_error(&j->diags, DIAG_COMPAT_SHAPE, j->configured->target->span,
			"'%.*s' of '%.*s' declares the output '%.*s', which the derivation '%.*s' does not have", STR_ARG(j->action->name),
			STR_ARG(sym_str(j->configured->target->label)), STR_ARG(name), STR_ARG(d->name));

	for (size_t i = 0; i < d->noutputs; i++)
		buf_fmt(&has, "%s'%.*s'", i ? ", " : "", STR_ARG(d->outputs[i].name));
	diag_hint(&j->diags, diag, "its outputs are %.*s", STR_ARG(buf_view(&has)));
	buf_free(&has);
}

static bool check_outputs(struct step_job *j)
{
	const struct action *a = j->action;

	for (uint32_t i = 0; i < a->noutputs; i++)
		if (!find_output(j->nix->node->drv, step_nix_output(j, a->outputs[i]))) {
			no_output(j, step_nix_output(j, a->outputs[i]));
			return false;
		}
	return true;
}

/* What the identity says of it: the derivation, what of the host its builders see, and who beside the user vouches for what is taken
 * from caches. */
static str derivation_text(struct step_job *j)
{
	const struct build_options *o = &j->build->options;
	struct buf text = {0};

	buf_str(&text, j->nix->drv);
	for (size_t i = 0; i < o->nhost_paths; i++)
		buf_fmt(&text, "%s%.*s", i ? "," : " with ", STR_ARG(o->host_paths[i]));
	for (size_t i = 0; i < j->build->nvouchers; i++)
		buf_fmt(&text, "%s%.*s", i ? "," : " by ", STR_ARG(j->build->vouchers[i]));
	return buf_take(&text, &j->arena);
}

static void blame(struct step_job *j)
{
	struct step_nix *n = j->nix;
	struct diag *d = n->diags.first;

	if (d && n->missed.p)
		diag_note(&n->diags, d, NO_SPAN, "'%.*s' is there, and is not an input of '%.*s'; inputs are listed in BUILD.dhall",
				STR_ARG(n->missed), STR_ARG(sym_str(j->configured->target->label)));
	if (d && n->refused.p)
		diag_note(&n->diags, d, NO_SPAN, COMPAT_REFUSED, STR_ARG(n->refused));
	if (d && !d->at.file)
		d->at = j->configured->target->span;
	else if (d)
		diag_note(&n->diags, d, j->configured->target->span, "of this target");
	diags_move(&j->diags, &n->diags);
}

static enum dice_step evaluated(struct dice_ctx *ctx, struct step_job *j)
{
	struct step_nix *n = j->nix;
	struct derivations *d;

	for (size_t i = 0; i < n->beyond.n; i++)
		build_beyond(j->build, n->beyond.entries[i].key);
	if (!n->drv.p) {
		blame(j);
		return step_fail(ctx, j);
	}
	d = derivations_of(j->build, &j->diags);
	n->node = d ? derivations_add(d, n->drv, &j->diags) : NULL;
	if (!n->node || !check_outputs(j))
		return step_fail(ctx, j);
	j->action->derivation = derivation_text(j);
	identity_clear(&j->identity);
	return step_look(ctx, j);
}

/* ---- building ---- */

static enum build_served served_of(uint64_t served)
{
	return served == DRV_SERVED_REMOTE ? SERVED_REMOTE : served == DRV_SERVED_CACHE ? SERVED_CACHE : SERVED_RUN;
}

static bool take_outputs(struct step_job *j, struct action_result *r)
{
	struct build *b = j->build;
	const struct action *a = j->action;
	struct output_entry *outputs = arena_array(&j->arena, struct output_entry, a->noutputs);

	for (uint32_t i = 0; i < a->noutputs; i++) {
		const struct drv_output *o = find_output(j->nix->node->drv, step_nix_output(j, a->outputs[i]));
		struct tree_entry e;

		if (!derivations_output(b->derivations, o->path, &e, &j->diags))
			return false;
		outputs[i] = (struct output_entry){a->outputs[i]->path, e.kind, e.executable, e.digest, str_dup(&j->arena, e.target)};
		if (e.kind == TREE_DIR) {
			outputs[i].digest = *tree_digest(e.dir, store_fn(b->store));
			tree_unref(e.dir);
		}
	}
	*r = (struct action_result){
		.outputs = outputs,
		.noutputs = a->noutputs,
		.start_ns = j->nix->began,
		.wall_ns = os_wall_ns() - j->nix->began,
	};
	return true;
}

static bool publish(struct step_job *j, struct action_result *r)
{
	struct store *s = j->build->store;
	int err = store_put(s, S(""), &r->out);

	err = err ? err : store_put(s, S(""), &r->err);
	err = err ? err : store_result_put(s, &j->identity.action, r);
	if (err)
		os_error(&j->diags, DIAG_IO, err, "storing the result of", j->action->name);
	return !err;
}

static enum dice_step built(struct dice_ctx *ctx, struct step_job *j)
{
	enum build_served served = served_of(dice_got(ctx, j->nix->id).u);
	struct reads reads = {0};
	struct action_result r;

	if (!take_outputs(j, &r) || !publish(j, &r))
		return step_fail(ctx, j);
	j->run.wall_ns = (uint64_t)r.wall_ns;
	step_record(j, served, &r, &reads);
	return step_succeed(ctx, j, &r, served);
}

/* The error is the derivation's; who needs it is said beside. */
static void note_failure(struct step_job *j, struct failure *f)
{
	const struct target *t = j->configured->target;

	if (f->diags.first)
		diag_note(&f->diags, f->diags.first, t->span, "needed by '%.*s'", STR_ARG(sym_str(t->label)));
}

static enum dice_step build(struct dice_ctx *ctx, struct step_job *j)
{
	struct step_nix *n = j->nix;
	void *error;
	sym key = intern(n->drv);

	j->phase = PHASE_DERIVATION;
	if (!n->told) {
		n->told = true;
		n->began = os_wall_ns();
		step_notify(j, SERVED_RUN, false);
		n->id = dice_dep(ctx, &kind_derivation, &key);
	}
	if (!dice_wait(ctx, &n->id, 1))
		return DICE_WAIT;
	if (!dice_failed(ctx, n->id, &error, NULL))
		return built(ctx, j);
	note_failure(j, error);
	step_failed(j);
	return dice_skip(ctx, n->id);
}

/* ---- the way ---- */

enum dice_step step_nix_next(struct dice_ctx *ctx, struct step_job *j)
{
	if (j->build->options.nix_host)
		return step_nix_host(ctx, j);
	return j->nix->drv.p ? build(ctx, j) : evaluate(ctx, j);
}

enum dice_step step_nix_resume(struct dice_ctx *ctx, struct step_job *j)
{
	if (j->build->options.nix_host)
		return step_nix_hosted(ctx, j);
	return j->phase == PHASE_EVALUATE ? evaluated(ctx, j) : build(ctx, j);
}

enum dice_step step_nix_begin(struct dice_ctx *ctx, struct step_job *j)
{
	const struct target *t = j->configured->target;
	struct step_nix *n = j->nix = mem_make(struct step_nix);
	struct diag *d;

	n->job = j;
	n->expression = compat_expression(j->action->argv, j->action->argc);
	if (!n->expression.p) {
		d = diag_error(&j->diags, DIAG_COMPAT_SHAPE, t->span, "the command of '%.*s' of '%.*s' names no Nix expression",
				STR_ARG(j->action->name), STR_ARG(sym_str(t->label)));
		diag_hint(&j->diags, d, "write [ \"nix\", \"build\", \"--no-link\", \"(import ./default.nix { })\" ]");
		return step_fail(ctx, j);
	}
	if (j->shell) {
		d = diag_error(&j->diags, DIAG_COMPAT_SHAPE, t->span, "'%.*s' of '%.*s' is a derivation, which has no shell",
				STR_ARG(j->action->name), STR_ARG(sym_str(t->label)));
		diag_hint(&j->diags, d, "`straylight drv show` says what its builder does");
		return step_fail(ctx, j);
	}
	if (j->build->options.nix_host) {
		j->action->derivation = S("of the host's nix");
		return step_look(ctx, j);
	}
	if (!action_identity(j->action, &j->contents, store_fn(j->build->store), &j->arena, &j->identity, &j->diags))
		return step_fail(ctx, j);
	return step_next_source(ctx, j);
}
