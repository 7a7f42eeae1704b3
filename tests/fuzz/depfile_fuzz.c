#include "depfile.h"

#include "fuzz.h"

/* As gcc writes a name. */
static void put_name(struct buf *b, str name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (c == ' ' || c == '\t')
			for (size_t k = i; k > 0 && name.p[k - 1] == '\\'; k--)
				buf_c(b, '\\');
		if (c == ' ' || c == '\t' || c == '#')
			buf_c(b, '\\');
		if (c == '$')
			buf_c(b, '$');
		buf_c(b, c);
	}
}

/* Names that make's syntax cannot say so that every reader agrees. */
static bool is_plain(str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == '\\' || name.p[i] == ':' || (name.p[i] == '#' && i && name.p[i - 1] == '\\'))
			return false;
	return name.n > 0;
}

/* What was read is the same when it is written and read again. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena a = {0};
	struct buf b = {0};
	const str *paths, *again;
	size_t count, more, kept = 0;

	if (depfile_parse(str_of((const char *)bytes, n), &a, &paths, &count)) {
		buf_lit(&b, "t:");
		for (size_t i = 0; i < count; i++) {
			must(paths[i].n <= n);
			if (!is_plain(paths[i]))
				continue;
			buf_lit(&b, " ");
			put_name(&b, paths[i]);
			kept++;
		}
		buf_lit(&b, "\n");
		must(depfile_parse(buf_view(&b), &a, &again, &more) && more == kept);
		for (size_t i = 0, k = 0; i < count; i++)
			if (is_plain(paths[i]))
				must(str_eq(paths[i], again[k++]));
	}
	buf_free(&b);
	arena_clear(&a);
	return 0;
}
