/* tar.h: archives of tests, entry by entry (POSIX ustar). */
#ifndef BUILD_TAR_H
#define BUILD_TAR_H

#include "../test.h"
#include <straylight/base.h>

/* `type` is '0' a file, '1' a hard link, '2' a link, '5' a directory, '6' a pipe; `more` the bytes or the target. */
static inline void tar_put(struct buf *b, char type, const char *name, unsigned mode, const char *more)
{
	bool file = type == '0';
	unsigned char h[512] = {0};
	size_t n = file ? strlen(more) : 0;
	unsigned sum = 0;

	snprintf((char *)h, 100, "%s", name);
	snprintf((char *)h + 100, 8, "%07o", mode);
	snprintf((char *)h + 108, 8, "%07o", 0u);
	snprintf((char *)h + 116, 8, "%07o", 0u);
	snprintf((char *)h + 124, 12, "%011o", (unsigned)n);
	snprintf((char *)h + 136, 12, "%011o", 0u);
	memset(h + 148, ' ', 8);
	h[156] = (unsigned char)type;
	if (!file)
		snprintf((char *)h + 157, 100, "%s", more);
	memcpy(h + 257, "ustar\00000", 8);
	for (size_t i = 0; i < sizeof h; i++)
		sum += h[i];
	snprintf((char *)h + 148, 8, "%06o", sum);
	buf_add(b, h, sizeof h);
	if (n) {
		static const char zeros[512];

		buf_add(b, more, n);
		buf_add(b, zeros, -n & 511);
	}
}

static inline void tar_end(struct buf *b)
{
	static const char zeros[1024];

	buf_add(b, zeros, sizeof zeros);
}

#endif
