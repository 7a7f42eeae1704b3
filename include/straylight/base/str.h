/* str.h: borrowed bytes.
 *
 * A str owns nothing: the owner is named at the field that holds it.  It may contain any byte, NUL
 * among them; it need not end with one.  The empty string may have p == NULL. */
#ifndef STRAYLIGHT_BASE_STR_H
#define STRAYLIGHT_BASE_STR_H

#include <straylight/base/mem.h>
#include <limits.h>
#include <stdarg.h>

typedef struct str {
	const char *p;
	size_t n;
} str;

#define S(lit) ((str){"" lit, sizeof(lit) - 1})
/* For "%.*s", which ends at a NUL byte and takes an int: longer ones are cut. */
#define STR_ARG(s) (int)((s).n < INT_MAX ? (s).n : INT_MAX), ((s).p ? (s).p : "")

static inline str str_of(const char *p, size_t n)
{
	return (str){p, n};
}

static inline str str_c(const char *z)
{
	return (str){z, z ? strlen(z) : 0};
}

/* Is the byte one of the set?  '\0' is never, unlike with strchr: texts here may hold it, and loops stop where it is not expected. */
static inline bool char_in(char c, const char *set)
{
	return c && strchr(set, c);
}

static inline bool str_eq(str a, str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Byte order, a prefix first: the order of REAPI directories and of Dhall record fields. */
int str_cmp(str a, str b);

bool str_starts(str s, str prefix);
bool str_ends(str s, str suffix);

/* The part from `at` on (at most n bytes).  Positions beyond the end give an empty string. */
str str_from(str s, size_t at);
str str_upto(str s, size_t n);

/* The first position of the byte, or s.n. */
size_t str_find(str s, char c);
/* The first position of `part`, or s.n. */
size_t str_find_str(str s, str part);

/* Splits at the first c: *head is before it, *rest after it.  false, and *head = s, when there is none. */
bool str_cut(str s, char c, str *head, str *rest);

str str_trim(str s); /* without spaces, tabs, CR and LF at both ends */

uint64_t str_hash(str s); /* for tables in memory; never written to disk */

/* A copy in the arena; it is followed by a NUL byte that n does not count. */
str str_dup(struct arena *, str);
str str_fmt(struct arena *, const char *fmt, ...) SL_PRINTF(2, 3);
str str_vfmt(struct arena *, const char *fmt, va_list);
/* The same from the heap: the caller frees it with mem_free. */
char *str_zdup(str);

/* The edit distance of a and b, at most `max` + 1; for "did you mean". */
unsigned str_distance(str a, str b, unsigned max);

#endif
