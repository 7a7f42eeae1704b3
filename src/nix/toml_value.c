/* TOML's strings, numbers and lists. */
#include "toml.h"

#include <math.h>
#include <stdlib.h>

void toml_bad(struct toml *r, const char *what)
{
	size_t line = 1;

	for (size_t i = 0; i < r->at && i < r->in.n; i++)
		line += r->in.p[i] == '\n';
	fail(r->x, DIAG_NIX_DATA, NULL, "TOML in line %zu: %s", line, what);
}

/* ---- space ---- */

void toml_blank(struct toml *r)
{
	while (toml_look(r) == ' ' || toml_look(r) == '\t')
		r->at++;
}

void toml_comment(struct toml *r)
{
	while (r->at < r->in.n && toml_look(r) != '\n')
		r->at++;
}

void toml_lines(struct toml *r)
{
	for (;;) {
		toml_blank(r);
		if (toml_look(r) == '#')
			toml_comment(r);
		else if (toml_look(r) == '\n' || toml_look(r) == '\r')
			r->at++;
		else
			return;
	}
}

/* ---- strings ---- */

static void escape_number(struct toml *r, unsigned digits, struct buf *b)
{
	uint32_t cp = 0;

	for (unsigned i = 0; i < digits; i++, r->at++) {
		unsigned char c = (unsigned char)toml_look(r), low = c | 0x20;

		if (c >= '0' && c <= '9')
			cp = cp * 16 + (c - '0');
		else if (low >= 'a' && low <= 'f')
			cp = cp * 16 + (low - 'a' + 10u);
		else
			toml_bad(r, "a hexadecimal digit is expected");
	}
	if (cp == 0)
		toml_bad(r, "a string holds a NUL");
	if (cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		toml_bad(r, "this is no character");
	utf8_put(b, cp);
}

static void escape(struct toml *r, bool lines, struct buf *b)
{
	char c = toml_look(r);

	r->at++;
	switch (c) {
	case 'b': buf_c(b, '\b'); return;
	case 't': buf_c(b, '\t'); return;
	case 'n': buf_c(b, '\n'); return;
	case 'f': buf_c(b, '\f'); return;
	case 'r': buf_c(b, '\r'); return;
	case 'e': buf_c(b, '\033'); return;
	case '"': case '\\': buf_c(b, c); return;
	case 'u': escape_number(r, 4, b); return;
	case 'U': escape_number(r, 8, b); return;
	default: break;
	}
	if (!lines || !(c == '\n' || c == '\r' || c == ' ' || c == '\t'))
		toml_bad(r, "an escape that TOML does not have");
	while (toml_look(r) == ' ' || toml_look(r) == '\t' || toml_look(r) == '\n' || toml_look(r) == '\r')
		r->at++;
}

/* Three quotes end it; up to two more belong to it. */
static bool closes(struct toml *r, char quote, bool three, struct buf *b)
{
	size_t n = 0;

	if (!three) {
		r->at++;
		return true;
	}
	while (r->at + n < r->in.n && r->in.p[r->at + n] == quote && n < 5)
		n++;
	for (size_t i = 0; i < (n >= 3 ? n - 3 : n); i++)
		buf_c(b, quote);
	r->at += n;
	return n >= 3;
}

void toml_string(struct toml *r, struct buf *b, bool lines)
{
	char quote = toml_look(r);
	bool three = lines && str_starts(str_from(r->in, r->at), quote == '"' ? S("\"\"\"") : S("'''"));

	r->at += three ? 3 : 1;
	if (three && toml_look(r) == '\r')
		r->at++;
	if (three && toml_look(r) == '\n')
		r->at++;
	for (;;) {
		unsigned char c = (unsigned char)toml_look(r);
		uint32_t cp;
		unsigned n;

		if (r->at >= r->in.n || (!three && c == '\n'))
			toml_bad(r, "a string does not end");
		if (c == (unsigned char)quote) {
			if (closes(r, quote, three, b))
				return;
			continue;
		}
		if (c == '\\' && quote == '"') {
			r->at++;
			escape(r, three, b);
			continue;
		}
		if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
			toml_bad(r, "a control character in a string");
		n = utf8_get(r->in, r->at, &cp);
		if (!n)
			toml_bad(r, "this is not UTF-8");
		if (!(c == '\r' && r->at + 1 < r->in.n && r->in.p[r->at + 1] == '\n'))
			buf_add(b, r->in.p + r->at, n);
		r->at += n;
	}
}

/* ---- numbers ---- */

static bool ends_word(char c)
{
	return c == '\0' || memchr(" \t\r\n,]}#", c, 8);
}

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
}

/* Underscores stand between digits. */
static bool digits_only(str s, unsigned base)
{
	if (!s.n)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '_' ? i == 0 || i + 1 == s.n || s.p[i - 1] == '_' : digit_of(s.p[i]) >= base)
			return false;
	return true;
}

static int64_t whole(struct toml *r, str s, unsigned base, bool minus)
{
	int64_t v = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '_' && (__builtin_mul_overflow(v, (int64_t)base, &v) ||
				__builtin_sub_overflow(v, (int64_t)digit_of(s.p[i]), &v)))
			toml_bad(r, "an integer does not fit in 64 bits");
	if (!minus && v == INT64_MIN)
		toml_bad(r, "an integer does not fit in 64 bits");
	return minus ? v : -v;
}

static bool is_float(str s)
{
	size_t e = s.n, dot;
	str head, exponent;

	for (size_t i = 0; i < s.n && e == s.n; i++)
		if (s.p[i] == 'e' || s.p[i] == 'E')
			e = i;
	head = str_upto(s, e);
	exponent = str_from(s, e + 1);
	if (exponent.n && (exponent.p[0] == '+' || exponent.p[0] == '-'))
		exponent = str_from(exponent, 1);
	if (e < s.n && !digits_only(exponent, 10))
		return false;
	dot = str_find(head, '.');
	if (dot == head.n)
		return e < s.n && digits_only(head, 10);
	return digits_only(str_upto(head, dot), 10) && digits_only(str_from(head, dot + 1), 10);
}

static double real(struct toml *r, str s)
{
	struct buf *b = buf_borrow(r->x);
	double f;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '_')
			buf_c(b, s.p[i]);
	f = strtod(buf_z(b), NULL);
	buf_return(r->x, b);
	return f;
}

static bool leading_zero(str s)
{
	return s.n > 1 && s.p[0] == '0' && (digit_of(s.p[1]) < 10 || s.p[1] == '_');
}

static void word(struct toml *r, struct val *out)
{
	size_t lo = r->at;
	str s, t;
	bool minus, sign;

	while (!ends_word(toml_look(r)))
		r->at++;
	s = str_of(r->in.p + lo, r->at - lo);
	if (str_eq(s, S("true")) || str_eq(s, S("false"))) {
		val_bool(out, s.n == 4);
		return;
	}
	sign = s.n && (s.p[0] == '-' || s.p[0] == '+');
	minus = sign && s.p[0] == '-';
	t = str_from(s, sign);
	if (str_eq(t, S("inf")) || str_eq(t, S("nan"))) {
		val_float(out, t.p[0] == 'n' ? (double)NAN : minus ? -(double)INFINITY : (double)INFINITY);
	} else if (!sign && t.n > 2 && t.p[0] == '0' && (t.p[1] == 'x' || t.p[1] == 'o' || t.p[1] == 'b')) {
		unsigned base = t.p[1] == 'x' ? 16 : t.p[1] == 'o' ? 8 : 2;

		if (!digits_only(str_from(t, 2), base))
			toml_bad(r, "a value is expected");
		val_int(out, whole(r, str_from(t, 2), base, false));
	} else if (digits_only(t, 10) && !leading_zero(t)) {
		val_int(out, whole(r, t, 10, minus));
	} else if (is_float(t) && !leading_zero(t)) {
		val_float(out, minus ? -real(r, t) : real(r, t));
	} else if (t.n >= 5 && digit_of(t.p[0]) < 10 && (str_find(t, ':') < t.n || str_find(t, '-') < t.n)) {
		toml_bad(r, "dates and times have no form in Nix");
	} else {
		toml_bad(r, "a value is expected");
	}
}

/* ---- values ---- */

static void list(struct toml *r, struct val *out)
{
	size_t mark = r->x->items.n, n;
	struct val **items;

	r->at++;
	for (;;) {
		struct val *v;

		toml_lines(r);
		if (toml_look(r) == ']')
			break;
		v = toml_value(r);
		vec_push(&r->x->items, v);
		toml_lines(r);
		if (toml_look(r) == ']')
			break;
		if (toml_look(r) != ',')
			toml_bad(r, "',' or ']' is expected");
		r->at++;
	}
	r->at++;
	n = r->x->items.n - mark;
	items = items_new(r->x, n);
	if (n)
		memcpy(items, r->x->items.p + mark, n * sizeof *items);
	r->x->items.n = mark;
	val_list(out, items, n);
}

struct val *toml_value(struct toml *r)
{
	struct val *v = cell(r->x);
	struct buf *b;

	nix_deep(r->x);
	toml_blank(r);
	switch (toml_look(r)) {
	case '"': case '\'':
		b = buf_borrow(r->x);
		toml_string(r, b, true);
		set_str(r->x, v, buf_view(b));
		buf_return(r->x, b);
		break;
	case '[': list(r, v); break;
	case '{': toml_set(r, toml_inline(r), v); break;
	default: word(r, v); break;
	}
	return v;
}
