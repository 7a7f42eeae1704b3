/* buf.h: bytes that grow.
 *
 * Starts from {0}; p is owned by the buf until buf_free or buf_take.  A limit given at birth bounds
 * it: growth past it sets `over`, drops the bytes, and the caller looks at `over` once at the end. */
#ifndef STRAYLIGHT_BASE_BUF_H
#define STRAYLIGHT_BASE_BUF_H

#include <straylight/base/str.h>

struct buf {
	char *p;
	size_t n, cap;
	size_t limit; /* 0 = none */
	bool over;    /* an append was dropped: the content is not whole */
};

void buf_free(struct buf *); /* back to {0}, the limit kept */
void buf_reserve(struct buf *, size_t more);
void buf_add(struct buf *, const void *, size_t);
void buf_fmt(struct buf *, const char *fmt, ...) SL_PRINTF(2, 3);
void buf_vfmt(struct buf *, const char *fmt, va_list);

static inline void buf_str(struct buf *b, str s)
{
	buf_add(b, s.p, s.n);
}

static inline void buf_c(struct buf *b, char c)
{
	if (SL_LIKELY(b->n < b->cap && !b->limit))
		b->p[b->n++] = c;
	else
		buf_add(b, &c, 1);
}

#define buf_lit(b, lit) buf_add((b), "" lit, sizeof(lit) - 1)

/* One that fills n > 0 bytes of the caller's, and never grows beyond them; it is not freed. */
static inline struct buf buf_over(char *p, size_t n)
{
	return (struct buf){.p = p, .cap = n, .limit = n};
}

/* What is in it, borrowed until the next change. */
static inline str buf_view(const struct buf *b)
{
	return (str){b->p, b->n};
}

/* A NUL-terminated view, borrowed until the next change. */
const char *buf_z(struct buf *);

/* A copy of the content in the arena; the buf is freed. */
str buf_take(struct buf *, struct arena *);

#endif
