#include "wrap_int.h"

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool in_word(char c)
{
	return is_word(c) || (c >= '0' && c <= '9') || c == '-' || c == '\'';
}

static bool in_path(char c)
{
	return is_word(c) || (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == '/';
}

static void quoted(str text, struct buf *out)
{
	buf_c(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\' || text.p[i] == '$')
			buf_c(out, '\\');
		buf_c(out, text.p[i]);
	}
	buf_c(out, '"');
}

void wrap_nix_path(str below, struct buf *out)
{
	bool plain = true;

	for (size_t i = 0; i < below.n; i++)
		plain = plain && in_path(below.p[i]);
	if (plain) {
		buf_fmt(out, "./%.*s", STR_ARG(below));
		return;
	}
	buf_lit(out, "(./. + \"/\" + ");
	quoted(below, out);
	buf_c(out, ')');
}

void wrap_nix_name(str name, struct buf *out)
{
	static const char *const words[] = {"if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or"};
	bool plain = name.n && is_word(name.p[0]);

	for (size_t i = 0; i < name.n; i++)
		plain = plain && in_word(name.p[i]);
	for (size_t i = 0; i < SL_COUNT(words); i++)
		plain = plain && !str_eq(name, str_c(words[i]));
	if (plain)
		buf_str(out, name);
	else
		quoted(name, out);
}

bool wrap_nix_part(str *rest, str *part)
{
	size_t n;

	if (!rest->n)
		return false;
	if (rest->p[0] == '"') {
		*part = str_upto(str_from(*rest, 1), str_find(str_from(*rest, 1), '"'));
		n = part->n + 2;
	} else {
		n = str_find(*rest, '.');
		*part = str_upto(*rest, n);
	}
	*rest = n < rest->n ? str_from(*rest, n + 1) : (str){0};
	return true;
}
