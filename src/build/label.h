/* label.h: names of targets, and patterns over them.
 *
 *	//pkg/dir:name   one target          //pkg/dir   the target named like the last folder
 *	:name            in this package     //pkg/...   every target at and below pkg
 *	//pkg:all, :*    every target of pkg
 *
 * A label is interned in its canonical spelling, "//pkg:name" with "//:name" for the root package, so
 * labels are compared as syms. */
#ifndef STRAYLIGHT_BUILD_LABEL_H
#define STRAYLIGHT_BUILD_LABEL_H

#include <straylight/base.h>

/* The canonical label; 0 when `text` is not one (*why says what is wrong with it). `package` is the
 * package that ":name" belongs to. */
sym label_parse(str text, str package, const char **why);
sym label_make(str package, str name);
/* A word that names a target, not a file: it starts with ':' or "//". */
bool label_is(str text);
str label_package(sym label);
str label_name(sym label);

struct pattern {
	enum { PATTERN_TARGET, PATTERN_PACKAGE, PATTERN_BELOW } kind;
	sym label;   /* TARGET */
	str package; /* PACKAGE, BELOW; borrowed from the text */
};
bool pattern_parse(str text, str package, struct pattern *out, const char **why);
bool pattern_matches(const struct pattern *, sym label);
/* Whether the package is that folder, or one inside it. */
bool package_is_below(str package, str folder);

/* Whether `name` can be a target's name: no '/', ':', blank or control byte, not empty, not "all",
 * "*", ".", ".." or "...". */
bool label_name_ok(str name);
extern const char label_name_rule[]; /* for people: what label_name_ok asks */
/* The same as label_name_ok of each folder of a package's path; "" is the root. */
bool label_package_ok(str package);

#endif
