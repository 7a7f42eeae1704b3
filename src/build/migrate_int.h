/* migrate_int.h: what the files of migrate share: migrate*.c.
 *
 * A struct fixing is one Dhall file in the hands of one session.  Its subjects are the targets and derivations in its
 * value, with the places in the text where they are written. */
#ifndef STRAYLIGHT_BUILD_MIGRATE_INT_H
#define STRAYLIGHT_BUILD_MIGRATE_INT_H

#include "commands.h"
#include "dhalltext.h"
#include "lint_int.h"
#include "reshape.h"

#include <straylight/convert.h>
#include <straylight/dhall_site.h>
#include <straylight/migrate.h>

enum subject_kind { SUBJECT_MK, SUBJECT_RAW, SUBJECT_CONSTRAINED, SUBJECT_TARGET };

struct subject {
	enum subject_kind kind;
	const struct dh_step *path;
	size_t npath;
	dh_val v, type;
	str name; /* as lint calls the target */
	str what; /* as it calls itself */
	struct dh_site site;
	bool written; /* the site is known */
	bool done;    /* its expression is replaced as a whole */
	bool ruled;   /* by a target of a rule */
};

struct trouble { /* why something is left */
	str target;
	enum lint_rule_id rule;
	str why;
};

/* How much is tried: when the new text does not check, less. */
enum fix_mode {
	FIX_ALL,
	FIX_RECORD,   /* the same, and a list of targets, which have more than one type, becomes a record */
	FIX_WRAPPED,  /* derivations become actions, which have one type, but not targets of rules */
	FIX_SETTINGS, /* no record changes its type */
	FIX_NONE,
};

struct fixing {
	struct arena *a; /* of all that is found */
	struct store *store;
	struct session *s;
	str root, path, folder, text;
	str cache; /* directory */
	const struct dh_typed *typed;
	enum fix_mode mode;
	struct reshape edits;
	VEC(struct subject) subjects;
	const struct lint_report *judged; /* what was found before: what is suppressed is left as it is */
	VEC(struct trouble) troubles;
	VEC(struct migrate_change) changes;
	VEC(struct lint_text) created; /* new files that the text imports */
	str left_from_nix;             /* why a fromNix stays where it is */
	enum lint_level to;
	const str *tables; /* of what stands for packages */
	size_t ntables;
	VEC(struct convert_row) siblings; /* derivations of the file's record that are targets now */
	bool listed;                      /* its value is a list of subjects that stands here */
	bool replaced;                    /* a derivation became another thing: what only it used may go */
	struct diags *diags;
};

/* ---- migrate_value.c: reading values ---- */

typedef VEC(str) text_list;

bool value_get(struct fixing *, dh_val record, const char *name, dh_val *out);
bool value_has(struct fixing *, dh_val record, const char *name);
str value_text(struct fixing *, dh_val record, const char *name); /* p == NULL: there is none */
bool value_says(struct fixing *, dh_val record, const char *name, bool wanted);
bool value_is_none(struct fixing *, dh_val record, const char *name);
/* The text in an Optional field; p == NULL: None. */
str value_some(struct fixing *, dh_val record, const char *name);
void value_texts(struct fixing *, dh_val record, const char *name, text_list *out);
size_t value_length(struct fixing *, dh_val record, const char *name);
/* The names of a derivation's outputs, "out" when none has one; false, and none, when it has no list of them. */
bool value_output_names(struct fixing *, dh_val record, text_list *out);

/* Has a raw derivation an output whose hash it says? */
bool value_fixes_output(struct fixing *, dh_val derivation);

/* An element of a list of S.Derivation.Input. */
enum input_case { FROM_DRV, FROM_SRC, FROM_STORE, FROM_FETCH, FROM_NIX };
struct value_input {
	enum input_case kind;
	str text;         /* DRV: its name; SRC: the path; STORE: the name; FETCH: the URL; NIX: the expression */
	str digest;       /* STORE; FETCH: the hash, p == NULL: none */
	const str *outputs; /* DRV */
	size_t noutputs;
};
bool value_input(struct fixing *, dh_val, struct value_input *out);

/* ---- migrate_bytes.c ---- */

typedef VEC(struct value_input) input_list;

/* Sources, patches and the lists, in this order. */
void bytes_inputs(struct fixing *, const struct subject *, input_list *out);
/* The file or folder goes into the store: its digest would be of no use without it.  false: *bad says why. */
bool bytes_digest(struct fixing *, str path, char text[DIGEST_TEXT_MAX], str *bad) SL_MUST_USE;
/* What has that name and digest in the folder of the file, or below; relative to it.  p == NULL: nothing has. */
str bytes_here(struct fixing *, str name, str digest);
/* Adds the files that a path stands for, relative to the folder; not the file itself, nor what is hidden.  false: there are none,
 * or it leads out of the folder. */
bool bytes_files(struct fixing *, str path, text_list *out) SL_MUST_USE;

/* ---- migrate_dhall.c ---- */

void trouble(struct fixing *, const struct subject *, enum lint_rule_id, const char *fmt, ...) SL_PRINTF(4, 5);
/* Of the first one, in the arena. */
str diags_line(struct arena *, const struct diags *);
void change(struct fixing *, const struct subject *, const char *fmt, ...) SL_PRINTF(3, 4);
/* Does a suppression cover what the rule finds of the subject? */
bool is_suppressed(const struct fixing *, const struct subject *, enum lint_rule_id);
/* The record that has the maker of the subject: "D"; a selector may follow. */
str fixing_module(struct fixing *, const struct subject *);
/* The text of S, the prelude. */
str fixing_prelude(struct fixing *);
/* The folder of a file. */
str fixing_folder(str path);
/* Opens the file, finds its subjects; false after a diagnostic. */
bool fixing_begin(struct fixing *) SL_MUST_USE;
void fixing_rewrite(struct fixing *);
void fixing_end(struct fixing *);

/* ---- migrate_input.c: inputs by digest ---- */

/* The input as an expression of D.Input, or, with `constrained`, of D.ConstrainedInput; p == NULL after a trouble. */
str input_text(struct fixing *, const struct subject *, const struct value_input *, bool constrained);
/* Rewrites what is no input of phase 1 where it is written: src and the lists. */
void inputs_rewrite(struct fixing *, const struct subject *);
/* What outputs may refer to: outputs and inputs by name, as they were seen in a build, else by what the derivation takes; a change says
 * which. */
void references_of(struct fixing *, const struct subject *, text_list *out);

/* ---- migrate_seen.c: what was built ---- */

/* The references that the outputs of the derivation have, by the names of outputs and inputs; *when is the day of the build.  false: it
 * was not built here, or, with *why, an output refers to what has no name. */
bool seen_references(struct fixing *, const struct subject *, text_list *out, str *when, str *why) SL_MUST_USE;

/* ---- migrate_settings.c: fields, in place ---- */

void settings_rewrite(struct fixing *, const struct subject *);
/* What in its texts makes a build depend on more than its inputs; NULL: nothing does. */
const char *settings_impurity(struct fixing *, const struct subject *);

/* ---- migrate_phase.c: what stdenv would do anyway ---- */

struct standard { /* phases that say no more than flags do */
	text_list configure, make; /* flags beyond those of the record */
	bool dont_fixup;
	bool all; /* every phase is such */
};
void standard_phases(struct fixing *, const struct subject *, struct standard *out);
/* One of configurePhase, buildPhase, installPhase, fixupPhase by its text; false: it does something else. */
bool standard_text(struct fixing *, const char *phase, str text, struct standard *out);
void standard_end(struct standard *);

/* ---- migrate_env.c: variables as settings ---- */

struct env_moves {
	text_list configure, make; /* NAME=value */
	text_list all;             /* every one that is no setting of a field: NAME=value */
	text_list left;            /* names for which there is no setting */
	bool do_check, dont_strip, dont_fixup;
	bool blanks;               /* a value is no word of a list that the shell splits */
};
void env_moves(struct fixing *, const struct subject *, const struct standard *, struct env_moves *out);
void env_end(struct env_moves *);
/* Do the sources at hand have a file of that name: 1, 0; -1: they are not at hand. */
int source_has(struct fixing *, const struct subject *, const char *name);

/* ---- migrate_typed.c: as constrained derivations ---- */

/* false: it cannot be written so (troubles say why); nothing was changed. */
bool typed_rewrite(struct fixing *, const struct subject *) SL_MUST_USE;

/* ---- migrate_flag.c: raw flags ---- */

void flags_rewrite(struct fixing *, const struct subject *);

/* ---- migrate_nix.c ---- */

/* The edits, troubles and changes of a Nix file; false after a diagnostic. */
bool nix_rewrite(struct fixing *) SL_MUST_USE;

/* ---- migrate_target.c, migrate_rule.c, migrate_wrap.c: from phase 2 on ---- */

/* Derivations, and from phase 3 on nix-compat actions, that become something else as a whole. */
void targets_rewrite(struct fixing *);
/* As a target of a rule, called *name.  false: nothing was changed, and *why says why. */
bool rule_rewrite(struct fixing *, const struct subject *, str *name, str *why) SL_MUST_USE;
/* The expression of a nix-compat action; p == NULL: it is none. */
str rule_wrapped(struct fixing *, const struct subject *);
/* As a nix-compat action.  false as above. */
bool wrap_rewrite(struct fixing *, const struct subject *, str *why) SL_MUST_USE;

/* ---- migrate_place.c: in expressions S is the prelude, and C its S.Builder.Command ---- */

/* The expression takes the place of what the subject is written as. */
void place_target(struct fixing *, const struct subject *, str call);
/* Is the file's value a list literal of its subjects, and nothing else? */
bool place_is_list(struct fixing *);
/* FIX_RECORD: its brackets become those of a record; the items are named by place_target. */
void place_record(struct fixing *);
/* Has the record, whose field the subject is, room for others? */
bool place_has_room(const struct fixing *, const struct subject *);
/* A field behind it. */
void place_another(struct fixing *, const struct subject *, str name, str call);

/* ---- migrate_package.c ---- */

/* The BUILD.dhall for a default.nix. */
void package_rewrite(struct fixing *);

/* ---- migrate_toolchain.c ---- */

/* For phase 3: what is of Nix. */
void toolchains_rewrite(struct fixing *);
/* What a target captures from the host. */
void pins_rewrite(struct fixing *, const struct subject *);

#endif
