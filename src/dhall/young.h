/* young.h: giving memory back before the session ends.
 *
 * Much of evaluation ends in a scalar: a condition, a number, the accumulator of a loop.  What was
 * allocated on the way is garbage then, unless something older has come to point into it.  A frame
 * (struct young) marks where an evaluation began; young_written is called wherever an older node may
 * get a pointer to a younger one, and makes the frames in between give up (escaped).  At its end a
 * frame that has not escaped rewinds the arena to its mark.
 *
 * A loop's frame also has a stretch of older memory that it will write over (kept): what gets a pointer
 * into it makes the frame give up as well.
 *
 * Frames nest like calls.  One that has escaped is unlinked at once, so a write looks at each frame at
 * most once. */
#ifndef STRAYLIGHT_DHALL_YOUNG_H
#define STRAYLIGHT_DHALL_YOUNG_H

struct young {
	const unsigned char *lo;         /* what is allocated from here on is young … */
	const struct arena_chunk *chunk; /* … as long as this is the newest chunk */
	const unsigned char *kept_lo, *kept_hi;
	bool escaped;
	struct young *up;
};

static inline void young_begin(struct dhall *s, struct young *y)
{
	y->lo = s->arena.cur;
	y->chunk = s->arena.chunks;
	y->kept_lo = y->kept_hi = NULL;
	y->escaped = false;
	y->up = s->young;
	s->young = y;
}

static inline bool young_has(const struct dhall *s, const struct young *y, const void *p)
{
	return (const unsigned char *)p >= y->lo && (const unsigned char *)p < s->arena.cur &&
	       y->chunk == s->arena.chunks;
}

/* p does not outlive the frame. */
static inline bool young_holds(const struct dhall *s, const struct young *y, const void *p)
{
	return young_has(s, y, p) ||
	       ((const unsigned char *)p >= y->kept_lo && (const unsigned char *)p < y->kept_hi);
}

/* Something at p gets a pointer to what may be younger. */
static inline void young_written(struct dhall *s, const void *p)
{
	while (SL_UNLIKELY(s->young != NULL) && !young_has(s, s->young, p)) {
		s->young->escaped = true;
		s->young = s->young->up;
	}
}

/* Unlinks the frame; true when nothing older points into what it marks. */
static inline bool young_end(struct dhall *s, struct young *y)
{
	if (y->escaped)
		return false;
	s->young = y->up;
	return y->chunk == s->arena.chunks;
}

static inline void young_rewind(struct dhall *s, const struct young *y)
{
#ifdef __SANITIZE_ADDRESS__
	memset((void *)(uintptr_t)y->lo, 0xdd, (size_t)(s->arena.cur - y->lo));
#endif
	arena_rewind(&s->arena, (struct arena_mark){s->arena.chunks, (unsigned char *)(uintptr_t)y->lo});
}

/* A value that points to nothing. */
static inline bool young_scalar(const struct val *v)
{
	switch ((enum val_kind)v->kind) {
	case VAL_BOOL:
	case VAL_DOUBLE: return true;
	case VAL_NATURAL:
	case VAL_INTEGER: return !v->u.num.big;
	default: return false;
	}
}

#endif
