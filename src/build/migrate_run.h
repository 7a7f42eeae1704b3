/* migrate_run.h: the whole run, which migrate.c and migrate_compare.c share. */
#ifndef STRAYLIGHT_BUILD_MIGRATE_RUN_H
#define STRAYLIGHT_BUILD_MIGRATE_RUN_H

#include "migrate_int.h"

#define MIGRATE_FILE_MAX ((size_t)256 << 20)

struct job { /* a file that has something to change */
	str path, before, after;
	enum fix_mode mode, done; /* done: of the last round */
	bool listed;              /* as of struct fixing */
	bool differs, same;       /* after is another text, or files are made; it was compared */
	VEC(struct trouble) troubles;
	VEC(struct migrate_change) changes;
	VEC(struct lint_text) created;
	str left_from_nix;
	str refused;              /* why the last mode was not taken */
};

typedef VEC(str) path_list;

struct migration {
	const struct migrate_request *q;
	struct arena a;
	path_list paths; /* what is judged */
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

/* Is it of a target, and to be dealt with at the level? */
bool migration_wants(const struct migration *, const struct lint_finding *);
/* The file cannot be judged. */
bool migration_broken(const struct lint_report *, str path);

/* migrate_write.c: the files, and which of them were written.  false after a diagnostic. */
bool migration_write(struct migration *, struct migrate_file *) SL_MUST_USE;

/* migrate_report.c: all but that; the files are those that migration_write takes. */
struct migrate_file *migration_report(struct migration *, struct migrate_report *out);

/* migrate_compare.c: what the file means in `old` and in m->w.  Every difference becomes a change of the job, and j->same is whether
 * only targets differ that something was wrong with.  On a stack of POOL_STACK. */
void migration_compare(struct migration *, struct workspace *old, struct job *j);

#endif
