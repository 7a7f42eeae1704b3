/* drv_job.h: the inside of a struct drvbuild: one job per derivation that has to be built.
 *
 * A job's way: gather (inputs are valid) → make (start file, input root, identity) → one of cache, builtin, remote,
 * sandbox → collect (outputs into the CAS) → settle (NAR hash and references, on the pool) → check → valid. */
#ifndef STRAYLIGHT_BUILD_DRV_JOB_H
#define STRAYLIGHT_BUILD_DRV_JOB_H

#include "drv_source.h"
#include "drv_start.h"

#include <straylight/base/pool.h>
#include <straylight/drvbuild.h>
#include <straylight/re.h>
#include <straylight/sandbox.h>
#include <uv.h>

struct drv_job {
	struct drvbuild *build;
	const struct closure_node *node;
	struct arena arena;
	struct diags diags;
	enum drv_job_state {
		JOB_NONE,    /* nothing is to be done: its outputs are valid, or nobody needs it */
		JOB_WAITING, /* for `pending` inputs */
		JOB_READY,
		JOB_RUNNING, /* from gathering to checking */
		JOB_DONE,
		JOB_FAILED,
	} state;
	size_t pending;
	struct drv_job **users; /* that wait for it */
	size_t nusers, room;
	struct drv_job *next; /* JOB_READY: in the queue */
	int64_t began;
	enum drv_served served;
	drvbuild_done *done; /* of drvbuild_submit; NULL: it is one of drvbuild_run */
	void *ud;
	bool withdrawn;

	const struct valid *const *inputs; /* all that the builder may read, sorted */
	size_t ninputs;
	struct drv_start start;
	struct tree *root; /* one reference */
	struct digest action, command;

	str scratch, store_side, top_side; /* host directories of the sandbox */
	uint64_t sandbox_id; /* 0: none runs */
	struct re_run *run;  /* NULL: none is on its way */
	bool as_user;        /* it asks for a user */
	struct action_result result;
	str log;             /* what the builder printed */

	struct valid *outputs; /* as the derivation's; a tree has one reference */
};

struct drvbuild {
	struct arena arena;
	uv_loop_t own;   /* without an owner */
	uv_loop_t *loop;
	uv_async_t wake; /* something is over, or was submitted */
	struct pool *pool;
	struct store *store;
	struct sandbox *sandbox;
	struct re_client *client; /* NULL: no remote */
	bool away;                /* the remote is in trouble: nothing more goes there */
	bool as_user;             /* its workers run as root, unless an action asks for a user */
	struct closure *closure;
	struct valids *valids;
	struct drv_sources *sources;
	struct substituter *substituter; /* NULL: nothing is substituted */
	struct map asked;                /* paths of derivations whose outputs the caches were asked for; no values */
	struct drv_substitution *substitution; /* the one that is under way, and those that wait for it */
	struct drvbuild_options options;
	struct drv_job *jobs; /* as closure_order */
	size_t njobs;
	struct drv_job *ready, **last_ready;
	size_t running;
	bool stopping; /* a failure, or an interrupt */
	bool interrupted;
	struct digest launcher, shell;
	bool has_launcher, has_shell;
	struct drvbuild_summary summary;
	struct diags *diags; /* of drvbuild_run */
};

static inline const struct drv *job_drv(const struct drv_job *j)
{
	return j->node->drv;
}

/* Nobody waits for it any more. */
static inline bool job_stopped(const struct drv_job *j)
{
	return j->build->interrupted || j->withdrawn;
}

/* The path of output i below the root: "nix/store/…". */
str job_output(struct drv_job *, size_t i);
struct diag *job_error(struct drv_job *, enum diag_code, const char *fmt, ...) SL_PRINTF(3, 4);

/* ---- drv_open.c ---- */

/* What a job holds; not the job itself. */
void job_clear(struct drv_job *);

/* ---- drv_root.c ---- */

/* The input root and the Action; false after a diagnostic. */
bool job_root(struct drv_job *) SL_MUST_USE;
/* The Action as a worker that runs as root has to be asked: with the properties that buildbox's runner knows.  The digests of what was
 * put into the store; false after a diagnostic. */
bool job_as_user(struct drv_job *, struct digest *action, struct digest *command) SL_MUST_USE;
/* The program that the sandbox starts, as the input root has it. */
#define JOB_LAUNCH ".straylight/launch"
#define JOB_START ".straylight/start"

/* ---- where it runs; each ends in job_collected (with outputs), job_failed or, a remote, job_here ---- */

void job_sandbox(struct drv_job *); /* drv_sandbox.c */
void job_remote(struct drv_job *);  /* drv_remote.c */
void job_builtin(struct drv_job *); /* drv_fetch.c */

/* ---- drv_build.c ---- */

/* Something is over, or was submitted. */
void drvbuild_woken(uv_async_t *);

/* job->outputs have their content; the rest of the way. */
void job_collected(struct drv_job *);
/* The diagnostics of the job say why. */
void job_failed(struct drv_job *);
/* After all it runs on this machine. */
void job_here(struct drv_job *);
/* The builder ended badly: `how` is "failed with exit code 1". */
void job_builder_failed(struct drv_job *, const char *how);
/* Outputs from an action's result whose blobs are in the store; false after a diagnostic. */
bool job_adopt(struct drv_job *, const struct action_result *) SL_MUST_USE;

/* ---- drv_substitute.c ---- */

/* What is under way is over; the pool has ended. */
void drvbuild_forget(struct drvbuild *);

/* ---- drv_check.c ---- */

/* On the pool: NAR hashes, references, fixed hashes. */
bool job_settle(struct drv_job *) SL_MUST_USE;
/* On the loop: what the derivation allows its outputs to refer to. */
bool job_check(struct drv_job *) SL_MUST_USE;

#endif
