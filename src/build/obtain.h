/* obtain.h: the bytes of a toolchain: captured, pinned, or remembered. */
#ifndef STRAYLIGHT_BUILD_OBTAIN_H
#define STRAYLIGHT_BUILD_OBTAIN_H

#include "toolchain_nix.h"

/* On a worker.  Host bytes are captured when the record in the workspace's .straylight/toolchains is
 * missing, its files' stamps have changed, or the store no longer has the tree; what Nix provides is in `nix`.  NULL after
 * diagnostics. */
struct toolchain *toolchain_obtain(struct store *, str workspace, const struct rendered *, const struct toolchain_nix *nix,
		struct diags *) SL_MUST_USE;

#endif
