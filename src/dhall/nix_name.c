#include "nix.h"

/* A quote begins what a Nix identifier cannot spell: 's a slash, 'xHH another byte, '1 '2 … how many binders of the name
 * are outside, a lone one at the end a word that means something.  In front of a first character that may not be
 * first stands _''. */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_plain(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
}

static bool is_keyword(str s)
{
	static const char *const words[] = {"if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or"};

	for (size_t i = 0; i < SL_COUNT(words); i++)
		if (str_eq(s, str_c(words[i])))
			return true;
	return false;
}

/* What the translation's own text says, and what is no variable anywhere. */
static bool is_taken(str s)
{
	static const char *const words[] = {"builtins", "true", "false", "null", "__curPos"};

	for (size_t i = 0; i < SL_COUNT(words); i++)
		if (str_eq(s, str_c(words[i])))
			return true;
	return is_keyword(s);
}

void nix_name(sym name, uint32_t outer, struct buf *out)
{
	str s = sym_str(name);

	if (!s.n || !is_letter(s.p[0]))
		buf_lit(out, "_''");
	for (size_t i = 0; i < s.n; i++) {
		if (is_plain(s.p[i]) && (i || is_letter(s.p[i])))
			buf_c(out, s.p[i]);
		else if (s.p[i] == '/')
			buf_lit(out, "'s");
		else
			buf_fmt(out, "'x%02x", (unsigned char)s.p[i]);
	}
	if (is_taken(s))
		buf_c(out, '\'');
	if (outer)
		buf_fmt(out, "'%u", outer);
}

bool nix_text(str s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '\0': return false;
		case '"': buf_lit(out, "\\\""); break;
		case '\\': buf_lit(out, "\\\\"); break;
		case '\n': buf_lit(out, "\\n"); break;
		case '\r': buf_lit(out, "\\r"); break;
		case '\t': buf_lit(out, "\\t"); break;
		case '$': buf_lit(out, "\\$"); break;
		default: buf_c(out, s.p[i]);
		}
	}
	return true;
}

void nix_key(sym name, struct buf *out)
{
	str s = sym_str(name);
	bool plain = s.n && is_letter(s.p[0]) && !is_keyword(s);

	for (size_t i = 0; i < s.n && plain; i++)
		plain = is_plain(s.p[i]);
	if (plain) {
		buf_str(out, s);
		return;
	}
	buf_c(out, '"');
	(void)!nix_text(s, out); /* a label has no NUL */
	buf_c(out, '"');
}
