/* files.h: the texts that were parsed, and where their places are. */
#ifndef STRAYLIGHT_NIX_FILES_H
#define STRAYLIGHT_NIX_FILES_H

#include "syntax.h"

struct nix_file {
	uint32_t base;   /* the place of the text's first byte */
	uint32_t source; /* of base/source.h; 0: not added yet */
	str name;        /* an absolute path, or what the user calls it */
	str text;
	bool is_path;    /* name is a path: __curPos and unsafeGetAttrPos tell it */
};

struct files {
	VEC(struct nix_file) all; /* by base */
	uint32_t next;
};

/* Room for a text of n bytes; NULL when all texts together would reach 4 GiB.  Valid until the next. */
struct nix_file *files_add(struct files *, str name, str text, bool is_path);
/* The file that the place is in; NULL for 0. */
struct nix_file *files_at(struct files *, uint32_t place);
/* For diagnostics. */
struct span files_span(struct files *, uint32_t lo, uint32_t hi);

#endif
