/* digest.h: the name of bytes: a hash and a size, as REAPI's Digest. */
#ifndef STRAYLIGHT_BASE_DIGEST_H
#define STRAYLIGHT_BASE_DIGEST_H

#include <straylight/base/str.h>

struct buf;
struct cbor;

/* The values are REAPI's DigestFunction.Value. */
enum digest_fn { DIGEST_SHA256 = 1, DIGEST_BLAKE3 = 9 };

struct digest {
	unsigned char b[32];
	int64_t size; /* bytes of the content */
};

#define DIGEST_TEXT_MAX 85 /* 64 hex, '/', 19 digits, NUL */

struct digest digest_of(enum digest_fn, str bytes);

/* Streaming; any number of additions, then one end, which also frees. */
struct hasher;
struct hasher *hasher_new(enum digest_fn) SL_MUST_USE;
void hasher_add(struct hasher *, const void *, size_t);
void hasher_end(struct hasher *, struct digest *out);

/* Plain SHA-256, for what the Dhall and Nix standards hash; out may be the digest's b. */
void sha256(str bytes, unsigned char out[32]);

static inline bool digest_eq(const struct digest *a, const struct digest *b)
{
	return a->size == b->size && memcmp(a->b, b->b, 32) == 0;
}

/* Not yet computed; no content has it. */
static inline bool digest_is_none(const struct digest *d)
{
	static const unsigned char zero[32];

	return d->size == 0 && memcmp(d->b, zero, 32) == 0;
}

int digest_cmp(const struct digest *, const struct digest *);

/* The first bytes of the hash as a number: for tables. */
static inline uint64_t digest_word(const struct digest *d)
{
	uint64_t w;

	memcpy(&w, d->b, sizeof w);
	return w;
}

/* "HASH" in hex, and "HASH/SIZE" as REAPI resource names write it. */
void hex_of(const unsigned char *, size_t n, char *out); /* out: 2 n + 1 bytes, NUL-terminated */
bool hex_parse(str, unsigned char *out, size_t n);       /* false unless exactly 2 n hex digits */
const char *digest_text(const struct digest *, char out[DIGEST_TEXT_MAX]); /* returns out */
bool digest_parse(str, struct digest *out) SL_MUST_USE; /* "HASH/SIZE" only */

/* On disk: [32 bytes, size]. */
void digest_write(struct buf *, const struct digest *);
bool digest_read(struct cbor *, struct digest *out) SL_MUST_USE; /* false: it is not one */

#endif
