/* library.h: shared libraries that are opened when they are first needed, so that a start without them costs nothing
 * and a machine without them can do all else. */
#ifndef STRAYLIGHT_BASE_LIBRARY_H
#define STRAYLIGHT_BASE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

struct library_row {
	const char *name; /* of a function or variable */
	size_t at;        /* where its address goes in the caller's struct */
};

/* Opens the library ("libcurl.so.4") for the rest of the process and fills the struct.  false when it is not there or
 * lacks a name; what *into holds then is not to be used. */
bool library_load(const char *file, const struct library_row *rows, size_t n, void *into);

#endif
