/* cbor.h: CBOR (RFC 8949), written in the shortest form, read with bounds.
 *
 * The writer appends to a buf.  The reader is a cursor over borrowed bytes; the first error sticks
 * (bad != 0), and every later read gives zero, so a caller checks once.  Nothing recurses. */
#ifndef STRAYLIGHT_BASE_CBOR_H
#define STRAYLIGHT_BASE_CBOR_H

#include <straylight/base/buf.h>

enum cbor_major {
	CBOR_UINT = 0,
	CBOR_NINT = 1, /* the value is -1 - n */
	CBOR_BYTES = 2,
	CBOR_TEXT = 3,
	CBOR_ARRAY = 4,
	CBOR_MAP = 5,
	CBOR_TAG = 6,
	CBOR_SIMPLE = 7, /* false 20, true 21, null 22, and floats */
};

void cbor_head(struct buf *, enum cbor_major, uint64_t n);
void cbor_uint(struct buf *, uint64_t);
void cbor_int(struct buf *, int64_t);
void cbor_bytes(struct buf *, str);
void cbor_text(struct buf *, str);
void cbor_array(struct buf *, uint64_t n);
void cbor_map(struct buf *, uint64_t n);
void cbor_tag(struct buf *, uint64_t);
void cbor_bool(struct buf *, bool);
void cbor_null(struct buf *);
/* In half, single or double precision, the shortest that keeps the value (the Dhall standard's
 * rule); NaN is f97e00. */
void cbor_double(struct buf *, double);

enum cbor_bad {
	CBOR_OK,
	CBOR_SHORT,     /* the bytes end inside an item */
	CBOR_TYPE,      /* another type than the caller asked for */
	CBOR_INVALID,   /* not well-formed (text is not checked to be UTF-8) */
	CBOR_RANGE,     /* a number or length beyond what the caller can hold */
};

struct cbor {
	str in;
	size_t at;
	enum cbor_bad bad;
};

struct cbor_item {
	enum cbor_major major;
	uint8_t info;     /* the low five bits */
	uint64_t n;       /* value, length, count or tag; bits of the float for 25 to 27.  A length or a
			   * count is never more than what is left of the input can hold */
	bool indefinite;  /* bytes, text, arrays and maps: items up to a break follow */
	bool is_break;
	str bytes;        /* BYTES and TEXT of definite length: borrowed content */
};

static inline struct cbor cbor_over(str in)
{
	return (struct cbor){in, 0, CBOR_OK};
}

/* The next head, with the content of a definite string.  false at the end of input or on error.  What
 * stands inside what is the caller's to follow: a break is given wherever it stands. */
bool cbor_next(struct cbor *, struct cbor_item *);
/* The next head without moving. */
bool cbor_peek(const struct cbor *, struct cbor_item *);
/* Jumps over one whole item, however deep. */
bool cbor_skip(struct cbor *);

/* The end of input is CBOR_SHORT here. */
uint64_t cbor_get_uint(struct cbor *);
int64_t cbor_get_int(struct cbor *);
str cbor_get_text(struct cbor *);  /* definite only; borrowed */
str cbor_get_bytes(struct cbor *); /* definite only; borrowed */
bool cbor_get_bool(struct cbor *);
/* The count of a definite array or map; never more than the bytes that are left. */
uint64_t cbor_get_array(struct cbor *);
uint64_t cbor_get_map(struct cbor *);
/* Whether what follows is an array of so many items; they are next. */
bool cbor_get_row(struct cbor *, uint64_t n);
/* The value of a float item of any width; 0 for other items. */
double cbor_float(const struct cbor_item *);

#endif
