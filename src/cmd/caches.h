/* caches.h: the options of commands that take store paths from binary caches. */
#ifndef STRAYLIGHT_CMD_CACHES_H
#define STRAYLIGHT_CMD_CACHES_H

#include "cmd.h"

#include <straylight/substitute.h>

struct caches { /* of a command's options */
	str substituters, keys;
};

#define CACHE_OPTIONS(T, field)                                                                                 \
	TEXT(T, field.substituters, 0, "substituters", "URL,…", "binary caches that are asked, in order"),      \
	TEXT(T, field.keys, 0, "trusted-keys", "NAME:KEY,…", "whose signatures are believed, beside cache.nixos.org's")

/* Where an option is not given, STRAYLIGHT_SUBSTITUTERS and STRAYLIGHT_TRUSTED_KEYS say.  Its texts are borrowed, or in the call's arena. */
struct substitute_config caches_config(struct call *, const struct caches *);
/* NULL after a diagnostic. */
struct substituter *caches_open(struct call *, const struct caches *, struct store *);

#endif
