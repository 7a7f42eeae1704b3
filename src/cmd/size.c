#include "size.h"

#include <string.h>

str size_text(struct arena *a, uint64_t bytes)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
	double n = (double)bytes;
	size_t u = 0;

	for (; n >= 1024 && u + 1 < SL_COUNT(units); u++)
		n /= 1024;
	return str_fmt(a, u ? "%.1f %s" : "%.0f %s", n, units[u]);
}

bool size_read(str text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	uint64_t n = 0;
	size_t i = 0;

	for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++)
		if (__builtin_mul_overflow(n, 10u, &n) || __builtin_add_overflow(n, (uint64_t)(text.p[i] - '0'), &n))
			return false;
	if (i == 0)
		return false;
	if (i + 1 == text.n && char_in(text.p[i], units)) {
		for (const char *u = units; u <= strchr(units, text.p[i]); u++)
			if (__builtin_mul_overflow(n, 1024u, &n))
				return false;
		i++;
	}
	*bytes = n;
	return i == text.n;
}
