#include "hpack.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>

#define FRAME_HEAD 9
#define TABLE_MAX 4096
#define ENTRY_COST 32
#define STATIC_ENTRIES 61

struct entry {
	str name, value; /* from the heap: the value follows the name */
};

struct hpack {
	enum hpack_form form;
	size_t split;
	nghttp2_hd_inflater *inflater; /* follows what nghttp2 writes */
	struct buf in, block;
	VEC(struct entry) table; /* oldest first */
	size_t size, limit;
	bool resized; /* the next block begins with the new size */
};

struct hpack *hpack_new(enum hpack_form form, size_t split)
{
	struct hpack *h = mem_make(struct hpack);

	h->form = form;
	h->split = split;
	h->limit = TABLE_MAX;
	if (nghttp2_hd_inflate_new(&h->inflater) != 0)
		mem_oom();
	return h;
}

static void evict(struct hpack *h, size_t room)
{
	while (h->table.n && h->size + room > h->limit) {
		struct entry *e = &h->table.p[0];

		h->size -= e->name.n + e->value.n + ENTRY_COST;
		mem_free((void *)(uintptr_t)e->name.p);
		memmove(e, e + 1, --h->table.n * sizeof *e);
	}
}

void hpack_free(struct hpack *h)
{
	h->limit = 0;
	evict(h, 0);
	vec_free(&h->table);
	nghttp2_hd_inflate_del(h->inflater);
	buf_free(&h->in);
	buf_free(&h->block);
	mem_free(h);
}

void hpack_limit(struct hpack *h, size_t limit)
{
	nghttp2_hd_inflate_change_table_size(h->inflater, limit);
	h->limit = limit < TABLE_MAX ? limit : TABLE_MAX;
	h->resized = true;
	evict(h, 0);
}

/* ---- writing a block ---- */

/* RFC 7541 5.1: an integer with a prefix of `bits`, below the bits of `first`. */
static void integer(struct buf *b, unsigned char first, unsigned bits, size_t n)
{
	size_t max = ((size_t)1 << bits) - 1;

	if (n < max) {
		buf_c(b, (char)(first | n));
		return;
	}
	buf_c(b, (char)(first | max));
	for (n -= max; n >= 128; n >>= 7)
		buf_c(b, (char)(128 | (n & 127)));
	buf_c(b, (char)n);
}

static void text(struct buf *b, str s)
{
	integer(b, 0, 7, s.n);
	buf_str(b, s);
}

static void literal(struct buf *b, unsigned char first, str name, str value)
{
	buf_c(b, (char)first);
	text(b, name);
	text(b, value);
}

static void remember(struct hpack *h, str name, str value)
{
	size_t cost = name.n + value.n + ENTRY_COST;
	char *copy;

	evict(h, cost);
	if (h->size + cost > h->limit)
		return;
	copy = mem_alloc(name.n + value.n + 1);
	memcpy(copy, name.p, name.n);
	memcpy(copy + name.n, value.p, value.n);
	vec_push(&h->table, ((struct entry){{copy, name.n}, {copy + name.n, value.n}}));
	h->size += cost;
}

static void put(struct hpack *h, str name, str value)
{
	if (h->form != HPACK_PLAIN) {
		literal(&h->block, h->form == HPACK_NEVER ? 0x10 : 0, name, value);
		return;
	}
	for (size_t i = h->table.n; i-- > 0;)
		if (str_eq(h->table.p[i].name, name) && str_eq(h->table.p[i].value, value)) {
			integer(&h->block, 0x80, 7, STATIC_ENTRIES + h->table.n - i);
			return;
		}
	literal(&h->block, 0x40, name, value);
	remember(h, name, value);
}

static void rewrite(struct hpack *h, str block)
{
	const unsigned char *at = (const unsigned char *)block.p;
	size_t left = block.n;
	int flags = 0;

	h->block.n = 0;
	if (h->resized)
		integer(&h->block, 0x20, 5, h->limit);
	h->resized = false;
	while (!(flags & NGHTTP2_HD_INFLATE_FINAL)) {
		nghttp2_nv nv;
		ssize_t n = nghttp2_hd_inflate_hd2(h->inflater, &nv, &flags, at, left, 1);

		if (n < 0)
			abort(); /* nghttp2 does not read what it wrote */
		at += n;
		left -= (size_t)n;
		if (flags & NGHTTP2_HD_INFLATE_EMIT)
			put(h, str_of((char *)nv.name, nv.namelen), str_of((char *)nv.value, nv.valuelen));
	}
	nghttp2_hd_inflate_end_headers(h->inflater);
}

/* ---- frames (RFC 9113 4.1) ---- */

static void frame_head(struct buf *out, size_t n, unsigned type, unsigned flags, const char *stream)
{
	const char head[5] = {(char)(n >> 16), (char)(n >> 8), (char)n, (char)type, (char)flags};

	buf_add(out, head, 5);
	buf_add(out, stream, 4);
}

/* A server's HEADERS, which has neither padding nor priority. */
static void headers(struct hpack *h, str frame, struct buf *out)
{
	unsigned flags = (unsigned char)frame.p[4], type = NGHTTP2_HEADERS;
	const char *stream = frame.p + 5;
	str left;

	if (h->form != HPACK_NGHTTP2)
		rewrite(h, str_from(frame, FRAME_HEAD));
	left = h->form != HPACK_NGHTTP2 ? buf_view(&h->block) : str_from(frame, FRAME_HEAD);
	do {
		str part = str_upto(left, h->split ? h->split : left.n);

		left = str_from(left, part.n);
		frame_head(out, part.n, type,
				(type == NGHTTP2_HEADERS ? flags & NGHTTP2_FLAG_END_STREAM : 0) |
						(left.n ? 0 : NGHTTP2_FLAG_END_HEADERS),
				stream);
		buf_str(out, part);
		type = NGHTTP2_CONTINUATION;
	} while (left.n);
}

void hpack_pass(struct hpack *h, str frames, struct buf *out)
{
	size_t at = 0;

	if (h->form == HPACK_NGHTTP2 && !h->split) {
		buf_str(out, frames);
		return;
	}
	buf_str(&h->in, frames);
	while (h->in.n - at >= FRAME_HEAD) {
		const unsigned char *p = (const unsigned char *)h->in.p + at;
		size_t n = FRAME_HEAD + ((size_t)p[0] << 16 | (size_t)p[1] << 8 | p[2]);

		if (h->in.n - at < n)
			break;
		if (p[3] == NGHTTP2_HEADERS)
			headers(h, str_of(h->in.p + at, n), out);
		else
			buf_add(out, p, n);
		at += n;
	}
	memmove(h->in.p, h->in.p + at, h->in.n - at);
	h->in.n -= at;
}

bool hpack_form_of(str name, enum hpack_form *out)
{
	static const char *const names[] = {"nghttp2", "plain", "literal", "never"};

	for (size_t i = 0; i < SL_COUNT(names); i++)
		if (str_eq(name, str_c(names[i]))) {
			*out = (enum hpack_form)i;
			return true;
		}
	return false;
}
