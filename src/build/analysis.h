/* analysis.h: from a BUILD.dhall's value to plain data.
 *
 * Needs a checked file; reads its value in weak head normal form and quotes nothing.  Values of other
 * packages are never asked for, so packages are read side by side, each in its worker's session. */
#ifndef STRAYLIGHT_BUILD_ANALYSIS_H
#define STRAYLIGHT_BUILD_ANALYSIS_H

#include "target.h"
#include <straylight/dhall.h>

/* What every package of a build is read with; made once per session. */
struct analysis_types {
	dh_val analysis; /* Analysis.Analysis, as a type value */
	dh_val context;  /* what `analyze` gets, as a value */
};

/* The package in the folder `path` (below the workspace) from its BUILD.dhall; NULL after
 * diagnostics.  The result belongs to the caller (package_free). */
struct package *analysis_package(struct dhall *, const struct analysis_types *, const struct dh_typed *,
		str path, struct diags *) SL_MUST_USE;
void package_free(struct package *);
/* One target of that type, in a field of the package; what it points to lives in the arena.  false after diagnostics
 * that point at `span`. */
bool analysis_target(struct dhall *, const struct analysis_types *, sym field, dh_val value, dh_val type, str package,
		struct span, struct arena *, struct target *out, struct diags *) SL_MUST_USE;

/* A value of type Analysis.Rendered; false after a diagnostic. */
bool analysis_rendered(struct dhall *, dh_val, struct arena *, struct rendered *out);

#endif
