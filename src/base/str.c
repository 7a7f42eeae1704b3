#include <straylight/base/str.h>

#include <stdio.h>

int str_cmp(str a, str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(str s, str prefix)
{
	return s.n >= prefix.n && str_eq(str_upto(s, prefix.n), prefix);
}

bool str_ends(str s, str suffix)
{
	return s.n >= suffix.n && str_eq(str_from(s, s.n - suffix.n), suffix);
}

str str_from(str s, size_t at)
{
	if (at >= s.n)
		return (str){s.p ? s.p + s.n : NULL, 0};
	return (str){s.p + at, s.n - at};
}

str str_upto(str s, size_t n)
{
	return (str){s.p, n < s.n ? n : s.n};
}

size_t str_find(str s, char c)
{
	const char *at = s.n ? memchr(s.p, c, s.n) : NULL;

	return at ? (size_t)(at - s.p) : s.n;
}

size_t str_find_str(str s, str part)
{
	const char *at = s.n && part.n ? memmem(s.p, s.n, part.p, part.n) : NULL;

	if (part.n == 0)
		return 0;
	return at ? (size_t)(at - s.p) : s.n;
}

bool str_cut(str s, char c, str *head, str *rest)
{
	size_t at = str_find(s, c);

	*head = str_upto(s, at);
	*rest = at < s.n ? str_of(s.p + at + 1, s.n - at - 1) : str_from(s, at);
	return at < s.n;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

str str_trim(str s)
{
	while (s.n && is_blank(s.p[0]))
		s = str_from(s, 1);
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* wyhash's mixing step over eight bytes at a time: fast, and good enough for tables in memory. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 wide = (unsigned __int128)a * b;

	return (uint64_t)wide ^ (uint64_t)(wide >> 64);
}

uint64_t str_hash(str s)
{
	uint64_t h = 0x9e3779b97f4a7c15u ^ s.n;
	uint64_t word;
	size_t i = 0;

	for (; i + 8 <= s.n; i += 8) {
		memcpy(&word, s.p + i, 8);
		h = mix(h ^ word, 0xe7037ed1a0b428dbu);
	}
	word = 0;
	if (i < s.n)
		memcpy(&word, s.p + i, s.n - i);
	return mix(h ^ word, 0x8ebc6af09c88c6e3u);
}

str str_dup(struct arena *a, str s)
{
	char *p = arena_raw(a, s.n + 1, 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (str){p, s.n};
}

str str_vfmt(struct arena *a, const char *fmt, va_list args)
{
	va_list again;
	int n;
	char *p;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		n = 0;
	p = arena_raw(a, (size_t)n + 1, 1);
	vsnprintf(p, (size_t)n + 1, fmt, args);
	return (str){p, (size_t)n};
}

str str_fmt(struct arena *a, const char *fmt, ...)
{
	va_list args;
	str s;

	va_start(args, fmt);
	s = str_vfmt(a, fmt, args);
	va_end(args);
	return s;
}

char *str_zdup(str s)
{
	char *p = mem_alloc(s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	return p;
}

#define DISTANCE_MAX 64 /* longer names are never worth a suggestion */

unsigned str_distance(str a, str b, unsigned max)
{
	unsigned row[DISTANCE_MAX + 1];

	if (a.n > DISTANCE_MAX || b.n > DISTANCE_MAX)
		return max + 1;
	for (unsigned j = 0; j <= b.n; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			unsigned best = diagonal + (a.p[i - 1] != b.p[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[b.n] > max ? max + 1 : row[b.n];
}
