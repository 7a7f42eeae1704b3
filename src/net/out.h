/* out.h: what is to be sent on a connection: bytes, and parts of blobs, which are not copied. */
#ifndef STRAYLIGHT_NET_OUT_H
#define STRAYLIGHT_NET_OUT_H

#include <straylight/base.h>
#include <uv.h>

struct out_part {
	struct blob *blob; /* one reference; NULL: the next of `bytes` */
	const char *p;     /* in the blob */
	size_t n;
};

struct out {
	struct buf bytes;
	VEC(struct out_part) parts;
	size_t n; /* of all parts */
};

void out_add(struct out *, const void *, size_t);
/* What was appended to `bytes` by others. */
void out_added(struct out *, size_t n);
/* n bytes at p, of the blob; it may not change until they are sent. */
void out_blob(struct out *, struct blob *, const char *p, size_t n);
/* The first parts, at most max of them, after so many bytes that are sent already; returns how many. */
size_t out_bufs(const struct out *, size_t sent, uv_buf_t *bufs, size_t max);
void out_clear(struct out *); /* empty, and memory is kept */
void out_free(struct out *);

#endif
