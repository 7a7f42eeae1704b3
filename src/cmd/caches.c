#include "caches.h"

#include <stdlib.h>

/* What Nix trusts when nobody says anything. */
#define DEFAULT_KEY "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY="

/* The parts between commas and spaces, after `first` (may be empty). */
static const str *parts(struct arena *a, str text, str first, size_t *n)
{
	str *out = arena_array(a, str, text.n / 2 + 2);

	*n = 0;
	if (first.n)
		out[(*n)++] = first;
	for (size_t i = 0; i < text.n;) {
		size_t lo = i;

		while (i < text.n && text.p[i] != ',' && text.p[i] != ' ')
			i++;
		if (i > lo)
			out[(*n)++] = str_of(text.p + lo, i - lo);
		i += i < text.n;
	}
	return out;
}

/* What is given, or what the variable says. */
static str given_or(str given, const char *variable)
{
	return given.p ? given : str_c(getenv(variable));
}

struct substitute_config caches_config(struct call *c, const struct caches *given)
{
	struct substitute_config config = {.store_dir = S(NIX_STORE_DIR)};

	config.caches = parts(&c->arena, given_or(given->substituters, "STRAYLIGHT_SUBSTITUTERS"), S(""), &config.ncaches);
	config.keys = parts(&c->arena, given_or(given->keys, "STRAYLIGHT_TRUSTED_KEYS"), S(DEFAULT_KEY), &config.nkeys);
	return config;
}

struct substituter *caches_open(struct call *c, const struct caches *given, struct store *store)
{
	struct substitute_config config = caches_config(c, given);

	return substituter_new(store, &config, &c->diags);
}
