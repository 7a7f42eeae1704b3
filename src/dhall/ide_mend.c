/* A text that does not parse without the bindings that do not: blanks stand in their place, so all else stays where it
 * is.  A binding is what stands between two lines that begin with `let` or `in`. */
#include "ide.h"
#include "lex.h"

#define ROUNDS_MAX 16

static bool starts_binding(str text, uint32_t at)
{
	str line = str_from(text, at);

	return (str_starts(line, S("let")) && (line.n == 3 || !byte_is(line.p[3], BYTE_LABEL))) ||
	       (str_starts(line, S("in")) && (line.n == 2 || !byte_is(line.p[2], BYTE_LABEL)));
}

static uint32_t line_start(str text, uint32_t at)
{
	while (at && text.p[at - 1] != '\n')
		at--;
	return at;
}

static uint32_t next_line(str text, uint32_t at)
{
	return at + (uint32_t)str_find(str_from(text, at), '\n') + 1;
}

/* The end of what the user wrote, without the blanks at its end. */
static uint32_t written_end(str text, uint32_t n)
{
	while (n && char_in(text.p[n - 1], " \t\r\n"))
		n--;
	return n;
}

/* One step; false when there is nothing to be done about an error there. */
static bool mend(struct buf *b, uint32_t n, uint32_t error)
{
	str text = str_upto(buf_view(b), n);
	uint32_t lo, hi;

	if (!written_end(text, n))
		return false;
	if (error >= written_end(text, n)) { /* something is missing at the end */
		if (b->n > n)
			return false;
		buf_lit(b, "\nin x");
		return true;
	}
	if (error && line_start(text, error) == error && starts_binding(text, error))
		error = written_end(text, error) ? written_end(text, error) - 1 : 0; /* what is before the binding does not end */
	for (lo = line_start(text, error); lo && !starts_binding(text, lo);)
		lo = line_start(text, lo - 1);
	if (!starts_binding(text, lo))
		return false;
	for (hi = next_line(text, error); hi < n && !starts_binding(text, hi);)
		hi = next_line(text, hi);
	for (uint32_t i = lo; i < hi && i < n; i++)
		if (b->p[i] != '\n')
			b->p[i] = ' ';
	if (hi >= n && b->n == n) /* the result is gone */
		buf_lit(b, "\nin x");
	return true;
}

struct dh_ide *dhall_ide_mend(const struct dh_ide *i)
{
	struct buf b = {0};
	struct dh_ide *mended = NULL;
	const struct diag *d = i->l->diags.first;

	buf_str(&b, i->text);
	for (int round = 0; d && round < ROUNDS_MAX && mend(&b, (uint32_t)i->text.n, d->at.lo); round++) {
		dhall_ide_close(mended);
		mended = dhall_ide_open(i->world, buf_view(&b), i->l->unit.name, i->l->unit.directory);
		if (dhall_ide_parsed(mended))
			break;
		d = mended->l->diags.first;
	}
	buf_free(&b);
	if (mended && !dhall_ide_parsed(mended)) {
		dhall_ide_close(mended);
		mended = NULL;
	}
	return mended;
}
