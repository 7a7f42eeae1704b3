/* toolchain.h: what a toolchain is to an action: a tree at the root, tools in it, flags, environment.
 *
 * Counted by the engine's thread; immutable. */
#ifndef STRAYLIGHT_BUILD_TOOLCHAIN_H
#define STRAYLIGHT_BUILD_TOOLCHAIN_H

#include "target.h"
#include <straylight/store.h>

struct toolchain_dir {
	str path;
	struct stamp stamp;
};

struct toolchain {
	uint32_t refs;
	struct arena arena;
	struct rendered rendered; /* texts in the arena */
	struct tree *tree;        /* "usr", "lib" …: merged into the action's root */
	struct digest digest;     /* of the tree */
	str version;              /* what was captured: "gcc 12.2.0" */
	const struct toolchain_dir *dirs; /* of the host; while they keep their stamps, so do the bytes */
	uint32_t ndirs;
};

struct toolchain *toolchain_ref(struct toolchain *);
void toolchain_unref(struct toolchain *);

/* The path of a tool, with p == NULL when there is none of that name. */
str toolchain_tool(const struct toolchain *, str name);
const struct flag_list *toolchain_flags(const struct toolchain *, str category); /* NULL: none */

/* A copy of r in the arena; and its canonical bytes (CBOR), which identify it. */
struct rendered rendered_copy(const struct rendered *, struct arena *);
void rendered_encode(const struct rendered *, struct buf *out);
void bytes_encode(const struct bytes *, struct buf *out);

#endif
