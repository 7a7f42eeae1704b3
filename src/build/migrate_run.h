/* migrate_run.h: the whole run, which migrate.c and migrate_compare.c share. */
#ifndef STRAYLIGHT_BUILD_MIGRATE_RUN_H
#define STRAYLIGHT_BUILD_MIGRATE_RUN_H

#include "migrate_int.h"

struct job { /* a file that has something to change */
	str path, before, after;
	enum fix_mode mode, done; /* done: of the last round */
	bool differs, same;       /* after is another text; it was compared */
	VEC(struct trouble) troubles;
	VEC(struct migrate_change) changes;
	VEC(struct lint_text) created;
	str left_from_nix;
	str refused;              /* why the last mode was not taken */
};

struct migration {
	const struct migrate_request *q;
	struct arena a;
	struct store *store;
	struct lint_report before, after;
	VEC(struct job *) jobs;
	struct diags *diags;
	/* of a round */
	struct workspace w;
	struct map texts;
};

/* migrate.c: the file with that text, in the hands of the workspace's first session. */
struct fixing migration_fixing(struct migration *, struct workspace *, struct job *, str text, struct diags *);

/* migrate_compare.c: what the file means in `old` and in m->w.  Every difference becomes a change of the job, and j->same is whether
 * only targets differ that something was wrong with.  On a stack of POOL_STACK. */
void migration_compare(struct migration *, struct workspace *old, struct job *j);

#endif
