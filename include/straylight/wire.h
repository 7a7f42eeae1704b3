/* wire.h: the protobuf wire format, as far as REAPI's messages need it.
 *
 * Layer: store.  The writer gives the canonical form that digests rest on, if the caller writes fields
 * in the order of their numbers: shortest varints, and proto3's rule that a field holding its default
 * is not written.  The reader is a cursor over borrowed bytes; the first error sticks.  Nothing
 * recurses and nothing allocates but the buf. */
#ifndef STRAYLIGHT_WIRE_H
#define STRAYLIGHT_WIRE_H

#include <straylight/base.h>

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

void wire_varint(struct buf *, uint64_t);
/* Scalars: nothing is written for 0, false and the empty string.  Negative numbers take ten bytes. */
void wire_int(struct buf *, unsigned field, int64_t);
void wire_bool(struct buf *, unsigned field, bool);
void wire_str(struct buf *, unsigned field, str);
/* An element of a repeated string or bytes field: written even when empty. */
void wire_element(struct buf *, unsigned field, str);
/* A message inside a message: what is appended between the two calls is its content.  They nest; a
 * message without content is written with length 0 (proto3: presence counts). */
size_t wire_begin(struct buf *, unsigned field) SL_MUST_USE;
void wire_end(struct buf *, size_t mark);
/* REAPI's Digest { string hash = 1; int64 size_bytes = 2; }. */
void wire_digest(struct buf *, unsigned field, const struct digest *);

struct wire {
	str in;
	size_t at;
	bool bad; /* the bytes are not well-formed, or a caller refused them */
};

struct wire_field {
	unsigned number;
	enum wire_type type;
	uint64_t n; /* VARINT and both FIXED */
	str bytes;  /* BYTES: borrowed */
};

static inline struct wire wire_over(str in)
{
	return (struct wire){in, 0, false};
}

/* The next field; false at the end and on error.  Refused: varints of more than ten bytes or not in
 * their shortest form, field number 0 or above 2^29 - 1, lengths beyond the end, groups. */
bool wire_next(struct wire *, struct wire_field *);
/* The content of a Digest field, strict: 64 lower-case hex digits and a size that is not negative. */
bool wire_get_digest(const struct wire_field *, struct digest *out);

#endif
