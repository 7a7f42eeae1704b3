/* regex.h: POSIX extended regular expressions on bytes.
 *
 * A pattern becomes a program that all ways of matching run in step (Thompson; Pike's captures), so time is
 * at most the text's length times the program's, whatever the pattern.  Where several ways match, what is
 * written first is preferred and repetition takes as much as it can; a search prefers the longest match
 * where the pattern has alternatives.  This is what std::regex does, which Nix 2.8 uses. */
#ifndef STRAYLIGHT_NIX_REGEX_H
#define STRAYLIGHT_NIX_REGEX_H

#include <straylight/base.h>

#define REGEX_SIZE_MAX 20000 /* instructions */
#define REGEX_DEPTH_MAX 1000 /* groups inside one another */
#define REGEX_STATE_MAX 2000000 /* instructions times groups: what running it holds */

struct regex;

/* NULL when it is not one; *why is then said in a few words. */
struct regex *regex_new(str pattern, const char **why);
void regex_free(struct regex *);
uint32_t regex_groups(const struct regex *);
/* About how long a search in n bytes may take, in units of what one call in the language takes. */
uint64_t regex_cost(const struct regex *, size_t n);

#define REGEX_NONE SIZE_MAX

enum regex_how {
	REGEX_WHOLE = 1,    /* must match to the end, from `from` on */
	REGEX_HERE = 2,     /* must begin at `from` */
	REGEX_NOT_EMPTY = 4,
};

/* Looks from `from` on.  at[2 i] and at[2 i + 1] are where group i begins and ends (group 0 is all), or
 * REGEX_NONE. */
bool regex_find(const struct regex *, str text, size_t from, unsigned how, size_t *at);

#endif
