/* dhalltext.h: pieces of Dhall source, laid out as `dhall format` would.
 *
 * Layer: build.  It does no I/O. */
#ifndef STRAYLIGHT_BUILD_DHALLTEXT_H
#define STRAYLIGHT_BUILD_DHALLTEXT_H

#include <straylight/base.h>

/* A text literal on one line. */
str dhalltext_quoted(struct arena *, str);

/* `before` and the items in brackets: on one line when that ends before column 80, `at` being where it begins, else an item
 * a line from column `indent` on.  Without items: [] : List TYPE, in parentheses behind
 * `Some`. */
void dhalltext_list(const char *before, const str *items, size_t n, str type, uint32_t at, uint32_t indent, struct buf *out);

/* A list of texts as items. */
const str *dhalltext_items(struct arena *, const str *texts, size_t n);

#endif
