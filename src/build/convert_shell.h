/* convert_shell.h: one text of shell while it becomes typed commands.
 *
 * Layer: build.  Each function that returns a bool returns false after a report; the text is then not converted at all. */
#ifndef STRAYLIGHT_BUILD_CONVERT_SHELL_H
#define STRAYLIGHT_BUILD_CONVERT_SHELL_H

#include "convert_package.h"
#include "shellwords.h"

#define SHELL_WORK_MAX (1u << 22) /* bytes of all words and commands of a package, loops unrolled: these multiply */
#define SHELL_WORK_COMMAND 1024   /* a command counts as that many */

struct running {
	struct package *p;
	str attribute;
	texts *out; /* commands, as Dhall */
};

/* So much more is done; false after a report: it is too much. */
bool shell_works(struct running *, size_t work) SL_MUST_USE;
/* Reports, and is false. */
bool shell_odd(struct running *, const char *fmt, ...) SL_PRINTF(2, 3);

/* ---- convert_word.c ---- */

bool shell_value(struct running *, str name, str *out); /* of a variable */
bool shell_text(struct running *, const struct shell_word *, str *out, bool *pattern);
/* A word that is one unquoted variable is as many words as its value has; a pattern is the files that match. */
bool shell_expand(struct running *, const struct shell_word *, texts *out);

/* ---- convert_operand.c ---- */

struct operands {
	texts words, options; /* options are of one letter, or "--long" */
	str mode, target;
};

/* Options whose letters are in `valued` take the next word.  shell_end_operands frees. */
void shell_operands(struct running *, const texts *words, const char *valued, struct operands *out);
bool shell_has_option(const struct operands *, const char *option);
void shell_end_operands(struct operands *);

/* ---- convert_command.c ---- */

void shell_put(struct running *, const char *fmt, ...) SL_PRINTF(2, 3);
str shell_quoted(struct running *, str);
str shell_placed(struct running *, str path); /* seen from the directory that is built */
void shell_note_out(struct running *, str path);
/* One call, words[0] is the program. */
bool shell_call(struct running *, const struct shell_command *, const texts *words);

#endif
