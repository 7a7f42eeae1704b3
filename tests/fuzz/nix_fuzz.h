/* nix_fuzz.h: a session whose world is empty, for the targets of the Nix language. */
#ifndef STRAYLIGHT_NIX_FUZZ_H
#define STRAYLIGHT_NIX_FUZZ_H

#include <straylight/nix.h>

#include "fuzz.h"

static enum nix_found no_read(void *ud, str path, struct blob **out, struct diags *diags)
{
	(void)ud, (void)path, (void)out, (void)diags;
	return NIX_ABSENT;
}

static enum nix_found no_list(void *ud, str path, struct arena *a, struct nix_entry **out, size_t *n, struct diags *diags)
{
	(void)ud, (void)path, (void)a, (void)out, (void)n, (void)diags;
	return NIX_ABSENT;
}

static enum nix_file_type no_type(void *ud, str path)
{
	(void)ud, (void)path;
	return NIX_NOTHING;
}

static bool no_link(void *ud, str path, struct arena *a, str *target)
{
	(void)ud, (void)path, (void)a, (void)target;
	return false;
}

static bool no_hash(void *ud, str path, bool recursive, nix_filter *f, void *filter_ud, unsigned char sha256[32], struct diags *diags)
{
	(void)ud, (void)path, (void)recursive, (void)f, (void)filter_ud, (void)sha256, (void)diags;
	return false;
}

static inline struct nix *empty_world(struct diags *diags)
{
	const struct nix_env env = {.read = no_read, .list = no_list, .type = no_type, .link = no_link, .hash = no_hash,
			.restricted = true, .limits = {(size_t)256 << 20, 2000000}};

	return nix_open(&env, diags);
}

/* The texts that diagnostics pointed into go with them. */
static inline void forget(struct diags *diags)
{
	for (const struct diag *d = diags->first; d; d = d->next) {
		source_drop(d->at.file);
		for (const struct diag_note *n = d->notes; n; n = n->next)
			source_drop(n->at.file);
	}
	diags_free(diags);
}

#endif
