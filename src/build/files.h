/* files.h: contents of workspace files by digest, hashed once while their stamps stay the same.
 *
 * The memo of stamps and digests is one record per directory in the state (STATE_DIR), read when the
 * first file of it is asked for, written back by files_save when it changed.  A file that may have
 * changed within the clock's grain of being read is not remembered (os_stamp_racy).
 *
 * files_look and files_learn belong to the loop's thread; files_hash may run on any. */
#ifndef STRAYLIGHT_BUILD_FILES_H
#define STRAYLIGHT_BUILD_FILES_H

#include "identity.h"
#include "state.h"

struct files;
struct files *files_new(struct state *, struct store *, str root) SL_MUST_USE;
void files_free(struct files *);
void files_save(struct files *);

enum files_found {
	FILES_KNOWN,  /* *out is the content */
	FILES_STALE,  /* it is there and must be hashed */
	FILES_ABSENT,
	FILES_ODD,    /* a directory, device, socket or the like */
};
/* A link stands for the file that it leads to. */
enum files_found files_look(struct files *, str path, struct content *out);

/* Reads and hashes the file; 0 or a negative errno.  *stamp was taken before reading and still holds
 * after it; -EAGAIN when the file would not keep still. */
int files_hash(const struct files *, const char *path, struct content *out, struct stamp *stamp, int64_t *read_ns);
void files_learn(struct files *, str path, const struct content *, const struct stamp *, int64_t read_ns);

/* Puts the file's content into the store if it is not there.  -EAGAIN when the file no longer has the
 * digest that was learned. */
int files_provide(const struct files *, str path, const struct digest *);
/* The same; false after a diagnostic. */
bool files_need(const struct files *, str path, const struct digest *, struct diags *) SL_MUST_USE;
/* The diagnostic for a file that was edited while the build used it. */
void files_changed(str path, struct diags *);

/* Every file looked at in this run, with its stamp, for noop.c; absent ones have mode 0. looked_ns is
 * the wall clock of the look. */
void files_each(const struct files *, void (*fn)(void *ud, str path, const struct stamp *, int64_t looked_ns), void *ud);

#endif
