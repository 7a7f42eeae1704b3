#include "gzip.h"

#include <zlib.h>

#define GZIP (15 + 16) /* zlib's word for the largest window, with gzip's head */

void gzip_pack(str in, struct buf *out)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)in.p, .avail_in = (uInt)in.n};
	size_t max = compressBound(in.n) + 32;

	buf_reserve(out, max);
	z.next_out = (Bytef *)out->p + out->n;
	z.avail_out = (uInt)max;
	if (deflateInit2(&z, 1, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		mem_oom();
	deflate(&z, Z_FINISH);
	out->n += z.total_out;
	deflateEnd(&z);
}

bool gzip_unpack(str in, size_t max, struct buf *out)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)in.p, .avail_in = (uInt)in.n};
	int step = Z_OK;

	if (inflateInit2(&z, GZIP) != Z_OK)
		mem_oom();
	while (step == Z_OK && out->n <= max) {
		buf_reserve(out, 64 << 10);
		z.next_out = (Bytef *)out->p + out->n;
		z.avail_out = 64 << 10;
		step = inflate(&z, Z_NO_FLUSH);
		out->n += (64 << 10) - z.avail_out;
	}
	inflateEnd(&z);
	return step == Z_STREAM_END && out->n <= max;
}
