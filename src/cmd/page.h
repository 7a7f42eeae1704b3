/* page.h: docs/errors/ in the program: what each message means, for `straylight help E0301`. */
#ifndef STRAYLIGHT_CMD_PAGE_H
#define STRAYLIGHT_CMD_PAGE_H

#include <straylight/base/diag.h>

/* The page, in Markdown; every code has one, or the program does not assemble. */
str page_of(enum diag_code);

#endif
