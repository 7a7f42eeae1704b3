/* prelude.h: the embedded prelude: its files, as they stand below PRELUDE_DIR.
 *
 * Layer: build. */
#ifndef STRAYLIGHT_PRELUDE_H
#define STRAYLIGHT_PRELUDE_H

#include <straylight/base.h>

/* No such directory exists: the `read` door of the Dhall world answers for it. */
#define PRELUDE_DIR "/.straylight/prelude/"

/* The file at that path below PRELUDE_DIR ("package.dhall"); p == NULL when there is none. */
str prelude_file(str path);
/* All of them, in the order of prelude.def. */
size_t prelude_count(void);
void prelude_at(size_t i, str *path, str *text);

#endif
