/* derivation.h: derivations that are written in Dhall (prelude/Derivation.dhall), as Nix.
 *
 * Layer: build.  Phase 0 of the ladder.  A Derivation becomes a call of `derivation`, a MkDerivation one of its function
 * of nixpkgs, a ConstrainedDerivation one of stdenv.mkDerivation; what names packages is a function of them, as
 * callPackage takes it, and a record of derivations is an overlay.  Attributes are written where they differ from what
 * they are without being written.  Paths in it start from the folder of the Dhall file.
 *
 * Invariant: what is written is Nix.  Raw texts (`builtins.toNix`) are parsed before they are put in. */
#ifndef STRAYLIGHT_DERIVATION_H
#define STRAYLIGHT_DERIVATION_H

#include <straylight/dhall.h>

enum derivation_form {
	DERIVATION_NONE, /* something else */
	DERIVATION_ONE,
	DERIVATION_SET,  /* a record of them, and at least one */
};

/* Told by the type alone: it has the fields of one of the three, and no others. */
enum derivation_form derivation_form(struct dhall *, dh_val type);

struct derivation_nix {
	enum derivation_form form;
	bool function; /* ONE: of packages */
	bool packages; /* it names some that it does not make itself */
};

/* Appends the expression, a newline at its end.  `typed` has one of the forms.  false after diagnostics: a raw text is no
 * Nix, or DERIVATION_FORM. */
bool derivation_nix(struct dhall *, const struct dh_typed *typed, struct derivation_nix *out, struct buf *, struct diags *)
		SL_MUST_USE;

struct derivation_instead { /* of an attribute */
	const char *name;
	str expr; /* p == NULL: it is left out */
};

struct derivation_given {
	const struct map *bytes; /* where what the store has is, by its digest ("HASH/SIZE" → const str *): a path from the file's folder, or
	                          * one of the search path, "<artifact/a>"; NULL: Nix has to be given it */
	const struct derivation_instead *instead;
	size_t ninstead;
	bool read_only; /* it is not for Nix: what only a builder of nixpkgs asks for may be absent */
};

/* The same of a value in the file, whose type has one of the forms. */
bool derivation_nix_of(struct dhall *, const struct dh_typed *typed, dh_val, dh_val type, const struct derivation_given *,
		struct derivation_nix *out, struct buf *, struct diags *) SL_MUST_USE;
/* A text as an expression of Nix, on one line. */
void derivation_text(str, struct buf *out);

/* Appends an expression of the derivation, or of the set of those of the record: `nix` called with the packages of <nixpkgs>, which
 * is not looked at where there are no such packages. */
void derivation_call(const struct derivation_nix *, str nix, struct buf *);

#endif
