/* options.h: the arguments of a command, read by a table.
 *
 * Every command names its options once; parsing, help text, manual page and the suggestion for a
 * mistyped one come from the same rows.  Nothing here prints or exits. */
#ifndef STRAYLIGHT_CMD_OPTIONS_H
#define STRAYLIGHT_CMD_OPTIONS_H

#include <straylight/base.h>

enum option_kind {
	OPTION_FLAG,   /* bool: true when given */
	OPTION_TEXT,   /* str: the last one given; p == NULL when not given */
	OPTION_TEXTS,  /* struct texts: all that were given */
	OPTION_NUMBER, /* unsigned */
	OPTION_CHOICE, /* int: which of the words in `value`, from 0 */
};

struct option {
	char letter;       /* 0: none */
	const char *name;  /* without "--"; NULL: only the letter */
	enum option_kind kind;
	size_t at;         /* where the value goes in the command's struct */
	const char *value; /* what help calls the value; "one|two|three" for a CHOICE */
	const char *help;
};

struct texts {
	str *p; /* in the arena */
	size_t n, cap;
};

/* Rows: the field must have the type of the kind, or the row does not compile. */
#define OPTION_AT(T, field, type) _Generic(((T *)0)->field, type: offsetof(T, field))
#define FLAG(T, field, letter, name, help)                                                         \
	{letter, name, OPTION_FLAG, OPTION_AT(T, field, bool), NULL, help}
#define TEXT(T, field, letter, name, value, help)                                                  \
	{letter, name, OPTION_TEXT, OPTION_AT(T, field, str), value, help}
#define TEXTS(T, field, letter, name, value, help)                                                 \
	{letter, name, OPTION_TEXTS, OPTION_AT(T, field, struct texts), value, help}
#define NUMBER(T, field, letter, name, value, help)                                                \
	{letter, name, OPTION_NUMBER, OPTION_AT(T, field, unsigned), value, help}
#define CHOICE(T, field, letter, name, values, help)                                               \
	{letter, name, OPTION_CHOICE, OPTION_AT(T, field, int), values, help}

struct options { /* one table and the struct that it fills */
	const struct option *rows;
	size_t n;
	void *into;
};

struct arguments {
	str *args; /* what is no option, in order; borrowed texts, the array in the arena */
	size_t nargs;
	str *rest; /* what stood after "--"; with OPTIONS_SPLIT */
	size_t nrest;
	size_t read; /* words of argv that were read */
};

enum options_until {
	OPTIONS_ALL,   /* what follows "--" are arguments like those before it */
	OPTIONS_SPLIT, /* what follows "--" is kept apart, in rest */
	OPTIONS_WORD,  /* ends before the first word that is no option */
};

/* Reads argv into the tables; an option is looked for in each in turn.  false after a diagnostic (USAGE). */
bool options_read(const struct options *tables, size_t ntables, const char *const *argv, size_t argc, enum options_until,
		struct arena *, struct arguments *out, struct diags *) SL_MUST_USE;

/* A list of the rows for people: "  -j, --jobs=N   at most …", wrapped at `columns`. */
void options_help(const struct option *rows, size_t n, unsigned columns, struct buf *out);
/* "-j N, --jobs=N": how a row is written. */
void option_spelling(const struct option *, struct buf *out);

/* The one of n names that was probably meant; NULL when none is near. */
const char *options_near(str word, const char *const *names, size_t n);

/* `text` in lines of at most `columns`, the first where the output stands (at column `at`), the others
 * indented; a newline in the text is kept, and no newline is added at the end. */
void options_wrap(str text, unsigned at, unsigned indent, unsigned columns, struct buf *out);

#endif
