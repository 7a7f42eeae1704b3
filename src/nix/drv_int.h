/* drv_int.h: what the files of derivations share. */
#ifndef DRV_INT_H
#define DRV_INT_H

#include <straylight/drv.h>

#include <endian.h>

/* Larger ones are refused: the largest of nixpkgs has 2 MB. */
#define DRV_SIZE_MAX ((size_t)64 << 20)

/* What is written with a backslash. */
static inline bool drv_special(char c)
{
	return c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t';
}

/* The high bit of the lowest byte that is '"', '\\' or a control character; bits above it say nothing. */
static inline uint64_t drv_word_special(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101, high = 0x8080808080808080;
	uint64_t quote = w ^ ones * '"', slash = w ^ ones * '\\';

	return (((w - ones * 0x20) & ~w) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & high;
}

/* How many bytes from p on stand for themselves.  Eight at a time, because nearly all of a derivation
 * passes here, twice. */
static inline size_t drv_plain(const char *p, size_t n)
{
	size_t at = 0;

	while (n - at >= sizeof(uint64_t)) {
		uint64_t w;

		memcpy(&w, p + at, sizeof w);
		w = drv_word_special(le64toh(w));
		if (!w) {
			at += sizeof w;
			continue;
		}
		at += (size_t)__builtin_ctzll(w) / 8;
		if (drv_special(p[at++]))
			return at - 1;
	}
	while (at < n && !drv_special(p[at]))
		at++;
	return at;
}

/* The text of a derivation with other inputs (sorted), and with the own output paths empty if `masked`. */
void drv_write(const struct drv *, const struct drv_input *inputs, size_t n, bool masked, struct buf *out);
/* The output of that name; -1 when there is none. */
ptrdiff_t drv_find_output(const struct drv *, str name);
/* "NAME" of ".../HASH-NAME.drv" or of "NAME.drv". */
str drv_name_of(str path);

#endif
