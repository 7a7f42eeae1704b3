/* nixstore.h: a folder of store paths, laid out as /nix/store is.
 *
 * Layer: build.
 *
 * DIR/HASH-NAME is a derivation, a file, a link or a tree, in the form that Nix gives it: files 0444 or 0555,
 * directories 0555, the modification time 1.  What has its name is whole: everything is made below DIR/.new/ and
 * renamed; a path that is there is never made again.  The folder need not be where the paths say that they are:
 * it stands for /nix/store on machines that have none.  Any number of processes may add to one folder; a struct
 * nixstore belongs to one thread. */
#ifndef STRAYLIGHT_NIXSTORE_H
#define STRAYLIGHT_NIXSTORE_H

#include <straylight/nix.h>
#include <straylight/store.h>
#include <straylight/storepath.h>

struct nixstore;

/* `dir` is where the entries lie, `store_dir` what their paths begin with.  Nothing is made yet. */
struct nixstore *nixstore_new(str dir, str store_dir) SL_MUST_USE;
void nixstore_free(struct nixstore *); /* NULL is fine */
/* The user's own folder: nix/store in the cache (os_cache_dir).  Empty when there is no place for it. */
str nixstore_default(struct arena *);

str nixstore_dir(const struct nixstore *); /* where the entries lie */
/* Where a store path lies, in the arena; it need not be there. */
str nixstore_file(const struct nixstore *, str path, struct arena *);
bool nixstore_has(const struct nixstore *, str path);

/* Each makes the entry of a store path unless it is there.  false after a diagnostic: IO, DISK_FULL, NIX_FILE,
 * and those named. */

/* A derivation, or another text. */
bool nixstore_write(struct nixstore *, str path, str bytes, struct diags *) SL_MUST_USE;
/* A copy of what lies at `from` and the filter (may be NULL) leaves; a single file's bytes unless `recursive`.
 * NIX_FILE when it is not what the path was computed from: it changed meanwhile. */
bool nixstore_copy(struct nixstore *, str path, const char *from, bool recursive, nix_filter *, void *filter_ud,
		struct diags *) SL_MUST_USE;
/* A file, link or tree of the CAS; the entry's name does not matter. */
bool nixstore_export(struct nixstore *, str path, struct store *, const struct tree_entry *, struct diags *) SL_MUST_USE;

#endif
