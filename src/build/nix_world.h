/* nix_world.h: the files of a workspace as a Nix expression sees them, and what it looks at.
 *
 * A door before the doors (doors.h).  Below `root` lies the workspace, or that part of it which an action declares: what is
 * there stands below `real`.  Beyond it there are only what the search path names, and what evaluation itself fetched or
 * made: only what is known by its hash is fetched.  There are no variables of the environment.  So what an expression gives follows
 * from what is told here. */
#ifndef STRAYLIGHT_BUILD_NIX_WORLD_H
#define STRAYLIGHT_BUILD_NIX_WORLD_H

#include <straylight/nixstore.h>

struct nix_view { /* borrowed by the world */
	str root, real; /* absolute */
	/* Is the path below the root there?  "" is the root.  NULL: all is. */
	bool (*shows)(void *ud, str below);
	/* A file below the root that is there, or a folder whose entries are asked for. */
	void (*saw)(void *ud, str below, enum nix_file_type);
	/* A file below the root that only the workspace has. */
	void (*missed)(void *ud, str below);
	/* Something beyond it that is there, and is not to be seen. */
	void (*refused)(void *ud, str path);
	/* A path beyond it was looked at, where the search path leads. */
	void (*beyond)(void *ud, str path);
	void *ud;
};

/* The doors `inner` behind the view; `kept` is where what evaluation makes lies.  All of it must outlive the session; what the result
 * points to is in the arena. */
struct nix_env nix_world(struct arena *, const struct nix_env *inner, const struct nixstore *kept, const struct nix_view *);

#endif
