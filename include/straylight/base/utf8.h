/* utf8.h: UTF-8 (RFC 3629), strict: no surrogates, no overlong forms, nothing above 10FFFF. */
#ifndef STRAYLIGHT_BASE_UTF8_H
#define STRAYLIGHT_BASE_UTF8_H

#include <straylight/base/buf.h>

/* Decodes the code point at s.p[at]; returns its length in bytes, 0 if it is not valid. */
unsigned utf8_get(str s, size_t at, uint32_t *cp);
/* Appends one code point (must be a scalar value). */
void utf8_put(struct buf *, uint32_t cp);
/* The first byte that is not valid, or s.n. */
size_t utf8_check(str s);
/* How many code points (invalid bytes count one each). */
size_t utf8_count(str s);

#endif
