/* check.h: what the files of the checker share: check*.c, universe.c, diff.c.
 *
 * Types are values; a term is checked and its type inferred in one pass (type-inference.md).  `let`
 * puts the bound term's value into the environment, so what is shared stays shared.  The first error
 * ends the check by session_throw. */
#ifndef STRAYLIGHT_DHALL_CHECK_H
#define STRAYLIGHT_DHALL_CHECK_H

#include "session.h"
#include "unit.h"

/* Where in the file's data we are, innermost first: only for messages. */
struct path {
	sym name;     /* a field or a let; 0: an item of a list */
	size_t index;
	struct path *up;
};

struct check {
	struct dhall *s;
	const struct unit *unit;
	struct val **types; /* by level */
	uint32_t cap;
	struct path *path;
};

/* The type of t; never NULL. */
struct val *check_infer(struct check *, const struct term *, struct env *);
/* The same, evaluated. */
struct val *check_force(struct check *, const struct term *, struct env *);
/* t must be a type (or kind or sort): which universe is it in. */
enum term_const check_type(struct check *, const struct term *, struct env *, const char *what);
struct env *check_push(struct check *, struct env *, struct val *v, struct val *type);
/* Below a LET, with what it binds. */
struct env *check_let(struct check *, const struct term *, struct env *);

/* check_record.c */
struct val *check_record(struct check *, const struct term *, struct env *);
struct val *check_record_type(struct check *, const struct term *, struct env *);
struct val *check_field(struct check *, const struct term *, struct env *);
struct val *check_project(struct check *, const struct term *, struct env *);
struct val *check_project_type(struct check *, const struct term *, struct env *);
struct val *check_merge_chain(struct check *, const struct term *, struct env *); /* // /\ //\\ */
struct val *check_complete(struct check *, const struct term *, struct env *);
struct val *check_with(struct check *, const struct term *, struct env *);
struct val *check_to_map(struct check *, const struct term *, struct env *);

/* check_union.c */
struct val *check_union(struct check *, const struct term *, struct env *);
struct val *check_alternative(struct check *, const struct term *, struct val *u, struct env *);
struct val *check_merge(struct check *, const struct term *, struct env *);
struct val *check_show_constructor(struct check *, const struct term *, struct env *);

/* universe.c: in which universe a type is; UNIVERSE_NONE for Sort and for what is no type. */
#define UNIVERSE_NONE (-1)
int universe_of(struct check *, struct val *, struct env *);

/* diff.c, messages */
struct span check_span(const struct check *, const struct term *);
/* An error whose text is "PATH: …"; to be completed, then ended with check_fail. */
struct diag *check_error(struct check *, enum diag_code, const struct term *, const char *fmt, ...)
		SL_PRINTF(4, 5);
SL_NORETURN void check_fail(struct check *);
/* A value as text, shortened; owned by the diagnostics. */
const char *check_show(struct check *, struct val *, const struct env *);
/* Where two types differ, and only that: in a few words, and in notes when there is more to tell. */
const char *diff_text(struct check *, struct val *expected, struct val *found, const struct env *);
void diff_notes(struct check *, struct diag *, struct val *expected, struct val *found,
		const struct env *);
/* A line for each difference of two values; nothing when they are equal. */
void diff_lines(struct dhall *, struct val *, struct val *, struct buf *out);
/* An error "what: expected X, found Y" with the notes, to be completed.  It points at the parts of both that
 * differ: of t, and of `written`, which has the expected type or is it; the note there is `because`.
 * `written` may be NULL. */
struct diag *diff_error(struct check *, enum diag_code, const struct term *t, const char *what, const struct term *written,
		const char *because, struct val *expected, struct val *found, const struct env *);
/* Ends with that, and nothing written, unless the types are equal. */
void check_same(struct check *, enum diag_code, const struct term *, const char *what,
		struct val *expected, struct val *found, const struct env *);
/* Hint "did you mean 'x'" when a name of the shape is close. */
bool check_hint_name(struct check *, struct diag *, sym, const struct shape *);
/* The closest of the names, 0 when none is close. */
sym check_near(sym name, const sym *names, size_t n);

/* point.c */
enum turn_kind { TURN_FIELD, TURN_ITEM, TURN_OPTIONAL, TURN_PARAMETER, TURN_RESULT, TURN_OTHER };
struct turn { /* into a value or a type */
	enum turn_kind kind;
	sym name; /* of a FIELD */
};
/* The innermost part of t on the path that is written in the source; `names`: also where let binds it. */
const struct term *point_at(const struct check *, const struct term *, const struct turn *, size_t n, bool names);
/* The type that a function of the same text gives its parameter; NULL when that cannot be said. */
const struct term *point_parameter(const struct check *, const struct term *head, size_t nth);
/* Hint "did you mean 'x'" when a name that is bound around an undefined one is close. */
bool point_near(struct check *, struct diag *, const struct term *var);

#endif
