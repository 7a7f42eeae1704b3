/* Source in, source out. */
#include "term.h"

#define PASSES_MAX 8

/* One layout of the text; false when it does not parse. */
static bool lay_out(str text, uint32_t file, struct buf *out, size_t *comments, struct diags *diags)
{
	struct unit u = {.file = file};
	bool ok = term_parse(&u, text, diags) != NULL;

	out->n = 0;
	if (ok)
		unit_print(&u, text, out);
	*comments = u.ncomments;
	arena_clear(&u.arena);
	return ok;
}

/* Comments in parentheses that go away, or between parts that become one, find their place only when the
 * text is read again. */
bool dhall_format(str text, str name, struct buf *out, struct diags *diags)
{
	struct buf now = {0}, next = {0};
	size_t comments;
	uint32_t file = source_add(name, text);
	bool ok = lay_out(text, file, &now, &comments, diags);

	for (int i = 1; ok && comments && i < PASSES_MAX; i++) {
		struct buf last = now;

		ok = lay_out(buf_view(&now), 0, &next, &comments, diags);
		now = next;
		next = last;
		if (str_eq(buf_view(&now), buf_view(&next)))
			break;
	}
	if (ok) {
		buf_str(out, buf_view(&now));
		source_drop(file);
	}
	buf_free(&now);
	buf_free(&next);
	return ok;
}
