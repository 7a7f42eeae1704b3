/* symbolic_int.h: what the files of symbolic share: symbolic*.c.
 *
 * Layer: build. */
#ifndef STRAYLIGHT_BUILD_SYMBOLIC_INT_H
#define STRAYLIGHT_BUILD_SYMBOLIC_INT_H

#include "symbolic.h"

#include <straylight/fetch.h>

struct copied {
	str from;
	struct map *kept; /* FILTERED: the files that the filter keeps, by absolute path; NULL: all */
};

struct symbolic {
	struct arena arena;
	const struct symbolic_request *request; /* while it is opened */
	struct nix_env doors; /* of the machine */
	struct nix *nix;
	struct diags diags, *heard; /* of the session; where they go in the end */
	struct map names;     /* identifiers of the files that were read */
	struct map seen;      /* these files */
	VEC(str) files;
	VEC(struct nix_fetch) fetched;
	struct map copied;    /* store path → struct copied */
	struct map *chosen;   /* by the filter of the last door_hash */
	VEC(struct map *) maps; /* all of these */
	str names_text;       /* of this round */
	str nixpkgs;          /* the folder of a real one; empty: symbols stand for it */
};

/* ---- symbolic_file.c ---- */

bool symbolic_is_below(str path); /* SYMBOLIC_DIR */
/* The text of a file there; p == NULL when there is none. */
str symbolic_text_of(struct symbolic *, str path);
/* A Nix file that was read: what it mentions are names. */
void symbolic_note_file(struct symbolic *, str path, str text);
/* All that were mentioned, as names.nix has them. */
str symbolic_names(struct symbolic *);
/* An expression of symbolic.nix for the file of the request. */
str symbolic_config(struct symbolic *, bool follow);
/* Appends what may stand in a text of Nix. */
void symbolic_escape(struct buf *out, str path);

#endif
