/* hostpath.h: what was built with the host in sight: folders of it, or by its Nix.
 *
 * Layer: build.  Such a build says nothing about another machine, so it is recorded where it was asked for: a record "host" of
 * the store by the path of the file that says what is built (a Nix file, a BUILD.dhall), an array of (attribute path or target,
 * by Nix, array of folders).  `straylight lint` reports it (E1215) until the same has been built without. */
#ifndef STRAYLIGHT_HOSTPATH_H
#define STRAYLIGHT_HOSTPATH_H

#include <straylight/store.h>

struct hostpath {
	str attr;
	bool nix;           /* the host's Nix built it (--nix=host) */
	const str *folders; /* that were seen (--host-path) */
	size_t n;
};

/* What of the file at that absolute path was built, and how; neither by Nix nor with folders: without the host.  A record that cannot
 * be written is only not reported. */
void hostpath_put(struct store *, str file, const struct hostpath *);
/* In the order of attributes; in the arena. */
const struct hostpath *hostpath_get(struct store *, str file, struct arena *, size_t *n);

#endif
