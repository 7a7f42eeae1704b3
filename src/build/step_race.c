#include "step_int.h"

/* A step on two ways at once (--race): at a worker, and here.  The first good result is the step's; the other way is
 * cancelled, and what it still does comes to nothing: no result of it is published, and what it left in the store no record
 * names.  That a way fails is told only when both have failed.  At most `jobs` steps are on their way here at a time, in the
 * order in which they came, so that not everything is downloaded that could be needed here. */

enum here { HERE_WAITS, HERE_FETCHES, HERE_RUNS, HERE_OVER }; /* for its turn; inputs that are only there; the command */

struct race {
	struct step_job *job;
	struct errand errand;
	struct away_fetch fetch;
	struct run run;
	enum here here;
	bool ran;       /* the way here came to an end of its own */
	bool away_over;
	bool decided;   /* the job has its answer: what still runs is a straggler */
	bool cancelled; /* nobody wants an answer */
	bool told;      /* that it was started */
	VEC(struct tree *) inputs; /* counted: a straggler may outlive their owners */
	struct race *next;
};

static void settle(struct race *);

/* ---- the job stays until the last straggler is over ---- */

static void hold(struct race *r)
{
	r->job->stragglers++;
}

static void release(struct race *r)
{
	struct step_job *j = r->job;

	j->stragglers--;
	step_free(j);
}

void race_free(struct race *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->inputs.n; i++)
		tree_unref(r->inputs.p[i]);
	vec_free(&r->inputs);
	diags_free(&r->errand.diags);
	arena_clear(&r->errand.arena);
	diags_free(&r->fetch.diags);
	arena_clear(&r->fetch.arena);
	diags_free(&r->run.diags);
	arena_clear(&r->run.arena);
	mem_free(r);
}

static void started(struct race *r, enum build_served how)
{
	if (!r->told)
		step_notify(r->job, how, false);
	r->told = true;
}

/* ---- the way here ---- */

static void next_here(struct build *);

static void here_over(struct race *r)
{
	struct build *b = r->job->build;

	r->here = HERE_OVER;
	b->racing.here--;
	next_here(b);
}

static void run_started(void *ud)
{
	started(((struct step_job *)ud)->race, SERVED_RUN);
}

static void run_done(void *ud)
{
	struct step_job *j = ud;
	struct race *r = j->race;

	j->build->racing.runs--;
	r->ran = !r->run.cancelled;
	here_over(r);
	if (r->decided)
		release(r);
	else
		settle(r);
}

static void run_here(struct race *r)
{
	struct step_job *j = r->job;

	r->here = HERE_RUNS;
	r->run = (struct run){
		.action = j->action,
		.contents = &j->contents,
		.identity = &j->identity,
		.workspace = j->build->workspace.root,
		.keep_depfile = away_writes(j->build->away),
		.started = run_started,
		.done = run_done,
		.ud = j,
	};
	j->build->racing.runs++;
	executor_run(j->build->executor, &r->run);
}

static void fetch_done(void *ud)
{
	struct step_job *j = ud;
	struct race *r = j->race;

	if (!r->decided && !r->cancelled && !r->fetch.nlost && !r->fetch.diags.errors) {
		run_here(r);
		return;
	}
	here_over(r);
	if (r->decided)
		release(r);
	else
		settle(r);
}

static void fetch_here(struct race *r)
{
	r->here = HERE_FETCHES;
	r->job->build->racing.here++;
	step_fetch(r->job, &r->fetch, fetch_done);
}

static void next_here(struct build *b)
{
	struct race *r;

	while (b->racing.here < b->options.jobs && (r = b->racing.first) != NULL) {
		b->racing.first = r->next;
		fetch_here(r);
	}
}

static void wait_here(struct race *r)
{
	struct race **at = &r->job->build->racing.first;

	while (*at)
		at = &(*at)->next;
	*at = r;
	next_here(r->job->build);
}

static void cancel_here(struct race *r)
{
	struct race **at = &r->job->build->racing.first;

	if (r->here == HERE_WAITS) {
		while (*at != r)
			at = &(*at)->next;
		*at = r->next;
		r->here = HERE_OVER;
	} else if (r->here == HERE_RUNS) {
		executor_cancel(&r->run);
	}
}

/* ---- the way there ---- */

static void errand_started(void *ud)
{
	started(((struct step_job *)ud)->race, SERVED_REMOTE);
}

static void errand_done(void *ud)
{
	struct race *r = ((struct step_job *)ud)->race;

	r->away_over = true;
	if (r->decided)
		release(r);
	else
		settle(r);
}

/* ---- the answer ---- */

static bool is_good_here(const struct race *r)
{
	return r->here == HERE_OVER && r->ran && !r->run.diags.errors;
}

static bool is_good_there(const struct race *r)
{
	return r->away_over && r->errand.end == ERRAND_RESULT && r->errand.result.exit_code == 0;
}

/* The job goes on as if it had had this way alone.  Callbacks of the other may come from within. */
static void decide(struct race *r, enum phase way)
{
	struct step_job *j = r->job;

	r->decided = true;
	j->phase = way;
	if (way == PHASE_RUN) {
		j->run = r->run;
		r->run = (struct run){0};
	} else if (way == PHASE_AWAY) {
		j->errand = r->errand;
		r->errand = (struct errand){0};
	} else {
		j->fetch = r->fetch;
		r->fetch = (struct away_fetch){0};
	}
	hold(r);
	if (!r->away_over) {
		hold(r);
		away_cancel(&r->errand);
	}
	if (r->here == HERE_FETCHES || r->here == HERE_RUNS)
		hold(r);
	if (r->here != HERE_OVER)
		cancel_here(r);
	dice_resume(j->job);
	release(r);
}

static void win_here(struct race *r)
{
	struct build *b = r->job->build;

	r->run.publish = b->options.sandbox == SANDBOX_ON;
	if (r->run.publish)
		executor_publish(b->executor, &r->run);
	b->racing.won_here++;
	decide(r, PHASE_RUN);
}

static void reject(struct race *r)
{
	struct failure *f = failure_new();

	r->decided = true;
	f->cancelled = true;
	dice_reject(r->job->job, f);
}

/* Both are over and none is good: what the command did here tells most; then what it did there. */
static enum phase worst(const struct race *r)
{
	if (r->ran)
		return PHASE_RUN;
	return r->errand.end == ERRAND_NONE ? PHASE_FETCH : PHASE_AWAY;
}

static void settle(struct race *r)
{
	bool over = r->away_over && r->here == HERE_OVER;

	if (r->decided || (r->cancelled && !over))
		return;
	if (r->cancelled)
		reject(r);
	else if (is_good_there(r))
		decide(r, PHASE_AWAY);
	else if (is_good_here(r))
		win_here(r);
	else if (over)
		decide(r, worst(r));
}

/* ---- its life ---- */

static void race_cancel(void *ud)
{
	struct race *r = ((struct step_job *)ud)->race;

	if (r->decided)
		return;
	hold(r);
	r->cancelled = true;
	if (!r->away_over)
		away_cancel(&r->errand);
	if (r->here != HERE_OVER)
		cancel_here(r);
	settle(r);
	release(r);
}

static void keep_inputs(struct race *r, const struct content *c, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (c[i].kind == TREE_DIR)
			vec_push(&r->inputs, tree_ref(c[i].tree));
}

enum dice_step race_begin(struct dice_ctx *ctx, struct step_job *j)
{
	struct race *r = j->race = mem_make(struct race);

	r->job = j;
	keep_inputs(r, j->inputs, j->action->ninputs);
	keep_inputs(r, j->headers, j->action->nheaders);
	j->phase = PHASE_RACE;
	j->sent = j->fetched = true;
	j->build->racing.begun++;
	j->job = dice_defer(ctx, race_cancel, j);
	step_errand(j, &r->errand, errand_started, errand_done);
	away_run(j->build->away, &r->errand);
	wait_here(r);
	return DICE_WAIT;
}

void race_settle(struct build *b)
{
	while (b->racing.runs)
		uv_run(&b->loop, UV_RUN_ONCE);
}
