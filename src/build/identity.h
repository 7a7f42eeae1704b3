/* identity.h: the one walk over an action, and what comes of it: its digest and its explanation.
 *
 * The digest is that of REAPI's Action message, here and on every remote: Command (arguments,
 * environment, output paths, working directory) and the input root, in which toolchains stand at the
 * root ("usr/…") and the workspace's files below WORK_DIR.  A depfile is one of the output paths, so that
 * it comes back from a remote worker too.  REAPI has no word for an output that is made of what the command
 * prints: which one it is stands in the Action's salt.
 *
 * The narrow key is for actions with a depfile.  It covers everything but the contents of headers:
 * the command, the toolchains, the inputs that always count, and the shape (names and kinds) of all
 * that is there.  Two runs with one narrow key can differ only in the contents of headers; if those
 * that the depfile of the first names are the same, so is the result.  That a header is added or
 * removed changes the shape, so a new file that shadows another is never missed. */
#ifndef STRAYLIGHT_BUILD_IDENTITY_H
#define STRAYLIGHT_BUILD_IDENTITY_H

#include "action.h"
#include <straylight/store.h>

/* What stands at an artifact's path. */
struct content {
	enum tree_kind kind;
	bool executable;
	struct digest digest; /* FILE */
	struct tree *tree;    /* DIR; borrowed */
	str target;           /* SYMLINK */
};

/* The contents of an action's inputs, in the order of the action's own lists. */
struct contents {
	const struct content *inputs, *headers;
	struct tree *const *header_sets;
};

enum walk_field { /* ORDER FIELD: field_names in identity.c */
	FIELD_ARGUMENT,
	FIELD_ENVIRONMENT,
	FIELD_OUTPUT,
	FIELD_DEPFILE,
	FIELD_STDOUT,
	FIELD_TIMEOUT,
	FIELD_TOOLCHAIN,
	FIELD_INPUT,
	FIELD_HEADER,
	FIELD_DERIVATION,
};
extern const char *const field_names[];

/* Every part of an action's identity passes through here, in a fixed order.  A NULL function skips. */
struct action_visitor {
	void (*text)(struct action_visitor *, enum walk_field, str);
	void (*content)(struct action_visitor *, enum walk_field, str path, const struct content *);
	void (*tree)(struct action_visitor *, enum walk_field, str path, struct tree *);
};
void action_walk(const struct action *, const struct contents *, struct action_visitor *);

struct identity {
	struct digest action;
	struct digest command;
	str action_message, command_message; /* their bytes, in the arena */
	struct tree *root; /* one reference */
	struct tree *work; /* one reference; root's WORK_DIR */
	struct tree *headers; /* one reference; the headers alone, by path below WORK_DIR */
	unsigned char narrow[32];
};

/* false after a diagnostic: two inputs clash. */
bool action_identity(const struct action *, const struct contents *, enum digest_fn, struct arena *,
		struct identity *out, struct diags *) SL_MUST_USE;
void identity_clear(struct identity *);

#endif
