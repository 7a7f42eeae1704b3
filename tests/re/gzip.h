/* gzip.h: whole messages to gzip (RFC 1952) and back. */
#ifndef RE_GZIP_H
#define RE_GZIP_H

#include <straylight/base.h>

void gzip_pack(str, struct buf *out);
/* false: it is none, or holds more than `max` bytes. */
bool gzip_unpack(str, size_t max, struct buf *out);

#endif
