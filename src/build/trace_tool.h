/* trace_tool.h: what one process of a trace did, as far as targets are concerned: compiled, archived or linked.
 *
 * Reads words only; no I/O.  Paths come out absolute and normal.  The grammar is that of GCC's driver (GCC manual,
 * "Option Summary"), which Clang shares, and of GNU ar. */
#ifndef STRAYLIGHT_BUILD_TRACE_TOOL_H
#define STRAYLIGHT_BUILD_TRACE_TOOL_H

#include <straylight/trace.h>

enum tool_kind {
	TOOL_NONE,    /* any other program */
	TOOL_DRIVER,  /* a compiler's driver */
	TOOL_ARCHIVE, /* ar */
	TOOL_LINKER,  /* ld itself */
};

enum tool_word {
	WORD_INCLUDE,  /* -I, -isystem, -iquote, -idirafter: a folder */
	WORD_FORCED,   /* -include, -imacros: a file */
	WORD_DEFINE,   /* NAME or NAME=value */
	WORD_STD,      /* behind -std= */
	WORD_COMPILE,  /* any other word for the compiler that its result depends on */
	WORD_LINK,     /* … for the linker */
	WORD_LIBRARY,  /* behind -l */
	WORD_FOLDER,   /* -L */
	WORD_INPUT,    /* a source, an object, an archive, a shared library */
	WORD_MODE,     /* -O2, -g: what straylight's mode decides */
	WORD_IDLE,     /* -Wall, -MMD, -pipe: changes no result */
};

struct tool_item {
	enum tool_word word;
	str text;
};

struct tool_run {
	enum tool_kind kind;
	bool cxx;      /* C++'s driver */
	bool compiles; /* its sources become objects: -c */
	bool links;    /* to a program or, with `shared`, to a shared library */
	bool shared;
	str output;    /* absolute; of a compilation without -o, empty */
	VEC(struct tool_item) items; /* in the order of the words */
};

/* By the name that was executed: TOOL_NONE for what is no such tool. */
enum tool_kind tool_kind(str program, bool *cxx);

/* Reads a process of that kind; texts are in the arena.  false: it only asked, preprocessed or checked. */
bool tool_read(const struct trace_process *, struct arena *, struct tool_run *) SL_MUST_USE;
void tool_free(struct tool_run *);

bool tool_is_source(str path); /* by its suffix */
bool tool_is_cxx(str path);

/* Splits the content of a response file as GCC does: blanks divide, quotes and backslashes keep. */
void tool_split(str content, struct arena *, const str **words, uint32_t *n);

#endif
