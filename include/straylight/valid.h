/* valid.h: store paths whose content is at hand, and what is known of them.
 *
 * Layer: build.
 *
 * What Nix calls a valid path: its content lies in the CAS, its NAR was hashed, its references are known.  A
 * record in the cache keeps each for the next run.  Outputs may depend on the host folders that their builders saw
 * (drvbuild.h), so a table has a realm, the text that names those; what was learnt in one realm is not known in another.
 *
 * Invariants: a path is put only after its references, so the closure of what is put is known; what is taken from a
 * record is whole in the CAS.  Any thread may use a table. */
#ifndef STRAYLIGHT_VALID_H
#define STRAYLIGHT_VALID_H

#include <straylight/nixhash.h>
#include <straylight/store.h>

struct valid {
	str path;
	struct tree_entry entry;  /* its content; the name does not matter, a tree is the table's */
	struct nix_hash nar_hash; /* SHA-256 */
	uint64_t nar_size;
	const str *refs;          /* full store paths, sorted, itself perhaps among them */
	size_t nrefs;
	str deriver;              /* the derivation; empty: none */
	str ca;                   /* "fixed:r:sha256:…", "text:…": how the content makes the path; empty: it does not */
};

struct valids;

struct valids *valids_new(struct store *, str realm) SL_MUST_USE;
void valids_free(struct valids *); /* NULL is fine */

/* What is known of a path, its whole closure being at hand; NULL when it is not.  Lives as long as the table. */
const struct valid *valids_get(struct valids *, str path);
/* When its record was written, in seconds since 1970; 0: there is none. */
int64_t valids_time(struct valids *, str path);
/* Copies it, a tree is referenced, and writes the record; a record that cannot be written is only a slower next run. */
const struct valid *valids_put(struct valids *, const struct valid *);

/* Everything that the paths refer to, they themselves among it, sorted by path; in the arena.  All must be known. */
const struct valid *const *valids_closure(struct valids *, const str *paths, size_t n, struct arena *, size_t *count);

#endif
