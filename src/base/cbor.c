#include <straylight/base/cbor.h>
#include <straylight/base/vec.h>

#include <float.h>
#include <math.h>

#define FALSE 20
#define TRUE 21
#define NIL 22
#define ONE_BYTE 24 /* info: the argument is in the next 1, 2, 4 or 8 bytes */
#define HALF 25
#define SINGLE 26
#define DOUBLE 27
#define INDEFINITE 31

/* ---- writing ---- */

static void put(struct buf *b, enum cbor_major major, unsigned info, uint64_t n, unsigned width)
{
	unsigned char head[9];

	head[0] = (unsigned char)((unsigned)major << 5 | info);
	for (unsigned i = 0; i < width; i++)
		head[1 + i] = (unsigned char)(n >> (8 * (width - 1 - i)));
	buf_add(b, head, 1 + width);
}

void cbor_head(struct buf *b, enum cbor_major major, uint64_t n)
{
	if (n < ONE_BYTE)
		put(b, major, (unsigned)n, 0, 0);
	else if (n <= UINT8_MAX)
		put(b, major, ONE_BYTE, n, 1);
	else if (n <= UINT16_MAX)
		put(b, major, ONE_BYTE + 1, n, 2);
	else if (n <= UINT32_MAX)
		put(b, major, ONE_BYTE + 2, n, 4);
	else
		put(b, major, ONE_BYTE + 3, n, 8);
}

void cbor_uint(struct buf *b, uint64_t n)
{
	cbor_head(b, CBOR_UINT, n);
}

void cbor_int(struct buf *b, int64_t n)
{
	if (n >= 0)
		cbor_head(b, CBOR_UINT, (uint64_t)n);
	else
		cbor_head(b, CBOR_NINT, ~(uint64_t)n);
}

void cbor_bytes(struct buf *b, str s)
{
	cbor_head(b, CBOR_BYTES, s.n);
	buf_str(b, s);
}

void cbor_text(struct buf *b, str s)
{
	cbor_head(b, CBOR_TEXT, s.n);
	buf_str(b, s);
}

void cbor_array(struct buf *b, uint64_t n)
{
	cbor_head(b, CBOR_ARRAY, n);
}

void cbor_map(struct buf *b, uint64_t n)
{
	cbor_head(b, CBOR_MAP, n);
}

void cbor_tag(struct buf *b, uint64_t n)
{
	cbor_head(b, CBOR_TAG, n);
}

void cbor_bool(struct buf *b, bool yes)
{
	put(b, CBOR_SIMPLE, yes ? TRUE : FALSE, 0, 0);
}

void cbor_null(struct buf *b)
{
	put(b, CBOR_SIMPLE, NIL, 0, 0);
}

/* The half with the same value, if there is one.  A float is sign 1, exponent 8 (bias 127), fraction
 * 23 bits; a half is 1, 5 (bias 15), 10; halves below 2^-14 have no hidden bit. */
static bool half_of(uint32_t single, uint16_t *half)
{
	uint32_t sign = single >> 31 << 15, fraction = single & 0x7fffff;
	int exponent = (int)(single >> 23 & 0xff) - 127;

	if (exponent == 128 || (single & 0x7fffffff) == 0) {
		*half = (uint16_t)(sign | (exponent == 128 ? 0x7c00 : 0));
		return true;
	}
	if (exponent >= -14 && exponent <= 15 && (fraction & 0x1fff) == 0) {
		*half = (uint16_t)(sign | (uint32_t)(exponent + 15) << 10 | fraction >> 13);
		return true;
	}
	if (exponent >= -24 && exponent < -14) {
		unsigned shift = 13 + (unsigned)(-14 - exponent);

		fraction |= 0x800000;
		*half = (uint16_t)(sign | fraction >> shift);
		return (fraction & ((1u << shift) - 1)) == 0;
	}
	return false;
}

void cbor_double(struct buf *b, double d)
{
	bool fits = isinf(d) || fabs(d) <= (double)FLT_MAX;
	float f = fits ? (float)d : 0;
	uint16_t half;
	uint32_t single;
	uint64_t bits;

	memcpy(&single, &f, sizeof single);
	memcpy(&bits, &d, sizeof bits);
	if (isnan(d))
		put(b, CBOR_SIMPLE, HALF, 0x7e00, 2);
	else if (!fits || (double)f != d)
		put(b, CBOR_SIMPLE, DOUBLE, bits, 8);
	else if (half_of(single, &half))
		put(b, CBOR_SIMPLE, HALF, half, 2);
	else
		put(b, CBOR_SIMPLE, SINGLE, single, 4);
}

/* ---- reading ---- */

static bool fail(struct cbor *c, enum cbor_bad bad)
{
	if (!c->bad)
		c->bad = bad;
	return false;
}

/* The argument that follows the first byte. */
static bool read_argument(struct cbor *c, unsigned info, uint64_t *n)
{
	unsigned width;

	*n = info;
	if (info < ONE_BYTE)
		return true;
	width = 1u << (info - ONE_BYTE);
	if (width > c->in.n - c->at)
		return fail(c, CBOR_SHORT);
	*n = 0;
	for (unsigned i = 0; i < width; i++)
		*n = *n << 8 | (unsigned char)c->in.p[c->at++];
	return true;
}

static bool read_open_ended(struct cbor *c, struct cbor_item *item)
{
	switch (item->major) {
	case CBOR_BYTES:
	case CBOR_TEXT:
	case CBOR_ARRAY:
	case CBOR_MAP: item->indefinite = true; return true;
	case CBOR_SIMPLE: item->is_break = true; return true;
	default: return fail(c, CBOR_INVALID);
	}
}

/* What the argument promises must be there: every element takes at least a byte. */
static bool check_content(struct cbor *c, struct cbor_item *item)
{
	size_t left = c->in.n - c->at;

	switch (item->major) {
	case CBOR_BYTES:
	case CBOR_TEXT:
		if (item->n > left)
			return fail(c, CBOR_SHORT);
		item->bytes = str_of(c->in.p + c->at, (size_t)item->n);
		c->at += (size_t)item->n;
		return true;
	case CBOR_ARRAY: return item->n <= left || fail(c, CBOR_SHORT);
	case CBOR_MAP: return item->n <= left / 2 || fail(c, CBOR_SHORT);
	case CBOR_SIMPLE: return item->info != ONE_BYTE || item->n >= 32 || fail(c, CBOR_INVALID);
	default: return true;
	}
}

bool cbor_next(struct cbor *c, struct cbor_item *item)
{
	unsigned first;

	*item = (struct cbor_item){0};
	if (c->bad || c->at >= c->in.n)
		return false;
	first = (unsigned char)c->in.p[c->at++];
	item->major = (enum cbor_major)(first >> 5);
	item->info = first & 31;
	if (item->info == INDEFINITE)
		return read_open_ended(c, item);
	if (item->info > DOUBLE)
		return fail(c, CBOR_INVALID);
	return read_argument(c, item->info, &item->n) && check_content(c, item);
}

bool cbor_peek(const struct cbor *c, struct cbor_item *item)
{
	struct cbor ahead = *c;

	return cbor_next(&ahead, item);
}

/* ---- skipping: a stack of what is open, one word each ----
 *
 * The low two bits say what is open, the rest is a count: the items still to come of definite arrays,
 * maps and tags (adjacent ones share a word), or for an indefinite map the items so far.  The counts
 * are bounded by the bytes that are left, so a word holds them. */
enum open { OPEN_COUNTED, OPEN_ARRAY, OPEN_MAP, OPEN_STRING };

struct skipper {
	VEC(uint64_t) open;
	enum cbor_major string; /* of the open string: strings do not nest */
};

static enum open kind_of(uint64_t word)
{
	return (enum open)(word & 3);
}

/* One item of the innermost open thing is there. */
static void close_item(struct skipper *s)
{
	if (s->open.n && kind_of(vec_last(&s->open)) == OPEN_COUNTED) {
		vec_last(&s->open) -= 4;
		if (vec_last(&s->open) >> 2 == 0)
			s->open.n--;
	} else if (s->open.n && kind_of(vec_last(&s->open)) == OPEN_MAP) {
		vec_last(&s->open) ^= 4;
	}
}

static bool skip_break(struct cbor *c, struct skipper *s)
{
	uint64_t word = s->open.n ? vec_last(&s->open) : OPEN_COUNTED;

	if (kind_of(word) == OPEN_COUNTED || (kind_of(word) == OPEN_MAP && word >> 2 != 0))
		return fail(c, CBOR_INVALID);
	s->open.n--;
	return true;
}

/* The item counts for what it stands in at once; what it opens is counted on its own. */
static void open_counted(struct skipper *s, uint64_t n)
{
	if (n == 0)
		return;
	if (s->open.n && kind_of(vec_last(&s->open)) == OPEN_COUNTED)
		vec_last(&s->open) += n << 2;
	else
		vec_push(&s->open, n << 2 | OPEN_COUNTED);
}

static bool skip_item(struct cbor *c, struct skipper *s, const struct cbor_item *item)
{
	bool in_string = s->open.n && kind_of(vec_last(&s->open)) == OPEN_STRING;

	if (item->is_break)
		return skip_break(c, s);
	if (in_string && (item->major != s->string || item->indefinite))
		return fail(c, CBOR_INVALID);
	close_item(s);
	if (item->indefinite && item->major < CBOR_ARRAY) {
		s->string = item->major;
		vec_push(&s->open, OPEN_STRING);
	} else if (item->indefinite) {
		vec_push(&s->open, item->major == CBOR_ARRAY ? OPEN_ARRAY : OPEN_MAP);
	} else if (item->major == CBOR_ARRAY || item->major == CBOR_TAG) {
		open_counted(s, item->major == CBOR_TAG ? 1 : item->n);
	} else if (item->major == CBOR_MAP) {
		open_counted(s, 2 * item->n);
	}
	return true;
}

bool cbor_skip(struct cbor *c)
{
	struct skipper s = {0};
	struct cbor_item item;
	bool ok;

	do {
		ok = cbor_next(c, &item);
		if (!ok)
			fail(c, CBOR_SHORT);
		ok = ok && skip_item(c, &s, &item);
	} while (ok && s.open.n);
	vec_free(&s.open);
	return ok;
}

/* ---- typed reads ---- */

static bool expect(struct cbor *c, enum cbor_major major, struct cbor_item *item)
{
	if (!cbor_next(c, item))
		return fail(c, CBOR_SHORT);
	return (item->major == major && !item->indefinite && !item->is_break) || fail(c, CBOR_TYPE);
}

uint64_t cbor_get_uint(struct cbor *c)
{
	struct cbor_item item;

	return expect(c, CBOR_UINT, &item) ? item.n : 0;
}

int64_t cbor_get_int(struct cbor *c)
{
	struct cbor_item item;

	if (!cbor_next(c, &item)) {
		fail(c, CBOR_SHORT);
		return 0;
	}
	if (item.major != CBOR_UINT && item.major != CBOR_NINT) {
		fail(c, CBOR_TYPE);
		return 0;
	}
	if (item.n > INT64_MAX) {
		fail(c, CBOR_RANGE);
		return 0;
	}
	return item.major == CBOR_UINT ? (int64_t)item.n : -1 - (int64_t)item.n;
}

str cbor_get_text(struct cbor *c)
{
	struct cbor_item item;

	return expect(c, CBOR_TEXT, &item) ? item.bytes : (str){NULL, 0};
}

str cbor_get_bytes(struct cbor *c)
{
	struct cbor_item item;

	return expect(c, CBOR_BYTES, &item) ? item.bytes : (str){NULL, 0};
}

bool cbor_get_bool(struct cbor *c)
{
	struct cbor_item item;

	if (!expect(c, CBOR_SIMPLE, &item))
		return false;
	if (item.info != FALSE && item.info != TRUE)
		return fail(c, CBOR_TYPE);
	return item.info == TRUE;
}

uint64_t cbor_get_array(struct cbor *c)
{
	struct cbor_item item;

	return expect(c, CBOR_ARRAY, &item) ? item.n : 0;
}

bool cbor_get_row(struct cbor *c, uint64_t n)
{
	return cbor_get_array(c) == n && !c->bad;
}

uint64_t cbor_get_map(struct cbor *c)
{
	struct cbor_item item;

	return expect(c, CBOR_MAP, &item) ? item.n : 0;
}

static double half_value(unsigned half)
{
	int exponent = (int)(half >> 10 & 31);
	double fraction = half & 0x3ff, value;

	if (exponent == 31)
		value = fraction != 0 ? (double)NAN : (double)INFINITY;
	else if (exponent == 0)
		value = ldexp(fraction, -24);
	else
		value = ldexp(fraction + 1024, exponent - 25);
	return half & 0x8000 ? -value : value;
}

double cbor_float(const struct cbor_item *item)
{
	uint32_t single = (uint32_t)item->n;
	float f;
	double d;

	if (item->major != CBOR_SIMPLE)
		return 0;
	switch (item->info) {
	case HALF: return half_value((unsigned)item->n);
	case SINGLE: memcpy(&f, &single, sizeof f); return (double)f;
	case DOUBLE: memcpy(&d, &item->n, sizeof d); return d;
	default: return 0;
	}
}
