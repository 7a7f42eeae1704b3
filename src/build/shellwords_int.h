/* shellwords_int.h: what the files of shellwords share: shellword.c, shellwords.c.
 *
 * Layer: build.  It does no I/O. */
#ifndef STRAYLIGHT_BUILD_SHELLWORDS_INT_H
#define STRAYLIGHT_BUILD_SHELLWORDS_INT_H

#include "shellwords.h"

typedef VEC(struct shell_piece) piece_list;

struct here { /* a here-document whose text follows the line */
	str end;
	bool quoted, tabs;
	struct shell_word *into;
};

struct reader {
	str text;
	size_t at;
	unsigned depth;
	struct arena *arena;
	struct shell_bad *bad;
	VEC(struct here) heres;
};

/* ---- shellword.c ---- */

/* Says what is not understood, and is false. */
bool reader_fail(struct reader *, size_t at, const char *why);
char reader_peek(const struct reader *, size_t ahead); /* '\0' behind the end */
bool reader_ends(const struct reader *);
bool reader_starts_name(char c);
bool reader_is_in_name(char c);
bool reader_is_break(char c);
void reader_add_text(piece_list *out, enum shell_piece_kind, bool quoted, str text);
bool reader_variable(struct reader *, piece_list *out, bool quoted) SL_MUST_USE; /* at a dollar sign */
struct shell_word reader_word_of(struct reader *, piece_list *); /* frees the list */
bool reader_word(struct reader *, struct shell_word *out) SL_MUST_USE;

#endif
