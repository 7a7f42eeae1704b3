/* size.h: amounts of bytes, for people. */
#ifndef STRAYLIGHT_CMD_SIZE_H
#define STRAYLIGHT_CMD_SIZE_H

#include <straylight/base.h>

/* "1.5 GiB", in the arena. */
str size_text(struct arena *, uint64_t bytes);
/* "1500", "500K", "20G": a whole number, and K, M, G or T for powers of 1,024.  false: it is none, or too much. */
bool size_read(str, uint64_t *bytes) SL_MUST_USE;

#endif
