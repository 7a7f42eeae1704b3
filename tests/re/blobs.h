/* blobs.h: content by digest, in memory or in a directory.
 *
 * Of the test server: no limit, no verification of what is on disk.  The empty blob is always there. */
#ifndef RE_BLOBS_H
#define RE_BLOBS_H

#include <straylight/base.h>

struct blobs {
	struct arena arena;
	struct map map;  /* hash function, hash, size → struct blob, or NULL when forgotten; on disk: any non-NULL */
	const char *dir; /* NULL: memory */
	uint64_t puts;   /* blobs that were new */
};

/* The directory, if given, is made; what is in it from before counts. */
int blobs_open(struct blobs *, const char *dir);
void blobs_close(struct blobs *);
bool blobs_has(struct blobs *, enum digest_fn, const struct digest *);
/* NULL, or one reference for the caller. */
struct blob *blobs_get(struct blobs *, enum digest_fn, const struct digest *);
/* The caller has made sure that the content is the digest's. */
void blobs_put(struct blobs *, enum digest_fn, const struct digest *, struct blob *);
struct digest blobs_add(struct blobs *, enum digest_fn, str bytes);
bool blobs_forget(struct blobs *, enum digest_fn, const struct digest *); /* was it there? */
void blobs_forget_all(struct blobs *);

#endif
