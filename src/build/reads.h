/* reads.h: which headers an action read, by its depfile. */
#ifndef STRAYLIGHT_BUILD_READS_H
#define STRAYLIGHT_BUILD_READS_H

#include "identity.h"

#define DEPFILE_MAX ((size_t)64 << 20)

struct reads {
	const str *paths; /* of headers, below the working directory; sorted, each once */
	size_t n;
	bool known;       /* the paths are all that it read; without a depfile nobody knows */
};

/* From the depfile's text.  false when it has not make's syntax.  Paths live in the arena. */
bool reads_parse(str depfile, const struct action *, const struct identity *, struct arena *, struct reads *out)
		SL_MUST_USE;

/* The path below the working directory; false when it is elsewhere: in a toolchain, which counts as a whole
 * anyway, or in /tmp. */
bool below_work(str path, struct arena *, str *out);

#endif
