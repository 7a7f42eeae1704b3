/* lint_int.h: what the files of lint share: lint*.c.
 *
 * One file is judged by one worker into a struct lint_file; lint.c puts those together.  A judge is the state of one
 * file's judgement. */
#ifndef STRAYLIGHT_BUILD_LINT_INT_H
#define STRAYLIGHT_BUILD_LINT_INT_H

#include "build_int.h"

#include <straylight/lint.h>
#include <straylight/nix_marks.h>

enum lint_rule_id { /* ORDER LINT */
#define LINT(id, name, severities, why, fix) LINT_##id,
#include "lint.def"
#undef LINT
	LINT_RULES
};

/* ---- what is found in one file ---- */

struct lint_host {
	str name, text; /* a target's, or an attribute path; what is to be said of it */
};

struct lint_allow {
	uint64_t rules;    /* a bit for each */
	bool of_target;
	uint32_t lo, hi;   /* of the comment */
	uint32_t from, to; /* the bytes that it covers */
	str reason;
	bool used;
};

struct lint_file {
	struct arena arena;
	str path;                          /* absolute */
	bool in_toolchains;                /* below toolchains/ of the workspace */
	str boundary;                      /* what stands in the files below toolchains/ that it imports */
	VEC(struct lint_target) targets;
	VEC(struct lint_finding) findings; /* target: of this file */
	struct map found;                  /* what lint_find has noted: all that a finding is */
	VEC(struct lint_allow) allows;     /* its suppressions */
	VEC(str) imports;                  /* Dhall files of the workspace that its value depends on, absolute */
	VEC(struct lint_host) hosts;       /* what of it the host had a part in */
	VEC(str) wrapped;                  /* Nix files that its nix-compat actions wrap, absolute */
	const str *deps;                   /* what its value rests on, as dhall_dependencies; the world's */
	size_t ndeps;
	struct diags diags;                /* why there is nothing */
};

void lint_file_clear(struct lint_file *);

/* A finding at a place of that file; the text is formatted into the arena.  The same again is
 * noted once. */
void lint_find(struct lint_file *, enum lint_rule_id, uint32_t target, str file, uint32_t lo, uint32_t hi, const char *fmt,
		...) SL_PRINTF(7, 8);
/* Findings of no target belong to the innermost target that they stand in. */
void lint_attach(struct lint_file *);
uint32_t lint_target(struct lint_file *, str name, uint32_t lo, uint32_t hi); /* its index */
uint32_t lint_innermost(const struct lint_file *, uint32_t at); /* the smallest target around the byte */

/* lint_dhall.c: the value and the source of a Dhall file.  On a worker of the workspace. */
void lint_dhall(struct workspace *, struct session *, str text, struct lint_file *);
/* Its source alone: for what is imported, and may be a function. */
void lint_dhall_source(str text, struct lint_file *);
/* The part that both have; false after a diagnostic. */
bool lint_read(struct lint_file *, str text, bool texts) SL_MUST_USE;

/* lint_host.c: what was recorded of builds of the file, and what it says once its targets are known. */
void lint_hosts(struct store *, struct lint_file *);
void lint_hosts_find(struct lint_file *);

/* lint_symbolic.c: calls fn with the arguments of every derivation that the text of the file at that absolute path evaluates to when
 * symbols stand for nixpkgs, and the name of its maker; shape and text are those of the values.  Nothing when it cannot be evaluated so. */
struct lint_argument {
	struct nix_setting s;
	str file; /* where it is set, absolute; p == NULL: not known, nor is s.at */
};
typedef void lint_symbolic_fn(void *ud, str maker, const struct lint_argument *, size_t n);
void lint_symbolic(str path, str text, lint_symbolic_fn *fn, void *ud);

/* lint_step.c: what a target runs.  `package` is its folder below the root. */
struct lint_place {
	str file;
	uint32_t lo, hi;
	uint32_t target;
};
void lint_steps(struct lint_file *, const struct target *, const struct lint_place *, str root);
/* A toolchain; `of` says whose. */
void lint_toolchain(struct lint_file *, const struct rendered *, const struct lint_place *, str of);

/* lint_nix.c: a Nix file; an expression that an action wraps, whose findings are at that place.  What is no Nix has none. */
void lint_nix(str text, str root, struct lint_file *);
void lint_expression(str text, const struct lint_place *, struct lint_file *);

/* lint_allow.c: a comment with its signs. */
void lint_comment(struct lint_file *, str text, uint32_t lo, uint32_t hi, str comment);
/* After all findings: marks those of the file that its suppressions cover. */
void lint_allow_all(struct lint_file *);
/* A finding of another file that is placed in this one. */
void lint_allow_other(struct lint_file *, struct lint_finding *);
/* After all files: notes what suppresses nothing. */
void lint_allow_idle(struct lint_file *);

/* lint_text.c: what a text says. */
bool lint_names_store(str text);
bool lint_names_drv(str text);
bool lint_is_shell(str program); /* "sh", "/bin/bash" … */
bool lint_is_script_flag(str word); /* the next word is shell: -c, -ec … */

/* lint_network.c: does shell text fetch something, or a command by its words?  Is a part of the command shell text? */
bool lint_uses_network(str text);
bool lint_command_fetches(const str *words, size_t n);
bool lint_command_is_script(const str *words, size_t n);

/* lint_record.c: for the memo. */
void lint_record(const struct lint_file *, str root, struct buf *out);
bool lint_recall(str bytes, str root, struct lint_file *out) SL_MUST_USE;

#endif
