#include "parse.h"

/* Text literals.  A piece without escapes is a slice of the unit's copy of the source; one with
 * escapes is collected in p->bytes, which is empty again before any interpolation is parsed. */

/* The text between `start` and s, with what p->bytes holds in front. */
static str piece(struct parser *p, const char *start, const char *s)
{
	str out;

	if (p->bytes.n == 0)
		return str_of(start, (size_t)(s - start));
	buf_add(&p->bytes, start, (size_t)(s - start));
	out = str_dup(p->mem, buf_view(&p->bytes));
	p->bytes.n = 0;
	return out;
}

/* ${ e } at s; returns the byte behind it. */
static const char *interpolation(struct parser *p, const char *s, const struct term **e)
{
	uint32_t open = lex_offset(p, s);
	char found[48];
	struct diag *d;

	p->at = s + 2;
	p->tok.hi = open + 2;
	lex_next(p);
	*e = parse_expression(p);
	if (p->tok.kind == TOKEN_RBRACE)
		return p->text + p->tok.hi;
	if (p->tok.kind == TOKEN_END)
		d = lex_error(p, DIAG_SYNTAX_UNCLOSED, open, open + 2, "'${' is never closed");
	else
		d = lex_error(p, DIAG_SYNTAX_UNEXPECTED, p->tok.lo, p->tok.hi, "found %s, expected '}'",
				lex_found(p, found));
	lex_note(p, d, open, open + 2, "the interpolation begins here");
	lex_leave(p);
}

static struct term *text_term(struct parser *p, uint32_t lo, size_t base, str rest, const char *end)
{
	struct term *t = parse_make(p, TERM_TEXT, lo, lex_offset(p, end));

	t->n = (uint32_t)(p->chunks.n - base);
	t->u.text.chunks = PARSE_TAKE(p, chunks, base, struct term_chunk);
	t->u.text.tail = rest;
	p->at = end;
	p->tok.hi = t->hi;
	lex_next(p);
	return t;
}

/* ---- "…" ---- */

static SL_NORETURN void bad_escape(struct parser *p, const char *s, const char *end, const char *what)
{
	struct diag *d = lex_error(p, DIAG_SYNTAX_TEXT, lex_offset(p, s), lex_offset(p, end), "%s", what);

	diag_hint(p->diags, d, "the escapes are \\\" \\$ \\\\ \\/ \\b \\f \\n \\r \\t and \\u{1F4A9}");
	lex_leave(p);
}

/* \uXXXX or \u{X…}, at the byte behind the u. */
static const char *unicode_escape(struct parser *p, const char *slash, const char *s)
{
	bool braced = *s == '{';
	const char *digits = s + braced, *end = digits;
	uint32_t cp = 0;

	while (byte_is(*end, BYTE_HEX) && (braced || end - digits < 4)) {
		if (cp > 0x10ffff)
			bad_escape(p, slash, end, "the escape names no character");
		cp = cp << 4 | byte_hex(*end++);
	}
	if (braced ? end == digits || *end != '}' : end - digits != 4)
		bad_escape(p, slash, end, "a Unicode escape is \\uXXXX or \\u{X…}");
	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff) || (cp & 0xfffe) == 0xfffe)
		bad_escape(p, slash, end + braced, "the escape names no character");
	utf8_put(&p->bytes, cp);
	return end + braced;
}

static const char *escape(struct parser *p, const char *s)
{
	static const char from[] = "\"$\\/bfnrt", to[] = "\"$\\/\b\f\n\r\t";
	const char *at = s[1] ? strchr(from, s[1]) : NULL;

	if (at) {
		buf_c(&p->bytes, to[at - from]);
		return s + 2;
	}
	if (s[1] == 'u')
		return unicode_escape(p, s, s + 2);
	bad_escape(p, s, s + 1 + (s[1] >= ' '), "there is no such escape");
}

static SL_NORETURN void unclosed(struct parser *p, uint32_t lo, uint32_t hi, const char *s)
{
	struct diag *d;
	uint32_t at = lex_offset(p, s);

	if (*s == '\t') {
		d = lex_error(p, DIAG_SYNTAX_TEXT, at, at + 1, "a tab stands in a text");
		diag_hint(p->diags, d, "write \\t");
	} else if (*s && *s != '\n' && *s != '\r') {
		d = lex_error(p, DIAG_SYNTAX_BYTE, at, at + 1, "the byte 0x%02x is not allowed in a text", (unsigned char)*s);
		diag_hint(p->diags, d, "write \\u{%x}", (unsigned char)*s);
	} else {
		d = lex_error(p, DIAG_SYNTAX_UNCLOSED, lo, hi, "the text that begins here does not end");
		if (s != p->text + p->n && hi - lo == 1)
			diag_hint(p->diags, d, "close it on its line with '\"'; a text of several lines stands in '' … ''");
	}
	lex_leave(p);
}

static struct term *double_quoted(struct parser *p)
{
	uint32_t lo = p->tok.lo;
	size_t base = p->chunks.n;
	const char *s = p->at, *start = s;

	for (;;) {
		while (byte_is(*s, BYTE_TEXT))
			s++;
		if (*s == '"') {
			str rest = piece(p, start, s);

			return text_term(p, lo, base, rest, s + 1);
		}
		if (*s == '\\') {
			buf_add(&p->bytes, start, (size_t)(s - start));
			start = s = escape(p, s);
		} else if (*s == '$' && s[1] == '{') {
			struct term_chunk c = {.before = piece(p, start, s)};

			start = s = interpolation(p, s, &c.expr);
			vec_push(&p->chunks, c);
		} else if (*s == '$') {
			s++;
		} else if ((unsigned char)*s >= 0x80) {
			s += lex_wide(p, s);
		} else {
			unclosed(p, lo, lo + 1, s);
		}
	}
}

/* ---- ''…'' ---- */

/* Raw pieces: what stands between the interpolations, as written. */
static const char *raw_end(struct parser *p, const char *s, uint32_t open)
{
	for (;;) {
		while (byte_is(*s, BYTE_TEXT) && *s != '\'')
			s++;
		switch (*s) {
		case '\n':
		case '\t':
		case '"':
		case '\\': s++; break;
		case '\'':
			if (s[1] != '\'')
				s++;
			else if (s[2] == '\'')
				s += 3;
			else if (s[2] == '$' && s[3] == '{')
				s += 4;
			else
				return s;
			break;
		case '$':
			if (s[1] == '{')
				return s;
			s++;
			break;
		case '\r':
			if (s[1] != '\n')
				unclosed(p, open, open + 2, s);
			s += 2;
			break;
		default:
			if ((unsigned char)*s < 0x80)
				unclosed(p, open, open + 2, s);
			s += lex_wide(p, s);
		}
	}
}

struct indent {
	const char *p;
	size_t n;
	bool any; /* a line was seen */
};

/* Takes in the line that begins at s, in a piece that ends at end. */
static void take_line(struct indent *in, const char *s, const char *end)
{
	const char *e = s;
	size_t n;

	if (s < end && (*s == '\n' || *s == '\r'))
		return; /* blank lines do not count; the last line is none of them */
	while (e < end && (*e == ' ' || *e == '\t'))
		e++;
	n = (size_t)(e - s);
	if (!in->any) {
		*in = (struct indent){s, n, true};
		return;
	}
	if (n < in->n)
		in->n = n;
	for (size_t i = 0; i < in->n; i++)
		if (s[i] != in->p[i])
			in->n = i;
}

/* The longest run of spaces and tabs that all lines begin with. */
static size_t indent_of(const struct term_chunk *chunks, size_t n, str tail)
{
	struct indent in = {NULL, 0, false};

	for (size_t i = 0; i <= n; i++) {
		str raw = i < n ? chunks[i].before : tail;
		const char *s = raw.p, *end = raw.p + raw.n;

		if (i == 0)
			take_line(&in, s, end);
		while (s < end && (s = memchr(s, '\n', (size_t)(end - s))) != NULL)
			take_line(&in, ++s, end);
	}
	return in.n;
}

/* Without the indentation, with escapes and line ends resolved. */
static str dedented(struct parser *p, str raw, size_t indent, bool line_start)
{
	char *out = arena_raw(p->mem, raw.n, 1);
	const char *s = raw.p, *end = raw.p + raw.n;
	size_t n = 0;

	while (s < end) {
		if (line_start && *s != '\n' && *s != '\r')
			s += indent;
		line_start = false;
		while (s < end && *s != '\n' && *s != '\'' && *s != '\r')
			out[n++] = *s++;
		if (s >= end)
			break;
		if (*s == '\r') {
			s++; /* always before a line feed */
		} else if (*s == '\n') {
			out[n++] = *s++;
			line_start = true;
		} else if (end - s >= 4 && memcmp(s, "''${", 4) == 0) {
			memcpy(out + n, "${", 2);
			n += 2;
			s += 4;
		} else if (end - s >= 3 && memcmp(s, "'''", 3) == 0) {
			memcpy(out + n, "''", 2);
			n += 2;
			s += 3;
		} else {
			out[n++] = *s++;
		}
	}
	return str_of(out, n);
}

static struct term *single_quoted(struct parser *p)
{
	uint32_t lo = p->tok.lo;
	size_t base = p->chunks.n;
	const char *s = p->at, *start;
	size_t indent;
	str rest;

	if (*s != '\n' && !(*s == '\r' && s[1] == '\n')) {
		struct diag *d = lex_error(p, DIAG_SYNTAX_TEXT, lo, lo + 2, "a line break must follow the opening ''");

		diag_hint(p->diags, d, "the first line of the text begins on the next line; a text of one line stands in \"…\"");
		lex_leave(p);
	}
	start = s = s + (*s == '\r' ? 2 : 1);
	while (*(s = raw_end(p, s, lo)) == '$') {
		struct term_chunk c = {.before = str_of(start, (size_t)(s - start))};

		start = s = interpolation(p, s, &c.expr);
		vec_push(&p->chunks, c);
	}
	rest = str_of(start, (size_t)(s - start));
	indent = indent_of(p->chunks.p ? p->chunks.p + base : NULL, p->chunks.n - base, rest);
	for (size_t i = base; i < p->chunks.n; i++)
		p->chunks.p[i].before = dedented(p, p->chunks.p[i].before, indent, i == base);
	rest = dedented(p, rest, indent, base == p->chunks.n);
	return text_term(p, lo, base, rest, s + 2);
}

struct term *parse_text(struct parser *p)
{
	return p->tok.kind == TOKEN_DOUBLE_QUOTE ? double_quoted(p) : single_quoted(p);
}
