/* blob.h: immutable shared bytes, the only counted thing.
 *
 * The count is atomic: threads may share a blob.  A blob holds one reference for whoever it is given
 * to; functions that take a blob do not take over the caller's reference unless they say so. */
#ifndef STRAYLIGHT_BASE_BLOB_H
#define STRAYLIGHT_BASE_BLOB_H

#include <straylight/base/str.h>
#include <stdatomic.h>

struct blob {
	atomic_uint refs;
	size_t n;
	char b[]; /* followed by a NUL byte that n does not count */
};

struct blob *blob_new(str bytes) SL_MUST_USE; /* one reference, the caller's */
struct blob *blob_raw(size_t n) SL_MUST_USE;  /* zeroed; to be filled before it is shared */
struct blob *blob_room(size_t n) SL_MUST_USE; /* the same, not zeroed: every byte is to be written */
struct blob *blob_ref(struct blob *);         /* returns its argument; NULL is fine */
void blob_unref(struct blob *);               /* NULL is fine */

/* Nobody else holds it: it may be filled anew. */
static inline bool blob_is_ours(const struct blob *b)
{
	return atomic_load_explicit(&b->refs, memory_order_acquire) == 1;
}

/* Only the first n bytes are its content.  Of a blob that is not shared yet. */
static inline void blob_cut(struct blob *b, size_t n)
{
	b->n = n;
	b->b[n] = '\0';
}

static inline str blob_str(const struct blob *b)
{
	return b ? (str){b->b, b->n} : (str){NULL, 0};
}

#endif
