/* closure.h: derivations on disk, and all that they need.
 *
 * Layer: build.
 *
 * A closure grows by the files that are added to it.  A derivation is looked for in the folders of those
 * files, then where closure_look says, and then at its own path; what is found under a store path must be the text that the path was
 * computed from, so a wrong file cannot pass for an input.  Everything lives until closure_free. */
#ifndef STRAYLIGHT_CLOSURE_H
#define STRAYLIGHT_CLOSURE_H

#include <straylight/drv.h>

struct closure;

struct closure_node {
	str path;                          /* of the derivation in the store */
	const struct drv *drv;
	const struct closure_node **inputs; /* as drv->inputs, in the same order */
	size_t index;                      /* its place in closure_order */
};

struct closure *closure_new(str store_dir) SL_MUST_USE;
void closure_free(struct closure *);

/* Looks in this folder, too, after those that are known. */
void closure_look(struct closure *, str dir);
/* Reads a file, or the derivation of a store path; its folder is looked in from now on.  NULL after a diagnostic: DRV_SYNTAX, DRV_OUTPUTS,
 * DRV_PATH (it is named like a store path that its text does not have), IO, USAGE (no such file). */
const struct closure_node *closure_add(struct closure *, const char *file, struct diags *) SL_MUST_USE;
/* Reads all that those added need.  false after a diagnostic: as above, DRV_MISSING, DRV_CYCLE. */
bool closure_load(struct closure *, struct diags *) SL_MUST_USE;
/* After closure_load: every derivation once, its inputs before it. */
const struct closure_node *const *closure_order(const struct closure *, size_t *n);
/* Where it looks: the folders of the files that were added, those of closure_look, the store's own; in the arena,
 * each followed by a NUL byte. */
const str *closure_folders(const struct closure *, size_t *n, struct arena *);
/* Hashes of what is in the closure; inputs are read when they are needed. */
struct drv_memo *closure_memo(struct closure *);

#endif
