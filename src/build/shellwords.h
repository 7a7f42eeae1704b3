/* shellwords.h: simple shell, read without a shell.
 *
 * Layer: build.  Lists of commands with words, quotes, `$name`, assignments, redirections to files, here-documents and `for`
 * over words.  All else (pipes, conditions, functions, substitutions, `||`) is not understood, and the answer is no:
 * what was read is never half a script.  No I/O, no recursion but one level for each `for`, at most SHELL_DEPTH_MAX. */
#ifndef STRAYLIGHT_BUILD_SHELLWORDS_H
#define STRAYLIGHT_BUILD_SHELLWORDS_H

#include <straylight/base.h>

#define SHELL_DEPTH_MAX 8

enum shell_piece_kind {
	SHELL_TEXT,     /* as it stands */
	SHELL_VARIABLE, /* its name */
	SHELL_GLOB,     /* unquoted text with * ? or [ */
};

struct shell_piece {
	enum shell_piece_kind kind;
	bool quoted; /* VARIABLE: its value is not split */
	str text;
};

struct shell_word {
	const struct shell_piece *pieces;
	size_t n;
};

enum shell_redirect { SHELL_NO_REDIRECT, SHELL_WRITE, SHELL_APPEND, SHELL_READ, SHELL_HERE };

struct shell_assignment {
	str name;
	struct shell_word value;
};

struct shell_command {
	const struct shell_assignment *assignments;
	size_t nassignments;
	const struct shell_word *words; /* none: only assignments, or a redirection */
	size_t nwords;
	enum shell_redirect input;  /* READ or HERE */
	enum shell_redirect output; /* WRITE or APPEND */
	struct shell_word from, to; /* file names; HERE: the text */
	str variable;               /* `for`: its variable; `words` are what it takes; p == NULL: it is none */
	const struct shell_command *body;
	size_t nbody;
	uint32_t lo, hi;            /* bytes of the text */
};

struct shell_bad {
	size_t at;       /* byte of the text */
	const char *why; /* "a pipe" */
};

/* Everything is in the arena or borrowed from the text.  false when a part is not understood: *bad says which. */
bool shell_read(str text, struct arena *, const struct shell_command **out, size_t *n, struct shell_bad *bad) SL_MUST_USE;

/* The word as text if it has no variable and no glob; false otherwise. */
bool shell_plain(const struct shell_word *, struct arena *, str *out);

#endif
