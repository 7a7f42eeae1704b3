/* step_int.h: one step on its way to a result, for step.c, step_away.c and step_race.c. */
#ifndef STRAYLIGHT_BUILD_STEP_INT_H
#define STRAYLIGHT_BUILD_STEP_INT_H

#include "keys_int.h"

enum phase {
	PHASE_TOOLCHAINS, /* asked for */
	PHASE_INPUTS,     /* asked for */
	PHASE_LOOK,       /* the remote cache is asked */
	PHASE_AWAY,       /* it runs at a remote worker */
	PHASE_FETCH,      /* its inputs come from the server, to run here */
	PHASE_RUN,        /* it runs here */
	PHASE_EVALUATE,   /* nix-compat: its expression is evaluated */
	PHASE_DERIVATION, /* nix-compat: the derivation is asked for */
	PHASE_RACE,       /* at a remote worker, and here: until one of the two is the phase */
};

struct race;

struct step_job {
	enum phase phase;
	struct build *build;
	struct dice_job *job;
	struct configured *configured; /* counted */
	uint32_t act;
	struct arena arena;
	struct diags diags;
	const struct step *step;
	const sym *words;
	dice_id *ids; /* of the phase */
	uint32_t nwords;
	struct toolchain **toolchains; /* counted */
	struct action *action;
	struct contents contents;
	struct tree **header_sets; /* counted */
	struct content *inputs, *headers;
	struct identity identity;
	struct run run;
	const str *reasons;
	size_t nreasons;
	unsigned again; /* --check: runs still to make */
	struct action_result first;
	struct errand errand; /* LOOK, AWAY */
	struct away_fetch fetch;   /* FETCH */
	struct digest other;  /* has_other: an action that read the same (narrow.h) */
	bool has_other, looked, sent, fetched;
	bool distrusted; /* what it made was lost: no cache is believed */
	bool over;
	bool shell; /* the user looks around instead of the command */
	struct step_nix *nix; /* NULL: it is no nix-compat action */
	struct race *race; /* RACE and after it */
	unsigned stragglers; /* ways of a race that use the job, and whoever works on it just now */
	bool dropped;        /* nobody else does */
};

/* step.c */
void step_notify(struct step_job *, enum build_served, bool finished);
enum dice_step step_fail(struct dice_ctx *, struct step_job *);
enum dice_step step_succeed(struct dice_ctx *, struct step_job *, const struct action_result *, enum build_served);
void step_record(struct step_job *, enum build_served, const struct action_result *, const struct reads *);
enum dice_step step_run_here(struct dice_ctx *, struct step_job *);
/* The inputs are there: the action's identity, and whether a result of it is, too. */
enum dice_step step_look(struct dice_ctx *, struct step_job *);
/* Tells and counts it. */
void step_failed(struct step_job *);

/* step_nix.c: an action of the category nix-compat.  begin: its inputs are there; next: those made elsewhere, too. */
#define STEP_NIX "nix-compat"
bool step_is_nix(const struct step *);
enum dice_step step_nix_begin(struct dice_ctx *, struct step_job *);
enum dice_step step_nix_next(struct dice_ctx *, struct step_job *);
enum dice_step step_nix_resume(struct dice_ctx *, struct step_job *);
void step_drop_nix(struct step_nix *);
/* If it is dropped and has no stragglers. */
void step_free(struct step_job *);

/* step_away.c: no cache of this machine has it.  The remote cache, a remote worker, then this machine, each asked
 * once; and what to do when one of them answers. */
enum dice_step step_next_source(struct dice_ctx *, struct step_job *);
enum dice_step step_after_away(struct dice_ctx *, struct step_job *);
void step_drop_away(struct step_job *);
/* The errand of the step, to be begun; its callbacks get the job. */
void step_errand(struct step_job *, struct errand *, void (*started)(void *), void (*done)(void *));
/* Fetches what the step needs to run here. */
void step_fetch(struct step_job *, struct away_fetch *, void (*done)(void *));
/* An output of its last result was lost in this build. */
bool step_is_distrusted(const struct step_job *);

/* step_race.c: both ways at once.  The phase becomes that of the way that answers: AWAY, RUN, or FETCH when there is
 * neither result nor input. */
enum dice_step race_begin(struct dice_ctx *, struct step_job *);
void race_free(struct race *); /* NULL is fine; its ways are over */

#endif
