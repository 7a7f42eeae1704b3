/* nix_doors.h: what the doors of the Nix language hold on to. */
#ifndef STRAYLIGHT_BUILD_NIX_DOORS_H
#define STRAYLIGHT_BUILD_NIX_DOORS_H

#include <straylight/nixstore.h>

struct nix_doors {
	struct nixstore *kept; /* where what evaluation makes goes; NULL: nowhere */
};

#endif
