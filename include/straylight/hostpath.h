/* hostpath.h: which derivations of a Nix file were built with folders of the host in sight.
 *
 * Layer: build.  Such a build says nothing about another machine, so it is recorded where it was asked for: a record
 * "host-path" of the store by the file's path, an array of (attribute path, array of folders).  `straylight lint` reports it
 * (E1215) until the same attribute has been built without. */
#ifndef STRAYLIGHT_HOSTPATH_H
#define STRAYLIGHT_HOSTPATH_H

#include <straylight/store.h>

struct hostpath {
	str attr;
	const str *folders;
	size_t n;
};

/* The attribute of the file at that absolute path was built with these folders; n = 0: without any.  A record that cannot be written is
 * only not reported. */
void hostpath_put(struct store *, str file, str attr, const str *folders, size_t n);
/* In the order of attributes; in the arena. */
const struct hostpath *hostpath_get(struct store *, str file, struct arena *, size_t *n);

#endif
