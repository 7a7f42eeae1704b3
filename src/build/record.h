/* record.h: evaluated packages and workspaces as bytes, and back.
 *
 * A record is a CBOR sequence (RFC 8742) whose items follow the fields of target.h in order: no names, no
 * nesting but what the types have; a list is its count and then its items.  A label is its number in the
 * target's `needs`.  The same value always gives the same bytes.
 *
 * Reading trusts nothing: what is not a whole value and nothing more is refused, every number is checked
 * before it is used, and what is allocated stays in proportion to the bytes.  It knows nothing of older
 * layouts: the program that wrote a record is in its key (memo.h). */
#ifndef STRAYLIGHT_BUILD_RECORD_H
#define STRAYLIGHT_BUILD_RECORD_H

#include "target.h"

/* All but the path, the dependencies and the number of the source, which are not the value's. */
void record_package(const struct package *, struct buf *out);
/* The package at `path`, whose BUILD.dhall is source number `file`; package_free.  NULL: no such record. */
struct package *record_read_package(str bytes, str path, uint32_t file) SL_MUST_USE;

/* What straylight.dhall says, as plain data. */
struct remote_settings { /* texts are empty where nothing is said */
	str endpoint, instance, ca_file, cert_file, key_file;
	bool cache_only, require, write;
};

struct settings {
	const struct toolchain_choice *toolchains;
	const str *ignored; /* folders that are not looked into */
	const str *host_paths; /* folders of the host that the builders of derivations see */
	const str *substituters, *trusted_keys; /* binary caches for derivations, and whose signatures are believed besides */
	uint32_t ntoolchains, nignored, nhost_paths, nsubstituters, ntrusted_keys;
	uint32_t timeout_s; /* 0: none */
	uint32_t jobs;      /* 0: it does not say */
	str lint;           /* the level's name */
	bool debug;         /* its mode */
	struct remote_settings remote;
	unsigned char contexts[2][32]; /* what packages are evaluated with: hashes, of release and of debug */
};

void record_settings(const struct settings *, struct buf *out);
/* Its parts live in the arena.  false: no such record. */
bool record_read_settings(str bytes, struct arena *, struct settings *out) SL_MUST_USE;

#endif
