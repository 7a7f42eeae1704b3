/* nixhash.h: hashes as Nix computes and writes them.
 *
 * Layer: nix, above base.  No I/O.
 *
 * Four functions and four spellings: base 16, base 32 (Nix's own alphabet and order), base 64, and SRI
 * ("sha256-" and base 64).  The first three may carry their function in front ("sha256:…"). */
#ifndef STRAYLIGHT_NIXHASH_H
#define STRAYLIGHT_NIXHASH_H

#include <straylight/base.h>

enum nix_algo { NIX_ALGO_NONE, NIX_MD5, NIX_SHA1, NIX_SHA256, NIX_SHA512 };
enum nix_base { NIX_BASE16, NIX_BASE32, NIX_BASE64, NIX_SRI };

#define NIX_HASH_MAX 64 /* bytes of the longest hash */

struct nix_hash {
	enum nix_algo algo;
	unsigned char b[NIX_HASH_MAX]; /* the first nix_hash_size(algo) count, the others are zero */
};

size_t nix_hash_size(enum nix_algo);
const char *nix_algo_name(enum nix_algo);  /* "sha256" */
enum nix_algo nix_algo_of(str name);       /* NIX_ALGO_NONE when there is none of that name */
bool nix_hash_eq(const struct nix_hash *, const struct nix_hash *);

struct nix_hash nix_hash_of(enum nix_algo, str bytes);
/* Streaming; any number of additions, then one end, which also frees.  The algorithm is not NONE. */
struct nix_hasher;
struct nix_hasher *nix_hasher_new(enum nix_algo) SL_MUST_USE;
void nix_hasher_add(struct nix_hasher *, const void *, size_t);
void nix_hasher_end(struct nix_hasher *, struct nix_hash *out);

/* Appends the text.  `prefixed` writes "sha256:" in front of the first three; SRI always has its own. */
void nix_hash_text(const struct nix_hash *, enum nix_base, bool prefixed, struct buf *out);
/* The same into an arena. */
str nix_hash_str(struct arena *, const struct nix_hash *, enum nix_base, bool prefixed);

/* Reads any spelling.  `algo` is what the hash must be; with NONE the text must say.  Takes what Nix
 * takes: the length decides between the bases, and the unused last bits of base 64 do not matter.
 * false after a diagnostic (HASH_TEXT at `at`): an unknown or another algorithm, a length that fits no
 * base, a character outside the alphabet, base 32 bits beyond the hash. */
bool nix_hash_parse(str text, enum nix_algo, struct nix_hash *out, struct span at, struct diags *) SL_MUST_USE;

/* The encodings on their own.  base 32 has ceil(8 n / 5) characters; the alphabet lacks e, o, t and u,
 * and the last byte comes first. */
void nix_base32(const void *, size_t n, struct buf *out);
size_t nix_base32_size(size_t n);
void nix_base64(const void *, size_t n, struct buf *out);
/* Appends the decoded bytes, as Nix reads them: padding may be absent, newlines are passed over.  false
 * (and nothing appended) when another character is outside the alphabet. */
bool nix_base64_read(str text, struct buf *out) SL_MUST_USE;

/* A long hash folded by exclusive or into fewer bytes. */
void nix_compress(const unsigned char *hash, size_t n, unsigned char *out, size_t nout);

#endif
