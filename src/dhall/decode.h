/* decode.h: what the files of the decoder share: decode.c (the judgments of the standard), its rooms decode_*.c, and
 * items.c (the CBOR below them).
 *
 * Nothing here returns an error: what is refused leaves to term_decode, with a reason. */
#ifndef STRAYLIGHT_DHALL_DECODE_H
#define STRAYLIGHT_DHALL_DECODE_H

#include "scope.h"
#include "term.h"

#include <setjmp.h>

struct decoder {
	struct cbor in;
	struct arena *mem;
	struct scope scope;
	sym underscore;
	const char *floor, *top; /* stack.h; the frame that leave goes to */
	const char *why;
	uint32_t depth;
	uint64_t ahead; /* bytes that were counted ahead */
	jmp_buf leave;
	/* stacks, as in the parser */
	VEC(const struct term *) terms;
	VEC(struct term_field) fields;
	VEC(struct term_chunk) chunks;
	VEC(str) parts;
	struct buf bytes; /* of a string in chunks */
};

/* What is left of an array or map.  The items of one of open length are counted ahead, which costs its
 * size once more; so that nesting such arrays stays cheap, all counting is bounded. */
struct items {
	uint64_t left;
	bool open; /* a break follows the last one */
};

SL_NORETURN void items_refuse(struct decoder *, const char *why);

/* The next head, and the same without moving.  The tag "this is CBOR" may stand anywhere; it is skipped. */
struct cbor_item items_next(struct decoder *);
struct cbor_item items_peek(struct decoder *);
static inline bool items_is_null(struct cbor_item head)
{
	return head.major == CBOR_SIMPLE && head.info == 22;
}

/* Behind the head of an array or map. */
struct items items_of(struct decoder *, struct cbor_item head);
/* Another item must be there; the caller reads it. */
void items_take(struct decoder *, struct items *, const char *why);
/* No other may be there. */
void items_end(struct decoder *, const struct items *, const char *why);

/* ---- leaves; the first ones behind their head, the others as the next item ---- */

/* The content of a string, whole or in chunks; borrowed until the next one.  Texts are valid UTF-8. */
str items_view(struct decoder *, struct cbor_item head, enum cbor_major, const char *why);
struct num items_integer(struct decoder *, struct cbor_item head); /* bignums too */

str items_text(struct decoder *, struct items *, const char *why); /* in the arena */
sym items_name(struct decoder *, struct items *, const char *why);
uint64_t items_small(struct decoder *, struct items *, uint64_t max, const char *why);

/* ---- terms ---- */

struct term *decode_term(struct decoder *);
/* The next item as a term. */
struct term *decode_part(struct decoder *, struct items *);

static inline struct term *decode_make(struct decoder *d, enum term_kind kind)
{
	struct term *t = arena_make(d->mem, struct term);

	t->kind = (uint8_t)kind;
	return t;
}

/* Copies the part of a stack above `base` to the arena and drops it from the stack. */
#define DECODE_TAKE(d, stack, base, T) \
	((T *)decode_take_((d), (d)->stack.p ? (d)->stack.p + (base) : NULL, &(d)->stack.n, (base), sizeof(T)))

static inline void *decode_take_(struct decoder *d, const void *from, size_t *n, size_t base, size_t size)
{
	void *to = arena_raw(d->mem, (*n - base) * size, _Alignof(max_align_t));

	if (*n > base)
		memcpy(to, from, (*n - base) * size);
	*n = base;
	return to;
}

/* ---- what stands behind its label ---- */

/* decode_record.c: records and unions (`kind` tells), a.x, a.{ x }, a with x = b. */
struct term *decode_fields(struct decoder *, struct items *, enum term_kind);
struct term *decode_field(struct decoder *, struct items *);
struct term *decode_projection(struct decoder *, struct items *);
struct term *decode_with(struct decoder *, struct items *);
/* decode_import.c */
struct term *decode_import(struct decoder *, struct items *);
/* decode_time.c */
struct term *decode_date(struct decoder *, struct items *);
struct term *decode_time(struct decoder *, struct items *);
struct term *decode_zone(struct decoder *, struct items *);

#endif
