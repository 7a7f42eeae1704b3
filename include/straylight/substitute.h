/* substitute.h: store paths from binary caches.
 *
 * Layer: build.
 *
 * A binary cache is a folder at a file, http or https URL: nix-cache-info, HASH.narinfo for each store path, and the
 * archives that those name (nar, compressed in any way that libarchive knows).  What a cache says is believed when a trusted
 * key has signed it, or when the path follows from the content; then hash and size of the archive are checked as it is
 * unpacked into the CAS.  Caches are asked in order.  One that cannot be reached is left alone after one warning: it
 * makes a slow build, not a failed one.  A substituter belongs to one thread. */
#ifndef STRAYLIGHT_SUBSTITUTE_H
#define STRAYLIGHT_SUBSTITUTE_H

#include <straylight/narinfo.h>
#include <straylight/store.h>

struct substitute_config {
	const str *caches; /* URLs, in order */
	size_t ncaches;
	const str *keys;   /* "NAME:BASE64", trusted for all caches */
	size_t nkeys;
	str store_dir;
};

struct substituted {
	str path;
	struct tree_entry entry;  /* its content; without a name; a tree is the substituter's */
	struct nix_hash nar_hash; /* SHA-256 */
	uint64_t nar_size;
	const str *refs;          /* full store paths, sorted, itself perhaps among them */
	size_t nrefs;
	str deriver;              /* a store path; empty: unknown */
	str ca;                   /* as in narinfo */
};

enum substitute_result {
	SUBSTITUTE_DONE,
	SUBSTITUTE_ABSENT, /* no cache has it; there is no error */
	SUBSTITUTE_FAILED, /* after an error */
};

struct substituter;

/* NULL after a diagnostic: CACHE_UNFIT (a URL), KEY_SYNTAX.  No cache is asked yet. */
struct substituter *substituter_new(struct store *, const struct substitute_config *, struct diags *) SL_MUST_USE;
void substituter_free(struct substituter *); /* NULL is fine */

/* One path, without what it refers to.  The result lives as long as the substituter.  FAILED: CACHE_SIGNATURE,
 * CACHE_DAMAGED, CACHE_UNFIT, NARINFO_SYNTAX, NAR_SYNTAX, ARCHIVE, FETCH_FAILED, FETCH_HASH, IO, when no other cache gives it. */
enum substitute_result substitute(struct substituter *, str path, const struct substituted **out, struct diags *) SL_MUST_USE;

/* What a closure's owner does: is a path there already, with all that it refers to; and take one whose references
 * were there or were taken before.  false, after a diagnostic, ends it. */
struct substitute_into {
	bool (*known)(void *ud, str path);
	bool (*put)(void *ud, const struct substituted *, struct diags *);
	void *ud;
};
/* A path and all that it refers to.  What caches say is read for all of it before the first archive is fetched, so a
 * closure that is not complete costs little.  FAILED: as above, CACHE_MISSING (what the path refers to is nowhere). */
enum substitute_result substitute_closure(struct substituter *, str path, const struct substitute_into *, struct diags *) SL_MUST_USE;

#endif
