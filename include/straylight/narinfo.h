/* narinfo.h: what a binary cache says of a store path.
 *
 * Layer: nix, above base.  No I/O.
 *
 * Lines "Field: value".  Signed is not the file but a fingerprint of what matters: the path, the hash and
 * size of its NAR, and the paths that it refers to. */
#ifndef STRAYLIGHT_NARINFO_H
#define STRAYLIGHT_NARINFO_H

#include <straylight/nixkey.h>
#include <straylight/storepath.h>

struct narinfo {
	str path;                  /* the store path */
	str url;                   /* of the archive, from the cache's root */
	str compression;           /* "none", "xz", "zstd", "bzip2" … */
	struct nix_hash file_hash; /* of the archive as it is carried; NIX_ALGO_NONE: not told */
	uint64_t file_size;        /* 0: not told */
	struct nix_hash nar_hash;
	uint64_t nar_size;
	str *references;           /* HASH-NAME, in the order that was written */
	size_t nreferences;
	str deriver;               /* HASH-NAME; empty: unknown */
	str *signatures;
	size_t nsignatures;
	str ca;                    /* how the content makes the path ("fixed:r:sha256:…"); empty: it does not */
};

/* Reads one; unknown fields are passed over.  Texts are borrowed, arrays live in the arena.  `name` is
 * what diagnostics call the file.  false after a diagnostic (NARINFO_SYNTAX with the offset): a line that
 * is none, a field twice, a store path, hash or size written wrongly, StorePath, URL, NarHash or NarSize
 * missing. */
bool narinfo_parse(struct arena *, str text, str store_dir, str name, struct narinfo *out,
		struct diags *) SL_MUST_USE;
/* Appends it as Nix 2.8 writes it. */
void narinfo_print(const struct narinfo *, struct buf *out);
/* Appends the text that is signed. */
void narinfo_fingerprint(const struct narinfo *, str store_dir, struct buf *out);
/* The first of the keys that has signed it; NULL when none has. */
const struct nix_public_key *narinfo_verify(const struct narinfo *, str store_dir, const struct nix_public_key *keys,
		size_t n);
/* A new signature, in the arena. */
str narinfo_sign(const struct narinfo *, str store_dir, const struct nix_secret_key *, struct arena *);

#endif
