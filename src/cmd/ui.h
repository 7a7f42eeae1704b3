/* ui.h: what a build looks like while it runs.
 *
 * Pure: events go in, text for standard error comes out in `out`, and the time is always given, so all
 * of it can be tested.  watch.c connects it to a build and to the terminal.
 *
 * On a terminal the last lines of the screen are a frame: one line of counts and one for each running
 * action, oldest first, with its stage when it is at a server.  What stays is printed above it, and at the end the frame is erased.  Elsewhere
 * there are only whole lines: one for each action that ran, and a sign of life after 30 s of silence. */
#ifndef STRAYLIGHT_CMD_UI_H
#define STRAYLIGHT_CMD_UI_H

#include <straylight/build.h>

#define UI_SILENCE_NS (INT64_C(30) * 1000000000)

struct ui_options {
	bool terminal, color;
	bool quiet;   /* nothing but ui_text */
	bool verbose; /* cached actions, and commands */
	bool explain; /* why actions run */
};

struct ui_running {
	sym label;
	char *name; /* owned */
	int64_t since;
	char stage[96]; /* of one at a server: "queued", "running on w7, no news for 12 s"; may be empty */
};

struct ui {
	struct ui_options options;
	struct buf out; /* to be written to standard error and emptied by the caller */
	VEC(struct ui_running) running; /* oldest first */
	struct buf phase; /* what is being done besides actions; empty when nothing is */
	size_t done, known; /* actions */
	VEC(unsigned) drawn; /* the columns of each line of the frame that stands on the screen */
	unsigned columns; /* of the screen, at the last tick */
	int64_t began, printed; /* when it began, when a line was last printed */
};

void ui_init(struct ui *, const struct ui_options *, int64_t now);
void ui_free(struct ui *);

/* "loading //lib"; shown until the next phase or action; "" ends it. */
void ui_phase(struct ui *, str what);
void ui_started(struct ui *, const struct build_action *, int64_t now);
void ui_finished(struct ui *, const struct build_action *, int64_t now);
/* Where a running action is, at a server. */
void ui_stage(struct ui *, const struct build_away *);
/* Text that stays; a missing newline at its end is added. */
void ui_text(struct ui *, str text, int64_t now);
/* Draws the frame for a screen of that size, or the sign of life. */
void ui_tick(struct ui *, int64_t now, unsigned columns, unsigned rows);
/* Erases the frame. */
void ui_end(struct ui *);

/* "0.41 s", "12.3 s", "2 min 05 s". */
void ui_time(int64_t ns, struct buf *out);
/* A word as a shell reads it. */
void ui_quote(str word, struct buf *out);

#endif
