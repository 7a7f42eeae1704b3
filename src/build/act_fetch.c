#include "keys_int.h"

#include <straylight/fetch.h>
#include <stdatomic.h>

/* What an act of the kind Fetch asks for: found by its hash on the loop's thread, or fetched and unpacked by a
 * worker of the pool. */
struct fetch_job { /* scratch */
	struct build *build;
	struct dice_job *job;
	struct arena arena;
	struct diags diags;
	struct archive_fetch wish;
	struct tree_entry got; /* a DIR has one reference */
	str name;              /* "fetch zlib" */
	sym label;
	uint64_t wall_ns;
	atomic_bool stop;
	bool begun, ok;
};

static void drop(void *memory)
{
	struct fetch_job *j = *(struct fetch_job **)memory;

	if (!j)
		return;
	tree_unref(j->got.dir);
	diags_free(&j->diags);
	arena_clear(&j->arena);
	mem_free(j);
}

static void notify(const struct fetch_job *j, enum build_served served, bool finished)
{
	const struct build_observer *o = &j->build->options.observer;
	struct build_action a = {
		.label = j->label,
		.name = j->name,
		.served = served,
		.wall_ns = j->wall_ns,
		.argv = j->wish.file.urls,
		.argc = j->wish.file.nurls,
		.known = j->build->known,
	};

	if (finished && o->finished)
		o->finished(o->ud, &a);
	if (!finished && o->started)
		o->started(o->ud, &a);
}

static void work(void *ud)
{
	struct fetch_job *j = ud;
	int64_t began = os_now_ns();

	j->ok = fetch_archive(j->build->store, &j->wish, &j->arena, &j->got, &j->diags);
	j->wall_ns = (uint64_t)(os_now_ns() - began);
}

static void resume(void *ud)
{
	struct fetch_job *j = ud;
	struct failure *f;

	if (j->ok || j->diags.errors) {
		dice_resume(j->job);
		return;
	}
	f = failure_new(); /* it was stopped */
	f->cancelled = true;
	dice_reject(j->job, f);
}

static void cancel(void *ud)
{
	struct fetch_job *j = ud;

	atomic_store(&j->stop, true);
}

/* The hash is of the file as it comes; one that does not say by what function it is made is SHA-256. */
static bool read_hash(struct fetch_job *j, const struct configured *c, const struct act *act)
{
	bool says = str_find(act->target, ':') < act->target.n || str_find(act->target, '-') < act->target.n;

	return nix_hash_parse(act->target, says ? NIX_ALGO_NONE : NIX_SHA256, &j->wish.file.hash, c->target->span, &j->diags);
}

static struct fetch_job *begin(struct dice_ctx *ctx, const struct configured *c, const struct act *act)
{
	struct fetch_job *j = mem_make(struct fetch_job);

	j->build = key_build(ctx);
	j->label = c->target->label;
	j->name = str_fmt(&j->arena, "fetch %.*s", STR_ARG(act->output));
	j->wish = (struct archive_fetch){
		.file = {.urls = act->urls, .nurls = act->nurls, .name = act->output, .stop = &j->stop},
		.unpack = act->unpack,
		.strip = act->strip,
		.executable = act->executable,
	};
	return j;
}

/* What the fetcher says has no place: it is the target's. */
static enum dice_step fail(struct dice_ctx *ctx, struct fetch_job *j, const struct configured *c)
{
	for (struct diag *d = j->diags.first; d; d = d->next)
		if (!d->at.file)
			d->at = c->target->span;
	if (j->begun)
		notify(j, SERVED_FAILED, true);
	if (j->build->summary)
		j->build->summary->failed++;
	return key_fail(ctx, &j->diags);
}

static enum dice_step answer(struct dice_ctx *ctx, struct fetch_job *j, const struct configured *c, const struct act *act)
{
	struct content content = {
		.kind = j->got.kind,
		.executable = j->got.executable,
		.digest = j->got.digest,
		.tree = j->got.dir,
		.target = j->got.target,
	};

	if (j->begun) {
		notify(j, SERVED_RUN, true);
		if (j->build->summary)
			j->build->summary->ran++;
	}
	return act_output(ctx, c, act, &content);
}

/* --dry-run */
static enum dice_step would(struct dice_ctx *ctx, struct fetch_job *j)
{
	struct failure *f = failure_new();

	f->cancelled = true;
	notify(j, SERVED_WOULD, true);
	if (j->build->summary)
		j->build->summary->would++;
	return dice_fail(ctx, f);
}

enum dice_step fetch_step(struct dice_ctx *ctx, const struct configured *c, const struct act *act)
{
	struct fetch_job **slot = dice_scratch(ctx, sizeof *slot, drop);
	struct fetch_job *j = *slot;

	if (j)
		return j->ok ? answer(ctx, j, c, act) : fail(ctx, j, c);
	j = *slot = begin(ctx, c, act);
	if (!read_hash(j, c, act))
		return fail(ctx, j, c);
	if (fetch_archive_known(j->build->store, &j->wish, &j->arena, &j->got))
		return answer(ctx, j, c, act);
	j->build->known++;
	if (j->build->options.dry_run)
		return would(ctx, j);
	j->begun = true;
	notify(j, SERVED_RUN, false);
	j->job = dice_defer(ctx, cancel, j);
	pool_submit(j->build->pool, work, resume, j);
	return DICE_WAIT;
}
