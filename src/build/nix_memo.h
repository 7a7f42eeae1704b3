/* nix_memo.h: instantiated derivations in the store.
 *
 * Layer: build.  A record "instance" per request: an array of entries, the newest first; an entry is an array of grounds, each
 * (kind, name, answer), and one of derivations, each (attribute path, derivation, output).  Reading trusts nothing. */
#ifndef STRAYLIGHT_BUILD_NIX_MEMO_H
#define STRAYLIGHT_BUILD_NIX_MEMO_H

#include "nix_witness.h"

#include <straylight/instantiate.h>

#define NIX_MEMO_MAX 8 /* entries of a request */

struct nix_memo_entry {
	const struct nix_ground *grounds;
	size_t ngrounds;
	const struct instance *all;
	size_t n;
};

/* The entry that holds: the doors answer as its grounds say, and the folder has its derivations.  Its texts are in the arena. */
bool nix_memo_get(struct store *, const unsigned char key[32], const struct nix_env *doors, const struct nixstore *,
		struct arena *, struct nix_memo_entry *out);
/* One more, in the place of the oldest.  That it cannot be written costs the next evaluation. */
void nix_memo_put(struct store *, const unsigned char key[32], const struct nix_memo_entry *);
/* The entries of a record; false when it is none.  For tests. */
bool nix_memo_read(str record, struct arena *, struct nix_memo_entry out[NIX_MEMO_MAX], size_t *n);

#endif
