#include "frame.h"

#include <zlib.h>

static uint32_t length_of(const struct frames *f)
{
	return (uint32_t)f->prefix[1] << 24 | (uint32_t)f->prefix[2] << 16 | (uint32_t)f->prefix[3] << 8 | f->prefix[4];
}

static bool take_prefix(struct frames *f, str *in)
{
	size_t n = FRAME_PREFIX - f->have;

	if (n > in->n)
		n = in->n;
	if (n)
		memcpy(f->prefix + f->have, in->p, n);
	f->have += (unsigned)n;
	*in = str_from(*in, n);
	return f->have == FRAME_PREFIX;
}

enum frame_step frame_next(struct frames *f, str *in, str *message, bool *packed)
{
	size_t want, n;

	if (f->given) {
		f->given = false;
		f->part.n = 0;
	}
	if (!take_prefix(f, in))
		return FRAME_MORE;
	if (f->prefix[0] > 1)
		return FRAME_BAD;
	want = length_of(f);
	if (want > f->max)
		return FRAME_TOO_LARGE;
	*packed = f->prefix[0] == 1;
	n = want - f->part.n;
	if (n > in->n) {
		buf_str(&f->part, *in);
		*in = str_from(*in, in->n);
		return FRAME_MORE;
	}
	if (f->part.n) {
		buf_add(&f->part, in->p, n);
		*message = buf_view(&f->part);
		f->given = true;
	} else {
		*message = str_upto(*in, n);
	}
	*in = str_from(*in, n);
	f->have = 0;
	return FRAME_MESSAGE;
}

bool frame_at_end(const struct frames *f)
{
	return f->have == 0;
}

void frames_free(struct frames *f)
{
	buf_free(&f->part);
}

void frame_prefix(size_t n, unsigned char out[FRAME_PREFIX])
{
	out[0] = 0;
	out[1] = (unsigned char)(n >> 24);
	out[2] = (unsigned char)(n >> 16);
	out[3] = (unsigned char)(n >> 8);
	out[4] = (unsigned char)n;
}

/* ---- gzip ---- */

static int inflate_all(z_stream *z, struct buf *out)
{
	unsigned char part[16 << 10];
	int r;

	do {
		z->next_out = part;
		z->avail_out = sizeof part;
		r = inflate(z, Z_NO_FLUSH);
		buf_add(out, part, sizeof part - z->avail_out);
	} while (r == Z_OK && !out->over);
	return r;
}

bool frame_unpack(str packed, size_t max, struct buf *out)
{
	z_stream z = {0};
	int r;

	if (packed.n > UINT_MAX || inflateInit2(&z, 15 + 16) != Z_OK)
		return false;
	out->n = 0;
	out->over = false;
	out->limit = max ? max : 1;
	z.next_in = (unsigned char *)(uintptr_t)packed.p;
	z.avail_in = (unsigned)packed.n;
	r = inflate_all(&z, out);
	inflateEnd(&z);
	out->limit = 0;
	return r == Z_STREAM_END && z.avail_in == 0 && !out->over;
}
