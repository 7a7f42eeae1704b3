#include <straylight/prelude.h>

#define P(id, path) extern const char prelude_##id[], prelude_##id##_end[];
#include "prelude.def"
#undef P

static const struct {
	const char *path, *start, *end;
} rows[] = {
#define P(id, path) {path, prelude_##id, prelude_##id##_end},
#include "prelude.def"
#undef P
};

size_t prelude_count(void)
{
	return SL_COUNT(rows);
}

void prelude_at(size_t i, str *path, str *text)
{
	*path = str_c(rows[i].path);
	*text = str_of(rows[i].start, (size_t)(rows[i].end - rows[i].start));
}

str prelude_file(str path)
{
	for (size_t i = 0; i < SL_COUNT(rows); i++)
		if (str_eq(path, str_c(rows[i].path)))
			return str_of(rows[i].start, (size_t)(rows[i].end - rows[i].start));
	return (str){NULL, 0};
}
