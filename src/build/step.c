#include "narrow.h"
#include "step_int.h"

#include <straylight/hostpath.h>

struct hit { /* a result that was there already */
	enum build_served served;
	const str *reads; /* SERVED_NARROW: of the run that it comes from */
	size_t nreads;
};

void step_free(struct step_job *j)
{
	if (!j->dropped || j->stragglers)
		return;
	race_free(j->race);
	step_drop_away(j);
	step_drop_nix(j->nix);
	identity_clear(&j->identity);
	for (uint32_t i = 0; j->toolchains && i < j->nwords; i++)
		toolchain_unref(j->toolchains[i]);
	for (uint32_t i = 0; j->header_sets && i < j->action->nheader_sets; i++)
		tree_unref(j->header_sets[i]);
	configured_unref(j->configured);
	diags_free(&j->run.diags);
	arena_clear(&j->run.arena);
	diags_free(&j->diags);
	arena_clear(&j->arena);
	mem_free(j);
}

static void step_drop(void *memory)
{
	struct step_job *j = *(struct step_job **)memory;

	if (!j)
		return;
	j->dropped = true;
	step_free(j);
}

void step_notify(struct step_job *j, enum build_served served, bool finished)
{
	struct build *b = j->build;
	struct build_action a = {
		.label = j->configured->target->label,
		.name = j->action->name,
		.served = served,
		.wall_ns = j->run.wall_ns,
		.out = j->action->out_file.p ? (str){0} : j->run.out, /* else it is an output */
		.err = j->run.err,
		.reasons = j->reasons,
		.nreasons = j->nreasons,
		.action = j->identity.action,
		.test = j->step->category == CATEGORY_TEST,
		.argv = j->action->argv,
		.argc = j->action->argc,
		.known = b->known,
	};

	if (finished && b->options.observer.finished)
		b->options.observer.finished(b->options.observer.ud, &a);
	if (!finished && b->options.observer.started)
		b->options.observer.started(b->options.observer.ud, &a);
}

static void count(struct build_summary *s, enum build_served served)
{
	if (!s)
		return;
	switch (served) {
	case SERVED_RUN:
	case SERVED_REMOTE: s->ran++; break;
	case SERVED_CACHE:
	case SERVED_REMOTE_CACHE: s->cached++; break;
	case SERVED_NARROW: s->narrowed++; break;
	case SERVED_CORE: s->core++; break;
	case SERVED_FAILED: s->failed++; break;
	case SERVED_WOULD: s->would++; break;
	}
}

/* ORDER CATEGORY and coeffects: what a build grants is decided here and nowhere else. */
static bool check_coeffects(struct step_job *j)
{
	const struct step *s = j->step;

	for (uint32_t i = 0; i < s->ncoeffects; i++) {
		const struct coeffect *e = &s->coeffects[i];
		struct diag *d;

		if (e->resource == RESOURCE_PURE)
			continue;
		d = diag_error(&j->diags, DIAG_COEFFECT_REFUSED, j->configured->target->span,
				"'%.*s' of '%.*s' declares %s%s%.*s, which this build does not grant",
				STR_ARG(s->identifier), STR_ARG(sym_str(j->configured->target->label)),
				resource_names[e->resource], e->detail.n ? " " : "", STR_ARG(e->detail));
		if (e->resource == RESOURCE_NETWORK)
			diag_hint(&j->diags, d, "the network is reached only through the witness proxy, which this "
						"version does not have; keep what is needed among the sources");
		else
			diag_hint(&j->diags, d, "remove the coeffect, and what needs it, from the step");
		return false;
	}
	return true;
}

void step_failed(struct step_job *j)
{
	if (j->action)
		step_notify(j, SERVED_FAILED, true);
	count(j->build->summary, SERVED_FAILED);
}

enum dice_step step_fail(struct dice_ctx *ctx, struct step_job *j)
{
	step_failed(j);
	return key_fail(ctx, &j->diags);
}

static bool ask_toolchains(struct dice_ctx *ctx, struct step_job *j)
{
	sym *keys;

	if (!j->ids) {
		j->words = action_toolchains(j->step, &j->arena, &j->nwords);
		if (j->shell)
			j->words = shell_words(j->build, j->words, &j->nwords, &j->arena);
		j->ids = arena_array(&j->arena, dice_id, j->nwords);
		keys = arena_array(&j->arena, sym, j->nwords);
		if (!build_toolchain_keys(j->build, j->configured, j->words, j->nwords, keys, &j->diags))
			return true;
		for (uint32_t i = 0; i < j->nwords; i++)
			j->ids[i] = dice_dep(ctx, &kind_toolchain, &keys[i]);
	}
	if (!dice_need(ctx, j->ids, j->nwords))
		return false;
	j->toolchains = arena_array(&j->arena, struct toolchain *, j->nwords);
	for (uint32_t i = 0; i < j->nwords; i++)
		j->toolchains[i] = toolchain_ref(dice_got(ctx, j->ids[i]).p);
	return true;
}

static uint32_t input_count(const struct action *a)
{
	return a->ninputs + a->nheaders + a->nheader_sets;
}

static void ask_inputs(struct dice_ctx *ctx, struct step_job *j)
{
	const struct action *a = j->action;
	dice_id *id = j->ids = arena_array(&j->arena, dice_id, input_count(a));

	for (uint32_t i = 0; i < a->ninputs; i++)
		*id++ = artifact_id(ctx, a->inputs[i]);
	for (uint32_t i = 0; i < a->nheaders; i++)
		*id++ = artifact_id(ctx, a->headers[i]);
	for (uint32_t i = 0; i < a->nheader_sets; i++) {
		struct headers_key key = {a->header_sets[i]->owner, a->header_sets[i]->name};

		*id++ = dice_dep(ctx, &kind_headers, &key);
	}
}

static bool read_inputs(struct dice_ctx *ctx, struct step_job *j)
{
	const struct action *a = j->action;
	const dice_id *id = j->ids;
	const struct target *t = j->configured->target;
	bool ok = true;

	j->inputs = arena_array(&j->arena, struct content, a->ninputs);
	j->headers = arena_array(&j->arena, struct content, a->nheaders);
	j->header_sets = arena_array(&j->arena, struct tree *, a->nheader_sets);
	for (uint32_t i = 0; i < a->ninputs; i++)
		ok = artifact_content(ctx, *id++, a->inputs[i], t, &j->inputs[i], &j->diags) && ok;
	for (uint32_t i = 0; i < a->nheaders; i++)
		ok = artifact_content(ctx, *id++, a->headers[i], t, &j->headers[i], &j->diags) && ok;
	for (uint32_t i = 0; i < a->nheader_sets; i++)
		j->header_sets[i] = tree_ref(dice_got(ctx, *id++).p);
	j->contents = (struct contents){j->inputs, j->headers, j->header_sets};
	return ok;
}

void step_record(struct step_job *j, enum build_served served, const struct action_result *r, const struct reads *reads)
{
	struct journal_event e = {
		.served = served,
		.start_ns = r->start_ns,
		.wall_ns = r->wall_ns,
		.action = j->identity.action,
		.reasons = j->reasons,
		.nreasons = j->nreasons,
	};

	journal_record(j->build->journal, j->action, &j->contents, &j->identity, reads->known, reads->paths, reads->n);
	journal_event(j->build->journal, j->action, &e);
}

/* What a later run is compared with is the newest result, whether it ran or was in a cache. */
static void record_hit(struct step_job *j, const struct hit *hit)
{
	struct build *b = j->build;
	struct journal_event e = {
		.served = hit->served,
		.start_ns = os_wall_ns(),
		.action = j->identity.action,
	};
	struct digest same;
	const str *reads = hit->reads;
	size_t nreads = hit->nreads;
	bool knows_reads = hit->served == SERVED_NARROW;

	if (b->options.dry_run || journal_is_last(b->journal, j->action, &j->identity.action))
		return;
	if (!knows_reads && j->action->depfile.p)
		knows_reads = narrow_get(b->store, &j->identity, &j->arena, &same, &reads, &nreads);
	journal_record(b->journal, j->action, &j->contents, &j->identity, knows_reads, reads, nreads);
	journal_event(b->journal, j->action, &e);
}

/* For lint: what the host had a part in, and what no longer.  Folders that straylight.dhall names are said there. */
static void note_host(const struct step_job *j)
{
	const struct build *b = j->build;
	const struct target *t = j->configured->target;
	struct arena a = {0};
	str file = str_fmt(&a, "%.*s/%.*s%sBUILD.dhall", STR_ARG(b->workspace.root), STR_ARG(t->package), t->package.n ? "/" : "");

	hostpath_put(b->store, file,
			&(struct hostpath){.attr = t->name, .nix = b->options.nix_host, .folders = b->options.host_paths, .n = b->said_paths});
	arena_clear(&a);
}

enum dice_step step_succeed(struct dice_ctx *ctx, struct step_job *j, const struct action_result *r,
		enum build_served served)
{
	struct action_value *v = action_value_of(j->build, r, served);

	if (!v) {
		diag_error(&j->diags, DIAG_IO, NO_SPAN, "an output of '%.*s' cannot be read from the store",
				STR_ARG(j->action->name));
		return step_fail(ctx, j);
	}
	if (j->nix && !j->build->options.dry_run)
		note_host(j);
	step_notify(j, served, true);
	count(j->build->summary, served);
	return dice_return(ctx, dice_ptr(v));
}

/* The outputs are those that the action declares now: REAPI's message does not say which are directories.  An output of a derivation
 * may be anything. */
static bool fits(const struct action *a, const struct action_result *r)
{
	if (r->noutputs != a->noutputs)
		return false;
	for (size_t i = 0; i < r->noutputs; i++)
		if (!str_eq(r->outputs[i].path, a->outputs[i]->path) ||
				(!a->derivation.p && r->outputs[i].kind == (a->outputs[i]->directory ? TREE_FILE : TREE_DIR)))
			return false;
	return true;
}

/* The result without running anything; false when it must run. */
static bool look_up(struct step_job *j, struct action_result *r, struct hit *hit)
{
	struct build *b = j->build;

	*hit = (struct hit){.served = SERVED_CACHE};
	if (b->options.check > 1 || j->distrusted || (j->nix && b->options.nix_host))
		return false;
	if (store_result_get(b->store, &j->identity.action, &j->arena, r) && fits(j->action, r))
		return true;
	if (!j->action->depfile.p)
		return false;
	hit->served = SERVED_NARROW;
	j->has_other = narrow_get(b->store, &j->identity, &j->arena, &j->other, &hit->reads, &hit->nreads);
	return j->has_other && store_result_get(b->store, &j->other, &j->arena, r) && fits(j->action, r);
}

static void run_started(void *ud)
{
	step_notify(ud, SERVED_RUN, false);
}

static void run_done(void *ud)
{
	struct step_job *j = ud;

	if (j->run.cancelled) {
		struct failure *f = failure_new();

		f->cancelled = true;
		dice_reject(j->job, f);
		return;
	}
	j->over = true;
	dice_resume(j->job);
}

static void run_cancel(void *ud)
{
	executor_cancel(&((struct step_job *)ud)->run);
}

enum dice_step step_run_here(struct dice_ctx *ctx, struct step_job *j)
{
	j->run = (struct run){
		.action = j->action,
		.contents = &j->contents,
		.identity = &j->identity,
		.workspace = j->build->workspace.root,
		.interactive = j->shell,
		.publish = j->build->options.sandbox == SANDBOX_ON && j->again == 0,
		.keep_depfile = j->build->away && away_writes(j->build->away),
		.started = run_started,
		.done = run_done,
		.ud = j,
	};
	j->phase = PHASE_RUN;
	j->over = false;
	j->job = dice_defer(ctx, run_cancel, j);
	executor_run(j->build->executor, &j->run);
	return DICE_WAIT;
}

/* --check: the first difference between two runs' outputs. */
static bool same_outputs(struct step_job *j)
{
	const struct action_result *a = &j->first, *b = &j->run.result;

	for (size_t i = 0; i < a->noutputs; i++) {
		const struct output_entry *x = &a->outputs[i], *y = &b->outputs[i];
		struct diag *d;

		if (x->kind == y->kind && x->executable == y->executable && digest_eq(&x->digest, &y->digest) &&
				str_eq(x->target, y->target))
			continue;
		d = diag_error(&j->diags, DIAG_NOT_REPRODUCIBLE, j->configured->target->span,
				"'%.*s' gave another '%.*s' when it ran again", STR_ARG(j->action->name), STR_ARG(x->path));
		diag_subject(&j->diags, d, sym_str(j->configured->target->label));
		diag_hint(&j->diags, d, "look for time stamps, random seeds, addresses and the order of files");
		return false;
	}
	return true;
}

static void keep_first(struct step_job *j)
{
	struct output_entry *outputs = arena_array(&j->arena, struct output_entry, j->run.result.noutputs);

	for (size_t i = 0; i < j->run.result.noutputs; i++) {
		outputs[i] = j->run.result.outputs[i];
		outputs[i].path = str_dup(&j->arena, outputs[i].path);
		outputs[i].target = str_dup(&j->arena, outputs[i].target);
	}
	j->first = j->run.result;
	j->first.outputs = outputs;
}

/* Not an answer: there are no outputs. */
static enum dice_step after_shell(struct dice_ctx *ctx, struct step_job *j)
{
	struct failure *f = failure_new();

	f->cancelled = true;
	j->build->shell.code = j->run.result.exit_code;
	return dice_fail(ctx, f);
}

static enum dice_step after_run(struct dice_ctx *ctx, struct step_job *j)
{
	struct build *b = j->build;

	diags_move(&j->diags, &j->run.diags);
	if (j->diags.errors)
		return step_fail(ctx, j);
	if (j->shell)
		return after_shell(ctx, j);
	if (b->options.check > 1 && j->first.noutputs && !same_outputs(j))
		return step_fail(ctx, j);
	if (j->again) {
		if (!j->first.noutputs)
			keep_first(j);
		j->again--;
		arena_clear(&j->run.arena);
		return step_run_here(ctx, j);
	}
	step_record(j, SERVED_RUN, &j->run.result, &j->run.reads);
	if (j->run.publish && b->away && away_writes(b->away))
		away_put(b->away, j->action, &j->identity, &j->run.result, j->run.depfile.size ? &j->run.depfile : NULL);
	return step_succeed(ctx, j, &j->run.result, SERVED_RUN);
}

static enum dice_step start_shell(struct dice_ctx *ctx, struct step_job *j)
{
	struct action *shell = shell_action(j->action, &j->arena, &j->diags);

	if (!shell)
		return key_fail(ctx, &j->diags);
	j->action = shell;
	return step_next_source(ctx, j);
}

enum dice_step step_look(struct dice_ctx *ctx, struct step_job *j)
{
	struct build *b = j->build;
	struct action_result r;
	struct hit hit;

	if (!action_identity(j->action, &j->contents, store_fn(b->store), &j->arena, &j->identity, &j->diags))
		return step_fail(ctx, j);
	if (j->shell)
		return start_shell(ctx, j);
	j->distrusted = step_is_distrusted(j);
	if (look_up(j, &r, &hit)) {
		record_hit(j, &hit);
		return step_succeed(ctx, j, &r, hit.served);
	}
	journal_explain(b->journal, j->action, &j->contents, &j->identity, &j->arena, &j->reasons, &j->nreasons);
	if (b->options.dry_run) {
		struct failure *f = failure_new();

		f->cancelled = true;
		step_notify(j, SERVED_WOULD, true);
		count(b->summary, SERVED_WOULD);
		return dice_fail(ctx, f);
	}
	j->again = b->options.check > 1 ? b->options.check - 1 : 0;
	return step_next_source(ctx, j);
}

enum dice_step process_step(struct dice_ctx *ctx, struct configured *c, const struct step *step, uint32_t act)
{
	struct step_job **slot = dice_scratch(ctx, sizeof *slot, step_drop);
	struct step_job *j = *slot;

	if (!j) {
		j = *slot = mem_make(struct step_job);
		j->build = key_build(ctx);
		j->configured = configured_ref(c);
		j->step = step;
		j->act = act;
		j->shell = shell_is(j->build, c->target->label, act);
		j->build->known++;
		if (!check_coeffects(j))
			return step_fail(ctx, j);
	}
	if (j->phase == PHASE_TOOLCHAINS) {
		if (!ask_toolchains(ctx, j))
			return DICE_WAIT;
		if (!j->diags.errors)
			j->action = action_make(c, step, act, j->words, j->toolchains, j->nwords, &j->arena, &j->diags);
		if (j->diags.errors)
			return step_fail(ctx, j);
		ask_inputs(ctx, j);
		j->phase = PHASE_INPUTS;
	}
	if (j->phase == PHASE_INPUTS) {
		if (!dice_need(ctx, j->ids, input_count(j->action)))
			return DICE_WAIT;
		if (!read_inputs(ctx, j))
			return step_fail(ctx, j);
		return step_is_nix(step) ? step_nix_begin(ctx, j) : step_look(ctx, j);
	}
	if (j->phase == PHASE_EVALUATE || j->phase == PHASE_DERIVATION)
		return step_nix_resume(ctx, j);
	return j->phase == PHASE_RUN ? after_run(ctx, j) : step_after_away(ctx, j);
}

