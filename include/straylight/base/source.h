/* source.h: texts that diagnostics point into.
 *
 * A loaded text gets a number; a span is a byte range in it.  The registry belongs to the process and
 * may be used from any thread.  Text and name are copied; they live until source_drop (the language
 * server drops old versions of an edited file) or the end of the process. */
#ifndef STRAYLIGHT_BASE_SOURCE_H
#define STRAYLIGHT_BASE_SOURCE_H

#include <straylight/base/str.h>

struct span {
	uint32_t file; /* 0 = no place */
	uint32_t lo, hi; /* bytes, half open */
};

#define NO_SPAN ((struct span){0, 0, 0})

/* `name` is what the user calls it: a path relative to the workspace, "(stdin)", "env:X".
 * Texts of 4 GiB and more are cut at the last byte that a span can name. */
uint32_t source_add(str name, str text);
/* The text of a file, read when it is first asked for; empty when it cannot be read then. */
uint32_t source_add_file(str path);
/* From now on a text whose name is a path below this folder is called by the rest of it: of what is added
 * later.  "" ends that. */
void source_root(str dir);
void source_drop(uint32_t file);

str source_name(uint32_t file); /* empty when unknown or dropped */
str source_text(uint32_t file);

/* Line and column of a byte, both from 1; the column counts code points.  *line_text is that line
 * without its end.  Where lines begin is found out once for a text. */
struct place {
	uint32_t line, column;
	str line_text;
	uint32_t line_lo; /* byte where the line starts */
};
struct place source_place(uint32_t file, uint32_t at);

#endif
