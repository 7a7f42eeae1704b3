/* intern.h: names as numbers.
 *
 * Equal names have equal syms, in the whole process; a sym and its text live until the process ends.
 * Any thread may call anything here: looking a name up takes no lock, adding one does. */
#ifndef STRAYLIGHT_BASE_INTERN_H
#define STRAYLIGHT_BASE_INTERN_H

#include <straylight/base/str.h>

typedef uint32_t sym; /* 0 is no name */

sym intern(str);
static inline sym intern_c(const char *z)
{
	return intern(str_c(z));
}
str sym_str(sym); /* the empty string for 0 */

/* Byte order of the texts (sym numbers say nothing about order). */
int sym_cmp(sym a, sym b);

#endif
