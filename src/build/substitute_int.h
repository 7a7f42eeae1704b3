/* substitute_int.h: what a cache says, and the archive behind it. */
#ifndef STRAYLIGHT_BUILD_SUBSTITUTE_INT_H
#define STRAYLIGHT_BUILD_SUBSTITUTE_INT_H

#include <straylight/substitute.h>

struct cache {
	str url;   /* without a slash at its end */
	str shown; /* for messages */
	bool asked; /* its nix-cache-info was read */
	bool away;  /* it is not asked any more */
};

/* A path that some cache offers, believed. */
struct offer {
	size_t cache; /* which */
	struct narinfo info;
	struct substituted result;
	bool whole;   /* result is */
};

struct substituter {
	struct arena mem;
	struct store *store;
	str store_dir;
	struct cache *caches;
	size_t ncaches;
	struct nix_public_key *keys;
	size_t nkeys;
	struct map offers; /* struct offer by path */
};

/* The first offer of a cache from number `from` on.  NULL when there is none; with errors when some are bad. */
struct offer *substitute_offer(struct substituter *, str path, size_t from, struct diags *);
/* Fetches the archive into o->result. */
bool substitute_nar(struct substituter *, struct offer *, struct diags *);

#endif
