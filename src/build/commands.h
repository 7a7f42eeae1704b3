/* commands.h: shell as the typed commands of a constrained derivation (prelude/Builder.dhall).
 *
 * Layer: build.  It does no I/O.
 *
 * A command of shell is either known with all its words and becomes commands that do the same, or the whole text is
 * refused with the reason: nothing is left out but what has no effect on the result (`set -e`, `true`, hooks of phases,
 * the number of jobs). */
#ifndef STRAYLIGHT_BUILD_COMMANDS_H
#define STRAYLIGHT_BUILD_COMMANDS_H

#include <straylight/base.h>

enum command_kind { /* ORDER COMMAND */
	COMMAND_MKDIR, COMMAND_COPY, COMMAND_MOVE, COMMAND_REMOVE, COMMAND_SYMLINK, COMMAND_CHMOD, COMMAND_WRITE,
	COMMAND_APPEND, COMMAND_SUBSTITUTE, COMMAND_UNTAR, COMMAND_UNZIP, COMMAND_PATCH, COMMAND_PATCHELF,
	COMMAND_CONFIGURE, COMMAND_MAKE, COMMAND_INSTALL, COMMAND_RUN,
};

struct typed_command {
	enum command_kind kind;
	str a, b, c;       /* its texts in the order of the type's fields; for PATCHELF p == NULL is None */
	uint32_t strip;    /* UNTAR, PATCH */
	const str *words;  /* CONFIGURE, MAKE, RUN: the arguments */
	size_t nwords;
};

struct command_scope { /* what variables of the shell stand for */
	const str *names, *values; /* value.p == NULL: it stays, as $out does */
	size_t n;
};

typedef VEC(struct typed_command) command_list;

/* Appends to the list, whose earlier commands tell which folders there are.  false: *why, in the arena, and the place
 * *at in the text; the list may have grown. */
bool commands_read(str shell, const struct command_scope *, struct arena *, command_list *, str *why, uint32_t *at)
		SL_MUST_USE;

/* The environment for a command, as NAME=value: it becomes words of Configure and Make, and a Run is started by env. */
void commands_set(command_list *, const str *assignments, size_t n, struct arena *);

/* As an expression: `module` is the text of the record that has Command ("D"), lines start at `indent`. */
void commands_print(const command_list *, str module, uint32_t indent, struct buf *out);

#endif
