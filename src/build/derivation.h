/* derivation.h: what the files of derivations in Nix share: derivation*.c.
 *
 * A struct derivation is one that is being written.  Expressions are texts in its arena; settings are gathered first and
 * written at the end, so that one name is set once. */
#ifndef STRAYLIGHT_BUILD_DERIVATION_H
#define STRAYLIGHT_BUILD_DERIVATION_H

#include <straylight/derivation.h>

struct setting {
	str name, expr;
	bool late; /* the function does not take it: it is set in what that makes */
};

struct derivation {
	struct dhall *dhall;
	const struct dh_typed *typed;
	struct diags *diags;
	struct arena *arena;
	const struct derivation_given *given; /* never NULL */
	dh_val value;
	sym field;       /* of the record; 0: it is the file's value */
	str name;        /* as messages call it */
	unsigned indent; /* of the expression */
	VEC(str) packages; /* that it names, by first use: parameters */
	struct map has;    /* they */
	VEC(struct setting) settings;
	struct map set;    /* their names */
	bool failed;       /* a diagnostic was added */
};

/* ---- reading: an absent field or another kind is told and reads as empty ---- */

dh_val der_get(struct derivation *, dh_val record, const char *field);
str der_read_text(struct derivation *, dh_val);
str der_text_in(struct derivation *, dh_val record, const char *field);
bool der_bool_in(struct derivation *, dh_val record, const char *field);
/* false: None. */
bool der_some_in(struct derivation *, dh_val record, const char *field, dh_val *out);
const str *der_texts(struct derivation *, dh_val list, size_t *n);
sym der_case(struct derivation *, dh_val, dh_val *payload);

/* It has no form in Nix; `attribute` says whose place is shown, and may be NULL. */
struct diag *der_refuse(struct derivation *, const char *attribute, const char *fmt, ...) SL_PRINTF(3, 4);
struct span der_place(struct derivation *, const char *attribute);

/* ---- derivation_write.c: expressions ---- */

bool der_is_word(str); /* an identifier of Nix */
str der_key(struct derivation *, str name);
str der_text(struct derivation *, str); /* on many lines when it has many */
str der_line(struct derivation *, str); /* always "…" */
str der_list(struct derivation *, const str *items, size_t n);
str der_list_of_texts(struct derivation *, const str *texts, size_t n);
str der_set_of(struct derivation *, const struct setting *, size_t n, unsigned indent);

void der_set(struct derivation *, const char *name, str expr);
/* A name that the user chose. */
void der_set_own(struct derivation *, const char *attribute, str name, str expr, bool late);
void der_set_true(struct derivation *, const char *name, bool);

/* ---- derivation_input.c ---- */

/* A package by its attribute path; the first name becomes a parameter. */
str der_package(struct derivation *, const char *attribute, str path);
/* Nix as text: der_value may stand behind `=`, der_input in a list. */
str der_raw(struct derivation *, const char *attribute, dh_val nix);
struct der_items {
	VEC(str) list;
};
void der_input(struct derivation *, const char *attribute, dh_val input, struct der_items *);
/* A single one; false after a diagnostic when it stands for several. */
str der_input_value(struct derivation *, const char *attribute, dh_val input);
void der_set_inputs(struct derivation *, const char *name, dh_val list);
/* `allowedReferences` and the like: names of outputs are texts, names of inputs are they. */
void der_set_references(struct derivation *, const char *name, const dh_val *inputs, size_t ninputs);

/* ---- derivation_part.c: of the derivation, each unless it is the default ---- */

#define DER_SYSTEM "x86_64-linux" /* of a derivation that says nothing else */

/* The name of a union without payload. */
str der_alternative(struct derivation *, dh_val);
void der_set_text(struct derivation *, const char *name, str);
void der_set_some_text(struct derivation *, const char *name); /* the field of that name */
void der_set_texts(struct derivation *, const char *name, dh_val list);
void der_set_false(struct derivation *, const char *name); /* the field of that name */
void der_set_outputs(struct derivation *, const str *, size_t n);
void der_set_env(struct derivation *, bool late);

/* ---- the three ---- */

void derivation_mk(struct derivation *, struct buf *out);
void derivation_raw(struct derivation *, struct buf *out);
void derivation_constrained(struct derivation *, struct buf *out);
/* `head { … }`. */
void der_call(struct derivation *, str head, struct buf *out);

/* derivation_script.c: typed commands as shell. */
str der_script(struct derivation *, dh_val commands, const str *outputs, size_t noutputs, struct der_items *tools);

#endif
