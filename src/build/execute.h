/* execute.h: running an action here: prepare, sandbox, collect.
 *
 * Preparing and collecting are work for the pool; the sandbox runs in between.  At most `jobs` commands
 * run at a time; the next ones are prepared meanwhile.
 *
 * What is published is right or is not published: inputs come out of the store by digest, so a source
 * that is edited while it is used either has the old content (and the result is the old content's) or
 * stops the action (E0809); outputs enter the store first, the result is written last. */
#ifndef STRAYLIGHT_BUILD_EXECUTE_H
#define STRAYLIGHT_BUILD_EXECUTE_H

#include "identity.h"
#include "provide.h"
#include "reads.h"
#include <straylight/base/pool.h>
#include <straylight/sandbox.h>
#include <straylight/store.h>

struct executor_options {
	unsigned jobs;
	enum sandbox_mode sandbox;
	uint32_t timeout_s; /* of an action that declares none; 0 = none */
};

struct executor;
struct executor *executor_new(struct uv_loop_s *, struct pool *, struct store *, struct provider *,
		const struct executor_options *) SL_MUST_USE;
/* Nothing may be running. */
void executor_free(struct executor *);

struct run {
	/* given; all borrowed until done */
	const struct action *action;
	const struct contents *contents;
	const struct identity *identity;
	str workspace;    /* for hints about files that exist but were not declared */
	bool interactive; /* with the terminal; nothing is collected */
	bool publish;     /* write the result (and the narrow record) to the store */
	bool keep_depfile;
	void (*started)(void *ud); /* the command starts now; may be NULL */
	void (*done)(void *ud);    /* on the loop, once */
	void *ud;
	/* made; in the arena, which the caller clears */
	struct arena arena;
	struct diags diags;          /* not empty: it failed */
	struct action_result result; /* when it did not */
	struct reads reads;          /* what a depfile told */
	struct digest depfile;       /* with keep_depfile, if one was written: it is in the store */
	bool cancelled;
	uint64_t wall_ns;
	str out, err;                /* what the command printed */
	/* execute.c's own */
	uint64_t sandbox_id;
	str scratch, writable;
	struct sandbox_request request;
	struct sandbox_result ran;
	struct executor *executor;
	struct run *next;
	enum run_state { RUN_NEW, RUN_PREPARING, RUN_READY, RUN_RUNNING, RUN_COLLECTING, RUN_OVER } state;
};

void executor_run(struct executor *, struct run *);
/* A good result that was not to be published when it was run: now it is.  A failure is a diagnostic of the run. */
void executor_publish(struct executor *, struct run *);
/* done follows, with `cancelled`, unless the command was over already. */
void executor_cancel(struct run *);

/* plan.c: a scratch directory, and request.entries from the input root.  false after a diagnostic. */
bool plan_make(struct run *, struct store *) SL_MUST_USE;

/* collect.c: outputs from run->writable into the store and run->result.  false after a diagnostic. */
bool collect_outputs(struct run *, struct store *) SL_MUST_USE;
str run_label(const struct run *);

/* mishap.c: the diagnostic for a command that did not end well. */
void mishap_tell(struct run *);

#endif
