/* action.h: one process to run, ready but for the contents of its inputs.
 *
 * Made from a step, its configured target and its toolchains.  Everything that decides what the process
 * does is here or in the trees and digests of its inputs; action_walk visits all of it, and both the
 * digest and the explanation come from that one walk (identity.c). */
#ifndef STRAYLIGHT_BUILD_ACTION_H
#define STRAYLIGHT_BUILD_ACTION_H

#include "configure.h"
#include "toolchain.h"

/* Where the workspace's part of the input root stands: Command.working_directory. */
#define WORK_DIR "work"

struct action {
	const struct configured *configured;
	const struct step *step;
	str name; /* for people: "compile src/a.c" */
	const str *argv;
	const str *env; /* "K=V", sorted by K, which are distinct */
	uint32_t argc, nenv;
	const struct artifact *const *inputs;  /* always count; each once */
	const struct artifact *const *headers; /* may be read: named one by one */
	const struct set *const *header_sets;  /* may be read: with all they pass on */
	const struct artifact *const *outputs; /* sorted by path */
	uint32_t ninputs, nheaders, nheader_sets, noutputs;
	str depfile, out_file; /* paths below the working directory; p == NULL: none */
	struct toolchain *const *toolchains; /* each once */
	uint32_t ntoolchains;
	uint32_t timeout_s;
	str derivation; /* what a nix-compat action evaluated to (step_nix.c); p == NULL: nothing yet, or it is none */
};

/* The words for toolchains ("cxx") that a step uses, each once, in order of appearance. */
const sym *action_toolchains(const struct step *, struct arena *, uint32_t *n);

/* Expands the step; toolchains[i] belongs to words[i] of action_toolchains.  NULL after diagnostics.
 * `act` is the step's place (artifacts of that act are its outputs); tests come after all acts. */
struct action *action_make(const struct configured *, const struct step *, uint32_t act, const sym *words,
		struct toolchain *const *toolchains, uint32_t n, struct arena *, struct diags *) SL_MUST_USE;

/* What `provided` stands for: words in order, a dependent before what it depends on, each text once. */
struct expansion {
	const struct expanded *const *words;
	uint32_t n;
};
struct expansion provided_expand(const struct configured *, const struct provided *, struct arena *);

#endif
