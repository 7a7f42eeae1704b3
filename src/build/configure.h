/* configure.h: a target with its dependencies in place.
 *
 * The symbolic parts of an analysis meet the targets that they name: labels become artifacts, provides
 * become sets that point at the sets of other targets.  A set holds only its own words and pointers, so
 * configuring costs O(edges) however long the chains are; flattening happens when an action is made
 * (action.c).
 *
 * A configured target is immutable once made.  It is counted (by one thread, the engine's): it holds
 * references to its package and to the configured targets that its sets point into. */
#ifndef STRAYLIGHT_BUILD_CONFIGURE_H
#define STRAYLIGHT_BUILD_CONFIGURE_H

#include "target.h"

#include <straylight/build.h>


/* A file or directory by its path in the workspace and, the same, below an action's working directory. */
struct artifact {
	str path;     /* "src/a.c", or "straylight-out/PACKAGE/NAME/OUTPUT" */
	sym name;     /* of path */
	sym label;    /* of the target that makes it; 0: a source */
	uint32_t act; /* index in the target's acts */
	bool directory; /* an action declares it as one */
};

/* A word with the artifacts that it mentions. */
struct expanded {
	str text;
	const struct artifact *const *uses;
	uint32_t nuses;
};

struct set {
	sym name, owner; /* the label of the target that has it */
	bool forward;    /* stands for its one `from`, with nothing of its own */
	const struct expanded *words;
	const struct set *const *from;
	uint32_t nwords, nfrom;
};

struct package_ref {
	uint32_t refs;
	struct package *package;
};

struct configured {
	uint32_t refs;
	struct arena arena;
	struct package_ref *package;
	const struct target *target;
	struct configured **deps; /* counted; ORDER target->needs */
	const struct set *sets;   /* own and forwarded, sorted by nothing */
	uint32_t nsets;
	str out_dir; /* "straylight-out/PACKAGE/NAME" */
	const struct artifact *outputs; /* of all acts, ORDER acts: action.c searches it */
	uint32_t noutputs;
	struct map by_output; /* output path below out_dir → const struct artifact * */
	const struct artifact *const *defaults; /* what a label stands for */
	uint32_t ndefaults;
	const struct artifact *executable; /* NULL: none */
};

/* Makes one; deps[i] is the configured target of target->needs[i].  NULL after diagnostics. */
struct configured *configure(struct package_ref *, const struct target *, struct configured *const *deps,
		struct diags *) SL_MUST_USE;
struct configured *configured_ref(struct configured *);
void configured_unref(struct configured *);

struct package_ref *package_ref_new(struct package *); /* takes over the package */
struct package_ref *package_ref(struct package_ref *);
void package_unref(struct package_ref *);

/* The dependency with that label, which must be one of target->needs. */
struct configured *configured_dep(const struct configured *, sym label);
const struct set *configured_set(const struct configured *, sym name); /* NULL: provides nothing so named */

/* The artifacts of an input that is not Provided. */
struct artifacts {
	const struct artifact *const *p;
	uint32_t n;
};
struct artifacts configured_input(const struct configured *, const struct input *, struct arena *);

/* One word; tools are expanded by `tool`, which adds the diagnostic when there is none. */
typedef str tool_fn(void *ud, sym toolchain, str tool);
bool configured_word(const struct configured *, const struct word *, tool_fn *, void *ud, struct arena *,
		struct expanded *out, struct diags *);

/* Whether `label` may depend on t. */
bool configured_visible(const struct target *t, sym label);

#endif
