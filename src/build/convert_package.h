/* convert_package.h: one derivation while it becomes a target.
 *
 * Layer: build.  Every attribute is a setting.  Who reads a setting marks it as used; what nobody used in the end is known to
 * say nothing (convert_attrs.def), becomes a variable of the environment, or is reported (convert_package.c). */
#ifndef STRAYLIGHT_BUILD_CONVERT_PACKAGE_H
#define STRAYLIGHT_BUILD_CONVERT_PACKAGE_H

#include "convert_int.h"

struct setting {
	str name;
	nix_val value;
	bool used;
};

struct package {
	struct converting *c;
	struct made *made;
	nix_val arguments;
	struct setting *settings;
	size_t nsettings;
	texts srcs, deps, locations, env, cflags, ldflags;
	texts patches;   /* commands that apply them where there is a subdir or a prePatch */
	str subdir;
	bool local;      /* its sources are files of the package */
	texts files;     /* LOCAL: relative to `subdir` */
	/* of shell */
	struct map variables; /* name → str *, of loops and assignments */
	str cwd;
	bool made_out;   /* $out was made by a command */
	unsigned depth;  /* of hooks in each other */
	size_t work;     /* that was done (convert_shell.h) */
};

/* ---- convert_setting.c ---- */

/* Makes the target, and reads the settings.  package_end frees, and the target is whole. */
void package_begin(struct package *, struct converting *, nix_val drv, nix_val arguments);
void package_end(struct package *);
struct setting *package_setting(struct package *, const char *name); /* NULL when it is not there */
bool package_has(struct package *, const char *name);                /* and is not null, false or empty */
bool package_text(struct package *, const char *name, str *out);     /* marks it used */
void package_use(struct package *, const char *name);                /* marks it used, if it is there */
/* As the environment of a builder has it; false when there is no such form. */
bool package_coerce(struct package *, nix_val, str *out);
void package_left(struct package *, str attribute, enum diag_code, const char *hint, const char *fmt, ...) SL_PRINTF(5, 6);
/* Of what targets do in another way. */
void package_noted(struct package *, str attribute, const char *fmt, ...) SL_PRINTF(3, 4);

/* ---- convert_path.c ---- */

/* "@NAME@", which stands for the path of a label or source. */
str package_location(struct package *, str name, str what);
/* A text with @prefix@ and @NAME@ in the place of paths; false after a report. */
bool package_flag(struct package *, str attribute, str text, str *out) SL_MUST_USE;
/* Words of a list, or of a text; what stands for paths is replaced.  false after a report. */
bool package_words(struct package *, const char *name, texts *out);

/* ---- convert_input.c ---- */

void package_item(struct package *, str attribute, nix_val); /* one dependency */
void package_deps(struct package *);                         /* all of them */
bool package_uses(struct package *, const char *symbol);     /* a package of that name is a dependency */

/* ---- convert_source.c ---- */

void package_sources(struct package *);
void package_patches(struct package *);
bool package_file(const struct package *, const char *name); /* LOCAL: there is such a file */

/* ---- convert_rule.c ---- */

enum system { SYSTEM_AUTOTOOLS, SYSTEM_CMAKE, SYSTEM_MESON, SYSTEM_MAKE };

enum system package_system(struct package *);
void package_by_system(struct package *, enum system);
void package_make_words(struct package *, const char *more, texts *out); /* makeFlags and more */
/* The package's own tests, if they are asked for and the rule can run them. */
void package_check(struct package *, bool possible);

/* ---- convert_phase.c ---- */

bool package_runs(struct package *, const char *phase, const char *dont); /* the phase is neither left out nor switched off */
bool package_idle(struct package *, const char *phase);                   /* the phase is there, and empty */
bool package_is_scripted(struct package *);                               /* it has phases that no rule has a place for */
void package_patch_phase(struct package *, texts *out);
void package_by_phases(struct package *, enum system);
void package_hooks(struct package *); /* before and after what a rule does */

/* ---- convert_package.c ---- */

/* The call with sources, dependencies, and what every package may have: after all else is known. */
void package_put(struct package *);

/* ---- convert_language.c ---- */

/* A package of a language that has its own builder, as a script; false when this maker is none. */
bool package_by_language(struct package *, str maker);

/* ---- convert_shell.c ---- */

/* Typed commands as Dhall; false after a report, and then nothing was added. */
bool convert_shell(struct package *, str attribute, str text, texts *out) SL_MUST_USE;
bool convert_hook(struct package *, const char *name, texts *out); /* the attribute's, if it is there */

#endif
