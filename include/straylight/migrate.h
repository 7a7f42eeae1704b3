/* migrate.h: Dhall and Nix files rewritten so that their targets pass the next level of the ladder.
 *
 * Layer: build.
 *
 * What must change is what lint finds at the level.  A rewriting touches only the spans that it is about; the new texts
 * are read, checked and judged as if they were there before anything is written, and what they mean is compared with what
 * the old ones meant: a target that no change was about must be the same, and of one that was changed every difference
 * is listed. */
#ifndef STRAYLIGHT_MIGRATE_H
#define STRAYLIGHT_MIGRATE_H

#include <straylight/lint.h>

struct migrate_request {
	str dir;            /* absolute */
	const str *paths;   /* as those of lint */
	size_t npaths;
	str cache;
	enum lint_level to; /* LINT_CONSTRAINED for phase 1 … LINT_PURE_DICE for phase 4 */
	const str *tables;  /* as those of convert */
	size_t ntables;
	bool fix;           /* write the files */
	bool (*ready)(void *ud); /* all is checked and nothing is written yet: false stops it.  May be NULL */
	void *ud;
};

struct migrate_item { /* what keeps a target from the level */
	uint32_t rule;
	uint32_t target; /* of the report's; LINT_NO_TARGET */
	str file;
	uint32_t line, column;
	str text;
	bool fixed;      /* the new texts no longer have it, or only */
	bool wrapped;    /* in the expression of a nix-compat action, where it keeps nothing from the level */
	str why;         /* it is left, because; may be empty */
};

struct migrate_change { /* a difference that a rewriting makes */
	str target;
	str text;
};

struct migrate_file {
	str path;          /* absolute */
	str before, after; /* its text */
	bool written;
};

struct migrate_report {
	struct arena arena;
	str root;
	const struct lint_target *targets; /* of before */
	const struct migrate_item *items;  /* by file and place */
	const struct migrate_change *changes;
	const struct migrate_file *files;  /* whose text becomes another one */
	size_t ntargets, nitems, nchanges, nfiles;
	size_t passed_before, passed_after, ntargets_after;
};

/* false after diagnostics: then nothing was written, or not all (struct migrate_file says which).  migrate_end frees. */
bool migrate_run(const struct migrate_request *, struct migrate_report *out, struct diags *) SL_MUST_USE;
void migrate_end(struct migrate_report *);

/* A unified diff with three lines of context; nothing for equal texts. */
void migrate_diff(str name, str before, str after, struct buf *out);

#endif
