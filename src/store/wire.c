#include <straylight/wire.h>

#define FIELD_MAX (((uint64_t)1 << 29) - 1)
#define VARINT_MAX 10

static size_t varint_encode(uint64_t v, unsigned char out[VARINT_MAX])
{
	size_t n = 0;

	while (v >= 0x80) {
		out[n++] = (unsigned char)(v | 0x80);
		v >>= 7;
	}
	out[n++] = (unsigned char)v;
	return n;
}

void wire_varint(struct buf *b, uint64_t v)
{
	unsigned char bytes[VARINT_MAX];

	if (v < 0x80)
		buf_c(b, (char)v);
	else
		buf_add(b, bytes, varint_encode(v, bytes));
}

static void tag(struct buf *b, unsigned field, enum wire_type type)
{
	wire_varint(b, (uint64_t)field << 3 | type);
}

void wire_int(struct buf *b, unsigned field, int64_t v)
{
	if (v == 0)
		return;
	tag(b, field, WIRE_VARINT);
	wire_varint(b, (uint64_t)v);
}

void wire_bool(struct buf *b, unsigned field, bool v)
{
	wire_int(b, field, v);
}

void wire_element(struct buf *b, unsigned field, str s)
{
	tag(b, field, WIRE_BYTES);
	wire_varint(b, s.n);
	buf_str(b, s);
}

void wire_str(struct buf *b, unsigned field, str s)
{
	if (s.n)
		wire_element(b, field, s);
}

/* One byte is kept for the length, enough for most messages; wire_end makes room when it is not. */
size_t wire_begin(struct buf *b, unsigned field)
{
	tag(b, field, WIRE_BYTES);
	buf_c(b, 0);
	return b->n;
}

void wire_end(struct buf *b, size_t mark)
{
	unsigned char length[VARINT_MAX];
	size_t n, size;

	if (b->over)
		return;
	n = b->n - mark;
	size = varint_encode(n, length);
	if (size > 1) {
		buf_add(b, length, size - 1);
		if (b->over)
			return;
		memmove(b->p + mark + size - 1, b->p + mark, n);
	}
	memcpy(b->p + mark - 1, length, size);
}

/* In one piece, as large messages are made of little else. */
void wire_digest(struct buf *b, unsigned field, const struct digest *d)
{
	unsigned char m[3 + 2 * sizeof d->b + VARINT_MAX] = {1 << 3 | WIRE_BYTES, 2 * sizeof d->b};
	size_t n = 2 + 2 * sizeof d->b;

	hex_of(d->b, sizeof d->b, (char *)m + 2);
	if (d->size) {
		m[n++] = 2 << 3 | WIRE_VARINT;
		n += varint_encode((uint64_t)d->size, m + n);
	}
	tag(b, field, WIRE_BYTES);
	wire_varint(b, n);
	buf_add(b, m, n);
}

static uint64_t get_varint(struct wire *w)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < VARINT_MAX && w->at < w->in.n; i++) {
		unsigned char c = (unsigned char)w->in.p[w->at++];

		v |= (uint64_t)(c & 0x7f) << (7 * i);
		if (c & 0x80)
			continue;
		if ((c == 0 && i > 0) || (i == VARINT_MAX - 1 && c > 1))
			break; /* not the shortest form; more than 64 bits */
		return v;
	}
	w->bad = true;
	return 0;
}

static str get_bytes(struct wire *w, uint64_t n)
{
	str s = {NULL, 0};

	if (w->bad || n > w->in.n - w->at) {
		w->bad = true;
		return s;
	}
	s = str_of(w->in.p + w->at, (size_t)n);
	w->at += (size_t)n;
	return s;
}

static uint64_t get_fixed(struct wire *w, size_t size)
{
	str s = get_bytes(w, size);
	uint64_t v = 0;

	for (size_t i = s.n; i-- > 0;)
		v = v << 8 | (unsigned char)s.p[i];
	return v;
}

bool wire_next(struct wire *w, struct wire_field *f)
{
	uint64_t key;

	*f = (struct wire_field){0};
	if (w->bad || w->at == w->in.n)
		return false;
	key = get_varint(w);
	if (w->bad || key >> 3 == 0 || key >> 3 > FIELD_MAX) {
		w->bad = true;
		return false;
	}
	f->number = (unsigned)(key >> 3);
	f->type = (enum wire_type)(key & 7);
	switch (f->type) {
	case WIRE_VARINT: f->n = get_varint(w); break;
	case WIRE_FIXED64: f->n = get_fixed(w, 8); break;
	case WIRE_BYTES: f->bytes = get_bytes(w, get_varint(w)); break;
	case WIRE_FIXED32: f->n = get_fixed(w, 4); break;
	default: w->bad = true;
	}
	return !w->bad;
}

/* Of a letter bit 6 is set, of a small one bit 5 too. */
static bool has_capitals(str hex)
{
	uint64_t found = 0, digits;

	for (size_t i = 0; i + sizeof digits <= hex.n; i += sizeof digits) {
		memcpy(&digits, hex.p + i, sizeof digits);
		found |= digits >> 1 & ~digits & UINT64_C(0x2020202020202020);
	}
	return found;
}

static bool hash_get(str hex, unsigned char out[32])
{
	return hex_parse(hex, out, 32) && !has_capitals(hex);
}

bool wire_get_digest(const struct wire_field *f, struct digest *out)
{
	struct wire w = wire_over(f->bytes);
	struct wire_field in;

	*out = (struct digest){0};
	if (f->type != WIRE_BYTES || !wire_next(&w, &in) || in.number != 1 || in.type != WIRE_BYTES ||
			!hash_get(in.bytes, out->b))
		return false;
	if (!wire_next(&w, &in))
		return !w.bad; /* the size is 0 and so not written */
	if (in.number != 2 || in.type != WIRE_VARINT || in.n == 0 || in.n > INT64_MAX || w.at != w.in.n)
		return false;
	out->size = (int64_t)in.n;
	return true;
}
