/* editor.h: lines from standard input, one after another.
 *
 * On a terminal they are edited by libedit, which is loaded then (a program that never asks does not pay for it), with a
 * history that is kept in a file and completion.  Without libedit, or where standard input is something else, they are
 * read as they come.  There is one editor in a process. */
#ifndef STRAYLIGHT_CMD_EDITOR_H
#define STRAYLIGHT_CMD_EDITOR_H

#include <straylight/base.h>

struct editor {
	bool terminal;       /* prompts are shown */
	const char *history; /* the file; NULL: none */
	/* Appends what the word, which ends the part of the line, could become; none: file names are offered. */
	void (*complete)(void *ud, str line, str word, struct buf *names); /* each with a NUL behind */
	void *ud;
};

/* complete and ud are set; history may be. */
void editor_open(struct editor *);
/* The next line, without its end, in the arena; p == NULL at the end of the input. */
str editor_line(struct editor *, const char *prompt, struct arena *);
/* What was entered as a whole, for the history. */
void editor_remember(struct editor *, str entry);
void editor_close(struct editor *);

#endif
