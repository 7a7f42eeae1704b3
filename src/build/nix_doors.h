/* nix_doors.h: what the doors of the Nix language hold on to. */
#ifndef STRAYLIGHT_BUILD_NIX_DOORS_H
#define STRAYLIGHT_BUILD_NIX_DOORS_H

#include <straylight/nixstore.h>

struct nix_doors {
	struct nixstore *kept; /* where what evaluation makes goes; NULL: nowhere */
	/* What is fetched goes through the cache into the same folder, or into the user's: opened when it is needed. */
	struct store *store;
	struct nixstore *own;
};

bool nix_door_fetch(void *ud, const struct nix_fetch *, struct arena *, struct nix_fetched *out, struct diags *);
bool nix_door_realise(void *ud, str drv, str output, struct diags *); /* nix_realise.c */
void nix_doors_close(struct nix_doors *);

#endif
