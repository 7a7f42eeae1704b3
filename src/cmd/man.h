/* man.h: the rows as pages: Markdown for docs/man/, roff for man(1). */
#ifndef STRAYLIGHT_CMD_MAN_H
#define STRAYLIGHT_CMD_MAN_H

#include "cmd.h"

struct man_format { /* how the parts of a page are written; texts are plain */
	void (*begin)(struct buf *, str name, const char *summary); /* name: "straylight-dhall-eval" */
	void (*synopsis)(struct buf *, const char *line);
	void (*heading)(struct buf *, const char *title);
	void (*paragraph)(struct buf *, str text);
	void (*literal)(struct buf *, str line); /* a line as it is typed */
	void (*item)(struct buf *, str what, str text);
};

extern const struct man_format man_markdown, man_roff;

/* The page of a command; of the program when row is NULL. */
void man_page(const struct man_format *, const struct command *const *commands, const struct command *row, struct buf *);

#endif
