/* dhall_edit.h: what the dhall commands share that read files of source as text: most change them in place. */
#ifndef STRAYLIGHT_CMD_DHALL_EDIT_H
#define STRAYLIGHT_CMD_DHALL_EDIT_H

#include "cmd.h"

#include <straylight/dhall.h>

struct edit_args { /* options */
	bool check, all, cache;
	str schemas;
};

enum edit_kind {
	EDIT_TEXT,    /* apply changes the text */
	EDIT_SESSION, /* it evaluates, too, and has a session for that */
	EDIT_PRINT,   /* what it writes is for standard output, whatever it read; there are no options */
};

struct edit;
/* Writes what becomes of the text; false after a diagnostic. */
typedef bool edit_fn(struct edit *, str text, str name, struct buf *out);

struct edit {
	enum edit_kind kind;
	edit_fn *apply;
	struct call *call;
	const struct edit_args *args;
	struct dhall *session;
	str directory;   /* of the file, absolute */
	struct buf said; /* by apply, of one file: with --check in the place of the file's name */
	bool differs;    /* any file */
};

/* Goes through the files of the arguments (none, or -: standard input) on a stack of its own.  The exit code. */
int dhall_edit(struct call *, edit_fn *, enum edit_kind);

#define EDIT_FILES "Files are rewritten in place; - is standard input, which goes to standard output and is also what no " \
		   "FILE means. With --check nothing is written: the names of files that would change are printed, and " \
		   "the exit code is 1 if there are any."
#define EDIT_CHECK FLAG(struct edit_args, check, 0, "check", "write nothing; name the files that would change")

/* run_WORD, which goes through the files with apply_WORD. */
#define EDIT_RUN(word, kind)                                                                       \
	static int run_##word(struct call *c)                                                      \
	{                                                                                          \
		return dhall_edit(c, apply_##word, kind);                                          \
	}

#endif
