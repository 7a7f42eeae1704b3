/* nixkey.h: keys and signatures as Nix writes them.
 *
 * Layer: nix, above base.  No I/O.
 *
 * ed25519 (RFC 8032).  A key file holds "NAME:" and base 64: 32 bytes of a public key, or 64 of a secret
 * one (the seed and the public key).  A signature is "NAME:" and 64 bytes in the same form; the name says which
 * key made it. */
#ifndef STRAYLIGHT_NIXKEY_H
#define STRAYLIGHT_NIXKEY_H

#include <straylight/nixhash.h>

struct nix_public_key {
	str name; /* borrowed from the text */
	unsigned char b[32];
};

struct nix_secret_key {
	str name; /* borrowed from the text */
	unsigned char b[64];
};

/* Reads the text of a key file; white space around it is nothing.  false after a diagnostic (KEY_SYNTAX)
 * that does not show the key. */
bool nix_public_key_parse(str text, struct nix_public_key *out, struct span at, struct diags *) SL_MUST_USE;
/* The caller wipes it after use (nix_secret_key_wipe). */
bool nix_secret_key_parse(str text, struct nix_secret_key *out, struct span at, struct diags *) SL_MUST_USE;
void nix_secret_key_wipe(struct nix_secret_key *);
/* The public half. */
void nix_public_key_of(const struct nix_secret_key *, struct nix_public_key *out);
/* Appends "NAME:BASE64". */
void nix_public_key_text(const struct nix_public_key *, struct buf *out);

/* Appends the signature of the message. */
void nix_sign(const struct nix_secret_key *, str message, struct buf *out);
/* The signature is by this key, of this message.  A signature that is written wrongly is none. */
bool nix_verify(const struct nix_public_key *, str message, str signature);

#endif
