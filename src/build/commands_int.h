/* commands_int.h: what the files of commands share: commands*.c. */
#ifndef STRAYLIGHT_BUILD_COMMANDS_INT_H
#define STRAYLIGHT_BUILD_COMMANDS_INT_H

#include "commands.h"
#include "shellflat.h"

typedef VEC(str) words;

struct maker {
	const struct command_scope *scope;
	struct arena *a;
	command_list *list;
	str why;
	str dir;        /* where it stands; empty: the sources */
	words exported; /* NAME=value */
	str unknown;    /* a variable of which nothing is known */
	size_t work;    /* bytes put for variables, and names compared: assignments may double them */
};

/* ---- commands.c ---- */

/* Sets why; false. */
bool maker_fail(struct maker *, const char *fmt, ...) SL_PRINTF(2, 3);
struct typed_command *maker_add(struct maker *, enum command_kind, str a, str b, str c);
const str *maker_kept(struct arena *, const str *, size_t n); /* a copy in the arena */
/* Puts what variables stand for; false: one of them is not known, or all together are too long. */
bool maker_expand(struct maker *, str *word);
/* A path as it is seen from the sources. */
str maker_here(struct maker *, str path);
str maker_without_slash(str path);
/* Is it a folder by its name, or one that was made before? */
bool maker_is_folder(const struct maker *, str path);
/* The path's name in the folder. */
str maker_inside(struct maker *, str folder, str path);
bool maker_number(str, uint32_t *out);
/* Any program, as a Run. */
bool maker_run(struct maker *, const words *);

/* ---- commands_files.c: programs that make, move and change files; false after maker_fail ---- */

bool make_folders(struct maker *, const words *);
bool remove_files(struct maker *, const words *);
bool put_files(struct maker *, const words *, enum command_kind); /* cp, mv */
bool link_file(struct maker *, const words *);
bool change_mode(struct maker *, const words *);
bool install_files(struct maker *, const words *);
bool substitute_text(struct maker *, const words *);
bool edit_stream(struct maker *, const words *); /* sed */
bool untar_archive(struct maker *, const words *);
bool apply_patch(struct maker *, const words *, str input);
bool patch_elf(struct maker *, const words *);
bool write_text(struct maker *, const words *, const struct flat_command *); /* echo, printf, cat */

#endif
