/* lint_judge.h: the judgement of one Dhall file's value, for lint_dhall.c, lint_value.c and lint_derivation.c. */
#ifndef STRAYLIGHT_BUILD_LINT_JUDGE_H
#define STRAYLIGHT_BUILD_LINT_JUDGE_H

#include "lint_int.h"

#include <straylight/dhall_marks.h>

#define JUDGE_DEPTH 40 /* of records and lists around and in a target */

struct judge {
	struct workspace *w;
	struct session *s;
	struct lint_file *f;
	const struct dh_typed *typed;
	dh_val flag, input, command; /* S.Flag, S.Derivation.Input, S.Derivation.Command; v == NULL: a prelude without */
	VEC(sym) path;        /* of what is judged, from the file's value */
	unsigned listed;      /* lists around it: the path leads to the outermost one only */
	struct lint_place at; /* of the target */
	str what;             /* its name */
	unsigned nodes;
};

/* ---- reading ---- */

bool judge_get(struct judge *, dh_val record, const char *name, dh_val *out);
/* The text in a field; with p == NULL when it is none. */
str judge_text_in(struct judge *, dh_val record, const char *name);
/* An Optional field that is there: is it None? */
bool judge_is_none(struct judge *, dh_val record, const char *name);

/* ---- places ---- */

/* Is it a file that the user can change? */
bool judge_is_own(const struct judge *, str path);
/* Where the attribute is set, else the target's. */
struct lint_place judge_place(struct judge *, sym attribute, struct arena *);

#define FIND(j, rule, attribute, ...)                                                                  \
	do {                                                                                           \
		struct arena a_ = {0};                                                                 \
		struct lint_place p_ = judge_place((j), (attribute), &a_);                             \
		lint_find((j)->f, (rule), p_.target, p_.file, p_.lo, p_.hi, __VA_ARGS__);              \
		arena_clear(&a_);                                                                      \
	} while (0)

/* ---- rules ---- */

/* What any attribute of a target may hold, all the way down; `attribute` is 0 for the target itself. */
void judge_value(struct judge *, sym attribute, dh_val, unsigned depth);
/* A program with the texts in a field of the record as its arguments. */
void judge_command(struct judge *, sym attribute, str program, dh_val record, const char *arguments);

/* lint_derivation.c: of stdenv.mkDerivation, of Nix itself, and what phase 1 leaves of both. */
void judge_mk(struct judge *, dh_val);
void judge_raw(struct judge *, dh_val);
void judge_constrained(struct judge *, dh_val);

#endif
