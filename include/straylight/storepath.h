/* storepath.h: names below /nix/store, computed.
 *
 * Layer: nix, above base.  No I/O.
 *
 * A store path is DIR/HASH-NAME.  HASH is the base 32 form of 20 bytes, folded from the SHA-256 of a
 * fingerprint "TYPE:ALGO:INNER:DIR:NAME"; the TYPE says how the inner hash came to be and holds the
 * references.  Every path computed here lies in the arena and is followed by a NUL byte. */
#ifndef STRAYLIGHT_STOREPATH_H
#define STRAYLIGHT_STOREPATH_H

#include <straylight/nixhash.h>

#define NIX_STORE_DIR "/nix/store"
#define STORE_HASH_CHARS 32   /* of the HASH in a store path */
#define STORE_NAME_MAX 211    /* characters of a NAME */

/* Other store paths that a path refers to: sorted, no duplicates. */
struct storepath_refs {
	const str *paths;
	size_t n;
	bool self; /* it refers to itself */
};

/* A name: 1 to 211 of letters, digits and "+-._?=".  false with a reason for people ("is empty", "is
 * longer than …", "has the character …"), borrowed or in the arena. */
bool storepath_name_ok(str name, struct arena *, str *why);
/* DIR/HASH-NAME, nothing below: gives the two parts (either may be NULL).  false when it is not one. */
bool storepath_parse(str dir, str path, str *hash, str *name);
/* The store path that `path` is or lies below; false when there is none. */
bool storepath_top(str dir, str path, str *top);

/* From a fingerprint whose type and inner hash are the caller's. */
str storepath_make(struct arena *, str dir, str type, const struct nix_hash *inner, str name);
/* builtins.toFile and derivations themselves: `hash` is the SHA-256 of the text. */
str storepath_text(struct arena *, str dir, str name, const struct nix_hash *hash, struct storepath_refs);
/* A source or another content-addressed path: `hash` is of the NAR (recursive) or of the file.  Only
 * recursive SHA-256 can have references: with others `refs` must be empty. */
str storepath_fixed(struct arena *, str dir, str name, bool recursive, const struct nix_hash *hash,
		struct storepath_refs);
/* An output of a derivation, from its masked hash (drv_hash_masked). */
str storepath_output(struct arena *, str dir, str drv_name, str output, const unsigned char masked[32]);
/* NAME for "out", else NAME-OUTPUT. */
str storepath_output_name(struct arena *, str drv_name, str output);

/* What stands for a path that is not known yet: the derivation's own output (builtins.placeholder) … */
str storepath_placeholder(struct arena *, str output);
/* … and an output of a derivation whose outputs are addressed by their content; empty when
 * drv_path is no store path. */
str storepath_downstream(struct arena *, str dir, str drv_path, str output);

#endif
