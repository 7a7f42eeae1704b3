/* lint.h: what stands between a workspace and the next level of the ladder.
 *
 * Layer: build.  Files are judged by their source (comments, imports, names, literals) and, Dhall files, by their
 * values, so that an alias or a computed value hides nothing.  Findings do not depend on the level: a level only says
 * how severe a rule is (src/build/lint.def).
 *
 * Suppressions are comments: `straylight-lint: allow E1202, raw-env: REASON` is for its line, or, alone on a line, for
 * the next one; `allow-target` is for the whole target in which, or before which, it stands.  What they cover stays a
 * finding, with the reason. */
#ifndef STRAYLIGHT_LINT_H
#define STRAYLIGHT_LINT_H

#include <straylight/base.h>

enum lint_level { /* ORDER LEVEL */
	LINT_PERMISSIVE, LINT_CONSTRAINED, LINT_DICE_PREFERRED, LINT_DICE_REQUIRED, LINT_PURE_DICE, LINT_LEVELS,
};
extern const char *const lint_level_names[];
/* LINT_LEVELS when there is none of that name. */
enum lint_level lint_level_of(str name);

enum lint_severity { LINT_SILENT, LINT_NOTE, LINT_WARNING, LINT_ERROR };

struct lint_rule {
	enum diag_code code;
	const char *name;       /* "raw-env" */
	const char *severities; /* a letter for each level: - N W E */
	const char *why, *fix;
};
extern const struct lint_rule lint_rules[];
extern const size_t lint_rule_count;
enum lint_severity lint_severity(unsigned rule, enum lint_level);

struct lint_target {
	str name;    /* a label; of another file its name, with the attribute or the derivation's name */
	str file;    /* absolute */
	uint32_t lo, hi;
	bool broken; /* stands for a file that cannot be judged: never passes */
};

#define LINT_NO_TARGET UINT32_MAX

struct lint_finding {
	uint32_t rule;
	uint32_t target; /* index; LINT_NO_TARGET: it is the file's or the workspace's */
	str file;        /* absolute */
	uint32_t source; /* that file for source.h, until lint_end */
	uint32_t lo, hi; /* bytes of it */
	str text;
	str allowed;     /* the reason of the suppression that covers it; p == NULL: none does */
	bool wrapped;    /* stands in the expression that a `Custom "nix-compat"` action wraps: the target passes in spite of it */
};

struct lint_report {
	struct arena arena; /* all below lives here */
	const struct lint_target *targets;
	const struct lint_finding *findings; /* by file and place */
	size_t ntargets, nfindings;
	enum lint_level level; /* that straylight.dhall asks for; constrained without one */
	str root;              /* of the workspace, or where the search began */
	size_t files;          /* that were looked at */
};

struct lint_text {
	str path, text; /* absolute */
};

struct lint_request {
	str dir;              /* absolute: where relative paths start, and the workspace is looked for */
	const str *paths;     /* files and folders; none: the workspace */
	size_t npaths;
	str cache;            /* directory */
	const struct lint_text *texts; /* what these files say instead, also where they are imported */
	size_t ntexts;
};

/* Judges all that the paths name: folders stand for their BUILD.dhall, straylight.dhall and .nix files, also below, and
 * the Dhall files of the workspace that those import.  false after diagnostics: what cannot be read or evaluated is not in the report, the
 * rest is.  lint_end frees. */
bool lint_run(const struct lint_request *, struct lint_report *out, struct diags *) SL_MUST_USE;
void lint_end(struct lint_report *);

/* Does the target pass: is there nothing that the level reports as a warning or an error, no suppression covers and
 * no action wraps? */
bool *lint_passes(const struct lint_report *, enum lint_level, size_t *passed) SL_MUST_USE; /* mem_free */

#endif
