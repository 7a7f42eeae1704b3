/* migrate_typing.h: what migrate_typed.c and migrate_script.c share: one derivation on its way to a constrained one. */
#ifndef STRAYLIGHT_BUILD_MIGRATE_TYPING_H
#define STRAYLIGHT_BUILD_MIGRATE_TYPING_H

#include "migrate_int.h"

struct typing {
	struct fixing *f;
	const struct subject *s;
	str module;
	command_list commands;
	text_list inputs;   /* expressions */
	text_list names;    /* of variables, and what they stand for */
	text_list values;
	str source;         /* what the first input is called */
	struct standard standard;
	struct env_moves env;
	bool ok;
};

/* ---- migrate_script.c ---- */

/* Variables of the shell: outputs, the source, what is known of the package. */
void typing_know(struct typing *);
/* An input for the list; *name is what the sources call it.  t->ok is false after a trouble. */
void typing_input(struct typing *, dh_val, str *name);
void typing_inputs(struct typing *, const char *list);
/* Is a program of that name among its build inputs? */
bool typing_takes(struct typing *, const char *program);
const str *typing_kept(struct typing *, const text_list *); /* a copy */
/* The flags of a field; $(out) is $out. */
void typing_flags(struct typing *, const char *name, text_list *out);
/* Has it a phase of its own? */
bool typing_is_odd(struct typing *);
/* Fills t->commands; false after a trouble. */
bool typing_phases(struct typing *);
bool typing_raw(struct typing *);

#endif
