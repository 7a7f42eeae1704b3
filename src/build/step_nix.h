/* step_nix.h: a nix-compat action on its way, for step_nix.c and step_nix_host.c. */
#ifndef STRAYLIGHT_BUILD_STEP_NIX_H
#define STRAYLIGHT_BUILD_STEP_NIX_H

#include "compat.h"
#include "step_int.h"

struct step_nix {
	struct arena arena;
	struct diags diags;
	struct step_job *job;
	str expression;
	str drv;                         /* p == NULL: not evaluated yet */
	const struct closure_node *node;
	str missed;                      /* a file that the workspace has and the action has not */
	str refused;                     /* a path outside of the workspace that is there, and is not to be seen */
	struct map beyond;               /* paths that evaluation looked at outside; no values */
	dice_id id;
	bool told;                       /* that it is being built */
	int64_t began;
	struct tree_entry *outputs;      /* of the host's nix, as the action's; trees are the step's */
};

/* The name of the derivation's output that an output of the action is. */
str step_nix_output(const struct step_job *, const struct artifact *);
/* The entry of the search path for the target's artifacts, <artifact/NAME>, whose files lie below that root. */
str step_nix_artifacts(struct step_nix *, str root);
/* The inputs, as they were hashed, in a folder of their own; on any thread.  false after a diagnostic in nix->diags. */
bool step_nix_lay_out(struct step_nix *, str *folder) SL_MUST_USE;

/* ---- step_nix_host.c: --nix=host ---- */

/* Runs it; PHASE_EVALUATE follows. */
enum dice_step step_nix_host(struct dice_ctx *, struct step_job *);
enum dice_step step_nix_hosted(struct dice_ctx *, struct step_job *);

#endif
