/* convert_int.h: what the files of convert share: convert*.c.  All texts live in its arena. */
#ifndef STRAYLIGHT_BUILD_CONVERT_INT_H
#define STRAYLIGHT_BUILD_CONVERT_INT_H

#include "symbolic.h"

#include <straylight/convert.h>

typedef VEC(str) texts;

struct made { /* a target */
	str name, call; /* `S.make "a" [ … ] [ … ]` */
	texts fields;   /* `patches = [ … ]` */
	texts deps;     /* labels */
	bool whole;     /* false: it is being converted */
};

struct converting {
	struct arena arena;
	const struct convert_request *q;
	struct symbolic *y;
	struct nix *x;
	VEC(struct made *) targets;
	struct map by_path; /* a derivation's outPath → struct made */
	struct map names;
	struct map table;   /* package → what stands for it, as texts */
	VEC(struct convert_left) left, noted;
	struct map packages, programs, toolchains;
	struct diags *diags;
};

/* ---- convert.c ---- */

/* A new target of that name, or NAME-2 …; it is in the file. */
struct made *convert_target(struct converting *, str name);
void convert_field(struct converting *, struct made *, const char *name, const char *fmt, ...) SL_PRINTF(4, 5);
void convert_left(struct converting *, const struct made *, enum diag_code, str attribute, const char *hint, const char *fmt, ...)
		SL_PRINTF(6, 7);
/* Something that targets do in another way. */
void convert_noted(struct converting *, const struct made *, str attribute, const char *fmt, ...) SL_PRINTF(4, 5);
/* The derivation as a target; NULL when it cannot be one, which is reported. */
struct made *convert_derivation(struct converting *, nix_val);
/* What the value's attribute says as text; false when it is not there or no text. */
bool convert_get(struct converting *, nix_val set, const char *name, nix_val *out);
bool convert_text_of(struct converting *, nix_val set, const char *name, str *out);
bool convert_is_among(str, const char *const *names, size_t n);
bool convert_word(str *text, str *word);                 /* cuts off the next one, between blanks and newlines; false: none */
str convert_quoted(struct converting *, str);            /* as Dhall */
str convert_list(struct converting *, const texts *);    /* of texts, as Dhall */
str convert_without_version(str name);                   /* "hello-1.2" is hello, as builtins.parseDrvName has it */
str convert_target_name(struct converting *, nix_val arguments); /* of pname or name */

/* ---- convert_deps.c ---- */

bool convert_tables(struct converting *) SL_MUST_USE;
enum dep_kind {
	DEP_UNKNOWN,
	DEP_LABEL,   /* text: the label */
	DEP_HOST,    /* text: Debian packages of the toolchain "cxx" */
	DEP_PROGRAM, /* text: programs of the toolchain "foreign" */
	DEP_NOTHING, /* every build has it, or it does nothing here */
};
enum dep_kind convert_dep(struct converting *, str package, str *text);
/* The same, and what it needs of toolchains is noted. */
enum dep_kind convert_use(struct converting *, str package, str *text);

/* ---- convert_fetch.c ---- */

/* The path relative to the folder; false when it lies outside. */
bool convert_relative(const struct converting *, str path, str *out);
/* The files below a local directory, relative to the folder, without what is not a source; of these what is in `kept`, if it
 * is not NULL.  false after a report. */
bool convert_files(struct converting *, const struct made *, str attribute, str path, const struct map *kept, texts *out) SL_MUST_USE;
/* A target of the fetched file or tree; its label, or p == NULL after a report. */
str convert_fetch(struct converting *, struct made *of, str attribute, nix_val fetch, bool unpack);
str convert_builtin_fetch(struct converting *, struct made *of, str attribute, const struct nix_fetch *, bool unpack);

/* ---- convert_trace.c ---- */

/* The targets of the trace in the place of the only one, as a BUILD.dhall.  false after a diagnostic. */
bool convert_traced(struct converting *, struct buf *out) SL_MUST_USE;

/* ---- of one derivation each (convert_package.h) ---- */

/* convert_text.c: runCommand, writeText and the like. */
bool convert_is_text(str maker);
struct made *convert_text(struct converting *, str maker, nix_val drv, nix_val arguments);

/* convert_package.c: packages. */
struct made *convert_package(struct converting *, str maker, nix_val drv, nix_val arguments);

str convert_commands(struct converting *, const texts *); /* typed commands, as a list in Dhall */

#endif
