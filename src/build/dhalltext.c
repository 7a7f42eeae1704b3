#include "dhalltext.h"

#include <straylight/dhall.h>

#define WIDTH 80

str dhalltext_quoted(struct arena *a, str s)
{
	struct buf b = {0};

	dhall_spell_text(s, &b);
	return buf_take(&b, a);
}

const str *dhalltext_items(struct arena *a, const str *texts, size_t n)
{
	str *out = arena_array(a, str, n + 1);

	for (size_t i = 0; i < n; i++)
		out[i] = dhalltext_quoted(a, texts[i]);
	return out;
}

static bool fits(size_t at, const str *items, size_t n)
{
	size_t width = at + 4;

	for (size_t i = 0; i < n; i++) {
		if (str_find(items[i], '\n') < items[i].n)
			return false;
		width += items[i].n + 2;
	}
	return width <= WIDTH;
}

void dhalltext_list(const char *before, const str *items, size_t n, str type, uint32_t at, uint32_t indent, struct buf *out)
{
	bool flat = fits(at + strlen(before), items, n);

	if (n == 0) {
		buf_fmt(out, str_ends(str_c(before), S("Some ")) ? "%s([] : List %.*s)" : "%s[] : List %.*s", before, STR_ARG(type));
		return;
	}
	buf_fmt(out, "%.*s", (int)strlen(before) - (!flat && str_ends(str_c(before), S(" "))), before);
	for (size_t i = 0; i < n; i++) {
		if (!flat && (i || before[0]))
			buf_fmt(out, "\n%*s", (int)indent, "");
		buf_fmt(out, "%s%.*s", i ? ", " : "[ ", STR_ARG(items[i]));
	}
	if (!flat)
		buf_fmt(out, "\n%*s]", (int)indent, "");
	else
		buf_lit(out, " ]");
}
