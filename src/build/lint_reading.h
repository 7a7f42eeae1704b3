/* lint_reading.h: the judgement of one Nix file, for lint_nix.c, lint_setting.c and lint_argument.c. */
#ifndef STRAYLIGHT_BUILD_LINT_READING_H
#define STRAYLIGHT_BUILD_LINT_READING_H

#include "lint_int.h"

enum maker_kind {
	MAKER_NONE,
	MAKER_STDENV,   /* attributes become variables, phases are shell */
	MAKER_RAW,      /* the builtin */
	MAKER_OVERRIDE, /* of a derivation's attributes */
	MAKER_SHELL,    /* runCommand: shell, with attributes as its variables */
	MAKER_TEXT,     /* a file or script by its text, or of what others made */
};

struct reading {
	struct lint_file *f;
	str text, name;    /* name: the file's, below the root */
	str root;          /* of the workspace */
	bool values;       /* arguments are judged that came of evaluation: shape and text are all there is to them */
	str file;          /* where findings are placed now */
	const struct lint_place *place; /* all of them, of an expression in a Dhall file */
	VEC(enum maker_kind) makers;    /* of the file's targets, as its source has them */
	VEC(uint32_t) bounded, free; /* targets whose values say what outputs may refer to, and whose do not */
};

/* With the quoted text in the place of the format's only %.*s.  What is said of that target already is not said again of
 * a value. */
void reading_find(struct reading *, enum lint_rule_id, uint32_t target, struct nix_range, const char *what, str name);

bool reading_is_among(str name, const char *const *names, size_t n);
#define IS_AMONG(name, names) reading_is_among((name), (names), SL_COUNT(names))

/* lint_nix.c */
enum maker_kind maker_of(str function);
/* lint_setting.c: an attribute that a derivation is made with. */
void reading_setting(struct reading *, const struct nix_setting *, enum maker_kind, uint32_t target);
/* lint_argument.c: those that evaluation gives, with symbols for nixpkgs.  After the source. */
void reading_arguments(struct reading *);

#endif
