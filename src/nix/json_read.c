/* JSON in (RFC 8259): values straight from the text. */
#include "machine.h"

#include <stdlib.h>

struct reader {
	struct nix *x;
	str in;
	size_t at;
};

SL_NORETURN static void bad(struct reader *r, const char *what)
{
	fail(r->x, DIAG_NIX_DATA, NULL, "JSON at byte %zu: %s", r->at, what);
}

static char peek(struct reader *r)
{
	return r->at < r->in.n ? r->in.p[r->at] : '\0';
}

static char skip(struct reader *r)
{
	while (r->at < r->in.n && (r->in.p[r->at] == ' ' || r->in.p[r->at] == '\t' ||
			r->in.p[r->at] == '\n' || r->in.p[r->at] == '\r'))
		r->at++;
	return peek(r);
}

static uint32_t hex4(struct reader *r)
{
	uint32_t cp = 0;

	for (int i = 0; i < 4; i++, r->at++) {
		unsigned char c = (unsigned char)peek(r);
		unsigned low = c | 0x20u;

		if ((unsigned)(c - '0') < 10)
			cp = cp * 16 + (unsigned)(c - '0');
		else if (low - 'a' < 6u)
			cp = cp * 16 + (low - 'a' + 10);
		else
			bad(r, "four hexadecimal digits are expected");
	}
	return cp;
}

static void escape(struct reader *r, struct buf *b)
{
	uint32_t cp, low;

	switch (peek(r)) {
	case 'b': buf_c(b, '\b'); break;
	case 'f': buf_c(b, '\f'); break;
	case 'n': buf_c(b, '\n'); break;
	case 'r': buf_c(b, '\r'); break;
	case 't': buf_c(b, '\t'); break;
	case '"': case '\\': case '/': buf_c(b, peek(r)); break;
	case 'u':
		r->at++;
		cp = hex4(r);
		if (cp - 0xdc00 < 0x400)
			bad(r, "half of a surrogate pair");
		if (cp - 0xd800 < 0x400) {
			if (peek(r) != '\\' || r->at + 1 >= r->in.n || r->in.p[r->at + 1] != 'u')
				bad(r, "half of a surrogate pair");
			r->at += 2;
			low = hex4(r);
			if (low - 0xdc00 >= 0x400)
				bad(r, "half of a surrogate pair");
			cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
		}
		if (cp == 0)
			bad(r, "a string holds a NUL");
		utf8_put(b, cp);
		return;
	default: bad(r, "an escape that JSON does not have");
	}
	r->at++;
}

static void read_string(struct reader *r, struct buf *b)
{
	if (skip(r) != '"')
		bad(r, "a string is expected");
	for (r->at++;;) {
		unsigned char c = (unsigned char)peek(r);
		uint32_t cp;
		unsigned n;

		if (r->at >= r->in.n)
			bad(r, "a string does not end");
		if (c == '"')
			break;
		if (c < 0x20)
			bad(r, "a control character in a string");
		if (c == '\\') {
			r->at++;
			escape(r, b);
			continue;
		}
		n = utf8_get(r->in, r->at, &cp);
		if (!n)
			bad(r, "this is not UTF-8");
		buf_add(b, r->in.p + r->at, n);
		r->at += n;
	}
	r->at++;
}

static void digits(struct reader *r)
{
	if (peek(r) < '0' || peek(r) > '9')
		bad(r, "a digit is expected");
	while (peek(r) >= '0' && peek(r) <= '9')
		r->at++;
}

static void read_number(struct reader *r, struct val *out)
{
	size_t lo = r->at;
	bool whole = true;
	struct buf *b;
	char *end;
	int64_t i = 0;

	if (peek(r) == '-')
		r->at++;
	if (peek(r) == '0')
		r->at++;
	else
		digits(r);
	if (peek(r) == '.') {
		whole = false;
		r->at++;
		digits(r);
	}
	if (peek(r) == 'e' || peek(r) == 'E') {
		whole = false;
		r->at++;
		if (peek(r) == '+' || peek(r) == '-')
			r->at++;
		digits(r);
	}
	if (whole) {
		bool minus = r->in.p[lo] == '-', fits = true;

		for (size_t at = lo + minus; at < r->at && fits; at++)
			fits = !__builtin_mul_overflow(i, 10, &i) && !__builtin_sub_overflow(i,
					r->in.p[at] - '0', &i);
		if (fits && (minus || i != INT64_MIN)) {
			val_int(out, minus ? i : -i);
			return;
		}
		if (!minus)
			fail(r->x, DIAG_NIX_DATA, NULL, "the JSON number '%.*s' does not fit in 64 bits",
					STR_ARG(str_of(r->in.p + lo, r->at - lo)));
	}
	b = buf_borrow(r->x);
	buf_add(b, r->in.p + lo, r->at - lo);
	val_float(out, strtod(buf_z(b), &end));
	buf_return(r->x, b);
}

static void read_value(struct reader *r, struct val *out);

static void word(struct reader *r, str w)
{
	if (!str_eq(str_upto(str_from(r->in, r->at), w.n), w))
		bad(r, "a value is expected");
	r->at += w.n;
}

/* Items stand on the parser's stack until the list ends. */
static void read_list(struct reader *r, struct val *out)
{
	size_t mark = r->x->items.n, n;
	struct val **items;

	r->at++;
	if (skip(r) == ']') {
		r->at++;
		val_list(out, NULL, 0);
		return;
	}
	for (;;) {
		struct val *v = cell(r->x);

		read_value(r, v);
		vec_push(&r->x->items, v);
		if (skip(r) == ']')
			break;
		if (peek(r) != ',')
			bad(r, "',' or ']' is expected");
		r->at++;
	}
	r->at++;
	n = r->x->items.n - mark;
	items = raw(r->x, n * sizeof *items);
	memcpy(items, r->x->items.p + mark, n * sizeof *items);
	r->x->items.n = mark;
	val_list(out, items, n);
}

/* Of two members with one name the last one counts. */
static void read_object(struct reader *r, struct val *out)
{
	size_t mark = r->x->pairs.n, n;
	struct attrs *a;

	r->at++;
	if (skip(r) == '}') {
		r->at++;
		val_attrs(out, &attrs_empty);
		return;
	}
	for (;;) {
		struct buf *b = buf_borrow(r->x);
		struct attr m = {.v = cell(r->x)};

		read_string(r, b);
		m.name = intern(buf_view(b));
		buf_return(r->x, b);
		if (skip(r) != ':')
			bad(r, "':' is expected");
		r->at++;
		read_value(r, m.v);
		vec_push(&r->x->pairs, m);
		if (skip(r) == '}')
			break;
		if (peek(r) != ',')
			bad(r, "',' or '}' is expected");
		r->at++;
	}
	r->at++;
	n = r->x->pairs.n - mark;
	a = attrs_new(&r->x->mem, n);
	for (size_t i = n; i > 0; i--)
		a->e[a->n++] = r->x->pairs.p[mark + i - 1];
	r->x->pairs.n = mark;
	attrs_end(a);
	val_attrs(out, a);
}

static void read_value(struct reader *r, struct val *out)
{
	struct buf *b;

	nix_deep(r->x);
	switch (skip(r)) {
	case '{': read_object(r, out); break;
	case '[': read_list(r, out); break;
	case '"':
		b = buf_borrow(r->x);
		read_string(r, b);
		set_str(r->x, out, buf_view(b));
		buf_return(r->x, b);
		break;
	case 't':
		word(r, S("true"));
		val_bool(out, true);
		break;
	case 'f':
		word(r, S("false"));
		val_bool(out, false);
		break;
	case 'n':
		word(r, S("null"));
		val_null(out);
		break;
	default: read_number(r, out); break;
	}
}

void json_read(struct nix *x, str in, struct val *out)
{
	struct reader r = {x, in, 0};

	x->items.n = x->pairs.n = 0; /* what an error left: nothing else uses them while this runs */
	read_value(&r, out);
	skip(&r);
	if (r.at != in.n)
		bad(&r, "something follows the value");
}
