#include <straylight/base/utf8.h>

/* By the first byte: the length, the least code point of that length, and the bits it carries. */
static const struct {
	unsigned char mask, lead, length;
	uint32_t least;
} forms[] = {
	{0x80, 0x00, 1, 0},
	{0xe0, 0xc0, 2, 0x80},
	{0xf0, 0xe0, 3, 0x800},
	{0xf8, 0xf0, 4, 0x10000},
};

unsigned utf8_get(str s, size_t at, uint32_t *cp)
{
	unsigned char first;
	uint32_t c;
	size_t form = 0;

	if (at >= s.n)
		return 0;
	first = (unsigned char)s.p[at];
	while ((first & forms[form].mask) != forms[form].lead)
		if (++form == SL_COUNT(forms))
			return 0;
	if (forms[form].length > s.n - at)
		return 0;
	c = first & (unsigned char)~forms[form].mask;
	for (unsigned i = 1; i < forms[form].length; i++) {
		unsigned char next = (unsigned char)s.p[at + i];

		if ((next & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (next & 0x3f);
	}
	if (c < forms[form].least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return forms[form].length;
}

void utf8_put(struct buf *b, uint32_t cp)
{
	unsigned form = cp < 0x80 ? 0 : cp < 0x800 ? 1 : cp < 0x10000 ? 2 : 3;
	unsigned char out[4];

	for (unsigned i = form; i > 0; i--) {
		out[i] = (unsigned char)(0x80 | (cp & 0x3f));
		cp >>= 6;
	}
	out[0] = (unsigned char)(forms[form].lead | cp);
	buf_add(b, out, form + 1);
}

size_t utf8_check(str s)
{
	size_t at = 0;
	uint32_t cp;

	while (at < s.n) {
		unsigned n = (unsigned char)s.p[at] < 0x80 ? 1 : utf8_get(s, at, &cp);

		if (n == 0)
			break;
		at += n;
	}
	return at;
}

size_t utf8_count(str s)
{
	size_t count = 0;
	uint32_t cp;

	for (size_t at = 0; at < s.n; count++) {
		unsigned n = utf8_get(s, at, &cp);

		at += n ? n : 1;
	}
	return count;
}
