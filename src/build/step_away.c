#include "narrow.h"
#include "step_int.h"

static void errand_cancel(void *ud)
{
	away_cancel(&((struct step_job *)ud)->errand);
}

static void errand_started(void *ud)
{
	step_notify(ud, SERVED_REMOTE, false);
}

static void errand_done(void *ud)
{
	struct step_job *j = ud;
	struct failure *f;

	if (j->errand.end != ERRAND_CANCELLED) {
		dice_resume(j->job);
		return;
	}
	f = failure_new();
	f->cancelled = true;
	dice_reject(j->job, f);
}

static void fetch_done(void *ud)
{
	dice_resume(((struct step_job *)ud)->job);
}

static void clear_errand(struct step_job *j)
{
	diags_free(&j->errand.diags);
	arena_clear(&j->errand.arena);
}

void step_errand(struct step_job *j, struct errand *e, void (*started)(void *), void (*done)(void *))
{
	*e = (struct errand){
		.action = j->action,
		.contents = &j->contents,
		.identity = &j->identity,
		.other = j->has_other ? &j->other : NULL,
		.skip_cache = j->distrusted,
		.started = started,
		.done = done,
		.ud = j,
	};
}

static void begin_errand(struct step_job *j)
{
	clear_errand(j);
	step_errand(j, &j->errand, errand_started, errand_done);
}

static enum dice_step look_away(struct dice_ctx *ctx, struct step_job *j)
{
	j->phase = PHASE_LOOK;
	j->looked = true;
	begin_errand(j);
	j->job = dice_defer(ctx, errand_cancel, j);
	away_look(j->build->away, &j->errand);
	return DICE_WAIT;
}

static enum dice_step send_away(struct dice_ctx *ctx, struct step_job *j)
{
	j->phase = PHASE_AWAY;
	j->sent = true;
	begin_errand(j);
	j->job = dice_defer(ctx, errand_cancel, j);
	away_run(j->build->away, &j->errand);
	return DICE_WAIT;
}

/* What actions made elsewhere may not be here.  Toolchains always are: they were captured here; sources come from
 * the workspace. */
void step_fetch(struct step_job *j, struct away_fetch *f, void (*done)(void *))
{
	const struct tree_entry *made = tree_find(j->identity.work, S(OUT_DIR));

	*f = (struct away_fetch){.done = done, .ud = j};
	if (made && made->kind == TREE_DIR) {
		f->trees = &made->dir;
		f->ntrees = 1;
	}
	away_fetch(j->build->away, f);
}

static enum dice_step fetch_inputs(struct dice_ctx *ctx, struct step_job *j)
{
	j->phase = PHASE_FETCH;
	j->fetched = true;
	j->job = dice_defer(ctx, NULL, j);
	step_fetch(j, &j->fetch, fetch_done);
	return DICE_WAIT;
}

enum dice_step step_next_source(struct dice_ctx *ctx, struct step_job *j)
{
	struct build *b = j->build;
	bool here = !b->away || j->shell || j->nix || b->options.check > 1;

	if (!here && !j->looked && !j->distrusted)
		return look_away(ctx, j);
	if (!here && !j->sent && away_runs(b->away))
		return b->options.remote.race ? race_begin(ctx, j) : send_away(ctx, j);
	if (b->away && !j->fetched)
		return fetch_inputs(ctx, j);
	return j->nix ? step_nix_next(ctx, j) : step_run_here(ctx, j);
}

/* ---- what was lost ---- */

static str key_of(const struct action_key *k)
{
	return str_of((const char *)k, sizeof *k);
}

bool step_is_distrusted(const struct step_job *j)
{
	struct action_key key = {j->configured->target->label, j->act};

	return map_has(&j->build->distrusted, key_of(&key));
}

static bool is_lost(const struct digest *d, const struct digest *lost, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (digest_eq(d, &lost[i]))
			return true;
	return false;
}

/* Trees are bounded in depth by the store. */
static bool has_lost(const struct tree *t, const struct digest *lost, size_t n)
{
	const struct tree_entry *e = tree_entries(t);

	for (size_t i = 0; i < tree_count(t); i++)
		if ((e[i].kind == TREE_FILE && is_lost(&e[i].digest, lost, n)) ||
				(e[i].kind == TREE_DIR && has_lost(e[i].dir, lost, n)))
			return true;
	return false;
}

/* The artifact is there again once its action ran again. */
static void lose(struct build *b, const struct artifact *a)
{
	struct action_key key = {a->label, a->act};

	for (size_t i = 0; i < b->lost.n; i++)
		if (b->lost.p[i].label == key.label && b->lost.p[i].act == key.act)
			return;
	vec_push(&b->lost, key);
}

bool build_lose(struct build *b, const struct artifact *a, const struct content *c, const struct digest *lost, size_t n)
{
	if (!a->label || !(c->kind == TREE_FILE ? is_lost(&c->digest, lost, n) : c->kind == TREE_DIR && has_lost(c->tree, lost, n)))
		return false;
	lose(b, a);
	return true;
}

struct loss {
	struct step_job *job;
	struct arena arena;
	struct map seen; /* sets, by their address */
	const struct digest *lost;
	size_t nlost;
	bool found;
};

/* Sets pass on other sets: with an explicit list, as chains are long. */
static void lose_sets(struct loss *s)
{
	const struct action *a = s->job->action;
	VEC(const struct set *) todo = {0};

	for (uint32_t i = 0; i < a->nheader_sets; i++)
		vec_push(&todo, a->header_sets[i]);
	while (todo.n) {
		const struct set *set = vec_pop(&todo);
		bool fresh;

		map_slot(&s->seen, str_dup(&s->arena, str_of((const char *)&set, sizeof set)), &fresh);
		if (!fresh)
			continue;
		for (uint32_t i = 0; i < set->nwords; i++)
			for (uint32_t k = 0; k < set->words[i].nuses; k++) {
				const struct artifact *use = set->words[i].uses[k];
				const struct tree_entry *e = tree_find(s->job->identity.work, use->path);
				struct content c = e ? (struct content){.kind = e->kind, .digest = e->digest, .tree = e->dir}
						     : (struct content){.kind = TREE_SYMLINK};

				s->found = build_lose(s->job->build, use, &c, s->lost, s->nlost) || s->found;
			}
		for (uint32_t i = 0; i < set->nfrom; i++)
			vec_push(&todo, set->from[i]);
	}
	vec_free(&todo);
}

/* Fails for now: the build makes again what was lost, and comes back (build.c). */
static enum dice_step after_loss(struct dice_ctx *ctx, struct step_job *j, const struct digest *lost, size_t n)
{
	struct loss s = {.job = j, .lost = lost, .nlost = n};
	const struct action *a = j->action;
	struct failure *f;

	for (uint32_t i = 0; i < a->ninputs; i++)
		s.found = build_lose(j->build, a->inputs[i], &j->inputs[i], lost, n) || s.found;
	for (uint32_t i = 0; i < a->nheaders; i++)
		s.found = build_lose(j->build, a->headers[i], &j->headers[i], lost, n) || s.found;
	lose_sets(&s);
	map_free(&s.seen);
	arena_clear(&s.arena);
	if (!s.found) {
		char text[DIGEST_TEXT_MAX];
		struct diag *d = diag_error(&j->diags, DIAG_REMOTE_LOST, j->configured->target->span,
				"'%.*s' needs '%s', which neither this machine nor the server has", STR_ARG(a->name),
				digest_text(&lost[0], text));

		diag_subject(&j->diags, d, sym_str(j->configured->target->label));
		diag_hint(&j->diags, d, "it belongs to a toolchain or source: run the command again, which looks at them anew");
		return step_fail(ctx, j);
	}
	f = failure_new();
	f->cancelled = true;
	return dice_fail(ctx, f);
}

/* ---- answers ---- */

/* The command ended badly, on a worker. */
static enum dice_step after_mishap(struct dice_ctx *ctx, struct step_job *j, enum sandbox_how how)
{
	struct errand *e = &j->errand;

	j->run = (struct run){
		.action = j->action,
		.contents = &j->contents,
		.identity = &j->identity,
		.workspace = j->build->workspace.root,
		.result = e->result,
		.out = e->out,
		.err = e->err,
		.wall_ns = (uint64_t)e->result.wall_ns,
		.request.timeout_ms = j->action->timeout_s * 1000,
	};
	j->run.ran.how = how;
	j->run.ran.code = e->result.exit_code;
	mishap_tell(&j->run);
	diags_move(&j->diags, &j->run.diags);
	return step_fail(ctx, j);
}

/* Its result is one of this machine's too, if all of it is here. */
static void keep(struct step_job *j)
{
	struct build *b = j->build;
	struct errand *e = &j->errand;

	if (e->whole && store_result_put(b->store, &j->identity.action, &e->result) == 0 && e->reads.known)
		(void)!narrow_put(b->store, &j->identity, e->reads.paths, e->reads.n);
}

static enum dice_step after_errand(struct dice_ctx *ctx, struct step_job *j)
{
	struct errand *e = &j->errand;
	enum build_served served;

	switch (e->end) {
	case ERRAND_RESULT: break;
	case ERRAND_LOST: return after_loss(ctx, j, e->lost, e->nlost);
	case ERRAND_TIMEOUT: return after_mishap(ctx, j, SANDBOX_TIMEOUT);
	case ERRAND_NONE: return step_next_source(ctx, j);
	case ERRAND_FAILED:
	case ERRAND_CANCELLED: diags_move(&j->diags, &e->diags); return step_fail(ctx, j);
	}
	j->run.out = e->out;
	j->run.err = e->err;
	j->run.wall_ns = (uint64_t)e->result.wall_ns;
	if (e->result.exit_code)
		return after_mishap(ctx, j, SANDBOX_EXITED);
	served = e->cached ? SERVED_REMOTE_CACHE : SERVED_REMOTE;
	keep(j);
	if (served == SERVED_REMOTE || !journal_is_last(j->build->journal, j->action, &j->identity.action))
		step_record(j, served, &e->result, &e->reads);
	return step_succeed(ctx, j, &e->result, served);
}

static enum dice_step after_fetch(struct dice_ctx *ctx, struct step_job *j)
{
	struct away_fetch *f = &j->fetch;

	if (f->nlost)
		return after_loss(ctx, j, f->lost, f->nlost);
	diags_move(&j->diags, &f->diags);
	return j->diags.errors ? step_fail(ctx, j) : step_next_source(ctx, j);
}

enum dice_step step_after_away(struct dice_ctx *ctx, struct step_job *j)
{
	return j->phase == PHASE_FETCH ? after_fetch(ctx, j) : after_errand(ctx, j);
}

void step_silent(void *build, void *job, const struct re_progress *p)
{
	const struct build_observer *o = &((struct build *)build)->options.observer;
	struct step_job *j = job;
	struct build_action a = {.label = j->configured->target->label, .name = j->action->name, .served = SERVED_REMOTE};

	if (o->silent)
		o->silent(o->ud, &a, re_stage_names[p->stage], p->worker, p->silent_ms);
}

struct telling {
	void (*fn)(void *ud, const struct build_away *);
	void *ud;
};

static void tell(void *telling, void *job, const struct re_progress *p)
{
	const struct telling *t = telling;
	const struct step_job *j = job;
	struct build_away a = {j->configured->target->label, j->action->name, re_stage_names[p->stage], p->worker, p->silent_ms};

	t->fn(t->ud, &a);
}

void build_each_away(struct build *b, void (*fn)(void *ud, const struct build_away *), void *ud)
{
	struct telling t = {fn, ud};

	if (b->away)
		away_each(b->away, tell, &t);
}

void step_drop_away(struct step_job *j)
{
	clear_errand(j);
	diags_free(&j->fetch.diags);
	arena_clear(&j->fetch.arena);
}
